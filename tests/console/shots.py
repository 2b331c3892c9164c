"""What does the console look like? Photographs every page of the built console against the mock hall, and runs axe.

Usage: `python tests/console/shots.py OUT [--only NAME] [--size 1366x768]`. Prints requests that left the site, page
errors, sideways scrolling and axe findings; exits 1 if there are any.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

HERE = Path(__file__).parent
AXE = HERE.parent.parent / "hotline/console/node_modules/axe-core/axe.min.js"
SIZES = {"1366x768": (1366, 768), "1920x1080": (1920, 1080), "360x740": (360, 740)}
PHONE = "360x740"
"""The night lawyer's page alone is made for it."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
AXE_RUN = "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']}).then(r => r.violations)"
SCROLLS = "() => document.documentElement.scrollWidth > innerWidth"


class Studio:
    """One browser size: takes pictures, collects what is wrong."""

    def __init__(self, browser: Browser, url: str, out: Path, size: str) -> None:
        width, height = SIZES[size]
        self.url, self.out, self.size = url, out, size
        self.wrongs: list[str] = []
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai", bypass_csp=True
        )
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.wrongs.append(f"page error: {error}"))
        self.page.on("request", self._check_site)

    def scene(self, name: str, **arguments: str) -> None:
        """Let something happen in the mock hall."""
        query = "&".join(f"{key}={quote(value)}" for key, value in arguments.items())
        urllib.request.urlopen(f"{self.url}scene/{name}?{query}").read()

    def sign_in(self, work_number: str) -> None:
        self.page.context.clear_cookies()
        self.page.goto("about:blank")
        self.page.goto(f"{self.url}#/sign-in")
        self.page.get_by_test_id(f"demo-{work_number}").click()
        self.page.get_by_test_id("sign-in-submit").click()
        expect(self.page.get_by_test_id("user-menu")).to_be_visible()

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}#{path}")

    def shoot(self, name: str, *, axe: bool = True) -> None:
        self.page.wait_for_timeout(500)
        self.page.screenshot(path=self.out / f"{name}-{self.size}.png")
        if self.page.evaluate(SCROLLS):
            self.wrongs.append(f"{name}: scrolls sideways")
        if not axe:
            return
        self.page.add_script_tag(path=AXE)
        found: list[dict[str, Any]] = self.page.evaluate(AXE_RUN)
        for one in found:
            places = "; ".join(str(node["html"])[:160] for node in one["nodes"][:3])
            self.wrongs.append(f"{name}: axe {one['impact']} {one['id']} ({len(one['nodes'])}) {places}")

    def _check_site(self, request: Any) -> None:
        if not request.url.startswith((self.url, "about:", "data:", "blob:", "ws:")):
            self.wrongs.append(f"request off the site: {request.url}")


def entrance(studio: Studio) -> None:
    studio.page.goto(studio.url)
    expect(studio.page.get_by_test_id("demo-accounts")).to_be_visible()
    studio.shoot("sign-in")
    studio.page.get_by_test_id("sign-in-work-number").fill("1001")
    studio.page.get_by_test_id("sign-in-password").fill("wrong")
    studio.page.get_by_test_id("sign-in-submit").click()
    expect(studio.page.get_by_test_id("sign-in-failure")).to_be_visible()
    studio.shoot("sign-in-failed")
    studio.page.get_by_test_id("sign-in-work-number").fill("1099")
    studio.page.get_by_test_id("sign-in-password").fill("fresh")
    studio.page.get_by_test_id("sign-in-submit").click()
    expect(studio.page.get_by_test_id("password-submit")).to_be_visible()
    studio.shoot("password")


def desk(studio: Studio) -> None:
    page = studio.page
    studio.sign_in("1001")
    studio.go("/desk")
    if page.get_by_test_id("seat-state").get_attribute("data-state") == "signed_off":
        studio.shoot("desk-not-seated")
        page.get_by_test_id("sit-down").click()
        expect(page.get_by_test_id("seat-01")).to_be_visible()
        page.get_by_test_id("seat-01").click()
        page.get_by_test_id("mic-test").click()
        page.wait_for_timeout(900)
        studio.shoot("desk-sit-down")
        page.get_by_test_id("phone-simulated").click()
        page.get_by_test_id("sit-go").click()
    expect(page.get_by_test_id("go-busy")).to_be_visible()
    studio.shoot("desk-ready")
    page.get_by_test_id("go-busy").click()
    studio.shoot("desk-busy-reasons", axe=False)
    page.keyboard.press("Escape")
    studio.scene("ring", seat="01", seconds="60")
    expect(page.get_by_test_id("ring-bar")).to_be_visible()
    studio.shoot("desk-ringing")
    page.keyboard.press("F2")
    expect(page.get_by_test_id("call-timer")).not_to_have_text("—")
    fill_ticket(studio)
    studio.shoot("desk-talking")
    page.get_by_test_id("next-on_break").click()
    expect(page.get_by_test_id("next-state")).to_be_visible()
    page.get_by_test_id("quick-silence").click()
    studio.shoot("desk-next-and-undo")
    page.get_by_test_id("quick-undo").click()
    conflict(studio)
    page.get_by_test_id("forget-next").click()
    studio.scene("end", seat="01", wrap="40")
    expect(page.get_by_test_id("wrap-bar")).to_be_visible()
    studio.shoot("desk-wrap-up")
    studio.scene("drop", code="1012")
    page.wait_for_timeout(300)
    page.get_by_test_id("user-menu").click()
    studio.shoot("desk-user-menu", axe=False)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("link-state")).to_have_text(re.compile("已连接"), timeout=20000)
    page.get_by_test_id("wrap-ready").click()
    forced(studio)
    studio.scene("drop", code="4409")
    expect(page.get_by_test_id("taken-over")).to_be_visible()
    studio.shoot("desk-taken-over")
    page.get_by_test_id("take-back").click()
    expect(page.get_by_test_id("taken-over")).to_be_hidden()
    studio.scene("drop", code="4401")
    expect(page.get_by_test_id("expired")).to_be_visible()
    studio.shoot("desk-expired")


def control(studio: Studio) -> None:
    """A call with everything that can be done to it."""
    page = studio.page
    studio.scene("set", approval="1")
    sit(studio, "1001", "16")
    studio.scene("ring", seat="16", seconds="60")
    page.get_by_test_id("answer").click()
    expect(page.get_by_test_id("call-bar")).to_have_attribute("data-state", "talking")
    studio.shoot("control-talking")
    page.get_by_test_id("keypad").click()
    page.keyboard.type("12#")
    expect(page.get_by_test_id("keypad-sent")).to_have_text("12#")
    studio.shoot("control-keypad")
    page.keyboard.press("Escape")
    page.get_by_test_id("hold").click()
    expect(page.get_by_test_id("bar-held")).to_be_visible()
    page.get_by_test_id("mute").click()
    studio.shoot("control-held-muted")
    page.get_by_test_id("mute").click()
    page.get_by_test_id("resume").click()
    consult(studio)
    urgent(studio)
    studio.scene("end", seat="16", wrap="40")
    expect(page.get_by_test_id("wrap-bar")).to_be_visible()
    page.get_by_test_id("wrap-ready").click()
    page.get_by_test_id("go-break").click()
    page.locator("[data-testid=break-meal]:visible").click()
    expect(page.get_by_test_id("break-asked")).to_be_visible()
    studio.shoot("control-break-asked")
    rings(studio)
    studio.scene("set", approval="0")
    returning(studio)


def returning(studio: Studio) -> None:
    """A call goes on while the browser's phone is not back on it: here it never comes, its server is not there."""
    page = studio.page
    page.get_by_test_id("sit-down").click()
    page.get_by_test_id("seat-16").click()
    page.get_by_test_id("phone-browser").click()
    page.get_by_test_id("sit-go").click()
    expect(page.get_by_test_id("go-busy")).to_be_visible()
    studio.scene("ring", seat="16", seconds="60")
    studio.scene("answer", seat="16")
    expect(page.get_by_test_id("restoring")).to_be_visible()
    studio.shoot("control-restoring")
    studio.scene("end", seat="16", wrap="40")
    expect(page.get_by_test_id("wrap-bar")).to_be_visible()
    leave(studio)


def sit(studio: Studio, work_number: str, seat: str) -> None:
    page = studio.page
    studio.sign_in(work_number)
    studio.go("/desk")
    expect(page.get_by_test_id("link-state")).to_have_text(re.compile("已连接"))
    if page.get_by_test_id("seat-sign-off").is_visible():
        leave(studio)
    page.get_by_test_id("sit-down").click()
    page.get_by_test_id(f"seat-{seat}").click()
    page.get_by_test_id("phone-simulated").click()
    page.get_by_test_id("sit-go").click()
    expect(page.get_by_test_id("go-busy")).to_be_visible()


def leave(studio: Studio) -> None:
    studio.page.get_by_test_id("seat-sign-off").click()
    studio.page.get_by_role("button", name="退出并停止接听").click()


def consult(studio: Studio) -> None:
    page = studio.page
    page.get_by_test_id("consult").click()
    expect(page.get_by_test_id("target-dialog")).to_be_visible()
    studio.shoot("control-target-seats")
    page.get_by_test_id("target-tab-queues").click()
    studio.shoot("control-target-queues")
    page.get_by_test_id("target-tab-outside").click()
    studio.shoot("control-target-outside")
    page.get_by_test_id("target-tab-seats").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.get_by_test_id("target-search").press("Enter")
    expect(page.get_by_test_id("cancel-consult")).to_be_visible()
    studio.shoot("control-consult-rings")
    expect(page.locator("[data-part=consulted][data-state=up]")).to_be_visible()
    studio.shoot("control-consult")
    page.get_by_test_id("join").click()
    expect(page.locator("[data-part=joined]")).to_be_visible()
    studio.shoot("control-three-way")
    page.locator("[data-testid^=drop-]").click()
    expect(page.get_by_test_id("parties")).to_be_hidden()


def urgent(studio: Studio) -> None:
    page = studio.page
    page.get_by_test_id("emergency").click()
    expect(page.get_by_test_id("party-110")).to_have_attribute("data-state", "ringing")
    studio.shoot("control-110-rings")
    expect(page.get_by_test_id("confirm-110")).to_be_visible()
    studio.shoot("control-110")
    page.get_by_test_id("confirm-110").click()
    expect(page.get_by_test_id("confirm-110")).to_be_hidden()
    studio.shoot("control-110-confirmed")
    page.get_by_test_id("drop-110").click()
    expect(page.get_by_test_id("parties")).to_be_hidden()


def rings(studio: Studio) -> None:
    """Other rings than a caller's, and the red key without a call."""
    page = studio.page
    studio.scene("consulted", **{"from": "03", "seat": "16"})
    expect(page.get_by_test_id("ring-from")).to_be_visible()
    studio.shoot("control-ring-consult")
    page.get_by_test_id("answer").click()
    expect(page.get_by_test_id("call-bar")).to_have_attribute("data-part", "consulted")
    studio.shoot("control-consulted")
    page.get_by_test_id("leave").click()
    expect(page.get_by_test_id("call-bar")).to_be_hidden()
    studio.scene("transferred", **{"from": "03", "seat": "16"})
    expect(page.get_by_test_id("ring-from")).to_contain_text("转接来自")
    studio.shoot("control-ring-transfer")
    page.get_by_test_id("answer").click()
    expect(page.get_by_test_id("call-bar")).to_be_visible()
    studio.scene("watch", **{"from": "08", "seat": "16", "part": "barging"})
    expect(page.get_by_test_id("watched")).to_be_visible()
    studio.shoot("control-barged-in")
    studio.scene("end", seat="16", wrap="40")
    expect(page.get_by_test_id("wrap-bar")).to_be_visible()
    page.get_by_test_id("emergency-more").click()
    studio.shoot("control-emergency-more", axe=False)
    page.locator("[data-testid=emergency-119]:visible").click()
    expect(page.get_by_test_id("call-bar")).to_have_attribute("data-state", "dialling")
    studio.shoot("control-dialling")
    page.get_by_test_id("hang-up").click()
    page.get_by_test_id("devices-open").click()
    expect(page.get_by_test_id("device-dialog")).to_be_visible()
    studio.shoot("control-devices")
    page.keyboard.press("Escape")
    page.get_by_test_id("user-menu").click()
    page.get_by_text("快捷键", exact=True).click()
    expect(page.get_by_test_id("key-list")).to_be_visible()
    studio.shoot("control-keys")
    page.keyboard.press("Escape")
    leave(studio)


def watching(studio: Studio) -> None:
    """A supervisor on somebody else's call."""
    page = studio.page
    studio.sign_in("9001")
    studio.go("/live")
    studio.scene("ask", seat="04", reason="meal")
    expect(page.get_by_test_id("break-requests")).to_be_visible()
    seat = page.locator("[data-testid^=card-][data-state=talking]").first.get_attribute("data-testid") or ""
    number = seat.removeprefix("card-")
    page.get_by_test_id(f"force-{number}").click()
    studio.shoot("watch-menu")
    page.locator("[data-testid=board-listen]:visible").click()
    expect(page.get_by_test_id("sit-dialog")).to_be_visible()
    studio.shoot("watch-sit-down")
    page.get_by_test_id("seat-20").click()
    page.get_by_test_id("phone-simulated").click()
    page.get_by_test_id("sit-go").click()
    expect(page.get_by_test_id("supervise-bar")).to_have_attribute("data-state", "up", timeout=8000)
    studio.shoot("watch-listening")
    page.get_by_test_id("monitor-barge").click()
    expect(page.get_by_test_id("supervise-bar")).to_have_attribute("data-mode", "barge")
    studio.shoot("watch-barging")
    page.get_by_test_id("stop-monitor").click()
    expect(page.get_by_test_id("supervise-bar")).to_be_hidden()
    page.get_by_test_id("break-yes-04").click()
    expect(page.get_by_test_id("break-requests")).to_be_hidden()
    page.get_by_test_id(f"force-{number}").click()
    page.locator("[data-testid=board-release]:visible").click()
    studio.shoot("watch-release")
    page.keyboard.press("Escape")
    leave(studio)


def mobile(studio: Studio) -> None:
    """The night lawyer at home."""
    page = studio.page
    page.goto(f"{studio.url}#/m")
    expect(page.get_by_test_id("sign-in-submit")).to_be_visible()
    studio.shoot("mobile-sign-in")
    page.get_by_test_id("sign-in-work-number").fill("1001")
    page.get_by_test_id("sign-in-password").fill("demo-1001")
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("mobile-sit")).to_be_visible()
    studio.shoot("mobile-sit-down")
    page.get_by_test_id("mobile-seat").select_option("18")
    page.get_by_test_id("sit-go").click()
    expect(page.get_by_test_id("seat-state")).to_have_attribute("data-state", "ready")
    studio.shoot("mobile-ready")
    studio.scene("ring", seat="18", seconds="60")
    expect(page.get_by_test_id("mobile-call")).to_be_visible()
    studio.shoot("mobile-ringing")
    studio.scene("answer", seat="18")
    expect(page.get_by_test_id("seat-state")).to_have_attribute("data-state", "talking")
    page.get_by_test_id("field-facts").fill("来电人称被前夫堵在家门口，孩子也在。")
    page.get_by_test_id("field-opinion").fill("已指导报警并告知可申请人身安全保护令。")
    page.get_by_test_id("field-category").click()
    expect(page.get_by_test_id("category-sheet")).to_be_visible()
    studio.shoot("mobile-category")
    page.get_by_test_id("category-search").fill("离婚")
    page.get_by_test_id("category-010101").click()
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-status", "saved", timeout=6000)
    studio.shoot("mobile-talking")
    page.get_by_test_id("emergency").click()
    expect(page.get_by_test_id("emergency")).to_have_attribute("data-stage", "calling")
    studio.shoot("mobile-110")
    studio.scene("end", seat="18", wrap="40")
    expect(page.get_by_text("110 报警 没有接通", exact=True)).to_be_visible()
    studio.shoot("mobile-110-lost")
    page.get_by_role("button", name="知道了").click()
    expect(page.get_by_test_id("seat-state")).to_have_attribute("data-state", "wrap_up")
    page.get_by_test_id("ticket-close").click()
    studio.shoot("mobile-closed")
    page.get_by_test_id("seat-sign-off").click()
    expect(page.get_by_test_id("mobile-sit")).to_be_visible()


def forced(studio: Studio) -> None:
    page = studio.page
    for state in ("busy", "signed_off"):
        studio.scene("force", seat="01", state=state, reason="开晨会，全体暂停接听；结束后请自行示闲")
        expect(page.get_by_test_id("forced")).to_have_attribute("data-state", state)
        studio.shoot(f"desk-forced-{state}")
    page.get_by_test_id("forced-seen").click()
    page.get_by_test_id("sit-down").click()
    page.get_by_test_id("seat-01").click()
    page.get_by_test_id("phone-simulated").click()
    page.get_by_test_id("sit-go").click()


def fill_ticket(studio: Studio) -> None:
    page = studio.page
    page.get_by_test_id("field-caller_name").fill("张秀兰")
    page.get_by_test_id("field-facts").fill(
        "来电人2024年3月入职某物业公司，任保洁员，未签订书面劳动合同，今年8月起被拖欠工资共计9600元。"
    )
    page.get_by_test_id("field-claim").fill("要求支付拖欠工资和未签合同的双倍工资差额。")
    page.get_by_test_id("field-opinion").fill("可先向劳动监察大队投诉；自离职之日起一年内申请劳动仲裁。")
    page.get_by_test_id("field-category").click()
    page.get_by_text("民事", exact=True).first.hover()
    page.get_by_text("劳动争议", exact=True).first.hover()
    studio.shoot("desk-category")
    page.get_by_text("劳动报酬", exact=True).first.click()
    page.get_by_test_id("field-legal_aid_told").click()
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-status", "saved", timeout=6000)


def conflict(studio: Studio) -> None:
    page = studio.page
    number = page.get_by_test_id("ticket-panel").get_attribute("data-number") or ""
    studio.scene("touch", ticket=number, field="opinion", text="已转劳动监察，另告知可申请先予执行。")
    page.get_by_test_id("field-opinion").fill("建议先协商，协商不成申请劳动仲裁。")
    expect(page.get_by_test_id("conflict")).to_be_visible(timeout=6000)
    studio.shoot("desk-conflict")
    page.get_by_test_id("mine-opinion").click()
    page.get_by_test_id("conflict-keep").click()
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-status", "saved", timeout=6000)


def lists(studio: Studio) -> None:
    page = studio.page
    studio.sign_in("9001")
    studio.go("/calls")
    expect(page.get_by_test_id("calls-table")).to_be_visible()
    studio.shoot("calls")
    page.get_by_test_id("calls-table").get_by_role("row").nth(3).click()
    expect(page.get_by_test_id("detail-caller")).to_be_visible()
    page.get_by_test_id("play").click()
    studio.shoot("calls-detail")
    page.get_by_test_id("reveal").click()
    studio.shoot("calls-reveal")
    page.keyboard.press("Escape")
    studio.go("/tickets")
    expect(page.get_by_test_id("tickets-table")).to_be_visible()
    studio.shoot("tickets")
    page.get_by_test_id("tickets-table").get_by_role("row").nth(4).click()
    expect(page.get_by_test_id("ticket-panel")).to_be_visible()
    studio.shoot("ticket")
    studio.scene("fail", path="/calls")
    studio.go("/calls")
    expect(page.get_by_test_id("list-failure")).to_be_visible()
    studio.shoot("calls-failed")
    studio.scene("fail")
    studio.go("/tickets")
    page.get_by_test_id("filter-text").fill("没有这样的词")
    page.get_by_test_id("search").click()
    expect(page.get_by_test_id("list-empty")).to_be_visible()
    studio.shoot("tickets-empty")


def supervisor(studio: Studio) -> None:
    page = studio.page
    studio.sign_in("9001")
    studio.go("/live")
    expect(page.get_by_test_id("tile-waiting")).to_be_visible()
    studio.shoot("live")
    page.locator("[data-testid^=force-]").first.click()
    page.get_by_test_id("force-off").locator("visible=true").click()
    studio.shoot("live-force")
    page.keyboard.press("Escape")
    studio.scene("link", at="2", up="0")
    studio.shoot("live-line-down")
    studio.go("/lines")
    expect(page.get_by_test_id("line-pbx-1")).to_be_visible()
    studio.shoot("lines")
    lines(studio)
    studio.scene("link", at="2", up="1")
    studio.go("/reports")
    expect(page.get_by_test_id("report-table")).to_be_visible()
    page.wait_for_timeout(600)
    studio.shoot("reports")
    page.get_by_test_id("report-table").get_by_role("row").nth(2).click()
    expect(page.get_by_test_id("day-drawer")).to_be_visible()
    studio.shoot("reports-day")
    page.get_by_role("tab", name="系统故障").click()
    expect(page.get_by_test_id("outages")).to_be_visible()
    studio.shoot("reports-outages")
    ratings(studio)


def lines(studio: Studio) -> None:
    page = studio.page
    studio.scene("alarm", line="box-1", kind="link_down", up="0")
    studio.scene("alarm", line="om-gateway", kind="port_fault", port="3")
    studio.scene("alarm", line="om-gateway", kind="clock_skew")
    expect(page.get_by_test_id("alarm-clock_skew")).to_be_visible()
    studio.shoot("lines-alarms")
    page.get_by_test_id("open-box-1").click()
    expect(page.get_by_test_id("line-facts")).to_be_visible()
    studio.shoot("lines-detail")
    page.get_by_test_id("raw-load").click()
    expect(page.get_by_test_id("raw-frames")).to_be_visible()
    page.get_by_test_id("raw-frames").scroll_into_view_if_needed()
    studio.shoot("lines-raw")
    page.get_by_test_id("raw-hex").click()
    page.get_by_test_id("raw-frames").scroll_into_view_if_needed()
    studio.shoot("lines-raw-hex")
    page.keyboard.press("Escape")
    studio.go("/live")
    expect(page.get_by_test_id("link-om-gateway")).to_be_visible()
    studio.shoot("live-alarms")
    studio.scene("alarm", line="box-1", up="1")
    studio.scene("alarm", line="om-gateway")
    studio.scene("fail", path="/lines")
    studio.go("/lines")
    page.reload()
    expect(page.get_by_test_id("list-failure")).to_be_visible()
    studio.shoot("lines-failed")
    studio.scene("fail")


def ratings(studio: Studio) -> None:
    page = studio.page
    studio.go("/ratings")
    expect(page.get_by_test_id("ratings-table")).to_be_visible()
    expect(page.get_by_test_id("figure-satisfaction")).to_be_visible()
    studio.shoot("ratings")
    page.get_by_test_id("rating-parts").click()
    studio.shoot("ratings-parts")
    page.get_by_test_id("rating-4").click()
    expect(page.get_by_test_id("follow-note")).to_be_visible()
    studio.shoot("ratings-detail")
    studio.go("/calls")
    expect(page.get_by_test_id("calls-table")).to_be_visible()
    page.get_by_test_id("calls-table").get_by_text("已接通").first.click()
    page.get_by_test_id("rating-link").click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(page.get_by_test_id("rating-address")).to_be_visible()
    studio.shoot("call-rating-link")
    page.get_by_test_id("rating-take").click()
    expect(page.get_by_test_id("rating-dialog")).to_be_visible()
    page.get_by_test_id("rating-go").click()
    studio.shoot("call-rating")
    studio.sign_in("1001")
    studio.go("/ratings")
    expect(page.get_by_test_id("own-month")).to_be_visible()
    studio.shoot("ratings-own")


def office(studio: Studio) -> None:
    page = studio.page
    studio.sign_in("9002")
    studio.go("/accounts")
    expect(page.get_by_test_id("accounts-table")).to_be_visible()
    studio.shoot("accounts")
    page.get_by_test_id("account-create").click()
    page.get_by_test_id("account-work").fill("1020")
    page.get_by_test_id("account-name").fill("梁思远")
    studio.shoot("accounts-create")
    page.get_by_test_id("account-save").click()
    expect(page.get_by_test_id("initial-password")).to_be_visible()
    studio.shoot("accounts-password")
    studio.go("/lines")
    page.reload()
    studio.shoot("lines-admin")
    categories(studio)
    studio.sign_in("9003")
    studio.go("/audit")
    expect(page.get_by_test_id("audit-table")).to_be_visible()
    studio.shoot("audit")


def categories(studio: Studio) -> None:
    page = studio.page
    studio.go("/categories")
    expect(page.get_by_test_id("category-tree")).to_be_visible()
    studio.shoot("categories")
    with page.expect_download() as coming:
        page.get_by_test_id("category-export").click()
    rows = coming.value.path().read_text(encoding="utf-8-sig").splitlines()
    changed = [row.replace("劳动报酬", "工资报酬") for row in rows if "安置帮教" not in row] + ["09,,涉外法律事务,"]
    for name, lines in (("preview", changed), ("faults", [*changed, "0901,99,没有上级,", "09,,重复,"])):
        table = FilePayload(name="2026 年修订.csv", mimeType="text/csv", buffer="\n".join(lines).encode("gb18030"))
        page.get_by_test_id("category-file").set_input_files(files=[table])
        expect(page.get_by_test_id("import-dialog")).to_be_visible()
        studio.shoot(f"categories-{name}")
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("import-dialog")).to_be_hidden()


def announcements(studio: Studio) -> None:
    page = studio.page
    studio.sign_in("9002")
    studio.go("/announcements")
    expect(page.get_by_test_id("plan-outline")).to_be_visible()
    studio.shoot("announcements-plan")
    page.get_by_test_id("menu-add").click()
    page.get_by_test_id("language-on").click()
    expect(page.get_by_test_id("plan-dirty")).to_be_visible()
    page.get_by_test_id("person-key").scroll_into_view_if_needed()
    studio.shoot("announcements-menu")
    page.get_by_test_id("plan-undo").click()
    page.get_by_test_id("plan-versions").click()
    expect(page.get_by_test_id("plan-restore-2")).to_be_visible()
    studio.shoot("announcements-versions")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("plan-versions-drawer")).to_be_hidden()
    page.get_by_test_id("tab-prompts").click()
    expect(page.get_by_test_id("prompts-table")).to_be_visible()
    studio.shoot("announcements-prompts")
    page.get_by_test_id("prompt-greeting").click()
    expect(page.get_by_test_id("prompt-versions")).to_be_visible()
    studio.shoot("announcements-prompt")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("prompt-dialog")).to_be_hidden()
    page.get_by_test_id("tab-notices").click()
    expect(page.get_by_test_id("notices-table")).to_be_visible()
    studio.shoot("announcements-notices")
    page.get_by_test_id("notice-add").click()
    expect(page.get_by_test_id("notice-dialog")).to_be_visible()
    studio.shoot("announcements-notice")
    studio.sign_in("9001")
    studio.go("/announcements?tab=notices")
    page.get_by_test_id("emergency-switch").click()
    studio.shoot("announcements-sure")
    page.locator(".el-message-box").get_by_role("button").last.click()
    expect(page.get_by_test_id("emergency-state")).to_have_text("播放中")
    studio.shoot("announcements-emergency")


def callers(studio: Studio) -> None:
    """Rules about callers: at the supervisor's page, and what a lawyer sees of them."""
    page = studio.page
    studio.sign_in("9001")
    studio.go("/callers")
    expect(page.get_by_test_id("rules-table")).to_be_visible()
    studio.shoot("callers")
    page.get_by_test_id("rule-create").click()
    page.get_by_test_id("rule-kind-harassing").click()
    page.get_by_test_id("rule-level-blocked").click()
    page.get_by_test_id("rule-save").click()
    studio.shoot("callers-create")
    page.get_by_test_id("rule-number").fill("13300001234")
    page.get_by_test_id("rule-reason").fill("连续三日深夜来电辱骂，已两次警告")
    page.get_by_test_id("rule-save").click()
    expect(page.get_by_test_id("rule-dialog")).to_be_hidden()
    page.get_by_test_id("shelf-requested").click()
    page.locator("[data-testid^=approve-]").first.click()
    studio.shoot("callers-approve")
    page.keyboard.press("Escape")
    page.get_by_test_id("shelf-due").click()
    page.locator("[data-testid^=review-]").first.click()
    studio.shoot("callers-review")
    page.keyboard.press("Escape")
    page.locator("[data-testid^=end-]").first.click()
    studio.shoot("callers-end")
    page.keyboard.press("Escape")
    for shelf in ("over", "conflicts"):
        page.get_by_test_id(f"shelf-{shelf}").click()
        studio.shoot(f"callers-{shelf}")
    studio.scene("mark", on="1")
    sit(studio, "1001", "17")
    studio.scene("ring", seat="17", seconds="60")
    expect(page.get_by_test_id("conflict-warning").first).to_be_visible()
    studio.shoot("callers-ringing")
    page.get_by_test_id("answer").click()
    page.get_by_test_id("ask-mark").first.click()
    page.get_by_test_id("ask-kind-elderly").click()
    page.get_by_test_id("ask-reason").fill("自述七十八岁，听力不好")
    studio.shoot("callers-ask")
    page.get_by_test_id("ask-go").click()
    expect(page.get_by_test_id("mark-elderly").first).to_be_visible()
    page.get_by_test_id("field-counterparty_name").fill("某物业公司")
    page.get_by_test_id("field-counterparty_contact").fill("057188881234")
    page.get_by_test_id("field-facts").click()
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-status", "saved", timeout=6000)
    studio.shoot("callers-talking")
    studio.scene("end", seat="17", wrap="40")
    expect(page.get_by_test_id("wrap-bar")).to_be_visible()
    studio.shoot("callers-wrap-up")
    page.get_by_test_id("wrap-ready").click()
    studio.scene("mark", on="0")
    leave(studio)


def callbacks(studio: Studio) -> None:
    page = studio.page
    studio.sign_in("1001")
    studio.go("/callbacks")
    expect(page.get_by_test_id("callbacks-table")).to_be_visible()
    expect(page.get_by_test_id("callbacks-badge")).to_be_visible()
    expect(page.get_by_test_id("dial-1")).to_be_disabled()
    studio.shoot("callbacks")
    page.get_by_test_id("callback-3").click()
    expect(page.get_by_test_id("why-not-dial")).to_have_text("请先在坐席签入再拨打")
    page.get_by_test_id("callback-take").click()
    expect(page.get_by_test_id("message-play")).to_be_visible()
    page.get_by_test_id("message-heard").click()
    expect(page.get_by_test_id("message-heard")).to_have_count(0)
    studio.shoot("callbacks-message")
    page.get_by_test_id("callback-close").click()
    page.get_by_test_id("end-other").click()
    page.get_by_test_id("end-go").click()
    expect(page.get_by_test_id("end-failure")).to_be_visible()
    studio.shoot("callbacks-close")
    page.get_by_test_id("end-no_need").click()
    page.get_by_test_id("end-go").click()
    expect(page.get_by_test_id("callback-state")).to_have_attribute("data-state", "closed")
    page.keyboard.press("Escape")
    page.get_by_test_id("view-mine").click()
    page.get_by_test_id("callback-5").click()
    page.get_by_test_id("callback-done").click()
    page.get_by_test_id("end-helped").click()
    page.get_by_test_id("end-go").click()
    expect(page.get_by_test_id("callback-state")).to_have_attribute("data-state", "done")
    studio.shoot("callbacks-done")
    page.keyboard.press("Escape")
    page.get_by_test_id("view-over").click()
    expect(page.get_by_test_id("callback-9")).to_be_visible()
    studio.shoot("callbacks-over")
    studio.sign_in("9001")
    studio.go("/callbacks")
    page.get_by_test_id("view-overdue").click()
    page.get_by_test_id("callback-1").click()
    page.get_by_test_id("callback-assign-open").click()
    page.get_by_test_id("assign-go").click()
    studio.shoot("callbacks-assign")


def english(studio: Studio) -> None:
    page = studio.page
    for work_number, pages in (
        ("1001", ["desk", "calls", "tickets", "callbacks"]),
        ("9001", ["live", "lines", "reports", "callers", "ratings"]),
        ("9002", ["accounts", "categories"]),
    ):
        studio.sign_in(work_number)
        page.evaluate("localStorage.setItem('hotline-language', 'en')")
        page.reload()
        expect(page.get_by_test_id("user-menu")).to_be_visible()
        for one in pages:
            studio.go(f"/{one}")
            expect(page.get_by_test_id(f"nav-{one}")).to_have_class(re.compile("router-link-active"))
            studio.shoot(f"english-{one}")
        page.evaluate("localStorage.removeItem('hotline-language')")
        page.reload()


STORIES: dict[str, Callable[[Studio], None]] = {
    "entrance": entrance,
    "desk": desk,
    "control": control,
    "watching": watching,
    "mobile": mobile,
    "lists": lists,
    "supervisor": supervisor,
    "office": office,
    "announcements": announcements,
    "callers": callers,
    "callbacks": callbacks,
    "english": english,
}


@contextmanager
def mock_hall() -> Iterator[str]:
    """A fresh mock hall on a free port."""
    command = ["node", str(HERE / "mock/server.mjs"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", choices=sorted(STORIES))
    parser.add_argument("--size", choices=sorted(SIZES))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    wrongs: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for size in [asked.size] if asked.size else SIZES:
            with mock_hall() as url:
                for name in [asked.only] if asked.only else STORIES:
                    if (name == "mobile") != (size == PHONE):
                        continue
                    studio = Studio(browser, url, asked.out, size)
                    STORIES[name](studio)
                    studio.page.context.close()
                    wrongs += [f"{size} {wrong}" for wrong in studio.wrongs]
        browser.close()
    print("\n".join(dict.fromkeys(wrongs)) or "nothing wrong")
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
