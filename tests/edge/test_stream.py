"""Numbers, windows and marks as a state machine: whoever dies when, every record takes effect once and in its order."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hotline.edge.protocol import WINDOW, WINDOW_BYTES
from hotline.edge.stream import NOTHING, Incoming, Outgoing, RolledBack, Verdict


class BothSides(RuleBasedStateMachine):
    """An edge with a disk, a core with a database, and a network that may lose everything that is under way."""

    def __init__(self) -> None:
        super().__init__()
        self.disk = 0
        """Records on the edge's disk, numbered from 1."""
        self.database: list[int] = []
        """What took effect; its last one is the mark."""
        self.edge = Outgoing(0)
        self.core: Incoming | None = None
        self.out = deque[int]()
        self.back = deque[int]()

    def connected(self) -> bool:
        return self.core is not None

    @rule(count=st.integers(1, 5))
    def hear(self, count: int) -> None:
        self.disk += count
        self.edge.last = self.disk

    @rule()
    def connect(self) -> None:
        """Also while connected: the old connection is dead, and what was under way on it is lost."""
        self.out.clear()
        self.back.clear()
        mark = self.database[-1] if self.database else NOTHING
        self.edge.connected(mark)
        self.core = Incoming(mark)

    @precondition(connected)
    @rule(most=st.integers(1, 4))
    def send(self, most: int) -> None:
        for _ in range(min(most, self.edge.room)):
            self.edge.sending(self.edge.sent + 1, 100)
            self.out.append(self.edge.sent)

    @precondition(connected)
    @rule(most=st.integers(1, 6), acknowledge=st.booleans())
    def keep(self, most: int, acknowledge: bool) -> None:
        """A batch becomes durable, with its mark; the core may die before it can say so."""
        assert self.core is not None
        for _ in range(min(most, len(self.out))):
            seq = self.out.popleft()
            judged = self.core.judge(seq)
            assert not judged.lost
            if judged.verdict is Verdict.NEW:
                self.database.append(seq)
                self.core.taken(seq)
        if acknowledge:
            self.back.append(self.core.mark)

    @precondition(connected)
    @rule()
    def acknowledged(self) -> None:
        if self.back:
            self.edge.ack(self.back.popleft())

    @rule()
    def edge_restarts(self) -> None:
        self.edge = Outgoing(self.disk)
        self.core = None

    @rule()
    def core_restarts(self) -> None:
        self.core = None

    @precondition(connected)
    @rule(again=st.integers(1, 3))
    def network_repeats(self, again: int) -> None:
        """It does not; but whatever comes a second time must do no harm."""
        if not self.out:
            self.out.extend(range(max(1, self.edge.sent - again), self.edge.sent + 1))

    @invariant()
    def once_and_in_order(self) -> None:
        assert self.database == list(range(1, len(self.database) + 1))

    @invariant()
    def nothing_is_forgotten_too_early(self) -> None:
        assert self.edge.acknowledged <= len(self.database) <= self.disk

    def teardown(self) -> None:
        """When everybody is well again, all of it arrives."""
        self.connect()
        while self.edge.acknowledged < self.disk:
            self.send(WINDOW)
            self.keep(WINDOW, True)
            self.acknowledged()
        assert self.database == list(range(1, self.disk + 1))


TestBothSides = BothSides.TestCase
TestBothSides.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_the_window_is_counted_in_records_and_in_bytes() -> None:
    edge = Outgoing(10_000)
    for seq in range(1, WINDOW + 1):
        assert edge.room == WINDOW - seq + 1
        edge.sending(seq, 10)
    assert edge.room == 0
    edge.ack(3)
    assert edge.room == 3
    wide = Outgoing(5)
    wide.sending(1, WINDOW_BYTES)
    assert wide.room == 0
    wide.ack(1)
    assert wide.room == 4


def test_what_was_never_sent_cannot_be_acknowledged() -> None:
    edge = Outgoing(9)
    edge.sending(1, 1)
    edge.ack(9)
    assert (edge.acknowledged, edge.waiting) == (1, 8)


def test_files_that_were_put_back_are_noticed() -> None:
    """Also when as much has been heard since: the core cannot have what was never sent."""
    edge = Outgoing(4)
    edge.last = 9
    with pytest.raises(RolledBack):
        edge.connected(5)
    edge.sending(5, 1)
    edge.connected(5)


def test_records_that_will_never_come_are_counted() -> None:
    assert Incoming(4).judge(8).lost == 3
