"""What the hall publishes about its services (服务公开): every version of it, the newest counts."""

from __future__ import annotations

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text

from hotline.store.tables.base import INSTANT, JSON, METADATA

OPEN_SERVICES = Table(
    "open_services",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by", Text, nullable=False),
    Column("content", JSON, nullable=False, comment="hotline.openness.content.Content"),
    PrimaryKeyConstraint("hall", "version"),
)
