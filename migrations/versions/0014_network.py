"""Network platforms (网络平台), what is published about services (服务公开), emergency plans and incidents (应急).

Ratings may be about a ticket that came over the network, and so about no call.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incident_plans",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column(
            "content", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="hotline.incidents.plan.Plan"
        ),
        sa.PrimaryKeyConstraint("hall", "code", "version", name=op.f("incident_plans_pk")),
    )
    op.create_table(
        "open_services",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column(
            "content",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="hotline.openness.content.Content",
        ),
        sa.PrimaryKeyConstraint("hall", "version", name=op.f("open_services_pk")),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column(
            "version", sa.Integer(), server_default=sa.text("1"), nullable=False, comment="rises with each change: ETag"
        ),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column(
            "content",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the plan as it was then: later versions change nothing here",
        ),
        sa.Column("ticket", sa.Text(), nullable=True),
        sa.Column("call", sa.Text(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column(
            "report_due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="by when the superior must be told (口头报告)",
        ),
        sa.Column("written_due_at", sa.DateTime(timezone=True), nullable=True, comment="by when in writing (书面报告)"),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_by", sa.Text(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_by", sa.Text(), nullable=True),
        sa.Column(
            "report_sealed",
            sa.LargeBinary(),
            nullable=True,
            comment="what the major-incident report (重大事项报告) says",
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("incidents_ended_check")),
        sa.CheckConstraint("(reported_at IS NULL) = (reported_by IS NULL)", name=op.f("incidents_reported_check")),
        sa.CheckConstraint("(written_at IS NULL) = (written_by IS NULL)", name=op.f("incidents_written_check")),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("incidents_call_fk")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("incidents_ticket_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("incidents_pk")),
    )
    op.create_index("incidents_begun_idx", "incidents", ["hall", "begun_at", "id"], unique=False)
    op.create_index(
        "incidents_open_idx", "incidents", ["hall", "id"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "network_news",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False, comment="the one that the platform filed"),
        sa.Column("state", sa.Text(), nullable=False, comment="in the citizen's words: hotline.network.progress"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when it came to be so"),
        sa.Column(
            "next_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it may be tried; null: nothing is to be sent",
        ),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "sent_at", sa.DateTime(timezone=True), nullable=True, comment="when the platform had it, or something newer"
        ),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("network_news_ticket_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("network_news_pk")),
    )
    op.create_index(
        "network_news_due_idx",
        "network_news",
        ["platform", "next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index("network_news_ticket_idx", "network_news", ["ticket", "id"], unique=False)
    op.create_table(
        "network_requests",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column(
            "id",
            sa.Text(),
            nullable=False,
            comment="the platform's own number of this request; of a filing, of the matter",
        ),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="filing, supplement, withdrawal, rating"),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("citizen_index", sa.LargeBinary(), nullable=True, comment="of the citizen's number, of a filing"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of what was asked"),
        sa.Column(
            "answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="as it was given; names nobody"
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("network_requests_ticket_fk")),
        sa.PrimaryKeyConstraint("platform", "id", name=op.f("network_requests_pk")),
    )
    op.create_index("network_requests_at_idx", "network_requests", ["platform", "at"], unique=False)
    op.create_index(
        "network_requests_citizen_idx",
        "network_requests",
        ["citizen_index", "at"],
        unique=False,
        postgresql_where=sa.text("citizen_index IS NOT NULL"),
    )
    op.create_index("network_requests_ticket_idx", "network_requests", ["ticket"], unique=False)
    op.create_table(
        "incident_steps",
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="of the plan's step, from 0"),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column(
            "skipped", sa.Text(), server_default="", nullable=False, comment="why it was not needed; empty: it was done"
        ),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True, comment="what came of it"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("incident_steps_incident_fk")),
        sa.PrimaryKeyConstraint("incident", "position", name=op.f("incident_steps_pk")),
    )
    op.alter_column(
        "ratings",
        "call",
        existing_type=sa.TEXT(),
        nullable=True,
        comment="null: of a ticket that came over the network",
    )
    op.alter_column(
        "ratings",
        "way",
        existing_type=sa.TEXT(),
        comment="key, call_back, link, network",
        existing_comment="key, call_back, link",
        existing_nullable=False,
    )
    op.create_index(
        "ratings_network_idx", "ratings", ["ticket"], unique=True, postgresql_where=sa.text("way = 'network'")
    )
    op.drop_constraint(op.f("ratings_way_check"), "ratings", type_="check")
    op.create_check_constraint(op.f("ratings_way_check"), "ratings", "way IN ('key', 'call_back', 'link', 'network')")
    op.create_check_constraint(op.f("ratings_call_check"), "ratings", "(call IS NULL) = (way = 'network')")


def downgrade() -> None:
    op.execute("DELETE FROM ratings WHERE way = 'network'")
    op.drop_constraint(op.f("ratings_call_check"), "ratings", type_="check")
    op.drop_constraint(op.f("ratings_way_check"), "ratings", type_="check")
    op.create_check_constraint(op.f("ratings_way_check"), "ratings", "way IN ('key', 'call_back', 'link')")
    op.drop_index("ratings_network_idx", table_name="ratings")
    op.alter_column("ratings", "way", existing_type=sa.TEXT(), comment="key, call_back, link")
    op.alter_column("ratings", "call", existing_type=sa.TEXT(), nullable=False, comment=None)
    for table in (
        "incident_steps",
        "incidents",
        "incident_plans",
        "open_services",
        "network_news",
        "network_requests",
    ):
        op.drop_table(table)
