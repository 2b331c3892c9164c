"""What did the device and the gateway write down themselves, before the service had seen anything of it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from adapters.telephony import AdapterName, CallEvent, CallOffered, CallReleased, LegsJoined
from hotline.verify import Delivered, LedgerRow, compare_delivered, compare_ledger, read_calls, verify
from hotline.verify.verdict import Check

TOLERANCE = timedelta(seconds=30)
"""What happens while nobody listens is learnt afterwards, and dated then."""
NEVER = datetime.max.replace(tzinfo=UTC)


class OtherEnds:
    """The ledgers at the other ends of the lines."""

    def __init__(self) -> None:
        self.delivered: list[Delivered] = []
        """What the gateway got its 2xx for."""
        self._calls: dict[str, dict[str, Any]] = {}
        self._unheard: list[tuple[datetime, datetime]] = []

    def note(self, fact: CallEvent) -> None:
        """The device writes down what it tells."""
        match fact:
            case CallOffered():
                self._calls[fact.call] = {"call": fact.call, "offered_at": fact.at, "outcome_hint": "unanswered"}
            case LegsJoined():
                self._calls[fact.call].setdefault("answered_at", fact.at)
                self._calls[fact.call]["outcome_hint"] = "answered"
            case CallReleased():
                self._calls[fact.call]["released_at"] = fact.at
            case _:
                pass

    @property
    def hung_up(self) -> int:
        """So many calls are over."""
        return sum("released_at" in row for row in self._calls.values())

    def unheard(self, since: datetime, until: datetime) -> None:
        """Nobody listened to the device: who came and went in that time is known to it alone."""
        self._unheard.append((since, until))

    async def judge(self, url: str, adapter: AdapterName, live: set[str]) -> list[Check]:
        """`verify`, asked with what is live on the device, and both ledgers."""
        verdict = await verify(url, live={adapter: live})
        calls = await read_calls(url, adapter=adapter)
        known = {call.key for call in calls}
        rows = [LedgerRow(**row) for row in self._calls.values() if row["call"] in known or not self._missed(row)]
        told = compare_ledger(rows, calls, tolerance=TOLERANCE)
        return [*verdict.checks, told, await compare_delivered(url, self.delivered)]

    def _missed(self, row: dict[str, Any]) -> bool:
        ended = row.get("released_at", NEVER)
        return any(since <= row["offered_at"] and ended <= until for since, until in self._unheard)


def red(checks: Sequence[Check]) -> set[int]:
    """The numbers of the checks that found something; 0 is the callers' ledger."""
    return {check.id for check in checks if not check.ok}


def told(checks: Sequence[Check]) -> str:
    """What they found, to read."""
    return "\n".join(f"{check.id} {msgspec.to_builtins(each)}" for check in checks for each in check.broken[:5])
