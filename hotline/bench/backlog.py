"""More callers than seats can serve: how long does a freed seat stand idle, how many are served, and in which order?

50 seats, 60 callers a second, talks of one second on average and never less than a fifth of one, exponential above
that: about 50 a second can be served. Twice: before an instant line, and over a real Asterisk beside its own
`app_queue`, which looks for the next caller once a second. The same callers talk equally long with both.

Whether earlier callers are passed over is looked at with longer talks, of one to five seconds, and callers who come
irregularly: while they come by the clock, `app_queue`, whose callers each look once a second, serves them in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Final

import msgspec

from adapters.errors import Misconfigured
from hotline.bench.lab import callers, hall_with
from hotline.bench.machine import Meter
from hotline.bench.passed_over import SAME_TIME, Order, by_journal, by_ledgers
from hotline.bench.phones import HALL_NUMBER, QUEUE_NUMBER, Calls, PhoneLab, phone_lab
from hotline.bench.row import Peer, Row, quantiles
from hotline.bench.runs import Bench, Taken, until

SEATS: Final = 50
RATE: Final = 60
MEAN_SECONDS: Final = 1.0
LEAST_SECONDS: Final = 0.2
SECONDS: Final = 8
SEED: Final = 12348
LONG_RATE: Final = 25
LONG_SECONDS: Final = 12
LONG_TALKS: Final = (1.0, 5.0)
"""Evenly distributed between these."""
STREAMS: Final = (3, 5, 7, 11)
"""Shares of the rate that come by a clock of their own."""
GOAL: Final = {"p50": 8.0, "p99": 30.0, "rate": 45.0}


class _Pair(msgspec.Struct, kw_only=True):
    """One run with both."""

    ours: Calls
    theirs: Calls
    known: dict[str, str]
    """Whose call each offer of ours was."""
    idle: list[float]


def talks(seed: int = SEED) -> Iterator[float]:
    """Seconds of one talk after the other; the same ones for the same seed."""
    chance = Random(seed)
    while True:
        yield LEAST_SECONDS + chance.expovariate(1 / (MEAN_SECONDS - LEAST_SECONDS))


async def measure(bench: Bench) -> list[Row]:
    """How long seats are idle, before both lines; in which order callers are served, over the second."""
    rows = [await _instant(bench)]
    try:
        rows += await _asterisk(bench)
    except Misconfigured as missing:
        note = f"未测：{missing}"
        rows.append(Row(id="seat_free_to_offer", unit="ms", case="Asterisk", note=note))
        rows.append(Row(id="passed_over", unit="%", note=note))
    return rows


async def _instant(bench: Bench) -> Row:
    seats, rate, seconds = bench.size(SEATS, 5), bench.size(RATE, 12), bench.size(SECONDS, 2)
    first, lengths = count(1, 1_000_000), talks()
    async with hall_with(await bench.database_url(), seats=seats, talk_seconds=lengths.__next__) as (hall, line):
        bench.at("seat_free_to_offer")

        async def once() -> tuple[list[float], float]:
            line.clear()
            await callers(line, rate=rate, seconds=seconds, first=next(first))
            await until(lambda: not hall.state.calls, 60)
            return [each * 1000 for each in line.idle], len(line.rings) / (line.rings[-1] - line.rings[0])

        taken = await bench.median(once, lambda one: sorted(one[0])[len(one[0]) // 2])
    idle, served = taken.value
    return Row(
        id="seat_free_to_offer",
        unit="ms",
        case="瞬时线路",
        **quantiles(idle),
        rate=round(served, 1),
        others_cpu=taken.others,
        limited_by="一次提交（fsync）",
        goal=GOAL,
        note=f"{taken.note}；{_load(seats, rate)}；全部落盘；速率为每秒服务通数",
    )


async def _asterisk(bench: Bench) -> list[Row]:
    seats, rate, seconds = bench.size(SEATS, 5), bench.size(RATE, 12), bench.size(SECONDS, 2)
    runs = count(SEED)
    async with phone_lab(bench, seats=seats) as lab:
        bench.at("seat_free_to_offer Asterisk")

        async def once() -> _Pair:
            lengths = talks(next(runs))
            each = [round(1000 * next(lengths)) for _ in range(rate * seconds)]
            ours = await lab.load(HALL_NUMBER, rate=rate, seconds=seconds, talks_ms=each, patience=60)
            theirs = await lab.load(QUEUE_NUMBER, rate=rate, seconds=seconds, talks_ms=each, patience=60)
            known = await lab.numbers_by_offer()
            return _Pair(ours=ours, theirs=theirs, known=known, idle=ours.idle(seats, known))

        taken = await bench.median(once, lambda pair: sorted(pair.idle or [0.0])[len(pair.idle) // 2])
        passed = await _passed_over(bench, lab, seats, taken)
    pair = taken.value
    ours, queue = pair.ours, pair.theirs
    theirs = quantiles(queue.idle(seats))
    idle = Row(
        id="seat_free_to_offer",
        unit="ms",
        case="Asterisk",
        **quantiles(pair.idle),
        rate=round(ours.served_per_second(), 1),
        others_cpu=taken.others,
        peer=Peer(name="app_queue", p50=theirs["p50"], p99=theirs["p99"], rate=round(queue.served_per_second(), 1)),
        limited_by="两核上的 Asterisk 与一次提交（fsync）",
        goal=GOAL,
        note=(
            f"{taken.note}；同一 Asterisk，{_load(seats, rate)}；接通 {ours.answered}/{len(ours.callers)}，"
            f"先于上一通 BYE 振铃 {ours.overtaken()} 次，{ours.said}；"
            f"app_queue 接通 {queue.answered}/{len(queue.callers)}；速率为每秒服务通数"
        ),
    )
    return [idle, passed]


async def _passed_over(bench: Bench, lab: PhoneLab, seats: int, taken: Taken[_Pair]) -> Row:
    """By our decisions in every run so far and in one of longer talks; the peer's by the wire, in the latter."""
    bench.at("passed_over")
    rate, seconds = bench.size(LONG_RATE, 10), bench.size(LONG_SECONDS, 1)
    lengths = (1.0, 2.0) if bench.tiny else LONG_TALKS
    chance = Random(SEED)
    long = [round(1000 * chance.uniform(*lengths)) for _ in range(rate * seconds)]
    meter = Meter()

    async def load(number: str) -> Calls:
        return await lab.load(number, rate=rate, seconds=seconds, talks_ms=long, streams=STREAMS, patience=90)

    queue, ours = await load(QUEUE_NUMBER), await load(HALL_NUMBER)
    journal, known = by_journal(await lab.journal()), await lab.numbers_by_offer()
    wire, theirs = by_ledgers(ours.lived(known)), by_ledgers(queue.lived())
    short = by_ledgers(taken.value.theirs.lived())
    return Row(
        id="passed_over",
        unit="%",
        n=journal.offers,
        p50=journal.per_cent,
        others_cpu=meter.others(),
        peer=Peer(name="app_queue", p50=theirs.per_cent),
        limited_by="派发次序由流水给出，与负载无关",
        goal={"p50": 0.0},
        note=(
            f"越过了该坐席可接听的先到者的派发所占比例；我方据流水（决策记录，含上一行各次）{_counted(journal)}；"
            f"{seats} 坐席，通话 {lengths[0]:g}～{lengths[1]:g} s，{rate} 通/s 不规则到达，据 INVITE 次序："
            f"我方 {_counted(wire)}，app_queue {_counted(theirs)}；"
            f"上一行的负载下 app_queue {_counted(short)}；"
            f"线路上相差不足 {SAME_TIME.total_seconds() * 1000:g} ms 的不计先后"
        ),
    )


def _counted(order: Order) -> str:
    return f"{len(order.passed)}/{order.offers} 次"


def _load(seats: int, rate: int) -> str:
    return f"{seats} 坐席，通话随机（指数分布，均值 {MEAN_SECONDS:g} s，最短 {LEAST_SECONDS:g} s），{rate} 通/s"
