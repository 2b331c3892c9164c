"""What a person does with a hand-over: try again, settle a doubt, withdraw, type in what the other side said.

One transaction each, made by the caller.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row

from adapters.bridge import NewsKind
from hotline.handovers.handover import HandoverRefused, HandoverState, Step
from hotline.handovers.hearing import STEPS
from hotline.handovers.records import Records

MAX_SAID: Final = 2_000


class HandoverDesk:
    """The steps of people."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def retry(self, handover: int, reason: str) -> Row[Any]:
        """重发: what failed is tried again, from now on for three days. Raises `NoSuchHandover`, `HandoverRefused`."""
        row = await self._records.locked(handover)
        if row.state != HandoverState.FAILED:
            raise HandoverRefused(HandoverState(row.state), Step.RETRY)
        return await self._again(row, reason, again=False)

    async def arrived(self, handover: int, their_no: str, said: str) -> Row[Any]:
        """核实：对方已收到. Raises `NoSuchHandover`, `HandoverRefused`."""
        row = await self._records.locked(handover)
        if row.state != HandoverState.IN_DOUBT:
            raise HandoverRefused(HandoverState(row.state), Step.ARRIVE)
        step = Step.ACKNOWLEDGE if their_no else Step.ARRIVE
        values = {"their_no": their_no or row.their_no, "sent_at": row.sent_at or row.in_doubt_at, "last_error": ""}
        return await self._records.step(row, step, said=said, **values)

    async def not_arrived(self, handover: int, said: str) -> Row[Any]:
        """核实：对方没有收到, so it is sent once more. Raises `NoSuchHandover`, `HandoverRefused`."""
        row = await self._records.locked(handover)
        if row.state != HandoverState.IN_DOUBT:
            raise HandoverRefused(HandoverState(row.state), Step.RETRY)
        return await self._again(row, said, again=True)

    async def withdraw(self, handover: int, reason: str) -> Row[Any]:
        """撤回, unless it is on its way or theirs. Raises `NoSuchHandover`, `HandoverRefused`."""
        row = await self._records.locked(handover)
        if row.claim is not None:
            raise HandoverRefused(HandoverState(row.state), Step.WITHDRAW)
        return await self._records.step(row, Step.WITHDRAW, said=reason)

    async def told(self, handover: int, kind: NewsKind, said: str, their_no: str = "") -> Row[Any]:
        """对方的答复, by telephone or on paper. Raises `NoSuchHandover`, `HandoverRefused`."""
        row = await self._records.locked(handover)
        if kind is NewsKind.FEEDBACK:
            await self._records.note(row, "feedback", said=said)
            return row
        now = self._records.now
        # Whoever answers has had it: from here on a yes or no is waited for.
        values: dict[str, Any] = {"last_error": "", "sent_at": row.sent_at or now}
        values |= {"their_no": their_no} if their_no else {}
        match kind:
            case NewsKind.ACCEPTED:
                values["accepted_at"] = now
            case NewsKind.RETURNED:
                values |= {"returned_at": now, "return_reason": said}
            case NewsKind.DONE:
                values |= {"done_at": now, "result": said}
            case NewsKind.ACKNOWLEDGED:
                pass
        return await self._records.step(row, STEPS[kind], said=said, **values)

    async def _again(self, row: Row[Any], said: str, *, again: bool) -> Row[Any]:
        now = self._records.now
        anew = {"next_at": now, "tries": 0, "again": again, "last_error": "", "tried_since": now}
        return await self._records.step(row, Step.RETRY, said=said, **anew)
