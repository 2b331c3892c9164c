"""A recording is let go at the edge when it is here for good, and one that is damaged is in nobody's way."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotline.carried_recordings import CarriedRecordings
from hotline.edge.asked import Kept
from tests.edge.kit import until

PIECE = 20_000


class Far:
    """Recordings at an edge, some of which cannot be read."""

    name = "front"

    def __init__(self, files: Mapping[str, bytes], damaged: frozenset[str] = frozenset()) -> None:
        self.files, self.damaged = dict(files), damaged
        self.asked: list[str] = []
        self.while_read: Callable[[], Awaitable[None]] | None = None

    async def list_recordings(self) -> Sequence[Kept]:
        return [Kept(file, len(data), datetime.now(UTC)) for file, data in self.files.items()]

    async def read_recording(self, file: str, offset: int) -> bytes:
        if file not in self.files:
            raise FileNotFoundError(errno.ENOENT, "no such recording")
        self.asked.append(file)
        if file in self.damaged:
            raise OSError(errno.EIO, "the disk is bad")
        if self.while_read is not None:
            await self.while_read()
        return self.files[file][offset : offset + PIECE]

    async def drop_recording(self, file: str, size: int) -> None:
        del self.files[file]


class Here(Far):
    """An edge on this machine, with the same folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__({path.name: path.read_bytes() for path in folder.iterdir()})
        self._folder = folder

    async def read_recording(self, file: str, offset: int) -> bytes:
        return (self._folder / file).read_bytes()[offset:]

    async def drop_recording(self, file: str, size: int) -> None:
        (self._folder / file).unlink()


def fetching(far: Far) -> CarriedRecordings:
    return CarriedRecordings(far, None)  # pyright: ignore[reportArgumentType]


async def test_one_that_is_damaged_is_not_in_the_way(tmp_path: Path) -> None:
    far = Far({"a.wav": b"a" * 60_500, "b\0.wav": b"b", "c.wav": b"c" * 60_500}, frozenset({"a.wav"}))
    await fetching(far)._fetch_all(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["c.wav"]
    assert set(far.files) == {"a.wav", "b\0.wav"}


async def test_a_folder_that_is_the_edges_as_well_keeps_its_only_copy(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"a")
    await fetching(Here(tmp_path))._fetch_all(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


async def test_two_lines_with_one_folder_do_not_write_into_each_others_copy(tmp_path: Path) -> None:
    """The second one begins while the first one reads, and finds the recording gone."""
    first, second = Far({"a.wav": b"a" * 60_500}), Far({"a.wav": b"a" * 60_500})
    second.name = "back"
    begun, over = asyncio.Event(), asyncio.Event()

    async def in_between() -> None:
        if len(first.asked) == 3:
            await asyncio.wait_for(begun.wait(), 20)

    async def gone() -> None:
        begun.set()
        await asyncio.wait_for(over.wait(), 20)
        raise FileNotFoundError(errno.ENOENT, "no such recording")

    first.while_read, second.while_read = in_between, gone
    one = asyncio.create_task(fetching(first)._fetch_all(tmp_path))
    await until(lambda: len(first.asked) == 3, "the first one has read two pieces")
    other = asyncio.create_task(fetching(second)._fetch_all(tmp_path))
    await one
    over.set()
    await other
    assert (tmp_path / "a.wav").read_bytes() == b"a" * 60_500


async def test_a_disk_that_is_full_is_not_tried_with_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    far = Far({"a.wav": b"a" * 10, "b.wav": b"b" * 10})
    monkeypatch.setattr(os, "fsync", full)
    await fetching(far)._fetch_all(tmp_path)
    assert set(far.files) == {"a.wav", "b.wav"}
    assert "b.wav" not in far.asked
    assert list(tmp_path.iterdir()) == []


async def test_it_is_let_go_when_its_last_byte_and_its_name_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = list[tuple[int | str, bool]]()
    far = Far({"2026/a.wav": b"a" * 60_500})
    fsync = os.fsync

    def noted(handle: int) -> None:
        found = os.fstat(handle)
        folder = stat.S_ISDIR(found.st_mode)
        synced.append((Path(os.readlink(f"/proc/self/fd/{handle}")).name if folder else found.st_size, bool(far.files)))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    await fetching(far)._fetch_all(tmp_path)
    assert synced == [(60_500, True), ("2026", True), (tmp_path.name, True)]
    assert far.files == {}
    assert (tmp_path / "2026" / "a.wav").read_bytes() == b"a" * 60_500
