"""Particulars of matters (事项) on tickets, duties (义务), applications for legal aid (法律援助申请)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "matter_editions",
        sa.Column("edition", sa.Text(), nullable=False, comment="hash of the content"),
        sa.Column(
            "content", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="hotline.matters.forms.Forms"
        ),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("edition", name=op.f("matter_editions_pk")),
    )
    op.create_table(
        "aid_applications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="hotline.matters.aid.AidState"),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("applied_by", sa.Text(), nullable=False, comment="self, guardian, relative, proxy"),
        sa.Column("applicant_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("card_sealed", sa.LargeBinary(), nullable=True, comment="公民身份号码"),
        sa.Column("card_masked", sa.Text(), server_default="", nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("exempt", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "urgent_reason",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="先行提供: 法律援助法 §44; empty: not urgent",
        ),
        sa.Column("materials", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="those that are there"),
        sa.Column(
            "asked",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
            comment="those that were asked for",
        ),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), nullable=True, comment="一次性告知: once; null: nobody asked"
        ),
        sa.Column("asked_note", sa.Text(), server_default="", nullable=False),
        sa.Column("complete_at", sa.DateTime(timezone=True), nullable=True, comment="when all materials were there"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "objection_told",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="the right to object (§49) was told",
        ),
        sa.Column("appointed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appointed_by", sa.Text(), nullable=True),
        sa.Column("lawyer", sa.Text(), server_default="", nullable=False),
        sa.Column("firm", sa.Text(), server_default="", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "deemed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="视为撤回: not supplemented",
        ),
        sa.CheckConstraint("(appointed_at IS NULL) = (lawyer = '')", name=op.f("aid_applications_appointed_check")),
        sa.CheckConstraint(
            "state <> 'refused' OR (decision_reason <> '' AND objection_told)",
            name=op.f("aid_applications_refused_check"),
        ),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("aid_applications_decided_check")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("aid_applications_ticket_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("aid_applications_pk")),
    )
    op.create_index(
        "aid_applications_open_idx",
        "aid_applications",
        ["ticket"],
        unique=True,
        postgresql_where=sa.text("state IN ('supplement', 'review', 'granted')"),
    )
    op.create_index("aid_applications_ticket_idx", "aid_applications", ["ticket", "id"], unique=False)
    op.create_table(
        "ticket_duties",
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False, comment="hotline.matters.duties.DutyCode"),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, comment="when what it follows from was written"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marked_by", sa.Text(), nullable=False),
        sa.Column(
            "lifted_at", sa.DateTime(timezone=True), nullable=True, comment="what it followed from is not so any more"
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True, comment="when it was recorded"),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column(
            "receiver", sa.Text(), server_default="", nullable=False, comment="whom it was reported to; empty: excused"
        ),
        sa.Column(
            "reported_at", sa.DateTime(timezone=True), nullable=True, comment="when it was reported, as the person says"
        ),
        sa.Column(
            "reference", sa.Text(), server_default="", nullable=False, comment="the receiver's number, or who took it"
        ),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True, comment="what was said; why nothing was to be done"),
        sa.CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name=op.f("ticket_duties_done_check")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("ticket_duties_ticket_fk")),
        sa.PrimaryKeyConstraint("ticket", "duty", name=op.f("ticket_duties_pk")),
    )
    op.create_index(
        "ticket_duties_open_idx",
        "ticket_duties",
        ["hall", "due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND lifted_at IS NULL"),
    )
    op.add_column(
        "tickets",
        sa.Column(
            "particulars",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="what is asked about the matter: id to value, see hotline/matters/forms.toml",
        ),
    )
    op.add_column(
        "tickets",
        sa.Column("particulars_sealed", sa.LargeBinary(), nullable=True, comment="the personal ones, as JSON"),
    )
    op.add_column(
        "tickets",
        sa.Column(
            "particulars_edition", sa.Text(), server_default="", nullable=False, comment="matter_editions; empty: none"
        ),
    )
    op.add_column(
        "categories",
        sa.Column(
            "codes",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="of single receivers: name of the bridge to its code",
        ),
    )


def downgrade() -> None:
    op.drop_column("categories", "codes")
    for column in ("particulars_edition", "particulars_sealed", "particulars"):
        op.drop_column("tickets", column)
    for table in ("ticket_duties", "aid_applications", "matter_editions"):
        op.drop_table(table)
