"""Hand-overs (移交) to other lines and authorities, what happened to them, and what the other side said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handover_differences",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False, comment="our key, or their number where we have none"),
        sa.Column("why", sa.Text(), nullable=False, comment="missing_there, unknown_here, state"),
        sa.Column("ours", sa.Text(), server_default="", nullable=False),
        sa.Column("theirs", sa.Text(), server_default="", nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hall", "bridge", "day", "number", name=op.f("handover_differences_pk")),
    )
    op.create_table(
        "handovers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="the same for every attempt; the other side knows it"),
        sa.Column("state", sa.Text(), server_default="prepared", nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False, comment="one_key_transfer, three_way, ticket_flow, guidance"),
        sa.Column("legal_basis", sa.Text(), nullable=False, comment="consent, statutory_duty, emergency"),
        sa.Column("urgency", sa.Text(), server_default="normal", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("package_sealed", sa.LargeBinary(), nullable=False, comment="what goes along, word by word"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column(
            "next_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it may be tried; null: nothing is to be sent",
        ),
        sa.Column("tried_since", sa.DateTime(timezone=True), nullable=False, comment="the three days count from here"),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "again",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="a person says it did not arrive",
        ),
        sa.Column("claim", sa.Text(), nullable=True, comment="whoever is sending it now"),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("in_doubt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("their_no", sa.Text(), server_default="", nullable=False),
        sa.Column("ledger_no", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.Text(), server_default="", nullable=False, comment="SHA-256 of what they answered"),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("handovers_ticket_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("handovers_pk")),
        sa.UniqueConstraint("key", name=op.f("handovers_key_key")),
    )
    op.create_index(
        "handovers_due_idx",
        "handovers",
        ["hall", "bridge", "next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'prepared'"),
    )
    op.create_index("handovers_state_idx", "handovers", ["hall", "state", "id"], unique=False)
    op.create_index(
        "handovers_their_idx",
        "handovers",
        ["bridge", "their_no"],
        unique=False,
        postgresql_where=sa.text("their_no <> ''"),
    )
    op.create_index("handovers_ticket_idx", "handovers", ["ticket", "id"], unique=False)
    op.create_table(
        "handover_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("handover", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor", sa.Text(), nullable=False, comment="account id; system; the bridge's name for what they said"
        ),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="after it"),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.ForeignKeyConstraint(["handover"], ["handovers.id"], name=op.f("handover_events_handover_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("handover_events_pk")),
    )
    op.create_index("handover_events_handover_idx", "handover_events", ["handover", "id"], unique=False)
    op.create_table(
        "handover_news",
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False, comment="the same in every repeat"),
        sa.Column("handover", sa.BigInteger(), nullable=True, comment="null: about nothing of ours"),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=False, comment="the news as it was read"),
        sa.ForeignKeyConstraint(["handover"], ["handovers.id"], name=op.f("handover_news_handover_fk")),
        sa.PrimaryKeyConstraint("bridge", "id", name=op.f("handover_news_pk")),
    )
    op.create_index(
        "handover_news_unknown_idx",
        "handover_news",
        ["heard_at"],
        unique=False,
        postgresql_where=sa.text("handover IS NULL"),
    )


def downgrade() -> None:
    for table in ("handover_news", "handover_events", "handovers", "handover_differences"):
        op.drop_table(table)
