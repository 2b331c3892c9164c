"""Reads a story and plays it; see README.md for its language."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.telephony import (
    AdapterName,
    CallKey,
    DigitsPressed,
    Handling,
    LinkUp,
    PortStatus,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
)
from hotline.announcements.plan import Key, Menu
from hotline.calls.outcome import Outcome
from hotline.hall.inputs import (
    ForceState,
    GoBusy,
    GoReady,
    HallCommand,
    HangUp,
    Heard,
    LinkLost,
    PresenceChanged,
    RejectCall,
    SignOff,
    Snapshot,
    StayInWrapUp,
    TakeBreak,
    TakeCall,
)
from hotline.hall.rules import QueueRules, Widening
from hotline.hall.state import Decision
from seats.seat import SeatNo, SeatState
from tests.hall.kit import CARD, START, VirtualHall, queue, rules

CLOCK = re.compile(r"^\d\d:\d\d:\d\d$")


class Story:
    """One scenario file while it is played."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = path.read_text(encoding="utf-8").splitlines()
        self.hall: VirtualHall = self._hall()
        self.offers: dict[str, str] = {}
        self.decision = Decision()
        self._ordered = 0

    def play(self) -> int:
        """Play every row; raises `AssertionError` naming the line. Returns how many expectations were checked."""
        checked = 0
        for number, line in enumerate(self.lines, 1):
            cells = [cell.strip() for cell in re.split(r"\s{2,}", line.strip())]
            if not cells or not CLOCK.match(cells[0]):
                continue
            cells += [""] * (4 - len(cells))
            try:
                self._until(cells[0])
                self._do(cells[1], cells[2])
                for expected in filter(None, (each.strip() for each in cells[3].split(";"))):
                    self._expect(expected)
                    checked += 1
            except AssertionError as error:
                raise AssertionError(f"{self.path.name}:{number}: {line.strip()}\n  {error}") from error
        return checked

    def _hall(self) -> VirtualHall:
        queues: list[QueueRules] = []
        seats: dict[str, tuple[str, ...]] = {}
        more: dict[str, Any] = {}
        for line in self.lines:
            word, _, rest = line.strip().partition(" ")
            given = dict(part.split("=", 1) for part in rest.split() if "=" in part)
            match word:
                case "seats":
                    seats = {number: tuple(groups.split(",")) for number, groups in given.items()}
                case "queue":
                    queues.append(_queue(rest.split()[0], given))
                case "greeting":
                    more["greeting"] = rest.strip()
                case "menu":
                    more["menu"] = Menu(
                        prompt=rest.split()[0], keys=tuple(Key(key=k, queue=q) for k, q in given.items())
                    )
                case "sorry":
                    more["parting"] = {Outcome(outcome): prompt for outcome, prompt in given.items()}
                case _:
                    pass
        return VirtualHall(rules(*queues, **more), seats=seats or {"01": ("general",)})

    def _until(self, clock: str) -> None:
        hours, minutes, seconds = (int(part) for part in clock.split(":"))
        local = START + timedelta(hours=8)
        at = local.replace(hour=hours, minute=minutes, second=seconds) - timedelta(hours=8)
        self._ordered = len(self.hall.orders)
        while at < self.hall.now:
            at += timedelta(days=1)
        self.hall.pass_time((at - self.hall.now).total_seconds())

    # ── the left side: who does what ──

    def _do(self, who: str, what: str) -> None:
        if who in ("…", ""):
            return
        kind, _, name = who.partition(" ")
        actions: dict[str, Callable[[str, str], Decision | None]] = {
            "seat": self._seat,
            "caller": self._caller,
            "phone": self._phone,
            "gateway": self._gateway,
            "line": self._line,
            "班长": self._supervisor,
        }
        assert kind in actions, f"who is {who!r}?"
        self.decision = actions[kind](name, what) or Decision()
        for call in self.hall.state.calls.values():
            if call.offer is not None:
                self.offers[call.key] = call.offer

    def _seat(self, name: str, what: str) -> Decision:
        seat = SeatNo(name)
        there = self.hall.seat(name)
        word, _, rest = what.partition(" ")
        match word, rest:
            case "signs", "off":
                command: HallCommand = SignOff(seat=seat)
            case "signs", phone:
                return self.hall.sign_in(name, phone.removeprefix("in").strip() or "simulated")
            case "ready", _:
                command = GoReady(seat=seat)
            case "busy", reason:
                command = GoBusy(seat=seat, reason=reason)
            case "break", reason:
                command = TakeBreak(seat=seat, reason=reason)
            case "stays", _:
                command = StayInWrapUp(seat=seat)
            case "answers", _:
                return self.hall.picks_up(self._key_at(name))
            case "clicks", offer:
                command = TakeCall(seat=seat, offer=offer or there.offer or "")
            case "rejects", _:
                command = RejectCall(seat=seat, offer=there.offer or "")
            case "hangs", _:
                command = HangUp(seat=seat, call=self.hall.call(self._key_at(name)).id)
            case "is", where:
                command = PresenceChanged(seat=seat, here=where == "back")
            case _:
                raise AssertionError(f"a seat cannot {what!r}")
        return self.hall.ask(command, f"10{name}")

    def _caller(self, name: str, what: str) -> Decision:
        word, _, rest = what.partition(" ")
        match word:
            case "rings":
                return self.hall.rings(name, caller=rest or "13800138000")
            case "presses":
                return self.hall.hear(DigitsPressed, name, digits=rest)
            case "hears":
                return self.hall.prompt_ends(name)
            case "hangs":
                return self.hall.hangs_up(name)
            case _:
                raise AssertionError(f"a caller cannot {what!r}")

    def _phone(self, name: str, what: str) -> Decision:
        if what == "answers late":
            key = next(iter(self.offers))
            return self.hall.hear(SeatAnswered, key, offer=self.offers[key])
        key = self._key_at(name)
        offer = self.hall.call(key).offer
        match what:
            case "busy":
                return self.hall.hear(SeatDeclined, key, offer=offer, reason="busy")
            case "unreachable":
                return self.hall.hear(SeatDeclined, key, offer=offer, reason="unreachable", seat_fault=True)
            case "hangs up":
                return self.hall.hear(SeatReleased, key, offer=offer)
            case _:
                raise AssertionError(f"a phone cannot {what!r}")

    def _gateway(self, name: str, what: str) -> Decision:
        word, _, rest = what.partition(" ")
        observed: dict[str, Any] = {"handling": Handling.DEVICE}
        match word:
            case "rings" if len(rest) == 4:
                return self.hall.hear(SeatRinging, name, seat=rest, **observed)
            case "rings":
                return self.hall.rings(name, caller=rest or None, **observed)
            case "answered":
                return self.hall.hear(SeatAnswered, name, seat=rest, **observed)
            case "ends":
                return self.hall.hangs_up(name, **observed)
            case _:
                raise AssertionError(f"a gateway cannot {what!r}")

    def _line(self, _: str, what: str) -> Decision:
        if what == "lost":
            return self.hall.take(LinkLost(AdapterName(CARD), "cable"))
        now = self.hall.now
        self.hall.take(Heard(LinkUp(adapter=CARD, event_id=f"up {now}", at=now, heard_at=now)))
        ports: list[PortStatus] = []
        for name in what.removeprefix("back with").removeprefix("back").split():
            known = self.hall.state.find(CARD, CallKey(name))
            talking = known is not None and known.answered_at is not None
            offers = (known.offer,) if known is not None and known.offer is not None else ()
            ringing = bool(offers) and not talking
            ports.append(
                PortStatus(
                    call=CallKey(name),
                    since=now,
                    answered=talking,
                    room=offers if talking else (),
                    caller_in_room=talking,
                    picked_up=offers if talking else (),
                    ringing=offers if ringing else (),
                    recording=talking,
                )
            )
        return self.hall.take(Snapshot(adapter=CARD, asked_at=now, ports=tuple(ports)))

    def _supervisor(self, _: str, what: str) -> Decision:
        _, number, state = what.split()
        return self.hall.ask(ForceState(seat=SeatNo(number), state=SeatState(state), reason="班长"), "9001")

    # ── the right side: what is then true ──

    def _expect(self, expected: str) -> None:
        words = expected.split()
        match words:
            case ["seat", number, state]:
                assert self.hall.seat(number).state == state, f"seat {number} is {self.hall.seat(number).state}"
            case ["order", command, call]:
                found = [type(c).__name__ for c in self.hall.orders[self._ordered :] if c.call == call]
                assert command in found, f"orders for {call}: {found or 'none'}"
            case ["no", "order"]:
                found = [type(c).__name__ for c in self.hall.orders[self._ordered :]]
                assert not found, f"orders: {found}"
            case ["refused", code]:
                assert self.decision.refusal == code, f"refusal: {self.decision.refusal}"
            case [call, state]:
                assert self.hall.call(call).state == state, f"{call} is {self.hall.call(call).state}"
            case [call, state, "at", number]:
                there = self.hall.call(call)
                assert (there.state, there.seat) == (state, number), f"{call} is {there.state} at {there.seat}"
            case [call, "ended", outcome]:
                assert self.hall.call(call).outcome == outcome, f"{call}: {self.hall.call(call).outcome}"
            case _:
                raise AssertionError(f"what does {expected!r} mean?")

    def _key_at(self, number: str) -> str:
        held = self.hall.seat(number).call
        assert held is not None, f"there is no call at seat {number}"
        return next(call.key for call in self.hall.state.calls.values() if call.id == held)


def _queue(name: str, given: dict[str, str]) -> QueueRules:
    widen = given.get("widen", "")
    steps = tuple(
        Widening(after_seconds=int(after), groups=tuple(groups.split("+")))
        for after, groups in (step.split(":") for step in widen.split(",") if step)
    )
    return queue(
        name,
        groups=tuple(given.get("groups", name).split("+")),
        widening=steps,
        ring_seconds=int(given.get("ring", "20")),
        max_wait_seconds=int(given.get("wait", "120")),
        wrap_seconds=int(given.get("wrap", "30")),
        max_length=int(given.get("full", "500")),
        priority=int(given.get("prio", "0")),
    )
