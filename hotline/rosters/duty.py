"""How is the hall served now (值守方式), and until when?

A live period wins, whoever sits in it: who is signed in decides the rest. Then forwarding to the night lawyer's mobile
phone, when there is a lawyer; a night without one is a night of messages. Where nothing is rostered the given mode
counts, so that a hall without rosters works as it always did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from hotline.rosters.shift import DutyMode


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the roster as it matters here."""

    begins_at: datetime
    ends_at: datetime
    mode: DutyMode
    lawyer: str | None = None


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """What is true now."""

    mode: DutyMode
    lawyers: tuple[str, ...] = ()
    """Accounts on duty in this mode, in the order of the roster."""
    until: datetime | None = None
    """When mode or lawyers change; None: not within the periods that were given."""


def duty_mode(periods: Sequence[Period], now: datetime, *, otherwise: DutyMode = DutyMode.LIVE) -> Duty:
    """The mode now and its next change."""
    mode, lawyers = _at(periods, now, otherwise)
    edges = sorted({edge for each in periods for edge in (each.begins_at, each.ends_at) if edge > now})
    until = next((edge for edge in edges if _at(periods, edge, otherwise) != (mode, lawyers)), None)
    return Duty(mode=mode, lawyers=lawyers, until=until)


def _at(periods: Iterable[Period], at: datetime, otherwise: DutyMode) -> tuple[DutyMode, tuple[str, ...]]:
    here = [each for each in periods if each.begins_at <= at < each.ends_at]
    by_mode = {mode: [each for each in here if each.mode is mode] for mode in DutyMode}
    if by_mode[DutyMode.LIVE]:
        return DutyMode.LIVE, _lawyers(by_mode[DutyMode.LIVE])
    if lawyers := _lawyers(by_mode[DutyMode.FORWARDED_MOBILE]):
        return DutyMode.FORWARDED_MOBILE, lawyers
    if here:
        return DutyMode.VOICEMAIL, ()
    return otherwise, ()


def _lawyers(periods: Iterable[Period]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.lawyer for each in periods if each.lawyer is not None))
