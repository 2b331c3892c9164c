"""The bytes of simulated gateways that cannot sign: Yeastar's S series, OpenVox, Dinstar, and the made-up JSON gateway
that `mappings/json-example.toml` describes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from adapters.gateway_push.simulated_call import Message, SimulatedCall, What, as_json


class _TokenWire:
    def __init__(self, token: str) -> None:
        self._token = token

    def headers(self, message: Message, now: datetime) -> dict[str, str]:
        """Nothing is signed; the token goes where a site would put it into the address."""
        return {"content-type": "application/json"} | ({"x-hotline-token": self._token} if self._token else {})


class ActionWire(_TokenWire):
    """Reports by action and the misspelt record, as the S series (report version 1.0.2) and OpenVox write them."""

    SERIAL = "369362089179"

    def __init__(self, token: str, zone: ZoneInfo, *, openvox: bool) -> None:
        super().__init__(token)
        self._zone = zone
        self._openvox = openvox

    def messages(self, what: What, call: SimulatedCall, at: datetime, count: int) -> list[Message]:
        """ALERT, RING, ANSWER with ANSWERED, CallFailed; at the end BYE twice and the record. No hold is reported."""
        inbound = {"from": call.caller, "to": call.dialled, "trunk": "pstn-1", "inboundid": self._channel(call, 0)}
        caller: dict[str, Any] = {"inbound": inbound}
        seat: dict[str, Any] = {"ext": {"extid": call.seat}}
        reports: list[tuple[str, list[dict[str, Any]], dict[str, Any]]]
        match what:
            case What.OFFERED:
                reports = [("ALERT", [caller], {})]
            case What.RINGING:
                reports = [("RING", [seat, caller], {})]
            case What.ANSWERED:
                reports = [("ANSWER", [seat, caller], {}), ("ANSWERED", [caller, seat], {})]
            case What.DECLINED:
                reports = [("CallFailed", [caller, seat], {"reason": 480 if self._openvox else "480"})]
            case What.RELEASED if call.seat:
                reports = [("BYE", [caller, seat], {}), ("BYE", [seat, caller], {})]
            case What.RELEASED | What.IDENTIFIED | What.HELD | What.RESUMED:
                reports = []
            case _:
                assert_never(what)
        bodies = [(action, self._report(action, members, more, call)) for action, members, more in reports]
        if what is What.RELEASED:
            bodies.append(("NewCdr", self._record(call)))
        return [
            Message(id=f"{call.key}-{count}-{number}", what=action, body=as_json(body))
            for number, (action, body) in enumerate(bodies)
        ]

    def _report(
        self, action: str, members: list[dict[str, Any]], more: dict[str, Any], call: SimulatedCall
    ) -> dict[str, Any]:
        if self._openvox:
            flat = {name: value for member in members for name, value in member.items()}
            return {"action": action, "callid": self._channel(call, 2), **more, **flat, "sn": self.SERIAL}
        return {"action": action, "callid": self._channel(call, 0), **more, "call": members, "sn": self.SERIAL}

    def _record(self, call: SimulatedCall) -> dict[str, Any]:
        end = call.released or call.offered
        return {
            "action": "NewCdr",
            "callid": self._channel(call, 0),
            "timestart": call.offered.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S"),
            "callfrom": call.caller,
            "callto": call.seat or call.dialled,
            "callduraction": str(int((end - call.offered).total_seconds())),
            "talkduraction": str(int((end - call.answered).total_seconds())) if call.answered else "0",
            "status": "ANSWERED" if call.answered else "NO ANSWERED",
            "type": "Inbound",
            "srctrunkname": "pstn-1",
            "dsttrcunkname": "",
            "sn": self.SERIAL,
        }

    def _channel(self, call: SimulatedCall, later: int) -> str:
        """A channel's id; `later`: how many channels after the caller's it was opened."""
        return f"{int(call.offered.timestamp())}.{call.number * 10 + later}"


class DinstarWire(_TokenWire):
    """One record at the end of an answered call, nothing else."""

    SERIAL = "da00-0030-1901-2817"

    def __init__(self, token: str, zone: ZoneInfo) -> None:
        super().__init__(token)
        self._zone = zone

    def messages(self, what: What, call: SimulatedCall, at: datetime, count: int) -> list[Message]:
        """Nothing while the call lives, and nothing of a caller who gave up."""
        if what is not What.RELEASED or call.answered is None:
            return []
        record = {
            "port": call.number % 32,
            "start_date": self._stamp(call.offered),
            "answer_date": self._stamp(call.answered),
            "duration": int(((call.released or at) - call.answered).total_seconds()),
            "source_number": call.caller,
            "destination_number": call.seat,
            "direction": "gsm->ip",
            "ip": "",
            "codec": "G.711A",
            "hangup": "calling" if call.by == "caller" else "called",
            "gsm_code": 16,
            "bcch": "",
        }
        return [Message(id=f"{call.key}-cdr", what="cdr", body=as_json({"sn": self.SERIAL, "cdr": [record]}))]

    def _stamp(self, at: datetime) -> str:
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")


class MappedWire(_TokenWire):
    """The made-up gateway of the JSON example."""

    def messages(self, what: What, call: SimulatedCall, at: datetime, count: int) -> list[Message]:
        """One event, in a list of one."""
        name = {
            What.OFFERED: "RING",
            What.IDENTIFIED: "CLIP",
            What.RINGING: "RING",
            What.ANSWERED: "ANSWER",
            What.DECLINED: "REJECT",
            What.HELD: "HOLD",
            What.RESUMED: "UNHOLD",
            What.RELEASED: "HANGUP",
        }[what]
        shown = call.shown or what is What.IDENTIFIED
        event: dict[str, Any] = {
            "event": name,
            "dir": "in",
            "eid": f"{call.number}-{count}",
            "time": int(at.timestamp() * 1000),
            "line": call.number % 32,
            "call": {"id": call.key, "from": f"+86{call.caller}" if shown else "", "to": call.dialled},
        }
        if what in (What.RINGING, What.ANSWERED, What.DECLINED):
            event["call"]["ext"] = call.seat
        if what is What.RELEASED:
            event |= {"side": "a" if call.by == "caller" else "b", "why": "normal"}
        return [Message(id=f"{call.key}-{count}", what=name, body=as_json({"sn": "A100-0007", "list": [event]}))]
