"""Call-back tasks (漏接回拨), and the bookmarks of whatever follows the journal."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
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

FOLLOWERS = Table(
    "followers",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("seq", BigInteger, nullable=False, comment="bookmark: all up to this journal number is applied"),
    Column("began", BigInteger, nullable=False, comment="where it began: earlier rows are not its own"),
    PrimaryKeyConstraint("hall", "name"),
)

FOLLOWERS_SET_ASIDE = Table(
    "followers_set_aside",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("seq", BigInteger, nullable=False, comment="the journal number that could not be applied"),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("hall", "name", "seq"),
)

CALLBACKS = Table(
    "callbacks",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="missed, wished, message"),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1"), comment="rises with each change"),
    Column("caller_index", LargeBinary, nullable=False, comment="keyed hash of the number: one open task per caller"),
    Column("caller_masked", Text, nullable=False),
    Column("region", Text, nullable=False, server_default=""),
    Column("priority", Integer, nullable=False, server_default=text("0")),
    Column("any_hour", Boolean, nullable=False, server_default=text("false"), comment="also in the quiet hours"),
    Column("created_at", INSTANT, nullable=False, comment="the first unserved call's end"),
    Column("last_at", INSTANT, nullable=False, comment="the last unserved call's end"),
    Column("due_at", INSTANT, nullable=False),
    Column("overdue_at", INSTANT, comment="when it was raised because nobody had called back in time"),
    Column("owner", Text, comment="account id"),
    Column("owned_at", INSTANT),
    Column("assigned_by", Text, comment="the supervisor, where the owner did not take it"),
    Column("attempts", Integer, nullable=False, server_default=text("0"), comment="outbound calls that came to an end"),
    Column("first_tried_at", INSTANT),
    Column("reached_at", INSTANT, comment="when somebody of ours spoke with the caller about it"),
    Column("reached_by", Text, comment="the outbound call, or the caller's own call that got through"),
    Column("ended_at", INSTANT),
    Column("ended_by", Text, comment="account id; system"),
    Column("result", Text, nullable=False, server_default="", comment="what came of it; why it was closed"),
    Column("note", Text, nullable=False, server_default=""),
    CheckConstraint("(state IN ('waiting', 'taken', 'reached')) = (ended_at IS NULL)", name="ended"),
    CheckConstraint("state NOT IN ('taken', 'reached') OR owner IS NOT NULL", name="owner"),
    CheckConstraint("state <> 'waiting' OR owner IS NULL", name="nobody"),
    Index(
        "callbacks_open_idx",
        "hall",
        "caller_index",
        unique=True,
        postgresql_where=text("state IN ('waiting', 'taken', 'reached')"),
    ),
    Index("callbacks_due_idx", "hall", "due_at", "id"),
    Index("callbacks_ended_idx", "hall", "ended_at", "id", postgresql_where=text("ended_at IS NOT NULL")),
    Index("callbacks_caller_idx", "hall", "caller_index", "id"),
)

CALLBACK_CALLS = Table(
    "callback_calls",
    METADATA,
    Column("call", Text, ForeignKey("calls.id"), primary_key=True, comment="a call is listed by one task"),
    Column("callback", BigInteger, ForeignKey("callbacks.id"), nullable=False),
    Column("hall", Text, nullable=False),
    Column("at", INSTANT, nullable=False, comment="the call's end; of a wish, the wish"),
    Column("kind", Text, nullable=False, comment="missed, wished, message"),
    Column("outcome", Text, nullable=False, comment="as far as known when it was listed, or corrected since"),
    Column("served", Boolean, nullable=False, server_default=text("false"), comment="a late report: it was answered"),
    Column("heard_at", INSTANT, comment="a message: when somebody had listened to it"),
    Column("heard_by", Text),
    Index("callback_calls_callback_idx", "callback", "at"),
)

CALLBACK_ATTEMPTS = Table(
    "callback_attempts",
    METADATA,
    Column("call", Text, ForeignKey("calls.id"), primary_key=True, comment="the outbound call"),
    Column("callback", BigInteger, ForeignKey("callbacks.id"), nullable=False),
    Column("hall", Text, nullable=False),
    Column("began_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    Column("seat", Text),
    Column("operator", Text, comment="account id"),
    Column("result", Text, nullable=False, comment="callbacks.task.Attempt"),
    Column("cause", Text, nullable=False, server_default=""),
    Index("callback_attempts_callback_idx", "callback", "began_at"),
    Index("callback_attempts_began_idx", "hall", "began_at"),
)

CALLBACK_CHANGES = Table(
    "callback_changes",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("callback", BigInteger, ForeignKey("callbacks.id"), nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("actor", Text, nullable=False, comment="account id; system"),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False, comment="after the step"),
    Column("call", Text, comment="the call that it followed from"),
    Column("data", JSON, nullable=False, server_default=text("'{}'::jsonb")),
    Index("callback_changes_callback_idx", "callback", "id"),
)
