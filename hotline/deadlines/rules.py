"""By when must what be done with a ticket (工单)? The table of rules, and which of them counts.

The amounts that come along are those of 山东省12348热线平台管理规定 (2017) – handed on within one working day, urgent
ones within one hour, the result within five working days, fifteen with extensions, dissatisfied callers back to the
unit within one – and of 法律援助法 §43: seven days to review an application, three to appoint. A site puts its own
first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from hotline.deadlines.working import Clock, Unit


class DueKind(StrEnum):
    """What is to be done in time."""

    DISPATCH = "dispatch"
    """派单: hand it on to the unit that handles it."""
    SIGN = "sign"
    """签收: the unit says that it has it."""
    REPLY = "reply"
    """办理: the unit replies."""
    REVIEW = "review"
    """审核: the hall looks at the reply."""
    FOLLOW_UP = "follow_up"
    """回访: the citizen is asked."""
    AID_REVIEW = "aid_review"
    """法律援助审查."""
    AID_APPOINT = "aid_appoint"
    """法律援助指派."""


LABELS: Final = {
    DueKind.DISPATCH: "派单",
    DueKind.SIGN: "签收",
    DueKind.REPLY: "办理反馈",
    DueKind.REVIEW: "审核",
    DueKind.FOLLOW_UP: "回访",
    DueKind.AID_REVIEW: "法律援助审查",
    DueKind.AID_APPOINT: "法律援助指派",
}


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule may ask of a ticket."""

    matter: str = ""
    urgency: str = "normal"
    channel: str = "phone"
    again: bool = False
    """重办: it was opened again, because the citizen was not satisfied."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. What it does not name, it does not ask for."""

    kind: DueKind
    amount: int
    unit: Unit
    warn: int = 0
    """So many units before the end people are warned; of days, in the morning."""
    most: int = 0
    """The longest that extensions (延期) may make it, in units; 0: it cannot be extended."""
    matter: str = ""
    urgency: str = ""
    channel: str = ""
    again: bool | None = None
    source: str = ""
    """The norm it comes from, as people read it."""

    def fits(self, about: About) -> bool:
        """Does the rule speak of such a ticket?"""
        return all(
            (
                self.matter in ("", about.matter),
                self.urgency in ("", about.urgency),
                self.channel in ("", about.channel),
                self.again in (None, about.again),
            )
        )

    def narrow(self) -> int:
        """How much the rule asks for: the narrower one counts."""
        return sum((self.matter != "", self.urgency != "", self.channel != "", self.again is not None))


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline (期限) as it is stamped on a ticket: later changes of the table do not move it."""

    kind: DueKind
    born_at: datetime
    due_at: datetime
    warn_at: datetime
    amount: int
    unit: Unit
    most: int
    source: str


_SHANDONG: Final = "山东省12348热线平台管理规定（2017）"
_AID: Final = "法律援助法第四十三条"

DEFAULT: Final[Sequence[Rule]] = (
    Rule(kind=DueKind.DISPATCH, amount=1, unit=Unit.WORKDAYS, source=_SHANDONG),
    Rule(kind=DueKind.DISPATCH, amount=60, unit=Unit.MINUTES, warn=20, urgency="urgent", source=_SHANDONG),
    Rule(kind=DueKind.DISPATCH, amount=60, unit=Unit.MINUTES, warn=45, urgency="emergency", source=_SHANDONG),
    Rule(kind=DueKind.DISPATCH, amount=1, unit=Unit.WORKDAYS, again=True, source=_SHANDONG),
    Rule(kind=DueKind.SIGN, amount=1, unit=Unit.WORKDAYS),
    Rule(kind=DueKind.SIGN, amount=60, unit=Unit.MINUTES, warn=20, urgency="urgent"),
    Rule(kind=DueKind.SIGN, amount=30, unit=Unit.MINUTES, warn=20, urgency="emergency"),
    Rule(kind=DueKind.REPLY, amount=5, unit=Unit.WORKDAYS, warn=1, most=15, source=_SHANDONG),
    Rule(kind=DueKind.REVIEW, amount=1, unit=Unit.WORKDAYS),
    Rule(kind=DueKind.FOLLOW_UP, amount=3, unit=Unit.WORKDAYS),
    Rule(kind=DueKind.AID_REVIEW, amount=7, unit=Unit.DAYS, warn=2, matter="legal_aid", source=_AID),
    Rule(kind=DueKind.AID_APPOINT, amount=3, unit=Unit.DAYS, warn=1, matter="legal_aid", source=_AID),
)


def rule_for(kind: DueKind, about: About, own: Sequence[Rule] = ()) -> Rule | None:
    """The rule that counts: the site's before those that come along, the narrower before the wider, the later last.

    None: nothing has to be done by a time.
    """
    for table in (own, DEFAULT):
        if fitting := [rule for rule in table if rule.kind is kind and rule.fits(about)]:
            return max(enumerate(fitting), key=lambda each: (each[1].narrow(), each[0]))[1]
    return None


def stamp(kind: DueKind, about: About, born: datetime, clock: Clock, own: Sequence[Rule] = ()) -> Due | None:
    """The deadline of a ticket about which that became due at `born`; None where no rule speaks of it."""
    rule = rule_for(kind, about, own)
    if rule is None:
        return None
    end = clock.end(born, rule.amount, rule.unit)
    return Due(
        kind=kind,
        born_at=born,
        due_at=end,
        warn_at=clock.warn(born, end, rule.warn, rule.unit),
        amount=rule.amount,
        unit=rule.unit,
        most=rule.most,
        source=rule.source,
    )


def extend(due: Due, by: int, clock: Clock) -> Due | None:
    """The deadline, longer by so many units (延期); None where that is more than the rule allows."""
    amount = due.amount + by
    if by < 1 or amount > due.most:
        return None
    end = clock.end(due.born_at, amount, due.unit)
    return msgspec.structs.replace(due, amount=amount, due_at=end, warn_at=clock.warn(due.born_at, end, 1, due.unit))
