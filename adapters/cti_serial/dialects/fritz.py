"""The call monitor of a FRITZ!Box (来电监视), port 1012: one line an event, fields and the end marked by semicolons.

    16.06.20 12:25:42;RING;0;caller;called;SIP1;
    16.06.20 12:25:46;CONNECT;0;extension;caller;
    16.06.20 12:26:20;DISCONNECT;0;seconds;

CALL begins an outgoing call and says nothing. CONNECT and DISCONNECT do not say which way the call went and are told
for all: the line book passes over ids that it has never seen begin. Ids are small and come round again.

Source: lines captured from a box and published by its user; the maker publishes no description.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from adapters.caller_id.written import number_of, words
from adapters.cti_serial.dialect import Tells
from adapters.cti_serial.signs import AnySign, Began, Connected, Finished
from adapters.reading import Unreadable, seconds, word
from adapters.wire.framing import Framer, Lines

_EVENT = re.compile(
    r"\d\d\.\d\d\.\d\d \d\d:\d\d:\d\d;(?P<what>RING|CALL|CONNECT|DISCONNECT);(?P<call>\d{1,9});(?P<rest>.*);",
    re.ASCII,
)


class Fritz:
    """Calls with ids."""

    name = "fritz"
    tells = Tells()
    greeting = b""

    def framer(self) -> Framer:
        """By line."""
        return Lines()

    def read(self, frame: bytes) -> Sequence[AnySign]:
        """The event. Raises `Unreadable` for what is none, and for one whose fields are cut off."""
        event = _EVENT.search(words(frame))
        if event is None:
            raise Unreadable("no event of a call monitor, or half of one")
        call, rest = event["call"], event["rest"].split(";")
        match event["what"]:
            case "RING":
                return [_began(call, rest)]
            case "CONNECT":
                return [Connected(call=call, seat=word(rest[0], "extension"))]
            case "DISCONNECT":
                lasted = seconds(rest[0])
                # 0 stands for a call nobody took, and for one that was over within a second.
                return [Finished(call=call, answered=True if lasted else None, seconds=lasted or None)]
            case _:
                return []


def _began(call: str, rest: list[str]) -> Began:
    if len(rest) < 2:
        raise Unreadable("RING without the number that was called")
    number, hidden = number_of(rest[0])
    port = word(rest[2], "line") if len(rest) > 2 else ""
    return Began(port=port, call=call, number=number, hidden=hidden, dialled=number_of(rest[1])[0])
