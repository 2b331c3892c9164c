"""An emergency (应急) by its plan, from the beginning to the stamped report, over the real routes."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import select

from hotline.incidents.plan import DEFAULT, faults
from hotline.people.permissions import Role
from hotline.store.tables import INCIDENT_STEPS, INCIDENTS
from tests.api.site import Site


@pytest.mark.parametrize("code", DEFAULT)
def test_the_plans_that_come_along_will_do(code: str) -> None:
    assert faults(DEFAULT[code]) == {}
    assert DEFAULT[code].report_minutes <= 60
    assert DEFAULT[code].written_hours == 24


async def test_from_the_beginning_to_the_end(site: Site) -> None:
    call, ticket = await site.call("h1")
    async with site.browser(Role.SUPERVISOR) as client:
        made = await client.post("/incidents", json={"plan": "harm", "ticket": ticket, "call": call})
        assert made.status_code == 201, made.text
        begun = made.json()
        path = f"/incidents/{begun['id']}"
        due = datetime.fromisoformat(begun["report_due_at"]) - datetime.fromisoformat(begun["begun_at"])
        assert due.total_seconds() == 30 * 60
        assert [step["call"] for step in begun["checklist"][1:3]] == ["110", "120"]
        early = await client.post(f"{path}/end")
        assert (early.status_code, early.json()["code"]) == (409, "incident_open_things")
        assert "还有 8 个步骤没有完成；还没有口头报告；还没有书面报告。" in early.json()["detail"]
        for position in range(len(begun["checklist"])):
            body = {"skipped": "没有受伤"} if position == 2 else {"note": f"第 {position} 步：李四已到现场。"}
            assert (await client.post(f"{path}/steps/{position}", json=body)).status_code == 200
        assert (await client.post(f"{path}/told", json={"how": "oral"})).status_code == 200
        unwritten = await client.post(f"{path}/told", json={"how": "written"})
        assert unwritten.json()["detail"] == "请先填写重大事项报告。"
        version = (await client.get(path)).json()["version"]
        report = {"title": "来电人扬言轻生", "course": "<script>10 时来电</script>", "people": "李四"}
        saved = await client.put(f"{path}/report", json={"seen": version, "report": report})
        assert saved.json()["report"]["people"] == "李四"
        stale = await client.put(f"{path}/report", json={"seen": version, "report": {}})
        assert (stale.status_code, stale.json()["code"]) == (409, "incident_changed")
        printed = await client.get(f"{path}/paper")
        assert "&lt;script&gt;10 时来电" in printed.text
        assert "不需要（没有受伤）" in printed.text
        assert "script-src" not in printed.headers["content-security-policy"]
        assert (await client.post(f"{path}/told", json={"how": "written"})).status_code == 200
        over = await client.post(f"{path}/end")
        assert (over.status_code, over.json()["done"]) == (200, 8)
        late = await client.post(f"{path}/steps/0", json={})
        assert (late.status_code, late.json()["code"]) == (409, "incident_ended")
        assert (await client.get("/incidents", params={"open_only": True})).json()["items"] == []
    async with site.engine.connect() as conn:
        row = (await conn.execute(select(INCIDENTS))).one()
        notes = [bytes(each) for each in await conn.scalars(select(INCIDENT_STEPS.c.note_sealed)) if each]
    assert all("李四".encode() not in sealed for sealed in (bytes(row.report_sealed), *notes))
    acts = [line["act"] for line in await site.audit()]
    assert acts[0] == "incident_begun"
    assert acts.count("incident_step") == 8
    assert acts[-3:] == ["incident_view", "incident_reported", "incident_ended"]


async def test_of_two_who_tick_one_step_the_second_is_told(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as client:
        number = (await client.post("/incidents", json={"plan": "outage"})).json()["id"]
        path = f"/incidents/{number}/steps/0"
        answers = await asyncio.gather(*(client.post(path, json={"note": f"{n}"}) for n in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


async def test_a_changed_plan_changes_nothing_that_has_begun(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as client:
        number = (await client.post("/incidents", json={"plan": "opinion"})).json()["id"]
        before = (await client.get(f"/incidents/{number}")).json()["checklist"]
        plan = {"title": "负面舆情", "steps": [{"title": "核实"}], "report_minutes": 15}
        saved = await client.put("/incident-plans/opinion", json={"seen": 0, "plan": plan})
        assert saved.json()["version"] == 1
        again = await client.put("/incident-plans/opinion", json={"seen": 0, "plan": plan})
        assert (again.status_code, again.json()["code"]) == (409, "incident_plan_changed")
        assert (await client.get(f"/incidents/{number}")).json()["checklist"] == before
        assert len((await client.post("/incidents", json={"plan": "opinion"})).json()["checklist"]) == 1
        wrong = await client.put("/incident-plans/opinion", json={"seen": 1, "plan": {**plan, "steps": []}})
        assert wrong.json()["errors"] == [{"field": "plan.steps", "message": "需要 1 至 40 个步骤。"}]
        await client.put("/incident-plans/opinion", json={"seen": 1, "plan": {**plan, "retired": True}})
        refused = await client.post("/incidents", json={"plan": "opinion"})
        assert (refused.status_code, refused.json()["code"]) == (422, "incident_plan_unknown")


async def test_not_about_another_halls_ticket(site: Site) -> None:
    _, ticket = await site.call("h2")
    async with site.browser(Role.SUPERVISOR) as client:
        assert (await client.post("/incidents", json={"plan": "harm", "ticket": ticket})).status_code == 404
