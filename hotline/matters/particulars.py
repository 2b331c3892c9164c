"""What stands on a ticket about its matter (事项)? Read, and written field by field; personal values sealed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Row

from hotline.matters.duties import About
from hotline.matters.forms import PREFIX, Value, clean, masked, shipped
from hotline.store.seal import Seal, place
from hotline.tickets.fields import Fault

_COLUMN = "particulars_sealed"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What a save comes to."""

    columns: Mapping[str, Any]
    """Of the ticket's row; empty: nothing changed."""
    changed: frozenset[str]
    """Names as the list of changes shows them."""
    faults: tuple[Fault, ...] = ()


def every(seal: Seal, row: Row[Any]) -> dict[str, Value]:
    """All values of a ticket, personal ones in full."""
    return {**row.particulars, **personal(seal, row)}


def shown(seal: Seal, row: Row[Any]) -> dict[str, Value]:
    """All values of a ticket, personal ones masked."""
    return {**row.particulars, **{name: masked(text) for name, text in personal(seal, row).items()}}


def personal(seal: Seal, row: Row[Any]) -> dict[str, str]:
    """The personal values in full."""
    blob = row.particulars_sealed
    if blob is None:
        return {}
    return msgspec.json.decode(seal.open_bytes(bytes(blob), place("tickets", _COLUMN, row.number)), type=dict[str, str])


def write(seal: Seal, row: Row[Any], sent: Mapping[str, Value | None]) -> Written:
    """The fields that were sent on top of those that are there; what is emptied goes.

    The desk shows personal values masked, and may send back what it shows: that changes nothing.
    """
    values, faults = clean(shipped(), sent)
    if faults:
        return Written(columns={}, changed=frozenset(), faults=tuple(faults))
    plain, secret = dict(row.particulars), personal(seal, row)
    changed: set[str] = set()
    for name, value in values.items():
        field = shipped().field(name)
        mine: dict[str, Any] = secret if field is not None and field.personal else plain
        before = mine.get(name, "")
        if (type(value), value) == (type(before), before) or (mine is secret and value == masked(str(before))):
            continue
        if mine is secret and "*" in str(value):
            faults.append(Fault(field=PREFIX + name, why="显示的是脱敏内容，修改时请完整填写。"))
            continue
        changed.add(PREFIX + name)
        if value == "":
            mine.pop(name)
        else:
            mine[name] = value
    if faults:
        return Written(columns={}, changed=frozenset(), faults=tuple(faults))
    if not changed:
        return Written(columns={}, changed=frozenset())
    sealed = seal.seal_bytes(msgspec.json.encode(secret), place("tickets", _COLUMN, row.number)) if secret else None
    return Written(columns={"particulars": plain, _COLUMN: sealed}, changed=frozenset(changed))


def about(row: Row[Any]) -> About:
    """What of a ticket its duties follow from; none of it is sealed."""
    return About(special_group=row.special_group, minor_involved=row.minor_involved, values=row.particulars)
