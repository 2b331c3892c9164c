"""Who may take, send, read and settle a rating, and what a caller sees behind a link."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from hotline.people.permissions import Role
from hotline.ratings import codes
from hotline.store.tables import CALLS, JOURNAL, RATING_LINKS, RATINGS
from tests.api.site import Site

SOMEBODY = "acc-somebody"
FIVES = {"attitude": "5", "efficiency": "5", "skill": "5", "policy": "5"}


async def served(site: Site, hall: str = "h1", **more: Any) -> tuple[str, str]:
    """A call that somebody else than the accounts here has answered."""
    return await site.call(hall, operator=SOMEBODY, **more)


async def link(site: Site, ticket: str) -> str:
    """The path of a fresh link."""
    async with site.browser(Role.SUPERVISOR) as client:
        answer = await client.post(f"/tickets/{ticket}/rating-link")
    assert answer.status_code == 201, answer.text
    return httpx2.URL(answer.json()["address"]).path


async def visit(site: Site, path: str, form: dict[str, str] | None = None, address: str = "127.0.0.1") -> Any:
    """What a telephone without session gets."""
    async with site.client(address=address) as client:
        del client.headers["X-Console"]
        client.base_url = "http://localhost"
        if form is None:
            return await client.get(path)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await client.post(path, content=urlencode(form), headers=headers)


async def rows(site: Site) -> list[Any]:
    async with site.engine.connect() as conn:
        return list((await conn.execute(select(RATINGS).order_by(RATINGS.c.id))).all())


async def take(site: Site, call: str, role: Role = Role.SUPERVISOR, **body: Any) -> httpx2.Response:
    async with site.browser(role) as client:
        return await client.post(f"/calls/{call}/rating", json={"scores": {"attitude": 2}, **body})


# ── by call-back ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_supervisor_takes_a_rating_on_the_phone(site: Site) -> None:
    call, ticket = await served(site)
    answer = await take(site, call, comment="  等了很久  ")
    assert answer.status_code == 201
    [row] = await rows(site)
    assert answer.json() == {"id": row.id}
    assert (row.ticket, row.way, row.operator, row.satisfied) == (ticket, "call_back", SOMEBODY, False)
    assert row.taken_by == site.people["h1", Role.SUPERVISOR].id
    assert "等了很久".encode() not in row.comment_sealed
    [entry] = await site.audit()
    assert (entry["act"], entry["object"], entry["data"]) == ("rating_taken", call, {"rating": row.id})
    assert (await take(site, call)).json()["code"] == "rating_given"


async def test_whoever_served_the_caller_has_no_hand_in_it(site: Site) -> None:
    own, own_ticket = await site.call(operator=Role.SUPERVISOR)
    passed, passed_ticket = await served(site)
    account = site.people["h1", Role.SUPERVISOR].id
    async with site.engine.begin() as conn:
        line = {"hall": "h1", "seq": 900, "at": site.clock.now(), "epoch": 1, "type": "CallPassed", "call": passed}
        await conn.execute(insert(JOURNAL).values(**line, call_seq=2, actor="system", data={"operator": account}))
    async with site.browser(Role.SUPERVISOR) as client:
        for call, ticket in ((own, own_ticket), (passed, passed_ticket)):
            for answer in (
                await client.post(f"/calls/{call}/rating", json={"scores": {"attitude": 5}}),
                await client.post(f"/tickets/{ticket}/rating-link"),
            ):
                assert (answer.status_code, answer.json()["code"]) == (403, "rating_own_call")
    assert await rows(site) == []


@pytest.mark.parametrize("how", ["live", "lost", "out"])
async def test_only_a_call_that_was_answered_and_is_over_can_be_rated(site: Site, how: str) -> None:
    call, ticket = await (site.call(operator=None) if how == "lost" else served(site, live=how == "live"))
    if how == "out":
        async with site.engine.begin() as conn:
            await conn.execute(CALLS.update().where(CALLS.c.id == call).values(direction="out"))
    async with site.browser(Role.SUPERVISOR) as client:
        taken = await client.post(f"/calls/{call}/rating", json={"scores": {"attitude": 5}})
        linked = await client.post(f"/tickets/{ticket}/rating-link")
    assert taken.json()["code"] == linked.json()["code"] == "rating_not_possible"


@pytest.mark.parametrize(
    "body",
    [
        {"scores": {}},
        {"scores": {"attitude": 6}},
        {"scores": {"attitude": 0}},
        {"scores": {"attitude": "5"}},
        {"scores": {"attitude": 4.0}},
        {"scores": {"attitude": 5}, "comment": "长" * 501},
        {},
    ],
)
async def test_other_scores_are_refused(site: Site, body: dict[str, Any]) -> None:
    call, _ = await served(site)
    async with site.browser(Role.SUPERVISOR) as client:
        answer = await client.post(f"/calls/{call}/rating", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


# ── by link ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_caller_rates_by_link_once(site: Site) -> None:
    call, ticket = await served(site)
    path = await link(site, ticket)
    shown = await visit(site, path)
    assert shown.status_code == 200
    assert "2026 年 11 月 21 日" in shown.text
    for secret in (call, ticket, SOMEBODY, "8000", "h1-", "h1大厅"):
        assert secret not in shown.text
    assert (await rows(site))[0].at is None
    sent = await visit(site, path, {**FIVES, "policy": "", "comment": "谢谢律师\r\n很有耐心"})
    assert (sent.status_code, sent.headers["location"]) == (303, path)
    assert "感谢您的评价" in (await visit(site, path)).text
    again = await visit(site, path, {"attitude": "1"})
    assert (again.status_code, "感谢您的评价" in again.text) == (200, True)
    [row] = await rows(site)
    assert (row.way, row.attitude, row.policy, row.satisfied, row.operator) == ("link", 5, None, True, SOMEBODY)
    async with site.browser(Role.SUPERVISOR) as client:
        assert (await client.get(f"/ratings/{row.id}")).json()["comment"] == "谢谢律师\n很有耐心"


async def test_the_page_is_closed_to_everything_from_elsewhere(site: Site) -> None:
    _, ticket = await served(site)
    answer = await visit(site, await link(site, ticket))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers


async def test_the_address_is_the_halls_or_the_consoles_and_the_code_is_kept_nowhere(site: Site) -> None:
    _, ticket = await served(site)
    async with site.browser(Role.SUPERVISOR) as client:
        made = (await client.post(f"/tickets/{ticket}/rating-link")).json()
    code = made["address"].rsplit("/", 1)[1]
    assert made["address"] == f"http://localhost/rate/{code}"
    assert datetime.fromisoformat(made["expires_at"]) == site.clock.now() + timedelta(days=7)
    assert [entry["act"] for entry in await site.audit()] == ["rating_link"]
    assert code not in str(await site.audit())
    async with site.engine.connect() as conn:
        [kept] = (await conn.execute(select(RATING_LINKS))).all()
        for table in ("rating_links", "ratings", "audit"):
            stored = (await conn.execute(text(f"SELECT t::text FROM {table} t"))).scalars().all()
            assert not any(code in row for row in stored)
    assert kept.code_hash == codes.hash_of(code)


async def test_a_link_expires(site: Site) -> None:
    _, ticket = await served(site)
    path = await link(site, ticket)
    site.clock.forward(days=7, seconds=-1)
    assert (await visit(site, path)).status_code == 200
    site.clock.forward(seconds=1)
    for answer in (await visit(site, path), await visit(site, path, FIVES)):
        assert (answer.status_code, "已过期" in answer.text) == (410, True)
    assert (await rows(site))[0].at is None


async def test_a_newer_link_takes_the_place_of_the_older(site: Site) -> None:
    _, ticket = await served(site)
    older, newer = await link(site, ticket), await link(site, ticket)
    told = await visit(site, older, FIVES)
    assert (told.status_code, "新的链接" in told.text) == (410, True)
    assert (await visit(site, newer, FIVES)).status_code == 303
    async with site.browser(Role.SUPERVISOR) as client:
        answer = await client.post(f"/tickets/{ticket}/rating-link")
    assert answer.json()["code"] == "rating_given"
    assert len(await rows(site)) == 1


async def test_of_many_uses_at_once_one_counts(site: Site) -> None:
    """Real connections, real locks: each try has other scores, exactly one of them is the rating."""
    _, ticket = await served(site)
    path = await link(site, ticket)
    answers = await asyncio.gather(*(visit(site, path, {"attitude": str(1 + n % 5)}) for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [303]
    winner = next(n for n, answer in enumerate(answers) if answer.status_code == 303)
    [row] = await rows(site)
    assert row.attitude == 1 + winner % 5


async def test_links_that_are_made_while_one_is_used_do_not_lock_each_other_out(site: Site) -> None:
    _, ticket = await served(site)
    paths = [await link(site, ticket)]
    async with site.browser(Role.SUPERVISOR) as client:

        async def renew() -> int:
            return (await client.post(f"/tickets/{ticket}/rating-link")).status_code

        made = await asyncio.gather(*(renew() for _ in range(4)), *(visit(site, paths[0], FIVES) for _ in range(4)))
    assert {each if isinstance(each, int) else each.status_code for each in made} <= {200, 201, 303, 409, 410}
    async with site.engine.connect() as conn:
        k = RATING_LINKS.c
        open_links = (
            await conn.execute(select(k.code_hash).where(k.used_at.is_(None), k.withdrawn_at.is_(None)))
        ).all()
    assert len(open_links) <= 1


@pytest.mark.parametrize(
    "form",
    [{}, {"attitude": "6"}, {"attitude": "５"}, {"attitude": "-1", "comment": "x"}, {**FIVES, "comment": "长" * 501}],
)
async def test_what_cannot_be_taken_is_shown_again_with_what_was_written(site: Site, form: dict[str, str]) -> None:
    _, ticket = await served(site)
    path = await link(site, ticket)
    answer = await visit(site, path, form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert form.get("comment", "") in answer.text
    assert answer.text.count(" checked") == sum(form.get(name) == "5" for name in FIVES)
    assert (await visit(site, path, FIVES)).status_code == 303, "the link was not used up"


async def test_a_body_that_is_no_form_is_refused(site: Site) -> None:
    _, ticket = await served(site)
    path = await link(site, ticket)
    huge = await visit(site, path, {**FIVES, "comment": "x" * 40_000})
    many = await visit(site, path, {**FIVES, **{f"f{n}": "x" for n in range(30)}})
    async with site.client() as client:
        client.base_url = "http://localhost"
        odd = await client.post(path, content=b"\xff\x00attitude=5")
    assert [huge.status_code, many.status_code, odd.status_code] == [400, 400, 400]
    assert (await rows(site))[0].at is None


async def test_guessing_is_soon_not_heard(site: Site) -> None:
    """Wrong codes of every kind; then nothing is heard from there, a right code included. Others are not touched."""
    _, ticket = await served(site)
    path = await link(site, ticket)
    unknown = codes.make(site.seal, bytes(16))
    guesses = [unknown, unknown[:-1], "x", "A" * 32, "%00", "A" * 3000]
    told = [(await visit(site, f"/rate/{guesses[n % 6]}", FIVES if n % 2 else None)).status_code for n in range(30)]
    assert told == [404] * 20 + [429] * 10
    blocked = await visit(site, path, FIVES)
    assert (blocked.status_code, blocked.headers["retry-after"]) == (429, "600")
    async with site.client(base="https://localhost", address="203.0.113.9") as client:
        client.base_url = "https://localhost"
        assert (await client.get(path)).status_code == 200
    assert (await rows(site))[0].at is None


async def test_an_ipv6_customer_is_counted_as_one(site: Site) -> None:
    _, ticket = await served(site)
    path = await link(site, ticket)
    for n in range(20):
        async with site.client(base="https://localhost", address=f"2001:db8::{n:x}") as client:
            client.base_url = "https://localhost"
            assert (await client.get("/rate/x")).status_code == 404
    async with site.client(base="https://localhost", address="2001:db8::ffff") as client:
        client.base_url = "https://localhost"
        assert (await client.get(path)).status_code == 429


async def test_a_database_that_is_away_is_told_kindly_and_uses_nothing_up(site: Site) -> None:
    _, ticket = await served(site)
    path = await link(site, ticket)
    away = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:9/nothing")
    site.app.state.engine = away
    for answer in (await visit(site, path), await visit(site, path, FIVES)):
        assert (answer.status_code, "请过几分钟" in answer.text) == (503, True)
    await away.dispose()
    site.app.state.engine = site.engine
    assert (await visit(site, path, FIVES)).status_code == 303


async def test_plain_http_is_for_this_machine_only(site: Site) -> None:
    _, ticket = await served(site)
    answer = await visit(site, await link(site, ticket), address="192.0.2.7")
    assert (answer.status_code, "https" in answer.text) == (403, True)


# ── reading and following up ─────────────────────────────────────────────────────────────────────────────────────────


async def rated(site: Site, count: int = 1, *, attitude: int = 5, operator: Any = SOMEBODY, **row: Any) -> list[int]:
    """Ratings as they are stored; their ids."""
    made: list[int] = []
    for _ in range(count):
        call, ticket = await site.call(operator=operator, caller=f"1380013{len(made):04}")
        account = site.people["h1", operator].id if isinstance(operator, Role) else operator
        values: dict[str, Any] = {"hall": "h1", "call": call, "ticket": ticket, "way": "key", "operator": account}
        at = site.clock.now()
        values |= {"asked_at": at, "at": at, "changed_at": at, "attitude": attitude, "satisfied": attitude >= 4} | row
        async with site.engine.begin() as conn:
            query = insert(RATINGS).values(**values).returning(RATINGS.c.id)
            made.append((await conn.execute(query)).scalar_one())
        site.clock.forward(minutes=1)
    return made


async def test_dissatisfied_callers_come_first_until_somebody_spoke_with_them(site: Site) -> None:
    [bad] = await rated(site, attitude=1)
    good = await rated(site, 3)
    async with site.browser(Role.SUPERVISOR) as client:
        first = (await client.get("/ratings?limit=2")).json()
        assert [item["id"] for item in first["items"]] == [bad, good[2]]
        assert (first["items"][0]["caller"], first["items"][0]["to_follow_up"]) == ("138****0000", True)
        second = (await client.get("/ratings", params={"limit": 2, "cursor": first["next_cursor"]})).json()
        assert [item["id"] for item in second["items"]] == [good[1], good[0]]
        assert second["next_cursor"] is None
        assert [item["id"] for item in (await client.get("/ratings?to_follow_up=true")).json()["items"]] == [bad]
        done = await client.post(f"/ratings/{bad}/follow-up", json={"note": "已致歉，预约当面咨询"})
        assert done.status_code == 200
        assert (done.json()["to_follow_up"], done.json()["note"]) == (False, "已致歉，预约当面咨询")
        assert (done.json()["satisfied"], done.json()["scores"]["attitude"]) == (False, 1)
        assert (await client.get("/ratings?to_follow_up=true")).json()["items"] == []
        assert [item["id"] for item in (await client.get("/ratings")).json()["items"]] == [*good[::-1], bad]
        again = await client.post(f"/ratings/{bad}/follow-up", json={"note": "再次回访"})
        happy = await client.post(f"/ratings/{good[0]}/follow-up", json={"note": "回访"})
        assert again.json()["code"] == happy.json()["code"] == "rating_not_open"
    assert [entry["act"] for entry in await site.audit()] == ["rating_followed"]


async def test_nobody_reads_what_was_said_about_the_own_service(site: Site) -> None:
    [own] = await rated(site, attitude=1, operator=Role.SUPERVISOR)
    async with site.browser(Role.SUPERVISOR) as client:
        assert (await client.get("/ratings")).json()["items"] == []
        assert (await client.get(f"/ratings/{own}")).status_code == 404
        answer = await client.post(f"/ratings/{own}/follow-up", json={"note": "我自己回访了"})
        assert (answer.status_code, answer.json()["code"]) == (403, "rating_own_call")


async def test_words_are_opened_on_record(site: Site) -> None:
    call, _ = await served(site)
    await take(site, call, comment="态度不好")
    [silent] = await rated(site)
    async with site.browser(Role.SUPERVISOR) as client:
        listed = (await client.get("/ratings")).json()["items"]
        assert [(item["has_comment"], "comment" in item) for item in listed] == [(True, False), (False, False)]
        assert (await client.get(f"/ratings/{listed[0]['id']}")).json()["comment"] == "态度不好"
        assert (await client.get(f"/ratings/{silent}")).json()["comment"] == ""
    assert [entry["act"] for entry in await site.audit()] == ["rating_taken", "rating_view"]


async def test_the_list_is_searched(site: Site) -> None:
    [bad] = await rated(site, attitude=2, way="link")
    site.clock.forward(days=2)
    [good] = await rated(site)
    async with site.browser(Role.SUPERVISOR) as client:
        for query, expected in (
            ("satisfied=true", [good]),
            ("satisfied=false", [bad]),
            ("way=link", [bad]),
            ("from=2026-11-22", [good]),
            ("to=2026-11-21", [bad]),
            ("from=2026-11-21&to=2026-11-23", [bad, good]),
            ("queue=main", [bad, good]),
            ("queue=other", []),
            (f"operator={SOMEBODY}", [bad, good]),
            ("operator=x", []),
            ("from=0001-01-01&to=9999-12-31", [bad, good]),
        ):
            answer = await client.get(f"/ratings?{query}")
            assert [item["id"] for item in answer.json()["items"]] == expected, query


async def test_the_seat_finds_no_trace_in_the_journal_of_its_call(site: Site) -> None:
    call, _ = await site.call(operator=Role.OPERATOR)
    events = [("RatingOffered", {}), ("AnnouncementBegun", {"prompt": "rate-attitude"})]
    events += [
        ("RatingGiven", {"question": "attitude", "score": 1}),
        ("CallEnded", {"outcome": "answered", "by": "us"}),
    ]
    async with site.engine.begin() as conn:
        for n, (kind, data) in enumerate(events, start=2):
            line = {"hall": "h1", "seq": 900 + n, "at": site.clock.now(), "epoch": 1, "type": kind, "call": call}
            await conn.execute(insert(JOURNAL).values(**line, call_seq=n, actor="system", data=data))

    async def seen(role: Role) -> list[str]:
        async with site.browser(role) as client:
            return [line["type"] for line in (await client.get(f"/calls/{call}")).json()["journal"]]

    assert await seen(Role.OPERATOR) == ["CallArrived", "CallEnded"]
    assert await seen(Role.AUDITOR) == ["CallArrived", "CallEnded"]
    assert await seen(Role.SUPERVISOR) == ["CallArrived", *(kind for kind, _ in events)]
    async with site.engine.begin() as conn:
        supervisor = site.people["h1", Role.SUPERVISOR].id
        await conn.execute(CALLS.update().where(CALLS.c.id == call).values(operator=supervisor))
    assert await seen(Role.SUPERVISOR) == ["CallArrived", "CallEnded"]


# ── figures ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_figures_by_day_person_and_queue(site: Site) -> None:
    await rated(site, 3, operator=Role.OPERATOR)
    await rated(site, attitude=1, operator=Role.OPERATOR)
    await site.call(operator=Role.OPERATOR)
    await site.call(operator=None)
    async with site.browser(Role.ADMINISTRATOR) as client:
        found = (await client.get("/ratings/figures")).json()
        assert (found["first"], found["last"]) == ("2026-10-23", "2026-11-21")
        figures = {each["id"]: each for each in found["figures"]}
        assert (figures["rating_rate"]["numerator"], figures["rating_rate"]["denominator"]) == (4, 5)
        assert (figures["satisfaction"]["numerator"], figures["satisfaction"]["denominator"]) == (3, 4)
        for part in ("days", "operators", "queues"):
            [only] = found[part]
            assert (only["answered"], only["rated"], only["rating_rate"], only["satisfaction"]) == (5, 4, 0.8, 0.75)
        assert found["operators"][0]["label"] == "1001 h1operator"
        assert found["queues"][0]["label"] == "人工服务"
        empty = (await client.get("/ratings/figures?from=0001-01-01&to=0001-01-02")).json()
        assert (empty["days"], {each["denominator"] for each in empty["figures"]}) == ([], {0, 1})
        assert (await client.get("/ratings/figures?to=9999-12-31")).json()["last"] == "2026-11-21"


async def test_operators_see_the_mean_of_five_callers_and_no_rating(site: Site) -> None:
    site.clock.at = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
    await rated(site, 4, attitude=5, operator=Role.OPERATOR)
    await rated(site, 6, attitude=3)
    site.clock.at = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
    async with site.browser(Role.OPERATOR) as client:
        few = (await client.get("/ratings/own")).json()
        assert (few["month"], few["over"], few["enough"], few["rated"]) == ("2026-10", True, False, None)
        assert few["fewest"] == 5
        assert (await client.get("/ratings")).status_code == 403
        assert (await client.get("/ratings/figures")).status_code == 403
    call, _ = await site.call(operator=Role.OPERATOR, caller="13900000000", at=datetime(2026, 10, 6, 2, tzinfo=UTC))
    async with site.engine.begin() as conn:
        at = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)
        operator = site.people["h1", Role.OPERATOR].id
        row = {"hall": "h1", "call": call, "ticket": "t", "way": "link", "operator": operator, "asked_at": at, "at": at}
        await conn.execute(insert(RATINGS).values(**row, changed_at=at, attitude=1, satisfied=False))
    async with site.browser(Role.OPERATOR) as client:
        enough = (await client.get("/ratings/own")).json()
        assert (enough["rated"], enough["overall"]) == (5, {"mean": 4.2, "scores": 5})
        assert enough["means"] == {"attitude": {"mean": 4.2, "scores": 5}}
        running = (await client.get("/ratings/own?month=2026-11")).json()
        assert (running["over"], running["overall"]) == (False, None)
        assert (await client.get("/ratings/own?month=2026-13")).status_code == 422
