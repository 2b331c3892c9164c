"""Which phones can each line of a hall ring? From what the adapters say of themselves, taken together.

A desk telephone that one line names as its own (the one beside a modem, on a card's station port) hangs there, and not
on a line that takes any extension.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from adapters.telephony import AdapterName, PhoneKind, Reach, Reaches, TelephonyAdapter
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


def within(reach: Reach | None, seat: Seat) -> bool:
    """Does the phone at which somebody is signed in there ring?"""
    if reach is None:
        return True
    kind = seat.phone_kind or PhoneKind.DESK
    return reach.rings(kind, seat.mobile if kind == PhoneKind.MOBILE else seat.extension)


def _without(reach: Reach, elsewhere: frozenset[str]) -> Reach:
    return reach if reach.extensions is not None else replace(reach, elsewhere=elsewhere)
