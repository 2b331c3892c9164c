"""The checks that every adapter must pass, against a card: a real driver host, and the stand-in of each library."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from adapters import conformance, conformance_calls
from adapters.card.adapter import CardAdapter
from adapters.card.simulator import STATIONS, TRUNKS, Exchange
from adapters.conformance_calls import LiveCheck, Scene
from adapters.telephony import Ability, Phone, PhoneKind, TelephonyAdapter
from tests.adapters.card.bench import VENDORS, card, running

RUNNING: list[Callable[[TelephonyAdapter], Awaitable[None]]] = [
    conformance.link_comes_first,
    conformance.cancel_ends_it,
    conformance.unknown_calls_do_no_harm,
    conformance.says_what_it_cannot_do,
]
LIVE = [
    check for check, needed in conformance_calls.NEEDED.items() if not needed & {Ability.WATCHES, Ability.RINGS_OUTSIDE}
]


@pytest.fixture(params=VENDORS)
async def exchange(request: pytest.FixtureRequest) -> AsyncIterator[Exchange]:
    async with Exchange(request.param).running() as made:
        made.answers.update(STATIONS[made.vendor])
        yield made


@pytest.fixture
def adapter(exchange: Exchange, tmp_path: Path) -> CardAdapter:
    return card(exchange, tmp_path)


@pytest.mark.parametrize("check", RUNNING, ids=lambda check: check.__name__)
async def test_a_card(check: Callable[[TelephonyAdapter], Awaitable[None]], adapter: CardAdapter) -> None:
    await check(adapter)


@pytest.mark.parametrize("check", LIVE, ids=lambda check: check.__name__)
async def test_calls(check: LiveCheck, exchange: Exchange, adapter: CardAdapter) -> None:
    """Seats are phones on the card's own stations, which are picked up at once."""
    trunks = iter(TRUNKS[exchange.vendor] * 4)

    async def ring_in() -> None:
        exchange.call(next(trunks), "13800138000")

    one, two, three = (Phone(PhoneKind.DESK, f"800{number}") for number in (1, 2, 3))
    await conformance_calls.check_live(adapter, Scene(phones=(one, two, three), ring_in=ring_in), check)


async def test_a_dead_host(adapter: CardAdapter) -> None:
    await conformance.dead_link_refuses_at_once(adapter)


@pytest.mark.parametrize("wrong", [{"library": "/nonexistent/libSHP_A3.so"}, {"config": "/nonexistent/ShConfig.ini"}])
async def test_a_card_that_is_not_there(wrong: dict[str, Any], tmp_path: Path) -> None:
    await conformance.gone_device_is_link_down(card(Exchange("shp_a3"), tmp_path, **wrong))


async def test_facts_are_facts(tmp_path: Path) -> None:
    async with running("shp_a3", tmp_path) as bench:
        await bench.caller()
        bench.exchange.give_up(bench.trunk)
        await bench.caller()
        conformance.events_are_facts(bench.adapter, bench.events)
