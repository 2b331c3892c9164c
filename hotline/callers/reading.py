"""From the store to the book of callers: everything when a hall begins to be led, single callers afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.callers.book import CallerBook, Entries
from hotline.callers.conflicts import in_force, sides
from hotline.callers.treatment import SHANGHAI, Kind, Level, Policy, Rule, Treatment, combine, is_plain
from hotline.calls.outcome import Outcome
from hotline.store.errors import SealBroken
from hotline.store.seal import Seal, place
from hotline.store.tables import CALLER_RULES, CALLS, CONFLICTS

log = structlog.get_logger(__name__)


async def read_book(conn: AsyncConnection, seal: Seal, hall: str, now: datetime, policy: Policy) -> CallerBook:
    """Every caller of the hall who is treated in a way of their own."""
    rules = await _rules(conn, seal, hall, now, policy)
    treatments = {number: combine(each, now, policy) for number, each in rules.items()}
    limited = {number for number, each in treatments.items() if each.calls_a_day is not None or each.then is not None}
    day = now.astimezone(SHANGHAI).date()
    calls = await _let_through(conn, seal, hall, limited, day)
    return CallerBook(treatments, calls, day)


async def read_entries(
    conn: AsyncConnection, seal: Seal, hall: str, callers: Mapping[bytes, str], now: datetime, policy: Policy
) -> Entries:
    """The treatments of these callers (index → number) as they are now; None: like everybody else."""
    if not callers:
        return {}
    rules = await _rules(conn, seal, hall, now, policy, callers)
    found: dict[str, Treatment | None] = {}
    for number in callers.values():
        treatment = combine(rules.get(number, ()), now, policy)
        found[number] = None if is_plain(treatment) else treatment
    return found


async def changed_callers(conn: AsyncConnection, seal: Seal, hall: str, since: datetime) -> dict[bytes, str]:
    """Callers about whom anything was changed since then: index → number."""
    r, c = CALLER_RULES.c, CONFLICTS.c
    found: dict[bytes, str] = {}
    for row in await conn.execute(
        select(r.id, r.caller_index, r.caller_sealed).where(r.hall == hall, r.changed_at > since)
    ):
        if (number := number_of(seal, row)) is not None:
            found[bytes(row.caller_index)] = number
    for row in await conn.execute(select(CONFLICTS).where(c.hall == hall, c.changed_at > since)):
        found |= sides_of(seal, row)
    return found


def number_of(seal: Seal, row: Row[*tuple[Any, ...]]) -> str | None:
    """The number that a rule is about. None when it does not open: one spoilt row must not stop a whole hall."""
    try:
        return seal.open(bytes(row.caller_sealed), place("caller_rules", "caller_sealed", row.id))
    except SealBroken:
        log.error("the number of a rule cannot be read: the rule has no effect", rule=row.id)
        return None


def sides_of(seal: Seal, row: Row[*tuple[Any, ...]]) -> dict[bytes, str]:
    """Both sides of a conflict, as far as their numbers can be read."""
    try:
        return sides(seal, row)
    except SealBroken:
        log.error("the numbers of a conflict cannot be read: it has no effect", ticket=row.ticket)
        return {}


async def _rules(
    conn: AsyncConnection,
    seal: Seal,
    hall: str,
    now: datetime,
    policy: Policy,
    callers: Iterable[bytes] | None = None,
) -> dict[str, list[Rule]]:
    """Rules by number; of these callers only, where they are named."""
    r, c = CALLER_RULES.c, CONFLICTS.c
    made: list[ColumnElement[bool]] = [r.hall == hall, r.state == "active"]
    derived: list[ColumnElement[bool]] = [c.hall == hall, in_force(now, policy)]
    if callers is not None:
        wanted = list(callers)
        made.append(r.caller_index.in_(wanted))
        derived.append(or_(c.caller_index.in_(wanted), c.other_index.in_(wanted)))
    found: dict[str, list[Rule]] = {}
    for row in await conn.execute(select(CALLER_RULES).where(and_(*made))):
        if (number := number_of(seal, row)) is not None:
            found.setdefault(number, []).append(_rule(row))
    for row in await conn.execute(select(CONFLICTS).where(and_(*derived))):
        numbers = sides_of(seal, row)
        for index, excluded in ((row.caller_index, row.other_operators), (row.other_index, row.operators)):
            number = numbers.get(bytes(index)) if index is not None else None
            if number is not None and excluded:
                found.setdefault(number, []).append(_conflict(row, excluded, policy))
    return found


def _rule(row: Row[*tuple[Any, ...]]) -> Rule:
    return Rule(
        kind=Kind(row.kind),
        level=Level(row.level),
        operators=(row.operator,) if row.operator else (),
        reason=row.reason,
        by=row.decided_by,
        since=row.decided_at,
        review_on=row.review_on,
    )


def _conflict(row: Row[*tuple[Any, ...]], excluded: Sequence[str], policy: Policy) -> Rule:
    return Rule(
        kind=Kind.CONFLICT,
        operators=tuple(excluded),
        by="system",
        since=row.since,
        ended_at=row.changed_at + timedelta(days=policy.conflict_days),
    )


async def _let_through(
    conn: AsyncConnection, seal: Seal, hall: str, numbers: Iterable[str], day: date
) -> dict[str, int]:
    """How many calls of these callers were let through on that day."""
    by_index = {seal.index(number): number for number in numbers}
    if not by_index:
        return {}
    c = CALLS.c
    rows = await conn.execute(
        select(c.caller_index, func.count().label("calls"))
        .where(
            c.hall == hall,
            c.day == day,
            c.caller_index.in_(list(by_index)),
            c.outcome.is_distinct_from(Outcome.BLOCKED.value),
        )
        .group_by(c.caller_index)
    )
    return {by_index[bytes(row.caller_index)]: row.calls for row in rows}
