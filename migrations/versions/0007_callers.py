"""Callers who are treated in a way of their own (来电人规则), and the other side of a dispute on the ticket."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("counterparty_name_sealed", sa.LargeBinary(), comment="对方当事人"))
    op.add_column("tickets", sa.Column("counterparty_contact_sealed", sa.LargeBinary(), comment="对方电话"))
    op.add_column("tickets", sa.Column("counterparty_contact_index", sa.LargeBinary()))
    op.add_column("tickets", sa.Column("counterparty_contact_masked", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "caller_rules",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("caller_sealed", sa.LargeBinary(), nullable=False, comment="AEAD of the number"),
        sa.Column("caller_index", sa.LargeBinary(), nullable=False, comment="keyed hash of the number"),
        sa.Column("caller_masked", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="emergency, minor, elderly, disabled, harassing, prefer, avoid",
        ),
        sa.Column(
            "level",
            sa.Text(),
            server_default="none",
            nullable=False,
            comment="of harassing: warned, limited, blocked",
        ),
        sa.Column(
            "operator",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="account that prefer and avoid are about",
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="requested, active, declined, ended"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=True, comment="the call that gave rise to it"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column(
            "decided_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when a supervisor put it in force, or declined it",
        ),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True, comment="复核日期: last day on which it holds in full"),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("review_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'harassing') = (level <> 'none')", name=op.f("caller_rules_level_check")),
        sa.CheckConstraint(
            "(kind IN ('prefer', 'avoid')) = (operator <> '')", name=op.f("caller_rules_operator_check")
        ),
        sa.CheckConstraint(
            "state <> 'active' OR level NOT IN ('limited', 'blocked') OR review_on IS NOT NULL",
            name=op.f("caller_rules_review_check"),
        ),
        sa.CheckConstraint("(state = 'requested') = (decided_at IS NULL)", name=op.f("caller_rules_decided_check")),
        sa.CheckConstraint(
            "(state IN ('declined', 'ended')) = (ended_at IS NOT NULL)", name=op.f("caller_rules_ended_check")
        ),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("caller_rules_call_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("caller_rules_pk")),
    )
    op.create_index(
        "caller_rules_one_of_a_kind",
        "caller_rules",
        ["hall", "caller_index", "kind", "operator", "state"],
        unique=True,
        postgresql_where=sa.text("state IN ('requested', 'active')"),
    )
    op.create_index("caller_rules_list_idx", "caller_rules", ["hall", "state", "created_at", "id"], unique=False)
    op.create_index(
        "caller_rules_review_idx",
        "caller_rules",
        ["hall", "review_on", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index("caller_rules_changed_idx", "caller_rules", ["hall", "changed_at"], unique=False)
    op.create_table(
        "conflicts",
        sa.Column("ticket", sa.Text(), nullable=False, comment="where the other side was named"),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column(
            "caller_sealed", sa.LargeBinary(), nullable=True, comment="AEAD of the number of whoever was advised"
        ),
        sa.Column("caller_index", sa.LargeBinary(), nullable=True),
        sa.Column("other_sealed", sa.LargeBinary(), nullable=True, comment="AEAD of the other side's number"),
        sa.Column("other_index", sa.LargeBinary(), nullable=True),
        sa.Column("name_index", sa.LargeBinary(), nullable=True, comment="keyed hash of the other side's name"),
        sa.Column(
            "operators",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="accounts that advised the caller",
        ),
        sa.Column(
            "other_operators",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="accounts that advised the other",
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the other side was taken out, or a supervisor found that it is no conflict",
        ),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(other_sealed IS NULL) = (other_index IS NULL)", name=op.f("conflicts_other_check")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("conflicts_ticket_fk")),
        sa.PrimaryKeyConstraint("ticket", name=op.f("conflicts_pk")),
    )
    op.create_index("conflicts_caller_idx", "conflicts", ["hall", "caller_index"], unique=False)
    op.create_index("conflicts_other_idx", "conflicts", ["hall", "other_index"], unique=False)
    op.create_index("conflicts_name_idx", "conflicts", ["hall", "name_index"], unique=False)
    op.create_index("conflicts_changed_idx", "conflicts", ["hall", "changed_at"], unique=False)


def downgrade() -> None:
    op.drop_table("conflicts")
    op.drop_table("caller_rules")
    for column in (
        "counterparty_contact_masked",
        "counterparty_contact_index",
        "counterparty_contact_sealed",
        "counterparty_name_sealed",
    ):
        op.drop_column("tickets", column)
