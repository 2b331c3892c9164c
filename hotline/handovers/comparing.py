"""Do both sides say the same of a day's hand-overs (对账)? Pure: our rows and their list → what differs.

Their list is read first and our rows after it, so that we may know more than it says; what we have not heard of, though
they list it, is a difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from adapters.bridge import NewsKind, Standing
from hotline.handovers.handover import HandoverState as S


class Why(StrEnum):
    """What differs."""

    MISSING_THERE = "missing_there"
    """对方没有: we say that they have it."""
    UNKNOWN_HERE = "unknown_here"
    """我方没有: they have something from us of which we know nothing."""
    STATE = "state"
    """状态不一致: they are further than we have heard, or it is not theirs any more."""
    NUMBER = "number"
    """编号不一致: their number is not the one that we were told."""
    TWICE_THERE = "twice_there"
    """对方重复立件."""


class Ours(msgspec.Struct, frozen=True, kw_only=True):
    """A hand-over as we have it."""

    key: str
    ticket: str
    state: S
    their_no: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that both sides do not say alike."""

    number: str
    """Our key, or their number where we have none."""
    why: Why
    ours: str = ""
    """Our state, or the number that we were told."""
    theirs: str = ""


RANKS: Final[Mapping[S | NewsKind, int]] = {
    S.SENT: 0,
    S.ACKNOWLEDGED: 0,
    S.ACCEPTED: 1,
    S.RETURNED: 2,
    S.DONE: 2,
    NewsKind.ACKNOWLEDGED: 0,
    NewsKind.ACCEPTED: 1,
    NewsKind.FEEDBACK: 1,
    NewsKind.RETURNED: 2,
    NewsKind.DONE: 2,
}
"""How far it has come; states that are not here say that it is not theirs."""
EXPECTED: Final = frozenset({S.SENT, S.ACKNOWLEDGED, S.ACCEPTED, S.RETURNED, S.DONE, S.IN_DOUBT})
"""They should have it; of what is in doubt, their list is the answer."""


def differences(of_day: Sequence[Ours], known: Sequence[Ours], theirs: Sequence[Standing]) -> list[Difference]:
    """`of_day`: what should be in their list; `known`: everything of ours that their list names, of whichever day."""
    by_key = {each.key: each for each in known}
    newest = {each.ticket: each for each in known}
    listed: defaultdict[str, list[Standing]] = defaultdict(list)
    found: list[Difference] = []
    for standing in theirs:
        mine = by_key.get(standing.key) if standing.key else newest.get(standing.local_no)
        if mine is None:
            number = standing.key or standing.their_no or standing.local_no
            found.append(Difference(number=number, why=Why.UNKNOWN_HERE, theirs=standing.their_no or standing.state))
        else:
            listed[mine.key].append(standing)
    for mine in {each.key: each for each in (*of_day, *known)}.values():
        if (one := _one(mine, listed[mine.key], mine in of_day)) is not None:
            found.append(one)
    return list({each.number: each for each in found}.values())


def named(theirs: Sequence[Standing]) -> tuple[Collection[str], Collection[str]]:
    """The keys that their list names, and the tickets where it names no key."""
    return {each.key for each in theirs if each.key}, {each.local_no for each in theirs if not each.key}


def _one(mine: Ours, listed: Sequence[Standing], expected: bool) -> Difference | None:
    if not listed:
        if expected and mine.state in EXPECTED:
            return Difference(number=mine.key, why=Why.MISSING_THERE, ours=mine.state)
        return None
    numbers = sorted({each.their_no for each in listed if each.their_no})
    if len(numbers) > 1:
        return Difference(number=mine.key, why=Why.TWICE_THERE, ours=mine.their_no, theirs="、".join(numbers))
    if numbers and mine.their_no and numbers != [mine.their_no]:
        return Difference(number=mine.key, why=Why.NUMBER, ours=mine.their_no, theirs=numbers[0])
    state = max((each.state for each in listed), key=lambda each: RANKS[each])
    if mine.state is S.PREPARED or _agree(mine.state, state):
        return None  # what is to be sent again is not settled yet
    return Difference(number=mine.key, why=Why.STATE, ours=mine.state, theirs=state)


def _agree(ours: S, theirs: NewsKind) -> bool:
    if ours not in RANKS:
        return False
    if RANKS[ours] == RANKS[theirs] == RANKS[S.DONE]:
        return ours.value == theirs.value
    return RANKS[ours] >= RANKS[theirs]
