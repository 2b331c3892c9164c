"""The call log, a call's journal, the screen pop, and full numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, text, update

from hotline.people.permissions import Role
from hotline.store.tables import CALLS, JOURNAL, RECORDINGS
from tests.api.site import Site


async def test_the_log_shows_masked_numbers_and_figures(site: Site) -> None:
    call, ticket = await site.call()
    await site.recording(call, "a.wav")
    async with site.browser(Role.OPERATOR) as client:
        answer = await client.get("/calls")
    (row,) = answer.json()["items"]
    assert "13800138000" not in answer.text
    assert {name: row[name] for name in ("id", "caller", "ticket", "queue_label", "operator_name", "recordings")} == {
        "id": call,
        "caller": "138****8000",
        "ticket": ticket,
        "queue_label": "人工服务",
        "operator_name": "h1operator",
        "recordings": 1,
    }
    assert (row["wait_seconds"], row["talk_seconds"]) == (8.0, 60.0)


async def test_the_province_s_own_id_stands_on_call_ticket_and_recording(site: Site) -> None:
    call, ticket = await site.call(their_id="SD-77")
    await site.recording(call, "a.wav")
    async with site.engine.begin() as conn:
        await conn.execute(update(CALLS).where(CALLS.c.id == call).values(their_id="SD-77"))
        await conn.execute(update(RECORDINGS).where(RECORDINGS.c.call == call).values(their_id="SD-77"))
    async with site.browser(Role.OPERATOR) as client:
        whole = (await client.get(f"/calls/{call}")).json()
        (listed,) = (await client.get("/calls")).json()["items"]
        written = (await client.get(f"/tickets/{ticket}")).json()
        (found,) = (await client.get("/calls", params={"their_id": "SD-77"})).json()["items"]
        assert found["id"] == call
        assert (await client.get("/calls", params={"their_id": "SD-78"})).json()["items"] == []
    for each in (whole, listed, written, *whole["recordings"]):
        assert each["their_id"] == "SD-77"


async def test_filters_and_pages(site: Site) -> None:
    now = site.clock.now()
    a, _ = await site.call(caller="13800138000")
    b, _ = await site.call(caller="13900000000", at=now - timedelta(days=2), operator=Role.SUPERVISOR)
    c, _ = await site.call(caller=None, at=now - timedelta(days=4), operator=None)
    await site.call("h2", caller="13800138000")
    async with site.engine.begin() as conn:
        await conn.execute(update(CALLS).where(CALLS.c.id == b).values(adapter="modem-1", port=2))
    async with site.browser(Role.AUDITOR) as client:

        async def found(**query: Any) -> list[str]:
            answer = await client.get("/calls", params=query)
            assert answer.status_code == 200, answer.text
            return [item["id"] for item in answer.json()["items"]]

        assert await found() == [a, b, c]
        assert await found(number="138 0013 8000") == [a]
        assert await found(outcome="abandoned_queue") == [c]
        assert await found(seat="01") == [a, b]
        assert await found(queue="main") == [a, b, c]
        assert await found(operator=site.people["h1", Role.SUPERVISOR].id) == [b]
        assert await found(adapter="modem-1") == [b]
        assert await found(adapter="modem-1", outcome="abandoned_queue") == []
        rows = (await client.get("/calls")).json()["items"]
        assert [(row["adapter"], row["port"]) for row in rows] == [("sim", None), ("modem-1", 2), ("sim", None)]
        assert await found(**{"from": "2026-11-18", "to": "2026-11-20"}) == [b]
        first = (await client.get("/calls", params={"limit": 2})).json()
        assert await found(limit=2, cursor=first["next_cursor"]) == [c]
        assert (await client.get("/calls", params={"cursor": "W10"})).json()["code"] == "bad_cursor"
        assert (await client.get("/calls", params={"outcome": "x"})).status_code == 422


async def test_a_call_tells_its_story_in_chinese(site: Site) -> None:
    call, ticket = await site.call()
    operator = site.people["h1", Role.OPERATOR]
    story = [
        ("CallQueued", None, "system", {"queue": "main", "position": 2, "groups": ["all"]}),
        ("SeatOffered", "01", "system", {"offer": "o", "why": "longest-idle", "waited": 75.2}),
        ("CallTaken", "01", "1001", {"operator": operator.id, "waited": 78.0}),
        ("CallEnded", "01", "system", {"outcome": "answered", "by": "caller", "inferred": True}),
        ("Unheard", None, "system", {}),
    ]
    async with site.engine.begin() as conn:
        for seq, (kind, seat, actor, data) in enumerate(story, start=2):
            await conn.execute(
                insert(JOURNAL).values(
                    hall="h1",
                    seq=100 + seq,
                    at=site.clock.now(),
                    epoch=1,
                    type=kind,
                    call=call,
                    call_seq=seq,
                    seat=seat,
                    actor=actor,
                    data={"type": kind, **data},
                )
            )
    await site.recording(call, None, missing="recording_failed")
    async with site.browser(Role.OPERATOR) as client:
        body = (await client.get(f"/calls/{call}")).json()
    assert [line["text"] for line in body["journal"]] == [
        f"来电进入（线路 sim），工单 {ticket} 已生成",
        "来电人进入队列“人工服务”，排在第 2 位",
        "派发给坐席 01（空闲最久优先，已等候 1 分 15 秒）",
        "坐席 01（h1operator）接听，来电人等候了 1 分 18 秒",
        "通话结束：已接通，来电人挂机（根据设备状态推断）",
        "事件：Unheard",
    ]
    assert body["journal"][3]["actor"] == "h1operator"
    assert body["recordings"][0]["missing"] == "录音失败"


async def test_a_call_is_a_chain_of_segments(site: Site) -> None:
    call, _ = await site.call()
    operator, supervisor = site.people["h1", Role.OPERATOR], site.people["h1", Role.SUPERVISOR]
    steps = (
        (2.0, {"kind": "menu"}),
        (8.0, {"kind": "waiting", "queue": "main"}),
        (20.0, {"kind": "talking", "seat": "01", "operator": operator.id}),
        (5.0, {"kind": "held", "seat": "01", "operator": operator.id}),
        (7.0, {"kind": "consulting", "seat": "01", "operator": operator.id, "others": ["02"]}),
        (0.01, {"kind": "waiting", "queue": "main"}),
        (9.0, {"kind": "ringing", "seat": "02", "queue": "main"}),
        (15.0, {"kind": "conference", "seat": "02", "operator": supervisor.id, "others": ["110"]}),
        (4.0, {"kind": "rating"}),
    )
    began = site.clock.now()
    chain: list[dict[str, Any]] = []
    for length, each in steps:
        chain.append({**each, "since": began.isoformat(), "until": (began + timedelta(seconds=length)).isoformat()})
        began += timedelta(seconds=length)
    async with site.engine.begin() as conn:
        await conn.execute(update(CALLS).where(CALLS.c.id == call).values(segments=chain))
    async with site.browser(Role.OPERATOR) as client, site.browser(Role.AUDITOR) as auditor:
        body = (await client.get(f"/calls/{call}")).json()
        row = (await auditor.get("/calls")).json()["items"][0]
    assert (body["talk_seconds"], body["hold_seconds"]) == (row["talk_seconds"], row["hold_seconds"]) == (35.0, 12.0)
    shown = [(each["text"], each["seconds"], each["others"], each["queue_label"]) for each in body["segments"]]
    assert shown == [  # the seat does not learn whether the caller was asked to rate
        ("播音导航", 2.0, [], ""),
        ("排队", 8.0, [], "人工服务"),
        ("通话", 20.0, [], ""),
        ("保持", 5.0, [], ""),
        ("咨询", 7.0, ["02"], ""),
        ("振铃", 9.0, [], "人工服务"),
        ("三方通话", 15.0, ["110 报警"], ""),
    ]


async def test_the_pop_knows_the_caller(site: Site) -> None:
    now = site.clock.now()
    for days in (1, 2, 89, 91, 400):
        await site.call(at=now - timedelta(days=days), operator=Role.SUPERVISOR)
    await site.call(caller="13900000000")
    await site.call("h2")
    call, ticket = await site.call(operator=None, live=True)
    async with site.browser(Role.OPERATOR) as client, site.browser(Role.AUDITOR) as auditor:
        assert (await client.get(f"/calls/{call}/pop")).status_code == 404
        site.on_the_phone(call, "13800138000")
        pop = (await client.get(f"/calls/{call}/pop")).json()
        assert (pop["times_before"], len(pop["calls"]), len(pop["tickets"])) == (3, 5, 5)
        assert ticket not in {row["number"] for row in pop["tickets"]}
        assert all(row["caller"] == "138****8000" for row in pop["calls"])
        assert (await auditor.get(f"/calls/{call}/pop")).json()["tickets"] == []


async def test_the_pop_of_a_withheld_number_is_empty(site: Site) -> None:
    await site.call(caller=None)
    call, _ = await site.call(caller=None)
    async with site.browser(Role.OPERATOR) as client:
        pop = (await client.get(f"/calls/{call}/pop")).json()
    assert pop == {"times_before": None, "calls": [], "tickets": [], "marks": [], "conflicts": []}


async def test_full_numbers_need_a_reason_and_are_recorded(site: Site) -> None:
    call, _ = await site.call()
    unknown, _ = await site.call(caller=None)
    async with site.browser(Role.OPERATOR) as client:
        for body in ({}, {"reason": ""}, {"reason": " x "}, {"reason": "a\nb\nc"}, {"reason": "长" * 201}):
            assert (await client.post(f"/calls/{call}/reveal", json=body)).status_code == 422, body
        assert await site.audit() == []
        answer = await client.post(f"/calls/{call}/reveal", json={"reason": "需要回拨告知材料"})
        assert answer.json() == {"caller": "13800138000"}
        assert answer.headers["cache-control"] == "no-store"
        assert (await client.post(f"/calls/{unknown}/reveal", json={"reason": "回拨"})).status_code == 404
    (line,) = await site.audit()
    assert (line["act"], line["object"], line["reason"], line["work_number"], line["address"]) == (
        "reveal",
        call,
        "需要回拨告知材料",
        "1001",
        "127.0.0.1",
    )
    assert "13800138000" not in str(line)


async def test_a_reveal_that_cannot_be_recorded_does_not_happen(site: Site) -> None:
    call, _ = await site.call()
    async with site.engine.begin() as conn:
        await conn.execute(text("ALTER TABLE audit ADD CONSTRAINT closed CHECK (act <> 'reveal') NOT VALID"))
    async with site.browser(Role.OPERATOR) as client:
        answer = await client.post(f"/calls/{call}/reveal", json={"reason": "回拨"})
    assert answer.status_code == 500
    assert "138" not in answer.text


async def test_nobody_reads_the_whole_book_of_numbers(site: Site) -> None:
    call, _ = await site.call()
    async with site.browser(Role.SUPERVISOR) as client:
        codes = [(await client.post(f"/calls/{call}/reveal", json={"reason": "回拨"})).status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]
    assert len(await site.audit()) == 30
