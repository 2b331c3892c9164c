"""What is done at a line before it goes into service: open it, listen, and say in Chinese what was found."""

from __future__ import annotations

import asyncio
import re
import signal
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import datetime
from typing import Any

from adapters.errors import AdapterError, LinkDown, Undecodable
from adapters.telephony import Listens, TelephonyAdapter, Wire
from hotline.cli.root import errors


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
        self.lost = ""
        self.frames = 0
        self.unread = Counter[str]()

    def lines(self, heard: bytes) -> list[dict[str, Any]]:
        """What an installer should know."""
        if self.lost or not self.opened:
            return [report_line(False, self.wire, why(self.lost or "timed out"))]
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
            words = reason
            if line := re.search(r"line '(.*)' has no channel", reason):
                words = f'线路名 {line[1]!r} 没有对应的通道：请在 ports 中写明，如 ports = {{ "{line[1]}" = 1 }}'
            lines.append(report_line(False, self.wire, f"{times} 帧未能识别：{words}"))
        return lines


async def _listen_at(adapter: Listens, wire: Wire, seconds: int) -> _Found:
    found = _Found(wire.name)

    def up(detail: str) -> None:
        found.opened = True

    async def take(body: bytes, at: datetime) -> None:
        try:
            delivery = adapter.decode(body, at)
        except Undecodable as error:
            found.unread[str(error)] += 1
        else:
            found.unread.update(item.reason for item in delivery.refused)
            found.frames += b":" in body[:17] and not delivery.refused

    try:
        async with asyncio.timeout(seconds):
            await wire.listen(up, take)
    except TimeoutError:
        pass
    except LinkDown as error:
        found.lost = str(error)
    return found


async def connect(adapter: TelephonyAdapter, seconds: int) -> list[dict[str, Any]]:
    """A device with a link: it comes up, says which calls are live, and lets go."""
    from adapters import conformance

    try:
        async with asyncio.timeout(seconds + conformance.LINK_SECONDS):
            await conformance.link_comes_first(adapter)
            await conformance.cancel_ends_it(adapter)
    except (AdapterError, TimeoutError) as error:
        return [report_line(False, adapter.name, why(str(error) or "没有应答"))]
    except conformance.NotConforming as error:
        return [report_line(False, adapter.name, f"设备的表现不合约定：{error}")]
    return [report_line(True, adapter.name, "已连接，能报告当前通话，能正常断开")]


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
            errors.print(f"✗ {wire.name}：{why(str(error))}")
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


def report_line(ok: bool, what: str, words: str) -> dict[str, Any]:
    return {"ok": ok, "what": what, "words": words}


def why(error: str) -> str:
    """What the operating system says, and what to do."""
    for sign, words in (
        ("Permission denied", "没有权限：请把运行用户加入 dialout 组，或安装 deploy/99-hotline-serial.rules"),
        ("Could not exclusively lock", "串口正被别的程序占用：服务在运行吗？请先停止（systemctl stop hotline）"),
        ("Could not configure port", "不是串口：请核对名称"),
        ("No such file", "设备不存在：线没有插好，或名称写错。ls -l /dev/serial/by-id/ 可列出现有设备"),
        ("Connection refused", "对方拒绝连接：请核对地址和端口，设备上的输出功能是否打开"),
        ("timed out", "连接超时：请核对地址和网络"),
        ("could not be opened within", "迟迟打不开：请核对地址和网络"),
    ):
        if sign in error:
            return f"{words}（{error}）"
    return error
