"""The knowledge base (知识库): items, their versions, steps, what the desk says about them; saved views of lists.

What an item says is in its versions, and a version never changes: each save adds one. An item's row is what moves.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from hotline.store.tables.base import INSTANT, JSON, METADATA

KNOWLEDGE_ITEMS = Table(
    "knowledge_items",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="article, statute, case, script"),
    Column("state", Text, nullable=False, comment="of the newest version"),
    Column("revision", Integer, nullable=False, server_default=text("1"), comment="rises with each step: ETag"),
    Column("newest", Integer, nullable=False, comment="number of the newest version"),
    Column("published", Integer, comment="the version that the desks see; null: none"),
    Column("review_on", Date, comment="复核日期"),
    Column("from_ticket", Text, ForeignKey("tickets.number"), comment="the closed ticket that a case was made from"),
    Column("used", Integer, nullable=False, server_default=text("0")),
    Column("useful", Integer, nullable=False, server_default=text("0")),
    Column("wrong", Integer, nullable=False, server_default=text("0"), comment="told by the desk, open or settled"),
    UniqueConstraint("hall", "from_ticket"),
    Index("knowledge_items_used_idx", "hall", "used", "id", postgresql_where=text("published IS NOT NULL")),
    Index("knowledge_items_review_idx", "hall", "review_on", postgresql_where=text("published IS NOT NULL")),
)

KNOWLEDGE_VERSIONS = Table(
    "knowledge_versions",
    METADATA,
    Column("item", BigInteger, ForeignKey("knowledge_items.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("hall", Text, nullable=False),
    Column("shown", Boolean, nullable=False, server_default=text("false"), comment="the one that the desks see"),
    Column("newest", Boolean, nullable=False, server_default=text("true")),
    Column("made_at", INSTANT, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False, server_default=""),
    Column("citation", Text, nullable=False, server_default="", comment="how a statute is cited"),
    Column("categories", ARRAY(Text), nullable=False, server_default="{}"),
    Column("matters", ARRAY(Text), nullable=False, server_default="{}", comment="business types"),
    Column("tags", ARRAY(Text), nullable=False, server_default="{}"),
    Column("source", Text, nullable=False, server_default=""),
    Column("effective_on", Date, comment="of statutes: 施行日期"),
    Column("repealed_on", Date, comment="of statutes: 废止日期"),
    Column("words", TSVECTOR, nullable=False, comment="character bigrams of everything it is found by"),
    Column("title_words", TSVECTOR, nullable=False, comment="the same of title, citation and tags"),
    PrimaryKeyConstraint("item", "version"),
    CheckConstraint("repealed_on > effective_on", name="validity"),
    # Written now and then, read all the time: new words go into the index at once, not onto a list that every reader
    # goes through.
    Index(
        "knowledge_versions_words_idx",
        "words",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=text("shown OR newest"),
    ),
    Index(
        "knowledge_versions_title_words_idx",
        "title_words",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=text("shown OR newest"),
    ),
    Index(
        "knowledge_versions_categories_idx",
        "categories",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=text("shown OR newest"),
    ),
    Index("knowledge_versions_shown_idx", "item", unique=True, postgresql_where=text("shown")),
    Index("knowledge_versions_newest_idx", "item", unique=True, postgresql_where=text("newest")),
)

KNOWLEDGE_STEPS = Table(
    "knowledge_steps",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("item", BigInteger, ForeignKey("knowledge_items.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("step", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("account", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Index("knowledge_steps_item_idx", "item", "id"),
)

KNOWLEDGE_FEEDBACK = Table(
    "knowledge_feedback",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("item", BigInteger, ForeignKey("knowledge_items.id"), nullable=False),
    Column("version", Integer, nullable=False, comment="the one that was seen"),
    Column("at", INSTANT, nullable=False),
    Column("account", Text, nullable=False),
    Column("useful", Boolean, nullable=False, comment="有用; false: 有误"),
    Column("words", Text, nullable=False, server_default=""),
    Column("settled_at", INSTANT),
    Column("settled_by", Text),
    Column("settled_words", Text, nullable=False, server_default=""),
    Index("knowledge_feedback_hall_idx", "hall", "id"),
    Index(
        "knowledge_feedback_open_idx",
        "hall",
        "id",
        postgresql_where=text("settled_at IS NULL AND NOT useful"),
    ),
)

SAVED_VIEWS = Table(
    "saved_views",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("list", Text, nullable=False, comment="tickets, calls"),
    Column("name", Text, nullable=False),
    Column("filter", JSON, nullable=False),
    Column("shared", Boolean, nullable=False, server_default=text("false"), comment="the whole hall sees it"),
    Column("made_at", INSTANT, nullable=False),
    UniqueConstraint("hall", "account", "list", "name"),
)
