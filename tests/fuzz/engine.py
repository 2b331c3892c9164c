"""What does one target do with many inputs?

An input is kept, and changed further, when it has shown something new: lines reached in a new order, or marks in what
came out that no other input had. Every input is timed; one that seems slow is executed again, for the machine may have
been at fault. What must not happen is a `Finding`, the first of its kind.
"""

from __future__ import annotations

import gc
import mmap
import signal
import time
import traceback
from collections.abc import Callable, Hashable
from pathlib import Path
from random import Random
from types import FrameType
from typing import Final

import msgspec

from tests.fuzz.mutator import Mutator
from tests.fuzz.reach import ROOT, Reach
from tests.fuzz.target import MOST_CPU_SECONDS, Execute, Target, shape

ALL_TRACED: Final = 3_000
"""So many executions are all traced; later one in `TRACED`, and each that looks new."""
TRACED: Final = 12
HANG_SECONDS: Final = 3.0
"""An input that takes longer is broken off; processor time of the process."""
MOST_KEPT: Final = 4_000
YOUNG: Final = 0.3
"""So many children are those of the youngest inputs."""
LONGER: Final = 0.3
"""Of two inputs the shorter one is taken, as a rule: it says as much in less time."""
SWEEP: Final = 5_000
"""Executions between two collections of garbage, which would else be blamed on whichever input it hits."""
BLACK_BOX_BYTES: Final = 1 << 22


class Hang(BaseException):
    """The input takes for ever. No `Exception`: a parser that catches these must not swallow it."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must not happen."""

    target: str
    kind: str
    """Tells it from others of the same target: the error and where it was raised, or `slow`."""
    data: bytes
    detail: str


class Figures(msgspec.Struct, kw_only=True):
    """What became of a target."""

    target: str
    executions: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    corpus: int = 0
    lines: int = 0
    arcs: int = 0
    slowest_ms: float = 0.0
    slowest: bytes = b""
    findings: list[Finding] = []


class Fuzzer:
    """One target."""

    def __init__(self, target: Target, seed: int, black_box: Path | None = None) -> None:
        """`black_box`: where the input under way is written, for the case that it ends the whole process."""
        self._target = target
        self._execute: Execute = target.build()
        self._chance = Random(f"{target.name}/{seed}")
        self._mutator = Mutator(self._chance, target.words, target.longest, target.most)
        self._reach = Reach(target.code)
        self._marks = set[Hashable]()
        self._known = set[str]()
        self.corpus = list[bytes]()
        self.figures = Figures(target=target.name, findings=[])
        self._box = _black_box(black_box) if black_box is not None else None
        self._at_tick = -1

    def run(
        self,
        executions: int,
        *,
        seconds: float | None = None,
        corpus: list[bytes] | None = None,
        tell: Callable[[Figures], None] | None = None,
    ) -> Figures:
        """So many executions, or until the time is over; the seeds and an earlier corpus first."""
        began, burned = time.monotonic(), time.process_time()
        before = signal.signal(signal.SIGPROF, self._tick)
        signal.setitimer(signal.ITIMER_PROF, HANG_SECONDS, HANG_SECONDS)
        gc.disable()
        try:
            for data in [*self._target.seeds(), *(corpus or ())]:
                self._one(data, begin=True)
            figures, chance, target = self.figures, self._chance, self._target
            while figures.executions < executions:
                if figures.executions % SWEEP == 0:
                    gc.collect()
                    if tell is not None:
                        self._sum_up(began, burned)
                        tell(figures)
                    if seconds is not None and time.monotonic() - began > seconds:
                        break
                data = self._mutator.make(self._parent(), self._parent())
                if target.repair is not None and chance.random() < 0.8:
                    data = target.repair(data)
                self._one(data)
        finally:
            gc.enable()
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)
        self._sum_up(began, burned)
        return self.figures

    def _parent(self) -> bytes:
        kept, chance = self.corpus, self._chance.random
        if chance() < YOUNG:
            return kept[-1 - int(chance() * min(len(kept), 20))]
        one, other = kept[int(chance() * len(kept))], kept[int(chance() * len(kept))]
        return one if len(one) <= len(other) or chance() < LONGER else other

    def _one(self, data: bytes, *, begin: bool = False) -> None:
        figures = self.figures
        figures.executions += 1
        if self._box is not None:
            self._box[: 4 + len(data)] = len(data).to_bytes(4, "little") + data
        began = time.thread_time()
        marks, wrong = self._tried(data)
        took = time.thread_time() - began
        if wrong is not None:
            self._found(wrong)
        elif took * 1000 > figures.slowest_ms:
            # For longest inputs the machine's own hiccups are many: the best of some is what the input costs.
            took = min([took, *(self._seconds(data) for _ in range(3))])
            if took * 1000 > figures.slowest_ms:
                figures.slowest_ms, figures.slowest = took * 1000, data
            if took > MOST_CPU_SECONDS:
                self._found(Finding(target=self._target.name, kind="slow", data=data, detail=f"{took * 1000:.0f} ms"))
        new = bool(marks - self._marks)
        if (new or figures.executions <= ALL_TRACED or figures.executions % TRACED == 0) and took < MOST_CPU_SECONDS:
            new = self._reach.traced(self._tried, data) > 0 or new
        if new:
            self._marks |= marks
        if begin or (new and len(self.corpus) < MOST_KEPT and took < MOST_CPU_SECONDS / 4):
            self.corpus.append(data)

    def _tried(self, data: bytes) -> tuple[set[Hashable], Finding | None]:
        """What came of it: marks, or something that must not happen."""
        try:
            return set(self._execute(data)), None
        except self._target.errors as error:
            return {(type(error).__name__, shape(str(error)))}, None
        except (Exception, Hang) as error:
            return set(), Finding(
                target=self._target.name,
                kind=_kind(error),
                data=data,
                detail="".join(traceback.format_exception(error))[-4000:],
            )

    def _seconds(self, data: bytes) -> float:
        began = time.thread_time()
        self._tried(data)
        return time.thread_time() - began

    def _found(self, finding: Finding) -> None:
        if finding.kind not in self._known:
            self._known.add(finding.kind)
            self.figures.findings.append(self._smallest(finding))

    def _smallest(self, finding: Finding) -> Finding:
        """The same with less: pieces are left out as long as the same comes of it."""
        if finding.kind in ("slow", "Hang"):
            return finding
        size, left = len(finding.data) // 2, 600
        while size and left:
            at = 0
            while at < len(finding.data) and left:
                left -= 1
                found = self._tried(finding.data[:at] + finding.data[at + size :])[1]
                if found is not None and found.kind == finding.kind:
                    finding = found
                else:
                    at += size
            size //= 2
        return finding

    def _sum_up(self, began: float, burned: float) -> None:
        figures = self.figures
        figures.seconds, figures.cpu_seconds = time.monotonic() - began, time.process_time() - burned
        figures.corpus, figures.lines, figures.arcs = len(self.corpus), self._reach.lines, len(self._reach.arcs)

    def _tick(self, number: int, frame: FrameType | None) -> None:
        if self._at_tick == self.figures.executions:
            raise Hang
        self._at_tick = self.figures.executions


def replayed(target: Target, data: bytes) -> tuple[Finding | None, float]:
    """What comes of one input, and the seconds of processor time of its best execution out of three."""
    fuzzer = Fuzzer(target, 0)
    _, wrong = fuzzer._tried(data)
    took = min(fuzzer._seconds(data) for _ in range(3))
    if wrong is None and took > MOST_CPU_SECONDS:
        wrong = Finding(target=target.name, kind="slow", data=data, detail=f"{took * 1000:.0f} ms")
    return wrong, took


def under_way(black_box: Path) -> bytes:
    """The input that was under way when the process ended."""
    held = black_box.read_bytes()
    return held[4 : 4 + int.from_bytes(held[:4], "little")]


def _black_box(path: Path) -> mmap.mmap:
    with path.open("w+b") as file:
        file.truncate(BLACK_BOX_BYTES)
        return mmap.mmap(file.fileno(), BLACK_BOX_BYTES)


def _kind(error: BaseException) -> str:
    """The error, and the deepest line of ours that it came through."""
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(str(ROOT)) and "/fuzz/" not in frame.filename and "/.venv/" not in frame.filename:
            where = f"{Path(frame.filename).stem}.{frame.name}.{frame.lineno}"
    name = type(error).__name__
    return f"{name}-{where}" if where else name
