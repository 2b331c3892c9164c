"""The directory (名录): offices, people, village legal advisers, experts, their history and imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "units",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, comment="chosen by the site; tickets and accounts name it"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True, comment="code of the unit above"),
        sa.Column("area", sa.Text(), nullable=False, comment="行政区划代码, without the zeros at its end"),
        sa.Column("area_name", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("telephone", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "hours",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="null: not known",
        ),
        sa.Column("services", sa.ARRAY(sa.Text()), server_default="{}", nullable=False, comment="business types"),
        sa.Column("services_note", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "public", sa.Boolean(), server_default=sa.text("true"), nullable=False, comment="on the public pages"
        ),
        sa.Column("words", postgresql.TSVECTOR(), nullable=True, comment="character bigrams of what it is found by"),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True, comment="null: in being"),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("parent <> code", name=op.f("units_parent_check")),
        sa.ForeignKeyConstraint(["hall", "parent"], ["units.hall", "units.code"], name=op.f("units_hall_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("units_pk")),
        sa.UniqueConstraint("hall", "code", name=op.f("units_hall_code_key")),
    )
    op.create_index(
        "units_area_idx", "units", ["hall", "area"], unique=False, postgresql_ops={"area": "text_pattern_ops"}
    )
    op.create_index("units_parent_idx", "units", ["hall", "parent"], unique=False)
    op.create_index("units_words_idx", "units", ["words"], unique=False, postgresql_using="gin")
    op.create_table(
        "unit_people",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), server_default="", nullable=False),
        sa.Column("telephone", sa.Text(), server_default="", nullable=False, comment="of the office"),
        sa.Column(
            "hours",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="on duty; null: not known",
        ),
        sa.Column("public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["hall", "unit"], ["units.hall", "units.code"], name=op.f("unit_people_hall_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("unit_people_pk")),
    )
    op.create_index("unit_people_unit_idx", "unit_people", ["hall", "unit"], unique=False)
    op.create_table(
        "village_advisers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("firm", sa.Text(), server_default="", nullable=False),
        sa.Column("licence_number", sa.Text(), server_default="", nullable=False, comment="执业证号"),
        sa.Column("telephone", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "villages", sa.ARRAY(sa.Text()), server_default="{}", nullable=False, comment="codes of village studios"
        ),
        sa.Column(
            "hours",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="on duty; null: not known",
        ),
        sa.Column("public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("cardinality(villages) <= 5", name=op.f("village_advisers_villages_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("village_advisers_pk")),
    )
    op.create_index("village_advisers_hall_idx", "village_advisers", ["hall"], unique=False)
    op.create_table(
        "adviser_ledger",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("adviser", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="duty, mediation, lecture"),
        sa.Column("hours", sa.Numeric(precision=4, scale=1), nullable=False),
        sa.Column("village", sa.Text(), server_default="", nullable=False, comment="code of the village studio"),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True, comment="does not count any more"),
        sa.Column("struck_by", sa.Text(), nullable=True),
        sa.Column("struck_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("hours > 0 AND hours <= 24", name=op.f("adviser_ledger_hours_check")),
        sa.ForeignKeyConstraint(["adviser"], ["village_advisers.id"], name=op.f("adviser_ledger_adviser_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("adviser_ledger_pk")),
    )
    op.create_index("adviser_ledger_adviser_idx", "adviser_ledger", ["adviser", "day"], unique=False)
    op.create_table(
        "experts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False, comment="职称"),
        sa.Column("fields", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("level", sa.Text(), nullable=False, comment="national, province, city, county"),
        sa.Column("unit", sa.Text(), nullable=True, comment="code, where the unit is in the directory"),
        sa.Column("workplace", sa.Text(), server_default="", nullable=False),
        sa.Column("telephone", sa.Text(), server_default="", nullable=False),
        sa.Column("public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["hall", "unit"], ["units.hall", "units.code"], name=op.f("experts_hall_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("experts_pk")),
    )
    op.create_index("experts_hall_idx", "experts", ["hall"], unique=False)
    op.create_table(
        "directory_imports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the file"),
        sa.Column("whole", sa.Boolean(), nullable=False, comment="what the file does not name ended"),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("directory_imports_pk")),
    )
    op.create_index("directory_imports_hall_idx", "directory_imports", ["hall", "id"], unique=False)
    op.create_table(
        "directory_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False, comment="unit, person, adviser, expert"),
        sa.Column("key", sa.Text(), nullable=False, comment="a unit's code, else the id"),
        sa.Column("name", sa.Text(), nullable=False, comment="as it was called then"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False, comment="created, changed, ended, revived"),
        sa.Column(
            "before",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="of the fields that changed",
        ),
        sa.Column("after", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("load", sa.BigInteger(), nullable=True, comment="the import that did it"),
        sa.ForeignKeyConstraint(["load"], ["directory_imports.id"], name=op.f("directory_changes_load_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("directory_changes_pk")),
    )
    op.create_index(
        "directory_changes_load_idx",
        "directory_changes",
        ["load"],
        unique=False,
        postgresql_where=sa.text("load IS NOT NULL"),
    )
    op.create_index("directory_changes_thing_idx", "directory_changes", ["hall", "thing", "key", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("directory_changes")
    op.drop_table("directory_imports")
    op.drop_table("experts")
    op.drop_table("adviser_ledger")
    op.drop_table("village_advisers")
    op.drop_table("unit_people")
    op.drop_table("units")
