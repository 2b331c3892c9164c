"""Keys become a rating: once, completely, whatever is read again."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from adapters.telephony import DigitsPressed, EndedBy, PlayPrompt, SeatReleased
from hotline.announcements.plan import Plan
from hotline.people.permissions import Role
from hotline.ratings.follow import TYPES, follower
from hotline.store.follower import Follower
from hotline.store.tables import FOLLOWERS, RATINGS
from tests.api.site import Site
from tests.hall.kit import LINE, VirtualHall, rules
from tests.ratings.conftest import Note


def following(site: Site, satisfied_from: float = 4.0) -> Follower:
    return follower(site.engine, "h1", site.clock, satisfied_from=satisfied_from)


async def ratings(site: Site) -> list[Any]:
    async with site.engine.connect() as conn:
        return list((await conn.execute(select(RATINGS).order_by(RATINGS.c.call, RATINGS.c.way))).all())


async def start_again(site: Site) -> None:
    """As if the bookmark had never been written."""
    async with site.engine.begin() as conn:
        await conn.execute(update(FOLLOWERS).values(seq=0))


async def test_an_invitation_and_its_answers_are_one_row(site: Site, note: Note) -> None:
    call, ticket = await site.call()
    credited = site.people["h1", Role.SUPERVISOR].id
    await note(call, "RatingOffered", operator=credited)
    offered_at = site.clock.now()
    for question, score in (("attitude", 5), ("efficiency", 4), ("policy", 3)):
        await note(call, "RatingGiven", question=question, score=score)
    assert await following(site).catch_up() == 4
    [row] = await ratings(site)
    assert (row.hall, row.call, row.ticket, row.way, row.operator) == ("h1", call, ticket, "key", credited)
    assert (row.attitude, row.efficiency, row.skill, row.policy, row.satisfied) == (5, 4, None, 3, True)
    assert row.asked_at < offered_at < row.at


async def test_who_gave_no_answer_was_invited_all_the_same(site: Site, note: Note) -> None:
    call, _ = await site.call()
    await note(call, "RatingOffered")
    await following(site).catch_up()
    [row] = await ratings(site)
    assert (row.operator, row.at, row.satisfied) == (site.people["h1", Role.OPERATOR].id, None, None)


async def test_answers_that_come_in_two_batches_meet(site: Site, note: Note) -> None:
    call, _ = await site.call()
    await note(call, "RatingOffered")
    await note(call, "RatingGiven", question="attitude", score=5)
    await following(site).catch_up()
    assert (await ratings(site))[0].satisfied is True
    await note(call, "RatingGiven", question="skill", score=1)
    assert await following(site).catch_up() == 1
    [row] = await ratings(site)
    assert (row.attitude, row.skill, row.satisfied) == (5, 1, False)


async def test_reading_again_changes_nothing(site: Site, note: Note) -> None:
    for _ in range(3):
        call, _ = await site.call()
        await note(call, "RatingOffered")
        await note(call, "RatingGiven", question="attitude", score=4)
    await following(site).catch_up()
    before = await ratings(site)
    assert len(before) == 3
    await start_again(site)
    site.clock.forward(hours=1)
    assert await following(site).catch_up() == 6
    assert await ratings(site) == before


async def test_two_followers_at_once_make_one_row(site: Site, note: Note) -> None:
    for _ in range(20):
        call, _ = await site.call()
        await note(call, "RatingOffered")
        await note(call, "RatingGiven", question="policy", score=2)
    applied = await asyncio.gather(*(following(site).catch_up() for _ in range(3)))
    assert sum(applied) == 40
    found = await ratings(site)
    assert len(found) == 20
    assert all(row.satisfied is False for row in found)


async def test_what_makes_no_sense_is_left_out_and_the_rest_counts(site: Site, note: Note) -> None:
    call, _ = await site.call()
    await note(call, "RatingGiven", question="colour", score=5)
    await note(call, "RatingGiven", question="attitude", score=9)
    await note(call, "RatingGiven", question="skill", score="5")
    await note("h1-999999999", "RatingGiven", question="skill", score=5)
    await note(call, "RatingGiven", question="skill", score=4)
    await following(site).catch_up()
    [row] = await ratings(site)
    assert (row.attitude, row.skill, row.satisfied) == (None, 4, True)


async def test_other_halls_are_not_followed(site: Site, note: Note) -> None:
    call, _ = await site.call("h2")
    await note(call, "RatingOffered", "h2")
    assert await following(site).catch_up() == 0
    assert await ratings(site) == []


async def test_what_the_hall_writes_is_what_is_followed(site: Site, note: Note) -> None:
    """A caller is asked by the hall's own decisions; their events, as they are written, become the row."""
    hall = VirtualHall(rules(abilities=LINE, plan=Plan(rating=True)))
    hall.sign_in("01")
    hall.rings()
    hall.picks_up()
    hall.hear(SeatReleased, offer=hall.call().offer, hung_up=True)
    hall.hear(DigitsPressed, digits="5")
    hall.prompt_ends()
    hall.hear(DigitsPressed, digits="7")
    hall.hear(DigitsPressed, digits="4")
    hall.hear(DigitsPressed, digits="#")
    hall.hear(DigitsPressed, digits="2")
    hall.prompt_ends()
    hall.hangs_up(by=EndedBy.US)
    played = [each.prompt for each in hall.ordered(PlayPrompt)]
    assert played == ["rate-attitude", "rate-efficiency", "rate-efficiency", "rate-skill", "rate-policy", "rate-thanks"]
    call, _ = await site.call()
    for event in hall.events:
        data = msgspec.json.decode(msgspec.json.encode(event))
        kind = data.pop("type")
        if kind in TYPES:
            await note(call, kind, **{name: data[name] for name in ("operator", "question", "score") if name in data})
    await following(site).catch_up()
    [row] = await ratings(site)
    assert (row.operator, row.attitude, row.efficiency, row.skill, row.policy) == ("acc-1001", 5, 4, None, 2)
    assert "KeysHeard" not in {type(event).__name__ for event in hall.events}, "the keys themselves are the score"


@pytest.mark.parametrize(("limit", "satisfied"), [(3.0, True), (3.5, False)])
async def test_the_halls_own_limit_counts(site: Site, note: Note, limit: float, satisfied: bool) -> None:
    call, _ = await site.call()
    await note(call, "RatingGiven", question="attitude", score=3)
    await following(site, limit).catch_up()
    assert (await ratings(site))[0].satisfied is satisfied
