"""Where does a number come from? Apart from `calls/numbers.py`, because its tables must be loaded first.

The tables are those of Google's libphonenumber. The whole world takes seconds to load and hundreds of megabytes, so the
Chinese part is kept in a file of its own, made once per version of the library.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

COUNTRY: Final = "86"


class _Tables(msgspec.Struct, frozen=True):
    places: dict[str, str]
    """Leading digits after +86 → place, in Chinese."""
    carriers: dict[str, str]


def region(number: str | None) -> str:
    """归属地 with the carrier for mobiles, in Chinese: `湖北省武汉市 中国移动`; empty when it cannot be told.

    `number` as `normalise` leaves it. Number portability is not covered.
    """
    if not number or not number.isdigit():
        return ""
    is_mobile = len(number) == 11 and number.startswith("1")
    is_landline = number.startswith("0") and 10 <= len(number) <= 12
    return _region(number.lstrip("0"), is_mobile) if is_mobile or is_landline else ""


@lru_cache(maxsize=4096)
def place(told: str) -> str:
    """The place alone of what `region` told: `湖北省武汉市`, without the carrier; empty when only that was known."""
    first = told.partition(" ")[0]
    return "" if first in load().carriers.values() else first


@lru_cache(maxsize=1)
def load() -> _Tables:
    """The tables; the first call ever makes their file (seconds), later ones read it (tens of milliseconds)."""
    path = _cache() / f"regions-{version('phonenumbers')}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Tables)
    except (OSError, msgspec.DecodeError):
        made = subprocess.run([sys.executable, "-m", __name__], capture_output=True, check=True).stdout
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            side = path.with_suffix(f".{os.getpid()}")
            side.write_bytes(made)
            side.replace(path)
        except OSError:
            pass  # a read-only home: the tables are made anew at each start
        return msgspec.json.decode(made, type=_Tables)


@lru_cache(maxsize=4096)
def _region(number: str, is_mobile: bool) -> str:
    tables = load()
    place = _longest(tables.places, number)
    carrier = _longest(tables.carriers, number) if is_mobile else ""
    return " ".join(part for part in (place, carrier) if part)


def _longest(table: dict[str, str], number: str) -> str:
    return next((table[number[:end]] for end in range(len(number), 0, -1) if number[:end] in table), "")


def _cache() -> Path:
    return Path(os.environ.get("HOTLINE_CACHE") or Path.home() / ".cache" / "hotline-12348")


def _extract() -> bytes:
    from phonenumbers.carrierdata import CARRIER_DATA
    from phonenumbers.geodata import GEOCODE_DATA

    return msgspec.json.encode(_Tables(_chinese(GEOCODE_DATA), _chinese(CARRIER_DATA)))


def _chinese(world: dict[str, dict[str, str]]) -> dict[str, str]:
    return {prefix[2:]: names["zh"] for prefix, names in world.items() if prefix.startswith(COUNTRY) and "zh" in names}


if __name__ == "__main__":
    sys.stdout.buffer.write(_extract())
