"""What the nightly comparison found, seen from outside: listed, settled with a reason, on record."""

from __future__ import annotations

from sqlalchemy import insert

from hotline.people.permissions import Role
from hotline.store.tables import HANDOVER_COMPARISONS, HANDOVER_DIFFERENCES
from tests.api.site import Site


async def test_a_difference_is_settled_once(site: Site) -> None:
    now, day = site.clock.now(), site.clock.now().date()
    about = {"hall": "h1", "bridge": "h1-city", "day": day}
    async with site.engine.begin() as conn:
        for number in ("a", "b"):
            found = {"number": number, "why": "missing_there", "ours": "acknowledged", "found_at": now}
            await conn.execute(insert(HANDOVER_DIFFERENCES).values(**about, **found))
        away = {"tried_at": now, "error": "对方没有答复"}
        await conn.execute(insert(HANDOVER_COMPARISONS).values(**about, **away))
    async with site.browser(Role.SUPERVISOR) as client:
        page = (await client.get("/handovers/differences?limit=1")).json()
        assert [each["number"] for each in page["items"]] == ["b"]
        rest = (await client.get(f"/handovers/differences?limit=1&cursor={page['next_cursor']}")).json()
        assert [(each["number"], each["why"]) for each in rest["items"]] == [("a", "missing_there")]
        path = f"/handovers/differences/{rest['items'][0]['id']}/settle"
        assert (await client.post(path, json={"reason": "对方补录"})).status_code == 204
        assert (await client.post(path, json={"reason": "对方补录"})).status_code == 404
        (settled,) = (await client.get("/handovers/differences?settled=true")).json()["items"]
        assert (settled["number"], settled["settled_by"], settled["reason"]) == ("a", "h1supervisor", "对方补录")
        (compared,) = (await client.get("/handovers/comparisons")).json()
        assert (compared["made_at"], compared["error"]) == (None, "对方没有答复")
    line = (await site.audit())[-1]
    assert (line["act"], line["reason"]) == ("handover_settled", "对方补录")
