"""The permission table, cell by cell, against a picture of it."""

from __future__ import annotations

import itertools

import pytest

from hotline.people.permissions import PERMISSIONS, Action, Role, Scope, allowed, names, scope

PICTURE = """
                  operator  supervisor  administrator  auditor           handler
session.own       self      self        self           self              self
hall.read         hall      hall        hall           hall              hall
desk.live         self      self        -              -                 -
hall.live         -         hall        hall           -                 -
seat.list         hall      hall        hall           -                 -
seat.use          self      self        -              -                 -
seat.force        -         hall        -              -                 -
seat.define       -         -           hall           -                 -
call.read         self      hall        -              hall              -
call.monitor      -         hall        -              -                 -
call.force_release -        hall        -              -                 -
call.reveal       self      hall        -              -                 -
recording.play    self      hall        -              -                 -
ticket.read       self      hall        -              -                 -
ticket.write      self      hall        -              -                 -
ticket.reopen     -         hall        -              -                 -
ticket.dispatch   self      hall        -              -                -
ticket.review     -         hall        -              -                -
ticket.handle     -         -           -              -                self
handover.make     self      hall        -              -                -
handover.read     hall      hall        hall           -                -
handover.settle   -         hall        -              -                -
message.send      self      hall        -              -                -
message.read      -         hall        -              -                -
message.settle    -         hall        -              -                -
message.template  -         hall        hall           -                -
handling.read     self      hall        -              -                self
duty.record       self      hall        -              -                 -
duty.read         -         hall        -              -                 -
aid.read          self      hall        -              -                self
aid.file          self      hall        -              -                self
aid.decide        -         hall        -              -                self
caller_rule.ask   self      hall        -              -                 -
caller_rule.read  -         hall        -              -                 -
caller_rule.change -        hall        -              -                 -
callback.work     hall      hall        -              -                 -
callback.assign   -         hall        -              -                 -
category.read     hall      hall        hall           hall              hall
category.import   -         -           hall           -                 -
report.read       -         hall        hall           hall              -
report.form       -         hall        hall           -                 -
openness.read     -         hall        hall           -                 -
openness.change   -         hall        -              -                 -
incident.read     -         hall        -              hall              -
incident.handle   -         hall        -              -                 -
incident.plan     -         hall        -              -                 -
rating.read       -         hall        -              -                 -
rating.take       -         hall        -              -                 -
rating.own        self      self        -              -                 -
announcement.read -         hall        hall           -                 -
announcement.change -       -           hall           -                 -
notice.switch     -         hall        hall           -                 -
account.list      -         hall        hall           hall              -
account.change    -         -           hall           -                 -
audit.read        -         -           hall           hall              -
line.read         -         hall        hall           -                 -
line.trace        -         hall        hall           -                 -
roster.read       hall      hall        hall           hall              -
roster.swap       self      hall        hall           -                 -
roster.change     -         hall        hall           -                 -
settlement.read   -         hall        hall           hall              -
directory.read    hall      hall        hall           hall              hall
directory.change  -         hall        hall           -                 -
knowledge.read    hall      hall        hall           hall              hall
knowledge.use     hall      hall        -              -                 hall
knowledge.edit    -         hall        hall           -                 -
knowledge.case    -         hall        -              -                 -
search.all        self      hall        -              -                 -
saved_view.own    self      hall        -              -                 -
list.export       -         hall        -              -                 -
"""

_HEAD, *_ROWS = [line.split() for line in PICTURE.strip().splitlines()]
CELLS = [(Action(row[0]), Role(role), cell) for row in _ROWS for role, cell in zip(_HEAD, row[1:], strict=True)]


def test_the_picture_shows_every_cell() -> None:
    assert {(action, role) for action, role, _ in CELLS} == set(itertools.product(Action, Role))
    assert set(PERMISSIONS) == set(Action)


@pytest.mark.parametrize(("action", "role", "cell"), CELLS)
def test_cell(action: Action, role: Role, cell: str) -> None:
    expected = None if cell == "-" else Scope(cell)
    assert scope(role, action) is expected
    assert (action.value in names(role)) is (expected is not None)
    for same_hall, own in itertools.product((True, False), repeat=2):
        may = same_hall and (expected is Scope.HALL or (expected is Scope.SELF and own))
        assert allowed(role, action, same_hall=same_hall, own=own) is may
