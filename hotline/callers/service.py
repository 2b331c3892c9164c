"""Rules about callers (来电人规则): asked for at the desk, decided by a supervisor, reviewed, ended, and found again.

One transaction each, made by the caller; every step is on the audit trail. What has to be told to the hall afterwards
is in `Register.touched`.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Act, Doer, record
from hotline.callers.treatment import MAX_REVIEW_DAYS, SHANGHAI, Kind, Level, is_due, level_on, review_fits
from hotline.calls.numbers import mask, normalise
from hotline.people.permissions import Role
from hotline.store.seal import Seal, place
from hotline.store.tables import ACCOUNTS, CALLER_RULES

SHORTEST: Final = 3
"""Digits of the shortest number that a rule may be about."""
REPLACED: Final = "由新的规则取代"
"""`end_reason` of a rule in whose place a request was approved."""


class RuleState(StrEnum):
    """Where a rule stands."""

    REQUESTED = "requested"
    """待审批: asked for at a desk, without effect."""
    ACTIVE = "active"
    """生效."""
    DECLINED = "declined"
    """未批准."""
    ENDED = "ended"
    """已结束."""


class RuleRefused(Exception):
    """It cannot be done; `code` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RuleWrong(Exception):
    """What was sent does not do: field → why, in Chinese."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it is asked for."""

    kind: Kind
    level: Level = Level.NONE
    operator: str = ""
    reason: str
    call: str | None = None
    review_on: date | None = None


class RuleLine(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as its readers see it: number masked, people by name."""

    id: str
    caller: str
    kind: Kind
    level: Level
    level_now: Level
    """What is left of the level today: a rule whose review date has passed is weaker than it says."""
    operator: str
    operator_name: str
    state: RuleState
    reason: str
    call: str | None
    created_at: datetime
    created_by: str
    decided_at: datetime | None
    decided_by: str
    review_on: date | None
    is_due: bool
    reviewed_at: datetime | None
    reviewed_by: str
    review_reason: str
    ended_at: datetime | None
    ended_by: str
    end_reason: str


class Register:
    """What can be done with the rules of one hall, by one person, now."""

    def __init__(self, conn: AsyncConnection, seal: Seal, *, hall: str, doer: Doer, now: datetime) -> None:
        self._conn = conn
        self._seal = seal
        self._hall = hall
        self._doer = doer
        self._now = now
        self._today = now.astimezone(SHANGHAI).date()
        self.touched: dict[bytes, str] = {}
        """Callers whose treatment changed: index → number."""

    async def ask(self, number: str, wish: Wish) -> RuleLine:
        """提请: a supervisor decides. `prefer` and `avoid` are about whoever asks.

        Raises `RuleRefused`, `RuleWrong`.
        """
        about = self._doer.account if wish.kind in _ABOUT_A_LAWYER else ""
        return await self._insert(number, msgspec.structs.replace(wish, operator=about), RuleState.REQUESTED)

    async def make(self, number: str, wish: Wish) -> RuleLine:
        """A rule in force at once. Raises `RuleRefused`, `RuleWrong`."""
        if wish.kind in _ABOUT_A_LAWYER and not await self._takes_calls(wish.operator):
            raise RuleWrong({"operator": "请选择本大厅的一位律师。"})
        if not review_fits(wish.level, wish.review_on, self._today):
            raise RuleWrong({"review_on": REVIEW_NEEDED})
        return await self._insert(number, wish, RuleState.ACTIVE)

    async def approve(self, rule: str, *, level: Level | None, review_on: date | None, reason: str) -> RuleLine:
        """批准, perhaps at another level; what was in force of the same kind is replaced.

        Raises `RuleRefused`, `RuleWrong`.
        """
        row = await self._locked(rule, RuleState.REQUESTED)
        chosen = self._level(row, level)
        if not review_fits(chosen, review_on, self._today):
            raise RuleWrong({"review_on": REVIEW_NEEDED})
        await self._not_in_danger(bytes(row.caller_index), chosen)
        r = CALLER_RULES.c
        over = {"state": RuleState.ENDED.value, "ended_at": self._now, "ended_by": self._doer.account}
        await self._conn.execute(
            update(CALLER_RULES)
            .where(
                r.hall == self._hall,
                r.caller_index == row.caller_index,
                r.kind == row.kind,
                r.operator == row.operator,
                r.state == RuleState.ACTIVE.value,
            )
            .values(**over, end_reason=REPLACED, changed_at=self._now)
        )
        values = {"level": chosen.value, "review_on": review_on, "review_reason": reason}
        return await self._update(row, RuleState.ACTIVE, Act.CALLER_RULE_APPROVED, reason, self._decided() | values)

    async def decline(self, rule: str, reason: str) -> RuleLine:
        """不批准. Raises `RuleRefused`."""
        row = await self._locked(rule, RuleState.REQUESTED)
        values = {**self._decided(), **self._over(reason)}
        return await self._update(row, RuleState.DECLINED, Act.CALLER_RULE_DECLINED, reason, values)

    async def end(self, rule: str, reason: str) -> RuleLine:
        """结束. Raises `RuleRefused`."""
        row = await self._locked(rule, RuleState.ACTIVE)
        return await self._update(row, RuleState.ENDED, Act.CALLER_RULE_ENDED, reason, self._over(reason))

    async def review(self, rule: str, *, level: Level | None, review_on: date | None, reason: str) -> RuleLine:
        """复核: it goes on, perhaps at another level, until the new date. Raises `RuleRefused`, `RuleWrong`."""
        row = await self._locked(rule, RuleState.ACTIVE)
        chosen = self._level(row, level)
        if not review_fits(chosen, review_on, self._today):
            raise RuleWrong({"review_on": REVIEW_NEEDED})
        await self._not_in_danger(bytes(row.caller_index), chosen)
        values = {
            "level": chosen.value,
            "review_on": review_on,
            "reviewed_at": self._now,
            "reviewed_by": self._doer.account,
            "review_reason": reason,
        }
        return await self._update(row, RuleState.ACTIVE, Act.CALLER_RULE_REVIEWED, reason, values)

    async def number(self, rule: str, reason: str) -> str:
        """The full number; the look is on record. Raises `RuleRefused`."""
        row = await self._row(rule)
        await self._note(Act.REVEAL, rule, reason, {})
        return self._number(row)

    # ── one row ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _insert(self, raw: str, wish: Wish, state: RuleState) -> RuleLine:
        number = normalise(raw)
        if number is None or sum(sign.isdigit() for sign in number) < SHORTEST:
            raise RuleWrong({"number": "不是有效的号码。"})
        if wish.kind is Kind.CONFLICT:
            raise RuleWrong({"kind": "利益冲突由工单上的对方电话自动产生。"})
        if (wish.kind is Kind.HARASSING) != (wish.level is not Level.NONE):
            raise RuleWrong({"level": "骚扰来电须选择处理级别，其他标记没有级别。"})
        index = self._seal.index(number)
        await self._alone(index)
        if state is RuleState.ACTIVE:
            await self._not_in_danger(index, wish.level)
        operator = wish.operator if wish.kind in _ABOUT_A_LAWYER else ""
        r = CALLER_RULES.c
        same = (r.hall == self._hall, r.caller_index == index, r.kind == wish.kind.value, r.operator == operator)
        if (await self._conn.execute(select(r.id).where(*same, r.state == state.value))).first() is not None:
            raise RuleRefused("caller_rule_exists")
        rule = "cr-" + secrets.token_hex(8)
        values: dict[str, Any] = {
            "id": rule,
            "hall": self._hall,
            "caller_sealed": self._seal.seal(number, place("caller_rules", "caller_sealed", rule)),
            "caller_index": index,
            "caller_masked": mask(number),
            "kind": wish.kind.value,
            "level": wish.level.value,
            "operator": operator,
            "state": state.value,
            "reason": wish.reason,
            "call": wish.call,
            "review_on": wish.review_on,
            "created_at": self._now,
            "created_by": self._doer.account,
            "changed_at": self._now,
        }
        if state is RuleState.ACTIVE:
            values |= self._decided()
            self.touched[index] = number
        row = (await self._conn.execute(insert(CALLER_RULES).values(**values).returning(CALLER_RULES))).one()
        act = Act.CALLER_RULE_MADE if state is RuleState.ACTIVE else Act.CALLER_RULE_ASKED
        await self._note(act, rule, wish.reason, {"kind": wish.kind.value, "level": wish.level.value})
        return (await lines(self._conn, [row], self._today))[0]

    async def _update(
        self, row: Row[Any], state: RuleState, act: Act, reason: str, values: Mapping[str, Any]
    ) -> RuleLine:
        changed = {**values, "state": state.value, "changed_at": self._now}
        written = (
            await self._conn.execute(
                update(CALLER_RULES).where(CALLER_RULES.c.id == row.id).values(**changed).returning(CALLER_RULES)
            )
        ).one()
        if RuleState.ACTIVE.value in (row.state, written.state):
            self.touched[bytes(row.caller_index)] = self._number(row)
        await self._note(act, row.id, reason, {"kind": row.kind, "level": written.level})
        return (await lines(self._conn, [written], self._today))[0]

    async def _row(self, rule: str, *, lock: bool = False) -> Row[Any]:
        r = CALLER_RULES.c
        query = select(CALLER_RULES).where(r.hall == self._hall, r.id == rule)
        row = (await self._conn.execute(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise RuleRefused("not_found")
        return row

    async def _locked(self, rule: str, state: RuleState) -> Row[Any]:
        """The rule, when it stands so; nobody else changes this caller's rules until the transaction ends."""
        await self._alone(bytes((await self._row(rule)).caller_index))
        row = await self._row(rule, lock=True)
        if row.state != state.value:
            raise RuleRefused("caller_rule_state")
        return row

    async def _alone(self, index: bytes) -> None:
        key = f"caller:{self._hall}:{index.hex()}"
        await self._conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))

    async def _not_in_danger(self, index: bytes, level: Level) -> None:
        """A rule without effect would only seem to be one: who is marked as in danger is not held back."""
        if level not in (Level.LIMITED, Level.BLOCKED):
            return
        r = CALLER_RULES.c
        marked = select(r.id).where(
            r.hall == self._hall,
            r.caller_index == index,
            r.kind == Kind.EMERGENCY.value,
            r.state == RuleState.ACTIVE.value,
        )
        if (await self._conn.execute(marked)).first() is not None:
            raise RuleRefused("caller_in_danger")

    async def _takes_calls(self, account: str) -> bool:
        a = ACCOUNTS.c
        query = select(a.id).where(a.hall == self._hall, a.id == account, a.disabled_at.is_(None), a.role.in_(_LAWYERS))
        return (await self._conn.execute(query)).first() is not None

    def _level(self, row: Row[Any], level: Level | None) -> Level:
        kept = Level(row.level)
        if level is None:
            return kept
        if (row.kind == Kind.HARASSING.value) != (level is not Level.NONE):
            raise RuleWrong({"level": "骚扰来电须选择处理级别，其他标记没有级别。"})
        return level

    def _decided(self) -> dict[str, Any]:
        return {"decided_at": self._now, "decided_by": self._doer.account}

    def _over(self, reason: str) -> dict[str, Any]:
        return {"ended_at": self._now, "ended_by": self._doer.account, "end_reason": reason}

    def _number(self, row: Row[Any]) -> str:
        return self._seal.open(bytes(row.caller_sealed), place("caller_rules", "caller_sealed", row.id))

    async def _note(self, act: Act, rule: str, reason: str, data: Mapping[str, str]) -> None:
        await record(
            self._conn,
            hall=self._hall,
            doer=self._doer,
            act=act,
            object=f"caller-rule:{rule}",
            reason=reason,
            at=self._now,
            data=data,
        )


async def lines(conn: AsyncConnection, rows: Sequence[Row[Any]], today: date) -> list[RuleLine]:
    """Rows of `caller_rules` as their readers see them."""
    people = await names(conn, {getattr(row, each) for row in rows for each in _PEOPLE} - {None, ""})
    return [
        RuleLine(
            **{name: row._mapping[name] for name in _SAME},
            caller=row.caller_masked,
            kind=Kind(row.kind),
            level=Level(row.level),
            level_now=level_on(Level(row.level), row.review_on, today),
            operator_name=called(people, row.operator),
            state=RuleState(row.state),
            is_due=row.state == RuleState.ACTIVE.value and is_due(Level(row.level), row.review_on, today),
            created_by=called(people, row.created_by),
            decided_by=called(people, row.decided_by),
            reviewed_by=called(people, row.reviewed_by),
            ended_by=called(people, row.ended_by),
        )
        for row in rows
    ]


async def names(conn: AsyncConnection, accounts: Collection[str]) -> dict[str, str]:
    """Account → name."""
    if not accounts:
        return {}
    rows = await conn.execute(select(ACCOUNTS.c.id, ACCOUNTS.c.name).where(ACCOUNTS.c.id.in_(accounts)))
    return {row.id: row.name for row in rows}


def called(people: Mapping[str, str], account: str | None) -> str:
    """The account's name; empty for nobody."""
    return people.get(account, account) if account else ""


REVIEW_NEEDED: Final = f"限制和拦截须有复核日期：明天起 {MAX_REVIEW_DAYS} 天以内；其他标记的复核日期须在明天以后。"

_ABOUT_A_LAWYER: Final = (Kind.PREFER, Kind.AVOID)
_LAWYERS: Final = (Role.OPERATOR.value, Role.SUPERVISOR.value)
_PEOPLE: Final = ("operator", "created_by", "decided_by", "reviewed_by", "ended_by")
_SAME: Final = (
    "id",
    "operator",
    "reason",
    "call",
    "created_at",
    "decided_at",
    "review_on",
    "reviewed_at",
    "review_reason",
    "ended_at",
    "end_reason",
)
