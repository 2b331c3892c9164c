"""A simulated device on the bench: what it said, and the hand that commands it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from adapters.simulated.device import Device
from adapters.simulated.line import Setup
from adapters.simulated.outside import Numbers, Outside
from adapters.simulated.world import Callers, Lawyers, Shape, Span, World
from adapters.telephony import (
    AdapterName,
    Arrange,
    CallEvent,
    CallKey,
    OfferId,
    Phone,
    PhoneKind,
    PortStatus,
    RingSeat,
    Watch,
)

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
K1, K2 = CallKey("run-1"), CallKey("run-2")
O1, O2, O3 = OfferId("c1.1"), OfferId("c1.2"), OfferId("c1.3")
STEADY = Callers(
    patience=Span(100, Shape.FIXED),
    talk=Span(60, Shape.FIXED),
    key_after=Span(4, Shape.FIXED),
    hears_out=1.0,
    wrong_key=0.0,
    no_key=0.0,
    withheld=0.0,
    late_number=0.0,
    patience_on_hold=Span(40, Shape.FIXED),
    message=Span(15, Shape.FIXED),
    presses_hash=0.0,
)
F = TypeVar("F", bound=CallEvent)


class Bench:
    """Time passes when it is told to; nobody but the robots picks up."""

    def __init__(
        self,
        arrivals: Iterable[float] = (0.0,),
        callers: Callers = STEADY,
        robots: tuple[str, ...] = ("8001", "8002", "8003"),
        start: datetime = START,
        run: str = "run",
        outside: Mapping[str, Outside] | None = None,
        **setup: object,
    ) -> None:
        self.heard: list[CallEvent] = []
        lawyers = Lawyers(picks_up_after=Span(3, Shape.FIXED), no_answer=0.0)
        self.device = Device(
            AdapterName("sim"),
            World(callers, lawyers, 1, Numbers(known=outside or {})),
            start,
            hear=self.heard.append,
            arrivals=iter(arrivals),
            setup=Setup(**{"ports": 4, "prompts": {"greeting": 6.0}, **setup}),  # pyright: ignore[reportArgumentType]  # fields by name
            answers_itself=robots.__contains__,
            keep=lambda name, seconds: (f"{name}.wav", seconds),
            run=run,
        )

    def at(self, now: float) -> list[str]:
        """Let time pass; what was said since the last look."""
        self.device.pass_time(now)
        return self.said()

    def said(self) -> list[str]:
        """What was said since the last look."""
        said = [type(fact).__name__ for fact in self.heard]
        self.heard.clear()
        return said

    def last(self, kind: type[F]) -> F:
        """The last thing said, which is of that kind."""
        fact = self.heard[-1]
        assert isinstance(fact, kind), fact
        return fact

    def ring(self, offer: OfferId = O1, extension: str = "8001", now: float = 0.0, call: CallKey = K1) -> None:
        """Ring a simulated phone."""
        phone = Phone(PhoneKind.SIMULATED, extension)
        self.device.do(RingSeat(call=call, offer=offer, phone=phone, seconds=20), now)

    def connect(self) -> None:
        """Rung at 0, picked up at 3, joined at 3."""
        self.device.pass_time(0)
        self.ring()
        self.device.pass_time(3)
        self.arrange(O1, now=3)
        self.heard.clear()

    def add(self, offer: OfferId, extension: str, now: float) -> None:
        """Rung then, picked up 3 s later."""
        self.ring(offer, extension, now)
        self.device.pass_time(now + 3)
        self.heard.clear()

    def arrange(
        self,
        *room: OfferId,
        now: float,
        caller: bool = True,
        muted: tuple[OfferId, ...] = (),
        watching: tuple[Watch, ...] = (),
        call: CallKey = K1,
    ) -> list[str]:
        """The whole picture; what was said."""
        self.device.do(Arrange(call=call, room=room, caller=caller, muted=muted, watching=watching), now)
        return self.said()

    def port(self) -> PortStatus:
        """The only live call."""
        (status,) = self.device.ports()
        return status
