"""When must somebody look at a line? One line's health in, its standing alarms (告警) out.

Pure. An alarm that stands goes on standing, with its first words, until what raised it is well gone: a line that comes
and goes is one alarm, not a hundred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from hotline.lines.health import STEADY, LineHealth

AWAY_SECONDS: Final = 60.0
"""A link that is gone for longer is an alarm, unless the line's settings say otherwise."""
SKEW_SECONDS: Final = 120.0
SKEW_OVER_SECONDS: Final = 90.0
UNREADABLE: Final = 0.2
UNREADABLE_OVER: Final = 0.1
ENOUGH_FRAMES: Final = 10
"""Of two frames one that was cut off says nothing."""
FAILURES: Final = 2


class Kind(StrEnum):
    """What is wrong."""

    LINK_DOWN = "link_down"
    NEVER_UP = "never_up"
    PORT_FAULT = "port_fault"
    QUIET = "quiet"
    CLOCK_SKEW = "clock_skew"
    UNREADABLE = "unreadable"
    PROBE_FAILED = "probe_failed"


LABELS: Final[Mapping[str, str]] = {
    Kind.LINK_DOWN: "连接中断",
    Kind.NEVER_UP: "启动以来未连上",
    Kind.PORT_FAULT: "端口故障",
    Kind.QUIET: "长时间没有事件",
    Kind.CLOCK_SKEW: "设备时钟不准",
    Kind.UNREADABLE: "数据无法识别",
    Kind.PROBE_FAILED: "探测失败",
}


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a line."""

    kind: Kind
    port: int | None = None
    since: datetime
    """When it was raised."""
    detail: str = ""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a site says about one line."""

    away_seconds: float = AWAY_SECONDS
    quiet_hours: float | None = None
    """None: silence of this line means nothing."""

    @property
    def steady(self) -> timedelta:
        """A link that was up for less has not come back."""
        return min(STEADY, timedelta(seconds=self.away_seconds / 2))


Key = tuple[Kind, int | None]


def standing(health: LineHealth, limits: Limits, before: Sequence[Alarm], now: datetime) -> tuple[Alarm, ...]:
    """The alarms of the line now; `before`: those that stood a moment ago."""
    known = {(each.kind, each.port): each for each in before}
    found: dict[Key, Alarm] = {}
    for kind, port, detail in _wrong(health, limits, frozenset(known), now):
        found[kind, port] = known.get((kind, port)) or Alarm(kind=kind, port=port, since=now, detail=detail)
    return tuple(sorted(found.values(), key=lambda each: (each.since, each.kind, each.port or 0)))


def changes(before: Sequence[Alarm], after: Sequence[Alarm]) -> tuple[list[Alarm], list[Alarm]]:
    """Which were raised, and which are over."""
    was, now = {(each.kind, each.port) for each in before}, {(each.kind, each.port) for each in after}
    raised = [each for each in after if (each.kind, each.port) not in was]
    return raised, [each for each in before if (each.kind, each.port) not in now]


def _wrong(
    health: LineHealth, limits: Limits, stands: frozenset[Key], now: datetime
) -> Iterator[tuple[Kind, int | None, str]]:
    yield from _link(health, limits, stands, now)
    for port in health.ports:
        if port.broken:
            yield Kind.PORT_FAULT, port.port, port.detail
    if limits.quiet_hours is not None:
        last = health.last_event_at or health.begun_at
        if now - last >= timedelta(hours=limits.quiet_hours):
            yield Kind.QUIET, None, f"已超过 {limits.quiet_hours:g} 小时没有任何事件"
    if health.skew_seconds is not None:
        off = abs(health.skew_seconds)
        if off > (SKEW_OVER_SECONDS if (Kind.CLOCK_SKEW, None) in stands else SKEW_SECONDS):
            way = "慢" if health.skew_seconds > 0 else "快"
            yield Kind.CLOCK_SKEW, None, f"设备时钟比本机{way} {off:.0f} 秒"
    if health.frames >= ENOUGH_FRAMES:
        limit = UNREADABLE_OVER if (Kind.UNREADABLE, None) in stands else UNREADABLE
        if health.unreadable > limit * health.frames:
            last = health.aside.reason
            detail = f"最近 {health.frames} 帧中 {health.unreadable} 帧无法识别"
            yield Kind.UNREADABLE, None, f"{detail}：{last}" if last else detail
    if health.failures >= FAILURES and health.probe is not None:
        yield Kind.PROBE_FAILED, None, health.probe.detail


def _link(
    health: LineHealth, limits: Limits, stands: frozenset[Key], now: datetime
) -> Iterator[tuple[Kind, int | None, str]]:
    if health.away_since is None:
        return
    kind = Kind.LINK_DOWN if health.reached else Kind.NEVER_UP
    other = Kind.NEVER_UP if health.reached else Kind.LINK_DOWN
    if (other, None) in stands:
        kind = other  # raised by a process before us, or before it was up for a moment: it is the same trouble
    if (kind, None) in stands or now - health.away_since >= timedelta(seconds=limits.away_seconds):
        yield kind, None, health.detail
