"""The voice menu (语音菜单) as data: which key leads to which queue.

GB/T 33358 advises against menus, so a hall has none unless its settings say so.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Menu(msgspec.Struct, frozen=True, kw_only=True):
    """One level of keys."""

    prompt: str
    """The announcement that names the keys."""
    keys: Mapping[str, str]
    """Key (`0`-`9`, `*`, `#`) → queue."""
    seconds: int = 8
    """How long to wait for a key after the announcement."""
    tries: int = 2
    """Wrong keys after which the caller goes to the default queue: nobody is sent away by a menu."""


def queue_for(menu: Menu, digits: str) -> str | None:
    """The queue of the first key that means something; None when none does."""
    return next((menu.keys[digit] for digit in digits if digit in menu.keys), None)
