"""Rosters (排班), licences and settlement."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "duty_requirements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("days", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("weekdays", sa.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("begins", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("group", sa.Text(), server_default="", nullable=False),
        sa.Column("lawyers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("duty_requirements_pk")),
    )
    op.create_index("duty_requirements_hall_idx", "duty_requirements", ["hall"], unique=False)
    op.create_table(
        "firms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "closed", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="sends nobody any more"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("firms_pk")),
        sa.UniqueConstraint("hall", "name", name=op.f("firms_hall_name_key")),
    )
    op.create_table(
        "shift_patterns",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("days", sa.ARRAY(sa.Text()), nullable=False, comment="workday, weekend, holiday"),
        sa.Column(
            "weekdays", sa.ARRAY(sa.Integer()), server_default="{}", nullable=False, comment="1 Monday … 7 Sunday"
        ),
        sa.Column("begins", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False, comment="at or before begins: the next day"),
        sa.Column("group", sa.Text(), server_default="", nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("rotation", sa.Text(), nullable=False, comment="fixed, daily, weekly"),
        sa.Column("lawyers", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("anchor", sa.Date(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("shift_patterns_pk")),
        sa.UniqueConstraint("hall", "name", name=op.f("shift_patterns_hall_name_key")),
    )
    op.create_table(
        "special_days",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="workday, weekend, holiday"),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("hall", "day", name=op.f("special_days_pk")),
    )
    op.create_table(
        "lawyers",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("firm", sa.BigInteger(), nullable=True),
        sa.Column("employment", sa.Text(), nullable=False, comment="full_time (专职) or part_time (兼职)"),
        sa.Column("licence_number", sa.Text(), server_default="", nullable=False, comment="执业证号: 17 digits"),
        sa.Column("licence_until", sa.Date(), nullable=True),
        sa.Column("suspended_from", sa.Date(), nullable=True),
        sa.Column("suspended_until", sa.Date(), nullable=True),
        sa.Column("suspended_reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "mobile_sealed",
            sa.LargeBinary(),
            nullable=True,
            comment="AEAD of the number that night calls are forwarded to",
        ),
        sa.Column("mobile_masked", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "suspended_until IS NULL OR suspended_until >= suspended_from", name=op.f("lawyers_suspension_check")
        ),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("lawyers_account_fk")),
        sa.ForeignKeyConstraint(["firm"], ["firms.id"], name=op.f("lawyers_firm_fk")),
        sa.PrimaryKeyConstraint("account", name=op.f("lawyers_pk")),
    )
    op.create_index("lawyers_hall_idx", "lawyers", ["hall"], unique=False)
    op.create_index(
        "lawyers_licence_key",
        "lawyers",
        ["hall", "licence_number"],
        unique=True,
        postgresql_where=sa.text("licence_number <> ''"),
    )
    op.create_table(
        "shifts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("lawyer", sa.Text(), nullable=True, comment="null: open"),
        sa.Column("firm", sa.BigInteger(), nullable=True, comment="the lawyer's when the shift was given"),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("group", sa.Text(), server_default="", nullable=False),
        sa.Column("mode", sa.Text(), nullable=False, comment="live, forwarded_mobile, voicemail"),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("pattern", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("lawyer"), "="),
            (sa.text("tstzrange(begins_at, ends_at)"), "&&"),
            where=sa.text("lawyer IS NOT NULL AND cancelled_at IS NULL"),
            deferrable=True,
            initially="DEFERRED",
            using="gist",
            name="shifts_one_place_at_a_time",
        ),
        sa.CheckConstraint(
            "ends_at > begins_at AND ends_at <= begins_at + interval '24 hours'", name=op.f("shifts_length_check")
        ),
        sa.CheckConstraint("(pattern IS NULL) = (place IS NULL)", name=op.f("shifts_place_check")),
        sa.ForeignKeyConstraint(["firm"], ["firms.id"], name=op.f("shifts_firm_fk")),
        sa.ForeignKeyConstraint(["lawyer"], ["lawyers.account"], name=op.f("shifts_lawyer_fk")),
        sa.ForeignKeyConstraint(["pattern"], ["shift_patterns.id"], name=op.f("shifts_pattern_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("shifts_pk")),
        sa.UniqueConstraint("pattern", "begins_at", "place", name=op.f("shifts_pattern_begins_at_place_key")),
    )
    op.create_index("shifts_lawyer_idx", "shifts", ["lawyer", "begins_at"], unique=False)
    op.create_index("shifts_time_idx", "shifts", ["hall", "begins_at"], unique=False)
    op.create_table(
        "trainings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("lawyer", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=5, scale=1), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lawyer"], ["lawyers.account"], name=op.f("trainings_lawyer_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("trainings_pk")),
    )
    op.create_index("trainings_lawyer_idx", "trainings", ["lawyer", "day"], unique=False)
    op.create_table(
        "shift_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("shift", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column(
            "what", sa.Text(), nullable=False, comment="created, generated, imported, changed, cancelled, swapped"
        ),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["shift"], ["shifts.id"], name=op.f("shift_changes_shift_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("shift_changes_pk")),
    )
    op.create_index("shift_changes_shift_idx", "shift_changes", ["shift"], unique=False)
    op.create_table(
        "shift_swaps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("shift", sa.BigInteger(), nullable=False),
        sa.Column("other_shift", sa.BigInteger(), nullable=True, comment="换班: what the colleague gives; null: 替班"),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_of", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), server_default="", nullable=False, comment="the supervisor's reason"),
        sa.ForeignKeyConstraint(["asked_by"], ["lawyers.account"], name=op.f("shift_swaps_asked_by_fk")),
        sa.ForeignKeyConstraint(["asked_of"], ["lawyers.account"], name=op.f("shift_swaps_asked_of_fk")),
        sa.ForeignKeyConstraint(["other_shift"], ["shifts.id"], name=op.f("shift_swaps_other_shift_fk")),
        sa.ForeignKeyConstraint(["shift"], ["shifts.id"], name=op.f("shift_swaps_shift_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("shift_swaps_pk")),
    )
    op.create_index("shift_swaps_hall_idx", "shift_swaps", ["hall", "asked_at"], unique=False)
    op.create_index(
        "shift_swaps_open_key",
        "shift_swaps",
        ["shift"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'agreed')"),
    )


def downgrade() -> None:
    for table in (
        "shift_swaps",
        "shift_changes",
        "trainings",
        "shifts",
        "lawyers",
        "special_days",
        "shift_patterns",
        "firms",
        "duty_requirements",
    ):
        op.drop_table(table)
    # The extension stays: others may have come to use it.
