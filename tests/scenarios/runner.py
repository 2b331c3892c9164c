"""Reads a story and plays it; see README.md for its language."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from tests.hall.kit import START
from tests.scenarios.doing import Doing
from tests.scenarios.expecting import Expecting
from tests.scenarios.heading import read
from tests.scenarios.stage import Stage

CLOCK = re.compile(r"^\d\d:\d\d:\d\d$")


class Story:
    """One scenario file while it is played."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = path.read_text(encoding="utf-8").splitlines()
        table = next((n for n, line in enumerate(self.lines) if CLOCK.match(line[:8])), len(self.lines))
        self.hall = Stage(read(self.lines[:table]))
        self._doing = Doing(self.hall)
        self._expecting = Expecting(self._doing)

    def play(self) -> int:
        """Play every row; raises `AssertionError` naming the line. Returns how many expectations were checked."""
        checked = 0
        for number, line in enumerate(self.lines, 1):
            cells = [cell.strip() for cell in re.split(r"\s{2,}", line.strip())]
            if not cells or not CLOCK.match(cells[0]):
                continue
            cells += [""] * (4 - len(cells))
            try:
                self._until(cells[0])
                decision = self._doing.do(cells[1], cells[2])
                self._expecting.decision = decision
                wanted = [each.strip() for each in cells[3].split(";") if each.strip()]
                if decision.refusal is not None:
                    assert f"refused {decision.refusal}" in wanted, f"refused: {decision.refusal}"
                for expected in wanted:
                    self._expecting.expect(expected)
                    checked += 1
            except AssertionError as error:
                raise AssertionError(f"{self.path.name}:{number}: {line.strip()}\n  {error}") from error
        return checked

    def _until(self, clock: str) -> None:
        hours, minutes, seconds = (int(part) for part in clock.split(":"))
        local = START + timedelta(hours=8)
        at = local.replace(hour=hours, minute=minutes, second=seconds) - timedelta(hours=8)
        self._expecting.ordered = len(self.hall.orders)
        self._expecting.told = len(self.hall.journal)
        while at < self.hall.now:
            at += timedelta(days=1)
        self.hall.pass_time((at - self.hall.now).total_seconds())
