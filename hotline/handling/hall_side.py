"""What the hall (大厅) does with a ticket after the desk: dispatch, take back, designate, review, follow up, end.

One transaction each, made by the caller. Who may is asked before (`hotline.people.permissions`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, func, insert, select, update

from hotline.deadlines.book import NoSuchDeadline, NotExtendable
from hotline.deadlines.rules import DueKind
from hotline.handling.board import Board, HandlingRefused, text
from hotline.handling.numbers import next_case_file
from hotline.store.tables import DISPATCHES, FOLLOW_UPS, RATINGS, TICKET_REQUESTS, TICKET_STEPS, TICKETS
from hotline.tickets.sampling import MUST, SHARE, About, drawn
from hotline.tickets.ticket import AT_UNIT, ENDED, Step, TicketState

MAX_RETURNS: Final = 2
"""退单: so often a ticket may come back; then it is designated, and stays."""
MAX_REOPENED: Final = 3
"""So often a ticket is handled again; after that its matter goes the legal way (法定渠道)."""
ENOUGH_TRIES: Final = 3
"""So often a citizen is asked in vain; then the ticket goes on without."""
MAX_HELPERS: Final = 5
"""协办单位 of one dispatch."""
URGE_PAUSE: Final = timedelta(minutes=30)
"""Between two urgings of one ticket by the same person."""


class Contentment(StrEnum):
    """What the citizen said when asked (回访结果)."""

    SATISFIED = "satisfied"
    """满意."""
    FAIR = "fair"
    """基本满意."""
    DISSATISFIED = "dissatisfied"
    """不满意."""
    NOT_REACHED = "not_reached"
    """未联系上."""
    DECLINED = "declined"
    """不愿评价."""


class Way(StrEnum):
    """How the citizen was asked."""

    PHONE = "phone"
    SMS = "sms"
    VISIT = "visit"


class HallSide:
    """The hall's steps."""

    def __init__(self, board: Board, *, follow_up_share: int = SHARE) -> None:
        """`follow_up_share`: percent of the citizens who are asked without a reason (回访抽样)."""
        self.board = board
        self._share = follow_up_share

    async def dispatch(
        self, number: str, version: int, unit: str, *, helpers: Collection[str] = (), note: str = ""
    ) -> Row[Any]:
        """派单: `unit` handles it (主办), the helpers assist (协办). Raises `HandlingRefused`."""
        board = self.board
        ticket = await board.locked(number, version)
        said = text(note)
        others = sorted({*helpers} - {unit})
        if len(others) > MAX_HELPERS:
            raise HandlingRefused("invalid_input", f"协办单位不能超过 {MAX_HELPERS} 个。")
        if not ticket.facts.strip() and not ticket.claim.strip():
            raise HandlingRefused("ticket_incomplete", "请先填写事实经过或诉求，承办单位才知道要办什么。")
        if not ticket.category:
            raise HandlingRefused("ticket_incomplete", "请先选择类别再派单。")
        sent = await board.step(ticket, Step.DISPATCH, said=said, data={"unit": unit, "helpers": others}, unit=unit)
        await self._send(sent, unit, note=said, lead=True)
        for helper in others:
            await self._send(sent, helper, note=said, lead=False)
        return sent

    async def recall(self, number: str, reason: str) -> Row[Any]:
        """撤回, while the unit has not signed for it. Raises `HandlingRefused`."""
        ticket = await self.board.locked(number)
        said = text(reason, needed="撤回原因")
        back = await self.board.step(ticket, Step.RECALL, said=said, unit="")
        await self.board.end_dispatches(number, "recalled", said)
        return back

    async def designate(self, number: str, unit: str, reason: str) -> Row[Any]:
        """指定: whoever it is sent to now may not return it any more. Raises `HandlingRefused`."""
        board = self.board
        ticket = await board.locked(number)
        said = text(reason, needed="指定原因")
        sent = await board.step(ticket, Step.DESIGNATE, said=said, data={"unit": unit}, unit=unit)
        await board.end_dispatches(number, "ended", said)
        await self._send(sent, unit, note=said, lead=True, designated=True)
        return sent

    async def review(self, number: str, version: int, note: str = "") -> Row[Any]:
        """审核通过: the unit's reply becomes the ticket's result, and it is decided whether the citizen is asked.

        Raises `HandlingRefused`.
        """
        ticket = await self.board.locked(number, version)
        reply = await self._last_reply(number)
        asked = drawn(await self._about(ticket), self._share)
        values = {"result": reply.reply, "follow_up": asked.value}
        passed = await self.board.step(ticket, Step.REVIEW, said=text(note), data={"follow_up": asked.value}, **values)
        await self.board.end_dispatches(number, "replied")
        return passed

    async def send_back(self, number: str, version: int, reason: str) -> Row[Any]:
        """退回重办: the same unit goes on, with what is left of its time. Raises `HandlingRefused`."""
        board = self.board
        ticket = await board.locked(number, version)
        said = text(reason, needed="退回原因")
        last = await self._last_reply(number)
        await board.change_dispatch(last.id, ended_at=None, ended_by=None, end="", end_reason="")
        return await board.step(ticket, Step.SEND_BACK, said=said, unit=last.unit)

    async def follow_up(
        self, number: str, *, way: Way, contentment: Contentment, solved: bool | None, note: str = ""
    ) -> Row[Any]:
        """回访: what the citizen says of the result. Raises `HandlingRefused`.

        Who was not reached may be asked again: only an answer, or the third try in vain, goes on to the next step.
        """
        board = self.board
        ticket = await board.locked(number)
        said = text(note)
        if contentment is Contentment.DISSATISFIED and not said:
            raise HandlingRefused("invalid_input", "来电人不满意时，请写明原因。")
        if TicketState(ticket.state) not in (TicketState.REVIEWED, TicketState.FOLLOWED_UP):
            raise HandlingRefused("ticket_state", "工单审核通过后才能回访。")
        f = FOLLOW_UPS.c
        await board.conn.execute(
            insert(FOLLOW_UPS).values(
                hall=board.hall,
                ticket=number,
                at=board.now,
                account=board.worker.account,
                way=way.value,
                contentment=contentment.value,
                solved=solved,
                note=said,
            )
        )
        data = {"way": way.value, "contentment": contentment.value, "solved": solved}
        s = TICKET_STEPS.c
        reviewed = select(func.max(s.at)).where(s.ticket == number, s.step == Step.REVIEW.value).scalar_subquery()
        tries = select(func.count()).where(
            f.ticket == number, f.contentment == Contentment.NOT_REACHED.value, f.at >= reviewed
        )
        in_vain = contentment is Contentment.NOT_REACHED and (await board.conn.scalar(tries) or 0) < ENOUGH_TRIES
        if in_vain or TicketState(ticket.state) is TicketState.FOLLOWED_UP:
            await board.note(ticket, "follow_up", said=said, data=data)
            return ticket
        return await board.step(ticket, Step.FOLLOW_UP, said=said, data=data)

    async def close(self, number: str, version: int) -> Row[Any]:
        """办结归档: a ticket that a unit answered; it gets the number of its case file. Raises `HandlingRefused`.

        Who must be asked (必访) is asked before. Where the citizen said last that they are dissatisfied, it has to be
        opened again, or explained (`reopen`).
        """
        board = self.board
        ticket = await board.locked(number, version)
        if TicketState(ticket.state) not in (TicketState.REVIEWED, TicketState.FOLLOWED_UP):
            raise HandlingRefused("ticket_state", "审核或回访之后才能办结归档。")
        if TicketState(ticket.state) is TicketState.REVIEWED and ticket.follow_up in MUST:
            raise HandlingRefused("follow_up_needed")
        if ticket.times_reopened < MAX_REOPENED and await self._dissatisfied(number):
            raise HandlingRefused("ticket_dissatisfied", "来电人不满意，请重新办理。")
        return await board.step(
            ticket,
            Step.CLOSE,
            unit="",
            closed_at=board.now,
            closed_by=board.worker.account,
            case_file=ticket.case_file or await next_case_file(board.conn, board.hall, board.now),
        )

    async def reopen(self, number: str, reason: str, version: int | None = None) -> Row[Any]:
        """重新打开: the citizen is not satisfied, or something has to be put right. Raises `HandlingRefused`.

        What was only the desk's may be opened as often as need be; what was handled (重新办理), `MAX_REOPENED` times.
        """
        ticket = await self.board.locked(number, version)
        said = text(reason, needed="重新打开的原因")
        handled = bool(ticket.result or ticket.ended_reason)
        if handled and ticket.times_reopened >= MAX_REOPENED:
            raise HandlingRefused(
                "ticket_reopened_often", f"已重新办理 {MAX_REOPENED} 次，请告知来电人法定渠道，不再重新办理。"
            )
        return await self.board.step(
            ticket,
            Step.REOPEN,
            said=said,
            unit="",
            closed_at=None,
            closed_by=None,
            quick_close="",
            ended_reason="",
            times_reopened=ticket.times_reopened + handled,
        )

    async def merge(self, number: str, version: int, into: str) -> Row[Any]:
        """并单: a repeat of what another ticket tells. Raises `HandlingRefused`."""
        board = self.board
        first, second = sorted((number, into))
        if first == second:
            raise HandlingRefused("invalid_input", "不能并入自己。")
        # In one order, so that two who merge crosswise do not wait for each other.
        found = {each: await board.locked(each, version if each == number else None) for each in (first, second)}
        target = found[into]
        if target.merged_into is not None:
            raise HandlingRefused("ticket_merged", f"目标工单已并入 {target.merged_into}，请并入该工单。")
        if TicketState(target.state) in ENDED:
            raise HandlingRefused("ticket_state", "目标工单已经结束，请先重新打开它再并入。")
        merged = await board.step(found[number], Step.MERGE, data={"into": into}, merged_into=into)
        await board.conn.execute(update(TICKETS).where(TICKETS.c.merged_into == number).values(merged_into=into))
        await board.note(target, "merged_in", data={"ticket": number})
        return merged

    async def split(self, number: str) -> Row[Any]:
        """取消并单. Raises `HandlingRefused`."""
        ticket = await self.board.locked(number)
        return await self.board.step(ticket, Step.SPLIT, data={"from": ticket.merged_into}, merged_into=None)

    async def not_accept(self, number: str, version: int, *, reason: str, channel: str) -> Row[Any]:
        """不予受理: why, and which legal way (法定渠道: court, arbitration, petition, …) the citizen was told.

        Raises `HandlingRefused`.
        """
        board = self.board
        ticket = await board.locked(number, version)
        said, way = text(reason, needed="不予受理的原因"), text(channel, needed="已告知的法定渠道", longest=200)
        values = {"ended_reason": said, "closed_at": board.now, "closed_by": board.worker.account}
        return await board.step(ticket, Step.NOT_ACCEPT, said=said, data={"channel": way}, **values)

    async def urge(self, number: str, words: str, *, supervise: bool = False) -> None:
        """催办, or 督办 by a supervisor: the unit sees it, and it stands in the history. Raises `HandlingRefused`."""
        board = self.board
        ticket = await board.locked(number)
        if TicketState(ticket.state) not in AT_UNIT:
            raise HandlingRefused("ticket_state", "工单不在承办单位，无法催办。")
        if ticket.urged_at is not None and not supervise and board.now - ticket.urged_at < URGE_PAUSE:
            raise HandlingRefused("ticket_urged", "刚刚催办过，请半小时后再催。")
        said = text(words, needed="督办要求" if supervise else "")
        marks: dict[str, Any] = {"urged_at": board.now, "times_urged": ticket.times_urged + 1}
        if supervise:
            marks["supervised"] = True
        await board.conn.execute(update(TICKETS).where(TICKETS.c.number == number).values(**marks))
        await board.note(ticket, "supervise" if supervise else "urge", said=said)

    async def ask_to_terminate(self, number: str, reason: str) -> int:
        """申请终止, by somebody of the hall; another person decides. The request's number. Raises `HandlingRefused`."""
        return await ask(self.board, await self.board.locked(number), "terminate", reason)

    async def decide(self, request: int, *, granted: bool, answer: str) -> Row[Any]:
        """Decide upon a request (延期, 暂停计时, 终止); never upon one's own. Raises `HandlingRefused`."""
        board = self.board
        r = TICKET_REQUESTS.c
        asked = (
            await board.conn.execute(
                select(TICKET_REQUESTS).where(r.id == request, r.hall == board.hall).with_for_update()
            )
        ).one_or_none()
        if asked is None:
            raise HandlingRefused("not_found")
        if asked.decided_at is not None:
            raise HandlingRefused("request_decided", "该申请已有结论。")
        if asked.asked_by == board.worker.account:
            raise HandlingRefused("request_own", "不能审批自己的申请。")
        said = text(answer, needed="" if granted else "不同意的理由", longest=500)
        ticket = await board.locked(asked.ticket)
        ruled = {"decided_at": board.now, "decided_by": board.worker.account, "granted": granted, "answer": said}
        await board.conn.execute(update(TICKET_REQUESTS).where(r.id == request).values(**ruled))
        data = {"request": request, "kind": asked.kind, "granted": granted}
        if granted and asked.kind == "terminate":
            ended = {"ended_reason": asked.reason, "closed_at": board.now, "closed_by": board.worker.account}
            ticket = await board.step(ticket, Step.TERMINATE, said=said or asked.reason, data=data, unit="", **ended)
            await board.end_dispatches(ticket.number, "ended", asked.reason)
            return ticket
        if granted:
            await self._time(asked)
        await board.note(ticket, "decided", said=said, data=data)
        return ticket

    async def resume(self, number: str) -> None:
        """恢复计时. Raises `HandlingRefused`."""
        ticket = await self.board.locked(number)
        try:
            due = await self.board.book.resume(number, DueKind.REPLY)
        except NoSuchDeadline:
            raise HandlingRefused("no_deadline", "该工单没有办理期限。") from None
        await self.board.note(ticket, "resumed", data={"due_at": due.isoformat()})

    async def _time(self, asked: Row[Any]) -> None:
        book = self.board.book
        try:
            if asked.kind == "extend":
                await book.extend(asked.ticket, DueKind.REPLY, asked.amount)
            else:
                await book.pause(asked.ticket, DueKind.REPLY, asked.reason)
        except NoSuchDeadline:
            raise HandlingRefused("no_deadline", "该工单已没有办理期限，无法调整。") from None
        except NotExtendable as no:
            raise HandlingRefused("no_extension", f"延期后总时限不能超过 {no.most} 个工作日。") from None

    async def _send(self, ticket: Row[Any], unit: str, *, note: str, lead: bool, designated: bool = False) -> None:
        board = self.board
        await board.conn.execute(
            insert(DISPATCHES).values(
                hall=board.hall,
                ticket=ticket.number,
                unit=unit,
                lead=lead,
                designated=designated,
                note=note,
                sent_at=board.now,
                sent_by=board.worker.account,
            )
        )

    async def _last_reply(self, ticket: str) -> Row[Any]:
        d = DISPATCHES.c
        query = select(DISPATCHES).where(d.ticket == ticket, d.lead, d.end == "replied").order_by(d.id.desc()).limit(1)
        found = (await self.board.conn.execute(query.with_for_update())).one_or_none()
        if found is None:
            raise HandlingRefused("ticket_state", "承办单位还没有反馈。")
        return found

    async def _about(self, ticket: Row[Any]) -> About:
        r = RATINGS.c
        badly = select(r.id).where(r.call == ticket.call, r.satisfied.is_(False)).limit(1)
        dissatisfied = (
            ticket.times_reopened > 0
            or await self._dissatisfied(ticket.number)
            or await self.board.conn.scalar(badly) is not None
        )
        return About(number=ticket.number, matter=ticket.matter, dissatisfied=dissatisfied)

    async def _dissatisfied(self, ticket: str) -> bool:
        f = FOLLOW_UPS.c
        query = select(f.contentment).where(f.ticket == ticket).order_by(f.id.desc()).limit(1)
        return await self.board.conn.scalar(query) == Contentment.DISSATISFIED


async def ask(board: Board, ticket: Row[Any], kind: str, reason: str, amount: int = 0) -> int:
    """A request (申请) that somebody else decides; its number. Raises `HandlingRefused`."""
    if TicketState(ticket.state) in ENDED:
        raise HandlingRefused("ticket_state", "工单已经结束。")
    said = text(reason, needed="申请理由", longest=500)
    r = TICKET_REQUESTS.c
    pending = select(r.id).where(r.ticket == ticket.number, r.kind == kind, r.decided_at.is_(None))
    if await board.conn.scalar(pending) is not None:
        raise HandlingRefused("request_pending", "同类申请正在等待审批。")
    worker = board.worker
    made = await board.conn.execute(
        insert(TICKET_REQUESTS)
        .values(
            hall=board.hall,
            ticket=ticket.number,
            kind=kind,
            amount=amount,
            reason=said,
            asked_at=board.now,
            asked_by=worker.account,
            asked_unit=worker.unit,
        )
        .returning(r.id)
    )
    number: int = made.scalar_one()
    await board.note(ticket, "asked", said=said, data={"request": number, "kind": kind, "amount": amount})
    return number
