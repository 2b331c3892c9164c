"""A gateway's record of a whole call (话单) as facts told afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from adapters.reading import Unreadable, word
from adapters.telephony import (
    AdapterName,
    CallKey,
    CallOffered,
    CallReleased,
    DeviceEvent,
    EndedBy,
    Handling,
    RecordingStopped,
    SeatAnswered,
)

PLACE_CHARS = 250


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a record says; times are aware and may contradict each other."""

    key: CallKey
    mark: str
    """Tells the records of one call apart; the same in every repeat."""
    start: datetime
    answer: datetime | None
    """When a person answered; `None`: nobody did."""
    end: datetime
    caller: str | None
    dialled: str | None
    seat: str | None
    port: int | None = None
    recording: str = ""
    by: EndedBy = EndedBy.UNKNOWN
    cause: str = ""


def facts_of(record: CallRecord, adapter: AdapterName, heard_at: datetime) -> list[DeviceEvent]:
    """Backfilled facts in the order of the call, their times made consistent: start ≤ answer ≤ end."""
    end = max(record.start, record.end)
    answer = record.answer and min(max(record.start, record.answer), end)

    def origin(what: str, at: datetime) -> dict[str, Any]:
        return {
            "adapter": adapter,
            "event_id": f"{record.key}:record:{record.mark}:{what}",
            "at": at,
            "heard_at": heard_at,
            "port": record.port,
            "call": record.key,
            "handling": Handling.DEVICE,
            "backfilled": True,
        }

    facts: list[DeviceEvent] = [
        CallOffered(**origin("offered", record.start), caller=record.caller, dialled=record.dialled)
    ]
    if answer is not None:
        facts.append(SeatAnswered(**origin("answered", answer), seat=record.seat))
    if record.recording:
        name = record.recording.rstrip("/").rpartition("/")[2]
        talked = (end - answer).total_seconds() if answer is not None else None
        facts.append(RecordingStopped(**origin("recorded", end), name=name, seconds=talked, file=record.recording))
    facts.append(CallReleased(**origin("released", end), by=record.by, cause=record.cause))
    return facts


def recording_place(value: object) -> str:
    """An http(s) address or a path below the recordings folder; "" where there is none. Raises `Unreadable`."""
    place = word(value, "recording", limit=PLACE_CHARS)
    if not place.startswith(("http://", "https://")) and (
        "://" in place or place.startswith("/") or "\\" in place or ".." in place.split("/")
    ):
        raise Unreadable("recording is neither an http address nor a path below the recordings folder")
    return place
