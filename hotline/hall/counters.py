"""Turns what happened into Prometheus counters. Labels are halls and queues, never callers."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.telephony import Handling
from hotline.calls.call import Direction
from hotline.calls.outcome import Outcome
from hotline.hall.events import CallArrived, CallEnded, CallQueued, CallTaken
from hotline.hall.state import Decision, HallState
from hotline.metrics import ANSWER_SECONDS, CALLS_ABANDONED, CALLS_ANSWERED, CALLS_OFFERED


def count(state: HallState, decisions: Sequence[Decision]) -> None:
    """Count what a committed batch says. Callers who never reached a queue are counted under the empty one."""
    hall = state.rules.hall
    for decision in decisions:
        for event in decision.events:
            match event:
                case CallArrived(handling=Handling.DEVICE):
                    CALLS_OFFERED.labels(hall, "").inc()
                case CallQueued(queue=queue):
                    CALLS_OFFERED.labels(hall, queue).inc()
                case CallTaken(waited=waited) if not _outbound(decision, event.call):
                    ANSWER_SECONDS.labels(hall, _queue(decision, event.call)).observe(waited)
                case CallEnded() | CallTaken() if _outbound(decision, event.call):
                    pass
                case CallEnded(outcome=outcome):
                    queue = _queue(decision, event.call)
                    if not queue and not _observed(decision, event.call):
                        CALLS_OFFERED.labels(hall, queue).inc()
                    # Here, not when a seat takes it: a call whose lawyer vanished is taken twice.
                    (CALLS_ANSWERED if outcome == Outcome.ANSWERED else CALLS_ABANDONED).labels(hall, queue).inc()
                case _:
                    pass


def _queue(decision: Decision, call: str | None) -> str:
    found = next((each for each in decision.calls.values() if each.id == call), None)
    return (found.queue or "") if found is not None else ""


def _outbound(decision: Decision, call: str | None) -> bool:
    return any(each.id == call and each.direction is Direction.OUT for each in decision.calls.values())


def _observed(decision: Decision, call: str | None) -> bool:
    return any(each.id == call and each.handling is Handling.DEVICE for each in decision.calls.values())
