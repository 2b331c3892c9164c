"""How does an Asterisk become one of our devices? Its events become facts, our commands become requests.

The event socket is opened first, then the snapshot is taken, then `LinkUp` is heard: nothing can fall between the two.
What an event and the snapshot both tell carries the same `event_id`. Seats' legs, bridges and announcements carry their
call in their ids (`ids.py`), so a restart of ours forgets nothing that matters.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_never

import msgspec
import structlog

from adapters.asterisk import commands
from adapters.asterisk.accounts import Accounts, BrowserAccount
from adapters.asterisk.client import Ari, connected
from adapters.asterisk.commands import Desk
from adapters.asterisk.events import (
    HEARD,
    AriEvent,
    answered,
    call_of,
    decode,
    fact,
    moment,
    not_there,
    offered,
    seat_answered,
)
from adapters.asterisk.follow import RecordsReader
from adapters.asterisk.ids import bridge_id, leg_id, read_leg
from adapters.asterisk.lines import Leg, Line
from adapters.asterisk.rest import part
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.snapshot import LiveCall, Snapshot, line_of, live, orphans, statuses
from adapters.errors import LinkDown
from adapters.telephony import (
    Ability,
    AdapterName,
    Answer,
    CallKey,
    CallOffered,
    CallReleased,
    Command,
    DeviceEvent,
    Handling,
    Hear,
    JoinLegs,
    LegsJoined,
    LinkUp,
    OfferId,
    PickUp,
    PlayMusic,
    PlayPrompt,
    PortStatus,
    RecordingStopped,
    Release,
    RingSeat,
    StartRecording,
    StopRinging,
)

ABILITIES = frozenset(Ability)
REMEMBERED = 20_000
"""Ends of calls and recordings that were told, so that they need not be told again from another source."""
STOPS_WITHIN_SECONDS = 2.0
"""A recording that was told to end has ended by then."""
RINGS_WITHIN_SECONDS = 5.0
"""A phone that is there says that it rings at once; this leaves time for an INVITE to be lost three times (RFC 3261, T1
0.5 s). Without a limit of our own a dead phone would be taken for a lawyer who does not pick up."""

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
        self._log = log.bind(adapter=name)
        self._ari: Ari | None = None
        self._hear: Hear = _nobody
        self._lines: dict[CallKey, Line] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._started = ""
        self._reader = RecordsReader(settings, name, state_dir / "adapters" / name / "records.json")
        self._errands: set[asyncio.Task[None]] = set()
        self._recorded: OrderedDict[str, None] = OrderedDict()
        """Recordings told from the records; each may end once more, when the bridge that was left behind goes."""
        self._stopping: dict[str, asyncio.Event] = {}
        """Recordings whose end we wait for."""
        self.misread = 0
        """Messages and records that could not be read since the start."""

    @property
    def name(self) -> AdapterName:
        """The name in the settings file."""
        return self._name

    @property
    def abilities(self) -> frozenset[Ability]:
        """All of them."""
        return ABILITIES

    @property
    def recordings(self) -> Path | None:
        """Where Asterisk's recordings lie, as we see them; None: they are only named."""
        return self._settings.recordings

    async def run(self, hear: Hear) -> None:
        """Hear Asterisk until cancelled or until the link fails (`LinkDown`)."""
        try:
            async with connected(self._settings, self._password) as ari:
                await self._arrive(ari, hear)
                follow = asyncio.create_task(self._follow_records(hear), name=f"{self._name} records")
                self._errands.add(follow)
                async for message in ari.messages():
                    self._take(message, hear)
        finally:
            self._ari, self._hear = None, _nobody
            errands = tuple(self._errands)
            for errand in errands:
                errand.cancel()
            await asyncio.gather(*errands, return_exceptions=True)

    async def do(self, command: Command) -> None:
        """Carry out one command. `PickUp` does nothing: a real phone is answered at the phone."""
        ari = self._ari
        if ari is None:
            raise LinkDown("not connected")
        line = self._lines.get(command.call, Line())
        desk = Desk(ari.rest, self._settings, command.call, line)
        match command:
            case Answer():
                await commands.answer(desk)
            case PlayPrompt():
                await commands.play_prompt(desk, command)
            case PlayMusic():
                await commands.play_music(desk)
            case RingSeat():
                await self._ring(desk, command)
            case StopRinging():
                await commands.stop_ringing(desk, command)
            case PickUp():
                pass
            case JoinLegs():
                await commands.join(desk, command)
            case StartRecording():
                await commands.start_recording(desk, command)
                self._errand(commands.note_recording(desk, command.name))
            case Release():
                await commands.release(desk, command)
            case _:
                assert_never(command)

    async def ports(self) -> Sequence[PortStatus]:
        """Every call in the application and in the fallback."""
        if self._ari is None:
            raise LinkDown("not connected")
        snapshot = await self._ari.snapshot()
        return statuses(live(snapshot, self._settings.fallback_context), self._lines, datetime.now(UTC))

    def browser_account(self, extension: str) -> BrowserAccount | None:
        """What the browser phone with that extension registers with; None when there is no such phone."""
        return self._accounts.of(extension) if self._accounts else None

    async def leftovers(self) -> list[str]:
        """Channels and bridges of ours that belong to no live call; empty but for the moment after a call's end."""
        if self._ari is None:
            raise LinkDown("not connected")
        snapshot = await self._ari.snapshot()
        legs, bridges = orphans(snapshot, live(snapshot, self._settings.fallback_context))
        return [*legs, *bridges]

    async def _arrive(self, ari: Ari, hear: Hear) -> None:
        await ari.hear_only(HEARD)
        started = await ari.started()
        restarted = bool(self._started) and started != self._started
        self._started = started
        snapshot = await ari.snapshot()
        calls = live(snapshot, self._settings.fallback_context)
        self._lines = {CallKey(call.channel.id): line_of(call) for call in calls if call.handling is Handling.HALL}
        for call, line in self._lines.items():
            if line.joined:
                line.recording = await commands.noted_recording(Desk(ari.rest, self._settings, call, line))
        await self._read_records(hear)
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
            self._tell_standing(call, hear, now)
        self._sweep(ari, snapshot, calls)

    def _tell_standing(self, call: LiveCall, hear: Hear, now: datetime) -> None:
        """What happened to a call that is still there while we did not listen, as far as it can be seen."""
        if call.handling is not Handling.HALL:
            return
        hear(offered(call.channel, self._name, now))
        if call.channel.up:
            hear(answered(CallKey(call.channel.id), self._name, now, now))
        for offer, leg in call.legs.items():
            if leg.up and offer != call.joined and (said := seat_answered(leg.id, self._name, now, now)):
                hear(said)

    def _sweep(self, ari: Ari, snapshot: Snapshot, calls: Sequence[LiveCall]) -> None:
        legs, bridges = orphans(snapshot, calls)
        for leg in legs:
            self._errand(commands.drop(ari.rest, f"channels/{part(leg)}"))
        for bridge in bridges:
            self._errand(commands.drop(ari.rest, f"bridges/{part(bridge)}"))

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
        call = call_of(event)
        if call is None:
            return
        if event.recording and event.type != "RecordingStarted" and event.recording.name in self._stopping:
            self._stopping[event.recording.name].set()
        if event.type == "StasisStart" and event.channel and event.channel.id == call:
            self._lines.setdefault(call, Line(up=event.channel.up))  # or known already, from a list taken since
        line = self._lines.get(call)
        said = fact(event, self._name, heard_at, line)
        if line is not None:
            self._remember(event, call, line)
        if said is not None and said.event_id not in self._recorded:
            hear(said)
        if isinstance(said, CallOffered) and event.channel and event.channel.up:
            hear(answered(call, self._name, moment(event.timestamp, heard_at), heard_at))
        if isinstance(said, LegsJoined) and line is not None:
            line.joined = said.offer
        if isinstance(said, CallReleased):
            self._over(call)
        elif line is None and event.type == "StasisStart" and event.channel and self._ari:
            self._errand(commands.drop(self._ari.rest, f"channels/{part(event.channel.id)}"))

    def _remember(self, event: AriEvent, call: CallKey, line: Line) -> None:
        """What the event changes in our memory of the call."""
        leg_of = read_leg(event.channel.id) if event.channel else None
        leg = line.legs.setdefault(leg_of[1], Leg()) if leg_of else None
        match event.type:
            case "StasisStart" if leg:
                leg.answered = True
            case "ChannelDestroyed" if leg_of:
                line.legs.pop(leg_of[1], None)
                line.over.add(leg_of[1])
                line.joined = None if line.joined == leg_of[1] else line.joined
            case "ChannelStateChange" if event.channel:
                if leg:
                    leg.rang = leg.rang or event.channel.state == "Ringing"
                else:
                    line.up = line.up or event.channel.up
            case "ChannelHangupRequest" if leg is None and line.hangup_cause is None:
                line.hangup_cause = event.cause
            case "ChannelDtmfReceived" if leg is None and line.playing and line.interruptible and self._ari:
                line.interrupted = True
                self._errand(commands.drop(self._ari.rest, f"playbacks/{part(line.playing)}"))
            case "PlaybackFinished" if event.playback and event.playback.id == line.playing:
                line.playing, line.interrupted = "", False
            case "RecordingStarted" if event.recording:
                line.recording = event.recording.name
            case "RecordingFinished" | "RecordingFailed":
                line.recording = ""
            case _:
                pass

    def _over(self, call: CallKey) -> None:
        """The caller is gone: so are his seat's legs and his bridge."""
        line = self._lines.pop(call, None)
        _note(self._ended, call)
        if self._ari is None or line is None:
            return
        for offer in line.legs:
            self._errand(commands.drop(self._ari.rest, f"channels/{part(leg_id(call, offer))}"))
        if line.bridge:
            self._errand(self._close(self._ari, call, line.recording))

    async def _close(self, ari: Ari, call: CallKey, recording: str) -> None:
        """The recording first: the end of one whose bridge is taken away may be told to nobody."""
        if recording:
            over = self._stopping[recording] = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOPS_WITHIN_SECONDS):
                    if await commands.stop_recording(ari.rest, recording):
                        await over.wait()
            self._stopping.pop(recording, None)
        await commands.drop(ari.rest, f"bridges/{part(bridge_id(call))}")

    async def _ring(self, desk: Desk, command: RingSeat) -> None:
        """The bridge is made while the phone rings, so that it is there when the phone is picked up."""
        if command.offer in desk.line.over:
            return  # repeated because the answer was lost; the phone has rung and stopped meanwhile
        desk.line.legs.setdefault(command.offer, Leg())
        rung = await commands.ring(desk, command)
        if rung is not commands.Rung.RINGS:
            desk.line.legs.pop(command.offer, None)
        if rung is commands.Rung.NO_CALLER:
            return
        if rung is commands.Rung.NO_PHONE:
            self._hear(not_there(command.call, command.offer, self._name, datetime.now(UTC)))
            return
        if not desk.line.bridge:
            self._errand(commands.ensure_bridge(desk))
        asyncio.get_running_loop().call_later(RINGS_WITHIN_SECONDS, self._drop_if_dead, command.call, command.offer)

    def _drop_if_dead(self, call: CallKey, offer: OfferId) -> None:
        """Nothing was heard of the phone: its leg's end tells the hall that it cannot be reached."""
        leg = self._lines.get(call, Line()).legs.get(offer)
        if self._ari is not None and leg is not None and not (leg.rang or leg.answered or leg.stopped):
            self._errand(commands.drop(self._ari.rest, f"channels/{part(leg_id(call, offer))}"))

    async def _follow_records(self, hear: Hear) -> None:
        while self._settings.records is not None:
            await asyncio.sleep(self._settings.records_every)
            await self._read_records(hear)

    async def _read_records(self, hear: Hear) -> None:
        for said in await self._reader.read(datetime.now(UTC), self._ended):
            if isinstance(said, RecordingStopped):
                _note(self._recorded, said.event_id)
            hear(said)

    def _errand(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, name=f"{self._name} errand")
        self._errands.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._errands.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._log.warning("an errand failed", errand=task.get_name(), problem=str(error))


def _note(told: OrderedDict[str, None], name: str) -> None:
    told[name] = None
    while len(told) > REMEMBERED:
        told.popitem(last=False)


def _nobody(event: DeviceEvent) -> None:
    """Who hears while we are not connected."""
