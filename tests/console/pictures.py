"""What does the console look like in front of the real service? Photographs the main pages, and runs axe on them.

`python -m tests.console.pictures [OUT]` (a new folder below /tmp by default). Exits 1 when axe finds something serious.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from playwright.async_api import expect

from hotline.reports.nightly import keep_day
from hotline.store.embedded import url_if_running
from hotline.store.engine import Database
from tests.console.browser import Person, chromium, window
from tests.console.hall import HALL, ConsoleHall, running

SIZES = {"1366x768": (1366, 768), "1920x1080": (1920, 1080)}
SIDEWAYS = "() => document.documentElement.scrollWidth > innerWidth"
FACTS = "来电人2024年3月入职某物业公司任保洁员，未签订书面劳动合同，今年8月起被拖欠工资共计9600元，多次催要未果。"
CLAIM = "要求支付拖欠工资和未签书面合同的双倍工资差额。"
OPINION = "可先向当地劳动监察大队投诉；协商不成的，自离职之日起一年内申请劳动仲裁，并准备工资流水和考勤记录。"


class Album:
    """Where the pictures go, and what was wrong on them."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder, self.size = folder, size
        self.wrongs: list[str] = []

    async def take(self, person: Person, name: str) -> None:
        """One picture, and axe's opinion of it."""
        await person.page.mouse.move(5, 400)
        await person.page.wait_for_timeout(400)
        await person.page.screenshot(path=self.folder / f"{name}-{self.size}.png")
        if await person.page.evaluate(SIDEWAYS):
            self.wrongs.append(f"{name}: scrolls sideways")
        self.wrongs += [f"{name}: {barrier}" for barrier in await person.barriers()]


async def desk(lawyer: Person, album: Album) -> str:
    """Idle, taking a seat, ringing, talking, wrap-up; the ticket's number."""
    await lawyer.page.goto(lawyer.hall.base)
    await expect(lawyer.at("demo-accounts")).to_be_visible()
    await album.take(lawyer, "sign-in")
    await lawyer.sign_in("1001")
    await album.take(lawyer, "desk-not-seated")
    await lawyer.at("sit-down").click()
    await lawyer.at("seat-01").click()
    await album.take(lawyer, "desk-sit-down")
    await lawyer.at("sit-go").click()
    await lawyer.rung()
    await album.take(lawyer, "desk-ringing")
    await lawyer.page.keyboard.press("F2")
    await lawyer.state("talking")
    number = await lawyer.ticket()
    for field, text in (("caller_name", "张秀兰"), ("facts", FACTS), ("claim", CLAIM), ("opinion", OPINION)):
        await lawyer.at(f"field-{field}").fill(text)
    await lawyer.at("field-category").click()
    await lawyer.page.get_by_role("menuitem", name="民事").hover()
    await lawyer.page.get_by_role("menuitem", name="劳动争议").hover()
    await album.take(lawyer, "desk-category")
    await lawyer.page.get_by_role("menuitem", name="劳动争议").hover()
    await lawyer.page.get_by_role("menuitem", name="劳动报酬").click()
    await lawyer.at("field-legal_aid_told").click()
    await lawyer.saved()
    await album.take(lawyer, "desk-talking")
    await lawyer.at("hang-up").click()
    await lawyer.state("wrap_up")
    await lawyer.at("wrap-stay").click()
    await album.take(lawyer, "desk-wrap-up")
    await lawyer.at("ticket-close").click()
    await expect(lawyer.at("ticket-panel")).to_contain_text("工单已办结")
    await lawyer.at("go-busy").click()
    await lawyer.page.locator("[data-testid=busy-ticket]:visible").click()
    await lawyer.state("busy")
    await album.take(lawyer, "desk-idle")
    return number


async def pages(supervisor: Person, number: str, album: Album) -> None:
    """Live, log, detail, tickets, ticket, report, lines."""
    await supervisor.sign_in("9001")
    await expect(supervisor.at("tile-offered")).to_be_visible()
    await album.take(supervisor, "live")
    await supervisor.at("nav-calls").click()
    await expect(supervisor.at("calls-table")).to_be_visible()
    await album.take(supervisor, "calls")
    await supervisor.at("calls-table").get_by_role("row").filter(has_text=number).click()
    await supervisor.at("play").click()
    await album.take(supervisor, "call")
    await supervisor.page.keyboard.press("Escape")
    await supervisor.at("nav-tickets").click()
    await expect(supervisor.at("tickets-table")).to_be_visible()
    await album.take(supervisor, "tickets")
    await supervisor.at("filter-text").fill("保洁")
    await supervisor.at("search").click()
    await supervisor.at("tickets-table").get_by_role("row").filter(has_text=number).click()
    await expect(supervisor.at("field-facts")).to_be_visible()
    await album.take(supervisor, "ticket")
    await supervisor.at("nav-reports").click()
    await expect(supervisor.at("report-table")).to_be_visible()
    await supervisor.page.wait_for_timeout(800)
    await album.take(supervisor, "reports")
    await supervisor.at("report-table").get_by_role("row").nth(2).click()
    await expect(supervisor.at("day-drawer")).to_contain_text("接通率")
    await album.take(supervisor, "report-day")


async def yesterday(hall: ConsoleHall) -> None:
    """Something to report."""
    day, _ = await hall.yesterday()
    url = url_if_running(hall.state)
    assert url is not None
    async with await Database.open(url) as database:
        await keep_day(database.engine, HALL, date.fromisoformat(day), now=datetime.now(UTC), state_dir=hall.state)


async def main(folder: Path) -> int:
    """Both sizes, each with a hall of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    wrongs: list[str] = []
    async with chromium(folder) as browser:
        for size, pixels in SIZES.items():
            async with running() as hall:
                album = Album(folder, size)
                await yesterday(hall)
                async with (
                    window(browser, hall, size=pixels) as lawyer,
                    window(browser, hall, size=pixels) as supervisor,
                ):
                    await pages(supervisor, await desk(lawyer, album), album)
                async with window(browser, hall, size=pixels) as auditor:
                    await auditor.sign_in("9200")
                    await expect(auditor.at("audit-table")).to_be_visible()
                    await album.take(auditor, "audit")
                wrongs += [f"{size} {wrong}" for wrong in album.wrongs]
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    print("\n".join(dict.fromkeys(wrongs)) or "axe found nothing serious")
    return 1 if wrongs else 0


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="console-pictures-")
    sys.exit(asyncio.run(main(Path(wanted))))
