"""What really happened at the simulated receiver? Its own ledger, which knows nothing of ours: the two are compared.

SQLite, synchronous: a peer that is killed still knows what it took.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

_SCHEMA = """
CREATE TABLE IF NOT EXISTS arrivals (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, way TEXT NOT NULL, key TEXT NOT NULL,
    local_no TEXT NOT NULL, fault TEXT NOT NULL, case_no TEXT NOT NULL DEFAULT '', said TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS cases (
    number INTEGER PRIMARY KEY AUTOINCREMENT, case_no TEXT NOT NULL UNIQUE, key TEXT NOT NULL, local_no TEXT NOT NULL,
    way TEXT NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS cases_key ON cases (key);
CREATE INDEX IF NOT EXISTS cases_local_no ON cases (local_no);
CREATE TABLE IF NOT EXISTS news (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, case_no TEXT NOT NULL, kind TEXT NOT NULL,
    text TEXT NOT NULL, due_at TEXT NOT NULL, told_at TEXT, tries INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS figures (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, at TEXT NOT NULL, document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS handed (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, at TEXT NOT NULL, case_no TEXT NOT NULL,
    their_no TEXT NOT NULL DEFAULT '', tries INTEGER NOT NULL DEFAULT 0, said TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS heard (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, key TEXT NOT NULL,
    kind TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS notes (number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, text TEXT NOT NULL);
"""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case that was opened: an effect."""

    case_no: str
    key: str
    local_no: str
    way: str
    at: str
    state: str


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of news that is to be told."""

    id: str
    case_no: str
    key: str
    local_no: str
    way: str
    kind: str
    text: str
    due_at: str
    tries: int


class Ledger:
    """The ledger. One connection, used by one task at a time."""

    def __init__(self, file: Path, *, told: Callable[[dict[str, object]], None] = lambda _: None) -> None:
        """`told`: shown every entry as it is written."""
        file.parent.mkdir(parents=True, exist_ok=True)
        # Used from the loop and, by the folder and the table, from threads that it waits for.
        self._book = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._book.row_factory = sqlite3.Row
        self._book.execute("PRAGMA journal_mode = WAL")
        self._book.execute("PRAGMA synchronous = FULL")
        self._book.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        self._told = told

    def close(self) -> None:
        """Close the file."""
        self._book.close()

    def arrived(self, way: str, key: str, local_no: str, at: datetime) -> int:
        """Something came in; its number, from 1."""
        cursor = self._book.execute(
            "INSERT INTO arrivals (at, way, key, local_no, fault) VALUES (?, ?, ?, ?, '')",
            (at.isoformat(), way, key, local_no),
        )
        return int(cursor.lastrowid or 0)

    def answered(self, arrival: int, *, fault: str, case_no: str, said: str) -> None:
        """What became of it."""
        self._book.execute(
            "UPDATE arrivals SET fault = ?, case_no = ?, said = ? WHERE number = ?", (fault, case_no, said, arrival)
        )
        self._told({"arrival": arrival, "fault": fault, "case_no": case_no, "said": said})

    def open_case(
        self, *, key: str, local_no: str, way: str, document: Mapping[str, Any], at: datetime, deduplicates: bool
    ) -> tuple[Case, bool]:
        """Open a case; or the one that the key has already, and False."""
        if deduplicates and (found := self.by_key(key)):
            return found[0], False
        self._book.execute("BEGIN IMMEDIATE")
        (last,) = self._book.execute("SELECT coalesce(max(number), 0) FROM cases").fetchone()
        case = Case(
            case_no=f"PEER-{at:%Y%m%d}-{last + 1:06d}",
            key=key,
            local_no=local_no,
            way=way,
            at=at.isoformat(),
            state="acknowledged",
        )
        self._book.execute(
            "INSERT INTO cases (case_no, key, local_no, way, at, state, document) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (case.case_no, key, local_no, way, case.at, case.state, json.dumps(document, ensure_ascii=False)),
        )
        self._book.execute("COMMIT")
        self._told({"case": case.case_no, "key": key, "local_no": local_no})
        return case, True

    def add_figures(self, key: str, document: Mapping[str, Any], at: datetime) -> bool:
        """Keep a day's figures; False: that key is there."""
        if self._book.execute("SELECT 1 FROM figures WHERE key = ?", (key,)).fetchone():
            return False
        text = json.dumps(document, ensure_ascii=False)
        self._book.execute("INSERT INTO figures (key, at, document) VALUES (?, ?, ?)", (key, at.isoformat(), text))
        self._told({"figures": key})
        return True

    def by_key(self, key: str) -> list[Case]:
        """The cases that were opened for that key: more than one is a fault of somebody's."""
        return self._cases("WHERE key = ? ORDER BY number", key)

    def by_ticket(self, local_no: str) -> list[Case]:
        """The cases of a ticket of ours, in order."""
        return self._cases("WHERE local_no = ? ORDER BY number", local_no)

    def cases(self, day: str = "") -> list[Case]:
        """All of them, or those of a day (2026-11-23, by the ledger's zone), in order."""
        return self._cases("WHERE at LIKE ? ORDER BY number", f"{day}%")

    def state(self, case_no: str, state: str) -> None:
        """The case has come so far."""
        self._book.execute("UPDATE cases SET state = ? WHERE case_no = ?", (state, case_no))

    def plan(self, case: Case, number: int, kind: str, text: str, due_at: datetime) -> None:
        """News to be told then."""
        self._book.execute(
            "INSERT OR IGNORE INTO news (id, case_no, kind, text, due_at) VALUES (?, ?, ?, ?, ?)",
            (f"{case.case_no}-{number}", case.case_no, kind, text, due_at.isoformat()),
        )

    def untold(self) -> list[Telling]:
        """News that nobody has acknowledged, in order; of one case, only the first."""
        rows = self._book.execute(
            "SELECT n.id, n.case_no, c.key, c.local_no, c.way, n.kind, n.text, n.due_at, n.tries FROM news n"
            " JOIN cases c USING (case_no) WHERE n.number IN"
            " (SELECT min(number) FROM news WHERE told_at IS NULL GROUP BY case_no) ORDER BY n.due_at, n.number"
        )
        return [Telling(**dict(row)) for row in rows]

    def tried(self, news: str) -> None:
        """It was sent, and not acknowledged."""
        self._book.execute("UPDATE news SET tries = tries + 1 WHERE id = ?", (news,))

    def told(self, news: Telling, at: datetime) -> None:
        """It was acknowledged."""
        self._book.execute("UPDATE news SET told_at = ? WHERE id = ?", (at.isoformat(), news.id))
        self.state(news.case_no, news.kind)
        self._told({"news": news.id, "kind": news.kind})

    def to_hand_in(self, many: int, at: datetime) -> list[tuple[str, str]]:
        """So many cases of its own are to be handed over; key and number of those that nobody has taken yet."""
        for number in range(1, many + 1):
            values = (f"PEER-IN-{number:06d}", at.isoformat(), f"PEER-OWN-{number:06d}")
            self._book.execute("INSERT OR IGNORE INTO handed (key, at, case_no) VALUES (?, ?, ?)", values)
        rows = self._book.execute("SELECT key, case_no FROM handed WHERE their_no = '' AND number <= ?", (many,))
        return [(row["key"], row["case_no"]) for row in rows]

    def handed_in(self, key: str, their_no: str, said: str) -> None:
        """What was answered to one of them; the number is empty where it was not taken."""
        self._book.execute(
            "UPDATE handed SET tries = tries + 1, said = ?, their_no = ? WHERE key = ?", (said, their_no, key)
        )
        self._told({"handed": key, "their_no": their_no, "said": said})

    def add_heard(self, id: str, key: str, kind: str, text: str, at: datetime) -> bool:
        """What the other side tells of a case of ours; False: that is known."""
        if self._book.execute("SELECT 1 FROM heard WHERE id = ?", (id,)).fetchone():
            return False
        values = (id, at.isoformat(), key, kind, text)
        self._book.execute("INSERT INTO heard (id, at, key, kind, text) VALUES (?, ?, ?, ?, ?)", values)
        self._told({"heard": key, "kind": kind})
        return True

    def note(self, text: str, at: datetime) -> None:
        """Something that somebody should look at."""
        self._book.execute("INSERT INTO notes (at, text) VALUES (?, ?)", (at.isoformat(), text))
        self._told({"note": text})

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All of it, for whoever compares; the newest last."""
        return {
            name: [dict(row) for row in self._book.execute(f"SELECT * FROM {name} ORDER BY number")]
            for name in ("arrivals", "cases", "news", "figures", "handed", "heard", "notes")
        }

    def _cases(self, where: str, value: str) -> list[Case]:
        rows = self._book.execute(f"SELECT case_no, key, local_no, way, at, state FROM cases {where}", (value,))
        return [Case(**dict(row)) for row in rows]
