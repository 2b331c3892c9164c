"""What was laid down already, under which number? A small file of our own, since a gate takes files away.

SQLite, synchronous: what is written here survives the power cut of the next moment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import TypeVar

import msgspec

from adapters.errors import Misconfigured

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS laid (
    key TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    stage INTEGER NOT NULL
)
"""


class Stage(IntEnum):
    """How far it came."""

    BEGUN = 0
    """It has its number; nothing that anybody may read lies there."""
    SHOWING = 1
    """It was about to be shown, or just was."""
    DONE = 2
    """It lay there."""


class Laid(msgspec.Struct, frozen=True, kw_only=True):
    """One document that was to be laid down."""

    key: str
    number: int
    """Rises by one; a gap is seen by whoever reads."""
    name: str
    digest: str
    begun_at: datetime
    stage: Stage


class Book:
    """The book of one bridge. Every method blocks for a disk write or two: call it in a thread."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def find(self, key: str) -> Laid | None:
        """What is known of that key."""
        with self._open() as book:
            row = book.execute("SELECT key, number, name, digest, begun_at, stage FROM laid WHERE key = ?", (key,))
            return _laid(row.fetchone())

    def begin(self, key: str, digest: str, at: datetime, name: Callable[[int], str]) -> Laid:
        """Give it the next number, for good: it is durable when this returns. A key that has one gets a new one."""
        with self._open() as book:
            book.execute("BEGIN IMMEDIATE")
            (last,) = book.execute("SELECT coalesce(max(number), 0) FROM laid").fetchone()
            number = last + 1
            made = Laid(key=key, number=number, name=name(number), digest=digest, begun_at=at, stage=Stage.BEGUN)
            book.execute(
                "INSERT OR REPLACE INTO laid (key, number, name, digest, begun_at, stage) VALUES (?, ?, ?, ?, ?, 0)",
                (key, number, made.name, digest, at.isoformat()),
            )
            book.execute("COMMIT")
            return made

    def reached(self, key: str, stage: Stage) -> None:
        """It came so far."""
        with self._open() as book:
            book.execute("UPDATE laid SET stage = ? WHERE key = ?", (stage, key))

    def before(self, moment: datetime) -> list[Laid]:
        """What was begun before then."""
        with self._open() as book:
            rows = book.execute("SELECT key, number, name, digest, begun_at, stage FROM laid ORDER BY number")
            return [each for row in rows if (each := _laid(row)) is not None and each.begun_at < moment]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            book = sqlite3.connect(self._file, timeout=30, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise Misconfigured(f"打不开台账 {self._file}（{error}）：请核对磁盘和权限") from error
        try:
            book.execute("PRAGMA synchronous = FULL")
            book.execute(_SCHEMA)
            yield book
        except sqlite3.DatabaseError as error:
            raise Misconfigured(f"台账 {self._file} 不能读写（{error}）：请核对磁盘空间和权限") from error
        finally:
            book.close()


def _laid(row: tuple[str, int, str, str, str, int] | None) -> Laid | None:
    if row is None:
        return None
    key, number, name, digest, begun_at, stage = row
    return Laid(
        key=key,
        number=number,
        name=name,
        digest=digest,
        begun_at=datetime.fromisoformat(begun_at),
        stage=Stage(stage),
    )
