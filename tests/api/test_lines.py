"""What those who look after the lines are shown: health, alarms, facts and raw bytes, with every number masked."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from limits import parse
from sqlalchemy import delete, insert

from adapters.telephony import (
    AdapterName,
    CallKey,
    CallOffered,
    CallReleased,
    Delivery,
    DeviceEvent,
    EndedBy,
    PortFault,
    RefusedItem,
    SeatAnswered,
)
from hotline.api import lines
from hotline.hall.inputs import Heard
from hotline.hall.state import Decision
from hotline.lines import reading
from hotline.lines.alarms import Alarm, Kind
from hotline.lines.watch import Lines
from hotline.people.permissions import Role
from hotline.settings import Settings
from hotline.store.ledger import HallStore
from hotline.store.tables import JOURNAL, WRITER_GAPS
from tests.api.site import Site

NUMBER = "13800138000"
BOX = AdapterName("box-1")


async def furnished(site: Site) -> None:
    """A pushed line that has said good things and bad ones, in hall h1."""
    hall, clock, now = site.halls["h1"], site.clock, site.clock.now()
    site.settings.adapters["box-1"] = {"kind": "gateway-push", "hall": "h1"}
    adapter: Any = SimpleNamespace(name=BOX, abilities=frozenset())
    hall.adapters = {BOX: adapter}
    hall.lines = Lines(hall.adapters, clock)  # type: ignore[assignment]
    facts: list[DeviceEvent] = [
        CallOffered(
            adapter=BOX, event_id="1", at=now, heard_at=now, call=CallKey(f"k-{NUMBER}"), caller=NUMBER, dialled="12348"
        ),
        SeatAnswered(adapter=BOX, event_id="2", at=now, heard_at=now, call=CallKey("k"), seat="8001"),
        CallReleased(adapter=BOX, event_id="3", at=now, heard_at=now, call=CallKey("k"), by=EndedBy.CALLER),
    ]
    store = HallStore(site.database, site.seal, "h1")
    try:
        body = f'{{"caller":"{NUMBER}","text":"来电"}}'.encode()
        await store.keep(BOX, [(fact, body) for fact in facts[:2]], [])
        site.clock.forward(seconds=1)
        await store.keep(BOX, [], [(f"RING {NUMBER}".encode() + b"\xff\x00" * 4000, f"[0] no call of {NUMBER}")])
    finally:
        await store.close()
    for fact in facts:
        hall.lines.take(Heard(fact))
    fault = PortFault(adapter=BOX, event_id="4", at=now, heard_at=now, port=7, detail=f"busy with {NUMBER}")
    hall.lines.take(Heard(fault))
    hall.lines.delivered(BOX, Delivery(events=facts, repaired=[RefusedItem(0, "unreadable time")]), now)
    hall.lines.not_understood(BOX, f"no call of {NUMBER}", now)
    alarm = Alarm(kind=Kind.PORT_FAULT, port=7, since=now, detail=f"busy with {NUMBER}")
    hall.state.become(Decision(alarms={BOX: (alarm,)}))
    raised = {"adapter": "box-1", "kind": "port_fault", "port": 7, "detail": f"busy with {NUMBER}"}
    async with site.engine.begin() as conn:
        row = {"hall": "h1", "epoch": 1, "actor": "system", "call_seq": 0, "at": now}
        await conn.execute(insert(JOURNAL).values(**row, seq=900, type="LineAlarmRaised", data=raised))
        await conn.execute(
            insert(JOURNAL).values(**row, seq=901, type="LineAlarmRaised", data={**raised, "adapter": "other"})
        )
        gap = {"hall": "h1", "began_at": now - timedelta(hours=2)}
        for kind, adapter, ended in (
            ("link", "box-1", now - timedelta(hours=1)),
            ("port/7", "box-1", None),
            ("writer", None, now),
            ("link", "other", None),
            ("link", "box-1", now - timedelta(days=3)),
        ):
            values = {**gap, "kind": kind, "adapter": adapter, "ended_at": ended, "detail": f"of {NUMBER}"}
            if ended is not None and ended < gap["began_at"]:
                values["began_at"] = ended - timedelta(hours=1)
            await conn.execute(insert(WRITER_GAPS).values(**values))


async def test_the_list(site: Site) -> None:
    await furnished(site)
    async with site.browser(Role.SUPERVISOR) as browser:
        answer = await browser.get("/lines")
    assert answer.status_code == 200
    (line,) = answer.json()["items"]
    assert {
        key: line[key] for key in ("name", "kind", "state", "ports_known", "ports_broken", "frames", "unreadable")
    } == {
        "name": "box-1",
        "kind": "gateway-push",
        "state": "pushed",
        "ports_known": 1,
        "ports_broken": 1,
        "frames": 2,
        "unreadable": 1,
    }
    assert line["repaired"]["count"] == 1
    assert line["repaired"]["reason"] == "时间无法识别，已按收到的时间登记"
    assert line["aside"]["reason"] == "no call of 138******00"
    assert [(each["kind"], each["label"], each["port"]) for each in line["alarms"]] == [("port_fault", "端口故障", 7)]
    assert NUMBER not in answer.text
    async with site.browser(Role.ADMINISTRATOR, "h2") as browser:
        assert (await browser.get("/lines")).json()["items"] == []
        assert (await browser.get("/lines/box-1")).status_code == 404
        assert (await browser.get("/lines/box-1/raw")).status_code == 404


async def test_one_line(site: Site) -> None:
    await furnished(site)
    async with site.browser(Role.ADMINISTRATOR) as browser:
        answer = await browser.get("/lines/box-1")
        assert (await browser.get("/lines/no-such")).json()["code"] == "not_found"
        assert (await browser.get("/lines/NO such")).status_code == 422
    told = answer.json()
    assert answer.status_code == 200
    assert NUMBER not in answer.text
    assert [(each["port"], each["broken"], each["detail"]) for each in told["ports"]] == [
        (7, True, "busy with 138******00")
    ]
    assert sorted((each["kind"], each["port"]) for each in told["gaps"]) == [
        ("link", None),
        ("port", 7),
        ("writer", None),
    ]
    assert [(each["count"], each["reason"]) for each in told["repaired_for"]] == [
        (1, "时间无法识别，已按收到的时间登记")
    ]
    assert [(each["count"], each["reason"]) for each in told["aside_for"]] == [(1, "no call of 138******00")]
    assert [(each["raised"], each["label"]) for each in told["history"]] == [(True, "端口故障")]
    assert [each["text"] for each in told["facts"]] == [
        "话机 8001 接听",
        "来电呼入，号码 138****8000，拨打 12348",
    ]
    assert not await site.audit(), "looking at masked facts is like looking at the call list"


async def test_the_raw_trace_is_masked_and_on_record(site: Site) -> None:
    await furnished(site)
    async with site.browser(Role.SUPERVISOR) as browser:
        answer = await browser.get("/lines/box-1/raw")
        one = await browser.get("/lines/box-1/raw?limit=1")
        assert (await browser.get("/lines/box-1/raw?limit=101")).status_code == 422
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found = {each["state"]: each for each in answer.json()["items"]}
    assert len(answer.json()["items"]) == 2
    assert NUMBER not in answer.text
    assert NUMBER.encode().hex(" ") not in answer.text
    aside, good = found["set_aside"], found["pending"]
    assert (aside["reason"], aside["says"], aside["size"], aside["cut"]) == (
        "[0] no call of 138******00",
        [],
        len("RING ") + 11 + 8000,
        True,
    )
    assert aside["text"].startswith("RING 138******00ÿ·")
    assert good["says"] == ["CallOffered", "SeatAnswered"], "one delivery, though it said two things"
    assert good["text"] == '{"caller":"138******00","text":"来电"}'
    assert bytes.fromhex(good["hex"]).decode() == good["text"]
    assert len(one.json()["items"]) == 1
    entries = await site.audit()
    assert [(each["act"], each["object"], each["data"]) for each in entries] == [
        ("line_trace", "box-1", {"shown": 2}),
        ("line_trace", "box-1", {"shown": 1}),
    ]


async def test_what_came_can_be_decoded_again(site: Site) -> None:
    await furnished(site)
    async with site.engine.connect() as conn:
        found = await reading.bodies(conn, site.seal, "h1", BOX, site.clock.now(), 10)
        last = await reading.bodies(conn, site.seal, "h1", BOX, site.clock.now(), 1)
    assert [body[:4] for body, _ in found] == [b'{"ca', b"RING"], "each once, the oldest first"
    assert found[0][1] < found[1][1]
    assert last == found[1:]


async def test_it_is_not_looked_at_without_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "TRACE_PACE", parse("2/hour"))
    await furnished(site)
    async with site.browser(Role.SUPERVISOR) as browser:
        for _ in range(2):
            assert (await browser.get("/lines/box-1/raw?limit=1")).status_code == 200
        refused = await browser.get("/lines/box-1/raw?limit=1")
    assert (refused.status_code, refused.json()["code"]) == (429, "slow_down")


def test_what_a_site_may_say_about_a_line() -> None:
    halls: Any = {"h1": {"label": "大厅", "default_queue": "m", "queues": {"m": {"label": "人工", "groups": ["all"]}}}}
    table = {"kind": "simulated", "quiet_alarm_hours": 12, "down_alarm_seconds": 30}
    found = Settings(halls=halls, adapters={"a": table, "b": {"kind": "simulated"}})
    assert (found.limits_of("a").quiet_hours, found.limits_of("a").away_seconds) == (12, 30)
    assert (found.limits_of("b").quiet_hours, found.limits_of("b").away_seconds) == (None, 60)


async def test_what_devices_and_the_service_say_is_told_in_chinese(site: Site) -> None:
    await furnished(site)
    hall, now = site.halls["h1"], site.clock.now()
    hall.lines.not_understood(BOX, "neither a record nor a detail line", now)
    alarm = Alarm(kind=Kind.UNREADABLE, since=now, detail="最近 50 帧中 12 帧无法识别：no frame")
    hall.state.become(Decision(alarms={BOX: (alarm,)}))
    over = CallReleased(adapter=BOX, event_id="9", at=now, heard_at=now, call=CallKey("k"), cause="ringing_stopped")
    store = HallStore(site.database, site.seal, "h1")
    try:
        await store.keep(BOX, [(over, b"x")], [(b"y", "[0] no rule of the mapping fits: 状态 = 转接")])
    finally:
        await store.close()
    async with site.browser(Role.SUPERVISOR) as browser:
        told = (await browser.get("/lines/box-1")).json()
        traced = (await browser.get("/lines/box-1/raw")).json()["items"]
    assert told["aside_for"][0]["reason"] == "既不是来电记录，也不是明细行：请核对方言（dialect）"
    assert told["alarms"][0]["detail"] == "最近 50 帧中 12 帧无法识别：字节中没有完整的一帧"
    assert told["facts"][0]["text"] == "通话结束：振铃停止"
    assert "第 1 条：映射文件中没有符合的规则（收到 状态 = 转接）：请补一段 [[events]]" in [
        each["reason"] for each in traced
    ]


async def test_three_seats_defined_while_stopped_are_one_stop(site: Site) -> None:
    await furnished(site)
    now = site.clock.now()

    def ago(seconds: int) -> datetime:
        return now - timedelta(seconds=seconds)

    row: dict[str, Any] = {"hall": "h1", "kind": "writer"}
    stops = [
        (3600, 3590, "taken over"),  # a stop of its own
        (600, 590, "seat defined while stopped"),
        (590, 580, "seat defined while stopped"),
        (579, 570, "seat defined while stopped"),
        (570, 500, "taken over"),
        (499, 490, "taken over"),  # started and stopped again at once: no command's
    ]
    async with site.engine.begin() as conn:
        await conn.execute(delete(WRITER_GAPS))
        for began, ended, detail in stops:
            values = {**row, "began_at": ago(began), "ended_at": ago(ended), "detail": detail}
            await conn.execute(insert(WRITER_GAPS).values(**values))
        starting = {"hall": "h1", "kind": "link", "adapter": BOX, "began_at": ago(585), "ended_at": None}
        await conn.execute(insert(WRITER_GAPS).values(**starting, detail="starting"))
    async with site.browser(Role.SUPERVISOR) as browser:
        gaps = (await browser.get("/lines/box-1")).json()["gaps"]
    lasted = [
        (each["kind"], datetime.fromisoformat(each["ended_at"]) - datetime.fromisoformat(each["began_at"]))
        if each["ended_at"]
        else (each["kind"], None)
        for each in gaps
    ]
    assert lasted == [
        ("writer", timedelta(seconds=9)),
        ("link", None),
        ("writer", timedelta(seconds=100)),
        ("writer", timedelta(seconds=10)),
    ]
    assert [each["detail"] for each in gaps] == [
        "服务停止，随后由本进程接管",
        "服务启动，尚未连上设备",
        "服务停止，其间登记了坐席",
        "服务停止，随后由本进程接管",
    ]
