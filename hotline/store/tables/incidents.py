"""Emergency plans (应急预案) in versions, and the incidents (应急事件) that were handled by them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from hotline.store.tables.base import INSTANT, JSON, METADATA

INCIDENT_PLANS = Table(
    "incident_plans",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by", Text, nullable=False),
    Column("content", JSON, nullable=False, comment="hotline.incidents.plan.Plan"),
    PrimaryKeyConstraint("hall", "code", "version"),
)

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1"), comment="rises with each change: ETag"),
    Column("plan", Text, nullable=False),
    Column("plan_version", Integer, nullable=False),
    Column("content", JSON, nullable=False, comment="the plan as it was then: later versions change nothing here"),
    Column("ticket", Text, ForeignKey("tickets.number")),
    Column("call", Text, ForeignKey("calls.id")),
    Column("begun_at", INSTANT, nullable=False),
    Column("begun_by", Text, nullable=False),
    Column("report_due_at", INSTANT, comment="by when the superior must be told (口头报告)"),
    Column("written_due_at", INSTANT, comment="by when in writing (书面报告)"),
    Column("reported_at", INSTANT),
    Column("reported_by", Text),
    Column("written_at", INSTANT),
    Column("written_by", Text),
    Column("report_sealed", LargeBinary, comment="what the major-incident report (重大事项报告) says"),
    Column("ended_at", INSTANT),
    Column("ended_by", Text),
    CheckConstraint("(reported_at IS NULL) = (reported_by IS NULL)", name="reported"),
    CheckConstraint("(written_at IS NULL) = (written_by IS NULL)", name="written"),
    CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
    Index("incidents_begun_idx", "hall", "begun_at", "id"),
    Index("incidents_open_idx", "hall", "id", postgresql_where=text("ended_at IS NULL")),
)

INCIDENT_STEPS = Table(
    "incident_steps",
    METADATA,
    Column("incident", BigInteger, ForeignKey("incidents.id"), nullable=False),
    Column("position", Integer, nullable=False, comment="of the plan's step, from 0"),
    Column("done_at", INSTANT, nullable=False),
    Column("done_by", Text, nullable=False),
    Column("skipped", Text, nullable=False, server_default="", comment="why it was not needed; empty: it was done"),
    Column("note_sealed", LargeBinary, comment="what came of it"),
    PrimaryKeyConstraint("incident", "position"),
)
