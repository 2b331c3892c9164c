"""The directory (名录): offices, their people, village legal advisers and their ledger, experts, history, imports.

Nothing is ever deleted: it ends (`valid_to`) and can come back. What offices publish about themselves is no personal
data, so nothing here is sealed.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from hotline.store.tables.base import INSTANT, JSON, METADATA

_HOURS = JSONB(none_as_null=True)

UNITS = Table(
    "units",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("code", Text, nullable=False, comment="chosen by the site; tickets and accounts name it"),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("parent", Text, comment="code of the unit above"),
    Column("area", Text, nullable=False, comment="行政区划代码, without the zeros at its end"),
    Column("area_name", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("telephone", Text, nullable=False, server_default=""),
    Column("hours", _HOURS, comment="null: not known"),
    Column("services", ARRAY(Text), nullable=False, server_default="{}", comment="business types"),
    Column("services_note", Text, nullable=False, server_default=""),
    Column("public", Boolean, nullable=False, server_default=text("true"), comment="on the public pages"),
    Column("words", TSVECTOR, comment="character bigrams of what it is found by"),
    Column("valid_from", INSTANT, nullable=False),
    Column("valid_to", INSTANT, comment="null: in being"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("hall", "code"),
    ForeignKeyConstraint(["hall", "parent"], ["units.hall", "units.code"]),
    CheckConstraint("parent <> code", name="parent"),
    Index("units_parent_idx", "hall", "parent"),
    Index("units_area_idx", "hall", "area", postgresql_ops={"area": "text_pattern_ops"}),
    Index("units_words_idx", "words", postgresql_using="gin"),
)

UNIT_PEOPLE = Table(
    "unit_people",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("post", Text, nullable=False, server_default=""),
    Column("telephone", Text, nullable=False, server_default="", comment="of the office"),
    Column("hours", _HOURS, comment="on duty; null: not known"),
    Column("public", Boolean, nullable=False, server_default=text("false")),
    Column("note", Text, nullable=False, server_default=""),
    Column("valid_from", INSTANT, nullable=False),
    Column("valid_to", INSTANT),
    Column("version", Integer, nullable=False, server_default=text("1")),
    ForeignKeyConstraint(["hall", "unit"], ["units.hall", "units.code"]),
    Index("unit_people_unit_idx", "hall", "unit"),
)

ADVISERS = Table(
    "village_advisers",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("firm", Text, nullable=False, server_default=""),
    Column("licence_number", Text, nullable=False, server_default="", comment="执业证号"),
    Column("telephone", Text, nullable=False, server_default=""),
    Column("villages", ARRAY(Text), nullable=False, server_default="{}", comment="codes of village studios"),
    Column("hours", _HOURS, comment="on duty; null: not known"),
    Column("public", Boolean, nullable=False, server_default=text("false")),
    Column("note", Text, nullable=False, server_default=""),
    Column("valid_from", INSTANT, nullable=False),
    Column("valid_to", INSTANT),
    Column("version", Integer, nullable=False, server_default=text("1")),
    CheckConstraint("cardinality(villages) <= 5", name="villages"),
    Index("village_advisers_hall_idx", "hall"),
)

ADVISER_LEDGER = Table(
    "adviser_ledger",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("adviser", BigInteger, ForeignKey("village_advisers.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("kind", Text, nullable=False, comment="duty, mediation, lecture"),
    Column("hours", Numeric(4, 1), nullable=False),
    Column("village", Text, nullable=False, server_default="", comment="code of the village studio"),
    Column("note", Text, nullable=False, server_default=""),
    Column("noted_at", INSTANT, nullable=False),
    Column("noted_by", Text, nullable=False),
    Column("struck_at", INSTANT, comment="does not count any more"),
    Column("struck_by", Text),
    Column("struck_reason", Text, nullable=False, server_default=""),
    CheckConstraint("hours > 0 AND hours <= 24", name="hours"),
    Index("adviser_ledger_adviser_idx", "adviser", "day"),
)

EXPERTS = Table(
    "experts",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False, server_default="", comment="职称"),
    Column("fields", ARRAY(Text), nullable=False, server_default="{}"),
    Column("level", Text, nullable=False, comment="national, province, city, county"),
    Column("unit", Text, comment="code, where the unit is in the directory"),
    Column("workplace", Text, nullable=False, server_default=""),
    Column("telephone", Text, nullable=False, server_default=""),
    Column("public", Boolean, nullable=False, server_default=text("false")),
    Column("note", Text, nullable=False, server_default=""),
    Column("valid_from", INSTANT, nullable=False),
    Column("valid_to", INSTANT),
    Column("version", Integer, nullable=False, server_default=text("1")),
    ForeignKeyConstraint(["hall", "unit"], ["units.hall", "units.code"]),
    Index("experts_hall_idx", "hall"),
)

DIRECTORY_IMPORTS = Table(
    "directory_imports",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("digest", Text, nullable=False, comment="SHA-256 of the file"),
    Column("whole", Boolean, nullable=False, comment="what the file does not name ended"),
    Column("counts", JSON, nullable=False),
    Index("directory_imports_hall_idx", "hall", "id"),
)

DIRECTORY_CHANGES = Table(
    "directory_changes",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("hall", Text, nullable=False),
    Column("thing", Text, nullable=False, comment="unit, person, adviser, expert"),
    Column("key", Text, nullable=False, comment="a unit's code, else the id"),
    Column("name", Text, nullable=False, comment="as it was called then"),
    Column("at", INSTANT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("what", Text, nullable=False, comment="created, changed, ended, revived"),
    Column("before", _HOURS, comment="of the fields that changed"),
    Column("after", _HOURS),
    Column("reason", Text, nullable=False, server_default=""),
    Column("load", BigInteger, ForeignKey("directory_imports.id"), comment="the import that did it"),
    Index("directory_changes_thing_idx", "hall", "thing", "key", "id"),
    Index("directory_changes_load_idx", "load", postgresql_where=text("load IS NOT NULL")),
)
