"""The page of the lines: a real wire on TCP is pulled out and put back, a gateway's port breaks, raw bytes are read."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, Locator, expect

from adapters.cti_serial import simulated_bytes
from tests.console.browser import Person, window
from tests.console.hall import ConsoleHall, running, until
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
NUMBER, MASKED = "13800138000", "138****8000"

LINES = """
[adapters.box-1]
kind = "cti-serial"
dialled = "12348"
down_alarm_seconds = 2

[adapters.box-1.wires.m]
url = "socket://127.0.0.1:<port>"
dialect = "fritz"

[adapters.gw-1]
kind = "gateway-push"
dialect = "standard"
secrets = ["file:<home>/gw-1"]
"""


BY_HAND = """
[adapters.box-2]
kind = "cti-serial"
dialled = "12348"
seats = { 1 = "8101" }
ring_gap_seconds = 2

[adapters.box-2.wires.m]
url = "socket://127.0.0.1:<port>"
dialect = "modem"
"""


class Monitor:
    """A call monitor on TCP: whoever connects hears it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()

    async def plug_in(self) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._clients.add(writer)
            await reader.read()

        self._server = await asyncio.start_server(serve, "127.0.0.1", self.port)

    def say(self, data: bytes) -> None:
        for each in self._clients:
            each.write(data)

    async def pull_out(self) -> None:
        assert self._server is not None
        self._server.close()
        for each in self._clients:
            each.transport.abort()
        self._clients.clear()


@asynccontextmanager
async def watched() -> AsyncIterator[tuple[ConsoleHall, Monitor]]:
    monitor = Monitor(free_port())
    await monitor.plug_in()
    try:
        async with running(LINES.replace("<port>", str(monitor.port)), {}, {}) as hall:
            yield hall, monitor
    finally:
        await monitor.pull_out()


async def state_is(line: Locator, state: str) -> None:
    await expect(line).to_have_attribute("data-state", state, timeout=30_000)


async def test_a_wire_is_pulled_out_and_the_page_says_so(browser: Browser) -> None:
    async with watched() as (hall, monitor), window(browser, hall, size=(1280, 800)) as person:
        await person.sign_in("9001")
        await person.at("nav-lines").click()
        line = person.at("line-box-1")
        await state_is(line, "up")
        await expect(person.at("line-gw-1")).to_have_attribute("data-state", "pushed")
        await it_says_what_it_heard(person, hall, monitor)

        await monitor.pull_out()
        await state_is(line, "down")
        await expect(line.get_by_test_id("alarm-link_down")).to_be_visible(timeout=30_000)
        await expect(line.get_by_test_id("alarm-link_down")).to_contain_text("连接中断")
        await expect(person.at("lines-badge")).to_have_text("1")
        await person.at("nav-live").click()
        await expect(person.at("link-box-1")).to_contain_text("连接中断")
        await expect(person.at("link-gw-1")).to_contain_text("只接收推送")
        await the_log_tells_the_line(person)
        await person.at("nav-live").click()

        await monitor.plug_in()
        await expect(person.at("link-box-1")).to_contain_text("正常", timeout=60_000)
        await expect(person.at("lines-badge")).to_have_count(0)
        await person.at("nav-lines").click()
        await person.at("open-box-1").click()
        await expect(person.at("line-state")).to_have_attribute("data-state", "up")
        history = person.at("line-history").locator("li")
        await expect(history.filter(has_text="解除")).to_contain_text("连接中断")
        await expect(history.filter(has_text="发生")).to_contain_text("连接中断")
        await expect(person.at("line-gaps").get_by_text("m：").first).to_be_visible()
        await expect(person.at("line-gaps").get_by_text("尚未恢复")).to_have_count(0)
        await person.page.keyboard.press("Escape")
        await a_port_breaks(person, hall)


@pytest.mark.long
async def test_who_picks_up_by_hand_says_so(browser: Browser) -> None:
    """At the ring, in wrap-up, and afterwards: the box hears it ring and stop, no more."""
    monitor = Monitor(free_port())
    await monitor.plug_in()
    lines = BY_HAND.replace("<port>", str(monitor.port))
    try:
        async with running(lines, {"01": ("8101", "people")}, {}) as hall, window(browser, hall) as person:
            await person.sign_in("1001")
            await person.at("sit-down").click()
            await expect(person.at("phone-desk")).to_have_attribute("aria-checked", "true")
            await expect(person.at("phone-browser")).to_be_disabled()
            await person.at("sit-go").click()
            await person.state("ready")
            ring = simulated_bytes.modem_ring() + simulated_bytes.modem_caller_id(NUMBER, at=datetime.now(UTC))
            await the_number_comes_late(person, monitor)
            for state in ("ringing", "wrap_up"):
                await person.state(state)
                if state == "wrap_up":
                    monitor.say(ring)
                await expect(person.at("ring-caller")).to_contain_text("138", timeout=10_000)
                await person.at("took").click()
                await person.state("talking")
                await expect(person.at("call-bar")).to_be_visible()
                await until(lambda: silent(hall), 10, "the box has heard the ringing stop")
                await person.state("talking")
                await person.at("hang-up").click()
                await person.state("wrap_up")
            monitor.say(ring)
            await expect(person.at("took")).to_be_visible(timeout=10_000)
            await expect(person.at("stopped")).to_be_visible(timeout=15_000)
            await person.at("took-it").click()
            await expect(person.at("stopped")).to_have_count(0)
            (last,) = await hall.fetch("SELECT ticket FROM calls ORDER BY offered_at DESC LIMIT 1")
            await expect(person.at("ticket-panel")).to_have_attribute("data-number", last["ticket"])
            rows = await hall.fetch("SELECT outcome, answered_seat, inferred FROM calls ORDER BY offered_at")
            assert rows[0]["outcome"] != "answered"
            assert [tuple(row) for row in rows[1:]] == [("answered", "01", True)] * 3
    finally:
        await monitor.pull_out()


@asynccontextmanager
async def ringing(monitor: Monitor) -> AsyncIterator[None]:
    """Rings on and on, however slow the page is."""

    async def ring() -> None:
        while True:
            monitor.say(simulated_bytes.modem_ring())
            await asyncio.sleep(0.5)

    rings = asyncio.create_task(ring())
    try:
        yield
    finally:
        rings.cancel()


async def the_number_comes_late(person: Person, monitor: Monitor) -> None:
    """At the first ring nothing is known; whoever rings twice and is not taken leaves no more than the tab in front."""
    tabs, tickets = person.at("tabs").locator("[data-testid^=tab-]"), list[str]()
    for _ in range(2):
        await person.state("ready", seconds=30)
        async with ringing(monitor):
            await expect(person.at("pop-unknown")).to_be_visible()
            await expect(person.at("spoken")).to_have_text(re.compile("来电，归属地未知，.*接起后按 F2$"))
            monitor.say(simulated_bytes.modem_caller_id(NUMBER, at=datetime.now(UTC)))
            await expect(tabs).to_have_text(re.compile("138"))
            await expect(person.at("field-region")).not_to_have_value("")
            await expect(person.at("pop-times")).to_have_text(f"近 90 天来电 {len(tickets)} 次")
            tickets.append(await person.ticket())
    assert tickets[0] != tickets[1]


async def the_log_tells_the_line(person: Person) -> None:
    """From which line a call came, and the calls of one line alone."""
    await person.at("nav-calls").click()
    log = person.at("calls-table")
    await expect(log).to_contain_text("box-1")
    await person.at("filter-line").click()
    await person.page.get_by_role("option", name="gw-1").click()
    await person.at("search").click()
    await expect(log).to_have_count(0)


async def silent(hall: ConsoleHall) -> bool:
    """Every call that rings no longer is known to go on."""
    rows = await hall.fetch(
        """SELECT count(*) FILTER (WHERE type = 'TakenByHand') = count(*) FILTER (WHERE type = 'ReportIgnored') AS all
           FROM journal WHERE type IN ('TakenByHand', 'ReportIgnored')"""
    )
    return rows[0]["all"]


async def it_says_what_it_heard(person: Person, hall: ConsoleHall, monitor: Monitor) -> None:
    """The last events as sentences, the bytes on request; never the number."""
    at = datetime.now(UTC)
    monitor.say(simulated_bytes.fritz_ring(0, NUMBER, "12348", at=at))
    monitor.say(b"rubbish of 13800138000\r\n")
    await person.at("open-box-1").click()
    facts = person.at("line-facts")
    await expect(facts.get_by_text(f"来电呼入，号码 {MASKED}，拨打 12348")).to_be_visible(timeout=15_000)
    await person.at("raw-load").click()
    frames = person.at("raw-frames")
    await expect(frames).to_contain_text("138******00")
    await expect(frames).to_contain_text("无法识别")
    drawer = person.at("line-drawer")
    assert NUMBER not in await drawer.inner_text()
    await person.at("raw-hex").click()
    await expect(frames).to_contain_text("2a 2a 2a 2a 2a 2a 30 30")
    assert NUMBER.encode().hex(" ") not in re.sub(r"\s+", " ", await frames.inner_text())
    assert not await person.barriers()
    rows = await hall.fetch("SELECT object FROM audit WHERE act = 'line_trace'")
    assert [row["object"] for row in rows] == ["box-1"]
    await person.page.keyboard.press("Escape")
    await expect(facts).to_have_count(0)


async def a_port_breaks(person: Person, hall: ConsoleHall) -> None:
    gateway = person.at("line-gw-1")
    await hall.push(
        {"id": "f1", "type": "port.fault", "port": 3, "at": datetime.now(UTC).isoformat(), "detail": "无回路"}
    )
    await expect(gateway.get_by_test_id("alarm-port_fault")).to_contain_text("端口 3", timeout=15_000)
    assert not await person.barriers()
    await hall.push({"id": "f2", "type": "port.restored", "port": 3, "at": datetime.now(UTC).isoformat()})
    await expect(gateway.get_by_test_id("alarm-port_fault")).to_have_count(0, timeout=15_000)

    async def closed() -> bool:
        rows = await hall.fetch("SELECT ended_at FROM writer_gaps WHERE kind = 'port/3'")
        return len(rows) == 1 and rows[0]["ended_at"] is not None

    await until(closed, 10, "the port's fault is evidence")
