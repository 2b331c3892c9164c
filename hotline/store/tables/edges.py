"""How far each edge (边缘机) has been taken, and when it could not tell what it heard."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Identity, Index, PrimaryKeyConstraint, Table, Text

from hotline.store.tables.base import INSTANT, METADATA

EDGE_MARKS = Table(
    "edge_marks",
    METADATA,
    Column("hall", Text, nullable=False),
    Column("adapter", Text, nullable=False),
    Column("stream", Text, nullable=False, comment="named by the edge; a new one when its disk was replaced"),
    Column("seq", BigInteger, nullable=False, comment="the last record whose effects are in raw_events"),
    Column("up", Boolean, nullable=False, comment="the device could be heard at that record"),
    Column("heard_at", INSTANT, nullable=False, comment="the time of that record"),
    PrimaryKeyConstraint("hall", "adapter", "stream"),
)

EDGE_DELAYS = Table(
    "edge_delays",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("adapter", Text, nullable=False),
    Column("began_at", INSTANT, nullable=False, comment="the oldest thing heard that came late"),
    Column("ended_at", INSTANT, comment="everything heard until then was here"),
    Index("edge_delays_hall_idx", "hall", "began_at"),
)
