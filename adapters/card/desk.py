"""What has every command at hand on a card, and what do most of them begin with?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.card.book import Book
from adapters.card.calls import Line
from adapters.card.process import Host
from adapters.card.prompt_folder import PromptFolder
from adapters.card.wire import Order, PickUpLine, Play, Room
from adapters.errors import NoAnswer, Refused
from adapters.telephony import Ability, PortCommand

OFF_HOOK_SECONDS: Final = 4.0
"""A line that was told to go off-hook does so within that; one analogue relay and its debouncing need a fraction."""
LOOK_SECONDS: Final = 0.005


@dataclass(frozen=True, slots=True)
class Desk:
    """What every command has at hand."""

    book: Book
    host: Host
    abilities: frozenset[Ability]
    prompts: PromptFolder | None
    music: str
    recordings: Path
    channels: dict[str, int]
    """Extension → station."""

    def now(self) -> datetime:
        """Aware."""
        return datetime.now(UTC)

    async def done(self, order: Order) -> None:
        """Have it done. Raises `Refused`, `Unsupported`, `LinkDown`."""
        await self.host.order(order)


def line_of(desk: Desk, command: PortCommand) -> Line:
    """The live call. Raises `Refused`."""
    line = desk.book.find(command.call)
    if line is None:
        raise Refused("no such call")
    return line


async def off_hook(desk: Desk, line: Line) -> None:
    """Raises `NoAnswer` when the line does not go off-hook."""
    if line.answered:
        return
    if not line.picking_up:
        line.picking_up = True
        try:
            await desk.done(PickUpLine(channel=line.channel))
        except Refused:
            line.picking_up = False
            line.last_ring = desk.now()
            raise
    await _until(lambda: line.answered or line.key not in desk.book.lines)
    if line.key not in desk.book.lines:
        raise Refused("the caller has gone")
    if not line.answered:
        line.picking_up = False
        line.last_ring = desk.now()
        raise NoAnswer(f"the line did not go off-hook within {OFF_HOOK_SECONDS:g} s")


async def alone(desk: Desk, line: Line) -> None:
    """The caller leaves the room, and nothing plays to him."""
    desk.book.cut_prompt(line, desk.now())
    if line.message:
        desk.book.stop_recording(line, desk.now())
    if line.caller_in:
        line.caller_in = False
        await desk.done(Room(room=line.channel, members=line.members()))


async def music(desk: Desk, line: Line) -> None:
    """Music, again and again; nothing where the folder has none."""
    if (file := prompt_file(desk, desk.music)) is not None:
        line.task = desk.book.next_task()
        await desk.done(Play(channel=line.channel, file=str(file), task=line.task, again=True))


def prompt_file(desk: Desk, prompt: str) -> Path | None:
    """The file to play; None: there is none."""
    return desk.prompts.find(prompt) if desk.prompts is not None else None


async def _until(true: Callable[[], bool]) -> None:
    until = asyncio.get_running_loop().time() + OFF_HOOK_SECONDS
    while not true() and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(LOOK_SECONDS)
