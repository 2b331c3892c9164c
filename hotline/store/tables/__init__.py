"""The one description of the database: SQLAlchemy metadata for Core, for the call path's own SQL and for Alembic.

Times are `timestamptz` (UTC inside, shown in Asia/Shanghai); days are plain `date`s in Asia/Shanghai. Personal data are
sealed (`bytea`, see `hotline.store.seal`) with a masked text beside them and a keyed index where they must be found.
"""

from __future__ import annotations

from hotline.store.tables.announcements import (
    ANNOUNCEMENT_REVISIONS,
    CALL_PLANS,
    NOTICES,
    PROMPT_VERSIONS,
    PROMPTS,
)
from hotline.store.tables.base import METADATA
from hotline.store.tables.callbacks import (
    CALLBACK_ATTEMPTS,
    CALLBACK_CALLS,
    CALLBACK_CHANGES,
    CALLBACKS,
    FOLLOWERS,
    FOLLOWERS_SET_ASIDE,
)
from hotline.store.tables.callers import CALLER_RULES, CONFLICTS
from hotline.store.tables.calls import CALLS, RECORDINGS
from hotline.store.tables.edges import EDGE_DELAYS, EDGE_MARKS
from hotline.store.tables.journal import JOURNAL, OUTBOX, RAW_EVENTS
from hotline.store.tables.people import ACCOUNT_TRIES, ACCOUNTS, AUDIT, IDEMPOTENCY_KEYS, SESSIONS
from hotline.store.tables.ratings import RATING_LINKS, RATINGS
from hotline.store.tables.reports import DAY_REPORTS, WRITER_GAPS
from hotline.store.tables.rosters import (
    DUTY_REQUIREMENTS,
    FIRMS,
    LAWYERS,
    SHIFT_CHANGES,
    SHIFT_PATTERNS,
    SHIFT_SWAPS,
    SHIFTS,
    SPECIAL_DAYS,
    TRAININGS,
)
from hotline.store.tables.seats import LEASES, SEAT_CHANGES, SEATS
from hotline.store.tables.tickets import CATEGORIES, CATEGORY_VERSIONS, TICKET_CHANGES, TICKETS

__all__ = [
    "ACCOUNTS",
    "ACCOUNT_TRIES",
    "ANNOUNCEMENT_REVISIONS",
    "AUDIT",
    "CALLBACKS",
    "CALLBACK_ATTEMPTS",
    "CALLBACK_CALLS",
    "CALLBACK_CHANGES",
    "CALLER_RULES",
    "CALLS",
    "CALL_PLANS",
    "CATEGORIES",
    "CATEGORY_VERSIONS",
    "CONFLICTS",
    "DAY_REPORTS",
    "DUTY_REQUIREMENTS",
    "EDGE_DELAYS",
    "EDGE_MARKS",
    "FIRMS",
    "FOLLOWERS",
    "FOLLOWERS_SET_ASIDE",
    "IDEMPOTENCY_KEYS",
    "JOURNAL",
    "LAWYERS",
    "LEASES",
    "METADATA",
    "NOTICES",
    "OUTBOX",
    "PROMPTS",
    "PROMPT_VERSIONS",
    "RATINGS",
    "RATING_LINKS",
    "RAW_EVENTS",
    "RECORDINGS",
    "SEATS",
    "SEAT_CHANGES",
    "SESSIONS",
    "SHIFTS",
    "SHIFT_CHANGES",
    "SHIFT_PATTERNS",
    "SHIFT_SWAPS",
    "SPECIAL_DAYS",
    "TICKETS",
    "TICKET_CHANGES",
    "TRAININGS",
    "WRITER_GAPS",
]
