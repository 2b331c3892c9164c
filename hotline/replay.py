"""What would the hall have made of what a wire carried? A capture goes through its adapter into a hall of its own, in
the capture's own time, without database, devices or orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from adapters.errors import Undecodable
from adapters.telephony import DeviceEvent, Listens, Recalls
from hotline.calls.call import Call, CallId
from hotline.hall.decide import decide
from hotline.hall.inputs import Heard
from hotline.hall.rules import HallRules
from hotline.hall.state import HallState

AFTERWARDS: Final = timedelta(minutes=1)
"""A capture that ends while somebody talks says nothing about that call's end; that it rings no longer, it does."""


class Refused(msgspec.Struct, frozen=True):
    """Bytes that could not be read."""

    at: datetime
    reason: str
    body: bytes


class Replayed(msgspec.Struct, frozen=True):
    """What became of a capture."""

    frames: int
    facts: list[DeviceEvent]
    refused: list[Refused]
    calls: list[Call]
    """Each as it is at the end, in the order of their first reports."""


def replay(adapter: Listens, rules: HallRules, heard: Iterable[tuple[str, bytes, datetime]]) -> Replayed:
    """Run it. The adapter forgets what it knew before."""
    if isinstance(adapter, Recalls):
        adapter.recall(())
    state, facts, refused, calls, frames = (
        HallState(rules),
        list[DeviceEvent](),
        list[Refused](),
        dict[CallId, Call](),
        0,
    )
    for body, at in _in_time(adapter, heard):
        frames += bool(body)
        try:
            delivery = adapter.decode(body, at)
        except Undecodable as error:
            refused.append(Refused(at, str(error), body))
            continue
        refused += [Refused(at, item.reason, body) for item in delivery.refused]
        for fact in delivery.events:
            facts.append(fact)
            decision = decide(state, Heard(fact), at)
            state.become(decision)
            calls.update(decision.calls)
    return Replayed(frames=frames, facts=facts, refused=refused, calls=list(calls.values()))


def _in_time(adapter: Listens, heard: Iterable[tuple[str, bytes, datetime]]) -> Iterator[tuple[bytes, datetime]]:
    """Frames, and between them the silences that say something; after the last one those of the next minute."""
    last: datetime | None = None
    for body, at in adapter.framed(heard):
        yield from _silences(adapter, at)
        yield body, at
        last = at
    if last is not None:
        yield from _silences(adapter, last + AFTERWARDS)


def _silences(adapter: Listens, until: datetime) -> Iterator[tuple[bytes, datetime]]:
    while (due := adapter.due) is not None and due <= until:
        yield b"", due
