"""Rosters through the routes: lawyers, shifts, patterns, gaps, requests, import, sign-in, settlement."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import httpx2
import openpyxl
import pytest
from sqlalchemy import func, select, text, update

from hotline.api import deps
from hotline.audit.trail import SYSTEM
from hotline.people import accounts
from hotline.people.permissions import Role
from hotline.rosters import service, sheet
from hotline.rosters.shift import DutyMode
from hotline.settings import RosterTable
from hotline.store.tables import CALLS, LAWYERS, SHIFTS
from seats.seat import Seat, SeatNo, SeatState
from tests.api.site import Site
from tests.rosters import making

DAY = "2026-12-01"
TODAY = date(2026, 11, 21)  # the site's clock stands at 10:00


def account(site: Site, role: Role = Role.OPERATOR) -> str:
    return site.people["h1", role].id


async def lawyer(site: Site, role: Role = Role.OPERATOR, **fields: Any) -> str:
    who = account(site, role)
    await making.lawyer(site.engine, site.seal, "h1", who, now=site.clock.now(), **fields)
    return who


@asynccontextmanager
async def colleague(site: Site, work_number: str = "1002") -> AsyncIterator[tuple[str, httpx2.AsyncClient]]:
    """Another operator, a lawyer, with a browser."""
    async with site.engine.begin() as conn:
        made, _ = await accounts.create(
            conn,
            site.passwords,
            hall="h1",
            work_number=work_number,
            name="王律师",
            role=Role.OPERATOR,
            password="x",
            must_change=False,
            now=site.clock.now(),
            doer=SYSTEM,
        )
        token = await site.sessions.open(conn, made.id, site.clock.now(), address="", agent="")
    await making.lawyer(site.engine, site.seal, "h1", made.id, now=site.clock.now())
    async with site.client() as client:
        client.headers["Cookie"] = f"{deps.COOKIE}={token}"
        yield made.id, client


async def shift(site: Site, who: str | None, begins: str = "09:00", ends: str = "17:00", day: str = DAY) -> int:
    return await making.shift(site.engine, "h1", date.fromisoformat(day), begins, ends, who, now=site.clock.now())


async def acts(site: Site) -> list[str]:
    return [line["act"] for line in await site.audit()]


# ── firms and lawyers ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_lawyers_profile_from_nothing_to_suspended(site: Site) -> None:
    who = account(site)
    async with site.browser(Role.SUPERVISOR) as client:
        firm = (await client.post("/firms", json={"name": " 示例所 "})).json()
        assert firm["name"] == "示例所"
        assert (await client.post("/firms", json={"name": "示例所"})).json()["code"] == "firm_name_taken"
        profile = {
            "firm": firm["id"],
            "employment": "full_time",
            "licence_number": "13301201810123456",
            "licence_until": "2027-05-31",
            "mobile": "138 0013 8000",
        }
        made = (await client.put(f"/lawyers/{who}", json=profile)).json()
        assert (made["firm_name"], made["mobile"], made["version"]) == ("示例所", "138****8000", 1)
        assert (await client.put(f"/lawyers/{who}", json=profile)).json()["code"] == "lawyer_changed"
        # What is shown may be sent back: the number stays.
        same = await client.put(f"/lawyers/{who}", json=profile | {"version": 1, "mobile": "138****8000"})
        assert same.json()["version"] == 1, "nothing changed"
        held = profile | {"version": 1, "suspended_from": "2026-11-01"}
        assert (await client.put(f"/lawyers/{who}", json=held)).json()["errors"][0]["field"] == "suspended_reason"
        held |= {"suspended_reason": "投诉待查", "mobile": None}
        suspended = (await client.put(f"/lawyers/{who}", json=held)).json()
        assert (suspended["suspended_from"], suspended["version"], suspended["mobile"]) == (
            "2026-11-01",
            2,
            "138****8000",
        )
        (listed,) = (await client.get("/lawyers")).json()["items"]
        assert listed == suspended
        assert (await client.get("/firms")).json()["items"][0]["lawyers"] == 1
    async with site.engine.connect() as conn:
        row = (await conn.execute(select(LAWYERS))).one()
    assert b"13800138000" not in bytes(row.mobile_sealed)
    changed = [line for line in await site.audit() if line["act"] == "lawyer_changed"]
    assert [line["reason"] for line in changed] == ["", "投诉待查"]
    assert "13800138000" not in str(await site.audit())


async def test_a_licence_belongs_to_one_lawyer(site: Site) -> None:
    await lawyer(site, number="13301201810123456")
    async with site.browser(Role.SUPERVISOR) as client:
        body = {"employment": "part_time", "licence_number": "13301201810123456"}
        answer = await client.put(f"/lawyers/{account(site, Role.SUPERVISOR)}", json=body)
        assert answer.json()["code"] == "licence_taken"
        wrong = await client.put(f"/lawyers/{account(site, Role.SUPERVISOR)}", json=body | {"licence_number": "123"})
        assert wrong.status_code == 422
        foreign = site.people["h2", Role.OPERATOR].id
        assert (await client.put(f"/lawyers/{foreign}", json={"employment": "part_time"})).status_code == 404


async def test_trainings_add_up(site: Site) -> None:
    who = await lawyer(site)
    async with site.browser(Role.SUPERVISOR) as client:
        for day, hours in (("2026-10-01", 2), ("2026-11-01", 1.5)):
            body = {"day": day, "topic": "话务规范", "hours": hours}
            assert (await client.post(f"/lawyers/{who}/trainings", json=body)).status_code == 201
        listed = (await client.get(f"/lawyers/{who}/trainings")).json()["items"]
        assert [each["day"] for each in listed] == ["2026-11-01", "2026-10-01"]
        assert (await client.get("/lawyers")).json()["items"][0]["training_hours"] == 3.5


# ── shifts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_nobody_is_in_two_places(site: Site) -> None:
    who = await lawyer(site)
    async with site.browser(Role.SUPERVISOR) as client:
        body = {"day": DAY, "begins": "20:00", "ends": "08:00", "lawyer": who}
        night = (await client.post("/rosters/shifts", json=body)).json()
        assert (night["begins_at"], night["ends_at"]) == ("2026-12-01T12:00:00Z", "2026-12-02T00:00:00Z")
        morning = {"day": "2026-12-02", "begins": "07:00", "ends": "12:00", "lawyer": who}
        assert (await client.post("/rosters/shifts", json=morning)).json()["code"] == "shift_overlap"
        assert (await client.post("/rosters/shifts", json=morning | {"begins": "08:00"})).status_code == 201
        open_place = await client.post("/rosters/shifts", json=morning | {"lawyer": None})
        assert open_place.status_code == 201
        edit = morning | {"version": 1, "begins": "08:00"}
        taken = await client.put(f"/rosters/shifts/{open_place.json()['id']}", json=edit)
        assert taken.json()["code"] == "shift_overlap"
        listed = (await client.get("/rosters/shifts", params={"from": DAY, "to": DAY})).json()["items"]
        assert [each["id"] for each in listed] == [night["id"]]
    assert (await acts(site)).count("shift_changed") == 3


async def test_of_two_who_give_the_same_lawyer_a_shift_one_is_refused(site: Site) -> None:
    who = await lawyer(site)
    async with site.browser(Role.SUPERVISOR) as one, site.browser(Role.ADMINISTRATOR) as other:
        for day in range(1, 9):
            body = {"day": f"2026-12-{day:02}", "begins": "09:00", "ends": "12:00", "lawyer": who}
            answers = await asyncio.gather(
                one.post("/rosters/shifts", json=body), other.post("/rosters/shifts", json=body | {"begins": "10:00"})
            )
            assert sorted(each.status_code for each in answers) == [201, 409]


async def test_of_two_who_generate_one_finds_all_made(site: Site) -> None:
    who = await lawyer(site)
    async with site.browser(Role.SUPERVISOR) as one, site.browser(Role.ADMINISTRATOR) as other:
        await one.post("/rosters/patterns", json=NIGHT | {"lawyers": [who]})
        wish = WEEK | {"dry_run": False}
        answers = await asyncio.gather(
            one.post("/rosters/generate", json=wish), other.post("/rosters/generate", json=wish)
        )
        assert sorted(each.json()["counts"]["made"] for each in answers) == [0, 7]
    assert await count(site) == 7


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"number": ""}, "licence_missing"),
        ({"until": date(2026, 11, 30)}, "licence_expired"),
        ({"suspended_from": date(2026, 12, 1)}, "lawyer_suspended"),
    ],
)
async def test_who_may_not_serve_gets_no_shift(site: Site, fields: dict[str, Any], code: str) -> None:
    who = await lawyer(site, **fields)
    async with site.browser(Role.SUPERVISOR) as client:
        body = {"day": DAY, "begins": "09:00", "ends": "12:00", "lawyer": who}
        answer = await client.post("/rosters/shifts", json=body)
        assert answer.json()["code"] == code
        assert "h1operator律师" in answer.json()["detail"]
        stranger = await client.post("/rosters/shifts", json=body | {"lawyer": account(site, Role.SUPERVISOR)})
        assert stranger.json()["code"] == "no_such_lawyer"


async def test_a_change_starts_from_what_is_there_and_a_begun_shift_takes_a_reason(site: Site) -> None:
    who = await lawyer(site)
    begun = await shift(site, who, "09:00", "17:00", "2026-11-21")
    body = {"day": "2026-11-21", "begins": "09:00", "ends": "18:00", "lawyer": who, "version": 1}
    async with site.browser(Role.SUPERVISOR) as client:
        path = f"/rosters/shifts/{begun}"
        assert (await client.put(path, json=body)).json()["code"] == "reason_needed"
        changed = await client.put(path, json=body | {"reason": "顶替加班"})
        assert (changed.json()["version"], changed.json()["ends_at"]) == (2, "2026-11-21T10:00:00Z")
        assert (await client.put(path, json=body | {"reason": "再改"})).json()["code"] == "shift_changed"
        cancelled = await client.post(f"{path}/cancel", json={"version": 2, "reason": "大雪"})
        assert cancelled.json()["cancelled"] is True
        assert (await client.post(f"{path}/cancel", json={"version": 3, "reason": "大雪"})).json()["code"] == (
            "shift_cancelled"
        )
        history = (await client.get(f"{path}/changes")).json()["items"]
        assert [(each["what"], each["reason"]) for each in history] == [
            ("created", ""),
            ("changed", "顶替加班"),
            ("cancelled", "大雪"),
        ]
        assert history[1]["actor"] == "2001"
        assert history[1]["before"]["ends_at"] != history[1]["after"]["ends_at"]
        again = {"day": "2026-11-21", "begins": "12:00", "ends": "13:00", "lawyer": who}
        assert (await client.post("/rosters/shifts", json=again)).status_code == 201, "a cancelled shift takes no time"


async def test_an_operator_sees_the_roster_and_changes_nothing(site: Site) -> None:
    who = await lawyer(site)
    mine, other = await shift(site, who), await shift(site, None)
    async with site.browser(Role.OPERATOR) as client:
        days = {"from": DAY, "to": DAY}
        everything = (await client.get("/rosters/shifts", params=days)).json()["items"]
        assert {each["id"] for each in everything} == {mine, other}
        own = (await client.get("/rosters/shifts", params=days | {"mine": True})).json()["items"]
        assert [each["id"] for each in own] == [mine]
        body = {"version": 1, "reason": "不想来"}
        assert (await client.post(f"/rosters/shifts/{mine}/cancel", json=body)).status_code == 403
        assert (await client.get("/lawyers")).status_code == 403
        named = (await client.get("/rosters/colleagues")).json()["items"]
        assert [set(each) for each in named] == [{"account", "work_number", "name", "firm_name"}]
        backwards = await client.get("/rosters/shifts", params={"from": DAY, "to": "2026-11-01"})
        assert backwards.status_code == 422
    async with site.browser(Role.OPERATOR, "h2") as client:
        assert (await client.get("/rosters/shifts", params=days)).json()["items"] == []
        assert (await client.get(f"/rosters/shifts/{mine}/changes")).status_code == 404


# ── patterns, generating, gaps ───────────────────────────────────────────────────────────────────────────────────────

NIGHT = {
    "name": "夜班",
    "days": ["workday", "weekend", "holiday"],
    "begins": "20:00",
    "ends": "08:00",
    "mode": "forwarded_mobile",
    "rotation": "daily",
    "anchor": DAY,
}
WEEK = {"from": DAY, "to": "2026-12-07"}


async def test_generating_is_tried_first_and_makes_nothing_twice(site: Site) -> None:
    one = await lawyer(site)
    other = await lawyer(site, Role.SUPERVISOR, until=date(2026, 12, 4))
    await shift(site, one, "22:00", "23:00", "2026-12-03")
    async with site.browser(Role.SUPERVISOR) as client:
        made = await client.post("/rosters/patterns", json=NIGHT | {"lawyers": [one, other]})
        assert made.status_code == 201
        assert (await client.post("/rosters/patterns", json=NIGHT)).json()["code"] == "pattern_name_taken"
        tried = (await client.post("/rosters/generate", json=WEEK)).json()
        assert tried["dry_run"] is True
        assert tried["counts"] == {"made": 5, "open": 2, "kept": 0, "past": 0}
        reasons = {each["begins_at"][:10]: each["why"] for each in tried["items"] if each["fate"] == "open"}
        assert reasons == {"2026-12-03": "double_booked", "2026-12-06": "licence_expired"}
        assert await count(site) == 1, "a dry run writes nothing"
        done = (await client.post("/rosters/generate", json=WEEK | {"dry_run": False})).json()
        assert done["counts"] == tried["counts"]
        assert await count(site) == 8
        shifts = (await client.get("/rosters/shifts", params=WEEK)).json()["items"]
        nights = [each for each in shifts if each["pattern_name"] == "夜班"]
        assert [each["lawyer"] for each in nights] == [one, other, None, other, one, None, one]
        body = {"version": 1, "reason": "不需要"}
        await client.post(f"/rosters/shifts/{nights[0]['id']}/cancel", json=body)
        again = (await client.post("/rosters/generate", json=WEEK | {"dry_run": False})).json()
        assert again["counts"] == {"made": 0, "open": 0, "kept": 7, "past": 0}
        assert await count(site) == 8, "what was taken out stays out"
        edited = NIGHT | {"version": 1, "active": False, "lawyers": [one]}
        pattern = made.json()["id"]
        assert (await client.put(f"/rosters/patterns/{pattern}", json=edited)).json()["version"] == 2
        assert (await client.put(f"/rosters/patterns/{pattern}", json=edited)).json()["code"] == "pattern_changed"
        assert (await client.post("/rosters/generate", json=WEEK)).json()["items"] == []
    assert (await acts(site)).count("roster_generated") == 2


async def test_a_quarter_of_a_year_at_once_and_no_more(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as client:
        whole = NIGHT | {"places": 30, "lawyers": []}
        pattern = (await client.post("/rosters/patterns", json=whole)).json()["id"]
        wish = {"from": "2026-12-01", "to": "2027-03-02", "dry_run": False}
        made = (await client.post("/rosters/generate", json=wish)).json()
        assert made["counts"]["open"] == 92 * 30 == await count(site)
        assert (await client.post("/rosters/generate", json=wish)).json()["counts"]["kept"] == 92 * 30
        longer = await client.post("/rosters/generate", json=wish | {"to": "2027-03-03"})
        assert longer.status_code == 422
        await client.put(f"/rosters/patterns/{pattern}", json=whole | {"version": 1, "places": 40})
        assert (await client.post("/rosters/generate", json=wish)).json()["code"] == "roster_too_large"


async def count(site: Site) -> int:
    async with site.engine.connect() as conn:
        return (await conn.execute(select(func.count()).select_from(SHIFTS))).scalar_one()


async def test_gaps_are_shown_before_they_happen(site: Site) -> None:
    who = await lawyer(site)
    async with site.browser(Role.SUPERVISOR) as client:
        assert (await client.get("/rosters/gaps")).json() == {"items": [], "has_requirements": False}
        wanted = [{"days": ["workday"], "begins": "09:00", "ends": "18:00", "lawyers": 1}]
        kept = await client.put("/rosters/requirements", json={"items": wanted})
        assert kept.json()["items"] == [wanted[0] | {"weekdays": [], "group": ""}]
        gaps = (await client.get("/rosters/gaps", params={"days": 3})).json()["items"]
        assert [(each["begins_at"], each["ends_at"], each["missing"]) for each in gaps] == [
            ("2026-11-23T09:00:00+08:00", "2026-11-23T18:00:00+08:00", 1),
            ("2026-11-24T09:00:00+08:00", "2026-11-24T10:00:00+08:00", 1),
        ]
        await shift(site, who, "08:00", "15:00", "2026-11-23")
        left = (await client.get("/rosters/gaps", params={"days": 3})).json()["items"]
        assert left[0]["begins_at"] == "2026-11-23T07:00:00Z"


async def test_the_site_knows_next_years_holidays(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        assert (await client.get("/rosters/calendar/2031")).json()["known"] is False
        days = [{"day": "2031-01-01", "kind": "holiday", "label": "元旦"}]
        told = (await client.put("/rosters/calendar/2031", json={"days": days})).json()
        assert told["own"] == told["special"] == [days[0] | {"source": "site"}]
        wrong = {"days": [{"day": "2030-01-01", "kind": "holiday"}]}
        assert (await client.put("/rosters/calendar/2031", json=wrong)).status_code == 422
        published = (await client.get("/rosters/calendar/2026")).json()
        assert len(published["special"]) == 39
        assert published["known"] is True
    async with site.browser(Role.OPERATOR, "h2") as client:
        assert (await client.get("/rosters/calendar/2031")).json()["own"] == []


# ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_swap_from_the_question_to_the_changed_roster(site: Site) -> None:
    who = await lawyer(site)
    async with (
        colleague(site) as (other, theirs),
        site.browser(Role.OPERATOR) as mine,
        site.browser(Role.SUPERVISOR) as supervisor,
    ):
        given, returned = await shift(site, who), await shift(site, other, day="2026-12-02")
        body = {"shift": given, "asked_of": other, "other_shift": returned, "reason": "出庭"}
        asked = (await mine.post("/rosters/swaps", json=body)).json()
        path = f"/rosters/swaps/{asked['id']}"
        assert asked["state"] == "asked"
        assert (await mine.post("/rosters/swaps", json=body)).json()["code"] == "swap_open_already"
        early = await supervisor.post(f"{path}/decision", json={"step": "approve"})
        assert early.json()["code"] == "swap_not_possible_now"
        assert (await mine.post(f"{path}/answer", json={"step": "agree"})).json()["code"] == "swap_not_yours"
        assert (await theirs.get("/rosters/swaps")).json()["items"][0]["asked_by_name"] == "h1operator"
        assert (await theirs.post(f"{path}/answer", json={"step": "agree"})).json()["state"] == "agreed"
        assert (await theirs.post(f"{path}/decision", json={"step": "approve"})).status_code == 403
        approved = await supervisor.post(f"{path}/decision", json={"step": "approve", "reason": "同意"})
        assert (approved.json()["state"], approved.json()["decided_by"]) == ("approved", "2001")
        shifts = (await mine.get("/rosters/shifts", params={"from": DAY, "to": "2026-12-02"})).json()["items"]
        assert [(each["id"], each["lawyer"]) for each in shifts] == [(given, other), (returned, who)]
        history = (await mine.get(f"/rosters/shifts/{given}/changes")).json()["items"]
        assert history[-1]["what"] == "swapped"
        assert (history[-1]["before"]["lawyer"], history[-1]["after"]["lawyer"]) == (who, other)
    assert [act for act in await acts(site) if act.startswith("swap")] == [
        "swap_asked",
        "swap_answered",
        "swap_decided",
    ]


async def test_two_shifts_at_the_same_time_can_change_hands(site: Site) -> None:
    who = await lawyer(site)
    async with colleague(site) as (other, _), site.browser(Role.SUPERVISOR) as supervisor:
        given, returned = await shift(site, who), await shift(site, other, "12:00", "20:00")
        body = {"shift": given, "asked_of": other, "other_shift": returned}
        path = f"/rosters/swaps/{(await supervisor.post('/rosters/swaps', json=body)).json()['id']}"
        await supervisor.post(f"{path}/answer", json={"step": "agree"})  # told by telephone
        assert (await supervisor.post(f"{path}/decision", json={"step": "approve"})).json()["state"] == "approved"
        shifts = (await supervisor.get("/rosters/shifts", params={"from": DAY, "to": DAY})).json()["items"]
        assert [each["lawyer"] for each in shifts] == [other, who]
    answered = next(line for line in await site.audit() if line["act"] == "swap_answered")
    assert answered["data"] == {"step": "agree", "on_behalf": True}


async def test_what_cannot_be_approved_changes_nothing(site: Site) -> None:
    who = await lawyer(site)
    async with colleague(site) as (other, _), site.browser(Role.SUPERVISOR) as supervisor:
        given = await shift(site, who)
        busy = await shift(site, other, "08:00", "10:00")

        async def agreed() -> str:
            asked = await supervisor.post("/rosters/swaps", json={"shift": given, "asked_of": other})
            path = f"/rosters/swaps/{asked.json()['id']}"
            await supervisor.post(f"{path}/answer", json={"step": "agree"})
            return path

        path = await agreed()
        clash = await supervisor.post(f"{path}/decision", json={"step": "approve"})
        assert clash.json()["code"] == "shift_overlap"
        await supervisor.post(f"/rosters/shifts/{busy}/cancel", json={"version": 1, "reason": "让路"})
        async with site.engine.begin() as conn:
            await conn.execute(text("UPDATE lawyers SET licence_until = '2026-11-30' WHERE account = :a"), {"a": other})
        expired = await supervisor.post(f"{path}/decision", json={"step": "approve"})
        assert (expired.json()["code"], expired.json()["detail"]) == ("licence_expired", "王律师律师执业证已过期。")
        third = account(site, Role.ADMINISTRATOR)
        await making.lawyer(site.engine, site.seal, "h1", third, now=site.clock.now())
        edit = {"day": DAY, "begins": "09:00", "ends": "17:00", "lawyer": third, "version": 1}
        assert (await supervisor.put(f"/rosters/shifts/{given}", json=edit)).status_code == 200
        outdated = await supervisor.post(f"{path}/decision", json={"step": "approve"})
        assert outdated.json()["code"] == "swap_outdated"
        refused = await supervisor.post(f"{path}/decision", json={"step": "refuse", "reason": "已另行安排"})
        assert (refused.json()["state"], refused.json()["decision"]) == ("refused", "已另行安排")
    site.clock.forward(days=11)
    async with site.browser(Role.SUPERVISOR) as supervisor:
        late = await supervisor.post("/rosters/swaps", json={"shift": given, "asked_of": other})
        assert late.json()["code"] == "shift_begun"


async def test_requests_are_seen_by_those_they_are_about(site: Site) -> None:
    who = await lawyer(site)
    async with colleague(site) as (other, theirs), colleague(site, "1003") as (_, stranger):
        given = await shift(site, other)
        async with site.browser(Role.OPERATOR) as mine:
            not_mine = await mine.post("/rosters/swaps", json={"shift": given, "asked_of": who})
            assert not_mine.json()["code"] == "swap_not_yours"
            asked = (await theirs.post("/rosters/swaps", json={"shift": given, "asked_of": who})).json()
            answer = f"/rosters/swaps/{asked['id']}/answer"
            assert (await stranger.get("/rosters/swaps")).json()["items"] == []
            assert (await stranger.post(answer, json={"step": "agree"})).status_code == 404
            assert (await mine.post(answer, json={"step": "decline"})).json()["state"] == "declined"
            assert (await theirs.post(answer, json={"step": "withdraw"})).json()["code"] == "swap_not_possible_now"


# ── import ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def roster(*rows: list[Any]) -> str:
    book = openpyxl.Workbook()
    for row in (list(sheet.HEADINGS), *rows):
        book.worksheets[0].append(row)
    data = BytesIO()
    book.save(data)
    return base64.b64encode(data.getvalue()).decode()


async def test_a_file_is_looked_at_before_it_is_taken(site: Site) -> None:
    who = await lawyer(site)
    await shift(site, who, "20:00", "23:00", "2026-12-03")
    good = [DAY, "09:00", "18:00", "1001", "h1operator", "all"]
    bad = [
        [DAY, "17:00", "20:00", "1001"],
        ["2026-12-03", "22:00", "06:00", "1001"],
        ["2026-11-20", "09:00", "18:00", "1001"],
        [DAY, "09:00", "18:00", "9999"],
        ["2026-12-05", "09:00", "18:00", "1001", "别人"],
        ["2026-12-06", "09:00", "18:00", "1001", "", "nobody"],
    ]
    whys = [
        "与第 2 行重叠",
        "与已有班次重叠（12-03 20:00–23:00）",
        "班次已经开始或已过",
        "工号 9999 不是值班律师",
        "姓名与工号不符（工号 1001 是h1operator）",
        "没有技能组 nobody",
    ]
    async with site.browser(Role.SUPERVISOR) as client:
        tried = (await client.post("/rosters/import", json={"file": roster(good, *bad)})).json()
        assert tried["counts"] == {"made": 1, "kept": 0, "wrong": 6}
        assert [each["whys"] for each in tried["items"]] == [[], *([why] for why in whys)]
        refused = await client.post("/rosters/import", json={"file": roster(good, *bad), "dry_run": False})
        assert refused.json()["code"] == "roster_rows_wrong"
        assert refused.json()["errors"][0] == {"field": "rows.3", "message": "第 3 行：与第 2 行重叠"}
        assert await count(site) == 1, "all or none"
        fine = roster(good, ["2026-12-02", "20:00", "08:00", "", "", "", "转接手机"])
        first = (await client.post("/rosters/import", json={"file": fine, "dry_run": False})).json()
        assert first["counts"] == {"made": 2, "kept": 0, "wrong": 0}
        again = (await client.post("/rosters/import", json={"file": fine, "dry_run": False})).json()
        assert again["counts"] == {"made": 0, "kept": 2, "wrong": 0}
        assert await count(site) == 3
        for junk in ("AAAA", "x", base64.b64encode(b"PK\x03\x04").decode()):
            answer = await client.post("/rosters/import", json={"file": junk})
            assert (answer.status_code, answer.json()["code"]) == (422, "roster_file_unreadable")


async def test_the_template_comes_with_the_halls_lawyers(site: Site) -> None:
    await lawyer(site)
    async with site.browser(Role.SUPERVISOR) as client:
        answer = await client.get("/rosters/import/template")
        assert "attachment" in answer.headers["content-disposition"]
        book = openpyxl.load_workbook(BytesIO(answer.content))
        assert any(row[:2] == ("1001", "h1operator") for row in book["填写说明"].iter_rows(values_only=True))


# ── sign-in ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def sign_in(site: Site, role: Role = Role.OPERATOR) -> httpx2.Response:
    site.halls["h1"].sit(
        Seat(number=SeatNo("01"), extension="8001", groups=("all",), state=SeatState.SIGNED_OFF, since=site.clock.now())
    )
    async with site.browser(role) as client:
        return await client.post("/seats/01/sign-in", json={"phone_kind": "simulated"})


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"number": ""}, "licence_missing"),
        ({"until": date(2026, 11, 20)}, "licence_expired"),
        ({"suspended_from": date(2026, 11, 1)}, "lawyer_suspended"),
    ],
)
async def test_without_a_licence_nobody_sits_down(site: Site, fields: dict[str, Any], code: str) -> None:
    await lawyer(site, **fields)
    answer = await sign_in(site)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert site.halls["h1"].asked == []


async def test_who_is_not_on_the_roster_is_told_and_recorded(site: Site) -> None:
    await lawyer(site)
    assert (await sign_in(site)).json()["warnings"] == ["not_on_roster"]
    assert len(site.halls["h1"].asked) == 1
    (line,) = [line for line in await site.audit() if line["act"] == "signed_in_off_roster"]
    assert (line["object"], line["work_number"], line["result"]) == ("seat:01", "1001", "asked")


async def test_a_site_may_want_the_roster(site: Site) -> None:
    table = site.settings.halls["h1"].model_copy(update={"roster": RosterTable(required=True, early_minutes=15)})
    site.app.state.settings = site.settings.model_copy(update={"halls": {**site.settings.halls, "h1": table}})
    who = await lawyer(site)
    refused = await sign_in(site)
    assert (refused.json()["code"], refused.json()["title"]) == ("not_on_roster", "现在没有您的排班，不能签入。")
    await shift(site, who, "10:16", "18:00", "2026-11-21")
    assert (await sign_in(site)).json()["code"] == "not_on_roster"
    site.clock.forward(minutes=1)
    let_in = await sign_in(site)
    assert let_in.json().get("warnings") == [], let_in.text
    assert (await sign_in(site, Role.SUPERVISOR)).status_code == 200, "no lawyer: signs in as they like"
    assert "signed_in_off_roster" not in await acts(site)


# ── the month ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_month_as_figures_and_as_a_file(site: Site) -> None:
    firm = await making.firm(site.engine, "h1", "示例所", now=site.clock.now())
    who = await lawyer(site, firm=firm)
    await shift(site, who, "09:00", "17:00", "2026-11-20")
    await shift(site, who, "09:00", "17:00", "2026-11-19")
    nine = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    await making.sat(site.engine, "h1", "01", who, nine - timedelta(minutes=10), nine + timedelta(hours=6))
    await site.call(operator=Role.OPERATOR, at=nine + timedelta(hours=1))
    await site.call(operator=Role.OPERATOR, at=nine + timedelta(hours=9))
    async with site.browser(Role.AUDITOR) as client:
        found = (await client.get("/rosters/settlement/2026-11")).json()
        assert (found["state"], found["firms"][0]["name"]) == ("provisional", "示例所")
        (line,) = found["firms"][0]["lawyers"]
        assert {key: line[key] for key in ("name", "shifts", "missed", "answered", "off_duty_answered")} == {
            "name": "h1operator",
            "shifts": 2,
            "missed": 1,
            "answered": 2,
            "off_duty_answered": 1,
        }
        assert (line["shift_seconds"], line["duty_seconds"], line["talk_seconds"]) == (16 * 3600, 6 * 3600, 120)
        assert line["adherence"] == found["sum"]["adherence"] == 0.375
        assert set(found["formulas"]) >= {"adherence", "duty_seconds", "answered"}
        answer = await client.get("/rosters/settlement/2026-11/xlsx")
        book = openpyxl.load_workbook(BytesIO(answer.content))
        assert next(book["按律所"].iter_rows(min_row=5, values_only=True))[:5] == ("示例所", 2, 1, 16, 6)
        assert (await client.get("/rosters/settlement/2026-13")).status_code == 422
        empty = (await client.get("/rosters/settlement/2027-01")).json()
        assert (empty["firms"], empty["sum"]["adherence"]) == ([], None)
    assert "export" in await acts(site)


async def test_a_call_through_two_hands_counts_for_both(site: Site) -> None:
    who = await lawyer(site)
    other = await lawyer(site, Role.SUPERVISOR)
    nine = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    call, _ = await site.call(operator=Role.SUPERVISOR, at=nine)
    out, _ = await site.call(operator=Role.OPERATOR, at=nine)

    def part(kind: str, begins: int, ends: int | None, operator: str | None) -> dict[str, Any]:
        until = None if ends is None else (nine + timedelta(seconds=ends)).isoformat()
        return {
            "kind": kind,
            "since": (nine + timedelta(seconds=begins)).isoformat(),
            "until": until,
            "operator": operator,
        }

    chain = [
        part("waiting", 0, 10, None),
        part("ringing", 10, 15, who),
        part("talking", 15, 75, who),
        part("consulting", 75, 105, who),
        part("conference", 105, 125, who),
        part("talking", 125, 225, other),
        part("rating", 225, 240, None),
    ]
    async with site.engine.begin() as conn:
        await conn.execute(update(CALLS).where(CALLS.c.id == call).values(segments=chain))
        ring = [part("dialling", 0, 20, who), part("talking", 20, 50, who)]
        await conn.execute(update(CALLS).where(CALLS.c.id == out).values(segments=ring, direction="out"))
    async with site.browser(Role.AUDITOR) as client:
        found = (await client.get("/rosters/settlement/2026-11")).json()["firms"][0]["lawyers"]
    told = {each["lawyer"]: (each["answered"], each["called_back"], each["talk_seconds"]) for each in found}
    assert told == {who: (1, 1, 140), other: (1, 0, 100)}


async def test_who_sat_down_before_the_month_began_is_counted(site: Site) -> None:
    who = await lawyer(site)
    await shift(site, who, "20:00", "08:00", "2026-10-31")
    eve = datetime(2026, 10, 31, 12, tzinfo=UTC)
    await making.sat(site.engine, "h1", "01", who, eve, eve + timedelta(hours=12))
    async with site.browser(Role.SUPERVISOR) as client:
        november = (await client.get("/rosters/settlement/2026-11")).json()["sum"]
        october = (await client.get("/rosters/settlement/2026-10")).json()["sum"]
    assert (october["duty_seconds"], november["duty_seconds"]) == (4 * 3600, 8 * 3600)


async def test_the_hall_learns_how_it_is_served_and_whom_to_ring(site: Site) -> None:
    who = await lawyer(site, mobile="13800138000")
    night = await making.shift(
        site.engine, "h1", TODAY, "20:00", "08:00", who, now=site.clock.now(), mode=DutyMode.FORWARDED_MOBILE
    )
    async with site.browser(Role.OPERATOR) as client:
        assert (await client.get("/rosters/duty")).json() == {
            "mode": "live",
            "lawyers": [],
            "until": "2026-11-21T12:00:00Z",
        }
    site.clock.forward(hours=11)
    async with site.browser(Role.OPERATOR) as client:
        told = (await client.get("/rosters/duty")).json()
        assert (told["mode"], told["lawyers"]) == ("forwarded_mobile", [who])
    async with site.engine.connect() as conn:
        duty = await service.current_duty(conn, "h1", site.clock.now())
        (phone,) = await service.night_phones(conn, site.seal, "h1", duty)
        assert (phone.number, phone.name, night > 0) == ("13800138000", "h1operator", True)
        assert (await service.current_duty(conn, "h2", site.clock.now())).lawyers == ()
