"""Tickets on their way, seen from outside: what halls and units see, what is refused, and what is on record."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx2

from hotline.people.permissions import Role
from tests.api.site import OTHER_UNIT, UNIT, Site
from tests.handling.making import on_the_way

FIRST = {"If-Match": '"1"'}


async def numbers(client: httpx2.AsyncClient, view: str, **narrowed: str) -> list[str]:
    answer = await client.get("/handling", params={"view": view, **narrowed})
    assert answer.status_code == 200, answer.text
    return [item["number"] for item in answer.json()["items"]]


async def test_a_unit_sees_its_own_tickets_and_nothing_else_of_the_hall(site: Site) -> None:
    ours = await on_the_way(site, "h1", Role.OPERATOR, "dispatched")
    theirs = await on_the_way(site, "h1", Role.OPERATOR, "dispatched", unit=OTHER_UNIT)
    at_desk = await on_the_way(site, "h1", Role.OPERATOR, "open")
    async with site.browser(Role.HANDLER) as client:
        assert await numbers(client, "to_sign") == [ours]
        assert await numbers(client, "to_dispatch") == []
        for number in (theirs, at_desk):
            assert (await client.get(f"/unit/tickets/{number}")).status_code == 404
            assert (await client.get(f"/handling/tickets/{number}")).status_code == 404
            assert (await client.post(f"/unit/tickets/{number}/sign", json={})).status_code == 404
        assert (await client.get(f"/tickets/{ours}")).status_code == 403
        counted = (await client.get("/handling/counts")).json()
        assert counted["counts"]["to_sign"] == 1
        assert "to_dispatch" not in counted["counts"]
        me = (await client.get("/session")).json()
        assert (me["unit"], me["unit_name"]) == (UNIT, "城东县公共法律服务中心")


async def test_a_unit_keeps_seeing_what_it_answered(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "reviewed")
    async with site.browser(Role.HANDLER) as client:
        assert (await client.get(f"/unit/tickets/{number}")).status_code == 200
        refused = await client.post(f"/unit/tickets/{number}/reveal", json={"reason": "再次联系"})
        assert (refused.status_code, refused.json()["code"]) == (409, "ticket_state")


async def test_what_a_unit_returned_and_what_came_back_to_it(site: Site) -> None:
    returned = await on_the_way(site, "h1", Role.OPERATOR, "returned")
    await on_the_way(site, "h1", Role.OPERATOR, "returned", unit=OTHER_UNIT)
    refused = await on_the_way(site, "h1", Role.OPERATOR, "replied")
    async with site.browser(Role.SUPERVISOR) as hall, site.browser(Role.HANDLER) as unit:
        body = {"reason": "请写明补发金额。"}
        assert (await hall.post(f"/tickets/{refused}/send-back", json=body, headers=FIRST)).status_code == 200
        assert await numbers(unit, "returned") == [returned]
        (item,) = (await unit.get("/handling", params={"view": "in_hand"})).json()["items"]
        assert (item["number"], item["sent_back"]) == (refused, True)


async def test_the_board_by_unit(site: Site) -> None:
    ours = await on_the_way(site, "h1", Role.OPERATOR, "dispatched")
    theirs = await on_the_way(site, "h1", Role.OPERATOR, "signed", unit=OTHER_UNIT)
    gone = await on_the_way(site, "h1", Role.OPERATOR, "returned", unit=OTHER_UNIT)
    site.clock.at += timedelta(days=3)
    async with site.browser(Role.SUPERVISOR) as hall, site.browser(Role.HANDLER) as unit:
        assert await numbers(hall, "at_units", unit=UNIT) == [ours]
        assert await numbers(hall, "at_units", unit=OTHER_UNIT) == [theirs]
        assert await numbers(hall, "returned", unit=UNIT) == []
        assert await numbers(hall, "returned", unit=OTHER_UNIT) == [gone]
        assert await numbers(unit, "in_hand", unit=OTHER_UNIT) == []
        loads = (await hall.get("/handling/units")).json()
        assert [(one["unit"], one["at_unit"], one["to_sign"], one["overdue"]) for one in loads] == [
            (UNIT, 1, 1, 1),
            (OTHER_UNIT, 1, 0, 0),
        ]
        assert [one["unit"] for one in (await unit.get("/handling/units")).json()] == [UNIT]


async def test_a_citizens_number_is_shown_to_the_unit_with_a_reason_on_record(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "signed")
    async with site.browser(Role.HANDLER) as client:
        assert "13800138000" not in (await client.get(f"/unit/tickets/{number}")).text
        shown = await client.post(f"/unit/tickets/{number}/reveal", json={"reason": "联系来电人核实"})
        assert shown.json()["caller"] == "13800138000"
    assert [(line["act"], line["object"], line["reason"]) for line in await site.audit()] == [
        ("ticket_view", number, ""),
        ("reveal", number, "联系来电人核实"),
    ]


async def test_the_way_over_http(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    async with (
        site.browser(Role.OPERATOR) as desk,
        site.browser(Role.HANDLER) as unit,
        site.browser(Role.SUPERVISOR) as hall,
    ):
        body = {"unit": UNIT, "helpers": [OTHER_UNIT], "note": "请核实。"}
        assert (await desk.post(f"/tickets/{number}/dispatch", json=body)).json()["code"] == "version_required"
        assert (await desk.post(f"/tickets/{number}/dispatch", json=body, headers=FIRST)).status_code == 200
        again = await desk.post(f"/tickets/{number}/dispatch", json=body, headers=FIRST)
        assert (again.status_code, again.json()["code"]) == (412, "ticket_stale")
        assert await numbers(hall, "at_units") == [number]
        assert (await unit.post(f"/unit/tickets/{number}/sign", json={})).status_code == 200
        version = (await unit.get(f"/unit/tickets/{number}")).json()["version"]
        said = {"reply": "公司已补发工资。"}
        headers = {"If-Match": f'"{version}"'}
        assert (await unit.post(f"/unit/tickets/{number}/reply", json=said, headers=headers)).status_code == 200
        assert await numbers(hall, "to_review") == [number]
        version = (await hall.get(f"/tickets/{number}")).json()["version"]
        headers = {"If-Match": f'"{version}"'}
        assert (await hall.post(f"/tickets/{number}/review", json={}, headers=headers)).status_code == 200
        ticket = (await hall.get(f"/tickets/{number}")).json()
        assert (ticket["state"], ticket["result"]) == ("reviewed", "公司已补发工资。")
        course = (await hall.get(f"/handling/tickets/{number}")).json()
        assert [step["step"] for step in course["steps"]] == ["dispatch", "sign", "reply", "review"]
        assert course["steps"][0]["data"]["unit"] == "城东县公共法律服务中心"
        assert [(each["unit"], each["lead"], each["end"]) for each in course["dispatches"]] == [
            (UNIT, True, "replied"),
            (OTHER_UNIT, False, "replied"),
        ]


async def test_only_units_that_are_at_work(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    async with site.browser(Role.OPERATOR) as client:
        for body in ({"unit": "nowhere"}, {"unit": UNIT, "helpers": ["nowhere"]}):
            refused = await client.post(f"/tickets/{number}/dispatch", json=body, headers=FIRST)
            assert (refused.status_code, refused.json()["code"]) == (422, "unit_unknown")


async def test_two_supervisors_decide_one_request(site: Site) -> None:
    await on_the_way(site, "h1", Role.OPERATOR, "asked")
    async with site.browser(Role.SUPERVISOR) as client:
        (request,) = (await client.get("/handling/requests")).json()
        decide = f"/handling/requests/{request['id']}/decide"
        answers = await asyncio.gather(*(client.post(decide, json={"granted": True}) for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert (await client.get("/handling/requests")).json() == []


async def test_a_visit_is_a_ticket_like_any_other(site: Site) -> None:
    visit = {"channel": "visit", "citizen": "13900139000", "caller_name": "王女士", "facts": "来访咨询工伤赔偿。"}
    async with site.browser(Role.OPERATOR) as client:
        made = await client.post("/tickets", json=visit, headers={"Idempotency-Key": "k-1"})
        assert made.status_code == 201
        ticket = made.json()
        assert (ticket["channel"], ticket["state"], ticket["contact"]) == ("visit", "open", "139****9000")
        assert ticket["due_at"] is not None
        twice = await client.post("/tickets", json=visit, headers={"Idempotency-Key": "k-1"})
        assert twice.json()["number"] == ticket["number"]
        found = await client.get("/tickets", params={"number": "13900139000"})
        assert [item["number"] for item in found.json()["items"]] == [ticket["number"]]
        assert (await client.post("/tickets", json={"channel": "phone"})).status_code == 422


async def test_accounts_of_units(site: Site) -> None:
    new = {"work_number": "88", "name": "赵", "role": "handler"}
    async with site.browser(Role.ADMINISTRATOR) as client:
        assert (await client.post("/accounts", json=new)).json()["code"] == "invalid_input"
        assert (await client.post("/accounts", json={**new, "unit": "nowhere"})).json()["code"] == "unit_unknown"
        assert (await client.post("/accounts", json={**new, "role": "operator", "unit": UNIT})).status_code == 422
        made = (await client.post("/accounts", json={**new, "unit": UNIT})).json()["account"]
        assert made["unit"] == UNIT
        changed = await client.patch(f"/accounts/{made['account']}", json={"role": "operator"})
        assert changed.json()["code"] == "invalid_input"
        changed = await client.patch(f"/accounts/{made['account']}", json={"role": "operator", "unit": ""})
        assert (changed.json()["role"], changed.json()["unit"]) == ("operator", "")
