"""May this message go, and when? Quiet hours (免打扰), caps on cost (费用上限), reasons not to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from hotline.messages.message import BY_ITSELF, Kind
from hotline.rosters.calendar import SHANGHAI


class Why(StrEnum):
    """Why a message does not go, or not now."""

    NO_GATEWAY = "no_gateway"
    """没有短信网关."""
    SWITCHED_OFF = "switched_off"
    """本大厅不发这类短信."""
    NO_NUMBER = "no_number"
    """没有号码."""
    NOT_MOBILE = "not_mobile"
    """座机或特服号码，收不到短信."""
    DECLINED = "declined"
    """对方不接收短信."""
    SECRECY = "secrecy"
    """要求保密的工单不发这类短信."""
    NO_ADDRESS = "no_address"
    """没有设置公众访问地址."""
    NO_RATING = "no_rating"
    """这次来电不能评价，或已经评价."""
    SETTLED = "settled"
    """已接通或已办结，不再需要."""
    NOTHING_TO_TELL = "nothing_to_tell"
    """缺少要告知的内容."""
    TOO_LONG = "too_long"
    """超出网关的条数上限."""
    DAY_CAP = "day_cap"
    """超出当日条数上限."""
    NUMBER_CAP = "number_cap"
    """同一号码当日短信过多."""


LIFE: Final[Mapping[Kind, timedelta]] = {
    Kind.ACCEPTED: timedelta(days=3),
    Kind.RESULT: timedelta(days=7),
    Kind.MISSED_CALL: timedelta(hours=24),
    Kind.RATING_LINK: timedelta(days=3),
    Kind.APPOINTMENT: timedelta(days=2),
    Kind.LEGAL_AID_ADDRESS: timedelta(days=2),
}
"""So long it is of use; what has not gone by then does not go."""

DELAY: Final[Mapping[Kind, timedelta]] = {
    Kind.MISSED_CALL: timedelta(minutes=2),
    Kind.RATING_LINK: timedelta(minutes=10),
}
"""So long nothing is written: most who rang in vain ring again, and nobody rates while still speaking."""


class MessageRules(msgspec.Struct, frozen=True, kw_only=True):
    """A hall's rules."""

    by_itself: frozenset[Kind] = BY_ITSELF
    """What follows from steps and missed calls; the others are sent by hand only."""
    quiet_from: time = time(21)
    quiet_to: time = time(8)
    segments_a_day: int = 2_000
    """计费条数; 0: nothing goes without a person."""
    per_number_day: int = 5
    address: str = ""
    """`https://…` under which citizens reach the public pages; empty: none is told."""


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """What has gone today."""

    segments: int = 0
    to_number: int = 0
    """Messages to this one number."""


def is_quiet(at: datetime, rules: MessageRules) -> bool:
    """Is that a time at which nobody is disturbed? The same time twice: there is none."""
    clock, begin, end = at.astimezone(SHANGHAI).time(), rules.quiet_from, rules.quiet_to
    return begin <= clock < end if begin <= end else clock >= begin or clock < end


def opens(at: datetime, rules: MessageRules) -> datetime:
    """The first moment from `at` on at which somebody may be disturbed."""
    if not is_quiet(at, rules):
        return at
    here = at.astimezone(SHANGHAI)
    end = here.replace(hour=rules.quiet_to.hour, minute=rules.quiet_to.minute, second=0, microsecond=0)
    return end if end > here else end + timedelta(days=1)


def over_cap(segments: int, spent: Spent, rules: MessageRules) -> Why | None:
    """Which cap would it break?"""
    if spent.segments + segments > rules.segments_a_day:
        return Why.DAY_CAP
    return Why.NUMBER_CAP if spent.to_number >= rules.per_number_day else None


def day_of(at: datetime) -> date:
    """The day in Shanghai on which it is counted."""
    return at.astimezone(SHANGHAI).date()
