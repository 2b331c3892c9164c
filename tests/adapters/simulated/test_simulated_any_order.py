"""Any commands in any order, with time passing and the service dying between them: what was said adds up to `ports()`,
no leg is ever without a call, what is refused changes nothing, and every call comes to its end by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import inf

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.errors import Refused
from adapters.simulated.line import Saved
from adapters.simulated.outside import Outside, Way
from adapters.simulated.world import Callers, Shape, Span
from adapters.telephony import (
    Answer,
    Arrange,
    CallEvent,
    CallKey,
    CallOffered,
    CallReleased,
    Command,
    LegsJoined,
    OfferId,
    Phone,
    PhoneKind,
    PickUp,
    PlaceCall,
    PlayMusic,
    PlayPrompt,
    PortStatus,
    RecordingStarted,
    RecordingStopped,
    Release,
    RingOutside,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SendKeys,
    StartRecording,
    StopRinging,
    TakeMessage,
    Watch,
    WatchMode,
)
from tests.adapters.simulated.bench import START, Bench

CALLS = [CallKey(key) for key in ("run-1", "out-1", "run-2", "nobody")]
PHONES = [
    Phone(PhoneKind.SIMULATED, "8001"),
    Phone(PhoneKind.SIMULATED, "8002"),
    Phone(PhoneKind.SIMULATED, "8009"),
    Phone(PhoneKind.MOBILE, "13800270501"),
    Phone(PhoneKind.MOBILE, "13800270503"),
    Phone(PhoneKind.BROWSER, "8001"),
]
NUMBERS = ["110", "12345", "1", "2"]
OUTSIDE = {
    "12345": Outside(after=2.0, talk=9.0),
    "1": Outside(way=Way.BUSY),
    "2": Outside(way=Way.NO_ANSWER),
    "13800270503": Outside(way=Way.UNREACHABLE),
}
PEOPLE = Callers(
    patience=Span(120, Shape.EXPONENTIAL),
    talk=Span(60),
    hears_out=0.5,
    patience_on_hold=Span(40, Shape.EXPONENTIAL),
    message=Span(5),
    presses_hash=0.5,
)
MENUS = {"menu": {"1": 1.0, "2": 1.0}}

calls = st.sampled_from(CALLS)
numbers = st.integers(1, 3)
"""The n-th leg of the command's call."""
some = st.lists(numbers, max_size=3)


def offers(call: CallKey, which: Sequence[int]) -> tuple[OfferId, ...]:
    return tuple(OfferId(f"{call}.{n}") for n in which)


def arranged(
    call: CallKey, room: list[int], caller: bool, muted: list[int], watching: list[tuple[int, int]]
) -> Arrange:
    watches = tuple(
        Watch(offer=offers(call, [a])[0], at=offers(call, [b])[0], mode=list(WatchMode)[(a + b) % 2])
        for a, b in watching
    )
    return Arrange(call=call, room=offers(call, room), caller=caller, muted=offers(call, muted), watching=watches)


def leg(call: CallKey, number: int) -> OfferId:
    return offers(call, [number])[0]


commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(Answer, call=calls),
    st.builds(PlayPrompt, call=calls, prompt=st.sampled_from(["greeting", "menu"])),
    st.builds(PlayMusic, call=calls),
    st.builds(
        lambda call, number, phone, expected: RingSeat(
            call=call,
            offer=leg(call, number),
            phone=phone,
            seconds=15,
            first=call.startswith("out"),
            expected=expected,
        ),
        calls,
        numbers,
        st.sampled_from(PHONES),
        st.booleans(),
    ),
    st.builds(
        lambda call, number, outside: RingOutside(call=call, offer=leg(call, number), number=outside, seconds=15),
        calls,
        numbers,
        st.sampled_from(NUMBERS),
    ),
    st.builds(PlaceCall, call=calls, number=st.sampled_from(NUMBERS), seconds=st.just(15)),
    st.builds(lambda call, number: StopRinging(call=call, offer=leg(call, number)), calls, numbers),
    st.builds(lambda call, number: PickUp(call=call, offer=leg(call, number)), calls, numbers),
    st.builds(arranged, calls, some, st.booleans(), some, st.lists(st.tuples(numbers, numbers), max_size=2)),
    st.builds(arranged, calls, some, st.booleans(), st.just([]), st.just([])),
    st.builds(lambda call, number: SendKeys(call=call, digits="1#", offer=leg(call, number)), calls, numbers),
    st.builds(StartRecording, call=calls, name=st.sampled_from(["rec-1", "rec-2"])),
    st.builds(TakeMessage, call=calls, name=st.just("message-1"), seconds=st.just(8)),
)
releases: st.SearchStrategy[Command] = st.builds(Release, call=calls)


class Everybody(msgspec.Struct, frozen=True, kw_only=True):
    """A picture with every leg that is up; where it is watched, the last of several listens to the first."""

    call: CallKey
    caller: bool
    watched: bool


pictures = st.builds(Everybody, call=st.sampled_from(CALLS[:3]), caller=st.booleans(), watched=st.booleans())
Move = Command | Everybody | float | str
waits = st.floats(0.1, 6.0)
moves: st.SearchStrategy[Move] = st.one_of(
    commands, commands, pictures, pictures, pictures, waits, waits, st.floats(10.0, 40.0), releases, st.just("kill")
)
live_moves: st.SearchStrategy[Move] = st.one_of(commands, pictures, waits)


class Known(msgspec.Struct):
    """What somebody who only listens knows of a call."""

    placed: bool
    ringing: set[OfferId] = msgspec.field(default_factory=set)
    up: set[OfferId] = msgspec.field(default_factory=set)
    recording: str | None = None


class Witness:
    """Plays the moves, and compares what was said with what `ports()` says."""

    def __init__(self) -> None:
        self.bench = self._bench("run", timedelta(0), arrivals=(0.0, 1.0, 30.0))
        self.known: dict[CallKey, Known] = {}
        self.over: set[CallKey] = set()
        self.ids: set[str] = set()
        self.facts: list[CallEvent] = []
        self.now = 0.0
        self._runs = 1
        self.wait(1.0)

    def gather(self) -> None:
        """Three legs beside a caller, and an outbound call whose other side has picked up."""
        for number, phone in enumerate((PHONES[0], PHONES[2], PHONES[3]), 1):
            self.do(RingSeat(call=CALLS[0], offer=leg(CALLS[0], number), phone=phone, seconds=15, expected=True))
        offer = leg(CALLS[1], 1)
        self.do(RingSeat(call=CALLS[1], offer=offer, phone=PHONES[1], seconds=15, first=True, expected=True))
        self.wait(1.0)
        self.do(PlaceCall(call=CALLS[1], number="110", seconds=15))
        self.wait(9.0)

    def play(self, move: Move) -> None:
        match move:
            case int() | float():
                self.wait(move)
            case Everybody():
                self.do(self.picture(move))
            case str():
                self.kill()
            case _:
                self.do(move)

    def picture(self, move: Everybody) -> Arrange:
        known = self.known.get(move.call)
        legs = tuple(sorted(known.up)) if known is not None else ()
        if not move.watched or len(legs) < 2:
            return Arrange(call=move.call, room=legs, caller=move.caller)
        watch = Watch(offer=legs[-1], at=legs[0], mode=WatchMode.WHISPER)
        return Arrange(call=move.call, room=legs[:-1], caller=move.caller, watching=(watch,))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.bench.device.pass_time(self.now)
        self._listen()

    def kill(self) -> None:
        """A new process takes the calls over after three seconds. Nobody rings any more."""
        saved = msgspec.msgpack.decode(msgspec.msgpack.encode(self.bench.device.save()), type=Saved)
        before = self.bench.device.ports()
        self._runs += 1
        away = timedelta(seconds=self.now + 3)
        self.bench = self._bench(f"run{self._runs}", saved.start - START + away, arrivals=())
        self.bench.device.restore(saved)
        assert {status.call: status for status in self.bench.device.ports()} == {each.call: each for each in before}
        self.now = 0.0
        self.wait(0.0)

    def do(self, command: Command) -> None:
        device = self.bench.device
        before = device.ports()
        try:
            device.do(command, self.now)
        except Refused:
            assert device.ports() == before
            assert not self.bench.heard
            return
        self._obeyed(command)
        self._listen()
        after = device.ports()
        if not isinstance(command, SendKeys | Release | StopRinging):
            self._repeat(command, after)

    def _repeat(self, command: Command, after: list[PortStatus]) -> None:
        """Twice is the same as once, unless the first time ended it: a call that is over, a leg that was busy."""
        if isinstance(command, RingSeat | RingOutside):
            known = self.known.get(command.call)
            if known is None or command.offer not in known.ringing | known.up:
                return
        if command.call in self.known:
            self.bench.device.do(command, self.now)
            assert self.bench.device.ports() == after
            assert not self.bench.heard

    def _obeyed(self, command: Command) -> None:
        match command:
            case RingSeat() | RingOutside():
                known = self.known.setdefault(command.call, Known(placed=True))
                if command.offer not in known.up:
                    known.ringing.add(command.offer)
            case StopRinging() if command.call in self.known:
                self.known[command.call].ringing.discard(command.offer)
            case _:
                pass

    def _listen(self) -> None:
        for fact in self.bench.heard:
            assert fact.event_id not in self.ids
            self.ids.add(fact.event_id)
            self.facts.append(fact)
            self._hear(fact)
        self.bench.heard.clear()
        self._compare()

    def _hear(self, fact: CallEvent) -> None:
        assert fact.call not in self.over, f"{fact} after the end of the call"
        if isinstance(fact, CallOffered):
            assert fact.call not in self.known
            self.known[fact.call] = Known(placed=False)
            return
        known = self.known[fact.call]
        match fact:
            case SeatAnswered(offer=offer) if offer is not None:
                known.ringing.remove(offer)
                known.up.add(offer)
            case SeatDeclined(offer=offer) if offer is not None:
                known.ringing.remove(offer)
            case SeatReleased(offer=offer) if offer is not None:
                known.up.remove(offer)
            case LegsJoined(offer=offer):
                assert offer in known.up
            case RecordingStarted(name=name):
                assert known.recording is None
                known.recording = name
            case RecordingStopped(name=name):
                assert known.recording == name
                known.recording = None
            case CallReleased():
                assert known.recording is None
                self.over.add(fact.call)
                del self.known[fact.call]
            case _:
                pass

    def _compare(self) -> None:
        ports = {status.call: status for status in self.bench.device.ports()}
        assert set(ports) == set(self.known)
        for call, known in self.known.items():
            status, line = ports[call], self.bench.device.lines[call]
            assert (status.placed, status.recording) == (known.placed, known.recording is not None)
            assert (set(status.ringing), set(status.picked_up)) == (known.ringing, known.up)
            watchers = {watch.offer for watch in status.watching}
            assert set(status.room) | watchers | {watch.at for watch in status.watching} <= known.up
            assert not set(status.room) & watchers
            assert set(line.muted) <= set(status.room)
            assert status.answered or not (status.caller_in_room and status.room)
            deeds = {what.partition(" ")[2] for what in line.pending if what.partition(" ")[0] in ("answer", "decline")}
            assert deeds == known.ringing, "who rings comes to an end, and nobody else does"
            assert line.pending, f"{line} would stay for ever"
        taken = [status.port for status in ports.values() if status.port is not None]
        assert len(set(taken)) == len(taken)
        rung = [leg.number for line in self.bench.device.lines.values() for leg in line.legs.values()]
        phones = [number for number in rung if number in {phone.extension for phone in PHONES}]
        assert len(set(phones)) == len(phones), "one phone, one call"

    def _bench(self, run: str, later: timedelta, arrivals: Sequence[float]) -> Bench:
        return Bench(
            arrivals,
            PEOPLE,
            robots=("8001", "8002"),
            start=START + later,
            run=run,
            outside=OUTSIDE,
            ports=3,
            menus=MENUS,
            unheeded=45.0,
        )


@settings(max_examples=300, deadline=None)
@given(st.booleans(), st.lists(moves, min_size=10, max_size=60))
def test_any_order(gathered: bool, played: list[Move]) -> None:
    witness = Witness()
    if gathered:
        witness.gather()
    for move in played:
        witness.play(move)
    device = witness.bench.device
    device.stop_new_callers()
    for _ in range(2000):
        due = device.next_due()
        if due == inf:
            break
        witness.wait(max(due - witness.now, 0.0))
    assert not device.lines
    assert not witness.known


@settings(max_examples=100, deadline=None)
@given(st.lists(live_moves, min_size=5, max_size=40))
def test_drain_ends_whatever_is_there(played: list[Move]) -> None:
    witness = Witness()
    witness.gather()
    for move in played:
        witness.play(move)
    witness.bench.device.drain(witness.now, 10.0)
    witness.wait(10.0)
    assert not witness.known


@settings(max_examples=50, deadline=None)
@given(st.lists(live_moves, min_size=5, max_size=40))
def test_same_seed_same_commands_same_facts(played: list[Move]) -> None:
    one, two = Witness(), Witness()
    one.gather()
    two.gather()
    for move in played:
        one.play(move)
        two.play(move)
    assert one.facts == two.facts
