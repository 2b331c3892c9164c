"""What is asked about a matter (事项) beside the ticket's own fields, and when must it be there?

The forms are data (`forms.toml`). Their edition is a hash of them: a ticket keeps the edition it was written under
(`editions.py`), and is read with it when the forms have changed since.
"""

from __future__ import annotations

import hashlib
import itertools
import tomllib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

import msgspec

from hotline.tickets.fields import Fault, cleaned
from hotline.tickets.matter import Matter

PREFIX: Final = "particulars."
"""Before a field's id, where it stands among the ticket's own fields."""
MAX_NUMBER: Final = 1_000_000_000

Value = str | bool | int
"""Texts, codes of choices, dates as ISO 8601; yes or no; whole numbers."""


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"
    YES_NO = "yes_no"
    NUMBER = "number"
    EXPERT = "expert"
    """An expert (专家) of the hall's pool, by number."""


class Before(StrEnum):
    """The steps that ask whether all is there."""

    DISPATCH = "dispatch"
    HAND_OVER = "hand_over"
    CLOSE = "close"


class Check(StrEnum):
    """What else must be true of a text, once it is needed."""

    ID_CARD = "id_card"
    """公民身份号码, GB 11643-1999: eighteen signs, the last one a checksum."""


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question."""

    id: str
    label: str
    kind: Kind
    most: int = 0
    """Signs of a text, the largest number; 0: as far as any."""
    choices: Mapping[str, str] = {}
    """Value → label."""
    personal: bool = False
    """Sealed in the database, masked where it is shown."""
    check: Check | None = None
    needed: frozenset[Before] = frozenset()
    norm: str = ""


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked about one matter."""

    norm: str = ""
    fields: tuple[Field, ...] = ()


class Forms(msgspec.Struct, frozen=True, kw_only=True):
    """One edition of all forms."""

    edition: str
    common: tuple[Field, ...]
    """Asked about every matter: special circumstances."""
    matters: Mapping[str, Form]

    def of(self, matter: str) -> tuple[Field, ...]:
        """The fields of a matter, the common ones first."""
        form = self.matters.get(matter)
        return self.common + (form.fields if form else ())

    def field(self, name: str) -> Field | None:
        """The field of that id, whichever matter it belongs to."""
        every = itertools.chain(self.common, *(form.fields for form in self.matters.values()))
        return next((each for each in every if each.id == name), None)


@cache
def shipped() -> Forms:
    """The forms that come along."""
    told = tomllib.loads(resources.files("hotline.matters").joinpath("forms.toml").read_text("utf-8"))
    edition = hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()[:12]
    return read({**told, "edition": edition})


def read(told: Mapping[str, object]) -> Forms:
    """Forms from plain values. Raises `msgspec.ValidationError`, `ValueError`."""
    forms = msgspec.convert(told, Forms)
    if unknown := set(forms.matters) - {each.value for each in Matter}:
        raise ValueError(f"no such matter: {sorted(unknown)}")
    every = [each.id for form in forms.matters.values() for each in form.fields] + [each.id for each in forms.common]
    if len(every) != len(set(every)):
        raise ValueError("a field's id stands twice")
    return forms


def clean(forms: Forms, sent: Mapping[str, Value | None]) -> tuple[dict[str, Value], list[Fault]]:
    """What was sent, cleaned, and what does not do at all. Emptied fields are `""`.

    What is written by halves does: a form saves itself while somebody types.
    """
    found: dict[str, Value] = {}
    faults: list[Fault] = []
    for name, value in sent.items():
        field = forms.field(name)
        if field is None:
            faults.append(Fault(field=PREFIX + name[:40], why="没有这一项。"))
        elif value is None or value == "":
            found[name] = ""
        elif why := _wrong(field, value):
            faults.append(Fault(field=PREFIX + name, why=why))
        else:
            found[name] = cleaned(value) if isinstance(value, str) else value
    return found, faults


def missing(forms: Forms, matter: str, values: Mapping[str, Value], before: Before) -> list[Fault]:
    """What must still be written before that step, and why."""
    found: list[Fault] = []
    for field in forms.of(matter):
        value = values.get(field.id, "")
        if before in field.needed and (value == "" or (isinstance(value, str) and not value.strip())):
            found.append(Fault(field=PREFIX + field.id, why=f"请填写“{field.label}”。"))
        elif field.check is Check.ID_CARD and before in field.needed and not is_id_card(str(value)):
            found.append(Fault(field=PREFIX + field.id, why=f"“{field.label}”的号码有误，请核对。"))
    return found


def written(field: Field, value: Value) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return field.choices.get(str(value), str(value))


def is_id_card(number: str) -> bool:
    """公民身份号码 (GB 11643-1999): form, date of birth and checksum (ISO 7064 MOD 11-2)."""
    text = number.strip().upper()
    if len(text) != 18 or not text[:17].isascii() or not text[:17].isdigit():
        return False
    try:
        date.fromisoformat(f"{text[6:10]}-{text[10:12]}-{text[12:14]}")
    except ValueError:
        return False
    total = sum(int(sign) * (2 ** (17 - place) % 11) for place, sign in enumerate(text[:17]))
    return "10X98765432"[total % 11] == text[17]


def masked(text: str) -> str:
    """A personal value as it is shown: enough to know it again."""
    if len(text) > 8:
        return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"
    return text[:1] + "*" * (len(text) - 1)


def _wrong(field: Field, value: Value) -> str:
    """Why a value cannot stand in the field; empty: it can."""
    match field.kind:
        case Kind.YES_NO:
            return "" if isinstance(value, bool) else "请选择是或否。"
        case Kind.NUMBER | Kind.EXPERT:
            most = field.most or MAX_NUMBER
            fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
            return "" if fits else f"请填写 0 到 {most} 的整数。"
        case Kind.TEXT:
            if not isinstance(value, str):
                return "请填写文字。"
            return f"不能超过 {field.most} 个字符（现在 {len(value)} 个）。" if len(value) > field.most else ""
        case Kind.CHOICE:
            return "" if value in field.choices else "请从所列各项中选择。"
        case Kind.DATE:
            return "" if isinstance(value, str) and _is_day(value) else "请填写日期。"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
