"""Another hotline hands cases to us: the peer as a program, over real HTTP; each a ticket once, and they hear of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from adapters.bridge import IncomingCase
from adapters.bridges.peer_serving import listening
from hotline.api import bridge_callbacks
from hotline.clock import WallClock
from hotline.handovers.incoming import CUT, draft
from hotline.handovers.telling import NewsTeller
from hotline.people.permissions import Role
from hotline.store.tables import INCOMING_CASES, TICKETS
from tests.adapters.bridges.stage import PATIENCE_SECONDS, program
from tests.api.site import Site
from tests.handovers.far import Far, to_http

SCENARIO = "hand_in = 3\nduplicate_news = 1\n"


async def test_handed_in_once_and_told_what_became_of_it(site: Site, tmp_path: Path) -> None:
    scenario = tmp_path / "s.toml"
    scenario.write_text(SCENARIO, "utf-8")
    site.app.router.routes[:0] = bridge_callbacks.ROUTES
    site.app.state.clock, site.app.state.bridges = WallClock(), {}
    async with listening(site.app) as port:
        callback = f"http://127.0.0.1:{port}/api/v1/bridges/h1-city/callback"
        async with program(tmp_path, "--scenario", str(scenario), "--callback", callback) as (url, _):
            bridge = to_http(tmp_path, url)
            site.app.state.bridges = {"h1-city": (bridge, "h1")}
            async with asyncio.timeout(PATIENCE_SECONDS):
                while [each["tries"] > 1 and each["their_no"] != "" for each in handed_in(tmp_path)] != [True] * 3:
                    await asyncio.sleep(0.05)
            assert "DUPLICATE" in {each["said"] for each in handed_in(tmp_path)}
            numbers = [each["their_no"] for each in handed_in(tmp_path)]
            async with site.engine.connect() as conn:
                made = (await conn.execute(select(TICKETS.c.number).where(TICKETS.c.channel == "hotline"))).scalars()
                assert sorted(made) == sorted(numbers)
            site.app.state.clock = site.clock
            async with site.browser(Role.SUPERVISOR) as client:
                ticket = (await client.get(f"/tickets/{numbers[0]}")).json()
            assert (ticket["channel"], ticket["state"], ticket["operator"]) == ("hotline", "open", None)
            assert ticket["facts"].startswith("【对方编号】PEER-OWN-000001\n【对方分类】劳动争议")
            assert "13900139000" not in str(ticket)
            teller = NewsTeller(
                site.engine, bridge, hall="h1", hall_label="h1大厅", clock=WallClock(), leading=lambda: True
            )
            assert await teller.look() == 0  # open: they have our number, and that is all
            ends = (
                {"state": "closed", "opinion": "已指派律师"},
                {"state": "not_accepted", "ended_reason": "不属于受理范围"},
                {"state": "dispatched"},
            )
            async with site.engine.begin() as conn:
                for number, end in zip(numbers, ends, strict=True):
                    await conn.execute(update(TICKETS).where(TICKETS.c.number == number).values(**end))
            assert [await teller.look(), await teller.look()] == [3, 0]
            await bridge.close()
    heard = Far.ledger_of(tmp_path)["heard"]
    assert [(each["kind"], each["text"]) for each in heard] == [
        ("done", "已指派律师"),
        ("returned", "不属于受理范围"),
        ("accepted", ""),
    ]
    async with site.engine.connect() as conn:
        i = INCOMING_CASES.c
        told = Counter([tuple(row) for row in await conn.execute(select(i.told, i.over))])
    assert told == {("done", True): 1, ("returned", True): 1, ("accepted", False): 1}


def handed_in(folder: Path) -> list[dict[str, Any]]:
    """What the other side knows of the cases that it handed to us."""
    return Far.ledger_of(folder)["handed"]


async def test_what_is_not_a_case_is_refused(site: Site, tmp_path: Path) -> None:
    site.app.router.routes[:0] = bridge_callbacks.ROUTES
    site.app.state.bridges = {"h1-city": (to_http(tmp_path, "http://127.0.0.1:9"), "h1")}
    async with site.client() as client:
        for path, code in (("/bridges/h1-city/cases", "bad_signature"), ("/bridges/nowhere/cases", "no_such_bridge")):
            refused = await client.post(path, content=b"{}")
            assert refused.json()["code"] == code


def test_what_they_answered_does_not_push_the_facts_out() -> None:
    case = IncomingCase(key="A-1", facts="事" * 9_000, answered="答" * 9_000, title="题" * 200, reason="由" * 200)
    facts = draft(case).facts
    assert isinstance(facts, str)
    assert facts.endswith("事" * 9_000)
    assert CUT in facts
    assert len(facts) <= 10_000
