"""Every adapter × every check, against its own simulator or the real thing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from adapters import conformance, registry
from adapters.asterisk.rig import Rig, RigOptions, running
from adapters.registry import Site
from adapters.telephony import TelephonyAdapter

SECRET = "whsec_" + "c29tZS1zZWNyZXQtb2YtdGhpcnR5LXR3by1ieXRlcyE="
Check = Callable[[TelephonyAdapter], Awaitable[None]]

RUNNING: list[Check] = [
    conformance.link_comes_first,
    conformance.cancel_ends_it,
    conformance.unknown_calls_do_no_harm,
]


def site(folder: Path) -> Site:
    """A place that knows one secret."""
    return Site(state_dir=folder, secret=lambda reference: SECRET)


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """A real Asterisk without callers."""
    with running(RigOptions(desk=1, prompts=False)) as started:
        yield started


@pytest.fixture
def simulated(tmp_path: Path) -> TelephonyAdapter:
    return registry.build("sim", {"kind": "simulated", "seed": 1, "calls_per_hour": 72000.0}, site(tmp_path))


@pytest.fixture
def pushed(tmp_path: Path) -> TelephonyAdapter:
    return registry.build("gw", {"kind": "gateway-push", "secrets": ["file:any"]}, site(tmp_path))


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


@pytest.mark.asterisk
@pytest.mark.parametrize("check", RUNNING, ids=lambda check: check.__name__)
async def test_asterisk(check: Check, asterisk: TelephonyAdapter) -> None:
    await check(asterisk)


@pytest.mark.parametrize("name", ["simulated", "pushed", "asterisk"])
async def test_dead_links(name: str, request: pytest.FixtureRequest) -> None:
    await conformance.dead_link_refuses_at_once(request.getfixturevalue(name))


async def test_an_asterisk_that_is_not_there(tmp_path: Path) -> None:
    nowhere = {"kind": "asterisk", "url": "http://127.0.0.1:9", "password": "file:any"}
    await conformance.gone_device_is_link_down(registry.build("card", nowhere, site(tmp_path)))


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
