"""Callers whose line rings only some phones: who waits beside a seat that it cannot ring was not passed over; who was
offered to such a seat was offered to the wrong one."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest
from msgspec.structs import replace

from adapters.telephony import PhoneKind, Reach
from hotline.hall import work as work_sheet
from hotline.hall.rules import HallRules
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.verify import as_text, verify
from hotline.verify.verdict import Check, Verdict
from tests.verify.history import make_history
from tests.verify.the_hall import CARD, DAY_BEGINS, RULES

DESK = frozenset({PhoneKind.DESK})
MIXED = replace(RULES, reaches={CARD: {None: Reach(kinds=DESK, extensions=frozenset({"8001", "8002"}))}})
"""The stations of a card; four seats sit in the hall, two of them at telephones of another line."""
BY_KIND = replace(RULES, reaches={CARD: {None: Reach(kinds=DESK, elsewhere=frozenset({"8003", "8004"}))}})


def waits(verdict: Verdict) -> Check:
    return next(check for check in verdict.checks if check.id == 10)


@pytest.mark.parametrize("rules", [MIXED, BY_KIND], ids=["named", "elsewhere"])
async def test_who_could_not_be_offered_to_a_seat_was_not_passed_over(
    rules: HallRules, database: Database, seal: Seal
) -> None:
    await make_history(database, seal, calls=60, gateway_calls=0, hours=0.3, rules=rules)
    for since in (None, DAY_BEGINS + timedelta(minutes=5)):
        verdict = await verify(database.url, since=since)
        assert verdict.ok, as_text(verdict)
        assert waits(verdict).checked > 20
    connection = await asyncpg.connect(database.url)
    try:
        rung = await connection.fetch("SELECT DISTINCT seat FROM journal WHERE type = 'SeatOffered' ORDER BY seat")
        assert [row["seat"] for row in rung] == ["01", "02"]
        await connection.execute("ALTER TABLE journal DISABLE TRIGGER USER")
        await connection.execute("UPDATE journal SET data = data - 'reach' WHERE type = 'CallQueued'")
    finally:
        await connection.close()
    verdict = await verify(database.url)
    assert "空闲坐席（03、04）而仍等待" in as_text(verdict), "it is the line's reach that excuses"


async def test_an_offer_to_a_seat_out_of_reach_is_found(
    database: Database, seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_sheet, "within", lambda reach, seat: True)
    await make_history(database, seal, calls=20, hours=0.1, rules=MIXED)
    found = [broken.detail for broken in waits(await verify(database.url)).broken]
    assert any("派发给来电线路呼不到的坐席 03（desk 8003）" in told for told in found)
