"""The one description of the database: SQLAlchemy metadata for Core, for the call path's own SQL and for Alembic.

Times are `timestamptz` (UTC inside, shown in Asia/Shanghai); days are plain `date`s in Asia/Shanghai. Personal data are
sealed (`bytea`, see `hotline.store.seal`) with a masked text beside them and a keyed index where they must be found.
"""

from __future__ import annotations

from hotline.store.tables.base import METADATA
from hotline.store.tables.calls import CALLS, RECORDINGS
from hotline.store.tables.journal import JOURNAL, OUTBOX, RAW_EVENTS
from hotline.store.tables.people import ACCOUNT_TRIES, ACCOUNTS, AUDIT, IDEMPOTENCY_KEYS, SESSIONS
from hotline.store.tables.reports import DAY_REPORTS, WRITER_GAPS
from hotline.store.tables.seats import LEASES, SEAT_CHANGES, SEATS
from hotline.store.tables.tickets import CATEGORIES, CATEGORY_VERSIONS, TICKET_CHANGES, TICKETS

__all__ = [
    "ACCOUNTS",
    "ACCOUNT_TRIES",
    "AUDIT",
    "CALLS",
    "CATEGORIES",
    "CATEGORY_VERSIONS",
    "DAY_REPORTS",
    "IDEMPOTENCY_KEYS",
    "JOURNAL",
    "LEASES",
    "METADATA",
    "OUTBOX",
    "RAW_EVENTS",
    "RECORDINGS",
    "SEATS",
    "SEAT_CHANGES",
    "SESSIONS",
    "TICKETS",
    "TICKET_CHANGES",
    "WRITER_GAPS",
]
