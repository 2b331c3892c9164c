"""Ratings (评价): one row per call and way, from the invitation on, or per ticket that came over the network; and the
single-use links to rate by."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from hotline.store.tables.base import INSTANT, METADATA

RATINGS = Table(
    "ratings",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("call", Text, ForeignKey("calls.id"), comment="null: of a ticket that came over the network"),
    Column("ticket", Text, nullable=False),
    Column("way", Text, nullable=False, comment="key, call_back, link, network"),
    Column("operator", Text, comment="the account that is credited: who spoke with the caller last"),
    Column("asked_at", INSTANT, nullable=False, comment="the caller was invited"),
    Column("at", INSTANT, comment="the caller answered; null: not (yet)"),
    Column("attitude", SmallInteger),
    Column("efficiency", SmallInteger),
    Column("skill", SmallInteger),
    Column("policy", SmallInteger),
    Column("satisfied", Boolean, comment="by the hall's rule of that day"),
    Column("comment_sealed", LargeBinary),
    Column("taken_by", Text, comment="the account that asked, where the way is call_back"),
    Column("followed_at", INSTANT, comment="a dissatisfied caller was followed up"),
    Column("followed_by", Text),
    Column("note_sealed", LargeBinary, comment="what came of it"),
    Column("changed_at", INSTANT, nullable=False, comment="this row was last written, by the service's clock"),
    UniqueConstraint("call", "way"),
    CheckConstraint("way IN ('key', 'call_back', 'link', 'network')", name="way"),
    CheckConstraint("(call IS NULL) = (way = 'network')", name="call"),
    CheckConstraint(
        "attitude BETWEEN 1 AND 5 AND efficiency BETWEEN 1 AND 5 AND skill BETWEEN 1 AND 5 AND policy BETWEEN 1 AND 5",
        name="scores",
    ),
    CheckConstraint("(at IS NULL) = (coalesce(attitude, efficiency, skill, policy) IS NULL)", name="given"),
    CheckConstraint("(at IS NULL) = (satisfied IS NULL)", name="satisfied"),
    CheckConstraint("(followed_at IS NULL) = (followed_by IS NULL)", name="followed"),
    Index("ratings_network_idx", "ticket", unique=True, postgresql_where=text("way = 'network'")),
    Index("ratings_given_idx", "hall", "at", "id", postgresql_where=text("at IS NOT NULL")),
    Index("ratings_operator_idx", "hall", "operator", "at", postgresql_where=text("at IS NOT NULL")),
    Index(
        "ratings_to_follow_up_idx",
        "hall",
        "at",
        "id",
        postgresql_where=text("satisfied = false AND followed_at IS NULL"),
    ),
)

RATING_LINKS = Table(
    "rating_links",
    METADATA,
    Column("code_hash", LargeBinary, primary_key=True, comment="SHA-256 of the code, which is kept nowhere"),
    Column("rating", BigInteger, ForeignKey("ratings.id"), nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("used_at", INSTANT),
    Column("withdrawn_at", INSTANT, comment="a newer link took its place"),
    Index("rating_links_rating_idx", "rating"),
)
