"""How does an Asterisk become one of our devices? Its events become facts, our commands become requests.

The event socket is opened first, then the snapshot is taken, then `LinkUp` is heard: nothing can fall between the two.
What an event and the snapshot both tell carries the same `event_id`. Legs, bridges and announcements carry their call
in their ids (`ids.py`), so a restart of ours forgets nothing that matters.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_never

import msgspec
import structlog

from adapters.asterisk import commands, probe, recordings, ringing, room
from adapters.asterisk.accounts import Accounts, BrowserAccount
from adapters.asterisk.ari import HEARD, AriEvent, decode, moment
from adapters.asterisk.client import Ari, connected
from adapters.asterisk.commands import Desk
from adapters.asterisk.ending import Told, close
from adapters.asterisk.errands import Errands
from adapters.asterisk.events import answered, call_of, facts, not_there, offered, released, seat_answered
from adapters.asterisk.follow import RecordsReader
from adapters.asterisk.ids import is_placed, is_probe, leg_id, read_leg, read_snoop
from adapters.asterisk.lines import Kind, Leg, Line
from adapters.asterisk.memory import forget_snoop, remember
from adapters.asterisk.prompt_store import PromptFolder
from adapters.asterisk.rest import part
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.snapshot import LiveCall, Snapshot, line_of, live, orphans, statuses
from adapters.errors import LinkDown, Refused
from adapters.prompts import PromptStore
from adapters.telephony import (
    Ability,
    AdapterName,
    Answer,
    Arrange,
    CallKey,
    CallReleased,
    Command,
    DeviceEvent,
    EndedBy,
    Handling,
    Hear,
    LinkUp,
    OfferId,
    PhoneKind,
    PickUp,
    PlaceCall,
    PlayMusic,
    PlayPrompt,
    PortStatus,
    Reach,
    Release,
    RingOutside,
    RingSeat,
    SendKeys,
    StartRecording,
    StopRinging,
    TakeMessage,
)

RINGS_WITHIN_SECONDS = 5.0
"""A phone that is there says that it rings at once; this leaves time for an INVITE to be lost three times (RFC 3261, T1
0.5 s). Without a limit of our own a dead phone would be taken for a lawyer who does not pick up. Not for numbers
outside: networks often play a tone of their own instead of saying that it rings."""
ACCEPTS_WITHIN_SECONDS = 10.0
"""From the moment when a mobile was picked up to the key 1."""

log = structlog.get_logger("adapters.asterisk")


class AsteriskAdapter:
    """One Asterisk with its lines, cards and phones."""

    def __init__(
        self,
        name: AdapterName,
        settings: AsteriskSettings,
        password: str,
        state_dir: Path,
        accounts: Accounts | None = None,
    ) -> None:
        self._name = name
        self._accounts = accounts
        self._settings = settings
        self._password = password
        self._abilities = frozenset(Ability) - (frozenset() if settings.outside else {Ability.RINGS_OUTSIDE})
        self._prompts = PromptFolder(settings.prompts_folder) if settings.prompts_folder else None
        self._log = log.bind(adapter=name)
        self._ari: Ari | None = None
        self._hear: Hear = _nobody
        self._lines: dict[CallKey, Line] = {}
        self._awaited: dict[str, asyncio.Event] = {}
        self._told = Told()
        self._started = ""
        self._reader = RecordsReader(settings, name, state_dir / "adapters" / name / "records.json")
        self._errands = Errands(name, self._log)
        self.misread = 0
        """Messages and records that could not be read since the start."""

    @property
    def name(self) -> AdapterName:
        """The name in the settings file."""
        return self._name

    @property
    def abilities(self) -> frozenset[Ability]:
        """All of them; numbers outside only where a way outside is set."""
        return self._abilities

    @property
    def reach(self) -> Mapping[int | None, Reach]:
        """Any extension, whether it has registered or not, of the kinds that the settings say how to dial."""
        kinds = {PhoneKind(each) for each in self._settings.phones}
        kinds |= {PhoneKind.MOBILE} if self._settings.outside else set()
        return {None: Reach(kinds=frozenset(kinds))}

    @property
    def recordings(self) -> Path | None:
        """Where Asterisk's recordings lie, as we see them; None: they are only named."""
        return self._settings.recordings

    @property
    def prompt_store(self) -> PromptStore | None:
        """Where uploaded announcements are put; None: its folder is not within our reach."""
        return self._prompts

    async def run(self, hear: Hear) -> None:
        """Hear Asterisk until cancelled or until the link fails (`LinkDown`)."""
        try:
            async with connected(self._settings, self._password) as ari:
                await self._arrive(ari, hear)
                self._errands.send(self._follow_records(hear))
                async for message in ari.messages():
                    self._take(message, hear)
        finally:
            self._ari, self._hear = None, _nobody
            await self._errands.end()

    async def do(self, command: Command) -> None:
        """Carry out one command. `PickUp` does nothing: a real phone is answered at the phone."""
        ari = self._ari
        if ari is None:
            raise LinkDown("not connected")
        desk = self._desk(ari, command.call, self._line(command))
        match command:
            case Answer():
                await commands.answer(desk)
            case PlayPrompt():
                await commands.play_prompt(desk, command)
            case PlayMusic():
                await commands.play_music(desk)
            case RingSeat() | RingOutside():
                await self._ring(desk, command)
            case PlaceCall():
                await self._place(desk, command)
            case StopRinging():
                await commands.stop_ringing(desk, command)
            case PickUp():
                pass
            case Arrange():
                if command.call not in self._lines:
                    raise Refused("no such call")
                await room.arrange(desk, command)
            case SendKeys():
                await commands.send_keys(desk, command)
            case StartRecording():
                await recordings.start_recording(desk, command)
                self._errands.send(recordings.note_recording(desk, command.name))
            case TakeMessage():
                await recordings.take_message(desk, command)
            case Release():
                if not await commands.release(desk, command) and desk.line.placed:
                    self._end_unplaced(command.call, EndedBy.US, "")
            case _:
                assert_never(command)

    async def ports(self) -> Sequence[PortStatus]:
        """Every call in the application and in the fallback, and every one that we placed."""
        if self._ari is None:
            raise LinkDown("not connected")
        snapshot = await self._ari.snapshot()
        return statuses(live(snapshot, self._settings.fallback_context), self._lines, datetime.now(UTC))

    async def probe(self) -> str:
        """A sign of life, and a test call where the settings do not forbid it. Raises `LinkDown`, `NoAnswer`, and
        `Refused` when Asterisk is there but a caller would not come through."""
        ari = self._ari
        if ari is None:
            raise LinkDown("not connected")
        said = await probe.alive(ari)
        if not self._settings.test_calls:
            return said

        def let_go(channel: str) -> None:
            self._errands.send(commands.drop(ari.rest, f"channels/{part(channel)}"))

        return f"{said}；{await probe.try_the_way(ari, self._settings, self._awaited, let_go)}"

    def browser_account(self, extension: str) -> BrowserAccount | None:
        """What the browser phone with that extension registers with; None when there is no such phone."""
        return self._accounts.of(extension) if self._accounts else None

    async def leftovers(self) -> list[str]:
        """Channels and bridges of ours that belong to no live call; empty but for the moment after a call's end."""
        if self._ari is None:
            raise LinkDown("not connected")
        snapshot = await self._ari.snapshot()
        channels, bridges = orphans(snapshot, live(snapshot, self._settings.fallback_context))
        return [*channels, *bridges]

    def _desk(self, ari: Ari, call: CallKey, line: Line) -> Desk:
        return Desk(ari.rest, self._settings, call, line, self._awaited)

    def _line(self, command: Command) -> Line:
        """What is remembered of the command's call; an outbound one begins with the first phone that rings for it."""
        begins = isinstance(command, PlaceCall) or (isinstance(command, RingSeat) and command.first)
        if begins and not is_placed(command.call):
            raise Refused("the key of an outbound call begins with out~")
        if not (over := command.call in self._told.ended) and begins:
            self._lines.setdefault(command.call, Line(placed=True, began=datetime.now(UTC)))
        return self._lines.get(command.call) or Line(placed=is_placed(command.call), closed=over)

    # ── arriving ──

    async def _arrive(self, ari: Ari, hear: Hear) -> None:
        await ari.hear_only(HEARD)
        started = await ari.started()
        restarted = bool(self._started) and started != self._started
        self._started = started
        snapshot = await ari.snapshot()
        calls = live(snapshot, self._settings.fallback_context)
        now = datetime.now(UTC)
        over = await self._reader.tell(hear, self._told)
        self._lines = {
            call.key: line_of(call, now) for call in calls if call.handling is Handling.HALL and call.key not in over
        }
        finds = [
            recordings.find_recording(self._desk(ari, call.key, self._lines[call.key]))
            for call in calls
            if call.up and call.key in self._lines
        ]
        await commands.together(*finds)
        self._ari, self._hear = ari, hear
        now = datetime.now(UTC)
        hear(
            LinkUp(
                adapter=self._name,
                event_id=f"link/{now.timestamp()}",
                at=now,
                heard_at=now,
                detail=f"started {started}" + (", restarted since" if restarted else ""),
            )
        )
        self._log.info("asterisk is up", calls=len(calls), started=started, restarted=restarted)
        for call in calls:
            if line := self._lines.get(call.key):
                self._tell_standing(call, line, hear, now)
        self._sweep(ari, snapshot, calls, over)

    def _tell_standing(self, call: LiveCall, line: Line, hear: Hear, now: datetime) -> None:
        """What happened to a call that is still there while we did not listen, as far as it can be seen."""
        if call.channel and not line.placed:
            hear(offered(call.channel, self._name, now, now))
        if call.up:
            hear(answered(call.key, self._name, now, now))
        for offer, leg in line.legs.items():
            if leg.asked:
                self._ask(call.key, offer, leg)
            elif leg.answered and offer not in line.room and offer not in line.aside:
                hear(seat_answered(call.key, offer, self._name, now, now))

    def _sweep(self, ari: Ari, snapshot: Snapshot, calls: Sequence[LiveCall], over: set[CallKey]) -> None:
        channels, bridges = orphans(snapshot, calls, over)
        for channel in channels:
            self._errands.send(commands.drop(ari.rest, f"channels/{part(channel)}"))
        for bridge in bridges:
            self._errands.send(commands.drop(ari.rest, f"bridges/{part(bridge)}"))

    # ── hearing ──

    def _take(self, message: str | bytes, hear: Hear) -> None:
        heard_at = datetime.now(UTC)
        try:
            event = decode(message)
        except msgspec.MsgspecError as error:
            self.misread += 1
            self._log.warning("unreadable event", problem=str(error), size=len(message))
            return
        if event.type == "ApplicationReplaced":
            raise LinkDown(f"another program took over the application {self._settings.app!r}")
        if event.channel and is_probe(event.channel.id):
            if event.type == "StasisStart":
                self._came(event.channel.id)
            return
        if event.channel and (snoop := read_snoop(event.channel.id)):
            self._take_snoop(event, snoop[0])
            return
        call = call_of(event)
        if call is None:
            return
        if event.recording and event.type != "RecordingStarted":
            self._came(event.recording.name)
        starts = event.type == "StasisStart" and event.channel is not None
        if starts and event.channel and event.channel.id == call and call not in self._told.ended:
            # or known already, from a list taken since
            self._lines.setdefault(call, Line(up=event.channel.up, placed=is_placed(call)))
        line = self._lines.get(call)
        said = facts(event, self._name, heard_at, line) if line or not (starts and is_placed(call)) else ()
        if line is not None:
            remember(event, line)
        for one in said:
            if one.event_id not in self._told.recorded:
                hear(one)
        if starts and event.channel and event.channel.id == call and event.channel.up and not is_placed(call) and said:
            hear(answered(call, self._name, moment(event.timestamp, heard_at), heard_at))
        if any(isinstance(one, CallReleased) for one in said):
            self._over(call)
        elif line is not None:
            self._follow_up(event, call, line)
        elif starts and event.channel and self._ari:
            self._errands.send(commands.drop(self._ari.rest, f"channels/{part(event.channel.id)}"))

    def _take_snoop(self, event: AriEvent, call: CallKey) -> None:
        if event.channel and event.type == "StasisStart":
            self._came(event.channel.id)
        if line := self._lines.get(call):
            forget_snoop(event, line)

    def _came(self, what: str) -> None:
        if waiting := self._awaited.get(what):
            waiting.set()

    def _follow_up(self, event: AriEvent, call: CallKey, line: Line) -> None:
        """What is ours to do by ourselves now that this has happened."""
        ari = self._ari
        if ari is None:
            return
        desk = self._desk(ari, call, line)
        leg_of = read_leg(event.channel.id) if event.channel else None
        leg = line.legs.get(leg_of[1]) if leg_of else None
        match event.type:
            case "StasisStart" if leg_of and leg and leg.asked:
                self._ask(call, leg_of[1], leg)
            case "StasisStart" if leg_of and leg and line.dialling and not line.up:
                self._errands.send(ringing.ring_tone(desk, leg_of[1], leg))
            case "ChannelDtmfReceived" if leg_of and leg and leg.question and leg.answered:
                question, leg.question = leg.question, ""
                self._errands.send(ringing.accepted(desk, leg_of[1], question))
            case "ChannelDtmfReceived" if leg_of is None and line.playing and line.interruptible:
                line.interrupted = True
                self._errands.send(commands.drop(ari.rest, f"playbacks/{part(line.playing)}"))
            case "ChannelDestroyed" if leg_of and leg_of[1] in line.watchers:
                self._errands.send(room.leave_watch(desk, leg_of[1]))
            case "PlaybackFinished" if line.on_hold:
                self._errands.send(room.hold_music(desk))
            case _:
                pass

    def _over(self, call: CallKey) -> None:
        """The caller is gone: so are all other legs and the bridges."""
        line = self._lines.pop(call, None)
        self._told.end(call)
        if self._ari is None or line is None:
            return
        for offer in line.legs:
            self._errands.send(commands.drop(self._ari.rest, f"channels/{part(leg_id(call, offer))}"))
        self._errands.send(close(self._desk(self._ari, call, line)))

    # ── ringing ──

    async def _ring(self, desk: Desk, command: RingSeat | RingOutside) -> None:
        """The bridge is made while the phone rings, so that it is there when the phone is picked up."""
        if command.offer in desk.line.over or command.call in self._told.ended:
            return  # repeated because the answer was lost; the phone has rung and stopped meanwhile
        rung, kind = await ringing.ring(desk, command), ringing.kind_of(command)
        if rung is ringing.Rung.NO_CALLER:
            return
        if rung is ringing.Rung.NO_PHONE:
            self._hear(not_there(command.call, command.offer, kind, self._name, datetime.now(UTC)))
            return
        if not desk.line.bridge:
            self._errands.send(commands.ensure_bridge(desk))
        if kind is Kind.SEAT:
            self._later(RINGS_WITHIN_SECONDS, command.call, command.offer, lambda leg: not (leg.rang or leg.answered))

    async def _place(self, desk: Desk, command: PlaceCall) -> None:
        if command.call in self._told.ended:
            return  # repeated because the answer was lost; it has been refused meanwhile
        rung = await ringing.place(desk, command)
        if rung is ringing.Rung.NO_PHONE:
            self._end_unplaced(command.call, EndedBy.NETWORK, "unreachable")

    def _end_unplaced(self, call: CallKey, by: EndedBy, cause: str) -> None:
        """An outbound call that ends without a channel of whom it was for: nothing else would tell."""
        if call in self._lines:
            self._hear(released(call, self._name, datetime.now(UTC), by, cause))
            self._over(call)

    def _ask(self, call: CallKey, offer: OfferId, leg: Leg) -> None:
        if self._ari is None or (line := self._lines.get(call)) is None:
            return
        self._errands.send(ringing.ask(self._desk(self._ari, call, line), offer, leg))
        self._later(ACCEPTS_WITHIN_SECONDS, call, offer, lambda leg: leg.asked)

    def _later(self, seconds: float, call: CallKey, offer: OfferId, fruitless: Callable[[Leg], bool]) -> None:
        """Hang a leg up if by then it has come to nothing; its end tells the hall why."""

        def look() -> None:
            leg = self._lines.get(call, Line()).legs.get(offer)
            if self._ari is not None and leg is not None and not leg.stopped and fruitless(leg):
                self._errands.send(commands.drop(self._ari.rest, f"channels/{part(leg_id(call, offer))}"))

        asyncio.get_running_loop().call_later(seconds, look)

    async def _follow_records(self, hear: Hear) -> None:
        while self._settings.records is not None:
            await asyncio.sleep(self._settings.records_every)
            await self._reader.tell(hear, self._told)


def _nobody(event: DeviceEvent) -> None:
    """Who hears while we are not connected."""
