"""The directory through the routes, and its public page."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import httpx2
import openpyxl
import pytest

from hotline.directory import page, people, sheet
from hotline.directory.kinds import Thing
from hotline.people.permissions import Role
from tests.api.site import OTHER_UNIT, UNIT, Site
from tests.directory.making import OFFICE_HOURS, city, file, office, pen, unit, week

HOURS = week(OFFICE_HOURS)
STATION = {"code": "new", "kind": "township_station", "name": "新站", "area": "330106009000", "hours": HOURS}


async def filled(site: Site) -> None:
    async with site.engine.begin() as conn:
        await city(conn)


async def acts(site: Site) -> list[tuple[str, str]]:
    return [(line["act"], line["object"]) for line in await site.audit() if line["account"] != "system"]


async def test_an_office_and_its_people(site: Site) -> None:
    await filled(site)
    async with site.browser(Role.SUPERVISOR) as client:
        body = STATION | {"parent": "county", "services": ["mediation", "legal_advice"]}
        made = (await client.post("/directory/units", json=body)).json()
        assert (made["area"], made["services"], made["version"]) == ("330106009", ["legal_advice", "mediation"], 1)
        assert made["hours"] == HOURS
        assert made["hours_told"][0] == "周一至周五 09:00-12:00 14:00-17:30"
        # The site's clock stands at a Saturday, 10:00.
        assert made["standing"] == {"state": "appointment", "until": "2026-11-21T16:00:00Z"}
        again = await client.post("/directory/units", json=body)
        assert (again.status_code, again.json()["code"]) == (409, "unit_code_taken")
        person = {"name": " 李主任 ", "post": "站长", "telephone": "0571-1", "hours": HOURS, "public": True}
        joined = (await client.post("/directory/units/new/people", json=person)).json()
        assert (joined["name"], joined["hours_told"][1]) == ("李主任", "周六 需预约")
        left = person | {"version": 1, "unit": "new", "ended": True}
        assert (await client.put(f"/directory/people/{joined['id']}", json=left)).json()["ended"] is True
        read = (await client.get("/directory/units/new")).json()
        assert [each["code"] for each in read["path"]] == ["city", "county", "new"]
        assert [each["ended"] for each in read["people"]] == [True]
        ended = await client.post("/directory/units/new/end", json={"version": 1, "reason": "撤并"})
        assert ended.json()["valid_to"] == "2026-11-21T02:00:00Z"
        tree = (await client.get("/directory/tree")).json()["items"]
        assert "new" not in {each["code"] for each in tree}
        with_ended = (await client.get("/directory/tree?ended=true")).json()["items"]
        assert [each["ended"] for each in with_ended if each["code"] == "new"] == [True]
        changes = (await client.get("/directory/changes?thing=unit&key=new")).json()["items"]
        assert [(each["what"], each["actor"]) for each in changes] == [("ended", "2001"), ("created", "2001")]
    assert await acts(site) == [
        ("directory_changed", "unit/new"),
        ("directory_changed", f"person/{joined['id']}"),
        ("directory_changed", f"person/{joined['id']}"),
        ("directory_changed", "unit/new"),
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"code": "甲"}, "code"),
        ({"area": "0000"}, "area"),
        ({"area": "33010"}, "area"),
        ({"name": "  "}, "name"),
        ({"name": "长" * 81}, "name"),
        ({"telephone": "<b>"}, "telephone"),
        ({"services": ["divorce"]}, "services.0"),
        ({"hours": {"week": []}}, "hours.week"),
        ({"hours": {"week": [{"periods": [["12:00", "09:00"]]}] * 7}}, "hours"),
        ({"hours": {"week": [{"periods": [["12:00", "24:01"]]}] * 7}}, "hours.week.0.periods.0.1"),
    ],
)
async def test_what_no_office_can_be(site: Site, fields: dict[str, Any], field: str) -> None:
    async with site.browser(Role.SUPERVISOR) as client:
        answer = await client.post("/directory/units", json=STATION | fields)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_search_page_by_page_and_who_serves(site: Site) -> None:
    await filled(site)
    async with site.browser(Role.OPERATOR) as client:
        first = (await client.get("/directory/units?area=330106&limit=4")).json()
        second = (await client.get(f"/directory/units?area=330106&limit=4&cursor={first['next_cursor']}")).json()
        codes = [each["code"] for each in (*first["items"], *second["items"])]
        assert codes == ["aid", "county", "committee", "town", "village", "village2"]
        assert second["next_cursor"] is None
        found = (await client.get("/directory/units", params={"text": "调解委员会", "service": "mediation"})).json()
        assert [each["code"] for each in found["items"]] == ["committee"]
        offers = (await client.get("/directory/serving?matter=legal_aid&area=330106008003")).json()["items"]
        assert [(each["unit"], each["level"]) for each in offers] == [("aid", "county"), ("city", "city")]
        assert offers[0]["reason"] == "本县区的法律援助中心，办理法律援助（本村居、本乡镇街道没有办理法律援助的机构）"
        assert (await client.get("/directory/serving?matter=legal_aid&area=00")).status_code == 422
        assert (await client.get("/directory/units?cursor=nonsense")).json()["code"] == "bad_cursor"


async def test_a_village_adviser_and_the_ledger(site: Site) -> None:
    await filled(site)
    async with site.browser(Role.ADMINISTRATOR) as client:
        six = {"name": "陈律师", "villages": [f"v{number}" for number in range(6)]}
        assert (await client.post("/directory/advisers", json=six)).json()["code"] == "too_many_villages"
        adviser = {"name": "陈律师", "firm": "示例所", "villages": ["village"]}
        made = (await client.post("/directory/advisers", json=adviser)).json()
        assert made["reading"]["last_month"]["state"] == "not_counted"
        assert made["reading"]["behind"] == []
        where = f"/directory/advisers/{made['id']}/ledger"
        for kind, hours in (("duty", 3.5), ("lecture", 1)):
            noted = await client.post(where, json={"day": "2026-11-20", "kind": kind, "hours": hours})
            assert noted.status_code == 201
        (listed,) = (await client.get("/directory/advisers")).json()["items"]
        assert (listed["reading"]["month"]["done"], listed["reading"]["month"]["state"]) == (4.5, "met")
        assert (listed["reading"]["quarter"]["done"], listed["reading"]["quarter"]["state"]) == (1, "met")
        entry = (await client.get(where)).json()["items"][0]
        struck = await client.post(f"/directory/ledger/{entry['id']}/strike", json={"reason": "写错"})
        assert struck.json()["items"][0]["struck_reason"] == "写错"
        site.clock.forward(days=50)  # November and December are over, and so is the quarter
    async with site.browser(Role.SUPERVISOR) as client:
        (behind,) = (await client.get("/directory/advisers?behind=true")).json()["items"]
        assert behind["reading"]["behind"] == ["2026-12 服务 0 小时，差 4 小时"]
        village = (await client.get("/directory/units/village")).json()
        assert [each["firm"] for each in village["advisers"]] == ["示例所"]


async def imported(client: httpx2.AsyncClient, data: bytes, **fields: Any) -> httpx2.Response:
    body = {"file": base64.b64encode(data).decode(), "file_name": "名录.xlsx", **fields}
    return await client.post("/directory/import", json=body)


async def test_an_import_from_the_template_to_the_record(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as client:
        empty = await client.get("/directory/import/template")
        assert openpyxl.load_workbook(BytesIO(empty.content)).sheetnames[0] == "机构"
        wrong = file({Thing.UNIT: [office("a"), office("b", 类别="派出所")]})
        tried = (await imported(client, wrong)).json()
        assert (tried["dry_run"], tried["load"], tried["counts"]["wrong"]) == (True, None, 1)
        assert tried["items"][0]["faults"][0]["column"] == "C 类别"
        refused = await imported(client, wrong, dry_run=False)
        assert (refused.status_code, refused.json()["code"]) == (422, "directory_rows_wrong")
        assert refused.json()["errors"][0]["message"].startswith("机构 第 3 行 C 类别：只能是市级中心、")
        good = file({Thing.UNIT: [office("a"), office("b", 上级编码="a")]})
        done = (await imported(client, good, dry_run=False)).json()
        assert (done["counts"]["added"], done["items"][0]["fate"]) == (2, "added")
        (kept,) = (await client.get("/directory/imports")).json()["items"]
        assert (kept["id"], kept["actor"], kept["counts"]["added"]) == (done["load"], "2001", 2)
        changes = (await client.get(f"/directory/changes?load={kept['id']}")).json()["items"]
        assert {each["key"] for each in changes} == {"a", "b"}
        full = await client.get("/directory/import/template?filled=true")
        assert [row.values["code"] for row in sheet.read(full.content)] == [UNIT, OTHER_UNIT, "a", "b"]
        nothing = await imported(client, b"no spreadsheet")
        assert nothing.json()["code"] == "directory_file_unreadable"
        unread = await client.post("/directory/import", json={"file": "!!!!", "file_name": "x"})
        assert unread.json()["code"] == "directory_file_unreadable"
    assert await acts(site) == [("directory_imported", f"directory/{kept['id']}")]


# ── the public page ──────────────────────────────────────────────────────────────────────────────────────────────────


async def public(client: httpx2.AsyncClient, **query: str) -> httpx2.Response:
    client.cookies.clear()
    return await client.get("http://localhost/public/directory", params=query)


async def test_the_public_page_shows_offices_and_nobody_unasked(site: Site) -> None:
    await filled(site)
    async with site.engine.begin() as conn:
        await unit(conn, "secret", public=False)
        nasty = '"><script>alert(1)</script>'
        await unit(conn, "nasty", area="330188", name=nasty, address=nasty, area_name=nasty, hours=week("每天 全天"))
        for name, shown in (("李公开", True), ("王内部", False)):
            person = {"unit": "village", "name": name, "post": "调解员", "telephone": "13800138000", "hours": None}
            person |= {"public": shown, "note": "内部备注"}
            await people.write(conn, pen(), Thing.PERSON, None, None, person, ended=False)
    async with site.client() as client:
        answer = await public(client)
        assert answer.status_code == 200
        assert "script" not in answer.text.replace("&lt;script&gt;", "").replace("&lt;/script&gt;", "")
        assert "现在开放" in answer.text
        assert "secret机构" not in answer.text
        assert "李公开（调解员）" in answer.text
        for hidden in ("王内部", "13800138000", "内部备注"):
            assert hidden not in answer.text
        assert answer.headers["content-security-policy"] == page.CONTENT_POLICY
        assert answer.headers["cache-control"] == "public, max-age=30"
        assert "set-cookie" not in answer.headers
        same = await client.get("http://localhost/public/directory", headers={"If-None-Match": answer.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")


async def test_the_public_page_is_searched(site: Site) -> None:
    await filled(site)
    async with site.client() as client:
        town = (await public(client, area="330106008", service="mediation")).text
        assert ("committee机构" in town, "town机构" in town, "county机构" in town) == (True, True, False)
        assert '<option value="330106008" selected>' in town
        assert "没有符合条件的机构" in (await public(client, text="不存在的地方")).text
        assert "没有符合条件的机构" in (await public(client, open="1")).text
        other = (await public(client, hall="h2")).text
        assert "h2大厅" in other
        assert "town机构" not in other
        assert (await public(client, hall="h3")).status_code == 404
        assert (await public(client, cursor="nonsense")).status_code == 400


async def test_the_screen_turns_its_pages(site: Site) -> None:
    await filled(site)
    seen: list[int] = []
    async with site.client() as client:
        answer = await public(client, screen="1")
        assert "<form" not in answer.text
        while True:
            seen.append(answer.text.count('<li class="unit">'))
            seconds, _, url = answer.headers["refresh"].partition("; url=")
            assert int(seconds) == 20
            if "cursor" not in url:
                break  # the next one is the first again
            answer = await client.get(f"http://localhost{url}")
    assert seen == [4, 4, 3]


async def test_the_public_page_asks_for_patience(site: Site) -> None:
    async with site.client() as client:
        early = [(await public(client, hall="h3")).status_code for _ in range(120)]
        assert set(early) == {404}
        answer = await public(client)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    async with site.client(base="http://example.org", address="192.0.2.1") as client:
        assert (await client.get("http://example.org/public/directory")).status_code == 403
