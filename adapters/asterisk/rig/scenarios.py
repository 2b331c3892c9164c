"""What do SIPp's callers and phones do? Their scenarios, written out from a plan, and what they note down.

Each note is one line `WORD who what seconds micros` of SIPp's own log, stamped by SIPp when it happened on the wire:
the ledger that the service's account is held against.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec

REPEATED = 'retrans="500"'
"""UDP loses messages: what is not acknowledged is sent again, after half a second first (RFC 3261, T1)."""


class CallerPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How a caller behaves."""

    dialled: str = "12348"
    talk_ms: int | None = None
    """Hang up so long after being answered; None waits for the other side (up to ten minutes)."""
    own_talks: bool = False
    """Instead each hangs up after a time of its own: milliseconds in the injection file's second field. Should the
    other side hang up before, SIPp obeys but notes no end."""
    patience_ms: int | None = None
    """Give up when not answered by then."""
    media: Path | None = None
    """Sound and keys to send once answered (`audio.write_pcap`); needs root, since SIPp replays it on a raw socket."""


class SeatPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How the phones of a group behave."""

    does: Literal["answers", "busy", "rejects", "rings"] = "answers"
    ring_ms: int = 0
    talk_ms: int | None = None
    """Hang up so long after answering; None waits for the other side."""
    media: Path | None = None


def caller_xml(plan: CallerPlan) -> str:
    """A caller: rings, waits, talks, hangs up or is hung up on. Number from the injection file's first field."""
    # SIPp heeds only the time-out of the message it stands at, so each of those that may come carries it.
    patience = f' timeout="{plan.patience_ms}" ontimeout="giveup"' if plan.patience_ms is not None else ""
    talk = 600_000 if plan.talk_ms is None else plan.talk_ms
    refusals = "".join(
        f'  <recv response="{code}" optional="true" next="refused"{patience}/>\n'
        for code in (403, 404, 408, 480, 484, 486, 500, 503, 600, 603)
    )
    return _scenario(
        "caller",
        f"""
{_note("I [field0] [call_id]")}
{_send(_request("INVITE", 1, plan.dialled, sdp=_sdp(plan.media)), 'retrans="500"')}
  <recv response="100" optional="true"{patience}/>
  <recv response="180" optional="true"{patience}/>
  <recv response="183" optional="true"{patience}/>
{refusals}  <recv response="200" rrs="true"{patience}/>
{_send(_request("ACK", 1, plan.dialled, inside=True))}
{_note("A [field0] [call_id]")}
{_media(plan.media)}
{_OWN_TALK if plan.own_talks else f'  <recv request="BYE" timeout="{talk}" ontimeout="hangup"/>'}
{_send(_reply("200 OK"))}
{_note("E [field0] hung_up_on", following="done")}
  <label id="hangup"/>
{_note("E [field0] hung_up")}
{_send(_request("BYE", 2, plan.dialled, inside=True), 'retrans="500"')}
  <recv response="200" next="done"/>
  <label id="giveup"/>
{_note("E [field0] gave_up")}
{_send(_request("CANCEL", 1, plan.dialled))}
  <recv response="200"/>
  <recv response="487"/>
{_send(_refusal_ack(plan.dialled), 'next="done"')}
  <label id="refused"/>
{_note("E [field0] refused")}
{_send(_refusal_ack(plan.dialled))}
  <label id="done"/>
  <timewait milliseconds="100"/>
""",
    )


def seat_xml(plan: SeatPlan) -> str:
    """A phone: rings, and takes the call or not."""
    start = f"""
  <recv request="INVITE" rrs="true"><action>
    <ereg regexp="INVITE sip:([0-9A-Za-z_-]+)@" search_in="msg" assign_to="whole,seat"/>
    <ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="number"/>
    <ereg regexp="[^ \\r\\n]+" search_in="hdr" header="X-Hotline-Offer:" assign_to="offer"/>
    <ereg regexp="[^\\r\\n]+" search_in="hdr" header="From:" assign_to="peer"/>
  </action></recv>
  <Reference variables="whole,number,peer"/>
{_note("I [$seat] [$offer]")}"""
    if plan.does in ("busy", "rejects"):
        code = "486 Busy Here" if plan.does == "busy" else "603 Decline"
        return _scenario(
            "phone that refuses",
            f"""{start}
{_send(_reply(code, tag=True), 'retrans="500"')}
  <recv request="ACK"/>
{_note("E [$seat] refused")}
""",
        )
    # Without this step the phone answers at once: SIPp's timers are too coarse for a wait of a millisecond.
    rings = plan.does == "rings" or plan.ring_ms > 0
    ring = 600_000 if plan.does == "rings" else plan.ring_ms
    wait = f'''  <recv request="CANCEL" timeout="{ring}" ontimeout="pickup"/>
{_send(_reply("200 OK", tag=True))}
{_send(_reply("487 Request Terminated", tag=True, sequence="[$number] INVITE"), REPEATED)}
  <recv request="ACK"/>
{_note("E [$seat] cancelled", following="done")}
  <label id="pickup"/>'''
    talk = 600_000 if plan.talk_ms is None else plan.talk_ms
    return _scenario(
        "phone",
        f"""{start}
{_send(_reply("180 Ringing", tag=True))}
{wait if rings else ""}
{_send(_reply("200 OK", tag=True, sequence="[$number] INVITE", sdp=_sdp(plan.media)), 'retrans="500"')}
  <recv request="ACK"/>
{_note("A [$seat] [$offer]")}
{_media(plan.media)}
  <recv request="BYE" timeout="{talk}" ontimeout="hangup"/>
{_send(_reply("200 OK"))}
{_note("E [$seat] hung_up_on", following="done")}
  <label id="hangup"/>
{_note("E [$seat] hung_up")}
{_send(_seat_bye(), 'retrans="500"')}
  <recv response="200"/>
  <label id="done"/>
  <timewait milliseconds="100"/>
""",
    )


# The time-out of a message is the same for all callers, a pause may differ; but it knows no message that may come.
_OWN_TALK: Final = """\
  <nop hide="true"><action>
    <assignstr assign_to="talk_text" value="[field1]"/><todouble assign_to="talk" variable="talk_text"/>
  </action></nop>
  <pause variable="talk" next="hangup"/>"""


def _scenario(name: str, body: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">{body}</scenario>\n'


def _note(text: str, following: str = "") -> str:
    after = f' next="{following}"' if following else ""
    stamp = '<gettimeofday assign_to="seconds,micros"/>'
    return f'  <nop hide="true"{after}><action>{stamp}<log message="{text} [$seconds] [$micros]"/></action></nop>'


def _send(message: str, attributes: str = "") -> str:
    return f"  <send {attributes}><![CDATA[\n\n{message}\n]]></send>"


def _media(media: Path | None) -> str:
    return f'  <nop><action><exec play_pcap_audio="{media}"/></action></nop>' if media else ""


def _request(method: str, number: int, dialled: str, *, inside: bool = False, sdp: str = "") -> str:
    target = "[next_url]" if inside else f"sip:{dialled}@[remote_ip]:[remote_port]"
    to_tag = "[peer_tag_param]" if inside else ""
    # A CANCEL belongs to the INVITE's transaction: the same branch.
    branch = f"z9hG4bK-{'INVITE' if method == 'CANCEL' else method}-[pid]-[call_number]"
    lines = [
        f"{method} {target} SIP/2.0",
        f"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}",
        "From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]C[call_number]",
        f"To: <sip:{dialled}@[remote_ip]:[remote_port]>{to_tag}",
        "Call-ID: [call_id]",
        f"CSeq: {number} {method}",
        "Contact: <sip:[field0]@[local_ip]:[local_port]>",
        "Max-Forwards: 70",
    ]
    return "\n".join([*lines, *_body(sdp)])


def _refusal_ack(dialled: str) -> str:
    return "\n".join([
        f"ACK sip:{dialled}@[remote_ip]:[remote_port] SIP/2.0",
        "[last_Via:]",
        "[last_From:]",
        "[last_To:]",
        "Call-ID: [call_id]",
        "CSeq: 1 ACK",
        "Max-Forwards: 70",
        *_body(""),
    ])  # fmt: skip


def _seat_bye() -> str:
    return "\n".join([
        "BYE [next_url] SIP/2.0",
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-BYE-[pid]-[call_number]",
        "From: <sip:[$seat]@[local_ip]:[local_port]>;tag=[pid]S[call_number]",
        "To: [$peer]",
        "Call-ID: [call_id]",
        "CSeq: 1 BYE",
        "Max-Forwards: 70",
        *_body(""),
    ])  # fmt: skip


def _reply(status: str, *, tag: bool = False, sequence: str = "", sdp: str = "") -> str:
    return "\n".join([
        f"SIP/2.0 {status}",
        "[last_Via:]",
        "[last_From:]",
        "[last_To:]" + (";tag=[pid]S[call_number]" if tag else ""),
        "[last_Call-ID:]",
        f"CSeq: {sequence}" if sequence else "[last_CSeq:]",
        "Contact: <sip:[local_ip]:[local_port];transport=[transport]>",
        *_body(sdp),
    ])  # fmt: skip


def _body(sdp: str) -> list[str]:
    if not sdp:
        return ["Content-Length: 0", ""]
    return ["Content-Type: application/sdp", "Content-Length: [len]", "", sdp, ""]


def _sdp(media: Path | None) -> str:
    port = "[auto_media_port]" if media else "[media_port]"
    return "\n".join([
        "v=0",
        "o=hotline 1 1 IN IP[media_ip_type] [media_ip]",
        "s=-",
        "c=IN IP[media_ip_type] [media_ip]",
        "t=0 0",
        f"m=audio {port} RTP/AVP 8 101",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
    ])  # fmt: skip
