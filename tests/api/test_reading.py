"""The audit list, the reports, the categories, sentences for every event, and the OpenAPI document."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import insert

from adapters import telephony
from hotline.announcements.plan import KeyAct, NoticeKind
from hotline.api import words
from hotline.api.phrases import SENTENCES
from hotline.api.problems import CODES, MEDIA_TYPE, Problem, problem_of
from hotline.api.sentences import OUTCOMES, REASONS, SEAT_STATES, Names, Narrator, sentence
from hotline.audit.trail import SYSTEM, Act, record
from hotline.callers.treatment import Level
from hotline.calls.outcome import Outcome
from hotline.calls.party import Part
from hotline.hall.events import HallEvent
from hotline.hall.refused import Code
from hotline.people.permissions import Role
from hotline.ratings.questions import Question
from hotline.rosters.shift import DutyMode
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
            {"code": "a", "parent": None, "label": "甲", "external_code": "", "codes": {}}
        ]
    assert [line["act"] for line in await site.audit()] == ["categories_imported"]


def _kinds(event: type[HallEvent]) -> set[str]:
    return {each.__name__ for each in event.__subclasses__()}


def test_every_event_has_a_sentence() -> None:
    assert set(SENTENCES) == _kinds(HallEvent)
    assert set(OUTCOMES) == set(Outcome)
    assert set(SEAT_STATES) == {state.value for state in SeatState}
    assert {reason.value for reason in Reason} <= set(REASONS)


def test_every_code_has_a_word() -> None:
    commands = {each.__name__ for each in get_args(telephony.Command)}
    assert commands <= set(words.COMMANDS)
    facts = {each.__name__ for each in get_args(telephony.CallEvent)}
    assert facts <= set(words.FACTS)
    assert {each.value for each in Part} < set(words.PARTS)
    assert {each.value for each in Question} == set(words.QUESTIONS)
    assert {each.value for each in Level} == set(words.LEVELS)
    assert {each.value for each in DutyMode} == set(words.DUTIES)
    assert {each.value for each in NoticeKind} == set(words.NOTICES)
    assert {each.value for each in KeyAct} - {"queue"} == set(words.KEY_ACTS)
    assert {each.value for each in telephony.EndedBy} == set(words.ENDED_BY)


def test_a_journal_told_in_its_order_knows_who_is_who() -> None:
    told = Narrator(Names(people={"a1": "王律师", "1001": "王律师"}))

    def tell(kind: str, seat: str | None = "01", /, **data: Any) -> str:
        return told.tell(kind, data, call="c", seat=seat, actor="1001")

    asked = {"offer": "c.2", "target": "02", "label": "李律师"}
    assert tell("CallTaken", operator="a1", waited=65.0) == "坐席 01（王律师）接听，来电人等候了 1 分 5 秒"
    assert tell("PartyRung", part="consulted", **asked) == "坐席 01（王律师）咨询坐席 02（李律师）"
    assert tell("PartyAnswered", **asked) == "坐席 02（李律师）接起，坐席 01（王律师）正在咨询"
    assert tell("CallPassed", "02", how="transfer") == "来电人改由坐席 02（李律师）接待：完成转接"
    assert tell("CallTransferred", "02", kind="outside", target="12345", label="12345 热线") == (
        "坐席 02（李律师）将来电人直接转给 12345 热线"
    )
    assert tell("CallReturning", "02", why="not_taken") == "12345 热线未接听，来电人回到坐席 02（李律师）"
    assert tell("CallTaken", "02", operator="a2", waited=300.0) == "坐席 02（李律师）接听，继续接待来电人"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"kind": "emergency"}, "来电人听到公告（紧急）"),
        ({"kind": "recording", "heard": True}, "来电人听到录音告知"),
        (
            {"kind": "recording", "heard": False, "cause": "call_over"},
            "录音告知没有播完，不能视为已告知（原因：通话在播放中结束）",
        ),
        (
            {"kind": "holiday", "heard": False, "cause": "not_played"},
            "公告（节假日）没有播完，不能视为已告知（原因：设备没有播完）",
        ),
    ],
)
def test_a_notice_that_nobody_heard_is_not_told_as_heard(data: dict[str, Any], text: str) -> None:
    assert sentence("NoticePlayed", data, seat=None, actor="system", names=Names()) == text


def test_a_rating_is_told_without_its_score() -> None:
    texts = {
        sentence("RatingGiven", {"question": "skill", "score": score}, seat="01", actor="system", names=Names())
        for score in range(1, 6)
    }
    assert texts == {"来电人评价了“专业能力”"}


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
