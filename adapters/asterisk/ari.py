"""What does Asterisk's ARI send? Its events, channels and bridges, with the fields that some fact needs.

Names and fields: Asterisk 22, ARI models (`rest-api/api-docs/events.json`). Times carry an offset without a colon
(`+0800`), which `datetime.fromisoformat` reads from Python 3.11 on.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import msgspec


class Party(msgspec.Struct, frozen=True):
    """A number with a name."""

    number: str = ""


class Place(msgspec.Struct, frozen=True):
    """Where in the dial plan a channel is."""

    context: str = ""
    exten: str = ""


class Notes(msgspec.Struct, frozen=True):
    """Channel variables that `ari.conf` has Asterisk put into every channel it shows (`channelvars`)."""

    their_id: str = msgspec.field(name="HOTLINE_THEIR_ID", default="")
    """Of a caller: the id under which the platform that sent him knows the call."""
    leg: str = msgspec.field(name="HOTLINE_LEG", default="")
    """Of a leg outside: `outside`, `mobile`; empty for a seat's."""
    taken: str = msgspec.field(name="HOTLINE_TAKEN", default="")
    """Of a mobile's leg: `1` from the moment the key 1 was pressed."""


class Channel(msgspec.Struct, frozen=True):
    """One leg, as Asterisk shows it."""

    id: str
    name: str = ""
    state: str = ""
    creationtime: str = ""
    caller: Party = Party()
    dialplan: Place = Place()
    channelvars: Notes = Notes()

    @property
    def port(self) -> int | None:
        """The channel number printed on a telephony card (`DAHDI/3-1`); a SIP leg has none."""
        found = _CARD.match(self.name)
        return int(found[1]) if found else None

    @property
    def up(self) -> bool:
        """Off-hook on both ends."""
        return self.state == "Up"


class Bridge(msgspec.Struct, frozen=True):
    """Channels that hear each other."""

    id: str
    channels: tuple[str, ...] = ()


class Playback(msgspec.Struct, frozen=True):
    """An announcement being played."""

    id: str
    state: str = ""


class Recording(msgspec.Struct, frozen=True):
    """A recording being written."""

    name: str
    format: str = "wav"
    target_uri: str = ""
    state: str = ""
    duration: int | None = None
    cause: str = ""


class AriEvent(msgspec.Struct, frozen=True):
    """Any ARI event; the rest of the JSON is passed over."""

    type: str
    timestamp: str = ""
    application: str = ""
    args: tuple[str, ...] = ()
    channel: Channel | None = None
    bridge: Bridge | None = None
    playback: Playback | None = None
    recording: Recording | None = None
    digit: str = ""
    cause: int = 0
    soft: bool = False
    """Of `ChannelHangupRequest`: Asterisk itself wants the end, and `cause` is no cause but a flag of its own."""


HEARD: Final = (
    "ApplicationReplaced",
    "BridgeDestroyed",
    "ChannelCallerId",
    "ChannelDestroyed",
    "ChannelDtmfReceived",
    "ChannelEnteredBridge",
    "ChannelHangupRequest",
    "ChannelHold",
    "ChannelStateChange",
    "ChannelUnhold",
    "PlaybackFinished",
    "RecordingFailed",
    "RecordingFinished",
    "RecordingStarted",
    "StasisEnd",
    "StasisStart",
)
"""The events that we ask Asterisk to send; the others are more than half of all."""

_decoder = msgspec.json.Decoder(AriEvent)
_CARD = re.compile(r"DAHDI/(?:i[0-9]+/)?([0-9]{1,4})-")
_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")


def decode(text: str | bytes) -> AriEvent:
    """One message of the event socket. Raises `msgspec.MsgspecError` (a `ValueError`) when it is not an event."""
    try:
        return _decoder.decode(text)
    except (UnicodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error


def moment(text: str, otherwise: datetime) -> datetime:
    """An ARI time; `otherwise` where it is missing or not a time with an offset."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return otherwise
    return at if at.tzinfo else otherwise


def number(text: str) -> str | None:
    """A caller's number, or None where the network withheld it or sent something else."""
    return text if _NUMBER.fullmatch(text) else None
