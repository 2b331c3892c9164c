"""How does an event of the journal (流水) read in Chinese?

One sentence per event of `hotline.hall.events`; a test sees to it that none is without. Names of queues and people are
filled in where they are known. A `Narrator` that is told a whole journal, in its order, also says who sat where, which
leg did what, and on whom the caller was waiting: what earlier events told need not be in every later one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from hotline.api.phrases import SENTENCES, SPECIAL, Talk, many
from hotline.api.words import (
    CAUSES,
    COMMANDS,
    DUTIES,
    ENDED_BY,
    FACTS,
    IGNORED,
    LANGUAGES,
    LEVELS,
    MISSED,
    MISSING,
    NOTICES,
    OUTCOMES,
    PARTS,
    PASSED,
    PROMPTS,
    PURPOSES,
    QUESTIONS,
    REASONS,
    SEAT_STATES,
    SPILLS,
    STRATEGIES,
)
from routing import why

AFTER_MARK: Final = re.compile(r"([，：；、（“”]) ")
"""A Chinese mark needs no space after it."""
STATES: Final[Mapping[str, str]] = {**SEAT_STATES, **PARTS}
"""What is before or after a change: a seat's state, or what a supervisor does."""


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What ids are called in one hall."""

    queues: Mapping[str, str] = {}
    people: Mapping[str, str] = {}
    """Account id or 工号 → name."""
    prompts: Mapping[str, str] = {}
    """Labels of the hall's own announcements."""
    seats: Mapping[str, str] = {}
    """Seat → name of the lawyer there, where nothing in the journal tells it."""


class Narrator:
    """Tells a journal, or one event of it."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._seats = dict(names.seats)
        self._talks: dict[str, Talk] = {}

    def tell(self, kind: str, data: Mapping[str, Any], *, call: str | None, seat: str | None, actor: str) -> str:
        """The event as a sentence; an event of a later version is named as it is."""
        write = SENTENCES.get(kind)
        if write is None:
            return f"事件：{kind}"
        talk = self._talks.setdefault(call, Talk()) if call else Talk()
        self._learn(kind, data, seat, talk)
        words = self._words(data, seat or "", actor, talk)
        special = SPECIAL.get(kind)
        text = (special(data, words, talk) if special is not None else write).format_map(words) + _tail(kind, data)
        if kind == "SeatOffered" and (reasons := data.get("reasons")):
            text = f"派发给{words['seat']}：{self._reasons(reasons)}"
        self._note(kind, data, words, talk)
        return AFTER_MARK.sub(r"\1", text.replace("来电人", "对方") if talk.outbound else text).strip()

    def _learn(self, kind: str, data: Mapping[str, Any], seat: str | None, talk: Talk) -> None:
        """What must be known before the sentence is written."""
        if kind in ("CallPassed", "CallTransferred"):
            talk.outside = seat is None or data.get("kind") == "outside"
        elif kind == "CallReturning":
            talk.outside = False
        operator, target = str(data.get("operator") or ""), str(data.get("target") or "")
        known = self._names.people.get(operator)
        if seat and known:
            self._seats[seat] = known
        label = str(data.get("label") or "")
        if target and label and label != target and not data.get("contact") and data.get("kind") in (None, "seat"):
            self._seats[target] = label
        if kind == "CallArrived" and data.get("direction") == "out":
            talk.outbound = True

    def _note(self, kind: str, data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> None:
        """What later sentences build on."""
        match kind:
            case "PartyRung":
                talk.parts[str(data.get("offer"))] = str(data.get("part", ""))
                talk.legs[str(data.get("offer"))] = talk.asked = words["target"]
                talk.outside = talk.outside or not words["number"]
            case "PartyJoined":
                talk.parts[str(data.get("offer"))] = "joined"
            case "MonitorSwitched":
                talk.parts[str(data.get("offer"))] = str(data.get("after", ""))
            case "CallSpilled":
                talk.sent = True
            case "CallTransferred":
                talk.sent = True
                talk.asked = words["target"]
            case "SeatOffered":
                talk.asked = words["seat"]
            case "CallTaken" | "CallPassed":
                talk.taken = True
            case "SeatChanged" if data.get("after") == "signed_off":
                self._seats.pop(words["number"], None)
            case _:
                pass

    def _words(self, data: Mapping[str, Any], seat: str, actor: str, talk: Talk) -> dict[str, str]:
        target = str(data.get("target") or "")
        label = _apart(str(data.get("label") or ""))
        contact = bool(data.get("contact")) or data.get("kind") == "outside"
        queue = str(data.get("queue") or "")
        if data.get("kind") == "queue":
            named = f"队列“{label.strip() or self._queue(target)}”"
        else:
            named = label if contact or not target else self._at(target)
        doer = "系统" if actor in ("system", "") else self._names.people.get(actor, actor)
        return {
            "seat": self._at(seat) if seat else "坐席（不详）",
            "number": seat,
            "at_seat": self._seats.get(seat, ""),
            "actor": doer,
            "target": named or "对方",
            "label": label or _apart(str(data.get("to") or "")) or "对方",
            "leg": talk.legs.get(str(data.get("offer")), "班长"),
            "asked": talk.asked or "对方",
            "part": _of(PARTS, data.get("part") or talk.parts.get(str(data.get("offer")), "")),
            "queue": self._queue(queue),
            "position": str(data.get("position", "")),
            "groups": "、".join(self._queue(str(each)) for each in many(data.get("groups"))) or "（无）",
            "waited": _duration(data.get("waited")) or "时间不详",
            "why": _of(STRATEGIES, data.get("why")),
            "digits": str(data.get("digits", "")),
            "prompt": self._prompt(str(data.get("prompt", ""))),
            "reason": _of(REASONS, data.get("reason")),
            "missed": _of(MISSED, data.get("reason")),
            "outcome": _of(OUTCOMES, data.get("outcome")),
            "by": f"{talk.asked}挂机" if talk.outside and data.get("by") == "seat" else _of(ENDED_BY, data.get("by")),
            "before": _of(STATES, data.get("before")),
            "after": _of(STATES, data.get("after")),
            "state": _of(SEAT_STATES, data.get("state")),
            "adapter": str(data.get("adapter", "")),
            "port": str(data.get("port", "")),
            "fact": _of(FACTS, data.get("fact")),
            "ignored": _of(IGNORED, data.get("why")),
            "command": _of(COMMANDS, data.get("command")),
            "extension": str(data.get("extension", "")),
            "ticket": str(data.get("ticket") or ""),
            "how": _of(PASSED, data.get("how")),
            "purpose": _of(PURPOSES, data.get("purpose")),
            "masked": _dialled(data),
            "spill": _of(SPILLS, data.get("why")),
            "notice": _of(NOTICES, data.get("kind")),
            "language": _of(LANGUAGES, data.get("language") or ""),
            "duty": _of(DUTIES, data.get("duty")),
            "level": _of(LEVELS, data.get("level")),
            "count": str(data.get("count", "")),
            "to": "来电人" if data.get("to") in (None, "", "caller") else _apart(str(data.get("to"))),
            "question": _of(QUESTIONS, data.get("question")),
            "expected": _duration(data.get("expected")),
            "marks": "、".join(_of(why.MARKS, each) for each in many(data.get("marks"))),
        }

    def _at(self, seat: str) -> str:
        name = self._seats.get(seat, "")
        return f"坐席 {seat}（{name}）" if name and name != seat else f"坐席 {seat}"

    def _queue(self, name: str) -> str:
        """A queue's label; skill groups that have a queue of their name are called like it."""
        return self._names.queues.get(name, name)

    def _prompt(self, name: str) -> str:
        plain, _, language = name.partition(".")
        label = self._names.prompts.get(plain) or PROMPTS.get(plain, plain)
        return f"{label}（{_of(LANGUAGES, language)}）" if language else label

    def _reasons(self, reasons: Any) -> str:
        return why.sentence(msgspec.convert(reasons, why.Why), self._names.queues).rstrip("。")


def sentence(kind: str, data: Mapping[str, Any], *, seat: str | None, actor: str, names: Names) -> str:
    """One event, for whoever has not the others."""
    return Narrator(names).tell(kind, data, call=None, seat=seat, actor=actor)


def missing_reason(missing: str) -> str:
    """Why there is no recording, in Chinese."""
    return MISSING.get(missing, missing)


def _of(words: Mapping[str, str], code: Any) -> str:
    """The word for a code; a code without a word is told as it is."""
    text = "" if code is None else str(code)
    return words.get(text, text)


def _duration(value: Any) -> str:
    return why.duration(value) if isinstance(value, int | float) else ""


def _apart(label: str) -> str:
    """Latin letters and digits stand apart from the Chinese before them."""
    return f" {label}" if label[:1].isascii() and label else label


def _dialled(data: Mapping[str, Any]) -> str:
    """Whom a call of ours is for: a contact by its name, else the masked number."""
    named = str(data.get("label") or "") or str(data.get("number", ""))
    return _apart(named) if named.strip("*") else ""


def _tail(kind: str, data: Mapping[str, Any]) -> str:
    """What is only said where there is something to say."""
    parts: list[str] = []
    if data.get("backfilled"):
        parts.append("事后由设备话单补录")
    if data.get("inferred"):
        parts.append("根据设备状态推断")
    if kind == "RecordingKept" and data.get("seconds") is not None:
        parts.append(f"时长 {_duration(data['seconds'])}")
    if missing := data.get("missing"):
        parts.append(f"没有文件：{_of(MISSING, missing)}")
    if (cause := str(data.get("cause") or "")) and cause != data.get("outcome") and CAUSES.get(cause, cause):
        parts.append(f"原因：{CAUSES.get(cause) or f'技术代码 {cause}'}")
    if detail := data.get("detail"):
        parts.append(f"技术信息：{detail}")
    return f"（{'，'.join(parts)}）" if parts else ""
