"""How does the simulated receiver hand cases of its own to us (转入)? Each until it is answered with our number."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import httpx2
from standardwebhooks import Webhook

from adapters.bridges.peer_desk import Desk
from adapters.bridges.peer_page import SHANGHAI

AGAIN_SECONDS: Final = 1.0


class HandingIn:
    """Hands in what the scenario says; some of it twice, as it tells news twice."""

    def __init__(self, desk: Desk, *, callback: str, secret: str) -> None:
        """`callback`: where news go; cases go to `cases` beside it."""
        self._desk = desk
        self._address = callback.removesuffix("/callback") + "/cases"
        self._webhook = Webhook(secret) if secret else None

    async def run(self) -> None:
        """Until cancelled."""
        scenario, ledger = self._desk.scenario, self._desk.ledger
        async with httpx2.AsyncClient(timeout=10.0, trust_env=False) as client:
            while left := ledger.to_hand_in(scenario.hand_in, self._desk.now()):
                for key, case_no in left:
                    for _ in range(2 if scenario.happens(scenario.duplicate_news, f"hand-in/{key}") else 1):
                        ledger.handed_in(key, *await self._post(client, key, case_no))
                await asyncio.sleep(AGAIN_SECONDS)

    async def _post(self, client: httpx2.AsyncClient, key: str, case_no: str) -> tuple[str, str]:
        """Their number, empty where they did not take it, and what they said."""
        body = json.dumps(self._case(key, case_no), ensure_ascii=False).encode()
        headers = {"content-type": "application/json"}
        if self._webhook is not None:
            now = self._desk.now()
            headers |= {
                "webhook-id": key,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": self._webhook.sign(key, now, body.decode()),
            }
        try:
            answer = await client.post(self._address, content=body, headers=headers)
            if answer.status_code >= 300:
                return "", f"HTTP {answer.status_code}"
            said: dict[str, Any] = answer.json()
            return str(said["data"]["case_no"]), str(said["code"])
        except (httpx2.HTTPError, OSError, ValueError, KeyError, TypeError) as error:
            return "", type(error).__name__

    def _case(self, key: str, case_no: str) -> dict[str, Any]:
        return {
            "key": key,
            "case_no": case_no,
            "facts": "来电人反映拖欠工资三个月，希望得到法律帮助（剧本）。",
            "claim": "申请法律援助",
            "caller_name": "演练",
            "caller_number": "13900139000",
            "area": "连云区",
            "category": "劳动争议",
            "urgency": "normal",
            "reason": "属于公共法律服务",
            "sent_by": "演练对端",
            "at": self._desk.now().astimezone(SHANGHAI).isoformat(timespec="seconds"),
        }
