"""The audit list, the reports, the categories, sentences for every event, and the OpenAPI document."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from hotline.api.problems import CODES, MEDIA_TYPE, Problem, problem_of
from hotline.api.sentences import OUTCOMES, REASONS, SEAT_STATES, SENTENCES, Names, sentence
from hotline.audit.trail import SYSTEM, Act, record
from hotline.calls.outcome import Outcome
from hotline.hall.events import HallEvent
from hotline.hall.refused import Code
from hotline.people.permissions import Role
from hotline.store.tables import DAY_REPORTS
from seats.seat import Reason, Refusal, SeatState
from tests.api.site import Site


async def test_the_audit_list(site: Site) -> None:
    async with site.engine.begin() as conn:
        for n in range(5):
            at = site.clock.now() + timedelta(days=n)
            await record(conn, hall="h1", doer=SYSTEM, act=Act.EXPORT if n % 2 else Act.REVEAL, object=f"x{n}", at=at)
    async with site.browser(Role.AUDITOR) as client:
        page = (await client.get("/audit", params={"limit": 2})).json()
        assert [line["object"] for line in page["items"]] == ["x4", "x3"]
        rest = (await client.get("/audit", params={"limit": 200, "cursor": page["next_cursor"]})).json()
        assert [line["object"] for line in rest["items"]][:3] == ["x2", "x1", "x0"]
        assert rest["next_cursor"] is None
        only = (await client.get("/audit", params={"act": "export", "from": "2026-11-22", "to": "2026-11-22"})).json()
        assert [(line["object"], line["act_label"]) for line in only["items"]] == [("x1", "导出")]
        assert (await client.get("/audit", params={"to": "9999-12-31"})).status_code == 200


async def test_reports(site: Site) -> None:
    await site.call()
    await site.call(operator=None)
    day = date(2026, 11, 20)
    (site.root / "reports").mkdir()
    (site.root / "reports" / "d.xlsx").write_bytes(b"PK")
    rows = [
        {"day": day, "xlsx": "reports/d.xlsx"},
        {"day": day - timedelta(days=1), "xlsx": "../../etc/passwd"},
        {"day": day - timedelta(days=2), "xlsx": None},
    ]
    async with site.engine.begin() as conn:
        for row in rows:
            kept = {"hall": "h1", "made_at": site.clock.now(), "state": "final", "digest": "", "measures": {"day": "x"}}
            await conn.execute(insert(DAY_REPORTS).values(**kept, **row))
    async with site.browser(Role.SUPERVISOR) as client:
        today = (await client.get("/reports/days", params={"last": 1})).json()["items"][0]
        assert (today["offered"], today["answered"], today["answer_rate"]["denominator"]) == (2, 1, 2)
        assert (await client.get("/reports/2026-11-20")).json()["day"] == "x"
        assert (await client.get("/reports/2026-11-21")).json()["state"] == "provisional"
        assert (await client.get("/reports/2026-12-24")).json()["code"] == "report_missing"
        sheet = await client.get("/reports/2026-11-20/xlsx")
        assert (sheet.content, sheet.headers["content-disposition"]) == (
            b"PK",
            'attachment; filename="12348-h1-2026-11-20.xlsx"',
        )
        for other in ("2026-11-19", "2026-11-18", "2026-11-17"):
            assert (await client.get(f"/reports/{other}/xlsx")).json()["code"] == "report_missing"
        for bad in ("yesterday", "2026-13-01", "%00"):
            assert (await client.get(f"/reports/{bad}")).status_code in (404, 422)
    assert [line["act"] for line in await site.audit()] == ["export"]


async def test_categories_are_imported_whole_or_not_at_all(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        assert (await client.get("/categories")).json()["version"] == 0
        bad = await client.post(
            "/categories", json={"label": "坏", "items": [{"code": "a", "label": "甲", "parent": "b"}]}
        )
        assert (bad.status_code, bad.json()["code"]) == (422, "categories_invalid")
        assert bad.json()["errors"][0]["field"] == "items.0"
        assert (await client.get("/categories")).json()["version"] == 0
        good = await client.post("/categories", json={"label": "好", "items": [{"code": "a", "label": "甲"}]})
        assert (good.status_code, good.json()["version"]) == (201, 1)
    async with site.browser(Role.OPERATOR, "h2") as client:
        assert (await client.get("/categories")).json()["items"] == [
            {"code": "a", "parent": None, "label": "甲", "external_code": ""}
        ]
    assert [line["act"] for line in await site.audit()] == ["categories_imported"]


def _kinds(event: type[HallEvent]) -> set[str]:
    return {each.__name__ for each in event.__subclasses__()}


def test_every_event_has_a_sentence() -> None:
    assert set(SENTENCES) == _kinds(HallEvent)
    assert set(OUTCOMES) == set(Outcome)
    assert set(SEAT_STATES) == {state.value for state in SeatState}
    assert {reason.value for reason in Reason} <= set(REASONS)


@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_sentences_stand_whatever_is_missing_or_odd(kind: str) -> None:
    for data in ({}, {"groups": ["{x}"], "waited": "soon", "detail": "{y}", "prompt": "{0}", "seconds": 3}):
        text = sentence(kind, data, seat=None, actor="system", names=Names())
        assert text
        assert not text.isascii()


def test_every_refusal_has_a_title() -> None:
    for code in (*Refusal, *Code):
        assert code.value in CODES
    for status, title in CODES.values():
        assert 400 <= status < 600
        assert title.endswith("。")
    assert problem_of("seat_taken").status == 409
    assert problem_of("not in the table").code == "internal"
    response = Problem("not_found").response()
    assert (response.status_code, response.media_type) == (404, MEDIA_TYPE)
