"""Asterisk's call records: lines as a real one wrote them, and everything that can happen to the file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from adapters.asterisk.follow import LAG, RecordsReader
from adapters.asterisk.records import Bookmark, facts, read_new, read_record
from adapters.asterisk.settings import AsteriskSettings
from adapters.telephony import (
    AdapterName,
    CallKey,
    CallOffered,
    CallReleased,
    Handling,
    RecordingStopped,
    SeatAnswered,
)

NAME = AdapterName("line-1")
DUTY = (
    'hl1,"h-1795319819.4","13900000000","12348",1795319819.291880,1795319819.293122,1795319821.055770,"ANSWERED",'
    '"fallback dialled=12348 duty=8000 at=1795319820.549 file=fallback/h-1795319819.4.wav"'
)
LOST = (
    'hl1,"h-1795319821.7","13900000001","12348",1795319821.315991,1795319821.316341,1795319821.725725,"ANSWERED",'
    '"fallback dialled=12348 nobody=NOANSWER"'
)
TAKEN = (
    'hl1,"h-1795319810.0","13900000002","12348",1795319810.544811,1795319810.545321,1795319816.800727,"NO ANSWER",'
    '"fallback dialled=12348"',
    'hl1,"h-1795319810.0","13900000002","12348",1795319816.800835,1795319816.800835,1795319818.864221,"ANSWERED",'
    '"hall"',
)
EARLY = LOST.replace("17953198", "17953197")
LATER = datetime.fromtimestamp(1795319830, UTC)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_a_recorded_call_of_the_hall_ended() -> None:
    """Its recording and its end, under the ids that the events would have had."""
    line = TAKEN[1].replace('"hall"', '"hall at=1795319817.864 file=2026/kf-1.wav"')
    recording, released = facts([read_record(line)], NAME, LATER)
    assert isinstance(recording, RecordingStopped)
    assert isinstance(released, CallReleased)
    assert (recording.name, recording.file, recording.handling) == ("2026/kf-1", "2026/kf-1.wav", Handling.HALL)
    assert recording.event_id == "h-1795319810.0/recording/2026/kf-1/stopped"
    assert recording.seconds == pytest.approx(1.0, abs=0.001)
    assert recording.at == released.at
    assert recording.backfilled


def test_the_duty_phone_answered() -> None:
    offered, answered, recording, released = facts([read_record(DUTY)], NAME, LATER)
    assert isinstance(offered, CallOffered)
    assert isinstance(answered, SeatAnswered)
    assert isinstance(recording, RecordingStopped)
    assert isinstance(released, CallReleased)
    assert (offered.caller, offered.dialled, answered.seat) == ("13900000000", "12348", "8000")
    assert offered.at == datetime(2026, 11, 22, 3, 56, 59, 291880, UTC)
    assert answered.at == datetime(2026, 11, 22, 3, 57, 0, 549000, UTC)
    assert released.at == datetime(2026, 11, 22, 3, 57, 1, 55770, UTC)
    assert recording.file == "fallback/h-1795319819.4.wav"
    told = (offered, answered, recording, released)
    assert all(said.backfilled and said.handling is Handling.DEVICE for said in told)


def test_nobody_answered() -> None:
    told = facts([read_record(LOST)], NAME, LATER)
    assert [type(said) for said in told] == [CallOffered, CallReleased]
    assert isinstance(told[-1], CallReleased)
    assert told[-1].cause == "noanswer"


def test_the_hall_had_it_last() -> None:
    (end,) = facts([read_record(text) for text in TAKEN], NAME, LATER)
    assert isinstance(end, CallReleased)
    assert (end.handling, end.event_id) == (Handling.HALL, "h-1795319810.0/released")
    assert end.at == datetime(2026, 11, 22, 3, 56, 58, 864221, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "hl2,1,2,3,4,5,6,7,8",
        "hl1,a,b",
        DUTY.replace("1795319821.055770", "0.0"),
        DUTY.replace("1795319819.291880", "x"),
    ],
)
def test_what_is_no_record(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_record(text)


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    try:
        record = read_record(text)
    except ValueError:
        return
    facts([record], NAME, LATER)


class TestFile:
    """Read on, held back, rotated, cut."""

    def _read(self, path: Path, bookmark: Bookmark, now: datetime = LATER) -> tuple[list[str], Bookmark, list[str]]:
        bad: list[str] = []
        records, there = read_new(path, bookmark, now, bad.append)
        return [record.caller for record in records], there, bad

    def test_missing(self, tmp_path: Path) -> None:
        assert self._read(tmp_path / "none.csv", Bookmark()) == ([], Bookmark(), [])

    def test_reads_on(self, tmp_path: Path) -> None:
        path = tmp_path / "r.csv"
        path.write_text(f"{DUTY}\n{LOST[:40]}")
        callers, there, _ = self._read(path, Bookmark(), _past(path))
        assert callers == ["13900000000"], "half a line is left for later"
        path.write_text(f"{DUTY}\n{LOST}\n")
        callers, there, _ = self._read(path, there, _past(path))
        assert callers == ["13900000001"]
        assert self._read(path, there, _past(path))[0] == []

    def test_bad_lines_are_passed_over(self, tmp_path: Path) -> None:
        path = tmp_path / "r.csv"
        path.write_bytes(b"\xff\xfe\n\n" + f"garbage,1\n{LOST}\n".encode())
        callers, _, bad = self._read(path, Bookmark(), _past(path))
        assert callers == ["13900000001"]
        assert len(bad) == 2

    def test_a_call_is_not_read_in_halves(self, tmp_path: Path) -> None:
        path = tmp_path / "r.csv"
        path.write_text("\n".join([EARLY, *TAKEN, ""]))
        callers, there, _ = self._read(path, Bookmark(), _at(1795319819.5))
        assert callers == ["13900000001"], "of the other call only the first half is settled"
        assert self._read(path, there, _past(path))[0] == ["13900000002", "13900000002"]

    def test_the_last_call_waits_until_the_file_rests(self, tmp_path: Path) -> None:
        path = tmp_path / "r.csv"
        path.write_text(f"{LOST}\n{TAKEN[0]}\n")
        fresh = datetime.fromtimestamp(path.stat().st_mtime, UTC) + timedelta(seconds=0.1)
        callers, there, _ = self._read(path, Bookmark(), fresh)
        assert callers == ["13900000001"]
        path.write_text("\n".join([LOST, *TAKEN, ""]))
        assert self._read(path, there, _past(path))[0] == ["13900000002", "13900000002"]

    def test_rotated_and_cut(self, tmp_path: Path) -> None:
        path = tmp_path / "r.csv"
        path.write_text(f"{DUTY}\n{LOST}\n")
        _, there, _ = self._read(path, Bookmark(), _past(path))
        path.rename(tmp_path / "r.csv.1")
        path.write_text(f"{LOST}\n")
        assert self._read(path, there, _past(path))[0] == ["13900000001"]
        path.write_text("")
        assert self._read(path, there, _past(path))[0] == []

    def test_the_tail_of_a_rotated_file_comes_first(self, tmp_path: Path) -> None:
        path, older = tmp_path / "r.csv", tmp_path / "r.csv.1"
        path.write_text(f"{DUTY}\n")
        _, there, _ = self._read(path, Bookmark(), _past(path))
        with path.open("a") as file:
            file.write(f"{LOST}\n")
        path.rename(older)
        callers, told, _ = self._read(path, there, _past(older))
        assert callers == ["13900000001"], "there is no new file yet"
        path.write_text("\n".join([*TAKEN, ""]))
        assert self._read(path, there, _past(path))[0] == ["13900000001"], "one file at a time"
        callers, there, _ = self._read(path, told, _past(path))
        assert callers == ["13900000002", "13900000002"]
        assert there.inode == path.stat().st_ino

    def test_half_a_line_at_the_end_of_a_rotated_file_holds_nobody_up(self, tmp_path: Path) -> None:
        path, older = tmp_path / "r.csv", tmp_path / "r.csv.1"
        older.write_text(f"{DUTY}\n{LOST[:40]}")
        path.write_text(f"{LOST}\n")
        callers, there, bad = self._read(path, Bookmark(older.stat().st_ino, 0), _past(path))
        assert (callers, len(bad)) == (["13900000000"], 1)
        assert self._read(path, there, _past(path))[0] == ["13900000001"]

    def test_what_was_rotated_unread_and_long_ago(self, tmp_path: Path) -> None:
        """The bookmark's file is compressed by now: everything that can be read is read, the oldest first."""
        path = tmp_path / "r.csv"
        (tmp_path / "r.csv.10").write_text(f"{LOST}\n")
        (tmp_path / "r.csv.2").write_text(f"{DUTY}\n")
        (tmp_path / "r.csv.3.gz").write_bytes(b"\x1f\x8b")
        path.write_text("\n".join([*TAKEN, ""]))
        there, read = Bookmark(inode=1, offset=7), list[str]()
        for _ in range(4):
            callers, there, bad = self._read(path, there, _past(path))
            read += callers
            assert not bad
        assert read == ["13900000001", "13900000000", "13900000002", "13900000002"]


class TestReader:
    """The bookmark on disk stays behind what was told."""

    def _reader(self, tmp_path: Path, **more: object) -> RecordsReader:
        table = {"password": "env:X", "records": str(tmp_path / "r.csv"), **more}
        settings = AsteriskSettings.model_validate(table)
        return RecordsReader(settings, NAME, tmp_path / "state" / "records.json")

    async def test_a_crash_reads_again_and_a_quiet_restart_does_not(self, tmp_path: Path) -> None:
        path = tmp_path / "r.csv"
        path.write_text(f"{DUTY}\n")
        now = _past(path)
        first = self._reader(tmp_path, records_days=10_000)
        assert len(await first.read(now, ())) == 4
        assert await first.read(now, ()) == []
        assert len(await self._reader(tmp_path, records_days=10_000).read(now, ())) == 4, "nothing was on disk yet"
        assert await first.read(now + LAG, ()) == []
        assert msgspec.json.decode((tmp_path / "state" / "records.json").read_bytes(), type=Bookmark).offset > 0
        assert await self._reader(tmp_path, records_days=10_000).read(now, ()) == []

    async def test_ends_that_were_told_and_old_records_are_left_out(self, tmp_path: Path) -> None:
        path = tmp_path / "r.csv"
        path.write_text("\n".join([*TAKEN, ""]))
        now = _past(path)
        told = {CallKey("h-1795319810.0")}
        assert await self._reader(tmp_path, records_days=10_000).read(now, told) == []
        assert len(await self._reader(tmp_path, records_days=10_000).read(now, ())) == 1

    async def test_records_a_month_old_are_left_out_and_told(self, tmp_path: Path) -> None:
        (tmp_path / "r.csv").write_text("\n".join([*TAKEN, ""]))
        assert len(await self._reader(tmp_path).read(LATER + timedelta(days=30), ())) == 1
        with structlog.testing.capture_logs() as logs:
            assert await self._reader(tmp_path).read(LATER + timedelta(days=32), ()) == []
        assert [(each["records"], each["older_than_days"]) for each in logs] == [(2, 31)]

    async def test_a_broken_bookmark_reads_all_again(self, tmp_path: Path) -> None:
        (tmp_path / "r.csv").write_text(f"{LOST}\n")
        (tmp_path / "state").mkdir()
        (tmp_path / "state" / "records.json").write_text("{")
        assert len(await self._reader(tmp_path, records_days=10_000).read(_past(tmp_path / "r.csv"), ())) == 2


def _past(path: Path) -> datetime:
    """A moment at which both the file and its records have rested."""
    return max(datetime.fromtimestamp(path.stat().st_mtime, UTC), LATER) + timedelta(seconds=5)
