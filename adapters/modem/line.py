"""One modem on one line, from opening the wire to its end: what it says goes to the line's book, what the hall orders
goes to the modem."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog

from adapters.caller_id.modem_lines import read_line
from adapters.caller_id.signs import Rang
from adapters.errors import LinkDown, Misconfigured, NoAnswer, Refused
from adapters.line_audio.sound import LineSound as DeviceSound
from adapters.line_audio.sound import open_sound
from adapters.modem.call import LineBook
from adapters.modem.dialects import Meaning
from adapters.modem.keys import Keypad
from adapters.modem.line_sound import LineSound, OverTheWire
from adapters.modem.live import Site, Stage
from adapters.modem.modem import Modem
from adapters.modem.on_line import OnLine
from adapters.modem.orders import Orders
from adapters.modem.probing import Found, Wanted, probe
from adapters.modem.prompts import Prompts
from adapters.modem.settings import LineTable, ModemSettings
from adapters.modem.stream import Event, Line
from adapters.reading import Unreadable
from adapters.telephony import CallEvent, Command, EndedBy, Release, StopRinging
from adapters.wire.link import opened

log = structlog.get_logger()

PROBE_SECONDS: Final = 3.0
LONGEST_PROBE_SECONDS: Final = 8.0
"""With a wire that takes nothing; below the ten seconds after which nobody waits for the answer."""
MOST_SILENCES: Final = 2
"""A modem that has not answered so often in a row is opened anew, which resets it."""

_BY_LOOP: Final = frozenset({Meaning.LOOP_BREAK, Meaning.POLARITY})
_HUNG_UP: Final = re.compile(r"NO CARRIER|BUSY|NO DIAL ?TONE")
"""What some modems say of their own accord when the other side has gone."""
_CADENCE: Final = re.compile(r"\s*DRO[NF]\s*=")

Tell = Callable[[CallEvent], None]


class ModemLine:
    """One line. What is live on it outlasts the wire: a telephone that holds the line needs no modem."""

    def __init__(
        self, site: Site, table: LineTable, settings: ModemSettings, prompts: Prompts, recordings: Path, run: str
    ) -> None:
        self.site = site
        self._table = table
        self._settings = settings
        self.book = LineBook(site, run)
        """What is known of the call on the line."""
        self._keypad = Keypad()
        self._tell: Tell = lambda fact: None
        self._on_line = OnLine(self.book, self._say)
        self._orders = Orders(self.book, self._on_line, self._say, table, settings, prompts, recordings)
        self._turn = asyncio.Lock()
        """One order at a time, and the end of a call between two of them."""
        self._news = asyncio.Event()
        self._errands = set[asyncio.Task[None]]()
        self._sound_lost: LinkDown | None = None
        self._silences = 0
        """Questions in a row that the modem has not answered."""

    async def run(self, up: Callable[[str], None], tell: Tell) -> None:
        """Open the wire, find out what is there, and serve the line until cancelled or until `LinkDown`."""
        self._tell, self._sound_lost = tell, None
        async with AsyncExitStack() as stack:
            link = await stack.enter_async_context(opened(self._table))
            modem = Modem(link, self._hear)
            reading = asyncio.create_task(modem.run(), name=f"modem {self.site.port}")
            stack.push_async_callback(_over, reading)
            found: Found = await _first(reading, probe(modem, self._wanted()))
            self._on_line.sound = await self._sound_of(modem, found, stack)
            self._orders.modem, self._orders.found = modem, found
            self._orders.is_stuck, self._orders.is_in_doubt, self._silences = False, False, 0
            stack.push_async_callback(self._leave)
            up(found.told())
            await _first(reading, self._conclude())

    async def do(self, command: Command) -> None:
        """Carry out one command about the call on this line. Raises as `TelephonyAdapter.do` does."""
        if self._orders.modem is None:
            raise LinkDown(f"line {self.site.port} is not connected")
        async with self._turn:
            live = self.book.live
            if live is not None and live.key == command.call:
                try:
                    await self._orders.do(live, command)
                finally:
                    self._news.set()
            elif not isinstance(command, Release | StopRinging):  # over: what was wanted
                raise Refused(f"no call {command.call}")

    async def probe(self) -> str:
        """`AT` to a modem that has nothing else to do. Raises `NoAnswer`, `Refused`, `LinkDown`."""
        modem = self._orders.modem
        if modem is None:
            raise LinkDown(f"line {self.site.port} is not connected")
        if self.book.live is not None or self._turn.locked():
            return "通话中"
        async with self._turn:
            try:
                async with asyncio.timeout(LONGEST_PROBE_SECONDS):
                    await modem.ask("AT", PROBE_SECONDS)
            except (NoAnswer, TimeoutError) as error:
                self._silences += 1
                self._orders.is_stuck = self._orders.is_stuck or self._silences >= MOST_SILENCES
                self._news.set()
                raise NoAnswer(str(error) or f"no answer within {LONGEST_PROBE_SECONDS:g} s") from error
            self._silences = 0
        return "空闲，应答正常"

    def lose(self, *, told: bool) -> None:
        """The wire is gone: whom the modem held has lost the line with it. Not `told`: the next list of calls does."""
        live = self.book.live
        if live is not None and live.stage is not Stage.BY_HAND:
            facts = self.book.end(datetime.now(UTC), EndedBy.UNKNOWN, "line_lost", inferred=True)
            if told:
                self._say(facts)

    # ── what the modem says ──

    def _hear(self, said: Line | Event, at: datetime) -> None:
        if isinstance(said, Event):
            self._event(said.letter, at)
        else:
            self._line(said.text, at)
        self._news.set()

    def _event(self, letter: str, at: datetime) -> None:
        if (digit := self._keypad.take(letter, at)) is not None:
            self._on_line.key(digit)
            self._say(self.book.key(at, digit))
            return
        found = self._orders.found
        meaning = found.dialect.meanings.get(letter) if found is not None else None
        match meaning:
            case Meaning.RING:
                self._say(self.book.rang(at))
            case Meaning.LIFTED:
                self._say(self.book.lift(at))
                live = self.book.live
                if live is not None and live.leg is not None and not live.joined:
                    self._errand(lambda: self._orders.hand_over(live))
            case Meaning.PUT_DOWN:
                self._say(self.book.put_down(at))
            case Meaning.SILENCE if self._table.silence_seconds and self._on_line.is_quiet:
                self._gone(at, "silence", by_loop=False)  # who is played something has every reason to be silent
            case Meaning.BUSY | Meaning.DIAL_TONE | Meaning.LOOP_BREAK | Meaning.POLARITY:
                if meaning in self._settings.hang_up_meanings:
                    self._gone(at, meaning, by_loop=meaning in _BY_LOOP)
            case _:
                pass

    def _line(self, text: bytes, at: datetime) -> None:
        shown = text.decode("ascii", "replace").strip()
        if _HUNG_UP.fullmatch(shown):
            self._gone(at, shown.lower().replace(" ", "_"), by_loop=False)
            return
        if _CADENCE.match(shown):
            self._say(self.book.cadence(at, shown))
            return
        try:
            signs = read_line(text)
        except Unreadable:
            return
        for sign in signs:
            if isinstance(sign, Rang):
                self._say(self.book.rang(at, sign.pattern))
            elif sign.number is not None or not sign.name:
                self._say(self.book.numbered(at, sign.number, sign.dialled))

    def _gone(self, at: datetime, cause: str, *, by_loop: bool) -> None:
        live = self.book.live
        if live is not None and self.book.is_over(at, by_loop=by_loop):
            self._errand(lambda: self._orders.hang_up_after(live, at, cause))

    # ── the pieces ──

    async def _conclude(self) -> None:
        """What silence says. Raises `LinkDown` when the line has to be opened anew."""
        while not self._orders.is_stuck and self._sound_lost is None:
            now = datetime.now(UTC)
            self._say(self.book.conclude(now))
            if self._orders.is_in_doubt and self.book.live is None and not self._turn.locked():
                raise LinkDown("nobody knows whether the modem is on hook")
            due = self.book.due
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(None if due is None else max((due - now).total_seconds(), 0.01)):
                    await self._news.wait()
        if self._sound_lost is not None:
            await self._on_line.over()  # whoever was played to or recorded: that it was cut is told before the end
            raise self._sound_lost
        raise LinkDown("the modem does not hang up, or does not answer")

    def _errand(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.create_task(self._in_turn(work), name=f"errand {self.site.port}")
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _in_turn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async with self._turn:
            try:
                await work()
            except (LinkDown, NoAnswer, Refused) as error:
                log.warning("modem did not obey", adapter=self.site.adapter, port=self.site.port, detail=str(error))
            self._news.set()

    async def _leave(self) -> None:
        """The wire is closed or gone: nothing of ours runs on, and the modem does not keep the line."""
        modem, found = self._orders.modem, self._orders.found
        self._orders.modem = self._orders.found = self._on_line.sound = None
        if modem is not None and found is not None:
            await modem.leave(found.dialect.on_hook)
        for task in list(self._errands):
            task.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)
        await self._on_line.silence(told=False)

    async def _sound_of(self, modem: Modem, found: Found, stack: AsyncExitStack) -> LineSound:
        if self._table.sound is None:
            return OverTheWire(modem, found)
        try:
            sound = await stack.enter_async_context(open_sound(self._table.sound))
        except Misconfigured as error:
            raise LinkDown(str(error)) from error
        listening = asyncio.create_task(self._listen(sound), name=f"sound of {self.site.port}")
        stack.push_async_callback(_over, listening)
        return sound

    async def _listen(self, sound: DeviceSound) -> None:
        """A device that is pulled out is noticed before the next caller hears nothing."""
        try:
            await sound.until_lost()
        except LinkDown as error:
            self._sound_lost = error
            self._news.set()

    def _wanted(self) -> Wanted:
        table = self._table
        return Wanted(
            dialect=table.dialect,
            compression=table.compression,
            caller_id=table.caller_id,
            flow=table.flow,
            silence_seconds=table.silence_seconds,
            distinctive=bool(table.patterns),
            setup=tuple(table.setup),
        )

    def _say(self, facts: list[CallEvent]) -> None:
        for fact in facts:
            self._tell(fact)
        if facts:
            self._news.set()


async def _first(reading: asyncio.Task[None], work: Coroutine[Any, Any, Any]) -> Any:
    """What the work gives, unless the wire is gone before."""
    doing = asyncio.ensure_future(work)
    try:
        await asyncio.wait({reading, doing}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            reading.result()
        return doing.result()
    finally:
        await _over(doing)


async def _over(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
