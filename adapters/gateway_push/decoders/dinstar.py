"""Dinstar (鼎信通达) UC gateways: the push events of API "new version", firmware 1102 and later.

A push is an object with the device's serial number `sn` and one kind of news: `cdr`, `sms`, `ussd`, `register` and the
results of messages as lists, `device` and `exception_info` as one object. Only call records (话单) and channel faults
concern the hotline. Nothing is told while a call lives, and the manual (v201910, "CDR") says that only answered calls
are pushed: whoever gave up is only in the list that the device is asked for (`pull_dinstar.py`). That list has the
same records; of a caller who gave up it does not say when he did, so his call ends when it began.

A record has no id. One channel carries one call at a time, so serial number, channel and start make the call's key,
with a check sum of the record, because a clock that was never set begins again after every restart. `duration` is the
time from the answer to the end: in the manual's example it is shorter than the ringing alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.errors import Undecodable
from adapters.gateway_push.decoders.call_record import CallRecord, facts_of
from adapters.reading import REASON_CHARS, Clock, Unreadable, json_of, listed, mapping, number, seconds, text_of, word
from adapters.telephony import AdapterName, CallKey, Delivery, DeviceEvent, EndedBy, PortFault, RefusedItem

MAX_RECORDS = 1000
MAX_PORT = 999
FAULT_SECONDS = 10
"""A fault has neither id nor time: two on one channel within so long are taken for one, told twice."""

_NO_FACTS: Final = {"sms", "sms_result", "sms_deliver_status", "ussd", "register", "device"}
"""`register` is the SIM card's registration, `device` the whole gateway going on or off: neither names a channel that
could be shown as out of order and back."""
_TOLD: Final = ("start_date", "answer_date", "duration", "source_number", "destination_number")
_NEVER = re.compile(r"[0\s:./T-]*")
"""How it may write that nobody answered, in the list that it is asked for."""
_BY: Final[Mapping[str, EndedBy]] = {
    "calling": EndedBy.CALLER,
    "called": EndedBy.SEAT,
    "gateway": EndedBy.NETWORK,
}


class DinstarDecoder:
    """Reads Dinstar's pushes; remembers nothing."""

    memory = timedelta(0)

    def __init__(self, adapter: AdapterName, clock: Clock) -> None:
        self._adapter = adapter
        self._clock = clock

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        """The facts of a push, each record judged alone; a push that is not about calls has none."""
        try:
            document = json_of(text_of(body))
        except ValueError as error:
            raise Undecodable(f"not JSON: {error}"[:REASON_CHARS]) from None
        if not isinstance(document, dict):
            raise Undecodable("not an object")
        push = mapping(document)
        delivery = Delivery(events=[], refused=[], repaired=[])
        records = listed(push.get("cdr"))
        if len(records) > MAX_RECORDS:
            raise Undecodable(f"more than {MAX_RECORDS} records in one delivery")
        for index, record in enumerate(records):
            try:
                facts, repair = self._record(mapping(record), _serial(push), heard_at)
            except Unreadable as error:
                delivery.refused.append(RefusedItem(index, str(error)))
                continue
            delivery.events.extend(facts)
            if repair:
                delivery.repaired.append(RefusedItem(index, repair))
        try:
            if "exception_info" in push:
                delivery.events.append(self._fault(mapping(push["exception_info"]), _serial(push), heard_at))
            elif "cdr" not in push and not _NO_FACTS & push.keys():
                raise Unreadable("unknown kind of push")
        except Unreadable as error:
            delivery.refused.append(RefusedItem(0, str(error)))
        return delivery

    def _record(self, record: Mapping[str, Any], serial: str, heard_at: datetime) -> tuple[list[DeviceEvent], str]:
        # `ip->gsm` is a call of ours, `callback` one that the gateway places itself.
        if word(record.get("direction"), "direction").lower() != "gsm->ip":
            return [], ""
        port = _port(record)
        written = [word(record.get(name), name) for name in _TOLD]
        sum_of = hashlib.sha256("|".join(written).encode()).hexdigest()[:8]
        talked = seconds(record.get("duration"))
        talk = timedelta(seconds=talked or 0)
        start, wrong_start = self._clock.read(written[0], heard_at)
        answer, wrong_answer = (None, "") if _NEVER.fullmatch(written[1]) else self._clock.read(written[1], heard_at)
        # The record comes when the call is over.
        if wrong_answer:
            answer = heard_at - talk if talked else None
        if wrong_start:
            start = answer or heard_at - talk
        digits = "".join(sign for sign in written[0] if sign in "0123456789")
        told = CallRecord(
            key=CallKey(f"{serial}-{port}-{digits}-{sum_of}"),
            mark="cdr",
            start=start,
            answer=answer,
            end=(answer or start) + talk,
            caller=number(record.get("source_number"), "source_number"),
            dialled=None,
            seat=number(record.get("destination_number"), "destination_number"),
            port=port,
            by=_BY.get(word(record.get("hangup"), "hangup").lower(), EndedBy.UNKNOWN),
            cause=word(record.get("gsm_code"), "gsm_code"),
        )
        repair = wrong_start or wrong_answer or ("impossible duration" if talked is None else "")
        return facts_of(told, self._adapter, heard_at), repair

    def _fault(self, fault: Mapping[str, Any], serial: str, heard_at: datetime) -> PortFault:
        """The gateway found a channel faulty and says what it did about it; that it works again is never said."""
        port = _port(fault)
        kind, action = (word(fault.get(name), name) for name in ("type", "action"))
        window = int(heard_at.timestamp()) // FAULT_SECONDS
        return PortFault(
            adapter=self._adapter,
            event_id=f"{serial}-{port}:{kind}:{action}:{window}",
            at=heard_at,
            heard_at=heard_at,
            port=port,
            detail=", ".join(part for part in (kind, action) if part),
        )


def _serial(push: Mapping[str, Any]) -> str:
    """Keeps the channels of two gateways apart that push to one name."""
    return word(push.get("sn"), "sn", limit=32) or "0"


def _port(item: Mapping[str, Any]) -> int:
    port = word(item.get("port"), "port")
    if not (port.isascii() and port.isdecimal() and int(port) <= MAX_PORT):
        raise Unreadable("port is missing or not a number")
    return int(port)
