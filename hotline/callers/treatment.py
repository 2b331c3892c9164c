"""How is a caller treated now, given the rules that were made about the number?

Pure. Rules are combined into one `Treatment`; because rules lapse with time, a treatment says until when it holds and
what follows then, so that whoever holds one needs neither a timer nor the rules. Three things it never does:

- keep out or hold back a caller with an emergency mark (紧急): danger comes before nuisance;
- block for good: a block or limit whose review date (复核日期) has passed weakens by itself, because a person nobody
  has thought of for three months may be in danger by now;
- prefer anybody for who they are: priority is for those in need, there is no VIP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Final

import msgspec


class Kind(StrEnum):
    """What a rule says of a caller."""

    EMERGENCY = "emergency"
    """紧急: in danger, or likely to be."""
    MINOR = "minor"
    """未成年人."""
    ELDERLY = "elderly"
    """老年人."""
    DISABLED = "disabled"
    """残疾人."""
    HARASSING = "harassing"
    """骚扰来电, in one of the levels of `Level`."""
    PREFER = "prefer"
    """指定律师: the same lawyer goes on with the matter."""
    AVOID = "avoid"
    """回避: a lawyer must not take this caller."""
    CONFLICT = "conflict"
    """利益冲突回避: lawyers who advised the other side. Derived from tickets, never made by hand."""


class Level(StrEnum):
    """How far a harassing caller is held back; each level is weaker than the next."""

    NONE = "none"
    WARNED = "warned"
    """Warned twice: shown at the desk, nothing else."""
    LIMITED = "limited"
    """So many calls a day, and served last."""
    BLOCKED = "blocked"
    """An announcement, then the end; outcome `blocked`."""


STEPS: Final[Mapping[Kind, int]] = {Kind.EMERGENCY: 3, Kind.MINOR: 2, Kind.ELDERLY: 1, Kind.DISABLED: 1}
"""Steps of priority, unless the site has its own table."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What a site chooses about callers."""

    steps: Mapping[Kind, int] = msgspec.field(default_factory=lambda: STEPS)
    """Steps of priority; a kind that is not there gives none. The highest counts, they do not add up."""
    calls_a_day: int = 3
    """Calls of a limited caller that are let through, per day in Asia/Shanghai."""
    prefer_days: int = 30
    """So long after it was made a rule `prefer` counts."""
    conflict_days: int = 365
    """So long after both sides were last heard of a conflict of interest counts."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was decided about a caller."""

    kind: Kind
    level: Level = Level.NONE
    """For `harassing` only."""
    operators: tuple[str, ...] = ()
    """Accounts: whom `prefer` prefers (the first), whom `avoid` and `conflict` exclude."""
    reason: str = ""
    by: str
    """Account that decided."""
    since: datetime
    review_on: date | None = None
    """Last day (Asia/Shanghai) on which it holds in full; `limited` and `blocked` must have one."""
    ended_at: datetime | None = None


class Treatment(msgspec.Struct, frozen=True, kw_only=True):
    """How a caller is treated. The plain one, `Treatment()`, is everybody else's."""

    priority: int = 0
    """Steps of priority, 0 to 9."""
    marks: tuple[str, ...] = ()
    """What to show at the desk, most pressing first: kinds, and of `harassing` the level in force."""
    level: Level = Level.NONE
    calls_a_day: int | None = None
    """Calls let through in a day while `limited`; None: any number."""
    excluded: tuple[str, ...] = ()
    """Accounts that must not take this caller, sorted."""
    conflicting: tuple[str, ...] = ()
    """Those of `excluded` who are so because of a conflict of interest."""
    preferred: str | None = None
    """Account to be asked first when free; never one of `excluded`."""
    until: datetime | None = None
    """From then on `then` holds instead; None: until a rule changes."""
    then: Treatment | None = None

    @property
    def served_last(self) -> bool:
        """Stands behind everybody else in the line."""
        return self.level is Level.LIMITED


PLAIN: Final = Treatment()
MAX_REVIEW_DAYS: Final = 90
"""A block or limit is looked at again within so many days, and weakens a step for each such span it is not."""
REVIEWED: Final = (Level.LIMITED, Level.BLOCKED)
MADE_BY_HAND: Final = tuple(kind for kind in Kind if kind is not Kind.CONFLICT)
SHANGHAI: Final = timezone(timedelta(hours=8))

_WEAKENING: Final = (Level.WARNED, Level.LIMITED, Level.BLOCKED)
_ORDER: Final = tuple(Kind)


def combine(rules: Sequence[Rule], now: datetime, policy: Policy) -> Treatment:
    """The treatment from `now` on, with all that follows while no rule changes. Future rules are not known here:
    a rule whose `since` is later than `now` begins then."""
    changes = sorted({at for rule in rules for at in _changes(rule, policy) if at > now})
    treatment: Treatment | None = None
    until: datetime | None = None
    for at in (*reversed(changes), now):
        here = _at(rules, at, policy)
        if treatment is None or here != msgspec.structs.replace(treatment, until=None, then=None):
            treatment = msgspec.structs.replace(here, until=until if treatment is not None else None, then=treatment)
        until = at
    assert treatment is not None
    return treatment


def current(treatment: Treatment, now: datetime) -> Treatment:
    """What holds now, for a treatment combined earlier."""
    while treatment.until is not None and treatment.until <= now and treatment.then is not None:
        treatment = treatment.then
    return treatment


def is_plain(treatment: Treatment) -> bool:
    """Nothing special about it, now or later."""
    return treatment == PLAIN


def admits(treatment: Treatment, calls_today: int) -> bool:
    """Is one more call let through to a person? `calls_today`: those of the caller that were let through today."""
    match treatment.level:
        case Level.BLOCKED:
            return False
        case Level.LIMITED:
            return treatment.calls_a_day is None or calls_today < treatment.calls_a_day
        case _:
            return True


def level_on(level: Level, review_on: date | None, day: date) -> Level:
    """What is left of a level on a day: one step less once its review date has passed, another every 90 days after.

    A warning stays: it holds nobody back.
    """
    if level not in _WEAKENING or review_on is None or day <= review_on:
        return level
    missed = 1 + ((day - review_on).days - 1) // MAX_REVIEW_DAYS
    return _WEAKENING[max(0, _WEAKENING.index(level) - missed)]


def is_due(level: Level, review_on: date | None, today: date) -> bool:
    """Must somebody look at it again: the review date is here or past."""
    return review_on is not None and review_on <= today


def review_fits(level: Level, review_on: date | None, today: date) -> bool:
    """May the rule have this review date? Tomorrow at the earliest; for `limited` and `blocked` one is needed, at most
    90 days away. Other rules may have any, or none."""
    if review_on is None:
        return level not in REVIEWED
    return review_on > today and (level not in REVIEWED or (review_on - today).days <= MAX_REVIEW_DAYS)


def _at(rules: Sequence[Rule], now: datetime, policy: Policy) -> Treatment:
    """The treatment at one instant, without what follows."""
    valid = sorted(
        (rule for rule in rules if rule.since <= now and now < _ends(rule, policy)),
        key=lambda rule: (_ORDER.index(rule.kind), rule.since),
    )
    kinds = {rule.kind for rule in valid}
    today = now.astimezone(SHANGHAI).date()
    level = Level.NONE
    if Kind.EMERGENCY not in kinds:
        found = [level_on(rule.level, rule.review_on, today) for rule in valid if rule.kind is Kind.HARASSING]
        level = max(found, key=tuple(Level).index, default=Level.NONE)
    conflicting = {each for rule in valid if rule.kind is Kind.CONFLICT for each in rule.operators}
    excluded = conflicting | {each for rule in valid if rule.kind is Kind.AVOID for each in rule.operators}
    preferred = [each for rule in valid if rule.kind is Kind.PREFER for each in rule.operators if each not in excluded]
    marks = [kind.value for kind in _ORDER if kind in kinds and kind is not Kind.HARASSING]
    if level is not Level.NONE:
        marks.insert(sum(kind in kinds for kind in _ORDER[: _ORDER.index(Kind.HARASSING)]), level.value)
    return Treatment(
        priority=max((policy.steps.get(kind, 0) for kind in kinds), default=0),
        marks=tuple(marks),
        level=level,
        calls_a_day=policy.calls_a_day if level is Level.LIMITED else None,
        excluded=tuple(sorted(excluded)),
        conflicting=tuple(sorted(conflicting)),
        preferred=preferred[-1] if preferred else None,
    )


def _ends(rule: Rule, policy: Policy) -> datetime:
    ended = rule.ended_at or _NEVER
    if rule.kind is Kind.PREFER:
        return min(ended, rule.since + timedelta(days=policy.prefer_days))
    return ended


def _changes(rule: Rule, policy: Policy) -> list[datetime]:
    """Instants at which the rule begins, weakens or ends."""
    found = [rule.since]
    if (ends := _ends(rule, policy)) is not _NEVER:
        found.append(ends)
    if rule.kind is Kind.HARASSING and rule.review_on is not None and rule.level in REVIEWED:
        first = rule.review_on + timedelta(days=1)
        found += [
            datetime.combine(first + timedelta(days=MAX_REVIEW_DAYS * step), time(), SHANGHAI)
            for step in range(_WEAKENING.index(rule.level))
        ]
    return found


_NEVER: Final = datetime.max.replace(tzinfo=SHANGHAI)
