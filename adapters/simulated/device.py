"""The telephone system that is not there: what happens on its lines, as a function of time and of commands.

No clock and no task: whoever owns it says what time it is. `adapter.py` lets it run in real time, `hotline simulate`
in virtual time. Times are seconds since the device's start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from math import inf
from typing import assert_never

from adapters.errors import Refused
from adapters.simulated import hearing, legs
from adapters.simulated.exchange import Exchange
from adapters.simulated.line import DIALLED, Keep, Line, Mood, Saved, Setup, status_of
from adapters.simulated.mood import clock_of
from adapters.simulated.world import World
from adapters.telephony import (
    AdapterName,
    Answer,
    Arrange,
    CallerIdentified,
    CallEvent,
    CallKey,
    CallOffered,
    Command,
    EndedBy,
    OfferId,
    PickUp,
    PlaceCall,
    PlayMusic,
    PlayPrompt,
    PortStatus,
    Release,
    RingOutside,
    RingSeat,
    SendKeys,
    StartRecording,
    StopRinging,
    TakeMessage,
)


class Device:
    """Lines, phones and the people at both ends."""

    def __init__(
        self,
        name: AdapterName,
        world: World,
        start: datetime,
        *,
        hear: Callable[[CallEvent], None],
        arrivals: Iterator[float],
        setup: Setup,
        answers_itself: Callable[[str], bool],
        keep: Keep,
        run: str,
    ) -> None:
        self.turned_away = 0
        """Callers who found every port taken."""
        self.taken = 0
        """Callers who rang."""
        self._exchange = Exchange(
            name, world, start, hear=hear, setup=setup, answers_itself=answers_itself, keep=keep, run=run
        )
        self._arrivals = arrivals
        self._next_arrival = next(arrivals, inf)

    @property
    def lines(self) -> dict[CallKey, Line]:
        """The live calls."""
        return self._exchange.lines

    # ── time ──

    def next_due(self) -> float:
        """When something happens next; infinity when nothing ever will."""
        return min(self._exchange.next_due(), self._next_arrival)

    def pass_time(self, now: float) -> None:
        """Let everything happen that is due by `now`, each at its own time."""
        exchange = self._exchange
        while (due := self.next_due()) <= now:
            exchange.set_clock(due)
            if due == self._next_arrival:
                self._next_arrival = next(self._arrivals, inf)
                self._arrive()
            else:
                self._happen(*exchange.pop_due())
        exchange.set_clock(now)

    def stop_new_callers(self) -> None:
        """Nobody rings any more."""
        self._arrivals = iter(())
        self._next_arrival = inf

    def drain(self, now: float, seconds: float) -> None:
        """Nobody rings any more, and everybody who is there comes to an end within so many seconds."""
        self.stop_new_callers()
        exchange = self._exchange
        exchange.close_at = now + seconds
        lines = list(self.lines.values())
        for place, line in enumerate(lines, 1):
            what = clock_of(line)
            time = now + seconds * place / len(lines)
            exchange.plan(line, what, min(line.pending.get(what, inf), time))

    # ── commands ──

    def do(self, command: Command, now: float) -> None:
        """Carry out one command. Raises `Refused`."""
        exchange = self._exchange
        exchange.set_clock(max(now, exchange.now))
        line = exchange.lines.get(command.call)
        match command:
            case Release():
                if line is not None:
                    exchange.release(line, EndedBy.US, command.cause)
                return
            case StopRinging():
                if line is not None:
                    legs.let_go(exchange, line, command.offer)
                return
            case RingSeat():
                legs.ring_seat(exchange, line, command)
                return
            case _:
                pass
        if line is None:
            raise Refused(f"no call {command.call}")
        match command:
            case Answer():
                hearing.off_hook(exchange, line)
            case PlayPrompt():
                hearing.play(exchange, line, command)
            case PlayMusic():
                hearing.play_music(exchange, line)
            case RingOutside():
                legs.ring_outside(exchange, line, command)
            case PlaceCall():
                legs.place(exchange, line, command)
            case PickUp():
                legs.click(exchange, line, command.offer)
            case Arrange():
                hearing.arrange(exchange, line, command)
            case SendKeys():
                legs.send_keys(line, command)
            case StartRecording():
                hearing.record(exchange, line, command.name)
            case TakeMessage():
                hearing.take_message(exchange, line, command)
            case _:
                assert_never(command)

    def ports(self) -> list[PortStatus]:
        """Every live call."""
        return [status_of(line, self._exchange.start) for line in self.lines.values()]

    # ── what outlives the service ──

    def save(self) -> Saved:
        """The live calls, as values that can be written down."""
        exchange = self._exchange
        return Saved(start=exchange.start, calls=list(exchange.lines.values()), over=list(exchange.over))

    def restore(self, saved: Saved) -> None:
        """Take over the live calls of an earlier device. What would have happened meanwhile happens at once."""
        exchange = self._exchange
        exchange.over.extend(saved.over)
        shift = (exchange.start - saved.start).total_seconds()
        for line in saved.calls:
            line.since -= shift
            line.recording_since -= shift
            if line.port in exchange.free_ports:
                exchange.free_ports.remove(line.port)
            exchange.lines[line.key] = line
            for what, time in list(line.pending.items()):
                exchange.plan(line, what, max(time - shift, 0.0))

    # ── what happens by itself ──

    def _arrive(self) -> None:
        exchange = self._exchange
        self.taken += 1
        caller = exchange.world.caller()
        passed_on = exchange.world.passed_on()
        if not exchange.free_ports:
            self.turned_away += 1
            return
        line = Line(
            key=CallKey(f"{exchange.run}-{self.taken}"),
            caller=caller,
            since=exchange.now,
            port=exchange.free_ports.pop(0),
            number_known=caller.late_by is None,
            talk_left=caller.talk,
        )
        exchange.lines[line.key] = line
        if caller.late_by is not None:
            exchange.plan(line, "number", exchange.now + caller.late_by)
        exchange.plan(line, "patience", exchange.within(exchange.setup.unheeded))
        exchange.say(
            line,
            CallOffered,
            caller=caller.number if line.number_known else None,
            dialled=DIALLED,
            their_id=f"P-{line.key}" if passed_on else "",
        )

    def _happen(self, line: Line, what: str) -> None:
        exchange = self._exchange
        deed, _, about = what.partition(" ")
        match deed:
            case "number":
                line.number_known = True
                exchange.say(line, CallerIdentified, caller=line.caller.number or "")
            case "prompt":
                hearing.prompt_over(exchange, line, interrupted=False)
            case "key":
                hearing.press(exchange, line, about)
            case "answer":
                legs.pick_up(exchange, line, OfferId(about))
            case "decline":
                legs.decline(exchange, line, OfferId(about))
            case "leave":
                legs.leave(exchange, line, OfferId(about))
            case "there":
                legs.there(exchange, line)
            case "failed":
                exchange.release(line, EndedBy.NETWORK, about)
            case "message":
                self._said_everything(line)
            case "talk":
                self._talk_over(line)
            case "patience" if line.mood is Mood.ABSENT:
                self._give_up(line)
            case _:
                exchange.release(line, EndedBy.CALLER)

    def _talk_over(self, line: Line) -> None:
        if line.caller.hangs_up_first:
            self._exchange.release(line, EndedBy.CALLER)
            return
        line.talk_left = line.caller.talk
        for offer in line.room:
            legs.leave(self._exchange, line, offer)

    def _said_everything(self, line: Line) -> None:
        if line.hangs_up_after:
            self._exchange.release(line, EndedBy.CALLER)
        else:
            hearing.message_over(self._exchange, line)

    def _give_up(self, line: Line) -> None:
        """Whoever of ours waits for the other side of an outbound call puts the receiver down."""
        for offer in line.picked_up:
            legs.leave(self._exchange, line, offer)
        if line.key in self.lines:
            self._exchange.release(line, EndedBy.SEAT)
