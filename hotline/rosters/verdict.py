"""May this account sign in at that seat now? Licence first, then the roster."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from hotline.rosters.licence import Licence, ends_soon, fault
from hotline.rosters.shift import DutyMode, Shift, day_of


class Caveat(StrEnum):
    """What is allowed, but told."""

    NOT_ON_ROSTER = "not_on_roster"
    OTHER_GROUP = "other_group"
    """The shift is for a skill group that this seat does not serve."""
    LICENCE_ENDS_SOON = "licence_ends_soon"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer."""

    allowed: bool
    code: str = ""
    """Why not: a code of the API."""
    warnings: tuple[Caveat, ...] = ()
    shift: int | None = None
    """The shift that the lawyer signs in for."""


NOT_ON_ROSTER: Final = "not_on_roster"
ALLOWED: Final = Verdict(allowed=True)


def judge(
    licence: Licence | None,
    shifts: Sequence[Shift],
    groups: Collection[str],
    now: datetime,
    *,
    required: bool,
    early: timedelta,
) -> Verdict:
    """`licence`: None when the account is no lawyer's (supervisors sign in as they like). `shifts`: the lawyer's own.

    `groups`: those that the seat serves. `required`: without a shift nobody signs in. `early`: how long before its
    beginning a shift opens the door.
    """
    if licence is None:
        return ALLOWED
    today = day_of(now)
    if (wrong := fault(licence, today)) is not None:
        return Verdict(allowed=False, code=wrong.value)
    told: list[Caveat] = [Caveat.LICENCE_ENDS_SOON] if ends_soon(licence, today) else []
    on_duty = [
        each for each in shifts if each.mode is not DutyMode.VOICEMAIL and each.begins_at - early <= now < each.ends_at
    ]
    if not on_duty:
        if required:
            return Verdict(allowed=False, code=NOT_ON_ROSTER)
        return Verdict(allowed=True, warnings=(Caveat.NOT_ON_ROSTER, *told))
    fitting = next((each for each in on_duty if not each.group or each.group in groups), None)
    if fitting is None:
        return Verdict(allowed=True, warnings=(Caveat.OTHER_GROUP, *told), shift=on_duty[0].id)
    return Verdict(allowed=True, warnings=tuple(told), shift=fitting.id)
