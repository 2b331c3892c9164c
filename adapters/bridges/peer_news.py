"""How does the simulated receiver tell what became of a case? By callback, file or row; again until it is heard."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import httpx2
from standardwebhooks import Webhook

from adapters.bridges.peer_desk import Desk
from adapters.bridges.peer_ledger import Telling
from adapters.bridges.peer_page import SHANGHAI

LONGEST_PAUSE_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.2

Lay = Callable[[str, list[dict[str, Any]]], None]
"""Lay down items under a name, or as rows; blocks."""


class Teller:
    """Tells the ledger's news. Of one case, one after the other."""

    def __init__(self, desk: Desk, *, callback: str, secret: str, ways: Mapping[str, Lay]) -> None:
        """`ways`: how cases are answered that came by folder or table."""
        self._desk = desk
        self._callback = callback
        self._webhook = Webhook(secret) if secret else None
        self._ways = ways

    async def run(self) -> None:
        """Until cancelled."""
        async with httpx2.AsyncClient(timeout=10.0, trust_env=False) as client:
            while True:
                self._desk.woken.clear()
                pause = await self.tell_due(client)
                try:
                    async with asyncio.timeout(pause):
                        await self._desk.woken.wait()
                except TimeoutError:
                    continue

    async def tell_due(self, client: httpx2.AsyncClient) -> float:
        """Tell what is due; how long until there may be more."""
        pause = LONGEST_PAUSE_SECONDS
        for telling in self._desk.ledger.untold():
            wait = (datetime.fromisoformat(telling.due_at) - self._desk.now()).total_seconds()
            wait += min(LONGEST_PAUSE_SECONDS, 0.1 * (2**telling.tries - 1))
            if wait > 0:
                pause = min(pause, wait)
                continue
            if await self._tell(telling, client):
                self._desk.ledger.told(telling, self._desk.now())
            else:
                self._desk.ledger.tried(telling.id)
            pause = min(pause, 0.01)
        return pause

    async def _tell(self, telling: Telling, client: httpx2.AsyncClient) -> bool:
        scenario = self._desk.scenario
        times = 2 if scenario.happens(scenario.duplicate_news, f"twice/{telling.id}") else 1
        rubbish = telling.tries == 0 and scenario.happens(scenario.rubbish_news, f"rubbish/{telling.id}")
        item = self._item(telling)
        if telling.way != "http":
            lay = self._ways.get(telling.way)
            if lay is None:
                return True
            if rubbish:
                await asyncio.to_thread(lay, f"{telling.id}-bad", [{"type": "?", "text": "乱码"}])
            for number in range(times):
                await asyncio.to_thread(lay, f"{telling.id}-{number}", [item])
            return True
        if not self._callback:
            return True
        if rubbish:
            await self._post(client, f"{telling.id}-bad", b"{[", right=True)
        if scenario.happens(scenario.unsigned_news, f"unsigned/{telling.id}"):
            await self._post(client, f"{telling.id}-unsigned", json.dumps({"items": [item]}).encode(), right=False)
        body = json.dumps({"items": [item]}, ensure_ascii=False).encode()
        heard = [await self._post(client, telling.id, body, right=True) for _ in range(times)]
        return all(heard)

    def _item(self, telling: Telling) -> dict[str, Any]:
        return {
            "id": telling.id,
            "type": telling.kind,
            "key": telling.key,
            "local_no": telling.local_no,
            "case_no": telling.case_no,
            "at": datetime.fromisoformat(telling.due_at).astimezone(SHANGHAI).isoformat(timespec="seconds"),
            "text": telling.text,
            "reason_code": "R01" if telling.kind == "returned" else "",
            "by": "演练对端",
        }

    async def _post(self, client: httpx2.AsyncClient, message: str, body: bytes, *, right: bool) -> bool:
        headers = {"content-type": "application/json"}
        if self._webhook is not None:
            now = self._desk.now()
            signature = self._webhook.sign(message, now, body.decode())
            headers |= {
                "webhook-id": message,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": signature if right else "v1,AAAA",
            }
        try:
            answer = await client.post(self._callback, content=body, headers=headers)
        except (httpx2.HTTPError, OSError):
            return False
        return answer.status_code < 300
