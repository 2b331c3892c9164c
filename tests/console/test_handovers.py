"""A matter goes to 12345 from the desk, comes back, goes again and is done; one that nobody knows about is settled.

The other side is the peer simulator: a process of its own, real HTTP both ways, a ledger that is compared afterwards.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Locator, expect

from tests.console.browser import Person, window
from tests.console.hall import ROOT, ConsoleHall, running
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SECRET = "whsec_" + b64encode(b"secret-of-the-other-side-32-long").decode()
LINE = """
[adapters.people]
kind = "simulated"
speed = 20
ports = 1
calls_per_hour = 180
workday = false
withheld = 0
late_number = 0
patience_shape = "fixed"
mean_patience_seconds = 72000
talk_shape = "fixed"
mean_talk_seconds = 72000
prompts = { greeting = 2 }
"""
BRIDGES = """
[bridges.city]
kind = "line12345"
label = "市 12345"
dials = "12345"
http = {{ url = "http://127.0.0.1:{city}", secret = "env:PEER_SECRET" }}
callback = {{ secrets = ["env:PEER_SECRET"] }}

[bridges.market]
kind = "generic"
label = "市场监管局"
mapping = "{mapping}"
http = {{ url = "http://127.0.0.1:{market}", secret = "env:PEER_SECRET" }}

[bridges.police]
kind = "line110"
label = "110"
folder = {{ out = "<home>/to-110" }}

[bridges.paper]
kind = "paper"
label = "信访局（纸质）"
"""


@asynccontextmanager
async def peer(folder: Path, port: int, scenario: str, callback: str = "") -> AsyncIterator[str]:
    """The other side as a program of its own; where its ledger is read."""
    folder.mkdir()
    (folder / "scenario.toml").write_text(scenario, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.bridges.peer", "--state", str(folder), "--port", str(port)),
        *("--scenario", str(folder / "scenario.toml"), "--callback", callback),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"HOTLINE_PEER_SECRET": SECRET},
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            assert b"http://" in await process.stdout.readline()
        # What it tells from now on is read by nobody and must not fill the pipe.
        draining = asyncio.create_task(process.stdout.read())
        yield f"http://127.0.0.1:{port}/ledger"
        process.kill()
        await draining
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ledger(url: str) -> dict[str, list[dict[str, Any]]]:
    """What the other side has, by its own account."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        return (await client.get(url)).json()


def once_only(mapping: Path) -> None:
    """The format of 12345 for a receiver that neither sorts out repeats nor can be asked."""
    text = (ROOT / "adapters/bridges/line12345/mapping.toml").read_text(encoding="utf-8")
    text = re.sub(r"^deduplicates = true", "deduplicates = false", text, flags=re.MULTILINE)
    text = re.sub(r"^(ask|list) = .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^repeated = .*\n", "", text, flags=re.MULTILINE)
    mapping.write_text(re.sub(r"\[standing\].*", "", text, flags=re.DOTALL), encoding="utf-8")


async def hand_over(person: Person, to: str) -> None:
    """From the open ticket to that receiver, with the caller's consent."""
    await person.at("hand-over").click()
    await person.at(f"handover-to-{to}").click()
    await person.at("handover-consent-tick").click()
    await person.at("handover-reason").fill("属于政务服务事项")
    await expect(person.at("handover-ready")).to_be_visible()
    await person.at("handover-confirmed").click()
    await person.at("handover-go").click()
    await expect(person.at("handover-dialog")).to_be_hidden()


async def has_state(person: Person, state: str, *, nth: int = 0) -> None:
    """The ticket's card shows the newest hand-over first."""
    shown = person.at("handover-state").nth(nth)
    await expect(shown).to_have_attribute("data-state", state, timeout=20_000)


async def test_there_back_and_there_again(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEER_SECRET", SECRET)
    once_only(tmp_path / "market.toml")
    city, market = free_port(), free_port()
    bridges = BRIDGES.format(city=city, market=market, mapping=tmp_path / "market.toml")
    async with AsyncExitStack() as stack:
        hall = await stack.enter_async_context(running(LINE + bridges, {"01": ("1001", "people")}, {}))
        back = f"{hall.base}/api/v1/bridges/city/callback"
        told = "return_first = true\nstep_seconds = 0.3\n"
        cases = await stack.enter_async_context(peer(tmp_path / "city", city, told, back))
        lost = await stack.enter_async_context(peer(tmp_path / "market", market, '[at]\n1 = "lose_ack"\n'))
        person = await stack.enter_async_context(window(browser, hall))
        chief = await stack.enter_async_context(window(browser, hall, size=(1920, 1080)))
        await chief.sign_in("9001")
        await expect(chief.at("handovers-badge")).to_have_count(0)
        await person.sign_in("1001")
        await person.sit_down("01")
        await person.answer()
        number = await person.ticket()

        await what_goes_is_said_before(person)
        # Before they have said yes it is ours: they send it back, and it may go once more.
        await hand_over(person, "city")
        await has_state(person, "returned")
        await expect(person.at("handover-says")).to_contain_text("材料不全，请补充后再转")
        assert await person.barriers() == []
        await hand_over(person, "city")
        await has_state(person, "done")
        await expect(person.at("handover-their-no").first).to_have_text(re.compile(r"\S+"))
        await expect(person.at("handover-says").first).to_contain_text("已办结并答复来电人")
        await person.page.get_by_test_id(re.compile("^handover-steps-[0-9]+$")).first.click()
        await expect(person.at("handover-steps")).to_contain_text("已联系来电人，正在办理")

        # Its answer was lost, and nobody there can be asked by a machine: a supervisor sees it within a minute.
        await hand_over(person, "market")
        await has_state(person, "in_doubt")
        await expect(chief.at("handovers-badge")).to_have_text("1", timeout=60_000)
        await settle(chief, hall, lost, number)
        await has_state(person, "acknowledged")
        await expect(chief.at("handovers-badge")).to_have_count(0)

        for url, keys in ((cases, [f"{number}-city-1", f"{number}-city-2"]), (lost, [f"{number}-market-1"])):
            there = Counter(case["key"] for case in (await ledger(url))["cases"])
            assert there == Counter(keys)
        await on_paper(person, chief, hall)
        await hall.leave("01", "1001")


async def what_goes_is_said_before(person: Person) -> None:
    """What is missing leads to where it is filled in; 110 is rung first, and asks for a person's yes."""
    await person.at("hand-over").click()
    await expect(person.at("handover-missing")).to_contain_text("缺少事实经过")
    await expect(person.at("handover-along")).to_contain_text("号码")
    await expect(person.at("handover-along")).to_contain_text(re.compile(r"1\d\d\*{4}\d{4}"))
    await person.at("handover-name-too").click()
    await expect(person.at("handover-along")).not_to_contain_text("号码")
    await person.at("handover-name-too").click()
    await expect(person.at("handover-go")).to_be_disabled()
    assert await person.barriers() == []
    await person.at("handover-to-police").click()
    await expect(person.at("handover-voice")).to_have_attribute("data-voice", "emergency")
    await expect(person.at("missing-sent_by_telephone")).to_contain_text("请管理员在设置中补充")
    await person.at("go-facts").click()
    await expect(person.at("handover-dialog")).to_be_hidden()
    await expect(person.at("field-facts")).to_be_focused()
    await person.at("field-facts").fill("健身房停业，预付款 3000 元不退。")
    await person.saved()


async def settle(chief: Person, hall: ConsoleHall, lost: str, number: str) -> None:
    """They were rung up, and have it: under the number that they name."""
    await chief.at("nav-handovers").click()
    await expect(chief.at("bridge-market")).to_contain_text("未送达 1 件")
    await expect(chief.at("handovers-table")).to_contain_text("请向对方核实")
    await chief.page.get_by_test_id(re.compile("^open-[0-9]+$")).click()
    await expect(chief.at("handover-verify")).to_contain_text(f"{number}-market-1")
    assert await chief.barriers() == []
    await chief.at("act-arrived").click()
    await chief.at("act-go").click()
    await expect(chief.at("act-failure")).to_be_visible()
    (case,) = (await ledger(lost))["cases"]
    await chief.at("act-their-no").fill(case["case_no"])
    await chief.at("act-text").fill("电话核实，对方已登记")
    assert await chief.barriers() == []
    await chief.at("act-go").click()
    await expect(chief.at("handover-drawer").get_by_test_id("handover-their-no")).to_have_text(case["case_no"])
    await expect(chief.at("handover-drawer").get_by_test_id("handover-steps")).to_contain_text("电话核实，对方已登记")
    await chief.page.keyboard.press("Escape")
    await expect(chief.at("handover-drawer")).to_be_hidden()
    await expect(chief.at("list-empty")).to_be_visible()
    (line,) = await hall.fetch("SELECT * FROM audit WHERE act = 'handover_settled'")
    assert line["reason"] == "电话核实，对方已登记"


async def on_paper(person: Person, chief: Person, hall: ConsoleHall) -> None:
    """A sheet is printed on record; what they answer is typed in."""
    await hand_over(person, "paper")
    await has_state(person, "sent")
    await printed(person, person.page.get_by_test_id(re.compile("^handover-print-[0-9]+$")))
    await chief.at("view-on_the_way").click()
    await chief.page.get_by_role("row", name="信访局").get_by_test_id(re.compile("^open-[0-9]+$")).click()
    await printed(chief, chief.at("handover-print"))
    assert len(await hall.fetch("SELECT 1 FROM audit WHERE act = 'handover_printed'")) == 2
    await chief.at("act-told").click()
    await chief.at("told-accepted").click()
    await chief.at("act-text").fill("对方电话告知已受理")
    await chief.at("act-go").click()
    await has_state(person, "accepted")


async def printed(person: Person, button: Locator) -> None:
    """The sheet, in a window of its own."""
    async with person.context.expect_page() as opening:
        await button.click()
    sheet = await opening.value
    await expect(sheet.locator("body")).to_contain_text("健身房停业，预付款 3000 元不退。")
    await sheet.close()


async def test_who_only_reads_settles_nothing(browser: Browser, hall: ConsoleHall) -> None:
    async with window(browser, hall) as person:
        await person.sign_in("9100")
        await person.at("nav-handovers").click()
        await expect(person.at("list-empty")).to_be_visible()
        assert await person.barriers() == []
        script = """async path => (await fetch(path, {method: 'POST', body: '{"reason": "x"}',
          headers: {'X-Console': '1', 'Content-Type': 'application/json'}})).status"""
        assert await person.page.evaluate(script, "/api/v1/handovers/1/retry") == 403


@pytest.mark.long
async def test_who_is_away_and_who_refuses(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers there: it waits, may be taken back, and goes by itself when they are back. What they refuse, or
    did not get, a supervisor sends again. Their ledgers have each once."""
    monkeypatch.setenv("PEER_SECRET", SECRET)
    once_only(tmp_path / "market.toml")
    city, market = free_port(), free_port()
    bridges = BRIDGES.format(city=city, market=market, mapping=tmp_path / "market.toml")
    async with AsyncExitStack() as stack:
        hall = await stack.enter_async_context(running(LINE + bridges, {"01": ("1001", "people")}, {}))
        lost = await stack.enter_async_context(peer(tmp_path / "market", market, '[at]\n1 = "lose_before"\n'))
        chief = await stack.enter_async_context(window(browser, hall))
        lawyer = await stack.enter_async_context(aclosing(await hall.client("1002")))
        await chief.sign_in("9001")
        await chief.at("nav-handovers").click()
        await expect(chief.at("list-empty")).to_be_visible()

        letters = [await sent_off(lawyer, "city", n) for n in range(6)]
        await expect(chief.at("bridge-city")).to_have_attribute("data-resting", "true", timeout=20_000)
        await expect(chief.at("bridge-city")).to_contain_text("未送达 6 件")
        await expect(chief.at("handovers-badge")).to_have_count(0)
        assert await chief.barriers() == []
        await chief.at("view-on_the_way").click()
        withdrawn = letters.pop()
        await decide(chief, withdrawn, "withdraw", "来信人自行联系了 12345")
        await expect(chief.at("bridge-city")).to_contain_text("未送达 5 件")
        await expect(chief.at("handovers-table")).not_to_contain_text(withdrawn)

        told = '[at]\n1 = "refuse"\n'
        cases = await stack.enter_async_context(peer(tmp_path / "city", city, f'stops_at = "accepted"\n{told}'))
        await expect(chief.at("bridge-city")).to_have_attribute("data-resting", "false", timeout=60_000)
        await chief.at("view-attention").click()
        (refused,) = await waited_for(hall, "city", "failed")
        await expect(chief.at("handovers-badge")).to_have_text("1", timeout=30_000)
        await decide(chief, refused, "retry", "已与对方沟通，同意接收")
        doubtful = await sent_off(lawyer, "market", 7)
        assert await waited_for(hall, "market", "in_doubt") == [doubtful]
        await chief.at("refresh").click()
        await decide(chief, doubtful, "not-arrived", "对方查无此件")
        assert await waited_for(hall, "market", "acknowledged") == [doubtful]
        assert await waited_for(hall, "city", "acknowledged", len(letters)) == sorted(letters)
        await expect(chief.at("list-empty")).to_be_visible(timeout=20_000)
        await expect(chief.at("handovers-badge")).to_have_count(0, timeout=30_000)

        for url, keys in ((cases, [f"{number}-city-1" for number in letters]), (lost, [f"{doubtful}-market-1"])):
            assert Counter(case["key"] for case in (await ledger(url))["cases"]) == Counter(keys)
        whys = await hall.fetch("SELECT reason FROM audit WHERE act = 'handover_settled' ORDER BY seq")
        assert [row["reason"] for row in whys] == [
            *("来信人自行联系了 12345", "已与对方沟通，同意接收", "对方查无此件"),
        ]


async def sent_off(lawyer: httpx2.AsyncClient, to: str, n: int) -> str:
    """A visitor's matter, handed over to that receiver; its number."""
    visit = {"channel": "visit", "facts": f"反映第 {n} 处道路积水。", "citizen": "13900139000"}
    made = await lawyer.post("/tickets", json=visit | {"region": "杭州市西湖区"})
    assert made.status_code == 201, made.text
    number = made.json()["number"]
    wish = {"bridge": to, "legal_basis": "consent", "consent": True, "confirmed": True, "reason": "属于政务服务事项"}
    went = await lawyer.post(f"/tickets/{number}/handovers", json=wish)
    assert went.status_code == 201, went.text
    return number


async def decide(chief: Person, number: str, act: str, why: str) -> None:
    """What a supervisor does with a hand-over, from the list."""
    await chief.page.get_by_role("row", name=number).get_by_test_id(re.compile("^open-[0-9]+$")).click()
    await chief.at(f"act-{act}").click()
    await chief.at("act-go").click()
    await expect(chief.at("act-failure")).to_be_visible()
    await chief.at("act-text").fill(why)
    assert await chief.barriers() == []
    await chief.at("act-go").click()
    await expect(chief.at("handover-drawer").get_by_test_id("handover-steps")).to_contain_text(why)
    await chief.page.keyboard.press("Escape")
    await expect(chief.at("handover-drawer")).to_be_hidden()


async def waited_for(hall: ConsoleHall, bridge: str, state: str, many: int = 1) -> list[str]:
    """The tickets with that bridge in that state, as soon as there are so many."""
    asked = "SELECT ticket FROM handovers WHERE bridge = $1 AND state = $2 ORDER BY ticket"
    async with asyncio.timeout(60):
        while len(rows := await hall.fetch(asked, bridge, state)) < many:
            await asyncio.sleep(0.2)
    return [row["ticket"] for row in rows]
