"""A city for the journeys of tickets: offices, handlers, a week of holidays that begins tomorrow, one caller.

Also what everybody does on the page of a ticket.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
from playwright.async_api import expect

from hotline.rosters.calendar import SHANGHAI
from tests.console.browser import Person
from tests.console.hall import HALL, PASSWORD, ConsoleHall, running

CITY, CENTRE, STATION = "HZ", "XH", "XH-KX"
OFFICES = [
    (CITY, "杭州市公共法律服务中心", "city_hall", None, "3301", "杭州市"),
    (CENTRE, "西湖区公共法律服务中心", "county_centre", CITY, "330106", "西湖区"),
    (STATION, "凯旋街道公共法律服务站", "township_station", CENTRE, "330106008", "凯旋街道"),
]
CALLER = """
[halls.kf.follow_ups]
share = 0

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
HOLIDAYS = 7


class City:
    """The hall, and the first day: today is worked, then come seven holidays, then every day is worked."""

    def __init__(self, hall: ConsoleHall) -> None:
        self.hall = hall
        self.today = datetime.now(UTC).astimezone(SHANGHAI).date()

    def closes(self, workdays: int) -> str:
        """When the office closes on that working day after today, as people read it: 12-03 17:30."""
        return (self.today + timedelta(days=HOLIDAYS + workdays)).strftime("%m-%d 17:30")

    async def found(self) -> None:
        """Offices and holidays, as a supervisor enters them."""
        async with aclosing(await self.hall.client("9001")) as chief:
            for code, name, kind, parent, area, area_name in OFFICES:
                office = {"code": code, "name": name, "kind": kind, "parent": parent, "area": area}
                office |= {"area_name": area_name, "services": ["legal_advice"]}
                done(await chief.post("/directory/units", json=office))
            years: dict[int, list[dict[str, Any]]] = defaultdict(list)
            for ahead in range(30):
                day = self.today + timedelta(days=ahead)
                years[day.year].append(_special(day, is_off=1 <= ahead <= HOLIDAYS))
            for year, days in years.items():
                done(await chief.put(f"/rosters/calendar/{year}", json={"days": days}))

    async def hire(self, work_number: str, name: str, unit: str) -> None:
        """A handler of that unit, who has set a password."""
        async with aclosing(await self.hall.client("9100")) as administrator:
            new = {"work_number": work_number, "name": name, "role": "handler", "unit": unit}
            made = done(await administrator.post("/accounts", json=new))
        client = httpx2.AsyncClient(base_url=f"{self.hall.base}/api/v1", headers={"X-Console": "1"})
        async with client:
            first = {"hall": HALL, "work_number": work_number, "password": made["initial_password"]}
            done(await client.post("/session", json=first))
            done(await client.post("/session/password", json={"old": first["password"], "new": PASSWORD}))

    async def enter(self, person: Person, work_number: str, password: str = PASSWORD) -> None:
        """Sign in by typing."""
        await person.page.goto(self.hall.base)
        await person.at("sign-in-work-number").fill(work_number)
        await person.at("sign-in-password").fill(password)
        await person.at("sign-in-submit").click()


def done(answer: httpx2.Response) -> Any:
    """What came of it; it must not have been refused."""
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def choose(person: Person, field: str, label: str) -> None:
    """An entry of a list that drops down."""
    await person.page.locator(f"#{field}").click(force=True)
    await person.page.get_by_role("option", name=re.compile(label)).locator("visible=true").first.click()


async def act(person: Person, name: str, **texts: str) -> None:
    """A button beside the ticket, and the dialog behind it."""
    await expect(person.at("case-acts")).to_be_visible()
    if not await person.at(f"do-{name}").is_visible():
        await person.at("do-more").click()
    await person.at(f"do-{name}").locator("visible=true").click()
    if name in ("sign", "begin"):
        return
    await expect(person.at("act-dialog")).to_be_visible()
    for field, text in texts.items():
        await person.at(f"act-{field}").fill(text)
    await person.at("act-go").click()
    await expect(person.at("act-dialog")).to_be_hidden()


async def is_now(person: Person, state: str) -> None:
    """The ticket on the screen has come so far."""
    await expect(person.at("case-panel")).to_have_attribute("data-state", state)


async def open_from(person: Person, view: str, number: str) -> None:
    """The ticket, from a list of the page 办理."""
    await person.at("nav-handling").click()
    await person.at(f"view-{view}").click()
    await person.at("refresh").click()
    await person.at(f"case-{number}").click()
    await expect(person.at("case-panel")).to_be_visible()


async def due(person: Person, kind: str, time: str) -> None:
    """That deadline runs until then."""
    await expect(person.at(f"due-{kind}")).to_contain_text(time)


def _special(day: date, *, is_off: bool) -> dict[str, Any]:
    return {"day": day.isoformat(), "kind": "holiday" if is_off else "workday", "label": "假期" if is_off else "调休"}


@asynccontextmanager
async def city() -> AsyncIterator[City]:
    """The city at work."""
    async with running(CALLER, {"01": ("1001", "people")}, {}) as hall:
        found = City(hall)
        await found.found()
        yield found
