"""Nobody there: the service is away, or Asterisk is. Against a real Asterisk, its fallback and its own records."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.asterisk.rig import CallerLedgerRow, CallerPlan, Rig, SeatPlan
from adapters.asterisk.rig.audio import heard, read_wav
from adapters.errors import LinkDown, Misconfigured
from adapters.telephony import (
    Arrange,
    CallAnswered,
    CallOffered,
    CallReleased,
    EndedBy,
    Handling,
    LegsJoined,
    LinkUp,
    OfferId,
    RecordingStopped,
    Release,
    SeatAnswered,
    SeatReleased,
    StartRecording,
)
from tests.adapters.asterisk.conftest import CALLER_HZ, NOBODY_HZ, SEAT_HZ
from tests.adapters.asterisk.ear import Ear, adapter_of, listening, ring

pytestmark = pytest.mark.asterisk
NEAR = timedelta(milliseconds=200)


async def test_the_duty_phone_takes_calls_meanwhile(rig: Rig, tmp_path: Path, sounds: dict[str, Path]) -> None:
    """Away: one call talks to the duty phone, one gives up. Back: both are told with their true times, once."""
    records = str(rig.site.records_file)
    duty = rig.phones("duty", SeatPlan(ring_ms=300, talk_ms=2500, media=sounds["seat"]))
    talks = rig.callers(CallerPlan(media=sounds["caller"]), first=13_700_000_001)
    await asyncio.to_thread(talks.wait, 20)
    duty.stop()
    gives_up = rig.callers(CallerPlan(talk_ms=600), first=13_700_000_002)
    await asyncio.to_thread(gives_up.wait, 10)
    (answered,), (lost,) = talks.callers(), gives_up.callers()
    (rung,) = duty.seats()
    await _settled()

    adapter = adapter_of(rig, tmp_path, records=records, records_every=0.2)
    async with listening(adapter) as ear:
        first = await ear.until(CallReleased, lambda fact: fact.call == _call(ear, answered))
        await ear.until(CallReleased, lambda fact: fact.call == _call(ear, lost))
        link = ear.facts.index(ear.all(LinkUp)[0])
        told = [fact for fact in ear.facts if getattr(fact, "call", None) == first.call]
        assert max(ear.facts.index(fact) for fact in told) < link, "told before the hall compares"
        await asyncio.sleep(0.5)
    assert [type(fact) for fact in told] == [CallOffered, SeatAnswered, RecordingStopped, CallReleased]
    assert all(fact.backfilled and fact.handling is Handling.DEVICE for fact in told)  # pyright: ignore[reportAttributeAccessIssue]
    offered, picked_up, recording, released = told
    assert isinstance(picked_up, SeatAnswered)
    assert isinstance(recording, RecordingStopped)
    assert picked_up.seat == "8000"
    assert rung.answered_at is not None
    assert answered.ended_at is not None
    assert abs(offered.at - answered.invited_at) < NEAR
    assert abs(picked_up.at - rung.answered_at) < NEAR
    assert abs(released.at - answered.ended_at) < NEAR
    sound = read_wav(rig.recordings / str(recording.file))
    assert heard(sound, CALLER_HZ, [NOBODY_HZ])
    assert heard(sound, SEAT_HZ, [NOBODY_HZ])
    assert [type(fact) for fact in ear.facts if getattr(fact, "call", None) == _call(ear, lost)] == [
        CallOffered,
        CallReleased,
    ]

    async with listening(adapter) as again:
        await asyncio.sleep(0.5)
    assert not again.all(CallOffered), "the same adapter does not read a record twice"


async def test_a_caller_in_the_fallback_is_taken_over(rig: Rig, tmp_path: Path) -> None:
    """He hears music in the fallback, shows there as the device's own call, and comes to the hall when it is back."""
    records = str(rig.site.records_file)
    callers = rig.callers(CallerPlan())
    await callers.until(2)
    adapter = adapter_of(rig, tmp_path / "b", records=records, records_every=0.2)
    async with listening(adapter) as ear:
        number = callers.callers()[0].number
        (seen,) = [port for port in await ear.adapter.ports() if port.caller == number]
        assert (seen.handling, seen.answered) == (Handling.DEVICE, True)
        offered = await ear.until(
            CallOffered, lambda fact: fact.caller == number and fact.handling is Handling.HALL, seconds=25
        )
        assert not offered.backfilled
        assert abs(offered.at - callers.callers()[0].invited_at) < NEAR
        await ear.do(Release(call=offered.call))
        await ear.until(CallReleased, lambda fact: fact.call == offered.call)
        await _settled()
        await asyncio.sleep(0.5)
        mine = [fact for fact in ear.facts if getattr(fact, "call", None) == offered.call]
        assert [type(fact) for fact in mine] == [CallOffered, CallAnswered, CallReleased], (
            "his record tells nothing again"
        )


async def test_the_service_restarts_in_the_middle_of_calls(rig: Rig, tmp_path: Path) -> None:
    """Another process comes: it finds who talks, who was picked up and not joined, who waits, and who left."""
    records = str(rig.site.records_file)
    rig.phones("desk", SeatPlan())
    async with listening(adapter_of(rig, tmp_path / "a")) as ear:
        callers = rig.callers(CallerPlan(), count=3, rate=50)
        leaving = rig.callers(CallerPlan(talk_ms=800), first=13_600_000_000)
        while len(ear.all(CallOffered)) < 4:
            await asyncio.sleep(0.02)
        calls = {str(fact.caller): fact.call for fact in ear.all(CallOffered)}
        talking, picked_up, waiting = (calls[row.number] for row in callers.callers())
        gone = calls["13600000000"]
        for call, offer, seat in ((talking, "t", "1001"), (picked_up, "p", "1002"), (gone, "g", "1003")):
            await ear.do(ring(call, offer, seat))
            await ear.until(SeatAnswered, lambda fact, call=call: fact.call == call)
        for call, offer in ((talking, "t"), (gone, "g")):
            await ear.do(Arrange(call=call, room=(OfferId(offer),)))
            await ear.until(LegsJoined, lambda fact, call=call: fact.call == call)
        await ear.do(StartRecording(call=talking, name="restart"))
        # The note of the recording's name is written behind the command's back.
        end = time.monotonic() + 3
        while "HOTLINE_RECORDING=restart" not in rig.cli(f"core show channel {_channel(rig, talking)}"):
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
    await asyncio.to_thread(leaving.wait, 5)
    (left,) = leaving.callers()
    await _settled()

    async with listening(adapter_of(rig, tmp_path / "b", records=records)) as ear:
        ports = {port.call: port for port in await ear.adapter.ports()}
        assert set(ports) == {talking, picked_up, waiting}
        assert (ports[talking].room, ports[talking].recording, ports[talking].answered) == (("t",), True, True)
        assert (ports[picked_up].picked_up, ports[picked_up].room) == (("p",), ())
        assert (ports[waiting].picked_up, ports[waiting].answered) == ((), False)
        assert (await ear.until(SeatAnswered, lambda fact: not fact.backfilled)).call == picked_up
        assert {fact.call for fact in ear.all(CallOffered) if not fact.backfilled} == set(ports)
        ended = await ear.until(CallReleased, lambda fact: fact.call == gone)
        assert (ended.backfilled, ended.handling) == (True, Handling.HALL)
        assert left.ended_at is not None
        assert abs(ended.at - left.ended_at) < NEAR
        # The seat whose caller had gone is not left in an empty bridge.
        end = time.monotonic() + 3
        while await ear.adapter.leftovers():
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
        await ear.do(Arrange(call=picked_up, room=(OfferId("p"),)))
        await ear.until(LegsJoined)
        for call in (talking, picked_up, waiting):
            await ear.do(Release(call=call))
            over = await ear.until(CallReleased, lambda fact, call=call: fact.call == call and not fact.backfilled)
            assert over.by is EndedBy.US
        end = time.monotonic() + 10
        while len(ear.all(SeatReleased)) < 2:  # they follow their calls' release
            assert time.monotonic() < end
            await asyncio.sleep(0.05)


async def test_asterisk_is_killed(rig: Rig, tmp_path: Path) -> None:
    """Its calls are gone with it: the link is down at once, and up again with an empty line."""
    adapter = adapter_of(rig, tmp_path)
    async with listening(adapter) as ear:
        rig.callers(CallerPlan())
        call = (await ear.until(CallOffered)).call
        rig.stop(kill=True)
        assert isinstance(await ear.ended(), LinkDown)
        with pytest.raises(LinkDown):
            await ear.do(Release(call=call))
        with pytest.raises(LinkDown):
            await adapter.ports()
    rig.start()
    async with listening(adapter) as ear:
        assert "restarted" in ear.all(LinkUp)[0].detail
        assert not await adapter.ports()


async def test_another_program_takes_the_application(rig: Rig, tmp_path: Path) -> None:
    async with listening(adapter_of(rig, tmp_path)) as ear, listening(adapter_of(rig, tmp_path)):
        error = await ear.ended()
        assert isinstance(error, LinkDown)
        assert "took over" in str(error)


async def test_a_wrong_password_is_a_setting(rig: Rig, tmp_path: Path) -> None:
    adapter = adapter_of(rig, tmp_path, username="nobody")
    with pytest.raises(Misconfigured, match="nobody"):
        await adapter.run(lambda fact: None)


def _call(ear: Ear, row: CallerLedgerRow) -> str:
    return next((fact.call for fact in ear.all(CallOffered) if fact.caller == row.number), "")


def _channel(rig: Rig, call: str) -> str:
    rows = [line.split("!") for line in rig.cli("core show channels concise").splitlines()]
    return next(row[0] for row in rows if row[-1] == call)


async def _settled() -> None:
    """Until what has just ended counts as settled in the records: their own second, and nothing else, is waited for."""
    until = datetime.now(UTC) + timedelta(seconds=1.1)
    while datetime.now(UTC) < until:
        await asyncio.sleep(0.05)
