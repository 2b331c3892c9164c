"""Was anything lost? The stored history, the ledgers of both other ends, and the desks, looked at after a failure."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from hotline.verify import Delivered, LedgerRow, compare_delivered, compare_ledger, read_calls, verify
from hotline.verify.verdict import Check
from tests.failure.rig import GATEWAY, HALL, LINE, Rig, overlaps

TOLERANCE = timedelta(seconds=25)
"""What happens while the service is down is learnt when it is back, and dated then."""


async def history_holds(rig: Rig, live: dict[str, set[str]] | None = None) -> None:
    """`hotline verify` finds nothing."""
    verdict = await verify(await rig.database_url(), hall=HALL, live=live)
    told = [f"{check.id} {check.title}: {broken}" for check in verdict.checks for broken in check.broken]
    assert verdict.ok, "\n".join(told)


async def nobody_signed_off(rig: Rig) -> None:
    """Every seat still has its operator, and every console its session."""
    answer = await rig.board.client.get("/seats")
    assert answer.status_code == 200, answer.text
    seats = {seat["number"]: seat for seat in answer.json()["items"]}
    away = {number: seats[number]["state"] for number in rig.seats if seats[number]["work_number"] != rig.seats[number]}
    assert not away, away
    assert not any(4401 in console.codes for console in rig.consoles)


async def served(rig: Rig, waiting: set[str], seconds: float) -> None:
    """Each of those callers gets a person, or has hung up."""
    until = time.monotonic() + seconds
    while True:
        lines = await rig.lines()
        left = {key for key in waiting if lines.get(key) is False}
        if not left:
            break
        assert time.monotonic() < until, f"not served within {seconds} s: {left}"
        await asyncio.sleep(0.05)
    nobody_dropped(rig, waiting)


def nobody_dropped(rig: Rig, callers: set[str]) -> None:
    """Of those callers, everybody whose call is over had a person: they are patient."""
    released = {row["call"]: row for row in _lines(rig.line_ledger) if row["kind"] == "call"}
    unserved = [key for key in callers if key in released and released[key]["outcome_hint"] == "unanswered"]
    assert not unserved, f"hung up unserved: {unserved}"


async def settled(rig: Rig, seconds: float = 30.0) -> None:
    """Nobody rings any more; everybody is served or hangs up; then everything must agree."""
    await rig.ask_line("drain", seconds=6.0)
    until = time.monotonic() + seconds
    while (lines := await rig.lines()) or await _live(rig):
        assert time.monotonic() < until, f"still live: outside {lines}, in the hall {await _live(rig)}"
        await asyncio.sleep(0.1)
    await history_holds(rig, live={LINE: set()})
    await ledgers_agree(rig)


async def ledgers_agree(rig: Rig) -> None:
    """Both other ends tell the same of every call, and what was acknowledged is there."""
    url = await rig.database_url()
    since, away = None, list[tuple[datetime, datetime]]()
    rows = list[LedgerRow]()
    for entry in _lines(rig.line_ledger):
        match entry["kind"]:
            case "gone":
                since = datetime.fromisoformat(entry["at"])
            case "connected" if since is not None:
                away.append((since, datetime.fromisoformat(entry["at"])))
                since = None
            case "call":
                rows.append(_row(entry))
            case _:
                pass
    # Who came and went while nobody was on the line is known to the telephone system alone.
    known = {call.key for call in await read_calls(url, hall=HALL, adapter=LINE)}
    rows = [
        row
        for row in rows
        if row.call in known or row.released_at is None or not overlaps(row.offered_at, row.released_at, away)
    ]
    _holds(compare_ledger(rows, await read_calls(url, hall=HALL, adapter=LINE), tolerance=TOLERANCE))
    if rig.gateway_ledger.exists():
        pushed = _lines(rig.gateway_ledger)
        calls = [_row(entry) for entry in pushed if entry["kind"] == "call"]
        stored = [call for call in await read_calls(url, hall=HALL, adapter=GATEWAY) if not call.key.startswith("old-")]
        _holds(compare_ledger(calls, stored, tolerance=timedelta(seconds=3)))
        kept = [Delivered(adapter=GATEWAY, event_id=e["id"]) for e in pushed if e.get("acknowledged")]
        assert kept
        _holds(await compare_delivered(url, kept))


async def stops_cleanly(rig: Rig, seconds: float = 8.0) -> float:
    """SIGTERM ends it in time, with exit code 0, and leaves no process of the database behind."""
    service = rig.service
    began = time.monotonic()
    service.signal(signal.SIGTERM)
    code = await service.gone(seconds)
    took = time.monotonic() - began
    assert code == 0, f"exit code {code}:\n{service.tail()}"
    assert not rig.servers(), "the database's processes are still there"
    return took


def _row(entry: dict[str, Any]) -> LedgerRow:
    answered = entry.get("answered_at") or entry.get("answered")
    hint = entry.get("outcome_hint") or ("answered" if entry["outcome"] == "answered" else "unanswered")
    return LedgerRow(
        call=entry["call"],
        offered_at=datetime.fromisoformat(entry.get("offered_at") or entry["offered"]),
        answered_at=datetime.fromisoformat(answered) if answered else None,
        released_at=datetime.fromisoformat(entry.get("released_at") or entry["released"]),
        outcome_hint=hint,
    )


def _holds(check: Check) -> None:
    assert not check.broken, "\n".join(map(str, check.broken))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def _live(rig: Rig) -> list[str]:
    connection = await asyncpg.connect(await rig.database_url())
    try:
        return [row["id"] for row in await connection.fetch("SELECT id FROM calls WHERE state <> 'ended'")]
    finally:
        await connection.close()
