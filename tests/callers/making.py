"""Rules about callers of every state, for tests that only need some."""

from __future__ import annotations

from sqlalchemy import insert

from hotline.audit.trail import SYSTEM
from hotline.callers.service import Register, Wish
from hotline.callers.treatment import Kind
from hotline.people.permissions import Role
from hotline.store.tables import CONFLICTS
from tests.api.site import Site


async def caller_things(site: Site, hall: str, owner: Role, ticket: str) -> dict[str, str]:
    """Rules to approve, decline, review, end and reveal, and a conflict of interest on the ticket."""
    first = 10 * list(Role).index(owner)
    made: list[str] = []
    async with site.engine.begin() as conn:
        register = Register(conn, site.seal, hall=hall, doer=SYSTEM, now=site.clock.now())
        for n in range(5):
            wish = Wish(kind=Kind.MINOR, reason="来电自述")
            number = f"137000000{first + n:02}"
            line = await (register.ask(number, wish) if n < 2 else register.make(number, wish))
            made.append(line.id)
        now = site.clock.now()
        await conn.execute(insert(CONFLICTS).values(ticket=ticket, hall=hall, since=now, changed_at=now))
    names = ("wanted_rule", "unwanted_rule", "reviewed_rule", "ended_rule", "shown_rule")
    kind = "elderly" if owner is Role.OPERATOR else "disabled"
    return {**dict(zip(names, made, strict=True)), "conflict": ticket, "mark": kind}
