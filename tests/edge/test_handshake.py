"""Who may connect, what for, and what somebody hears who may not."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from adapters.cti_serial import simulated_bytes as made
from hotline.api import edge as endpoint
from hotline.edge import protocol
from hotline.edge.protocol import (
    Ack,
    Beat,
    BeatBack,
    Carry,
    Challenge,
    Frame,
    Hello,
    Offered,
    Part,
    Refused,
    Up,
    Welcome,
    encode,
    from_core,
    proof,
)
from tests.edge.kit import BOX, EDGE, NUMBER, SECRET, Core, calls_over, core, core_settings, fetch, until

LINES: dict[str, dict[str, Any]] = {
    "box-1": {"kind": "cti-serial", "wires": {"m": {"url": "/dev/nothing", "dialect": "fritz"}}}
}
NONCE = bytes(protocol.NONCE_BYTES)
STREAM = Offered(stream="s1", last=0, up_since=None)


@pytest.fixture
async def there(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Core]:
    monkeypatch.setattr(endpoint, "WRONG_SECONDS", 0.0)
    key = tmp_path / "core.key"
    key.write_text(SECRET)
    async with core(core_settings(database_url, tmp_path / "core", LINES, key)) as running:
        yield running


@asynccontextmanager
async def talk(there: Core, **more: Any) -> AsyncIterator[tuple[ClientConnection, protocol.FromCore]]:
    """Connected, introduced, and what the core said to that."""
    async with connect(f"ws://127.0.0.1:{there.port}/api/v1/edge", ping_interval=None, proxy=None) as socket:
        challenge = from_core(await socket.recv())  # pyright: ignore[reportArgumentType]
        assert isinstance(challenge, Challenge)
        said = {"edge": EDGE, "secret": SECRET, "adapters": {"box-1": STREAM}, "version": protocol.VERSION, **more}
        secret, nonce = said.pop("secret"), said.pop("challenge", challenge.nonce)
        given = proof(secret, said.pop("side", "edge"), said["edge"], nonce, NONCE)
        await socket.send(encode(Hello(nonce=NONCE, proof=given, at=datetime.now(UTC), **said)))
        yield socket, from_core(await socket.recv())  # pyright: ignore[reportArgumentType]


async def closed(socket: ClientConnection) -> int:
    async with asyncio.timeout(20):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()
    assert socket.close_code is not None
    return socket.close_code


async def next_of(socket: ClientConnection, kind: type[msgspec.Struct]) -> Any:
    async with asyncio.timeout(20):
        while not isinstance(said := from_core(await socket.recv()), kind):  # pyright: ignore[reportArgumentType]
            pass
    return said


def ring(call: int = 0) -> bytes:
    at = datetime.now(UTC)
    return encode(Frame(at, b"m:" + made.fritz_ring(call, NUMBER, "12348", at=at).strip()))


def over(call: int = 0) -> bytes:
    at = datetime.now(UTC)
    return encode(Frame(at, b"m:" + made.fritz_disconnect(call, 0, at=at).strip()))


async def _refused(there: Core, lie: dict[str, Any], code: str, close: int, words: str) -> None:
    async with talk(there, **lie) as (socket, answer):
        assert isinstance(answer, Refused), lie
        assert (answer.code, words in answer.words) == (code, True)
        assert await closed(socket) == close


async def test_who_is_not_known_is_told_what_to_check_and_nothing_else(there: Core) -> None:
    """A wrong secret, an unknown name, a proof that was heard earlier, the core's own proof, another version."""
    for lie, code, close, words in (
        ({"secret": SECRET + "x"}, "secret", 4401, "密钥不符"),
        ({"edge": "town-2"}, "secret", 4401, "密钥不符"),
        ({"challenge": NONCE}, "secret", 4401, "密钥不符"),
        ({"side": "core"}, "secret", 4401, "密钥不符"),
        ({"version": protocol.VERSION + 1}, "version", 4400, "升级到同一版本"),
    ):
        await _refused(there, lie, code, close, words)


async def test_the_core_proves_itself_too(there: Core) -> None:
    async with talk(there) as (_, answer):
        assert isinstance(answer, Welcome)
        assert answer.marks == {"box-1": 0}
        assert len(answer.proof) == 32
        assert answer.proof != proof(SECRET, "edge", EDGE, NONCE, NONCE)


async def test_only_the_lines_that_the_settings_give_it(there: Core) -> None:
    """Offering another one is told and does not stop the rest; speaking for it ends the connection."""
    async with talk(there, adapters={"box-1": STREAM, "card-1": STREAM}) as (socket, answer):
        assert isinstance(answer, Welcome)
        assert (list(answer.marks), list(answer.refused)) == (["box-1"], ["card-1"])
        assert 'edge = "town-1"' in answer.refused["card-1"]
        await socket.send(encode(Carry(adapter="card-1", seq=1, records=[ring()])))
        assert await closed(socket) == 4403


async def test_what_nobody_understands_ends_the_connection(there: Core) -> None:
    for said in (b"\xc1", "text", encode(Carry(adapter="box-1", seq=1, records=[b"?"]))):
        async with talk(there) as (socket, _):
            await socket.send(said)
            assert await closed(socket) == 4400


async def test_repeats_are_dropped_by_their_number_and_the_newest_connection_counts(
    there: Core, database_url: str
) -> None:
    """The same records twice on one connection, then again on another one that takes over from it."""
    first = [encode(Up(datetime.now(UTC), "m")), ring(), over()]
    async with talk(there) as (socket, _):
        for _ in range(2):
            await socket.send(encode(Carry(adapter="box-1", seq=1, records=first)))
            assert (await next_of(socket, Ack)).seq == 3
        async with talk(there) as (newer, answer):
            assert isinstance(answer, Welcome)
            assert answer.marks == {"box-1": 3}
            assert await closed(socket) == 4409
            late = ring()
            for seq in range(0, len(late), 20):
                more = seq + 20 < len(late)
                await newer.send(encode(Part(adapter="box-1", seq=4, data=late[seq : seq + 20], last=not more)))
            assert (await next_of(newer, Ack)).seq == 4
            await newer.send(encode(Carry(adapter="box-1", seq=2, records=[ring(), over(), ring(), over()])))
            assert (await next_of(newer, Ack)).seq == 5
            assert len(await calls_over(database_url, 2)) == 2
            await until(lambda: not there.hall.state.calls, "nothing rings")
            assert await fetch(database_url, "SELECT stream, seq, up FROM edge_marks") == [("s1", 5, True)]


async def test_a_beat_is_answered_and_silence_is_not_waited_for(there: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "SILENT_SECONDS", 0.5)
    async with talk(there) as (socket, _):
        sent = datetime.now(UTC)
        await socket.send(encode(Beat(at=sent, ahead=7.5, waiting={"box-1": 12})))
        assert (await next_of(socket, BeatBack)).echo == sent
        assert await closed(socket) == 4408


async def test_more_than_the_window_is_too_much(there: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    held = asyncio.Event()

    async def never(*_: Any) -> None:
        await held.wait()

    monkeypatch.setattr(there.hall, "carry", never)
    async with talk(there) as (socket, _):
        with contextlib.suppress(ConnectionClosed):
            for number in range(0, 4 * protocol.WINDOW, 64):
                await socket.send(encode(Carry(adapter="box-1", seq=number + 1, records=[ring()] * 64)))
        assert await closed(socket) == 4429
    held.set()


async def test_lost_records_are_told_and_do_not_hold_up_the_rest(
    there: Core, capsys: pytest.CaptureFixture[str]
) -> None:
    async with talk(there) as (socket, _):
        await socket.send(encode(Carry(adapter="box-1", seq=5, records=[encode(Up(datetime.now(UTC), "m"))])))
        assert (await next_of(socket, Ack)).seq == 5
    assert "lost=4" in capsys.readouterr().out
    await until(lambda: there.hall.state.links.get(BOX), "the line is heard")
