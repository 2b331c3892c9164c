"""Which phones can each line of a hall ring? From what the adapters say of themselves, taken together.

A desk telephone that one line names as its own (the one beside a modem, on a card's station port) hangs there, and not
on a line that takes any extension.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from adapters.telephony import (
    Ability,
    AdapterName,
    HasSoftphones,
    PhoneKind,
    Reach,
    Reaches,
    TelephonyAdapter,
)
from seats.seat import Seat

Reached = Mapping[int | None, Reach]
"""What the ports of one line ring; under None: those that are not named."""


def reached(lines: Mapping[AdapterName, TelephonyAdapter]) -> dict[AdapterName, Reached]:
    """What each line of one hall rings. A line that does not say is left out: it may ring every phone."""
    said = {name: line.reach for name, line in lines.items() if isinstance(line, Reaches) and line.reach}
    named = frozenset(
        extension
        for ports in said.values()
        for each in ports.values()
        if each.extensions is not None and PhoneKind.DESK in each.kinds
        for extension in each.extensions
    )
    return {name: {port: _without(each, named) for port, each in ports.items()} for name, ports in said.items()}


def phones(lines: Iterable[TelephonyAdapter], extensions: Iterable[str]) -> frozenset[PhoneKind]:
    """What somebody at one of these extensions may sign in with, so that at least one of the lines rings it.

    A browser needs an account besides. A line that only tells of its calls stands beside a telephone on the desk.
    """
    lines = tuple(lines)
    found = frozenset[PhoneKind]().union(*(_rung_by(line) for line in lines))
    soft = [line for line in lines if isinstance(line, HasSoftphones)]
    if any(line.browser_account(each) is not None for each in extensions for line in soft):
        return found
    return found - {PhoneKind.BROWSER}


def within(reach: Reach | None, seat: Seat) -> bool:
    """Does the phone at which somebody is signed in there ring?"""
    if reach is None:
        return True
    kind = seat.phone_kind or PhoneKind.DESK
    return reach.rings(kind, seat.mobile if kind == PhoneKind.MOBILE else seat.extension)


def _rung_by(line: TelephonyAdapter) -> frozenset[PhoneKind]:
    if Ability.RINGS_SEATS not in line.abilities:
        return frozenset({PhoneKind.DESK})
    if isinstance(line, Reaches) and line.reach:
        some = [each for each in line.reach.values() if each.extensions is None or each.extensions]
        return frozenset[PhoneKind]().union(*(each.kinds for each in some))
    kinds = frozenset(PhoneKind)
    return kinds if Ability.RINGS_OUTSIDE in line.abilities else kinds - {PhoneKind.MOBILE}


def _without(reach: Reach, elsewhere: frozenset[str]) -> Reach:
    return reach if reach.extensions is not None else replace(reach, elsewhere=elsewhere)
