"""An incident (应急事件) from its beginning to its end: who did which step when, who was told, what the report says.

One transaction each, made by the caller. Whatever two people do at once, the second one is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Row, exists, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.incidents.plan import Plan
from hotline.incidents.plans import newest
from hotline.store.seal import Seal, place
from hotline.store.tables import CALLS, INCIDENT_STEPS, INCIDENTS, TICKETS

MAX_NOTE: Final = 1000


class IncidentRefused(Exception):
    """Not now; `code` is one of the API's."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Told(StrEnum):
    """How the superior was told."""

    ORAL = "oral"
    """口头报告."""
    WRITTEN = "written"
    """书面报告."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The major-incident report (重大事项报告), field by field."""

    title: str = ""
    happened: str = ""
    """时间和地点."""
    people: str = ""
    """涉及人员."""
    course: str = ""
    """事件经过."""
    measures: str = ""
    """已采取的措施."""
    needs: str = ""
    """需要上级协调的事项."""


class Incidents:
    """The incidents of one hall, for one person, now."""

    def __init__(self, conn: AsyncConnection, seal: Seal, *, hall: str, account: str, now: datetime) -> None:
        self.conn = conn
        self._seal = seal
        self._hall = hall
        self._account = account
        self._now = now

    async def begin(self, code: str, *, ticket: str | None = None, call: str | None = None) -> int:
        """启动预案; its number. Raises `IncidentRefused`: `not_found`, `incident_plan_unknown`."""
        found = await newest(self.conn, self._hall, code)
        if found is None or found.plan.retired:
            raise IncidentRefused("incident_plan_unknown")
        for table, key, value in ((TICKETS, TICKETS.c.number, ticket), (CALLS, CALLS.c.id, call)):
            if value is not None and not await self.conn.scalar(
                select(exists().where(table.c.hall == self._hall, key == value))
            ):
                raise IncidentRefused("not_found")
        plan = found.plan
        row = {
            "hall": self._hall,
            "plan": code,
            "plan_version": found.version,
            "content": msgspec.to_builtins(plan),
            "ticket": ticket,
            "call": call,
            "begun_at": self._now,
            "begun_by": self._account,
            "report_due_at": self._now + timedelta(minutes=plan.report_minutes) if plan.report_minutes else None,
            "written_due_at": self._now + timedelta(hours=plan.written_hours) if plan.written_hours else None,
        }
        return (await self.conn.execute(insert(INCIDENTS).values(**row).returning(INCIDENTS.c.id))).scalar_one()

    async def tick(self, incident: int, position: int, *, note: str = "", skipped: str = "") -> None:
        """A step was done, or was not needed and why; done once. Raises `IncidentRefused`."""
        row = await self._open(incident)
        if not 0 <= position < len(plan_of(row).steps):
            raise IncidentRefused("not_found")
        values = {
            "incident": incident,
            "position": position,
            "done_at": self._now,
            "done_by": self._account,
            "skipped": skipped,
            "note_sealed": self._seal.seal(note, _note_at(incident, position)) if note else None,
        }
        s = INCIDENT_STEPS.c
        written = upsert(INCIDENT_STEPS).values(**values).on_conflict_do_nothing().returning(s.position)
        if (await self.conn.execute(written)).one_or_none() is None:
            raise IncidentRefused("incident_step_done")
        await self._change(incident)

    async def write(self, incident: int, report: Report, seen: int) -> None:
        """What the report says; `seen`: the version it was written upon. Raises `IncidentRefused`."""
        row = await self._open(incident)
        if row.version != seen:
            raise IncidentRefused("incident_changed")
        text = msgspec.json.encode(report).decode()
        await self._change(incident, report_sealed=self._seal.seal(text, _report_at(incident)))

    async def told(self, incident: int, how: Told) -> None:
        """The superior was told, by word or in writing. Raises `IncidentRefused`."""
        row = await self._open(incident)
        at, by = ("reported_at", "reported_by") if how is Told.ORAL else ("written_at", "written_by")
        if row._mapping[at] is not None:
            raise IncidentRefused("incident_told")
        if how is Told.WRITTEN and row.report_sealed is None:
            raise IncidentRefused("incident_open_things", "请先填写重大事项报告。")
        await self._change(incident, **{at: self._now, by: self._account})

    async def end(self, incident: int) -> None:
        """应急结束: when every step is done or was not needed, and the superior was told. Raises `IncidentRefused`."""
        row = await self._open(incident)
        open_steps = len(plan_of(row).steps) - len(await self.steps(incident))
        missing = [f"还有 {open_steps} 个步骤没有完成"] if open_steps else []
        missing += ["还没有口头报告"] if row.report_due_at is not None and row.reported_at is None else []
        missing += ["还没有书面报告"] if row.written_due_at is not None and row.written_at is None else []
        if missing:
            raise IncidentRefused("incident_open_things", "；".join(missing) + "。")
        await self._change(incident, ended_at=self._now, ended_by=self._account)

    async def row(self, incident: int) -> Row[Any]:
        """Raises `IncidentRefused(not_found)`."""
        i = INCIDENTS.c
        found = (await self.conn.execute(select(INCIDENTS).where(i.hall == self._hall, i.id == incident))).one_or_none()
        if found is None:
            raise IncidentRefused("not_found")
        return found

    async def steps(self, incident: int) -> Mapping[int, Row[Any]]:
        """What was done, by its place in the plan."""
        rows = await self.conn.execute(select(INCIDENT_STEPS).where(INCIDENT_STEPS.c.incident == incident))
        return {row.position: row for row in rows}

    def note(self, step: Row[Any]) -> str:
        """What came of a step."""
        sealed = step.note_sealed
        return self._seal.open(bytes(sealed), _note_at(step.incident, step.position)) if sealed is not None else ""

    def report(self, row: Row[Any]) -> Report:
        """What the report says so far."""
        if row.report_sealed is None:
            return Report()
        return msgspec.json.decode(self._seal.open(bytes(row.report_sealed), _report_at(row.id)), type=Report)

    async def _open(self, incident: int) -> Row[Any]:
        i = INCIDENTS.c
        query = select(INCIDENTS).where(i.hall == self._hall, i.id == incident).with_for_update()
        found = (await self.conn.execute(query)).one_or_none()
        if found is None:
            raise IncidentRefused("not_found")
        if found.ended_at is not None:
            raise IncidentRefused("incident_ended")
        return found

    async def _change(self, incident: int, **values: Any) -> None:
        i = INCIDENTS.c
        await self.conn.execute(update(INCIDENTS).where(i.id == incident).values(version=i.version + 1, **values))


def plan_of(row: Row[Any]) -> Plan:
    """The plan as it was when the incident began."""
    return msgspec.convert(row.content, Plan)


def _note_at(incident: int, position: int) -> bytes:
    return place("incident_steps", "note_sealed", f"{incident} {position}")


def _report_at(incident: int) -> bytes:
    return place("incidents", "report_sealed", str(incident))
