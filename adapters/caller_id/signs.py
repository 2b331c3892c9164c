"""What a device says of somebody who rings: a ring, a number, or why there is none.

Ports are written as the device writes them ("1", "01", "LINE 1.2"); an adapter's settings say which channel that is.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Hidden(StrEnum):
    """Why there is no number."""

    WITHHELD = "withheld"
    """The caller does not show it (P)."""
    OUT_OF_AREA = "out_of_area"
    """The network does not know it (O)."""


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """Something about one port."""

    port: str = ""
    """As the device names it; empty where it has one line only."""


class Rang(Sign, frozen=True, kw_only=True):
    """One ring (振铃) on the line."""

    pattern: str = ""
    """Distinctive ring, as the device names it (A, B, C, 1, 2, 3)."""


class Numbered(Sign, frozen=True, kw_only=True):
    """The caller's number (来电显示), or why there is none."""

    number: str | None = None
    hidden: Hidden | None = None
    """None although there is no number: the device does not know why."""
    name: str = ""
    dialled: str | None = None
