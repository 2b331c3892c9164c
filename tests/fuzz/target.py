"""What is fuzzed, and what must hold whatever the bytes are?

A target executes one input and says what came out of it. Only its typed errors may come out instead; facts are facts
(`adapters.conformance.events_are_facts`) that can be stored; a reason shows no number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cache
from typing import Final

import msgspec

from adapters.conformance import NotConforming, events_are_facts, expect
from adapters.telephony import CallFact, Delivery, DeviceEvent, TelephonyAdapter

MOST_CPU_SECONDS: Final = 0.1
"""No input may take a parser longer than that; processor time of the thread."""

Came = Iterable[Hashable]
"""What came out of one input, as marks: two inputs with the same marks have shown the same."""
Execute = Callable[[bytes], Came]


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One parser."""

    name: str
    build: Callable[[], Execute]
    """Makes what executes one input; called once a process."""
    seeds: Callable[[], Sequence[bytes]]
    """Real inputs to begin from."""
    errors: tuple[type[Exception], ...]
    """What it may raise."""
    code: tuple[str, ...]
    """Beginnings of paths from the project's root: the code whose lines count as covered."""
    words: tuple[bytes, ...] = ()
    """Bytes that mean something to it beyond those in the seeds."""
    repair: Callable[[bytes], bytes] | None = None
    """Makes lengths and checksums right again, so that what lies behind them is reached."""
    longest: int = 4096
    """Bytes of the usual inputs."""
    most: int = 32 * 1024
    """Bytes of the inputs in which something is repeated; as a rule the parser's own limit."""
    share: float = 1.0
    """Of the executions, against the others."""


_QUOTED: Final = re.compile(r"['\"`].*", re.DOTALL)
"""What a reason quotes, and all behind it."""
_DIGITS: Final = re.compile(r"[0-9]+")
_A_NUMBER: Final = re.compile(r"[0-9]{7}")
_MARKS: Final = dict[str, str]()
_MOST_MARKS: Final = 20_000


def delivered(adapter: TelephonyAdapter, delivery: Delivery) -> set[Hashable]:
    """Marks of a delivery. Raises `NotConforming` when it is not well-formed."""
    marks: set[Hashable] = facts(adapter, delivery.events) if delivery.events else set()
    for item in delivery.refused:
        marks.add(reason(item.reason))
    for item in delivery.repaired:
        marks.add((reason(item.reason), "repaired"))
    return marks


def facts(adapter: TelephonyAdapter, events: Sequence[DeviceEvent]) -> set[Hashable]:
    """Marks of facts: of which kind, and which of their fields say something."""
    if _listens(type(adapter)):
        twice = len({event.event_id for event in events}) != len(events)
    else:
        twice = False  # a gateway that says the same twice in one delivery is heard once, by the ids
    if twice or not all(_sound(adapter, each) for each in events):
        events_are_facts(adapter, events)  # which says in a sentence what is wrong, and is ten times as slow
    encoded = msgspec.json.encode(events)
    if b"\\u0000" in encoded:
        expect(not _holds_nul(msgspec.json.decode(encoded)), "a fact holds NUL, which no PostgreSQL text can")
    marks = set[Hashable]()
    for event in events:
        kind = type(event)
        said = tuple([bool(getattr(event, name)) for name in kind.__struct_fields__])
        marks.add((kind.__name__, said))
    return marks


@cache
def _listens(kind: type[TelephonyAdapter]) -> bool:
    # Whether it is a `Listens`; asking for the protocol itself takes longer than most inputs.
    return all(hasattr(kind, each) for each in ("wires", "due", "framed"))


def _sound(adapter: TelephonyAdapter, event: DeviceEvent) -> bool:
    if not (event.adapter == adapter.name and event.event_id and event.at.tzinfo and event.heard_at.tzinfo):
        return False
    return bool(event.call) if isinstance(event, CallFact) else True


def _holds_nul(value: object) -> bool:
    match value:
        case str():
            return "\x00" in value
        case dict():
            return any(map(_holds_nul, value.values()))
        case list():
            return any(map(_holds_nul, value))
        case _:
            return False


def reason(text: str) -> str:
    """The mark of a reason: without what it quotes. Raises `NotConforming` when it shows what may be a phone number."""
    known = _MARKS.get(text)
    if known is None:
        if not text.isprintable() or _A_NUMBER.search(text):
            raise NotConforming(f"a reason shows a number or cannot be printed: {text!r}")
        known = shape(text)
        if len(_MARKS) < _MOST_MARKS:
            _MARKS[text] = known
    return known


def shape(text: str) -> str:
    """A message without what it quotes and without its figures."""
    return _DIGITS.sub("0", _QUOTED.sub("", text))[:60]
