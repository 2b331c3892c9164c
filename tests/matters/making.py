"""Tickets with a matter: their duties, and applications for legal aid at every point of their way."""

from __future__ import annotations

from typing import Any, Final

from hotline.deadlines.book import Book
from hotline.deadlines.working import Clock
from hotline.handling.board import Board, Worker
from hotline.matters import record
from hotline.matters.aid import Application, Means
from hotline.matters.applying import Aid, Filing
from hotline.people.permissions import Role
from hotline.rosters.calendar import Calendar
from tests.api.site import OTHER_UNIT, UNIT, Site
from tests.handling.making import on_the_way

CARD: Final = "11010519491231002X"
"""The example of GB 11643-1999."""
ALL: Final = frozenset({"form", "identity", "case", "hardship"})
OF_MATTERS: Final = (
    "of_duty",
    "of_aid",
    "aid_to_file",
    "aid_to_receive",
    "aid_to_ask",
    "aid_to_decide",
    "aid_to_appoint",
    "aid_to_withdraw",
)
"""What `matter_things` makes."""


def filing(materials: frozenset[str] = ALL, **more: Any) -> Filing:
    """An application for unpaid wages."""
    application = Application(ground="pay", means=Means.DECLARED, materials=materials)
    return Filing(application=application, applicant="王某", card=CARD, **more)


async def matter_things(site: Site, hall: str, operator: Role | str, *, own: bool) -> dict[str, Any]:
    """A ticket for every button about matters, at the handler's own unit or at another."""
    unit = UNIT if own else OTHER_UNIT
    found: dict[str, Any] = {}
    for name in OF_MATTERS:
        values: dict[str, Any] = {"matter": "legal_aid", "particulars": {"mark_minor_harm": True}}
        number = found[name] = await on_the_way(site, hall, operator, "signed", unit=unit, **values)
        async with site.engine.begin() as conn:
            now = site.clock.now()
            book = Book(conn, hall=hall, clock=Clock(calendar=Calendar()), now=now)
            board = Board(conn, book, hall=hall, worker=Worker(account="acc-clerk"), now=now)
            aid = Aid(board, site.seal)
            if name == "of_duty":
                await record.follow(conn, await board.locked(number), "acc-clerk", now)
            elif name != "aid_to_file":
                await aid.file(number, filing(ALL - {"case"} if name == "aid_to_receive" else ALL))
            if name == "aid_to_appoint":
                await aid.grant(number, "")
    return found
