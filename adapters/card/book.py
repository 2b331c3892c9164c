"""What do the signs of a card say of its calls? Signs become facts, and orders for what follows by itself. Pure: times
are arguments.

A card has channels, not calls: a call's key is made here, from the run's own mark and a count, so none is ever used
twice, whatever becomes of the host or of the service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

import msgspec

from adapters.card.calls import Leg, Line
from adapters.card.faults import Faults
from adapters.card.wire import (
    Answer,
    AnySign,
    Broken,
    Channel,
    Freed,
    HangUp,
    Kind,
    Mended,
    Numbered,
    OffHook,
    OnHook,
    Order,
    PlayEnded,
    Pressed,
    Quiet,
    Rang,
    Record,
    RecordEnded,
    Reversed,
    Room,
    State,
    StopPlay,
    StopRecord,
    StopRing,
)
from adapters.telephony import (
    AdapterName,
    CallAnswered,
    CallerIdentified,
    CallKey,
    CallOffered,
    CallReleased,
    DeviceEvent,
    DigitsPressed,
    EndedBy,
    OfferId,
    PortFault,
    PortRestored,
    PromptEnded,
    RecordingStopped,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
)

GRACE: Final = timedelta(seconds=3)
"""A recording that should have ended by itself is ended by us after that."""
OWN_ANSWER: Final = timedelta(seconds=2)
"""Some exchanges turn the wires round (极性反转) at the answer as well: so soon after it that is no hang-up."""
SUFFIX: Final = ".wav"


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say of the channels."""

    name: AdapterName
    run: str
    """In every key and event id of this run; never used again."""
    dialled: str
    ring_gap: timedelta
    trunks: frozenset[int]
    seats: Mapping[int, str]
    """Channel → extension."""
    reverses: bool = False
    """The exchange turns the wires round when the caller has hung up."""


class Book:
    """The live calls."""

    def __init__(
        self,
        setup: Setup,
        channels: Iterable[Channel],
        tell: Callable[[DeviceEvent], None],
        send: Callable[[Order], object],
    ) -> None:
        self.setup = setup
        self.kinds = {each.number: each.kind for each in channels}
        self.lines: dict[CallKey, Line] = {}
        self._trunks: dict[int, Line] = {}
        self._legs: dict[int, tuple[Line, OfferId]] = {}
        """Station that rings or was picked up for a call."""
        self.off_hook = {each.number for each in channels if each.kind is Kind.STATION and each.state is State.UP}
        """Phones that are not on their hook, in a call or not."""
        self._silent: set[int] = set()
        """Trunks that ring no longer although the card has not noticed yet."""
        self._tell, self._send = tell, send
        self._faults = Faults()
        self._calls = self._events = self._tasks = 0

    # ── what has happened ──

    def hear(self, sign: AnySign, now: datetime) -> None:
        """One sign. One of a channel that is none of ours says nothing."""
        channel = sign.channel
        if self._is_seat(channel):
            self._hear_seat(sign, now)
            return
        if channel not in self.setup.trunks:
            return
        line = self._trunks.get(channel)
        self._silent.discard(channel)
        match sign:
            case Rang():
                self._rang(line, sign, now)
            case Broken():
                if line is not None:
                    self.over(line, EndedBy.NETWORK, "port_fault", now)
                self._broke(sign, now)
            case Mended():
                self._mended(channel, now)
            case _ if line is None:
                return
            case Numbered():
                self._numbered(line, sign.caller, now)
            case OffHook():
                self.up(line, now)
            case Pressed():
                self._pressed(line, sign.digits, now)
            case PlayEnded():
                self._played(line, sign, now)
            case RecordEnded():
                if sign.task == line.recording_task:
                    self.recorded(line, now, sign.failed)
            case Quiet():
                if line.message:
                    self.stop_recording(line, now)
            case Freed():
                self.over(line, EndedBy.CALLER, sign.cause, now, inferred=sign.inferred)
            case Reversed():
                if self.setup.reverses and line.up_since is not None and now - line.up_since >= OWN_ANSWER:
                    self._send(HangUp(channel=channel))
                    self.over(line, EndedBy.CALLER, "polarity", now)
            case OnHook():
                pass
            case _:
                assert_never(sign)

    def answered(self, order: Order, answer: Answer, now: datetime) -> None:
        """What became of an order of ours: a message (留言) that the card does not record is none."""
        if isinstance(order, Record) and answer.refused:
            for line in self.lines.values():
                if line.recording_task == order.task:
                    self.recorded(line, now, answer.refused)

    def lost(self, now: datetime) -> None:
        """The driver host is dead, and every call on its card with it. Nothing is said of a recording: how much of it
        was written nobody knows."""
        for line in list(self.lines.values()):
            line.recording = ""
            self.over(line, EndedBy.NETWORK, "device_down", now, inferred=True)

    def due(self, now: datetime) -> None:
        """What follows from time alone: it rings no longer, a seat does not answer, a message is long enough, a channel
        has been well for a while."""
        for line in list(self.lines.values()):
            if line.rings and not line.picking_up and now - line.last_ring > self.setup.ring_gap:
                self.over(line, EndedBy.CALLER, "rings_stopped", now, inferred=True)
                self._silent.add(line.channel)
                continue
            for offer, leg in list(line.legs.items()):
                if not leg.up and now >= leg.ring_until:
                    self._send(StopRing(channel=leg.channel))
                    self.decline(line, offer, "no_answer", now)
            if line.recording_until is not None and now > line.recording_until + GRACE:
                self.stop_recording(line, now)
        for each in self._faults.over(now):
            detail = f"其间故障 {each.times} 次" if each.times > 1 else ""
            self._say_port(PortRestored, each.channel, each.since, detail=detail)

    def compare(self, channels: Iterable[Channel], now: datetime) -> None:
        """The card's own view: what it no longer has is over, what it has and nobody told of is taken, or let go."""
        for each in channels:
            line = self._trunks.get(each.number)
            if each.number not in self.setup.trunks:
                if self._is_seat(each.number) and each.state is not State.BROKEN:
                    up = each.state is State.UP
                    if up is not (each.number in self.off_hook):
                        self.hear(OffHook(channel=each.number) if up else OnHook(channel=each.number), now)
            elif each.state is State.RINGING and line is None and each.number not in self._silent:
                self.hear(Rang(channel=each.number), now)
            elif each.state is State.UP and line is None:
                self._send(HangUp(channel=each.number))  # nobody would ever talk to him
            elif each.state is State.UP and line is not None:
                self.up(line, now)
            elif each.state in (State.IDLE, State.BROKEN) and line is not None:
                self.over(line, EndedBy.UNKNOWN, "not_on_card", now, inferred=True)

    # ── what commands change as well ──

    def find(self, call: CallKey) -> Line | None:
        """The live call of that key."""
        return self.lines.get(call)

    def next_task(self) -> int:
        """A number for something that plays or is recorded."""
        self._tasks += 1
        return self._tasks

    def is_busy(self, channel: int) -> bool:
        """The phone rings for somebody, or is off its hook."""
        return channel in self._legs or channel in self.off_hook

    def say(self, line: Line, kind: type[Any], now: datetime, **fields: Any) -> None:
        """A fact about that call."""
        self._events += 1
        self._tell(
            kind(
                adapter=self.setup.name,
                event_id=f"{self.setup.run}.{self._events}",
                at=now,
                heard_at=now,
                port=line.channel,
                call=line.key,
                **fields,
            )
        )

    def up(self, line: Line, now: datetime) -> None:
        """The trunk is off-hook."""
        if not line.answered:
            line.answered = line.picking_up = True
            line.up_since = now
            self.say(line, CallAnswered, now)

    def add_leg(self, line: Line, offer: OfferId, leg: Leg) -> None:
        """That phone rings for the call."""
        line.legs[offer] = leg
        self._legs[leg.channel] = (line, offer)

    def decline(self, line: Line, offer: OfferId, reason: str, now: datetime) -> None:
        """That phone does not take the call."""
        leg = self.forget_leg(line, offer)
        self.say(line, SeatDeclined, now, offer=offer, seat=leg.extension, reason=reason)

    def forget_leg(self, line: Line, offer: OfferId) -> Leg:
        """The phone belongs to the call no longer."""
        leg = line.legs.pop(offer)
        self._legs.pop(leg.channel, None)
        line.room = tuple(each for each in line.room if each != offer)
        line.muted = tuple(each for each in line.muted if each != offer)
        return leg

    def release_leg(self, line: Line, offer: OfferId, now: datetime, *, hung_up: bool) -> None:
        """A leg that was picked up is gone; whoever is left in the room stays there."""
        was_in = offer in line.room
        leg = self.forget_leg(line, offer)
        self._send(StopPlay(channel=leg.channel))
        if was_in:
            self._send(Room(room=line.channel, members=line.members()))
        self.say(line, SeatReleased, now, offer=offer, seat=leg.extension, hung_up=hung_up)

    def cut_prompt(self, line: Line, now: datetime) -> None:
        """End what plays to the caller."""
        prompt, playing = line.prompt, line.task
        line.prompt, line.task, line.then = "", 0, None
        if playing:
            self._send(StopPlay(channel=line.channel))
        if prompt:
            self.say(line, PromptEnded, now, prompt=prompt, interrupted=True)

    def stop_recording(self, line: Line, now: datetime) -> None:
        """End what is recorded."""
        if line.recording:
            self._send(StopRecord(channel=line.channel))
            self.recorded(line, now)

    def recorded(self, line: Line, now: datetime, refused: str = "") -> None:
        """The recording has ended; or the card did not make it, and said why."""
        name, since = line.recording, line.recording_since
        line.recording, line.message, line.recording_task = "", False, 0
        line.recording_since = line.recording_until = line.then = None
        if refused:
            self.say(line, RecordingStopped, now, name=name, missing=f"语音卡没有录音：{refused}")
        elif since is None:
            self.say(line, RecordingStopped, now, name=name, missing="来电在提示音之前结束")
        else:
            seconds = max((now - since).total_seconds(), 0.0)
            self.say(line, RecordingStopped, now, name=name, seconds=seconds, file=name + SUFFIX)

    def over(self, line: Line, by: EndedBy, cause: str, now: datetime, *, inferred: bool = False) -> None:
        """The caller's leg is over, and with it every other. Its trunk is on-hook, or whoever asks for it says so."""
        if self.lines.pop(line.key, None) is None:
            return
        del self._trunks[line.channel]
        self.stop_recording(line, now)
        if line.task:
            self._send(StopPlay(channel=line.channel))
        if line.room:
            self._send(Room(room=line.channel))
        for offer, leg in list(line.legs.items()):
            self._send(HangUp(channel=leg.channel) if leg.up else StopRing(channel=leg.channel))
            self.forget_leg(line, offer)
        self.say(line, CallReleased, now, by=by, cause=cause, inferred=inferred)

    # ── the pieces ──

    def _is_seat(self, channel: int) -> bool:
        return channel in self.setup.seats

    def _hear_seat(self, sign: AnySign, now: datetime) -> None:
        line, offer = self._legs.get(sign.channel, (None, None))
        match sign:
            case OffHook():
                self.off_hook.add(sign.channel)
                if line is not None and offer is not None and not line.legs[offer].up:
                    line.legs[offer].up = True
                    self.say(line, SeatAnswered, now, offer=offer, seat=line.legs[offer].extension)
            case OnHook():
                self.off_hook.discard(sign.channel)
                if line is not None and offer is not None and line.legs[offer].up:
                    self.release_leg(line, offer, now, hung_up=True)
            case Broken():
                if line is not None and offer is not None and line.legs[offer].up:
                    self.release_leg(line, offer, now, hung_up=False)
                elif line is not None and offer is not None:
                    self.decline(line, offer, "unreachable", now)
                self._broke(sign, now)
            case Mended():
                self._mended(sign.channel, now)
            case _:
                pass  # keys of a seat, music that is over

    def _rang(self, line: Line | None, sign: Rang, now: datetime) -> None:
        if line is not None and line.answered:
            self.over(line, EndedBy.UNKNOWN, "rings_again", now, inferred=True)  # its end was never told
            line = None
        if line is not None:
            line.last_ring = now
            self._numbered(line, sign.caller, now)
            return
        self._calls += 1
        line = Line(
            key=CallKey(f"{self.setup.run}-{sign.channel}-{self._calls}"),
            channel=sign.channel,
            since=now,
            last_ring=now,
            rings=self.kinds.get(sign.channel) is Kind.ANALOG,
            caller=sign.caller,
            dialled=sign.dialled or self.setup.dialled,
        )
        self.lines[line.key] = self._trunks[sign.channel] = line
        self.say(line, CallOffered, now, caller=line.caller or None, dialled=line.dialled or None)

    def _numbered(self, line: Line, caller: str, now: datetime) -> None:
        if caller and not line.caller:
            line.caller = caller
            self.say(line, CallerIdentified, now, caller=caller)

    def _pressed(self, line: Line, digits: str, now: datetime) -> None:
        if line.prompt and line.interruptible:
            self.cut_prompt(line, now)
        if line.message and "#" in digits:
            self.stop_recording(line, now)
        self.say(line, DigitsPressed, now, digits=digits)

    def _played(self, line: Line, ended: PlayEnded, now: datetime) -> None:
        if ended.task != line.task:
            return
        prompt, then = line.prompt, line.then
        line.prompt, line.task, line.then = "", 0, None
        if prompt:
            self.say(line, PromptEnded, now, prompt=prompt, failed=ended.failed)
        if then is not None:
            line.recording_since = now
            self._send(then)

    def _broke(self, sign: Broken, now: datetime) -> None:
        if self._faults.broke(sign.channel):
            self._say_port(PortFault, sign.channel, now, detail=sign.detail)

    def _mended(self, channel: int, now: datetime) -> None:
        if self._faults.mended(channel, now):
            self._say_port(PortRestored, channel, now)

    def _say_port(self, kind: type[Any], channel: int, now: datetime, **fields: Any) -> None:
        self._events += 1
        self._tell(
            kind(
                adapter=self.setup.name,
                event_id=f"{self.setup.run}.{self._events}",
                at=now,
                heard_at=now,
                port=channel,
                **fields,
            )
        )
