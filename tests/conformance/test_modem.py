"""Voice modems × every check that applies to them, against simulated makes on pseudo-terminals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from adapters import conformance, conformance_calls, registry
from adapters.conformance_calls import Scene
from adapters.registry import Site
from adapters.telephony import CallOffered, Phone, PhoneKind, TelephonyAdapter
from tests.adapters.modem.bench import SEAT, Bench, settings, soon

Check = Callable[[TelephonyAdapter], Awaitable[None]]
RUNNING: list[Check] = [
    conformance.link_comes_first,
    conformance.cancel_ends_it,
    conformance.unknown_calls_do_no_harm,
    conformance.says_what_it_cannot_do,
]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench("modem-conexant")
    bench.plug_in()
    yield bench
    await bench.unplug()


@pytest.fixture
def modem(bench: Bench, tmp_path: Path) -> TelephonyAdapter:
    return built(bench.end.name, tmp_path)


def built(url: str, folder: Path) -> TelephonyAdapter:
    return registry.build("front", {"kind": "modem", **settings(url, folder)}, Site(state_dir=folder, secret=str))


@pytest.mark.parametrize("check", RUNNING, ids=lambda check: check.__name__)
async def test_a_modem(check: Check, modem: TelephonyAdapter) -> None:
    await check(modem)


async def test_a_dead_link(modem: TelephonyAdapter) -> None:
    await conformance.dead_link_refuses_at_once(modem)


async def test_a_modem_that_is_not_there(tmp_path: Path) -> None:
    await conformance.gone_device_is_link_down(built("/dev/serial/by-id/nobody-has-this", tmp_path))


async def test_every_check_of_a_live_call_that_applies(bench: Bench, modem: TelephonyAdapter) -> None:
    """One telephone on one line: nobody is held, consulted, watched or called outside."""
    applying = [check for check, needed in conformance_calls.NEEDED.items() if needed <= modem.abilities]
    assert [check.__name__ for check in applying] == ["arrange_twice_is_once", "a_message"]
    desk = Phone(PhoneKind.DESK, SEAT)

    async def ring_in() -> None:
        bench.rings()

    for check in applying:
        await conformance_calls.check_live(modem, Scene(phones=(desk, desk, desk), ring_in=ring_in), check)


async def test_its_events_are_facts(bench: Bench, modem: TelephonyAdapter) -> None:
    async with conformance.heard(modem) as events:
        bench.rings()
        await soon(lambda: any(isinstance(each, CallOffered) for each in events), "a call")
    conformance.events_are_facts(modem, events)
