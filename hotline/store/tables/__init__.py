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
from hotline.store.tables.directory import (
    ADVISER_LEDGER,
    ADVISERS,
    DIRECTORY_CHANGES,
    DIRECTORY_IMPORTS,
    EXPERTS,
    UNIT_PEOPLE,
    UNITS,
)
from hotline.store.tables.edges import EDGE_DELAYS, EDGE_MARKS
from hotline.store.tables.handling import (
    CASE_FILES,
    DEADLINES,
    DISPATCHES,
    FOLLOW_UPS,
    TICKET_REQUESTS,
    TICKET_STEPS,
)
from hotline.store.tables.handovers import (
    FIGURES_UPWARD,
    HANDOVER_COMPARISONS,
    HANDOVER_DIFFERENCES,
    HANDOVER_EVENTS,
    HANDOVER_NEWS,
    HANDOVERS,
    INCOMING_CASES,
)
from hotline.store.tables.incidents import INCIDENT_PLANS, INCIDENT_STEPS, INCIDENTS
from hotline.store.tables.journal import JOURNAL, RAW_EVENTS
from hotline.store.tables.knowledge import (
    KNOWLEDGE_FEEDBACK,
    KNOWLEDGE_ITEMS,
    KNOWLEDGE_STEPS,
    KNOWLEDGE_VERSIONS,
    SAVED_VIEWS,
)
from hotline.store.tables.matters import AID_APPLICATIONS, MATTER_EDITIONS, TICKET_DUTIES
from hotline.store.tables.messages import (
    MESSAGE_RECEIPTS,
    MESSAGE_REFUSALS,
    MESSAGE_TEMPLATES,
    MESSAGES,
    PROGRESS_CODES,
)
from hotline.store.tables.network import NETWORK_NEWS, NETWORK_REQUESTS
from hotline.store.tables.openness import OPEN_SERVICES
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
    "ADVISERS",
    "ADVISER_LEDGER",
    "AID_APPLICATIONS",
    "ANNOUNCEMENT_REVISIONS",
    "AUDIT",
    "CALLBACKS",
    "CALLBACK_ATTEMPTS",
    "CALLBACK_CALLS",
    "CALLBACK_CHANGES",
    "CALLER_RULES",
    "CALLS",
    "CALL_PLANS",
    "CASE_FILES",
    "CATEGORIES",
    "CATEGORY_VERSIONS",
    "CONFLICTS",
    "DAY_REPORTS",
    "DEADLINES",
    "DIRECTORY_CHANGES",
    "DIRECTORY_IMPORTS",
    "DISPATCHES",
    "DUTY_REQUIREMENTS",
    "EDGE_DELAYS",
    "EDGE_MARKS",
    "EXPERTS",
    "FIGURES_UPWARD",
    "FIRMS",
    "FOLLOWERS",
    "FOLLOWERS_SET_ASIDE",
    "FOLLOW_UPS",
    "HANDOVERS",
    "HANDOVER_COMPARISONS",
    "HANDOVER_DIFFERENCES",
    "HANDOVER_EVENTS",
    "HANDOVER_NEWS",
    "IDEMPOTENCY_KEYS",
    "INCIDENTS",
    "INCIDENT_PLANS",
    "INCIDENT_STEPS",
    "INCOMING_CASES",
    "JOURNAL",
    "KNOWLEDGE_FEEDBACK",
    "KNOWLEDGE_ITEMS",
    "KNOWLEDGE_STEPS",
    "KNOWLEDGE_VERSIONS",
    "LAWYERS",
    "LEASES",
    "MATTER_EDITIONS",
    "MESSAGES",
    "MESSAGE_RECEIPTS",
    "MESSAGE_REFUSALS",
    "MESSAGE_TEMPLATES",
    "METADATA",
    "NETWORK_NEWS",
    "NETWORK_REQUESTS",
    "NOTICES",
    "OPEN_SERVICES",
    "PROGRESS_CODES",
    "PROMPTS",
    "PROMPT_VERSIONS",
    "RATINGS",
    "RATING_LINKS",
    "RAW_EVENTS",
    "RECORDINGS",
    "SAVED_VIEWS",
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
    "TICKET_DUTIES",
    "TICKET_REQUESTS",
    "TICKET_STEPS",
    "TRAININGS",
    "UNITS",
    "UNIT_PEOPLE",
    "WRITER_GAPS",
]
