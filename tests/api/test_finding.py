"""One search over everything, saved views, and lists as files."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest

from hotline.api import exports
from hotline.finding.table_file import safe
from hotline.people.permissions import Role
from tests.api.site import Site
from tests.knowledge.making import published


async def test_one_search_finds_tickets_their_calls_and_knowledge(site: Site) -> None:
    call, number = await site.call(facts="单位拖欠工资三个月")
    colleague, _ = await site.call(operator=Role.SUPERVISOR, facts="工资没有发", caller="13900000000")
    await site.call("h2", facts="工资")
    async with site.engine.begin() as conn:
        await published(conn, "拖欠工资怎么办")
        await published(conn, "工资", hall="h2")
    async with site.browser(Role.SUPERVISOR) as supervisor, site.browser(Role.OPERATOR) as operator:
        whole = (await supervisor.get("/search", params={"q": "工资"})).json()
        assert {each["id"] for each in whole["calls"]} == {call, colleague}
        assert [each["title"] for each in whole["knowledge"]] == ["拖欠工资怎么办"]
        own = (await operator.get("/search", params={"q": "工资"})).json()
        assert [each["number"] for each in own["tickets"]] == [number]
        assert [each["id"] for each in own["calls"]] == [call]
        by_id = (await operator.get("/search", params={"q": number})).json()
        assert ([each["number"] for each in by_id["tickets"]], by_id["calls"][0]["id"]) == ([number], call)
        by_call = (await operator.get("/search", params={"q": call})).json()
        assert [each["id"] for each in by_call["calls"]] == [call]
        assert (await operator.get("/search", params={"q": colleague})).json()["calls"] == []
        assert (await supervisor.get("/search", params={"q": "。。"})).json()["tickets"] == []


async def test_a_search_by_number_is_on_record_and_the_number_is_not(site: Site) -> None:
    call, number = await site.call()
    async with site.browser(Role.SUPERVISOR) as client:
        found = (await client.get("/search", params={"q": "138 0013 8000"})).json()
    assert (found["by_number"], found["tickets"][0]["number"], found["calls"][0]["id"]) == (True, number, call)
    (line,) = [line for line in await site.audit() if line["act"] == "number_searched"]
    assert line["object"] == "138****8000"
    assert "13800138000" not in str(line)


async def test_views_are_ones_own_until_a_supervisor_shares_them(site: Site) -> None:
    mine: dict[str, Any] = {"list": "tickets", "name": "本周待办结", "filter": {"days": 7, "state": "open"}}
    async with site.browser(Role.OPERATOR) as operator, site.browser(Role.SUPERVISOR) as supervisor:
        kept = (await operator.post("/saved-views", json=mine)).json()["items"]
        assert (kept[0]["filter"], kept[0]["own"]) == ({"days": 7, "state": "open"}, True)
        again = await operator.post("/saved-views", json=mine)
        assert again.json()["code"] == "saved_view_name_taken"
        assert (await operator.post("/saved-views", json=mine | {"name": "x", "shared": True})).status_code == 403
        number = mine | {"name": "号码", "filter": {"number": "13800138000"}}
        assert (await operator.post("/saved-views", json=number)).status_code == 422
        assert (await operator.post("/saved-views", json=mine | {"name": "空", "filter": {}})).status_code == 422
        assert (await supervisor.get("/saved-views", params={"list": "tickets"})).json()["items"] == []
        shared = mine | {"name": "全厅在办", "shared": True}
        (of_hall,) = (await supervisor.post("/saved-views", json=shared)).json()["items"]
        seen = (await operator.get("/saved-views", params={"list": "tickets"})).json()["items"]
        assert [(each["name"], each["own"]) for each in seen] == [("本周待办结", True), ("全厅在办", False)]
        assert (await operator.get("/saved-views", params={"list": "calls"})).json()["items"] == []
        assert (await operator.delete(f"/saved-views/{of_hall['id']}")).status_code == 404
        assert (await supervisor.delete(f"/saved-views/{kept[0]['id']}")).status_code == 404
        assert (await supervisor.delete(f"/saved-views/{of_hall['id']}")).status_code == 200
    async with site.browser(Role.SUPERVISOR, "h2") as elsewhere:
        assert (await elsewhere.delete(f"/saved-views/{kept[0]['id']}")).status_code == 404


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r=", " =", "＝", "\n@"])
def test_nothing_in_a_cell_runs(begin: str) -> None:
    assert safe(f"{begin}HYPERLINK(1)").startswith("'")


def test_what_is_no_formula_stays() -> None:
    assert [safe(text) for text in ("138****8000", "《民法典》", "")] == ["138****8000", "《民法典》", ""]


async def test_tickets_leave_as_a_table_with_numbers_masked_and_a_reason_on_record(site: Site) -> None:
    _, number = await site.call(state="closed", facts="x", opinion='=HYPERLINK("http://x","y")', matter="notary")
    await site.call(state="open", opinion="不在条件内")
    await site.call("h2", state="closed", opinion="别厅")
    body = {"reason": "月度分析", "state": "closed", "number": "13800138000"}
    async with site.browser(Role.SUPERVISOR) as client:
        answer = await client.post("/tickets/export", json=body)
        assert answer.headers["Content-Disposition"] == 'attachment; filename="12348-tickets-h1-2026-11-21.xlsx"'
        page = openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0]
        headings, *rows = [[cell.value for cell in row] for row in page.iter_rows()]
        (row,) = [dict(zip(headings, each, strict=True)) for each in rows]
        assert (row["工单编号"], row["来电号码"], row["业务类型"], row["状态"]) == (
            number,
            "138****8000",
            "公证",
            "已办结",
        )
        cell = next(each for each in page[2] if each.value == row["答复意见摘要"])
        assert (cell.data_type, str(cell.value)[0]) == ("s", "="), "a text, not a formula"
        comma = await client.post("/tickets/export", json=body | {"format": "csv"})
        assert comma.content.startswith(b"\xef\xbb\xbf")
        lines = list(csv.reader(StringIO(comma.content.decode("utf-8-sig"))))
        assert '\'=HYPERLINK("http://x","y")' in lines[1]
        assert len(lines) == 2
        assert (await client.post("/tickets/export", json={"state": "closed"})).status_code == 422
    written = [line for line in await site.audit() if line["act"] == "export"]
    assert [(line["object"], line["reason"]) for line in written] == [("tickets", "月度分析")] * 2
    assert written[0]["data"] == {"state": "closed", "number": "138****8000", "rows": 1, "format": "xlsx"}


async def test_calls_leave_page_after_page_and_too_many_are_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [(await site.call())[0] for _ in range(5)]
    monkeypatch.setattr(exports, "_PORTION", 2)
    body = {"reason": "核对话务量", "format": "csv", "outcome": "answered"}
    async with site.browser(Role.SUPERVISOR) as client:
        answer = await client.post("/calls/export", json=body)
        lines = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
        assert [line[0] for line in lines[1:]] == calls[::-1]
        assert lines[1][5] == "已接通"
        monkeypatch.setattr(exports, "MOST", 4)
        refused = await client.post("/calls/export", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "export_too_large")
    async with site.browser(Role.OPERATOR) as operator:
        assert (await operator.post("/calls/export", json=body)).status_code == 403
