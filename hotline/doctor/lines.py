"""Is every line set up, is its device there, and has anything been heard of it?

Nothing is opened that only one may open: a serial port is looked at from outside, and a terminal server or a PBX that
takes one client only is left alone while the service runs.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from adapters import registry
from adapters.errors import Misconfigured
from adapters.prompts import StoresPrompts
from adapters.telephony import Ingests, Listens, TelephonyAdapter
from hotline.doctor.machine import READ, WRITE, Seen, User, apart, at_hand, holders, may, owner, program, reach
from hotline.doctor.site import Finding, NotAsked, Site, State, none, ok, warning, wrong
from hotline.lines.shared import shared
from hotline.settings import LINE_KEYS
from hotline.settings_used import secret
from hotline.settings_words import why

STABLE: Final = ("/dev/serial/by-id/", "/dev/serial/by-path/", "/dev/hotline/", "/dev/ttyS")
"""Names that mean the same device after a restart; ports on the board are not numbered anew."""
SILENT: Final = timedelta(hours=24)
REMEMBERED: Final = timedelta(days=31)
SPEAKERS: Final = ("espeak-ng", "sox")
_RULES: Final = "sudo install -m 0644 deploy/99-hotline-serial.rules /etc/udev/rules.d/ 并重插设备"


async def adapters(site: Site) -> list[Finding]:
    """Each line: its table, its device, its latest event."""
    if not site.adapters:
        return [none("adapters", "线路", "配置中没有线路", "写法见 deploy/hotline.example.toml")]
    user, seen = await site.user(), await site.seen()
    lines = [_line(site, name, table, user, seen) for name, table in site.adapters.items()]
    twice = [
        wrong(f"{str(each.places[0])[1:-1]}.shared", "线路的设备", str(each), f"改正 {site.source}：每个设备只写在一处")
        for each in await apart(shared, site.adapters)
    ]
    return [*twice, *(each for found in await asyncio.gather(*lines) for each in found)]


async def announcements(site: Site) -> list[Finding]:
    """Programs that speak the built-in announcements, where a device plays them from a folder of ours."""
    check, what = "announcements", "合成提示音"
    built = [(await apart(_build, site, name, table))[0] for name, table in site.adapters.items()]
    if None in built and not any(isinstance(each, StoresPrompts) for each in built):
        raise NotAsked("线路的设置有误，见上")
    if not any(isinstance(each, StoresPrompts) for each in built):
        return [none(check, what, "没有线路需要")]
    missing = [each for each in SPEAKERS if shutil.which(each) is None]
    if missing:
        return [warning(check, what, f"没有 {'、'.join(missing)}", f"sudo apt-get install {' '.join(missing)}")]
    return [ok(check, what, "、".join(SPEAKERS))]


async def _line(site: Site, name: str, table: Mapping[str, Any], user: User, seen: Seen) -> list[Finding]:
    built, found = await apart(_build, site, name, table)
    looks: list[Coroutine[Any, Any, Finding]] = []
    wires, edge = table.get("wires", table.get("lines")), table.get("edge")
    if edge is not None:
        found.append(_carried(name, str(edge), seen))
    elif isinstance(wires, dict):
        for wire, settings in wires.items():
            url = settings.get("url") if isinstance(settings, dict) else None
            if isinstance(url, str):
                looks.append(_wire(name, wire, url, user, seen))
    elif isinstance(table.get("url"), str):
        looks.append(_system(name, table["url"], seen))
    if isinstance(built, Ingests | Listens):
        looks.append(_heard(site, name, pushed=isinstance(built, Ingests)))
    return [*found, *await asyncio.gather(*looks)]


def _carried(name: str, edge: str, seen: Seen) -> Finding:
    """Its device is at an edge: only what that says of it can be known here."""
    check, what = f"adapters.{name}.edge", f"线路 {name} 的边缘机"
    match seen.link(name):
        case True:
            return ok(check, what, f"{edge} 已连接，线路是通的")
        case None:
            return none(check, what, f"{edge}：未检查，服务没有运行")
        case _:
            advice = "在那台设备上执行 hotline edge --check，看 journalctl -u hotline-edge -n 50"
            return wrong(check, what, f"{edge} 没有连接，或它的线路是断的", advice)


def _build(site: Site, name: str, table: Mapping[str, Any]) -> tuple[TelephonyAdapter | None, list[Finding]]:
    """As the service would build it; nothing is connected."""
    check, what = f"adapters.{name}", f"线路 {name}"
    unread: list[str] = []

    def read(reference: str) -> str:
        try:
            return _secret(reference)
        except Misconfigured:
            unread.append(reference)
            raise

    place = registry.Site(state_dir=site.known.state_dir, secret=read)
    try:
        adapter = registry.build(name, {key: each for key, each in table.items() if key not in LINE_KEYS}, place)
    except Misconfigured as error:
        advice = "见“配置”一栏的口令" if unread else f"改正 {site.source}；写法见 deploy/hotline.example.toml"
        return None, [wrong(check, what, each, advice) for each in str(error).splitlines()]
    if isinstance(adapter, Ingests) and not table.get("networks"):
        advice = f'[adapters.{name}] 加 networks = ["网关地址/32"]'
        return adapter, [warning(check, what, "设置无误；任何地址都可以推送，只靠密钥", advice)]
    return adapter, [ok(check, what, f"{table.get('kind')}，设置无误")]


def _secret(reference: str) -> str:
    kind, _, path = reference.partition(":")
    try:
        return secret(f"file:{at_hand(Path(path))}" if kind == "file" else reference)
    except OSError as error:
        raise Misconfigured(f"口令文件 {path} 本用户看不到：以 root 再执行一次") from error


async def _system(name: str, url: str, seen: Seen) -> Finding:
    """A telephone system on the network: it takes as many connections as come."""
    check, what = f"adapters.{name}.link", f"线路 {name} 的连接"
    address = _address(url)
    if address is None:
        return wrong(check, what, "url 中没有主机", f"改正 [adapters.{name}] 的 url")
    place = f"{address[0]}:{address[1]}"
    if reason := await apart(reach, *address):
        advice = "它启动了吗（systemctl status asterisk）？地址和防火墙对吗？"
        return wrong(check, what, f"{place} 连不上（{reason}）", advice)
    if seen.link(name) is False:
        advice = "多为口令或应用名不符：journalctl -u hotline -n 50"
        return wrong(check, what, f"{place} 连得上，但服务说线路是断的", advice)
    return ok(check, what, f"{place} 连得上{'，服务已连接' if seen.link(name) is True else ''}")


async def _wire(name: str, wire: str, url: str, user: User, seen: Seen) -> Finding:
    check, what = f"adapters.{name}.wires.{wire}", f"线路 {name} 的 {wire}"
    if url.startswith("/"):
        found = await apart(_device, check, what, Path(url), user, seen)
        if found.state is not State.WRONG and seen.link(name) is False:
            advice = f"控制台“线路”页 {name} 的详情写明原因；日志：journalctl -u hotline -n 50"
            return wrong(check, what, f"{found.found}；设备在，但服务说线路是断的", advice)
        return found
    address = _address(url)
    if address is None:
        return none(check, what, "不是设备也不是网络地址，不能从外面检查")
    place = f"{address[0]}:{address[1]}"
    advice = "核对地址和端口、设备上的输出功能、网络"
    if seen.answer is not None or seen.taken:  # many of these take one client only
        if seen.link(name) is False:
            return wrong(check, what, f"{place}：服务连不上", f"{advice}；日志：journalctl -u hotline -n 50")
        return ok(check, what, f"{place}：服务正在使用，不再另连")
    if reason := await apart(reach, *address):
        return wrong(check, what, f"{place} 连不上（{reason}）", advice)
    return ok(check, what, f"{place} 连得上")


def _address(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None


def _device(check: str, what: str, path: Path, user: User, seen: Seen) -> Finding:
    try:
        node = path.stat()
    except OSError as error:
        advice = "插好线；ls -l /dev/hotline/ /dev/serial/by-id/ 列出现有设备，照它改 url"
        more = "" if isinstance(error, FileNotFoundError) else f"（{why(error)}）"
        return wrong(check, what, f"{path} 设备不存在{more}", advice)
    if not stat.S_ISCHR(node.st_mode):
        return wrong(check, what, f"{path} 不是串口", "ls -l /dev/hotline/ /dev/serial/by-id/ 列出现有设备，照它改 url")
    whose = f"{owner(node.st_uid, node.st_gid)} {stat.S_IMODE(node.st_mode):04o}"
    if not may(path, user, READ | WRITE):
        advice = f"sudo usermod -aG dialout {user.name} 并重新登录（服务则重启）；属组不是 dialout 时：{_RULES}"
        return wrong(check, what, f"{path}（{whose}）用户 {user.name} 不能读写", advice)
    real = os.path.realpath(path)
    holding = holders({real})
    used = seen.pid in holding  # then it is the service's, whoever else looks on
    others = [] if used else [pid for pid in holding if pid != os.getpid()]
    who = "、".join(f"进程 {pid}（{program(pid)}）" for pid in others)
    if others and seen.pid is not None:
        advice = f"ps -fp {others[0]}；停掉它。一条串口只能由一个程序打开"
        return wrong(check, what, f"{path} 被{who}占用", advice)
    if not str(path).startswith(STABLE):
        return warning(check, what, f"{path} 重启或换插口后可能指向别的设备", _better(real))
    told = "，服务正在使用" if used else f"，{who}正在使用" if others else ""
    return ok(check, what, f"{path}（{whose}）{told}")


def _better(real: str) -> str:
    """The stable name of the same device, where there is one."""
    for folder in ("/dev/hotline", "/dev/serial/by-id"):
        if Path(folder).is_dir():
            for each in sorted(Path(folder).iterdir()):
                if os.path.realpath(each) == real:
                    return f'url 改为 "{each}"'
    return f"{_RULES}，再用 /dev/hotline/ 或 /dev/serial/by-id/ 下的名称"


async def _heard(site: Site, name: str, *, pushed: bool) -> Finding:
    """When something was last heard, as the database knows."""
    check, what = f"adapters.{name}.events", f"线路 {name} 的事件"
    now = datetime.now(UTC)
    query = "SELECT max(heard_at) AS at FROM raw_events WHERE adapter = :name AND heard_at > :since"
    try:
        [row] = await site.ask(query, name=name, since=now - REMEMBERED)
    except NotAsked as error:
        return none(check, what, f"未检查：{error}")
    advice = (
        "在网关上发一次测试推送，核对其中的推送地址和密钥"
        if pushed
        else f"拨一通电话试；停服务后 hotline adapter check {name}"
    )
    if row.at is None:
        return warning(check, what, f"{REMEMBERED.days} 天内没有收到过", advice)
    shown = f"最近一次 {row.at.astimezone(ZoneInfo('Asia/Shanghai')):%m-%d %H:%M}"
    if now - row.at > SILENT:
        return warning(check, what, f"{shown}，已超过 24 小时", advice)
    return ok(check, what, shown)
