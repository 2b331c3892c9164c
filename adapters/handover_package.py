"""What goes along when a matter is handed over (移交) to another hotline or authority?

The package is complete when it is made: what was known and promised at that moment, so that it can be sent again after
a crash, days later, word by word. Every text has a limit (`Meta`), which holds for whoever builds one too.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final, get_args, get_type_hints

import msgspec
from msgspec import Meta

Code = Annotated[str, Meta(max_length=64)]
Name = Annotated[str, Meta(max_length=64)]
Line = Annotated[str, Meta(max_length=200)]
Number = Annotated[str, Meta(max_length=40)]
Text = Annotated[str, Meta(max_length=10_000)]
KEY_CHARS: Final = 100
"""A ticket number (a hall of 32 characters, a day, a number), a bridge of 32, and which attempt of a person it is."""
Key = Annotated[str, Meta(min_length=1, max_length=KEY_CHARS, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z")]
"""Travels in addresses, headers and file names: nothing in it needs quoting."""

MAX_SEGMENTS: Final = 50
MAX_ATTACHMENTS: Final = 50


class Direction(StrEnum):
    """Which way it goes."""

    OUT = "out"
    IN = "in"


class Mode(StrEnum):
    """联动方式: how the two lines work together on it (国办发〔2022〕12号 and local texts)."""

    ONE_KEY_TRANSFER = "one_key_transfer"
    """一键转接: clearly the other line's; the call goes there."""
    THREE_WAY = "three_way"
    """三方通话: caller, both lines; then they agree."""
    TICKET_FLOW = "ticket_flow"
    """工单流转: only the case file goes."""
    GUIDANCE = "guidance"
    """话务引导: the caller was told whom to call."""


class LegalBasis(StrEnum):
    """Why personal data may be handed over (个人信息保护法 13, 23)."""

    CONSENT = "consent"
    """单独同意: the caller was asked for this, and agreed."""
    STATUTORY_DUTY = "statutory_duty"
    """法定职责: a law demands it; which one is said in `legal_note`."""
    EMERGENCY = "emergency"
    """紧急情况: to protect life, health or property; the caller is told afterwards (18)."""


class Urgency(StrEnum):
    """紧急程度."""

    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class _Limited(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Checks its limits when it is built. msgspec looks at them when it decodes only; a package that can be built and
    stored, but not read back from the outbox, would be lost."""

    def __post_init__(self) -> None:
        for name, limit in _limits(type(self)).items():
            limit.check(name, getattr(self, name))


class Consent(_Limited, frozen=True, kw_only=True):
    """单独同意: the question was asked and answered."""

    given: bool
    asked_at: datetime
    asked_by: Name
    """Who asked: staff number or name."""


class Confirmation(_Limited, frozen=True, kw_only=True):
    """A person looked at it and said yes."""

    by: Name
    at: datetime


class Sender(_Limited, frozen=True, kw_only=True):
    """Who sends it: whom the other side may ask."""

    name: Name
    number: Code = ""
    """Staff number (工号)."""
    unit: Line = ""
    telephone: Number = ""


class CallSegment(_Limited, frozen=True, kw_only=True):
    """A stretch of the call, and where its recording can be asked for."""

    begun_at: datetime
    seconds: Annotated[int, Meta(ge=0, le=86_400)] = 0
    seat: Code = ""
    recording: Line = ""
    """Reference, never the audio: who may hear it is decided when it is asked for."""


class Attachment(_Limited, frozen=True, kw_only=True):
    """A file of the case, by reference."""

    name: Line
    reference: Line
    bytes: Annotated[int, Meta(ge=0)] = 0
    sha256: Annotated[str, Meta(max_length=64)] = ""
    media_type: Name = ""


class HandoverPackage(_Limited, frozen=True, kw_only=True):
    """One hand-over. Raises `ValueError` when a text is longer than its limit."""

    key: Key
    """The same for every attempt to send this hand-over; another hand-over of the same ticket has another one."""
    local_no: Code
    """Our ticket number: what the other side quotes."""
    hall: Code
    peer: Code
    """The bridge's name, as in the settings."""
    direction: Direction = Direction.OUT
    mode: Mode
    reason_code: Code = ""
    reason: Line = ""
    scope_item: Code = ""
    """事项代码: the item of the 联动事项清单 that says whose matter it is."""
    legal_basis: LegalBasis
    legal_note: Line = ""
    consent: Consent | None = None
    confirmed: Confirmation | None = None
    """Who decided it; without one 110 gets nothing."""
    urgency: Urgency = Urgency.NORMAL
    first_receiver: Line = ""
    """首接单位: keeps the case until the other side has accepted it."""
    happened_at: datetime | None = None
    """When the caller came to us."""
    caller_name: Name = ""
    caller_number: Number = ""
    confidential: bool = False
    """The caller asked for secrecy (GB/T 33358): the other side must not tell who it was."""
    minor: bool = False
    """涉及未成年人."""
    area_code: Code = ""
    """GB/T 2260 division code, where it is known."""
    area: Line = ""
    category: Line = ""
    category_code: Code = ""
    """The receiver's own code of the category, from the category tree's external codes."""
    title: Line = ""
    facts: Text
    claim: Annotated[str, Meta(max_length=5_000)] = ""
    answered: Text = ""
    """What the caller was already told."""
    calls: Annotated[tuple[CallSegment, ...], Meta(max_length=MAX_SEGMENTS)] = ()
    attachments: Annotated[tuple[Attachment, ...], Meta(max_length=MAX_ATTACHMENTS)] = ()
    sent_by: Sender
    prepared_at: datetime


class Measure(_Limited, frozen=True, kw_only=True):
    """One figure of the day with what it was made from."""

    id: Code
    label: Line
    numerator: float
    denominator: float
    value: float | None
    """None where the denominator is 0."""


class DailyFigures(_Limited, frozen=True, kw_only=True):
    """每日数据: what a superior platform wants to know of a day."""

    hall: Code
    day: date
    revision: Annotated[int, Meta(ge=1)] = 1
    """A day counted again is sent again with a higher number and replaces what was sent before."""
    measures: Annotated[tuple[Measure, ...], Meta(min_length=1, max_length=500)]
    prepared_at: datetime

    @property
    def key(self) -> str:
        """The same for every attempt to send this revision."""
        return f"figures-{self.hall}-{self.day:%Y%m%d}-{self.revision}"


def limit_of(name: str) -> int | None:
    """How many characters that field of a package may have."""
    limit = _limits(HandoverPackage).get(name)
    return limit.most if limit is not None else None


class _Limit(msgspec.Struct, frozen=True):
    least: int
    most: int
    pattern: str | None

    def check(self, name: str, held: Any) -> None:
        """Raises `ValueError`."""
        if not self.least <= len(held) <= self.most:
            raise ValueError(f"{name}: {len(held)} long, allowed {self.least} to {self.most}")
        if self.pattern is not None and not re.search(self.pattern, held):
            raise ValueError(f"{name}: does not match {self.pattern}")


@cache
def _limits(kind: type) -> dict[str, _Limit]:
    found: dict[str, _Limit] = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        for meta in (each for each in get_args(hint) if isinstance(each, Meta)):
            if meta.max_length is not None:
                found[name] = _Limit(meta.min_length or 0, meta.max_length, meta.pattern)
    return found
