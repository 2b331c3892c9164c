"""Call-back tasks (漏接回拨) and messages (留言), and the bookmarks of whatever follows the journal.

A hall that has a history gets tasks for the callers who are missed from now on, not for those of a year ago.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="missed, wished, message"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "version", sa.Integer(), server_default=sa.text("1"), nullable=False, comment="rises with each change"
        ),
        sa.Column(
            "caller_index",
            sa.LargeBinary(),
            nullable=False,
            comment="keyed hash of the number: one open task per caller",
        ),
        sa.Column("caller_masked", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "any_hour", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="also in the quiet hours"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="the first unserved call's end"),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False, comment="the last unserved call's end"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "overdue_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was raised because nobody had called back in time",
        ),
        sa.Column("owner", sa.Text(), nullable=True, comment="account id"),
        sa.Column("owned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assigned_by", sa.Text(), nullable=True, comment="the supervisor, where the owner did not take it"),
        sa.Column(
            "attempts",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="outbound calls that came to an end",
        ),
        sa.Column("first_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "reached_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when somebody of ours spoke with the caller about it",
        ),
        sa.Column(
            "reached_by",
            sa.Text(),
            nullable=True,
            comment="the outbound call, or the caller's own call that got through",
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True, comment="account id; system"),
        sa.Column("result", sa.Text(), server_default="", nullable=False, comment="what came of it; why it was closed"),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(state IN ('waiting', 'taken', 'reached')) = (ended_at IS NULL)", name=op.f("callbacks_ended_check")
        ),
        sa.CheckConstraint("state <> 'waiting' OR owner IS NULL", name=op.f("callbacks_nobody_check")),
        sa.CheckConstraint(
            "state NOT IN ('taken', 'reached') OR owner IS NOT NULL", name=op.f("callbacks_owner_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("callbacks_pk")),
    )
    op.create_index("callbacks_caller_idx", "callbacks", ["hall", "caller_index", "id"], unique=False)
    op.create_index("callbacks_due_idx", "callbacks", ["hall", "due_at", "id"], unique=False)
    op.create_index(
        "callbacks_ended_idx",
        "callbacks",
        ["hall", "ended_at", "id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index(
        "callbacks_open_idx",
        "callbacks",
        ["hall", "caller_index"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'taken', 'reached')"),
    )
    op.create_table(
        "followers",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="bookmark: all up to this journal number is applied"),
        sa.Column("began", sa.BigInteger(), nullable=False, comment="where it began: earlier rows are not its own"),
        sa.PrimaryKeyConstraint("hall", "name", name=op.f("followers_pk")),
    )
    op.create_table(
        "followers_set_aside",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="the journal number that could not be applied"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "name", "seq", name=op.f("followers_set_aside_pk")),
    )
    op.create_table(
        "callback_attempts",
        sa.Column("call", sa.Text(), nullable=False, comment="the outbound call"),
        sa.Column("callback", sa.BigInteger(), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("operator", sa.Text(), nullable=True, comment="account id"),
        sa.Column("result", sa.Text(), nullable=False, comment="callbacks.task.Attempt"),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("callback_attempts_call_fk")),
        sa.ForeignKeyConstraint(["callback"], ["callbacks.id"], name=op.f("callback_attempts_callback_fk")),
        sa.PrimaryKeyConstraint("call", name=op.f("callback_attempts_pk")),
    )
    op.create_index("callback_attempts_began_idx", "callback_attempts", ["hall", "began_at"], unique=False)
    op.create_index("callback_attempts_callback_idx", "callback_attempts", ["callback", "began_at"], unique=False)
    op.create_table(
        "callback_calls",
        sa.Column("call", sa.Text(), nullable=False, comment="a call is listed by one task"),
        sa.Column("callback", sa.BigInteger(), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="the call's end; of a wish, the wish"),
        sa.Column("kind", sa.Text(), nullable=False, comment="missed, wished, message"),
        sa.Column(
            "outcome", sa.Text(), nullable=False, comment="as far as known when it was listed, or corrected since"
        ),
        sa.Column(
            "served",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="a late report: it was answered",
        ),
        sa.Column(
            "heard_at", sa.DateTime(timezone=True), nullable=True, comment="a message: when somebody had listened to it"
        ),
        sa.Column("heard_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("callback_calls_call_fk")),
        sa.ForeignKeyConstraint(["callback"], ["callbacks.id"], name=op.f("callback_calls_callback_fk")),
        sa.PrimaryKeyConstraint("call", name=op.f("callback_calls_pk")),
    )
    op.create_index("callback_calls_callback_idx", "callback_calls", ["callback", "at"], unique=False)
    op.create_table(
        "callback_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("callback", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="account id; system"),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="after the step"),
        sa.Column("call", sa.Text(), nullable=True, comment="the call that it followed from"),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.ForeignKeyConstraint(["callback"], ["callbacks.id"], name=op.f("callback_changes_callback_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("callback_changes_pk")),
    )
    op.create_index("callback_changes_callback_idx", "callback_changes", ["callback", "id"], unique=False)
    op.execute(
        "INSERT INTO followers (hall, name, seq, began)"
        " SELECT hall, 'callbacks', max(seq), max(seq) FROM journal GROUP BY hall"
    )


def downgrade() -> None:
    for table in (
        "callback_changes",
        "callback_calls",
        "callback_attempts",
        "followers_set_aside",
        "followers",
        "callbacks",
    ):
        op.drop_table(table)
