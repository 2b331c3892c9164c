"""Tickets (话务工单) and the versioned category tree."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
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
from sqlalchemy.dialects.postgresql import TSVECTOR

from hotline.store.tables.base import INSTANT, JSON, METADATA

TICKETS = Table(
    "tickets",
    METADATA,
    Column("number", Text, primary_key=True, comment="HALL-YYYYMMDD-NNNNNN"),
    Column("hall", Text, nullable=False),
    Column("call", Text, ForeignKey("calls.id"), unique=True),
    Column("channel", Text, nullable=False, server_default="phone"),
    Column("day", Date, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("version", Integer, nullable=False, server_default=text("1"), comment="rises with each saved change: ETag"),
    # written by the hall with the call
    Column("seat", Text, comment="the seat that answered"),
    Column("operator", Text),
    Column("caller_index", LargeBinary),
    Column("caller_masked", Text, nullable=False, server_default=""),
    Column("outcome", Text),
    Column("their_id", Text, nullable=False, server_default="", comment="the province's id of the call"),
    # written by the desk
    Column("caller_name_sealed", LargeBinary),
    Column("contact_sealed", LargeBinary, comment="another number to reach the caller at"),
    Column("contact_masked", Text, nullable=False, server_default=""),
    Column("counterparty_name_sealed", LargeBinary, comment="对方当事人"),
    Column("counterparty_contact_sealed", LargeBinary, comment="对方电话"),
    Column("counterparty_contact_index", LargeBinary),
    Column("counterparty_contact_masked", Text, nullable=False, server_default=""),
    Column("id_refused", Boolean, nullable=False, server_default=text("false"), comment="refused to give the name"),
    Column("secrecy", Boolean, nullable=False, server_default=text("false"), comment="要求保密"),
    Column("region", Text, nullable=False, server_default=""),
    Column("gender", Text, nullable=False, server_default=""),
    Column("special_group", Text, nullable=False, server_default=""),
    Column("minor_involved", Boolean, nullable=False, server_default=text("false")),
    Column("matter", Text, nullable=False, server_default="", comment="业务类型"),
    Column("category", Text, nullable=False, server_default=""),
    Column("category_version", Integer),
    Column("urgency", Text, nullable=False, server_default="normal"),
    Column("facts", Text, nullable=False, server_default=""),
    Column("claim", Text, nullable=False, server_default=""),
    Column("opinion", Text, nullable=False, server_default="", comment="答复意见"),
    Column("legal_basis", Text, nullable=False, server_default=""),
    Column("legal_aid_told", Boolean, nullable=False, server_default=text("false"), comment="法律援助法 §23"),
    Column("quick_close", Text, nullable=False, server_default="", comment="wrong_number, silence, prank"),
    Column("no_category_reason", Text, nullable=False, server_default=""),
    Column("saved_at", INSTANT),
    Column("saved_by", Text),
    Column("closed_at", INSTANT),
    Column("closed_by", Text),
    # on its way after the desk (办理)
    Column("unit", Text, nullable=False, server_default="", comment="承办单位: who has it now, or answered it last"),
    Column("result", Text, nullable=False, server_default="", comment="办理结果: the reply that passed the review"),
    Column("due_at", INSTANT, comment="the soonest running deadline; null: none runs"),
    Column("times_returned", Integer, nullable=False, server_default=text("0")),
    Column("times_reopened", Integer, nullable=False, server_default=text("0")),
    Column("times_urged", Integer, nullable=False, server_default=text("0")),
    Column("urged_at", INSTANT),
    Column("supervised", Boolean, nullable=False, server_default=text("false"), comment="督办"),
    Column("merged_into", Text, ForeignKey("tickets.number")),
    Column("ended_reason", Text, nullable=False, server_default="", comment="why not accepted, or terminated"),
    Column(
        "follow_up",
        Text,
        nullable=False,
        server_default="",
        comment="tickets.sampling.FollowUp; empty: not decided",
    ),
    Column("case_file", Text, nullable=False, server_default="", comment="卷宗号: HALL-YYYY-NNNNNN"),
    Column("words", TSVECTOR, comment="character bigrams of facts, claim, opinion, legal basis"),
    Index("tickets_day_idx", "hall", "day", "number"),
    Index("tickets_operator_day_idx", "hall", "operator", "day", "number"),
    Index("tickets_caller_idx", "hall", "caller_index", "created_at"),
    Index("tickets_category_day_idx", "hall", "category", "day", "number"),
    # Partial: most tickets are closed on the call, and never look at these.
    Index("tickets_due_idx", "hall", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index(
        "tickets_undated_idx",
        "hall",
        "number",
        postgresql_where=text("due_at IS NULL AND state IN ('draft', 'open', 'reopened', 'returned')"),
    ),
    Index("tickets_unit_idx", "hall", "unit", "created_at", postgresql_where=text("unit <> ''")),
    Index("tickets_merged_idx", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    # Partial: tickets are born without words, and their birth must not wait for the index.
    Index("tickets_words_idx", "words", postgresql_using="gin", postgresql_where=text("words IS NOT NULL")),
)

TICKET_CHANGES = Table(
    "ticket_changes",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("ticket", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("what", Text, nullable=False, comment="saved, closed, reopened, quick_closed"),
    Column("fields", JSON, nullable=False, comment="names of the fields that changed, never their contents"),
    Index("ticket_changes_ticket_idx", "ticket", "version"),
)

CATEGORY_VERSIONS = Table(
    "category_versions",
    METADATA,
    Column("version", Integer, primary_key=True),
    Column("label", Text, nullable=False),
    Column("imported_at", INSTANT, nullable=False),
    Column("imported_by", Text, nullable=False),
)

CATEGORIES = Table(
    "categories",
    METADATA,
    Column("version", Integer, ForeignKey("category_versions.version"), nullable=False),
    Column("code", Text, nullable=False),
    Column("parent", Text),
    Column("label", Text, nullable=False),
    Column("external_code", Text, nullable=False, server_default=""),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("version", "code"),
)
