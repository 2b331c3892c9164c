"""Which checks are made, in what order are they shown, and how is one kept from harming the others?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from hotline.doctor import bridges, configuration, database, disks, lines, people, service, sound
from hotline.doctor.site import AS_ROOT, Check, Finding, NotAsked, Site, none, wrong

CHECK_SECONDS: Final = 5.0

ROUNDS: Final[Mapping[str, tuple[Check, ...]]] = {
    "配置": (
        Check("settings", "配置文件", configuration.settings, blind=True),
        Check("secrets", "口令", configuration.secrets),
        Check("tls", "HTTPS", configuration.tls),
    ),
    "数据库": (
        Check("database", "数据库", database.reachable),
        Check("database.schema", "表结构", database.schema),
        Check("database.extension", "扩展", database.extension),
        Check("database.durable", "落盘", database.durable),
        Check("database.clock", "数据库时钟", database.clock),
        Check("database.copy", "第二份", database.copy),
        Check("keys", "密钥文件", database.keys),
        Check("seats", "坐席", people.seats),
        Check("accounts", "账号", people.accounts),
        Check("plan", "来电流程", people.plan),
    ),
    "时钟": (
        Check("clock.zone", "时区数据", service.zone, blind=True),
        Check("clock.year", "日期", service.year, blind=True),
        Check("clock.synchronised", "对时", service.synchronised, blind=True),
    ),
    "磁盘": (
        Check("state", "状态目录", disks.state),
        Check("recordings", "录音目录", disks.recordings),
        Check("disk", "剩余空间", disks.room),
    ),
    "线路": (
        Check("adapters", "线路", lines.adapters),
        Check("announcements", "合成提示音", lines.announcements),
        Check("bridges", "对接桥", bridges.bridges),
        Check("audio", "声音设备", sound.audio),
    ),
    "服务": (
        Check("service", "服务", service.running),
        Check("files", "可打开文件数", service.files, blind=True),
    ),
}
"""Heading → its checks."""


async def examine(site: Site) -> dict[str, list[Finding]]:
    """Everything that was found, under its heading. All checks are made at once."""
    async with site.begin():
        every = [each for checks in ROUNDS.values() for each in checks]
        found = dict(zip(every, await asyncio.gather(*(_made(each, site) for each in every)), strict=True))
    return {heading: [line for each in checks for line in found[each]] for heading, checks in ROUNDS.items()}


async def _made(check: Check, site: Site) -> list[Finding]:
    if site.service is None and not check.blind:
        return [none(check.id, check.what, "未检查：配置文件读不出来")]
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check.look(site)
    except NotAsked as error:
        return [none(check.id, check.what, f"未检查：{error}")]
    except PermissionError:
        return [none(check.id, check.what, "本用户看不到", AS_ROOT)]
    except TimeoutError:
        late = f"{CHECK_SECONDS:.0f} 秒内没有结果"
        return [wrong(check.id, check.what, late, "磁盘、文件服务器或网络没有应答：先看 dmesg 和 df -h")]
    except Exception as error:
        # Its words may hold a password or a number: the kind is enough for whoever is asked for help.
        return [wrong(check.id, check.what, f"检查本身出错（{type(error).__name__}）", "请把这一行告诉开发者")]
