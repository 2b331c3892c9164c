"""What an edge has heard: on disk before it counts, whole after every crash, numbered through all of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.edge import spool as spools
from hotline.edge.spool import Spool
from hotline.store.errors import SpoolFull
from hotline.store.seal import Seal, make_keys

SEAL = Seal(make_keys())
MEGABYTE = 1024 * 1024


def opened(folder: Path, limit: int = MEGABYTE) -> Spool:
    return Spool("box-1", folder, SEAL, limit_bytes=limit)


def everything(spool: Spool, after: int = 0) -> list[tuple[int, bytes]]:
    return spool.read(after, 100_000, 100 * MEGABYTE)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.frames"))


async def test_numbers_go_on_through_restarts_and_after_everything_was_carried(tmp_path: Path) -> None:
    first = opened(tmp_path)
    assert await asyncio.gather(*(first.append(b"%d" % each) for each in range(5))) == [1, 2, 3, 4, 5]
    assert everything(first, 2) == [(3, b"2"), (4, b"3"), (5, b"4")]
    await first.close()
    second = opened(tmp_path)
    assert (second.last, second.stream) == (5, first.stream)
    assert await second.append(b"six") == 6
    second.forget(6)
    assert [path.stem for path in files(tmp_path)] == [f"{6:016d}"]
    await second.close()
    third = opened(tmp_path)
    assert (third.last, everything(third, 6), everything(third, 5)) == (6, [], [(6, b"six")])
    assert b"six" not in files(tmp_path)[-1].read_bytes()
    await third.close()


async def test_a_torn_end_is_cut_and_the_number_is_given_again(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for each in (b"one", b"two"):
        await spool.append(each)
    await spool.close()
    path = files(tmp_path)[-1]
    for cut in (1, 9, 20):
        whole = path.read_bytes()
        path.write_bytes(whole + whole[: len(whole) // 2][:-cut])
        again = opened(tmp_path)
        assert [record for _, record in everything(again)] == [b"one", b"two"]
        assert (again.last, path.stat().st_size) == (2, len(whole))
    assert await opened(tmp_path).append(b"three") == 3


async def test_a_full_spool_says_so_and_takes_more_when_there_is_room(tmp_path: Path) -> None:
    spool = opened(tmp_path, 2000)
    kept = 0
    with contextlib.suppress(SpoolFull):
        while kept < 100:
            kept = await spool.append(bytes(100))
    with pytest.raises(SpoolFull):
        await spool.append(bytes(100))
    assert 5 < kept < 20
    assert (tmp_path / f"{1:016d}.frames").stat().st_size <= 2000
    assert [seq for seq, _ in everything(spool)] == list(range(1, kept + 1))
    await spool.close()
    larger = opened(tmp_path, 4000)
    assert await larger.append(b"more") == kept + 1
    larger.forget(kept)
    assert larger.size < 200
    await larger.close()


async def test_files_follow_one_another_and_are_read_across(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "FILE_BYTES", 300)
    spool = opened(tmp_path)
    for each in range(20):
        await spool.append(b"%02d" % each * 20)
    assert len(files(tmp_path)) > 3
    found = list[tuple[int, bytes]]()
    while batch := spool.read(found[-1][0] if found else 0, 3, MEGABYTE):
        assert len(batch) <= 3
        found += batch
    assert [seq for seq, _ in found] == list(range(1, 21))
    assert spool.read(4, 100, 1) == [(5, b"04" * 20)]
    spool.forget(10)
    assert everything(spool, 10)[0][0] == 11
    await spool.close()


async def test_a_record_that_rotted_does_not_take_the_next_file_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spools, "FILE_BYTES", 1)
    spool = opened(tmp_path)
    for each in range(3):
        await spool.append(b"%d" % each)
    second = files(tmp_path)[1]
    second.write_bytes(second.read_bytes()[:-1] + b"?")
    assert everything(spool) == [(1, b"0"), (3, b"2")]
    await spool.close()


async def test_a_new_stream_keeps_what_is_there(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for each in (b"one", b"two", b"three"):
        await spool.append(each)
    spool.forget(1)
    before = spool.stream
    await spool.begin_anew(1)
    assert spool.stream != before
    assert everything(spool) == [(1, b"two"), (2, b"three")]
    assert await spool.append(b"four") == 3
    await spool.close()
    again = opened(tmp_path)
    assert (again.last, again.stream) == (3, spool.stream)


async def test_without_its_name_or_its_files_a_folder_is_another_stream(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    await spool.append(b"one")
    await spool.close()
    for path in files(tmp_path):
        path.unlink()
    again = opened(tmp_path)
    assert (again.last, again.stream != spool.stream) == (0, True)


WRITER = """
import asyncio, sys
from pathlib import Path
from hotline.edge.spool import Spool
from hotline.store.seal import Seal

async def main(folder: Path) -> None:
    spool = Spool("box-1", folder / "spool", Seal.from_state(folder), limit_bytes=1 << 30)
    number = 0
    while True:
        seqs = await asyncio.gather(*(spool.append(b"record %d" % (number + each)) for each in range(7)))
        number += 7
        print(seqs[-1], flush=True)

asyncio.run(main(Path(sys.argv[1])))
"""


def test_what_was_told_to_be_safe_survives_kill_9(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, cwd=os.getcwd())
    assert writer.stdout is not None
    safe = 0
    for line in writer.stdout:
        safe = int(line)
        if safe > 200:
            break
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    spool = Spool("box-1", tmp_path / "spool", Seal.from_state(tmp_path), limit_bytes=1 << 30)
    found = everything(spool)
    assert len(found) == spool.last >= safe
    assert found == [(seq, b"record %d" % (seq - 1)) for seq in range(1, spool.last + 1)]


async def test_a_small_spool_lets_go_what_the_core_has(tmp_path: Path) -> None:
    """The newest record is always still under way; room comes back all the same."""
    spool = opened(tmp_path, 2000)
    for seq in range(1, 60):
        assert await spool.append(bytes(100)) == seq
        spool.forget(seq - 1)
        assert spool.size <= 2000
    await spool.close()


async def test_a_new_stream_is_let_go_in_pieces_too(tmp_path: Path) -> None:
    spool = opened(tmp_path, 2000)
    kept = 0
    with contextlib.suppress(SpoolFull):
        while kept < 100:
            kept = await spool.append(bytes(100))
    await spool.begin_anew(0)
    assert (spool.last, len(everything(spool)), len(files(tmp_path)) > 2) == (kept, kept, True)
    spool.forget(kept - 1)
    assert await spool.append(bytes(100)) == kept + 1
    await spool.close()
    assert [seq for seq, _ in everything(opened(tmp_path, 2000))][-1] == kept + 1


async def test_what_may_go_beyond_the_limit_overtakes_nothing_else(tmp_path: Path) -> None:
    spool = opened(tmp_path, 500)
    results = await asyncio.gather(
        spool.append(bytes(300)),
        spool.append(bytes(300)),
        spool.append(b"note", beyond=True),
        spool.append(b"x"),
        return_exceptions=True,
    )
    assert [type(each) for each in results] == [int, SpoolFull, int, SpoolFull]
    assert everything(spool) == [(1, bytes(300)), (2, b"note")]
    await spool.close()
