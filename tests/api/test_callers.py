"""Rules about callers through the routes: asked for, decided, reviewed, ended, told; and conflicts of interest."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select, text

from hotline.audit.trail import verify_chain
from hotline.callers.book import CallerBook
from hotline.callers.reading import read_book
from hotline.callers.treatment import Level, Policy
from hotline.people.permissions import Role
from hotline.store.tables import CALLER_RULES, FIRMS, LAWYERS
from tests.api.site import Site

A, B, C = "13800138000", "13900139000", "057188881234"
SOON = "2026-12-20"


class Told:
    """What the halls are told, kept in a book of each hall as the hall itself would."""

    def __init__(self, site: Site) -> None:
        self.books = {"h1": CallerBook(), "h2": CallerBook()}
        self.sizes: list[int] = []
        self._site = site
        site.app.state.on_callers_changed = self._hear

    def _hear(self, hall: str, entries: Any) -> None:
        self.sizes.append(len(entries))
        self.books[hall].change(entries)

    def of(self, number: str, hall: str = "h1") -> Any:
        return self.books[hall].of(number, self._site.clock.now())

    async def is_what_the_store_says(self, *numbers: str) -> bool:
        """A hall that begins to be led now would read the same."""
        now = self._site.clock.now()
        async with self._site.engine.connect() as conn:
            book = await read_book(conn, self._site.seal, "h1", now, Policy())
        return len(book) == len(self.books["h1"]) and all(book.of(each, now) == self.of(each) for each in numbers)


@pytest_asyncio.fixture
async def told(site: Site) -> Told:
    return Told(site)


def harassing(level: str, **more: Any) -> dict[str, Any]:
    return {"number": A, "kind": "harassing", "level": level, "reason": "辱骂律师，已两次警告", **more}


async def make(client: httpx2.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/callers/rules", json={"reason": "来电自述", **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_asked_at_the_desk_and_approved(site: Site, told: Told) -> None:
    call, _ = await site.call(caller=A)
    async with site.browser(Role.OPERATOR) as operator, site.browser(Role.SUPERVISOR) as supervisor:
        body = {"call": call, "kind": "harassing", "level": "limited", "reason": "反复辱骂，已警告两次"}
        asked = await operator.post("/callers/rules/requests", json=body)
        assert asked.status_code == 201, asked.text
        row = asked.json()
        assert (row["state"], row["caller"], row["created_by"]) == ("requested", "138****8000", "h1operator")
        assert told.sizes == [], "nothing is in force yet"
        again = await operator.post("/callers/rules/requests", json=body)
        assert (again.status_code, again.json()["code"]) == (409, "caller_rule_exists")
        pop = (await operator.get(f"/calls/{call}/pop")).json()
        assert [(each["kind"], each["level"], each["state"]) for each in pop["marks"]] == [
            ("harassing", "limited", "requested")
        ]
        assert (await supervisor.get("/callers/rules/waiting")).json() == {"requested": 1, "due": 0}
        listed = (await supervisor.get("/callers/rules", params={"shelf": "requested"})).json()["items"]
        assert [each["id"] for each in listed] == [row["id"]]
        path = f"/callers/rules/{row['id']}"
        without = await supervisor.post(f"{path}/approve", json={"reason": "属实"})
        assert (without.status_code, without.json()["errors"][0]["field"]) == (422, "review_on")
        approved = await supervisor.post(f"{path}/approve", json={"reason": "属实", "review_on": SOON})
        assert (approved.status_code, approved.json()["state"]) == (200, "active")
        assert approved.json()["decided_by"] == "h1supervisor"
        assert (told.of(A).level, told.of(A).calls_a_day, told.sizes) == (Level.LIMITED, 3, [1])
        late = await supervisor.post(f"{path}/decline", json={"reason": "重复"})
        assert (late.status_code, late.json()["code"]) == (409, "caller_rule_state")
    assert await told.is_what_the_store_says(A)
    acts = [(each["act"], each["object"], each["data"]) for each in await site.audit()]
    assert acts == [
        ("caller_rule_asked", f"caller-rule:{row['id']}", {"kind": "harassing", "level": "limited"}),
        ("caller_rule_approved", f"caller-rule:{row['id']}", {"kind": "harassing", "level": "limited"}),
    ]


async def test_what_is_not_approved_has_no_effect(site: Site, told: Told) -> None:
    call, _ = await site.call(caller=A)
    async with site.browser(Role.OPERATOR) as operator, site.browser(Role.SUPERVISOR) as supervisor:
        body = {"call": call, "kind": "minor", "reason": "自述十五岁"}
        row = (await operator.post("/callers/rules/requests", json=body)).json()
        answer = await supervisor.post(f"/callers/rules/{row['id']}/decline", json={"reason": "回访为成年人"})
        assert (answer.json()["state"], answer.json()["end_reason"]) == ("declined", "回访为成年人")
        assert (await operator.get(f"/calls/{call}/pop")).json()["marks"] == []
        over = (await supervisor.get("/callers/rules", params={"shelf": "over"})).json()["items"]
        assert [each["id"] for each in over] == [row["id"]]
        assert (await operator.post("/callers/rules/requests", json=body)).status_code == 201, "it may be asked again"
    assert told.sizes == []


async def test_one_asks_about_ones_own_calls_only(site: Site) -> None:
    other, _ = await site.call(operator=Role.SUPERVISOR)
    ringing, _ = await site.call(operator=None, live=True)
    withheld, _ = await site.call(caller=None)
    far, _ = await site.call("h2")
    async with site.browser(Role.OPERATOR) as operator:
        for call, expected in ((other, 404), (ringing, 404), (far, 404), (withheld, 409)):
            body = {"call": call, "kind": "elderly", "reason": "自述八十岁"}
            assert (await operator.post("/callers/rules/requests", json=body)).status_code == expected
        site.on_the_phone(ringing, A)
        body["call"] = ringing
        assert (await operator.post("/callers/rules/requests", json=body)).status_code == 201


async def test_a_lawyer_asks_for_himself(site: Site, told: Told) -> None:
    call, _ = await site.call(caller=A)
    me = site.people["h1", Role.OPERATOR].id
    async with site.browser(Role.OPERATOR) as operator, site.browser(Role.SUPERVISOR) as supervisor:
        for kind in ("prefer", "avoid"):
            row = (
                await operator.post("/callers/rules/requests", json={"call": call, "kind": kind, "reason": "是我亲属"})
            ).json()
            assert (row["operator"], row["operator_name"]) == (me, "h1operator")
            await supervisor.post(f"/callers/rules/{row['id']}/approve", json={"reason": "同意"})
            if kind == "prefer":
                assert (told.of(A).preferred, told.of(A).excluded) == (me, ())
    assert (told.of(A).preferred, told.of(A).excluded) == (None, (me,))


async def test_made_by_a_supervisor_from_a_call_nobody_saw_the_number_of(site: Site, told: Told) -> None:
    call, _ = await site.call(caller=C)
    async with site.browser(Role.SUPERVISOR) as supervisor:
        row = await make(supervisor, call=call, kind="emergency")
        assert (row["state"], row["caller"], row["call"]) == ("active", "0571****1234", call)
    assert told.of(C).priority == 3
    assert told.of(C, "h2").priority == 0
    async with site.engine.connect() as conn:
        stored = (await conn.execute(text("SELECT caller_rules::text FROM caller_rules"))).scalar_one()
    assert "88881234" not in stored


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (harassing("blocked"), "review_on"),
        (harassing("blocked", review_on="2026-11-21"), "review_on"),
        (harassing("limited", review_on="2027-02-20"), "review_on"),
        ({"number": A, "kind": "harassing", "reason": "骚扰"}, "level"),
        ({"number": A, "kind": "minor", "level": "warned", "reason": "自述"}, "level"),
        ({"number": "12", "kind": "minor", "reason": "自述"}, "number"),
        ({"number": "anonymous", "kind": "minor", "reason": "自述"}, "number"),
        ({"number": A, "kind": "prefer", "reason": "熟悉案情"}, "operator"),
        ({"number": A, "kind": "avoid", "operator": "acc-nobody", "reason": "亲属"}, "operator"),
        ({"number": A, "kind": "conflict", "reason": "对方"}, "kind"),
        ({"number": A, "kind": "minor", "reason": ""}, "reason"),
        ({"number": A, "call": "h1-000000001", "kind": "minor", "reason": "自述"}, "number"),
        ({"kind": "minor", "reason": "自述"}, "number"),
    ],
)
async def test_what_does_not_do(site: Site, told: Told, body: dict[str, Any], field: str) -> None:
    async with site.browser(Role.SUPERVISOR) as supervisor:
        answer = await supervisor.post("/callers/rules", json=body)
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert all(not each["message"].isascii() for each in answer.json()["errors"])
    assert told.sizes == []


async def test_ninety_days_are_enough(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as supervisor:
        assert (await make(supervisor, **harassing("blocked", review_on="2027-02-19")))["review_on"] == "2027-02-19"


async def test_who_is_in_danger_cannot_be_held_back(site: Site, told: Told) -> None:
    async with site.browser(Role.SUPERVISOR) as supervisor:
        blocked = await make(supervisor, **harassing("blocked", review_on=SOON))
        assert told.of(A).level is Level.BLOCKED
        emergency = await make(supervisor, number=A, kind="emergency")
        assert (told.of(A).level, told.of(A).priority) == (Level.NONE, 3)
        answer = await supervisor.post(
            f"/callers/rules/{blocked['id']}/review", json={"reason": "仍有骚扰", "review_on": SOON}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "caller_in_danger")
        for number, expected in ((A, 409), (B, 201)):
            body = harassing("limited", review_on=SOON, number=number)
            answer = await supervisor.post("/callers/rules", json=body)
            assert answer.status_code == expected
        assert (await supervisor.post("/callers/rules", json=harassing("warned"))).status_code == 409
        ended = await supervisor.post(f"/callers/rules/{emergency['id']}/end", json={"reason": "已脱险"})
        assert ended.json()["state"] == "ended"
        assert told.of(A).level is Level.BLOCKED
    assert await told.is_what_the_store_says(A, B)


async def test_a_block_nobody_reviews_weakens_and_is_listed(site: Site, told: Told) -> None:
    async with site.browser(Role.SUPERVISOR) as supervisor:
        row = await make(supervisor, **harassing("blocked", review_on="2026-11-23"))
        await make(supervisor, number=B, kind="minor", review_on="2026-11-22")
        assert (await supervisor.get("/callers/rules", params={"shelf": "due"})).json()["items"] == []
    site.clock.at = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)  # a minute before midnight in Shanghai
    async with site.browser(Role.SUPERVISOR) as supervisor:
        due = (await supervisor.get("/callers/rules", params={"shelf": "due", "limit": 1})).json()
        assert [each["kind"] for each in due["items"]] == ["minor"], "the one that is longest due comes first"
        rest = {"shelf": "due", "cursor": due["next_cursor"]}
        assert [each["id"] for each in (await supervisor.get("/callers/rules", params=rest)).json()["items"]] == [
            row["id"]
        ]
        assert told.of(A).level is Level.BLOCKED
    site.clock.forward(minutes=1)
    async with site.browser(Role.SUPERVISOR) as supervisor:
        assert told.of(A).level is Level.LIMITED, "nobody told the hall, and nobody had to"
        assert await told.is_what_the_store_says(A, B)
        seen = (await supervisor.get("/callers/rules", params={"number": A, "shelf": "due"})).json()["items"][0]
        assert (seen["level"], seen["level_now"], seen["is_due"]) == ("blocked", "limited", True)
        assert (await supervisor.get("/callers/rules/waiting")).json() == {"requested": 0, "due": 2}
        path = f"/callers/rules/{row['id']}/review"
        answer = await supervisor.post(path, json={"reason": "本月仍有骚扰", "review_on": "2026-12-31"})
        assert (answer.json()["level_now"], answer.json()["is_due"]) == ("blocked", False)
        assert told.of(A).level is Level.BLOCKED
        weaker = await supervisor.post(path, json={"reason": "有改善", "level": "warned"})
        assert (weaker.json()["level"], weaker.json()["review_reason"]) == ("warned", "有改善")
        assert told.of(A).level is Level.WARNED
        wrong = await supervisor.post(path, json={"reason": "有改善", "level": "none"})
        assert wrong.status_code == 422


async def test_approving_a_stronger_level_replaces_the_weaker(site: Site, told: Told) -> None:
    call, _ = await site.call(caller=A)
    async with site.browser(Role.OPERATOR) as operator, site.browser(Role.SUPERVISOR) as supervisor:
        first = await make(supervisor, **harassing("warned"))
        body = {"call": call, "kind": "harassing", "level": "limited", "reason": "继续骚扰"}
        second = (await operator.post("/callers/rules/requests", json=body)).json()
        decided = {"level": "blocked", "review_on": SOON, "reason": "屡教不改"}
        answer = await supervisor.post(f"/callers/rules/{second['id']}/approve", json=decided)
        assert answer.json()["level"] == "blocked"
        active = (await supervisor.get("/callers/rules")).json()["items"]
        over = (await supervisor.get("/callers/rules", params={"shelf": "over"})).json()["items"]
    assert [each["id"] for each in active] == [second["id"]]
    assert [(each["id"], each["end_reason"]) for each in over] == [(first["id"], "由新的规则取代")]
    assert told.of(A).level is Level.BLOCKED
    assert await told.is_what_the_store_says(A)


async def test_lists_are_by_hall_kind_and_number_page_by_page(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR, "h2") as far:
        await make(far, number=A, kind="minor")
    made = []
    async with site.browser(Role.SUPERVISOR) as supervisor:
        for n in range(5):
            site.clock.forward(seconds=1)
            made.append((await make(supervisor, number=f"1380000000{n}", kind="elderly"))["id"])
        await make(supervisor, number=A, kind="disabled")
        seen: list[str] = []
        cursor: str | None = None
        while True:
            params = {"kind": "elderly", "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await supervisor.get("/callers/rules", params=params)).json()
            seen += [each["id"] for each in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert seen == made[::-1]
        found = (await supervisor.get("/callers/rules", params={"number": "+86 138-0013-8000"})).json()["items"]
        assert [(each["kind"], each["caller"]) for each in found] == [("disabled", "138****8000")]
        assert (await supervisor.get("/callers/rules", params={"cursor": "?"})).json()["code"] == "bad_cursor"


async def test_the_number_is_shown_for_a_reason_and_on_record(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as supervisor:
        row = await make(supervisor, number=A, kind="minor")
        answer = await supervisor.post(f"/callers/rules/{row['id']}/reveal", json={"reason": "回访核实"})
        assert (answer.json(), answer.headers["cache-control"]) == ({"caller": A}, "no-store")
    last = (await site.audit())[-1]
    assert (last["act"], last["object"], last["reason"]) == ("reveal", f"caller-rule:{row['id']}", "回访核实")
    async with site.browser(Role.SUPERVISOR, "h2") as far:
        for verb, body in (("reveal", {"reason": "看看"}), ("end", {"reason": "看看"}), ("review", {"reason": "看看"})):
            assert (await far.post(f"/callers/rules/{row['id']}/{verb}", json=body)).status_code == 404
    async with site.engine.connect() as conn:
        assert await verify_chain(conn, "h1") is None


# ── conflicts of interest ────────────────────────────────────────────────────────────────────────────────────────────


async def save(client: httpx2.AsyncClient, ticket: str, version: int, **fields: Any) -> httpx2.Response:
    return await client.put(f"/tickets/{ticket}/draft", json=fields, headers={"If-Match": f'"{version}"'})


async def test_who_advised_the_one_side_is_kept_from_the_other(site: Site, told: Told) -> None:
    mine, theirs = site.people["h1", Role.OPERATOR].id, site.people["h1", Role.SUPERVISOR].id
    _, ticket = await site.call(caller=A)
    async with site.browser(Role.OPERATOR) as operator, site.browser(Role.SUPERVISOR) as supervisor:
        saved = await save(operator, ticket, 1, counterparty_contact="+86 139 0013 9000", counterparty_name="李某")
        assert saved.json()["counterparty_contact"] == "139****9000"
        assert (told.of(B).excluded, told.of(B).conflicting, told.of(A).excluded) == ((mine,), (mine,), ())
        assert told.of(B).marks == ("conflict",)
        # The other side rings, is put through to another lawyer, and is thereby advised.
        call, other = await site.call(caller=B, operator=Role.SUPERVISOR)
        pop = (await supervisor.get(f"/calls/{call}/pop")).json()["conflicts"]
        assert [(each["by"], each["mine"], each["operators"]) for each in pop] == [("number", False, ["h1operator"])]
        await save(supervisor, other, 1, facts="被申请人来电")
        assert told.of(A).excluded == (theirs,)
        assert await told.is_what_the_store_says(A, B)
        listed = (await supervisor.get("/callers/conflicts")).json()["items"]
        assert [(each["ticket"], each["caller"], each["other"]) for each in listed] == [
            (ticket, "138****8000", "139****9000")
        ]
        assert (listed[0]["operators"], listed[0]["other_operators"]) == (["h1operator"], ["h1supervisor"])
    async with site.browser(Role.OPERATOR) as operator:
        # Were it the same lawyer all the same, the desk says so.
        call, _ = await site.call(caller=B)
        pop = (await operator.get(f"/calls/{call}/pop")).json()["conflicts"]
        assert [(each["mine"], each["firm"], each["ticket"]) for each in pop] == [(True, False, ticket)]


async def test_the_other_side_is_changed_and_taken_out(site: Site, told: Told) -> None:
    _, ticket = await site.call(caller=A)
    async with site.browser(Role.OPERATOR) as operator:
        await save(operator, ticket, 1, counterparty_contact=B)
        await save(operator, ticket, 2, counterparty_contact=C)
        assert (told.of(B).excluded, len(told.of(C).excluded)) == ((), 1)
        same = await save(operator, ticket, 3, counterparty_contact="0571****1234")
        assert same.headers["etag"] == '"3"', "the masked number that is shown is not a new one"
        await save(operator, ticket, 3, counterparty_contact="")
        assert len(told.books["h1"]) == 0
        await save(operator, ticket, 4, counterparty_contact=C)
        assert len(told.of(C).excluded) == 1
        own = await save(operator, ticket, 5, counterparty_contact=A)
        assert (own.status_code, own.json()["errors"][0]["field"]) == (422, "counterparty_contact")
        await save(operator, ticket, 5, facts="无关的改动")
    assert await told.is_what_the_store_says(A, B, C)


async def test_a_supervisor_finds_that_it_is_none(site: Site, told: Told) -> None:
    _, ticket = await site.call(caller=A)
    async with site.browser(Role.OPERATOR) as operator, site.browser(Role.SUPERVISOR) as supervisor:
        await save(operator, ticket, 1, counterparty_contact=B)
        path = f"/callers/conflicts/{ticket}/end"
        assert (await supervisor.post(path, json={"reason": "号码有误"})).status_code == 204
        assert len(told.books["h1"]) == 0
        assert (await supervisor.post(path, json={"reason": "号码有误"})).json()["code"] == "conflict_over"
        await save(operator, ticket, 2, counterparty_contact="13900139000", counterparty_name="")
        assert len(told.books["h1"]) == 0, "what a supervisor has decided stands"
        await save(operator, ticket, 2, counterparty_name="王某")
        assert len(told.of(B).excluded) == 1, "something new was written"
        over = (await supervisor.get("/callers/conflicts", params={"over": True})).json()["items"]
        assert over == []
    assert [each["act"] for each in await site.audit()] == ["conflict_ended"]


async def test_a_name_only_warns(site: Site, told: Told) -> None:
    _, ticket = await site.call(caller=A)
    call, other = await site.call(caller=B, operator=Role.SUPERVISOR)
    async with site.browser(Role.OPERATOR) as operator, site.browser(Role.SUPERVISOR) as supervisor:
        await save(operator, ticket, 1, counterparty_name="张 三")
        await save(supervisor, other, 1, caller_name="张三")
        assert len(told.books["h1"]) == 0
        pop = (await supervisor.get(f"/calls/{call}/pop")).json()["conflicts"]
        assert [(each["by"], each["mine"], each["operators"]) for each in pop] == [("name", False, ["h1operator"])]
        await save(supervisor, other, 2, caller_name="张四")
        assert (await supervisor.get(f"/calls/{call}/pop")).json()["conflicts"] == []
    async with site.engine.connect() as conn:
        stored = (await conn.execute(text("SELECT conflicts::text || tickets::text FROM conflicts, tickets"))).scalars()
        assert not any("张" in each for each in stored)


async def test_colleagues_of_one_firm_and_what_others_may_not_see(site: Site, told: Told) -> None:
    _, ticket = await site.call(caller=A, operator=Role.SUPERVISOR)
    async with site.browser(Role.SUPERVISOR) as supervisor:
        await save(supervisor, ticket, 1, counterparty_contact=B)
    call, _ = await site.call(caller=B)
    async with site.browser(Role.OPERATOR) as operator:
        path = f"/calls/{call}/pop"
        [seen] = (await operator.get(path)).json()["conflicts"]
        assert (seen["mine"], seen["firm"], seen["ticket"]) == (False, False, None)
        async with site.engine.begin() as conn:
            firm = (
                await conn.execute(insert(FIRMS).values(hall="h1", name="某某律师事务所").returning(FIRMS.c.id))
            ).scalar_one()
            for role in (Role.OPERATOR, Role.SUPERVISOR):
                account = site.people["h1", role].id
                values = {"account": account, "hall": "h1", "firm": firm, "employment": "part_time"}
                await conn.execute(insert(LAWYERS).values(**values))
        [seen] = (await operator.get(path)).json()["conflicts"]
        assert (seen["mine"], seen["firm"]) == (False, True)
    async with site.browser(Role.AUDITOR) as auditor:
        pop = (await auditor.get(path)).json()
        assert (pop["conflicts"], pop["marks"]) == ([], [])


async def test_what_is_long_ago_is_forgotten(site: Site, told: Told) -> None:
    _, ticket = await site.call(caller=A)
    async with site.browser(Role.OPERATOR) as operator:
        await save(operator, ticket, 1, counterparty_contact=B)
    assert len(told.of(B).excluded) == 1
    site.clock.at += timedelta(days=365)
    assert told.of(B).excluded == ()
    call, _ = await site.call(caller=B)
    async with site.browser(Role.OPERATOR) as operator:
        assert (await operator.get(f"/calls/{call}/pop")).json()["conflicts"] == []
    assert date.fromisoformat(SOON) < site.clock.at.date()


async def test_wrong_numbers_are_no_advice(site: Site, told: Told) -> None:
    await site.call(caller=A, operator=Role.SUPERVISOR, quick_close="wrong_number", state="closed")
    _, ticket = await site.call(caller=A)
    async with site.browser(Role.OPERATOR) as operator:
        await save(operator, ticket, 1, counterparty_contact=B)
    assert told.of(B).excluded == (site.people["h1", Role.OPERATOR].id,)


async def test_the_hall_is_told_after_the_commit(site: Site) -> None:
    """Whoever looks at that moment, on a connection of their own, finds the rule already there."""
    looks: list[asyncio.Task[int]] = []
    call, _ = await site.call(caller=A)

    async def stored() -> int:
        async with site.engine.connect() as conn:
            return (await conn.execute(select(func.count()).select_from(CALLER_RULES))).scalar_one()

    site.app.state.on_callers_changed = lambda hall, entries: looks.append(asyncio.create_task(stored()))
    async with site.browser(Role.SUPERVISOR) as supervisor:
        body = {"call": call, "kind": "minor", "reason": "自述十五岁"}
        assert (await supervisor.post("/callers/rules", json=body)).status_code == 201
        assert (await supervisor.post("/callers/rules", json=body)).status_code == 409
    assert [await each for each in looks] == [1]
