"""The hall has decided that a browser phone rings: how soon is the INVITE there?

From the time of the decision, as the journal has it (the commit comes after), to the INVITE at the phone, both by this
machine's clock. The phones are registered as browsers are, by SIP over WebSocket, but live in this process and not in a
browser: what a page does with its INVITE is not in it.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import msgspec

from adapters.asterisk.rig import CallerPlan
from hotline.bench.machine import favour
from hotline.bench.phones import PhoneLab, phone_lab
from hotline.bench.row import Row, quantiles
from hotline.bench.runs import Bench
from hotline.bench.webphone import WebPhone, web_phone

SEATS: Final = 20
RATE: Final = 10
SECONDS: Final = 8
PATIENCE_MS: Final = 400
"""So long a caller lets the phone ring: nobody answers, only the ring counts."""
GOAL: Final = {"p99": 300.0}


class _Rung(msgspec.Struct, kw_only=True):
    took: list[float]
    offers: int
    """Decisions, whether or not an INVITE followed."""


async def measure(bench: Bench) -> list[Row]:
    """One row."""
    seats, rate, seconds = bench.size(SEATS, 5), bench.size(RATE, 4), bench.size(SECONDS, 1)
    async with phone_lab(bench, seats=0, browsers=seats) as lab, contextlib.AsyncExitStack() as stack:
        phones = [await stack.enter_async_context(web_phone(account)) for account in lab.rig.accounts()]
        bench.at("softphone_ring")

        async def once() -> _Rung:
            return await _load(lab, phones, rate * seconds, rate)

        taken = await bench.median(once, lambda one: sorted(one.took)[len(one.took) // 2])
    samples = [each for one in taken.all for each in one.took]
    return [
        Row(
            id="softphone_ring",
            unit="ms",
            **quantiles(samples, digits=1),
            rate=rate,
            others_cpu=taken.others,
            limited_by="一次提交（fsync）与 Asterisk",
            goal=GOAL,
            note=(
                f"{taken.note}，样本合计；{rate} 通/s，{seats} 部经 WebSocket 注册的软电话（SIP 终端，非浏览器），"
                f"派发 {sum(one.offers for one in taken.all)} 次；自流水中的决定时刻（提交之前）到 INVITE 到达"
            ),
        )
    ]


async def _load(lab: PhoneLab, phones: list[WebPhone], count: int, rate: float) -> _Rung:
    for phone in phones:
        phone.rung.clear()
    before = await lab.journal()
    callers = lab.rig.callers(CallerPlan(patience_ms=PATIENCE_MS), count=count, rate=rate, first=lab.numbers(count))
    favour(callers.process.pid)
    try:
        await asyncio.to_thread(callers.wait, count / rate + 20)
    finally:
        callers.stop()
    came = {offer: at for phone in phones for offer, at in phone.rung.items()}
    decided = {
        entry.data["offer"]: entry.at for entry in (await lab.journal())[len(before) :] if entry.type == "SeatOffered"
    }
    took = [(came[offer] - at).total_seconds() * 1000 for offer, at in decided.items() if offer in came]
    return _Rung(took=took, offers=len(decided))
