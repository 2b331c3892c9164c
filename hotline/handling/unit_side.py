"""What a unit (承办单位) does with a ticket that it was sent: sign, begin, pass on, reply, return, ask for time.

One transaction each, made by the caller. A unit reaches what it has itself; a centre also what units below it have.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, insert, select

from hotline.handling.board import Board, HandlingRefused, text
from hotline.handling.hall_side import MAX_RETURNS, ask
from hotline.store.tables import ACCOUNTS, DISPATCHES
from hotline.tickets.ticket import Step, TicketState

MAX_EXTENSION: Final = 30
"""Units of time that one request may ask for; what the rule allows is asked when it is decided."""


class UnitSide:
    """The unit's steps."""

    def __init__(self, board: Board) -> None:
        self._board = board

    async def has(self, number: str) -> None:
        """Raises `HandlingRefused` unless the unit has the ticket now, as lead or as helper."""
        await self._ours(number)

    async def sign(self, number: str, *, handler: str | None = None) -> Row[Any]:
        """签收; `handler`: the account of whoever handles it, else who signs. Raises `HandlingRefused`."""
        board = self._board
        ticket, dispatch = await self._ours(number)
        who = handler or board.worker.account
        if who != board.worker.account and not await self._is_ours(who):
            raise HandlingRefused("invalid_input", "承办人须是本机构或下级机构在用的账号。")
        values = {"signed_at": board.now, "signed_by": board.worker.account, "handler": who}
        if not dispatch.lead:
            if dispatch.signed_at is None:
                await board.change_dispatch(dispatch.id, **values)
                await board.note(ticket, "helper_signed")
            return ticket
        signed = await board.step(ticket, Step.SIGN, data={"handler": who})
        await board.change_dispatch(dispatch.id, **values)
        return signed

    async def begin(self, number: str) -> Row[Any]:
        """开始办理. Raises `HandlingRefused`."""
        ticket, _ = await self._lead(number)
        return await self._board.step(ticket, Step.BEGIN)

    async def note(self, number: str, words: str) -> None:
        """办理记录: what was done meanwhile. Raises `HandlingRefused`."""
        ticket, _ = await self._ours(number)
        await self._board.note(ticket, "note", said=text(words, needed="办理记录"))

    async def pass_on(self, number: str, unit: str, note: str = "") -> Row[Any]:
        """转派: a unit below has it from now on, within the same time. Raises `HandlingRefused`."""
        board = self._board
        ticket, dispatch = await self._lead(number)
        if unit not in board.worker.reach or unit in (board.worker.unit, dispatch.unit):
            raise HandlingRefused("unit_not_below", "只能转派给下级机构。")
        said = text(note)
        passed = await board.step(ticket, Step.PASS_ON, said=said, data={"unit": unit}, unit=unit)
        await board.change_dispatch(
            dispatch.id, ended_at=board.now, ended_by=board.worker.account, end="passed_on", end_reason=said
        )
        await board.conn.execute(
            insert(DISPATCHES).values(
                hall=board.hall,
                ticket=number,
                unit=unit,
                lead=True,
                passed_by=dispatch.unit,
                designated=dispatch.designated,
                note=said,
                sent_at=board.now,
                sent_by=board.worker.account,
            )
        )
        return passed

    async def reply(self, number: str, version: int, words: str) -> Row[Any]:
        """反馈: what came of it; the hall looks at it next. A helper's (协办) reply goes into the history only.

        Raises `HandlingRefused`.
        """
        board = self._board
        ticket, dispatch = await self._ours(number, version)
        said = text(words, needed="办理结果")
        ended = {"reply": said, "ended_at": board.now, "ended_by": board.worker.account, "end": "replied"}
        if not dispatch.lead:
            await board.change_dispatch(dispatch.id, **ended)
            await board.note(ticket, "helper_replied", said=said)
            return ticket
        replied = await board.step(ticket, Step.REPLY, said=said)
        await board.change_dispatch(dispatch.id, **ended)
        return replied

    async def give_back(self, number: str, reason: str) -> Row[Any]:
        """退单（派单异议）: it is not theirs. Not once it was designated, nor more often than the rules say.

        Raises `HandlingRefused`.
        """
        board = self._board
        ticket, dispatch = await self._lead(number)
        said = text(reason, needed="退单原因")
        if dispatch.designated:
            raise HandlingRefused("ticket_designated", "该工单已指定承办，不能再退单。")
        if ticket.times_returned >= MAX_RETURNS:
            raise HandlingRefused("ticket_returned_often", f"该工单已退单 {MAX_RETURNS} 次，不能再退单。")
        back = await board.step(ticket, Step.RETURN, said=said, unit="", times_returned=ticket.times_returned + 1)
        await board.end_dispatches(number, "returned", said)
        return back

    async def ask_for_time(self, number: str, amount: int, reason: str) -> int:
        """申请延期, by so many units of the deadline; the request's number. Raises `HandlingRefused`."""
        if not 1 <= amount <= MAX_EXTENSION:
            raise HandlingRefused("invalid_input", f"延期须在 1 到 {MAX_EXTENSION} 之间。")
        ticket, _ = await self._lead(number)
        return await ask(self._board, ticket, "extend", reason, amount)

    async def ask_to_pause(self, number: str, reason: str) -> int:
        """申请暂停计时, while something is awaited that is not in the unit's hands. Raises `HandlingRefused`."""
        ticket, _ = await self._lead(number)
        return await ask(self._board, ticket, "pause", reason)

    async def ask_to_terminate(self, number: str, reason: str) -> int:
        """申请终止. Raises `HandlingRefused`."""
        ticket, _ = await self._lead(number)
        return await ask(self._board, ticket, "terminate", reason)

    async def _is_ours(self, account: str) -> bool:
        a, board = ACCOUNTS.c, self._board
        of_reach = a.unit.in_(sorted(board.worker.reach))
        query = select(a.id).where(a.id == account, a.hall == board.hall, of_reach, a.disabled_at.is_(None))
        return await board.conn.scalar(query) is not None

    async def _ours(self, number: str, version: int | None = None) -> tuple[Row[Any], Row[Any]]:
        """The ticket and this unit's own open dispatch of it: as lead where it leads."""
        board = self._board
        ticket = await board.locked(number, version)
        d = DISPATCHES.c
        query = (
            select(DISPATCHES)
            .where(d.ticket == number, d.unit.in_(sorted(board.worker.reach)), d.ended_at.is_(None))
            .order_by(d.lead.desc(), (d.unit == board.worker.unit).desc(), d.id)
            .limit(1)
            .with_for_update()
        )
        found = (await board.conn.execute(query)).one_or_none()
        if found is None:
            raise HandlingRefused(*await self._why_not(ticket))
        return ticket, found

    async def _lead(self, number: str) -> tuple[Row[Any], Row[Any]]:
        ticket, dispatch = await self._ours(number)
        if not dispatch.lead:
            raise HandlingRefused("unit_helps", "协办单位只能签收、记录和反馈。")
        return ticket, dispatch

    async def _why_not(self, ticket: Row[Any]) -> tuple[str, str]:
        d = DISPATCHES.c
        reach = sorted(self._board.worker.reach)
        had = await self._board.conn.scalar(select(d.id).where(d.ticket == ticket.number, d.unit.in_(reach)).limit(1))
        if had is None:
            return "not_found", ""
        answered = TicketState(ticket.state) is TicketState.REPLIED
        return "ticket_state", "已经反馈，正在等待审核。" if answered else "该工单已不在本单位。"
