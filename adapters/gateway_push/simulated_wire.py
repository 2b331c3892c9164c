"""How a simulated gateway says what happened: the bytes of each dialect, and the headers that get them admitted."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any, assert_never
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

from standardwebhooks import Webhook
from standardwebhooks.webhooks import hmac_data

from adapters.gateway_push.settings import Dialect
from adapters.gateway_push.simulated_call import Message, SimulatedCall, What, Wire, as_json
from adapters.gateway_push.simulated_unsigned import ActionWire, DinstarWire, MappedWire


def wire(dialect: Dialect, *, secret: str, token: str, zone: str) -> Wire:
    """The encoder of a dialect; of `mapped`, what `mappings/json-example.toml` describes."""
    match dialect:
        case Dialect.STANDARD:
            return StandardWire(secret, ZoneInfo(zone))
        case Dialect.NEWROCK_OM:
            return NewRockWire(token, ZoneInfo(zone))
        case Dialect.YEASTAR_P:
            return YeastarWire(secret, token, ZoneInfo(zone))
        case Dialect.YEASTAR_S | Dialect.OPENVOX:
            return ActionWire(token, ZoneInfo(zone), openvox=dialect is Dialect.OPENVOX)
        case Dialect.DINSTAR:
            return DinstarWire(token, ZoneInfo(zone))
        case Dialect.MAPPED:
            return MappedWire(token)
        case _:
            assert_never(dialect)


class StandardWire:
    """Our own dialect, one event per delivery."""

    def __init__(self, secret: str, zone: ZoneInfo) -> None:
        self._webhook = Webhook(secret)
        self._zone = zone

    def messages(self, what: What, call: SimulatedCall, at: datetime, count: int) -> list[Message]:
        """One signed event."""
        event: dict[str, Any] = {
            "id": f"{call.key}-{count}",
            "type": what.value,
            "at": at.astimezone(self._zone).isoformat(timespec="milliseconds"),
            "call": call.key,
        }
        match what:
            case What.OFFERED:
                event |= {"dialled": call.dialled} | ({"caller": call.caller} if call.shown else {})
            case What.IDENTIFIED:
                event |= {"caller": call.caller}
            case What.RINGING | What.ANSWERED:
                event |= {"seat": call.seat}
            case What.DECLINED:
                event |= {"seat": call.seat, "reason": "no_answer"}
            case What.RELEASED:
                event |= {"by": call.by, "cause": "normal"}
            case What.HELD | What.RESUMED:
                pass
            case _:
                assert_never(what)
        return [Message(id=event["id"], what=what, body=as_json({"events": [event]}))]

    def headers(self, message: Message, now: datetime) -> dict[str, str]:
        """Signed anew for every attempt: the timestamp is the attempt's."""
        return {
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(message.id, now, message.body.decode()),
        }


class NewRockWire:
    """XML reports without call ids while the call lives, then the pair of call records."""

    def __init__(self, token: str, zone: ZoneInfo) -> None:
        self._token = token
        self._zone = zone

    def messages(self, what: What, call: SimulatedCall, at: datetime, count: int) -> list[Message]:
        """The order of an OM: RING, BUSY, ANSWER, BYE, IDLE, then the records."""
        ext = f"<ext id={quoteattr(call.seat)} />"
        visitor = f"<visitor from={quoteattr(call.caller)} />"
        quiet = f"<visitor from={quoteattr(call.caller if call.shown else '')} />"
        match what:
            case What.RINGING:
                reports = [("RING", ext + quiet)]
            case What.ANSWERED:
                reports = [("BUSY", ext), ("ANSWER", ext + visitor)]
            case What.DECLINED:
                reports = [("IDLE", ext)]
            case What.RELEASED if call.seat:
                reports = [("BYE", ext + visitor), ("IDLE", ext)]
            case _:
                reports = []
        messages = [
            Message(id=f"{call.key}-{count}-{name}", what=name, body=_xml(f'<Event attribute="{name}">{inner}</Event>'))
            for name, inner in reports
        ]
        return messages + self._records(call) if what is What.RELEASED else messages

    def headers(self, message: Message, now: datetime) -> dict[str, str]:
        """Nothing is signed; the token goes where a site would put it into the address."""
        return {"content-type": "text/xml"} | ({"x-hotline-token": self._token} if self._token else {})

    def _records(self, call: SimulatedCall) -> list[Message]:
        end = call.released or call.offered
        talked = int((end - call.answered).total_seconds()) if call.answered else 0
        legs = [("OU", "OP", call.callid, call.offered, call.caller)]
        if call.seat_rang is not None:
            legs.append(("IN", "XO", call.callid + 1, call.seat_rang, call.dialled))
        return [
            Message(
                id=f"{call.key}-{kind}",
                what="Cdr",
                body=_xml(
                    f'<Cdr id="{call.number}{self._stamp(end)}-{index}"><callid>{callid}</callid>'
                    f"<TimeStart>{self._stamp(start)}</TimeStart><Type>{kind}</Type><Route>{route}</Route>"
                    f"<CPN>{call.caller}</CPN><CDPN>{call.seat or call.dialled}</CDPN>"
                    f"<TimeEnd>{self._stamp(end)}</TimeEnd><Duration>{talked}</Duration>"
                    f"<TrunkNumber>{trunk}</TrunkNumber></Cdr>"
                ),
            )
            for index, (kind, route, callid, start, trunk) in enumerate(legs)
        ]

    def _stamp(self, at: datetime) -> str:
        return at.astimezone(self._zone).strftime("%Y%m%d%H%M%S")


class YeastarWire:
    """Member reports with JSON inside JSON, and one call record."""

    SERIAL = "3631A2000001"

    def __init__(self, secret: str, token: str, zone: ZoneInfo) -> None:
        self._secret = secret
        self._token = token
        self._zone = zone

    def messages(self, what: What, call: SimulatedCall, at: datetime, count: int) -> list[Message]:
        """The state of the members after this."""
        outside, inside = {
            What.OFFERED: ("ALERT", ""),
            What.IDENTIFIED: ("", ""),
            What.RINGING: ("ALERT", "RING"),
            What.DECLINED: ("ALERT", "BYE"),
            What.ANSWERED: ("ANSWERED", "ANSWER"),
            What.HELD: ("HOLD", "ANSWER"),
            What.RESUMED: ("ANSWERED", "ANSWER"),
            What.RELEASED: ("BYE", ""),
        }[what]
        reports: list[tuple[str, int, dict[str, Any]]] = []
        if outside:
            members: list[dict[str, Any]] = [self._outside(call, outside)]
            if inside:
                channel = f"PJSIP/{call.seat}-{call.number:08x}"
                leg = {"number": call.seat, "channel_id": channel, "member_status": inside, "call_path": ""}
                members.append({"extension": leg})
            reports.append((what.value, 30011, {"call_id": self._call_id(call), "members": members}))
        if what is What.RELEASED:
            reports.append(("record", 30012, self._record(call)))
        return [
            Message(
                id=f"{call.key}-{count}-{name}",
                what=name,
                body=as_json({"type": kind, "sn": self.SERIAL, "msg": json.dumps(report)}),
            )
            for name, kind, report in reports
        ]

    def headers(self, message: Message, now: datetime) -> dict[str, str]:
        """The body's signature, as the P series sends it."""
        headers = {"content-type": "application/json"}
        if self._secret:
            headers["x-signature"] = base64.b64encode(hmac_data(self._secret.encode(), message.body)).decode()
        if self._token:
            headers["x-hotline-token"] = self._token
        return headers

    def _call_id(self, call: SimulatedCall) -> str:
        return f"{int(call.offered.timestamp())}.{call.number}"

    def _outside(self, call: SimulatedCall, status: str) -> dict[str, Any]:
        return {
            "inbound": {
                "from": call.caller,
                "to": call.dialled,
                "trunk_name": "trunk-1",
                "channel_id": f"PJSIP/trunk-1-endpoint-{call.number:08x}",
                "member_status": status,
                "call_path": "",
            }
        }

    def _record(self, call: SimulatedCall) -> dict[str, Any]:
        end = call.released or call.offered
        return {
            "call_id": self._call_id(call),
            "time_start": call.offered.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S"),
            "call_from": call.caller,
            "call_to": call.seat or call.dialled,
            "call_duration": int((end - call.offered).total_seconds()),
            "talk_duration": int((end - call.answered).total_seconds()) if call.answered else 0,
            "status": "ANSWERED" if call.answered else "NO ANSWER",
            "type": "Inbound",
            "did_number": call.dialled,
            "recording": "",
            "uid": f"{call.key}",
        }


def _xml(inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8" ?>{inner}'.encode()
