"""NCID gateways (sip2ncid, wc2ncid, smartphones): a line when a call comes in, and one when it is over.

    CALL: ###DATE12041529...CALLIN...LINEVOIP...NMBR14075551212...NAMEincoming+++
    CALLINFO: ###BYE...DATE12041535...CALLIN...LINEVOIP...NMBR14075551212+++

BYE ends a call that was answered, CANCEL one that was not. That somebody picks up is told with the end only. Gateways
of old leave LINE out of CALLINFO: then the port is empty, and with several lines nobody knows which call is meant.

Source: NCID API, "Gateway-to-Server", and the test data of the NCID project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from adapters.caller_id.written import words
from adapters.cti_serial.dialect import Tells
from adapters.cti_serial.dialects.netcallerid import caller, fields
from adapters.cti_serial.signs import AnySign, Finished
from adapters.reading import Unreadable, word
from adapters.wire.framing import Framer, Lines

OUTGOING: Final = frozenset({"OUT", "PUT"})
"""Types of calls that somebody here made; PUT is a smartphone's."""
MESSAGE: Final = "MWI"
"""A message waits in a mailbox: no call."""

_LINE = re.compile(rb"(CALL|CALLINFO): (###.*?\+\+\+)")
_OTHER = re.compile(rb"(?:HELLO|MSG|NOT|GOODBYE|[0-9]{3} )")
"""Greetings, texts for people, and what a server says when it is connected to."""


class Ncid:
    """One line of text an event."""

    name = "ncid"
    tells = Tells()
    greeting = b""

    def framer(self) -> Framer:
        """By line."""
        return Lines()

    def read(self, frame: bytes) -> Sequence[AnySign]:
        """The caller, or the end of the call. Raises `Unreadable` for lines of another kind."""
        if _OTHER.match(frame):
            return []
        lines = list(_LINE.finditer(frame))
        if not lines:
            raise Unreadable("neither CALL nor CALLINFO")
        return [sign for line in lines for sign in _told(line[1], fields(words(line[2])))]


def _told(what: bytes, found: Mapping[str, str]) -> list[AnySign]:
    if found.get("CALL", "") in OUTGOING | {MESSAGE}:
        return []
    if what == b"CALLINFO":
        return _over(found)
    if "NMBR" not in found:
        raise Unreadable("CALL without NMBR")
    return [caller(found, _port(found))]


def _over(found: Mapping[str, str]) -> list[AnySign]:
    how = found.get("", "")
    if how not in ("BYE", "CANCEL"):
        raise Unreadable("CALLINFO that is neither BYE nor CANCEL")
    return [Finished(port=_port(found), answered=how == "BYE")]


def _port(found: Mapping[str, str]) -> str:
    port = word(found.get("LINE"), "LINE")
    return "" if port in ("-", "NO-LINE") else port
