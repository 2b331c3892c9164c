"""What the matrix of routes needs of the directory: things of each kind, and a door to every route."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hotline.directory import advisers, people
from hotline.directory.kinds import Thing
from hotline.directory.ledger import Service
from hotline.people.permissions import Role
from hotline.rosters.calendar import SHANGHAI
from tests.api.site import Site
from tests.directory.making import pen, unit

OFFICE = {"kind": "other", "name": "新机构", "area": "3301"}
EXPERT = {"name": "周教授", "fields": ["医疗纠纷"], "level": "city"}
NOTE = {"day": "2026-11-01", "kind": "duty", "hours": 2}


async def directory_things(site: Site, hall: str, owner: Role) -> dict[str, Any]:
    """Offices, people, an adviser with a ledger, an expert; by the names that doors use."""
    now = site.clock.now()
    mine = owner.value[0]
    codes = {name: f"{hall}-{mine}-{name}" for name in ("office", "edited_office", "ended_office", "over_office")}
    async with site.engine.begin() as conn:
        for code in codes.values():
            await unit(conn, code, hall)
        writer = pen(hall, now)
        person = {"unit": codes["office"], "name": "李主任", "post": "", "telephone": "", "hours": None}
        adviser = {"name": "陈律师", "firm": "", "licence_number": "", "telephone": "", "villages": [], "hours": None}
        expert = {**EXPERT, "title": "", "unit": None, "workplace": "", "telephone": ""}
        made: dict[str, Any] = {}
        for thing, values in ((Thing.PERSON, person), (Thing.ADVISER, adviser), (Thing.EXPERT, expert)):
            row = await people.write(
                conn, writer, thing, None, None, {**values, "public": False, "note": ""}, ended=False
            )
            made[f"directory_{thing.value}"] = row.id
        made["entry"] = await advisers.note(
            conn,
            writer,
            made["directory_adviser"],
            day=now.astimezone(SHANGHAI).date(),
            kind=Service.DUTY,
            hours=Decimal(1),
            village="",
            note="",
        )
    return codes | made
