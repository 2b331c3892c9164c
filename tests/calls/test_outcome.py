"""Which outcome is a hang-up of a caller who spoke with nobody?"""

from __future__ import annotations

import pytest

from hotline.calls.call import CallState
from hotline.calls.outcome import SHORT_ABANDON_SECONDS, Outcome, abandoned


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (CallState.OFFERED, Outcome.ABANDONED_MENU),
        (CallState.IN_MENU, Outcome.ABANDONED_MENU),
        (CallState.WAITING, Outcome.ABANDONED_QUEUE),
        (CallState.RINGING, Outcome.ABANDONED_RINGING),
    ],
)
def test_by_state(state: CallState, outcome: Outcome) -> None:
    assert abandoned(state, SHORT_ABANDON_SECONDS) is outcome
    assert abandoned(state, 600) is outcome
    assert abandoned(state, SHORT_ABANDON_SECONDS - 0.001) is Outcome.SHORT_ABANDONED
    assert abandoned(state, 0) is Outcome.SHORT_ABANDONED


def test_the_names_that_others_rely_on() -> None:
    assert [each.value for each in Outcome] == [
        "answered", "abandoned_menu", "abandoned_queue", "abandoned_ringing", "short_abandoned", "timed_out",
        "queue_full", "no_seat", "closed", "blocked", "overflowed", "voicemail", "forwarded", "lost", "system_fault",
        "not_reached",
    ]  # fmt: skip
