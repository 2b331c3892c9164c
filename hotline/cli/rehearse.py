"""What is done at a line before it goes into service: open it, listen, and say in Chinese what was found."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from contextlib import suppress
from datetime import datetime
from typing import Any

from adapters.errors import AdapterError, LinkDown, Undecodable
from adapters.telephony import Listens, TelephonyAdapter, Wire
from hotline.cli.root import errors


async def listen(adapter: Listens, seconds: int) -> list[dict[str, Any]]:
    """Each wire by itself, all at the same time."""
    heard = Counter[str]()
    adapter.watch = lambda wire, data, at, sent: heard.update({} if sent else {wire: len(data)})
    every = await asyncio.gather(*(_listen_at(adapter, wire, seconds) for wire in adapter.wires))
    return [
        line for (wire, opened, frames, unread) in every for line in _told(wire, heard[wire], opened, frames, unread)
    ]


async def _listen_at(adapter: Listens, wire: Wire, seconds: int) -> tuple[str, str | None, int, Counter[str]]:
    """Name, why it was lost, frames that were read, reasons for those that were not."""
    frames, unread = 0, Counter[str]()

    async def take(body: bytes, at: datetime) -> None:
        nonlocal frames
        try:
            adapter.decode(body, at)
            frames += 1
        except Undecodable as error:
            unread[str(error)] += 1

    try:
        async with asyncio.timeout(seconds):
            await wire.listen(lambda detail: None, take)
    except TimeoutError:
        return wire.name, None, frames, unread
    except LinkDown as error:
        return wire.name, str(error), frames, unread
    return wire.name, "ended", frames, unread


def _told(wire: str, bytes_: int, lost: str | None, frames: int, unread: Counter[str]) -> list[dict[str, Any]]:
    if lost is not None:
        return [report_line(False, wire, why(lost))]
    lines = [report_line(True, wire, f"已打开；收到 {bytes_} 字节，{frames} 帧能识别")]
    if not bytes_:
        lines[0]["words"] += "。没有来电时这是正常的；请拨一通电话再试"
    elif not frames:
        lines.append(report_line(False, wire, "收到的字节里没有一帧：请核对波特率、校验位和方言（dialect）"))
    lines += [report_line(False, wire, f"{times} 帧未能识别：{reason}") for reason, times in unread.most_common(5)]
    return lines


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
