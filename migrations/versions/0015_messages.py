"""Messages to citizens (短信), their templates and receipts, codes for the progress page, who is followed up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_refusals",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("number_masked", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, comment="account id; gateway: answered a message with 退订"),
        sa.PrimaryKeyConstraint("hall", "number_index", name=op.f("message_refusals_pk")),
    )
    op.create_table(
        "message_templates",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="from 1; 0 comes along"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("registered", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "kind", "version", name=op.f("message_templates_pk")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="messages.message.Kind"),
        sa.Column("key", sa.Text(), nullable=False, comment="the same for every attempt; the gateway knows it"),
        sa.Column("ticket", sa.Text(), nullable=True, comment="what it is about"),
        sa.Column("callback", sa.BigInteger(), nullable=True, comment="of a missed call"),
        sa.Column("call", sa.Text(), nullable=True, comment="whose caller it goes to, where no ticket says so"),
        sa.Column("state", sa.Text(), server_default="wanted", nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False, comment="account id; system"),
        sa.Column(
            "by_hand",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="asked for now: at any hour",
        ),
        sa.Column("wish_sealed", sa.LargeBinary(), nullable=True, comment="what a person typed in"),
        sa.Column("gateway", sa.Text(), server_default="", nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "number_index", sa.LargeBinary(), nullable=True, comment="keyed hash: caps per number, who wants none"
        ),
        sa.Column("number_masked", sa.Text(), server_default="", nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True, comment="the text, and which words of it are keys"),
        sa.Column("template", sa.Text(), server_default="", nullable=False, comment="kind, or secret"),
        sa.Column("template_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("registered", sa.Text(), server_default="", nullable=False, comment="报备号"),
        sa.Column("segments", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="计费条数"),
        sa.Column(
            "day", sa.Date(), nullable=True, comment="of Shanghai, on which it is counted; null: it costs nothing (yet)"
        ),
        sa.Column(
            "why", sa.Text(), server_default="", nullable=False, comment="messages.rules.Why: why it does not go"
        ),
        sa.Column(
            "over_cap", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="a person let it go"
        ),
        sa.Column(
            "next_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it may be tried; null: nothing is to be sent",
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claim", sa.Text(), nullable=True, comment="whoever is sending it now"),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("in_doubt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("their_id", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "settled_at", sa.DateTime(timezone=True), nullable=True, comment="delivered or not, as the operators say"
        ),
        sa.Column("receipt_code", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state = 'wanted' OR state IN ('not_sent', 'expired', 'cancelled') OR number_sealed IS NOT NULL",
            name=op.f("messages_number_check"),
        ),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("messages_call_fk")),
        sa.ForeignKeyConstraint(["callback"], ["callbacks.id"], name=op.f("messages_callback_fk")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("messages_ticket_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("messages_pk")),
        sa.UniqueConstraint("hall", "key", name=op.f("messages_hall_key_key")),
    )
    op.create_index(
        "messages_day_idx",
        "messages",
        ["hall", "day", "number_index"],
        unique=False,
        postgresql_where=sa.text("day IS NOT NULL"),
    )
    op.create_index(
        "messages_due_idx",
        "messages",
        ["hall", "next_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('wanted', 'ready')"),
    )
    op.create_index("messages_hall_idx", "messages", ["hall", "id"], unique=False)
    op.create_index("messages_state_idx", "messages", ["hall", "state", "id"], unique=False)
    op.create_index(
        "messages_their_idx",
        "messages",
        ["gateway", "their_id"],
        unique=False,
        postgresql_where=sa.text("their_id <> ''"),
    )
    op.create_index(
        "messages_ticket_idx",
        "messages",
        ["ticket", "id"],
        unique=False,
        postgresql_where=sa.text("ticket IS NOT NULL"),
    )
    op.create_table(
        "progress_codes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False, comment="keyed: the code itself is kept nowhere"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("progress_codes_ticket_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("progress_codes_pk")),
    )
    op.create_index("progress_codes_ticket_idx", "progress_codes", ["ticket", "id"], unique=False)
    op.create_table(
        "message_receipts",
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False, comment="the same in every repeat"),
        sa.Column("message", sa.BigInteger(), nullable=True, comment="null: about none of ours"),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name=op.f("message_receipts_message_fk")),
        sa.PrimaryKeyConstraint("gateway", "id", name=op.f("message_receipts_pk")),
    )
    op.create_index(
        "message_receipts_message_idx",
        "message_receipts",
        ["message"],
        unique=False,
        postgresql_where=sa.text("message IS NOT NULL"),
    )
    op.add_column(
        "tickets",
        sa.Column(
            "follow_up",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="tickets.sampling.FollowUp; empty: not decided",
        ),
    )


def downgrade() -> None:
    op.drop_column("tickets", "follow_up")
    for table in ("message_receipts", "progress_codes", "messages", "message_templates", "message_refusals"):
        op.drop_table(table)
