"""Whose accounts are there, and how do they change?

Every change is recorded in the audit trail within its own transaction and takes effect at once: a changed role, a
disabled account or a reset password ends the account's sessions. The functions here are for the API and for the command
line alike.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Act, Doer, Plain, record
from hotline.people.passwords import Passwords, initial
from hotline.people.permissions import Role
from hotline.people.sessions import Ended, Sessions
from hotline.store.tables import ACCOUNTS, UNITS

WORK_NUMBER: Final = re.compile(r"[0-9]{1,12}")
MAX_NAME: Final = 40
GROUP: Final = re.compile(r"[\w-]{1,32}")
MAX_GROUPS: Final = 20


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One person's access to one hall."""

    id: str
    hall: str
    work_number: str
    """工号"""
    name: str
    role: Role
    groups: tuple[str, ...]
    """Skill groups (技能组)."""
    unit: str
    """The unit (机构) of a handler (承办人); empty: the hall."""
    must_change: bool
    disabled_at: datetime | None
    created_at: datetime
    password_at: datetime


class AccountRefused(Exception):
    """Why not; `code` is one of the API's."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different; None: as it is."""

    name: str | None = None
    role: Role | None = None
    groups: tuple[str, ...] | None = None
    unit: str | None = None
    disabled: bool | None = None


async def create(
    conn: AsyncConnection,
    passwords: Passwords,
    *,
    hall: str,
    work_number: str,
    name: str,
    role: Role,
    groups: Sequence[str] = (),
    unit: str = "",
    password: str | None = None,
    must_change: bool = True,
    now: datetime,
    doer: Doer,
) -> tuple[Account, str]:
    """A new account and its initial password, which is shown once and must be changed at the first sign-in.

    `password` sets a given one instead, unchecked, for the demo hall. Raises `AccountRefused`.
    """
    number, called, skills = _work_number(work_number), _name(name), _groups(groups)
    await _check_unit(conn, hall, role, unit)
    secret = password if password is not None else initial()
    account = Account(
        id="acc-" + secrets.token_hex(8),
        hall=hall,
        work_number=number,
        name=called,
        role=role,
        groups=skills,
        unit=unit,
        must_change=must_change,
        disabled_at=None,
        created_at=now,
        password_at=now,
    )
    values = {**msgspec.structs.asdict(account), "groups": list(skills), "password_hash": await passwords.hash(secret)}
    try:
        async with conn.begin_nested():
            await conn.execute(insert(ACCOUNTS).values(**values))
    except IntegrityError:
        raise AccountRefused("work_number_taken", f"工号 {number} 已被使用。") from None
    await record(
        conn,
        hall=hall,
        doer=doer,
        act=Act.ACCOUNT_CREATED,
        object=account.id,
        at=now,
        data={"work_number": number, "role": role.value, "groups": ",".join(skills), "unit": unit},
    )
    return account, secret


async def change(
    conn: AsyncConnection, sessions: Sessions, *, hall: str, account: str, change: Change, now: datetime, doer: Doer
) -> tuple[Account, Ended | None]:
    """Changes an account. `Sessions.announce` what comes second, after the commit. Raises `AccountRefused`."""
    before = await find(conn, hall, account, lock=True)
    values: dict[str, Any] = {}
    if change.name is not None and _name(change.name) != before.name:
        values["name"] = _name(change.name)
    if change.groups is not None and _groups(change.groups) != before.groups:
        values["groups"] = list(_groups(change.groups))
    if change.role is not None and change.role is not before.role:
        values["role"] = change.role.value
    if change.unit is not None and change.unit != before.unit:
        values["unit"] = change.unit
    if {"role", "unit"} & values.keys():
        await _check_unit(conn, hall, Role(values.get("role", before.role)), values.get("unit", before.unit))
    if change.disabled is not None and change.disabled != (before.disabled_at is not None):
        values["disabled_at"] = now if change.disabled else None
    if not values:
        return before, None
    loses_power = values.get("role", Role.ADMINISTRATOR) != Role.ADMINISTRATOR or values.get("disabled_at") is not None
    if before.role is Role.ADMINISTRATOR and loses_power:
        await _keep_one_administrator(conn, before)
    await conn.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(**values))
    ended = await sessions.end_all(conn, account, now) if {"role", "unit", "disabled_at"} & values.keys() else None
    told: dict[str, Plain] = {"fields": ",".join(sorted(values))}
    if "role" in values:
        told |= {"role_before": before.role.value, "role": values["role"]}
    if "unit" in values:
        told |= {"unit_before": before.unit, "unit": values["unit"]}
    if "disabled_at" in values:
        told["disabled"] = values["disabled_at"] is not None
    await record(conn, hall=hall, doer=doer, act=Act.ACCOUNT_CHANGED, object=account, at=now, data=told)
    return await find(conn, hall, account), ended


async def reset_password(
    conn: AsyncConnection,
    sessions: Sessions,
    passwords: Passwords,
    *,
    hall: str,
    account: str,
    now: datetime,
    doer: Doer,
) -> tuple[str, Ended | None]:
    """A new initial password; every session of the account ends. Raises `AccountRefused`."""
    secret = initial()
    hashed = await passwords.hash(secret)  # before the first statement: no row is locked meanwhile
    await find(conn, hall, account, lock=True)
    await _set_password(conn, account, hashed, now, must_change=True)
    ended = await sessions.end_all(conn, account, now)
    await record(conn, hall=hall, doer=doer, act=Act.PASSWORD_RESET, object=account, at=now)
    return secret, ended


async def change_password(
    conn: AsyncConnection,
    sessions: Sessions,
    *,
    hall: str,
    account: str,
    password_hash: str,
    session: bytes,
    now: datetime,
    doer: Doer,
) -> Ended | None:
    """The person's own new password; all other sessions end."""
    await _set_password(conn, account, password_hash, now, must_change=False)
    ended = await sessions.end_all(conn, account, now, but=session)
    await record(conn, hall=hall, doer=doer, act=Act.PASSWORD_CHANGED, object=account, at=now)
    return ended


async def find(conn: AsyncConnection, hall: str, account: str, *, lock: bool = False) -> Account:
    """The hall's account of that id. Raises `AccountRefused(not_found)`, also for those of other halls."""
    query = select(ACCOUNTS).where(ACCOUNTS.c.hall == hall, ACCOUNTS.c.id == account)
    row = (await conn.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise AccountRefused("not_found")
    return _account(row)


async def by_work_number(conn: AsyncConnection, hall: str, work_number: str) -> tuple[Account, str] | None:
    """The account and its password hash; None when there is no such work number."""
    query = select(ACCOUNTS).where(ACCOUNTS.c.hall == hall, ACCOUNTS.c.work_number == work_number)
    row = (await conn.execute(query)).one_or_none()
    return None if row is None else (_account(row), row.password_hash)


async def password_hash(conn: AsyncConnection, account: str) -> str:
    """What the account's password is compared with."""
    return (await conn.execute(select(ACCOUNTS.c.password_hash).where(ACCOUNTS.c.id == account))).scalar_one()


async def of_hall(conn: AsyncConnection, hall: str) -> list[Account]:
    """Every account of a hall, by work number."""
    query = select(ACCOUNTS).where(ACCOUNTS.c.hall == hall)
    rows = await conn.execute(query.order_by(func.length(ACCOUNTS.c.work_number), ACCOUNTS.c.work_number))
    return [_account(row) for row in rows]


async def _keep_one_administrator(conn: AsyncConnection, leaving: Account) -> None:
    others = (
        select(ACCOUNTS.c.id)
        .where(
            ACCOUNTS.c.hall == leaving.hall,
            ACCOUNTS.c.role == Role.ADMINISTRATOR.value,
            ACCOUNTS.c.disabled_at.is_(None),
        )
        .order_by(ACCOUNTS.c.id)
        .with_for_update()
    )
    if all(other == leaving.id for (other,) in await conn.execute(others)):
        raise AccountRefused("last_administrator", "大厅至少需要保留一个可用的管理员账号。")


async def _set_password(
    conn: AsyncConnection, account: str, password_hash: str, now: datetime, *, must_change: bool
) -> None:
    values = {"password_hash": password_hash, "password_at": now, "must_change": must_change}
    await conn.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(**values))


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        hall=row.hall,
        work_number=row.work_number,
        name=row.name,
        role=Role(row.role),
        groups=tuple(row.groups),
        unit=row.unit,
        must_change=row.must_change,
        disabled_at=row.disabled_at,
        created_at=row.created_at,
        password_at=row.password_at,
    )


async def _check_unit(conn: AsyncConnection, hall: str, role: Role, unit: str) -> None:
    """A handler belongs to a unit that is there; everybody else to the hall."""
    if role is not Role.HANDLER:
        if unit:
            raise AccountRefused("invalid_input", "只有承办人属于下级机构；其他角色请不要填写机构。")
        return
    if not unit:
        raise AccountRefused("invalid_input", "请填写承办人所属的机构。")
    u = UNITS.c
    if await conn.scalar(select(u.code).where(u.hall == hall, u.code == unit, u.valid_to.is_(None))) is None:
        raise AccountRefused("unit_unknown", f"名录中没有机构 {unit[:40]}，或机构已停用。")


def _work_number(raw: str) -> str:
    number = unicodedata.normalize("NFKC", raw).strip()
    if not WORK_NUMBER.fullmatch(number):
        raise AccountRefused("invalid_input", "工号只能是 1 到 12 位数字。")
    return number


def _name(raw: str) -> str:
    name = unicodedata.normalize("NFC", raw).strip()
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise AccountRefused("invalid_input", f"姓名需要 1 到 {MAX_NAME} 个可见字符。")
    return name


def _groups(raw: Sequence[str]) -> tuple[str, ...]:
    groups = tuple(dict.fromkeys(raw))
    if len(groups) > MAX_GROUPS or not all(GROUP.fullmatch(each) for each in groups):
        raise AccountRefused("invalid_input", f"技能组最多 {MAX_GROUPS} 个，每个 1 到 32 个字母、数字、汉字、_ 或 -。")
    return groups
