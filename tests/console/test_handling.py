"""A ticket's whole way on the screens of four people, over a week of holidays: from the call to its case file."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.console.browser import Person, window
from tests.console.hall import HALL, PASSWORD
from tests.console.handling_city import CENTRE, STATION, City, act, choose, city, done, due, is_now, open_from

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
SAID_MS = 16_000
"""A page says every twelve seconds that it is there."""
FACTS = "来电人2024年3月入职某物业公司，今年8月起被拖欠工资共计9600元，多次催要未果。"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town() -> AsyncIterator[City]:
    """A city whose handlers are at work."""
    async with city() as found:
        await found.hire("8002", "周站长", STATION)
        await found.hire("8003", "郑科长", CENTRE)
        yield found


async def new_handler(town: City, admin: Person, handler: Person) -> None:
    """The administrator makes an account for the centre; its owner sees the inbox, no more of the hall."""
    await admin.sign_in("9100")
    await admin.at("nav-accounts").click()
    await admin.at("account-create").click()
    await admin.at("account-work").fill("8001")
    await admin.at("account-name").fill("吴主任")
    await choose(admin, "p-role", "承办人")
    await admin.at("account-save").click()
    await expect(admin.at("account-dialog")).to_contain_text("承办人须选择所属机构")
    await choose(admin, "p-unit", "西湖区")
    assert await admin.barriers() == []
    await admin.at("account-save").click()
    first = await admin.at("initial-password").inner_text()
    await town.enter(handler, "8001", first)
    await handler.at("password-old").fill(first)
    await handler.at("password-new").fill(PASSWORD)
    await handler.at("password-again").fill(PASSWORD)
    await handler.at("password-submit").click()
    await expect(handler.at("own-unit")).to_have_text("西湖区公共法律服务中心")
    for hidden in ("nav-desk", "nav-tickets", "nav-calls", "nav-live", "ticket-create", "view-to_dispatch"):
        await expect(handler.at(hidden)).to_have_count(0)
    assert (await handler.ask("/api/v1/tickets"))[0] == 403


async def a_call(lawyer: Person, town: City) -> str:
    """The lawyer takes the call and writes down what it is about; the ticket's number."""
    await lawyer.sign_in("1001")
    await lawyer.sit_down("01")
    await lawyer.answer()
    number = await lawyer.ticket()
    await lawyer.at("field-facts").fill(FACTS)
    await lawyer.at("field-region").fill("杭州市西湖区")
    await choose(lawyer, f"{number}-matter", "法律咨询")
    await lawyer.at("field-category").click()
    for level in ("民事", "劳动争议"):
        await lawyer.page.get_by_role("menuitem", name=level).hover()
    await lawyer.page.get_by_role("menuitem", name="劳动报酬").click()
    await lawyer.saved()
    await town.hall.leave("01", "1001")
    return number


async def test_from_the_call_to_the_case_file(browser: Browser, town: City) -> None:
    async with window(browser, town.hall) as administrator, window(browser, town.hall) as centre:
        await new_handler(town, administrator, centre)
        async with (
            window(browser, town.hall) as lawyer,
            window(browser, town.hall) as chief,
            window(browser, town.hall, size=(1920, 1080)) as station,
        ):
            await chief.sign_in("9001")
            await town.enter(station, "8002")
            number = await a_call(lawyer, town)
            await handed_on(lawyer, town, number)
            await passed_on(lawyer, centre, town, number)
            await handled_below(station, chief, town, number)
            await opened_again(chief, town, number)
            await handled_again(chief, station, centre, town, number)


async def handed_on(lawyer: Person, town: City, number: str) -> None:
    """The centre serves the place and comes first; nothing goes out half filled in."""
    await open_from(lawyer, "to_dispatch", number)
    await due(lawyer, "dispatch", town.closes(1))
    await lawyer.at("do-dispatch").click()
    await lawyer.at("act-go").click()
    await expect(lawyer.at("act-dialog")).to_contain_text("请填写")
    await choose(lawyer, "act-unit", "西湖区公共法律服务中心.*本县区")
    await lawyer.at("act-note").fill("请核实欠薪情况后答复来电人。")
    assert await lawyer.barriers() == []
    # Who is owed wages has to be told of legal aid; or why not is written.
    await lawyer.at("act-go").click()
    await expect(lawyer.at("act-dialog")).to_contain_text("有权申请法律援助")
    await lawyer.page.keyboard.press("Escape")
    await lawyer.at("field-legal_aid_told").click()
    await lawyer.saved()
    await lawyer.at("do-dispatch").click()
    await choose(lawyer, "act-unit", "西湖区公共法律服务中心.*本县区")
    await lawyer.at("act-note").fill("请核实欠薪情况后答复来电人。")
    await lawyer.at("act-go").click()
    await is_now(lawyer, "dispatched")
    await due(lawyer, "sign", town.closes(1))
    await due(lawyer, "reply", town.closes(5))
    await expect(lawyer.at("ticket-sheet")).to_contain_text(FACTS)
    assert await lawyer.barriers() == []


async def passed_on(lawyer: Person, centre: Person, town: City, number: str) -> None:
    """The centre signs, sees whom to call, and passes the ticket on to the station below, within the same time.

    The lawyer still has the ticket on the screen: each sees the other, and the lawyer what became of it.
    """
    await centre.at("refresh").click()
    await expect(centre.at("handling-badge")).to_have_text("1")
    assert await centre.barriers() == []
    await centre.at(f"case-{number}").click()
    await expect(centre.at("others-here")).to_contain_text("陈立新")
    await act(centre, "sign")
    await is_now(centre, "signed")
    await expect(lawyer.at("case-panel")).to_have_attribute("data-state", "signed", timeout=SAID_MS)
    await expect(lawyer.at("others-here")).to_contain_text("吴主任")
    await centre.at("citizen-reveal").click()
    await centre.page.get_by_role("textbox").fill("联系来电人核实欠薪金额")
    await centre.page.get_by_role("dialog").get_by_role("button", name="确定").click()
    await expect(centre.at("sheet-caller")).to_have_text(re.compile(r"^[\d ]+$"))
    await centre.at("do-passOn").click()
    await choose(centre, "act-unit", "凯旋街道")
    await expect(lawyer.at("others-here")).to_contain_text("吴主任 正在填写", timeout=SAID_MS)
    await centre.at("act-go").click()
    await is_now(centre, "dispatched")
    await due(centre, "reply", town.closes(5))


async def handled_below(station: Person, chief: Person, town: City, number: str) -> None:
    """The station asks for more time, which the supervisor grants; urged, it replies."""
    await open_from(station, "to_sign", number)
    await act(station, "sign")
    await act(station, "extension", reason="需向劳动监察部门调取资料。")
    await expect(station.at("case-panel")).to_contain_text("等待审批")
    assert await station.barriers() == []
    await chief.at("nav-handling").click()
    await expect(chief.at("handling-badge")).to_have_text("1")
    await chief.at("view-requests").click()
    await expect(chief.page.get_by_text("需向劳动监察部门调取资料。")).to_be_visible()
    assert await chief.barriers() == []
    await chief.page.get_by_role("button", name="不同意").click()
    await chief.at("act-go").click()
    await expect(chief.at("act-dialog")).to_contain_text("请填写")
    await chief.page.keyboard.press("Escape")
    await chief.page.get_by_role("button", name="同意", exact=True).click()
    await chief.at("act-go").click()
    await expect(chief.at("list-empty")).to_be_visible()
    await open_from(chief, "in_hand", number)
    await due(chief, "reply", town.closes(10))
    await act(chief, "supervise", note="节后三日内反馈。")
    await expect(chief.at("mark-supervised")).to_be_visible()
    await station.page.reload()
    await expect(station.at("case-story")).to_contain_text("节后三日内反馈。")
    await act(station, "reply", reply="公司已补发两个月工资。")
    await is_now(station, "replied")


async def opened_again(chief: Person, town: City, number: str) -> None:
    """The reply does, the citizen says that it does not: so it is not filed but handled again."""
    await open_from(chief, "to_review", number)
    await due(chief, "review", town.closes(1))
    await act(chief, "review")
    await due(chief, "follow_up", town.closes(3))
    await expect(chief.at("ticket-result")).to_contain_text("公司已补发两个月工资。")
    await chief.at("do-followUp").click()
    await chief.at("contentment-dissatisfied").click()
    await chief.at("solved-no").click()
    await chief.at("act-go").click()
    await expect(chief.at("act-dialog")).to_contain_text("请填写")
    await chief.at("act-note").fill("仍欠一个月工资。")
    assert await chief.barriers() == []
    await chief.at("act-go").click()
    await is_now(chief, "followed_up")
    await expect(chief.at("do-archive")).to_have_count(0)
    await act(chief, "reopen", reason="仍欠一个月工资。")
    await is_now(chief, "reopened")
    await due(chief, "dispatch", town.closes(1))


async def handled_again(chief: Person, station: Person, centre: Person, town: City, number: str) -> None:
    """Once more, straight to the station; what is late is red on the board; then it has a case file."""
    await chief.at("do-dispatch").click()
    await choose(chief, "act-unit", "凯旋街道")
    await chief.at("act-go").click()
    await due(chief, "reply", town.closes(5))
    for table, running in (("tickets", ""), ("deadlines", "AND done_at IS NULL")):
        key = "number" if table == "tickets" else "ticket"
        late = f"UPDATE {table} SET due_at = now() - interval '26 hours' WHERE {key} = $1 {running}"
        await town.hall.fetch(late, number)
    await chief.at("nav-handling").click()
    await chief.at("view-loads").click()
    await expect(chief.at("loads-table")).to_contain_text("凯旋街道公共法律服务站")
    assert await chief.barriers() == []
    await chief.at(f"unit-{STATION}").click()
    line = chief.at("handling-table").get_by_role("row").filter(has_text=number)
    await expect(line).to_contain_text("已逾期 1 天 2 小时")
    await expect(line).to_contain_text("重办 1")
    await expect(line).to_contain_text("督办")
    assert await chief.barriers() == []
    await open_from(station, "to_sign", number)
    await act(station, "sign")
    await act(station, "begin")
    await act(station, "reply", reply="第三个月工资已补发，附转账凭证。")
    await open_from(chief, "to_review", number)
    await act(chief, "review")
    await chief.at("do-followUp").click()
    await chief.at("contentment-satisfied").click()
    await chief.at("solved-yes").click()
    await chief.at("act-go").click()
    await act(chief, "archive")
    await is_now(chief, "closed")
    await expect(chief.at("case-file")).to_have_text(f"{HALL.upper()}-{town.today.year}-000001")
    steps = await chief.at("case-story").locator("[data-step]").evaluate_all("all => all.map(one => one.dataset.step)")
    assert [step for step in reversed(steps) if step != "overdue"] == [
        *("dispatch", "sign", "pass_on", "sign", "asked", "decided", "supervise", "reply", "review", "follow_up"),
        *("reopen", "dispatch", "sign", "begin", "reply", "review", "follow_up", "close"),
    ]
    assert await chief.barriers() == []
    await centre.at("nav-handling").click()
    await centre.at("view-ended").click()
    await expect(centre.at("handling-table")).to_contain_text(f"{HALL.upper()}-{town.today.year}-000001")


@pytest.mark.long
async def test_a_visit_and_a_letter(browser: Browser, town: City) -> None:
    """Entered at the counter, both go the same way; what is not the hotline's is told its legal way."""
    async with (
        window(browser, town.hall) as lawyer,
        window(browser, town.hall) as chief,
        window(browser, town.hall) as centre,
        window(browser, town.hall) as station,
    ):
        await lawyer.sign_in("1002")
        await chief.sign_in("9001")
        await town.enter(centre, "8003")
        await town.enter(station, "8002")
        (filed,) = await town.hall.fetch("SELECT count(*) AS so_far FROM tickets WHERE case_file <> ''")
        visit = await entered(lawyer, "visit", "王女士来访，咨询工伤赔偿。", "13900139000")
        await expect(lawyer.at("field-contact")).to_have_value("139****9000")
        await both_at_it(lawyer, chief, visit)
        await second_to_dispatch(chief, town, visit)
        await sent_back(chief, station, visit)
        letter = await entered(lawyer, "letter", "来信反映遗产分割争议，要求释明继承顺序。", "")
        await returned_and_designated(lawyer, chief, centre, station, letter)
        for number in (visit, letter):
            await open_from(chief, "to_review", number)
            await act(chief, "review")
            await act(chief, "archive")
            await is_now(chief, "closed")
        network = await entered(lawyer, "network", "请求撤销法院判决。", "")
        await lawyer.at("do-notAccept").click()
        await lawyer.at("act-reason").fill("人民法院已经立案。")
        await choose(lawyer, "act-channel", "诉讼")
        await lawyer.at("act-go").click()
        await is_now(lawyer, "not_accepted")
        rows = await town.hall.fetch(
            "SELECT number, channel, state, case_file FROM tickets WHERE channel <> 'phone' ORDER BY number"
        )
        year, before = f"{HALL.upper()}-{town.today.year}", filed["so_far"]
        assert [tuple(row) for row in rows] == [
            (visit, "visit", "closed", f"{year}-{before + 1:06}"),
            (letter, "letter", "closed", f"{year}-{before + 2:06}"),
            (network, "network", "not_accepted", ""),
        ]


async def both_at_it(lawyer: Person, chief: Person, visit: str) -> None:
    """Two have the same form open: each is told of the other, and what the one saves appears at the other."""
    await open_from(chief, "to_dispatch", visit)
    await lawyer.at("field-opinion").fill("可申请工伤认定。")
    await lawyer.saved()
    await expect(chief.at("others-here")).to_contain_text("正在填写", timeout=SAID_MS)
    await expect(chief.at("field-opinion")).to_have_value("可申请工伤认定。", timeout=SAID_MS)
    await expect(lawyer.at("others-here")).to_be_visible(timeout=SAID_MS)
    assert await lawyer.barriers() == []


async def second_to_dispatch(chief: Person, town: City, visit: str) -> None:
    """Who comes second is told who was first, and loses no word."""
    await chief.at("nav-handling").click()
    await chief.at(f"case-{visit}").click()
    await chief.at("do-dispatch").click()
    await choose(chief, "act-unit", "凯旋街道")
    await chief.at("act-note").fill("请先核对工伤认定书。")
    body = {"unit": STATION, "helpers": [CENTRE], "note": "请核实。"}
    async with aclosing(await town.hall.client("1002")) as colleague:
        version = (await colleague.get(f"/tickets/{visit}")).headers["ETag"]
        done(await colleague.post(f"/tickets/{visit}/dispatch", json=body, headers={"If-Match": version}))
    await chief.at("act-go").click()
    await expect(chief.at("act-news")).to_contain_text("凯旋街道公共法律服务站")
    await expect(chief.at("act-news")).to_contain_text("王雅琴")
    await expect(chief.at("act-note")).to_have_value("请先核对工伤认定书。")
    await expect(chief.at("act-go")).to_be_disabled()
    assert await chief.barriers() == []
    await chief.page.keyboard.press("Escape")
    await is_now(chief, "dispatched")


async def sent_back(chief: Person, station: Person, visit: str) -> None:
    """The reply does not do: the station sees it marked in its inbox, and replies once more."""
    await open_from(station, "to_sign", visit)
    await act(station, "sign")
    await act(station, "reply", reply="已处理。")
    await open_from(chief, "to_review", visit)
    await act(chief, "sendBack", reason="请写明赔偿项目。")
    await station.at("nav-handling").click()
    await station.at("view-in_hand").click()
    await expect(station.at("handling-table").get_by_role("row").filter(has_text=visit)).to_contain_text("退回重办")
    await station.at(f"case-{visit}").click()
    await act(station, "reply", reply="已告知工伤认定程序和赔偿项目。")
    await is_now(station, "replied")


async def returned_and_designated(lawyer: Person, chief: Person, centre: Person, station: Person, letter: str) -> None:
    """The centre says that it is not theirs; the supervisor designates the station, which may not return it."""
    await lawyer.at("do-dispatch").click()
    await choose(lawyer, "act-unit", "西湖区")
    await lawyer.at("act-go").click()
    await open_from(centre, "to_sign", letter)
    await act(centre, "giveBack", reason="不属于本中心职责。")
    await centre.at("nav-handling").click()
    await centre.at("view-returned").click()
    await expect(centre.at(f"case-{letter}")).to_be_visible()
    await open_from(chief, "returned", letter)
    await chief.at("do-designate").click()
    await choose(chief, "act-unit", "凯旋街道")
    await chief.at("act-reason").fill("当事人住所地在该街道。")
    await chief.at("act-go").click()
    await is_now(chief, "designated")
    await open_from(station, "to_sign", letter)
    await expect(station.at("do-giveBack")).to_have_count(0)
    await act(station, "sign")
    await act(station, "reply", reply="已释明法定继承顺序。")


async def entered(lawyer: Person, channel: str, facts: str, citizen: str) -> str:
    """A new ticket that no call brought; its number."""
    await lawyer.at("nav-tickets").click()
    await lawyer.at("ticket-create").click()
    await lawyer.at(f"channel-{channel}").click()
    await lawyer.at("create-go").click()
    await expect(lawyer.at("create-dialog")).to_contain_text("请填写主要情况或诉求")
    await lawyer.at("create-facts").fill(facts)
    await lawyer.at("create-citizen").fill(citizen)
    await choose(lawyer, "c-matter", "法律咨询")
    await lawyer.at("create-category").click()
    await lawyer.page.get_by_role("menuitem", name="其他").first.click()
    assert await lawyer.barriers() == []
    await lawyer.at("create-go").click()
    return await lawyer.ticket()
