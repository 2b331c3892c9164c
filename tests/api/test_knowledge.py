"""The knowledge base through the routes."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import httpx2
import openpyxl

from hotline.knowledge import sheet
from hotline.people.permissions import Role
from hotline.store.seal import place
from tests.api.site import Site

PAY = {"kind": "article", "title": "拖欠工资怎么办", "body": "可以向劳动监察大队投诉。", "tags": ["欠薪"]}


def match(revision: int) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


async def publish(site: Site, item: int, revision: int, **more: Any) -> dict[str, Any]:
    """Reviewed and published by the administrator."""
    async with site.browser(Role.ADMINISTRATOR) as client:
        for step in ("review", "publish"):
            answer = await client.post(f"/knowledge/{item}/steps", json={"step": step} | more, headers=match(revision))
            assert answer.status_code == 200, answer.text
            revision = answer.json()["revision"]
    return answer.json()


async def test_from_the_draft_to_the_desk_and_back_with_a_complaint(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as editor, site.browser(Role.OPERATOR) as desk:
        made = (await editor.post("/knowledge", json=PAY)).json()
        assert (made["state"], made["own"], made["published"]) == ("draft", True, None)
        assert (await desk.get(f"/knowledge/{made['id']}")).status_code == 404
        own = await editor.post(f"/knowledge/{made['id']}/steps", json={"step": "review"}, headers=match(1))
        assert own.json()["code"] == "knowledge_own"
        blind = await editor.post(f"/knowledge/{made['id']}/steps", json={"step": "review"})
        assert (blind.status_code, blind.json()["code"]) == (428, "knowledge_version_required")
        await publish(site, made["id"], 1)
        (found,) = (await desk.get("/knowledge/at-hand", params={"q": "欠薪"})).json()["items"]
        assert (found["title"], found["body"]) == (PAY["title"], PAY["body"])
        assert (await desk.post(f"/knowledge/{found['id']}/use")).status_code == 200
        silent = await desk.post(f"/knowledge/{found['id']}/feedback", json={"useful": False})
        assert silent.json()["errors"] == [{"field": "words", "message": "请写明哪里有误。"}]
        said = {"useful": False, "words": "缺少仲裁时效"}
        assert (await desk.post(f"/knowledge/{found['id']}/feedback", json=said)).status_code == 200
        assert (await desk.get("/knowledge-feedback")).status_code == 403
        (waiting,) = (await editor.get("/knowledge-feedback", params={"waiting": True})).json()["items"]
        assert (waiting["words"], waiting["by"]) == ("缺少仲裁时效", "h1operator")
        better = {key: value for key, value in PAY.items() if key != "kind"} | {"body": PAY["body"] + "时效一年。"}
        stale = await editor.put(f"/knowledge/{made['id']}", json=better, headers=match(1))
        assert (stale.status_code, stale.json()["code"]) == (412, "knowledge_changed")
        saved = await editor.put(f"/knowledge/{made['id']}", json=better, headers=match(3))
        assert (saved.headers["ETag"], saved.json()["newest"]) == ('"4"', 2)
        assert (await desk.get(f"/knowledge/{made['id']}")).json()["body"] == PAY["body"]
        difference = await editor.get(f"/knowledge/{made['id']}/difference", params={"was": 1, "now": 2})
        pieces = difference.json()["fields"]["body"]
        assert "".join(piece["now"] for piece in pieces if piece["was"] != piece["now"]) == "时效一年。"
        settled = await editor.post(f"/knowledge-feedback/{waiting['id']}/settle", json={"words": "已补充"})
        assert settled.status_code == 200
        bare = await editor.post(f"/knowledge/{made['id']}/steps", json={"step": "withdraw"}, headers=match(4))
        assert bare.json()["errors"][0]["field"] == "reason"
    acts = [(line["object"], line["data"]["step"]) for line in await site.audit() if line["act"] == "knowledge_changed"]
    where = f"knowledge/{made['id']}"
    assert acts == [(where, "save"), (where, "review"), (where, "publish"), (where, "save")]


async def test_a_closed_ticket_becomes_a_case_without_its_people(site: Site) -> None:
    _, number = await site.call(
        state="closed",
        category="civil.labour.pay",
        category_version=None,
        matter="legal_advice",
        facts="王伟称在宏达建筑有限公司上班，手机138 0013 8000，住杭州市西湖区文三路138号3幢。",
        opinion="王先生可申请劳动仲裁。",
    )
    sealed = {
        "caller_name_sealed": site.seal.seal("王伟", place("tickets", "caller_name_sealed", number)),
        "counterparty_name_sealed": site.seal.seal(
            "宏达建筑有限公司", place("tickets", "counterparty_name_sealed", number)
        ),
    }
    await site.write_ticket(number, **sealed)
    async with site.browser(Role.SUPERVISOR) as editor:
        made = await editor.post(f"/knowledge/from-ticket/{number}")
        assert made.status_code == 201, made.text
        item, removal = made.json()["item"], made.json()["removal"]["fields"]
        assert item["body"] == (
            "【基本情况】\n某甲称在某公司上班，手机【电话】，住杭州市西湖区【地址】。\n\n【答复意见】\n某甲可申请劳动仲裁。"
        )
        assert [(piece["was"], piece["now"]) for piece in removal["opinion"]] == [
            ("王先生", "某甲"),
            ("可申请劳动仲裁。", "可申请劳动仲裁。"),
        ]
        again = await editor.post(f"/knowledge/from-ticket/{number}")
        assert again.json()["code"] == "knowledge_case_exists"
        assert (await editor.get(f"/knowledge/from-ticket/{number}/removal")).json()["fields"] == removal
        _, secret = await site.call(state="closed", facts="保密", opinion="已答", secrecy=True)
        assert (await editor.post(f"/knowledge/from-ticket/{secret}")).json()["code"] == "knowledge_ticket_secret"
        _, running = await site.call(state="open", facts="在办", opinion="已答")
        assert (await editor.post(f"/knowledge/from-ticket/{running}")).json()["code"] == "knowledge_ticket_open"
        _, other = await site.call("h2", state="closed", facts="别厅", opinion="已答")
        assert (await editor.post(f"/knowledge/from-ticket/{other}")).status_code == 404
    async with site.browser(Role.ADMINISTRATOR) as administrator:
        assert (await administrator.post(f"/knowledge/from-ticket/{number}")).status_code == 403
        reviewed = await administrator.post(f"/knowledge/{item['id']}/steps", json={"step": "review"}, headers=match(1))
        unread = await administrator.post(
            f"/knowledge/{item['id']}/steps", json={"step": "publish"}, headers=match(reviewed.json()["revision"])
        )
        assert (unread.status_code, unread.json()["code"]) == (422, "knowledge_unconfirmed")
    trail = [(line["act"], line["object"]) for line in await site.audit()]
    assert ("case_made", number) in trail
    assert ("ticket_view", number) in trail


def workbook(*rows: list[Any]) -> str:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet.SHEET
    for row in (list(sheet.COLUMNS.values()), *rows):
        page.append(row)
    data = BytesIO()
    book.save(data)
    return base64.b64encode(data.getvalue()).decode()


async def send(client: httpx2.AsyncClient, file: str, **body: Any) -> httpx2.Response:
    return await client.post("/knowledge-file", json={"file": file, "file_name": "知识.xlsx", **body})


async def test_a_spreadsheet_is_tried_then_taken_and_comes_back_as_it_was(site: Site) -> None:
    good = [None, "话术", "开场白", "您好，这里是 12348。\n请讲。", "", "", "法律咨询", "开场、礼貌", "", None, None]
    statute = [None, "法规", "诉讼时效", "三年。", "《民法典》第一百八十八条", "", "", "", "", "2021-01-01", None]
    bad = [None, "诗歌", "题", "文", "", "nowhere", "", "", "", "昨天", None]
    async with site.browser(Role.SUPERVISOR) as client:
        tried = (await send(client, workbook(good, statute, bad))).json()
        assert tried["counts"] == {"added": 2, "changed": 0, "kept": 0, "wrong": 1}
        assert tried["items"][0]["faults"] == [
            "B 类型：应为话术、文章、法规、案例之一",
            "J 施行日期：日期例：2026-01-01",
        ]
        refused = await send(client, workbook(good, bad), dry_run=False)
        assert refused.json()["code"] == "knowledge_rows_wrong"
        assert (await client.get("/knowledge", params={"drafts": True})).json()["items"] == []
        taken = (await send(client, workbook(good, statute), dry_run=False)).json()
        assert taken["counts"]["added"] == 2
        rows = (await client.get("/knowledge", params={"drafts": True, "state": "draft"})).json()["items"]
        assert {row["title"]: row["tags"] for row in rows} == {"诉讼时效": [], "开场白": ["开场", "礼貌"]}
        out = (await client.get("/knowledge-file", params={"filled": True})).content
        again = (await send(client, base64.b64encode(out).decode())).json()
        assert again["counts"] == {"added": 0, "changed": 0, "kept": 2, "wrong": 0}
        twice = (await send(client, workbook(good, good))).json()
        assert twice["items"][0]["faults"] == ["与前面的行重复"]
        assert (await send(client, "aaaa")).json()["code"] == "knowledge_file_unreadable"
    acts = [line["act"] for line in await site.audit()]
    assert "knowledge_imported" in acts
    assert "export" in acts
