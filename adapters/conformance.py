"""What every adapter must do, as checks that can be run against any of them, simulated or real.

Used by the tests for the built-in adapters; an author of a new one runs the same checks. A check returns nothing, or
raises `NotConforming` with a sentence that says what was expected and what was seen. The checks that need callers and
phones are in `conformance_calls.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec

from adapters.errors import AdapterError, LinkDown, NotAdmitted, Undecodable, Unsupported
from adapters.telephony import (
    Ability,
    Answer,
    Arrange,
    CallFact,
    CallKey,
    CallOffered,
    Command,
    DeviceEvent,
    Handling,
    Ingests,
    LinkUp,
    Listens,
    OfferId,
    Phone,
    PhoneKind,
    PickUp,
    PlaceCall,
    PlayMusic,
    PlayPrompt,
    Recalls,
    Release,
    RingOutside,
    RingSeat,
    SendKeys,
    StartRecording,
    StopRinging,
    TakeMessage,
    TelephonyAdapter,
    Watch,
    WatchMode,
)

CANCEL_SECONDS = 2.0
LINK_SECONDS = 15.0
DEAD_SECONDS = 1.0
NOBODY = CallKey("conformance-no-such-call")
OFFER, OTHER_OFFER = OfferId("conformance-no-such-call.1"), OfferId("conformance-no-such-call.2")

NEEDS: Mapping[type[Command], Ability] = {
    Answer: Ability.ANSWERS,
    PlayPrompt: Ability.PLAYS,
    PlayMusic: Ability.PLAYS,
    RingSeat: Ability.RINGS_SEATS,
    Arrange: Ability.JOINS,
    RingOutside: Ability.RINGS_OUTSIDE,
    PlaceCall: Ability.RINGS_OUTSIDE,
    SendKeys: Ability.SENDS_KEYS,
    StartRecording: Ability.RECORDS,
    TakeMessage: Ability.TAKES_MESSAGES,
}
"""What a device must be able to do for a command. The others only end or answer what these began."""
GARBAGE: Sequence[bytes] = (
    b"",
    b"\x00",
    b"\xff\xfe{",
    b"[[[[[[[[" * 500,
    b'{"events": 1}',
    b"<Event",
    b"null",
    b'{"events":[{"type":"no.such"}]}',
    "来电".encode("gbk"),
)


class NotConforming(AssertionError):
    """The adapter breaks the contract."""


@asynccontextmanager
async def heard(adapter: TelephonyAdapter) -> AsyncIterator[list[DeviceEvent]]:
    """Run the adapter for as long as the block runs; yields what it reports, once the link is up."""
    events: list[DeviceEvent] = []
    up = asyncio.Event()

    def hear(event: DeviceEvent) -> None:
        events.append(event)
        up.set()

    task = asyncio.create_task(adapter.run(hear), name="conformance")
    try:
        if Ability.REPORTS_PORTS in adapter.abilities:
            await _either(task, up)
        yield events
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, AdapterError):
            await task


async def link_comes_first(adapter: TelephonyAdapter) -> None:
    """The first thing heard of a device that reports its ports is `LinkUp`; then `ports()` works."""
    async with heard(adapter) as events:
        if Ability.REPORTS_PORTS in adapter.abilities:
            expect(isinstance(events[0], LinkUp), f"first event is {events[0]}, not LinkUp")
            await adapter.ports()
        else:
            try:
                await adapter.ports()
            except Unsupported:
                return
            raise NotConforming("ports() of a device that cannot report them must raise Unsupported")


async def cancel_ends_it(adapter: TelephonyAdapter) -> None:
    """`run` ends within two seconds of being cancelled, and leaves no thread and no task behind."""
    threads, tasks = set(threading.enumerate()), asyncio.all_tasks()
    began = 0.0
    async with heard(adapter):
        await asyncio.sleep(0)
        began = time.monotonic()
    took = time.monotonic() - began
    expect(took <= CANCEL_SECONDS, f"run() ended {took:.1f} s after it was cancelled")
    await asyncio.sleep(0.05)
    left = [task.get_name() for task in asyncio.all_tasks() - tasks if not task.done()]
    expect(not left, f"tasks left: {left}")
    new = {thread.name for thread in set(threading.enumerate()) - threads if not thread.name.startswith("asyncio_")}
    expect(not new, f"threads left: {sorted(new)}")


async def dead_link_refuses_at_once(adapter: TelephonyAdapter) -> None:
    """A command to a device that is not connected fails at once, typed; it does not wait and does not pass silently."""
    for command in every_command():
        began = time.monotonic()
        try:
            await adapter.do(command)
        except AdapterError:
            pass
        else:
            raise NotConforming(f"{type(command).__name__} to a dead link was accepted")
        took = time.monotonic() - began
        expect(took <= DEAD_SECONDS, f"{type(command).__name__} to a dead link took {took:.1f} s")


async def unknown_calls_do_no_harm(adapter: TelephonyAdapter) -> None:
    """Commands about a call that is gone are refused or ignored, never an untyped failure; the link survives them."""
    async with heard(adapter):
        for command in every_command():
            with contextlib.suppress(AdapterError):
                await adapter.do(command)
        if Ability.REPORTS_PORTS in adapter.abilities:
            await adapter.ports()


async def says_what_it_cannot_do(adapter: TelephonyAdapter) -> None:
    """A command beyond the adapter's abilities is refused, never accepted and forgotten."""
    async with heard(adapter):
        for command in every_command():
            needed = NEEDS.get(type(command))
            if needed is None or needed in adapter.abilities:
                continue
            try:
                await adapter.do(command)
            except AdapterError:
                continue
            raise NotConforming(f"{type(command).__name__} was accepted by a device that lacks {needed}")


async def gone_device_is_link_down(adapter: TelephonyAdapter) -> None:
    """Opening a device that is not there ends in `LinkDown`, soon, and leaves nothing behind."""
    tasks = asyncio.all_tasks()
    try:
        async with asyncio.timeout(LINK_SECONDS):
            await adapter.run(lambda event: None)
    except LinkDown:
        pass
    else:
        raise NotConforming("run() returned without a device")
    await asyncio.sleep(0.05)
    expect(not [t for t in asyncio.all_tasks() - tasks if not t.done()], "tasks left after a failed open")


def events_are_facts(adapter: TelephonyAdapter, events: Sequence[DeviceEvent]) -> None:
    """Every event names its adapter, carries aware times and an id of its own."""
    for event in events:
        expect(event.adapter == adapter.name, f"{event} is not by {adapter.name}")
        expect(event.at.tzinfo is not None and event.heard_at.tzinfo is not None, f"naive time in {event}")
        expect(bool(event.event_id), f"no event id in {event}")
        if isinstance(event, CallFact):
            expect(bool(event.call), f"no call in {event}")
    ids = [event.event_id for event in events]
    twice = {each for each in ids if ids.count(each) > 1}
    expect(not twice, f"event ids used twice: {sorted(twice)[:5]}")


def pushes_are_pure(adapter: TelephonyAdapter, genuine: bytes, sign: Callable[[bytes], dict[str, str]]) -> None:
    """Same bytes, same events; strangers are not admitted; garbage is typed; calls are observed, not ours."""
    if not isinstance(adapter, Ingests):
        raise NotConforming("the adapter is not pushed to")
    now = datetime.now(UTC)
    adapter.admit(sign(genuine), genuine, now)
    for headers, body in (({}, genuine), (sign(genuine), genuine + b" ")):
        try:
            adapter.admit(headers, body, now)
        except NotAdmitted:
            continue
        raise NotConforming("a delivery without a valid signature was admitted")
    first, second = adapter.decode(genuine, now), adapter.decode(genuine, now)
    expect(first == second, "the same bytes gave different events")
    expect(bool(first.events), "a genuine delivery gave no event")
    for event in first.events:
        if isinstance(event, CallFact):
            expect(event.handling is Handling.DEVICE, f"{event} claims that the hall distributes it")
    for body in GARBAGE:
        with contextlib.suppress(Undecodable):
            expect(not adapter.decode(body, now).events, f"garbage gave events: {body[:20]!r}")


def hears_in_any_pieces(build: Callable[[], TelephonyAdapter], wire: str, said: bytes) -> None:
    """The same calls however the bytes come: whole, one by one, cut in two anywhere. Garbage around them costs none,
    and what was kept of them rebuilds what the adapter remembers."""
    whole = _heard_in(build(), wire, [said])
    expect(bool(whole), f"{said[:40]!r} says nothing")
    for at in range(1, len(said)):
        expect(_heard_in(build(), wire, [said[:at], said[at:]]) == whole, f"cut at {at} it says something else")
    expect(_heard_in(build(), wire, [said[at : at + 1] for at in range(len(said))]) == whole, "byte by byte it differs")
    offered = sum(isinstance(event, CallOffered) for event in whole)
    for garbage in GARBAGE:
        noisy = _heard_in(build(), wire, [garbage, b"\r\n", said, b"\r\n", garbage])
        expect(sum(isinstance(each, CallOffered) for each in noisy) >= offered, f"{garbage[:20]!r} has cost a call")


def _heard_in(adapter: TelephonyAdapter, wire: str, pieces: Sequence[bytes]) -> list[DeviceEvent]:
    """What they say, all at one moment; after half of it a new process goes on from what was kept."""
    if not isinstance(adapter, Listens) or not isinstance(adapter, Recalls):
        raise NotConforming("the adapter does not listen, or remembers nothing")
    now = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
    bodies = list(adapter.framed((wire, piece, now) for piece in pieces))
    events, kept = list[DeviceEvent](), list[tuple[bytes, datetime]]()
    for number, (body, at) in enumerate(bodies):
        if number == len(bodies) // 2:
            adapter.recall(kept)
        with contextlib.suppress(Undecodable):
            said = adapter.decode(body, at).events
            events += said
            kept += [(body, at)] if said else []
    return [msgspec.structs.replace(event, heard_at=now) for event in events]


def every_command() -> list[Command]:
    """One of each, about a call that does not exist."""
    phone, watch = Phone(PhoneKind.DESK, "0000"), Watch(offer=OTHER_OFFER, at=OFFER, mode=WatchMode.LISTEN)
    return [
        Answer(call=NOBODY),
        PlayPrompt(call=NOBODY, prompt="greeting"),
        PlayMusic(call=NOBODY),
        RingSeat(call=NOBODY, offer=OFFER, phone=phone, seconds=1),
        RingOutside(call=NOBODY, offer=OTHER_OFFER, number=phone.extension, seconds=1),
        PlaceCall(call=NOBODY, number=phone.extension, seconds=1),
        StopRinging(call=NOBODY, offer=OFFER),
        PickUp(call=NOBODY, offer=OFFER),
        Arrange(call=NOBODY, room=(OFFER,), watching=(watch,)),
        SendKeys(call=NOBODY, digits="1#", offer=OFFER),
        StartRecording(call=NOBODY, name="conformance"),
        TakeMessage(call=NOBODY, name="message-conformance", seconds=1),
        Release(call=NOBODY),
    ]


def expect(holds: bool, sentence: str) -> None:
    """Raises `NotConforming` with the sentence when it does not hold."""
    if not holds:
        raise NotConforming(sentence)


async def _either(task: asyncio.Task[None], up: asyncio.Event) -> None:
    waiting = asyncio.create_task(up.wait(), name="conformance link")
    try:
        await asyncio.wait([task, waiting], timeout=LINK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if task.done():
        await task
    expect(up.is_set(), f"no LinkUp within {LINK_SECONDS:.0f} s")
