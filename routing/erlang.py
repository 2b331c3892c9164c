"""How many seats does a load need, and how long do callers wait then?

Two models of one skill group with Poisson arrivals and exponential service:

- Erlang C (M/M/n): nobody gives up, so the load must be smaller than the number of seats;
- Erlang A (M/M/n+M, Palm 1957; Garnett, Mandelbaum and Reiman 2002): every caller's patience is exponential.

Both describe a load that does not change; over a real day they hold hour by hour at best.
"""

from __future__ import annotations

from math import exp, inf

import msgspec

NEGLIGIBLE = 1e-15
"""Share of probability at which the tail of a sum is cut off."""
HUGE = 1e100
"""Weights beyond this are scaled down, all of them: only their proportions matter."""


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What comes in, and what one caller costs."""

    calls_per_hour: float
    handle_seconds: float
    """Mean time that a call keeps its seat: talk and wrap-up (话后处理)."""

    @property
    def erlangs(self) -> float:
        """Seats that would be busy if nobody ever waited."""
        return self.calls_per_hour * self.handle_seconds / 3600


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What the callers of such a group meet."""

    waits: float
    """Share of callers that find every seat busy."""
    gives_up: float
    """Share of callers that leave unserved."""
    mean_wait_seconds: float
    """Mean over all callers, served at once and given up included."""
    occupancy: float
    """Share of time that a seat is busy."""


def erlang_b(erlangs: float, seats: int) -> float:
    """Share of callers turned away if nobody may wait (recursion over the number of seats; stable for any size)."""
    blocked = 1.0
    for seat in range(1, seats + 1):
        blocked = erlangs * blocked / (seat + erlangs * blocked)
    return blocked


def erlang_c(load: Load, seats: int) -> Waiting:
    """Callers wait as long as it takes. Raises `ValueError` when the load is not smaller than `seats`."""
    erlangs = load.erlangs
    if seats <= erlangs:
        raise ValueError(f"{erlangs:g} erlangs never end with {seats} seats")
    blocked = erlang_b(erlangs, seats)
    waits = blocked / (1 - erlangs / seats * (1 - blocked))
    return Waiting(
        waits=waits,
        gives_up=0.0,
        mean_wait_seconds=waits * load.handle_seconds / (seats - erlangs),
        occupancy=erlangs / seats,
    )


def service_level(load: Load, seats: int, within_seconds: float) -> float:
    """Share of callers answered within so many seconds, by Erlang C; 0 when the load is not smaller than `seats`."""
    if seats <= load.erlangs:
        return 0.0
    return 1 - erlang_c(load, seats).waits * exp(-(seats - load.erlangs) * within_seconds / load.handle_seconds)


def seats_for(load: Load, share: float, within_seconds: float) -> int:
    """The fewest seats that answer `share` (0 ≤ share < 1) of the callers within so many seconds, by Erlang C."""
    if not 0 <= share < 1:
        raise ValueError(f"share must be at least 0 and below 1, not {share}")
    seats = int(load.erlangs) + 1
    while service_level(load, seats, within_seconds) < share:
        seats += 1
    return seats


def erlang_a(load: Load, seats: int, patience_seconds: float) -> Waiting:
    """Callers give up after an exponential time with that mean; any load has a steady state.

    The chain of callers present is that of Erlang B as long as a seat is free, and goes on from there. Raises
    `ValueError` when there is no seat, or no finite patience.
    """
    if seats < 1 or not 0 < patience_seconds < inf:
        raise ValueError("Erlang A needs at least one seat and a finite patience")
    arrive = load.calls_per_hour / 3600
    serve = seats / load.handle_seconds
    leave = 1 / patience_seconds
    weight = erlang_b(load.erlangs, seats)
    free, busy, queue, waiting = 1 - weight, 0.0, 0.0, 0
    while weight > NEGLIGIBLE * busy or serve + waiting * leave < arrive:
        busy += weight
        queue += waiting * weight
        waiting += 1
        weight *= arrive / (serve + waiting * leave)
        if busy > HUGE:
            free, busy, queue, weight = free / HUGE, busy / HUGE, queue / HUGE, weight / HUGE
    whole = free + busy
    mean_queue = queue / whole
    gives_up = mean_queue * leave / arrive if arrive else 0.0
    return Waiting(
        waits=busy / whole,
        gives_up=gives_up,
        mean_wait_seconds=mean_queue / arrive if arrive else 0.0,
        occupancy=load.erlangs * (1 - gives_up) / seats,
    )
