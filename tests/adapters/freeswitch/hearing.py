"""What the adapter makes of a FreeSWITCH that says such things."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.freeswitch.adapter import Freeswitch
from adapters.freeswitch.plugin import PLUGIN
from adapters.freeswitch.simulated_calls import SCRIPTS, Headers, Ringing, Script, body
from adapters.registry import Site
from adapters.telephony import AdapterName, DeviceEvent

BEGAN = 1_773_460_800_000_000
"""2026-03-14 12:00 in Shanghai."""
NOON = datetime.fromtimestamp(BEGAN / 1_000_000, UTC)


def listening(secret: Callable[[str], str] = lambda reference: "ClueCon", **more: Any) -> Freeswitch:
    """An adapter for the simulator's hotline."""
    table = {"password": "env:ESL", "queues": ["12348@default"], "numbers": ["12348"], **more}
    site = Site(state_dir=Path("/nowhere"), secret=secret)
    built = PLUGIN.build(AdapterName("fs"), PLUGIN.settings.model_validate(table), site)
    assert isinstance(built, Freeswitch)
    return built


def call(kind: str, number: int = 0) -> Ringing:
    """Rings for 3 seconds, is answered after 8, is over after 60."""
    return Ringing(
        uuid=f"503d2093-45f8-4156-bed5-{number:012x}",
        number=f"1380013{number:04}",
        kind=kind,
        seat="8001",
        second="8002",
        began=BEGAN,
        rings=3.0,
        answered=8.0,
        over=60.0,
    )


def script(kind: str, number: int = 0) -> Script:
    """What is said of such a call."""
    return SCRIPTS[kind](call(kind, number))


def after(seconds: float) -> datetime:
    """So long after the call began, by our own clock."""
    return NOON + timedelta(seconds=seconds)


def heard(adapter: Freeswitch, said: Iterable[tuple[float, Headers]]) -> list[DeviceEvent]:
    """The facts, each event heard at once."""
    return [fact for at, event in said for fact in adapter.decode(body(event), after(at)).events]


def told(facts: Iterable[DeviceEvent]) -> list[tuple[str, str]]:
    """Kinds of facts, each with its seat, its reason or who ended it."""
    names = ("seat", "by", "digits")
    return [
        (type(fact).__name__, next((str(found) for name in names if (found := getattr(fact, name, None))), ""))
        for fact in facts
    ]
