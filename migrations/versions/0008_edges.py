"""How far each edge (边缘机) has been taken, and when it could not tell what it heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "edge_marks",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column(
            "stream", sa.Text(), nullable=False, comment="named by the edge; a new one when its disk was replaced"
        ),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="the last record whose effects are in raw_events"),
        sa.Column("up", sa.Boolean(), nullable=False, comment="the device could be heard at that record"),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False, comment="the time of that record"),
        sa.PrimaryKeyConstraint("hall", "adapter", "stream", name=op.f("edge_marks_pk")),
    )
    op.create_table(
        "edge_delays",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column(
            "began_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the oldest thing heard that came late",
        ),
        sa.Column(
            "ended_at", sa.DateTime(timezone=True), nullable=True, comment="everything heard until then was here"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("edge_delays_pk")),
    )
    op.create_index("edge_delays_hall_idx", "edge_delays", ["hall", "began_at"], unique=False)


def downgrade() -> None:
    op.drop_table("edge_delays")
    op.drop_table("edge_marks")
