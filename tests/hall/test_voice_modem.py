"""A voice modem on a pseudo-terminal, the real runtime and a real database: a caller is answered, hears the greeting,
chooses by key, is put through to the telephone beside the modem; another gives up; the cable is pulled."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from adapters.telephony import AdapterName, PhoneKind
from hotline.calls.call import CallState
from hotline.hall.hall import Hall
from hotline.hall.inputs import SYSTEM, Actor, DefineSeat, SignIn
from hotline.settings import HallTable, MenuTable, QueueTable, ServiceTable, Settings
from seats.seat import SeatNo, SeatState
from tests.adapters.modem.bench import GREETING_HZ, SEAT, Bench, loudest_hz, loudness
from tests.adapters.modem.bench import settings as line_of
from tests.hall.test_heard_on_wires import MASKED, fetch, over, running, until

FRONT = AdapterName("front")
DESK = SeatNo("1")


def settings(url: str, database_url: str, folder: Path, **line: Any) -> Settings:
    queue = QueueTable(label="人工服务", groups=["all"])
    hall = HallTable(label="大厅", default_queue="main", queues={"main": queue}, greeting="greeting")
    hall = hall.model_copy(update={"menu": MenuTable(prompt="long", keys={"1": "main"})})
    return Settings(
        halls={"h1": hall},
        service=ServiceTable(state_dir=folder),
        adapters={"front": {"kind": "modem", **line_of(url, folder, **line)}},
        database_url=database_url,  # pyright: ignore[reportArgumentType]
    )


async def a_lawyer_sits_there(hall: Hall) -> None:
    await hall.ask(DefineSeat(seat=DESK, extension=SEAT, groups=("all",)), SYSTEM)
    await hall.ask(SignIn(seat=DESK, phone_kind=PhoneKind.DESK), Actor(account="a", work_number="1001"))


async def rings_on(bench: Bench) -> None:
    """Quicker than life, until somebody answers."""
    bench.rings()
    while not bench.modem.off_hook:
        await asyncio.sleep(0.2)
        bench.modem.ring()


async def test_a_caller_is_answered_chooses_and_talks_and_another_gives_up(database_url: str, tmp_path: Path) -> None:
    bench = Bench("modem-usr")
    bench.plug_in()
    try:
        async with running(
            settings(bench.end.name, database_url, tmp_path, number_wait_seconds=8, ring_gap_seconds=1)
        ) as hall:
            await until(lambda: hall.state.links.get(FRONT), "the link is up")
            await a_lawyer_sits_there(hall)
            ringing = asyncio.create_task(rings_on(bench), name="rings")
            await until(lambda: hall.state.calls, "it rings")
            (identity,) = hall.state.calls
            await asyncio.wait_for(ringing, 15)
            await until(lambda: hall.state.calls[identity].prompt == "long", "the greeting was played, the menu is")
            greeting = bytes(bench.modem.heard[: 2 * 2400])
            assert abs(loudest_hz(greeting) - GREETING_HZ) < 10
            assert loudness(greeting) > 5000
            await bench.modem.press("1")
            await until(lambda: hall.state.calls[identity].state is CallState.RINGING, "the seat rings")
            assert hall.state.calls[identity].queue == "main"
            bench.modem.lift()
            await until(lambda: hall.state.calls[identity].state is CallState.TALKING, "they talk")
            await until(lambda: not bench.modem.off_hook, "the line is the telephone's")
            assert hall.state.seats[DESK].state is SeatState.TALKING
            bench.modem.put_down()
            assert await over(database_url, 1) == [(MASKED, "1", False, "answered")]
            bench.modem.ring()
            both = await over(database_url, 2)
            assert both[1] == ("", None, True, "short_abandoned")
            ended = "SELECT ended_by FROM calls ORDER BY offered_at"
            assert await fetch(database_url, ended) == [("seat",), ("caller",)]
    finally:
        await bench.unplug()


async def test_the_cable_is_pulled_in_mid_call(database_url: str, tmp_path: Path) -> None:
    """Lost once, healed by itself, and the caller whom the modem held is settled as lost before that."""
    before, after = Bench("modem-usr"), Bench("modem-usr")
    name = tmp_path / "by-id"
    name.symlink_to(before.end.name)
    before.plug_in()
    after.plug_in()
    try:
        async with running(settings(str(name), database_url, tmp_path)) as hall:
            await until(lambda: hall.state.links.get(FRONT), "the link is up")
            before.rings()
            await until(lambda: len(before.modem.heard) > 2000, "he is answered and hears us")
            await before.unplug()
            await until(lambda: hall.state.links.get(FRONT) is False, "the link is lost")
            assert not hall.state.calls, "no lawyer is offered a caller whom no modem holds"
            assert await over(database_url, 1) == [(MASKED, None, True, "lost")]
            name.unlink()
            name.symlink_to(after.end.name)
            await until(lambda: hall.state.links.get(FRONT), "the link is back")
            gaps = "SELECT count(*), bool_and(ended_at IS NOT NULL) FROM writer_gaps WHERE kind = 'link'"
            times = await fetch(database_url, gaps)
            after.rings()
            await until(lambda: len(after.modem.heard) > 2000, "the next caller is answered")
            assert await fetch(database_url, gaps) == times
    finally:
        await before.unplug()
        await after.unplug()
