"""What has an edge heard that the core does not have yet? One adapter's records, on disk before they count as heard.

Files `NNNN….frames`, named by the number of their first record, each a row of `length | CRC-32 | sealed record` (both
numbers big-endian, four bytes), as the core's own spool. Records that come at the same time share one fsync. The end
that a crash tore off is cut away at the next start: nobody was told that it is safe. A file goes when the core has all
of it; the newest one stays, because its name is the memory of the numbers. `stream` holds the stream's name.
"""

from __future__ import annotations

import asyncio
import os
import struct
import uuid
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import structlog

from hotline.store.errors import SealBroken, SpoolFull
from hotline.store.seal import Seal, place

log = structlog.get_logger()

FILE_BYTES: Final = 4 * 1024 * 1024
"""A file that is longer is followed by another one: so much more than needed is kept at most. Where little may be kept
it is a quarter of that: what the core has is let go in whole files, and there have to be some."""
_HEAD: Final = struct.Struct(">II")
_NAME: Final = "stream"


class _File(msgspec.Struct, kw_only=True):
    first: int
    path: Path
    size: int
    """Bytes of whole records that are on disk."""


class _Waiting(msgspec.Struct, eq=False):
    record: bytes
    done: asyncio.Future[int]
    beyond: bool
    """It is kept even where the limit is reached."""


class Spool:
    """The records of one adapter, below `directory`; one process at a time."""

    def __init__(self, adapter: str, directory: Path, seal: Seal, *, limit_bytes: int) -> None:
        self._adapter = adapter
        self._directory = directory
        self._seal = seal
        self._limit = limit_bytes
        self._file_bytes = max(1, min(FILE_BYTES, limit_bytes // 4))
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._files = [
            _File(first=int(path.stem), path=path, size=path.stat().st_size) for path in directory.glob("*.frames")
        ]
        self._files.sort(key=lambda file: file.first)
        self.stream = self._read_name()
        self.last = self._find_last()
        """Number of the newest record that is on disk; 0: none."""
        self._place = place("edge", adapter, self.stream)
        self._current: int | None = None
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        """Held while something is written."""
        self._at = (0, 0, 0)
        """Where the reader is: first number of the file, offset, number of the record there."""

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size for file in self._files)

    @property
    def in_hand(self) -> int:
        """Records that are being written."""
        return len(self._waiting) + (self._task is not None and not self._task.done())

    async def append(self, record: bytes, *, beyond: bool = False) -> int:
        """Returns with its number when the record is on disk. `beyond`: the limit is not for it. Raises `SpoolFull`,
        also when the disk fails."""
        waiting = _Waiting(record, asyncio.get_running_loop().create_future(), beyond)
        self._waiting.append(waiting)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(), name=f"spool {self._adapter}")
        return await asyncio.shield(waiting.done)

    def read(self, after: int, most: int, most_bytes: int) -> list[tuple[int, bytes]]:
        """Records behind that number, with theirs, oldest first: at least one, if there is one."""
        found, size = list[tuple[int, bytes]](), 0
        for seq, record in self._records(after):
            size += len(record)
            if found and (len(found) >= most or size > most_bytes):
                break
            found.append((seq, record))
        return found

    def forget(self, acknowledged: int) -> None:
        """The core has everything up to there: files that hold nothing else go."""
        while len(self._files) > 1 and self._files[1].first <= acknowledged + 1:
            self._files.pop(0).path.unlink(missing_ok=True)

    async def begin_anew(self, after: int) -> None:
        """The core knows another history under this stream's name: from now on it has a new one, and the records behind
        that number belong to it."""
        async with self._turn:
            kept = [record for _, record in self._records(after)]
            for file in self._files:
                file.path.unlink(missing_ok=True)
            self._close()
            self._files.clear()
            (self._directory / _NAME).unlink(missing_ok=True)
            self.stream = self._read_name()
            self._place = place("edge", self._adapter, self.stream)
            self.last, self._at = 0, (0, 0, 0)
            block = bytearray()
            for seq, record in enumerate(kept, 1):
                block += self._sealed(seq, record)
                if len(block) >= self._file_bytes or seq == len(kept):
                    self._put(bytes(block))
                    self.last = seq
                    block.clear()

    async def close(self) -> None:
        """Waits for what is being written."""
        if self._task is not None:
            await asyncio.wait([self._task])
        self._close()

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _write(self) -> None:
        while self._waiting:
            async with self._turn:
                batch, self._waiting = self._waiting, []
                await self._write_together(batch)

    async def _write_together(self, batch: Sequence[_Waiting]) -> None:
        room, blocks, taken = self._limit - self.size, list[bytes](), list[_Waiting]()
        for waiting in batch:
            block = self._sealed(self.last + len(taken) + 1, waiting.record)
            if len(block) > room and not waiting.beyond:
                _settle(waiting, SpoolFull())
                room = 0  # nothing overtakes
                continue
            room -= len(block)
            blocks.append(block)
            taken.append(waiting)
        try:
            await asyncio.to_thread(self._put, b"".join(blocks))
        except OSError as error:
            for waiting in taken:
                _settle(waiting, SpoolFull(f"本地暂存无法写入：{error.strerror}"))
            return
        for waiting in taken:
            self.last += 1
            _settle(waiting, self.last)

    def _put(self, block: bytes) -> None:
        if not block:
            return
        if self._current is None or self._files[-1].size >= self._file_bytes:
            self._begin_file()
        assert self._current is not None
        file = self._files[-1]
        try:
            rest = memoryview(block)
            while rest:
                rest = rest[os.write(self._current, rest) :]
            os.fdatasync(self._current)
        except OSError:
            os.ftruncate(self._current, file.size)  # half a record would hide those that come after it
            raise
        file.size += len(block)

    def _begin_file(self) -> None:
        """The next record is the first of a file; one that is empty is used again."""
        self._close()
        path = self._directory / f"{self.last + 1:016d}.frames"
        self._current = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        if not self._files or self._files[-1].path != path:
            self._files.append(_File(first=self.last + 1, path=path, size=0))
        self._sync_directory()

    def _sealed(self, seq: int, record: bytes) -> bytes:
        sealed = self._seal.seal_bytes(record, self._place + b"%d" % seq)
        return _HEAD.pack(len(sealed), zlib.crc32(sealed)) + sealed

    def _close(self) -> None:
        if self._current is not None:
            os.close(self._current)
            self._current = None

    def _sync_directory(self) -> None:
        directory = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _records(self, after: int) -> Iterator[tuple[int, bytes]]:
        """Every record behind that number. Where the last reading ended, the next one goes on without searching."""
        for file in list(self._files):
            following = next((each.first for each in self._files if each.first > file.first), self.last + 1)
            if following <= after + 1 or not file.size:
                continue
            seq, offset = file.first, 0
            if self._at[0] == file.first and self._at[2] <= after + 1:
                _, offset, seq = self._at
            for at, sealed in _whole(file.path, offset, file.size):
                if seq > self.last:
                    return
                if seq > after:
                    self._at = (file.first, at, seq)
                    try:
                        yield seq, self._seal.open_bytes(sealed, self._place + b"%d" % seq)
                    except SealBroken as error:
                        log.error("边缘机暂存中有一条记录无法读出", adapter=self._adapter, seq=seq, reason=str(error))
                seq += 1
            if seq < following:
                log.error("边缘机暂存文件损坏", adapter=self._adapter, file=file.path.name, lost=following - seq)

    def _find_last(self) -> int:
        """Cut the torn end of the newest file away; the number of its last whole record."""
        if not self._files:
            return 0
        newest = self._files[-1]
        whole, count = 0, 0
        for at, sealed in _whole(newest.path, 0, newest.size):
            whole, count = at + _HEAD.size + len(sealed), count + 1
        if whole < newest.size:
            log.warning("spool_torn", adapter=self._adapter, file=newest.path.name, at=whole, bytes=newest.size - whole)
            os.truncate(newest.path, whole)
            newest.size = whole
        return newest.first + count - 1

    def _read_name(self) -> str:
        """The stream's name, made where there is none. Files without it belong to nobody knows which: they count as
        lost (the folder was put together by hand)."""
        path = self._directory / _NAME
        if path.exists() and self._files and (name := path.read_text(encoding="ascii").strip()):
            return name
        for file in self._files:
            file.path.rename(file.path.with_suffix(".aside"))
        self._files.clear()
        name = uuid.uuid4().hex
        new = path.with_suffix(".new")
        with new.open("w", encoding="ascii") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        (self._directory / f"{1:016d}.frames").touch(mode=0o600)
        self._files = [_File(first=1, path=self._directory / f"{1:016d}.frames", size=0)]
        self._sync_directory()
        return name


def _whole(path: Path, offset: int, size: int) -> Iterator[tuple[int, bytes]]:
    """Each whole record from that offset on: where it begins, and its sealed bytes."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(size - offset)
    at = 0
    while at + _HEAD.size <= len(data):
        length, checksum = _HEAD.unpack_from(data, at)
        sealed = data[at + _HEAD.size : at + _HEAD.size + length]
        if len(sealed) < length or zlib.crc32(sealed) != checksum:
            return
        yield offset + at, sealed
        at += _HEAD.size + length


def _settle(waiting: _Waiting, outcome: int | SpoolFull) -> None:
    if waiting.done.done():
        return
    if isinstance(outcome, int):
        waiting.done.set_result(outcome)
    else:
        waiting.done.set_exception(outcome)
