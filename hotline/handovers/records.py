"""Hand-overs as rows: one step at a time, with a line in the history, and the package sealed beside them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.bridge import HandoverPackage
from hotline.handovers.handover import HandoverState, Step, advance, can
from hotline.store.seal import Seal, place
from hotline.store.tables import HANDOVER_EVENTS, HANDOVERS

SYSTEM: Final = "system"
MAX_TEXT: Final = 2_000
"""Signs of what is kept in the history's words."""


class NoSuchHandover(Exception):
    """The hall has no such hand-over."""


class Records:
    """The hand-overs of one hall, now, in the caller's transaction."""

    def __init__(self, conn: AsyncConnection, *, hall: str, now: datetime, actor: str = SYSTEM) -> None:
        self.conn = conn
        self.hall = hall
        self.now = now
        self.actor = actor
        """Account id, the bridge's name for what the other side said, or system."""

    async def add(self, seal: Seal, package: HandoverPackage, *, by: str) -> int:
        """A hand-over that is to be sent; its id. Complete from here on: what goes along never changes."""
        h = HANDOVERS.c
        values = {
            "hall": self.hall,
            "ticket": package.local_no,
            "bridge": package.peer,
            "key": package.key,
            "mode": package.mode.value,
            "legal_basis": package.legal_basis.value,
            "urgency": package.urgency.value,
            "reason": package.reason,
            "package_sealed": seal_package(seal, package),
            "created_at": self.now,
            "created_by": by,
            "next_at": self.now,
            "tried_since": self.now,
        }
        made: int = (await self.conn.execute(insert(HANDOVERS).values(**values).returning(h.id))).scalar_one()
        await self._tell(made, "prepared", HandoverState.PREPARED, package.reason, {})
        return made

    async def locked(self, handover: int) -> Row[Any]:
        """The hand-over, to be changed. Raises `NoSuchHandover`."""
        h = HANDOVERS.c
        query = select(HANDOVERS).where(h.id == handover, h.hall == self.hall).with_for_update()
        row = (await self.conn.execute(query)).one_or_none()
        if row is None:
            raise NoSuchHandover(handover)
        return row

    async def step(
        self, row: Row[Any], step: Step, *, said: str = "", data: Mapping[str, Any] | None = None, **values: Any
    ) -> Row[Any]:
        """One step further, with these columns. Raises `HandoverRefused`."""
        state = advance(HandoverState(row.state), step)
        return await self._write(row, step.value, state, said, data or {}, values)

    async def step_or_note(self, row: Row[Any], step: Step, *, said: str = "", **values: Any) -> Row[Any]:
        """The same for what the other side says: where the table has no such row it is written down, no more."""
        if can(HandoverState(row.state), step):
            return await self.step(row, step, said=said, **values)
        await self.note(row, step.value, said=said, data={"late": True})
        return row

    async def note(self, row: Row[Any], what: str, *, said: str = "", data: Mapping[str, Any] | None = None) -> None:
        """A line in the history; nothing else changes."""
        await self._tell(row.id, what, HandoverState(row.state), said, data or {})

    async def change(self, row: Row[Any], what: str, *, said: str = "", **values: Any) -> Row[Any]:
        """These columns, the state unchanged, with a line in the history."""
        return await self._write(row, what, HandoverState(row.state), said, {}, values)

    async def _write(
        self,
        row: Row[Any],
        what: str,
        state: HandoverState,
        said: str,
        data: Mapping[str, Any],
        values: Mapping[str, Any],
    ) -> Row[Any]:
        h = HANDOVERS.c
        waits = state is HandoverState.PREPARED
        settled = {} if waits else {"next_at": None, "claim": None, "claimed_until": None}
        written = (
            await self.conn.execute(
                update(HANDOVERS)
                .where(h.id == row.id)
                .values(state=state.value, version=h.version + 1, **{**settled, **values})
                .returning(HANDOVERS)
            )
        ).one()
        await self._tell(row.id, what, state, said, data)
        return written

    async def _tell(self, handover: int, what: str, state: HandoverState, said: str, data: Mapping[str, Any]) -> None:
        await self.conn.execute(
            insert(HANDOVER_EVENTS).values(
                handover=handover,
                at=self.now,
                actor=self.actor,
                what=what,
                state=state.value,
                text=said[:MAX_TEXT],
                data=dict(data),
            )
        )


def seal_package(seal: Seal, package: HandoverPackage) -> bytes:
    """The package for the column `package_sealed`."""
    return seal.seal(msgspec.json.encode(package).decode(), _place(package.key))


def open_package(seal: Seal, row: Row[Any]) -> HandoverPackage:
    """What goes along with that hand-over."""
    return msgspec.json.decode(seal.open(bytes(row.package_sealed), _place(row.key)), type=HandoverPackage)


def _place(key: str) -> bytes:
    return place("handovers", "package_sealed", key)
