"""Which figures are there? `hotline bench` takes them one after the other and prints each as soon as it is there."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec

from adapters.errors import Misconfigured
from hotline import log
from hotline.bench import (
    backlog,
    commit,
    decide,
    handover,
    handover_drain,
    history,
    offer,
    ports,
    report_day,
    screen,
    simulated_day,
    sip,
    softphone,
    tickets,
    waiting,
    wire_journal,
    wires,
)
from hotline.bench.machine import favour
from hotline.bench.row import Row, as_text
from hotline.bench.runs import Bench

Measure = Callable[[Bench], Awaitable[list[Row]]]

FIGURES: Final[Mapping[str, Measure]] = {
    "decide": decide.measure,
    "commit": commit.measure,
    "event_to_screen": screen.measure,
    "event_to_offer": offer.measure,
    "seat_free_to_offer": backlog.measure,
    "sip_invite_to_ring": sip.measure_ring,
    "softphone_ring": softphone.measure,
    "transfer_setup": handover.measure,
    "handover_drain": handover_drain.measure,
    "full_cycles": sip.measure_cycles,
    "waiting_cost": waiting.measure,
    "simulated_day": simulated_day.measure,
    "report_day": report_day.measure,
    "ticket_save": tickets.measure,
    "memory_per_million_calls": history.measure,
    "wire_frames": wires.measure,
    "wire_to_journal": wire_journal.measure,
    "ports_at_once": ports.measure_talking,
    "idle_port_cpu": ports.measure_idle,
}

GIVEN_WITH: Final[Mapping[str, str]] = {
    "passed_over": "seat_free_to_offer",
    "three_way_setup": "transfer_setup",
    "ticket_search": "ticket_save",
}
"""Figures that another one's runs give as well."""


async def run_bench(
    only: list[str] | None, show: Callable[[str], None] | None, *, runs: int = 3, tiny: bool = False
) -> list[dict[str, Any]]:
    """Take these figures (None: all); every row as a dictionary. `show` gets each row's text when it is there.

    `only` names ids; `id:N` sets the number of calls where a figure has one. What cannot be measured on this machine
    (no SIPp, no Asterisk) is a row without figures whose note says why. Raises `Misconfigured` for an unknown id.
    """
    log.configure("text", level="ERROR")
    favour(os.getpid())
    rows: list[Row] = []
    for name, calls in _chosen(only):
        async with Bench(runs=runs, tiny=tiny, calls=calls) as bench:
            bench.at(name)
            try:
                made = await FIGURES[name](bench)
            except Misconfigured as error:
                made = [Row(id=name, unit="", note=f"未测：{error}")]
            bench.progress("")
        rows += made
        if show is not None:
            for row in made:
                show(as_text(row))
    return [msgspec.to_builtins(row) for row in rows]


def _chosen(only: list[str] | None) -> list[tuple[str, int | None]]:
    if not only:
        return [(name, None) for name in FIGURES]
    chosen: list[tuple[str, int | None]] = []
    for each in only:
        named, _, calls = each.strip().partition(":")
        name = GIVEN_WITH.get(named, named)
        if name not in FIGURES or (calls and not calls.isdecimal()):
            raise Misconfigured(f"没有名为 {each!r} 的指标（已有：{'、'.join(FIGURES)}）")
        chosen.append((name, int(calls) if calls else None))
    return chosen
