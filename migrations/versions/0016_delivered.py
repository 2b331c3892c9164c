"""Nightly comparison (对账), daily figures upward, cases handed to us (转入); the unused outbox goes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("outbox")
    op.create_index(
        "handovers_queue_idx",
        "handovers",
        ["hall", "bridge", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'prepared'"),
    )
    op.create_index("handovers_sent_idx", "handovers", ["hall", "bridge", "sent_at"], unique=False)
    op.add_column("handover_differences", sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False))
    op.add_column(
        "handover_differences",
        sa.Column("settled_by", sa.Text(), nullable=True, comment="account id; system: gone when compared again"),
    )
    op.add_column("handover_differences", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.alter_column("handover_differences", "why", comment="missing_there, unknown_here, state, number, twice_there")
    op.create_unique_constraint(op.f("handover_differences_id_key"), "handover_differences", ["id"])
    op.create_index(
        "handover_differences_open_idx",
        "handover_differences",
        ["hall", "id"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "handover_comparisons",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), nullable=True, comment="null: their list could not be had yet"
        ),
        sa.Column("ours", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("theirs", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("found", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("hall", "bridge", "day", name=op.f("handover_comparisons_pk")),
    )
    op.create_table(
        "figures_upward",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, comment="1, 2, …: a day counted again is sent again"),
        sa.Column("digest", sa.Text(), nullable=False, comment="of the report that was sent"),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, sent, refused, in_doubt"),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("hall", "bridge", "day", "revision", name=op.f("figures_upward_pk")),
    )
    op.create_table(
        "incoming_cases",
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="theirs: the same in every repeat"),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of what they sent"),
        sa.Column("told", sa.Text(), server_default="acknowledged", nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "over",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="nothing more is to be told",
        ),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("incoming_cases_ticket_fk")),
        sa.PrimaryKeyConstraint("bridge", "key", name=op.f("incoming_cases_pk")),
    )
    op.create_index("incoming_cases_ticket_idx", "incoming_cases", ["ticket"], unique=False)
    op.create_index(
        "incoming_cases_open_idx",
        "incoming_cases",
        ["hall", "bridge"],
        unique=False,
        postgresql_where=sa.text("NOT over"),
    )


def downgrade() -> None:
    for table in ("incoming_cases", "figures_upward", "handover_comparisons"):
        op.drop_table(table)
    op.drop_index("handover_differences_open_idx", table_name="handover_differences")
    op.drop_constraint(op.f("handover_differences_id_key"), "handover_differences")
    for column in ("reason", "settled_by", "id"):
        op.drop_column("handover_differences", column)
    op.alter_column("handover_differences", "why", comment="missing_there, unknown_here, state")
    for index in ("handovers_sent_idx", "handovers_queue_idx"):
        op.drop_index(index, table_name="handovers")
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="stable across retries; deliveries of one key keep their order"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pk")),
    )
    op.create_index(
        "outbox_pending_idx", "outbox", ["bridge", "id"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
