"""What is in the fields of a mapped event? Numbers, names and times of one event, read as the mapping says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from adapters.gateway_push.decoders.mapped_body import Part
from adapters.gateway_push.mapping import GatewayMapping, Rule
from adapters.gateway_push.mapping_parts import ANYTHING, EPOCH, EPOCH_MS, ISO, Condition, Path, as_text
from adapters.reading import UNREADABLE, Clock, Unreadable, number, seconds, word
from adapters.telephony import CallKey

TIME_CHARS = 64
MAX_PORT = 99_999
SHOWN_FIELDS = 4
SHOWN_CHARS = 24
NOT_AS_SAID = "time not written as the mapping says"

_ANY = frozenset({ANYTHING})
_NEVER = re.compile(r"[0\s:./T-]*")
"""How devices write that something has not happened: `0`, `0000-00-00 00:00:00`, nothing."""
_CLOCK_SPAN = re.compile(r"([0-9]{1,2}):([0-5]?[0-9]):([0-5]?[0-9])")


class Seen:
    """One event, seen through a mapping."""

    def __init__(self, part: Part, mapping: GatewayMapping, clock: Clock, heard_at: datetime) -> None:
        self._part = part
        self._mapping = mapping
        self._clock = clock
        self.heard_at = heard_at

    def fulfils(self, conditions: Sequence[Condition]) -> bool:
        """Every condition holds."""
        return all(self._holds(condition) for condition in conditions)

    def judged_by(self, rules: Iterable[Rule]) -> str:
        """The fields by which rules tell events apart, with what is in them here: `状态 = 转接`. For an event that no
        rule fits: the word that the mapping does not know is among them."""
        paths = dict.fromkeys(condition.path for rule in rules for condition in rule.when if condition.values != _ANY)
        found = [(path, as_text(self._part.at(path))) for path in paths]
        shown = [f"{'/' * path.from_top}{'.'.join(path.steps)} = {text[:SHOWN_CHARS]}" for path, text in found if text]
        return ", ".join(shown[:SHOWN_FIELDS])

    def value(self, places: Sequence[Path] | None) -> object:
        """What lies at the first of these places that has a value; else `None`. A table is none."""
        for path in places or ():
            value = self._part.at(path)
            if value is not None and value != "" and not isinstance(value, dict):
                return value
        return None

    def text(self, name: str, *, limit: int = 64) -> str:
        """A field's short text. Raises `Unreadable`."""
        return word(_plain(self.value(getattr(self._mapping.fields, name))), name, limit=limit)

    def phone(self, name: str) -> str | None:
        """A phone number or an extension, without the beginnings that the mapping strips. Raises `Unreadable`."""
        found = number(_plain(self.value(getattr(self._mapping.fields, name))), name) or ""
        return self._stripped(name, found) or None

    def recording(self) -> str:
        """Where the recording lies, not yet judged. Raises `Unreadable`."""
        return self._stripped("recording", self.text("recording", limit=1000))

    def key(self) -> CallKey:
        """The call's key. Raises `Unreadable` when the event names no call."""
        call = self.text("call")
        if not call:
            raise Unreadable("call is missing")
        device = self.text("device", limit=32)
        return CallKey(f"{device}-{call}" if device else call)

    def port(self) -> tuple[int | None, str]:
        """The channel's number and "", or `None` and what was wrong with it."""
        try:
            port = self.text("port")
        except Unreadable:
            return None, "port is not a number"
        if not port:
            return None, ""
        if not (port.isascii() and port.isdecimal() and int(port) <= MAX_PORT):
            return None, "port is not a number"
        return int(port), ""

    def stamp(self) -> str:
        """The event's time as the device wrote it: the same in every repeat. Raises `Unreadable`."""
        return self.text("at", limit=TIME_CHARS)

    def at(self) -> tuple[datetime, str]:
        """When it happened and what was wrong with that; without such a field, when we heard it."""
        if self._mapping.fields.at is None:
            return self.heard_at, ""
        at, repair = self.time(self._mapping.fields.at)
        return at or self.heard_at, repair if at or repair else "no time"

    def time(self, places: Sequence[Path] | None) -> tuple[datetime | None, str]:
        """A time and "", or `None` and what was wrong with it ("" where it has not happened)."""
        try:
            text = word(_plain(self.value(places)), "time", limit=TIME_CHARS)
        except Unreadable:
            return None, UNREADABLE
        if _NEVER.fullmatch(text):
            return None, ""
        wrong = ""
        for written in self._mapping.time:
            at, repair = self._read(text, written)
            if not repair:
                return at, ""
            wrong = wrong or repair
        return None, wrong

    def duration(self, places: Sequence[Path] | None) -> int | None:
        """Whole seconds, also from `0:02:05`; `None` when there are none, or they are impossible."""
        value = self.value(places)
        if isinstance(value, str) and (span := _CLOCK_SPAN.fullmatch(value.strip())):
            hours, minutes, rest = map(int, span.groups())
            value = hours * 3600 + minutes * 60 + rest
        return seconds(value)

    def _holds(self, condition: Condition) -> bool:
        value = self._part.at(condition.path)
        if ANYTHING in condition.values and value not in (None, "", [], {}):
            return True
        return as_text(value).lower() in condition.values

    def _stripped(self, name: str, text: str) -> str:
        for beginning in getattr(self._mapping.strip, name):
            text = text.removeprefix(beginning)
        return text

    def _read(self, text: str, written: str) -> tuple[datetime, str]:
        if written == ISO:
            at, wrong = self._clock.read(text, self.heard_at)
            return at, NOT_AS_SAID if wrong == UNREADABLE else wrong
        try:
            if written in (EPOCH, EPOCH_MS):
                if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,9})?", text):
                    raise ValueError
                at = datetime.fromtimestamp(float(text) / (1000 if written == EPOCH_MS else 1), UTC)
            else:
                at = datetime.strptime(text, written)  # noqa: DTZ007  the clock puts the site's zone in
        except (ValueError, OverflowError, OSError):
            return self.heard_at, NOT_AS_SAID
        return self._clock.place(at, self.heard_at)


def _plain(value: object) -> object:
    """JSON numbers with a point, too, are texts here."""
    return as_text(value) if isinstance(value, float) else value
