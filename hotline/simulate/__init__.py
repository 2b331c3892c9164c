"""What would a day be like? A whole day of simulated callers through the hall's own `decide`, in virtual time.

| question | file |
|---|---|
| what is simulated? | `plan.py` |
| how does the day go? | `day.py` |
| what came of it? | `figures.py` |
"""

from __future__ import annotations

from hotline.simulate.day import Watch, simulate_day
from hotline.simulate.figures import DayFigures, as_table
from hotline.simulate.plan import DAY_RULES, SimulationPlan, single_skill

__all__ = ["DAY_RULES", "DayFigures", "SimulationPlan", "Watch", "as_table", "simulate_day", "single_skill"]
