"""Call-back tasks over HTTP: who sees, takes, hears and finishes them, and what is on record."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import insert, update

from hotline.people.permissions import Role
from hotline.store.tables import ACCOUNTS, TICKETS
from tests.api.site import START, Site
from tests.callbacks.kit import CALLER, OTHER, Book


@pytest_asyncio.fixture
async def book(site: Site) -> Book:
    """The history of hall h1, at the site's time."""
    book = Book(site.database, site.seal, hall="h1")
    book.at = START
    return book


async def task_of(book: Book) -> int:
    await book.follow()
    return (await book.tasks())[-1].id


async def refused(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def acts(entries: list[Any]) -> list[tuple[str, str]]:
    return [(entry["act"], entry["object"]) for entry in entries]


async def test_the_list_is_masked_and_what_is_overdue_comes_first(site: Site, book: Book) -> None:
    await book.misses(caller="13700137000", outcome="short_abandoned")
    await book.misses(caller=OTHER)
    await book.misses()
    await book.misses(caller="13600136000", priority=9)
    await book.follow()
    low, usual, late, emergency = (task.id for task in await book.tasks())
    await book.set(late, due_at=START - timedelta(minutes=1))
    async with site.browser(Role.OPERATOR) as client:
        page = (await client.get("/callbacks")).json()
        assert [row["id"] for row in page["items"]] == [late, emergency, usual, low]
        first = page["items"][0]
        assert (first["caller"], first["overdue"], first["calls"], first["owner_name"]) == ("138****8000", True, 1, "")
        assert CALLER not in str(page)
        overdue = (await client.get("/callbacks?view=overdue")).json()["items"]
        assert [row["id"] for row in overdue] == [late]
        counts = (await client.get("/callbacks/counts")).json()
        assert counts == {"open": 4, "waiting": 4, "mine": 0, "overdue": 1, "unheard": 0}


@pytest.mark.parametrize("view", ["open", "over"])
async def test_pages_join_without_gap_or_twin(site: Site, book: Book, view: str) -> None:
    for number in range(7):
        await book.misses(caller=f"1380013800{number}", outcome="short_abandoned" if number % 2 else "no_seat")
    await book.follow()
    ids = [task.id for task in await book.tasks()]
    if view == "over":
        for task in ids:
            await book.set(task, state="closed", ended_at=START, ended_by="system")
    seen: list[int] = []
    async with site.browser(Role.OPERATOR) as client:
        cursor = ""
        while True:
            page = (await client.get(f"/callbacks?view={view}&limit=2{cursor}")).json()
            seen += [row["id"] for row in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
            site.clock.forward(minutes=25)  # the order is that of the first page
        assert await refused(await client.get(f"/callbacks?view={view}&cursor=x")) == (422, "bad_cursor")
    assert sorted(seen) == sorted(ids)


async def test_from_taking_to_done(site: Site, book: Book) -> None:
    call = await book.misses()
    task = await task_of(book)
    me = site.people["h1", Role.OPERATOR]
    async with site.browser(Role.OPERATOR) as client:
        taken = (await client.post(f"/callbacks/{task}/take")).json()
        assert (taken["state"], taken["owner"], taken["owner_name"]) == ("taken", me.id, me.name)
        assert (await client.post(f"/callbacks/{task}/take")).json()["version"] == taken["version"]
        mine = (await client.get("/callbacks?view=mine")).json()["items"]
        assert [row["id"] for row in mine] == [task]
        done = await client.post(f"/callbacks/{task}/done", json={"result": "helped"})
        assert await refused(done) == (409, "callback_not_reached")
        out = await book.calls_back(task, reached=True, operator=me.id)
        await book.follow()
        body = (await client.get(f"/callbacks/{task}")).json()
        assert (body["state"], body["attempts"], body["listed"][0]["call"]) == ("reached", 1, call)
        assert [(each["call"], each["result"], each["operator_name"]) for each in body["tried"]] == [
            (out, "reached", me.name)
        ]
        body = (
            await client.post(f"/callbacks/{task}/done", json={"result": "helped", "note": " 已告知申请材料 "})
        ).json()
        assert (body["state"], body["result"], body["note"], body["ended_by_name"]) == (
            "done",
            "helped",
            "已告知申请材料",
            me.name,
        )
        assert [each["step"] for each in body["changes"]] == ["begin", "take", "reach", "tried", "finish"]
        assert await refused(await client.post(f"/callbacks/{task}/take")) == (409, "callback_over")
        over = (await client.get("/callbacks?view=over")).json()["items"]
        assert [row["id"] for row in over] == [task]
    assert acts(await site.audit()) == [
        ("callback_taken", f"callback:{task}"),
        ("callback_taken", f"callback:{task}"),
        ("callback_done", f"callback:{task}"),
    ]


async def test_what_is_a_colleagues_is_not_mine_but_a_supervisor_may(site: Site, book: Book) -> None:
    await book.misses()
    task = await task_of(book)
    me, boss = site.people["h1", Role.OPERATOR], site.people["h1", Role.SUPERVISOR]
    async with site.browser(Role.SUPERVISOR) as supervisor, site.browser(Role.OPERATOR) as operator:
        await supervisor.post(f"/callbacks/{task}/take")
        for path, body in (
            ("take", None),
            ("release", None),
            ("heard", None),
            ("not-them", None),
            ("done", {"result": "helped"}),
            ("close", {"reason": "no_need"}),
        ):
            answer = await operator.post(f"/callbacks/{task}/{path}", json=body)
            assert await refused(answer) == (409, "callback_not_yours"), path
        assert await refused(await operator.post(f"/callbacks/{task}/assign", json={"account": me.id})) == (
            403,
            "not_allowed",
        )
        given = (await supervisor.post(f"/callbacks/{task}/assign", json={"account": me.id})).json()
        assert (given["owner"], given["assigned_by_name"]) == (me.id, boss.name)
        assert given["changes"][-1]["owner_name"] == me.name
        back = (await supervisor.post(f"/callbacks/{task}/release")).json()
        assert (back["state"], back["owner"]) == ("waiting", None)
        assert await refused(await supervisor.post(f"/callbacks/{task}/release")) == (409, "callback_state")
    assert [each[0] for each in acts(await site.audit())] == [
        "callback_taken",
        "callback_assigned",
        "callback_released",
    ]


async def test_only_people_of_the_hall_who_work_with_callers_are_assigned(site: Site, book: Book) -> None:
    await book.misses()
    task = await task_of(book)
    gone = site.people["h1", Role.OPERATOR].id
    async with site.engine.begin() as conn:
        await conn.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == gone).values(disabled_at=START))
    others = [
        site.people["h2", Role.OPERATOR].id,
        site.people["h1", Role.ADMINISTRATOR].id,
        site.people["h1", Role.AUDITOR].id,
        gone,
        "nobody",
    ]
    async with site.browser(Role.SUPERVISOR) as client:
        for account in others:
            answer = await client.post(f"/callbacks/{task}/assign", json={"account": account})
            assert await refused(answer) == (422, "callback_no_such_person"), account


async def test_nothing_is_put_back_or_closed_while_it_rings(site: Site, book: Book) -> None:
    await book.misses()
    task = await task_of(book)
    async with site.browser(Role.OPERATOR) as client:
        await client.post(f"/callbacks/{task}/take")
        await book.dials(task)
        for path, body in (("release", None), ("close", {"reason": "no_need"})):
            answer = await client.post(f"/callbacks/{task}/{path}", json=body)
            assert await refused(answer) == (409, "callback_on_the_line")


async def test_picked_up_by_somebody_else(site: Site, book: Book) -> None:
    await book.misses()
    task = await task_of(book)
    async with site.browser(Role.OPERATOR) as client:
        await client.post(f"/callbacks/{task}/take")
        await book.calls_back(task, reached=True)
        await book.follow()
        body = (await client.post(f"/callbacks/{task}/not-them")).json()
        assert (body["state"], body["reached_at"], body["tried"][0]["result"]) == ("taken", None, "not_them")
        assert await refused(await client.post(f"/callbacks/{task}/not-them")) == (409, "callback_state")


async def test_closing_needs_a_reason(site: Site, book: Book) -> None:
    await book.misses()
    task = await task_of(book)
    async with site.browser(Role.OPERATOR) as client:
        await client.post(f"/callbacks/{task}/take")
        vague = await client.post(f"/callbacks/{task}/close", json={"reason": "other"})
        assert await refused(vague) == (422, "invalid_input")
        assert await refused(await client.post(f"/callbacks/{task}/close", json={"reason": "x"})) == (
            422,
            "invalid_input",
        )
        body = (await client.post(f"/callbacks/{task}/close", json={"reason": "other", "note": "来电人来访"})).json()
        assert (body["state"], body["result"]) == ("closed", "other")
    entry = (await site.audit())[-1]
    assert (entry["act"], entry["reason"], entry["data"]) == ("callback_closed", "来电人来访", {"reason": "other"})


async def test_a_message_is_heard_by_its_owner_before_anything_else(site: Site, book: Book) -> None:
    (site.root / "recordings" / "m.wav").write_bytes(b"RIFF" + bytes(60))
    call = await book.leaves_message()
    async with site.engine.begin() as conn:
        values = {"number": "h1-000001", "hall": "h1", "call": call, "day": START.date(), "created_at": START}
        await conn.execute(insert(TICKETS).values(**values))
    task = await task_of(book)
    async with site.browser(Role.OPERATOR) as client:
        body = (await client.get(f"/callbacks/{task}")).json()
        message = body["listed"][0]
        assert (body["kind"], body["unheard"], message["seconds"], message["heard_at"]) == ("message", 1, 30.0, None)
        audio, ticket = f"/recordings/{message['recording']}/audio", f"/tickets/{message['ticket']}"
        assert (await client.get(audio)).status_code == 404
        assert (await client.get(ticket)).status_code == 404
        await client.post(f"/callbacks/{task}/take")
        assert (await client.get(audio)).status_code == 200
        assert (await client.get(ticket)).status_code == 200
        assert (await client.get("/callbacks/counts")).json()["unheard"] == 1
        closed = await client.post(f"/callbacks/{task}/close", json={"reason": "no_need"})
        assert await refused(closed) == (409, "callback_message_unheard")
        heard = (await client.post(f"/callbacks/{task}/heard")).json()
        assert heard["unheard"] == 0
        assert heard["listed"][0]["heard_by_name"] == site.people["h1", Role.OPERATOR].name
        assert (await client.post(f"/callbacks/{task}/heard")).json()["version"] == heard["version"]
        assert (await client.post(f"/callbacks/{task}/close", json={"reason": "no_need"})).json()["state"] == "closed"
        assert (await client.get(audio)).status_code == 404
    assert [each[0] for each in acts(await site.audit())] == [
        "callback_taken",
        "playback",
        "callback_heard",
        "callback_closed",
    ]


async def test_halls_are_apart(site: Site, book: Book) -> None:
    await book.misses()
    task = await task_of(book)
    async with site.browser(Role.SUPERVISOR, "h2") as client:
        assert (await client.get(f"/callbacks/{task}")).status_code == 404
        assert (await client.post(f"/callbacks/{task}/take")).status_code == 404
        assert (await client.get("/callbacks")).json()["items"] == []
        assert (await client.get("/callbacks/counts")).json()["waiting"] == 0


async def test_two_who_take_at_once(site: Site, book: Book) -> None:
    await book.misses()
    task = await task_of(book)
    async with site.browser(Role.SUPERVISOR) as one, site.browser(Role.OPERATOR) as other:
        wishes = (each.post(f"/callbacks/{task}/take") for each in (one, other))
        first, second = await asyncio.gather(*wishes)
    assert sorted((first.status_code, second.status_code)) == [200, 409]
    assert await refused(first if first.status_code == 409 else second) == (409, "callback_not_yours")
    assert await book.steps(task) == ["begin", "take"]
