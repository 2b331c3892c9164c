"""What the tests of bridges share: a package, a receiver with its ledger, and a bridge to it, built as a site does."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters import bridge_registry
from adapters.bridge import Bridge
from adapters.bridges.peer_desk import Desk
from adapters.bridges.peer_files import FolderSide
from adapters.bridges.peer_http import app_of
from adapters.bridges.peer_ledger import Ledger
from adapters.bridges.peer_rows import TableSide
from adapters.bridges.peer_scenario import Scenario
from adapters.bridges.peer_serving import listening
from adapters.handover_package import (
    Attachment,
    CallSegment,
    Confirmation,
    Consent,
    HandoverPackage,
    LegalBasis,
    Mode,
    Sender,
    Urgency,
)
from adapters.registry import Site

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
SECRET = "whsec_" + "c29tZS1zZWNyZXQtb2YtdGhpcnR5LXR3by1ieXRlcyE="
OLD_SECRET = "whsec_" + "YW5vdGhlci1zZWNyZXQtb2YtdGhpcnR5LXR3by1ieSE="
SECRETS = {"env:PEER": SECRET, "env:OLD": OLD_SECRET, "env:TOKEN": "a-token-of-some-length"}
WAYS = ("http", "folder", "table")
PATIENCE_SECONDS = 20.0


def package(key: str = "H1-20261123-000001.1", **changes: Any) -> HandoverPackage:
    """A complete one, with a confirmation, as 110 wants it."""
    given: dict[str, Any] = {
        "key": key,
        "local_no": key.rpartition(".")[0] or key,
        "hall": "h1",
        "peer": "city",
        "mode": Mode.TICKET_FLOW,
        "reason_code": "R1",
        "reason": "属于市场监管部门职责",
        "scope_item": "A-07",
        "legal_basis": LegalBasis.CONSENT,
        "consent": Consent(given=True, asked_at=NOW, asked_by="8001"),
        "confirmed": Confirmation(by="8001", at=NOW),
        "urgency": Urgency.URGENT,
        "first_receiver": "连云港市 12348",
        "happened_at": NOW - timedelta(minutes=9),
        "caller_name": "王某",
        "caller_number": "13800138000",
        "area_code": "320703",
        "area": "连云区",
        "category": "消费维权",
        "category_code": "0307",
        "title": "预付卡退款",
        "facts": "健身房停业，\n预付款 3,000 元不退。<b>&",
        "claim": "退款",
        "answered": "已告知可以投诉",
        "calls": (CallSegment(begun_at=NOW, seconds=312, seat="8001", recording="rec-1"),),
        "attachments": (Attachment(name="合同.pdf", reference="file-1", bytes=1024),),
        "sent_by": Sender(name="李律师", number="8001", unit="市公共法律服务中心", telephone="051885800000"),
        "prepared_at": NOW,
    }
    return HandoverPackage(**(given | changes))


def site(folder: Path, **secrets: str) -> Site:
    """A place that knows some secrets."""
    return Site(state_dir=folder, secret=(SECRETS | secrets).__getitem__)


def build(folder: Path, table: dict[str, Any], **secrets: str) -> Bridge:
    """The bridge of `[bridges.city]`."""
    return bridge_registry.build("city", table, site(folder, **secrets))


class Stage:
    """A receiver, and the bridge to it."""

    def __init__(self, way: str, desk: Desk, bridge: Bridge, look: Callable[[], Any], side: Any) -> None:
        self.way = way
        self.desk = desk
        self.bridge = bridge
        self.side = side
        """The receiver's folder or tables; None by HTTP."""
        self.url = ""
        """The receiver's address, by HTTP."""
        self._look = look

    def now_on(self, **changes: Any) -> None:
        """The receiver behaves like this from now on."""
        self.desk.scenario = Scenario.model_validate(changes)

    async def look(self) -> None:
        """Let the receiver look at its folder or table; by HTTP it has seen what came."""
        found = self._look()
        if asyncio.iscoroutine(found):
            await found

    def effects(self, key: str) -> int:
        """So many cases has the receiver opened for that key."""
        return len(self.desk.ledger.by_key(key))


@asynccontextmanager
async def stage(
    way: str,
    folder: Path,
    *,
    kind: str = "line12345",
    more: dict[str, Any] | None = None,
    url: str = "",
    **scenario: Any,
) -> AsyncIterator[Stage]:
    """A receiver that is reached this way. `more`: further keys of the bridge's table; `url`: of a shared database."""
    ledger = Ledger(folder / "peer" / "ledger.sqlite")
    desk = Desk(ledger, Scenario.model_validate(scenario))
    keys: dict[str, Any] = {"kind": kind, "callback": {"secrets": ["env:PEER", "env:OLD"]}} | (more or {})
    bridge: Bridge | None = None
    try:
        match way:
            case "http":
                async with listening(app_of(desk, SECRET)) as port:
                    http = {"url": f"http://127.0.0.1:{port}", "secret": "env:PEER"} | keys.pop("http", {})
                    bridge = build(folder, keys | {"http": http})
                    made = Stage(way, desk, bridge, lambda: None, None)
                    made.url = http["url"]
                    yield made
            case "folder":
                side = FolderSide(desk, folder / "peer")
                paths = {"out": str(side.inbox), "inbox": str(side.outbox), "lists": True} | keys.pop("folder", {})
                bridge = build(folder, keys | {"folder": paths})
                yield Stage(way, desk, bridge, side.look, side)
            case _:
                url = url or f"sqlite:///{folder / 'shared.sqlite'}"
                rows = TableSide(desk, url)
                await rows.make()
                table = {"url": "env:TABLE", "out_number": "case_no"} | keys.pop("table", {})
                bridge = build(folder, keys | {"table": table}, **{"env:TABLE": url})
                yield Stage(way, desk, bridge, rows.look, rows)
                await rows.close()
    finally:
        if bridge is not None:
            await bridge.close()
        ledger.close()


@asynccontextmanager
async def program(folder: Path, *arguments: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """The receiver as a program, with its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.bridges.peer", "--state", str(folder / "peer"), *arguments),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"HOTLINE_PEER_SECRET": SECRET},
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS * 2):
            found = re.search(r"http://[0-9.]+:[0-9]+", (await process.stdout.readline()).decode())
        assert found is not None
        yield found[0], process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
