"""Hand-overs (移交) to other lines and authorities: each is its own delivery, with all that happened to it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
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

HANDOVERS = Table(
    "handovers",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("ticket", Text, ForeignKey("tickets.number"), nullable=False),
    Column("bridge", Text, nullable=False),
    Column("key", Text, nullable=False, comment="the same for every attempt; the other side knows it"),
    Column("state", Text, nullable=False, server_default="prepared"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("mode", Text, nullable=False, comment="one_key_transfer, three_way, ticket_flow, guidance"),
    Column("legal_basis", Text, nullable=False, comment="consent, statutory_duty, emergency"),
    Column("urgency", Text, nullable=False, server_default="normal"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("package_sealed", LargeBinary, nullable=False, comment="what goes along, word by word"),
    Column("created_at", INSTANT, nullable=False),
    Column("created_by", Text, nullable=False),
    # sending
    Column("next_at", INSTANT, comment="when it may be tried; null: nothing is to be sent"),
    Column("tried_since", INSTANT, nullable=False, comment="the three days count from here"),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("again", Boolean, nullable=False, server_default=text("false"), comment="a person says it did not arrive"),
    Column("claim", Text, comment="whoever is sending it now"),
    Column("claimed_until", INSTANT),
    Column("last_error", Text, nullable=False, server_default=""),
    Column("in_doubt_at", INSTANT),
    # what became of it
    Column("sent_at", INSTANT),
    Column("their_no", Text, nullable=False, server_default=""),
    Column("ledger_no", Text, nullable=False, server_default=""),
    Column("digest", Text, nullable=False, server_default="", comment="SHA-256 of what they answered"),
    Column("accepted_at", INSTANT),
    Column("returned_at", INSTANT),
    Column("return_reason", Text, nullable=False, server_default=""),
    Column("done_at", INSTANT),
    Column("result", Text, nullable=False, server_default=""),
    UniqueConstraint("key"),
    Index("handovers_queue_idx", "hall", "bridge", "id", postgresql_where=text("state = 'prepared'")),
    Index("handovers_sent_idx", "hall", "bridge", "sent_at"),
    Index("handovers_due_idx", "hall", "bridge", "next_at", postgresql_where=text("state = 'prepared'")),
    Index("handovers_ticket_idx", "ticket", "id"),
    Index("handovers_state_idx", "hall", "state", "id"),
    Index("handovers_their_idx", "bridge", "their_no", postgresql_where=text("their_no <> ''")),
)

HANDOVER_EVENTS = Table(
    "handover_events",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("handover", BigInteger, ForeignKey("handovers.id"), nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("actor", Text, nullable=False, comment="account id; system; the bridge's name for what they said"),
    Column("what", Text, nullable=False),
    Column("state", Text, nullable=False, comment="after it"),
    Column("text", Text, nullable=False, server_default=""),
    Column("data", JSON, nullable=False, server_default=text("'{}'::jsonb")),
    Index("handover_events_handover_idx", "handover", "id"),
)

HANDOVER_NEWS = Table(
    "handover_news",
    METADATA,
    Column("bridge", Text, nullable=False),
    Column("id", Text, nullable=False, comment="the same in every repeat"),
    Column("handover", BigInteger, ForeignKey("handovers.id"), comment="null: about nothing of ours"),
    Column("heard_at", INSTANT, nullable=False),
    Column("kind", Text, nullable=False),
    Column("said_sealed", LargeBinary, nullable=False, comment="the news as it was read"),
    PrimaryKeyConstraint("bridge", "id"),
    Index("handover_news_unknown_idx", "heard_at", postgresql_where=text("handover IS NULL")),
)

HANDOVER_DIFFERENCES = Table(
    "handover_differences",
    METADATA,
    Column("id", BigInteger, Identity(), nullable=False),
    Column("hall", Text, nullable=False),
    Column("bridge", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("number", Text, nullable=False, comment="our key, or their number where we have none"),
    Column("why", Text, nullable=False, comment="missing_there, unknown_here, state, number, twice_there"),
    Column("ours", Text, nullable=False, server_default=""),
    Column("theirs", Text, nullable=False, server_default=""),
    Column("found_at", INSTANT, nullable=False),
    Column("settled_at", INSTANT),
    Column("settled_by", Text, comment="account id; system: gone when compared again"),
    Column("reason", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("hall", "bridge", "day", "number"),
    UniqueConstraint("id"),
    Index("handover_differences_open_idx", "hall", "id", postgresql_where=text("settled_at IS NULL")),
)
"""What the nightly comparison (对账) of both sides' lists found."""

HANDOVER_COMPARISONS = Table(
    "handover_comparisons",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("bridge", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("tried_at", INSTANT, nullable=False),
    Column("made_at", INSTANT, comment="null: their list could not be had yet"),
    Column("ours", Integer, nullable=False, server_default=text("0")),
    Column("theirs", Integer, nullable=False, server_default=text("0")),
    Column("found", Integer, nullable=False, server_default=text("0")),
    Column("error", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("hall", "bridge", "day"),
)
"""Which days were compared, and what kept a day from it."""

FIGURES_UPWARD = Table(
    "figures_upward",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("bridge", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("revision", Integer, nullable=False, comment="1, 2, …: a day counted again is sent again"),
    Column("digest", Text, nullable=False, comment="of the report that was sent"),
    Column("state", Text, nullable=False, comment="waiting, sent, refused, in_doubt"),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("tried_at", INSTANT),
    Column("sent_at", INSTANT),
    Column("last_error", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("hall", "bridge", "day", "revision"),
)
"""Daily figures (每日数据) for the superior platform: which revision of a day it has."""

INCOMING_CASES = Table(
    "incoming_cases",
    METADATA,
    Column("bridge", Text, nullable=False),
    Column("key", Text, nullable=False, comment="theirs: the same in every repeat"),
    Column("hall", Text, nullable=False),
    Column("ticket", Text, ForeignKey("tickets.number"), nullable=False),
    Column("received_at", INSTANT, nullable=False),
    Column("digest", Text, nullable=False, comment="SHA-256 of what they sent"),
    # what they were told of it
    Column("told", Text, nullable=False, server_default="acknowledged"),
    Column("told_at", INSTANT),
    Column("over", Boolean, nullable=False, server_default=text("false"), comment="nothing more is to be told"),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("next_at", INSTANT),
    Column("last_error", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("bridge", "key"),
    Index("incoming_cases_ticket_idx", "ticket"),
    Index("incoming_cases_open_idx", "hall", "bridge", postgresql_where=text("NOT over")),
)
"""Cases that another hotline handed to us (转入), and what it was told of them."""
