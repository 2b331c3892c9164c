"""How soon does everybody hear everybody: after a transfer, with a third one on the line, with 110 on the line?

Through the whole house: a button over HTTP (or a telephone picked up), the hall's decision on disk, the device's
bridges, until the packets with the new voices have arrived. Where somebody has to pick up, the clock starts when he
does; where a button does it, when the request is sent. Packets come every 20 ms: up to so much of it is chance.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Final

import msgspec

from adapters.asterisk.rig.handset import Talk
from hotline.bench.desks import CALLER_HZ, OUTSIDE_HZ, Desk, Desks, desks, hears, silent, tone_of
from hotline.bench.row import Row, quantiles
from hotline.bench.runs import Bench

ROUNDS: Final = 70
"""Of each kind in each of the runs, whose samples are put together."""
GOAL: Final = {"p99": 150.0}


class Times(msgspec.Struct, kw_only=True):
    """Milliseconds of one run."""

    blind: list[float] = []
    attended: list[float] = []
    three_way: list[float] = []
    emergency: list[float] = []


async def measure(bench: Bench) -> list[Row]:
    """`transfer_setup` and `three_way_setup`, two rows each."""
    rounds = bench.size(ROUNDS, 2)
    async with desks(bench) as house:
        bench.at("transfer_setup")

        async def once() -> Times:
            return await _rounds(house, rounds)

        taken = await bench.median(once, lambda times: sorted(times.blind)[len(times.blind) // 2])
    runs = f"{taken.note}，样本合计"
    limited = "两次提交、Asterisk 换桥与 20 ms 的话音包"

    def row(id: str, case: str, name: str, what: str) -> Row:
        samples = [each for times in taken.all for each in getattr(times, name)]
        note = f"{runs}；{what}；经 HTTP 与大厅，落盘，通话录音中"
        figures = quantiles(samples, digits=1)
        others = taken.others
        return Row(id=id, unit="ms", case=case, **figures, others_cpu=others, limited_by=limited, goal=GOAL, note=note)

    return [
        row("transfer_setup", "直接转接", "blind", "目标摘机到来电人与目标互相听见"),
        row("transfer_setup", "咨询后转接", "attended", "按下「完成转接」到来电人与目标互相听见"),
        row("three_way_setup", "咨询后三方", "three_way", "按下「三方」到三人互相听见"),
        row("three_way_setup", "一键 110", "emergency", "110 摘机到三人互相听见"),
    ]


async def _rounds(house: Desks, rounds: int) -> Times:
    times = Times(blind=[], attended=[], three_way=[], emergency=[])
    caller, call, one, other = await house.begin()
    for _ in range(rounds):
        times.three_way.append(await _three_way(caller, call, one, other))
        times.emergency.append(await _emergency(house, caller, call, one))
        times.attended.append(await _attended(caller, call, one, other))
        one, other = other, one
        times.blind.append(await _blind(caller, call, one, other))
        one, other = other, one
    caller.hang_up()
    await one.put_down()
    return times


async def _three_way(caller: Talk, call: str, one: Desk, other: Desk) -> float:
    mine, theirs = await _consult(caller, call, one, other)
    began = time.monotonic()
    took = _since(
        began,
        hears(caller, tone_of(one), began),
        hears(caller, tone_of(other), began),
        hears(mine, CALLER_HZ, began),
        hears(theirs, CALLER_HZ, began),
    )
    waiting = asyncio.create_task(took)
    await one.press("join", call=call)
    found = await waiting
    await one.press("drop", call=call, offer=theirs.invite["x-hotline-offer"])
    await other.put_down()
    return found


async def _emergency(house: Desks, caller: Talk, call: str, one: Desk) -> float:
    assert one.talk is not None
    await one.press_when_it_may("emergency", contact="110")
    outside = await house.outside.rung(len(house.outside.talks) + 1)
    began = time.monotonic()
    outside.answer()
    found = await _since(
        began,
        hears(caller, OUTSIDE_HZ, began),
        hears(one.talk, OUTSIDE_HZ, began),
        hears(outside, CALLER_HZ, began),
        hears(outside, tone_of(one), began),
    )
    outside.hang_up()
    await outside.sound.close()
    await silent(caller, OUTSIDE_HZ)
    return found


async def _attended(caller: Talk, call: str, one: Desk, other: Desk) -> float:
    _, theirs = await _consult(caller, call, one, other)
    began = time.monotonic()
    waiting = asyncio.create_task(_since(began, hears(caller, tone_of(other), began), hears(theirs, CALLER_HZ, began)))
    await one.press("leave", call=call)
    found = await waiting
    await one.put_down()
    return found


async def _blind(caller: Talk, call: str, one: Desk, other: Desk) -> float:
    picked_up = asyncio.create_task(other.picks_up())
    await one.press_when_it_may("transfer", call=call, target={"kind": "seat", "seat": other.seat})
    began = await picked_up
    assert other.talk is not None
    found = await _since(began, hears(caller, tone_of(other), began), hears(other.talk, CALLER_HZ, began))
    await one.put_down()
    return found


async def _consult(caller: Talk, call: str, one: Desk, other: Desk) -> tuple[Talk, Talk]:
    """The two lawyers hear each other, the caller neither: their telephones."""
    picked_up = asyncio.create_task(other.picks_up())
    await one.press_when_it_may("consult", call=call, target={"kind": "seat", "seat": other.seat})
    began = await picked_up
    assert one.talk is not None
    assert other.talk is not None
    await asyncio.gather(hears(one.talk, tone_of(other), began), hears(other.talk, tone_of(one), began))
    await silent(caller, tone_of(one), tone_of(other))
    await silent(one.talk, CALLER_HZ)
    return one.talk, other.talk


async def _since(began: float, *heard: Awaitable[float]) -> float:
    """Milliseconds until the last of them hears what he waits for."""
    return (max(await asyncio.gather(*heard)) - began) * 1000
