"""Where do pushed events wait while the database is away?

In local files, sealed, on disk before the sender hears 2xx. A file is a row of records `length | CRC-32 | sealed JSON`
(both numbers big-endian, four bytes). A file is never appended to by two runs: what a crash tore off at its end is
followed by nothing. Files are read back in the order they were begun, and removed when the database has all of them.
"""

from __future__ import annotations

import asyncio
import os
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import structlog

from adapters.telephony import AdapterName, DeviceEvent
from hotline.store.errors import SealBroken, SpoolFull
from hotline.store.rows import encode
from hotline.store.seal import Seal, place

_log = structlog.get_logger(__name__)

LIMIT_BYTES: Final = 256 * 1024 * 1024
"""Half a million events: more than an hour of a large hall's worst day."""
_HEAD: Final = struct.Struct(">II")
_PLACE: Final = place("spool", "record", "")


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery of a gateway, as `HallStore.keep` takes it."""

    adapter: AdapterName
    items: tuple[tuple[DeviceEvent, bytes | None], ...] = ()
    set_aside: tuple[tuple[bytes, str], ...] = ()


class _Waiting(msgspec.Struct, eq=False):
    record: bytes
    done: asyncio.Future[None]


_RECORDS: Final = msgspec.json.Decoder(Pushed)


class Spool:
    """The files of one hall below `directory`; one process at a time."""

    def __init__(self, directory: Path, seal: Seal, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._directory = directory
        self._seal = seal
        self._limit = limit_bytes
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._next = 1 + max((int(path.stem) for path in self._files()), default=0)
        self._bytes = sum(path.stat().st_size for path in self._files())
        self._current: int | None = None
        """Descriptor of the file that is written to."""
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        """Held while the current file is written to, or closed."""

    @property
    def is_empty(self) -> bool:
        """Nothing waits for the database."""
        return self._bytes == 0 and not self._waiting

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._bytes

    async def append(self, pushed: Pushed) -> None:
        """Returns when the delivery is on disk. Raises SpoolFull, also when the disk is full or failing."""
        sealed = self._seal.seal_bytes(encode(pushed), _PLACE)
        record = _HEAD.pack(len(sealed), zlib.crc32(sealed)) + sealed
        waiting = _Waiting(record, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(), name="spool")
        await asyncio.shield(waiting.done)

    async def replay(self, keep: Callable[[Pushed], Awaitable[None]]) -> int:
        """Gives every delivery to `keep`, oldest first, until none is left; how many there were.

        Whatever `keep` raises ends the replay; what it had taken may come once more at the next one.
        """
        count = 0
        while not self.is_empty:
            await self._begin_another()
            complete = self._files()
            if not complete:
                await asyncio.sleep(0.001)  # something is being written this moment
            for path in complete:  # not those begun meanwhile: they come next time round
                for pushed in self._read(path):
                    await keep(pushed)
                    count += 1
                size = path.stat().st_size
                path.unlink()
                self._bytes -= size
        return count

    async def waiting(self, adapter: AdapterName) -> list[Pushed]:
        """The deliveries of an adapter that wait for the database, oldest first."""
        await self._begin_another()
        return [pushed for path in self._files() for pushed in self._read(path) if pushed.adapter == adapter]

    async def close(self) -> None:
        """Waits for what is being written."""
        if self._task is not None:
            await asyncio.wait([self._task])
        await self._begin_another()

    def _files(self) -> list[Path]:
        return sorted(self._directory.glob("*.spool"), key=lambda path: int(path.stem))

    async def _begin_another(self) -> None:
        """The next record goes to a new file: what is there is complete and may be read."""
        async with self._turn:
            if self._current is not None:
                os.close(self._current)
                self._current = None

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            room = self._limit - self._bytes
            taken = list[_Waiting]()
            for waiting in batch:
                if len(waiting.record) > room:
                    _settle(waiting, SpoolFull())
                else:
                    room -= len(waiting.record)
                    taken.append(waiting)
            block = b"".join(waiting.record for waiting in taken)
            # Counted before it is written: a replay that runs meanwhile must not take the spool for empty.
            self._bytes += len(block)
            try:
                async with self._turn:
                    await asyncio.to_thread(self._put, block)
            except OSError as error:
                self._bytes -= len(block)
                _log.error("spool_failed", error=str(error))
                for waiting in taken:
                    _settle(waiting, SpoolFull(f"本地暂存无法写入：{error.strerror}"))
            else:
                for waiting in taken:
                    _settle(waiting, None)

    def _put(self, block: bytes) -> None:
        if not block:
            return
        if self._current is None:
            path = self._directory / f"{self._next:09d}.spool"
            self._next += 1
            self._current = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            directory = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        start = os.lseek(self._current, 0, os.SEEK_END)
        try:
            rest = memoryview(block)
            while rest:
                rest = rest[os.write(self._current, rest) :]
            os.fdatasync(self._current)
        except OSError:
            # Half a record would hide those that come after it.
            os.ftruncate(self._current, start)
            raise

    def _read(self, path: Path) -> Iterator[Pushed]:
        data = path.read_bytes()
        at = 0
        while at < len(data):
            head = data[at : at + _HEAD.size]
            length, checksum = _HEAD.unpack(head) if len(head) == _HEAD.size else (len(data), 0)
            sealed = data[at + _HEAD.size : at + _HEAD.size + length]
            if len(sealed) < length or zlib.crc32(sealed) != checksum:
                self._put_aside(path, at, len(data) - at)
                return
            try:
                pushed = _RECORDS.decode(self._seal.open_bytes(sealed, _PLACE))
            except (SealBroken, msgspec.DecodeError):
                self._put_aside(path, at, len(data) - at)
                return
            yield pushed
            at += _HEAD.size + length

    def _put_aside(self, path: Path, at: int, length: int) -> None:
        """A torn end is what a crash leaves behind: nobody heard 2xx for it. It is kept for who wants to look."""
        _log.warning("spool_torn", file=path.name, at=at, bytes=length)
        aside = path.with_suffix(".torn")
        aside.write_bytes(path.read_bytes()[at:])
        aside.chmod(0o600)


def _settle(waiting: _Waiting, error: SpoolFull | None) -> None:
    if waiting.done.done():
        return
    if error is None:
        waiting.done.set_result(None)
    else:
        waiting.done.set_exception(error)
