"""The checks of live calls find adapters that break the contract: each of these does one thing wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from adapters import conformance_calls
from adapters.conformance import NotConforming, every_command, says_what_it_cannot_do
from adapters.conformance_calls import LiveCheck, Scene, check_live
from adapters.errors import Refused
from adapters.simulated.adapter import SimulatedAdapter
from adapters.simulated.settings import SimulatedSettings
from adapters.telephony import (
    Ability,
    AdapterName,
    Arrange,
    Command,
    DeviceEvent,
    Hear,
    LegsJoined,
    Phone,
    PhoneKind,
    PlaceCall,
    PortStatus,
    RecordingStopped,
    RingSeat,
    SendKeys,
    StopRinging,
)

SETTINGS = {
    "seed": 1,
    "calls_per_hour": 7200.0,
    "workday": False,
    "mean_patience_seconds": 5000.0,
    "mean_talk_seconds": 5000.0,
    "outside": {"110": {"after_seconds": 0.1}},
}


class Wrong(SimulatedAdapter):
    """Right until a fault below is mixed in."""

    def __init__(self, folder: Path) -> None:
        super().__init__(AdapterName("sim"), SimulatedSettings.model_validate(SETTINGS), folder)
        self.say: Hear | None = None

    async def run(self, hear: Hear) -> None:
        self.say = hear
        await super().run(self.hears(hear))

    def hears(self, hear: Hear) -> Hear:
        return hear


class JoinsAgain(Wrong):
    """Reports the join whenever it is told the picture."""

    async def do(self, command: Command) -> None:
        await super().do(command)
        if isinstance(command, Arrange) and command.caller and self.say is not None:
            status = next(each for each in await self.ports() if each.call == command.call)
            for leg in command.room:
                event = LegsJoined(
                    adapter=self.name,
                    event_id=f"again {leg}",
                    at=status.since,
                    heard_at=status.since,
                    call=command.call,
                    offer=leg,
                )
                self.say(event)


class TakesWhoeverIsThere(Wrong):
    """Leaves legs that never rang out of the picture instead of refusing it."""

    async def do(self, command: Command) -> None:
        try:
            await super().do(command)
        except Refused:
            if not isinstance(command, Arrange):
                raise


class NeverHolds(Wrong):
    """Leaves the caller in the room."""

    async def do(self, command: Command) -> None:
        await super().do(msgspec.structs.replace(command, caller=True) if isinstance(command, Arrange) else command)


class TwoAtMost(Wrong):
    """Has room for two legs."""

    async def do(self, command: Command) -> None:
        if isinstance(command, Arrange):
            command = msgspec.structs.replace(command, room=command.room[:1])
        await super().do(command)


class LetsNobodyGo(Wrong):
    """Stops ringing only."""

    async def do(self, command: Command) -> None:
        ports = await self.ports()
        if isinstance(command, StopRinging) and any(command.offer in status.picked_up for status in ports):
            return
        await super().do(command)


class Barges(Wrong):
    """Whoever watches is in the room."""

    async def do(self, command: Command) -> None:
        if isinstance(command, Arrange) and command.watching:
            room = (*command.room, *(watch.offer for watch in command.watching))
            command = msgspec.structs.replace(command, room=room, watching=())
        await super().do(command)


class ForgetsWhoBegan(Wrong):
    """Lists outbound calls as if they had come in."""

    async def ports(self) -> Sequence[PortStatus]:
        return [msgspec.structs.replace(status, placed=False) for status in await super().ports()]


class DialsTwice(Wrong):
    """Cannot be told to place a call again."""

    async def do(self, command: Command) -> None:
        if isinstance(command, PlaceCall) and any(status.dialled == command.number for status in await self.ports()):
            raise Refused("dialled already")
        await super().do(command)


class RingsOn(Wrong):
    """An outbound call's own seat goes on ringing."""

    async def do(self, command: Command) -> None:
        if (isinstance(command, RingSeat) and command.first) or not command.call.startswith("out~"):
            await super().do(command)


class LosesMessages(Wrong):
    """Does not say that a recording is complete."""

    def hears(self, hear: Hear) -> Hear:
        def but_for_recordings(event: DeviceEvent) -> None:
            if not isinstance(event, RecordingStopped):
                hear(event)

        return but_for_recordings


class TakesAnything(Wrong):
    """Cannot send keys, and does not say so."""

    abilities = frozenset(Ability) - {Ability.SENDS_KEYS}

    async def do(self, command: Command) -> None:
        if not isinstance(command, SendKeys):
            await super().do(command)


CASES: list[tuple[type[Wrong], LiveCheck]] = [
    (JoinsAgain, conformance_calls.arrange_twice_is_once),
    (TakesWhoeverIsThere, conformance_calls.arrange_twice_is_once),
    (NeverHolds, conformance_calls.hold_and_resume),
    (NeverHolds, conformance_calls.consulted_then_three),
    (TwoAtMost, conformance_calls.consulted_then_three),
    (TwoAtMost, conformance_calls.a_number_outside_joins),
    (LetsNobodyGo, conformance_calls.legs_leave_in_any_order),
    (Barges, conformance_calls.watchers_are_beside_the_room),
    (ForgetsWhoBegan, conformance_calls.a_placed_call),
    (DialsTwice, conformance_calls.a_placed_call),
    (RingsOn, conformance_calls.an_outbound_call_nobody_begins),
    (LosesMessages, conformance_calls.a_message),
]


@pytest.fixture
def scene() -> Scene:
    async def nothing_to_do() -> None:
        """Somebody rings every second anyway."""

    one, two, three = (Phone(PhoneKind.SIMULATED, f"800{n}") for n in range(1, 4))
    return Scene(phones=(one, two, three), ring_in=nothing_to_do, outside="110")


@pytest.mark.parametrize(("wrong", "check"), CASES, ids=lambda each: each.__name__)
async def test_it_is_found(
    wrong: type[Wrong], check: LiveCheck, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await check_live(Wrong(tmp_path / "right"), scene, check)
    monkeypatch.setattr(conformance_calls, "SOON_SECONDS", 1.0)
    with pytest.raises((NotConforming, Refused)):
        await check_live(wrong(tmp_path / "wrong"), scene, check)


def test_every_check_has_a_fault_to_find() -> None:
    assert {check for _, check in CASES} == set(conformance_calls.NEEDED)


async def test_what_is_not_possible_has_to_be_refused(tmp_path: Path) -> None:
    await says_what_it_cannot_do(Wrong(tmp_path / "right"))
    with pytest.raises(NotConforming, match="SendKeys"):
        await says_what_it_cannot_do(TakesAnything(tmp_path / "wrong"))
    assert any(isinstance(command, SendKeys) for command in every_command())


async def test_a_check_that_does_not_apply_says_so(scene: Scene, tmp_path: Path) -> None:
    class Deaf(Wrong):
        abilities = frozenset(Ability) - {Ability.HOLDS}

    with pytest.raises(NotConforming, match="does not apply"):
        await check_live(Deaf(tmp_path), scene, conformance_calls.hold_and_resume)
