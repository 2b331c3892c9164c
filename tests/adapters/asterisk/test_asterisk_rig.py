"""The rig's own tools: the cached root, the sounds, the ledgers."""

from __future__ import annotations

import math
import multiprocessing
import os
import random
import socket
import time
from array import array
from pathlib import Path

import pytest

from adapters.asterisk.rig import RigOptions, running
from adapters.asterisk.rig import root as roots
from adapters.asterisk.rig.audio import heard, loudness
from adapters.asterisk.rig.measure import arrange_times
from adapters.asterisk.rig.root import DONE, NEEDED, Root, ensure_root
from adapters.asterisk.rig.scenarios import CallerPlan
from adapters.asterisk.rig.sipp import SippRun, start_callers
from adapters.asterisk.tones import alaw, tone, unalaw
from adapters.errors import Misconfigured


def _fake_build(place: Path) -> None:
    """Leaves a whole root, slowly."""
    with (place.parent / "builds").open("a") as log:
        log.write(f"{os.getpid()}\n")
    time.sleep(0.2)
    library = place / "usr/lib/x86_64-linux-gnu"
    (library / "asterisk/modules").mkdir(parents=True, exist_ok=True)
    (place / "usr/sbin").mkdir(parents=True, exist_ok=True)
    for file in (library / "ld-linux-x86-64.so.2", place / "usr/sbin/asterisk", place / DONE):
        file.touch()
    for name in NEEDED:
        (library / "asterisk/modules" / name).touch()


def _build_once(cache: Path) -> None:
    roots._build = _fake_build  # pyright: ignore[reportPrivateUsage]
    ensure_root(cache=cache)


def test_two_builders_make_one_root(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    builders = [context.Process(target=_build_once, args=(tmp_path,)) for _ in range(3)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join(10)
    assert [builder.exitcode for builder in builders] == [0, 0, 0]
    assert len((tmp_path / "builds").read_text().splitlines()) == 1


def test_an_incomplete_root_is_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "_build", _fake_build)
    root = ensure_root(cache=tmp_path)
    assert root.lacks() == ""
    (root.modules / NEEDED[0]).unlink()
    assert root.lacks() == NEEDED[0]
    said: list[str] = []
    assert ensure_root(said.append, tmp_path).lacks() == ""
    assert NEEDED[0] in said[0]
    (root.path / DONE).unlink()
    assert "never finished" in Root(root.path).lacks()


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Misconfigured, match="apt-get install mmdebstrap"):
        ensure_root(cache=tmp_path)


@pytest.mark.asterisk
async def test_times_of_a_change_are_measured(tmp_path: Path) -> None:
    """Every round has its figures, and what is heard on the wire never comes long before it is told."""
    groups = {"first": ("3001",), "second": ("3002",)}
    with running(RigOptions(desk=0, groups=groups, duty=False, prompts=False)) as rig:
        times = await arrange_times(rig, 4, tmp_path)
    for told, on_wire in ((times.three_way, times.three_way_heard), (times.swap, times.swap_heard)):
        assert len(told) == len(on_wire) == 4
        assert all(0 < each < 1000 for each in (*told, *on_wire))


def test_tones() -> None:
    samples = array("h", (unalaw(byte) for byte in tone(440, 1.0, 0.5)))
    assert len(samples) == 8000
    assert loudness(samples, 440) == pytest.approx(0.5, rel=0.05)
    assert heard(samples, 440, [350, 1000])
    assert not heard(samples, 1000, [440])
    assert not heard(array("h", [0] * 8000), 440, [])
    mixed = array("h", (round(4000 * (math.sin(n * 0.3456) + math.sin(n * 0.7854))) for n in range(8000)))
    assert heard(mixed, 440, [700])
    assert heard(mixed, 1000, [700])


def test_alaw_there_and_back() -> None:
    """Within half of G.711's own step, and every byte means itself."""
    assert all(alaw(unalaw(byte)) == byte for byte in range(256))
    assert all(abs(unalaw(alaw(sample)) - sample) <= max(16, abs(sample) / 16) for sample in range(-32768, 32767, 7))


def test_ledgers(tmp_path: Path) -> None:
    """Lines of other callers mixed, half a line at the end, and a call that never ended."""
    run = SippRun(process=None, folder=tmp_path, name="x", local=("127.0.0.1", 1), media=("127.0.0.1", 2))  # pyright: ignore[reportArgumentType]
    (tmp_path / "x.notes").write_text(
        "I 139 1-2@127.0.0.2 1795319819.000000 250000.000000\nI 138 2-2@127.0.0.2 1795319820.000000 0.000000\n"
        "A 139 1-2@127.0.0.2 1795319821.000000 0.000000\nE 139 hung_up 1795319822.000000 0.000000\nE 138 hun"
    )
    first, second = run.callers()
    assert (first.number, first.end, first.sip_call_id) == ("139", "hung_up", "1-2@127.0.0.2")
    assert first.invited_at.microsecond == 250000
    assert (second.answered_at, second.ended_at, second.end) == (None, None, "")
    assert run.unreadable() == []
    (tmp_path / "x.notes").write_text(
        "I 1001 o-1 1795319819.0 0.0\nE 1001 cancelled 1795319820.0 0.0\n"
        "I 1001  1795319821.0 0.0\nA 1001  1795319822.0 0.0\nE 1001 hung_up  \n"
    )
    rung, again = run.seats()
    assert (rung.offer, rung.end, again.offer, again.end) == ("o-1", "cancelled", "", "")
    assert again.answered_at is not None
    assert run.unreadable() == ["E 1001 hung_up  "]


def test_a_caller_who_is_not_heard_rings_again(tmp_path: Path) -> None:
    """As RFC 3261 wants it: without an answer the INVITE comes once more half a second later."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.settimeout(5)
        callers = start_callers(
            CallerPlan(patience_ms=10_000),
            ["13900000000"],
            rate=10,
            target=deaf.getsockname(),
            local=("127.0.0.1", 0),
            media_port=random.randrange(20_000, 30_000, 4),
            folder=tmp_path,
            name="caller",
        )
        try:
            first, again = deaf.recv(4096), deaf.recv(4096)
        finally:
            callers.stop()
    assert first.startswith(b"INVITE sip:12348@")
    assert again == first
