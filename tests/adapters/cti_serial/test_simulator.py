"""The simulated devices and the adapter, byte for byte through real pseudo-terminals and sockets: the same calls."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from adapters import registry
from adapters.cti_serial.built_in import names
from adapters.cti_serial.plugin import PLUGIN
from adapters.cti_serial.simulated_calls import SCRIPTS
from adapters.cti_serial.simulator import simulate
from adapters.errors import LinkDown, Misconfigured
from adapters.registry import Rehearsal
from adapters.telephony import (
    CallerIdentified,
    CallFact,
    CallOffered,
    CallReleased,
    DeviceEvent,
    LinkUp,
    SeatAnswered,
    TelephonyAdapter,
)

CALLS = 5
LINES = {f"LINE{number}": number for number in range(1, 5)}
TELLS_ANSWERS = {"fritz", "whozz", "ncid", "panasonic", "panasonic-tcp", "avaya-ipo", "hipath", "shenou"}


def adapter_for(url: str, dialect: str) -> TelephonyAdapter:
    def no_secret(reference: str) -> str:
        raise Misconfigured(reference)

    table = {"kind": "cti-serial", "wires": {"w": {"url": url, "dialect": dialect, "ports": LINES}}, "alone_seconds": 5}
    site = registry.Site(state_dir=Path("/nowhere"), secret=no_secret)
    return registry.build("box-1", {**table, "ring_gap_seconds": 2}, site)


async def heard_and_done(dialect: str, tcp: int | None) -> tuple[list[DeviceEvent], list[dict[str, Any]]]:
    """What the adapter reports while a simulated device has its calls, and what that device says of them."""
    events: list[DeviceEvent] = []
    ledger: list[dict[str, Any]] = []
    address = asyncio.get_running_loop().create_future()
    listening = asyncio.Event()

    def hear(event: DeviceEvent) -> None:
        events.append(event)
        listening.set()

    async def play() -> None:
        await simulate(
            Rehearsal(
                dialect=dialect,
                calls=CALLS,
                per_minute=600,
                seed=7,
                speed=100,
                tcp=tcp,
                link=None,
                ready=address.set_result,
                tell=lambda what: ledger.append(dict(what)),
            )
        )

    device = asyncio.create_task(play())
    adapter = asyncio.create_task(adapter_for(await address, dialect).run(hear))
    await asyncio.wait([device, adapter], return_when=asyncio.FIRST_COMPLETED, timeout=60)
    assert device.done()
    device.result()
    with pytest.raises(LinkDown):  # the device is gone with its last call
        await asyncio.wait_for(adapter, 2)
    assert isinstance(events[0], LinkUp)
    return events[1:], ledger


def calls_of(events: list[DeviceEvent]) -> dict[str, list[CallFact]]:
    found = dict[str, list[CallFact]]()
    for event in events:
        assert isinstance(event, CallFact)
        found.setdefault(event.call, []).append(event)
    return found


def numbers(facts: list[CallFact]) -> set[str]:
    return {fact.caller for fact in facts if isinstance(fact, CallOffered | CallerIdentified) and fact.caller}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played() -> Mapping[str, tuple[list[DeviceEvent], list[dict[str, Any]]]]:
    """Every dialect, all at the same time."""
    tcp = {"avaya-ipo": 0, "panasonic-tcp": 0}
    results = await asyncio.gather(*(heard_and_done(dialect, tcp.get(dialect)) for dialect in SCRIPTS))
    return dict(zip(SCRIPTS, results, strict=True))


@pytest.mark.parametrize("dialect", sorted(SCRIPTS))
def test_every_call_that_was_is_heard(dialect: str, played: Mapping[str, Any]) -> None:
    """No call less, none more, each with its number and, where the device can tell, with its answer and end."""
    events, ledger = played[dialect]
    assert len(ledger) == CALLS
    done: Mapping[str, Any] = {each["call"]["number"]: each["call"] for each in ledger if each["bytes"]}
    calls = calls_of(events)
    assert sorted(number for facts in calls.values() for number in numbers(facts)) == sorted(done)
    assert len({event.event_id for event in events}) == len(events)
    for facts in calls.values():
        (number,) = numbers(facts)
        answers = [fact for fact in facts if isinstance(fact, SeatAnswered)]
        ends = [fact for fact in facts if isinstance(fact, CallReleased)]
        if dialect in TELLS_ANSWERS:
            assert len(answers) == (done[number]["answered"] is not None)
            assert [fact.inferred for fact in ends] == [False]
        else:
            assert not answers


def test_every_dialect_has_a_simulator() -> None:
    assert set(PLUGIN.simulated) == set(names())
