"""Which time limits of the citizen's own matter (时效、期限) run out when? For the desk to say; nobody is bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

import msgspec

from hotline.matters.forms import Value

RECONSIDERATION_DAYS: Final = 60
"""行政复议法第二十条: from the day on which they knew of the act."""
URGENT_DAYS: Final = 7
"""法律援助法第四十四条: fewer days than this, and aid may be given before the formalities."""


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A time limit of the citizen's."""

    ends_on: date
    """The last day."""
    text: str
    norm: str
    over: bool


def limits(matter: str, values: Mapping[str, Value], today: date) -> list[Limit]:
    """What is to be told the citizen; empty where nothing is known."""
    rule = _RULES.get(matter)
    return rule(values, today) if rule else []


def _aid(values: Mapping[str, Value], today: date) -> list[Limit]:
    if (ends := _day(values, "aid_limit_on")) is None:
        return []
    left = (ends - today).days
    text = "时效或法定期限届满日"
    if 0 <= left < URGENT_DAYS:
        text = "距时效或法定期限届满不足七日，可以先行提供法律援助，再补办手续"
    return [Limit(ends_on=ends, text=text, norm="法律援助法第四十四条", over=left < 0)]


def _reconsideration(values: Mapping[str, Value], today: date) -> list[Limit]:
    if (known := _day(values, "rc_known_on")) is None:
        return []
    norm = "行政复议法第二十条"
    if values.get("rc_told") is False:
        ends = _a_year_after(known)
        return [
            Limit(ends_on=ends, text="未告知复议权利：最长不超过知道行为内容之日起一年", norm=norm, over=ends < today)
        ]
    ends = known + timedelta(days=RECONSIDERATION_DAYS)
    return [Limit(ends_on=ends, text="申请行政复议的期限：知道之日起六十日", norm=norm, over=ends < today)]


def _arbitration(values: Mapping[str, Value], today: date) -> list[Limit]:
    known = _day(values, "ar_known_on")
    if known is None or values.get("ar_kind") != "labour":
        return []
    ends = _a_year_after(known)
    text = "劳动争议申请仲裁的时效：一年；在职期间拖欠报酬的，自劳动关系终止之日起算"
    return [Limit(ends_on=ends, text=text, norm="劳动争议调解仲裁法第二十七条", over=ends < today)]


def _day(values: Mapping[str, Value], name: str) -> date | None:
    text = values.get(name)
    return date.fromisoformat(text) if isinstance(text, str) and text else None


def _a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # the 29th of February
        return date(day.year + 1, 2, 28)


_RULES: Final[Mapping[str, Callable[[Mapping[str, Value], date], list[Limit]]]] = {
    "legal_aid": _aid,
    "reconsideration": _reconsideration,
    "arbitration": _arbitration,
}
