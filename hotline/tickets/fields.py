"""What may the desk write on a ticket, and how much of it?"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from hotline.tickets.matter import Gender, Matter, SpecialGroup, Urgency
from hotline.tickets.ticket import TicketState

MAX_LENGTHS: Final[Mapping[str, int]] = {
    "caller_name": 64,
    "contact": 40,
    "counterparty_name": 64,
    "counterparty_contact": 40,
    "region": 64,
    "facts": 10_000,
    "claim": 5_000,
    "opinion": 10_000,
    "legal_basis": 5_000,
    "no_category_reason": 200,
}
"""In characters, after cleaning."""
SEARCHED: Final = ("facts", "claim", "opinion", "legal_basis")
"""The texts that a search looks through."""

_KEPT_CONTROLS: Final = frozenset("\n\t")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that changed on the desk; what is unset stays as it is."""

    caller_name: str | UnsetType = UNSET
    contact: str | UnsetType = UNSET
    """Another number to reach the caller at."""
    counterparty_name: str | UnsetType = UNSET
    """对方当事人: the other side of the dispute."""
    counterparty_contact: str | UnsetType = UNSET
    """对方电话: keeps a lawyer from advising both sides (see `hotline.callers.conflicts`)."""
    id_refused: bool | UnsetType = UNSET
    secrecy: bool | UnsetType = UNSET
    region: str | UnsetType = UNSET
    gender: Gender | UnsetType | None = UNSET
    special_group: SpecialGroup | UnsetType | None = UNSET
    minor_involved: bool | UnsetType = UNSET
    matter: Matter | UnsetType | None = UNSET
    particulars: Mapping[str, str | bool | int | None] | UnsetType = UNSET
    """Of the matter: those that changed, by id (`hotline.matters.forms`)."""
    category: str | UnsetType = UNSET
    urgency: Urgency | UnsetType = UNSET
    facts: str | UnsetType = UNSET
    claim: str | UnsetType = UNSET
    opinion: str | UnsetType = UNSET
    legal_basis: str | UnsetType = UNSET
    legal_aid_told: bool | UnsetType = UNSET
    no_category_reason: str | UnsetType = UNSET


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as its readers see it: numbers masked, names in full."""

    number: str
    hall: str
    call: str | None
    channel: str
    state: TicketState
    version: int
    created_at: datetime
    seat: str | None
    operator: str | None
    operator_name: str
    caller: str
    """Masked."""
    outcome: str | None
    their_id: str
    """The province's id of the call; empty where it has none."""
    caller_name: str
    contact: str
    """Masked."""
    counterparty_name: str
    counterparty_contact: str
    """Masked."""
    id_refused: bool
    secrecy: bool
    region: str
    gender: str
    special_group: str
    minor_involved: bool
    matter: str
    particulars: Mapping[str, str | bool | int]
    """Personal ones masked."""
    particulars_edition: str
    """Of the forms they were written with; empty: none was written."""
    category: str
    category_label: str
    category_version: int | None
    urgency: str
    facts: str
    claim: str
    opinion: str
    legal_basis: str
    legal_aid_told: bool
    quick_close: str
    no_category_reason: str
    saved_at: datetime | None
    saved_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    unit: str
    """承办单位: code of the unit that has it, or answered it last."""
    result: str
    """办理结果."""
    due_at: datetime | None
    times_returned: int
    times_reopened: int
    times_urged: int
    supervised: bool
    merged_into: str | None
    ended_reason: str
    case_file: str
    """卷宗号."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A field that does not do, and why, in Chinese."""

    field: str
    why: str


def changes(draft: Draft) -> dict[str, Any]:
    """The fields that were sent, cleaned: empty choice → empty text, control signs out, NFC."""
    found: dict[str, Any] = {}
    for name in draft.__struct_fields__:
        value = getattr(draft, name)
        if value is UNSET:
            continue
        if value is None:
            value = ""
        found[name] = cleaned(value) if type(value) is str else value
    return found


def cleaned(text: str) -> str:
    """Composed signs, plain line ends, no control signs: pasted garbage must not lose a lawyer's text."""
    composed = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        sign for sign in composed if sign in _KEPT_CONTROLS or unicodedata.category(sign) not in ("Cc", "Cs")
    )


def too_long(fields: Mapping[str, Any]) -> list[Fault]:
    """The texts that are longer than they may be."""
    return [
        Fault(field=name, why=f"不能超过 {most} 个字符（现在 {len(fields[name])} 个）。")
        for name, most in MAX_LENGTHS.items()
        if len(fields.get(name, "")) > most
    ]
