"""What becomes of a ticket after the desk (办理): dispatches, steps, requests, follow-ups, deadlines, case files.

A ticket keeps beside its text who has it, what is due next and how often it came back. Accounts of handlers (承办人)
belong to a unit (机构).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_files",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False, comment="of Shanghai"),
        sa.Column("next", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("hall", "year", name=op.f("case_files_pk")),
    )
    op.create_table(
        "deadlines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="dispatch, sign, reply, review, follow_up, …"),
        sa.Column("unit", sa.Text(), server_default="", nullable=False, comment="who has to do it; empty: the hall"),
        sa.Column("account", sa.Text(), nullable=True, comment="the person who has to do it, where that is known"),
        sa.Column("born_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False, comment="as the rule said, with extensions"),
        sa.Column("counted_in", sa.Text(), nullable=False, comment="minutes, workdays, days"),
        sa.Column(
            "most", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="with all extensions; 0: none"
        ),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "overdue_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was seen that nobody had done it in time",
        ),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "done_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was done, or had no longer to be done",
        ),
        sa.Column(
            "met", sa.Boolean(), nullable=True, comment="done in time; null: not done yet, or not to be done any more"
        ),
        sa.CheckConstraint("met IS NULL OR done_at IS NOT NULL", name=op.f("deadlines_met_check")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("deadlines_ticket_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("deadlines_pk")),
    )
    op.create_index(
        "deadlines_due_idx", "deadlines", ["hall", "due_at"], unique=False, postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_index(
        "deadlines_open_idx",
        "deadlines",
        ["ticket", "kind", "unit"],
        unique=True,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index("deadlines_ticket_idx", "deadlines", ["ticket", "id"], unique=False)
    op.create_index(
        "deadlines_unit_idx",
        "deadlines",
        ["hall", "unit", "due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "dispatches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False, comment="who handles it (承办单位)"),
        sa.Column("lead", sa.Boolean(), nullable=False, comment="主办; else 协办, who helps and moves nothing"),
        sa.Column(
            "passed_by",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="the unit that passed it on; else the hall",
        ),
        sa.Column(
            "designated", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="may not be returned"
        ),
        sa.Column("note", sa.Text(), server_default="", nullable=False, comment="to the unit"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("handler", sa.Text(), nullable=True, comment="account of the unit's person who handles it"),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column(
            "end", sa.Text(), server_default="", nullable=False, comment="replied, returned, recalled, passed_on, ended"
        ),
        sa.Column("end_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (\"end\" = '')", name=op.f("dispatches_ended_check")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("dispatches_ticket_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("dispatches_pk")),
    )
    op.create_index(
        "dispatches_lead_idx",
        "dispatches",
        ["ticket"],
        unique=True,
        postgresql_where=sa.text("lead AND ended_at IS NULL"),
    )
    op.create_index(
        "dispatches_open_idx",
        "dispatches",
        ["hall", "unit", "sent_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("dispatches_ticket_idx", "dispatches", ["ticket", "id"], unique=False)
    op.create_index("dispatches_unit_idx", "dispatches", ["hall", "unit", "id"], unique=False)
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False, comment="phone, sms, visit"),
        sa.Column("contentment", sa.Text(), nullable=False, comment="handling.hall_side.Contentment"),
        sa.Column("solved", sa.Boolean(), nullable=True, comment="whether the matter is settled; null: not said"),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("follow_ups_ticket_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("follow_ups_pk")),
    )
    op.create_index("follow_ups_at_idx", "follow_ups", ["hall", "at"], unique=False)
    op.create_index("follow_ups_ticket_idx", "follow_ups", ["ticket", "id"], unique=False)
    op.create_table(
        "ticket_requests",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="extend (延期), terminate (终止), pause (暂停计时)"),
        sa.Column(
            "amount", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="of an extension, in its units"
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_unit", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name=op.f("ticket_requests_decided_check")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("ticket_requests_ticket_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_requests_pk")),
    )
    op.create_index(
        "ticket_requests_asked_idx",
        "ticket_requests",
        ["hall", "asked_at"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index(
        "ticket_requests_open_idx",
        "ticket_requests",
        ["ticket", "kind"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index("ticket_requests_ticket_idx", "ticket_requests", ["ticket", "id"], unique=False)
    op.create_table(
        "ticket_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="account id; system"),
        sa.Column("unit", sa.Text(), server_default="", nullable=False, comment="of the actor; empty: the hall"),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="after the step"),
        sa.Column(
            "text", sa.Text(), server_default="", nullable=False, comment="reason, reply, note: as they were said"
        ),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("ticket_steps_ticket_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_steps_pk")),
    )
    op.create_index("ticket_steps_ticket_idx", "ticket_steps", ["ticket", "id"], unique=False)
    op.add_column(
        "accounts",
        sa.Column(
            "unit", sa.Text(), server_default="", nullable=False, comment="机构 of a handler (承办人); empty: the hall"
        ),
    )
    op.alter_column(
        "accounts",
        "role",
        existing_type=sa.TEXT(),
        comment="operator, supervisor, administrator, auditor, handler",
        existing_comment="operator, supervisor, administrator, auditor",
        existing_nullable=False,
    )
    op.add_column(
        "tickets",
        sa.Column(
            "unit",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="承办单位: who has it now, or answered it last",
        ),
    )
    op.add_column(
        "tickets",
        sa.Column(
            "result", sa.Text(), server_default="", nullable=False, comment="办理结果: the reply that passed the review"
        ),
    )
    op.add_column(
        "tickets",
        sa.Column(
            "due_at", sa.DateTime(timezone=True), nullable=True, comment="the soonest running deadline; null: none runs"
        ),
    )
    op.add_column("tickets", sa.Column("times_returned", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("tickets", sa.Column("times_reopened", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("tickets", sa.Column("times_urged", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("tickets", sa.Column("urged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "tickets",
        sa.Column("supervised", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="督办"),
    )
    op.add_column("tickets", sa.Column("merged_into", sa.Text(), nullable=True))
    op.add_column(
        "tickets",
        sa.Column(
            "ended_reason", sa.Text(), server_default="", nullable=False, comment="why not accepted, or terminated"
        ),
    )
    op.add_column(
        "tickets",
        sa.Column("case_file", sa.Text(), server_default="", nullable=False, comment="卷宗号: HALL-YYYY-NNNNNN"),
    )
    op.create_index(
        "tickets_due_idx", "tickets", ["hall", "due_at"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index(
        "tickets_merged_idx",
        "tickets",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(
        "tickets_undated_idx",
        "tickets",
        ["hall", "number"],
        unique=False,
        postgresql_where=sa.text("due_at IS NULL AND state IN ('draft', 'open', 'reopened', 'returned')"),
    )
    op.create_index(
        "tickets_unit_idx",
        "tickets",
        ["hall", "unit", "created_at"],
        unique=False,
        postgresql_where=sa.text("unit <> ''"),
    )
    op.create_foreign_key(op.f("tickets_merged_into_fk"), "tickets", "tickets", ["merged_into"], ["number"])


def downgrade() -> None:
    for index in ("tickets_unit_idx", "tickets_undated_idx", "tickets_merged_idx", "tickets_due_idx"):
        op.drop_index(index, table_name="tickets")
    op.drop_constraint(op.f("tickets_merged_into_fk"), "tickets", type_="foreignkey")
    for column in (
        "case_file",
        "ended_reason",
        "merged_into",
        "supervised",
        "urged_at",
        "times_urged",
        "times_reopened",
        "times_returned",
        "due_at",
        "result",
        "unit",
    ):
        op.drop_column("tickets", column)
    op.alter_column("accounts", "role", existing_type=sa.TEXT(), comment="operator, supervisor, administrator, auditor")
    op.drop_column("accounts", "unit")
    for table in ("ticket_steps", "ticket_requests", "follow_ups", "dispatches", "deadlines", "case_files"):
        op.drop_table(table)
