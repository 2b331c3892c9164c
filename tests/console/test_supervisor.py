"""The supervisor's, the auditor's and the curious operator's pages."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.async_api import Browser, FilePayload, expect

from hotline.reports.nightly import keep_day
from hotline.store.embedded import url_if_running
from hotline.store.engine import Database
from tests.console.browser import Person, window
from tests.console.hall import HALL, ConsoleHall, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
REASON = "开晨会，暂停接听"


async def test_the_hall_moves_and_a_seat_is_forced(browser: Browser, hall: ConsoleHall) -> None:
    """The live page moves by itself; a seat is forced busy with a reason, and the audit page says by whom."""
    async with window(browser, hall) as lawyer, window(browser, hall) as supervisor:
        await lawyer.sign_in("1005")
        await lawyer.sit_down("05")
        await lawyer.state("ready")
        await supervisor.sign_in("9001")
        await expect(supervisor.at("board")).to_be_visible()
        await it_moves(supervisor)

        card = supervisor.at("card-05")
        await expect(card).to_have_attribute("data-state", "ready")
        await supervisor.at("force-05").click()
        await supervisor.page.locator("[data-testid=force-busy]:visible").click()
        box = supervisor.page.get_by_role("dialog")
        await expect(box).to_contain_text("强制示忙：05 号坐席 李文博")
        await box.get_by_role("button", name="强制示忙").click()
        await expect(box).to_contain_text("请写明原因")
        await expect(card).to_have_attribute("data-state", "ready")
        await box.get_by_role("textbox").fill(REASON)
        await box.get_by_role("button", name="强制示忙").click()
        await expect(card).to_have_attribute("data-state", "busy")
        await lawyer.state("busy")
        await expect(lawyer.at("seat-state")).to_contain_text(REASON)
        stored = await hall.seat("05")
        assert (stored["state"], stored["reason"]) == ("busy", REASON)
        await the_lawyer_is_told(lawyer, supervisor)
        await the_operator_may_not(lawyer)
    async with window(browser, hall) as auditor:
        await auditor.sign_in("9200")
        table = auditor.at("audit-table")
        forced = table.get_by_role("row").filter(has_text=REASON)
        await expect(forced).to_contain_text("强制坐席状态")
        await expect(forced).to_contain_text("9001 何班长")
        await expect(
            table.get_by_role("row").filter(has_text="登录").filter(has_text="1005 李文博").first
        ).to_be_visible()
        await auditor.at("filter-act").click()
        await auditor.page.get_by_role("option", name="强制坐席状态", exact=True).click()
        await auditor.at("search").click()
        await expect(table.get_by_role("row").filter(has_text="登录")).to_have_count(0)
        await expect(forced).to_be_visible()
    await hall.leave("05", "1005")


async def the_lawyer_is_told(lawyer: Person, supervisor: Person) -> None:
    """On whatever page: who did it, to which state, why. Until it is read, or until the next change."""
    told = lawyer.at("forced")
    await expect(told).to_contain_text("班长（工号 9001）已将您的 05 号坐席强制示忙")
    await expect(told).to_contain_text(REASON)
    await lawyer.at("nav-calls").click()
    await lawyer.page.reload()
    await expect(told).to_contain_text("9001")
    assert not await lawyer.barriers()
    await lawyer.at("forced-seen").click()
    await expect(told).to_have_count(0)
    await lawyer.page.reload()
    await lawyer.state("busy")
    await expect(told).to_have_count(0)

    for verb, name, state in (("ready", "强制示闲", "ready"), ("off", "强制签出", "signed_off")):
        await supervisor.at("force-05").click()
        await supervisor.page.locator(f"[data-testid=force-{verb}]:visible").click()
        box = supervisor.page.get_by_role("dialog")
        await box.get_by_role("textbox").fill(f"调整值班：{name}")
        await box.get_by_role("button", name=name).click()
        await lawyer.state(state)
        await expect(told).to_have_attribute("data-state", state)
        await expect(told).to_contain_text(f"调整值班：{name}")
    await expect(told).to_contain_text("已将您从 05 号坐席强制签出")
    await lawyer.sit_down("05")
    await expect(told).to_have_count(0)


async def it_moves(supervisor: Person) -> None:
    """New calls are counted and the robots' seats change, without anybody touching the page."""
    states = set[str]()
    first = await supervisor.at("tile-offered").inner_text()

    async def more() -> bool:
        states.add(await supervisor.at("card-11").get_attribute("data-state") or "")
        return len(states) > 1 and await supervisor.at("tile-offered").inner_text() != first

    await until(more, 20, "new calls, another state")
    await expect(supervisor.at("data-age")).to_contain_text("数据更新于")


async def the_operator_may_not(lawyer: Person) -> None:
    """Pages that are not theirs lead home, and the service itself refuses in words."""
    for path in ("live", "reports", "audit", "accounts", "lines"):
        await expect(lawyer.at(f"nav-{path}")).to_have_count(0)
        await lawyer.page.evaluate("path => { location.hash = '#/' + path }", path)
        await expect(lawyer.page).to_have_url(re.compile("#/desk$"))
    for path in ("audit", "reports/days", "accounts"):
        status, body = await lawyer.ask(f"/api/v1/{path}")
        assert (status, body["status"]) == (403, 403)
        assert re.search("[\u4e00-\u9fff]", body["title"])
    await lawyer.page.evaluate("location.hash = '#/tickets/kf-20200101-000001'")
    await expect(lawyer.page.get_by_text("工单读取失败")).to_be_visible()


async def test_the_day_and_its_table(browser: Browser, hall: ConsoleHall) -> None:
    """Yesterday, reported by a gateway and counted by the nightly job: figures, formula, XLSX."""
    day, offered = await hall.yesterday()

    async def told() -> bool:
        (row,) = await hall.fetch("SELECT count(*) FROM calls WHERE day = $1::text::date AND state = 'ended'", day)
        return row[0] == offered

    await until(told, 10, "the gateway's calls are there")
    url = url_if_running(hall.state)
    assert url is not None
    async with await Database.open(url) as database:
        (now,) = (row[0] for row in await hall.fetch("SELECT now()"))
        labels = {"general": "综合咨询", "labour": "劳动争议"}
        made = await keep_day(
            database.engine, HALL, date.fromisoformat(day), now=now, state_dir=hall.state, queue_labels=labels
        )
        assert made is not None
    async with window(browser, hall) as supervisor:
        await supervisor.sign_in("9001")
        await supervisor.at("nav-reports").click()
        line = supervisor.at("report-table").get_by_role("row").filter(has_text=day)
        await expect(line).to_contain_text("80.00%")
        await expect(line).to_contain_text("8 / 10")
        await expect(line).to_contain_text("未达标")
        await expect(supervisor.at("report-chart").locator("canvas")).to_be_visible()
        async with supervisor.page.expect_download() as coming:
            await supervisor.at(f"xlsx-{day}").click()
        file = await coming.value
        assert file.suggested_filename == f"12348-{HALL}-{day}.xlsx"
        with open(await file.path(), "rb") as raw:
            book = load_workbook(io.BytesIO(raw.read()))
        assert any(cell.value == "呼入量" for sheet in book for row in sheet.iter_rows() for cell in row)
        await line.get_by_role("button", name=day).click()
        drawer = supervisor.at("day-drawer")
        await expect(drawer).to_contain_text("接通率")
        await expect(drawer).to_contain_text("80.00%")
        await drawer.get_by_role("tab", name="值守方式").click()
        await expect(drawer.get_by_role("row").filter(has_text="未排班")).to_contain_text("80.0%")
        await drawer.get_by_role("tab", name="外呼", exact=True).click()
        await expect(drawer).to_contain_text("外呼不计入呼入量和接通率")
    (exported,) = await hall.fetch(
        "SELECT work_number FROM audit WHERE act = 'export' AND object = $1", f"report/{day}"
    )
    assert exported["work_number"] == "9001"


async def test_the_administrator_imports_categories(browser: Browser, hall: ConsoleHall) -> None:
    """The tree goes out as a table and comes back changed: seen first, refused with its faults, then in use."""
    async with window(browser, hall) as administrator:
        page = administrator.page
        await administrator.sign_in("9100")
        await administrator.at("nav-categories").click()
        await expect(administrator.at("category-tree")).to_contain_text("劳动争议")
        assert not await administrator.barriers()
        async with page.expect_download() as coming:
            await administrator.at("category-export").click()
        table = Path(await (await coming.value).path()).read_text(encoding="utf-8-sig").splitlines()
        (before,) = await hall.fetch("SELECT max(version) AS version FROM category_versions")

        (pay,) = (row for row in table if ",劳动报酬," in row)
        changed = [row.replace("劳动报酬", "工资报酬") if row == pay else row for row in table]
        added = [*changed, "overseas,,涉外法律事务,"]
        for rows, sums in ((changed, "0 0 1 0 0"), (added, "1 0 1 0 0")):
            await choose(administrator, "二〇二七年修订.csv", rows)
            kinds = ("added", "removed", "renamed", "moved", "recoded")
            texts = [await administrator.at(f"sum-{kind}").locator("b").inner_text() for kind in kinds]
            assert " ".join(texts) == sums
            await expect(administrator.at("import-changes")).to_contain_text("工资报酬")
            assert not await administrator.barriers()
            await put_back(administrator)
        (now,) = await hall.fetch("SELECT max(version) AS version FROM category_versions")
        assert now["version"] == before["version"], "a preview changes nothing"

        await choose(administrator, "错误.csv", [*added, "lost,nowhere,没有上级,", "overseas,,重复,"])
        faults = administrator.at("import-faults")
        await expect(faults).to_contain_text("上级编码不存在")
        await expect(faults).to_contain_text("编码重复")
        await expect(administrator.at("import-confirm")).to_be_disabled()
        await put_back(administrator)
        await choose(administrator, "名称.csv", [*changed, "a b,,编码里有空格,"])
        await administrator.at("import-confirm").click()
        await expect(administrator.at("import-failure")).to_be_visible()
        await expect(faults).to_contain_text("编码只能由")
        await put_back(administrator)

        await choose(administrator, "二〇二七年修订.csv", added)
        await administrator.at("import-confirm").click()
        await expect(administrator.at("category-tree")).to_contain_text("涉外法律事务")
        await expect(administrator.at("category-version")).to_have_text(f"第 {before['version'] + 1} 版")
        line = administrator.at("category-versions").get_by_role("row").filter(has_text="使用中")
        await expect(line).to_contain_text("9100")
        await expect(line).to_contain_text(str(len(added) - 1))
        (row,) = await hall.fetch("SELECT label FROM category_versions WHERE version = $1", before["version"] + 1)
        assert row["label"] == "二〇二七年修订"
    async with window(browser, hall) as supervisor:
        await supervisor.sign_in("9001")
        await expect(supervisor.at("nav-categories")).to_have_count(0)
        await supervisor.page.evaluate("location.hash = '#/categories'")
        await expect(supervisor.page).to_have_url(re.compile("#/live$"))


async def choose(administrator: Person, name: str, rows: list[str]) -> None:
    """Hand in a table, as a Chinese spreadsheet writes it."""
    file = FilePayload(name=name, mimeType="text/csv", buffer="\r\n".join(rows).encode("gb18030"))
    await administrator.at("category-file").set_input_files(files=[file])
    await expect(administrator.at("import-dialog")).to_be_visible()


async def put_back(administrator: Person) -> None:
    """Nothing is imported."""
    await administrator.page.keyboard.press("Escape")
    await expect(administrator.at("import-dialog")).to_be_hidden()
