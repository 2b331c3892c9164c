"""The link on real pseudo-terminals and TCP sockets: bytes whole and in order, a pulled plug told once and at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from adapters.errors import LinkDown
from adapters.wire.link import MOST_BYTES, Link, WireSettings, opened
from tests.adapters.wire.device import Device

EVERY_BYTE = bytes(range(256))


@pytest.fixture
def device() -> Iterator[Device]:
    device = Device()
    yield device
    device.unplug()


@asynccontextmanager
async def terminal_server(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def read_all(link: Link, length: int) -> bytes:
    found = b""
    async with asyncio.timeout(5):
        while len(found) < length:
            data, at = await link.read()
            assert abs((datetime.now(UTC) - at).total_seconds()) < 5
            found += data
    return found


async def test_a_tty_carries_every_byte_both_ways(device: Device) -> None:
    async with opened(WireSettings(url=device.url)) as link:
        device.say(EVERY_BYTE)
        assert await read_all(link, 256) == EVERY_BYTE
        await link.write(EVERY_BYTE)
        assert await asyncio.to_thread(device.heard) == EVERY_BYTE


async def test_a_pulled_plug_is_told_at_once_behind_what_came_before(device: Device) -> None:
    async with opened(WireSettings(url=device.url)) as link:
        device.say(b"RING\r\n")
        await asyncio.sleep(0.05)
        device.unplug()
        began = time.monotonic()
        assert await read_all(link, 6) == b"RING\r\n"
        with pytest.raises(LinkDown):
            await asyncio.wait_for(link.read(), 1)
        assert time.monotonic() - began < 1
        with pytest.raises(LinkDown):
            await link.write(b"AT\r")
        with pytest.raises(LinkDown):
            await link.read()


async def test_a_pulled_plug_wakes_who_waits(device: Device) -> None:
    async with opened(WireSettings(url=device.url)) as link:
        waiting = asyncio.create_task(link.read())
        await asyncio.sleep(0.05)
        device.unplug()
        with pytest.raises(LinkDown):
            await asyncio.wait_for(waiting, 1)


async def test_only_one_reader_gets_a_tty(device: Device) -> None:
    settings = WireSettings(url=device.url)
    async with opened(settings):
        with pytest.raises(LinkDown):
            async with opened(settings):
                pass
    async with opened(settings) as link:
        device.say(b"x")
        assert await read_all(link, 1) == b"x"


@pytest.mark.parametrize("url", ["/dev/serial/by-id/usb-nobody-has-this", "socket://127.0.0.1:9", "/etc/passwd"])
async def test_what_is_not_there_is_link_down(url: str) -> None:
    with pytest.raises(LinkDown):
        async with opened(WireSettings(url=url)):
            pass


@pytest.mark.parametrize("url", ["http://10.1.0.5", "COM3", "spy://dev/ttyS0", ""])
def test_other_things_are_no_wire(url: str) -> None:
    with pytest.raises(ValidationError, match="by-id"):
        WireSettings(url=url)


async def test_what_a_server_says_first_is_not_thrown_away() -> None:
    """pySerial empties the buffer of a connection it has just made: the first record would be gone."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"01/02/26 first record\r\n")
        await reader.read()

    async with terminal_server(talk) as url:
        for _ in range(3):
            async with opened(WireSettings(url=url)) as link:
                assert await read_all(link, 23) == b"01/02/26 first record\r\n"


async def test_a_server_that_hangs_up_is_link_down() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(6) == b"SMDR\r\n"
        writer.write(b"last words")

    async with terminal_server(talk) as url, opened(WireSettings(url=url)) as link:
        await link.write(b"SMDR\r\n")
        assert await read_all(link, 10) == b"last words"
        with pytest.raises(LinkDown):
            await asyncio.wait_for(link.read(), 1)


async def test_nobody_reads_and_memory_stays_bounded() -> None:
    """The wire is left alone until somebody reads on; then nothing is missing."""
    sent = 3 * MOST_BYTES

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            writer.write(bytes(MOST_BYTES))
            await writer.drain()
        await reader.read()

    async with terminal_server(talk) as url, opened(WireSettings(url=url)) as link:
        await asyncio.sleep(0.3)
        assert MOST_BYTES <= link._waiting < MOST_BYTES + 8192  # pyright: ignore[reportPrivateUsage]
        assert len(await read_all(link, sent)) == sent


async def test_a_wire_without_a_descriptor_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    async with opened(WireSettings(url="loop://")) as link:
        await link.write(EVERY_BYTE)
        assert await read_all(link, 256) == EVERY_BYTE
    left = {each.name for each in set(threading.enumerate()) - before}
    assert not {name for name in left if not name.startswith("asyncio_")}


async def test_everything_is_shown_to_who_watches(device: Device) -> None:
    seen: list[tuple[bytes, bool]] = []
    watch = lambda data, at, sent: seen.append((data, sent))  # noqa: E731
    async with opened(WireSettings(url=device.url), watch=watch) as link:
        await link.write(b"AT\r")
        device.say(b"OK\r\n")
        await read_all(link, 4)
    assert seen == [(b"AT\r", True), (b"OK\r\n", False)]


async def test_plugged_in_again_and_again(device: Device) -> None:
    """No descriptor is left behind."""
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        async with opened(WireSettings(url=device.url)) as link:
            device.say(b"x")
            await read_all(link, 1)
    assert len(os.listdir("/proc/self/fd")) <= before
