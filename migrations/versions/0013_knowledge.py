"""The knowledge base (知识库): items, versions, steps, what the desk says; saved views of lists (常用筛选)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False, comment="tickets, calls"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "shared", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="the whole hall sees it"
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("saved_views_pk")),
        sa.UniqueConstraint("hall", "account", "list", "name", name=op.f("saved_views_hall_account_list_name_key")),
    )
    op.create_table(
        "knowledge_items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="article, statute, case, script"),
        sa.Column("state", sa.Text(), nullable=False, comment="of the newest version"),
        sa.Column(
            "revision", sa.Integer(), server_default=sa.text("1"), nullable=False, comment="rises with each step: ETag"
        ),
        sa.Column("newest", sa.Integer(), nullable=False, comment="number of the newest version"),
        sa.Column("published", sa.Integer(), nullable=True, comment="the version that the desks see; null: none"),
        sa.Column("review_on", sa.Date(), nullable=True, comment="复核日期"),
        sa.Column("from_ticket", sa.Text(), nullable=True, comment="the closed ticket that a case was made from"),
        sa.Column("used", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("useful", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "wrong",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="told by the desk, open or settled",
        ),
        sa.ForeignKeyConstraint(["from_ticket"], ["tickets.number"], name=op.f("knowledge_items_from_ticket_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("knowledge_items_pk")),
        sa.UniqueConstraint("hall", "from_ticket", name=op.f("knowledge_items_hall_from_ticket_key")),
    )
    op.create_index(
        "knowledge_items_review_idx",
        "knowledge_items",
        ["hall", "review_on"],
        unique=False,
        postgresql_where=sa.text("published IS NOT NULL"),
    )
    op.create_index(
        "knowledge_items_used_idx",
        "knowledge_items",
        ["hall", "used", "id"],
        unique=False,
        postgresql_where=sa.text("published IS NOT NULL"),
    )
    op.create_table(
        "knowledge_feedback",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="the one that was seen"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=False, comment="有用; false: 有误"),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_words", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["item"], ["knowledge_items.id"], name=op.f("knowledge_feedback_item_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("knowledge_feedback_pk")),
    )
    op.create_index("knowledge_feedback_hall_idx", "knowledge_feedback", ["hall", "id"], unique=False)
    op.create_index(
        "knowledge_feedback_open_idx",
        "knowledge_feedback",
        ["hall", "id"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL AND NOT useful"),
    )
    op.create_table(
        "knowledge_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["item"], ["knowledge_items.id"], name=op.f("knowledge_steps_item_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("knowledge_steps_pk")),
    )
    op.create_index("knowledge_steps_item_idx", "knowledge_steps", ["item", "id"], unique=False)
    op.create_table(
        "knowledge_versions",
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column(
            "shown", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="the one that the desks see"
        ),
        sa.Column("newest", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("citation", sa.Text(), server_default="", nullable=False, comment="how a statute is cited"),
        sa.Column("categories", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("matters", sa.ARRAY(sa.Text()), server_default="{}", nullable=False, comment="business types"),
        sa.Column("tags", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True, comment="of statutes: 施行日期"),
        sa.Column("repealed_on", sa.Date(), nullable=True, comment="of statutes: 废止日期"),
        sa.Column(
            "words", postgresql.TSVECTOR(), nullable=False, comment="character bigrams of everything it is found by"
        ),
        sa.Column("title_words", postgresql.TSVECTOR(), nullable=False, comment="the same of title, citation and tags"),
        sa.CheckConstraint("repealed_on > effective_on", name=op.f("knowledge_versions_validity_check")),
        sa.ForeignKeyConstraint(["item"], ["knowledge_items.id"], name=op.f("knowledge_versions_item_fk")),
        sa.PrimaryKeyConstraint("item", "version", name=op.f("knowledge_versions_pk")),
    )
    op.create_index(
        "knowledge_versions_categories_idx",
        "knowledge_versions",
        ["categories"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=sa.text("shown OR newest"),
    )
    op.create_index(
        "knowledge_versions_newest_idx", "knowledge_versions", ["item"], unique=True, postgresql_where=sa.text("newest")
    )
    op.create_index(
        "knowledge_versions_shown_idx", "knowledge_versions", ["item"], unique=True, postgresql_where=sa.text("shown")
    )
    op.create_index(
        "knowledge_versions_title_words_idx",
        "knowledge_versions",
        ["title_words"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=sa.text("shown OR newest"),
    )
    op.create_index(
        "knowledge_versions_words_idx",
        "knowledge_versions",
        ["words"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=sa.text("shown OR newest"),
    )


def downgrade() -> None:
    op.drop_table("knowledge_versions")
    op.drop_table("knowledge_steps")
    op.drop_table("knowledge_feedback")
    op.drop_table("knowledge_items")
    op.drop_table("saved_views")
