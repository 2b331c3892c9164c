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
SIZES = {"1366x768": (1366, 768), "1920x1080": (1920, 1080)}
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
    studio.scene("link", at="2", up="1")
    studio.go("/reports")
    expect(page.get_by_test_id("report-table")).to_be_visible()
    page.wait_for_timeout(600)
    studio.shoot("reports")
    page.get_by_test_id("report-table").get_by_role("row").nth(2).click()
    expect(page.get_by_test_id("day-drawer")).to_be_visible()
    studio.shoot("reports-day")


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


def english(studio: Studio) -> None:
    page = studio.page
    for work_number, pages in (
        ("1001", ["desk", "calls", "tickets"]),
        ("9001", ["live", "lines", "reports"]),
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
    "lists": lists,
    "supervisor": supervisor,
    "office": office,
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
                    studio = Studio(browser, url, asked.out, size)
                    STORIES[name](studio)
                    studio.page.context.close()
                    wrongs += [f"{size} {wrong}" for wrong in studio.wrongs]
        browser.close()
    print("\n".join(dict.fromkeys(wrongs)) or "nothing wrong")
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
