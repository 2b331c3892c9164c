"""The simulated receiver's folder: reads what is whole, takes it away as a gate does, and answers with files."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from adapters.bridges.peer_desk import Desk, Taken
from adapters.bridges.peer_page import SHANGHAI
from adapters.bridges.peer_scenario import Fault

LOOK_SECONDS: Final = 0.1


class FolderSide:
    """`to-peer` is read, `from-peer` is written."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.inbox = folder / "to-peer"
        self.outbox = folder / "from-peer"
        self._taken = folder / "taken"
        self._desk = desk
        self._last = 0
        for each in (self.inbox, self.outbox, self._taken):
            each.mkdir(parents=True, exist_ok=True)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if self.look():
                self.lay_list(self._desk.now().astimezone(SHANGHAI).date())
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> int:
        """Take what is there; how many files."""
        count = 0
        for mark in sorted(self.inbox.glob("*.ok")):
            file = mark.with_suffix("")
            told: Mapping[str, Any] = json.loads(mark.read_bytes())
            content = file.read_bytes() if file.exists() else b""
            if hashlib.sha256(content).hexdigest() != told["sha256"]:
                continue  # on its way
            self._in_order(int(told["seq"]))
            if not self._take(file.name, content):
                continue
            # As a gate: gone from where it lay.
            file.replace(self._taken / file.name)
            mark.unlink()
            count += 1
        return count

    def lay(self, name: str, items: list[dict[str, Any]]) -> None:
        """Answer with a file, whole when its mark is there."""
        self._write(f"{name}.json", json.dumps({"items": items}, ensure_ascii=False).encode())

    def lay_list(self, day: date) -> None:
        """The day's list."""
        cases = [
            {"key": each.key, "local_no": each.local_no, "case_no": each.case_no, "state": each.state, "at": each.at}
            for each in self._desk.ledger.cases()
            if datetime.fromisoformat(each.at).astimezone(SHANGHAI).date() == day
        ]
        self._write(f"list-{day:%Y%m%d}.json", json.dumps({"data": cases}, ensure_ascii=False).encode())

    def _take(self, name: str, content: bytes) -> bool:
        """False: left lying."""
        try:
            document = json.loads(content)
        except ValueError:
            self._desk.ledger.note(f"文件 {name} 不是 JSON", self._desk.now())
            return True
        if "-figures-" in name:
            self._desk.ledger.add_figures(str(document.get("key", "")), document, self._desk.now())
            return True
        taken = self._desk.take(document, "folder")
        return answer_later(self._desk, taken, document, self.lay)

    def _in_order(self, number: int) -> None:
        if self._last and number > self._last + 1:
            self._desk.ledger.note(f"序号从 {self._last} 跳到 {number}", self._desk.now())
        self._last = max(self._last, number)

    def _write(self, name: str, content: bytes) -> None:
        for each, what in ((name, content), (f"{name}.ok", json.dumps(_mark(content)).encode())):
            part = self.outbox / f".{each}.part"
            part.write_bytes(what)
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.replace(self.outbox / each)


def answer_later(desk: Desk, taken: Taken, document: Mapping[str, Any], lay: Any) -> bool:
    """What a folder or a table can say about an arrival: a no comes as news. False: it stays where it is (busy)."""
    if taken.fault is Fault.BUSY:
        desk.said(taken, "留在原处")
        return False
    if taken.fault is Fault.REFUSE:
        item = {
            "id": f"no-{taken.arrival}",
            "type": "returned",
            "key": taken.key,
            "local_no": str(document.get("local_no") or ""),
            "case_no": "",
            "at": desk.now().astimezone(SHANGHAI).isoformat(timespec="seconds"),
            "text": taken.why,
            "reason_code": "REFUSED",
            "by": "演练对端",
        }
        lay(item["id"], [item])
    desk.said(taken, "已取走")
    return True


def _mark(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
