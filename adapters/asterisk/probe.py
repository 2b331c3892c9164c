"""Is this Asterisk well? It is asked for a sign of life, and a call of our own tries the way that callers take.

The test call (测试呼叫) is a Local channel into the context `hotline-probe` of the dial plan, which does nothing but
hand its far end to our application. It has to come there, and to be answered by us, in time; then both ends are hung
up. Its ids begin with `probe~`, so neither event nor snapshot takes it for a caller; no record of it is written. It
rings no phone and takes no trunk, so it proves core, dial plan, application and events, and says nothing of the trunks.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from adapters.asterisk.client import Ari
from adapters.asterisk.ids import next_number, probe_ids
from adapters.asterisk.rest import Reply, part
from adapters.asterisk.settings import AsteriskSettings
from adapters.errors import Refused

ARRIVES_SECONDS: Final = 3.0
"""A call that takes longer from the dial plan to us, or from our answer back, keeps callers waiting."""
ENDPOINT: Final = "Local/s@hotline-probe/n"
HAS_CONTEXT: Final = "HOTLINE_PROBE"
"""A global variable of dial plans that know the context; older ones are not tried."""


class _Endpoint(msgspec.Struct):
    technology: str = ""
    state: str = ""


class _Value(msgspec.Struct):
    value: str = ""


async def alive(ari: Ari) -> str:
    """How many of its endpoints are there. Raises `NoAnswer`, or `Refused` when the answer is no good."""
    ping = await ari.rest.call("GET", "asterisk/ping")
    if not ping.ok:
        raise Refused(f"Asterisk 应答异常：{ping.said}")
    found = _read(await ari.rest.call("GET", "endpoints"))
    if not found:
        return "Asterisk 正常"
    return f"Asterisk 正常，{len(found)} 个终端中 {sum(each.state == 'online' for each in found)} 个在线"


async def try_the_way(
    ari: Ari, settings: AsteriskSettings, awaited: dict[str, asyncio.Event], let_go: Callable[[str], None]
) -> str:
    """Call ourselves. `awaited`: set by the events, under the ids of channels that came into our application; `let_go`
    has a channel hung up, without waiting for it.

    Raises `NoAnswer` when Asterisk is silent, and `Refused` when the call does not come through.
    """
    known = await ari.rest.call("GET", "asterisk/variable", {"variable": HAS_CONTEXT})
    if not known.ok or _value(known) != "1":
        return "没有测试呼叫（拨号方案较旧，请重新生成 Asterisk 的配置）"
    near, far = probe_ids(next_number())
    began = time.monotonic()
    async with _awaiting(awaited, (near, far)) as (answered, came):
        try:
            reply = await ari.rest.call(
                "POST",
                f"channels/{part(near)}",
                {"endpoint": ENDPOINT, "app": settings.app, "otherChannelId": far, "timeout": 5, "formats": "alaw"},
                {"variables": {"CDR_PROP(disable)": "1"}},
            )
            if not reply.ok:
                raise Refused(f"测试呼叫发不出：{reply.said}")
            await _in_time(came, "测试呼叫没有到达本系统")
            reply = await ari.rest.call("POST", f"channels/{part(far)}/answer")
            if not reply.ok:
                raise Refused(f"测试呼叫不能应答：{reply.said}")
            await _in_time(answered, "测试呼叫应答后没有接通")
        finally:
            let_go(near)
            let_go(far)
    return f"测试呼叫 {(time.monotonic() - began) * 1000:.0f} 毫秒接通"


@asynccontextmanager
async def _awaiting(
    awaited: dict[str, asyncio.Event], channels: Sequence[str]
) -> AsyncIterator[Sequence[asyncio.Event]]:
    events = [asyncio.Event() for _ in channels]
    awaited.update(zip(channels, events, strict=True))
    try:
        yield events
    finally:
        for channel in channels:
            awaited.pop(channel, None)


async def _in_time(event: asyncio.Event, otherwise: str) -> None:
    try:
        async with asyncio.timeout(ARRIVES_SECONDS):
            await event.wait()
    except TimeoutError:
        raise Refused(f"{otherwise}（{ARRIVES_SECONDS:g} 秒内）") from None


def _read(reply: Reply) -> list[_Endpoint]:
    try:
        return msgspec.json.decode(reply.body, type=list[_Endpoint]) if reply.ok else []
    except msgspec.MsgspecError:
        return []


def _value(reply: Reply) -> str:
    try:
        return msgspec.json.decode(reply.body, type=_Value).value
    except msgspec.MsgspecError:
        return ""
