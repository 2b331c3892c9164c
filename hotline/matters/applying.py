"""An application for legal aid (法律援助申请), step by step: rows, history and deadlines together.

The seven days begin when it is filed and stand still while materials are awaited; granting ends them and begins the
three days in which a lawyer is appointed (法律援助法 §43, 办理法律援助案件程序规定).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.deadlines.rules import DueKind
from hotline.handling.board import Board, HandlingRefused, text
from hotline.matters.aid import (
    MATERIALS,
    UNDECIDED,
    AidRefused,
    AidState,
    AidStep,
    Application,
    By,
    Exempt,
    Finding,
    Means,
    advance,
    faults,
    findings,
    lacking,
)
from hotline.matters.forms import is_id_card, masked
from hotline.store.seal import Seal, place
from hotline.store.tables import ACCOUNTS, AID_APPLICATIONS, DEADLINES
from hotline.tickets.fields import Fault
from hotline.tickets.matter import Matter
from hotline.tickets.ticket import ENDED

MAX_NAME: Final = 64
MAX_REASON: Final = 1_000


class AidFaulty(Exception):
    """It cannot be filed like this; `faults` say why."""

    def __init__(self, found: list[Fault]) -> None:
        super().__init__(", ".join(each.field for each in found))
        self.faults = found


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """What is filed."""

    application: Application
    applicant: str
    card: str = ""
    """公民身份号码; empty: not given."""
    urgent_reason: str = ""
    """Why aid is given before the formalities (先行提供, §44); empty: it is not."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An application as its readers see it."""

    id: int
    state: str
    filed_at: datetime
    filed_by: str
    applied_by: str
    applicant: str
    card: str
    """Masked."""
    ground: str
    means: str
    exempt: str
    urgent_reason: str
    materials: tuple[str, ...]
    lacking: tuple[str, ...]
    asked: tuple[str, ...]
    asked_at: datetime | None
    asked_note: str
    complete_at: datetime | None
    decided_at: datetime | None
    decided_by: str
    decision_reason: str
    appointed_at: datetime | None
    appointed_by: str
    lawyer: str
    firm: str
    withdrawn_at: datetime | None
    withdrawn_reason: str
    deemed: bool
    findings: tuple[Finding, ...]
    due_at: datetime | None
    """By when it is to be decided, or a lawyer appointed; None: nothing is to be done, or the clock stands still."""


class Aid:
    """The applications of one ticket's hall, for one person, now."""

    def __init__(self, board: Board, seal: Seal) -> None:
        self._board = board
        self._seal = seal

    async def file(self, number: str, filing: Filing) -> None:
        """收件. What is lacking is said at once (一次性告知), and awaited. Raises `AidFaulty`, `HandlingRefused`."""
        board = self._board
        ticket = await self._ticket(number)
        if ticket.matter != Matter.LEGAL_AID:
            raise HandlingRefused("invalid_input", "请先把业务类型选为“法律援助”。")
        if await self._open(number) is not None:
            raise HandlingRefused("aid_open")
        found = faults(filing.application)
        applicant = text(filing.applicant, longest=MAX_NAME)
        if not applicant:
            found.append(Fault(field="applicant", why="请填写申请人姓名。"))
        card = filing.card.strip().upper()
        if card and not is_id_card(card):
            found.append(Fault(field="card", why="身份证号有误，请核对。"))
        if found:
            raise AidFaulty(found)
        missing = lacking(filing.application)
        state = AidState.SUPPLEMENT if missing else AidState.REVIEW
        asked = {"asked": missing, "asked_at": board.now} if missing else {"complete_at": board.now}
        application = filing.application
        await board.conn.execute(
            insert(AID_APPLICATIONS).values(
                hall=board.hall,
                ticket=number,
                state=state.value,
                filed_at=board.now,
                filed_by=board.worker.account,
                applied_by=application.by.value,
                applicant_sealed=self._seal.seal(applicant, _place("applicant_sealed", number)),
                card_sealed=self._seal.seal(card, _place("card_sealed", number)) if card else None,
                card_masked=masked(card),
                ground=application.ground,
                means=application.means.value,
                exempt=application.exempt.value if application.exempt else "",
                urgent_reason=text(filing.urgent_reason, longest=MAX_REASON),
                materials=sorted(application.materials),
                **asked,
            )
        )
        await board.note(ticket, "aid_filed", data={"lacking": missing})
        await board.book.start(ticket, DueKind.AID_REVIEW)
        if missing:
            await self._wait(number, missing)

    async def ask(self, number: str, materials: Collection[str], note: str) -> None:
        """一次性告知 what else is needed: once, and completely; the clock stands still. Raises `HandlingRefused`."""
        ticket, row = await self._running(number)
        if row.asked_at is not None:
            raise HandlingRefused("aid_asked")
        wanted = [each for each in MATERIALS if each in set(materials)]
        said = text(note, needed="" if wanted else "需要补充或说明的内容", longest=MAX_REASON)
        there = [each for each in row.materials if each not in wanted]
        values = {"asked": wanted, "asked_at": self._board.now, "asked_note": said, "materials": there}
        await self._step(ticket, row, AidStep.ASK, "aid_asked", said=said, complete_at=None, **values)
        await self._wait(number, wanted)

    async def receive(self, number: str, materials: Collection[str]) -> None:
        """Materials have come. Once all are there the clock goes on. After an urgent grant (补办) they are only noted.

        Raises `HandlingRefused`.
        """
        ticket, row = await self._running(number, also=AidState.APPOINTED)
        there = sorted({*row.materials, *(each for each in materials if each in MATERIALS)})
        missing = lacking(msgspec.structs.replace(_application(row), materials=frozenset(there)), row.asked)
        if missing or AidState(row.state) is not AidState.SUPPLEMENT:
            await self._write(row.id, materials=there)
            await self._board.note(ticket, "aid_materials", data={"lacking": missing})
            return
        values = {"materials": there, "complete_at": self._board.now}
        await self._step(ticket, row, AidStep.COMPLETE, "aid_complete", **values)
        await self._board.book.restart(number, DueKind.AID_REVIEW)

    async def grant(self, number: str, reason: str) -> None:
        """给予法律援助: the three days for a lawyer begin. What is lacking may come afterwards only where it is urgent.

        Raises `HandlingRefused`.
        """
        ticket, row = await self._running(number)
        decided = {"decided_at": self._board.now, "decided_by": self._board.worker.account}
        said = text(reason, longest=MAX_REASON)
        if AidState(row.state) is AidState.SUPPLEMENT and row.urgent_reason == "":
            raise HandlingRefused("aid_lacking")
        await self._step(ticket, row, AidStep.GRANT, "aid_granted", said=said, decision_reason=said, **decided)
        await self._board.book.finish(number, DueKind.AID_REVIEW)
        await self._board.book.start(ticket, DueKind.AID_APPOINT)

    async def refuse(self, number: str, reason: str, *, objection_told: bool) -> None:
        """不予法律援助: in writing, with the reason, and the right to object (§43, §49). Raises `HandlingRefused`."""
        ticket, row = await self._running(number)
        said = text(reason, needed="不予法律援助的理由", longest=MAX_REASON)
        if not objection_told:
            raise HandlingRefused(
                "invalid_input", "请书面告知申请人理由和提出异议的权利（法律援助法第四十三条、第四十九条）。"
            )
        decided = {"decided_at": self._board.now, "decided_by": self._board.worker.account, "objection_told": True}
        await self._step(ticket, row, AidStep.REFUSE, "aid_refused", said=said, decision_reason=said, **decided)
        await self._board.book.finish(number, DueKind.AID_REVIEW)

    async def appoint(self, number: str, lawyer: str, firm: str) -> None:
        """指派 a lawyer, or another one instead. Raises `HandlingRefused`."""
        ticket, row = await self._running(number, also=AidState.APPOINTED)
        name = text(lawyer, needed="承办人员", longest=MAX_NAME)
        where = text(firm, needed="所在机构", longest=100)
        appointed = {"appointed_at": self._board.now, "appointed_by": self._board.worker.account}
        data = {"lawyer": name, "firm": where}
        await self._step(ticket, row, AidStep.APPOINT, "aid_appointed", data=data, **data, **appointed)
        await self._board.book.finish(number, DueKind.AID_APPOINT)

    async def withdraw(self, number: str, reason: str, *, deemed: bool) -> None:
        """撤回; `deemed`: not supplemented as asked (视为撤回, §43). Raises `HandlingRefused`."""
        ticket, row = await self._running(number)
        said = text(reason, needed="撤回的原因", longest=MAX_REASON)
        if deemed and AidState(row.state) is not AidState.SUPPLEMENT:
            raise HandlingRefused("aid_state", "只有未按要求补充材料或者作出说明的，才视为撤回申请。")
        gone = {"withdrawn_at": self._board.now, "withdrawn_reason": said, "deemed": deemed}
        await self._step(ticket, row, AidStep.WITHDRAW, "aid_withdrawn", said=said, data={"deemed": deemed}, **gone)
        for kind in (DueKind.AID_REVIEW, DueKind.AID_APPOINT):
            await self._board.book.finish(number, kind, met=False)

    async def _ticket(self, number: str) -> Row[Any]:
        ticket = await self._board.locked(number)
        if ticket.state in ENDED:
            raise HandlingRefused("ticket_state", "工单已经结束；要申请，请先重新打开。")
        return ticket

    async def _open(self, number: str, also: AidState | None = None) -> Row[Any] | None:
        a = AID_APPLICATIONS.c
        states = sorted(UNDECIDED | ({also} if also else set()))
        query = select(AID_APPLICATIONS).where(a.ticket == number, a.state.in_(states)).order_by(a.id.desc()).limit(1)
        return (await self._board.conn.execute(query.with_for_update())).one_or_none()

    async def _running(self, number: str, also: AidState | None = None) -> tuple[Row[Any], Row[Any]]:
        ticket = await self._ticket(number)
        row = await self._open(number, also)
        if row is None:
            raise HandlingRefused("aid_state", "没有正在办理的法律援助申请。")
        return ticket, row

    async def _step(
        self,
        ticket: Row[Any],
        row: Row[Any],
        step: AidStep,
        what: str,
        *,
        said: str = "",
        data: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> None:
        try:
            state = advance(AidState(row.state), step)
        except AidRefused:
            raise HandlingRefused("aid_state") from None
        await self._write(row.id, state=state.value, **values)
        await self._board.note(ticket, what, said=said, data=data)

    async def _write(self, application: int, **values: Any) -> None:
        await self._board.conn.execute(
            update(AID_APPLICATIONS).where(AID_APPLICATIONS.c.id == application).values(**values)
        )

    async def _wait(self, number: str, missing: Collection[str]) -> None:
        names = "、".join(MATERIALS[each] for each in missing) or "作出说明"
        await self._board.book.pause(number, DueKind.AID_REVIEW, f"待申请人补充：{names}")


async def applications(conn: AsyncConnection, seal: Seal, hall: str, ticket: str) -> list[Shown]:
    """The applications of a ticket, the newest first."""
    a = AID_APPLICATIONS.c
    query = select(AID_APPLICATIONS).where(a.hall == hall, a.ticket == ticket).order_by(a.id.desc())
    rows = (await conn.execute(query)).all()
    people = {name for row in rows for name in (row.filed_by, row.decided_by, row.appointed_by) if name}
    found = await conn.execute(select(ACCOUNTS.c.id, ACCOUNTS.c.name).where(ACCOUNTS.c.id.in_(sorted(people))))
    names: dict[str | None, str] = {row.id: row.name for row in found}
    d = DEADLINES.c
    kinds = (DueKind.AID_REVIEW.value, DueKind.AID_APPOINT.value)
    running = select(d.due_at).where(d.ticket == ticket, d.kind.in_(kinds), d.done_at.is_(None), d.paused_at.is_(None))
    due = await conn.scalar(running)
    return [_shown(seal, row, names, due if row.state in UNDECIDED else None) for row in rows]


async def card_of(conn: AsyncConnection, seal: Seal, ticket: str) -> str:
    """The applicant's identity number in full, of the newest application: recorded by whoever asks. Empty: none."""
    a = AID_APPLICATIONS.c
    query = select(a.card_sealed).where(a.ticket == ticket).order_by(a.id.desc()).limit(1)
    sealed = await conn.scalar(query)
    return seal.open(bytes(sealed), _place("card_sealed", ticket)) if sealed else ""


def _shown(seal: Seal, row: Row[Any], names: Mapping[str | None, str], due: datetime | None) -> Shown:
    application = _application(row)
    plain = {name: row._mapping[name] for name in Shown.__struct_fields__ if name in row._mapping}
    made = {
        "filed_by": names.get(row.filed_by, row.filed_by),
        "decided_by": names.get(row.decided_by, row.decided_by or ""),
        "appointed_by": names.get(row.appointed_by, row.appointed_by or ""),
        "applicant": seal.open(bytes(row.applicant_sealed), _place("applicant_sealed", row.ticket)),
        "card": row.card_masked,
        "materials": tuple(row.materials),
        "asked": tuple(row.asked),
        "lacking": tuple(lacking(application, row.asked)),
        "due_at": due,
        "findings": tuple(findings(application, row.asked)),
    }
    return Shown(**{**plain, **made})


def _application(row: Row[Any]) -> Application:
    return Application(
        ground=row.ground,
        means=Means(row.means),
        exempt=Exempt(row.exempt) if row.exempt else None,
        by=By(row.applied_by),
        materials=frozenset(row.materials),
    )


def _place(column: str, ticket: str) -> bytes:
    return place("aid_applications", column, ticket)
