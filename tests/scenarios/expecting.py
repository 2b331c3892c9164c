"""The right side of a story's table: what is then true."""

from __future__ import annotations

from adapters.telephony import Arrange, PlayMusic, PlayPrompt, Release, TakeMessage
from hotline.calls.call import Call, CallState
from hotline.calls.segments import HOLDS, TALKS, WAITS, Kind, seconds
from hotline.hall.state import Decision
from tests.scenarios.doing import Doing
from tests.scenarios.journal import told

TIMES = {
    "talked": TALKS,
    "held": HOLDS,
    "waited": WAITS,
    "outside": frozenset({Kind.OUTSIDE}),
    "conferred": frozenset({Kind.CONFERENCE}),
    "consulted": frozenset({Kind.CONSULTING}),
    "rated": frozenset({Kind.RATING}),
    "messaged": frozenset({Kind.MESSAGE}),
}


class Expecting:
    """Looks whether it is so."""

    def __init__(self, doing: Doing) -> None:
        self.doing = doing
        self.hall = doing.hall
        self.decision = Decision()
        self.ordered = 0
        self.told = 0

    def expect(self, expected: str) -> None:
        """Raises `AssertionError` when it is not."""
        words = expected.split()
        match words:
            case ["says", *_]:
                self._says(expected.removeprefix("says").strip())
            case ["no", "word", "of", text]:
                found = [line.text for line in told(self.hall)[self.told :] if text in line.text]
                assert not found, f"says: {found}"
            case ["seat", number, "is", part]:
                assert self.hall.seat(number).part == part, f"seat {number} is {self.hall.seat(number).part or 'free'}"
            case ["seat", number, state]:
                assert self.hall.seat(number).state == state, f"seat {number} is {self.hall.seat(number).state}"
            case ["order", command, call]:
                key = self.doing.call(call).key
                found = [type(c).__name__ for c in self.hall.orders[self.ordered :] if c.call == key]
                assert command in found, f"orders for {call}: {found[-5:] or 'none'}"
            case ["no", "order"]:
                found = [type(c).__name__ for c in self.hall.orders[self.ordered :]]
                assert not found, f"orders: {found}"
            case ["refused", code]:
                assert self.decision.refusal == code, f"refusal: {self.decision.refusal}"
            case ["served", *names]:
                assert self.hall.served == names, f"served: {' '.join(self.hall.served)}"
            case [who, "hears", *heard]:
                there = self._heard_at(who) if who.isdigit() else self._heard_by(self.doing.call(who))
                assert there == set(heard), f"{who} hears {' '.join(sorted(there)) or 'nothing'}"
            case [_, ("at" | "ticket" | "queue" | "priority" | "credited" | "segments" | "ended"), *_]:
                self._of_call(words)
            case [call, what, number, "s", *at] if what in TIMES:
                self._lasted(call, what, float(number), at)
            case [call, state]:
                assert self.doing.call(call).state == state, f"{call} is {self.doing.call(call).state}"
            case [call, state, "at", number]:
                there = self.doing.call(call)
                assert (there.state, there.seat) == (state, number), f"{call} is {there.state} at {there.seat}"
            case [call, state, "as", outcome]:
                there = self.doing.call(call)
                assert (there.state, there.leaving) == (state, outcome), f"{call} is {there.state}, {there.leaving}"
            case _:
                raise AssertionError(f"what does {expected!r} mean?")

    def _of_call(self, words: list[str]) -> None:
        name, what, *rest = words
        call = self.doing.call(name)
        match what, rest:
            case "ended", [outcome]:
                assert call.outcome == outcome, f"{name}: {call.outcome}"
            case "ticket", [number]:
                assert call.ticket.endswith(number), f"{name} has ticket {call.ticket}"
            case "queue", [queue]:
                assert call.queue == queue, f"{name} is in queue {call.queue}"
            case "priority", [steps]:
                assert call.priority == int(steps), f"{name} has priority {call.priority}"
            case "credited", ["to", seat]:
                assert call.answered_seat == seat, f"{name} is credited to {call.answered_seat}"
            case "segments", kinds:
                found = [each.kind.value for each in call.segments]
                assert found == kinds, f"{name}: {' '.join(found)}"
            case "at", ["place", place]:
                line = self.hall.state.lines[call.groups[0]]
                assert line.position(call.id) == int(place), f"{name} is at place {line.position(call.id)}"
            case _:
                raise AssertionError(f"what does {' '.join(words)!r} mean?")

    def _lasted(self, name: str, what: str, expected: float, at: list[str]) -> None:
        """`A talked 35 s`, `A talked 20 s with 02`: by the segments, the one that lasts counted up to now."""
        call = self.doing.call(name)
        seat = at[1] if at else None
        last = call.segments[-1]
        found = seconds(call.segments, TIMES[what], seat=seat)
        if last.until is None and last.kind in TIMES[what] and seat in (None, last.seat):
            found += (self.hall.now - last.since).total_seconds()
        assert found == expected, f"{name} {what} {found:g} s"

    def _heard_by(self, call: Call) -> set[str]:
        """What the device was told last to let the caller hear."""
        if call.state is CallState.ENDED:
            return set()
        kinds = (Arrange, PlayMusic, PlayPrompt, TakeMessage, Release)
        last = next(
            (each for each in reversed(self.hall.orders) if isinstance(each, kinds) and each.call == call.key), None
        )
        match last:
            case Arrange(room=room, caller=True, muted=muted):
                return {self._at_leg(call, offer) for offer in room if offer not in muted} - {""}
            case Arrange() | PlayMusic():
                return {"music"}
            case PlayPrompt(prompt=prompt):
                return {prompt}
            case TakeMessage():
                return {"tone"}
            case _:
                return set()

    def _heard_at(self, seat: str) -> set[str]:
        """Whom the device was told last to let that seat hear."""
        call = self.doing.at(seat)
        own = self.hall.seat(seat).offer
        last = next(
            (each for each in reversed(self.hall.orders) if isinstance(each, Arrange) and each.call == call.key), None
        )
        if last is None or (own not in last.room and own not in [each.offer for each in last.watching]):
            return set()
        name = next((name for name, key in self.hall.names.items() if key == call.key), str(call.key))
        heard = {self._at_leg(call, offer) for offer in last.room if offer != own and offer not in last.muted}
        whispering = {
            self._at_leg(call, each.offer) for each in last.watching if each.mode == "whisper" and each.at == own
        }
        return (heard | whispering) - {""} | ({name} if last.caller else set())

    def _at_leg(self, call: Call, offer: str) -> str:
        if offer == call.offer:
            return call.seat or ""
        party = next((each for each in call.parties if each.offer == offer), None)
        return "" if party is None else party.seat or party.contact

    def _says(self, text: str) -> None:
        found = [line.text for line in told(self.hall)[self.told :]]
        assert any(text in each for each in found), "says:\n    " + "\n    ".join(found)
