"""Whose processor time was it? What we burn, what one process burns, and what all the others burned meanwhile.

Also: our processes in scheduler groups (autogroup, sched(7)) of their own with a higher weight, where the machine
allows it; beside other work on the machine nothing else makes figures steady.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
FAVOURED: Final = -6
"""Nice value of our scheduler groups; 4 times the weight of a neutral one."""


class Meter:
    """Processor time from its making on; per cent of one core."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._busy, self._ours = _busy_seconds(), _tree_seconds(os.getpid())

    def others(self) -> float:
        """What processes that are not ours have burned since. Ours: this process and all that descend from it."""
        lasted = max(time.monotonic() - self._began, 1e-6)
        theirs = (_busy_seconds() - self._busy) - (_tree_seconds(os.getpid()) - self._ours)
        return round(max(0.0, 100 * theirs / lasted), 1)


class Watched:
    """What some processes burn from its making on, each for itself; per cent of one core."""

    def __init__(self, pids: dict[str, int]) -> None:
        self._pids = pids
        self._began = time.monotonic()
        self._before = {name: _own_seconds(pid) for name, pid in pids.items()}

    def seconds(self) -> float:
        """Since its making."""
        return max(time.monotonic() - self._began, 1e-6)

    def use(self) -> dict[str, float]:
        """By name."""
        lasted = self.seconds()
        return {
            name: round(100 * (_own_seconds(pid) - self._before[name]) / lasted, 1) for name, pid in self._pids.items()
        }


def favour(pid: int) -> bool:
    """Give that process's scheduler group a higher weight, if it has one of its own (it leads its session).

    False where the machine does not allow it: no autogroups, no right.
    """
    with contextlib.suppress(OSError):
        if os.getsid(pid) == pid:
            Path(f"/proc/{pid}/autogroup").write_text(str(FAVOURED))
            return True
    return False


def memory_bytes(pid: int) -> int:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


def children_of(pid: int) -> list[int]:
    """Processes that descend from that one, itself left out."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError, IndexError):
                below.setdefault(int(_stat(entry)[1]), []).append(int(entry.name))
    found, left = list[int](), [pid]
    while left:
        young = below.get(left.pop(), [])
        found += young
        left += young
    return found


def tree_use(pids: Iterable[int]) -> float:
    """Seconds of processor time of these processes and of their children that are gone."""
    return sum(map(_seconds_with_gone_children, pids))


def _stat(folder: Path) -> list[str]:
    return (folder / "stat").read_text().rsplit(")", 1)[1].split()


def _busy_seconds() -> float:
    """user, nice, system, irq, softirq and steal of the whole machine (proc_stat(5))."""
    with open("/proc/stat") as file:
        ticks = [int(word) for word in file.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / TICKS


def _tree_seconds(pid: int) -> float:
    return tree_use([pid, *children_of(pid)])


def _seconds_with_gone_children(pid: int) -> float:
    with contextlib.suppress(OSError, IndexError):
        return sum(int(word) for word in _stat(Path(f"/proc/{pid}"))[11:15]) / TICKS
    return 0.0


def _own_seconds(pid: int) -> float:
    with contextlib.suppress(OSError, IndexError):
        return sum(int(word) for word in _stat(Path(f"/proc/{pid}"))[11:13]) / TICKS
    return 0.0
