"""What the tests of pulling share: a device with calls in its list, and the gateway that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway_samples import SECRETS

from adapters.gateway_push.dialects import Dialect
from adapters.gateway_push.simulated_answers import DinstarAnswers, MappedAnswers, listing
from adapters.gateway_push.simulated_answers_yeastar import CsvAnswers, YeastarAnswers
from adapters.gateway_push.simulated_call import SimulatedCall
from adapters.gateway_push.simulated_list import CallList, served
from adapters.telephony import CallFact, CallOffered, CallReleased, Decodes, SeatAnswered

NOW = datetime.now(UTC).replace(microsecond=0)
"""Device and answers live in real time."""
DAY = timedelta(days=1)
ANSWERS = {
    Dialect.DINSTAR: DinstarAnswers,
    Dialect.YEASTAR_P: YeastarAnswers,
    Dialect.YEASTAR_S: CsvAnswers,
    Dialect.MAPPED: MappedAnswers,
}
PULLED = sorted(ANSWERS)


def made(count: int, *, every: timedelta = timedelta(minutes=7), last: datetime | None = None) -> list[SimulatedCall]:
    """Calls one after the other, the last of which ended some minutes ago; every third caller gave up."""
    calls = list[SimulatedCall]()
    for number in range(1, count + 1):
        offered = (last or NOW - timedelta(minutes=5)) - every * (count - number)
        answered = None if number % 3 == 0 else offered + timedelta(seconds=9)
        calls.append(
            SimulatedCall(
                number=number,
                key=f"gw1-{number:06d}",
                caller=f"1380013{number:04d}",
                dialled="12348",
                offered=offered,
                seat="8001" if answered else "",
                seat_rang=offered + timedelta(seconds=4) if answered else None,
                answered=answered,
                released=offered + timedelta(seconds=69 if answered else 21),
                by="caller",
            )
        )
    return calls


class Stage:
    """A device that can be asked."""

    def __init__(self, dialect: Dialect, listed: CallList, answers: Any, url: str) -> None:
        self.dialect = dialect
        self.listed = listed
        self.answers = answers
        self.url = url

    def keys(self, **pull: Any) -> dict[str, Any]:
        """Settings of a gateway that asks it."""
        table: dict[str, Any] = {"url": self.url, "username": "admin", "password": "env:PULL", **pull}
        if self.dialect is Dialect.YEASTAR_S:
            table |= {"report_url": "10.1.0.5:8348/api/v1/gateways/gw-1/events?token={token}"}
        more = {"not_seats": ["6200"]} if self.dialect is Dialect.YEASTAR_P else {}
        return {"pull": table, **more}


@asynccontextmanager
async def device(dialect: str, calls: Sequence[SimulatedCall] = (), **more: Any) -> AsyncIterator[Stage]:
    """A device of that dialect on this machine."""
    listed = listing(Dialect(dialect), password=SECRETS["env:PULL"])
    listed.calls += calls
    answers = ANSWERS[Dialect(dialect)](listed)
    async with served(listed, answers.routes(), **more) as url:
        yield Stage(Dialect(dialect), listed, answers, url)


def facts_of(target: Decodes, bodies: Sequence[bytes]) -> list[CallFact]:
    """What the bodies say, nothing refused."""
    facts = list[CallFact]()
    for body in bodies:
        delivery = target.decode(body, datetime.now(UTC))
        assert not delivery.refused
        assert not delivery.repaired
        for fact in delivery.events:
            assert isinstance(fact, CallFact)
            facts.append(fact)
    return facts


def told(facts: Sequence[CallFact]) -> dict[str, tuple[Any, ...]]:
    """By caller: when it rang, who answered and when, when it was over."""
    calls = dict[str, list[CallFact]]()
    for fact in facts:
        assert fact.backfilled
        calls.setdefault(fact.call, []).append(fact)
    found = dict[str, tuple[Any, ...]]()
    for every in calls.values():
        (offered,) = [fact for fact in every if isinstance(fact, CallOffered)]
        (released,) = [fact for fact in every if isinstance(fact, CallReleased)]
        answered = [fact for fact in every if isinstance(fact, SeatAnswered)]
        assert len(answered) < 2
        seat, at = (answered[0].seat, answered[0].at) if answered else (None, None)
        found[(offered.caller or "").removeprefix("+86")] = (offered.at, seat, at, released.at)
    return found


def true(calls: Sequence[SimulatedCall]) -> dict[str, tuple[Any, ...]]:
    """The same as the device's own list knows it."""
    return {call.caller: (call.offered, call.seat or None, call.answered, call.released) for call in calls}
