"""Which of Asterisk's channels, bridges and playbacks are ours, and for which call?

The ids say it themselves, so after a restart nothing needs to be remembered: a seat's leg is `seat~CALL~OFFER`, the
bridge of a call `call~CALL`, a playback `play~CALL~PROMPT~N`. A caller's channel keeps Asterisk's own id, which carries
the system name and is never given twice.
"""

from __future__ import annotations

from adapters.telephony import CallKey, OfferId

SEAT, BRIDGE, PLAY = "seat~", "call~", "play~"


def leg_id(call: CallKey, offer: OfferId) -> str:
    """The channel that rings a seat for one offer."""
    return f"{SEAT}{call}~{offer}"


def bridge_id(call: CallKey) -> str:
    """The bridge in which a call's two sides hear each other."""
    return f"{BRIDGE}{call}"


def playback_id(call: CallKey, prompt: str, number: int) -> str:
    """The number tells two playbacks of the same announcement apart."""
    return f"{PLAY}{call}~{prompt}~{number}"


def read_leg(channel: str) -> tuple[CallKey, OfferId] | None:
    """Call and offer of a seat's leg; None for any other channel."""
    if not channel.startswith(SEAT):
        return None
    call, _, offer = channel.removeprefix(SEAT).partition("~")
    return (CallKey(call), OfferId(offer)) if call and offer else None


def read_bridge(bridge: str) -> CallKey | None:
    """The call of one of our bridges; None for any other."""
    return CallKey(bridge.removeprefix(BRIDGE)) if bridge.startswith(BRIDGE) else None


def read_playback(playback: str) -> tuple[CallKey, str] | None:
    """Call and announcement of one of our playbacks."""
    steps = playback.removeprefix(PLAY).split("~")
    if not playback.startswith(PLAY) or len(steps) != 3:
        return None
    return CallKey(steps[0]), steps[1]
