"""What really happened at the simulated gateway? Its own ledger, which knows nothing of ours: the two are compared.

SQLite, synchronous: a peer that is killed still knows what it sent.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

_SCHEMA = """
CREATE TABLE IF NOT EXISTS arrivals (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, key TEXT NOT NULL, fault TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL, at TEXT NOT NULL,
    phone TEXT NOT NULL, text TEXT NOT NULL, template TEXT NOT NULL, segments INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT '', due_at TEXT NOT NULL, told_at TEXT, tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS messages_key ON messages (key);
CREATE INDEX IF NOT EXISTS messages_untold ON messages (due_at) WHERE told_at IS NULL;
"""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message that went to a telephone: an effect."""

    id: str
    key: str
    at: str
    phone: str
    text: str
    template: str
    segments: int
    state: str
    """Empty until its receipt was told."""
    due_at: str
    tries: int


class Ledger:
    """The ledger. One connection, used by one loop."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._book = sqlite3.connect(file, isolation_level=None)
        self._book.row_factory = sqlite3.Row
        self._book.execute("PRAGMA journal_mode = WAL")
        self._book.execute("PRAGMA synchronous = FULL")
        self._book.executescript(f"BEGIN; {_SCHEMA} COMMIT;")

    def close(self) -> None:
        """Close the file."""
        self._book.close()

    def arrived(self, key: str, at: datetime) -> int:
        """Something came; its running number, counted from 1."""
        row = self._book.execute("INSERT INTO arrivals (at, key) VALUES (?, ?)", (at.isoformat(), key))
        return row.lastrowid or 0

    def judged(self, arrival: int, *, fault: str, message: str) -> None:
        """What went wrong with it, and the message it became."""
        self._book.execute("UPDATE arrivals SET fault = ?, message = ? WHERE number = ?", (fault, message, arrival))

    def send(
        self, key: str, phone: str, text: str, template: str, segments: int, at: datetime, due_at: datetime
    ) -> Sent:
        """A message goes to a telephone, whether or not one with that key went before."""
        count: int = self._book.execute("SELECT count(*) FROM messages").fetchone()[0]
        made = f"SMS{count + 1:08d}"
        self._book.execute(
            "INSERT INTO messages (id, key, at, phone, text, template, segments, due_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (made, key, at.isoformat(), phone, text, template, segments, due_at.isoformat()),
        )
        return self._messages("WHERE id = ?", made)[0]

    def by_key(self, key: str) -> list[Sent]:
        """The messages that went with that key."""
        return self._messages("WHERE key = ?", key)

    def untold(self) -> list[Sent]:
        """Messages whose receipt nobody has acknowledged, the earliest due first."""
        return self._messages("WHERE told_at IS NULL ORDER BY due_at")

    def tried(self, message: str) -> None:
        """The receipt was sent, and not acknowledged."""
        self._book.execute("UPDATE messages SET tries = tries + 1 WHERE id = ?", (message,))

    def told(self, message: str, state: str, at: datetime) -> None:
        """The receipt was acknowledged, or nobody is told."""
        self._book.execute("UPDATE messages SET state = ?, told_at = ? WHERE id = ?", (state, at.isoformat(), message))

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All of it, for whoever compares; the newest last."""
        return {
            name: [dict(row) for row in self._book.execute(f"SELECT * FROM {name} ORDER BY number")]
            for name in ("arrivals", "messages")
        }

    def _messages(self, where: str, *values: str) -> list[Sent]:
        rows = self._book.execute(
            f"SELECT id, key, at, phone, text, template, segments, state, due_at, tries FROM messages {where}", values
        )
        return [Sent(**dict(row)) for row in rows]
