"""What the hall orders on one line, carried out by its modem.

The modem answers and hangs up; it cannot ring a telephone of another line. It can let go of its own when the telephone
beside it was picked up, and that telephone holds the line.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.errors import LinkDown, NoAnswer, Refused, Unsupported
from adapters.modem.call import LineBook
from adapters.modem.live import Live, Stage
from adapters.modem.modem import Modem
from adapters.modem.on_line import OnLine, Say
from adapters.modem.probing import Found
from adapters.modem.prompts import Prompts
from adapters.modem.settings import LineTable, ModemSettings
from adapters.telephony import (
    Answer,
    Arrange,
    Command,
    EndedBy,
    PhoneKind,
    PickUp,
    PlayMusic,
    PlayPrompt,
    Release,
    RingSeat,
    StopRinging,
    TakeMessage,
)

HOOK_SECONDS: Final = 6.0
"""So long a modem may take to go off hook or on."""
LOOK_SECONDS: Final = 0.05
RINGABLE: Final = frozenset({PhoneKind.DESK, PhoneKind.SIMULATED})
"""As what the telephone beside the modem may be signed in; simulated: a click in the console is the answer."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,119}")


class Orders:
    """One line's. Nothing here runs twice at the same time: `line.py` sees to that."""

    def __init__(
        self,
        book: LineBook,
        on_line: OnLine,
        say: Say,
        table: LineTable,
        settings: ModemSettings,
        prompts: Prompts,
        recordings: Path,
    ) -> None:
        self._book = book
        self._on_line = on_line
        self._say = say
        self._table = table
        self._settings = settings
        self._prompts = prompts
        self._recordings = recordings
        self._hook_free_at = 0.0
        self.modem: Modem | None = None
        """None: not connected."""
        self.found: Found | None = None
        self.is_stuck = False
        """The modem did not go on hook, or does not answer: the line is to be opened anew."""
        self.is_in_doubt = False
        """Nobody knows where the hook is: the line is to be opened anew when no call is on it."""

    async def do(self, live: Live, command: Command) -> None:
        """Carry it out. Raises as `TelephonyAdapter.do` does."""
        match command:
            case Answer():
                await self._answer(live)
            case PlayPrompt():
                await self._play(live, command)
            case PlayMusic():
                await self._play_music(live)
            case TakeMessage():
                await self._take_message(live, command)
            case RingSeat():
                await self._ring_seat(live, command)
            case PickUp():
                await self._click(live, command)
            case StopRinging():
                self._stop_ringing(live, command)
            case Arrange():
                await self._arrange(live, command)
            case Release():
                await self._release(live)
            case _:
                raise Unsupported(f"a modem line cannot do {type(command).__name__}")

    async def hand_over(self, live: Live) -> None:
        """The receiver is up: let go of the line, and it is the telephone's."""
        if self._book.live is not live or live.joined:
            return
        await self._on_line.silence()
        if live.stage is Stage.OURS or self.is_in_doubt:
            await self._on_hook()
        self._say(self._book.joined(datetime.now(UTC)))

    async def hang_up_after(self, live: Live, at: datetime, cause: str) -> None:
        """The other side has gone: what was recorded is told first, then the end, then the line is let settle."""
        if self._book.live is not live:
            return
        await self._on_line.silence()
        held = live.stage is Stage.OURS
        self._say(self._book.end(at, EndedBy.CALLER, cause))
        if held:
            await self._on_hook()

    async def _answer(self, live: Live) -> None:
        """Off hook; not before the exchange has sent the number, which it does between two rings."""
        if live.stage is Stage.OURS:
            return
        await self._number_or_patience(live)
        await self._hook_is_free()
        if self._book.live is not live:
            raise Refused(f"the caller of {live.key} has given up")
        if live.stage is Stage.BY_HAND:
            raise Refused("the desk telephone has the line")
        if not await self._off_hook(live):
            raise Refused(f"the caller of {live.key} has given up, or the desk telephone has the line")
        self._say(self._book.answered(datetime.now(UTC)))

    async def _play(self, live: Live, command: PlayPrompt) -> None:
        if self._on_line.plays(command.prompt):
            return
        pcm = await self._prompts.sound(command.prompt)
        await self._answer(live)
        await self._on_line.silence()
        self._on_line.play(live, command.prompt, pcm, interruptible=command.interruptible)

    async def _play_music(self, live: Live) -> None:
        if self._on_line.plays_music:
            return
        await self._answer(live)
        await self._on_line.silence()
        self._on_line.play_music(live, await self._prompts.music())

    async def _take_message(self, live: Live, command: TakeMessage) -> None:
        if not _NAME.fullmatch(command.name) or ".." in command.name:
            raise Refused("not the name of a recording")
        if self._on_line.takes(command.name):
            return
        await self._answer(live)
        await self._on_line.silence()
        path = self._recordings / f"{command.name}.wav"
        silence = self._settings.message_silence_seconds
        self._on_line.take(live, command.name, path, seconds=command.seconds, silence_seconds=silence)

    async def _ring_seat(self, live: Live, command: RingSeat) -> None:
        phone, seat = command.phone, self._book.site.seat
        if command.first or not seat:
            raise Unsupported("a modem line rings nobody but the telephone beside it")
        if phone.extension != seat or phone.kind not in RINGABLE:
            raise Unsupported(f"line {self._book.site.port} has the desk telephone of another seat")
        if live.leg is not None and live.leg != command.offer:
            raise Refused("the desk telephone has the line")
        self._say(self._book.ring_seat(live, command.offer, datetime.now(UTC), command.seconds))
        if live.leg == command.offer and not live.joined:
            await self.hand_over(live)

    async def _click(self, live: Live, command: PickUp) -> None:
        if live.leg == command.offer:
            return
        if live.offer != command.offer:
            raise Refused(f"offer {command.offer} does not ring")
        if self._table.receiver_told or self._book.tells:
            raise Refused("the modem tells when the receiver is lifted")
        self._say(self._book.clicked(live, command.offer, datetime.now(UTC)))
        await self.hand_over(live)

    def _stop_ringing(self, live: Live, command: StopRinging) -> None:
        if live.leg == command.offer:
            raise Unsupported("nobody but the lawyer can put that receiver down")
        if live.offer == command.offer:
            live.offer, live.ring_until = None, None

    async def _arrange(self, live: Live, command: Arrange) -> None:
        """The one picture there can be: caller and desk telephone. It is so since the receiver was lifted, unless the
        modem did not let go then."""
        if live.leg is None or any(offer != live.leg for offer in (*command.room, *command.muted)):
            raise Refused("a leg of that picture was not picked up")
        if command.room != (live.leg,) or not command.caller or command.muted or command.watching:
            raise Unsupported("caller and desk telephone share one pair of wires: they hear each other")
        await self.hand_over(live)

    async def _release(self, live: Live) -> None:
        """Go on hook. A line that rings is picked up for it; one that a telephone holds is out of our hands."""
        if live.stage is Stage.RINGING:
            await self._number_or_patience(live)  # whom to call back
            await self._hook_is_free()
            if self._book.live is live and live.stage is Stage.RINGING and await self._off_hook(live):
                self._book.answered(datetime.now(UTC))
                await asyncio.sleep(self._settings.seize_seconds)
        if self._book.live is not live:
            return  # he has given up meanwhile: what was wanted
        if live.stage is Stage.BY_HAND:
            self._say(self._book.end(datetime.now(UTC), EndedBy.US, "line_with_telephone", inferred=True))
            return
        await self._on_line.silence()
        await self._on_hook()
        self._say(self._book.end(datetime.now(UTC), EndedBy.US))

    # ── the hook ──

    async def _off_hook(self, live: Live) -> bool:
        """Whether the line is ours now. A modem takes a while; if the caller has given up meanwhile, or the desk
        telephone was lifted, it is on hook again: nobody would tell it to let go later."""
        modem, found = self._ready()
        try:
            await modem.ask(found.dialect.off_hook, HOOK_SECONDS)
        except (NoAnswer, Refused, asyncio.CancelledError):
            self.is_in_doubt = True
            raise
        self.is_in_doubt = False
        if self._book.live is live and live.stage is Stage.RINGING:
            return True
        await self._on_hook()
        return False

    async def _on_hook(self) -> None:
        """A modem that does not hang up keeps everybody else from the line: it is opened anew, which resets it."""
        modem, found = self._ready()
        try:
            await modem.ask(found.dialect.on_hook, HOOK_SECONDS)
            if found.dialect.leaves_voice:
                await modem.ask(found.dialect.voice)
            self.is_in_doubt = False
        except (NoAnswer, Refused):
            self.is_stuck = True
            raise
        except asyncio.CancelledError:
            self.is_in_doubt = True
            raise
        finally:
            self._hook_free_at = asyncio.get_running_loop().time() + self._settings.settle_seconds

    async def _hook_is_free(self) -> None:
        await asyncio.sleep(max(self._hook_free_at - asyncio.get_running_loop().time(), 0))

    async def _number_or_patience(self, live: Live) -> None:
        while self._book.live is live:
            until = self._book.answerable_at(self._settings.number_wait)
            left = 0.0 if until is None else (until - datetime.now(UTC)).total_seconds()
            if left <= 0:
                return
            await asyncio.sleep(min(left, LOOK_SECONDS))

    def _ready(self) -> tuple[Modem, Found]:
        if self.modem is None or self.found is None:
            raise LinkDown(f"line {self._book.site.port} is not connected")
        return self.modem, self.found
