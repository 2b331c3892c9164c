"""What is simulated: how long, how many, who they are, and the hall that serves them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

import msgspec

from adapters.simulated.line import Setup
from adapters.simulated.world import ALL_DAY, Callers, Lawyers, Shape, Span
from hotline.announcements.plan import Key, KeyAct, Menu, Plan
from hotline.calls.outcome import Outcome
from hotline.hall.rules import HallRules, QueueRules, Widening
from routing.strategies.last_lawyer_first import STRATEGY as LAST_LAWYER_FIRST
from routing.strategies.longest_idle import STRATEGY as LONGEST_IDLE
from routing.strategies.spread_evenly import STRATEGY as SPREAD_EVENLY

START: Final = datetime(2026, 1, 5, tzinfo=timezone(timedelta(hours=8), "Asia/Shanghai"))
"""Every simulated day is this Monday."""
DAY_RULES: Final = HallRules(
    hall="simulated",
    label="模拟大厅",
    default_queue="general",
    queues={
        "general": QueueRules(name="general", label="综合咨询", strategy=LONGEST_IDLE, groups=("general",)),
        "labour": QueueRules(
            name="labour",
            label="劳动争议",
            strategy=LAST_LAWYER_FIRST,
            groups=("labour",),
            widening=(Widening(after_seconds=20, groups=("general",)),),
        ),
        "family": QueueRules(
            name="family",
            label="婚姻家庭",
            strategy=SPREAD_EVENLY,
            groups=("family",),
            widening=(Widening(after_seconds=20, groups=("general",)),),
        ),
    },
    plan=Plan(
        greeting="greeting",
        menu=Menu(
            prompt="menu",
            keys=(Key(key="1", queue="labour"), Key(key="2", queue="family"), Key(key="0", act=KeyAct.PERSON)),
        ),
        parting={Outcome.TIMED_OUT: "sorry", Outcome.QUEUE_FULL: "sorry", Outcome.NO_SEAT: "closed"},
    ),
)
DAY_SETUP: Final = Setup(
    ports=5000,
    prompts={"greeting": 6.0, "menu": 8.0, "sorry": 5.0, "closed": 5.0},
    menus={"menu": {"1": 3.0, "2": 3.0, "0": 4.0}},
)
DAY_GROUPS: Final = (("general", "labour"), ("general", "family"))
"""Skill groups of the desks, in turn."""


class SimulationPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What to simulate."""

    hours: float = 24.0
    seats: int = 40
    calls: int = 3000
    seed: int = 7
    callers: Callers = Callers()
    """Their number per hour follows from `calls` and `hours`."""
    lawyers: Lawyers = Lawyers()
    rules: HallRules = DAY_RULES
    groups: tuple[tuple[str, ...], ...] = DAY_GROUPS
    setup: Setup = DAY_SETUP
    poisson: bool = False
    """`calls` is the mean of a Poisson number, not the number itself."""
    warm_up_seconds: float = 0.0
    """Callers of the first so many seconds are served, but not counted."""


def single_skill(
    *,
    calls_per_hour: float,
    handle_seconds: float,
    seats: int,
    patience_seconds: float,
    hours: float,
    warm_up_seconds: float,
    seed: int,
) -> SimulationPlan:
    """The day that Erlang A describes: one skill, Poisson arrivals, exponential talk and patience, nothing else."""
    instant = Span(0.0, Shape.FIXED)
    return SimulationPlan(
        hours=hours,
        seats=seats,
        calls=round(calls_per_hour * hours),
        seed=seed,
        poisson=True,
        warm_up_seconds=warm_up_seconds,
        callers=Callers(
            by_hour=ALL_DAY,
            patience=Span(patience_seconds, Shape.EXPONENTIAL),
            talk=Span(handle_seconds, Shape.EXPONENTIAL),
            hears_out=1.0,
            withheld=0.0,
            late_number=0.0,
            returning=0.0,
        ),
        lawyers=Lawyers(picks_up_after=instant, no_answer=0.0, wrap_up=instant),
        rules=HallRules(
            hall="simulated",
            label="模拟大厅",
            default_queue="general",
            queues={
                "general": QueueRules(
                    name="general",
                    label="综合咨询",
                    strategy=LONGEST_IDLE,
                    groups=("general",),
                    max_wait_seconds=0,
                    max_length=1_000_000,
                    wrap_seconds=0,
                )
            },
            record=False,
        ),
        groups=(("general",),),
        setup=Setup(ports=5000),
    )
