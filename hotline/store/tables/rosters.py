"""Rosters (排班): law firms, lawyers, shifts, what makes shifts, and who wants to change one."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Time,
    UniqueConstraint,
    column,
    event,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from hotline.store.tables.base import INSTANT, JSON, METADATA

FIRMS = Table(
    "firms",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("closed", Boolean, nullable=False, server_default=text("false"), comment="sends nobody any more"),
    UniqueConstraint("hall", "name"),
)

LAWYERS = Table(
    "lawyers",
    METADATA,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("firm", BigInteger, ForeignKey("firms.id")),
    Column("employment", Text, nullable=False, comment="full_time (专职) or part_time (兼职)"),
    Column("licence_number", Text, nullable=False, server_default="", comment="执业证号: 17 digits"),
    Column("licence_until", Date),
    Column("suspended_from", Date),
    Column("suspended_until", Date),
    Column("suspended_reason", Text, nullable=False, server_default=""),
    Column("mobile_sealed", LargeBinary, comment="AEAD of the number that night calls are forwarded to"),
    Column("mobile_masked", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default=text("1")),
    CheckConstraint("suspended_until IS NULL OR suspended_until >= suspended_from", name="suspension"),
    Index("lawyers_hall_idx", "hall"),
    Index("lawyers_licence_key", "hall", "licence_number", unique=True, postgresql_where=text("licence_number <> ''")),
)

TRAININGS = Table(
    "trainings",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("lawyer", Text, ForeignKey("lawyers.account"), nullable=False),
    Column("day", Date, nullable=False),
    Column("topic", Text, nullable=False),
    Column("hours", Numeric(5, 1), nullable=False),
    Column("noted_by", Text, nullable=False),
    Column("noted_at", INSTANT, nullable=False),
    Index("trainings_lawyer_idx", "lawyer", "day"),
)

SHIFT_PATTERNS = Table(
    "shift_patterns",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("days", ARRAY(Text), nullable=False, comment="workday, weekend, holiday"),
    Column("weekdays", ARRAY(Integer), nullable=False, server_default="{}", comment="1 Monday … 7 Sunday"),
    Column("begins", Time, nullable=False),
    Column("ends", Time, nullable=False, comment="at or before begins: the next day"),
    Column("group", Text, nullable=False, server_default=""),
    Column("mode", Text, nullable=False),
    Column("places", Integer, nullable=False),
    Column("rotation", Text, nullable=False, comment="fixed, daily, weekly"),
    Column("lawyers", ARRAY(Text), nullable=False, server_default="{}"),
    Column("anchor", Date, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("hall", "name"),
)

DUTY_REQUIREMENTS = Table(
    "duty_requirements",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("days", ARRAY(Text), nullable=False),
    Column("weekdays", ARRAY(Integer), nullable=False, server_default="{}"),
    Column("begins", Time, nullable=False),
    Column("ends", Time, nullable=False),
    Column("group", Text, nullable=False, server_default=""),
    Column("lawyers", Integer, nullable=False),
    Index("duty_requirements_hall_idx", "hall"),
)

SHIFTS = Table(
    "shifts",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("lawyer", Text, ForeignKey("lawyers.account"), comment="null: open"),
    Column("firm", BigInteger, ForeignKey("firms.id"), comment="the lawyer's when the shift was given"),
    Column("begins_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    Column("group", Text, nullable=False, server_default=""),
    Column("mode", Text, nullable=False, comment="live, forwarded_mobile, voicemail"),
    Column("note", Text, nullable=False, server_default=""),
    Column("pattern", BigInteger, ForeignKey("shift_patterns.id")),
    Column("place", Integer),
    Column("cancelled_at", INSTANT),
    Column("version", Integer, nullable=False, server_default=text("1")),
    CheckConstraint("ends_at > begins_at AND ends_at <= begins_at + interval '24 hours'", name="length"),
    CheckConstraint("(pattern IS NULL) = (place IS NULL)", name="place"),
    # Deferred: two shifts that change hands pass through a moment in which one lawyer has both.
    ExcludeConstraint(
        (column("lawyer"), "="),
        (func.tstzrange(column("begins_at"), column("ends_at")), "&&"),
        name="shifts_one_place_at_a_time",
        using="gist",
        where=text("lawyer IS NOT NULL AND cancelled_at IS NULL"),
        deferrable=True,
        initially="DEFERRED",
    ),
    UniqueConstraint("pattern", "begins_at", "place"),
    Index("shifts_time_idx", "hall", "begins_at"),
    Index("shifts_lawyer_idx", "lawyer", "begins_at"),
)

SHIFT_CHANGES = Table(
    "shift_changes",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("shift", BigInteger, ForeignKey("shifts.id"), nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("what", Text, nullable=False, comment="created, generated, imported, changed, cancelled, swapped"),
    Column("before", JSON),
    Column("after", JSON),
    Column("reason", Text, nullable=False, server_default=""),
    Index("shift_changes_shift_idx", "shift"),
)

SHIFT_SWAPS = Table(
    "shift_swaps",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("shift", BigInteger, ForeignKey("shifts.id"), nullable=False),
    Column("other_shift", BigInteger, ForeignKey("shifts.id"), comment="换班: what the colleague gives; null: 替班"),
    Column("asked_by", Text, ForeignKey("lawyers.account"), nullable=False),
    Column("asked_of", Text, ForeignKey("lawyers.account"), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("answered_at", INSTANT),
    Column("answered_by", Text),
    Column("decided_at", INSTANT),
    Column("decided_by", Text),
    Column("decision", Text, nullable=False, server_default="", comment="the supervisor's reason"),
    Index("shift_swaps_hall_idx", "hall", "asked_at"),
    Index("shift_swaps_open_key", "shift", unique=True, postgresql_where=text("state IN ('asked', 'agreed')")),
)

SPECIAL_DAYS = Table(
    "special_days",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("kind", Text, nullable=False, comment="workday, weekend, holiday"),
    Column("label", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("hall", "day"),
)

# Comparing accounts in a GiST index takes the extension; who makes the tables outside of migrations wants it as well.
event.listen(METADATA, "before_create", DDL("CREATE EXTENSION IF NOT EXISTS btree_gist"))
