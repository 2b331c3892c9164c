"""Stored daily figures, and the evidence of times without a writer or with a line down."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Identity, Index, PrimaryKeyConstraint, Table, Text

from hotline.store.tables.base import INSTANT, JSON, METADATA

DAY_REPORTS = Table(
    "day_reports",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("state", Text, nullable=False, comment="final, or provisional while calls of the day are live"),
    Column("measures", JSON, nullable=False),
    Column("digest", Text, nullable=False, comment="SHA-256 of the canonical measures"),
    Column("xlsx", Text, comment="path below the state directory"),
    PrimaryKeyConstraint("hall", "day"),
)

WRITER_GAPS = Table(
    "writer_gaps",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="writer (no writer ran) or link (an adapter was down)"),
    Column("adapter", Text),
    Column("began_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    Column("detail", Text, nullable=False, server_default=""),
    Index("writer_gaps_hall_idx", "hall", "began_at"),
)
