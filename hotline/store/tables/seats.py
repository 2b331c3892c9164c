"""Seats (坐席), every change of their state, and the lease of the one writer per hall."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from hotline.store.tables.base import INSTANT, JSON, METADATA

SEATS = Table(
    "seats",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("extension", Text, nullable=False),
    Column("groups", ARRAY(Text), nullable=False, server_default="{}"),
    Column("state", Text, nullable=False),
    Column("since", INSTANT, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("actor", Text, nullable=False, server_default=""),
    Column("operator", Text),
    Column("work_number", Text, nullable=False, server_default=""),
    Column("operator_name", Text, nullable=False, server_default=""),
    Column("phone_kind", Text, nullable=False, server_default=""),
    Column("mobile_sealed", LargeBinary, comment="AEAD of the number that rings, where that is a mobile"),
    Column("call", Text),
    Column("offer", Text),
    Column("part", Text, nullable=False, server_default="", comment="main: has the call; else what it does on it"),
    Column("misses", Integer, nullable=False, server_default=text("0")),
    Column("next_state", JSON),
    Column("before_missing", Text),
    Column("here", Boolean, nullable=False, server_default=text("true")),
    Column("wrap_until", INSTANT),
    Column("idle_since", INSTANT),
    Column("taken", Integer, nullable=False, server_default=text("0")),
    Column("break_asked", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("hall", "number"),
    ExcludeConstraint(
        ("hall", "="),
        ("extension", "="),
        name="seats_one_per_extension",
        using="btree",
        deferrable=True,
        initially="DEFERRED",
    ),
    ExcludeConstraint(
        ("hall", "="),
        ("call", "="),
        name="seats_one_live_seat_per_call",
        using="btree",
        where=text("state IN ('ringing', 'talking') AND call IS NOT NULL AND part = 'main'"),
        deferrable=True,
        initially="DEFERRED",
    ),
    ExcludeConstraint(
        ("hall", "="),
        ("operator", "="),
        name="seats_one_per_operator",
        using="btree",
        where=text("operator IS NOT NULL"),
        deferrable=True,
        initially="DEFERRED",
    ),
)

SEAT_CHANGES = Table(
    "seat_changes",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("seat", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("actor", Text, nullable=False, server_default=""),
    Column("operator", Text),
    Column("call", Text),
    Index("seat_changes_seat_idx", "hall", "seat", "at"),
)

LEASES = Table(
    "hall_leases",
    METADATA,
    Column("hall", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False, comment="rises with each writer; compared in every commit"),
    Column("holder", Text, nullable=False),
    Column("until", INSTANT, nullable=False),
    Column("seq", BigInteger, nullable=False, server_default=text("0"), comment="last journal number of the hall"),
    Column("next_call", BigInteger, nullable=False, server_default=text("1")),
    Column("day", Text, nullable=False, server_default="0001-01-01"),
    Column("next_ticket", BigInteger, nullable=False, server_default=text("1")),
)
