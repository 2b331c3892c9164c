"""What the whole call needs: who else is on it, what happened to the caller stretch by stretch, calls of our own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEGMENTS = """
CREATE VIEW call_segments AS
SELECT c.hall, c.id AS call, c.day, s.n, s.kind, s.since, s.until, s.seat, s.operator, s.queue, s.others
FROM calls c CROSS JOIN LATERAL ROWS FROM (
    jsonb_to_recordset(c.segments) AS (
        kind text, since timestamptz, until timestamptz, seat text, operator text, queue text, others jsonb
    )
) WITH ORDINALITY AS s (kind, since, until, seat, operator, queue, others, n)
"""
"""The segments as a table, for reports and auditors; the truth is the call's own row."""


def upgrade() -> None:
    for column in (
        sa.Column("direction", sa.Text(), server_default="in", nullable=False),
        sa.Column("purpose", sa.Text(), server_default="", nullable=False, comment="of an outbound call"),
        sa.Column("callback", sa.BigInteger(), comment="the call-back task an outbound call belongs to"),
        sa.Column("their_id", sa.Text(), server_default="", nullable=False, comment="the province's id of the call"),
        sa.Column("parties", _json(), comment="who else is on the call, or rings for it"),
        sa.Column("muted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("place_at", _instant()),
        sa.Column("wanted", sa.Text()),
        sa.Column("wanted_until", _instant()),
        sa.Column("retry_at", _instant()),
        sa.Column("take_back", sa.Text()),
        sa.Column("rating", sa.Text()),
        sa.Column("message", sa.Text()),
        sa.Column("recordings", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("stage", sa.Text(), server_default="notices", nullable=False, comment="where on the way to the line"),
        sa.Column("playing", sa.ARRAY(sa.Text()), comment="announcements that follow the one that plays"),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("menu_path", sa.ARRAY(sa.Text())),
        sa.Column("announce_at", _instant()),
        sa.Column("spill_at", _instant()),
        sa.Column("spills", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("kept_place", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("segments", _json(), comment="what happened to the caller, end to end; see the view call_segments"),
    ):
        op.add_column("calls", column)
    op.add_column(
        "seats",
        sa.Column(
            "part", sa.Text(), server_default="", nullable=False, comment="main: has the call; else what it does on it"
        ),
    )
    sealed = "AEAD of the number that rings, where that is a mobile"
    op.add_column("seats", sa.Column("mobile_sealed", sa.LargeBinary(), comment=sealed))
    op.add_column("seats", sa.Column("break_asked", sa.Text(), server_default="", nullable=False))
    for table in ("tickets", "recordings"):
        op.add_column(
            table,
            sa.Column(
                "their_id", sa.Text(), server_default="", nullable=False, comment="the province's id of the call"
            ),
        )
    op.execute("UPDATE seats SET part = 'main' WHERE call IS NOT NULL")
    op.execute("UPDATE calls SET recordings = 1 WHERE recording IS NOT NULL")
    _one_live_call_per_seat(
        "state IN ('ringing', 'talking', 'held', 'dialling') AND seat IS NOT NULL AND handling = 'hall'"
    )
    _one_live_seat_per_call("state IN ('ringing', 'talking') AND call IS NOT NULL AND part = 'main'")
    op.create_index("calls_callback_idx", "calls", ["callback"], postgresql_where=sa.text("callback IS NOT NULL"))
    op.create_index("calls_their_id_idx", "calls", ["hall", "their_id"], postgresql_where=sa.text("their_id <> ''"))
    op.execute(SEGMENTS)


def downgrade() -> None:
    op.execute("DROP VIEW call_segments")
    op.drop_index("calls_their_id_idx", "calls")
    op.drop_index("calls_callback_idx", "calls")
    _one_live_seat_per_call("state IN ('ringing', 'talking') AND call IS NOT NULL")
    _one_live_call_per_seat("state IN ('ringing', 'talking', 'held') AND seat IS NOT NULL AND handling = 'hall'")
    for table in ("tickets", "recordings"):
        op.drop_column(table, "their_id")
    for column in ("break_asked", "mobile_sealed", "part"):
        op.drop_column("seats", column)
    for column in (
        "segments",
        "kept_place",
        "spills",
        "spill_at",
        "announce_at",
        "menu_path",
        "language",
        "playing",
        "stage",
        "recordings",
        "message",
        "rating",
        "take_back",
        "retry_at",
        "wanted_until",
        "wanted",
        "place_at",
        "muted",
        "parties",
        "their_id",
        "callback",
        "purpose",
        "direction",
    ):
        op.drop_column("calls", column)


def _one_live_call_per_seat(where: str) -> None:
    op.drop_constraint("calls_one_live_call_per_seat", "calls")
    op.create_exclude_constraint(
        "calls_one_live_call_per_seat",
        "calls",
        (sa.column("hall"), "="),
        (sa.column("seat"), "="),
        using="btree",
        where=sa.text(where),
        deferrable=True,
        initially="DEFERRED",
    )


def _one_live_seat_per_call(where: str) -> None:
    op.drop_constraint("seats_one_live_seat_per_call", "seats")
    op.create_exclude_constraint(
        "seats_one_live_seat_per_call",
        "seats",
        (sa.column("hall"), "="),
        (sa.column("call"), "="),
        using="btree",
        where=sa.text(where),
        deferrable=True,
        initially="DEFERRED",
    )


def _json() -> postgresql.JSONB:
    return postgresql.JSONB(astext_type=sa.Text())


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)
