"""The adapter and a simulated FreeSWITCH through a real TCP socket: signing in, every call heard once, every way to
lose the link."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from adapters import conformance
from adapters.errors import LinkDown, Misconfigured
from adapters.freeswitch.adapter import Freeswitch
from adapters.freeswitch.plugin import PLUGIN
from adapters.freeswitch.simulated_calls import SCRIPTS, TALKED, heartbeat, message
from adapters.freeswitch.simulator import running, simulate
from adapters.registry import Rehearsal
from adapters.telephony import (
    CallFact,
    CallOffered,
    CallReleased,
    DeviceEvent,
    LinkUp,
    SeatAnswered,
    TelephonyAdapter,
)
from hotline.clock import WallClock
from hotline.hall.inputs import Heard, Input, LinkLost
from hotline.listen import keep_listening
from tests.adapters.freeswitch import samples
from tests.adapters.freeswitch.hearing import listening, script

CALLS = 12


@asynccontextmanager
async def saying(*said: bytes) -> AsyncIterator[int]:
    """Whoever connects is told this, whatever he says, and nothing more."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(b"".join(said))
            while await reader.read(1000):
                pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def lost(adapter: TelephonyAdapter, seconds: float = 3.0) -> str:
    """Why the link is down."""
    with pytest.raises(LinkDown) as down:
        await asyncio.wait_for(adapter.run(lambda event: None), seconds)
    return str(down.value)


def rehearsal(**more: Any) -> tuple[Rehearsal, asyncio.Future[str], list[dict[str, Any]]]:
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    ledger: list[dict[str, Any]] = []
    wanted = {"dialect": "freeswitch", "calls": CALLS, "per_minute": 6000, "seed": 7, "speed": 200, "tcp": 0} | more
    tell: Callable[[dict[str, object]], None] = lambda what: ledger.append(dict(what))  # noqa: E731
    return Rehearsal(**wanted, link=None, ready=address.set_result, tell=tell), address, ledger


async def test_every_call_in_the_ledger_is_heard_once() -> None:
    wanted, address, ledger = rehearsal()
    events: list[DeviceEvent] = []
    device = asyncio.create_task(simulate(wanted))
    adapter = listening(port=int((await address).rpartition(":")[2]))
    hearing = asyncio.create_task(adapter.run(events.append))
    await asyncio.wait_for(device, 30)
    with pytest.raises(LinkDown, match="断开"):
        await asyncio.wait_for(hearing, 2)
    assert isinstance(events[0], LinkUp)
    assert len(ledger) == CALLS
    assert {each["call"]["kind"] for each in ledger} == set(SCRIPTS)
    facts = [event for event in events[1:] if isinstance(event, CallFact)]
    conformance.events_are_facts(adapter, events)
    for each in (entry["call"] for entry in ledger):
        about = [fact for fact in facts if fact.call == each["uuid"]]
        assert [fact.caller for fact in about if isinstance(fact, CallOffered)] == [each["number"]]
        assert [fact.inferred for fact in about if isinstance(fact, CallReleased)] == [False]
        seats = [fact.seat for fact in about if isinstance(fact, SeatAnswered)]
        second = [each["second"]] if each["kind"] == "transferred" else []
        assert seats == ([each["seat"], *second] if each["kind"] in TALKED else [])
    assert {fact.call for fact in facts} == {entry["call"]["uuid"] for entry in ledger}


async def test_simulated_on_tcp_only() -> None:
    wanted, *_ = rehearsal(tcp=None)
    with pytest.raises(Misconfigured, match="--tcp"):
        await simulate(wanted)
    assert PLUGIN.simulated == ("freeswitch",)


async def test_what_is_asked_for_and_what_a_capture_shows() -> None:
    shown: list[tuple[str, bytes, bool]] = []
    async with running() as (server, port):
        adapter = listening(port=port)
        adapter.watch = lambda wire, data, at, sent: shown.append((wire, data, sent))
        async with _up(adapter) as events:
            server.say(b"".join(message(event) for _, event in script("group")))
            async with asyncio.timeout(2):
                while not any(isinstance(event, CallReleased) for event in events):
                    await asyncio.sleep(0.01)
    assert server.commands == [
        "event plain CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_HOLD CHANNEL_UNHOLD "
        "CHANNEL_HANGUP_COMPLETE DTMF HEARTBEAT CUSTOM callcenter::info"
    ]
    assert {wire for wire, _, _ in shown} == {"esl"}
    assert b"ClueCon\n" not in b"".join(data for _, data, _ in shown)
    assert b"auth ******\n\n" in [data for _, data, sent in shown if sent]
    now = datetime.now().astimezone()
    replayed = adapter.framed((wire, data, now) for wire, data, sent in shown if not sent)
    assert len(list(replayed)) == len(script("group"))


# ── ways to lose the link ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_server_that_goes_away_is_noticed_at_once() -> None:
    adapter = listening()
    async with running() as (_, port):
        adapter = listening(port=port)
        hearing, events = await _hearing(adapter)
    began = time.monotonic()
    with pytest.raises(LinkDown):
        await asyncio.wait_for(hearing, 2)
    assert time.monotonic() - began < 2
    assert [type(event) for event in events] == [LinkUp]


async def test_a_server_that_dies_without_a_word() -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(samples.AUTH_REQUEST)
        await reader.readuntil(b"\n\n")
        writer.write(samples.ACCEPTED)
        await reader.readuntil(b"\n\n")
        writer.write(samples.ACCEPTED + b"Content-Length: 500\nContent-Type: text/event-plain\n\nEvent-Na")
        await writer.drain()
        await gone.wait()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        hearing, _ = await _hearing(listening(port=server.sockets[0].getsockname()[1]))
        gone.set()
        with pytest.raises(LinkDown):
            await asyncio.wait_for(hearing, 2)


async def test_a_silent_one_is_down() -> None:
    async with running() as (server, port):
        hearing, _ = await _hearing(listening(port=port, silence_seconds=1))
        for _ in range(2):
            await asyncio.sleep(0.6)
            server.say(message(heartbeat(1, 0)))
        assert not hearing.done()
        with pytest.raises(LinkDown, match="1 秒"):
            await asyncio.wait_for(hearing, 2)


async def test_half_a_message_is_no_sign_of_life() -> None:
    async with running() as (server, port):
        hearing, _ = await _hearing(listening(port=port, silence_seconds=1))
        server.say(b"Content-Length: 500\n\n")
        for _ in range(4):
            await asyncio.sleep(0.2)
            server.say(b"x")
        with pytest.raises(LinkDown, match="1 秒"):
            await asyncio.wait_for(hearing, 1)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ((samples.RUDE, samples.GOODBYE), "apply-inbound-acl"),
        ((samples.RUDE_WITHOUT_COLON,), "apply-inbound-acl|不是事件套接字"),
        ((samples.AUTH_REQUEST, samples.GOODBYE), "断开"),
        ((b"SSH-2.0-OpenSSH_9.2\r\n",), "不是事件套接字"),
        ((b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",), "不是"),
        ((b"Content-Length: 99999999\n\n",), "impossible length"),
        ((samples.AUTH_REQUEST, samples.ACCEPTED, b"Content-Type: command/reply\nReply-Text: -ERR no\n\n"), "订阅"),
    ],
)
async def test_who_is_no_freeswitch_or_refuses_us(said: tuple[bytes, ...], why: str) -> None:
    async with saying(*said) as port:
        with pytest.raises(LinkDown, match=why):
            await asyncio.wait_for(listening(port=port).run(lambda event: None), 2)


async def test_a_wrong_password_is_a_reason_and_is_tried_again() -> None:
    put: list[Input] = []
    news = asyncio.Event()

    def told(what: Input) -> None:
        put.append(what)
        news.set()

    async def deliver(*_: object) -> Any:
        raise AssertionError("nothing was said")

    async with running(password="another") as (server, port):
        adapter = listening(port=port)
        assert "不接受密码" in await lost(adapter)
        keeping = asyncio.create_task(keep_listening(adapter.name, adapter, told, deliver, WallClock()))
        try:
            await asyncio.wait_for(news.wait(), 2)
            (first,) = put
            assert isinstance(first, LinkLost)
            assert "不接受密码" in first.detail
            assert "ClueCon" not in first.detail
            news.clear()
            server._password = "ClueCon"  # pyright: ignore[reportPrivateUsage]
            await asyncio.wait_for(news.wait(), 5)
            assert isinstance(put[-1], Heard)
            assert isinstance(put[-1].fact, LinkUp)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)


@pytest.mark.parametrize("password", ["", "two\nlines", "a\r", "nul\x00"])
def test_a_password_that_cannot_be_sent(password: str) -> None:
    with pytest.raises(Misconfigured, match="password"):
        listening(secret=lambda reference: password)


@pytest.mark.parametrize(
    "table",
    [{"queues": [], "numbers": []}, {"seat_pattern": "("}, {"host": "a b"}, {"host": "x:1"}, {"numbers": ["1 2"]}],
)
def test_settings_that_cannot_be_meant(table: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"queues|正则|host|numbers"):
        listening(**table)


# ── conformance ──────────────────────────────────────────────────────────────────────────────────────────────────────

RUNNING: list[Callable[[TelephonyAdapter], Awaitable[None]]] = [
    conformance.link_comes_first,
    conformance.cancel_ends_it,
    conformance.unknown_calls_do_no_harm,
    conformance.says_what_it_cannot_do,
]


@pytest.mark.parametrize("check", RUNNING, ids=lambda check: check.__name__)
async def test_conforms(check: Callable[[TelephonyAdapter], Awaitable[None]]) -> None:
    async with running() as (_, port):
        await check(listening(port=port))


async def test_conforms_without_a_link() -> None:
    await conformance.dead_link_refuses_at_once(listening(port=9))
    await conformance.gone_device_is_link_down(listening(port=9))


async def _hearing(adapter: Freeswitch) -> tuple[asyncio.Task[None], list[DeviceEvent]]:
    """Listening, and its link is up."""
    events: list[DeviceEvent] = []
    up = asyncio.Event()

    def hear(event: DeviceEvent) -> None:
        events.append(event)
        up.set()

    task = asyncio.create_task(adapter.run(hear))
    await asyncio.wait_for(up.wait(), 3)
    return task, events


@asynccontextmanager
async def _up(adapter: Freeswitch) -> AsyncIterator[list[DeviceEvent]]:
    task, events = await _hearing(adapter)
    try:
        yield events
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
