"""What the citizen adds to a matter later: a supplement (补充), a withdrawal (撤回), a rating (评价).

In the caller's transaction, by the platform that filed it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from hotline.handling.board import Board, text
from hotline.handling.hall_side import ask
from hotline.network.kinds import PREFIX, Kind
from hotline.network.once import NetworkRefused
from hotline.network.progress import OF, RATEABLE, UNDER_WAY
from hotline.ratings.scores import Scores
from hotline.ratings.service import answered
from hotline.store.seal import Seal
from hotline.store.tables import NETWORK_REQUESTS, RATINGS
from hotline.tickets.ticket import Step, TicketState

NETWORK: Final = "network"
"""The way of a rating."""
MAX_SUPPLEMENTS: Final = 20


async def supplement(board: Board, number: str, said: str) -> None:
    """补充: stands in the ticket's history, where hall and unit read it.

    Raises `NetworkRefused(network_over | network_supplements_full)`, `HandlingRefused(invalid_input)`.
    """
    ticket = await board.locked(number)
    if OF[TicketState(ticket.state)] not in UNDER_WAY:
        raise NetworkRefused("network_over")
    r = NETWORK_REQUESTS.c
    there = select(func.count()).where(r.ticket == number, r.kind == Kind.SUPPLEMENT.value)
    if (await board.conn.scalar(there) or 0) >= MAX_SUPPLEMENTS:
        raise NetworkRefused("network_supplements_full")
    await board.note(ticket, "supplement", said=text(said, needed="补充内容"))


async def withdraw(board: Board, number: str, reason: str) -> bool:
    """撤回: ends the matter, and says True; where somebody may be in danger, or a supervisor watches it, a person of
    the hall decides: it is asked for, and says False.

    Raises `NetworkRefused(network_over)`, `HandlingRefused(invalid_input | request_pending)`.
    """
    ticket = await board.locked(number)
    if OF[TicketState(ticket.state)] not in UNDER_WAY:
        raise NetworkRefused("network_over")
    said = f"当事人撤回：{text(reason, needed='撤回原因', longest=400)}"
    if ticket.minor_involved or ticket.supervised or ticket.urgency == "emergency":
        await ask(board, ticket, "terminate", said)
        return False
    ended = {"ended_reason": said, "closed_at": board.now, "closed_by": board.worker.account}
    await board.step(ticket, Step.TERMINATE, said=said, data={"withdrawn": True}, unit="", **ended)
    await board.end_dispatches(number, "ended", said)
    return True


async def rate(board: Board, seal: Seal, number: str, *, scores: Scores, comment: str, satisfied_from: float) -> int:
    """评价: among the hall's ratings; a dissatisfied citizen is followed up like any other. The rating's id.

    Raises `NetworkRefused(network_not_over | rating_given)`.
    """
    ticket = await board.locked(number)
    if OF[TicketState(ticket.state)] not in RATEABLE:
        raise NetworkRefused("network_not_over")
    # Credited to whoever answered at the desk; where a unit did, to nobody of the hall.
    person = None if ticket.result or (ticket.closed_by or PREFIX).startswith(PREFIX) else ticket.closed_by
    row = {"hall": board.hall, "call": None, "ticket": number, "way": NETWORK, "operator": person}
    row |= {"asked_at": ticket.closed_at or board.now}
    row |= answered(seal, number, NETWORK, scores, comment, board.now, satisfied_from)
    r = RATINGS.c
    statement = insert(RATINGS).values(**row)
    statement = statement.on_conflict_do_nothing(index_elements=[r.ticket], index_where=r.way == NETWORK)
    made = (await board.conn.execute(statement.returning(r.id))).scalar_one_or_none()
    if made is None:
        raise NetworkRefused("rating_given")
    return made
