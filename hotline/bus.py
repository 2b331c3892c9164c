"""Who is told what: the numbered stream of one hall, fanned out to its consoles.

Each message carries a changed thing *whole*, so a console puts it in the place of what it had; there is nothing to
merge and nothing to get out of step. Slow readers are cut off and start again with a snapshot.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from adapters.telephony import AdapterName
from hotline.calls.call import Call, CallId, CallState, Direction
from hotline.hall.state import Decision, HallState
from hotline.hall.today import Counted, TodayCount
from hotline.hall.view import (
    QueueView,
    call_view,
    hall_view,
    holders,
    link_view,
    queue_views,
    seat_view,
    sees_number,
    sees_watchers,
)
from hotline.hall.work import SHANGHAI
from hotline.region import region
from seats.seat import Seat, SeatNo

QUEUED_MESSAGES = 512
"""A console that has more than that unread is closed (4429) and comes back for a snapshot."""
BOARD_SECONDS = 0.25
"""Figures that change with every call are sent at most this often."""

_encode = msgspec.json.Encoder(enc_hook=str).encode


class Subscriber:
    """One console's connection: what it may see, and what it has not read yet."""

    __slots__ = ("account", "close_code", "closed", "held", "messages", "open", "ready", "scope", "seat", "session")

    def __init__(self, account: str, scope: str, session: bytes = b"") -> None:
        self.account = account
        self.session = session
        self.scope = scope
        """`hall`: everything; `desk`: the own seat, the own call, the queues."""
        self.seat: str | None = None
        self.held: set[str] = set()
        self.messages: deque[bytes] = deque()
        self.ready = asyncio.Event()
        self.open = False
        """It has its snapshot: from here on it is told what changes."""
        self.close_code: int | None = None
        self.closed = asyncio.Event()

    def push(self, message: bytes) -> None:
        """One more message; cuts the console off when it does not read."""
        if self.close_code is not None or not self.open:
            return
        if len(self.messages) >= QUEUED_MESSAGES:
            self.close(4429)
            return
        self.messages.append(message)
        self.ready.set()

    def close(self, code: int) -> None:
        """Have the connection closed with that code, unread messages dropped."""
        self.close_code = code
        self.messages.clear()
        self.ready.set()
        self.closed.set()

    async def next(self) -> list[bytes]:
        """Everything unread; empty when the connection is to be closed."""
        while not self.messages and self.close_code is None:
            self.ready.clear()
            await self.ready.wait()
        unread = list(self.messages)
        self.messages.clear()
        return unread


class Hub:
    """The consoles of one hall."""

    def __init__(self, state: Callable[[], HallState], now: Callable[[], datetime]) -> None:
        self._state = state
        self._now = now
        self._subscribers: set[Subscriber] = set()
        self.seq = 0
        self._stale = False
        self._board: dict[str, QueueView] = {}
        self.today = TodayCount(now().astimezone(SHANGHAI).date())

    def __len__(self) -> int:
        return len(self._subscribers)

    def expect(self, subscriber: Subscriber) -> None:
        """A console is about to join: it may be closed from now on, and is told nothing yet."""
        self._subscribers.add(subscriber)

    def expects(self, subscriber: Subscriber) -> bool:
        """It is there and has not left."""
        return subscriber in self._subscribers

    def join(self, subscriber: Subscriber) -> bytes:
        """Let a console in; returns its snapshot. No await may come between the two: together they are one instant.

        The state must be at rest: what a snapshot shows has to be on disk.
        """
        subscriber.open = True
        state = self._state()
        subscriber.seat = next((s.number for s in state.seats.values() if s.operator == subscriber.account), None)
        self._subscribers.add(subscriber)
        return self._snapshot(subscriber, state)

    def leave(self, subscriber: Subscriber) -> None:
        """A console is gone."""
        self._subscribers.discard(subscriber)

    def close(self, code: int) -> None:
        """Close every console."""
        for subscriber in self._subscribers:
            subscriber.close(code)

    def close_sessions(self, sessions: Collection[bytes]) -> None:
        """Close the consoles whose session is over."""
        for subscriber in self._subscribers:
            if subscriber.session in sessions:
                subscriber.close(4401)

    def take_over(self, account: str, session: bytes) -> None:
        """Close the consoles that the account opened under another sign-in: this one works on."""
        for subscriber in self._subscribers:
            if subscriber.account == account and subscriber.session != session:
                subscriber.close(4409)

    def restart(self, decided_today: Iterable[Counted] = ()) -> None:
        """Everything may have changed: every console gets a fresh snapshot."""
        state = self._state()
        for call in decided_today:
            self.today.count(call, self._now())
        for subscriber in self._subscribers:
            subscriber.held.clear()
            subscriber.push(self._snapshot(subscriber, state))

    def publish(self, decisions: Sequence[Decision], now: datetime) -> None:
        """Tell the consoles what a committed batch changed."""
        calls: dict[CallId, Call] = {}
        changed_seats: dict[SeatNo, Seat] = {}
        links: dict[AdapterName, None] = {}
        for decision in decisions:
            calls.update(decision.calls)
            changed_seats.update(decision.seats)
            links.update(dict.fromkeys((*decision.links, *decision.alarms)))
        for call in calls.values():
            if call.direction is Direction.OUT:
                continue
            if call.answered_at is not None or call.state is CallState.ENDED:
                self.today.count(call, now)
        self._stale = self._stale or bool(calls or changed_seats)
        if not self._subscribers:
            return
        state = self._state()
        for number, seat in changed_seats.items():
            message = self._event("seat", seat_view(seat))
            for subscriber in self._subscribers:
                is_theirs = seat.operator == subscriber.account
                if is_theirs or subscriber.seat == number or subscriber.scope == "hall":
                    subscriber.push(message)
                if is_theirs:
                    subscriber.seat = number
                elif subscriber.seat == number:
                    subscriber.seat = None
        for call in calls.values():
            self._tell_call(state, call)
        for name in links:
            message = self._event("link", link_view(state, name))
            for subscriber in self._subscribers:
                subscriber.push(message)

    async def keep_boards_fresh(self) -> None:
        """Send queues and figures when they have changed, until cancelled."""
        while True:
            await asyncio.sleep(BOARD_SECONDS)
            if not self._stale or not self._subscribers:
                continue
            self._stale = False
            board = {view.name: view for view in queue_views(self._state())}
            changed = [self._event("queue", view) for name, view in board.items() if self._board.get(name) != view]
            changed.append(self._event("today", self.today.figures()))
            self._board = board
            for subscriber in self._subscribers:
                for message in changed:
                    subscriber.push(message)

    def _tell_call(self, state: HallState, call: Call) -> None:
        said: dict[tuple[bool, bool], bytes] = {}
        there = holders(call)
        over = call.state is CallState.ENDED
        for subscriber in self._subscribers:
            whole_hall = subscriber.scope == "hall"
            holds = subscriber.seat in there
            if over:  # corrected later: whoever sits there now never had it
                holds = holds and call.id in subscriber.held
            if not (holds or whole_hall or call.id in subscriber.held):
                continue
            full = holds and (over or sees_number(call, subscriber.seat))
            watchers = sees_watchers(state, call, subscriber.seat, whole_hall=whole_hall)
            if (message := said.get((full, watchers))) is None:
                view = call_view(state, call, full=full, region=region, watchers=watchers)
                message = said[full, watchers] = self._event("call", view)
            subscriber.push(message)
            if holds and not over:
                subscriber.held.add(call.id)
            else:
                subscriber.held.discard(call.id)

    def _event(self, name: str, data: Any) -> bytes:
        self.seq += 1
        return _encode({"type": "event", "seq": self.seq, "event": name, "data": data})

    def _snapshot(self, subscriber: Subscriber, state: HallState) -> bytes:
        own = [call for call in state.calls.values() if subscriber.seat in holders(call)]
        subscriber.held.update(call.id for call in own)
        everything = subscriber.scope == "hall"
        full = {
            call.id: call_view(
                state,
                call,
                full=sees_number(call, subscriber.seat),
                region=region,
                watchers=sees_watchers(state, call, subscriber.seat, whole_hall=everything),
            )
            for call in own
        }
        view = hall_view(
            state,
            self._now(),
            region,
            # After a restart every desk comes at once: none of them pays for what it does not see.
            seats=[seat for seat in state.seats.values() if everything or seat.number == subscriber.seat],
            calls=[call for call in state.calls.values() if everything and call.id not in full],
        )
        view["calls"] += full.values()
        view["today"] = self.today.figures()
        view["seat"] = subscriber.seat
        return _encode({"type": "snapshot", "seq": self.seq, "data": view})
