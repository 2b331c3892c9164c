"""Incidents at several points of their way, and report forms on the shelf."""

from __future__ import annotations

from typing import Final

from hotline.incidents import plans
from hotline.incidents.plan import Plan, PlanStep
from hotline.incidents.service import Incidents
from hotline.reports.shelf import Shelf
from tests.api.site import Site
from tests.reports.forms import a_form

INCIDENTS: Final = ("incident", "ticked", "written", "told", "over")
SHORT: Final = Plan(title="演练", when="演练时。", steps=(PlanStep(title="点名"),), report_minutes=0, written_hours=0)


async def incident_things(site: Site, hall: str) -> dict[str, int]:
    """An incident of the hall for each step; `over`: one that can be ended."""
    made: dict[str, int] = {}
    async with site.engine.begin() as conn:
        now = site.clock.now()
        if await plans.newest(conn, hall, "drill") is None:
            await plans.save(conn, hall, "drill", SHORT, seen=0, by="acc-1", now=now)
        incidents = Incidents(conn, site.seal, hall=hall, account="acc-1", now=now)
        for name in INCIDENTS:
            made[name] = await incidents.begin("drill" if name == "over" else "harm")
        await incidents.tick(made["over"], 0)
    return made


def put_forms(site: Site) -> None:
    """Two forms of the first hall."""
    shelf = Shelf(site.root, "h1")
    for name in ("日报", "旧表"):
        assert shelf.put(name, a_form(A1="{{period}}", B1="{{answer_rate}}"))
