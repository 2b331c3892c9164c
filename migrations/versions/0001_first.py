"""The first schema.

Beside what the metadata say: what has been written into the journal and the audit trail stays as it is, and so do the
contents of raw events. Triggers see to it, statement by statement, so that they cost the call path nothing per row.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RAW_CONTENT = "hall, adapter, event_id, heard_at, at, type, call_key, fact_sealed, raw_sealed"


def upgrade() -> None:
    op.create_table(
        "account_tries",
        sa.Column("key", sa.Text(), nullable=False, comment="hall, work number and address of failed sign-ins"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("account_tries_pk")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("work_number", sa.Text(), nullable=False, comment="工号: digits"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False, comment="operator, supervisor, administrator, auditor"),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("must_change", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "groups", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_pk")),
        sa.UniqueConstraint("hall", "work_number", name=op.f("accounts_hall_work_number_key")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="without a gap within the hall"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("work_number", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False, comment="login, login_failed, reveal, playback, force_state, …"),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("result", sa.Text(), server_default="ok", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_pk")),
        sa.UniqueConstraint("hall", "seq", name=op.f("audit_hall_seq_key")),
    )
    op.create_index("audit_at_idx", "audit", ["hall", "at"], unique=False)
    op.create_table(
        "calls",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="the device's own id of the call"),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False, comment="journal events of this call so far"),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("caller_sealed", sa.LargeBinary(), nullable=True, comment="AEAD of the number"),
        sa.Column(
            "caller_index",
            sa.LargeBinary(),
            nullable=True,
            comment="keyed hash of the number: finds the same caller again",
        ),
        sa.Column("caller_masked", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("dialled", sa.Text(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="offered_at in Asia/Shanghai: the day the call counts for"),
        sa.Column("off_hook", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("wrong_keys", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("menu_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("groups", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("widened", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("widen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offers", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("offer", sa.Text(), nullable=True),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("ring_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("passed", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_seat", sa.Text(), nullable=True),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("music", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("recording", sa.Text(), nullable=True),
        sa.Column("leaving", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.Column("inferred", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("backfilled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("hall"), "="),
            (sa.column("seat"), "="),
            where=sa.text("state IN ('ringing', 'talking', 'held') AND seat IS NOT NULL AND handling = 'hall'"),
            deferrable=True,
            initially="DEFERRED",
            using="btree",
            name="calls_one_live_call_per_seat",
        ),
        sa.CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name=op.f("calls_ended_check")),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name=op.f("calls_outcome_check")),
        sa.CheckConstraint(
            "queued_at >= offered_at AND rung_at >= offered_at AND answered_at >= offered_at AND ended_at >= offered_at"
            " AND answered_at >= rung_at AND ended_at >= answered_at",
            name=op.f("calls_time_order_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("calls_pk")),
        sa.UniqueConstraint("adapter", "key", "hall", name=op.f("calls_adapter_key_hall_key")),
    )
    op.create_index("calls_caller_idx", "calls", ["hall", "caller_index", "offered_at"], unique=False)
    op.create_index("calls_day_idx", "calls", ["hall", "day", "offered_at"], unique=False)
    op.create_index("calls_live_idx", "calls", ["hall"], unique=False, postgresql_where=sa.text("state <> 'ended'"))
    op.create_index("calls_ticket_idx", "calls", ["ticket"], unique=True)
    op.create_table(
        "category_versions",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("category_versions_pk")),
    )
    op.create_table(
        "day_reports",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="final, or provisional while calls of the day are live"),
        sa.Column("measures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the canonical measures"),
        sa.Column("xlsx", sa.Text(), nullable=True, comment="path below the state directory"),
        sa.PrimaryKeyConstraint("hall", "day", name=op.f("day_reports_pk")),
    )
    op.create_table(
        "hall_leases",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False, comment="rises with each writer; compared in every commit"),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "seq",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="last journal number of the hall",
        ),
        sa.Column("next_call", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("day", sa.Text(), server_default="0001-01-01", nullable=False),
        sa.Column("next_ticket", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("hall", name=op.f("hall_leases_pk")),
    )
    op.create_table(
        "journal",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="without a gap within the hall"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False, comment="the writer that wrote it"),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=True),
        sa.Column("call_seq", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("hall", "seq", name=op.f("journal_pk")),
    )
    op.create_index("journal_at_idx", "journal", ["at"], unique=False, postgresql_using="brin")
    op.create_index(
        "journal_call_idx",
        "journal",
        ["call", "call_seq"],
        unique=True,
        postgresql_where=sa.text("call IS NOT NULL AND call_seq > 0"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="stable across retries; deliveries of one key keep their order"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pk")),
    )
    op.create_index(
        "outbox_pending_idx", "outbox", ["bridge", "id"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_table(
        "raw_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("call_key", sa.Text(), nullable=True),
        sa.Column("fact_sealed", sa.LargeBinary(), nullable=True, comment="the decoded fact, sealed JSON"),
        sa.Column(
            "raw_sealed", sa.LargeBinary(), nullable=True, comment="the bytes as they came, where they were pushed"
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="pending, applied, set_aside"),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("raw_events_pk")),
        sa.UniqueConstraint("adapter", "event_id", "hall", name=op.f("raw_events_adapter_event_id_hall_key")),
    )
    op.create_index("raw_events_call_idx", "raw_events", ["adapter", "call_key"], unique=False)
    op.create_index("raw_events_heard_idx", "raw_events", ["heard_at"], unique=False, postgresql_using="brin")
    op.create_index(
        "raw_events_pending_idx",
        "raw_events",
        ["hall", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "seat_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("actor", sa.Text(), server_default="", nullable=False),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("call", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("seat_changes_pk")),
    )
    op.create_index("seat_changes_seat_idx", "seat_changes", ["hall", "seat", "at"], unique=False)
    op.create_table(
        "seats",
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("groups", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("actor", sa.Text(), server_default="", nullable=False),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("work_number", sa.Text(), server_default="", nullable=False),
        sa.Column("operator_name", sa.Text(), server_default="", nullable=False),
        sa.Column("phone_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("call", sa.Text(), nullable=True),
        sa.Column("offer", sa.Text(), nullable=True),
        sa.Column("misses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_state", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("before_missing", sa.Text(), nullable=True),
        sa.Column("here", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("wrap_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idle_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("hall"), "="),
            (sa.column("call"), "="),
            where=sa.text("state IN ('ringing', 'talking') AND call IS NOT NULL"),
            deferrable=True,
            initially="DEFERRED",
            using="btree",
            name="seats_one_live_seat_per_call",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("hall"), "="),
            (sa.column("extension"), "="),
            deferrable=True,
            initially="DEFERRED",
            using="btree",
            name="seats_one_per_extension",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("hall"), "="),
            (sa.column("operator"), "="),
            where=sa.text("operator IS NOT NULL"),
            deferrable=True,
            initially="DEFERRED",
            using="btree",
            name="seats_one_per_operator",
        ),
        sa.PrimaryKeyConstraint("hall", "number", name=op.f("seats_pk")),
    )
    op.create_table(
        "ticket_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False, comment="saved, closed, reopened, quick_closed"),
        sa.Column(
            "fields",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="names of the fields that changed, never their contents",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_changes_pk")),
    )
    op.create_index("ticket_changes_ticket_idx", "ticket_changes", ["ticket", "version"], unique=False)
    op.create_table(
        "writer_gaps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="writer (no writer ran) or link (an adapter was down)"),
        sa.Column("adapter", sa.Text(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("writer_gaps_pk")),
    )
    op.create_index("writer_gaps_hall_idx", "writer_gaps", ["hall", "began_at"], unique=False)
    op.create_table(
        "categories",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("external_code", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["category_versions.version"], name=op.f("categories_version_fk")),
        sa.PrimaryKeyConstraint("version", "code", name=op.f("categories_pk")),
    )
    op.create_table(
        "recordings",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("missing", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("recordings_call_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("recordings_pk")),
        sa.UniqueConstraint("call", "name", name=op.f("recordings_call_name_key")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False, comment="method and path"),
        sa.Column("key", sa.Text(), nullable=False, comment="the header Idempotency-Key"),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False, comment="SHA-256"),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=False, comment="may hold an initial password"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("idempotency_keys_account_fk")),
        sa.PrimaryKeyConstraint("account", "route", "key", name=op.f("idempotency_keys_pk")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie's value"),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("sessions_account_fk")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("sessions_pk")),
    )
    op.create_index("sessions_account_idx", "sessions", ["account"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("number", sa.Text(), nullable=False, comment="HALL-YYYYMMDD-NNNNNN"),
        sa.Column("hall", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), server_default="phone", nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column(
            "version",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="rises with each saved change: ETag",
        ),
        sa.Column("seat", sa.Text(), nullable=True, comment="the seat that answered"),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("caller_index", sa.LargeBinary(), nullable=True),
        sa.Column("caller_masked", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("caller_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True, comment="another number to reach the caller at"),
        sa.Column("contact_masked", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "id_refused",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="refused to give the name",
        ),
        sa.Column("secrecy", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="要求保密"),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("gender", sa.Text(), server_default="", nullable=False),
        sa.Column("special_group", sa.Text(), server_default="", nullable=False),
        sa.Column("minor_involved", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("matter", sa.Text(), server_default="", nullable=False, comment="业务类型"),
        sa.Column("category", sa.Text(), server_default="", nullable=False),
        sa.Column("category_version", sa.Integer(), nullable=True),
        sa.Column("urgency", sa.Text(), server_default="normal", nullable=False),
        sa.Column("facts", sa.Text(), server_default="", nullable=False),
        sa.Column("claim", sa.Text(), server_default="", nullable=False),
        sa.Column("opinion", sa.Text(), server_default="", nullable=False, comment="答复意见"),
        sa.Column("legal_basis", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "legal_aid_told", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="法律援助法 §23"
        ),
        sa.Column("quick_close", sa.Text(), server_default="", nullable=False, comment="wrong_number, silence, prank"),
        sa.Column("no_category_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column(
            "words",
            postgresql.TSVECTOR(),
            nullable=True,
            comment="character bigrams of facts, claim, opinion, legal basis",
        ),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("tickets_call_fk")),
        sa.PrimaryKeyConstraint("number", name=op.f("tickets_pk")),
        sa.UniqueConstraint("call", name=op.f("tickets_call_key")),
    )
    op.create_index("tickets_caller_idx", "tickets", ["hall", "caller_index", "created_at"], unique=False)
    op.create_index("tickets_category_idx", "tickets", ["hall", "category", "day"], unique=False)
    op.create_index("tickets_day_idx", "tickets", ["hall", "day", "number"], unique=False)
    op.create_index("tickets_operator_idx", "tickets", ["hall", "operator", "created_at"], unique=False)
    op.create_index(
        "tickets_words_idx",
        "tickets",
        ["words"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("words IS NOT NULL"),
    )
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% of % is not allowed', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
        END
        $$
        """
    )
    for table in ("journal", "audit"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER raw_events_kept BEFORE DELETE OR TRUNCATE ON raw_events"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER raw_events_unchanged BEFORE UPDATE OF {RAW_CONTENT} ON raw_events"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    for table in (
        "tickets",
        "idempotency_keys",
        "sessions",
        "recordings",
        "categories",
        "writer_gaps",
        "ticket_changes",
        "seats",
        "seat_changes",
        "raw_events",
        "outbox",
        "journal",
        "hall_leases",
        "day_reports",
        "category_versions",
        "calls",
        "audit",
        "accounts",
        "account_tries",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change")
