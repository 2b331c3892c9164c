"""The lines of one hall, watched while this process leads it: each is told what is heard, what is wrong is raised."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog

from adapters.telephony import AdapterName, Delivery, DeviceEvent, RefusedItem, TelephonyAdapter, has_link
from hotline.clock import Clock
from hotline.hall.events import LineAlarmCleared, LineAlarmRaised
from hotline.hall.inputs import AlarmsSeen, Heard, Input, LinkLost
from hotline.hall.state import Decision
from hotline.lines.alarms import Alarm, Kind, Limits, standing
from hotline.lines.health import Line, LineHealth
from hotline.lines.masking import masked_text
from hotline.store.errors import StoreAway
from hotline.store.gaps import Gaps

log = structlog.get_logger()

LOOK_SECONDS: Final = 1.0
"""Between two looks at all lines; a look costs some microseconds a line."""
AGAIN_SECONDS: Final = 1.0


class Lines:
    """Every line of a hall."""

    def __init__(
        self,
        adapters: Mapping[AdapterName, TelephonyAdapter],
        clock: Clock,
        limits: Mapping[AdapterName, Limits] | None = None,
    ) -> None:
        self._adapters = adapters
        self._clock = clock
        self._limits = limits or {}
        self._lines: dict[AdapterName, Line] = {}
        self.begin()

    def begin(self) -> None:
        """From now on this process leads the hall: what was known of links and ports is the past."""
        now = self._clock.now()
        before = {health.name: health for health in self.health()}
        self._lines = {}
        for name, adapter in self._adapters.items():
            last = before[name].last_event_at if name in before else None
            steady = self._limits.get(name, Limits()).steady
            self._lines[name] = Line(name, linked=has_link(adapter), at=now, last_event_at=last, steady=steady)

    def of(self, name: AdapterName) -> Line:
        """One line, to tell it something."""
        return self._lines[name]

    def take(self, input: Input) -> None:
        """What enters the hall, as far as it says something about a line."""
        match input:
            case Heard(fact=fact):
                self._heard(fact)
            case LinkLost(adapter=name, detail=detail) if name in self._lines:
                self._lines[name].lost(input.at or self._clock.now(), detail)
            case _:
                pass

    def delivered(self, name: AdapterName, delivery: Delivery, at: datetime) -> None:
        """A frame of a wire, or a delivery of a gateway, was read."""
        self._lines[name].delivered(delivery, at)

    def not_understood(self, name: AdapterName, reason: str, at: datetime) -> None:
        """It could not be read at all."""
        self._lines[name].not_understood(masked_text(reason), at)

    def carried(
        self,
        name: AdapterName,
        bodies: Sequence[bytes],
        aside: Sequence[tuple[bytes, str]],
        repaired: Sequence[RefusedItem],
        at: datetime,
    ) -> None:
        """What an edge has heard: these frames, of which some were set aside with a reason, and events repaired."""
        reasons = dict(aside)
        if repaired:
            self._lines[name].delivered(Delivery(events=[], repaired=list(repaired)), at)
        for body in bodies:
            if body in reasons:
                self._lines[name].not_understood(masked_text(reasons[body]), at)
            else:
                self._lines[name].delivered(Delivery(events=[]), at)
                self._lines[name].last_heard(at)

    def health(self) -> list[LineHealth]:
        """How each line is, in the order of the settings."""
        now = self._clock.now()
        return [line.health(now) for line in self._lines.values()]

    def health_of(self, name: AdapterName) -> LineHealth | None:
        """How that line is; None: there is no such line."""
        line = self._lines.get(name)
        return None if line is None else line.health(self._clock.now())

    async def keep(self, gaps: Gaps, put: Callable[[Input], None]) -> None:
        """Raise and clear alarms until cancelled."""
        if not self._lines:
            return
        known = await self._recall(gaps)
        for name, alarms in known.items():
            put(AlarmsSeen(adapter=name, alarms=alarms, told=True))
        told: dict[AdapterName, tuple[Alarm, ...]] = dict(known)
        while True:
            for health in self.health():
                before = told.get(health.name, ())
                now = standing(health, self._limits.get(health.name, Limits()), before, self._clock.now())
                if now != before:
                    told[health.name] = now
                    put(AlarmsSeen(adapter=health.name, alarms=now))
            await asyncio.sleep(LOOK_SECONDS)

    async def _recall(self, gaps: Gaps) -> dict[AdapterName, tuple[Alarm, ...]]:
        """What a process before us knew: when each line last spoke, which alarms it raised, which ports are broken."""
        while True:
            now = self._clock.now()
            try:
                heard, alarms = await gaps.last_heard(now), await gaps.standing_alarms(now)
                break
            except StoreAway as away:
                log.warning("lines not read back yet: the database is away", detail=str(away))
                await asyncio.sleep(AGAIN_SECONDS)
        for name, at in heard.items():
            if (line := self._lines.get(AdapterName(name))) is not None:
                line.last_heard(at)
        known = {AdapterName(name): each for name, each in alarms.items() if AdapterName(name) in self._lines}
        for name, each in known.items():
            for alarm in each:
                if alarm.kind is Kind.PORT_FAULT:
                    self._lines[name].remember_fault(alarm.port, alarm.since, alarm.detail)
        return known

    def _heard(self, fact: DeviceEvent) -> None:
        if (line := self._lines.get(fact.adapter)) is not None:
            line.heard(fact)


def say(decisions: Iterable[Decision]) -> None:
    """Alarms that were raised or cleared, in the log."""
    for decision in decisions:
        for event in decision.events:
            match event:
                case LineAlarmRaised():
                    log.warning("line alarm", adapter=event.adapter, kind=event.kind, port=event.port)
                case LineAlarmCleared():
                    log.info("line alarm is over", adapter=event.adapter, kind=event.kind, port=event.port)
                case _:
                    pass
