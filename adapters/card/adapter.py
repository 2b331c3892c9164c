"""How does a telephony card become one of our devices? A driver host of its own says what happens on the channels, the
book says which call that is, commands become orders to the host.

A host that dies takes the calls on its card with it; it never takes us: their end is told, `run` ends in `LinkDown`,
and the supervisor begins anew.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import assert_never

import structlog

from adapters.card import commands, seats
from adapters.card.book import Book, Setup
from adapters.card.calls import status_of
from adapters.card.desk import Desk
from adapters.card.process import Host, running
from adapters.card.prompt_folder import PromptFolder
from adapters.card.seats import RINGABLE
from adapters.card.settings import CardSettings
from adapters.card.wire import Alive, Broken, Channel, HangUp, Kind, Look, Mended, Order, Ready, State
from adapters.errors import LinkDown, Unsupported
from adapters.prompts import PromptStore
from adapters.telephony import (
    Ability,
    AdapterName,
    Answer,
    Arrange,
    Command,
    DeviceEvent,
    Hear,
    LinkUp,
    PickUp,
    PlaceCall,
    PlayMusic,
    PlayPrompt,
    PortFault,
    PortRestored,
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

ALWAYS = frozenset(
    {
        Ability.ANSWERS,
        Ability.PLAYS,
        Ability.HEARS_KEYS,
        Ability.JOINS,
        Ability.SENDS_KEYS,
        Ability.RECORDS,
        Ability.TAKES_MESSAGES,
        Ability.REPORTS_PORTS,
    }
)

log = structlog.get_logger("adapters.card")


class CardAdapter:
    """The cards that one vendor's library drives."""

    def __init__(
        self,
        name: AdapterName,
        settings: CardSettings,
        arguments: Sequence[str],
        secrets: Mapping[str, str],
        folder: Path,
    ) -> None:
        self._name = name
        self._settings = settings
        self._arguments, self._secrets = arguments, secrets
        self._folder = folder
        self._abilities = (
            ALWAYS
            | (frozenset({Ability.RINGS_SEATS}) if settings.seats else frozenset())
            | (frozenset({Ability.CONFERS, Ability.HOLDS}) if settings.conference else frozenset())
        )
        bare = settings.vendor == "keygoe"
        self._prompts = PromptFolder(settings.prompts, bare=bare) if settings.prompts is not None else None
        self._desk: Desk | None = None
        self._detail = ""
        self._faulty: set[int] = set()
        """Channels of which a fault was told and no repair, by this host or one before it."""
        self._log = log.bind(adapter=name)

    @property
    def name(self) -> AdapterName:
        """The name in the settings file."""
        return self._name

    @property
    def abilities(self) -> frozenset[Ability]:
        """No numbers outside, no listening; conference and hold where the settings say so."""
        return self._abilities

    @property
    def reach(self) -> Mapping[int | None, Reach]:
        """The telephones on its station ports."""
        return {None: Reach(kinds=RINGABLE, extensions=frozenset(self._settings.seats))}

    @property
    def recordings(self) -> Path:
        """Where the library writes."""
        return self._settings.recordings or self._folder / "recordings"

    @property
    def prompt_store(self) -> PromptStore | None:
        """Where uploaded announcements are put; None: no folder is named."""
        return self._prompts

    @property
    def host_pid(self) -> int | None:
        """The process id of the driver host that runs now."""
        return self._desk.host.pid if self._desk is not None else None

    async def run(self, hear: Hear) -> None:
        """Start a host, hear it until cancelled or until it ends (`LinkDown`)."""
        if self._desk is not None:
            raise LinkDown("this card is open already")
        settings = self._settings
        async with running(self._name, self._arguments, self._secrets, self._folder, settings.start_seconds) as (
            host,
            ready,
        ):
            desk = self._open(host, ready, hear)
            try:
                self._desk, self._detail = desk, ready.detail
                self._begin(desk, ready, hear)
                async for said in host.said(settings.stuck_seconds):
                    now = datetime.now(UTC)
                    if isinstance(said, Ready):
                        self._log.warning("the driver host began twice")
                    elif isinstance(said, Alive):
                        desk.book.due(now)
                    else:
                        desk.book.hear(said, now)
            except Exception:  # no cancellation: whoever lets go of the card may not be heard any more
                desk.book.lost(datetime.now(UTC))
                raise
            finally:
                self._desk = None

    async def do(self, command: Command) -> None:
        """Carry out one command. `PickUp` does nothing: the receiver is lifted by hand."""
        desk = self._running()
        match command:
            case Answer():
                await commands.answer(desk, command)
            case PlayPrompt():
                await commands.play_prompt(desk, command)
            case PlayMusic():
                await commands.play_music(desk, command)
            case RingSeat():
                await seats.ring_seat(desk, command)
            case StopRinging():
                await seats.stop_ringing(desk, command)
            case PickUp():
                pass
            case Arrange():
                await seats.arrange(desk, command)
            case SendKeys():
                await commands.send_keys(desk, command)
            case StartRecording():
                await commands.start_recording(desk, command)
            case TakeMessage():
                await commands.take_message(desk, command)
            case Release():
                await commands.release(desk, command)
            case RingOutside() | PlaceCall():
                raise Unsupported("a card rings nobody outside")
            case _:
                assert_never(command)

    async def ports(self) -> Sequence[PortStatus]:
        """Every live call, after a look at each channel of the card. Raises `LinkDown`."""
        desk = self._running()
        await desk.host.order(Look(), lambda seen: desk.book.compare(seen.channels, datetime.now(UTC)))
        return [status_of(line) for line in desk.book.lines.values()]

    async def probe(self) -> str:
        """Ask the card for its channels: how many there are, how many are in use or out of order."""
        desk = self._running()
        channels = (await desk.host.order(Look())).channels
        used = sum(each.state in (State.RINGING, State.UP) for each in channels)
        broken = sum(each.state is State.BROKEN for each in channels)
        return f"{self._detail}: {used} in use, {broken} out of order"

    # ── the pieces ──

    def _open(self, host: Host, ready: Ready, hear: Hear) -> Desk:
        settings = self._settings
        _check(settings, ready.channels)

        def tell(fact: DeviceEvent) -> None:
            if isinstance(fact, PortFault) and fact.port is not None:
                self._faulty.add(fact.port)
            elif isinstance(fact, PortRestored) and fact.port is not None:
                self._faulty.discard(fact.port)
            hear(fact)

        def send(order: Order) -> None:
            host.send(order, lambda answer: book.answered(order, answer, datetime.now(UTC)))

        outside = [each.number for each in ready.channels if each.kind is not Kind.STATION]
        book = Book(
            Setup(
                name=self._name,
                run=f"{datetime.now(UTC):%y%m%d%H%M%S}{os.urandom(3).hex()}",
                dialled=settings.dialled,
                ring_gap=timedelta(seconds=settings.ring_gap_seconds),
                trunks=frozenset(settings.trunks or outside),
                seats={channel: extension for extension, channel in settings.seats.items()},
                reverses=settings.polarity_reversal,
            ),
            ready.channels,
            tell,
            send,
        )
        return Desk(
            book=book,
            host=host,
            abilities=self._abilities,
            prompts=self._prompts,
            music=settings.music,
            recordings=self.recordings,
            channels=dict(settings.seats),
        )

    def _begin(self, desk: Desk, ready: Ready, hear: Hear) -> None:
        """The link is up; what the card does already follows: a caller of an earlier host, whom nobody will ever talk
        to, is let go, ringing ones come by themselves."""
        now = datetime.now(UTC)
        run = desk.book.setup.run
        hear(LinkUp(adapter=self._name, event_id=f"{run}.up", at=now, heard_at=now, detail=ready.detail))
        for each in ready.channels:
            if each.state is State.UP and each.number in desk.book.setup.trunks:
                desk.host.send(HangUp(channel=each.number))
            elif each.state is State.BROKEN:
                desk.book.hear(Broken(channel=each.number, detail="out of order from the start"), now)
            elif each.number in self._faulty:
                desk.book.hear(Mended(channel=each.number), now)  # while nobody looked
        if self._settings.conference and not ready.confers:
            self._log.warning("this card has no conference; set conference = false")
        self._log.info("card is open", channels=len(ready.channels), pid=desk.host.pid)

    def _running(self) -> Desk:
        if self._desk is None:
            raise LinkDown("device_down: the driver host does not run")
        return self._desk


def _check(settings: CardSettings, channels: Sequence[Channel]) -> None:
    """What the settings say must be on the card. Raises `LinkDown` in words for whoever edits them."""
    kinds = {each.number: each.kind for each in channels}
    for extension, number in settings.seats.items():
        if kinds.get(number) is not Kind.STATION:
            raise LinkDown(f"座席 {extension} 的通道 {number} 不是坐席通道，请改正 seats")
    for number in settings.trunks:
        if kinds.get(number) not in (Kind.ANALOG, Kind.DIGITAL):
            raise LinkDown(f"通道 {number} 不是外线通道，请改正 trunks")
