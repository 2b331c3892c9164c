"""The citizen hears, by itself and by hand, once each whatever the gateway does; asks with the code; gets a sheet.

The gateway is the simulator: a process of its own, real HTTP both ways, a ledger that is compared afterwards.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, expect

from tests.console.browser import Person, window
from tests.console.hall import ROOT, ConsoleHall, running
from tests.console.handling_city import CALLER, STATION, City, done
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SECRET = "whsec_" + b64encode(b"secret-of-the-gateway-32-letters").decode()
GATEWAY = """
[sms.city]
kind = "http"
url = "http://127.0.0.1:{port}"
secret = "env:SMS_SECRET"
signature = "示范市12348"
deduplicates = true
receipts = {{ secrets = ["env:SMS_SECRET"] }}

[halls.kf.messages]
address = "https://12348.example.gov.cn"
quiet_from = "00:00"
quiet_to = "00:00"
"""


@asynccontextmanager
async def gateway(folder: Path, port: int, callback: str) -> AsyncIterator[str]:
    """It loses its first answer, refuses the second try for want of time, and tells each receipt twice."""
    told = ("--at", "1=lose_answer", "--at", "2=busy", "--twice", "1", "--rubbish-receipts", "0.5")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.sms.peer", "--state", str(folder), "--port", str(port)),
        *("--callback", callback, *told),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"HOTLINE_SMS_SECRET": SECRET},
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            assert b"http://" in await process.stdout.readline()
        # What it tells from now on is read by nobody and must not fill the pipe.
        draining = asyncio.create_task(process.stdout.read())
        yield f"http://127.0.0.1:{port}"
        process.kill()
        await draining
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ledger(url: str) -> list[dict[str, Any]]:
    """What went out, as the gateway has it."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{url}/ledger")
    found: list[dict[str, Any]] = answer.json()["messages"]
    return found


async def written(hall: ConsoleHall) -> str:
    """A visit with a mobile number, dispatched; its number."""
    new = {"channel": "visit", "citizen": "13900139000", "matter": "legal_advice", "category": "other"}
    client = await hall.client("9001")
    number: str = done(await client.post("/tickets", json=new | {"facts": "来访咨询工伤赔偿。"}))["number"]
    version = (await client.get(f"/tickets/{number}")).headers["ETag"]
    body = {"unit": STATION, "helpers": [], "note": ""}
    done(await client.post(f"/tickets/{number}/dispatch", json=body, headers={"If-Match": version}))
    await client.aclose()
    return number


async def by_hand(chief: Person) -> None:
    """An appointment, read before it goes."""
    await chief.at("message-new").click()
    await chief.at("kind-appointment").click()
    await chief.at("message-unit").locator("input").fill("凯旋")
    await chief.page.get_by_role("option", name=re.compile("凯旋街道")).click()
    await chief.page.get_by_label("时间").fill("2030-01-08 09:30")
    await chief.page.keyboard.press("Enter")
    await expect(chief.at("message-preview")).to_contain_text("凯旋街道公共法律服务站")
    await expect(chief.at("message-preview")).to_contain_text("9:30")
    assert await chief.barriers() == []
    await chief.at("message-go").click()
    await expect(chief.at("message-send")).to_be_hidden()


async def test_the_citizen_hears(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_SECRET", SECRET)
    port = free_port()
    async with running(CALLER + GATEWAY.format(port=port), {"01": ("1001", "people")}, {}) as hall:
        await City(hall).found()
        await hall.fetch("UPDATE units SET address = '凯旋路10号' WHERE code = $1", STATION)
        callback = f"{hall.base}/api/v1/sms/city/receipts"
        async with gateway(tmp_path, port, callback) as url, window(browser, hall) as chief:
            await chief.sign_in("9001")
            number = await written(hall)
            await chief.page.goto(f"{hall.base}/#/tickets/{number}")
            await chief.at("ticket-messages").click()
            drawer = chief.at("ticket-messages-drawer")
            await expect(drawer.locator("li")).to_have_count(1)
            assert await chief.barriers() == []
            await by_hand(chief)
            await expect(drawer.locator("li")).to_have_count(2)
            await chief.page.keyboard.press("Escape")
            await chief.at("nav-messages").click()
            await chief.at("messages-all").click()
            rows = chief.at("messages-table").get_by_role("row").filter(has_text="已送达")
            for _ in range(40):
                await chief.at("refresh").click()
                if await rows.count() == 2:
                    break
                await chief.page.wait_for_timeout(1_000)
            await expect(rows).to_have_count(2)
            assert await chief.barriers() == []
            went = await ledger(url)
            assert Counter(each["key"] for each in went) == {each["key"]: 1 for each in went}
            assert len(went) == 2
            code = next(
                found[1] for each in went if (found := re.search(r"查询码[^0-9A-Z]*([0-9A-Z]{4,})", each["text"]))
            )
            await asked_with_the_code(browser, hall, number, code)
            async with chief.page.context.expect_page() as opened:
                await chief.page.goto(f"{hall.base}/#/tickets/{number}")
                await chief.at("ticket-guidance").click()
            sheet = await opened.value
            await expect(sheet.locator("body")).to_contain_text("指引")
            await expect(sheet.locator("body")).to_contain_text(number)


async def asked_with_the_code(browser: Browser, hall: ConsoleHall, number: str, code: str) -> None:
    """The citizen, on a telephone without an account."""
    async with window(browser, hall, size=(390, 844)) as citizen:
        await citizen.page.goto(f"{hall.base}/public/progress")
        await citizen.page.locator("input[name=number]").fill(number)
        await citizen.page.locator("input[name=code]").fill("000000")
        await citizen.page.get_by_role("button").click()
        await expect(citizen.page.locator("body")).to_contain_text("不")
        await citizen.page.locator("input[name=number]").fill(number)
        await citizen.page.locator("input[name=code]").fill(code)
        await citizen.page.get_by_role("button").click()
        await expect(citizen.page.locator("body")).to_contain_text("凯旋街道公共法律服务站")
