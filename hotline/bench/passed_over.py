"""Was a caller passed over (越过): did a seat ring for somebody who came later, although it may serve him?

Twice, from nothing but what was written down: from the hall's own journal, in the order of its decisions, and from the
ledgers of callers and phones, which is all there is of a telephone system that keeps no journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from hotline.store.follower import JournalEntry
from hotline.verify.model import Reach, SeatModel, can_ring
from routing.queue import HEAD_START_SECONDS, key

BY_NAME: Final = frozenset({"wanted", "preferred"})
"""Offers for which one seat was asked by name: nobody else in the line is concerned."""
KEPT_SECONDS: Final = 0.1
"""The place of a caller who rang again is told no finer: so near to each other nobody is ahead."""
SAME_TIME: Final = timedelta(milliseconds=20)
"""On the wire, what lies no further apart has no order: it may have changed places on its way."""


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """One offer for which others were passed over."""

    at: datetime
    seat: str
    call: str
    over: tuple[str, ...]
    """Who stood before it and may be served by that seat."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """In which order a line was served."""

    offers: int
    """Those that were made to somebody out of the line."""
    passed: tuple[Passed, ...]

    @property
    def per_cent(self) -> float:
        """Share of offers that passed over somebody."""
        return round(100 * len(self.passed) / self.offers, 2) if self.offers else 0.0


class Lived(msgspec.Struct, frozen=True, kw_only=True):
    """What one caller lived through, by the ledgers."""

    number: str
    joined: datetime
    rung: datetime | None = None
    """The first ring of any phone for him; None: none."""
    seat: str = ""
    gone: datetime | None = None


class _Place(msgspec.Struct, kw_only=True):
    call: str
    groups: frozenset[str]
    excluded: frozenset[str]
    queued_at: datetime
    place: float
    slack: float
    reach: Reach = None
    missed: frozenset[str] = frozenset()
    """Seats that did not take him: asked again only when there is no other."""


def by_journal(entries: Sequence[JournalEntry], head_start_seconds: float = HEAD_START_SECONDS) -> Order:
    """From a hall's journal from its beginning, in its order. A caller's place is the moment at which he began to wait,
    less the head start of his priority; who is transferred to a queue or was not picked up keeps it."""
    reasons = _reasons(entries)
    seats: dict[str, SeatModel] = {}
    known: dict[str, _Place] = {}
    line: dict[str, _Place] = {}
    offered: dict[str, _Place] = {}
    offers, passed = 0, list[Passed]()
    for entry in entries:
        call, seat, data = entry.call or "", entry.seat or "", entry.data
        match entry.type:
            case "SeatDefined":
                desk = seats.setdefault(seat, SeatModel(seat))
                desk.groups, desk.extension = tuple(data["groups"]), data["extension"]
            case "SeatChanged":
                desk = seats.setdefault(seat, SeatModel(seat))
                desk.operator, desk.phone = data.get("operator"), data.get("phone") or desk.phone
            case "CallQueued":
                line[call] = known[call] = _place(entry, known.get(call), reasons.get(entry.seq), head_start_seconds)
            case "GroupsWidened" if call in known:
                known[call].groups |= frozenset(data["groups"])
            case "SeatOffered" if call in line:
                mine = line.pop(call)
                offered[data["offer"]] = mine
                if data["why"] in BY_NAME:
                    continue
                offers += 1
                desk = seats.get(seat, SeatModel(seat))
                if over := tuple(each.call for each in line.values() if _may_serve(desk, each) and _ahead(each, mine)):
                    passed.append(Passed(at=entry.at, seat=seat, call=call, over=over))
            case "OfferMissed" if data["offer"] in offered:
                back = line[call] = offered.pop(data["offer"])
                back.missed |= {seat}
            case "CallTaken" | "CallLeaving" | "CallEnded":
                line.pop(call, None)
            case _:
                pass
    return Order(offers=offers, passed=tuple(passed))


def by_ledgers(lived: Sequence[Lived], same_time: timedelta = SAME_TIME) -> Order:
    """From callers who all wait in one line that every seat serves."""
    rung = sorted(
        ((each.rung, each) for each in lived if each.rung is not None), key=lambda pair: (pair[0], pair[1].joined)
    )
    passed: list[Passed] = []
    for at, mine in rung:
        over = tuple(
            other.number
            for other in lived
            if other.joined < mine.joined - same_time
            and (other.rung is None or other.rung > at + same_time)
            and (other.gone is None or other.gone > at + same_time)
        )
        if over:
            passed.append(Passed(at=at, seat=mine.seat, call=mine.number, over=over))
    return Order(offers=len(rung), passed=tuple(passed))


def _reasons(entries: Sequence[JournalEntry]) -> dict[int, tuple[datetime, dict[str, Any]]]:
    """What the next offer of the same call says of its place, by the number of the entry that put it in the line."""
    found: dict[int, tuple[datetime, dict[str, Any]]] = {}
    following: dict[str, tuple[datetime, dict[str, Any]]] = {}
    for entry in reversed(entries):
        if entry.type == "SeatOffered" and entry.data.get("reasons"):
            following[entry.call or ""] = (entry.at, entry.data["reasons"])
        elif entry.type == "CallQueued" and (entry.call or "") in following:
            found[entry.seq] = following[entry.call or ""]
    return found


def _place(
    entry: JournalEntry, before: _Place | None, offer: tuple[datetime, dict[str, Any]] | None, head_start: float
) -> _Place:
    queued_at = before.queued_at if before is not None else entry.at
    since, priority, slack = queued_at, 0, 0.0
    if offer is not None:
        offered_at, why = offer
        priority = int(why.get("priority", 0))
        if why.get("kept_place"):
            since, slack = offered_at - timedelta(seconds=float(why["waited_seconds"])), KEPT_SECONDS
    return _Place(
        call=entry.call or "",
        groups=frozenset(entry.data["groups"]),
        excluded=frozenset(entry.data.get("excluded", ())),
        queued_at=queued_at,
        place=key(since, priority, head_start),
        slack=slack,
        reach=entry.data.get("reach"),
        missed=before.missed if before is not None else frozenset(),
    )


def _may_serve(seat: SeatModel, waiting: _Place) -> bool:
    return (
        not waiting.groups.isdisjoint(seat.groups)
        and seat.number not in waiting.missed
        and seat.operator not in waiting.excluded
        and can_ring(waiting.reach, seat)
    )


def _ahead(one: _Place, other: _Place) -> bool:
    """Those who came in the same instant are told apart by their numbers, which rise."""
    slack = max(one.slack, other.slack)
    if slack:
        return one.place < other.place - slack
    return (one.place, one.call) < (other.place, other.call)
