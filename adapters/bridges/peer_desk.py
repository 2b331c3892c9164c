"""The simulated receiver's desk: takes what comes, opens cases, and decides what becomes of them. No wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from adapters.bridges.peer_ledger import Case, Ledger
from adapters.bridges.peer_scenario import TAKEN, Fault, Scenario

NEEDED: Final = ("key", "local_no", "facts", "legal_basis")
"""Without these, a document is refused whatever the scenario."""
MAX_FACTS: Final = 10_000


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk did with one arrival."""

    arrival: int
    key: str
    case: Case | None = None
    """None: nothing was opened."""
    fresh: bool = False
    """It was opened now, not before."""
    fault: Fault | None = None
    why: str = ""
    """Why it is refused."""


class Desk:
    """Ledger and scenario."""

    def __init__(
        self, ledger: Ledger, scenario: Scenario, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.ledger = ledger
        self.scenario = scenario
        self.now = now
        self.woken = asyncio.Event()
        """There may be news to tell."""

    def take(self, document: Mapping[str, Any], way: str) -> Taken:
        """Take a case file. The ledger has it before this returns."""
        key, local_no = str(document.get("key") or ""), str(document.get("local_no") or "")
        arrival = self.ledger.arrived(way, key, local_no, self.now())
        fault = self.scenario.fault(arrival)
        if fault is Fault.LATE and way != "http":
            fault = None
        lacking = [name for name in NEEDED if not str(document.get(name) or "").strip()]
        if fault is None and (lacking or len(str(document.get("facts"))) > MAX_FACTS):
            why = f"缺少 {'、'.join(lacking)}" if lacking else f"facts 超过 {MAX_FACTS} 个字"
            return Taken(arrival=arrival, key=key, fault=Fault.REFUSE, why=why)
        if fault is not None and fault not in TAKEN:
            return Taken(arrival=arrival, key=key, fault=fault, why="不属于本单位职责（剧本）")
        return self.open(document, way, arrival, fault)

    def open(self, document: Mapping[str, Any], way: str, arrival: int, fault: Fault | None) -> Taken:
        """Open the case of an arrival."""
        key, local_no = str(document.get("key") or ""), str(document.get("local_no") or "")
        case, fresh = self.ledger.open_case(
            key=key,
            local_no=local_no,
            way=way,
            document=document,
            at=self.now(),
            deduplicates=self.scenario.deduplicates,
        )
        if fresh:
            self._plan(case, answered=way == "http" and fault is None)
            self.woken.set()
        return Taken(arrival=arrival, key=key, case=case, fresh=fresh, fault=fault)

    def said(self, taken: Taken, words: str) -> None:
        """Write down what was answered."""
        self.ledger.answered(
            taken.arrival,
            fault=taken.fault or "",
            case_no=taken.case.case_no if taken.case is not None else "",
            said=words,
        )

    def _plan(self, case: Case, *, answered: bool) -> None:
        """What becomes of the case, a step after the other."""
        scenario = self.scenario
        if scenario.silent:
            return
        before = [each for each in self.ledger.by_ticket(case.local_no) if each.case_no != case.case_no]
        steps: list[tuple[str, str]] = []
        if not answered:
            # By HTTP the answer was the receipt; where it got lost, and on the other ways, news say it.
            steps.append(("acknowledged", ""))
        if scenario.stops_at != "acknowledged":
            if scenario.return_first and not before:
                steps.append(("returned", "材料不全，请补充后再转（剧本）"))
            else:
                steps.append(("accepted", ""))
                if scenario.stops_at == "done":
                    steps.append(("feedback", "已联系来电人，正在办理（剧本）"))
                    steps.append(("done", "已办结并答复来电人（剧本）"))
        at = self.now()
        for number, (kind, text) in enumerate(steps, start=1):
            at += timedelta(seconds=scenario.step_seconds)
            self.ledger.plan(case, number, kind, text, at)
