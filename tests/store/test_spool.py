"""The local file in which pushed events wait: on disk, in order, sealed, and whole or not at all."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path

import pytest

from hotline.store.errors import SpoolFull
from hotline.store.seal import Seal
from hotline.store.spool import Pushed, Spool
from tests.store.making import CARD, a_fact


def pushed(number: int) -> Pushed:
    return Pushed(
        adapter=CARD,
        items=((a_fact(f"e{number}", caller="13800138000"), b'{"raw": "\xff"}'),),
        set_aside=((b"\x00junk", "why"),),
    )


async def replayed(spool: Spool) -> list[Pushed]:
    found: list[Pushed] = []

    async def keep(one: Pushed) -> None:
        found.append(one)

    assert await spool.replay(keep) == len(found)
    return found


async def filled(tmp_path: Path, seal: Seal, count: int) -> Path:
    spool = Spool(tmp_path, seal)
    for number in range(count):
        await spool.append(pushed(number))
    await spool.close()
    [path] = tmp_path.glob("*.spool")
    return path


async def test_everything_comes_back_in_order_once(tmp_path: Path, seal: Seal) -> None:
    spool = Spool(tmp_path, seal)
    assert spool.is_empty
    await asyncio.gather(*(spool.append(pushed(number)) for number in range(50)))
    assert not spool.is_empty
    assert spool.size == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert await replayed(spool) == [pushed(number) for number in range(50)]
    assert spool.is_empty
    assert list(tmp_path.iterdir()) == []
    assert await replayed(spool) == []
    await spool.append(pushed(99))
    assert await replayed(spool) == [pushed(99)]


async def test_it_survives_the_process(tmp_path: Path, seal: Seal) -> None:
    await filled(tmp_path, seal, 3)
    later = Spool(tmp_path, seal)
    assert not later.is_empty
    await later.append(pushed(3))
    assert await replayed(later) == [pushed(number) for number in range(4)]


async def test_numbers_are_not_readable_in_the_file(tmp_path: Path, seal: Seal) -> None:
    path = await filled(tmp_path, seal, 2)
    assert b"13800138000" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


async def test_it_is_on_disk_before_append_returns(tmp_path: Path, seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fdatasync

    def watched(handle: int) -> None:
        real(handle)
        synced.append(os.fstat(handle).st_size)

    monkeypatch.setattr(os, "fdatasync", watched)
    spool = Spool(tmp_path, seal)
    for number in range(3):
        await spool.append(pushed(number))
        assert synced[-1] == spool.size
    await spool.close()


async def test_a_torn_end_is_tolerated_wherever_it_tore(tmp_path: Path, seal: Seal) -> None:
    whole = (await filled(tmp_path / "whole", seal, 3)).read_bytes()
    record = len(whole) // 3
    for length in range(2 * record, 3 * record, 7):
        directory = tmp_path / str(length)
        directory.mkdir()
        (directory / "000000001.spool").write_bytes(whole[:length])
        spool = Spool(directory, seal)
        await spool.append(pushed(7))
        assert await replayed(spool) == [pushed(0), pushed(1), pushed(7)]
        torn = list(directory.glob("*.torn"))
        assert [path.read_bytes() for path in torn] == ([whole[2 * record : length]] if length > 2 * record else [])


async def test_a_changed_byte_is_noticed(tmp_path: Path, seal: Seal) -> None:
    path = await filled(tmp_path, seal, 2)
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    assert await replayed(Spool(tmp_path, seal)) == [pushed(0)]
    assert len(list(tmp_path.glob("*.torn"))) == 1


async def test_a_replay_that_fails_begins_again_with_the_oldest(tmp_path: Path, seal: Seal) -> None:
    spool = Spool(tmp_path, seal)
    for number in range(3):
        await spool.append(pushed(number))
    taken: list[Pushed] = []

    async def fails_at_second(one: Pushed) -> None:
        if len(taken) == 1:
            raise ConnectionError
        taken.append(one)

    with pytest.raises(ConnectionError):
        await spool.replay(fails_at_second)
    await spool.append(pushed(3))
    assert await replayed(spool) == [pushed(number) for number in range(4)]


async def test_what_comes_during_a_replay_comes_after_it(tmp_path: Path, seal: Seal) -> None:
    spool = Spool(tmp_path, seal)
    await spool.append(pushed(0))
    found: list[Pushed] = []
    writing: list[asyncio.Task[None]] = []

    async def keep(one: Pushed) -> None:
        found.append(one)
        if len(found) <= 20:
            writing.append(asyncio.create_task(spool.append(pushed(len(found)))))
            await asyncio.sleep(0)

    await spool.replay(keep)
    await asyncio.gather(*writing)
    assert found == [pushed(number) for number in range(21)]
    assert list(tmp_path.iterdir()) == []


async def test_a_full_spool_refuses_and_keeps_what_it_has(tmp_path: Path, seal: Seal) -> None:
    path = await filled(tmp_path, seal, 1)
    size = path.stat().st_size
    spool = Spool(tmp_path, seal, limit_bytes=size * 2 + size // 2)
    await spool.append(pushed(1))
    with pytest.raises(SpoolFull):
        await spool.append(pushed(2))
    assert await replayed(spool) == [pushed(0), pushed(1)]
    await spool.append(pushed(3))
    assert await replayed(spool) == [pushed(3)]


async def test_a_failing_disk_refuses_and_leaves_no_half_record(
    tmp_path: Path, seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path, seal)
    await spool.append(pushed(0))
    real, calls = os.write, 0

    def half(handle: int, data: bytes) -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            return real(handle, data[:50])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("hotline.store.spool.os.write", half)
        with pytest.raises(SpoolFull, match="无法写入"):
            await spool.append(pushed(1))
    await spool.append(pushed(2))
    assert await replayed(spool) == [pushed(0), pushed(2)]
