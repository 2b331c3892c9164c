"""What is done at a line before it goes into service: open it, listen, and say in Chinese what was found."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.errors import AdapterError, LinkDown, Undecodable
from adapters.line_audio.devices import hushed
from adapters.reasons import in_chinese
from adapters.telephony import (
    CallReleased,
    LinkUp,
    Listens,
    PortFault,
    Probes,
    Pulls,
    SeatAnswered,
    TelephonyAdapter,
    Wire,
)
from hotline.cli.root import errors

LIST: Final = "话单查询"
SKEW_SECONDS: Final = 60.0
"""A device's clock that is further away is told."""


async def listen(adapter: Listens, seconds: int) -> list[dict[str, Any]]:
    """Each wire by itself, all at the same time."""
    heard = defaultdict[str, bytes](bytes)

    def watch(wire: str, data: bytes, at: datetime, sent: bool) -> None:
        heard[wire] += b"" if sent else data

    adapter.watch = watch
    every = await asyncio.gather(*(_listen_at(adapter, wire, seconds) for wire in adapter.wires))
    return [line for found in every for line in found.lines(heard[found.wire])]


class _Found:
    """What one wire turned out to be."""

    def __init__(self, wire: str) -> None:
        self.wire = wire
        self.opened = False
        self.device = ""
        """What it says of itself, where it has nothing to say before a call."""
        self.lost = ""
        self.frames = 0
        self.unread = Counter[str]()
        self.repaired = Counter[str]()
        """Read, with a time of ours in place of the device's."""

    def lines(self, heard: bytes) -> list[dict[str, Any]]:
        """What an installer should know."""
        if self.lost or not self.opened:
            return [report_line(False, self.wire, in_chinese(self.lost or "timed out"))]
        if self.device:
            return [report_line(True, self.wire, self.device)]
        words = f"已打开；收到 {len(heard)} 字节，{self.frames} 帧能识别"
        if not heard:
            words += "。没有来电时这是正常的；请拨一通电话再试"
        lines = [report_line(True, self.wire, words)]
        if heard and not self.frames:
            lines.append(report_line(False, self.wire, "收到的字节里没有一帧：请核对波特率、校验位和方言（dialect）"))
        if b"ERROR" in heard:
            words = "设备对开通命令答了 ERROR：请在这条 wires 下写 greeting，换一条开通来电显示的命令"
            lines.append(report_line(False, self.wire, words))
        for reason, times in self.unread.most_common(5):
            lines.append(report_line(False, self.wire, f"{times} 帧未能识别：{in_chinese(reason)}"))
        for reason, times in self.repaired.most_common(3):
            lines.append(report_line(False, self.wire, f"{times} 帧能识别，但{in_chinese(reason)}"))
        return lines


async def _listen_at(adapter: Listens, wire: Wire, seconds: int) -> _Found:
    found = _Found(wire.name)
    if isinstance(wire, Probes):
        return await _probed(wire, found)

    def up(detail: str) -> None:
        found.opened = True

    async def take(body: bytes, at: datetime) -> None:
        try:
            delivery = adapter.decode(body, at)
        except Undecodable as error:
            found.unread[str(error)] += 1
        else:
            found.unread.update(item.reason for item in delivery.refused)
            found.repaired.update(item.reason for item in delivery.repaired)
            found.frames += b":" in body[:17] and not delivery.refused

    try:
        async with asyncio.timeout(seconds):
            await wire.listen(up, take)
    except TimeoutError:
        pass
    except LinkDown as error:
        found.lost = str(error)
    return found


async def _probed(wire: Probes, found: _Found) -> _Found:
    """A wire that is opened only while there is a call (a sound device): opened for a moment."""
    try:
        with hushed():
            found.device, found.opened = await wire.probe(), True
    except LinkDown as error:
        found.lost = str(error)
    return found


async def connect(adapter: TelephonyAdapter, seconds: int) -> list[dict[str, Any]]:
    """A device with a link: it comes up, says which calls are live, and lets go."""
    from adapters import conformance

    try:
        async with asyncio.timeout(seconds + conformance.LINK_SECONDS):
            await conformance.link_comes_first(adapter)
            async with conformance.heard(adapter) as said:
                found = list(said)
            await conformance.cancel_ends_it(adapter)
    except (AdapterError, TimeoutError) as error:
        return [report_line(False, adapter.name, in_chinese(str(error) or "没有应答"))]
    except conformance.NotConforming as error:
        return [report_line(False, adapter.name, f"设备的表现不合约定：{error}")]
    lines = [report_line(True, adapter.name, "已连接，能报告当前通话，能正常断开")]
    for each in found:
        if isinstance(each, LinkUp):
            lines += [report_line(True, adapter.name, words) for words in each.detail.splitlines()]
        elif isinstance(each, PortFault):
            lines.append(report_line(False, f"{adapter.name} 线路 {each.port}", in_chinese(each.detail)))
    return lines


async def ask_for_list(adapter: Pulls) -> list[dict[str, Any]]:
    """A device that keeps a list of its calls is asked for the last day's; nothing of it is kept."""
    now = datetime.now(UTC)
    heard, unread, repaired = Counter[type](), Counter[str](), Counter[str]()
    try:
        bodies = await adapter.pull(now - timedelta(days=1), now)
    except AdapterError as error:
        return [report_line(False, LIST, in_chinese(str(error)))]
    for body in bodies:
        try:
            delivery = adapter.decode(body, now)
        except Undecodable as error:
            unread[str(error)] += 1
        else:
            heard.update(map(type, delivery.events))
            unread.update(item.reason for item in delivery.refused)
            repaired.update(item.reason for item in delivery.repaired)
    words = f"最近 24 小时 {len(bodies)} 条，其中来电 {heard[CallReleased]} 通，接通 {heard[SeatAnswered]} 通"
    lines = [report_line(True, LIST, words)]
    lines += [
        report_line(False, LIST, f"{times} 条未能识别：{in_chinese(reason)}") for reason, times in unread.most_common(5)
    ]
    lines += [
        report_line(False, LIST, f"{times} 条能识别，但{in_chinese(reason)}")
        for reason, times in repaired.most_common(3)
    ]
    skew: float | None = getattr(adapter, "skew_seconds", None)
    if skew is not None and abs(skew) >= SKEW_SECONDS:
        wrong = f"{'快' if skew > 0 else '慢'} {abs(skew):.0f} 秒"
        words = f"设备时钟{wrong}，话单中的时刻随之偏差：请在设备上设置时钟同步（NTP）"
        lines.append(report_line(False, LIST, words))
    return lines


async def write_down(adapter: Listens, seconds: int) -> dict[str, str]:
    """Listen until the time is over, or Ctrl-C; why a wire was lost. Whoever watches the adapter writes it down."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop.set)

    async def take(body: bytes, at: datetime) -> None:
        with suppress(Undecodable):
            adapter.decode(body, at)

    async def listen_at(wire: Wire) -> str:
        try:
            await wire.listen(lambda detail: errors.print(f"{wire.name} 已打开：{detail}（Ctrl-C 结束）"), take)
        except LinkDown as error:
            errors.print(f"✗ {wire.name}：{in_chinese(str(error))}")
            return str(error)
        return ""

    tasks = {wire.name: asyncio.create_task(listen_at(wire), name=wire.name) for wire in adapter.wires}

    async def all_over() -> None:
        await asyncio.wait(tasks.values())

    ends = [asyncio.create_task(stop.wait(), name="stop"), asyncio.create_task(all_over(), name="all over")]
    await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    lost = {name: task.result() for name, task in tasks.items() if task.done()}
    for task in (*ends, *tasks.values()):
        task.cancel()
    await asyncio.gather(*ends, *tasks.values(), return_exceptions=True)
    loop.remove_signal_handler(signal.SIGINT)
    return {name: error for name, error in lost.items() if error}


def no_bytes(kind: str, name: str) -> str:
    """Why nothing can be captured of a line that is not only listened at, and what to do instead."""
    match kind:
        case "gateway-push":
            return "由网关推送，没有可以抓取的字节：推送的原文在控制台“线路”页，打开详情，查看“原始数据”"
        case "modem":
            return (
                "是双向的语音调制解调器，由本系统下命令，不能旁听抓取：停止服务后用 "
                f"hotline adapter check {name} 核对它的应答；只显示来电、不应答的调制解调器请改用 "
                'kind = "cti-serial"、dialect = "modem"'
            )
        case "card":
            return (
                "是语音卡，由厂家的库驱动，没有可以抓取的字节：停止服务后用 "
                f"hotline adapter check {name} 核对通道；卡上的信号请用厂家自带的工具和日志查看"
            )
        case "asterisk":
            return "由 Asterisk 接入，没有可以抓取的字节：信令请在 Asterisk 上查看（pjsip set logger on）"
        case _:
            return "不是只听不发的线路，没有可以抓取的字节"


def report_line(ok: bool, what: str, words: str) -> dict[str, Any]:
    return {"ok": ok, "what": what, "words": words}
