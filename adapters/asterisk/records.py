"""Which calls came and went while nobody listened? Asterisk's own call records, read again from where we stopped.

The dial plan notes in each record who had the call last: `hall`, or `fallback dialled=12348 duty=8000 at=… file=…`; of
a recorded call of the hall we note `hall at=… file=…` ourselves. A call of the fallback becomes offered, answered by
the duty phone and released, `backfilled` and handled by the device; of a call of the hall only its recording is told,
and its end, with the time at which it truly ended. The form of a line is that of the template `cdr_custom.conf`.

Asterisk writes all records of a channel at its end: several, when the dial plan went on after an unanswered `Dial()`.
They share the channel's id, so a group is read only once its last record is `SETTLED` old.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from adapters.asterisk.ari import number
from adapters.asterisk.events import released_id, stopped_id
from adapters.telephony import (
    AdapterName,
    CallEvent,
    CallKey,
    CallOffered,
    CallReleased,
    EndedBy,
    Handling,
    RecordingStopped,
    SeatAnswered,
)

MARK: Final = "hl1"
SETTLED: Final = timedelta(seconds=1)
CHUNK: Final = 4 << 20
"""Bytes read at one look; what is left comes with the next."""

_EPOCH = re.compile(r"[0-9]{1,10}(\.[0-9]*)?", re.ASCII)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the records."""

    call: CallKey
    caller: str
    dialled: str
    start: datetime
    answer: datetime | None
    end: datetime
    disposition: str
    note: str


class Bookmark(msgspec.Struct, frozen=True):
    """How far the records have been read: the file (by inode, since it may be rotated) and the byte."""

    inode: int = 0
    offset: int = 0


def read_record(line: str) -> Record:
    """One line. Raises `ValueError` when it is not one of ours."""
    try:
        fields = next(csv.reader(io.StringIO(line, newline="")), [])
    except csv.Error as error:
        raise ValueError(str(error)) from error
    if len(fields) != 9 or fields[0] != MARK:
        raise ValueError(f"{len(fields)} fields, mark {fields[:1]}")
    _, call, caller, dialled, start, answer, end, disposition, note = fields
    began, over = _epoch(start), _epoch(end)
    if not call or began is None or over is None or over < began:
        raise ValueError("call, start or end missing")
    return Record(
        call=CallKey(call),
        caller=caller,
        dialled=dialled,
        start=began,
        answer=_epoch(answer),
        end=over,
        disposition=disposition,
        note=note,
    )


def facts(records: Iterable[Record], adapter: AdapterName, heard_at: datetime) -> list[CallEvent]:
    """What the records say, call by call in the order of their ends."""
    groups: dict[CallKey, list[Record]] = {}
    for record in records:
        groups.setdefault(record.call, []).append(record)
    said: list[CallEvent] = []
    for group in groups.values():
        last = max(group, key=lambda record: record.end)
        words = last.note.split()
        note = dict(word.split("=", 1) for word in words if "=" in word)
        if words[:1] == ["hall"]:
            said += _hall(last, note, adapter, heard_at)
        elif words[:1] == ["fallback"]:
            said += _fallback(group, last, note, adapter, heard_at)
    return said


def read_new(
    path: Path, bookmark: Bookmark, now: datetime, bad: Callable[[str], None]
) -> tuple[list[Record], Bookmark]:
    """The settled records after the bookmark, and the new bookmark.

    A file that was rotated (`hotline.csv.1`, not compressed yet) is read to its end before the one that took its place;
    when the bookmark's file is not among those that are there, all of them are read from their starts. A missing file
    has none, one that was cut short is read from its start. Blocking: call it in a thread. What is wrong with other
    lines goes to `bad`.
    """
    there = _files(path)
    known = [place for place, (_, inode) in enumerate(there) if inode == bookmark.inode]
    for place, (file, inode) in enumerate(there[known[0] :] if known else there):
        start = bookmark.offset if known and place == 0 else 0
        rotated = file != path
        found = _read_on(file, inode, start, now, bad, rotated)
        if found is None:
            return [], bookmark  # it was renamed at this very moment: the next look sees where to
        records, bookmark, whole = found
        if records or not (rotated and whole):
            return records, bookmark
    return [], bookmark


def _files(path: Path) -> list[tuple[Path, int]]:
    """The records and the rotated ones that can still be read, with their inodes, oldest first."""
    rotated: list[tuple[int, Path]] = []
    for beside in path.parent.glob(f"{path.name}.*"):
        number = beside.name.removeprefix(f"{path.name}.")
        if number.isdecimal():
            rotated.append((int(number), beside))
    files: list[tuple[Path, int]] = []
    for file in [*(beside for _, beside in sorted(rotated, reverse=True)), path]:
        with contextlib.suppress(FileNotFoundError):
            files.append((file, file.stat().st_ino))
    return files


def _read_on(
    path: Path, inode: int, start: int, now: datetime, bad: Callable[[str], None], rotated: bool
) -> tuple[list[Record], Bookmark, bool] | None:
    """The settled records from there on, the bookmark behind them, and whether the file is at its end; None when it is
    not that file any more."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_ino != inode:
                return None
            offset = start if start <= status.st_size else 0
            file.seek(offset)
            chunk = file.read(CHUNK)
    except FileNotFoundError:
        return None
    rests = now.timestamp() - status.st_mtime >= SETTLED.total_seconds()
    # To a rotated file nothing is added any more: half a line at its end stays half a line.
    cut = rotated and rests and offset + len(chunk) >= status.st_size
    lines = (chunk if cut else chunk[: chunk.rfind(b"\n") + 1]).splitlines(keepends=True)
    read = [_tried(line, bad) for line in lines]
    # A channel's records are written together, the young one last: none of them may be read alone.
    unsettled = {record.call for record in read if record and now - record.end < SETTLED}
    if read and (last := read[-1]) and not rests:
        unsettled.add(last.call)
    records: list[Record] = []
    for line, record in zip(lines, read, strict=True):
        if record and record.call in unsettled:
            break
        if record:
            records.append(record)
        offset += len(line)
    return records, Bookmark(inode, offset), offset >= status.st_size


def _hall(last: Record, note: dict[str, str], adapter: AdapterName, heard_at: datetime) -> list[CallEvent]:
    released = _released(last, Handling.HALL, adapter, heard_at, "")
    file, began = note.get("file", ""), _epoch(note.get("at", ""))
    if not file or began is None:
        return [released]
    name = file.rpartition(".")[0]
    stopped = RecordingStopped(
        adapter=adapter,
        event_id=stopped_id(last.call, name),
        at=last.end,
        heard_at=heard_at,
        call=last.call,
        backfilled=True,
        name=name,
        seconds=max(0.0, (last.end - began).total_seconds()),
        file=file,
    )
    return [stopped, released]


def _fallback(
    group: list[Record], last: Record, note: dict[str, str], adapter: AdapterName, heard_at: datetime
) -> list[CallEvent]:
    first = min(group, key=lambda record: record.start)
    call = first.call
    said: list[CallEvent] = [
        CallOffered(
            adapter=adapter,
            event_id=f"{call}/offered",
            at=first.start,
            heard_at=heard_at,
            call=call,
            handling=Handling.DEVICE,
            backfilled=True,
            caller=number(first.caller),
            dialled=number(note.get("dialled", first.dialled)),
        )
    ]
    answered = _epoch(note.get("at", ""))
    if "duty" in note and answered is not None:
        said.append(
            SeatAnswered(
                adapter=adapter,
                event_id=f"{call}/duty",
                at=min(answered, last.end),
                heard_at=heard_at,
                call=call,
                handling=Handling.DEVICE,
                backfilled=True,
                seat=note["duty"],
            )
        )
        if file := note.get("file"):
            said.append(
                RecordingStopped(
                    adapter=adapter,
                    event_id=f"{call}/duty/recording",
                    at=last.end,
                    heard_at=heard_at,
                    call=call,
                    handling=Handling.DEVICE,
                    backfilled=True,
                    name=file.rpartition(".")[0],
                    seconds=max(0.0, (last.end - answered).total_seconds()),
                    file=file,
                )
            )
    said.append(_released(last, Handling.DEVICE, adapter, heard_at, note.get("nobody", "").lower()))
    return said


def _released(record: Record, handling: Handling, adapter: AdapterName, heard_at: datetime, cause: str) -> CallReleased:
    return CallReleased(
        adapter=adapter,
        event_id=released_id(record.call),
        at=record.end,
        heard_at=heard_at,
        call=record.call,
        handling=handling,
        backfilled=True,
        by=EndedBy.UNKNOWN,
        cause=cause,
    )


def _tried(line: bytes, bad: Callable[[str], None]) -> Record | None:
    text = line.decode("utf-8", "replace").strip()
    try:
        return read_record(text) if text else None
    except ValueError as error:
        bad(str(error))
        return None


def _epoch(text: str) -> datetime | None:
    """Seconds since 1970 with a fraction, as Asterisk writes a time; 0 and nothing mean never."""
    whole, _, fraction = text.partition(".")
    if not _EPOCH.fullmatch(text) or int(whole) == 0:
        return None
    return datetime.fromtimestamp(int(whole), UTC) + timedelta(microseconds=int(f"{fraction:0<6.6}"))
