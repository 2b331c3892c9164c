"""Which deadlines (期限) of a ticket run now? They follow from its state, and from what was done last.

Nobody starts or stops one: after every step the running ones are compared with those that the new state asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hotline.deadlines.rules import DueKind
from hotline.tickets.ticket import ENDED, Step
from hotline.tickets.ticket import TicketState as S

NEEDED: Final[Mapping[S, frozenset[DueKind]]] = {
    S.DRAFT: frozenset({DueKind.DISPATCH}),
    S.OPEN: frozenset({DueKind.DISPATCH}),
    S.REOPENED: frozenset({DueKind.DISPATCH}),
    S.RETURNED: frozenset({DueKind.DISPATCH}),
    S.DISPATCHED: frozenset({DueKind.SIGN, DueKind.REPLY}),
    S.DESIGNATED: frozenset({DueKind.SIGN, DueKind.REPLY}),
    S.SIGNED: frozenset({DueKind.REPLY}),
    S.IN_PROGRESS: frozenset({DueKind.REPLY}),
    S.REPLIED: frozenset({DueKind.REVIEW}),
    S.REVIEWED: frozenset({DueKind.FOLLOW_UP}),
    S.FOLLOWED_UP: frozenset(),
    **dict.fromkeys(ENDED, frozenset[DueKind]()),
}
"""What must be done next, by state. A ticket that the desk answers itself is done within the time of dispatching it."""

APART: Final = frozenset({DueKind.AID_REVIEW, DueKind.AID_APPOINT})
"""These follow an application for legal aid (`hotline.matters.applying`), not the ticket's state: they move with the
ticket from desk to unit, and end with it at the latest."""

FULFILLED: Final[Mapping[Step, frozenset[DueKind]]] = {
    Step.CLOSE: frozenset({DueKind.DISPATCH, DueKind.FOLLOW_UP}),
    Step.QUICK_CLOSE: frozenset({DueKind.DISPATCH}),
    Step.DISPATCH: frozenset({DueKind.DISPATCH}),
    Step.DESIGNATE: frozenset({DueKind.DISPATCH}),
    Step.NOT_ACCEPT: frozenset({DueKind.DISPATCH}),
    Step.MERGE: frozenset({DueKind.DISPATCH}),
    Step.SIGN: frozenset({DueKind.SIGN}),
    Step.RETURN: frozenset({DueKind.SIGN}),
    Step.REPLY: frozenset({DueKind.REPLY}),
    Step.REVIEW: frozenset({DueKind.REVIEW}),
    Step.SEND_BACK: frozenset({DueKind.REVIEW}),
    Step.FOLLOW_UP: frozenset({DueKind.FOLLOW_UP}),
}
"""What a step does in time or too late. What is needed no longer for another reason is neither."""

RESUMED: Final[Mapping[Step, frozenset[DueKind]]] = {
    Step.SEND_BACK: frozenset({DueKind.REPLY}),
    Step.SPLIT: frozenset({DueKind.DISPATCH}),
    Step.RECALL: frozenset({DueKind.DISPATCH}),
}
"""Deadlines that go on where they were, rather than begin anew."""
