"""When does a caller who waits go elsewhere (溢出), and where to?

A queue may have several spills, tried in their order; whoever moves the call carries its waiting time along, so nobody
pays for having been sent on.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Final, assert_never

import msgspec

NO_SEAT: Final = "no_seat"
"""The rule that holds while nobody who may serve the queue is signed in."""
ALWAYS: Final = "always"
"""The rule that holds at any time: the queue is a door to another one."""


class After(msgspec.Struct, frozen=True, kw_only=True, tag="after"):
    """The caller has waited so long."""

    seconds: float


class PerSeat(msgspec.Struct, frozen=True, kw_only=True, tag="per_seat"):
    """More callers wait for each seat than this; without any seat, as soon as somebody waits."""

    waiting: float


class AlwaysWhen(msgspec.Struct, frozen=True, kw_only=True, tag="always_when"):
    """A rule of the hall holds, whatever the queue looks like: `no_seat`, `always`, or a name that the hall gives to a
    state of its own (a duty mode of the night, an announced closure)."""

    rule: str


class ToQueue(msgspec.Struct, frozen=True, kw_only=True, tag="queue"):
    """Another queue of the same hall."""

    queue: str


class ToContact(msgspec.Struct, frozen=True, kw_only=True, tag="contact"):
    """A contact outside (外部号码): the province, another hall, a forwarded phone."""

    contact: str


Condition = After | PerSeat | AlwaysWhen
Target = ToQueue | ToContact


class Spill(msgspec.Struct, frozen=True, kw_only=True):
    """One way out of a queue."""

    when: Condition
    to: Target


def due(spill: Spill, waited_seconds: float, waiting: int, seats: int, holding: Set[str] = frozenset()) -> bool:
    """Is it time?

    `waiting`: callers in the queue, this one included. `seats`: seats with somebody signed in who may serve it, free
    or not. `holding`: names of the hall's rules that hold now.
    """
    match spill.when:
        case After(seconds=seconds):
            return waited_seconds >= seconds
        case PerSeat(waiting=limit):
            return waiting > limit * seats
        case AlwaysWhen(rule=rule):
            return rule == ALWAYS or rule in holding or (rule == NO_SEAT and seats <= 0)
        case _:
            assert_never(spill.when)


def first_due(
    spills: Sequence[Spill], waited_seconds: float, waiting: int, seats: int, holding: Set[str] = frozenset()
) -> int | None:
    """Place in `spills` of the first that is due; None when the caller stays."""
    return next(
        (place for place, spill in enumerate(spills) if due(spill, waited_seconds, waiting, seats, holding)), None
    )


def next_look(spills: Sequence[Spill], waited_seconds: float) -> float | None:
    """Seconds until the next spill by time comes due for a caller who has waited so long; None when none will.

    Spills by ratio and by rule depend on others: ask them when a caller joins, a seat signs off, or a rule changes.
    """
    left = [
        spill.when.seconds - waited_seconds
        for spill in spills
        if isinstance(spill.when, After) and spill.when.seconds > waited_seconds
    ]
    return min(left, default=None)
