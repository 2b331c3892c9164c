"""How long does the caller put up with it? Which mood he is in follows from the line; each mood has a clock of its own.

Talk time stands still while he hears music, and goes on with whoever takes him back.
"""

from __future__ import annotations

from adapters.simulated.exchange import Exchange
from adapters.simulated.line import Line, Mood


def settle(exchange: Exchange, line: Line) -> None:
    """After anything has changed on the line: stop the old clock and start the new one, where the mood is another."""
    mood = _mood(line)
    if mood is not line.mood:
        _change(exchange, line, mood)


def heed(exchange: Exchange, line: Line) -> None:
    """Something is done for a caller whom nobody had taken notice of: from now on he waits."""
    if line.mood is Mood.UNHEEDED:
        _change(exchange, line, Mood.WAITING)


def told(exchange: Exchange, line: Line) -> None:
    """He hears an announcement: he goes on listening for a while."""
    if line.mood is Mood.UNHEEDED:
        exchange.plan(line, "patience", exchange.within(exchange.setup.unheeded))


def clock_of(line: Line) -> str:
    """What is pending when his mood's time is over."""
    match line.mood:
        case Mood.TALKING:
            return "talk"
        case Mood.SPEAKING:
            return "message"
        case Mood.ABSENT | Mood.UNHEEDED | Mood.WAITING | Mood.ON_HOLD:
            return "patience"


def _mood(line: Line) -> Mood:
    if not line.there:
        return Mood.ABSENT
    if line.message:
        return Mood.SPEAKING
    if line.hearing:
        return Mood.TALKING
    if line.mood is Mood.WAITING:
        return Mood.WAITING
    if any(leg.up for leg in line.legs.values()):
        return Mood.ON_HOLD
    if line.music or line.legs:
        return Mood.WAITING
    return Mood.UNHEEDED


def _change(exchange: Exchange, line: Line, mood: Mood) -> None:
    ends = line.pending.pop(clock_of(line), None)
    if line.mood is Mood.TALKING and ends is not None:
        line.talk_left = max(ends - exchange.now, 0.0)
    line.mood = mood
    match mood:
        case Mood.ABSENT | Mood.SPEAKING:
            return  # whoever rings him, or lets him speak, knows how long
        case Mood.TALKING:
            seconds = line.talk_left
        case Mood.WAITING:
            seconds = line.caller.patience
        case Mood.ON_HOLD:
            seconds = exchange.world.patience_on_hold()
        case Mood.UNHEEDED:
            seconds = exchange.setup.unheeded
    exchange.plan(line, clock_of(line), exchange.within(seconds))
