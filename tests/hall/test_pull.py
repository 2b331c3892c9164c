"""Calls whose pushes never came: found in the gateway's own list, once, with their own times."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from adapters.errors import LinkDown, Refused, Undecodable
from adapters.gateway_push.dialects import Dialect
from adapters.gateway_push.plugin import PLUGIN
from adapters.gateway_push.settings import GatewaySettings
from adapters.gateway_push.simulated_answers import listing, routes
from adapters.gateway_push.simulated_call import SimulatedCall, What
from adapters.gateway_push.simulated_list import CallList, served
from adapters.gateway_push.simulated_wire import wire
from adapters.registry import Site
from adapters.telephony import AdapterName, Delivery
from hotline import pull
from hotline.calls.call import CallState
from hotline.cli.rehearse import ask_for_list
from hotline.hall.hall import Hall
from hotline.hall.inputs import Heard
from hotline.pull import PullKeeper
from hotline.runtime import open_runtime
from hotline.settings import HallTable, QueueTable, ServiceTable, Settings
from hotline.store.errors import SpoolFull
from hotline.verify import verify
from tests.hall.kit import VirtualHall

GW = AdapterName("gw-1")
TOKEN = "0123456789abcdef-token"
SECRETS = {"env:TOKEN": TOKEN, "env:PULL": "open-sesame"}
NOW = datetime.now(UTC).replace(microsecond=0)


class Clock:
    """Told the time by the test."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


def calls(count: int) -> list[SimulatedCall]:
    """One after the other, the last some minutes ago; every third caller gave up."""
    found = list[SimulatedCall]()
    for number in range(1, count + 1):
        offered = NOW - timedelta(minutes=7 * (count - number) + 5)
        answered = None if number % 3 == 0 else offered + timedelta(seconds=9)
        call = SimulatedCall(
            number=number, key=f"gw1-{number:06d}", caller=f"1380013{number:04d}", dialled="12348", offered=offered
        )
        call.seat, call.answered = ("8001", answered) if answered else ("", None)
        call.seat_rang = offered + timedelta(seconds=4) if answered else None
        call.released, call.by = offered + timedelta(seconds=69 if answered else 21), "caller"
        found.append(call)
    return found


def pushes(dialect: Dialect, call: SimulatedCall, *, ends: bool = True) -> list[bytes]:
    """What the gateway would have pushed of that call; `ends` false: nothing once it was over."""
    spoken = wire(dialect, secret="", token=TOKEN, zone="Asia/Shanghai")
    said = [What.OFFERED] + ([What.RINGING, What.ANSWERED] if call.answered is not None else [])
    said += [What.RELEASED] if ends else []
    every = enumerate(said, start=1)
    return [each.body for count, what in every for each in spoken.messages(what, call, call.released or NOW, count)]


def table(dialect: Dialect, url: str) -> dict[str, Any]:
    """The gateway's settings."""
    pulled: dict[str, Any] = {"url": url, "username": "admin", "password": "env:PULL"}
    if dialect is Dialect.YEASTAR_S:
        pulled["report_url"] = "10.1.0.5:8348/api/v1/gateways/gw-1/events"
    found: dict[str, Any] = {"dialect": dialect.value, "tokens": ["env:TOKEN"], "pull": pulled}
    return found | ({"not_seats": ["6200"]} if dialect is Dialect.YEASTAR_P else {})


def site(url: str, state: Path, gateway: dict[str, Any]) -> Settings:
    queue = QueueTable(label="人工服务", groups=["all"])
    return Settings(
        halls={"h1": HallTable(label="大厅", default_queue="main", queues={"main": queue})},
        service=ServiceTable(state_dir=state),
        adapters={GW: {"kind": "gateway-push", **gateway}},
        database_url=url,  # pyright: ignore[reportArgumentType]
    )


ROWS = (
    "SELECT key, offered_at, answered_at, ended_at, answered_seat, outcome, backfilled FROM calls"
    " WHERE state = 'ended' ORDER BY offered_at"
)


async def ended(url: str, count: int) -> list[asyncpg.Record]:
    """The calls that are over, once there are so many."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(30):
            while len(rows := await connection.fetch(ROWS)) < count:
                await asyncio.sleep(0.02)
            return rows
    finally:
        await connection.close()


async def test_lost_pushes_are_found_once(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some calls were pushed whole, of some the end is missing, of the others nothing came."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name.removeprefix("env:"), value)
    dialect = Dialect.YEASTAR_P
    monkeypatch.setattr(pull, "FIRST_PAUSE_SECONDS", 0.2)
    every, listed, clock = calls(7), listing(dialect, password=SECRETS["env:PULL"]), Clock()
    clock.time, listed.away = every[0].released or NOW, True
    listed.calls += every
    async with served(listed, routes(dialect, listed)) as url:
        gateway = table(dialect, url)
        async with open_runtime(site(database_url, tmp_path, gateway), clock=clock) as runtime:
            task = asyncio.create_task(runtime.run())
            try:
                hall = runtime.halls["h1"]
                assert await hall.until_led(20)
                for body in pushes(dialect, every[0]):
                    await hall.deliver(GW, body)
                (before,) = await ended(database_url, 1)
                assert not before["backfilled"]
                clock.time = every[1].answered or NOW
                for body in pushes(dialect, every[1], ends=False):
                    await hall.deliver(GW, body)
                clock.time = NOW
                listed.away = False
                rows = await ended(database_url, 7)
                await _settled(hall, listed)
                assert await ended(database_url, 7) == rows, "a second list changes nothing"
                verdict = await verify(database_url, hall="h1")
                assert verdict.ok, [check for check in verdict.checks if check.broken]
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
    assert len(rows) == 7
    assert before in rows, "what was pushed whole stays as it was"
    cut_off = rows[1]
    assert (cut_off["offered_at"], cut_off["answered_at"]) == (every[1].offered, every[1].answered)
    assert (cut_off["ended_at"], cut_off["backfilled"]) == (every[1].released, False)
    lost = [row for row in rows if row["backfilled"]]
    assert [row["offered_at"] for row in lost] == [call.offered for call in every[2:]]
    assert [row["answered_at"] for row in lost] == [call.answered for call in every[2:]]
    assert [row["ended_at"] for row in lost] == [call.released for call in every[2:]]
    assert [row["outcome"] for row in lost] == [
        "answered" if call.answered else "abandoned_menu" for call in every[2:]
    ]  # fmt: skip
    assert sum(row["answered_seat"] == "8001" for row in rows) == 5


async def _settled(hall: Hall, listed: CallList) -> None:
    """The list once more, by a keeper that has seen nothing, and everything decided."""
    asked = len(listed.asked)
    again = PullKeeper(GW, hall.adapters[GW], hall, hall.clock)  # pyright: ignore[reportArgumentType]
    assert await again.once() == 300
    assert len(listed.asked) > asked
    async with asyncio.timeout(10):
        while hall.waiting_inputs:
            await asyncio.sleep(0.01)


# ── any order, any number of times ──

FEW = calls(5)


def gateway(dialect: Dialect, url: str = "http://127.0.0.1:9") -> Any:
    found = GatewaySettings.model_validate(table(dialect, url))
    return PLUGIN.build(GW, found, Site(state_dir=Path(), secret=SECRETS.__getitem__))


async def _pulled(dialect: Dialect) -> list[bytes]:
    listed = listing(dialect, password=SECRETS["env:PULL"])
    listed.calls += FEW
    async with served(listed, routes(dialect, listed)) as url:
        return list(await gateway(dialect, url).pull(NOW - timedelta(days=1), NOW))


@pytest.fixture(scope="module")
def bodies() -> dict[Dialect, list[bytes]]:
    """Everything that is pushed of some calls, and everything that is pulled."""

    async def both(dialect: Dialect) -> list[bytes]:
        return [body for call in FEW for body in pushes(dialect, call)] + await _pulled(dialect)

    return {dialect: asyncio.run(both(dialect)) for dialect in LISTING}


LISTING = [Dialect.DINSTAR, Dialect.YEASTAR_P, Dialect.YEASTAR_S]


def outcomes(dialect: Dialect, told: Iterable[bytes]) -> dict[str, tuple[Any, ...]]:
    """What a hall makes of these: by call, who answered and how it ended."""
    hall, target, known = VirtualHall(), gateway(dialect), set[str]()
    hall.now = NOW
    for body in told:
        for fact in target.decode(body, hall.now).events:
            if fact.event_id not in known:
                known.add(fact.event_id)
                hall.take(Heard(fact))
    assert not hall.state.calls, "all are over"
    assert all(call.state is CallState.ENDED for call in hall.ended.values())
    return {
        key: (call.caller, call.answered_seat, call.answered_at is not None, call.outcome == "answered")
        for key, call in hall.ended.items()
    }


@pytest.mark.parametrize("dialect", LISTING)
@given(seed=st.integers(0, 10_000), lost=st.floats(0, 1))
@settings(max_examples=15, deadline=None)
def test_pushes_and_lists_in_any_order_and_twice_are_the_same_calls(
    bodies: dict[Dialect, list[bytes]], dialect: Dialect, seed: int, lost: float
) -> None:
    """Whatever got lost or came again on the way, each call is in the list at least once."""
    chance, every = random.Random(seed), bodies[dialect]
    pulled = every[-len(FEW) :]
    pushed = [body for body in every[: -len(FEW)] if chance.random() >= lost]
    told = pulled + pushed + chance.sample(every, k=len(every) // 2)
    if lost > 0.5:
        told = pulled + pushed
    chance.shuffle(told)
    assert outcomes(dialect, told) == outcomes(dialect, pulled)
    assert len(outcomes(dialect, pulled)) == len(FEW)


# ── before it goes into service ──


async def test_an_installer_is_told_what_the_list_says() -> None:
    listed = listing(Dialect.DINSTAR, password=SECRETS["env:PULL"])
    listed.calls += calls(7)
    async with served(listed, routes(Dialect.DINSTAR, listed)) as url:
        found = gateway(Dialect.DINSTAR, url)
        assert await ask_for_list(found) == [line(True, "最近 24 小时 7 条，其中来电 7 通，接通 5 通")]
        listed.skew = timedelta(minutes=-3)
        (_, clock) = await ask_for_list(found)
        assert (clock["ok"], "设备时钟慢 1" in clock["words"]) == (False, True)
        listed.password = "another"
        (refused,) = await ask_for_list(found)
        assert refused["words"].startswith("用户名或密码不对")
    (away,) = await ask_for_list(found)
    assert (away["ok"], "连接不上" in away["words"]) == (False, True)


def line(ok: bool, words: str) -> dict[str, Any]:
    return {"ok": ok, "what": "话单查询", "words": words}


# ── when, how much, how often ──


class Device:
    """A list, and what was asked of it."""

    pull_seconds = 300.0

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, datetime]] = []
        self.wrong: Exception | None = None
        self.bodies: list[bytes] = []

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        raise AssertionError("the hall decodes")

    async def pull(self, since: datetime, until: datetime) -> Sequence[bytes]:
        self.asked.append((since, until))
        if self.wrong is not None:
            raise self.wrong
        return self.bodies


class Led:
    """A hall that keeps what it is given."""

    def __init__(self) -> None:
        self.leading = True
        self.unled_since: datetime | None = None
        self.kept: list[bytes] = []
        self.wrong: Exception | None = None

    async def deliver(self, name: AdapterName, body: bytes) -> Delivery:
        if self.wrong is not None:
            raise self.wrong
        self.kept.append(body)
        return Delivery(events=[])


class Stage:
    def __init__(self) -> None:
        self.device, self.hall, self.clock = Device(), Led(), Clock()
        self.keeper = PullKeeper(GW, self.device, self.hall, self.clock)

    async def later(self, minutes: float = 5) -> float:
        self.clock.time += timedelta(minutes=minutes)
        self.device.asked.clear()
        return await self.keeper.once()


async def test_the_last_day_first_then_with_an_overlap() -> None:
    stage = Stage()
    assert await stage.keeper.once() == 300
    asked = stage.device.asked
    assert (asked[0][0], asked[-1][1]) == (NOW - pull.AT_START, NOW - pull.SETTLED)
    assert all(before[1] == after[0] for before, after in pairwise(asked))
    assert max(until - since for since, until in asked) == pull.STRETCH
    await stage.later()
    (since, until) = asked[0]
    assert (until, since) == (stage.clock.time - pull.SETTLED, NOW - pull.SETTLED - pull.OVERLAP)
    assert until - since >= timedelta(minutes=15), "the overlap, and the five minutes"


@pytest.mark.parametrize(
    ("hours", "asked"), [(1, pull.AT_START), (60, timedelta(hours=60) + pull.OVERLAP), (24 * 30, pull.AT_MOST)]
)
async def test_the_service_was_away_for_a_weekend(hours: int, asked: timedelta) -> None:
    stage = Stage()
    stage.hall.unled_since = NOW - timedelta(hours=hours)
    with capture_logs() as logs:
        await stage.keeper.once()
    assert stage.device.asked[0][0] == NOW - asked
    assert len(logs) == (asked == pull.AT_MOST), "that something is missing is told"


async def test_away_is_told_once_and_made_good_from_where_it_was() -> None:
    stage = Stage()
    await stage.keeper.once()
    with capture_logs() as logs:
        stage.device.wrong = LinkDown("no route to host")
        pauses = [await stage.later() for _ in range(8)]
        stage.device.wrong = None
        assert await stage.later() == 300
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (pull.FIRST_PAUSE_SECONDS, 300)
    assert [each["event"] for each in logs] == ["calls cannot be pulled", "calls are pulled again"]
    assert logs[0]["detail"] == "no route to host"
    assert stage.device.asked[0][0] == NOW - pull.SETTLED - pull.OVERLAP
    stage.device.wrong = LinkDown()
    await stage.later(60 * 24 * 30)
    assert stage.device.asked[0][0] == stage.clock.time - pull.AT_MOST


async def test_a_refusal_is_one_warning_and_a_long_pause() -> None:
    stage = Stage()
    stage.device.wrong = Refused("HTTP 401: user name or password")
    with capture_logs() as logs:
        assert [await stage.later() for _ in range(5)] == [pull.REFUSED_SECONDS] * 5
    assert [(each["log_level"], each["detail"]) for each in logs] == [("warning", "HTTP 401: user name or password")]


async def test_what_was_handed_over_is_not_handed_over_again() -> None:
    stage = Stage()
    stage.device.bodies = [b"1", b"2"]
    await stage.keeper.once()
    stage.device.bodies = [b"2", b"3"]
    await stage.later()
    assert stage.hall.kept == [b"1", b"2", b"3"]


async def test_what_could_not_be_kept_comes_again() -> None:
    stage = Stage()
    stage.device.bodies = [b"1"]
    stage.hall.wrong = SpoolFull()
    assert await stage.keeper.once() < 300
    stage.hall.wrong = None
    await stage.later()
    assert (stage.hall.kept, stage.device.asked[0][0]) == ([b"1"], stage.clock.time - pull.AT_START)
    stage.hall.wrong = Undecodable("not JSON")
    stage.device.bodies = [b"{"]
    assert await stage.later() == 300, "kept raw; nothing more can be done"


async def test_a_fault_of_ours_does_not_end_it() -> None:
    stage = Stage()
    stage.device.wrong = ZeroDivisionError()
    with capture_logs() as logs:
        assert [await stage.later(), await stage.later()] == [300, 300]
    assert [each["log_level"] for each in logs] == ["error", "warning"]


async def test_only_who_leads_pulls() -> None:
    stage, slept = Stage(), list[float]()
    stage.hall.leading = False

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        stage.hall.leading = len(slept) > 1
        if len(slept) == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await stage.keeper.run(sleep)
    assert slept == [pull.IDLE_SECONDS, pull.IDLE_SECONDS, 300]
    assert stage.device.asked
