"""How long does a simulated day take? What `hotline simulate --hours 24 --seats 40 --calls 3000 --seed 7` does."""

from __future__ import annotations

import time
from typing import Final

from hotline.bench.row import Row
from hotline.bench.runs import Bench
from hotline.simulate import DayFigures, SimulationPlan, simulate_day

GOAL_MILLISECONDS: Final = 2000.0


async def measure(bench: Bench) -> list[Row]:
    """One row; the time is the simulation's alone, without starting Python."""
    plan = SimulationPlan(hours=24, seats=40, calls=bench.size(3000, 60), seed=7)

    async def once() -> tuple[float, DayFigures]:
        began = time.perf_counter()
        figures = simulate_day(plan)
        return (time.perf_counter() - began) * 1000, figures

    taken = await bench.median(once, lambda one: one[0])
    took, figures = taken.value
    every = sorted(one[0] for one in taken.all)
    return [
        Row(
            id="simulated_day",
            unit="ms",
            n=len(every),
            p50=round(took),
            max=round(every[-1]),
            rate=round(figures.decisions / took * 1000),
            others_cpu=taken.others,
            limited_by="Python 单核",
            goal={"p50": GOAL_MILLISECONDS},
            note=f"{taken.note}；{plan.calls} 通，{figures.decisions} 次决策；速率为每秒决策数",
        )
    ]
