"""Callers who are treated in a way of their own (来电人规则), and both sides of one dispute (利益冲突)."""

from __future__ import annotations

from sqlalchemy import ARRAY, CheckConstraint, Column, Date, ForeignKey, Index, LargeBinary, Table, Text, text

from hotline.store.tables.base import INSTANT, METADATA

CALLER_RULES = Table(
    "caller_rules",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("hall", Text, nullable=False),
    Column("caller_sealed", LargeBinary, nullable=False, comment="AEAD of the number"),
    Column("caller_index", LargeBinary, nullable=False, comment="keyed hash of the number"),
    Column("caller_masked", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="emergency, minor, elderly, disabled, harassing, prefer, avoid"),
    Column("level", Text, nullable=False, server_default="none", comment="of harassing: warned, limited, blocked"),
    Column("operator", Text, nullable=False, server_default="", comment="account that prefer and avoid are about"),
    Column("state", Text, nullable=False, comment="requested, active, declined, ended"),
    Column("reason", Text, nullable=False),
    Column("call", Text, ForeignKey("calls.id"), comment="the call that gave rise to it"),
    Column("created_at", INSTANT, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("decided_at", INSTANT, comment="when a supervisor put it in force, or declined it"),
    Column("decided_by", Text),
    Column("review_on", Date, comment="复核日期: last day on which it holds in full"),
    Column("reviewed_at", INSTANT),
    Column("reviewed_by", Text),
    Column("review_reason", Text, nullable=False, server_default=""),
    Column("ended_at", INSTANT),
    Column("ended_by", Text),
    Column("end_reason", Text, nullable=False, server_default=""),
    Column("changed_at", INSTANT, nullable=False),
    CheckConstraint("(kind = 'harassing') = (level <> 'none')", name="level"),
    CheckConstraint("(kind IN ('prefer', 'avoid')) = (operator <> '')", name="operator"),
    CheckConstraint("state <> 'active' OR level NOT IN ('limited', 'blocked') OR review_on IS NOT NULL", name="review"),
    CheckConstraint("(state = 'requested') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("(state IN ('declined', 'ended')) = (ended_at IS NOT NULL)", name="ended"),
    Index(
        "caller_rules_one_of_a_kind",
        "hall",
        "caller_index",
        "kind",
        "operator",
        "state",
        unique=True,
        postgresql_where=text("state IN ('requested', 'active')"),
    ),
    Index("caller_rules_list_idx", "hall", "state", "created_at", "id"),
    Index("caller_rules_review_idx", "hall", "review_on", "id", postgresql_where=text("state = 'active'")),
    Index("caller_rules_changed_idx", "hall", "changed_at"),
)

CONFLICTS = Table(
    "conflicts",
    METADATA,
    Column("ticket", Text, ForeignKey("tickets.number"), primary_key=True, comment="where the other side was named"),
    Column("hall", Text, nullable=False),
    Column("caller_sealed", LargeBinary, comment="AEAD of the number of whoever was advised"),
    Column("caller_index", LargeBinary),
    Column("other_sealed", LargeBinary, comment="AEAD of the other side's number"),
    Column("other_index", LargeBinary),
    Column("name_index", LargeBinary, comment="keyed hash of the other side's name"),
    Column("operators", ARRAY(Text), nullable=False, server_default="{}", comment="accounts that advised the caller"),
    Column(
        "other_operators", ARRAY(Text), nullable=False, server_default="{}", comment="accounts that advised the other"
    ),
    Column("since", INSTANT, nullable=False),
    Column("changed_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT, comment="the other side was taken out, or a supervisor found that it is no conflict"),
    Column("ended_by", Text),
    Column("end_reason", Text, nullable=False, server_default=""),
    CheckConstraint("(other_sealed IS NULL) = (other_index IS NULL)", name="other"),
    Index("conflicts_caller_idx", "hall", "caller_index"),
    Index("conflicts_other_idx", "hall", "other_index"),
    Index("conflicts_name_idx", "hall", "name_index"),
    Index("conflicts_changed_idx", "hall", "changed_at"),
)
