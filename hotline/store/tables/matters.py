"""What belongs to a ticket's matter (事项): editions of forms, duties (义务), applications for legal aid (法律援助)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from hotline.store.tables.base import INSTANT, JSON, METADATA

MATTER_EDITIONS = Table(
    "matter_editions",
    METADATA,
    Column("edition", Text, primary_key=True, comment="hash of the content"),
    Column("content", JSON, nullable=False, comment="hotline.matters.forms.Forms"),
    Column("first_used_at", INSTANT, nullable=False),
)

TICKET_DUTIES = Table(
    "ticket_duties",
    METADATA,
    Column("ticket", Text, ForeignKey("tickets.number"), nullable=False),
    Column("duty", Text, nullable=False, comment="hotline.matters.duties.DutyCode"),
    Column("hall", Text, nullable=False),
    Column("since", INSTANT, nullable=False, comment="when what it follows from was written"),
    Column("due_at", INSTANT, nullable=False),
    Column("marked_by", Text, nullable=False),
    Column("lifted_at", INSTANT, comment="what it followed from is not so any more"),
    Column("done_at", INSTANT, comment="when it was recorded"),
    Column("done_by", Text),
    Column("receiver", Text, nullable=False, server_default="", comment="whom it was reported to; empty: excused"),
    Column("reported_at", INSTANT, comment="when it was reported, as the person says"),
    Column("reference", Text, nullable=False, server_default="", comment="the receiver's number, or who took it"),
    Column("note_sealed", LargeBinary, comment="what was said; why nothing was to be done"),
    PrimaryKeyConstraint("ticket", "duty"),
    CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done"),
    Index(
        "ticket_duties_open_idx",
        "hall",
        "due_at",
        postgresql_where=text("done_at IS NULL AND lifted_at IS NULL"),
    ),
)

AID_APPLICATIONS = Table(
    "aid_applications",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("ticket", Text, ForeignKey("tickets.number"), nullable=False),
    Column("state", Text, nullable=False, comment="hotline.matters.aid.AidState"),
    Column("filed_at", INSTANT, nullable=False),
    Column("filed_by", Text, nullable=False),
    Column("applied_by", Text, nullable=False, comment="self, guardian, relative, proxy"),
    Column("applicant_sealed", LargeBinary, nullable=False),
    Column("card_sealed", LargeBinary, comment="公民身份号码"),
    Column("card_masked", Text, nullable=False, server_default=""),
    Column("ground", Text, nullable=False),
    Column("means", Text, nullable=False),
    Column("exempt", Text, nullable=False, server_default=""),
    Column(
        "urgent_reason", Text, nullable=False, server_default="", comment="先行提供: 法律援助法 §44; empty: not urgent"
    ),
    Column("materials", JSON, nullable=False, comment="those that are there"),
    Column("asked", JSON, nullable=False, server_default=text("'[]'::jsonb"), comment="those that were asked for"),
    Column("asked_at", INSTANT, comment="一次性告知: once; null: nobody asked"),
    Column("asked_note", Text, nullable=False, server_default=""),
    Column("complete_at", INSTANT, comment="when all materials were there"),
    Column("decided_at", INSTANT),
    Column("decided_by", Text),
    Column("decision_reason", Text, nullable=False, server_default=""),
    Column(
        "objection_told",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="the right to object (§49) was told",
    ),
    Column("appointed_at", INSTANT),
    Column("appointed_by", Text),
    Column("lawyer", Text, nullable=False, server_default=""),
    Column("firm", Text, nullable=False, server_default=""),
    Column("withdrawn_at", INSTANT),
    Column("withdrawn_reason", Text, nullable=False, server_default=""),
    Column("deemed", Boolean, nullable=False, server_default=text("false"), comment="视为撤回: not supplemented"),
    CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided"),
    CheckConstraint("(appointed_at IS NULL) = (lawyer = '')", name="appointed"),
    CheckConstraint("state <> 'refused' OR (decision_reason <> '' AND objection_told)", name="refused"),
    Index(
        "aid_applications_open_idx",
        "ticket",
        unique=True,
        postgresql_where=text("state IN ('supplement', 'review', 'granted')"),
    ),
    Index("aid_applications_ticket_idx", "ticket", "id"),
)
