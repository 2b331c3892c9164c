"""How are opening hours read that somebody typed into a cell? `周一至周五 9:00-12:00 14:00-17:30；周六 需预约`.

Parts are divided by `；` or lines; each names its days and then the times. Days that nobody names are closed. What
`hours.told` writes is read back as it was.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from hotline.directory.hours import DAY_MINUTES, HOLIDAY, WEEKDAYS, Day, Hours, Period, faults, minutes


class NotHours(ValueError):
    """It cannot be read; the text says why, in Chinese."""


MAX_TEXT: Final = 400
_NUMBERS: Final = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_WEEKDAY: Final = r"(?:周|星期|礼拜)?([一二三四五六日天])"
_RUN: Final = re.compile(rf"{_WEEKDAY}(?:[至到\-~]{_WEEKDAY})?")
_GROUPS: Final = {
    "每天": (0, 1, 2, 3, 4, 5, 6),
    "每日": (0, 1, 2, 3, 4, 5, 6),
    "工作日": (0, 1, 2, 3, 4),
    "周末": (5, 6),
    "双休日": (5, 6),
}
_HEAD: Final = re.compile(
    r"(?:(?:周|星期|礼拜)[一二三四五六日天]|[至到、,一二三四五六日天~]|每天|每日|工作日|周末|双休日|节假日|-(?=周|星期|礼拜))+"
)
_PERIOD: Final = re.compile(r"(\d{1,2}:\d{2})[-~至到](\d{1,2}:\d{2})")
_HOLIDAYS: Final = -1


def read(text: str) -> Hours | None:
    """The hours; None for an empty text: not known. Raises `NotHours`."""
    folded = unicodedata.normalize("NFKC", text).replace("—", "-").replace("–", "-").strip()
    if not folded:
        return None
    if len(folded) > MAX_TEXT:
        raise NotHours(f"时间不能超过 {MAX_TEXT} 个字")
    found: dict[int, Day] = {}
    for part in re.split(r"[;\n。]+", folded):
        if not part.strip():
            continue
        days, day = _part(part.strip())
        for each in days:
            if each in found:
                raise NotHours(f"{WEEKDAYS[each] if each >= 0 else HOLIDAY}写了两次")
            found[each] = day
    week = tuple(found.get(each, Day()) for each in range(7))
    assert len(week) == 7
    hours = Hours(week=week, holiday=found.get(_HOLIDAYS, Day()))
    if wrong := faults(hours):
        raise NotHours(wrong[0].rstrip("。"))
    return hours


def _part(part: str) -> tuple[list[int], Day]:
    head = _HEAD.match(part)
    if head is None:
        raise NotHours(f"没有写明是哪几天：{part[:20]}")
    return _days(head[0]), _day(part[head.end() :])


def _days(text: str) -> list[int]:
    found: list[int] = []
    for piece in re.split(r"[、,]+", text):
        if not piece:
            continue
        if piece == HOLIDAY:
            found.append(_HOLIDAYS)
        elif piece in _GROUPS:
            found.extend(_GROUPS[piece])
        elif (run := _RUN.fullmatch(piece)) is not None:
            first, last = _NUMBERS[run[1]], _NUMBERS[run[2] or run[1]]
            if last < first:
                raise NotHours(f"星期的先后不对：{piece}")
            found.extend(range(first, last + 1))
        else:
            raise NotHours(f"星期无法识别：{piece[:20]}")
    return found


def _day(text: str) -> Day:
    periods: list[Period] = []

    def take(match: re.Match[str]) -> str:
        try:
            periods.append(Period(minutes(match[1]), minutes(match[2])))
        except ValueError:
            raise NotHours(f"时间无法识别：{match[0]}") from None
        return " "

    rest = _PERIOD.sub(take, text.replace(" - ", "-"))
    appointment = "预约" in rest
    if "全天" in rest or "24小时" in rest:
        periods.append(Period(0, DAY_MINUTES))
    closed = "休息" in rest or "关闭" in rest or "不开放" in rest
    left = re.sub(r"需预约|预约|全天|24小时|休息|关闭|不开放|[\s,、和:()]", "", rest)
    if left:
        raise NotHours(f"时间无法识别：{left[:20]}")
    if closed and (periods or appointment):
        raise NotHours(f"又写休息又写时间：{text.strip()[:20]}")
    if not (periods or appointment or closed):
        raise NotHours("没有写时间，休息请写“休息”")
    return Day(periods=tuple(sorted(periods)), appointment=appointment)
