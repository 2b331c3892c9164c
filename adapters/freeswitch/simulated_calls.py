"""What does FreeSWITCH say on its event socket while somebody calls, waits, is joined with a seat and goes?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

import msgspec

QUEUE: Final = "12348@default"
DIALLED: Final = "12348"
CORE: Final = "ed56dab6-a6fc-11e4-960f-6f83a2e5e50a"

Headers = Mapping[str, str]
Script = Sequence[tuple[float, Headers]]
"""Seconds since the call began, and the event of that moment."""


class Ringing(msgspec.Struct, frozen=True, kw_only=True):
    """One call as it happens at FreeSWITCH; seconds since it came in."""

    uuid: str
    number: str
    kind: str
    """A key of `SCRIPTS`."""
    seat: str
    second: str
    """Another seat: rung beside the first one, or transferred to."""
    began: int
    """Microseconds since 1970."""
    rings: float
    """When the first seat rings."""
    answered: float
    over: float

    def leg(self, seat: str) -> str:
        """The channel of that seat's phone."""
        return f"{self.uuid[:-12]}{int(seat):012x}"

    def micros(self, at: float) -> int:
        """That moment by FreeSWITCH's clock."""
        return self.began + round(at * 1_000_000)

    def seconds(self, at: float) -> str:
        """The same as queue events give it."""
        return str(self.micros(at) // 1_000_000)


def body(event: Headers) -> bytes:
    """The event as the body of a `text/event-plain`."""
    safe = " !*'()/:,;=?[]~"
    lines = "".join(f"{name}: {quote(value, safe=safe).replace(' ', '%20')}\n" for name, value in event.items())
    return lines.encode() + b"\n"


def message(event: Headers) -> bytes:
    """The event as it is on the wire."""
    said = body(event)
    return b"Content-Length: %d\nContent-Type: text/event-plain\n\n" % len(said) + said


def heartbeat(micros: int, sessions: int) -> Headers:
    """The sign of life."""
    return {
        "Event-Name": "HEARTBEAT",
        "Core-UUID": CORE,
        "Event-Date-Timestamp": str(micros),
        "Event-Info": "System Ready",
        "Session-Count": str(sessions),
    }


def channel(call: Ringing, name: str, at: float, **more: str) -> Headers:
    """An event of the caller's channel. Underscores in names of further headers stand for hyphens, but in variables."""
    state = "hangup" if name == "CHANNEL_HANGUP_COMPLETE" else "ringing" if name == "CHANNEL_CREATE" else "answered"
    return {
        "Event-Name": name,
        "Core-UUID": CORE,
        "Event-Date-Timestamp": str(call.micros(at)),
        "Channel-Name": f"sofia/external/{call.number}@10.1.0.9",
        "Unique-ID": call.uuid,
        "Call-Direction": "inbound",
        "Channel-Call-UUID": call.uuid,
        "Answer-State": state,
        "Caller-Caller-ID-Number": call.number,
        "Caller-Destination-Number": DIALLED,
        "Caller-Context": "public",
        "Caller-Channel-Created-Time": str(call.began),
        **_named(more),
    }


def leg(call: Ringing, seat: str, name: str, at: float, **more: str) -> Headers:
    """An event of a seat's channel."""
    return {
        "Event-Name": name,
        "Core-UUID": CORE,
        "Event-Date-Timestamp": str(call.micros(at)),
        "Channel-Name": f"sofia/internal/{seat}@10.1.0.20:5060",
        "Unique-ID": call.leg(seat),
        "Call-Direction": "outbound",
        "Channel-Call-UUID": call.uuid,
        "Caller-Caller-ID-Number": call.number,
        "Caller-Destination-Number": seat,
        "Caller-Context": "default",
        "Other-Type": "originator",
        "Other-Leg-Unique-ID": call.uuid,
        **_named(more),
    }


def member(call: Ringing, action: str, at: float, **more: str) -> Headers:
    """An event of mod_callcenter that tells of the caller's channel as well."""
    return {**channel(call, "CUSTOM", at), **queue(call, action, at, **more)}


def queue(call: Ringing, action: str, at: float, **more: str) -> Headers:
    """An event of mod_callcenter about the caller and, if so, an agent."""
    return {
        "Event-Subclass": "callcenter::info",
        "Event-Name": "CUSTOM",
        "Core-UUID": CORE,
        "Event-Date-Timestamp": str(call.micros(at)),
        "CC-Queue": QUEUE,
        "CC-Action": action,
        "CC-Member-UUID": f"m{call.uuid[1:]}",
        "CC-Member-Session-UUID": call.uuid,
        "CC-Member-CID-Name": call.number,
        "CC-Member-CID-Number": call.number,
        **_named(more),
    }


def answered(call: Ringing) -> Script:
    """Through the queue to one seat, which hangs up."""
    return [*_to_the_seat(call), *_terminated(call, call.seat, call.over)]


def abandoned(call: Ringing) -> Script:
    """He hangs up while he waits."""
    return [
        *_joins(call),
        (call.over, _cancelled(call, "BREAK_OUT", Answer_State="hangup", Hangup_Cause="NORMAL_CLEARING")),
        (call.over, _hangs_up(call, call.over, "recv_bye")),
    ]


def no_agent(call: Ringing) -> Script:
    """The seat does not pick up, then the queue gives up."""
    seat, gives_up = call.seat, (call.rings + call.over) / 2
    fails = (call.rings + gives_up) / 2
    return [
        *_joins(call),
        (call.rings, queue(call, "agent-offering", call.rings, CC_Agent=seat)),
        (call.rings, leg(call, seat, "CHANNEL_CREATE", call.rings, variable_cc_member_session_uuid=call.uuid)),
        (fails, queue(call, "bridge-agent-fail", fails, CC_Agent=seat, CC_Hangup_Cause="NO_ANSWER")),
        (gives_up, _cancelled(call, "NO_AGENT_TIMEOUT", at=gives_up)),
        (call.over, _hangs_up(call, call.over, "send_bye")),
    ]


def group(call: Ringing) -> Script:
    """A ring group (同振组) without mod_callcenter: both seats ring, the first one takes it, the caller hangs up."""
    won, lost = call.seat, call.second
    return [
        (0.0, channel(call, "CHANNEL_CREATE", 0.0)),
        (call.rings, leg(call, won, "CHANNEL_CREATE", call.rings)),
        (call.rings, leg(call, lost, "CHANNEL_CREATE", call.rings)),
        (call.answered, leg(call, won, "CHANNEL_ANSWER", call.answered)),
        (call.answered, channel(call, "CHANNEL_ANSWER", call.answered)),
        (call.answered, leg(call, lost, "CHANNEL_HANGUP_COMPLETE", call.answered, Hangup_Cause="LOSE_RACE")),
        (call.answered, _bridge(call, won, call.answered)),
        (call.over, channel(call, "CHANNEL_UNBRIDGE", call.over, Answer_State="hangup", **_joined(call, won))),
        (call.over, _hangs_up(call, call.over, "recv_bye")),
        (call.over, leg(call, won, "CHANNEL_HANGUP_COMPLETE", call.over, Hangup_Cause="NORMAL_CLEARING")),
    ]


def transferred(call: Ringing) -> Script:
    """A seat takes him from the queue and passes him on; the second one hangs up."""
    passed, second = (call.answered + call.over) / 2, call.second
    taken = (passed + call.over) / 2
    return [
        *_to_the_seat(call),
        (passed, channel(call, "CHANNEL_UNBRIDGE", passed, **_joined(call, call.seat))),
        *_terminated(call, call.seat, passed, goes_on=True),
        (passed, leg(call, second, "CHANNEL_CREATE", passed)),
        (taken, leg(call, second, "CHANNEL_ANSWER", taken)),
        (taken, _bridge(call, second, taken)),
        (call.over, channel(call, "CHANNEL_UNBRIDGE", call.over, **_joined(call, second))),
        (call.over, _hangs_up(call, call.over, "send_bye")),
    ]


SCRIPTS: Final[Mapping[str, Callable[[Ringing], Script]]] = {
    each.__name__: each for each in (answered, abandoned, no_agent, group, transferred)
}
TALKED: Final = frozenset({"answered", "group", "transferred"})
"""Kinds of calls in which somebody talks with a seat."""


def _joins(call: Ringing) -> Script:
    return [
        (0.0, channel(call, "CHANNEL_CREATE", 0.0)),
        (0.0, channel(call, "CHANNEL_ANSWER", 0.0)),
        (0.0, member(call, "member-queue-start", 0.0)),
        (0.0, _counted(call, 0.0)),
    ]


def _to_the_seat(call: Ringing) -> Script:
    seat, at = call.seat, call.answered
    agent = {"variable_cc_member_session_uuid": call.uuid, "variable_cc_agent": seat}
    called = {"CC-Agent": seat, "CC-Agent-UUID": call.leg(seat), "CC-Agent-Called-Time": call.seconds(call.rings)}
    starts = {**queue(call, "bridge-agent-start", at), **called, "CC-Agent-Answered-Time": call.seconds(at)}
    return [
        *_joins(call),
        (call.rings, _agent(call, "Receiving", call.rings)),
        (call.rings, queue(call, "agent-offering", call.rings, CC_Agent=seat)),
        (call.rings, leg(call, seat, "CHANNEL_CREATE", call.rings, **agent)),
        (at, leg(call, seat, "CHANNEL_ANSWER", at, **agent)),
        (at, {**leg(call, seat, "CUSTOM", at, **agent), **starts}),
        (at, _bridge(call, seat, at)),
        (at, _counted(call, at)),
        (at, _agent(call, "In a queue call", at)),
    ]


def _terminated(call: Ringing, seat: str, at: float, *, goes_on: bool = False) -> Script:
    ended = {"CC_Agent": seat, "CC_Agent_UUID": call.leg(seat), "CC_Hangup_Cause": "SUCCESS"}
    times = {
        "CC_Agent_Called_Time": call.seconds(call.rings),
        "CC_Agent_Answered_Time": call.seconds(call.answered),
        "CC_Member_Joined_Time": call.seconds(0.0),
        "CC_Member_Leaving_Time": call.seconds(at),
        "CC_Cause": "Terminated",
    }
    left = [
        (at, queue(call, "bridge-agent-end", at, **ended)),
        (at, member(call, "member-queue-end", at, **ended, **times)),
        (at, _agent(call, "Waiting", at)),
    ]
    if goes_on:
        return left
    parted = channel(call, "CHANNEL_UNBRIDGE", at, **_joined(call, seat))
    hung_up = leg(call, seat, "CHANNEL_HANGUP_COMPLETE", at, variable_sip_hangup_disposition="recv_bye")
    return [(at, hung_up), (at, parted), (at, _hangs_up(call, at, "send_bye")), *left]


def _bridge(call: Ringing, seat: str, at: float) -> Headers:
    return channel(call, "CHANNEL_BRIDGE", at, Other_Leg_Destination_Number=seat, **_joined(call, seat))


def _joined(call: Ringing, seat: str) -> dict[str, str]:
    other = call.leg(seat)
    return {"Bridge_A_Unique_ID": call.uuid, "Bridge_B_Unique_ID": other, "Other_Leg_Unique_ID": other}


def _hangs_up(call: Ringing, at: float, disposition: str) -> Headers:
    joined = str(call.micros(call.answered)) if call.kind in TALKED else "0"
    return channel(
        call,
        "CHANNEL_HANGUP_COMPLETE",
        at,
        Hangup_Cause="NORMAL_CLEARING",
        variable_sip_hangup_disposition=disposition,
        Caller_Channel_Bridged_Time=joined,
    )


def _cancelled(call: Ringing, reason: str, at: float | None = None, **more: str) -> Headers:
    at = call.over if at is None else at
    left = {"CC_Member_Leaving_Time": call.seconds(at), "CC_Member_Joined_Time": call.seconds(0.0)}
    return member(call, "member-queue-end", at, CC_Cause="Cancel", CC_Cancel_Reason=reason, **left, **more)


def _agent(call: Ringing, state: str, at: float) -> Headers:
    said = {"CC-Agent": call.seat, "CC-Action": "agent-state-change", "CC-Agent-State": state}
    return {**_custom(call, at), **said}


def _counted(call: Ringing, at: float) -> Headers:
    said = {"CC-Queue": QUEUE, "CC-Action": "members-count", "CC-Count": "1", "CC-Selection": "Single-Queue"}
    return {**_custom(call, at), **said}


def _custom(call: Ringing, at: float) -> dict[str, str]:
    return {
        "Event-Subclass": "callcenter::info",
        "Event-Name": "CUSTOM",
        "Core-UUID": CORE,
        "Event-Date-Timestamp": str(call.micros(at)),
    }


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name if name.startswith("variable_") else name.replace("_", "-"): value for name, value in headers.items()}
