"""The journal (流水), and every raw fact that came in."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from hotline.store.tables.base import INSTANT, JSON, METADATA

JOURNAL = Table(
    "journal",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("seq", BigInteger, nullable=False, comment="without a gap within the hall"),
    Column("at", INSTANT, nullable=False),
    Column("epoch", BigInteger, nullable=False, comment="the writer that wrote it"),
    Column("type", Text, nullable=False),
    Column("call", Text),
    Column("call_seq", Integer, nullable=False, server_default=text("0")),
    Column("seat", Text),
    Column("actor", Text, nullable=False),
    Column("data", JSON, nullable=False),
    PrimaryKeyConstraint("hall", "seq"),
    Index(
        "journal_call_idx", "call", "call_seq", unique=True, postgresql_where=text("call IS NOT NULL AND call_seq > 0")
    ),
    Index("journal_at_idx", "at", postgresql_using="brin"),
)

RAW_EVENTS = Table(
    "raw_events",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("adapter", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("heard_at", INSTANT, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("type", Text, nullable=False),
    Column("call_key", Text),
    Column("fact_sealed", LargeBinary, comment="the decoded fact, sealed JSON"),
    Column("raw_sealed", LargeBinary, comment="the bytes as they came, where they were pushed"),
    Column("state", Text, nullable=False, comment="pending, applied, set_aside"),
    Column("reason", Text, nullable=False, server_default=""),
    UniqueConstraint("adapter", "event_id", "hall"),
    Index("raw_events_pending_idx", "hall", "id", postgresql_where=text("state = 'pending'")),
    Index("raw_events_call_idx", "adapter", "call_key"),
    Index("raw_events_heard_idx", "heard_at", postgresql_using="brin"),
)
