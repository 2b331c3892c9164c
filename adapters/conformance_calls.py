"""What every adapter must do with live calls: who hears whom, whose leg goes when, what `ports()` says of it.

Each check plays one call with phones and callers that do as they are told (`Scene`), and applies where the device has
the abilities it is about (`NEEDED`). It returns nothing, or raises `NotConforming`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count, permutations
from typing import Final, TypeVar
from uuid import uuid4

import msgspec

from adapters.conformance import expect, heard
from adapters.errors import AdapterError
from adapters.telephony import (
    Ability,
    Answer,
    Arrange,
    CallAnswered,
    CallFact,
    CallKey,
    CallOffered,
    CallReleased,
    Command,
    DeviceEvent,
    LegsJoined,
    OfferId,
    Phone,
    PickUp,
    PlaceCall,
    PortStatus,
    Reaches,
    RecordingStarted,
    RecordingStopped,
    Release,
    RingOutside,
    RingSeat,
    SeatAnswered,
    StopRinging,
    TakeMessage,
    TelephonyAdapter,
    Watch,
    WatchMode,
)

SOON_SECONDS: Final = 15.0
RING_SECONDS: Final = 20
PAUSE_SECONDS: Final = 0.02

F = TypeVar("F", bound=CallFact)


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a check can call upon."""

    phones: tuple[Phone, Phone, Phone]
    """Free phones of seats. Each picks up within seconds, by itself or when told to, and stays on the line."""
    ring_in: Callable[[], Awaitable[None]]
    """Makes somebody ring the hotline who waits for minutes; may return before he rings."""
    outside: str = ""
    """A number outside that picks up within seconds and stays on the line; needed for calls outside."""


class Stage:
    """One run of the adapter, and what was heard in it."""

    def __init__(self, adapter: TelephonyAdapter, scene: Scene, events: Sequence[DeviceEvent]) -> None:
        self.adapter = adapter
        self.scene = scene
        self.events = events
        self._mark = uuid4().hex[:12]
        self._numbers = count(1)
        self._used: set[CallKey] = set()

    async def do(self, *commands: Command) -> None:
        """One after the other."""
        for command in commands:
            await self.adapter.do(command)

    async def caller(self) -> CallKey:
        """A new caller, whom we have answered."""
        await self.scene.ring_in()
        offered = await self.until(CallOffered, lambda fact: fact.call not in self._used and not fact.backfilled)
        self._used.add(offered.call)
        await self.do(Answer(call=offered.call))
        return offered.call

    async def phone(self, call: CallKey, number: int) -> OfferId:
        """The leg of that phone on the call, picked up."""
        offer, phone = self.offer(), self.scene.phones[number]
        if isinstance(self.adapter, Reaches):
            within = any(each.rings(phone.kind, phone.extension) for each in self.adapter.reach.values())
            expect(within, f"the {phone.kind} phone {phone.extension} rings, and `reach` says that it does not")
        await self.do(RingSeat(call=call, offer=offer, phone=phone, seconds=RING_SECONDS))
        await self.answered(call, offer)
        return offer

    async def answered(self, call: CallKey, offer: OfferId) -> None:
        """Whoever is rung there has picked up."""
        with contextlib.suppress(AdapterError):
            await self.do(PickUp(call=call, offer=offer))
        await self.until(SeatAnswered, lambda fact: fact.offer == offer)

    def offer(self) -> OfferId:
        """A new one."""
        return OfferId(f"conformance-{self._mark}.{next(self._numbers)}")

    def outbound(self) -> CallKey:
        """The key of an outbound call."""
        return CallKey(f"out~conformance-{self._mark}-{next(self._numbers)}")

    def joins(self, offer: OfferId) -> int:
        """How often it was said that the leg came to hear the caller."""
        return sum(isinstance(event, LegsJoined) and event.offer == offer for event in self.events)

    async def joined(self, offer: OfferId, times: int) -> None:
        """It has been said so often."""
        await self._soon(lambda: self.joins(offer) >= times, f"LegsJoined of {offer}, {times} times")
        expect(self.joins(offer) == times, f"LegsJoined of {offer} came {self.joins(offer)} times, not {times}")

    async def until(self, kind: type[F], when: Callable[[F], bool]) -> F:
        """The first fact of that kind."""

        def found() -> F | None:
            return next((event for event in self.events if isinstance(event, kind) and when(event)), None)

        await self._soon(lambda: found() is not None, kind.__name__)
        fact = found()
        assert fact is not None
        return fact

    async def port(self, call: CallKey) -> PortStatus | None:
        """The call as the device lists it."""
        return next((status for status in await self.adapter.ports() if status.call == call), None)

    async def becomes(self, call: CallKey, what: str, holds: Callable[[PortStatus | None], bool]) -> None:
        """`ports()` says so, soon."""
        deadline = time.monotonic() + SOON_SECONDS
        status = await self.port(call)
        while not holds(status) and time.monotonic() < deadline:
            await asyncio.sleep(PAUSE_SECONDS)
            status = await self.port(call)
        expect(holds(status), f"ports() does not say that {what}: {status}")

    async def room(self, call: CallKey, *legs: OfferId, caller: bool) -> None:
        """`ports()` lists these legs in the room, with the caller or without."""
        await self.becomes(
            call,
            f"{legs} are in the room {'with' if caller else 'without'} the caller",
            lambda status: status is not None and set(status.room) == set(legs) and status.caller_in_room is caller,
        )

    async def end(self, call: CallKey) -> None:
        """Release the call; nothing of it is left."""
        await self.do(Release(call=call), Release(call=call))
        await self.until(CallReleased, lambda fact: fact.call == call)
        await self.becomes(call, "the call is over", lambda status: status is None)

    async def _soon(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + SOON_SECONDS
        while not holds() and time.monotonic() < deadline:
            await asyncio.sleep(PAUSE_SECONDS)
        heard_last = [type(event).__name__ for event in self.events[-12:]]
        expect(holds(), f"not heard within {SOON_SECONDS:.0f} s: {what}; the last facts: {heard_last}")


LiveCheck = Callable[[Stage], Awaitable[None]]


async def arrange_twice_is_once(stage: Stage) -> None:
    """The same picture again changes nothing and is not reported again; a leg that never rang is refused."""
    call = await stage.caller()
    leg = await stage.phone(call, 0)
    await stage.do(Arrange(call=call, room=(leg,)), Arrange(call=call, room=(leg,)))
    await stage.joined(leg, 1)
    await stage.room(call, leg, caller=True)
    try:
        await stage.do(Arrange(call=call, room=(leg, stage.offer())))
    except AdapterError:
        await stage.room(call, leg, caller=True)
    else:
        expect(False, "a leg that never rang was taken into the room")
    await stage.do(Arrange(call=call, room=(leg,)))
    await stage.end(call)
    await stage.joined(leg, 1)


async def hold_and_resume(stage: Stage) -> None:
    """The caller out of the room and in again: `ports()` says so, and `LegsJoined` comes again."""
    call = await stage.caller()
    leg = await stage.phone(call, 0)
    for times in (1, 2, 3):
        await stage.do(Arrange(call=call, room=(leg,)))
        await stage.joined(leg, times)
        await stage.room(call, leg, caller=True)
        await stage.do(Arrange(call=call, room=(leg,), caller=False), Arrange(call=call, room=(leg,), caller=False))
        await stage.room(call, leg, caller=False)
    await stage.do(Arrange(call=call, room=(leg,), muted=(leg,)))
    await stage.room(call, leg, caller=True)
    await stage.end(call)


async def consulted_then_three(stage: Stage) -> None:
    """咨询, then 三方, then the first seat leaves: who hears the caller is said at each step, and nothing else is."""
    call = await stage.caller()
    first = await stage.phone(call, 0)
    await stage.do(Arrange(call=call, room=(first,)))
    await stage.joined(first, 1)
    second = await stage.phone(call, 1)
    await stage.do(Arrange(call=call, room=(first, second), caller=False))
    await stage.room(call, first, second, caller=False)
    expect(stage.joins(second) == 0, "a consulted seat is said to hear a caller who is on hold")
    await stage.do(Arrange(call=call, room=(first, second)))
    await stage.joined(first, 2)
    await stage.joined(second, 1)
    await stage.room(call, first, second, caller=True)
    await stage.do(StopRinging(call=call, offer=first), Arrange(call=call, room=(second,)))
    await stage.room(call, second, caller=True)
    await stage.end(call)
    await stage.joined(second, 1)


async def legs_leave_in_any_order(stage: Stage) -> None:
    """Three legs and a caller; whichever goes first, each is gone at once, and its phone can be rung again."""
    for order in permutations(range(3)):
        call = await stage.caller()
        legs = [await stage.phone(call, number) for number in range(3)]
        await stage.do(Arrange(call=call, room=tuple(legs)))
        await stage.room(call, *legs, caller=True)
        left = frozenset(legs)
        for number in order:
            await stage.do(StopRinging(call=call, offer=legs[number]), StopRinging(call=call, offer=legs[number]))
            left = left - {legs[number]}
            await stage.becomes(
                call,
                f"only {set(left)} are left",
                lambda status, left=left: status is not None and set(status.picked_up) == set(status.room) == left,
            )
        await stage.end(call)


async def watchers_are_beside_the_room(stage: Stage) -> None:
    """监听, 密语, 强插: `ports()` tells them apart; only who barges in comes to hear the caller as a partner."""
    call = await stage.caller()
    seat = await stage.phone(call, 0)
    await stage.do(Arrange(call=call, room=(seat,)))
    boss = await stage.phone(call, 1)
    for mode in (WatchMode.LISTEN, WatchMode.WHISPER, WatchMode.LISTEN):
        watch = Watch(offer=boss, at=seat, mode=mode)
        await stage.do(Arrange(call=call, room=(seat,), watching=(watch,)))
        await stage.becomes(
            call,
            f"{boss} is on {mode}",
            lambda status, watch=watch: status is not None and status.watching == (watch,) and status.room == (seat,),
        )
    expect(stage.joins(boss) == 0, "a supervisor who only listens is said to speak with the caller")
    await stage.do(Arrange(call=call, room=(seat, boss)))
    await stage.joined(boss, 1)
    await stage.room(call, seat, boss, caller=True)
    await stage.end(call)
    await stage.joined(seat, 1)


async def a_placed_call(stage: Stage) -> None:
    """The seat first, then the other side; `ports()` lists it as placed from the first ring to the end."""
    call, leg = stage.outbound(), stage.offer()
    ring = RingSeat(call=call, offer=leg, phone=stage.scene.phones[0], seconds=RING_SECONDS, first=True, expected=True)
    await stage.do(ring, ring)
    await stage.becomes(call, "it rings", lambda status: status is not None and status.placed and not status.answered)
    await stage.answered(call, leg)
    await stage.becomes(call, "it is up", lambda status: status is not None and status.picked_up == (leg,))
    place = PlaceCall(call=call, number=stage.scene.outside, seconds=RING_SECONDS)
    await stage.do(place, place)
    await stage.until(CallAnswered, lambda fact: fact.call == call)
    await stage.do(Arrange(call=call, room=(leg,)))
    await stage.joined(leg, 1)
    await stage.becomes(call, "both are there", lambda status: status is not None and status.placed and status.answered)
    await stage.room(call, leg, caller=True)
    await stage.end(call)


async def an_outbound_call_nobody_begins(stage: Stage) -> None:
    """Called off while its own seat rings, it leaves nothing."""
    call, leg = stage.outbound(), stage.offer()
    await stage.do(
        RingSeat(call=call, offer=leg, phone=stage.scene.phones[0], seconds=RING_SECONDS, first=True),
        StopRinging(call=call, offer=leg),
        Release(call=call),
    )
    await stage.becomes(call, "nothing is left", lambda status: status is None)


async def a_number_outside_joins(stage: Stage) -> None:
    """Somebody outside is rung into the call, and stays with the caller when the seat has left."""
    call = await stage.caller()
    seat, outside = await stage.phone(call, 0), stage.offer()
    await stage.do(
        Arrange(call=call, room=(seat,)),
        RingOutside(call=call, offer=outside, number=stage.scene.outside, seconds=RING_SECONDS),
    )
    await stage.until(SeatAnswered, lambda fact: fact.offer == outside)
    await stage.do(Arrange(call=call, room=(seat, outside)))
    await stage.joined(outside, 1)
    await stage.room(call, seat, outside, caller=True)
    await stage.do(StopRinging(call=call, offer=seat))
    await stage.room(call, outside, caller=True)
    await stage.end(call)


async def a_message(stage: Stage) -> None:
    """What the caller says is recorded, and its end is told before the call's."""
    call = await stage.caller()
    name = f"message-{call}"
    await stage.do(TakeMessage(call=call, name=name, seconds=60), TakeMessage(call=call, name=name, seconds=60))
    await stage.until(RecordingStarted, lambda fact: fact.call == call and fact.name == name)
    await stage.do(Release(call=call))
    await stage.until(RecordingStopped, lambda fact: fact.call == call and fact.name == name)
    await stage.becomes(call, "the call is over", lambda status: status is None)


_LIVE: Final = frozenset({Ability.ANSWERS, Ability.RINGS_SEATS, Ability.JOINS, Ability.REPORTS_PORTS})

NEEDED: Mapping[LiveCheck, frozenset[Ability]] = {
    arrange_twice_is_once: _LIVE,
    hold_and_resume: _LIVE | {Ability.HOLDS},
    consulted_then_three: _LIVE | {Ability.HOLDS, Ability.CONFERS},
    legs_leave_in_any_order: _LIVE | {Ability.CONFERS},
    watchers_are_beside_the_room: _LIVE | {Ability.CONFERS, Ability.WATCHES},
    a_placed_call: _LIVE | {Ability.RINGS_OUTSIDE},
    an_outbound_call_nobody_begins: _LIVE | {Ability.RINGS_OUTSIDE},
    a_number_outside_joins: _LIVE | {Ability.CONFERS, Ability.RINGS_OUTSIDE},
    a_message: _LIVE | {Ability.TAKES_MESSAGES},
}
"""Every check of a live call, and what the device must be able to do for it to apply."""


async def check_live(adapter: TelephonyAdapter, scene: Scene, check: LiveCheck) -> None:
    """Run the adapter for one check, which must apply to it."""
    lacking = NEEDED[check] - adapter.abilities
    expect(not lacking, f"{adapter.name} lacks {sorted(lacking)}: the check does not apply")
    async with heard(adapter) as events:
        await check(Stage(adapter, scene, events))
