"""The telephone system that is not there: what happens on its lines, as a function of time and of commands.

No clock and no task: whoever owns it says what time it is. `adapter.py` lets it run in real time, `hotline simulate`
in virtual time. Times are seconds since the device's start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import inf
from typing import assert_never

from adapters.errors import Refused
from adapters.simulated.line import DIALLED, Keep, Line, Saved, Setup, status_of
from adapters.simulated.world import World
from adapters.telephony import (
    AdapterName,
    Answer,
    CallAnswered,
    CallerIdentified,
    CallEvent,
    CallKey,
    CallOffered,
    CallReleased,
    Command,
    DigitsPressed,
    EndedBy,
    JoinLegs,
    LegsJoined,
    OfferId,
    Phone,
    PhoneKind,
    PickUp,
    PlayMusic,
    PlayPrompt,
    PortStatus,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    Release,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
    StartRecording,
    StopRinging,
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
        self.name = name
        self.world = world
        self.start = start
        self.lines: dict[CallKey, Line] = {}
        self.turned_away = 0
        """Callers who found every port taken."""
        self.taken = 0
        """Callers who rang."""
        self._hear = hear
        self._arrivals = arrivals
        self._next_arrival = next(arrivals, inf)
        self._setup = setup
        self._free_ports = list(range(1, setup.ports + 1))
        self._answers_itself = answers_itself
        self._keep = keep
        self._run = run
        self._due: list[tuple[float, int, CallKey, str]] = []
        self._entries = 0
        self._now = 0.0
        self._at = start
        self._close_at = inf
        self._facts = 0

    # ── time ──

    def next_due(self) -> float:
        """When something happens next; infinity when nothing ever will."""
        while self._due:
            time, _, key, what = self._due[0]
            line = self.lines.get(key)
            if line is not None and line.pending.get(what) == time:
                return min(time, self._next_arrival)
            heappop(self._due)
        return self._next_arrival

    def pass_time(self, now: float) -> None:
        """Let everything happen that is due by `now`, each at its own time."""
        while (due := self.next_due()) <= now:
            self._set(due)
            if due == self._next_arrival:
                self._next_arrival = next(self._arrivals, inf)
                self._arrive()
                continue
            _, _, key, what = heappop(self._due)
            line = self.lines[key]
            del line.pending[what]
            self._happen(line, what)
        self._set(now)

    def stop_new_callers(self) -> None:
        """Nobody rings any more."""
        self._arrivals = iter(())
        self._next_arrival = inf

    def drain(self, now: float, seconds: float) -> None:
        """Nobody rings any more, and everybody who is there comes to an end within so many seconds."""
        self.stop_new_callers()
        self._close_at = now + seconds
        lines = list(self.lines.values())
        for place, line in enumerate(lines, 1):
            what = "talk" if line.joined is not None else "patience"
            time = now + seconds * place / len(lines)
            self._plan(line, what, min(line.pending.get(what, inf), time))

    # ── commands ──

    def do(self, command: Command, now: float) -> None:
        """Carry out one command. Raises `Refused`."""
        self._set(max(now, self._now))
        line = self.lines.get(command.call)
        match command:
            case Release():
                if line is not None:
                    self._release(line, EndedBy.US, command.cause)
                return
            case StopRinging():
                if line is not None:
                    self._stop_ringing(line, command.offer)
                return
            case _:
                pass
        if line is None:
            raise Refused(f"no call {command.call}")
        match command:
            case Answer():
                self._off_hook(line)
            case PlayPrompt():
                self._play(line, command)
            case PlayMusic():
                self._cut_prompt(line)
                line.music = True
                self._begin_waiting(line)
            case RingSeat():
                self._ring(line, command)
            case PickUp():
                self._pick_up(line, command.offer)
            case JoinLegs():
                self._join(line, command.offer)
            case StartRecording():
                self._record(line, command.name)
            case _:
                assert_never(command)

    def ports(self) -> list[PortStatus]:
        """Every live call."""
        return [status_of(line, self.start) for line in self.lines.values()]

    # ── what outlives the service ──

    def save(self) -> Saved:
        """The live calls, as values that can be written down."""
        return Saved(start=self.start, lines=list(self.lines.values()))

    def restore(self, saved: Saved) -> None:
        """Take over the live calls of an earlier device. What would have happened meanwhile happens at once."""
        shift = (self.start - saved.start).total_seconds()
        for line in saved.lines:
            line.since -= shift
            line.recording_since -= shift
            if line.port in self._free_ports:
                self._free_ports.remove(line.port)
            self.lines[line.key] = line
            for what, time in list(line.pending.items()):
                self._plan(line, what, max(time - shift, 0.0))

    # ── the caller ──

    def _arrive(self) -> None:
        self.taken += 1
        caller = self.world.caller()
        if not self._free_ports:
            self.turned_away += 1
            return
        key = CallKey(f"{self._run}-{self.taken}")
        line = Line(
            key=key,
            caller=caller,
            since=self._now,
            port=self._free_ports.pop(0),
            number_known=caller.late_by is None,
        )
        self.lines[key] = line
        if caller.late_by is not None:
            self._plan(line, "number", self._now + caller.late_by)
        self._plan(line, "patience", self._in(self._setup.unheeded))
        self._say(line, CallOffered, caller=caller.number if line.number_known else None, dialled=DIALLED)

    def _happen(self, line: Line, what: str) -> None:
        deed, _, about = what.partition(" ")
        match deed:
            case "number":
                line.number_known = True
                self._say(line, CallerIdentified, caller=line.caller.number or "")
            case "patience":
                self._release(line, EndedBy.CALLER)
            case "prompt":
                self._prompt_over(line, interrupted=False)
            case "key":
                self._cut_prompt(line)
                self._say(line, DigitsPressed, digits=about)
            case "answer":
                self._pick_up(line, OfferId(about))
            case "unanswered":
                self._decline(line, OfferId(about), "no_answer")
            case _:
                self._talk_over(line)

    def _begin_waiting(self, line: Line) -> None:
        if not line.waiting and line.joined is None:
            line.waiting = True
            self._plan(line, "patience", self._in(line.caller.patience))

    def _talk_over(self, line: Line) -> None:
        if line.caller.hangs_up_first:
            self._release(line, EndedBy.CALLER)
        elif line.joined is not None:
            offer, line.joined, line.joined_at = line.joined, None, None
            self._say(line, SeatReleased, offer=offer)
            self._plan(line, "patience", self._in(self._setup.unheeded))

    def _release(self, line: Line, by: EndedBy, cause: str = "") -> None:
        self._stop_recording(line)
        del self.lines[line.key]
        self._free_ports.append(line.port)
        self._say(line, CallReleased, by=by, cause=cause)

    # ── what the caller hears ──

    def _off_hook(self, line: Line) -> None:
        if not line.answered:
            line.answered = True
            self._say(line, CallAnswered)

    def _play(self, line: Line, command: PlayPrompt) -> None:
        if line.prompt == command.prompt:
            return
        self._off_hook(line)
        self._cut_prompt(line)
        line.prompt, line.music = command.prompt, False
        self._plan(line, "prompt", self._now + self._setup.prompts.get(command.prompt, self._setup.other_prompt))
        if not line.waiting:
            self._plan(line, "patience", self._in(self._setup.unheeded))
        keys = self._setup.menus.get(command.prompt)
        if keys and command.interruptible:
            pressed = self.world.key_of(line.caller, keys, line.menus)
            line.menus += 1
            if pressed is not None:
                self._plan(line, f"key {pressed}", self._now + line.caller.key_after)

    def _cut_prompt(self, line: Line) -> None:
        if line.prompt is not None:
            line.pending.pop("prompt", None)
            self._prompt_over(line, interrupted=True)

    def _prompt_over(self, line: Line, *, interrupted: bool) -> None:
        prompt, line.prompt = line.prompt, None
        self._say(line, PromptEnded, prompt=prompt or "", interrupted=interrupted)

    # ── the seat's side ──

    def _ring(self, line: Line, command: RingSeat) -> None:
        offer, phone = command.offer, command.phone
        if offer in line.ringing or offer in line.picked_up or offer == line.joined:
            return
        if phone.kind is not PhoneKind.SIMULATED:
            raise Refused(f"no {phone.kind} phone here, only simulated ones")
        self._begin_waiting(line)
        if self._occupied(phone):
            self._say(line, SeatDeclined, offer=offer, seat=phone.extension, reason="busy")
            return
        line.ringing[offer] = phone.extension
        self._say(line, SeatRinging, offer=offer, seat=phone.extension)
        self._plan(line, f"unanswered {offer}", self._now + command.seconds)
        if self._answers_itself(phone.extension):
            after = self.world.picks_up()
            if after is not None and after < command.seconds:
                self._plan(line, f"answer {offer}", self._now + after)

    def _occupied(self, phone: Phone) -> bool:
        extension = phone.extension
        return any(
            extension == line.joined_at or extension in line.ringing.values() or extension in line.picked_up.values()
            for line in self.lines.values()
        )

    def _forget_offer(self, line: Line, offer: OfferId) -> None:
        line.pending.pop(f"answer {offer}", None)
        line.pending.pop(f"unanswered {offer}", None)

    def _pick_up(self, line: Line, offer: OfferId) -> None:
        if offer in line.picked_up or offer == line.joined:
            return
        extension = line.ringing.pop(offer, None)
        if extension is None:
            raise Refused(f"offer {offer} does not ring")
        self._forget_offer(line, offer)
        line.picked_up[offer] = extension
        self._say(line, SeatAnswered, offer=offer, seat=extension)

    def _decline(self, line: Line, offer: OfferId, reason: str) -> None:
        self._forget_offer(line, offer)
        extension = line.ringing.pop(offer, None)
        self._say(line, SeatDeclined, offer=offer, seat=extension, reason=reason)

    def _stop_ringing(self, line: Line, offer: OfferId) -> None:
        self._forget_offer(line, offer)
        line.ringing.pop(offer, None)
        line.picked_up.pop(offer, None)

    def _join(self, line: Line, offer: OfferId) -> None:
        if line.joined == offer:
            return
        extension = line.picked_up.pop(offer, None)
        if extension is None:
            raise Refused(f"offer {offer} was not picked up")
        self._cut_prompt(line)
        line.answered, line.music, line.waiting = True, False, False
        line.joined, line.joined_at = offer, extension
        line.pending.pop("patience", None)
        self._plan(line, "talk", self._in(line.caller.talk))
        self._say(line, LegsJoined, offer=offer)

    def _record(self, line: Line, name: str) -> None:
        if line.recording == name:
            return
        self._stop_recording(line)
        line.recording, line.recording_since = name, self._now
        self._say(line, RecordingStarted, name=name)

    def _stop_recording(self, line: Line) -> None:
        name, line.recording = line.recording, None
        if name is None:
            return
        kept = self._keep(name, self._now - line.recording_since)
        if kept is None:
            self._say(line, RecordingStopped, name=name, missing="not_simulated")
        else:
            self._say(line, RecordingStopped, name=name, seconds=round(kept[1], 3), file=kept[0])

    # ── small things ──

    def _set(self, now: float) -> None:
        if now != self._now:
            self._now = now
            self._at = self.start + timedelta(seconds=now)

    def _in(self, seconds: float) -> float:
        """So many seconds from now, or when everything has to have ended."""
        return min(self._now + seconds, max(self._close_at, self._now))

    def _plan(self, line: Line, what: str, time: float) -> None:
        line.pending[what] = time
        self._entries += 1
        heappush(self._due, (time, self._entries, line.key, what))

    def _event_id(self) -> str:
        self._facts += 1
        return f"{self._run}:{self._facts}"

    def _say(self, line: Line, kind: type[CallEvent], /, **fields: object) -> None:
        at = self._at
        self._hear(
            kind(
                adapter=self.name,
                event_id=self._event_id(),
                at=at,
                heard_at=at,
                port=line.port,
                call=line.key,
                **fields,  # pyright: ignore[reportArgumentType]  # each caller names the fields of its own kind
            )
        )
