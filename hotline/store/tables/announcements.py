"""Announcements (语音与公告): recordings, call plans (来电流程), notices."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from hotline.store.tables.base import INSTANT, JSON, METADATA

PROMPTS = Table(
    "prompts",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("text", Text, nullable=False, server_default="", comment="what it says"),
    Column("current", Integer, comment="version that is played; null: the built-in one, or removed"),
    Column("changed_at", INSTANT, nullable=False),
    Column("changed_by", Text, nullable=False),
    PrimaryKeyConstraint("hall", "name"),
)

PROMPT_VERSIONS = Table(
    "prompt_versions",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("wav", LargeBinary, nullable=False, comment="8 kHz, mono, 16 bits"),
    Column("sha256", LargeBinary, nullable=False, comment="of wav"),
    Column("seconds", Float, nullable=False),
    Column("peak_db", Float, nullable=False, comment="dBFS"),
    Column("warnings", JSON, nullable=False, server_default=text("'[]'::jsonb"), comment="in Chinese"),
    Column("uploaded_at", INSTANT, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    PrimaryKeyConstraint("hall", "name", "version"),
    ForeignKeyConstraint(["hall", "name"], ["prompts.hall", "prompts.name"]),
)

CALL_PLANS = Table(
    "call_plans",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("version", Integer, nullable=False, comment="the highest is the one in use"),
    Column("plan", JSON, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("made_at", INSTANT, nullable=False),
    Column("made_by", Text, nullable=False),
    PrimaryKeyConstraint("hall", "version"),
)

NOTICES = Table(
    "notices",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False, comment="closed, holiday, emergency"),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("prompt", Text, nullable=False),
    Column("is_on", Boolean, nullable=False),
    Column("start_at", INSTANT),
    Column("until_at", INSTANT),
    Column("after", Text, nullable=False, comment="go_on, end, voicemail"),
    Column("changed_at", INSTANT, nullable=False),
    Column("changed_by", Text, nullable=False),
    PrimaryKeyConstraint("hall", "id"),
)

ANNOUNCEMENT_REVISIONS = Table(
    "announcement_revisions",
    METADATA,
    Column("hall", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False, comment="one more with every change of the tables above"),
)
