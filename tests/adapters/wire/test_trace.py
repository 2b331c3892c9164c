"""Traces are read back as they were written, also when the last line was cut off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.wire.trace import NotATrace, TraceWriter, read_trace

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "box.trace"
    writer = TraceWriter(path, "box-1", NOW)
    writer.write("box", b"\x80\x16\xff\r\n", NOW)
    writer.write("box", b"AT\r", NOW + timedelta(microseconds=1), sent=True)
    writer.close()
    return path


def test_read_back(trace: Path) -> None:
    header, stretches = read_trace(trace)
    assert (header.adapter, header.began_at) == ("box-1", NOW)
    assert [(each.wire, each.data, each.at - NOW, each.sent) for each in stretches] == [
        ("box", b"\x80\x16\xff\r\n", timedelta(), False),
        ("box", b"AT\r", timedelta(microseconds=1), True),
    ]


def test_nobody_else_may_read_it_and_nothing_is_written_over(trace: Path) -> None:
    assert trace.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        TraceWriter(trace, "box-1", NOW)


def test_a_last_line_cut_off_ends_it(trace: Path) -> None:
    trace.write_bytes(trace.read_bytes()[:-10])
    assert len(list(read_trace(trace)[1])) == 1


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"RING\r\n",
        b'{"hotline_trace":2,"adapter":"x","began_at":"2026-01-01T00:00:00Z"}\n',
        b'{"hotline_trace":1,"adapter":"\xb7"',
        b'{"deep":' + b"[" * 100_000,
    ],
    ids=lambda damage: repr(damage[:30]),
)
def test_something_else_is_no_trace(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(damage)
    with pytest.raises(NotATrace):
        read_trace(path)


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense\n",
        b'{"at":"2026-01-01T00:00:00Z","wire":"box","hex":"0g"}\n',
        b'{"wire":"\xb7"}\n',
        b'{"deep":' + b"[" * 100_000 + b"\n",
    ],
    ids=lambda line: repr(line[:30]),
)
def test_damage_in_the_middle_is_told_with_its_line(trace: Path, line: bytes) -> None:
    lines = trace.read_bytes().splitlines(keepends=True)
    trace.write_bytes(b"".join([*lines[:2], line, lines[2]]))
    with pytest.raises(NotATrace, match="第 3 行"):
        list(read_trace(trace)[1])
