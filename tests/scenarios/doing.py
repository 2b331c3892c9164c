"""The left side of a story's table: who does what."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from adapters.telephony import (
    CallAnswered,
    CallerIdentified,
    CallKey,
    CallReleased,
    DigitsPressed,
    EndedBy,
    Handling,
    LinkUp,
    PortStatus,
    RecordingStarted,
    RecordingStopped,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
    StartRecording,
)
from hotline.calls.call import Call, CallState, Direction
from hotline.calls.party import Part, Party
from hotline.hall import inputs as do
from hotline.hall.inputs import Actor, HallCommand
from hotline.hall.state import Decision
from seats.seat import SeatNo, SeatState
from tests.hall.kit import CARD
from tests.scenarios.heading import duty, with_notice
from tests.scenarios.stage import Stage

BOSS = Actor(account="acc-9001", work_number="9001", name="赵敏")
MONITORING = {"监听": Part.LISTENING, "密语": Part.WHISPERING, "强插": Part.BARGING}
REFUSALS = {"busy": ("busy", False), "declines": ("rejected", False), "unreachable": ("unreachable", True)}


class Doing:
    """Carries out what a row says."""

    def __init__(self, hall: Stage) -> None:
        self.hall = hall
        self.offers: dict[str, str] = {}

    def do(self, who: str, what: str) -> Decision:
        """One row."""
        if who in ("…", ""):
            return Decision()
        kind, _, name = who.partition(" ")
        actions = {
            "seat": self._seat,
            "caller": self._caller,
            "phone": self._phone,
            "outside": self._outside,
            "called": self._called,
            "gateway": self._gateway,
            "line": self._line,
            "班长": self._supervisor,
            "hall": self._hall,
        }
        assert kind in actions, f"who is {who!r}?"
        decision = actions[kind](name, what)
        for call in self.hall.state.calls.values():
            if call.offer is not None:
                self.offers[call.key] = call.offer
            if call.direction is Direction.OUT and call.key not in self.hall.names.values():
                self.hall.names[f"O{len(self.hall.names) + 1}"] = call.key
        return decision

    def call(self, name: str) -> Call:
        """The call that the story calls so."""
        return self.hall.call(self.hall.names.get(name, name))

    def at(self, number: str) -> Call:
        """The call at a seat, whatever the seat does on it."""
        held = self.hall.seat(number).call
        found = next((call for call in self.hall.state.calls.values() if call.id == held), None)
        assert found is not None, f"there is no call at seat {number}"
        return found

    # ── people of the hall ──

    def _seat(self, name: str, what: str) -> Decision:
        seat, there, who = SeatNo(name), self.hall.seat(name), self.hall.person(name)
        word, _, rest = what.partition(" ")
        match word, rest:
            case "signs", "off":
                return self.hall.order(do.SignOff(seat=seat), who)
            case "signs", phone:
                return self._signs_in(seat, phone)
            case "picks" | "answers", _:
                return self._phone(name, "answers")
            case "dials", _:
                return self._dials(seat, rest)
            case "calls", _:
                return self._calls(seat, rest)
            case "took", _:
                return self.hall.order(do.TookByHand(seat=seat, call=self.call(rest).id), who)
        commands: dict[str, Any] = {
            "ready": lambda: do.GoReady(seat=seat),
            "busy": lambda: do.GoBusy(seat=seat, reason=rest),
            "break": lambda: do.TakeBreak(seat=seat, reason=rest),
            "wants": lambda: do.AskBreak(seat=seat, reason=rest.removeprefix("a break").strip()),
            "withdraws": lambda: do.WithdrawBreak(seat=seat),
            "stays": lambda: do.StayInWrapUp(seat=seat),
            "forgets": lambda: do.ForgetNext(seat=seat),
            "clicks": lambda: do.TakeCall(seat=seat, offer=rest or there.offer or ""),
            "rejects": lambda: do.RejectCall(seat=seat, offer=there.offer or ""),
            "is": lambda: do.PresenceChanged(seat=seat, here=rest == "back"),
            "reloads": lambda: do.RestorePhone(seat=seat),
        }
        made: HallCommand = commands[word]() if word in commands else self._with_call(seat, word, rest)
        return self.hall.order(made, who)

    def _with_call(self, seat: SeatNo, word: str, rest: str) -> HallCommand:
        call = self.at(seat)
        more: dict[str, Any] = {"seat": seat, "call": call.id}
        match word:
            case "hangs":
                return do.HangUp(**more)
            case "holds":
                return do.Hold(**more)
            case "resumes":
                return do.Resume(**more)
            case "mutes" | "unmutes":
                return do.Mute(on=word == "mutes", **more)
            case "keys":
                return do.PressKeys(digits=rest, **more)
            case "asks":
                target = self._target(rest)
                assert not isinstance(target, do.QueueTarget)
                return do.Consult(target=target, **more)
            case "cancels":
                return do.CancelConsult(**more)
            case "joins":
                return do.JoinConsulted(**more)
            case "leaves":
                return do.Leave(**more)
            case "passes":
                return do.Transfer(target=self._target(rest.removeprefix("to").strip()), **more)
            case "shows":
                return do.DropParty(offer=self._party(call, rest.removeprefix("out").strip()).offer, **more)
            case "rates":
                return do.SendToRating(**more)
            case "confirms":
                return do.ConfirmHandover(offer=self._party(call, rest).offer, **more)
            case _:
                raise AssertionError(f"a seat cannot {word!r}")

    def _signs_in(self, seat: SeatNo, what: str) -> Decision:
        words = what.removeprefix("in").split()
        phone = words[0] if words else "simulated"
        mobile = words[1] if phone == "mobile" else ""
        return self.hall.order(do.SignIn(seat=seat, phone_kind=phone, mobile=mobile), self.hall.person(seat))

    def _dials(self, seat: SeatNo, what: str) -> Decision:
        """`dials back 13800138000 as X` · `dials 12345 as X`: a call of ours, which the story calls X."""
        number, _, name = what.removeprefix("back ").partition(" as ")
        contact = self.hall.state.rules.contacts.get(number)
        command = do.Dial(
            seat=seat,
            number=contact.number if contact is not None else number,
            purpose="callback" if what.startswith("back") else "contact",
            callback=7 if what.startswith("back") else None,
        )
        return self._placed(self.hall.order(command, self.hall.person(seat)), name)

    def _calls(self, seat: SeatNo, what: str) -> Decision:
        """`calls 110`, and without a call at the seat `calls 110 as X`."""
        contact, _, name = what.partition(" as ")
        return self._placed(self.hall.order(do.Emergency(seat=seat, contact=contact), self.hall.person(seat)), name)

    def _placed(self, decision: Decision, name: str) -> Decision:
        for call in decision.calls.values():
            if name:
                self.hall.names[name] = call.key
        return decision

    def _target(self, name: str) -> do.Target:
        kind, _, rest = name.partition(" ")
        if kind == "queue":
            return do.QueueTarget(queue=rest)
        if SeatNo(name) in self.hall.state.seats:
            return do.SeatTarget(seat=SeatNo(name))
        return do.OutsideTarget(contact=name)

    def _party(self, call: Call, name: str) -> Party:
        found = next((each for each in call.parties if name in (each.seat, each.contact, each.label)), None)
        assert found is not None, f"{name} is not on the call"
        return found

    def _supervisor(self, name: str, what: str) -> Decision:
        word, _, rest = what.partition(" ")
        who, seat = (self.hall.person(name), SeatNo(name)) if name else (BOSS, SeatNo(""))
        command: HallCommand
        match word:
            case "监听" | "密语" | "强插":
                command = do.Monitor(seat=seat, call=self.call(rest).id, part=MONITORING[word])
            case "停止":
                command = do.StopMonitoring(seat=seat)
            case "拦截":
                command = do.TakeOver(seat=seat, call=self.call(rest).id)
            case "强拆":
                call, _, reason = rest.partition(" ")
                command = do.ForceRelease(call=self.call(call).id, reason=reason)
            case "批准" | "不批准":
                command = do.DecideBreak(seat=SeatNo(rest), approve=word == "批准")
            case "forces":
                number, state, *reason = rest.split()
                command = do.ForceState(
                    seat=SeatNo(number), state=SeatState(state), reason=" ".join(reason) or "现场调度"
                )
            case _:
                raise AssertionError(f"a supervisor cannot {what!r}")
        return self.hall.order(command, who)

    def _hall(self, _: str, what: str) -> Decision:
        word, _, rest = what.partition(" ")
        before = self.hall.state.rules
        assert word in ("duty", "notice"), f"a hall cannot {what!r}"
        after = replace(before, **duty(rest)) if word == "duty" else with_notice(before, rest)
        return self.hall.take(do.RulesChanged(after))

    # ── everybody else ──

    def _caller(self, name: str, what: str) -> Decision:
        word, _, rest = what.partition(" ")
        match word:
            case "rings" if " and presses " in rest:
                number, _, digits = rest.partition(" and presses ")
                self.hall.rings(name, caller=number)
                return self.hall.hear(DigitsPressed, name, digits=digits)
            case "rings":
                return self.hall.rings(name, caller=None if rest == "withheld" else rest or "13800138000")
            case "shows":
                return self.hall.hear(CallerIdentified, name, caller=rest)
            case "presses":
                return self.hall.hear(DigitsPressed, name, digits=rest)
            case "hears" if rest == "everything":
                decision = Decision()
                while (call := self.call(name)).prompt is not None and call.state is CallState.IN_MENU:
                    decision = self.hall.prompt_ends(name)
                    if self.call(name).prompt is None or call.rating is not None:
                        break
                return decision
            case "hears":
                return self.hall.prompt_ends(name)
            case "speaks":
                seconds = float(rest.split()[0])
                message = self.call(name).message or ""
                return self.hall.hear(RecordingStopped, name, name=message, seconds=seconds, file=f"{message}.wav")
            case "hangs":
                return self.hall.hangs_up(name)
            case "is":
                return self.hall.hangs_up(name, by=EndedBy.NETWORK)
            case _:
                raise AssertionError(f"a caller cannot {what!r}")

    def _phone(self, name: str, what: str) -> Decision:
        """The phone of a seat."""
        if what.startswith("answers ") and what.endswith("late"):
            key = what.split()[1] if len(what.split()) == 3 else next(iter(self.offers))
            return self.hall.hear(SeatAnswered, key, offer=self.offers[key])
        call, offer = self.at(name), self.hall.seat(name).offer
        up = self.hall.seat(name).state is SeatState.TALKING
        return self._leg(call, offer or "", what, up=up)

    def _outside(self, name: str, what: str) -> Decision:
        """A contact outside, or a forwarded mobile, that was rung into a call."""
        found = [
            (call, party)
            for call in self.hall.state.calls.values()
            for party in call.parties
            if party.seat is None and name in (party.contact, party.label)
        ]
        assert found, f"nobody has rung {name}"
        call, party = found[-1]
        return self._leg(call, party.offer, what, up=party.up)

    def _leg(self, call: Call, offer: str, what: str, *, up: bool) -> Decision:
        if what == "answers":
            return self.hall.hear(SeatAnswered, call.key, offer=offer)
        if what in ("hangs up", "is lost"):
            assert up or what == "hangs up", "it only rings"
            return self.hall.hear(SeatReleased, call.key, offer=offer, hung_up=what == "hangs up")
        if what in REFUSALS:
            reason, fault = REFUSALS[what]
            return self.hall.hear(SeatDeclined, call.key, offer=offer, reason=reason, seat_fault=fault)
        raise AssertionError(f"a phone cannot {what!r}")

    def _called(self, name: str, what: str) -> Decision:
        """Whom we have dialled."""
        key = self.hall.names[name]
        match what:
            case "answers":
                return self.hall.hear(CallAnswered, key)
            case "busy":
                return self.hall.hear(CallReleased, key, by=EndedBy.CALLER, cause="busy")
            case "hangs up":
                return self.hall.hear(CallReleased, key, by=EndedBy.CALLER)
            case "is released":
                return self.hall.hear(CallReleased, key, by=EndedBy.US)
            case _:
                raise AssertionError(f"who is called cannot {what!r}")

    # ── devices ──

    def _gateway(self, name: str, what: str) -> Decision:
        word, _, rest = what.partition(" ")
        observed: dict[str, Any] = {"handling": Handling.DEVICE}
        match word:
            case "rings" if len(rest) == 4:
                return self.hall.hear(SeatRinging, name, seat=rest, **observed)
            case "rings" if " and presses " in rest:
                number, _, digits = rest.partition(" and presses ")
                self.hall.rings(name, caller=number)
                return self.hall.hear(DigitsPressed, name, digits=digits)
            case "rings":
                return self.hall.rings(name, caller=rest or None, **observed)
            case "answered":
                return self.hall.hear(SeatAnswered, name, seat=rest, **observed)
            case "falls":
                silence: dict[str, Any] = {"cause": "ringing_stopped", "inferred": True}
                return self.hall.hangs_up(name, **observed, **silence)
            case "ends":
                return self.hall.hangs_up(name, **observed)
            case _:
                raise AssertionError(f"a gateway cannot {what!r}")

    def _line(self, _: str, what: str) -> Decision:
        word, _, rest = what.partition(" ")
        if word == "lost":
            return self.hall.take(do.LinkLost(CARD, "cable"))
        if word == "records":
            return self.hall.hear(RecordingStarted, rest, name=self.call(rest).recording)
        if word == "keeps":
            name, seconds, _ = rest.split()
            begun = self.hall.ordered(StartRecording, name)
            kept = begun[-1].name
            return self.hall.hear(RecordingStopped, name, name=kept, seconds=float(seconds), file=f"{kept}.wav")
        now = self.hall.now
        self.hall.take(do.Heard(LinkUp(adapter=CARD, event_id=f"up {now}", at=now, heard_at=now)))
        ports = [self._port(name) for name in what.removeprefix("back with").removeprefix("back").split()]
        return self.hall.take(do.Snapshot(adapter=CARD, asked_at=now, ports=tuple(ports)))

    def _port(self, name: str) -> PortStatus:
        known = self.hall.state.find(CARD, CallKey(name))
        talking = known is not None and known.answered_at is not None
        offers = (known.offer,) if known is not None and known.offer is not None else ()
        ringing = bool(offers) and not talking
        return PortStatus(
            call=CallKey(name),
            since=self.hall.now,
            answered=talking,
            room=offers if talking else (),
            caller_in_room=talking,
            picked_up=offers if talking else (),
            ringing=offers if ringing else (),
            recording=talking,
        )
