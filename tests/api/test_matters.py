"""Matters from outside: particulars in the draft, duties that keep a ticket open, an application until its lawyer."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from adapters.handover_package import LegalBasis, Mode
from hotline.handovers.preparing import FromHall, Person, Wish, compose
from hotline.people.permissions import Role
from hotline.store.tables import MATTER_EDITIONS, TICKETS
from tests.api.site import UNIT, Site
from tests.handling.making import on_the_way
from tests.handovers.other import BRIDGE
from tests.matters.making import CARD

VISIT = {"pv_prison": "城东监狱", "pv_name": "张小三", "pv_relation": "spouse", "pv_on": "2026-12-01"}


async def save(client: httpx2.AsyncClient, number: str, **fields: Any) -> dict[str, Any]:
    version = (await client.get(f"/tickets/{number}")).json()["version"]
    answer = await client.put(f"/tickets/{number}/draft", json=fields, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def act(client: httpx2.AsyncClient, number: str, what: str, body: dict[str, Any]) -> httpx2.Response:
    version = (await client.get(f"/tickets/{number}")).json()["version"]
    return await client.post(f"/tickets/{number}/{what}", json=body, headers={"If-Match": f'"{version}"'})


def faults(answer: httpx2.Response) -> list[str]:
    assert answer.json()["code"] == "ticket_incomplete", answer.text
    return [each["field"].removeprefix("particulars.") for each in answer.json()["errors"]]


async def test_a_prison_visit_is_dispatched_once_all_is_there(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    async with site.browser(Role.OPERATOR) as client:
        ticket = await save(client, number, matter="prison_visit", particulars={**VISIT, "pv_visitor_card": "1101"})
        assert ticket["particulars"] == {**VISIT, "pv_name": "张**", "pv_visitor_card": "1***"}
        assert faults(await act(client, number, "dispatch", {"unit": UNIT})) == ["pv_visitor_card"]
        again = await save(client, number, particulars={"pv_visitor_card": CARD, "pv_name": "张**", "pv_relation": ""})
        assert (again["particulars"]["pv_name"], again["particulars"]["pv_visitor_card"]) == (
            "张**",
            "110***********002X",
        )
        assert faults(await act(client, number, "dispatch", {"unit": UNIT})) == ["pv_relation"]
        await save(client, number, particulars={"pv_relation": "child"})
        assert (await act(client, number, "dispatch", {"unit": UNIT})).status_code == 200
        shown = await client.post(f"/tickets/{number}/particulars/reveal", json={"reason": "核对会见人"})
        assert shown.json()["particulars"] == {"pv_name": "张小三", "pv_visitor_card": CARD}
    async with site.browser(Role.HANDLER) as unit:
        shown = await unit.post(f"/unit/tickets/{number}/reveal", json={"reason": "安排会见"})
        assert shown.json()["particulars"]["pv_name"] == "张小三"
    assert [(line["act"], line["reason"]) for line in await site.audit()][-2:] == [
        ("reveal", "核对会见人"),
        ("reveal", "安排会见"),
    ]
    async with site.engine.connect() as conn:
        row = (await conn.execute(select(TICKETS).where(TICKETS.c.number == number))).one()
    assert "张小三" not in repr(row)
    assert CARD not in repr(row)


@pytest.mark.parametrize("sent", [{"nothing": "x"}, {"pv_on": "明天"}, {"pv_relation": "friend"}])
async def test_what_no_form_sends(site: Site, sent: dict[str, Any]) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    async with site.browser(Role.OPERATOR) as client:
        refused = await client.put(f"/tickets/{number}/draft", json={"particulars": sent}, headers={"If-Match": '"1"'})
        assert faults(refused) == list(sent)


async def test_a_ticket_is_read_with_the_forms_it_was_written_with(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    async with site.browser(Role.OPERATOR) as client:
        ticket = await save(client, number, particulars={"pv_prison": "城东监狱"})
        now = (await client.get("/matters")).json()
        assert ticket["particulars_edition"] == now["edition"]
        async with site.engine.begin() as conn:  # as after an update that changed the forms
            await conn.execute(update(MATTER_EDITIONS).values(edition="0123456789ab"))
            old = {"edition": "0123456789ab", "common": [], "matters": {"other": {"fields": []}}}
            await conn.execute(update(MATTER_EDITIONS).values(content=old))
        then = (await client.get("/matters", params={"edition": "0123456789ab"})).json()
        assert list(then["matters"]) == ["other"]
        assert (await client.get("/matters", params={"edition": "never"})).status_code == 404


async def test_a_harmed_minor_is_reported_before_the_ticket_ends(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open", opinion="已答复。", legal_aid_told=True)
    async with site.browser(Role.OPERATOR) as client, site.browser(Role.SUPERVISOR) as hall:
        await save(client, number, minor_involved=True)
        assert faults(await act(client, number, "close", {})) == ["mark_minor_harm"]
        await save(client, number, particulars={"mark_minor_harm": True})
        seen = (await client.get(f"/tickets/{number}/duties")).json()
        assert [duty["code"] for duty in seen["duties"]] == ["minor_report", "minor_care"]
        assert [(line["ticket"], line["duty"]) for line in (await hall.get("/duties")).json()["items"]] == [
            (number, "minor_report")
        ]
        for what, body in (("close", {}), ("quick-close", {"kind": "prank"})):
            refused = await act(client, number, what, body)
            assert (refused.status_code, refused.json()["code"]) == (409, "duties_open")
        path = f"/tickets/{number}/duties/minor_report"
        for wrong in ({}, {"receiver": "caller"}, {"receiver": "police", "reported_at": "2026-11-21T05:00:00Z"}):
            assert (await client.post(path, json=wrong)).status_code == 422
        done = {"receiver": "police", "reference": "110-0042", "note": "已报案，民警到场。"}
        assert (await client.post(path, json=done)).status_code == 200
        assert (await client.post(path, json=done)).json()["code"] == "duty_done"
        (line,) = (await client.get(f"/tickets/{number}/duties")).json()["lines"]
        assert (line["receiver"], line["reference"], line["note"]) == ("police", "110-0042", "已报案，民警到场。")
        assert (await hall.get("/duties")).json()["items"] == []
        assert (await act(client, number, "close", {})).status_code == 200
        course = (await hall.get(f"/handling/tickets/{number}")).json()
        assert [step["step"] for step in course["steps"]] == ["duty_recorded"]
    assert [line["act"] for line in await site.audit()] == ["duty_recorded"]


async def test_what_was_marked_by_mistake_is_lifted_and_comes_back(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    async with site.browser(Role.OPERATOR) as client:
        for marked, open_duties in ((True, ["violence"]), (False, []), (True, ["violence"])):
            await save(client, number, particulars={"mark_violence": marked})
            seen = (await client.get(f"/tickets/{number}/duties")).json()
            assert [line["duty"] for line in seen["lines"]] == open_duties
        excused = {"note": "来电人为律师，代为咨询他人旧案。"}
        assert (await client.post(f"/tickets/{number}/duties/violence", json=excused)).status_code == 200
        (line,) = (await client.get(f"/tickets/{number}/duties")).json()["lines"]
        assert (line["receiver"], line["reported_at"], line["note"]) == ("", None, excused["note"])


async def test_who_may_be_entitled_is_told_of_legal_aid(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open", opinion="已答复。")
    async with site.browser(Role.OPERATOR) as client:
        await save(client, number, special_group="elderly")
        refused = await act(client, number, "close", {})
        assert faults(refused) == ["legal_aid_told"]
        assert "老年人" in refused.json()["errors"][0]["message"]
        assert faults(await act(client, number, "dispatch", {"unit": UNIT})) == ["legal_aid_told"]
        await save(client, number, particulars={"aid_not_told": "来电人挂断。"})
        assert (await act(client, number, "close", {})).status_code == 200


async def test_an_application_from_the_desk_to_the_units_lawyer(site: Site) -> None:
    about = {"aid_form": "labour", "aid_by": "self", "aid_place": "城东区"}
    number = await on_the_way(site, "h1", Role.OPERATOR, "open", legal_aid_told=True, opinion="已告知。")
    filed = {"applicant": "王某", "card": CARD, "ground": "pay", "means": "exempt", "exempt": "migrant"}
    async with site.browser(Role.OPERATOR) as desk, site.browser(Role.HANDLER) as unit:
        await save(desk, number, matter="legal_aid", particulars=about)
        wrong = await desk.post(f"/tickets/{number}/aid", json={**filed, "exempt": None, "card": "1"})
        assert [each["field"] for each in wrong.json()["errors"]] == ["exempt", "card"]
        made = await desk.post(f"/tickets/{number}/aid", json={**filed, "materials": ["form", "identity", "exempt"]})
        (application,) = made.json()["items"]
        assert (made.status_code, application["state"], application["lacking"]) == (201, "supplement", ["case"])
        assert (await desk.post(f"/tickets/{number}/aid/decide", json={"granted": True})).status_code == 403
        refused = await act(desk, number, "close", {})
        assert (refused.status_code, refused.json()["code"]) == (409, "aid_undecided")
        assert (await unit.get(f"/tickets/{number}/aid")).status_code == 404
        assert (await act(desk, number, "dispatch", {"unit": UNIT})).status_code == 200
        await unit.post(f"/unit/tickets/{number}/sign", json={})
        for what, body in (
            ("materials", {"materials": ["case"]}),
            ("decide", {"granted": True, "reason": "符合第三十一条第五项。"}),
            ("appoint", {"lawyer": "李律师", "firm": "城东律师事务所"}),
        ):
            answer = await unit.post(f"/tickets/{number}/aid/{what}", json=body)
            assert answer.status_code == 200, answer.text
        (application,) = (await desk.get(f"/tickets/{number}/aid")).json()["items"]
        assert (application["state"], application["lawyer"]) == ("appointed", "李律师")
        assert CARD not in str(application)
        shown = await desk.post(f"/tickets/{number}/particulars/reveal", json={"reason": "核对身份"})
        assert shown.json()["card"] == CARD
        dues = (await desk.get(f"/handling/tickets/{number}")).json()["deadlines"]
        assert {due["kind"]: due["met"] for due in dues if due["kind"].startswith("aid")} == {
            "aid_review": True,
            "aid_appoint": True,
        }


async def test_what_the_receiver_needs_goes_along_and_no_more(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    handed = {"bridge": "h1-city", "legal_basis": "consent", "consent": True, "confirmed": True}

    async def check(**more: Any) -> dict[str, Any]:
        answer = await client.post(f"/tickets/{number}/handovers/check", json={**handed, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async with site.browser(Role.OPERATOR) as client:
        await save(client, number, matter="mediation", particulars={"md_kind": "neighbours", "md_place": "城东小区"})
        assert [each["field"] for each in (await check())["missing"]] == ["particulars.md_willing"]
        assert (await client.post(f"/tickets/{number}/handovers", json=handed)).json()["code"] == "handover_incomplete"
        assert (await check(legal_basis="emergency"))["missing"] == []
        await save(client, number, particulars={"md_willing": True})
        checked = await check()
        assert checked["missing"] == []
        (facts,) = (each["text"] for each in checked["along"] if each["field"] == "facts")
        assert facts == "拖欠工资。\n纠纷类型：邻里；来电人自愿调解：是"


async def test_a_receiver_with_codes_of_its_own_gets_those(site: Site) -> None:
    items = [
        {"code": "a", "label": "甲", "external_code": "10", "codes": {BRIDGE: "0201"}},
        {"code": "b", "label": "乙", "external_code": "11", "codes": {"other": "9"}},
    ]
    async with site.browser(Role.ADMINISTRATOR) as client:
        made = await client.post("/categories", json={"label": "本市", "items": items})
        assert made.status_code == 201, made.text
        version = made.json()["version"]
        assert [each["codes"] for each in (await client.get("/categories")).json()["items"]] == [
            {BRIDGE: "0201"},
            {"other": "9"},
        ]
    wish = Wish(mode=Mode.TICKET_FLOW, legal_basis=LegalBasis.CONSENT)
    at, person = FromHall(hall="h1", label="h1"), Person(account="acc-1", name="张", work_number="1")
    sent = {}
    for code in ("a", "b"):
        number = await on_the_way(site, "h1", Role.OPERATOR, "open", category=code, category_version=version)
        async with site.engine.begin() as conn:
            bridge = site.app.state.couriers["h1-city"].bridge
            told = {"at": at, "ticket": number, "person": person, "now": site.clock.now()}
            sent[code] = (await compose(conn, site.seal, bridge, wish, **told)).category_code
    assert sent == {"a": "0201", "b": "11"}
