"""How is one line (线路)? What it said and what happened to it goes in, with its time; its health comes out.

Pure: every time is told. Nothing here is kept over a restart of the process but what is told at its beginning.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

import msgspec

from adapters.telephony import AdapterName, CallFact, Delivery, DeviceEvent, LinkUp, PortFault, PortRestored

FRAMES: Final = 50
"""So many of the last frames (or deliveries) tell whether a line can be read."""
SAMPLES: Final = 31
"""So many of the last live facts tell how far the device's clock is off: the median forgives a late report."""
ENOUGH_SAMPLES: Final = 3
STEADY: Final = timedelta(seconds=10)
"""A link that was up for less has not come back, unless the site is impatient: somebody accepts connections and hangs
up."""
MAX_REASON: Final = 200
REASONS: Final = 8
"""So many different reasons of a kind are told, those that came last."""


class LinkState(StrEnum):
    """Whether the device can be heard."""

    UP = "up"
    DOWN = "down"
    NEVER = "never"
    """It was never reached since this process leads the hall."""
    PUSHED = "pushed"
    """It only pushes: there is no link that could be up or down."""


class PortHealth(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that the device has named."""

    port: int | None
    """As printed on the hardware; None: the device did not say which."""
    broken: bool
    since: datetime
    detail: str = ""


class Noted(msgspec.Struct, frozen=True):
    """Something that happens now and then: how often since the start, and the latest."""

    count: int = 0
    at: datetime | None = None
    reason: str = ""

    def and_one(self, at: datetime, reason: str, count: int = 1) -> Noted:
        """It has happened again."""
        return Noted(self.count + count, at, reason[:MAX_REASON])


class _Reasons:
    """The same thing with its reasons apart."""

    def __init__(self) -> None:
        self._known = dict[str, Noted]()

    def add(self, at: datetime, reason: str) -> None:
        reason = reason[:MAX_REASON]
        self._known[reason] = self._known.pop(reason, Noted()).and_one(at, reason)
        if len(self._known) > REASONS:
            del self._known[next(iter(self._known))]

    def latest_first(self) -> tuple[Noted, ...]:
        return tuple(reversed(self._known.values()))


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """The device was asked whether it is well."""

    at: datetime
    ok: bool
    detail: str = ""
    """What it said of itself, or why not."""


class LineHealth(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one line at one moment."""

    name: AdapterName
    state: LinkState
    since: datetime
    """Since when it is in that state; `never` and `pushed`: since this process leads the hall."""
    begun_at: datetime
    """Since when it is watched."""
    detail: str = ""
    """What is there, or why the link is gone."""
    reached: bool = False
    """It has been up: steadily, or long enough to say something."""
    away_since: datetime | None = None
    """Since when it has not been steadily up; None: it is. A link that comes back for a moment has not come back."""
    last_event_at: datetime | None = None
    """When the device last said anything but that it is there."""
    ports: Sequence[PortHealth] = ()
    frames: int = 0
    """Of the last `FRAMES`, how many there were."""
    unreadable: int = 0
    """Of these, how many could not be read."""
    skew_seconds: float | None = None
    """How far the device's clock is behind ours (negative: ahead); None: it tells no times, or too few."""
    repaired: Noted = Noted()
    """Facts that were kept with a value of ours in place of an impossible one (a clock that was never set)."""
    aside: Noted = Noted()
    """What could not be read and was kept as it is."""
    repaired_for: Sequence[Noted] = ()
    """For which reasons, each with its count since the start; the latest first, `REASONS` at most."""
    aside_for: Sequence[Noted] = ()
    probe: Probe | None = None
    failures: int = 0
    """Probes in a row that went wrong."""


class Line:
    """One line, as it is watched."""

    def __init__(
        self,
        name: AdapterName,
        *,
        linked: bool,
        at: datetime,
        last_event_at: datetime | None = None,
        steady: timedelta = STEADY,
    ) -> None:
        self._name = name
        self._steady = steady
        self._state = LinkState.NEVER if linked else LinkState.PUSHED
        self._begun_at = self._since = at
        self._detail = ""
        self._away_since = at if linked else None
        self._reached = False
        self._last = last_event_at
        self._ports = dict[int | None, PortHealth]()
        self._recalled = set[int | None]()
        """Ports of which only a process before us knew that they were broken."""
        self._readable = deque[bool](maxlen=FRAMES)
        self._skews = deque[float](maxlen=SAMPLES)
        self._repaired, self._aside = Noted(), Noted()
        self._repaired_for, self._aside_for = _Reasons(), _Reasons()
        self._probe: Probe | None = None
        self._failures = 0

    def heard(self, fact: DeviceEvent) -> None:
        """It reported something."""
        if isinstance(fact, LinkUp):
            self._up(fact.heard_at, fact.detail)
            for port in self._recalled:
                del self._ports[port]  # a device that is connected anew tells what is broken now
            self._recalled.clear()
            return
        self._reached = True
        self.last_heard(fact.heard_at)
        match fact:
            case PortFault() | PortRestored():
                self._port(fact.port, fact.heard_at, fact.detail, broken=isinstance(fact, PortFault))
            case CallFact() if not fact.backfilled and fact.at != fact.heard_at:
                # A device that tells no time is given ours, to the microsecond: nothing can be said about its clock.
                self._skews.append((fact.heard_at - fact.at) / timedelta(seconds=1))
            case _:
                pass

    def last_heard(self, at: datetime) -> None:
        """It said something then, to a process before us."""
        self._last = at if self._last is None else max(self._last, at)

    def remember_fault(self, port: int | None, since: datetime, detail: str) -> None:
        """That channel was out of order, as a process before us knew; what the device tells when it is connected anew
        counts instead."""
        if port not in self._ports and self._state is not LinkState.UP:
            self._ports[port] = PortHealth(port=port, broken=True, since=since, detail=detail)
            self._recalled.add(port)

    def lost(self, at: datetime, detail: str) -> None:
        """The link is gone, or could not be opened once more."""
        if self._state is LinkState.UP:
            if self._away_since is None or self._is_steady(at):
                self._away_since, self._reached = at, self._reached or self._is_steady(at)
            self._state, self._since = LinkState.DOWN, at
        self._detail = detail[:MAX_REASON]

    def delivered(self, delivery: Delivery, at: datetime) -> None:
        """A frame, or a delivery, was read."""
        if delivery.events or delivery.refused:  # else a heartbeat, or a mark that a wire was opened
            self._reached = True
            self.last_heard(at)
        self._readable.append(bool(delivery.events) or not delivery.refused)
        for item in delivery.repaired:
            self._repaired_for.add(at, item.reason)
        for item in delivery.refused:
            self._aside_for.add(at, item.reason)
        if delivery.repaired:
            self._repaired = self._repaired.and_one(at, delivery.repaired[-1].reason, len(delivery.repaired))
        if delivery.refused:
            self._aside = self._aside.and_one(at, delivery.refused[-1].reason, len(delivery.refused))

    def not_understood(self, reason: str, at: datetime) -> None:
        """A frame, or a delivery, could not be read at all and was set aside."""
        self.last_heard(at)
        self._readable.append(False)
        self._aside = self._aside.and_one(at, reason)
        self._aside_for.add(at, reason)

    def probed(self, probe: Probe) -> None:
        """It was asked whether it is well."""
        self._probe = probe
        self._failures = 0 if probe.ok else self._failures + 1

    def health(self, now: datetime) -> LineHealth:
        """How it is."""
        steady = self._state is LinkState.UP and self._is_steady(now)
        if steady:
            self._reached, self._away_since = True, None
        return LineHealth(
            name=self._name,
            state=self._state,
            since=self._since,
            begun_at=self._begun_at,
            detail=self._detail,
            reached=self._reached,
            away_since=self._away_since,
            last_event_at=self._last,
            ports=tuple(sorted(self._ports.values(), key=lambda each: (each.port is None, each.port or 0))),
            frames=len(self._readable),
            unreadable=self._readable.count(False),
            skew_seconds=median(self._skews) if len(self._skews) >= ENOUGH_SAMPLES else None,
            repaired=self._repaired,
            aside=self._aside,
            repaired_for=self._repaired_for.latest_first(),
            aside_for=self._aside_for.latest_first(),
            probe=self._probe,
            failures=self._failures,
        )

    def _up(self, at: datetime, detail: str) -> None:
        if self._state is not LinkState.UP:
            self._state, self._since = LinkState.UP, at
        self._detail = detail[:MAX_REASON]

    def _is_steady(self, at: datetime) -> bool:
        return at - self._since >= self._steady

    def _port(self, port: int | None, at: datetime, detail: str, *, broken: bool) -> None:
        known = self._ports.get(port)
        self._recalled.discard(port)
        if known is None or known.broken is not broken:
            self._ports[port] = PortHealth(port=port, broken=broken, since=at, detail=detail[:MAX_REASON])
