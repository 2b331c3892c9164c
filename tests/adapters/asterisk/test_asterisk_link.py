"""Every way in which the link to an Asterisk can fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote

import pytest

from adapters.asterisk.adapter import AsteriskAdapter
from adapters.asterisk.plugin import PLUGIN
from adapters.asterisk.settings import AsteriskSettings
from adapters.errors import LinkDown, Misconfigured, NoAnswer, Refused
from adapters.registry import Site, build
from adapters.telephony import (
    Ability,
    AdapterName,
    Answer,
    CallKey,
    CallOffered,
    DeviceEvent,
    DigitsPressed,
    LinkUp,
    OfferId,
    PlayPrompt,
    PromptEnded,
    Release,
    SeatDeclined,
    StopRinging,
)
from tests.adapters.asterisk.ear import Ear, listening, ring
from tests.adapters.asterisk.fake_ari import FakeAri, fake_ari

CALL = CallKey("hotline-1.0")
STARTS: dict[str, object] = {
    "type": "StasisStart",
    "timestamp": "2026-11-22T04:00:00.000+0000",
    "application": "hotline",
    "args": [],
    "channel": {"id": CALL, "state": "Ring", "caller": {"number": "13800138000"}, "dialplan": {"exten": "12348"}},
}


def _adapter(fake: FakeAri, state: Path, **changes: object) -> AsteriskAdapter:
    table = {"url": fake.url, "password": "env:X", "rest_timeout": 1.0} | changes
    return AsteriskAdapter(AdapterName("line-1"), AsteriskSettings.model_validate(table), "secret", state)


@asynccontextmanager
async def _linked(state: Path, **changes: object) -> AsyncIterator[tuple[FakeAri, Ear]]:
    async with fake_ari() as fake, listening(_adapter(fake, state, **changes)) as ear:
        yield fake, ear


async def test_a_polite_end_is_a_link_down(tmp_path: Path) -> None:
    async with _linked(tmp_path) as (fake, ear):
        fake.close_politely()
        assert isinstance(await ear.ended(2), LinkDown)


async def test_a_cut_is_a_link_down(tmp_path: Path) -> None:
    async with _linked(tmp_path) as (fake, ear):
        fake.cut()
        assert isinstance(await ear.ended(2), LinkDown)
        with pytest.raises(LinkDown):
            await ear.do(Release(call=CALL))


async def test_a_half_open_link_is_noticed(tmp_path: Path) -> None:
    """Nothing is closed, nothing answers: only the missing pong tells. By the default settings within 12 s."""
    async with _linked(tmp_path, ping_seconds=0.2, ping_timeout=0.3) as (fake, ear):
        fake.pongs = False
        began = time.monotonic()
        assert isinstance(await ear.ended(3), LinkDown)
        assert time.monotonic() - began < 2
    default = AsteriskSettings(password="env:X")
    assert default.ping_seconds + default.ping_timeout <= 12


async def test_a_live_link_survives_its_pings(tmp_path: Path) -> None:
    async with _linked(tmp_path, ping_seconds=0.05, ping_timeout=0.2) as (fake, ear):
        await asyncio.sleep(0.5)
        fake.send(STARTS)
        await ear.until(CallOffered)


async def test_garbage_is_counted_and_passed_over(tmp_path: Path) -> None:
    async with _linked(tmp_path) as (fake, ear):
        for text in ("", "{", '{"type":', "[1,2]", '{"type":null}', '{"type":"StasisStart","channel":{"id":5}}'):
            fake.send(text)
        fake.send(STARTS)
        assert (await ear.until(CallOffered)).caller == "13800138000"
        assert ear.adapter.misread == 6


async def test_another_program_took_over(tmp_path: Path) -> None:
    async with _linked(tmp_path) as (fake, ear):
        fake.send({"type": "ApplicationReplaced", "application": "hotline"})
        assert "took over" in str(await ear.ended(2))


@pytest.mark.parametrize(
    ("where", "answer"),
    [
        ("PUT applications", (500, "")),
        ("GET asterisk/info", (503, '{"message":"not now"}')),
        ("GET channels", (200, "<html>")),
        ("GET bridges", (200, '{"no":"list"}')),
    ],
)
async def test_no_link_up_before_everything_works(tmp_path: Path, where: str, answer: tuple[int, str]) -> None:
    heard: list[DeviceEvent] = []
    async with fake_ari() as fake:
        fake.answers[where] = answer
        with pytest.raises(LinkDown):
            await _adapter(fake, tmp_path).run(heard.append)
    assert not heard


async def test_nobody_listens_there(tmp_path: Path) -> None:
    async with fake_ari() as fake:
        adapter = _adapter(fake, tmp_path)
    with pytest.raises(LinkDown):
        await adapter.run(lambda fact: None)


async def test_a_slow_asterisk(tmp_path: Path) -> None:
    """No answer in time leaves open what was done; and while one request hangs, others are served."""
    async with _linked(tmp_path, rest_timeout=0.5) as (fake, ear):
        fake.send(STARTS)
        await ear.until(CallOffered)
        fake.delay = 2.0
        with pytest.raises(NoAnswer, match="no answer"):
            await ear.do(Answer(call=CALL))
        fake.delay = 0.0
        await ear.do(Answer(call=CALL))


async def test_a_menu_cut_short_by_a_key_plays_anew(tmp_path: Path) -> None:
    """The hall wants it again at once, perhaps before its end is heard; and that end is nobody's news then."""
    async with _linked(tmp_path) as (fake, ear):
        fake.send(STARTS)
        await ear.until(CallOffered)
        menu = PlayPrompt(call=CALL, prompt="menu")
        await ear.do(menu)
        channel = STARTS["channel"]
        fake.send({"type": "ChannelDtmfReceived", "timestamp": STARTS["timestamp"], "digit": "9", "channel": channel})
        await ear.until(DigitsPressed)
        await ear.do(menu)
        first, second = [path for method, path in fake.requests if method == "POST" and "/play/" in path]
        for played in (first, second):
            playback = {"id": unquote(played.rpartition("/")[2])}
            fake.send({"type": "PlaybackFinished", "timestamp": STARTS["timestamp"], "playback": playback})
        ended = await ear.until(PromptEnded)
        assert ended.event_id == unquote(second.rpartition("/")[2])
        assert not ended.interrupted


async def test_a_caller_who_has_just_gone_is_no_phone_s_fault(tmp_path: Path) -> None:
    async with _linked(tmp_path) as (fake, ear):
        fake.send(STARTS)
        await ear.until(CallOffered)
        fake.answers["POST channels/seat"] = (400, '{"message":"Provided originator channel was not found."}')
        await ear.do(ring(CALL, "o.1", "8001"))
        fake.answers["POST channels/seat"] = (400, '{"message":"Invalid endpoint"}')
        with pytest.raises(Refused):
            await ear.do(ring(CALL, "o.2", "8001"))
        assert not ear.all(SeatDeclined)


async def test_a_ring_is_not_repeated_after_the_phone_has_refused(tmp_path: Path) -> None:
    """The answer to the request was lost, the phone has rung and stopped: asking again rings nobody."""
    leg = {"id": f"seat~{CALL}~o.1", "state": "Ringing"}
    async with _linked(tmp_path) as (fake, ear):
        fake.send(STARTS)
        await ear.until(CallOffered)
        await ear.do(ring(CALL, "o.1", "8001"))
        fake.send({"type": "ChannelStateChange", "timestamp": STARTS["timestamp"], "channel": leg})
        fake.send({"type": "ChannelDestroyed", "timestamp": STARTS["timestamp"], "cause": 21, "channel": leg})
        await ear.until(SeatDeclined)
        await ear.do(ring(CALL, "o.1", "8001"))
        assert sum(method == "POST" and path.startswith("channels/seat") for method, path in fake.requests) == 1


async def test_a_stale_connection_is_replaced(tmp_path: Path) -> None:
    """Asterisk closes a connection that was idle for long just as we use it: the request is sent once more."""
    async with _linked(tmp_path) as (fake, ear):
        fake.drop_next = 1
        before = len(fake.requests)
        await ear.do(Answer(call=CALL))
        assert [path for _, path in fake.requests[before:]] == [f"channels/{CALL}/answer"] * 2


async def test_answers_in_asterisks_words(tmp_path: Path) -> None:
    async with _linked(tmp_path) as (fake, ear):
        fake.answers["POST channels/hotline-1.0/answer"] = (404, '{"message":"Channel not found"}')
        with pytest.raises(Refused, match="404 Channel not found"):
            await ear.do(Answer(call=CALL))
        fake.answers["DELETE channels"] = (404, "")
        await ear.do(StopRinging(call=CALL, offer=OfferId("o")), Release(call=CALL))
        fake.answers["POST channels/seat~"] = (409, '{"message":"exists"}')
        await ear.do(ring(CALL, "o", "1001"))
        fake.answers["POST channels/seat~"] = (500, "")
        await ear.do(ring(CALL, "p", "1001"))
        declined = await ear.until(SeatDeclined)
        assert (declined.offer, declined.reason, declined.seat_fault) == ("p", "unreachable", True)


async def test_a_leg_without_a_call_is_hung_up(tmp_path: Path) -> None:
    """A seat picks up for a caller who has just gone."""
    async with _linked(tmp_path) as (fake, ear):
        fake.send({**STARTS, "args": ["seat"], "channel": {"id": "seat~gone~1", "state": "Up"}})
        async with asyncio.timeout(3):
            while ("DELETE", "channels/seat~gone~1") not in fake.requests:
                await asyncio.sleep(0.01)
        assert ear.adapter.abilities == frozenset(Ability) - {Ability.RINGS_OUTSIDE}


async def test_many_commands_share_few_connections(tmp_path: Path) -> None:
    async with _linked(tmp_path, rest_connections=3) as (fake, ear):
        fake.delay = 0.01
        await asyncio.gather(*(ear.do(Answer(call=CallKey(f"c-{number}"))) for number in range(30)))
        assert fake.connections <= 4


async def test_a_run_after_the_other(tmp_path: Path) -> None:
    async with fake_ari() as fake:
        adapter = _adapter(fake, tmp_path)
        for _ in range(3):
            async with listening(adapter) as ear:
                assert len(ear.all(LinkUp)) == 1
            with pytest.raises(LinkDown):
                await adapter.do(Release(call=CALL))


def test_the_plugin_is_found_by_its_kind(tmp_path: Path) -> None:
    site = Site(state_dir=tmp_path, secret=lambda reference: f"{reference}\n")
    adapter = build("line-1", {"kind": "asterisk", "password": "file:x"}, site)
    assert isinstance(adapter, AsteriskAdapter)
    assert PLUGIN.kind == "asterisk"
    with pytest.raises(Misconfigured, match="phones"):
        build("line-1", {"kind": "asterisk", "password": "x", "phones": {"desk": "Local/{extension}@out"}}, site)
    with pytest.raises(Misconfigured, match="outside"):
        build("line-1", {"kind": "asterisk", "password": "x", "outside": "Local/{number}@out"}, site)
    with pytest.raises(Misconfigured, match=r"outside_pattern：.*正则"):
        build("line-1", {"kind": "asterisk", "password": "x", "outside_pattern": "["}, site)
    carded = build("line-1", {"kind": "asterisk", "password": "x", "outside": "DAHDI/g1/{number}"}, site)
    assert Ability.RINGS_OUTSIDE in carded.abilities
    with pytest.raises(Misconfigured, match=r"url：.*https"):
        build("line-1", {"kind": "asterisk", "password": "x", "url": "http://10.0.0.1:8088"}, site)
    with pytest.raises(Misconfigured, match="password"):
        build("line-1", {"kind": "asterisk"}, site)


def test_browser_accounts(tmp_path: Path) -> None:
    """What the console's softphone registers with, for the seats that have one."""
    secrets = {"file:ari": "a", "file:phones": '{"7001": "secret-of-7001"}'}
    site = Site(state_dir=tmp_path, secret=secrets.__getitem__)
    table = {"kind": "asterisk", "password": "file:ari", "phone_passwords": "file:phones", "browser_url": "wss://c/ws"}
    adapter = build("line-1", table, site)
    assert isinstance(adapter, AsteriskAdapter)
    account = adapter.browser_account("7001")
    assert account is not None
    assert (account.url, account.uri, account.password) == ("wss://c/ws", "sip:7001@hotline", "secret-of-7001")
    assert "secret" not in repr(account)
    assert adapter.browser_account("7002") is None
    with pytest.raises(Misconfigured, match="phone_passwords"):
        build("line-1", table, Site(state_dir=tmp_path, secret=lambda reference: "[]"))
