"""Several modems as one adapter: which line is a command about, what happens when one of them is gone, what is live?

The adapter is connected while at least one of its modems is. A modem that is gone while others are there is a port out
of order; it is tried again here. When the last one is gone the link is down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from adapters.errors import LinkDown, NoAnswer, Refused, Unsupported
from adapters.modem.line import ModemLine
from adapters.modem.live import Site
from adapters.modem.orders import RINGABLE
from adapters.modem.prompts import Prompts
from adapters.modem.settings import ModemSettings
from adapters.prompts import PromptStore
from adapters.telephony import (
    Ability,
    AdapterName,
    CallEvent,
    Command,
    Hear,
    LinkUp,
    PlaceCall,
    PortFault,
    PortRestored,
    PortStatus,
    Reach,
    Release,
    RingOutside,
    SendKeys,
    StartRecording,
    StopRinging,
)

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0
_ALWAYS: Final = frozenset({
    Ability.ANSWERS, Ability.PLAYS, Ability.HEARS_KEYS, Ability.TAKES_MESSAGES, Ability.REPORTS_PORTS,
})  # fmt: skip
_WITH_TELEPHONE: Final = frozenset({Ability.RINGS_SEATS, Ability.JOINS})


class _State(StrEnum):
    OPENING = "opening"
    UP = "up"
    DOWN = "down"


class ModemAdapter:
    """`TelephonyAdapter`, `StoresPrompts`, `Probes`."""

    def __init__(self, name: AdapterName, settings: ModemSettings, folder: Path) -> None:
        self._name = name
        now = datetime.now(UTC)
        self._run = f"{now:%y%m%d%H%M%S}{now.microsecond // 1000:03d}"
        self._links = 0
        self.recordings = folder / "recordings"
        """Where messages are kept."""
        self._prompts = Prompts(folder / "prompts", settings.prompts)
        self._lines = {
            port: ModemLine(
                Site(
                    adapter=name,
                    port=port,
                    seat=table.seat,
                    dialled=table.dialled or settings.dialled or None,
                    patterns=table.patterns,
                    ring_gap=settings.ring_gap,
                    settle=settings.settle,
                ),
                table,
                settings,
                self._prompts,
                self.recordings,
                self._run,
            )
            for port, table in sorted(settings.lines.items())
        }
        self._faulted = set[int]()
        """Ports whose fault was told and whose return was not, perhaps over an earlier link."""
        self._session: _Session | None = None

    @property
    def name(self) -> AdapterName:
        """The name in the settings file."""
        return self._name

    @property
    def abilities(self) -> frozenset[Ability]:
        """Only where a desk telephone is on a line can a caller be put through."""
        some_seat = any(line.site.seat for line in self._lines.values())
        return _ALWAYS | _WITH_TELEPHONE if some_seat else _ALWAYS

    @property
    def reach(self) -> Mapping[int | None, Reach]:
        """Each line rings the telephone on its own jack, if there is one; nothing else."""
        return {
            port: Reach(kinds=RINGABLE, extensions=frozenset({line.site.seat} - {""}))
            for port, line in self._lines.items()
        } | {None: Reach(kinds=frozenset())}

    @property
    def prompt_store(self) -> PromptStore:
        """Where uploaded announcements go."""
        return self._prompts

    async def run(self, hear: Hear) -> None:
        """Serve every line until cancelled, or until no modem is left (`LinkDown`)."""
        if self._session is not None:
            raise LinkDown("these modems are served already")
        self._links += 1
        key = f"{self._run}:link{self._links}"
        session = self._session = _Session(self._name, key, self._lines, self._faulted, hear)
        try:
            await session.serve()
        finally:
            self._session = None
            for line in self._lines.values():
                line.lose(told=False)

    async def do(self, command: Command) -> None:
        """Carry out one command at the line that has the call."""
        if self._session is None or not self._session.up:
            raise LinkDown("no modem is connected")
        if isinstance(command, SendKeys | StartRecording | RingOutside | PlaceCall):
            raise Unsupported(f"a modem line cannot do {type(command).__name__}")
        for line in self._lines.values():
            if line.book.live is not None and line.book.live.key == command.call:
                await line.do(command)
                return
        if not isinstance(command, Release | StopRinging):
            raise Refused(f"no call {command.call}")

    async def ports(self) -> Sequence[PortStatus]:
        """The live call of each line."""
        if self._session is None or not self._session.up:
            raise LinkDown("no modem is connected")
        found = (line.book.status() for line in self._lines.values())
        return [status for status in found if status is not None]

    async def probe(self) -> str:
        """Ask every modem that has no call whether it is there, all at once. Raises `Refused` naming those that are not
        well while others are: the calls of these go on. Raises `NoAnswer` when not one of them answers."""
        if self._session is None or not self._session.up:
            raise LinkDown("no modem is connected")
        asked = await asyncio.gather(*(line.probe() for line in self._lines.values()), return_exceptions=True)
        said, ill, answered = list[str](), list[str](), False
        for port, answer in zip(self._lines, asked, strict=True):
            if isinstance(answer, str):
                said.append(f"{port} {answer}")
            elif isinstance(answer, NoAnswer | LinkDown | Refused):
                ill.append(f"{port}: {answer}")
                answered = answered or isinstance(answer, Refused)  # it said no: it is there
            else:
                raise answer
        if not ill:
            return "，".join(said)
        if not said and not answered:
            raise NoAnswer("; ".join(ill))
        raise Refused("; ".join(ill))


class _Session:
    """One run of the adapter."""

    def __init__(self, name: AdapterName, key: str, lines: dict[int, ModemLine], faulted: set[int], hear: Hear) -> None:
        self._name, self._key, self._lines, self._faulted, self._hear = name, key, lines, faulted, hear
        self._states = dict.fromkeys(lines, _State.OPENING)
        self._told = dict.fromkeys(lines, "")
        self._early: list[CallEvent] = []
        """Heard before the link was announced."""
        self._facts = 0
        self._dead: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.up = False
        """`LinkUp` was heard."""

    async def serve(self) -> None:
        tasks = [asyncio.create_task(self._keep(port), name=f"line {self._name}/{port}") for port in self._lines]
        try:
            await asyncio.wait({*tasks, self._dead}, return_when=asyncio.FIRST_COMPLETED)
            self.up = False
            for task in tasks:
                if task.done():
                    task.result()  # only a mistake of ours ends one
            self._dead.result()
        finally:
            self.up = False
            if not self._dead.cancel():
                self._dead.exception()  # cancelled in the same moment: nobody else asks for it
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, port: int) -> None:
        """Open it, and open it again; longer pauses each time."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._lines[port].run(self._on_up(port), self._tell)
            except LinkDown as error:
                if self._states[port] is _State.UP:
                    pause = FIRST_PAUSE_SECONDS
                self._went(port, str(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _on_up(self, port: int) -> Callable[[str], None]:
        def up(detail: str) -> None:
            self._states[port], self._told[port] = _State.UP, detail
            if self.up:
                self._say(PortRestored, detail, port)
            else:
                self._announce()

        return up

    def _went(self, port: int, why: str) -> None:
        was, self._states[port], self._told[port] = self._states[port], _State.DOWN, why
        if not self.up:
            self._announce()
        elif _State.UP not in self._states.values():
            for line in self._lines.values():
                line.lose(told=True)  # the hall offers nobody a caller whom no modem holds any more
            self._die()
        elif was is _State.UP:
            self._lines[port].lose(told=True)
            self._say(PortFault, why, port)

    def _announce(self) -> None:
        """Once every modem was tried: the link is up, or it is not."""
        states = self._states.values()
        if _State.OPENING in states:
            return
        if _State.UP not in states:
            self._die()
            return
        self.up = True
        found = "\n".join(f"{port}：{self._told[port]}" for port in self._lines if self._states[port] is _State.UP)
        self._say(LinkUp, found)
        for port, state in self._states.items():
            if state is _State.DOWN:
                self._say(PortFault, self._told[port], port)
            elif port in self._faulted:
                self._say(PortRestored, self._told[port], port)
        early, self._early = self._early, []
        for fact in early:
            self._hear(fact)

    def _die(self) -> None:
        if not self._dead.done():
            self._dead.set_exception(LinkDown("; ".join(f"{port}: {why}" for port, why in self._told.items())))

    def _tell(self, fact: CallEvent) -> None:
        if self.up:
            self._hear(fact)
        else:
            self._early.append(fact)

    def _say(self, kind: type[LinkUp | PortFault | PortRestored], detail: str, port: int | None = None) -> None:
        self._facts += 1
        if port is not None:
            (self._faulted.add if kind is PortFault else self._faulted.discard)(port)
        now, event_id = datetime.now(UTC), f"{self._key}:{self._facts}"
        self._hear(kind(adapter=self._name, event_id=event_id, at=now, heard_at=now, port=port, detail=detail[:500]))
