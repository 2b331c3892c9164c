"""When a caller goes elsewhere."""

from __future__ import annotations

import msgspec
import pytest

from routing.spill import (
    ALWAYS,
    NO_SEAT,
    After,
    AlwaysWhen,
    Condition,
    PerSeat,
    Spill,
    ToContact,
    ToQueue,
    due,
    first_due,
    next_look,
)

NIGHT = frozenset({"night"})


def to_general(when: Condition) -> Spill:
    return Spill(when=when, to=ToQueue(queue="general"))


@pytest.mark.parametrize(
    ("when", "waited", "waiting", "seats", "expected"),
    [
        (After(seconds=60), 59.9, 50, 0, False),
        (After(seconds=60), 60.0, 1, 9, True),
        (PerSeat(waiting=2.0), 0.0, 8, 4, False),
        (PerSeat(waiting=2.0), 0.0, 9, 4, True),
        (PerSeat(waiting=2.0), 0.0, 1, 0, True),
        (PerSeat(waiting=2.0), 0.0, 0, 0, False),
        (PerSeat(waiting=0.5), 0.0, 3, 5, True),
        (AlwaysWhen(rule=ALWAYS), 0.0, 1, 9, True),
        (AlwaysWhen(rule=NO_SEAT), 0.0, 1, 0, True),
        (AlwaysWhen(rule=NO_SEAT), 900.0, 90, 1, False),
        (AlwaysWhen(rule="night"), 900.0, 90, 1, True),
        (AlwaysWhen(rule="holiday"), 900.0, 90, 1, False),
    ],
)
def test_due(when: Condition, waited: float, waiting: int, seats: int, expected: bool) -> None:
    assert due(to_general(when), waited, waiting, seats, NIGHT) is expected


def test_the_first_that_is_due_in_the_order_of_the_settings() -> None:
    spills = [
        Spill(when=After(seconds=300), to=ToContact(contact="province")),
        Spill(when=PerSeat(waiting=3), to=ToContact(contact="city")),
        to_general(AlwaysWhen(rule=NO_SEAT)),
    ]
    assert first_due(spills, 10, 3, 1) is None
    assert first_due(spills, 10, 4, 1) == 1
    assert first_due(spills, 400, 4, 1) == 0
    assert first_due(spills, 10, 0, 0) == 2
    assert first_due([], 10, 0, 0) is None


def test_when_to_look_again() -> None:
    spills = [to_general(After(seconds=each)) for each in (300, 60)] + [to_general(PerSeat(waiting=1))]
    assert [next_look(spills, waited) for waited in (0, 59, 60, 299.5, 300)] == [60, 1, 240, 0.5, None]
    assert due(spills[1], 60.0, 1, 9), "when the time has come it is due, not a moment later"


def test_it_can_be_written_down() -> None:
    spill = Spill(when=PerSeat(waiting=1.5), to=ToContact(contact="city"))
    assert msgspec.json.decode(msgspec.json.encode(spill), type=Spill) == spill
