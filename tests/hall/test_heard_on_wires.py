"""Real pseudo-terminals, the real runtime and a real database: what a device prints becomes calls in the hall."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from adapters.cti_serial import simulated_bytes as made
from adapters.telephony import AdapterName, PhoneKind
from hotline.calls.call import CallState
from hotline.hall import hall as halls
from hotline.hall.hall import LEASE_SECONDS, Hall
from hotline.hall.inputs import SYSTEM, Actor, DefineSeat, HangUp, SignIn, TookByHand
from hotline.runtime import open_runtime
from hotline.settings import HallTable, QueueTable, ServiceTable, Settings
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.errors import SpoolFull
from hotline.verify import verify
from seats.seat import SeatNo, SeatState
from tests.adapters.wire.device import Device

NUMBER = "13800138000"
MASKED = "138****8000"
BOX = AdapterName("box-1")


@pytest.fixture
def device() -> Iterator[Device]:
    made = Device()
    yield made
    made.unplug()


def settings(url: str, state: Path, wires: dict[str, Any], **more: Any) -> Settings:
    queue = QueueTable(label="人工服务", groups=["all"])
    return Settings(
        halls={"h1": HallTable(label="大厅", default_queue="main", queues={"main": queue})},
        service=ServiceTable(state_dir=state),
        adapters={"box-1": {"kind": "cti-serial", "wires": wires, "dialled": "12348", **more}},
        database_url=url,  # pyright: ignore[reportArgumentType]
    )


@asynccontextmanager
async def running(found: Settings) -> AsyncIterator[Hall]:
    async with open_runtime(found) as runtime:
        task = asyncio.create_task(runtime.run())
        hall = runtime.halls["h1"]
        try:
            assert await hall.until_led(20)
            yield hall
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def until(true: Callable[[], object], why: str) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            while not true():
                await asyncio.sleep(0.01)
    assert true(), why


async def over(url: str, calls: int) -> list[tuple[str, str | None, bool, str]]:
    """Masked number, seat, inferred, outcome of the calls that are over, once there are so many."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(15):
            while True:
                rows = await connection.fetch(
                    "SELECT caller_masked, answered_seat, inferred, outcome FROM calls WHERE state = 'ended'"
                    " ORDER BY offered_at"
                )
                if len(rows) >= calls:
                    return [tuple(row) for row in rows]
                await asyncio.sleep(0.05)
    finally:
        await connection.close()


async def fetch(url: str, query: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


def now() -> datetime:
    return datetime.now(UTC)


def wire(device: Device, dialect: str, **more: Any) -> dict[str, Any]:
    return {"url": device.url, "dialect": dialect, **more}


async def test_a_call_from_ring_to_end(database_url: str, tmp_path: Path, device: Device) -> None:
    async with running(settings(database_url, tmp_path, {"m": wire(device, "fritz")})) as hall:
        await until(lambda: hall.state.links.get(BOX), "the wire is open")
        device.say(made.fritz_ring(0, NUMBER, "12348", at=now()))
        await until(lambda: hall.state.calls, "it rings")
        (call,) = hall.state.calls.values()
        assert (call.caller, call.dialled, call.state) == (NUMBER, "12348", CallState.RINGING)
        device.say(made.fritz_connect(0, "8001", NUMBER, at=now()))
        await until(lambda: call.id in hall.state.calls and hall.state.calls[call.id].answered_at, "picked up")
        device.say(made.fritz_disconnect(0, 12, at=now()))
        assert await over(database_url, 1) == [(MASKED, "8001", False, "answered")]


async def test_a_line_that_stops_ringing_has_lost_its_caller(database_url: str, tmp_path: Path, device: Device) -> None:
    found = settings(database_url, tmp_path, {"m": wire(device, "modem")}, seats={1: "8001"}, ring_gap_seconds=2)
    async with running(found) as hall:
        await until(lambda: hall.state.links.get(BOX), "the wire is open")
        assert b"+VCID=1" in await asyncio.to_thread(device.heard)
        device.say(made.modem_ring() + made.modem_caller_id(NUMBER, at=now()))
        await asyncio.sleep(1)
        device.say(made.modem_ring())
        assert await over(database_url, 1) == [(MASKED, None, True, "short_abandoned")]


async def test_the_plug_is_pulled_in_mid_call(database_url: str, tmp_path: Path) -> None:
    """Told once, recorded as a gap, healed by itself; the call goes on where it was."""
    name = tmp_path / "by-id"
    before, after = Device(), Device()
    name.symlink_to(before.url)
    found = settings(database_url, tmp_path, {"m": {"url": str(name), "dialect": "fritz"}})
    try:
        async with running(found) as hall:
            await until(lambda: hall.state.links.get(BOX), "the wire is open")
            before.say(
                made.fritz_ring(0, NUMBER, "12348", at=now()) + made.fritz_connect(0, "8001", NUMBER, at=now())[:9]
            )
            await until(lambda: hall.state.calls, "it rings")
            before.unplug()
            await until(lambda: hall.state.links.get(BOX) is False, "the link is lost")
            name.unlink()
            name.symlink_to(after.url)
            await until(lambda: hall.state.links.get(BOX), "the link is back")
            after.say(made.fritz_connect(0, "8001", NUMBER, at=now()) + made.fritz_disconnect(0, 5, at=now()))
            assert await over(database_url, 1) == [(MASKED, "8001", False, "answered")]
            gaps = "SELECT detail, ended_at IS NOT NULL FROM writer_gaps WHERE kind = 'link' ORDER BY began_at DESC"
            (detail, closed), *_ = await fetch(database_url, gaps)
            assert detail.startswith("m: ")
            assert closed
        aside = "SELECT type, reason FROM raw_events WHERE state = 'set_aside'"
        assert await fetch(database_url, aside) == [("Unreadable", "no event of a call monitor, or half of one")]
    finally:
        before.unplug()
        after.unplug()


async def test_the_service_restarts_while_it_rings(database_url: str, tmp_path: Path, device: Device) -> None:
    """What was kept rebuilds the book: the same call rings on, is named, picked up and over. One call, not two."""
    found = settings(database_url, tmp_path, {"b": wire(device, "whozz")}, seats={1: "8001"})
    async with running(found) as hall:
        await until(lambda: hall.state.links.get(BOX), "the wire is open")
        device.say(made.whozz_detail(1, "R", at=now()))
        await until(lambda: hall.state.calls, "it rings")
    async with running(found) as hall:
        await until(lambda: hall.state.links.get(BOX), "the wire is open")
        device.say(made.whozz_start(1, NUMBER, at=now()) + made.whozz_detail(1, "R", at=now()))
        device.say(made.whozz_detail(1, "F", at=now()) + made.whozz_detail(1, "N", at=now()))
        assert await over(database_url, 1) == [(MASKED, "8001", False, "answered")]
        assert not hall.state.calls


async def test_a_box_and_a_printer_tell_of_the_same_call(database_url: str, tmp_path: Path, device: Device) -> None:
    """The modem hears it ring and cannot tell whether anybody picked up; the PBX prints that somebody did."""
    printer = Device()
    wires = {"box": wire(device, "modem"), "pbx": wire(printer, "shenou", ports={"": 1})}
    found = settings(database_url, tmp_path, wires, ring_gap_seconds=2)
    try:
        async with running(found) as hall:
            await until(lambda: hall.state.links.get(BOX), "both wires are open")
            began = datetime.now(ZoneInfo("Asia/Shanghai"))
            device.say(made.modem_ring() + made.modem_caller_id(NUMBER, at=now()))
            assert await over(database_url, 1) == [(MASKED, None, True, "short_abandoned")]
            head = f"T{began:%Y%m%d%H%M%S} 000003 {NUMBER:<16}{'8012':<8}{'8012':<24}"
            printer.say(f"{head}12 0.00    \r\n".encode())
            async with asyncio.timeout(10):
                while await over(database_url, 1) != [(MASKED, "8012", False, "answered")]:
                    await asyncio.sleep(0.05)
    finally:
        printer.unplug()


async def test_garbage_is_kept_and_costs_no_call(database_url: str, tmp_path: Path, device: Device) -> None:
    async with running(settings(database_url, tmp_path, {"f": wire(device, "fsk")}, alone_seconds=5)) as hall:
        await until(lambda: hall.state.links.get(BOX), "the wire is open")
        device.say(b"\xff\x00rubbish" + made.mdmf(NUMBER, at=now()) + b"\x80\x16\x01half a frame")
        await until(lambda: hall.state.calls, "the frame between is found")
        await asyncio.sleep(1.3)
        aside = "SELECT count(*), bool_and(raw_sealed IS NOT NULL) FROM raw_events WHERE state = 'set_aside'"
        assert await fetch(database_url, aside) == [(2, True)]


async def test_the_database_is_away_for_longer_than_the_lease(
    server: EmbeddedPostgres, database_url: str, tmp_path: Path, device: Device
) -> None:
    """What the device says meanwhile goes to the spool: nothing else would ever hear it again."""
    name = urlsplit(database_url).path[1:]
    administrator = await asyncpg.connect(server.url_for(database="postgres", user="postgres"))
    try:
        async with running(settings(database_url, tmp_path, {"m": wire(device, "fritz")})) as hall:
            await until(lambda: hall.state.links.get(BOX), "the wire is open")
            await administrator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            await administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
            )
            for call in range(2):
                device.say(made.fritz_ring(call, f"1380013800{call}", "12348", at=now()))
                device.say(made.fritz_connect(call, "8001", NUMBER, at=now()))
                await asyncio.sleep(LEASE_SECONDS / 2 + 1)
                device.say(made.fritz_disconnect(call, 5, at=now()))
            await administrator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            assert [call[1:] for call in await over(database_url, 2)] == [("8001", False, "answered")] * 2
    finally:
        await administrator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await administrator.close()


async def test_what_cannot_be_kept_yet_is_kept_as_it_was_understood(
    database_url: str, tmp_path: Path, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The spool is full, or something of ours fails: the book has read the frame already, and it comes only once."""
    monkeypatch.setattr(halls, "FULL_SECONDS", 0.01)
    async with running(settings(database_url, tmp_path, {"m": wire(device, "fritz")})) as hall:
        await until(lambda: hall.state.links.get(BOX), "the wire is open")
        accept, failures = hall.intake.accept, [SpoolFull("full"), RuntimeError("a bug"), SpoolFull("full")]

        async def at_first_not(*what: Any) -> None:
            if failures:
                raise failures.pop()
            await accept(*what)

        monkeypatch.setattr(hall.intake, "accept", at_first_not)
        device.say(made.fritz_ring(0, NUMBER, "12348", at=now()) + made.fritz_connect(0, "8001", NUMBER, at=now()))
        device.say(made.fritz_disconnect(0, 12, at=now()))
        assert await over(database_url, 1) == [(MASKED, "8001", False, "answered")]
        assert not failures


async def test_the_service_stops_with_words_in_its_hands(database_url: str, tmp_path: Path, device: Device) -> None:
    """Everything that was read until then is kept."""
    found = settings(database_url, tmp_path, {"b": wire(device, "whozz")}, seats={1: "8001"})
    async with running(found) as hall:
        await until(lambda: hall.state.links.get(BOX), "the wire is open")
        accept, held = hall.intake.accept, asyncio.Event()

        async def slowly(*what: Any) -> None:
            held.set()
            await asyncio.sleep(0.2)
            await accept(*what)

        hall.intake.accept = slowly  # pyright: ignore[reportAttributeAccessIssue]
        for line in range(1, 5):
            device.say(made.whozz_detail(line, "R", at=now()))
        await held.wait()
    assert await fetch(database_url, "SELECT count(DISTINCT call_key) FROM raw_events WHERE type = 'CallOffered'") == [
        (4,)
    ]


async def test_whoever_picks_up_says_so(database_url: str, tmp_path: Path, device: Device) -> None:
    """The modem hears the ringing stop, and cannot know why."""
    seat, lawyer = SeatNo("01"), Actor(account="a", work_number="1001")
    found = settings(database_url, tmp_path, {"m": wire(device, "modem")}, seats={1: "8001"}, ring_gap_seconds=2)
    async with running(found) as hall:
        await until(lambda: hall.state.links.get(BOX), "the wire is open")
        await hall.ask(DefineSeat(seat=seat, extension="8001", groups=("all",)), SYSTEM)
        await hall.ask(SignIn(seat=seat, phone_kind=PhoneKind.DESK), lawyer)
        device.say(made.modem_ring() + made.modem_caller_id(NUMBER, at=now()))
        await until(lambda: hall.state.seats[seat].state is SeatState.RINGING, "it rings at the desk")
        (call,) = hall.state.calls
        await hall.ask(TookByHand(seat=seat, call=call), lawyer)
        await until(lambda: hall.adapters[BOX].due is None, "the box has concluded that the caller has gone")  # pyright: ignore
        query = "SELECT data->>'why' FROM journal WHERE type = 'ReportIgnored'"
        async with asyncio.timeout(10):
            while await fetch(database_url, query) != [("taken_by_hand",)]:
                await asyncio.sleep(0.05)
        assert hall.state.calls[call].state is CallState.TALKING
        await hall.ask(HangUp(seat=seat, call=call), lawyer)
        assert await over(database_url, 1) == [(MASKED, "01", True, "answered")]
        # He may have talked for minutes: the ringing that stopped is no end that the hall was late with.
        await fetch(database_url, "ALTER TABLE raw_events DISABLE TRIGGER USER")
        assert await fetch(
            database_url,
            """UPDATE raw_events SET heard_at = heard_at - interval '90 seconds' WHERE type = 'CallReleased'
               RETURNING call_key IS NOT NULL""",
        ) == [(True,)]
        verdict = await verify(database_url, hall="h1")
        assert verdict.ok, verdict


async def test_a_buffer_of_old_records_leaves_the_seats_alone(
    database_url: str, tmp_path: Path, device: Device
) -> None:
    async with running(settings(database_url, tmp_path, {"p": wire(device, "shenou", ports={"": 1})})) as hall:
        await until(lambda: hall.state.links.get(BOX), "the wire is open")
        await hall.ask(DefineSeat(seat=SeatNo("12"), extension="8012", groups=("all",)), SYSTEM)
        await hall.ask(
            SignIn(seat=SeatNo("12"), phone_kind=PhoneKind.SIMULATED), Actor(account="a", work_number="1001")
        )
        seat = hall.state.seats[SeatNo("12")]
        earlier = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(hours=2)
        head = f"T{earlier:%Y%m%d%H%M%S} 000103 {NUMBER:<16}{'8012':<8}{'8012':<24}"
        device.say(f"{head}12 0.00    \r\n".encode())
        assert await over(database_url, 1) == [(MASKED, "12", False, "answered")]
        assert hall.state.seats[SeatNo("12")] == seat


async def test_garbage_line_by_line_does_not_fill_the_database(
    database_url: str, tmp_path: Path, device: Device
) -> None:
    async with running(settings(database_url, tmp_path, {"b": wire(device, "whozz")})) as hall:
        await until(lambda: hall.state.links.get(BOX), "the wire is open")
        for number in range(100):
            device.say(b"~~~ wrong speed %d ~~~\r\n" % number)
        device.say(made.whozz_detail(1, "R", at=now()))
        await until(lambda: hall.state.calls, "the call behind it is heard")
        aside = "SELECT count(*) FROM raw_events WHERE state = 'set_aside'"
        assert await fetch(database_url, aside) == [(30,)]
