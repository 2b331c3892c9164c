"""Every adapter × every check, against its own simulator or the real thing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from standardwebhooks import Webhook

from adapters import conformance, conformance_calls, registry
from adapters.asterisk.rig import Rig, RigOptions, SeatPlan, running
from adapters.asterisk.rig.sipp import start_seats
from adapters.conformance_calls import LiveCheck, Scene
from adapters.cti_serial.simulated_calls import SCRIPTS, Ringing
from adapters.registry import Site
from adapters.telephony import Command, Phone, PhoneKind, TelephonyAdapter
from tests.adapters.wire.device import Device

SECRET = "whsec_" + "c29tZS1zZWNyZXQtb2YtdGhpcnR5LXR3by1ieXRlcyE="
Check = Callable[[TelephonyAdapter], Awaitable[None]]

RUNNING: list[Check] = [
    conformance.link_comes_first,
    conformance.cancel_ends_it,
    conformance.unknown_calls_do_no_harm,
    conformance.says_what_it_cannot_do,
]
LIVE: list[LiveCheck] = list(conformance_calls.NEEDED)
OUTSIDE = "110"
OUTSIDE_MEDIA_PORT = 26_000


def site(folder: Path) -> Site:
    """A place that knows one secret."""
    return Site(state_dir=folder, secret=lambda reference: SECRET)


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """A real Asterisk without callers; its desk phones and the numbers outside pick up at once."""
    with running(RigOptions(desk=3, prompts=False, outside=True)) as started:
        started.phones("desk")
        out = start_seats(
            SeatPlan(),
            local=started.outside,
            media_port=OUTSIDE_MEDIA_PORT,
            folder=started.folder / "sipp",
            name="outside",
        )
        try:
            yield started
        finally:
            out.stop()


@pytest.fixture
def simulated(tmp_path: Path) -> TelephonyAdapter:
    settings = {"kind": "simulated", "seed": 1, "calls_per_hour": 72000.0, "workday": False}  # as many at night
    return registry.build("sim", settings, site(tmp_path))


@pytest.fixture
def patient(tmp_path: Path) -> TelephonyAdapter:
    """Callers who wait for minutes, phones that are picked up at once."""
    settings = {
        "kind": "simulated",
        "seed": 1,
        "calls_per_hour": 7200.0,
        "workday": False,
        "mean_patience_seconds": 5000.0,
        "mean_talk_seconds": 5000.0,
        "lawyers": ["8001"],
        "mean_pick_up_seconds": 0.05,
        "no_answer": 0.0,
        "outside": {OUTSIDE: {"after_seconds": 0.1}, "13800270501": {"after_seconds": 0.1}},
    }
    return registry.build("sim", settings, site(tmp_path))


@pytest.fixture
def pushed(tmp_path: Path) -> TelephonyAdapter:
    return registry.build("gw", {"kind": "gateway-push", "secrets": ["file:any"]}, site(tmp_path))


@pytest.fixture
def device() -> Iterator[Device]:
    device = Device()
    yield device
    device.unplug()


@pytest.fixture
def listening(device: Device, tmp_path: Path) -> TelephonyAdapter:
    return registry.build("box", lines(device.url, "whozz"), site(tmp_path))


def lines(url: str, dialect: str) -> dict[str, Any]:
    wire = {"url": url, "dialect": dialect, "ports": {f"LINE{number}": number for number in range(1, 5)}}
    return {"kind": "cti-serial", "wires": {"w": wire}}


@pytest.fixture
def asterisk(rig: Rig, tmp_path: Path) -> TelephonyAdapter:
    from hotline.settings_used import secret

    return registry.build("card", dict(rig.settings()), Site(state_dir=tmp_path, secret=secret))


@pytest.mark.parametrize("check", RUNNING, ids=lambda check: check.__name__)
async def test_simulated(check: Check, simulated: TelephonyAdapter) -> None:
    await check(simulated)


@pytest.mark.parametrize("check", RUNNING, ids=lambda check: check.__name__)
async def test_gateway(check: Check, pushed: TelephonyAdapter) -> None:
    await check(pushed)


@pytest.mark.parametrize("check", RUNNING, ids=lambda check: check.__name__)
async def test_listening(check: Check, listening: TelephonyAdapter) -> None:
    await check(listening)


@pytest.mark.parametrize("dialect", sorted(SCRIPTS))
def test_what_is_heard(dialect: str, tmp_path: Path) -> None:
    began = datetime(2026, 3, 14, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    call = Ringing(line=1, number="13800138000", seat="8001", began=began, answered=12.0, over=70.0)
    said = b"".join(data for _, data in sorted(SCRIPTS[dialect](call), key=lambda each: each[0]))
    conformance.hears_in_any_pieces(
        lambda: registry.build("box", lines("/dev/null", dialect), site(tmp_path)), "w", said
    )


@pytest.mark.asterisk
@pytest.mark.parametrize("check", RUNNING, ids=lambda check: check.__name__)
async def test_asterisk(check: Check, asterisk: TelephonyAdapter) -> None:
    await check(asterisk)


@pytest.mark.parametrize("check", LIVE, ids=lambda check: check.__name__)
async def test_simulated_calls(check: LiveCheck, patient: TelephonyAdapter) -> None:
    async def nothing_to_do() -> None:
        """Somebody rings every second anyway."""

    desks = (Phone(PhoneKind.SIMULATED, "8001"), Phone(PhoneKind.MOBILE, "13800270501"))
    await conformance_calls.check_live(
        patient,
        Scene(phones=(*desks, Phone(PhoneKind.SIMULATED, "8002")), ring_in=nothing_to_do, outside=OUTSIDE),
        check,
    )


def test_one_of_each_command() -> None:
    assert {type(command) for command in conformance.every_command()} == set(get_args(Command))


@pytest.mark.asterisk
@pytest.mark.parametrize("check", LIVE, ids=lambda check: check.__name__)
async def test_asterisk_calls(check: LiveCheck, asterisk: TelephonyAdapter, rig: Rig) -> None:
    async def ring_in() -> None:
        rig.callers(first=13_900_000_000 + LIVE.index(check) * 100)

    one, two, three = (Phone(PhoneKind.DESK, extension) for extension in rig.extensions()[:3])
    try:
        await conformance_calls.check_live(
            asterisk, Scene(phones=(one, two, three), ring_in=ring_in, outside=OUTSIDE), check
        )
    finally:
        rig.hang_up_all()


@pytest.mark.parametrize("name", ["simulated", "pushed", "listening", "asterisk"])
async def test_dead_links(name: str, request: pytest.FixtureRequest) -> None:
    await conformance.dead_link_refuses_at_once(request.getfixturevalue(name))


async def test_an_asterisk_that_is_not_there(tmp_path: Path) -> None:
    nowhere = {"kind": "asterisk", "url": "http://127.0.0.1:9", "password": "file:any"}
    await conformance.gone_device_is_link_down(registry.build("card", nowhere, site(tmp_path)))


async def test_a_wire_that_is_not_there(tmp_path: Path) -> None:
    nowhere = lines("/dev/serial/by-id/usb-nobody-has-this", "whozz")
    await conformance.gone_device_is_link_down(registry.build("box", nowhere, site(tmp_path)))


async def test_simulated_events_are_facts(simulated: TelephonyAdapter) -> None:
    async with conformance.heard(simulated) as events:
        deadline = asyncio.get_running_loop().time() + 10
        while len(events) < 20 and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
    assert len(events) >= 20
    conformance.events_are_facts(simulated, events)


def test_pushes(pushed: TelephonyAdapter) -> None:
    body = (
        b'{"events":[{"id":"1","type":"call.offered","at":"2026-11-21T02:13:05.120+08:00","call":"gw1-1"},'
        b'{"id":"2","type":"call.released","at":"2026-11-21T02:14:05+08:00","call":"gw1-1","by":"caller"}]}'
    )

    def sign(signed: bytes) -> dict[str, str]:
        now = datetime.now(UTC)
        return {
            "webhook-id": "m",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(SECRET).sign("m", now, signed.decode()),
        }

    conformance.pushes_are_pure(pushed, body, sign)
