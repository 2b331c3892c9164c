"""What must a bridge (对接桥) to another hotline or authority do, and what may whoever sends over it rely on?

A bridge carries packages; it decides nothing and remembers nothing that matters: what was sent, what came back and what
is tried again is the courier's, in the ticket's own database. Nothing here waits for an answer to a *case*: the other
side takes it (`Receipt`), and what becomes of it comes back later as `News`, by callback, poll or a person.

What `send` can raise, by remedy:

    Refused        (adapters.errors) permanent: they, or we, say no; the reason is for a person. Nothing arrived
    NotNow         nothing arrived: try again later, by and by less often
    InDoubt        nobody knows whether it arrived. `DEDUPLICATES`: send it again; else `CAN_ASK`: ask first; else a
                   person must find out
    Misconfigured  (adapters.errors) nothing arrived, and nothing will until a person has changed the settings

Texts of all four are Chinese, say what to do, and hold no phone number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType, Protocol, runtime_checkable

import msgspec

from adapters.errors import AdapterError, Misconfigured, NotAdmitted, Refused, Undecodable, Unsupported
from adapters.handover_package import DailyFigures, HandoverPackage, Urgency

__all__ = [
    "Batch",
    "Bridge",
    "BridgeAbility",
    "BridgeName",
    "HandoverPackage",
    "InDoubt",
    "IncomingCase",
    "Misconfigured",
    "Missing",
    "News",
    "NewsKind",
    "NotAdmitted",
    "NotNow",
    "OwnNews",
    "Prints",
    "Probed",
    "Receipt",
    "Refused",
    "SendsFigures",
    "SetAside",
    "Standing",
    "TakesCases",
    "TellsNews",
    "Undecodable",
    "Unsupported",
]

BridgeName = NewType("BridgeName", str)
"""The name in the settings file: `[bridges.city]` → `city`."""

MAX_NEWS_TEXT: Final = 10_000
"""So much of what they write is taken over; longer news are cut there, and say so."""


class BridgeAbility(StrEnum):
    """What the way to the other side can do. What is not there is made good by a person."""

    DEDUPLICATES = "deduplicates"
    """The same key twice has one effect there: in doubt, it may simply be sent again."""
    CAN_ASK = "can_ask"
    """They can be asked whether they have it, by our key."""
    CALLS_BACK = "calls_back"
    """News come by HTTP (`read_callback`)."""
    POLLED = "polled"
    """News are fetched (`news`, `heard`)."""
    LISTS = "lists"
    """They tell what they have of a day, for the nightly comparison (对账)."""
    CARRIES_CALL = "carries_call"
    """A live call can be passed on; the hall does that, to the number `dials`."""
    CARRIES_FILE = "carries_file"
    """The case file goes over `send`."""
    CARRIES_FIGURES = "carries_figures"
    """The day's figures go over `send_figures` (`SendsFigures`)."""
    TAKES_CASES = "takes_cases"
    """They hand cases to us (转入) by HTTP (`TakesCases`)."""
    TELLS = "tells"
    """They can be told what became of those (`TellsNews`)."""
    PRINTS = "prints"
    """It becomes a sheet of paper (`Prints`), and a person types in what they say."""


class NewsKind(StrEnum):
    """What may become of a package on the other side."""

    ACKNOWLEDGED = "acknowledged"
    """They have it, under their number; whether they take the case is not decided."""
    ACCEPTED = "accepted"
    """It is theirs now."""
    RETURNED = "returned"
    """It is ours again, for the reason in `text`."""
    FEEDBACK = "feedback"
    """They tell how it goes; nothing else changes."""
    DONE = "done"
    """They have finished it."""


class Missing(msgspec.Struct, frozen=True):
    """Something that this receiver must have."""

    field: str
    """As in `HandoverPackage`; `consent.asked_by` of a part."""
    why: str
    """Chinese: what is wrong, and what to do."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """It is on its way, or there."""

    at: datetime
    digest: str
    """SHA-256 of what they answered, or of what was laid down for them: proof in a quarrel."""
    their_no: str = ""
    """Their number; empty where it comes later, as news. With it the hand-over is *acknowledged*, without it *sent*."""
    ledger_no: str = ""
    """Our running number of the file, row or sheet, where nobody answers at once."""
    repeated: bool = False
    """They, or we, had it already: nothing happened a second time."""


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a package. May come twice, late and in any order."""

    id: str
    """The same in every repeat; a second one has no effect."""
    kind: NewsKind
    key: str = ""
    local_no: str = ""
    """One of the two at least says which package is meant; the key where they told it."""
    their_no: str = ""
    at: datetime
    """When it happened, as they say; where they do not, when we heard it."""
    heard_at: datetime
    text: str = ""
    """Feedback, result, or the reason for sending it back."""
    reason_code: str = ""
    by: str = ""
    """Their person or unit."""


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """Something they said that cannot be used. It is kept where it was found, and shown."""

    id: str
    reason: str
    """Chinese, without personal data."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What came at once; each piece was judged alone."""

    news: tuple[News, ...] = ()
    set_aside: tuple[SetAside, ...] = ()


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a package stands on the other side, as they list it."""

    key: str = ""
    local_no: str = ""
    their_no: str = ""
    state: NewsKind = NewsKind.ACKNOWLEDGED
    at: datetime | None = None
    text: str = ""


class IncomingCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case that they hand to us (转入). Texts are cleaned and cut to our limits."""

    key: str
    """Theirs: the same in every repeat."""
    facts: str
    claim: str = ""
    title: str = ""
    their_no: str = ""
    answered: str = ""
    """What the caller was already told there."""
    caller_name: str = ""
    caller_number: str = ""
    area: str = ""
    category: str = ""
    urgency: Urgency = Urgency.NORMAL
    confidential: bool = False
    minor: bool = False
    reason: str = ""
    sent_by: str = ""
    sent_by_telephone: str = ""


class OwnNews(msgspec.Struct, frozen=True, kw_only=True):
    """What became here of a case of theirs."""

    id: str
    """The same in every repeat; travels in headers and addresses."""
    kind: NewsKind
    key: str
    our_no: str
    at: datetime
    text: str = ""
    by: str = ""


class Probed(msgspec.Struct, frozen=True):
    """One thing that was tried, harmlessly, to see whether the way is open."""

    what: str
    ok: bool
    words: str
    """Chinese: what was seen; where it is not in order, what to do."""


class NotNow(AdapterError):
    """The other side cannot take it now."""

    def __init__(self, detail: str = "", *, after_seconds: float | None = None) -> None:
        super().__init__(detail)
        self.after_seconds = after_seconds
        """They asked to be left alone for so long."""


class InDoubt(AdapterError):
    """Nobody knows whether it arrived."""


class Bridge(Protocol):
    """One way to one receiver. Safe to use from several tasks; the caller keeps the order of one ticket's packages."""

    @property
    def name(self) -> BridgeName:
        """The name in the settings file."""
        ...

    @property
    def abilities(self) -> frozenset[BridgeAbility]:
        """What this way can do, with the settings it has."""
        ...

    @property
    def dials(self) -> str:
        """The number to which live calls are passed on; empty where there is none."""
        ...

    @property
    def max_body_bytes(self) -> int:
        """A longer callback is refused with 413 before it is read."""
        ...

    @property
    def reply(self) -> tuple[bytes, str]:
        """Body and content type of the 2xx that a callback gets, once it is durable."""
        ...

    def check(self, package: HandoverPackage) -> Sequence[Missing]:
        """What this receiver still needs; empty: it can be sent. Reads nothing, asks nobody: for the form."""
        ...

    async def send(self, package: HandoverPackage, *, again: bool = False) -> Receipt:
        """Hand it over. Raises what the module's docstring lists; `Refused` too where `check` finds something.

        `again`: a person has made sure that it did not arrive, so that a way which remembers what it laid down lays it
        down once more. Never set by a machine. A `send` that is cancelled is in doubt.
        """
        ...

    async def ask(self, key: str) -> Standing | None:
        """How they have it; None: they say that they do not. Raises `NotNow` when they do not say, `Misconfigured`, and
        `Unsupported` without `CAN_ASK`."""
        ...

    async def news(self) -> Batch:
        """What they have laid down for us and we have not marked as `heard`, the oldest first. Raises `NotNow`,
        `Misconfigured`, and `Unsupported` without `POLLED`."""
        ...

    async def heard(self, ids: Sequence[str]) -> None:
        """These news, by their ids, are durable here and need not be told again. Called after the commit, never
        before. Raises as `news` does."""
        ...

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Batch:
        """Verify and read what they pushed (lower-case header names; `:peer` is the sender's address).

        Raises `NotAdmitted` (answer 401, keep nothing), `Undecodable` (answer 400), `Unsupported` without
        `CALLS_BACK`. Keeps no memory: a replay reads as the same news with the same ids.
        """
        ...

    async def list_day(self, day: date) -> Sequence[Standing]:
        """What they have of that day (in the mapping's zone). Raises `NotNow`, `Misconfigured`, and `Unsupported`
        without `LISTS`."""
        ...

    async def probe(self) -> Sequence[Probed]:
        """Try the way without leaving anything on the other side. Never raises."""
        ...

    async def close(self) -> None:
        """Let go of connections. May be used again afterwards."""
        ...


@runtime_checkable
class SendsFigures(Protocol):
    """A bridge with `CARRIES_FIGURES`."""

    async def send_figures(self, figures: DailyFigures, *, again: bool = False) -> Receipt:
        """Report a day; raises as `Bridge.send` does."""
        ...


@runtime_checkable
class TakesCases(Protocol):
    """A bridge with `TAKES_CASES`."""

    def read_case(self, headers: Mapping[str, str], body: bytes, now: datetime) -> IncomingCase:
        """Verify and read what they pushed; raises as `Bridge.read_callback` does."""
        ...

    def case_reply(self, case: IncomingCase, our_no: str, *, repeated: bool) -> tuple[bytes, str]:
        """Body and content type of the 2xx, once it is durable: our number, and whether we had it already."""
        ...


@runtime_checkable
class TellsNews(Protocol):
    """A bridge with `TELLS`."""

    async def tell(self, news: OwnNews) -> Receipt:
        """Tell them; raises as `Bridge.send` does. Told twice under one id, it is one piece of news."""
        ...


@runtime_checkable
class Prints(Protocol):
    """A bridge with `PRINTS`."""

    async def sheet(self, key: str) -> bytes | None:
        """The printable page (HTML, UTF-8) of a package that was sent; None: there is none with that key."""
        ...
