"""The citizen hears, seen from outside: what is sent, asked by code, taken along on paper, and followed up."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any, Final

import httpx2
from openpyxl import load_workbook
from sqlalchemy import insert, select, update

from hotline.messages.message import MessageState as S
from hotline.people.permissions import Role
from hotline.store.tables import MESSAGES, RATINGS, TICKETS, UNITS
from tests.api.site import OTHER_UNIT, UNIT, Site
from tests.handling.making import on_the_way

DISPATCH: Final[dict[str, Any]] = {"json": {"unit": UNIT}, "headers": {"If-Match": '"1"'}}
WHY = {"reason": "已向网关核实"}


async def send_all(site: Site, hall: str = "h1") -> None:
    """What is wanted is written and sent."""
    courier = site.app.state.message_couriers[hall]
    for _ in range(4):
        await courier.round()


async def address(site: Site, unit: str = UNIT) -> None:
    """The unit has an address, a telephone and is known to the public."""
    known = {"address": "城东区解放路 1 号", "telephone": "0518-12345678", "public": True}
    async with site.engine.begin() as conn:
        await conn.execute(update(UNITS).where(UNITS.c.code == unit).values(**known))


async def ask_progress(client: httpx2.AsyncClient, number: str, code: str) -> httpx2.Response:
    root = str(client.base_url).removesuffix("/api/v1/")
    return await client.post(f"{root}/public/progress", data={"number": number, "code": code})


async def test_who_was_dispatched_hears_it_and_asks_with_the_code(site: Site) -> None:
    await address(site)
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    async with site.browser(Role.OPERATOR) as desk:
        assert (await desk.post(f"/tickets/{number}/dispatch", **DISPATCH)).status_code == 200
        await send_all(site)
        (sent,) = site.gateways["h1"].ledger
        shown = (await desk.get(f"/tickets/{number}/messages")).json()
        assert [(each["kind"], each["state"]) for each in shown["items"]] == [("accepted", "sent")]
        assert (shown["number"], shown["mobile"], shown["declined"]) == ("138****8000", True, False)
    code = re.search(r"查询码(\d{8})", sent.text)
    assert code is not None
    async with site.client() as anybody:
        page = await ask_progress(anybody, number, f" {code[1]} ")
        assert page.status_code == 200
        assert "已转交承办单位" in page.text
        assert "城东县公共法律服务中心" in page.text
        assert "拖欠工资" not in page.text
        assert "138" not in page.text
        assert "script" not in page.headers["content-security-policy"]
        assert (await ask_progress(anybody, number.upper(), code[1])).status_code == 200
        other = await on_the_way(site, "h1", Role.OPERATOR, "open")
        assert (await ask_progress(anybody, other, code[1])).status_code == 404
    async with site.browser(Role.SUPERVISOR) as hall:
        (row,) = (await hall.get("/messages", params={"view": "all"})).json()["items"]
        opened = (await hall.get(f"/messages/{row['id']}")).json()
        assert code[1] not in str(opened)
        assert "查询码••••••" in opened["text"]
        day = (await hall.get("/messages/day")).json()
        assert (day["segments"], day["messages"], day["cap"]) == (2, 1, 2000)
    line = (await site.audit())[-1]
    assert (line["act"], line["object"]) == ("message_view", f"message:{row['id']}")


async def test_codes_are_not_guessed(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "dispatched")
    async with site.client(address="10.1.2.3", base="https://localhost") as anybody:
        seen = [(await ask_progress(anybody, number, f"{each:08}")).status_code for each in range(11)]
        assert seen == [404] * 10 + [429]
        assert (await ask_progress(anybody, "H1-20261121-999999", "00000000")).status_code == 404
    async with site.client(address="10.9.9.9", base="https://localhost") as another:
        assert (await ask_progress(another, number, "12345678")).status_code == 429  # of this ticket, whoever asks
    async with site.client(address="10.9.9.9") as plain:
        assert (await ask_progress(plain, number, "12345678")).status_code == 403


async def test_a_reviewed_reply_is_told(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "reviewed")
    await send_all(site)
    texts = {each.key.split("-")[1]: each.text for each in site.gateways["h1"].ledger}
    assert set(texts) == {"accepted", "result"}
    assert f"（编号{number}）已有办理结果：已补发工资。" in texts["result"]


async def test_an_appointment_is_sent_by_hand_at_night(site: Site) -> None:
    await address(site)
    _, number = await site.call("h1")
    site.clock.forward(hours=12)  # 22:00
    wish = {"kind": "appointment", "unit": UNIT, "when": "2026-11-24T09:30:00+08:00", "note": "请带劳动合同"}
    async with site.browser(Role.OPERATOR) as client:
        preview = (await client.post(f"/tickets/{number}/messages/preview", json=wish)).json()
        assert preview["text"] == (
            "您已预约11月24日（周二）09:30到城东县公共法律服务中心，地址：城东区解放路 1 号，电话0518-12345678。"
            "请带劳动合同。如需改期请拨打12348。"
        )
        key = {"Idempotency-Key": "k-1"}
        answers = [await client.post(f"/tickets/{number}/messages", json=wish, headers=key) for _ in range(2)]
        assert [each.status_code for each in answers] == [201, 201]
        assert answers[0].json()["id"] == answers[1].json()["id"]
        refused = await client.post(f"/tickets/{number}/messages", json={**wish, "unit": OTHER_UNIT})
        assert (refused.status_code, refused.json()["code"]) == (409, "message_not_possible")  # it has no address
        for kind in ("rating_link", "missed_call"):
            refused = await client.post(f"/tickets/{number}/messages", json={"kind": kind})
            assert refused.json()["code"] == "invalid_input"
    await send_all(site)
    assert [each.text for each in site.gateways["h1"].ledger] == [preview["text"]]
    assert (await site.audit())[-1]["act"] == "message_sent"


async def test_who_wants_none_is_left_alone(site: Site) -> None:
    _, number = await site.call("h1")
    async with site.browser(Role.OPERATOR) as client:
        path = f"/tickets/{number}/messages"
        assert (await client.put(f"{path}/consent", json={"declined": True})).json()["declined"] is True
        refused = await client.post(path, json={"kind": "accepted"})
        assert refused.json()["detail"] == "来电人不接收短信。"
        assert (await client.put(f"{path}/consent", json={"declined": False})).json()["declined"] is False
        assert (await client.post(path, json={"kind": "accepted"})).status_code == 201


async def test_what_is_held_or_in_doubt_is_settled_by_a_person(site: Site) -> None:
    for _ in range(3):
        await on_the_way(site, "h1", Role.OPERATOR, "dispatched")
    gateway = site.gateways["h1"]
    gateway.faults = ["lost before", "refused"]
    await send_all(site)
    async with site.browser(Role.SUPERVISOR) as client:
        rows = (await client.get("/messages")).json()["items"]
        assert sorted(each["state"] for each in rows) == ["in_doubt", "refused"]
        by_state = {each["state"]: each["id"] for each in rows}
        assert (await client.post(f"/messages/{by_state['refused']}/arrived", json=WHY)).status_code == 409
        for state, act in (("in_doubt", "not-arrived"), ("refused", "retry")):
            settled = await client.post(f"/messages/{by_state[state]}/{act}", json=WHY)
            assert settled.json()["state"] == "ready"
        await send_all(site)
        assert (await client.get("/messages")).json()["items"] == []
    assert len(gateway.ledger) == len(set(gateway.keys)) == 3
    async with site.engine.begin() as conn:
        await conn.execute(update(MESSAGES).where(MESSAGES.c.id == by_state["refused"]).values(state="held"))
    async with site.browser(Role.SUPERVISOR) as client:
        freed = (await client.post(f"/messages/{by_state['refused']}/release", json=WHY)).json()
        assert (freed["state"], freed["over_cap"]) == ("ready", True)
        cancelled = await client.post(f"/messages/{by_state['refused']}/cancel", json=WHY)
        assert cancelled.json()["state"] == "cancelled"


async def test_receipts_are_taken_from_the_gateway_only(site: Site) -> None:
    await on_the_way(site, "h1", Role.OPERATOR, "dispatched")
    await send_all(site)
    (key,) = site.gateways["h1"].keys
    item: dict[str, Any] = {"id": "r1", "state": "delivered", "key": key, "code": "DELIVRD"}
    async with site.client() as client:
        path = "/sms/h1-sms/receipts"
        assert (await client.post("/sms/nowhere/receipts", json={"items": [item]})).status_code == 404
        assert (await client.post(path, json={"items": [item]})).status_code == 401
        right = {"webhook-signature": "right"}
        assert (await client.post(path, content=b"{[", headers=right)).status_code == 400
        # Another hall's message cannot be settled over this gateway, and rubbish beside it hinders nothing.
        mixed = {"items": [item, {"id": "r2", "state": "delivered", "key": "h2-x"}, {"id": 3}, 17]}
        bad = ({"id": "r\x00"}, {"id": "r4", "at": "0001-01-01T00:00:00+14:00"}, {"id": "r5", "key": "h1-\x00"})
        mixed["items"] += [{"state": "delivered", "key": "h1-x"} | each for each in bad]
        for _ in range(2):
            assert (await client.post(path, json=mixed, headers=right)).status_code == 200
    async with site.browser(Role.SUPERVISOR) as client:
        (row,) = (await client.get("/messages", params={"view": "all"})).json()["items"]
        assert (row["state"], row["receipt_code"]) == (S.DELIVERED, "DELIVRD")
        assert len((await client.get(f"/messages/{row['id']}")).json()["receipts"]) == 1


async def test_templates_are_checked_and_versioned(site: Site) -> None:
    path, first = "/messages/templates/accepted", {"If-Match": '"0"'}
    async with site.browser(Role.ADMINISTRATOR) as client:
        kept = {each["kind"]: each for each in (await client.get("/messages/templates")).json()}
        assert (kept["accepted"]["version"], "code" in kept["accepted"]["places"]) == (0, True)
        wrong = await client.put(path, json={"text": "编号{number}{name}"}, headers=first)
        assert wrong.json()["code"] == "message_template_wrong"
        assert len(wrong.json()["errors"]) == 2
        good = {"text": "编号{number}，查询码{code}。", "registered": "T-1"}
        assert (await client.put(path, json=good)).json()["code"] == "version_required"
        assert (await client.put(path, json=good, headers=first)).status_code == 200
        stale = await client.put(path, json=good, headers=first)
        assert (stale.status_code, stale.json()["code"]) == (412, "message_template_stale")
    number = await on_the_way(site, "h1", Role.OPERATOR, "dispatched")
    await send_all(site)
    (sent,) = site.gateways["h1"].ledger
    assert sent.text.startswith(f"编号{number}，查询码")
    assert sent.template == "T-1"


async def test_the_sheet_says_where_to_go_and_its_code_opens_the_page(site: Site) -> None:
    await address(site)
    written = {"matter": "legal_aid", "opinion": "可以申请法律援助 <b>。", "legal_basis": "法律援助法第三十一条"}
    number = await on_the_way(site, "h1", Role.OPERATOR, "dispatched", **written)
    async with site.browser(Role.OPERATOR) as client:
        page = await client.get(f"/tickets/{number}/guidance")
        assert page.headers["content-type"].startswith("text/html")
        for words in ("城东区解放路 1 号", "0518-12345678", "可以申请法律援助 &lt;b&gt;。", "经济困难情况说明", number):
            assert words in page.text
        assert "138" not in page.text
        code = re.search(r'class="code">(\d{8})<', page.text)
        assert code is not None
        assert (await client.get(f"/tickets/{number}/guidance?unit=nowhere")).json()["code"] == "unit_unknown"
    async with site.client() as anybody:
        assert (await ask_progress(anybody, number, code[1])).status_code == 200
    assert ("guidance_printed", number) in [(line["act"], line["object"]) for line in await site.audit()]


async def test_who_has_reason_to_complain_is_asked_before_it_is_archived(site: Site) -> None:
    complaint = await on_the_way(site, "h1", Role.OPERATOR, "replied", matter="complaint")
    plain = await on_the_way(site, "h1", Role.OPERATOR, "replied")
    rated = await on_the_way(site, "h1", Role.OPERATOR, "replied")
    badly = {"way": "key", "asked_at": site.clock.now(), "at": site.clock.now(), "changed_at": site.clock.now()}
    async with site.engine.begin() as conn:
        call = await conn.scalar(select(TICKETS.c.call).where(TICKETS.c.number == rated))
        await conn.execute(
            insert(RATINGS).values(hall="h1", call=call, ticket=rated, satisfied=False, attitude=1, **badly)
        )
    object.__setattr__(site.settings.halls["h1"].follow_ups, "share", 0)
    first = {"If-Match": '"1"'}
    async with site.browser(Role.SUPERVISOR) as client:
        for number in (complaint, plain, rated):
            assert (await client.post(f"/tickets/{number}/review", json={}, headers=first)).status_code == 200
        listed = (await client.get("/handling", params={"view": "to_follow_up"})).json()["items"]
        why = {each["number"]: each["follow_up"] for each in listed}
        assert why == {complaint: "complaint", plain: "free", rated: "dissatisfied"}
        figures = (await client.get("/handling/figures?from=2026-11-21&to=2026-11-21")).json()
        assert (figures["to_follow_up"], figures["to_follow_up_overdue"]) == (2, 0)
        second = {"If-Match": '"2"'}
        assert (await client.post(f"/tickets/{plain}/archive", json={}, headers=second)).status_code == 200
        refused = await client.post(f"/tickets/{complaint}/archive", json={}, headers=second)
        assert (refused.status_code, refused.json()["code"]) == (409, "follow_up_needed")
        assert "满意" in (await client.get(f"/handling/tickets/{complaint}")).json()["follow_up_script"]
        asked = {"way": "phone", "contentment": "satisfied", "solved": True}
        assert (await client.post(f"/tickets/{complaint}/follow-up", json=asked)).status_code == 200
        third = {"If-Match": '"3"'}
        assert (await client.post(f"/tickets/{complaint}/archive", json={}, headers=third)).status_code == 200


async def test_figures_of_units(site: Site) -> None:
    for contentment in ("satisfied", "fair", "dissatisfied", "not_reached"):
        number = await on_the_way(site, "h1", Role.OPERATOR, "reviewed")
        asked = {"way": "phone", "contentment": contentment, "note": "没有解决"}
        async with site.browser(Role.SUPERVISOR) as client:
            assert (await client.post(f"/tickets/{number}/follow-up", json=asked)).status_code == 200
    late = await on_the_way(site, "h1", Role.OPERATOR, "dispatched", unit=OTHER_UNIT)
    await on_the_way(site, "h1", Role.OPERATOR, "returned", unit=OTHER_UNIT)
    site.clock.forward(days=60)
    async with site.browser(Role.SUPERVISOR) as client:
        found = (await client.get("/handling/figures?from=2026-11-01&to=2027-01-31")).json()
        units = {each["unit"]: each for each in found["units"]}
        ours, theirs = units[UNIT], units[OTHER_UNIT]
        names = ("dispatched", "replied", "followed_up", "satisfied", "fair", "dissatisfied")
        assert [ours[name] for name in names] == [4, 4, 3, 1, 1, 1]
        assert (ours["not_reached"], round(ours["satisfaction"], 3), ours["in_time_rate"]) == (1, 0.667, 1.0)
        names = ("dispatched", "returned", "replied", "followed_up", "satisfaction")
        assert [theirs[name] for name in names] == [2, 1, 0, 0, None]
        assert theirs["overdue"] == 2, late  # neither signed for nor answered
        assert found["together"]["dispatched"] == 6
        sheet = await client.get("/handling/figures/xlsx?from=2026-11-01&to=2027-01-31")
        book = load_workbook(BytesIO(sheet.content))
        cells = {row[0].value: [cell.value for cell in row[1:]] for row in book.active.iter_rows()}  # pyright: ignore
        assert cells["城东县公共法律服务中心"][:3] == [4, 0, 4]
        assert (await client.get("/handling/figures?from=2026-11-02&to=2026-11-01")).json()["code"] == "invalid_input"
