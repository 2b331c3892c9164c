"""Prompts, menus and notices as data (语音与公告)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcement_revisions",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column(
            "revision", sa.BigInteger(), nullable=False, comment="one more with every change of the tables above"
        ),
        sa.PrimaryKeyConstraint("hall", name=op.f("announcement_revisions_pk")),
    )
    op.create_table(
        "call_plans",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="the highest is the one in use"),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "version", name=op.f("call_plans_pk")),
    )
    op.create_table(
        "notices",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="closed, holiday, emergency"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after", sa.Text(), nullable=False, comment="go_on, end, voicemail"),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "id", name=op.f("notices_pk")),
    )
    op.create_table(
        "prompts",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False, comment="what it says"),
        sa.Column(
            "current", sa.Integer(), nullable=True, comment="version that is played; null: the built-in one, or removed"
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "name", name=op.f("prompts_pk")),
    )
    op.create_table(
        "prompt_versions",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wav", sa.LargeBinary(), nullable=False, comment="8 kHz, mono, 16 bits"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of wav"),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("peak_db", sa.Float(), nullable=False, comment="dBFS"),
        sa.Column(
            "warnings",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
            comment="in Chinese",
        ),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hall", "name"], ["prompts.hall", "prompts.name"], name=op.f("prompt_versions_hall_fk")
        ),
        sa.PrimaryKeyConstraint("hall", "name", "version", name=op.f("prompt_versions_pk")),
    )


def downgrade() -> None:
    op.drop_table("prompt_versions")
    op.drop_table("prompts")
    op.drop_table("notices")
    op.drop_table("call_plans")
    op.drop_table("announcement_revisions")
