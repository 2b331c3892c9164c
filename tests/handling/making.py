"""Tickets of a site's halls at every point of their way, brought there by the steps themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from hotline.deadlines.book import Book
from hotline.deadlines.rules import DueKind
from hotline.deadlines.working import Clock
from hotline.handling.board import Board, Worker
from hotline.handling.hall_side import Contentment, HallSide, Way
from hotline.handling.unit_side import UnitSide
from hotline.people.permissions import Role
from hotline.rosters.calendar import Calendar
from hotline.store.tables import TICKETS
from tests.api.site import OTHER_UNIT, UNIT, Site

WAY = ("open", "dispatched", "signed", "replied", "reviewed", "followed_up")
BESIDE = ("returned", "merged", "asked", "paused")


async def on_the_way(
    site: Site, hall: str, operator: Role | str, state: str, *, unit: str = UNIT, **written: Any
) -> str:
    """A ticket of that operator, in that state at that unit; its number.

    `asked`: the unit waits for more time; `paused`: its time stands still.
    """
    values = {"state": "open", "category": "other", "facts": "拖欠工资。", **written}
    _, number = await site.call(hall, operator=operator, **values)
    handler = Worker(account=f"acc-of-{unit}", unit=unit, reach=frozenset({unit}))
    clerk = Worker(account="acc-clerk")
    async with site.engine.begin() as conn:
        now = site.clock.now()
        book = Book(conn, hall=hall, clock=Clock(calendar=Calendar()), now=now)
        at_hall = HallSide(Board(conn, book, hall=hall, worker=clerk, now=now), follow_up_share=0)
        at_unit = UnitSide(Board(conn, book, hall=hall, worker=handler, now=now))
        row = await at_hall.board.locked(number)
        await book.begin(row)

        async def version() -> int:
            return (await at_hall.board.locked(number)).version

        if state == "merged":
            _, first = await site.call(hall, operator=operator, **values)
            await at_hall.merge(number, await version(), first)
        elif state == "returned":
            await at_hall.dispatch(number, await version(), unit)
            await at_unit.give_back(number, "不属于本单位。")
        else:
            reached = WAY.index(state) if state in WAY else WAY.index("signed")
            if reached >= WAY.index("dispatched"):
                await at_hall.dispatch(number, await version(), unit)
            if reached >= WAY.index("signed"):
                await at_unit.sign(number)
            if state == "asked":
                await at_unit.ask_for_time(number, 3, "需现场调查。")
            if state == "paused":
                await book.pause(number, DueKind.REPLY, "等待鉴定。")
            if reached >= WAY.index("replied"):
                await at_unit.reply(number, await version(), "已补发工资。")
            if reached >= WAY.index("reviewed"):
                await at_hall.review(number, await version())
            if reached >= WAY.index("followed_up"):
                await at_hall.follow_up(number, way=Way.PHONE, contentment=Contentment.SATISFIED, solved=True)
        await conn.execute(update(TICKETS).where(TICKETS.c.number == number).values(version=1))
    return number


async def handling_things(site: Site, hall: str, operator: Role | str, *, own: bool) -> dict[str, Any]:
    """A ticket for every button, at the handler's own unit or at another."""
    unit = UNIT if own else OTHER_UNIT
    wanted = {
        "to_dispatch": "open",
        "to_recall": "dispatched",
        "to_designate": "returned",
        "to_review": "replied",
        "to_send_back": "replied",
        "to_follow_up": "reviewed",
        "to_archive": "reviewed",
        "to_merge": "open",
        "to_split": "merged",
        "to_refuse": "open",
        "to_urge": "dispatched",
        "to_supervise": "dispatched",
        "to_end": "open",
        "to_resume": "paused",
        "to_read": "signed",
        "to_sign": "dispatched",
        "to_begin": "signed",
        "to_note": "signed",
        "to_pass_on": "signed",
        "to_reply": "signed",
        "to_return": "signed",
        "to_extend": "signed",
        "to_pause": "signed",
        "to_give_up": "signed",
    }
    return {name: await on_the_way(site, hall, operator, state, unit=unit) for name, state in wanted.items()}
