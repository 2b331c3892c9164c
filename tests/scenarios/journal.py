"""A story's journal (流水) as a supervisor reads it: every event a Chinese sentence with its time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import msgspec

from hotline.api.sentences import Names, Narrator
from hotline.hall.events import HallEvent
from tests.scenarios.stage import Stage

OWN_NAMES = re.compile(r"zz-\d+|ZZ-\d+-\d+|card-1|技术信息：[^）]*")
"""What may stay in Latin letters: numbers of calls and tickets, the device's name, what the device itself says."""
EMPTY = re.compile(r"不详|（）|“”|None|[{}]|  |（，|，）|，，|：$|：（|：，|^：|—|[到给由对]$")
"""An empty slot in a sentence."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the journal."""

    at: datetime
    call: str
    kind: str
    text: str

    def __str__(self) -> str:
        local = self.at + timedelta(hours=8)
        return f"{local:%m-%d %H:%M:%S}  {self.call:<3} {self.text}"


def told(hall: Stage) -> list[Line]:
    """The whole journal."""
    people = {"acc-9001": "赵敏", "9001": "赵敏"}
    for seat in hall.state.seats:
        who = hall.person(seat)
        people |= {who.account: who.name, who.work_number: who.name}
    narrator = Narrator(Names(queues=hall.labels, prompts=hall.labels, people=people))
    ours = {key: name for name, key in hall.names.items()}
    calls = (*hall.ended.values(), *hall.state.calls.values())
    keys = {str(call.id): ours.get(call.key, str(call.key)) for call in calls}
    lines: list[Line] = []
    for at, event in hall.journal:
        data = msgspec.to_builtins(event)
        text = narrator.tell(data["type"], data, call=event.call, seat=event.seat, actor=event.actor)
        lines.append(Line(at=at, call=keys.get(event.call or "", "-"), kind=data["type"], text=text))
    return lines


def faults(line: Line) -> list[str]:
    """What a supervisor would not understand in a line."""
    found: list[str] = []
    if line.text.startswith("事件："):
        found.append("no words")
    if EMPTY.search(line.text):
        found.append("an empty slot")
    if re.search(r"[A-Za-z_]{2,}", OWN_NAMES.sub("", line.text)):
        found.append("a raw code")
    return found


def kinds(hall: Stage) -> set[str]:
    """Types of events in a journal."""
    return {type(event).__name__ for _, event in hall.journal}


def every_kind() -> set[str]:
    """Types of events that there are."""
    return {each.__name__ for each in HallEvent.__subclasses__()}
