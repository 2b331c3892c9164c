"""Ratings (评价) and the links to rate by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ratings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False, comment="key, call_back, link"),
        sa.Column(
            "operator",
            sa.Text(),
            nullable=True,
            comment="the account that is credited: who spoke with the caller last",
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, comment="the caller was invited"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True, comment="the caller answered; null: not (yet)"),
        sa.Column("attitude", sa.SmallInteger(), nullable=True),
        sa.Column("efficiency", sa.SmallInteger(), nullable=True),
        sa.Column("skill", sa.SmallInteger(), nullable=True),
        sa.Column("policy", sa.SmallInteger(), nullable=True),
        sa.Column("satisfied", sa.Boolean(), nullable=True, comment="by the hall's rule of that day"),
        sa.Column("comment_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=True, comment="the account that asked, where the way is call_back"),
        sa.Column(
            "followed_at", sa.DateTime(timezone=True), nullable=True, comment="a dissatisfied caller was followed up"
        ),
        sa.Column("followed_by", sa.Text(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True, comment="what came of it"),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="this row was last written, by the service's clock",
        ),
        sa.CheckConstraint("way IN ('key', 'call_back', 'link')", name=op.f("ratings_way_check")),
        sa.CheckConstraint(
            "attitude BETWEEN 1 AND 5 AND efficiency BETWEEN 1 AND 5 AND skill BETWEEN 1 AND 5"
            " AND policy BETWEEN 1 AND 5",
            name=op.f("ratings_scores_check"),
        ),
        sa.CheckConstraint(
            "(at IS NULL) = (coalesce(attitude, efficiency, skill, policy) IS NULL)", name=op.f("ratings_given_check")
        ),
        sa.CheckConstraint("(at IS NULL) = (satisfied IS NULL)", name=op.f("ratings_satisfied_check")),
        sa.CheckConstraint("(followed_at IS NULL) = (followed_by IS NULL)", name=op.f("ratings_followed_check")),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("ratings_call_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("ratings_pk")),
        sa.UniqueConstraint("call", "way", name=op.f("ratings_call_way_key")),
    )
    op.create_index("ratings_given_idx", "ratings", ["hall", "at", "id"], postgresql_where=sa.text("at IS NOT NULL"))
    op.create_index(
        "ratings_operator_idx", "ratings", ["hall", "operator", "at"], postgresql_where=sa.text("at IS NOT NULL")
    )
    op.create_index(
        "ratings_to_follow_up_idx",
        "ratings",
        ["hall", "at", "id"],
        postgresql_where=sa.text("satisfied = false AND followed_at IS NULL"),
    )
    op.create_table(
        "rating_links",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the code, which is kept nowhere"),
        sa.Column("rating", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True, comment="a newer link took its place"),
        sa.ForeignKeyConstraint(["rating"], ["ratings.id"], name=op.f("rating_links_rating_fk")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("rating_links_pk")),
    )
    op.create_index("rating_links_rating_idx", "rating_links", ["rating"])


def downgrade() -> None:
    op.drop_table("rating_links")
    op.drop_table("ratings")
