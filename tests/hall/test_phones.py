"""With what may somebody sign in, so that a line of the hall rings it? (`GET /hall`: `phones`.)"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.telephony import Ability, PhoneKind, Reach, TelephonyAdapter
from hotline.hall.reach import phones

RINGS = frozenset({Ability.RINGS_SEATS})
DESK, BROWSER, MOBILE, SIMULATED = PhoneKind.DESK, PhoneKind.BROWSER, PhoneKind.MOBILE, PhoneKind.SIMULATED


def line(abilities: frozenset[Ability] = RINGS, **more: Any) -> TelephonyAdapter:
    return cast("TelephonyAdapter", SimpleNamespace(abilities=abilities, **more))


def reaching(reach: Mapping[int | None, Reach], **more: Any) -> TelephonyAdapter:
    return line(reach=reach, **more)


def account(extension: str) -> object | None:
    """Only 8001 has one."""
    return object() if extension == "8001" else None


BOX = line(frozenset({Ability.BY_HAND}))
MODEM = reaching({1: Reach(kinds=frozenset({DESK}), extensions=frozenset({"8002"})), None: Reach(kinds=frozenset())})
BARE_MODEM = reaching({1: Reach(kinds=frozenset({DESK}), extensions=frozenset())})
PBX = reaching({None: Reach(kinds=frozenset({BROWSER, DESK, MOBILE}))}, browser_account=account)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((), set[PhoneKind]()),
        ((BOX,), {DESK}),
        ((MODEM,), {DESK}),
        ((BARE_MODEM,), set[PhoneKind]()),
        ((BOX, MODEM, PBX), {BROWSER, DESK, MOBILE}),
        ((line(),), {DESK, SIMULATED}),
        ((line(frozenset(Ability)),), {DESK, SIMULATED, MOBILE}),
    ],
    ids=["no-line", "box", "modem", "modem-without-telephone", "pbx", "does-not-say", "does-not-say-but-dials"],
)
def test_one_line_that_rings_it_is_enough(lines: tuple[TelephonyAdapter, ...], found: set[PhoneKind]) -> None:
    assert phones(lines, ["8001", "8002"]) == found


def test_a_browser_needs_an_account_for_one_of_the_desks() -> None:
    assert BROWSER not in phones([PBX], ["8002"])
    assert BROWSER not in phones([PBX], [])
