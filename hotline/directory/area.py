"""Which area lies in which? Codes of administrative divisions (行政区划代码) as GB/T 2260 has them, and below.

A code has 2 digits for a province, 4 for a city, 6 for a county, 9 for a township and 12 for a village; sites write it
with or without the zeros at its end. Kept is the short form, so that an area lies in another when its code begins with
the other's. Cities without counties (东莞) have `00` in the middle, which stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class AreaLevel(StrEnum):
    """How large an area is."""

    VILLAGE = "village"
    TOWNSHIP = "township"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"


LABELS: Final = {
    AreaLevel.VILLAGE: "本村居",
    AreaLevel.TOWNSHIP: "本乡镇街道",
    AreaLevel.COUNTY: "本县区",
    AreaLevel.CITY: "本市",
    AreaLevel.PROVINCE: "本省",
}
"""As said of the area that a caller is from."""
_LENGTHS: Final = {
    12: AreaLevel.VILLAGE,
    9: AreaLevel.TOWNSHIP,
    6: AreaLevel.COUNTY,
    4: AreaLevel.CITY,
    2: AreaLevel.PROVINCE,
}


def plain(code: str) -> str | None:
    """The short form: `330106008000` → `330106008`. None: this is no code of an area."""
    if not code.isascii() or not code.isdigit() or len(code) not in _LENGTHS:
        return None
    ends = sorted((each for each in _LENGTHS if each <= len(code)), reverse=True)
    for end, begin in zip(ends, [*ends[1:], 0], strict=True):
        if set(code[begin:end]) != {"0"}:
            return code[:end]
    return None


def level(area: str) -> AreaLevel:
    """How large the area of a short form is. Raises `KeyError` for anything else."""
    return _LENGTHS[len(area)]


def within(area: str, whole: str) -> bool:
    """Does the one lie in the other, or is it the same? Both in short form."""
    return area.startswith(whole)


def official(area: str) -> str:
    """As others expect to read it: six digits at least."""
    return area.ljust(6, "0")


def named(region: str, areas: Iterable[tuple[str, str]]) -> str:
    """The short form of the smallest area whose name the words name; empty: none of these. `areas`: code and name."""
    told = [(code, name) for code, name in areas if name and name in region]
    return max(told, key=lambda each: (len(each[0]), len(each[1])), default=("", ""))[0]


def above(area: str) -> list[str]:
    """The area and all that it lies in, the smallest first: village, township, county, city, province."""
    found = [area[:length] for length in _LENGTHS if length <= len(area)]
    # `4419 00 003`: what ends in `00` there is no county, the city itself.
    return [each for each in found if plain(each) == each]
