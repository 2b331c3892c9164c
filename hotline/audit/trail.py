"""Who looked at what, and who changed what: a chain that shows when a link was altered.

Every entry holds the hash of the one before: SHA-256(previous ‖ canonical entry), one chain per hall, numbered without
a gap. It is written in the transaction of the act itself, or before an act that is the hall's: an act that cannot be
recorded does not happen. The chain
alone does not see a cut-off tail or a complete rewrite; keep its head (`head`) somewhere else now and then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.store.tables import AUDIT

GENESIS: Final = bytes(32)
"""The hash before the first entry."""
BATCH: Final = 1000
"""Entries that `verify_chain` holds at a time."""
MAX_TEXT: Final = 500

Plain = str | int | bool | None


class Act(StrEnum):
    """What is recorded."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    PASSWORD_CHANGED = "password_changed"
    REVEAL = "reveal"
    """The full number of a caller was shown."""
    PLAYBACK = "playback"
    FORCE_STATE = "force_state"
    MONITORED = "monitored"
    TOOK_OVER = "took_over"
    FORCE_RELEASED = "force_released"
    BREAK_DECIDED = "break_decided"
    DIALLED = "dialled"
    EMERGENCY = "emergency"
    SEAT_DEFINED = "seat_defined"
    ACCOUNT_CREATED = "account_created"
    ACCOUNT_CHANGED = "account_changed"
    PASSWORD_RESET = "password_reset"
    TICKET_VIEW = "ticket_view"
    """A ticket whose caller asked for secrecy was opened."""
    TICKET_REOPENED = "ticket_reopened"
    CATEGORIES_IMPORTED = "categories_imported"
    CALLBACK_TAKEN = "callback_taken"
    CALLBACK_RELEASED = "callback_released"
    CALLBACK_ASSIGNED = "callback_assigned"
    CALLBACK_DIALLED = "callback_dialled"
    """The number of a call-back task was opened for the line; nobody saw it."""
    CALLBACK_HEARD = "callback_heard"
    """The messages of a task were marked as listened to."""
    CALLBACK_NOT_THEM = "callback_not_them"
    CALLBACK_DONE = "callback_done"
    CALLBACK_CLOSED = "callback_closed"
    PROMPT_CHANGED = "prompt_changed"
    """An announcement was uploaded, restored, renamed or removed."""
    PLAN_CHANGED = "plan_changed"
    """The call plan has a new version."""
    NOTICE_CHANGED = "notice_changed"
    NOTICE_SWITCHED = "notice_switched"
    RATING_TAKEN = "rating_taken"
    """A caller rated on the phone, afterwards."""
    RATING_LINK = "rating_link"
    """A link to rate by was made and shown."""
    RATING_VIEW = "rating_view"
    """What a caller wrote or said with a rating was opened."""
    RATING_FOLLOWED = "rating_followed"
    CALLER_RULE_ASKED = "caller_rule_asked"
    CALLER_RULE_MADE = "caller_rule_made"
    CALLER_RULE_APPROVED = "caller_rule_approved"
    CALLER_RULE_DECLINED = "caller_rule_declined"
    CALLER_RULE_REVIEWED = "caller_rule_reviewed"
    CALLER_RULE_ENDED = "caller_rule_ended"
    CONFLICT_ENDED = "conflict_ended"
    LINE_TRACE = "line_trace"
    """The bytes that a line sent were looked at, numbers masked."""
    EXPORT = "export"
    FIRM_CHANGED = "firm_changed"
    LAWYER_CHANGED = "lawyer_changed"
    """Licence, suspension, firm, mobile number."""
    TRAINING_NOTED = "training_noted"
    SHIFT_CHANGED = "shift_changed"
    ROSTER_GENERATED = "roster_generated"
    ROSTER_IMPORTED = "roster_imported"
    PATTERN_CHANGED = "pattern_changed"
    REQUIREMENTS_CHANGED = "requirements_changed"
    CALENDAR_CHANGED = "calendar_changed"
    SWAP_ASKED = "swap_asked"
    SWAP_ANSWERED = "swap_answered"
    SWAP_DECIDED = "swap_decided"
    SIGNED_IN_OFF_ROSTER = "signed_in_off_roster"
    DUTY_RECORDED = "duty_recorded"
    """What was done about a duty of the law, or why nothing was to be done."""
    AID_DECIDED = "aid_decided"
    """An application for legal aid was granted or refused."""
    HANDED_OVER = "handed_over"
    """Personal data went to another receiver, on the legal basis that is named."""
    HANDOVER_SETTLED = "handover_settled"
    HANDOVER_PRINTED = "handover_printed"
    MESSAGE_SENT = "message_sent"
    """A person had a message (短信) sent to a citizen."""
    MESSAGE_VIEW = "message_view"
    """The text of a message was opened; its codes stay hidden."""
    MESSAGE_SETTLED = "message_settled"
    MESSAGE_CONSENT = "message_consent"
    """Whether a number gets messages was changed."""
    MESSAGE_TEMPLATE_CHANGED = "message_template_changed"
    GUIDANCE_PRINTED = "guidance_printed"
    """A guidance sheet (指引单) was made, with a code to ask progress by."""
    DIRECTORY_CHANGED = "directory_changed"
    """An office, one of its people, a village adviser or an expert."""
    DIRECTORY_IMPORTED = "directory_imported"
    KNOWLEDGE_CHANGED = "knowledge_changed"
    """An item of the knowledge base was saved, reviewed, published, checked or withdrawn."""
    KNOWLEDGE_IMPORTED = "knowledge_imported"
    CASE_MADE = "case_made"
    """A closed ticket became a draft case; its text was read for that."""
    NUMBER_SEARCHED = "number_searched"
    """Calls and tickets were looked for by somebody's number."""

    NETWORK_FILED = "network_filed"
    """A platform filed a consultation or an application for a citizen."""
    NETWORK_SUPPLEMENTED = "network_supplemented"
    NETWORK_WITHDRAWN = "network_withdrawn"
    NETWORK_RATED = "network_rated"

    REPORT_FORM_CHANGED = "report_form_changed"
    OPENNESS_CHANGED = "openness_changed"
    """What is published about the services has a new version."""
    INCIDENT_BEGUN = "incident_begun"
    INCIDENT_STEP = "incident_step"
    INCIDENT_REPORTED = "incident_reported"
    INCIDENT_ENDED = "incident_ended"
    INCIDENT_VIEW = "incident_view"
    """The report of an incident was opened or printed."""
    INCIDENT_PLAN_CHANGED = "incident_plan_changed"


class Doer(msgspec.Struct, frozen=True, kw_only=True):
    """Who did it, and from where."""

    account: str
    work_number: str
    address: str = ""


SYSTEM: Final = Doer(account="system", work_number="system")
NOBODY: Final = "-"
"""The account of a sign-in that failed."""


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """Where a chain does not hold."""

    hall: str
    seq: int
    why: str
    """gap, previous or hash"""


async def record(
    conn: AsyncConnection,
    *,
    hall: str,
    doer: Doer,
    act: Act,
    object: str,
    at: datetime,
    reason: str = "",
    result: str = "ok",
    data: Mapping[str, Plain] | None = None,
) -> int:
    """Appends an entry within the caller's transaction; its number.

    `result`: ok; asked (the hall is about to do it; nothing more follows when it does), then refused or in_doubt when
    it did not. Make it the last statement: the hall's chain is locked until the transaction ends.
    """
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"audit:{hall}", 0))))
    newest = select(AUDIT.c.seq, AUDIT.c.hash).where(AUDIT.c.hall == hall).order_by(AUDIT.c.seq.desc()).limit(1)
    last = (await conn.execute(newest)).one_or_none()
    entry: dict[str, Any] = {
        "hall": hall,
        "seq": 1 if last is None else last.seq + 1,
        "at": at.astimezone(UTC),
        "account": doer.account,
        "work_number": doer.work_number,
        "act": act.value,
        "object": object[:MAX_TEXT],
        "reason": reason[:MAX_TEXT],
        "result": result,
        "address": doer.address,
        "data": dict(data or {}),
    }
    previous = GENESIS if last is None else bytes(last.hash)
    await conn.execute(insert(AUDIT).values(**entry, previous=previous, hash=_link(previous, entry)))
    return entry["seq"]


async def head(conn: AsyncConnection, hall: str) -> tuple[int, bytes]:
    """Number and hash of the newest entry: what to keep elsewhere. `(0, GENESIS)` when there is none."""
    newest = select(AUDIT.c.seq, AUDIT.c.hash).where(AUDIT.c.hall == hall).order_by(AUDIT.c.seq.desc()).limit(1)
    last = (await conn.execute(newest)).one_or_none()
    return (0, GENESIS) if last is None else (last.seq, bytes(last.hash))


async def verify_chain(conn: AsyncConnection, hall: str) -> Broken | None:
    """Recomputes a hall's chain from its first entry; the first place where it does not hold."""
    expected, previous = 1, GENESIS
    while True:
        rows = (
            await conn.execute(
                select(AUDIT).where(AUDIT.c.hall == hall, AUDIT.c.seq >= expected).order_by(AUDIT.c.seq).limit(BATCH)
            )
        ).all()
        for row in rows:
            entry = dict(row._mapping)
            if row.seq != expected:
                return Broken(hall=hall, seq=expected, why="gap")
            if bytes(row.previous) != previous:
                return Broken(hall=hall, seq=expected, why="previous")
            if bytes(row.hash) != _link(previous, entry):
                return Broken(hall=hall, seq=expected, why="hash")
            previous, expected = bytes(row.hash), expected + 1
        if len(rows) < BATCH:
            return None


_FIELDS: Final = (
    "hall",
    "seq",
    "at",
    "account",
    "work_number",
    "act",
    "object",
    "reason",
    "result",
    "address",
    "data",
)


def _link(previous: bytes, entry: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(previous + _canonical(entry)).digest()


def _canonical(entry: Mapping[str, Any]) -> bytes:
    """One text for one meaning: fixed fields, sorted keys, no spaces, UTF-8, times in UTC with microseconds."""
    plain = {name: entry[name] for name in _FIELDS}
    plain["at"] = entry["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
