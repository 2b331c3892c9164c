"""Which of Asterisk's channels, bridges and playbacks are ours, and for which call?

The ids say it themselves, so after a restart nothing needs to be remembered. A caller's channel keeps Asterisk's own
id, which carries the system name and is never given twice; the channel of a person whom we ring has the id that the
hall chose. Of ours are, besides:

| channel `seat~CALL~OFFER` | a leg: a seat's, or one outside |
| channel `snoop~CALL~OFFER~AT~MODE~N` | what the supervisor OFFER hears of the leg AT, and says into it |
| bridge `call~CALL` | the room: who is in it hears everybody else in it |
| bridge `watch~CALL~OFFER` | a supervisor's leg with its snoop channel |
| playback `play~CALL~PROMPT~N` | an announcement |
| channels `probe~N`, `probe~N~far` | a test call of ours, which is no call (`probe.py`) |
"""

from __future__ import annotations

import time
from itertools import count

from adapters.telephony import PLACED, CallKey, OfferId, Watch, WatchMode

SEAT, SNOOP, BRIDGE, WATCH, PLAY, PROBE = "seat~", "snoop~", "call~", "watch~", "play~", "probe~"

_MODES = frozenset(mode.value for mode in WatchMode)
_numbers = count(time.time_ns() // 1_000_000)
"""Begins higher with every start of the process: the id of a playback is also that of the fact that it ended."""


def leg_id(call: CallKey, offer: OfferId) -> str:
    """The channel that rings somebody for one offer."""
    return f"{SEAT}{call}~{offer}"


def bridge_id(call: CallKey) -> str:
    """The bridge in which a call's sides hear each other."""
    return f"{BRIDGE}{call}"


def watch_id(call: CallKey, offer: OfferId) -> str:
    """The bridge of a supervisor who listens or whispers."""
    return f"{WATCH}{call}~{offer}"


def snoop_id(call: CallKey, watch: Watch, number: int) -> str:
    """The number tells it from one that has just been told to go."""
    return f"{SNOOP}{call}~{watch.offer}~{watch.at}~{watch.mode}~{number}"


def playback_id(call: CallKey, prompt: str, number: int) -> str:
    """The number tells two playbacks of the same announcement apart."""
    return f"{PLAY}{call}~{prompt}~{number}"


def probe_ids(number: int) -> tuple[str, str]:
    """The two ends of a test call: the one that is with us from the start, and the one that comes by the dial plan."""
    return f"{PROBE}{number}", f"{PROBE}{number}~far"


def is_probe(channel: str) -> bool:
    """Whether it is an end of a test call."""
    return channel.startswith(PROBE)


def next_number() -> int:
    """Never given twice, not even after a restart."""
    return next(_numbers)


def is_placed(call: CallKey) -> bool:
    """Whether the call is an outbound one. Its key is also the id of the channel of whom we ring."""
    return call.startswith(PLACED)


def read_leg(channel: str) -> tuple[CallKey, OfferId] | None:
    """Call and offer of a leg; None for any other channel."""
    return _read_pair(channel, SEAT)


def read_watch(bridge: str) -> tuple[CallKey, OfferId] | None:
    """Call and supervisor's offer of a bridge beside the room; None for any other."""
    return _read_pair(bridge, WATCH)


def read_snoop(channel: str) -> tuple[CallKey, Watch] | None:
    """Call and watch of a snoop channel; None for any other."""
    steps = channel.removeprefix(SNOOP).rsplit("~", 4)
    if not channel.startswith(SNOOP) or len(steps) != 5 or steps[3] not in _MODES:
        return None
    call, offer, at, mode, _ = steps
    return CallKey(call), Watch(offer=OfferId(offer), at=OfferId(at), mode=WatchMode(mode))


def read_bridge(bridge: str) -> CallKey | None:
    """The call of one of our rooms; None for any other bridge."""
    return CallKey(bridge.removeprefix(BRIDGE)) if bridge.startswith(BRIDGE) else None


def read_playback(playback: str) -> tuple[CallKey, str] | None:
    """Call and announcement of one of our playbacks."""
    steps = playback.removeprefix(PLAY).rsplit("~", 2)
    if not playback.startswith(PLAY) or len(steps) != 3:
        return None
    return CallKey(steps[0]), steps[1]


def _read_pair(name: str, prefix: str) -> tuple[CallKey, OfferId] | None:
    if not name.startswith(prefix):
        return None
    # An outbound call's key has a mark of the same kind in it, an offer has none.
    call, _, offer = name.removeprefix(prefix).rpartition("~")
    return (CallKey(call), OfferId(offer)) if call and offer else None
