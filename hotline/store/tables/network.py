"""What network platforms (网络平台) asked of us, each once; and what they are still to be told."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from hotline.store.tables.base import INSTANT, JSON, METADATA

NETWORK_REQUESTS = Table(
    "network_requests",
    METADATA,
    Column("platform", Text, nullable=False),
    Column("id", Text, nullable=False, comment="the platform's own number of this request; of a filing, of the matter"),
    Column("hall", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="filing, supplement, withdrawal, rating"),
    Column("ticket", Text, ForeignKey("tickets.number"), nullable=False),
    Column("citizen_index", LargeBinary, comment="of the citizen's number, of a filing"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of what was asked"),
    Column("answer", JSON, nullable=False, comment="as it was given; names nobody"),
    Column("at", INSTANT, nullable=False),
    PrimaryKeyConstraint("platform", "id"),
    Index("network_requests_at_idx", "platform", "at"),
    Index("network_requests_ticket_idx", "ticket"),
    Index("network_requests_citizen_idx", "citizen_index", "at", postgresql_where=text("citizen_index IS NOT NULL")),
)

NETWORK_NEWS = Table(
    "network_news",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("ticket", Text, ForeignKey("tickets.number"), nullable=False, comment="the one that the platform filed"),
    Column("state", Text, nullable=False, comment="in the citizen's words: hotline.network.progress"),
    Column("at", INSTANT, nullable=False, comment="when it came to be so"),
    Column("next_at", INSTANT, comment="when it may be tried; null: nothing is to be sent"),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("sent_at", INSTANT, comment="when the platform had it, or something newer"),
    Column("last_error", Text, nullable=False, server_default=""),
    Index("network_news_due_idx", "platform", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("network_news_ticket_idx", "ticket", "id"),
)
