"""Does the database answer, is it the right one, does it keep what it was given, and do the keys belong to it?"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import text

from hotline.doctor.machine import READ, apart, may, owner
from hotline.doctor.site import AS_ROOT, AddressUnknown, Finding, NotAsked, NotRunning, Site, none, ok, warning, wrong
from hotline.store.engine import OLDEST_SERVER, Database
from hotline.store.errors import BadUrl, KeysUnusable, NotAdmitted, SealBroken, StoreError, TooOld, WrongSchema
from hotline.store.seal import KEY_FILE, KeyRing, Seal, place, read_keys

SHIFT_SECONDS: Final = 1.0
"""A clock difference worth a word."""
FAR_SECONDS: Final = 5.0
_EXTENSION: Final = "btree_gist"


async def reachable(site: Site) -> list[Finding]:
    """Somebody answers, lets us in, and is new enough."""
    check, what = "database", "数据库"
    kind = "内嵌" if site.embedded else "外部"
    try:
        database = await site.database()
    except NotRunning as error:
        advice = "它随服务启停，启动服务后再执行一次：sudo systemctl start hotline"
        return [none(check, what, str(error), advice)]
    except AddressUnknown as error:
        return [wrong(check, what, str(error), "见上面的 口令 database_url_file")]
    except BadUrl:
        advice = "应形如 postgresql://用户:口令@主机/库名；口令中的 @ : / # % 要写成 %40 %3A %2F %23 %25"
        return [wrong(check, what, "数据库地址无法识别", advice)]
    except NotAdmitted as error:
        advice = "核对用户、口令和库名（deploy/INSTALL.md 第 3 步），以及 PostgreSQL 的 pg_hba.conf"
        return [wrong(check, what, f"{_where(site.url)} 拒绝登录：{error.__cause__}", advice)]
    except TooOld as error:
        return [wrong(check, what, str(error), f"升级到 PostgreSQL {OLDEST_SERVER} 或更新的版本")]
    except (StoreError, TimeoutError) as error:
        reason = error.__cause__ if isinstance(error, StoreError) else None
        advice = "数据库启动了吗（systemctl status postgresql）？地址、端口和防火墙对吗？"
        told = f"（{reason}）" if reason is not None else ""
        return [wrong(check, what, f"{_where(site.url)} 没有应答{told}", advice)]
    version = f"{database.server_version // 10000}.{database.server_version % 10000}"
    return [ok(check, what, f"{kind} PostgreSQL {version}，{_where(site.url)}")]


async def schema(site: Site) -> list[Finding]:
    """The tables are those of this program."""
    database = await _opened(site)
    try:
        await database.check_schema()
    except WrongSchema as error:
        advice = (
            "升级程序：cd /opt/hotline-12348 && sudo git pull && sudo make setup" if error.newer else "hotline migrate"
        )
        found = f"数据库为 {error.found or '空'}，程序需要 {error.wanted}"
        return [wrong("database.schema", "表结构", found, advice)]
    [row] = await site.ask("SELECT version_num FROM alembic_version")
    return [ok("database.schema", "表结构", f"{row.version_num}，与程序一致")]


async def extension(site: Site) -> list[Finding]:
    """What the tables need beyond a bare PostgreSQL."""
    check, what, values = "database.extension", f"扩展 {_EXTENSION}", {"name": _EXTENSION}
    if await site.ask("SELECT 1 FROM pg_extension WHERE extname = :name", **values):
        return [ok(check, what, "已装")]
    if await site.ask("SELECT 1 FROM pg_available_extensions WHERE name = :name", **values):
        return [wrong(check, what, "没有装入这个库", "hotline migrate")]
    return [wrong(check, what, "数据库服务器上没有", "sudo apt-get install postgresql-contrib，然后 hotline migrate")]


async def durable(site: Site) -> list[Finding]:
    """What was acknowledged survives a power cut."""
    names = ("fsync", "full_page_writes", "synchronous_commit")
    [row] = await site.ask("SELECT " + ", ".join(f"current_setting('{name}') AS {name}" for name in names))
    off = [name for name in names if row._mapping[name] == "off"]
    if off:
        advice = " ".join(f"ALTER SYSTEM SET {name} = on;" for name in off)
        found = f"{'、'.join(off)} 为 off：断电会丢数据"
        return [
            wrong("database.durable", "落盘", found, f"sudo -u postgres psql，执行 {advice} SELECT pg_reload_conf();")
        ]
    return [ok("database.durable", "落盘", "fsync、full_page_writes、synchronous_commit 都开着")]


async def clock(site: Site) -> list[Finding]:
    """The database's clock and ours: leases and figures use the one, devices the other."""
    database = await _opened(site)
    async with database.reading() as session:
        await session.scalar(text("SELECT 1"))
        began = time.time()
        there = float(await session.scalar(text("SELECT extract(epoch FROM clock_timestamp())")))
        ended = time.time()
    return [clock_difference(there - (began + ended) / 2)]


def clock_difference(seconds: float) -> Finding:
    """`seconds`: the database is ahead by so much."""
    check, what = "database.clock", "数据库时钟"
    found = f"与本机相差 {abs(seconds):.1f} 秒"
    advice = "两台机器都要对时：sudo timedatectl set-ntp true（或装 chrony）"
    if abs(seconds) > FAR_SECONDS:
        return wrong(check, what, found, advice)
    return warning(check, what, found, advice) if abs(seconds) > SHIFT_SECONDS else ok(check, what, found)


async def copy(site: Site) -> list[Finding]:
    """The embedded database has no second copy by itself."""
    if not site.embedded:
        return [none("database.copy", "第二份", "外部数据库的备份由数据库管理员负责（deploy/INSTALL.md 第 8 步）")]
    advice = "每天备份并把备份放到另一台机器（deploy/INSTALL.md 第 8 步）；正式运行建议用独立的 PostgreSQL"
    return [warning("database.copy", "第二份", "内嵌数据库只有本机这一份", advice)]


async def keys(site: Site) -> list[Finding]:
    """The keys are there, closed to others, readable for the service, and those of this database."""
    check, what = "keys", "密钥文件"
    path = site.known.state_dir / KEY_FILE
    restore = f"从备份恢复 {path}；没有它，已保存的号码无法读出，服务不会启动"
    try:
        sealed = await site.ask("SELECT id, caller_sealed FROM calls WHERE caller_sealed IS NOT NULL LIMIT 1")
    except NotAsked:
        sealed = None
    if not await apart(path.exists):
        if sealed is None:
            return [none(check, what, f"没有 {path}；数据库不能查询，不知是否缺失")]
        if sealed:
            return [wrong(check, what, f"没有 {path}，但数据库中已有加密数据", restore)]
        return [none(check, what, f"还没有 {path}，服务第一次启动时建立")]
    try:
        ring = await apart(read_keys, path)
    except KeysUnusable as error:
        if isinstance(error.__cause__, PermissionError):
            return [await _unreadable(site, path)]
        loose = await apart(lambda: path.stat().st_mode & 0o027)
        return [wrong(check, what, str(error), f"sudo chmod 600 {path}" if loose else restore)]
    if not await apart(may, path, await site.user(), READ):
        return [await _unreadable(site, path)]
    if sealed and not await apart(_opens, ring, sealed[0].caller_sealed, sealed[0].id):
        return [wrong(check, what, f"{path} 打不开数据库中的数据：不是这个数据库的密钥", restore)]
    fits = "，能打开数据库中的数据" if sealed else ""
    return [ok(check, what, f"{path}{fits}。请另存一份")]


async def _unreadable(site: Site, path: Path) -> Finding:
    """Not for the service; or only not for whoever asks."""
    user = await site.user()
    if await apart(may, path, user, READ):
        return none("keys", "密钥文件", f"{path}：本用户看不到", AS_ROOT)
    found = f"{path} 属于 {owner((await apart(path.stat)).st_uid)}，服务的用户 {user.name} 读不到"
    return wrong("keys", "密钥文件", found, f"sudo chown {user.name} {path}")


async def _opened(site: Site) -> Database:
    try:
        return await site.database()
    except (StoreError, TimeoutError) as error:
        raise NotAsked("数据库不能使用") from error


def _opens(ring: KeyRing, blob: bytes, row: str) -> bool:
    try:
        Seal(ring).open_bytes(bytes(blob), place("calls", "caller_sealed", row))
    except SealBroken:
        return False
    return True


def _where(url: str) -> str:
    """Host and name, never user, password or parameters."""
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query).get("host", [""])[0]
    return f"{host}{parts.path}"
