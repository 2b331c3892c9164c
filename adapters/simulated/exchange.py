"""What every part of the device has at hand: the lines, the time, what is due, and a voice.

Times are seconds since the device's start.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import inf

from adapters.simulated.line import Keep, Line, Setup
from adapters.simulated.world import World
from adapters.telephony import AdapterName, CallEvent, CallKey, CallReleased, EndedBy, RecordingStopped

REMEMBERED = 1000
"""Outbound calls that are over and whose keys are not taken again."""


class Exchange:
    """The lines and their clock."""

    def __init__(
        self,
        name: AdapterName,
        world: World,
        start: datetime,
        *,
        hear: Callable[[CallEvent], None],
        setup: Setup,
        answers_itself: Callable[[str], bool],
        keep: Keep,
        run: str,
    ) -> None:
        self.name = name
        self.world = world
        self.start = start
        self.setup = setup
        self.answers_itself = answers_itself
        self.run = run
        self.lines: dict[CallKey, Line] = {}
        self.free_ports = list(range(1, setup.ports + 1))
        self.over: deque[CallKey] = deque(maxlen=REMEMBERED)
        """Outbound calls that are over."""
        self.now = 0.0
        self.close_at = inf
        """By then everything has to have ended."""
        self._hear = hear
        self._keep = keep
        self._at = start
        self._due: list[tuple[float, int, CallKey, str]] = []
        self._entries = 0
        self._facts = 0

    # ── time ──

    def set_clock(self, now: float) -> None:
        """It is so late now."""
        if now != self.now:
            self.now = now
            self._at = self.start + timedelta(seconds=now)

    def within(self, seconds: float) -> float:
        """So many seconds from now, or when everything has to have ended."""
        return min(self.now + seconds, max(self.close_at, self.now))

    def plan(self, line: Line, what: str, time: float) -> None:
        """That will happen on this line then, and not when it was planned for before."""
        line.pending[what] = time
        self._entries += 1
        heappush(self._due, (time, self._entries, line.key, what))

    def next_due(self) -> float:
        """When something happens next on a line; infinity when nothing ever will."""
        while self._due:
            time, _, key, what = self._due[0]
            line = self.lines.get(key)
            if line is not None and line.pending.get(what) == time:
                return time
            heappop(self._due)
        return inf

    def pop_due(self) -> tuple[Line, str]:
        """What happens next; only after `next_due` has named its time."""
        _, _, key, what = heappop(self._due)
        line = self.lines[key]
        del line.pending[what]
        return line, what

    # ── the end of things ──

    def stop_recording(self, line: Line) -> None:
        """The audio is complete, where any is being written."""
        name, line.recording, line.message = line.recording, None, False
        line.pending.pop("message", None)
        if name is None:
            return
        kept = self._keep(name, self.now - line.recording_since)
        if kept is None:
            self.say(line, RecordingStopped, name=name, missing="not_simulated")
        else:
            self.say(line, RecordingStopped, name=name, seconds=round(kept[1], 3), file=kept[0])

    def release(self, line: Line, by: EndedBy, cause: str = "") -> None:
        """The call is over for everybody in it."""
        self.stop_recording(line)
        del self.lines[line.key]
        if line.port is not None:
            self.free_ports.append(line.port)
        if line.placed:
            self.over.append(line.key)
        self.say(line, CallReleased, by=by, cause=cause)

    def say(self, line: Line, kind: type[CallEvent], /, **fields: object) -> None:
        """Report it."""
        self._facts += 1
        self._hear(
            kind(
                adapter=self.name,
                event_id=f"{self.run}:{self._facts}",
                at=self._at,
                heard_at=self._at,
                port=line.port,
                call=line.key,
                **fields,  # pyright: ignore[reportArgumentType]  # each caller names the fields of its own kind
            )
        )
