"""From a caller's INVITE to a seat's, and how many calls a second come through whole: Asterisk, SIPp, all on disk.

Without greeting, menu, music and recording. The peer is the bare ARI script on the same Asterisk, in turn with ours.
"""

from __future__ import annotations

from typing import Final

from hotline.bench.phones import BARE_NUMBER, HALL_NUMBER, Calls, PhoneLab, phone_lab
from hotline.bench.row import Peer, Row, quantiles
from hotline.bench.runs import Bench

SEATS: Final = 200
TALK_MS: Final = 300
RATE: Final = 80
STEPS: Final = (80, 120, 160, 200)


async def measure_ring(bench: Bench) -> list[Row]:
    """`sip_invite_to_ring`: one row, at 80 calls a second."""
    rate, seconds = bench.size(RATE, 5), bench.size(8, 1)
    async with phone_lab(bench, seats=bench.size(SEATS, 10)) as lab:
        await lab.start_bare()

        async def once() -> tuple[Calls, Calls]:
            ours = await lab.load(HALL_NUMBER, rate=rate, seconds=seconds, talk_ms=TALK_MS)
            return ours, await lab.load(BARE_NUMBER, rate=rate, seconds=seconds, talk_ms=TALK_MS)

        await lab.load(HALL_NUMBER, rate=rate, seconds=1, talk_ms=TALK_MS)
        await lab.load(BARE_NUMBER, rate=rate, seconds=1, talk_ms=TALK_MS)
        taken = await bench.median(once, lambda pair: _middle(_ring_times(pair[0])))
        known = await lab.numbers_by_offer()
    ours, bare = taken.value
    peer = quantiles(_ring_times(bare, {}))
    return [
        Row(
            id="sip_invite_to_ring",
            unit="ms",
            **quantiles(_ring_times(ours, known)),
            rate=rate,
            others_cpu=taken.others,
            peer=Peer(name="裸 ARI 脚本（不落盘）", p50=peer["p50"], p99=peer["p99"], rate=rate),
            limited_by="Asterisk 与一次提交（fsync）",
            goal={"p50": 8.0, "p99": 20.0},
            note=(
                f"{taken.note}；{rate} 通/s，{SEATS} 坐席，接通 {ours.answered}/{len(ours.callers)}；{ours.said}；"
                f"裸脚本接通 {bare.answered}/{len(bare.callers)}，{bare.said}"
            ),
        )
    ]


async def measure_cycles(bench: Bench) -> list[Row]:
    """`full_cycles`: one row; `rate` is the highest at which all callers of every counted run were answered."""
    steps = STEPS if not bench.tiny else (5,)
    best: tuple[int, Row] | None = None
    said: list[str] = []
    async with phone_lab(bench, seats=bench.size(SEATS, 10)) as lab:
        for rate in steps:
            bench.at(f"full_cycles {rate}/s")
            row, whole = await _cycles(bench, lab, rate)
            said.append(f"{rate}/s：{row.note}")
            if best is None or whole:
                best = (rate if whole else 0, row)
            if not whole:
                break
    assert best is not None
    rate, row = best
    return [
        Row(
            id="full_cycles",
            unit="ms",
            n=row.n,
            p50=row.p50,
            p99=row.p99,
            max=row.max,
            rate=rate,
            others_cpu=row.others_cpu,
            peer=Peer(name="app_queue 和裸 ARI 脚本（实验室）", rate=160),
            limited_by="两核上的 Asterisk 与服务",
            goal={"rate": 120},
            note=f"INVITE 到接通；{SEATS} 坐席，通话 0.3 s；" + "；".join(said),
        )
    ]


async def _cycles(bench: Bench, lab: PhoneLab, rate: int) -> tuple[Row, bool]:
    async def once() -> Calls:
        return await lab.load(HALL_NUMBER, rate=rate, seconds=bench.size(6, 1), talk_ms=TALK_MS, patience=15)

    taken = await bench.median(once, lambda calls: _middle(_answer_times(calls)))
    calls = taken.value
    whole = all(each.answered == len(each.callers) for each in taken.all)
    late = quantiles(_answer_times(calls))["p99"] or 0.0
    note = f"接通 {calls.answered}/{len(calls.callers)}，p99 {late:.0f} ms，{calls.said}（{taken.note}）"
    return (
        Row(id="full_cycles", unit="ms", **quantiles(_answer_times(calls)), others_cpu=taken.others, note=note),
        whole,
    )


def _answer_times(calls: Calls) -> list[float]:
    return [
        (caller.answered_at - caller.invited_at).total_seconds() * 1000
        for caller in calls.callers
        if caller.answered_at is not None
    ]


def _ring_times(calls: Calls, known: dict[str, str] | None = None) -> list[float]:
    """Milliseconds from INVITE to INVITE. `known`: whose call an offer was; empty: the offer is the number itself."""
    if known is None:
        return _answer_times(calls)
    invited = {caller.number: caller.invited_at for caller in calls.callers}
    times: list[float] = []
    for seat in calls.seats:
        number = known.get(seat.offer.rpartition(".")[0]) if known else seat.offer
        # The first ring alone: what comes after a missed one is no measure of ours.
        if number is not None and (at := invited.pop(number, None)) is not None:
            times.append((seat.rung_at - at).total_seconds() * 1000)
    return times


def _middle(samples: list[float]) -> float:
    return sorted(samples)[len(samples) // 2] if samples else float("inf")
