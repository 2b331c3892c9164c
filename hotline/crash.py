"""Named places where the service can be made to die, so that tests can show that nothing is lost there.

`HOTLINE_CRASH_AT=after_commit:3` kills the process, as `kill -9` would, when it comes by `after_commit` the third time.
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
    "before_nightly",
    "after_nightly",
)

_point, _, _count = os.environ.get("HOTLINE_CRASH_AT", "").partition(":")
_left = int(_count or 1)


def crash_point(name: str) -> None:
    """Die here, if this is the place and the time."""
    global _left
    if name == _point:
        _left -= 1
        if _left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
