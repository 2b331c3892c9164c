"""Messages to citizens (短信): each is its own delivery; templates, who wants none, codes to ask progress by."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
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

from hotline.store.tables.base import INSTANT, METADATA

MESSAGES = Table(
    "messages",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="messages.message.Kind"),
    Column("key", Text, nullable=False, comment="the same for every attempt; the gateway knows it"),
    Column("ticket", Text, ForeignKey("tickets.number"), comment="what it is about"),
    Column("callback", BigInteger, ForeignKey("callbacks.id"), comment="of a missed call"),
    Column("call", Text, ForeignKey("calls.id"), comment="whose caller it goes to, where no ticket says so"),
    Column("state", Text, nullable=False, server_default="wanted"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", INSTANT, nullable=False),
    Column("created_by", Text, nullable=False, comment="account id; system"),
    Column("by_hand", Boolean, nullable=False, server_default=text("false"), comment="asked for now: at any hour"),
    Column("wish_sealed", LargeBinary, comment="what a person typed in"),
    # written once somebody leads the hall
    Column("gateway", Text, nullable=False, server_default=""),
    Column("number_sealed", LargeBinary),
    Column("number_index", LargeBinary, comment="keyed hash: caps per number, who wants none"),
    Column("number_masked", Text, nullable=False, server_default=""),
    Column("text_sealed", LargeBinary, comment="the text, and which words of it are keys"),
    Column("template", Text, nullable=False, server_default="", comment="kind, or secret"),
    Column("template_version", Integer, nullable=False, server_default=text("0")),
    Column("registered", Text, nullable=False, server_default="", comment="报备号"),
    Column("segments", Integer, nullable=False, server_default=text("0"), comment="计费条数"),
    Column("day", Date, comment="of Shanghai, on which it is counted; null: it costs nothing (yet)"),
    Column("why", Text, nullable=False, server_default="", comment="messages.rules.Why: why it does not go"),
    Column("over_cap", Boolean, nullable=False, server_default=text("false"), comment="a person let it go"),
    # sending
    Column("next_at", INSTANT, comment="when it may be tried; null: nothing is to be sent"),
    Column("expires_at", INSTANT, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("claim", Text, comment="whoever is sending it now"),
    Column("claimed_until", INSTANT),
    Column("last_error", Text, nullable=False, server_default=""),
    Column("in_doubt_at", INSTANT),
    # what became of it
    Column("sent_at", INSTANT),
    Column("their_id", Text, nullable=False, server_default=""),
    Column("settled_at", INSTANT, comment="delivered or not, as the operators say"),
    Column("receipt_code", Text, nullable=False, server_default=""),
    UniqueConstraint("hall", "key"),
    CheckConstraint(
        "state = 'wanted' OR state IN ('not_sent', 'expired', 'cancelled') OR number_sealed IS NOT NULL", name="number"
    ),
    Index("messages_due_idx", "hall", "next_at", "id", postgresql_where=text("state IN ('wanted', 'ready')")),
    Index("messages_state_idx", "hall", "state", "id"),
    Index("messages_hall_idx", "hall", "id"),
    Index("messages_ticket_idx", "ticket", "id", postgresql_where=text("ticket IS NOT NULL")),
    Index("messages_day_idx", "hall", "day", "number_index", postgresql_where=text("day IS NOT NULL")),
    Index("messages_their_idx", "gateway", "their_id", postgresql_where=text("their_id <> ''")),
)

MESSAGE_RECEIPTS = Table(
    "message_receipts",
    METADATA,
    Column("gateway", Text, nullable=False),
    Column("id", Text, nullable=False, comment="the same in every repeat"),
    Column("message", BigInteger, ForeignKey("messages.id"), comment="null: about none of ours"),
    Column("heard_at", INSTANT, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("fate", Text, nullable=False),
    Column("code", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("gateway", "id"),
    Index("message_receipts_message_idx", "message", postgresql_where=text("message IS NOT NULL")),
)

MESSAGE_TEMPLATES = Table(
    "message_templates",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False, comment="from 1; 0 comes along"),
    Column("text", Text, nullable=False),
    Column("registered", Text, nullable=False, server_default=""),
    Column("changed_at", INSTANT, nullable=False),
    Column("changed_by", Text, nullable=False),
    PrimaryKeyConstraint("hall", "kind", "version"),
)

MESSAGE_REFUSALS = Table(
    "message_refusals",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("number_index", LargeBinary, nullable=False),
    Column("number_masked", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by", Text, nullable=False, comment="account id; gateway: answered a message with 退订"),
    PrimaryKeyConstraint("hall", "number_index"),
)
"""Who wants no messages (不接收短信); whoever wants them again is taken out."""

PROGRESS_CODES = Table(
    "progress_codes",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("ticket", Text, ForeignKey("tickets.number"), nullable=False),
    Column("code_hash", LargeBinary, nullable=False, comment="keyed: the code itself is kept nowhere"),
    Column("made_at", INSTANT, nullable=False),
    Column("made_by", Text, nullable=False),
    Index("progress_codes_ticket_idx", "ticket", "id"),
)
"""查询码: with the ticket's number, it opens the progress page (进度查询)."""
