"""语音与公告: an administrator uploads, edits and saves; a supervisor switches the emergency notice."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Browser, FilePayload, expect

from tests.announcements.tones import tone
from tests.console.browser import window
from tests.console.hall import ConsoleHall, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "audio/wav", "buffer": content}


async def test_an_upload_is_heard_and_a_wrong_file_says_why(browser: Browser, hall: ConsoleHall) -> None:
    async with window(browser, hall) as person:
        await person.sign_in("9100")
        await person.at("nav-announcements").click()
        await person.at("tab-prompts").click()
        await person.at("prompt-sorry").click()
        await person.at("prompt-file").set_input_files(files=[file("a.mp3", b"ID3" + bytes(100))])
        await expect(person.at("prompt-failure")).to_contain_text("这是 MP3 文件，请另存为 WAV")
        await person.at("prompt-file").set_input_files(files=[file("a.wav", tone(rate=44100, channels=2, level=0.05))])
        await expect(person.at("prompt-versions")).to_contain_text("音量偏低")
        await expect(person.at("prompt-failure")).to_be_hidden()
        await person.page.keyboard.press("Escape")
        await expect(person.at("warning-sorry")).to_be_visible()
        rows = await until(lambda: hall.fetch("SELECT name, version, seconds FROM prompt_versions"), 5, "stored")
        assert [(row["name"], row["version"], round(row["seconds"], 1)) for row in rows] == [("sorry", 1, 1.0)]
        await person.at("prompts-table").get_by_test_id("play-sorry").click()
        await expect(person.page.get_by_label("停止 sorry")).to_be_visible()


async def test_the_plan_is_told_while_it_is_edited_and_saved_as_a_version(browser: Browser, hall: ConsoleHall) -> None:
    async with window(browser, hall) as person:
        await person.sign_in("9100")
        await person.at("nav-announcements").click()
        outline = person.at("plan-outline")
        await expect(outline).to_contain_text("开头语")
        await expect(person.at("plan-save")).to_be_disabled()
        await person.at("say-position").click()
        await expect(outline).to_contain_text("每 60 秒播报排队位置")
        await person.at("add-period").click()
        await person.page.get_by_label("开始", exact=True).fill("9点")
        await expect(person.at("plan-faults")).to_contain_text("时间应写作 09:00")
        await expect(person.at("plan-save")).to_be_disabled()
        await person.page.get_by_label("开始", exact=True).fill("08:30")
        await expect(outline).to_contain_text("工作日 08:30–17:30 以外")
        await person.at("tab-notices").click()
        await expect(person.at("emergency")).to_be_visible()
        await person.at("tab-plan").click()
        await expect(person.at("plan-dirty")).to_be_visible()
        await person.page.get_by_label("删除第 1 段").click()
        await person.at("plan-note").fill("播报排队位置")
        await person.at("plan-save").click()
        await expect(person.at("plan-dirty")).to_be_hidden()
        rows = await until(lambda: hall.fetch("SELECT version, note, plan FROM call_plans"), 5, "stored")
        plan = json.loads(rows[0]["plan"])
        assert (rows[0]["version"], rows[0]["note"]) == (1, "播报排队位置")
        assert (plan["waiting"]["position"], plan["opening"]["periods"]) == (True, [])
        await person.at("plan-versions").click()
        await person.at("plan-restore-0").click()
        await person.page.get_by_role("button", name="确定").click()
        await until(lambda: hall.fetch("SELECT FROM call_plans WHERE version = 2"), 5, "restored")


async def test_a_supervisor_has_the_emergency_notice_on_in_two_clicks(browser: Browser, hall: ConsoleHall) -> None:
    async with window(browser, hall) as person:
        await person.sign_in("9001")
        await person.at("nav-announcements").click()
        await expect(person.at("plan-save")).to_have_count(0)
        await person.at("tab-notices").click()
        for state in ("播放中", "关闭"):
            await person.at("emergency-switch").click()
            await person.page.locator(".el-message-box").get_by_role("button").last.click()
            await expect(person.at("emergency-state")).to_have_text(state)
        rows = await hall.fetch("SELECT is_on, version FROM notices WHERE id = 'emergency'")
        assert [(row["is_on"], row["version"]) for row in rows] == [(False, 2)]
