"""Which law firms (律所) send which lawyers (律师), with what licence, and what have they been trained in?

A lawyer is an account with a profile beside it. The mobile number for night duty is sealed; it is opened for the hall
that dials it and for nobody else. Every change is in the audit trail within its own transaction.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Act, Doer, Plain, record
from hotline.calls.numbers import mask, normalise
from hotline.rosters.errors import RosterRefused
from hotline.rosters.licence import NUMBER, Licence
from hotline.store.seal import Seal, place
from hotline.store.tables import ACCOUNTS, FIRMS, LAWYERS, TRAININGS


class Employment(StrEnum):
    """How a lawyer works for the hall."""

    FULL_TIME = "full_time"
    """专职."""
    PART_TIME = "part_time"
    """兼职."""


class Firm(msgspec.Struct, frozen=True, kw_only=True):
    """A law firm."""

    id: int
    name: str
    closed: bool
    """Sends nobody any more."""
    lawyers: int


class Lawyer(msgspec.Struct, frozen=True, kw_only=True):
    """An account with what makes it a lawyer's."""

    account: str
    work_number: str
    name: str
    disabled: bool
    firm: int | None
    firm_name: str
    employment: Employment
    licence: Licence
    mobile: str
    """Masked."""
    training_hours: float
    """Of all trainings on record."""
    version: int


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What is written about a lawyer."""

    firm: int | None = None
    employment: Employment = Employment.PART_TIME
    licence: Licence = Licence()
    mobile: str | None = None
    """None: as it is; empty: none. May be what is shown (masked): then as it is."""


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """A training that a lawyer took part in."""

    id: int
    day: date
    topic: str
    hours: float
    noted_by: str
    noted_at: datetime


LEAST_DIGITS: Final = 7
"""Of a number that calls can be forwarded to."""


async def firms(conn: AsyncConnection, hall: str) -> list[Firm]:
    """The hall's firms, by name."""
    lawyers = select(LAWYERS.c.firm, func.count().label("lawyers")).group_by(LAWYERS.c.firm).subquery()
    query = (
        select(FIRMS, func.coalesce(lawyers.c.lawyers, 0).label("lawyers"))
        .outerjoin(lawyers, lawyers.c.firm == FIRMS.c.id)
        .where(FIRMS.c.hall == hall)
        .order_by(FIRMS.c.closed, FIRMS.c.name)
    )
    return [Firm(id=row.id, name=row.name, closed=row.closed, lawyers=row.lawyers) for row in await conn.execute(query)]


async def add_firm(conn: AsyncConnection, *, hall: str, name: str, now: datetime, doer: Doer) -> Firm:
    """A new firm. Raises `RosterRefused(firm_name_taken)`."""
    try:
        async with conn.begin_nested():
            made = await conn.execute(insert(FIRMS).values(hall=hall, name=name).returning(FIRMS.c.id))
    except IntegrityError:
        raise RosterRefused("firm_name_taken") from None
    firm = made.scalar_one()
    await record(conn, hall=hall, doer=doer, act=Act.FIRM_CHANGED, object=f"firm/{firm}", at=now, data={"name": name})
    return Firm(id=firm, name=name, closed=False, lawyers=0)


async def change_firm(
    conn: AsyncConnection, *, hall: str, firm: int, name: str | None, closed: bool | None, now: datetime, doer: Doer
) -> Firm:
    """Another name, or closed. Raises `RosterRefused(not_found, firm_name_taken)`."""
    wanted = {key: value for key, value in (("name", name), ("closed", closed)) if value is not None}
    f = FIRMS.c
    changed: dict[str, Plain] = {}
    try:
        async with conn.begin_nested():
            before = (
                await conn.execute(select(FIRMS).where(f.hall == hall, f.id == firm).with_for_update())
            ).one_or_none()
            if before is None:
                raise RosterRefused("not_found")
            changed = {key: value for key, value in wanted.items() if value != before._mapping[key]}
            if changed:
                await conn.execute(update(FIRMS).where(f.id == firm).values(**changed))
    except IntegrityError:
        raise RosterRefused("firm_name_taken") from None
    if changed:
        await record(conn, hall=hall, doer=doer, act=Act.FIRM_CHANGED, object=f"firm/{firm}", at=now, data=changed)
    return next(each for each in await firms(conn, hall) if each.id == firm)


async def lawyers(conn: AsyncConnection, hall: str) -> list[Lawyer]:
    """The hall's lawyers, by work number."""
    return [_lawyer(row) for row in await conn.execute(_query(LAWYERS.c.hall == hall))]


async def lawyer(conn: AsyncConnection, hall: str, account: str) -> Lawyer:
    """Raises `RosterRefused(not_found)`."""
    found = await conn.execute(_query((LAWYERS.c.hall == hall) & (LAWYERS.c.account == account)))
    row = found.one_or_none()
    if row is None:
        raise RosterRefused("not_found")
    return _lawyer(row)


async def licences(conn: AsyncConnection, hall: str) -> dict[str, Licence]:
    """Of every lawyer whose account is in use."""
    query = select(LAWYERS).join(ACCOUNTS, ACCOUNTS.c.id == LAWYERS.c.account)
    rows = await conn.execute(query.where(LAWYERS.c.hall == hall, ACCOUNTS.c.disabled_at.is_(None)))
    return {row.account: _licence(row) for row in rows}


async def licence_of(conn: AsyncConnection, hall: str, account: str) -> Licence | None:
    """None: the account is no lawyer's."""
    query = select(LAWYERS).where(LAWYERS.c.hall == hall, LAWYERS.c.account == account)
    row = (await conn.execute(query)).one_or_none()
    return None if row is None else _licence(row)


async def put(
    conn: AsyncConnection,
    seal: Seal,
    *,
    hall: str,
    account: str,
    profile: Profile,
    version: int | None,
    now: datetime,
    doer: Doer,
) -> Lawyer:
    """Writes a profile; `version`: the one it started from, None for a new one.

    Raises `RosterRefused(not_found, lawyer_changed, licence_taken, invalid_input)`.
    """
    await _check(conn, hall, account, profile)
    existing = (await conn.execute(select(LAWYERS).where(LAWYERS.c.account == account).with_for_update())).one_or_none()
    if (existing.version if existing is not None else None) != version:
        raise RosterRefused("lawyer_changed")
    licence = profile.licence
    values: dict[str, Any] = {
        "firm": profile.firm,
        "employment": profile.employment.value,
        "licence_number": licence.number,
        "licence_until": licence.valid_until,
        "suspended_from": licence.suspended_from,
        "suspended_until": licence.suspended_until if licence.suspended_from is not None else None,
        "suspended_reason": licence.suspended_reason if licence.suspended_from is not None else "",
    }
    if profile.mobile is not None and profile.mobile != (existing.mobile_masked if existing is not None else ""):
        values |= _sealed_mobile(seal, account, profile.mobile)
    before = existing._mapping if existing is not None else {}
    changed = sorted(key for key, value in values.items() if key != "mobile_sealed" and before.get(key) != value)
    if existing is not None and not changed and "mobile_sealed" not in values:
        return await lawyer(conn, hall, account)
    try:
        async with conn.begin_nested():
            if version is None:
                await conn.execute(insert(LAWYERS).values(account=account, hall=hall, **values))
            else:
                changing = update(LAWYERS).where(LAWYERS.c.account == account)
                await conn.execute(changing.values(version=version + 1, **values))
    except IntegrityError as error:
        # Somebody else may have written the first profile in the same moment.
        raise RosterRefused("lawyer_changed" if "lawyers_pk" in str(error.orig) else "licence_taken") from None
    data: dict[str, Plain] = {"fields": ",".join(changed)}
    if {"suspended_from", "suspended_until"} & set(changed):
        data["suspended_from"] = str(values["suspended_from"] or "")
        data["suspended_until"] = str(values["suspended_until"] or "")
    await record(
        conn,
        hall=hall,
        doer=doer,
        act=Act.LAWYER_CHANGED,
        object=account,
        at=now,
        reason=values["suspended_reason"] if "suspended_from" in data else "",
        data=data,
    )
    return await lawyer(conn, hall, account)


async def trainings(conn: AsyncConnection, hall: str, account: str) -> list[Training]:
    """A lawyer's trainings, newest first. Raises `RosterRefused(not_found)`."""
    await lawyer(conn, hall, account)
    t = TRAININGS.c
    rows = await conn.execute(select(TRAININGS).where(t.lawyer == account).order_by(t.day.desc(), t.id.desc()))
    return [
        Training(
            id=row.id,
            day=row.day,
            topic=row.topic,
            hours=float(row.hours),
            noted_by=row.noted_by,
            noted_at=row.noted_at,
        )
        for row in rows
    ]


async def add_training(
    conn: AsyncConnection, *, hall: str, account: str, day: date, topic: str, hours: Decimal, now: datetime, doer: Doer
) -> int:
    """Notes a training; its number. Raises `RosterRefused(not_found)`."""
    await lawyer(conn, hall, account)
    values = {"day": day, "topic": topic, "hours": hours, "noted_by": doer.work_number, "noted_at": now}
    made = await conn.execute(insert(TRAININGS).values(hall=hall, lawyer=account, **values).returning(TRAININGS.c.id))
    number = made.scalar_one()
    data: dict[str, Plain] = {"training": number, "day": str(day), "topic": topic, "hours": str(hours)}
    await record(conn, hall=hall, doer=doer, act=Act.TRAINING_NOTED, object=account, at=now, data=data)
    return number


def open_mobile(seal: Seal, account: str, sealed: bytes | None) -> str:
    """The number behind a row's `mobile_sealed`; empty when there is none. Raises `SealBroken`."""
    return seal.open(bytes(sealed), place("lawyers", "mobile_sealed", account)) if sealed else ""


async def _check(conn: AsyncConnection, hall: str, account: str, profile: Profile) -> None:
    found = await conn.execute(select(ACCOUNTS.c.id).where(ACCOUNTS.c.hall == hall, ACCOUNTS.c.id == account))
    if found.one_or_none() is None:
        raise RosterRefused("not_found")
    licence = profile.licence
    errors: list[dict[str, str]] = []
    if licence.number and not NUMBER.fullmatch(licence.number):
        errors.append({"field": "licence_number", "message": "执业证号是 17 位数字。"})
    begins, ends = licence.suspended_from, licence.suspended_until
    if begins is not None and ends is not None and ends < begins:
        errors.append({"field": "suspended_until", "message": "暂停的结束日期不能早于开始日期。"})
    if begins is not None and not licence.suspended_reason.strip():
        errors.append({"field": "suspended_reason", "message": "请填写暂停的原因。"})
    if profile.firm is not None:
        firm = await conn.execute(select(FIRMS.c.id).where(FIRMS.c.hall == hall, FIRMS.c.id == profile.firm))
        if firm.one_or_none() is None:
            errors.append({"field": "firm", "message": "没有这家律所。"})
    if errors:
        raise RosterRefused("invalid_input", errors=errors)


async def night_number(conn: AsyncConnection, hall: str, account: str, seal: Seal) -> str:
    """The number that the lawyer is rung at on night duty; empty when there is none. Raises `SealBroken`."""
    row = (
        await conn.execute(
            select(LAWYERS.c.mobile_sealed).where((LAWYERS.c.hall == hall) & (LAWYERS.c.account == account))
        )
    ).one_or_none()
    return "" if row is None else open_mobile(seal, account, row.mobile_sealed)


async def masked_number(conn: AsyncConnection, hall: str, account: str) -> str:
    """The same number as it may be shown; empty when there is none."""
    query = select(LAWYERS.c.mobile_masked).where((LAWYERS.c.hall == hall) & (LAWYERS.c.account == account))
    return (await conn.execute(query)).scalar_one_or_none() or ""


def _sealed_mobile(seal: Seal, account: str, mobile: str) -> dict[str, Any]:
    if not mobile:
        return {"mobile_sealed": None, "mobile_masked": ""}
    number = normalise(mobile) or ""
    if len(number) < LEAST_DIGITS or not number.isdigit():
        raise RosterRefused("invalid_input", errors=[{"field": "mobile", "message": "请填写可以拨打的电话号码。"}])
    sealed = seal.seal(number, place("lawyers", "mobile_sealed", account))
    return {"mobile_sealed": sealed, "mobile_masked": mask(number)}


def _query(where: ColumnElement[bool]) -> Select[Any]:
    hours = (
        select(func.coalesce(func.sum(TRAININGS.c.hours), 0))
        .where(TRAININGS.c.lawyer == LAWYERS.c.account)
        .scalar_subquery()
    )
    return (
        select(
            LAWYERS,
            ACCOUNTS.c.work_number,
            ACCOUNTS.c.name,
            ACCOUNTS.c.disabled_at,
            FIRMS.c.name.label("firm_name"),
            hours.label("training_hours"),
        )
        .join(ACCOUNTS, ACCOUNTS.c.id == LAWYERS.c.account)
        .outerjoin(FIRMS, FIRMS.c.id == LAWYERS.c.firm)
        .where(where)
        .order_by(func.length(ACCOUNTS.c.work_number), ACCOUNTS.c.work_number)
    )


def _lawyer(row: Row[Any]) -> Lawyer:
    return Lawyer(
        account=row.account,
        work_number=row.work_number,
        name=row.name,
        disabled=row.disabled_at is not None,
        firm=row.firm,
        firm_name=row.firm_name or "",
        employment=Employment(row.employment),
        licence=_licence(row),
        mobile=row.mobile_masked,
        training_hours=float(row.training_hours),
        version=row.version,
    )


def _licence(row: Row[Any]) -> Licence:
    return Licence(
        number=row.licence_number,
        valid_until=row.licence_until,
        suspended_from=row.suspended_from,
        suspended_until=row.suspended_until,
        suspended_reason=row.suspended_reason,
    )
