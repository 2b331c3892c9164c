"""Tickets through the routes: saving, versions, closing, secrecy, whose they are, and finding them again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from hotline.people.permissions import Role
from hotline.store.tables import TICKET_CHANGES, TICKETS
from hotline.tickets.fields import MAX_LENGTHS
from tests.api.site import Site

WHOLE = {
    "caller_name": "王小明",
    "contact": "0571-88881234",
    "id_refused": True,
    "secrecy": False,
    "region": "杭州市",
    "gender": "female",
    "special_group": "migrant_worker",
    "minor_involved": True,
    "matter": "legal_advice",
    "category": "civil.labour.pay",
    "urgency": "urgent",
    "facts": "工地拖欠工资三个月，包工头失联。",
    "claim": "要求支付工资",
    "opinion": "建议先向劳动监察大队投诉，同时保留考勤记录。",
    "legal_basis": "《保障农民工工资支付条例》",
    "legal_aid_told": True,
}


def at(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


async def test_a_draft_is_saved_field_by_field(site: Site) -> None:
    _, number = await site.call()
    async with site.browser(Role.OPERATOR) as client:
        first = await client.get(f"/tickets/{number}")
        assert (first.headers["etag"], first.json()["state"], first.json()["caller"]) == ('"1"', "draft", "138****8000")
        saved = await client.put(f"/tickets/{number}/draft", json=WHOLE, headers=at(1))
        assert (saved.status_code, saved.headers["etag"]) == (200, '"2"')
        assert saved.headers["cache-control"] == "no-store"
        body = saved.json()
        assert {name: body[name] for name in WHOLE if name != "contact"} == {
            k: v for k, v in WHOLE.items() if k != "contact"
        }
        assert body["contact"] == "0571****1234"
        assert body["state"] == "open"
        assert body["saved_by"] == "h1operator"
        one = await client.put(f"/tickets/{number}/draft", json={"facts": "工地拖欠工资四个月。"}, headers=at(2))
        assert one.json()["opinion"] == WHOLE["opinion"]
        again = await client.put(f"/tickets/{number}/draft", json={"facts": "工地拖欠工资四个月。"}, headers=at(3))
        assert again.headers["etag"] == '"3"', "nothing changed, no new version"
        masked = await client.put(f"/tickets/{number}/draft", json={"contact": body["contact"]}, headers=at(3))
        assert masked.headers["etag"] == '"3"', "the masked number that is shown is not a new one"
        emptied = await client.put(
            f"/tickets/{number}/draft", json={"matter": "", "gender": None, "facts": ""}, headers=at(3)
        )
        assert (emptied.json()["matter"], emptied.json()["gender"], emptied.json()["facts"]) == ("", "", "")


async def test_names_and_numbers_are_sealed_and_changes_name_fields_only(site: Site) -> None:
    _, number = await site.call()
    async with site.browser(Role.OPERATOR) as client:
        await client.put(f"/tickets/{number}/draft", json=WHOLE, headers=at(1))
    async with site.engine.connect() as conn:
        everything = (
            await conn.execute(
                text("SELECT (SELECT tickets::text FROM tickets) || (SELECT ticket_changes::text FROM ticket_changes)")
            )
        ).scalar_one()
        fields = (await conn.execute(select(TICKET_CHANGES.c.fields))).scalar_one()
    assert "王小明" not in everything
    assert "88881234" not in everything
    assert set(fields) == set(WHOLE) - {"secrecy"}


async def test_saves_within_a_minute_are_one_change(site: Site) -> None:
    _, number = await site.call()
    async with site.browser(Role.OPERATOR) as client, site.browser(Role.SUPERVISOR) as supervisor:
        for version in range(1, 46):
            site.clock.forward(seconds=2)
            await client.put(f"/tickets/{number}/draft", json={"facts": "字" * version}, headers=at(version))
        await supervisor.put(f"/tickets/{number}/draft", json={"claim": "改"}, headers=at(46))
    async with site.engine.connect() as conn:
        rows = (await conn.execute(select(TICKET_CHANGES).order_by(TICKET_CHANGES.c.id))).all()
    assert [(row.version, row.fields) for row in rows] == [(31, ["facts"]), (46, ["facts"]), (47, ["claim"])]


async def test_an_older_version_gets_what_is_there_now(site: Site) -> None:
    _, number = await site.call()
    async with site.browser(Role.OPERATOR) as client, site.browser(Role.SUPERVISOR) as supervisor:
        await supervisor.put(f"/tickets/{number}/draft", json={"opinion": "班长的意见"}, headers=at(1))
        late = await client.put(f"/tickets/{number}/draft", json={"facts": "我的记录"}, headers=at(1))
        problem = late.json()
        assert (late.status_code, problem["code"], late.headers["etag"]) == (412, "ticket_changed", '"2"')
        assert (problem["current"]["opinion"], problem["current"]["version"]) == ("班长的意见", 2)
        assert (
            await client.put(f"/tickets/{number}/draft", json={"facts": "我的记录"}, headers=at(2))
        ).status_code == 200
        assert (await client.post(f"/tickets/{number}/close", json={}, headers=at(2))).status_code == 412
        for header in ({}, {"If-Match": "*"}, {"If-Match": '"x"'}, {"If-Match": '"-1"'}):
            answer = await client.put(f"/tickets/{number}/draft", json={"facts": "新"}, headers=header)
            assert (answer.status_code, answer.json()["code"]) == (428, "version_required")
        weak = await client.put(f"/tickets/{number}/draft", json={"facts": "新"}, headers={"If-Match": 'W/"3"'})
        assert weak.status_code == 200


@pytest.mark.parametrize(
    ("written", "closing", "missing"),
    [
        ({}, {}, {"category", "opinion"}),
        ({"opinion": "已答复"}, {}, {"category"}),
        ({"category": "other"}, {}, {"opinion"}),
        ({"opinion": "  \n", "category": "other"}, {}, {"opinion"}),
        ({"opinion": "已答复"}, {"no_category_reason": "  "}, {"category"}),
        ({"opinion": "已答复"}, {"no_category_reason": "跨多个类别"}, set()),
        ({"opinion": "已答复", "no_category_reason": "跨多个类别"}, {}, set()),
        ({"opinion": "已答复", "category": "civil.loan"}, {}, set()),
    ],
)
async def test_closing_needs_an_opinion_and_a_category_or_its_reason(
    site: Site, written: dict[str, str], closing: dict[str, str], missing: set[str]
) -> None:
    _, number = await site.call()
    async with site.browser(Role.OPERATOR) as client:
        version = 1
        if written:
            version = (await client.put(f"/tickets/{number}/draft", json=written, headers=at(1))).json()["version"]
        answer = await client.post(f"/tickets/{number}/close", json=closing, headers=at(version))
        if missing:
            assert (answer.status_code, answer.json()["code"]) == (422, "ticket_incomplete")
            assert {error["field"] for error in answer.json()["errors"]} == missing
        else:
            assert (answer.json()["state"], answer.json()["closed_by"]) == ("closed", "h1operator")


@pytest.mark.parametrize("operator", [None, Role.OPERATOR])
async def test_nobody_closes_the_ticket_of_a_call_that_is_somebody_else_s(site: Site, operator: Role | None) -> None:
    """A lawyer at whose desk it only rings, or rang, must not lock the form of the one who answers."""
    _, number = await site.call(live=True, operator=operator)
    async with site.browser(Role.SUPERVISOR) as client:
        for route, body in (("quick-close", {"kind": "silence"}), ("close", {})):
            told = await client.post(f"/tickets/{number}/{route}", json=body, headers=at(1))
            assert (told.status_code, told.json()["code"]) == (409, "ticket_call_live")
        assert (await client.get(f"/tickets/{number}")).json()["state"] == "draft"


async def test_closed_tickets_are_opened_again_by_a_supervisor_only(site: Site) -> None:
    _, number = await site.call()
    async with site.browser(Role.OPERATOR) as client, site.browser(Role.SUPERVISOR) as supervisor:
        closed = await client.post(f"/tickets/{number}/quick-close", json={"kind": "prank"})
        assert (closed.json()["state"], closed.json()["quick_close"]) == ("closed", "prank")
        assert (await client.put(f"/tickets/{number}/draft", json={"facts": "x"}, headers=at(2))).json()[
            "code"
        ] == "ticket_closed"
        assert (await client.post(f"/tickets/{number}/quick-close", json={"kind": "prank"})).status_code == 409
        assert (await client.post(f"/tickets/{number}/quick-close", json={"kind": "boring"})).status_code == 422
        assert (await client.post(f"/tickets/{number}/reopen", json={"reason": "补充"})).status_code == 403
        assert (await supervisor.post(f"/tickets/{number}/reopen", json={"reason": " "})).status_code == 422
        opened = await supervisor.post(f"/tickets/{number}/reopen", json={"reason": "补充答复意见"})
        assert (opened.json()["state"], opened.json()["closed_at"], opened.json()["quick_close"]) == (
            "reopened",
            None,
            "",
        )
        assert (await client.put(f"/tickets/{number}/draft", json={"facts": "x"}, headers=at(3))).json()[
            "state"
        ] == "reopened"
        assert (await client.post(f"/tickets/{number}/quick-close", json={"kind": "prank"})).json()[
            "code"
        ] == "ticket_state"
    line = (await site.audit())[-1]
    assert (line["act"], line["object"], line["reason"]) == ("ticket_reopened", number, "补充答复意见")


async def test_bad_fields_are_named(site: Site) -> None:
    _, number = await site.call()
    async with site.browser(Role.OPERATOR) as client:
        for body, field in [
            ({"nonsense": 1}, "nonsense"),
            ({"matter": "x"}, "matter"),
            ({"secrecy": "perhaps"}, "secrecy"),
            ({"state": "closed"}, "state"),
            ({"category": "no.such"}, "category"),
            ({"category": "a b; c"}, "category"),
            *(({name: "长" * (most + 1)}, name) for name, most in MAX_LENGTHS.items()),
        ]:
            answer = await client.put(f"/tickets/{number}/draft", json=body, headers=at(1))
            if (body, field) == ({"contact": "长" * 41}, "contact"):
                continue
            assert answer.status_code == 422, field
            assert field in {error["field"].split(".")[0] for error in answer.json()["errors"]}
        longest = {name: "长" * most for name, most in MAX_LENGTHS.items() if name != "contact"}
        assert (await client.put(f"/tickets/{number}/draft", json=longest, headers=at(1))).status_code == 200
        assert (await client.put(f"/tickets/{number}/draft", content=b"[]", headers=at(2))).status_code == 422


async def test_unicode_of_every_kind_is_kept_or_cleaned(site: Site) -> None:
    _, number = await site.call()
    facts = "零\x00字节\x07响铃\r\n换行\t制表 e\u0301 👨‍👩‍👧 𠮷 ‮反向 \u2028"
    async with site.browser(Role.OPERATOR) as client:
        saved = await client.put(f"/tickets/{number}/draft", json={"facts": facts}, headers=at(1))
        assert saved.json()["facts"] == "零字节响铃\n换行\t制表 é 👨‍👩‍👧 𠮷 ‮反向 \u2028"
        lonely = await client.put(
            f"/tickets/{number}/draft",
            content=b'{"facts": "\\ud83d"}',
            headers={**at(2), "Content-Type": "application/json"},
        )
        assert lonely.status_code == 422
        assert [item["number"] for item in (await client.get("/tickets", params={"q": "𠮷"})).json()["items"]] == [
            number
        ]


async def test_every_look_at_a_secret_ticket_is_recorded(site: Site) -> None:
    _, number = await site.call(secrecy=True, opinion="不可外传")
    async with site.browser(Role.OPERATOR) as client, site.browser(Role.SUPERVISOR) as supervisor:
        await client.get(f"/tickets/{number}")
        await supervisor.get(f"/tickets/{number}")
        listed = (await supervisor.get("/tickets")).json()["items"][0]
        assert (listed["secrecy"], listed["opinion_excerpt"]) == (True, "")
        await client.put(f"/tickets/{number}/draft", json={"facts": "x"}, headers=at(1))
        await supervisor.put(f"/tickets/{number}/draft", json={"facts": "y"}, headers=at(1))
    lines = [(line["act"], line["work_number"], line["object"]) for line in await site.audit()]
    assert lines == [("ticket_view", each, number) for each in ("1001", "2001", "2001")]


async def test_whose_tickets_an_operator_sees(site: Site) -> None:
    colleague = site.people["h1", Role.SUPERVISOR].id
    _, own = await site.call(caller="13900000001")
    _, same_caller = await site.call(caller="13800138000", operator=colleague)
    _, other = await site.call(caller="13900000002", operator=colleague)
    ringing, ringing_ticket = await site.call(caller="13800138000", operator=None, live=True)
    async with site.browser(Role.OPERATOR) as client:

        async def seen() -> set[str]:
            return {item["number"] for item in (await client.get("/tickets")).json()["items"]}

        assert await seen() == {own}
        assert (await client.get(f"/tickets/{same_caller}")).status_code == 404
        site.on_the_phone(ringing, "13800138000")
        assert await seen() == {own, same_caller, ringing_ticket}
        assert (await client.get(f"/tickets/{same_caller}")).status_code == 200
        assert (await client.get(f"/tickets/{other}")).status_code == 404
        assert (
            await client.put(f"/tickets/{ringing_ticket}/draft", json={"facts": "x"}, headers=at(1))
        ).status_code == 200
        assert (
            await client.put(f"/tickets/{same_caller}/draft", json={"facts": "x"}, headers=at(1))
        ).status_code == 404


TEXTS: dict[str, dict[str, Any]] = {
    "wages": {"facts": "工地拖欠工资三个月", "opinion": "向劳动监察投诉"},
    "loan": {"facts": "民间借贷，借条丢失", "opinion": "可以起诉"},
    "apart": {"facts": "民间组织，时间借出，借贷公司", "opinion": ""},
    "divorce": {"facts": "离婚后抚养费", "opinion": "协商不成可起诉"},
    "mixed": {"facts": "收到ＡＢＣ公司10086号函", "opinion": "OK"},
}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("工资", {"wages"}),
        ("拖欠工资", {"wages"}),
        ("资", {"wages"}),
        ("月", {"wages"}),
        ("民间借贷", {"loan"}),
        ("借贷", {"loan", "apart"}),
        ("民间", {"loan", "apart"}),
        ("起诉", {"loan", "divorce"}),
        ("可以 起诉", {"loan"}),
        ("abc公司", {"mixed"}),
        ("１００８６", {"mixed"}),
        ("ok", {"mixed"}),
        ("没有这样的字", set()),
        ("，。！", set()),
        ("' & !|:*()<-> \\", set()),
        ("%", set()),
        ("\x00工资", {"wages"}),
        ("工" * 150, set()),
    ],
)
async def test_text_is_found(site: Site, asked: str, found: set[str]) -> None:
    numbers = {name: (await site.call(**texts))[1] for name, texts in TEXTS.items()}
    async with site.browser(Role.SUPERVISOR) as client:
        answer = await client.get("/tickets", params={"q": asked})
    assert answer.status_code == 200
    assert {item["number"] for item in answer.json()["items"]} == {numbers[name] for name in found}


async def test_what_the_desk_saves_is_found_at_once(site: Site) -> None:
    _, number = await site.call()
    async with site.browser(Role.OPERATOR) as client:
        await client.put(
            f"/tickets/{number}/draft", json={"facts": "工伤认定", "legal_basis": "工伤保险条例"}, headers=at(1)
        )
        await client.put(f"/tickets/{number}/draft", json={"facts": "交通事故"}, headers=at(2))

        async def hits(q: str) -> int:
            return len((await client.get("/tickets", params={"q": q})).json()["items"])

        assert [await hits(q) for q in ("交通", "认定", "保险", "事")] == [1, 0, 1, 1]


async def test_filters(site: Site) -> None:
    day = site.clock.now()
    _, a = await site.call(caller="13800138000", category="civil.labour.pay", category_version=None, state="closed")
    _, b = await site.call(
        caller="13900000000", category="civil.loan", at=day - timedelta(days=3), operator=Role.SUPERVISOR
    )
    _, c = await site.call(caller=None, at=day - timedelta(days=9), operator=None)
    await site.call("h2", caller="13800138000")
    async with site.browser(Role.ADMINISTRATOR) as administrator:
        tree = {
            "label": "本市",
            "items": [
                {"code": "civil", "label": "民事"},
                {"code": "civil.labour", "parent": "civil", "label": "劳动"},
                {"code": "civil.labour.pay", "parent": "civil.labour", "label": "工资"},
                {"code": "civil.loan", "parent": "civil", "label": "借贷"},
            ],
        }
        assert (await administrator.post("/categories", json=tree)).json()["version"] == 1
    async with site.engine.begin() as conn:
        await conn.execute(update(TICKETS).where(TICKETS.c.category != "").values(category_version=1))
    async with site.browser(Role.SUPERVISOR) as client:

        async def found(**query: Any) -> set[str]:
            answer = await client.get("/tickets", params=query)
            assert answer.status_code == 200, answer.text
            return {item["number"] for item in answer.json()["items"]}

        assert await found() == {a, b, c}
        assert await found(number="+86 138-0013-8000") == {a}
        assert await found(number="１３８００１３８０００") == {a}
        assert await found(number="8000") == set()
        assert await found(state="closed") == {a}
        assert await found(category="civil.labour") == {a}
        assert await found(category="civil") == {a, b}
        assert await found(category="lab") == set()
        assert await found(operator=site.people["h1", Role.SUPERVISOR].id) == {b}
        assert await found(**{"from": "2026-11-19"}) == {a}
        assert await found(**{"from": "2026-11-12", "to": "2026-11-18"}) == {b, c}
        assert (await client.get("/tickets", params={"from": "yesterday"})).status_code == 422
        assert (await client.get("/tickets", params={"category": "'; DROP TABLE"})).status_code == 422
        labels = {item["number"]: item["category_label"] for item in (await client.get("/tickets")).json()["items"]}
        assert labels == {a: "民事 / 劳动 / 工资", b: "民事 / 借贷", c: ""}


async def test_pages_follow_each_other_without_gap_or_twin(site: Site) -> None:
    made = [(await site.call(at=site.clock.now() - timedelta(hours=9 * n)))[1] for n in range(11)]
    async with site.browser(Role.SUPERVISOR) as client:
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = (await client.get("/tickets", params={"limit": 3, **({"cursor": cursor} if cursor else {})})).json()
            seen += [item["number"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
            if len(seen) == 3:
                await site.call(at=site.clock.now() + timedelta(hours=1))  # newer ones do not move the pages
        assert sorted(seen) == sorted(made)
        assert seen == sorted(seen, key=lambda number: (number[3:11], number), reverse=True)
        for bad in ("x", "AAAA", "W10", "WyIyMDI2Il0", "%00"):
            answer = await client.get("/tickets", params={"cursor": bad})
            assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")
        assert (await client.get("/tickets", params={"limit": 201})).status_code == 422


async def test_tickets_that_are_not_there(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as client:
        for number in ("h1-20261121-999999", "..%2f..%2fetc", "%00", "工单", "x" * 100):
            answer = await client.get(f"/tickets/{number}")
            assert answer.status_code in (404, 422), number
            assert answer.headers["content-type"] == "application/problem+json"


async def test_quick_close_and_reopen_heed_a_version_that_is_sent(site: Site) -> None:
    _, number = await site.call()
    async with site.browser(Role.SUPERVISOR) as client:
        for path, body in (
            (f"/tickets/{number}/quick-close", {"kind": "silence"}),
            (f"/tickets/{number}/reopen", {"reason": "补充"}),
        ):
            etag = (await client.get(f"/tickets/{number}")).headers["etag"]
            stale = await client.post(path, json=body, headers={"If-Match": '"99"'})
            assert (stale.status_code, stale.json()["code"], stale.headers["etag"]) == (412, "ticket_changed", etag)
            unread = await client.post(path, json=body, headers={"If-Match": "*"})
            assert (unread.status_code, unread.json()["code"]) == (428, "version_required")
            done = await client.post(path, json=body, headers={"If-Match": etag})
            assert done.status_code == 200
            assert done.headers["etag"] != etag
    assert [line["act"] for line in await site.audit()] == ["ticket_reopened"]


async def test_two_who_have_it_open_see_each_other_and_what_is_new(site: Site) -> None:
    _, number = await site.call("h1", operator=Role.OPERATOR)
    path = f"/tickets/{number}/here"
    async with site.browser(Role.OPERATOR) as writer, site.browser(Role.SUPERVISOR) as reader:
        assert (await writer.put(path, json={"page": "writer-01", "writing": True})).json()["others"] == []
        seen = (await reader.put(path, json={"page": "reader-01"})).json()
        (other,) = seen["others"]
        assert (other["writing"], other["own"]) == (True, False)
        saved = await writer.put(f"/tickets/{number}/draft", json={"facts": "新"}, headers=at(seen["version"]))
        newer = (await reader.put(path, json={"page": "reader-01"})).json()
        assert (newer["version"], newer["saved_by"]) == (saved.json()["version"], other["name"])
        mine = (await writer.put(path, json={"page": "writer-02"})).json()["others"]
        assert [one["own"] for one in mine] == [True, False]
        assert (await writer.delete(f"{path}/writer-01")).status_code == 200
        (other,) = (await reader.put(path, json={"page": "reader-01"})).json()["others"]
        assert other["writing"] is False
