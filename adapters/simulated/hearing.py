"""What does the caller hear, and who hears him? Announcements, music, the machine that takes messages, the room."""

from __future__ import annotations

from adapters.errors import Refused
from adapters.simulated.exchange import Exchange
from adapters.simulated.line import Line
from adapters.simulated.mood import heed, settle, told
from adapters.telephony import (
    Arrange,
    CallAnswered,
    DigitsPressed,
    LegsJoined,
    OfferId,
    PlayPrompt,
    PromptEnded,
    RecordingStarted,
    TakeMessage,
)


def off_hook(exchange: Exchange, line: Line) -> None:
    """The caller can hear us. Raises `Refused` when he has not picked up himself."""
    _expect_there(line)
    if not line.answered:
        line.answered = True
        exchange.say(line, CallAnswered)


def play(exchange: Exchange, line: Line, command: PlayPrompt) -> None:
    """Begin an announcement, unless it plays already."""
    if line.prompt == command.prompt:
        return
    off_hook(exchange, line)
    _cut_message(exchange, line)
    cut_prompt(exchange, line)
    setup = exchange.setup
    line.prompt, line.music = command.prompt, False
    exchange.plan(line, "prompt", exchange.now + setup.prompts.get(command.prompt, setup.other_prompt))
    told(exchange, line)
    keys = setup.menus.get(command.prompt)
    if keys and command.interruptible:
        pressed = exchange.world.key_of(line.caller, keys, line.menus)
        line.menus += 1
        if pressed is not None:
            exchange.plan(line, f"key {pressed}", exchange.now + line.caller.key_after)


def play_music(exchange: Exchange, line: Line) -> None:
    """Until something else is played, or somebody talks with him."""
    _expect_there(line)
    _cut_message(exchange, line)
    cut_prompt(exchange, line)
    line.music = True
    heed(exchange, line)


def cut_prompt(exchange: Exchange, line: Line) -> None:
    """End the announcement that plays, if one does."""
    if line.prompt is not None:
        line.pending.pop("prompt", None)
        prompt_over(exchange, line, interrupted=True)


def prompt_over(exchange: Exchange, line: Line, *, interrupted: bool) -> None:
    """The announcement has ended."""
    prompt, line.prompt = line.prompt, None
    exchange.say(line, PromptEnded, prompt=prompt or "", interrupted=interrupted)


def press(exchange: Exchange, line: Line, digits: str) -> None:
    """The caller presses keys."""
    cut_prompt(exchange, line)
    exchange.say(line, DigitsPressed, digits=digits)


def record(exchange: Exchange, line: Line, name: str) -> None:
    """Both sides, from now on."""
    if line.recording == name:
        return
    _cut_message(exchange, line)
    exchange.stop_recording(line)
    _begin_recording(exchange, line, name)


def take_message(exchange: Exchange, line: Line, command: TakeMessage) -> None:
    """The caller speaks on the machine; if he was in the room, he leaves it."""
    if line.recording == command.name:
        return
    off_hook(exchange, line)
    cut_prompt(exchange, line)
    exchange.stop_recording(line)
    line.music, line.message, line.caller_in = False, True, False
    _begin_recording(exchange, line, command.name)
    settle(exchange, line)
    speaks, hangs_up = exchange.world.message()
    line.hangs_up_after = hangs_up and speaks < command.seconds
    exchange.plan(line, "message", exchange.within(min(speaks, command.seconds)))


def message_over(exchange: Exchange, line: Line) -> None:
    """He has said everything, or the time is over."""
    exchange.stop_recording(line)
    settle(exchange, line)


def arrange(exchange: Exchange, line: Line, command: Arrange) -> None:
    """Who hears whom. Changes nothing and raises `Refused` when a leg of the picture is not there."""
    room = tuple(dict.fromkeys(command.room))
    watching = command.watching
    watchers = {watch.offer for watch in watching}
    for offer in (*room, *command.muted, *watchers, *(watch.at for watch in watching)):
        _expect_up(line, offer)
    for watch in watching:
        if watch.offer in room or watch.at in watchers:
            raise Refused(f"offer {watch.offer} cannot watch {watch.at} and be in the room, or be watched, at once")
    before = line.hearing
    line.room, line.caller_in, line.watching = room, command.caller, watching
    line.muted = tuple(offer for offer in room if offer in command.muted)
    greet(exchange, line, before)


def greet(exchange: Exchange, line: Line, before: tuple[OfferId, ...]) -> None:
    """Legs that the caller did not talk with before come to hear him now."""
    new = [offer for offer in line.hearing if offer not in before]
    if new:
        _cut_message(exchange, line)
        cut_prompt(exchange, line)
        line.answered, line.music = True, False
    settle(exchange, line)
    for offer in new:
        exchange.say(line, LegsJoined, offer=offer)


def _expect_there(line: Line) -> None:
    if not line.there:
        raise Refused(f"the other side of call {line.key} has not picked up")


def _expect_up(line: Line, offer: OfferId) -> None:
    leg = line.legs.get(offer)
    if leg is None or not leg.up:
        raise Refused(f"offer {offer} was not picked up")


def _begin_recording(exchange: Exchange, line: Line, name: str) -> None:
    line.recording, line.recording_since = name, exchange.now
    exchange.say(line, RecordingStarted, name=name)


def _cut_message(exchange: Exchange, line: Line) -> None:
    if line.message:
        message_over(exchange, line)
