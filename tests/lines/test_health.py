"""What a line's health and its alarms are, in virtual time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.telephony import (
    AdapterName,
    CallKey,
    CallOffered,
    Delivery,
    DeviceEvent,
    LinkUp,
    PortFault,
    PortRestored,
    RefusedItem,
)
from hotline.lines.alarms import Alarm, Kind, Limits, changes, standing
from hotline.lines.health import Line, LinkState, Probe

LINE = AdapterName("line-1")
START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
OFFERED = CallOffered(adapter=LINE, event_id="e", at=START, heard_at=START, call=CallKey("c"))


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_reasons_are_told_apart_each_with_its_count() -> None:
    line = Line(LINE, linked=False, at=START)
    said = ["no rule: 转接", "no call", "no rule: 转接"]
    delivery = Delivery(events=[OFFERED], refused=[RefusedItem(n, reason) for n, reason in enumerate(said)])
    line.delivered(delivery, after(1))
    line.not_understood("no call", after(2))
    line.delivered(Delivery(events=[OFFERED], repaired=[RefusedItem(0, "unreadable time")] * 3), after(3))
    health = line.health(after(4))
    assert [(each.reason, each.count, each.at) for each in health.aside_for] == [
        ("no call", 2, after(2)),
        ("no rule: 转接", 2, after(1)),
    ]
    assert [(each.reason, each.count) for each in health.repaired_for] == [("unreadable time", 3)]
    assert (health.aside.count, health.repaired.count) == (4, 3)
    for n in range(50):
        line.not_understood(f"reason {n}", after(5 + n))
    assert [each.reason for each in line.health(after(99)).aside_for] == [f"reason {n}" for n in range(49, 41, -1)]


class Watched:
    """A line whose alarms are asked for as the service does: again and again."""

    def __init__(self, *, linked: bool = True, **limits: Any) -> None:
        self.line = Line(LINE, linked=linked, at=START)
        self.limits = Limits(**limits)
        self.alarms: tuple[Alarm, ...] = ()
        self.raised: list[Alarm] = []
        self.cleared: list[Alarm] = []

    def look(self, seconds: float) -> set[Kind]:
        """What stands then."""
        now = after(seconds)
        before, self.alarms = self.alarms, standing(self.line.health(now), self.limits, self.alarms, now)
        raised, over = changes(before, self.alarms)
        self.raised += raised
        self.cleared += over
        return {each.kind for each in self.alarms}

    def up(self, seconds: float) -> None:
        self.fact(LinkUp, seconds, detail="ttyUSB0")

    def fact(self, kind: Any, seconds: float, **more: Any) -> None:
        at = after(seconds)
        fact: DeviceEvent = kind(adapter=LINE, event_id=f"e{seconds}", **({"at": at, "heard_at": at} | more))
        self.line.heard(fact)

    def call(self, seconds: float, *, behind: float, **more: Any) -> None:
        """A device whose clock is so far behind reports a call."""
        self.fact(CallOffered, seconds, at=after(seconds - behind), call=CallKey(f"c{seconds}"), **more)

    def read(self, seconds: float, readable: bool) -> None:
        if readable:
            self.line.delivered(Delivery(events=[]), after(seconds))
        else:
            self.line.not_understood("checksum", after(seconds))


def test_never_up_is_told_after_a_minute_and_over_once_it_is_steadily_up() -> None:
    watched = Watched()
    assert watched.line.health(after(30)).state is LinkState.NEVER
    watched.line.lost(after(1), "refused")
    assert watched.look(59) == set()
    assert watched.look(61) == {Kind.NEVER_UP}
    assert watched.alarms[0].detail == "refused"
    watched.up(70)
    assert watched.look(75) == {Kind.NEVER_UP}, "five seconds are nothing"
    assert watched.look(81) == set()
    assert (len(watched.raised), len(watched.cleared)) == (1, 1)


def test_a_link_that_is_gone_for_a_minute() -> None:
    watched = Watched()
    watched.up(0)
    watched.look(20)
    watched.line.lost(after(100), "unplugged")
    assert watched.line.health(after(101)).state is LinkState.DOWN
    assert watched.look(159) == set()
    assert watched.look(161) == {Kind.LINK_DOWN}
    watched.up(170)
    assert watched.look(181) == set()


def test_one_that_comes_and_goes_is_one_alarm() -> None:
    """Somebody accepts connections and hangs up: up for three of every thirty seconds, for an hour."""
    watched = Watched()
    watched.up(0)
    watched.look(20)
    watched.line.lost(after(100), "closed")
    first = None
    for moment in range(130, 3700, 30):
        watched.look(moment - 1)
        watched.up(moment)
        watched.look(moment + 2)
        watched.line.lost(after(moment + 3), "closed")
        first = first or (moment if watched.raised else None)
    assert [each.kind for each in watched.raised] == [Kind.LINK_DOWN]
    assert not watched.cleared
    assert first is not None
    assert first <= 190, "within 120 s of the first loss"


def test_a_dead_line_is_told_within_two_minutes_whatever_it_was_doing() -> None:
    for limit in (5.0, 60.0):
        watched = Watched(away_seconds=limit)
        watched.up(0)
        watched.line.lost(after(40), "gone")
        assert not watched.look(40 + limit - 1)
        assert watched.look(40 + limit + 1) == {Kind.LINK_DOWN}


def test_each_port_is_an_alarm_of_its_own() -> None:
    watched = Watched(linked=False)
    watched.fact(PortFault, 1, port=3, detail="no loop")
    watched.fact(PortFault, 2, port=5)
    watched.fact(PortFault, 3, port=3, detail="no loop")
    assert watched.look(4) == {Kind.PORT_FAULT}
    assert [each.port for each in watched.alarms] == [3, 5]
    watched.fact(PortRestored, 5, port=3)
    watched.look(6)
    assert [each.port for each in watched.alarms] == [5]
    health = watched.line.health(after(6))
    assert [(each.port, each.broken, each.since) for each in health.ports] == [
        (3, False, after(5)),
        (5, True, after(2)),
    ]
    assert health.state is LinkState.PUSHED
    assert len(watched.raised) == 2


def test_silence_is_an_alarm_only_where_the_site_says_so() -> None:
    silent, careful = Watched(linked=False), Watched(linked=False, quiet_hours=2)
    for watched in (silent, careful):
        watched.call(0, behind=0)
    assert silent.look(3600 * 24 * 30) == set()
    assert careful.look(3600 * 2 - 1) == set()
    assert careful.look(3600 * 2) == {Kind.QUIET}
    careful.call(3600 * 3, behind=0)
    assert careful.look(3600 * 3 + 1) == set()
    never = Watched(linked=False, quiet_hours=1)
    assert never.look(3601) == {Kind.QUIET}, "it has not said anything since the service began"


def test_a_link_that_comes_back_is_no_word_of_the_device() -> None:
    watched = Watched(quiet_hours=1)
    watched.up(3590)
    assert watched.look(3601) == {Kind.QUIET}
    assert watched.line.health(after(3601)).last_event_at is None


def test_the_device_s_clock() -> None:
    watched = Watched(linked=False)
    watched.call(1, behind=200)
    watched.call(2, behind=200)
    assert watched.line.health(after(3)).skew_seconds is None, "two say little"
    watched.call(3, behind=1000)
    assert watched.line.health(after(3)).skew_seconds == 200, "the median forgives one that came late"
    assert watched.look(4) == {Kind.CLOCK_SKEW}
    assert "慢 200 秒" in watched.alarms[0].detail
    for second in range(5, 20):
        watched.call(second, behind=100)
    assert watched.look(20) == {Kind.CLOCK_SKEW}, "nearly right is not right"
    for second in range(21, 40):
        watched.call(second, behind=-3)
    assert watched.look(41) == set()
    assert len(watched.raised) == 1


def test_what_does_not_tell_of_the_clock() -> None:
    watched = Watched(linked=False)
    for second in range(10):
        watched.call(second, behind=7200, backfilled=True)
        watched.fact(CallOffered, second, call=CallKey("own"))
        watched.fact(PortFault, second, at=after(second - 9000), port=1)
    assert watched.line.health(after(20)).skew_seconds is None


def test_what_cannot_be_read() -> None:
    watched = Watched()
    watched.up(0)
    for second in range(9):
        watched.read(second, readable=False)
    assert watched.look(10) == set(), "too few to say"
    for second in range(9, 60):
        watched.read(second, readable=second % 5 != 0)
    assert watched.line.health(after(61)).frames == 50
    assert watched.line.health(after(61)).unreadable == 10
    assert watched.look(61) == set(), "a fifth, and not more"
    watched.read(62, readable=False)
    watched.read(63, readable=False)
    assert watched.look(64) == {Kind.UNREADABLE}
    assert watched.alarms[0].detail.endswith("checksum")
    for second in range(65, 100):
        watched.read(second, readable=True)
    assert watched.look(101) == set()
    aside = watched.line.health(after(101)).aside
    assert (aside.count, aside.reason, aside.at) == (21, "checksum", after(63))


def test_repaired_facts_are_counted_with_the_latest_reason() -> None:
    watched = Watched(linked=False)
    repaired = [RefusedItem(0, "clock never set"), RefusedItem(1, "day and month changed")]
    watched.line.delivered(Delivery(events=[OFFERED, OFFERED], repaired=repaired), after(1))
    watched.line.delivered(Delivery(events=[OFFERED], repaired=[RefusedItem(0, "later")]), after(2))
    watched.line.delivered(Delivery(events=[OFFERED]), after(3))
    health = watched.line.health(after(4))
    assert (health.repaired.count, health.repaired.at, health.repaired.reason) == (3, after(2), "later")
    assert (health.frames, health.unreadable, health.last_event_at) == (3, 0, after(3))


def test_a_delivery_of_which_nothing_was_read() -> None:
    watched = Watched(linked=False)
    watched.line.delivered(Delivery(events=[], refused=[RefusedItem(0, "no call")]), after(1))
    watched.line.delivered(Delivery(events=[OFFERED], refused=[RefusedItem(1, "no call")]), after(2))
    health = watched.line.health(after(3))
    assert (health.frames, health.unreadable, health.aside.count) == (2, 1, 2)


def test_probes_that_fail_twice() -> None:
    watched = Watched()
    watched.up(0)
    assert watched.look(15) == set()
    watched.line.probed(Probe(at=after(20), ok=False, detail="silent"))
    assert watched.look(21) == set()
    watched.line.probed(Probe(at=after(35), ok=False, detail="silent"))
    assert watched.look(36) == {Kind.PROBE_FAILED}
    watched.line.lost(after(36), "dead")
    watched.up(37)
    assert watched.look(38) == {Kind.PROBE_FAILED}, "a link that is back has not been asked yet"
    watched.line.probed(Probe(at=after(40), ok=True, detail="well"))
    assert watched.look(50) == set()
    assert len(watched.raised) == 1


@pytest.mark.parametrize("kind", [Kind.LINK_DOWN, Kind.NEVER_UP])
def test_an_alarm_of_a_process_before_us_stands_until_all_is_well(kind: Kind) -> None:
    watched = Watched()
    watched.alarms = (Alarm(kind=kind, since=after(-500), detail="old"),)
    assert watched.look(1) == {kind}
    assert watched.alarms[0].since == after(-500)
    watched.up(2)
    assert watched.look(13) == set()
    assert not watched.raised


def test_a_port_that_was_broken_before_us_still_is() -> None:
    watched = Watched(linked=False)
    watched.alarms = (Alarm(kind=Kind.PORT_FAULT, port=2, since=after(-60), detail="no loop"),)
    watched.line.remember_fault(2, after(-60), "no loop")
    assert watched.look(1) == {Kind.PORT_FAULT}
    watched.fact(PortRestored, 2, port=2)
    assert watched.look(3) == set()


def test_a_device_that_is_connected_anew_tells_what_is_broken_now() -> None:
    """Port 2 was mended while the service was away; port 3 was not, and says so."""
    watched = Watched()
    for port in (2, 3):
        watched.line.remember_fault(port, after(-60), "no loop")
    watched.fact(PortFault, 1, port=3)
    watched.up(2)
    assert [(each.port, each.broken) for each in watched.line.health(after(3)).ports] == [(3, True)]
    watched.line.remember_fault(4, after(-60), "too late: it is connected")
    assert [each.port for each in watched.line.health(after(4)).ports] == [3]
