"""Which lines has an input reached, and after which others?

Python's own tracing, only in the code that is fuzzed and only for some of the inputs: it makes an execution several
times as long.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]

Arc = tuple[CodeType, int, int]
"""A step from one line to the next in a piece of code."""


class Reach:
    """Remembers every step that was ever taken."""

    def __init__(self, code: tuple[str, ...]) -> None:
        self._begins = tuple(str(ROOT / each) for each in code)
        self._ours = dict[CodeType, bool]()
        self.arcs = set[Arc]()

    def traced(self, execute: Callable[[bytes], Any], data: bytes) -> int:
        """Execute it; how many steps were new. What it raises comes out."""
        before = len(self.arcs)
        sys.settrace(self._entered)
        try:
            execute(data)
        finally:
            sys.settrace(None)
        return len(self.arcs) - before

    @property
    def lines(self) -> int:
        """How many lines were reached."""
        return len({(code.co_filename, line) for code, _, line in self.arcs})

    def _entered(self, frame: FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        ours = self._ours.get(code)
        if ours is None:
            ours = self._ours[code] = code.co_filename.startswith(self._begins)
        if not ours:
            return None
        last, arcs = 0, self.arcs

        def stepped(frame: FrameType, event: str, arg: Any) -> Any:
            nonlocal last
            line = frame.f_lineno
            arcs.add((code, last, line))
            last = line
            return stepped

        return stepped
