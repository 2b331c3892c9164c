"""Our process goes away in the middle and another one comes: what stands is read again, and goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from adapters.asterisk.rig import Rig
from adapters.telephony import (
    Answer,
    CallAnswered,
    CallKey,
    CallOffered,
    CallReleased,
    EndedBy,
    OfferId,
    Phone,
    PhoneKind,
    PlaceCall,
    RecordingStopped,
    Release,
    RingOutside,
    RingSeat,
    SeatAnswered,
    StartRecording,
    TakeMessage,
)
from tests.adapters.asterisk.ear import adapter_of, listening
from tests.adapters.asterisk.stage import PHONES, Stage, listens, people, stage_rig, whispers

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with stage_rig(tmp_path_factory.mktemp("again")) as started:
        yield started


class Twice:
    """A stage whose adapter can be replaced by a new one that remembers nothing."""

    def __init__(self, rig: Rig, state: Path) -> None:
        self._rig, self._state = rig, state
        self._people, self._adapter = AsyncExitStack(), AsyncExitStack()
        self._number = 0

    async def __aenter__(self) -> Twice:
        phones = await self._people.enter_async_context(people(self._rig))
        self.on = Stage(self._rig, await self._listen(), phones)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._adapter.aclose()
        await self._people.aclose()

    async def again(self, **changes: object) -> Stage:
        """The process ends, and the next one begins."""
        await self._adapter.aclose()
        self._adapter = AsyncExitStack()
        self.on.ear, self.on.joins = await self._listen(**changes), 0
        return self.on

    async def _listen(self, **changes: object):
        self._number += 1
        adapter = adapter_of(self._rig, self._state / str(self._number), **changes)
        return await self._adapter.enter_async_context(listening(adapter))


async def test_consultation_three_and_hold(rig: Rig, tmp_path: Path) -> None:
    async with Twice(rig, tmp_path) as twice:
        on = twice.on
        await on.caller_rings()
        await on.takes("ann")
        await on.arrange("ann")
        await on.ear.do(StartRecording(call=on.call, name="again"))
        await on.takes("ben")
        await on.arrange("ann", "ben", caller=False, muted=("ben",))
        # The note of the recording's name is written behind the command's back.
        await on.eventually(lambda: "HOTLINE_RECORDING=again" in _channels(rig), "the recording is noted")
        on = await twice.again()
        port = await on.port()
        assert (set(port.room), port.caller_in_room, set(port.picked_up)) == ({"ann", "ben"}, False, {"ann", "ben"})
        assert port.recording
        assert not on.ear.all(SeatAnswered), "who is in the room was told before"
        await on.arrange("ann", "ben", caller=False, muted=("ben",))
        await on.hear(caller="music", ann="", ben="ann")
        on = await twice.again()
        await on.arrange("ann", "ben")
        await on.joined("ann", "ben")
        await on.hear(caller="ann ben", ann="caller ben", ben="caller ann")
        on = await twice.again()
        port = await on.port()
        assert (set(port.room), port.caller_in_room) == ({"ann", "ben"}, True)
        await on.arrange("ben")
        await on.hear(caller="ben", ann="music", ben="caller")
        on = await twice.again()
        assert (await on.ear.until(SeatAnswered)).offer == "ann"
        await on.arrange("ann")
        await on.hear(caller="ann", ann="caller", ben="music")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.ear.until(RecordingStopped)
        await on.nothing_left()


async def test_a_supervisor_who_listens(rig: Rig, tmp_path: Path) -> None:
    async with Twice(rig, tmp_path) as twice:
        on = twice.on
        await on.caller_rings()
        await on.takes("ann")
        await on.takes("boss")
        listening_in = (listens("boss", "ann"),)
        await on.arrange("ann", watching=listening_in)
        on = await twice.again()
        port = await on.port()
        assert (port.watching, port.room, set(port.picked_up)) == (listening_in, ("ann",), {"ann", "boss"})
        await on.arrange("ann", watching=listening_in)
        await on.hear(caller="ann", ann="caller", boss="caller ann")
        await on.arrange("ann", watching=(whispers("boss", "ann"),))
        await on.hear(caller="ann", ann="caller boss", boss="caller ann")
        on = await twice.again()
        await on.arrange("ann", "boss")
        await on.hear(caller="ann boss", ann="caller boss", boss="caller ann")
        await on.arrange("ann", watching=listening_in)
        on.talks["caller"].hang_up()
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_his_leg_went_meanwhile(rig: Rig, tmp_path: Path) -> None:
    """The supervisor, and the caller of another call, leave while nobody listens: nothing of them is left behind."""
    async with Twice(rig, tmp_path) as twice:
        on = twice.on
        await on.caller_rings()
        await on.takes("ann")
        await on.takes("boss")
        await on.arrange("ann", watching=(whispers("boss", "ann"),))
        await twice._adapter.aclose()
        on.talks["boss"].hang_up()
        await on.talks["boss"].until(lambda talk: bool([code for method, code in talk.replies if method == "BYE"]))
        on = await twice.again()
        await on.eventually(lambda: "watch~" not in rig.cli("bridge show all"), "his bridge is swept away")
        await on.eventually(lambda: "Snoop" not in rig.cli("core show channels concise"), "his ear is swept away")
        await on.arrange("ann")
        await on.hear(caller="ann", ann="caller")
        await twice._adapter.aclose()
        on.talks["caller"].hang_up()
        await on.talks["caller"].until(lambda talk: bool([code for method, code in talk.replies if method == "BYE"]))
        on = await twice.again()
        await on.talks["ann"].until(lambda talk: talk.end == "hung_up_on")
        await on.nothing_left()


async def test_a_mobile_that_was_not_accepted_yet(rig: Rig, tmp_path: Path) -> None:
    """It is asked again; one that was accepted is not."""
    async with Twice(rig, tmp_path) as twice:
        on = twice.on
        await on.caller_rings()
        phone = Phone(PhoneKind.MOBILE, "13900139000")
        await on.ear.do(RingSeat(call=on.call, offer=OfferId("out"), phone=phone, seconds=15))
        mobile = on.talks["out"] = await on.phones["out"].picks_up()
        await on.hear(out="question")
        on = await twice.again()
        assert (await on.port()).ringing == ("out",)
        await on.hear(out="question")
        assert not on.ear.all(SeatAnswered)
        mobile.press("1")
        await on.ear.until(SeatAnswered)
        await on.eventually(lambda: "HOTLINE_TAKEN=1" in _channels(rig), "it is noted")
        on = await twice.again()
        assert (await on.ear.until(SeatAnswered)).offer == "out"
        assert (await on.port()).picked_up == ("out",)
        await on.arrange("out")
        await on.hear(caller="out", out="caller")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_outbound_at_every_step(rig: Rig, tmp_path: Path) -> None:
    async with Twice(rig, tmp_path) as twice:
        on = twice.on
        on.call = CallKey("out~HALL-9")
        phone = Phone(PhoneKind.DESK, PHONES["ann"])
        await on.ear.do(RingSeat(call=on.call, offer=OfferId("ann"), phone=phone, seconds=15, first=True))
        await on.phones["ann"].rung()
        on = await twice.again()
        port = await on.port()
        assert (port.call, port.placed, port.ringing, port.answered) == (on.call, True, ("ann",), False)
        await on.picks_up("ann")
        on = await twice.again()
        assert (await on.port()).picked_up == ("ann",)
        await on.ear.do(PlaceCall(call=on.call, number="13800138000", seconds=15))
        client = on.talks["caller"] = await on.phones["out"].rung()
        on = await twice.again()
        assert (await on.port()).placed
        client.answer()
        await on.ear.until(CallAnswered)
        on = await twice.again()
        await on.ear.until(CallAnswered)
        assert not on.ear.all(CallOffered)
        assert (await on.port()).answered
        await on.arrange("ann")
        await on.hear(caller="ann", ann="out")
        on = await twice.again()
        await on.hear(caller="ann", ann="out")
        client.hang_up()
        assert (await on.ear.until(CallReleased)).by is EndedBy.CALLER
        await on.nothing_left()


async def test_the_client_left_meanwhile(rig: Rig, tmp_path: Path) -> None:
    """An outbound call that ended while nobody listened is told from its record, and the lawyer is let go."""
    records = str(rig.site.records_file)
    async with Twice(rig, tmp_path) as twice:
        on = twice.on
        on.call = CallKey("out~HALL-10")
        phone = Phone(PhoneKind.DESK, PHONES["ann"])
        await on.ear.do(RingSeat(call=on.call, offer=OfferId("ann"), phone=phone, seconds=15, first=True))
        await on.picks_up("ann")
        await on.ear.do(PlaceCall(call=on.call, number="13800138000", seconds=15))
        client = await on.phones["out"].picks_up()
        await on.ear.until(CallAnswered)
        await on.arrange("ann")
        await twice._adapter.aclose()
        client.hang_up()
        await asyncio.sleep(1.3)  # a record younger than a second counts as not settled
        on = await twice.again(records=records, records_every=0.2)
        over = await on.ear.until(CallReleased, lambda fact: fact.call == on.call)
        assert over.backfilled
        await on.talks["ann"].until(lambda talk: talk.end == "hung_up_on")
        await on.nothing_left()


async def test_a_message_and_a_number_outside(rig: Rig, tmp_path: Path) -> None:
    async with Twice(rig, tmp_path) as twice:
        on = twice.on
        await on.caller_rings()
        await on.ear.do(Answer(call=on.call), TakeMessage(call=on.call, name="message-1", seconds=60))
        await on.eventually(lambda: "HOTLINE_RECORDING=message-1" in _channels(rig), "it is noted")
        on = await twice.again()
        await on.ear.do(RingOutside(call=on.call, offer=OfferId("out"), number="110", seconds=15))
        await on.phones["out"].rung()
        on = await twice.again()
        assert (await on.port()).ringing == ("out",)
        on.talks["out"] = await on.phones["out"].picks_up()
        await on.ear.until(SeatAnswered)
        await on.arrange("out")
        assert (await on.ear.until(RecordingStopped)).name == "message-1"
        await on.hear(caller="out", out="caller")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


def _channels(rig: Rig) -> str:
    names = [line.split("!")[0] for line in rig.cli("core show channels concise").splitlines() if "!" in line]
    return "".join(rig.cli(f"core show channel {name}") for name in names)
