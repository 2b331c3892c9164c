"""Named places where the service can be made to die, so that tests can show that nothing is lost there.

`HOTLINE_CRASH_AT=after_commit:3` kills the process, as `kill -9` would, when it comes by `after_commit` the third time.
`HOTLINE_CRASH_AT=@FILE` reads the same from a file as soon as there is one, and removes it: so a working hall is armed.
Without the variable a crash point costs one comparison.
"""

from __future__ import annotations

import os
import signal
from typing import Final

POINTS: Final = (
    "before_receive",
    "after_receive",
    "before_keep",
    "after_keep",
    "before_2xx",
    "before_decide",
    "after_decide",
    "before_commit",
    "after_commit",
    "before_publish",
    "before_reply",
    "before_perform",
    "before_command",
    "after_command",
    "before_recover",
    "after_recover",
    "before_bookmark",
    "after_bookmark",
    "before_nightly",
    "after_nightly",
)

_order = os.environ.get("HOTLINE_CRASH_AT", "")


class _Plan:
    """Where and when to die."""

    def __init__(self, order: str) -> None:
        self._file = order[1:] if order.startswith("@") else ""
        self._read("" if self._file else order)

    def passed(self, name: str) -> None:
        """The process comes by that place."""
        if self._file and os.path.exists(self._file):
            with open(self._file, encoding="ascii") as file:
                self._read(file.read().strip())
            os.unlink(self._file)
        if name == self._point:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def _read(self, order: str) -> None:
        self._point, _, count = order.partition(":")
        self._left = int(count or 1)


_plan = _Plan(_order) if _order else None


def crash_point(name: str) -> None:
    """Die here, if this is the place and the time."""
    if _plan is not None:
        _plan.passed(name)
