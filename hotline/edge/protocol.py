"""What do an edge (边缘机) and the core (中心) say to each other on their WebSocket?

    core  Challenge ─►                    a number nobody has used before
    edge  ◄─ Hello                        who it is, its proof, what it has to say for each adapter
    core  Welcome ─►  (or Refused)        the core's own proof, and how far it has everything
    edge  ◄─ Carry, Part, Beat …          records in their order; beats every second
    core  Ack, Beat ─►                    everything up to there is durable
    core  Ask ─►                          of a device that obeys: an order, an announcement, a recording
    edge  ◄─ Answered                     what became of it (`asked.py`)

Every message is one binary WebSocket message: MessagePack of a closed union, tagged by `type`. Neither side ever sends
the secret: each proves that it knows it by an HMAC over both sides' numbers (RFC 2104), so that nothing can be replayed
and an edge tells callers' numbers to no stranger.

Records of one adapter are numbered from 1, without a gap, for as long as their *stream* lives: through restarts of
both sides. A stream ends when the edge's disk is replaced or put back; another one begins.

Of a device that only talks the records are raw frames, which the core decodes; of one that obeys they are facts, and
from time to time what is live there (`Seen`) and whether it is well (`Probed`).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from adapters.telephony import CallKey, PortStatus

VERSION: Final = 2
"""Both sides have to speak the same one."""
PATH: Final = "/api/v1/edge"
MESSAGE_BYTES: Final = 60 * 1024
"""The core's web server takes 64 KiB; what is longer comes in parts."""
PIECE_BYTES: Final = 48 * 1024
RECORD_BYTES: Final = 5 * 1024 * 1024
"""A longer record is nobody's: a gateway's delivery has 4 MiB at most."""
NONCE_BYTES: Final = 32
BEAT_SECONDS: Final = 1.0
SILENT_SECONDS: Final = 10.0
"""Who says nothing for so long is gone, whatever TCP believes."""
WINDOW: Final = 512
"""Records that may be under way without being acknowledged, of one adapter."""
WINDOW_BYTES: Final = 8 * 1024 * 1024
SKEW_SECONDS: Final = 2.0
"""Clocks that differ by more are told of."""

T = TypeVar("T")


class _Said(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    pass


# ── records: what an edge keeps ──────────────────────────────────────────────────────────────────────────────────────


class Frame(msgspec.Struct, frozen=True, tag="frame", tag_field="type"):
    """Raw bytes as an adapter's wire gave them, or the body of a gateway's push; a fact (JSON) of a device that
    obeys."""

    at: datetime
    """When they were heard, by the edge's clock."""
    body: bytes


class Up(msgspec.Struct, frozen=True, tag="up", tag_field="type"):
    """The device can be heard from then on: all of its wires are open."""

    at: datetime
    detail: str


class Down(msgspec.Struct, frozen=True, tag="down", tag_field="type"):
    """The device cannot be heard from then on."""

    at: datetime
    detail: str


class Seen(msgspec.Struct, frozen=True, tag="seen", tag_field="type"):
    """What is live on a device that obeys."""

    at: datetime
    """When it was asked."""
    ports: list[PortStatus]
    routine: bool
    """Asked while all seems well (`Snapshot`)."""


class Probed(msgspec.Struct, frozen=True, tag="probed", tag_field="type"):
    """A device that obeys was asked whether it is well."""

    at: datetime
    ok: bool
    detail: str


Record = Frame | Up | Down | Seen | Probed


# ── messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Challenge(_Said, frozen=True, kw_only=True, tag="challenge"):
    """The first word, of the core."""

    version: int
    nonce: bytes
    at: datetime


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """One adapter of an edge."""

    stream: str
    last: int
    """Number of the newest record."""
    up_since: datetime | None
    """Since when all of its wires are open; None: they are not."""
    live: list[CallKey] | None = None
    """Calls that are live on a device that obeys: of the others, everything up to `last` is history. None: not known,
    or a device that only talks."""


class Hello(_Said, frozen=True, kw_only=True, tag="hello"):
    """The edge's answer."""

    version: int
    edge: str
    nonce: bytes
    proof: bytes
    at: datetime
    adapters: dict[str, Offered]
    check: bool = False
    """Somebody tries whether it would work: nothing is to be carried, and whoever is connected stays."""


class Welcome(_Said, frozen=True, kw_only=True, tag="welcome"):
    """The edge is known."""

    proof: bytes
    at: datetime
    marks: dict[str, int]
    """Adapter → number of the last record of that stream that is durable; 0: none."""
    refused: dict[str, str]
    """Adapter → why it may not be carried."""


class Refused(_Said, frozen=True, kw_only=True, tag="refused"):
    """The connection is closed; `words` say what to do."""

    code: str
    words: str


class Carry(_Said, frozen=True, kw_only=True, tag="carry"):
    """Records with the numbers `seq`, `seq + 1`, …"""

    adapter: str
    seq: int
    records: list[bytes]


class Part(_Said, frozen=True, kw_only=True, tag="part"):
    """A record that is too long for one message, in its order."""

    adapter: str
    seq: int
    data: bytes
    last: bool


class Beat(_Said, frozen=True, kw_only=True, tag="beat"):
    """The edge is there."""

    at: datetime
    until: dict[str, datetime] = {}
    """Adapter → all that was heard until then has been sent."""
    waiting: dict[str, int] = {}
    """Adapter → records that are not acknowledged."""
    ahead: float | None = None
    """Seconds by which the edge's clock is ahead of the core's, as the edge has measured it."""


class BeatBack(_Said, frozen=True, kw_only=True, tag="beat_back"):
    """So is the core."""

    at: datetime
    echo: datetime
    """The `at` of the beat that is answered."""


class Ack(_Said, frozen=True, kw_only=True, tag="ack"):
    """Everything up to that number is durable at the core."""

    adapter: str
    seq: int


class Ask(_Said, frozen=True, kw_only=True, tag="ask"):
    """Something is wanted of a device that obeys; what is long comes in pieces, one after the other."""

    id: int
    """Of this connection."""
    adapter: str
    piece: bytes
    last: bool


class Answered(_Said, frozen=True, kw_only=True, tag="answered"):
    """The answer to what was asked under that id, in pieces like the question."""

    id: int
    piece: bytes
    last: bool


FromEdge = Hello | Carry | Part | Beat | Answered
FromCore = Challenge | Welcome | Refused | Ack | BeatBack | Ask

_ENCODER: Final = msgspec.msgpack.Encoder()
_FROM_EDGE: Final[msgspec.msgpack.Decoder[FromEdge]] = msgspec.msgpack.Decoder(FromEdge)
_FROM_CORE: Final[msgspec.msgpack.Decoder[FromCore]] = msgspec.msgpack.Decoder(FromCore)
_RECORDS: Final[msgspec.msgpack.Decoder[Record]] = msgspec.msgpack.Decoder(Record)


class NotUnderstood(Exception):
    """What came is no word of this protocol."""


def encode(said: msgspec.Struct) -> bytes:
    """A message, or a record."""
    return _ENCODER.encode(said)


def from_edge(data: bytes) -> FromEdge:
    """A message of an edge. Raises `NotUnderstood`."""
    return _read(_FROM_EDGE, data)


def from_core(data: bytes) -> FromCore:
    """A message of the core. Raises `NotUnderstood`."""
    return _read(_FROM_CORE, data)


def pieces(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """What is too long for one message, in pieces; True with the last one."""
    for at in range(0, max(1, len(data)), PIECE_BYTES):
        yield data[at : at + PIECE_BYTES], at + PIECE_BYTES >= len(data)


def record(data: bytes) -> Record:
    """A record. Raises `NotUnderstood`."""
    return _read(_RECORDS, data)


def proof(secret: str, side: str, edge: str, core_nonce: bytes, edge_nonce: bytes) -> bytes:
    """What only who knows the secret can say; `side` is `edge` or `core`: neither's proof serves as the other's."""
    message = b"\0".join((b"hotline edge", b"%d" % VERSION, side.encode(), edge.encode(), core_nonce + edge_nonce))
    return hmac.digest(secret.encode(), message, hashlib.sha256)


def proven(given: bytes, expected: bytes) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given, expected)


def _read(decoder: msgspec.msgpack.Decoder[T], data: bytes) -> T:
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotUnderstood(str(error)[:200]) from None
