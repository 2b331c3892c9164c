"""The fuzzer finds what was planted, keeps it so that it comes again, and every parser stands a first rush."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Hashable
from pathlib import Path
from random import Random

import pytest

from adapters.errors import Undecodable
from tests.fuzz.__main__ import main
from tests.fuzz.engine import Fuzzer, replayed
from tests.fuzz.mutator import Mutator
from tests.fuzz.table import table
from tests.fuzz.target import Target

SEED = b'{"kind":"ring","number":"13800138000"}'


def burn(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def planted(data: bytes) -> set[Hashable]:
    """Refuses what is no JSON, as it should; breaks on one byte, and is slow on a number that is long."""
    if b"\xee" in data:
        raise KeyError("planted")
    try:
        found = json.loads(data)
    except ValueError:
        raise Undecodable("no JSON") from None
    if isinstance(found, dict) and len(str(found.get("number", ""))) > 15:
        burn(0.04)
    return {"read"}


def target(execute: object = planted, **more: object) -> Target:
    table = {"name": "planted", "build": lambda: execute, "seeds": lambda: [SEED], "errors": (Undecodable,)}
    return Target(**{**table, "code": ("tests/fuzz/test_fuzz_tool",), **more})  # type: ignore[arg-type]


def test_it_finds_a_decoder_that_breaks_and_one_that_is_slow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fuzz.engine.MOST_CPU_SECONDS", 0.02)
    figures = Fuzzer(target(), seed=1).run(3000, seconds=60)
    found = {each.kind.partition("-")[0]: each for each in figures.findings}
    assert set(found) == {"KeyError", "slow"}
    assert found["KeyError"].data == b"\xee", "the finding was not made small"
    assert len(json.loads(found["slow"].data)["number"]) > 15
    assert figures.slowest_ms > 20
    assert figures.executions == 3000

    from tests.fuzz.findings import keep

    path = keep(tmp_path, found["KeyError"])
    assert "--replay" in path.with_name(f"{path.name}.txt").read_text("utf-8")
    assert main(["--replay", str(path)], lambda: {"planted": target()}) == 1
    assert "KeyError" in capsys.readouterr().out
    assert main(["--replay", str(path)], lambda: {"planted": target(lambda data: set())}) == 0


def test_an_input_that_takes_for_ever_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.engine.HANG_SECONDS", 0.05)

    def hangs(data: bytes) -> set[Hashable]:
        while True:
            try:
                burn(0.01)
            except Exception:
                continue

    figures = Fuzzer(target(hangs), seed=1).run(1)
    assert [each.kind.partition("-")[0] for each in figures.findings] == ["Hang"]


def test_what_is_wrong_with_a_reason_or_with_the_code_beneath_is_a_finding() -> None:
    from tests.fuzz.target import reason

    wrong, _ = replayed(target(lambda data: {reason("line 13800138000 is unknown")}), b"")
    assert wrong is not None
    assert wrong.kind.startswith("NotConforming")


def test_the_same_seed_makes_the_same_inputs() -> None:
    def made(seed: int) -> list[bytes]:
        mutator = Mutator(Random(seed), [b"word"], 100, 1000)
        return [mutator.make(SEED, b"a=1&b=2\r\nc=3\r\n") for _ in range(500)]

    assert made(1) == made(1) != made(2)
    assert all(len(each) <= 1000 for each in made(1))
    assert len(set(made(1))) > 400


def test_every_parser_stands_a_first_rush() -> None:
    """Every target can be built and executed, and breaks on none of some inputs."""
    for name, each in table().items():
        fuzzer = Fuzzer(each, seed=os.getpid())
        figures = fuzzer.run(len(each.seeds()) + 8)
        assert not figures.findings, (name, figures.findings)
        assert figures.lines > 2, f"{name}: its code is not where the table says"


def test_a_process_that_dies_is_a_finding_with_the_input_that_killed_it(tmp_path: Path) -> None:
    from tests.fuzz.engine import under_way

    box = tmp_path / "box"
    Fuzzer(target(lambda data: set()), seed=1, black_box=box).run(5)
    assert under_way(box)
    died = os.fork()
    if died == 0:
        Fuzzer(target(lambda data: os._exit(7) if data == SEED else set()), seed=1, black_box=box).run(5)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(died, 0)[1]) == 7
    assert under_way(box) == SEED
