"""What is done at a line before it goes into service: open it, listen, and say in Chinese what was found."""

from __future__ import annotations

import asyncio
import re
import signal
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.errors import AdapterError, LinkDown, Undecodable
from adapters.telephony import CallReleased, LinkUp, Listens, PortFault, Pulls, SeatAnswered, TelephonyAdapter, Wire
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
            async with conformance.heard(adapter) as said:
                found = list(said)
            await conformance.cancel_ends_it(adapter)
    except (AdapterError, TimeoutError) as error:
        return [report_line(False, adapter.name, why(str(error) or "没有应答"))]
    except conformance.NotConforming as error:
        return [report_line(False, adapter.name, f"设备的表现不合约定：{error}")]
    lines = [report_line(True, adapter.name, "已连接，能报告当前通话，能正常断开")]
    for each in found:
        if isinstance(each, LinkUp):
            lines += [report_line(True, adapter.name, words) for words in each.detail.splitlines()]
        elif isinstance(each, PortFault):
            lines.append(report_line(False, f"{adapter.name} 线路 {each.port}", why(each.detail)))
    return lines


async def ask_for_list(adapter: Pulls) -> list[dict[str, Any]]:
    """A device that keeps a list of its calls is asked for the last day's; nothing of it is kept."""
    now = datetime.now(UTC)
    heard, unread = Counter[type](), Counter[str]()
    try:
        bodies = await adapter.pull(now - timedelta(days=1), now)
    except AdapterError as error:
        return [report_line(False, LIST, why(str(error)))]
    for body in bodies:
        try:
            delivery = adapter.decode(body, now)
        except Undecodable as error:
            unread[str(error)] += 1
        else:
            heard.update(map(type, delivery.events))
            unread.update(item.reason for item in delivery.refused)
    words = f"最近 24 小时 {len(bodies)} 条，其中来电 {heard[CallReleased]} 通，接通 {heard[SeatAnswered]} 通"
    lines = [report_line(True, LIST, words)]
    lines += [report_line(False, LIST, f"{times} 条未能识别：{reason}") for reason, times in unread.most_common(5)]
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
        ("user name or password", "用户名或密码不对，或设备没有打开接口（API）：请核对 pull 的 username 和 password"),
        ("CERTIFICATE_VERIFY_FAILED", "设备的证书不受信任：请把它的证书（PEM）存为文件，写入 pull 的 verify"),
        ("pull.serial", "设备没有报告序列号：请照它推送中的 sn 写明 pull 的 serial"),
        ("not JSON", "答复的不是这种设备的接口：请核对 pull 的 url、path 和 dialect"),
        ("not a JSON object", "答复的不是这种设备的接口：请核对 pull 的 url、path 和 dialect"),
        ("HTTP 404", "设备上没有这个接口：请核对 pull 的 path 和固件版本"),
        ("All connection attempts failed", "连接不上：请核对 pull 的 url，设备是否开机、网络是否相通"),
        ("no voice modem: no answer", "串口上没有应答的调制解调器：请核对 url 和 baud，给调制解调器断电重启后再试"),
        ("no voice modem", "这个调制解调器没有语音功能，或不接受必需的命令：请换用支持语音（V.253）的型号"),
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
