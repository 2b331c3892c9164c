"""What does a Yeastar (星纵), S-series or OpenVox report say? Its kind, its content and the call's members.

The three write nearly the same in different words, and not always well-formed: the P series prints JSON in a string
with its quotes unescaped, the S series before report version 1.0.2 writes `ext` twice in one object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from adapters.errors import Undecodable
from adapters.reading import REASON_CHARS, Unreadable, first, json_of, listed, mapping, number, word

REPORTS = range(30_000, 31_000)
CALL_ACTIONS: Final = frozenset({"ALERT", "RING", "ANSWER", "ANSWERED", "BYE", "HOLD", "INVITE", "INCOMING"})
"""S series and OpenVox: the report's own name is the state of everybody in it."""
OTHER_ACTIONS: Final = frozenset(
    {"TRANFER", "TRANSFER", "FORWARD", "DTMF", "PLAYPROMPTEND", "SATISFACTION"}
    | {"EXTENSIONSTATUS", "CONFERENCESTATUS", "CONFIGCHANGE", "BOOTUP"}
)
"""Understood, and no fact of ours; `Tranfer` is how the S series spells it."""
MAX_MEMBERS = 200
NO_CHANNEL: Final = "inbound"
"""Stands for the caller's leg where the device gives it no id."""

_NAMED: Final = CALL_ACTIONS | OTHER_ACTIONS | {"NEWCDR", "CALLSTATUS", "CALLFAILED"}
_REPEATED: Final = frozenset({"ext"})
_FAILURES: Final[Mapping[str, str]] = {
    "404": "unreachable",
    "408": "no_answer",
    "410": "unreachable",
    "480": "no_answer",
    "486": "busy",
    "503": "unreachable",
    "603": "no_answer",
    "DND": "rejected",
    "USER BUSY": "busy",
    "LINE UNREACHABLE": "unreachable",
}


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One leg of a call as a report shows it."""

    inbound: bool
    """The caller's; else an extension's."""
    status: str
    """Upper case: ALERT, RING, ANSWER, …; empty where the report names none."""
    channel: str
    """The leg's own id, where the device gives one; else the extension's number, or `NO_CHANNEL`."""
    number: str | None = None
    dialled: str | None = None


def document(text: str) -> object:
    """The body as an object or a list. Raises `Undecodable`."""
    try:
        found = json_of(text, repeated=_REPEATED)
    except ValueError as error:
        try:
            found = json_of(_requoted(text), repeated=_REPEATED)
        except ValueError:
            raise Undecodable(f"not JSON: {error}"[:REASON_CHARS]) from None
    if not isinstance(found, dict | list):
        raise Undecodable("neither an object nor a list")
    return found


def kind_of(envelope: Mapping[str, Any]) -> int | str:
    """The report's number (P series) or its name in upper case. Raises `Unreadable` for what no manual names."""
    # An S-series record has a `type` too: its call's.
    kind = first(envelope, ("action", "event", "type"))
    if isinstance(kind, str) and kind.isdecimal() and len(kind) < 8:
        kind = int(kind)
    if isinstance(kind, int) and not isinstance(kind, bool) and kind in REPORTS:
        return kind
    if isinstance(kind, str):
        name = word(kind, "type", limit=32).upper()
        if name in _NAMED:
            return name
    raise Unreadable("unknown kind of report")


def content_of(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    """The report proper: `msg` as an object or as JSON in a string, else the envelope itself (S series)."""
    if "msg" not in envelope:
        return envelope
    content = envelope["msg"]
    if isinstance(content, str):
        try:
            content = json_of(content)
        except ValueError:
            raise Unreadable("msg is not JSON") from None
    if not isinstance(content, dict):
        raise Unreadable("msg is not an object")
    return mapping(content)


def members_of(content: Mapping[str, Any], action: str) -> Iterator[Member]:
    """The call's members: a list of objects with one key each, or (S series, OpenVox) keys of the report itself."""
    entries = listed(first(content, ("members", "call"))) or [content]
    if len(entries) > MAX_MEMBERS:
        raise Unreadable("too many members")
    for entry in map(mapping, entries):
        if isinstance(entry.get("inbound"), dict):
            inbound = mapping(entry["inbound"])
            yield Member(
                inbound=True,
                status=_status(inbound, action),
                channel=_channel(inbound, NO_CHANNEL),
                number=number(inbound.get("from"), "from"),
                dialled=number(inbound.get("to"), "to"),
            )
        for name in ("extension", "ext"):
            for extension in map(mapping, listed(entry.get(name))):
                for one in listed(first(extension, ("number", "extid"))):
                    if seat := number(one, name):
                        yield Member(
                            inbound=False,
                            status=_status(extension, action),
                            channel=_channel(extension, seat),
                            number=seat,
                        )


def failure_of(content: Mapping[str, Any]) -> str | None:
    """Why an extension did not take the call, in our words or else the device's; `None` where it is nobody's refusal.

    The reason is a number (OpenVox: `480`), a number with words (`"486 Busy Here"`) or words (`"DND"`). 603 means by
    the S series' manual that it rang too long, and 487 that the caller gave up: the latter may as well be the other
    phones of a ring group falling silent, so it says nothing.
    """
    said = word(content.get("reason"), "reason")
    code = said.partition(" ")[0]
    if code == "487":
        return None
    return _FAILURES.get(code) or _FAILURES.get(said.upper()) or said


def _requoted(text: str) -> str:
    """The text with `"msg":"{…}"` turned into `"msg":{…}`: the manual prints the inner quotes unescaped."""
    opening = re.search(r'"msg"\s*:\s*(")\s*[{\[]', text)
    if opening is None:
        raise ValueError("no unescaped msg")
    start = opening.end() - 1
    try:
        _, end = json.JSONDecoder().raw_decode(text, start)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    closing = re.compile(r'\s*"').match(text, end)
    if closing is None:
        raise ValueError("msg is not closed")
    return text[: opening.start(1)] + text[start:end] + text[closing.end() :]


def _status(member: Mapping[str, Any], action: str) -> str:
    status = word(first(member, ("member_status", "memberstatus")), "member_status", limit=32).upper()
    return status or ("RING" if action in ("INVITE", "INCOMING") else action)


def _channel(member: Mapping[str, Any], otherwise: str) -> str:
    named = first(member, ("channel_id", "channelid", "inboundid"))
    return word(named, "channel_id", limit=120) or otherwise
