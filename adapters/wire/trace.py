"""What a wire carried, with times: captured in the field, replayed at the desk.

A trace (抓包记录) is a text file of JSON lines: the first says what it is, every other one is a stretch of bytes. It
holds callers' numbers, so it is readable by its owner only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

VERSION: Final = 1


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    hotline_trace: int = VERSION
    adapter: str
    began_at: datetime


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that came (or were sent) at one moment."""

    at: datetime
    wire: str
    hex: str
    sent: bool = False

    @property
    def data(self) -> bytes:
        """The bytes."""
        return bytes.fromhex(self.hex)


class NotATrace(ValueError):
    """The file is no trace, or is damaged."""


class TraceWriter:
    """Appends to a new file, each stretch at once. Raises `OSError`; `FileExistsError` where the file is there."""

    def __init__(self, path: Path, adapter: str, began_at: datetime) -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)
        self._put(Header(adapter=adapter, began_at=began_at))
        self.stretches = 0

    def write(self, wire: str, data: bytes, at: datetime, *, sent: bool = False) -> None:
        """One more stretch."""
        self._put(Stretch(at=at, wire=wire, hex=data.hex(), sent=sent))
        self.stretches += 1

    def close(self) -> None:
        """The trace is complete."""
        self._file.close()

    def _put(self, line: Header | Stretch) -> None:
        self._file.write(msgspec.json.encode(line) + b"\n")


def read_trace(path: Path) -> tuple[Header, Iterator[Stretch]]:
    """The header, and the stretches as they are read. Raises `NotATrace`, `OSError`. A last line that was cut off (the
    machine lost its power) ends the trace."""
    with path.open("rb") as file:
        try:
            header = msgspec.json.decode(file.readline(), type=Header)
        except (ValueError, RecursionError) as error:  # msgspec's own errors and UnicodeDecodeError are ValueErrors
            raise NotATrace(f"{path}：第 1 行不是抓包记录的开头") from error
    if header.hotline_trace != VERSION:
        raise NotATrace(f"{path}：版本 {header.hotline_trace} 的抓包记录，本程序只读版本 {VERSION}")
    return header, _stretches(path)


def _stretches(path: Path) -> Iterator[Stretch]:
    with path.open("rb") as file:
        file.readline()
        for number, line in enumerate(file, start=2):
            try:
                stretch = msgspec.json.decode(line, type=Stretch)
                bytes.fromhex(stretch.hex)
            except (ValueError, RecursionError) as error:
                if not line.endswith(b"\n"):
                    return
                raise NotATrace(f"{path}：第 {number} 行读不懂") from error
            yield stretch
