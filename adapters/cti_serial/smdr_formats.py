"""How does a PBX write a moment or a duration? By formats that a person reads at once: `MM/DD/YY hh:mmAM`, `mm'ss`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from adapters.reading import MAX_SECONDS

_MOMENT: Final[Mapping[str, str]] = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "YY": r"(?P<year>[0-9]{2})",
    "MM": r"(?P<month>[0-9]{2})",
    "DD": r"(?P<day>[0-9]{2})",
    "hh": r"(?P<hour>[0-9]{2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "ss": r"(?P<second>[0-9]{2})",
    "AM": r"(?P<half>[AaPp])[Mm]",
}
_DURATION: Final[Mapping[str, str]] = {
    **{2 * letter: f"(?P<{letter}>[0-9]{{2}})" for letter in "hms"},
    **{letter: f"(?P<{letter}>[0-9]{{1,6}})" for letter in "hms"},
}
_SECONDS: Final[Mapping[str, int]] = {"h": 3600, "m": 60, "s": 1}


class TimeFormat:
    """A way to write a moment: `YYYY` or `YY` (20YY), `MM`, `DD`, `hh`, `mm`, `ss`, `AM` (AM or PM: a clock of 12
    hours); everything else stands for itself."""

    def __init__(self, text: str) -> None:
        """Raises `ValueError`, in Chinese, when a date or a time of day is missing or something is there twice."""
        self._pattern = _compiled(text, _MOMENT)
        if not {"year", "month", "day", "hour", "minute"} <= set(self._pattern.groupindex):
            raise ValueError("时间格式至少要有年（YYYY 或 YY）、月 MM、日 DD、时 hh、分 mm，如 YYYY/MM/DD hh:mm:ss")
        self.step = timedelta(seconds=1) if "second" in self._pattern.groupindex else timedelta(minutes=1)
        """How fine such a moment is."""

    def read(self, text: str) -> datetime | None:
        """The moment, naive; None: not written like this, or no such day or time."""
        found = self._pattern.fullmatch(text)
        if not found:
            return None
        parts = {name: value for name, value in found.groupdict().items() if name != "half"}
        year, month, day, hour, minute = (int(parts[name]) for name in ("year", "month", "day", "hour", "minute"))
        if half := found.groupdict().get("half"):
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if half in "Pp" else 0)
        century = 2000 if len(parts["year"]) == 2 else 0
        try:
            return datetime(century + year, month, day, hour, minute, int(parts.get("second", 0)))  # noqa: DTZ001
        except ValueError:
            return None


class DurationFormat:
    """A way to write a duration: `hh`, `mm`, `ss` are two digits, `h`, `m`, `s` as many as there are; everything else
    stands for itself."""

    def __init__(self, text: str) -> None:
        """Raises `ValueError`, in Chinese, when no unit is there or one is there twice."""
        self._pattern = _compiled(text, _DURATION)
        if not self._pattern.groupindex:
            raise ValueError("时长格式要写明时 hh、分 mm、秒 ss，如 hh:mm:ss；只有秒数时写 s")

    def read(self, text: str) -> int | None:
        """Seconds; None: not written like this, or longer than a day."""
        found = self._pattern.fullmatch(text)
        if not found:
            return None
        parts = {unit: int(value) for unit, value in found.groupdict().items()}
        first = next(unit for unit in _SECONDS if unit in parts)
        if any(value >= 60 for unit, value in parts.items() if unit != first):
            return None
        total = sum(_SECONDS[unit] * value for unit, value in parts.items())
        return total if total <= MAX_SECONDS else None


def _compiled(text: str, tokens: Mapping[str, str]) -> re.Pattern[str]:
    pieces = re.split(f"({'|'.join(tokens)})", text)
    twice = [token for token, times in Counter(pieces[1::2]).items() if times > 1]
    try:
        return re.compile("".join(tokens.get(piece, re.escape(piece)) for piece in pieces))
    except re.error:
        raise ValueError(f"格式中 {'、'.join(twice) or '同一单位'} 写了两次") from None
