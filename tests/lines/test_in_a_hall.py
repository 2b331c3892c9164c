"""A real wire is pulled out of a real hall: alarm, journal, evidence; a restart; and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from adapters.cti_serial import simulated_bytes as made
from adapters.telephony import AdapterName, PortFault
from hotline import settings as site_settings
from hotline.api.health import numbers
from hotline.api.sentences import Names, sentence
from hotline.hall.hall import Hall
from hotline.hall.inputs import Heard
from hotline.lines import watch
from hotline.lines.alarms import Kind
from hotline.lines.health import LinkState
from tests.adapters.wire.device import Device
from tests.hall.test_heard_on_wires import NUMBER, fetch, now, running, settings, until

BOX = AdapterName("box-1")


@pytest.fixture
def devices() -> Iterator[tuple[Device, Device]]:
    both = Device(), Device()
    yield both
    for each in both:
        each.unplug()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(site_settings, "DOWN_SECONDS", (0.1, 60.0))


def stands(hall: Hall) -> set[Kind]:
    return {each.kind for each in hall.state.alarms.get(BOX, ())}


async def test_pulled_out_restarted_and_back(
    database_url: str, tmp_path: Path, devices: tuple[Device, Device], quick: None
) -> None:
    first, second = devices
    name = tmp_path / "by-id"
    name.symlink_to(first.url)
    found = settings(database_url, tmp_path, {"m": {"url": str(name), "dialect": "fritz"}})
    found.adapters["box-1"]["down_alarm_seconds"] = 0.3
    async with running(found) as hall:
        await until(lambda: hall.state.links.get(BOX), "the wire is open")
        first.say(made.fritz_ring(0, NUMBER, "12348", at=now()))
        await until(lambda: hall.state.calls, "it rings")
        seen = hall.lines.health_of(BOX)
        assert seen is not None
        assert (seen.state, seen.frames > 0, seen.unreadable, stands(hall)) == (LinkState.UP, True, 0, set())
        first.say(b"rubbish;;\r\n" * 11)
        await until(lambda: stands(hall) == {Kind.UNREADABLE}, "eleven of twelve could not be read")
        first.unplug()
        await until(lambda: Kind.LINK_DOWN in stands(hall), "the wire is gone")
        fault = PortFault(adapter=BOX, event_id="f", at=now(), heard_at=now(), port=3, detail=f"{NUMBER}")
        hall.put(Heard(fault))
        await until(lambda: Kind.PORT_FAULT in stands(hall), "a port is broken")
    async with running(found) as hall:
        # Another process: what can be known only from hearing is forgotten and over, the rest still stands.
        await until(lambda: stands(hall) == {Kind.LINK_DOWN, Kind.PORT_FAULT}, "they stood before")
        name.unlink()
        name.symlink_to(second.url)
        await until(lambda: not stands(hall), "it is back, and tells of no broken port")
        last = hall.lines.health_of(BOX)
        assert last is not None
        assert last.last_event_at is not None
    told = await fetch(
        database_url,
        "SELECT type, data->>'kind', data FROM journal WHERE type LIKE 'LineAlarm%' ORDER BY seq",
    )
    assert [(each[0].removeprefix("LineAlarm"), each[1]) for each in told] == [
        ("Raised", "unreadable"),
        ("Raised", "link_down"),
        ("Raised", "port_fault"),
        ("Cleared", "unreadable"),
        ("Cleared", "port_fault"),
        ("Cleared", "link_down"),
    ]
    names = Names()
    assert sentence(
        "LineAlarmCleared", {"adapter": "box-1", "kind": "port_fault", "port": 3}, seat=None, actor="", names=names
    ) == ("线路 box-1 告警解除：端口故障（端口 3）")
    gaps = await fetch(
        database_url, "SELECT kind, ended_at IS NOT NULL FROM writer_gaps WHERE adapter = 'box-1' ORDER BY id"
    )
    assert ("port/3", True) in gaps
    assert [closed for _, closed in gaps] == [True] * len(gaps)


async def test_a_line_that_was_never_up_counts_from_the_start(database_url: str, tmp_path: Path, quick: None) -> None:
    found = settings(database_url, tmp_path, {"m": {"url": str(tmp_path / "nothing"), "dialect": "fritz"}})
    found.adapters["box-1"]["down_alarm_seconds"] = 0.3
    async with running(found) as hall:
        await until(lambda: stands(hall) == {Kind.NEVER_UP}, "never up")
        seen = hall.lines.health_of(BOX)
        assert seen is not None
        assert seen.state is LinkState.NEVER
        (alarm,) = hall.state.alarms[BOX]
        assert alarm.detail
    gaps = "SELECT kind, began_at < now(), ended_at FROM writer_gaps WHERE adapter = 'box-1'"
    assert await fetch(database_url, gaps) == [("link", True, None)]


async def test_it_is_probed_and_its_alarms_are_a_metric(database_url: str, tmp_path: Path, quick: None) -> None:
    found = settings(database_url, tmp_path, {"m": {"url": str(tmp_path / "nothing"), "dialect": "fritz"}})
    found.adapters["box-1"]["down_alarm_seconds"] = 0.3
    found.adapters["sim"] = {"kind": "simulated", "calls_per_hour": 0}
    async with running(found) as hall:

        def probed() -> bool:
            seen = hall.lines.health_of(AdapterName("sim"))
            return seen is not None and seen.probe is not None and seen.probe.ok

        await until(probed, "asked as soon as the link is up")
        await until(lambda: stands(hall) == {Kind.NEVER_UP}, "never up")
        request: Any = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(halls={"h1": hall})))
        told = bytes((await numbers(request)).body).decode()
        assert 'hotline_line_alarm{adapter="box-1",kind="never_up"} 1.0' in told
        assert 'hotline_line_alarm{adapter="box-1",kind="link_down"} 0.0' in told
        assert 'hotline_line_alarm{adapter="sim",kind="never_up"} 0.0' in told


async def test_what_was_broken_before_is_not_missed_for_ever(database_url: str, tmp_path: Path, quick: None) -> None:
    """A channel that was mended meanwhile, a line that is no longer there; and an alarm of a later version."""
    found = settings(database_url, tmp_path, {"m": {"url": str(tmp_path / "no"), "dialect": "fritz"}})
    async with running(found):
        pass
    connection = await asyncpg.connect(database_url)
    try:
        for kind, adapter in (("port/2", "box-1"), ("link", "gone-1"), ("port/1", "gone-1")):
            await connection.execute(
                "INSERT INTO writer_gaps (hall, kind, adapter, began_at, detail) VALUES ('h1', $1, $2, now(), '')",
                kind,
                adapter,
            )
        await connection.execute(
            """INSERT INTO journal (hall, seq, at, epoch, type, actor, data)
               SELECT 'h1', coalesce(max(seq), 0) + 1, now(), 1, 'LineAlarmRaised', 'system',
                      '{"adapter": "box-1", "kind": "haunted", "port": null, "detail": ""}' FROM journal"""
        )
    finally:
        await connection.close()
    async with running(found) as hall:
        await until(lambda: hall.leading, "it leads in spite of an alarm that it does not know")
        still = await fetch(database_url, "SELECT kind, adapter FROM writer_gaps WHERE ended_at IS NULL")
        assert still == [("link", "box-1")]
