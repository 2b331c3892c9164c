"""Accounts, sessions, the audit trail (审计), and what keeps a request from being done twice."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
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

ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("hall", Text, nullable=False),
    Column("work_number", Text, nullable=False, comment="工号: digits"),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False, comment="operator, supervisor, administrator, auditor, handler"),
    Column("password_hash", Text, nullable=False),
    Column("must_change", Boolean, nullable=False, server_default=text("true")),
    Column("disabled_at", INSTANT),
    Column("created_at", INSTANT, nullable=False),
    Column("password_at", INSTANT, nullable=False),
    Column("groups", JSON, nullable=False, server_default=text("'[]'::jsonb")),
    Column("unit", Text, nullable=False, server_default="", comment="机构 of a handler (承办人); empty: the hall"),
    UniqueConstraint("hall", "work_number"),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True, comment="SHA-256 of the cookie's value"),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("seen_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("agent", Text, nullable=False, server_default=""),
    Column("revoked_at", INSTANT),
    Index("sessions_account_idx", "account"),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("seq", BigInteger, nullable=False, comment="without a gap within the hall"),
    Column("at", INSTANT, nullable=False),
    Column("account", Text, nullable=False),
    Column("work_number", Text, nullable=False),
    Column("act", Text, nullable=False, comment="login, login_failed, reveal, playback, force_state, …"),
    Column("object", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("result", Text, nullable=False, server_default="ok"),
    Column("address", Text, nullable=False, server_default=""),
    Column("data", JSON, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("hall", "seq"),
    Index("audit_at_idx", "hall", "at"),
)

ACCOUNT_TRIES = Table(
    "account_tries",
    METADATA,
    Column("key", Text, primary_key=True, comment="hall, work number and address of failed sign-ins"),
    Column("tries", Integer, nullable=False),
    Column("first_at", INSTANT, nullable=False),
)

IDEMPOTENCY_KEYS = Table(
    "idempotency_keys",
    METADATA,
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("route", Text, nullable=False, comment="method and path"),
    Column("key", Text, nullable=False, comment="the header Idempotency-Key"),
    Column("body_hash", LargeBinary, nullable=False, comment="SHA-256"),
    Column("answer_sealed", LargeBinary, nullable=False, comment="may hold an initial password"),
    Column("at", INSTANT, nullable=False),
    PrimaryKeyConstraint("account", "route", "key"),
)
