"""Bytes from and to a device, whatever lies between: a tty, a TCP port of a terminal server, RFC 2217.

The only file that knows pySerial, which opens and configures; reading is the event loop's: pySerial's own reader thread
dies silently when a USB plug is pulled, and its `select` cannot see file descriptors above 1023. What has no descriptor
(RFC 2217) is read by a thread that lives no longer than the link.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final, Literal

import serial
from pydantic import BaseModel, ConfigDict, Field, field_validator

from adapters.errors import LinkDown

SCHEMES: Final = ("/", "socket://", "rfc2217://", "loop://")
CHUNK_BYTES: Final = 4096
MOST_BYTES: Final = 1 << 20
"""Of what nobody has read yet; beyond it the wire is left alone, and its own flow control has to hold."""
OPEN_SECONDS: Final = 10.0
WRITE_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.25
"""How soon a reading thread notices that the link is closed."""
KEEP_ALIVE: Final = ((socket.TCP_KEEPIDLE, 5), (socket.TCP_KEEPINTVL, 2), (socket.TCP_KEEPCNT, 3))
"""A terminal server that lost its power says nothing: it is noticed after 5 + 3 × 2 seconds."""

Watch = Callable[[bytes, datetime, bool], None]
"""Told of everything on the wire, as it came: bytes, when, and whether they were sent by us."""


class WireSettings(BaseModel):
    """Where the device is and how it speaks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    """`/dev/serial/by-id/…`, `socket://10.1.0.5:2300`, `rfc2217://10.1.0.6:4001`."""
    baud: int = Field(default=9600, ge=50, le=4_000_000)
    """Bits per second."""
    bytesize: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stopbits: Literal[1, 2] = 1
    flow: Literal["none", "rtscts", "xonxoff"] = "none"

    @field_validator("url")
    @classmethod
    def _known(cls, url: str) -> str:
        if not url.startswith(SCHEMES):
            raise ValueError("应为串口的固定名称 /dev/serial/by-id/…，或 socket://地址:端口、rfc2217://地址:端口")
        return url


class Link:
    """An open wire. Every method raises `LinkDown` once it is gone."""

    def __init__(self, port: serial.SerialBase, watch: Watch | None) -> None:
        self._port = port
        self._watch = watch
        self._heard = deque[tuple[bytes, datetime]]()
        self._waiting = 0
        self._news = asyncio.Event()
        self._down: str | None = None

    async def read(self) -> tuple[bytes, datetime]:
        """What has come, and when; waits for it. What came before the link was lost is still to be had."""
        while not self._heard:
            if self._down is not None:
                raise LinkDown(self._down)
            self._news.clear()
            await self._news.wait()
        data, at = self._heard.popleft()
        self._waiting -= len(data)
        if self._waiting < MOST_BYTES <= self._waiting + len(data):
            self._resume()
        return data, at

    @property
    def unread(self) -> bool:
        """Something has come already: `read` returns at once."""
        return bool(self._heard)

    async def write(self, data: bytes) -> None:
        """Returns when the bytes are on their way."""
        if self._down is not None:
            raise LinkDown(self._down)
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                await self._send(data)
        except TimeoutError as error:
            raise LinkDown(f"the device takes nothing for {WRITE_SECONDS:.0f} s") from error
        except (OSError, serial.SerialException) as error:
            raise LinkDown(_why(error)) from error
        if self._watch is not None:
            self._watch(data, datetime.now(UTC), True)

    def _came(self, data: bytes, at: datetime) -> None:
        self._heard.append((data, at))
        self._waiting += len(data)
        self._news.set()
        if self._watch is not None:
            self._watch(data, at, False)
        if self._waiting >= MOST_BYTES:
            self._pause()

    def _gone(self, why: str) -> None:
        if self._down is None:
            self._down = why
            self._pause()
            self._news.set()

    async def _send(self, data: bytes) -> None:
        raise NotImplementedError

    def _resume(self) -> None:
        raise NotImplementedError

    def _pause(self) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        """Leaves nothing open."""
        self._gone("closed")
        # A tty that was pulled out refuses even to be closed, with errors that are not OSErrors (termios.error).
        with contextlib.suppress(Exception):
            await asyncio.to_thread(self._port.close)


class _Descriptor(Link):
    """A tty or a TCP connection: the event loop says when there is something to read."""

    def __init__(self, port: serial.SerialBase, watch: Watch | None) -> None:
        super().__init__(port, watch)
        self._fd = port.fileno()
        self._loop = asyncio.get_running_loop()
        self._resume()

    def _resume(self) -> None:
        if self._down is None:
            self._loop.add_reader(self._fd, self._readable)

    def _pause(self) -> None:
        self._loop.remove_reader(self._fd)

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, CHUNK_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._gone(_why(error))
            return
        if data:
            self._came(data, datetime.now(UTC))
        elif self._is_over():
            self._gone("the device is gone")

    def _is_over(self) -> bool:
        """Nothing to read although there should be: the other end has gone. A tty may also just have been too early."""
        if not os.isatty(self._fd):
            return True
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        return any(state & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, state in poll.poll(0))

    async def _send(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except (BlockingIOError, InterruptedError):
                await self._writable()

    async def _writable(self) -> None:
        ready = self._loop.create_future()
        self._loop.add_writer(self._fd, lambda: ready.done() or ready.set_result(None))
        try:
            await ready
        finally:
            self._loop.remove_writer(self._fd)


class _Threaded(Link):
    """What has no descriptor: a thread reads."""

    def __init__(self, port: serial.SerialBase, watch: Watch | None) -> None:
        super().__init__(port, watch)
        self._loop = asyncio.get_running_loop()
        self._open, self._room = threading.Event(), threading.Event()
        self._open.set()
        self._room.set()
        port.timeout = POLL_SECONDS
        self._thread = threading.Thread(target=self._read_on, name="wire", daemon=True)
        self._thread.start()

    def _resume(self) -> None:
        self._room.set()

    def _pause(self) -> None:
        self._room.clear()

    def _read_on(self) -> None:
        try:
            while self._open.is_set():
                if not self._room.wait(POLL_SECONDS):
                    continue
                if data := self._port.read(1):
                    waiting: int = getattr(self._port, "in_waiting", 0)
                    data += self._port.read(waiting) if waiting else b""
                    self._loop.call_soon_threadsafe(self._came, data, datetime.now(UTC))
        except Exception as error:  # whatever a vanishing device makes of a read
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants to know
                self._loop.call_soon_threadsafe(self._gone, _why(error))

    async def _send(self, data: bytes) -> None:
        await asyncio.to_thread(self._port.write, data)

    async def close(self) -> None:
        """Leaves nothing open, and no thread."""
        self._open.clear()
        await asyncio.to_thread(self._thread.join)
        await super().close()


@asynccontextmanager
async def opened(settings: WireSettings, *, watch: Watch | None = None) -> AsyncGenerator[Link]:
    """The wire, open for as long as the block runs. Raises `LinkDown` when it cannot be opened."""
    opening = asyncio.create_task(asyncio.to_thread(_open, settings), name=settings.url)
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            port = await asyncio.shield(opening)
    except TimeoutError as error:
        opening.add_done_callback(_close_late)
        raise LinkDown(f"{settings.url} could not be opened within {OPEN_SECONDS:.0f} s") from error
    except asyncio.CancelledError:
        opening.add_done_callback(_close_late)
        raise
    except (OSError, ValueError) as error:
        raise LinkDown(_why(error)) from error
    link = _Descriptor(port, watch) if _has_descriptor(port) else _Threaded(port, watch)
    try:
        yield link
    finally:
        await asyncio.shield(link.close())


def _open(settings: WireSettings) -> serial.SerialBase:
    port = serial.serial_for_url(settings.url, do_not_open=True)
    port.baudrate, port.bytesize, port.parity, port.stopbits = (
        *(settings.baud, settings.bytesize),
        *(settings.parity, settings.stopbits),
    )
    port.rtscts, port.xonxoff = settings.flow == "rtscts", settings.flow == "xonxoff"
    if settings.url.startswith("/"):
        port.exclusive = True  # two readers would each get half of every line
    if settings.url.startswith("socket://"):
        port.reset_input_buffer = lambda: None  # what the device says as soon as it is called is not to be thrown away
    port.open()
    # pySerial keeps the connection of both TCP schemes under that name, and sets nothing on it itself.
    connection: object = getattr(port, "_socket", None)
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEP_ALIVE:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
    return port


def _close_late(opening: asyncio.Task[serial.SerialBase]) -> None:
    """Nobody waits any more for a wire that is open at last."""
    if not opening.cancelled() and opening.exception() is None:
        with contextlib.suppress(Exception):
            opening.result().close()


def _has_descriptor(port: serial.SerialBase) -> bool:
    try:
        return port.fileno() >= 0
    except (AttributeError, OSError):  # io.UnsupportedOperation is an OSError
        return False


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
