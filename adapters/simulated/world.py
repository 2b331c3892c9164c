"""Who rings when, how patient are they, and what are the lawyers like?

Pure but for the seeded generator that it is given: same plan, same seed, same people. Nobody here has a clock or a
phone; `device.py` puts them on the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from math import inf, log, sqrt
from random import Random

import msgspec

from adapters.simulated.outside import Numbers, Outside


class Shape(StrEnum):
    """How a duration is spread."""

    FIXED = "fixed"
    EXPONENTIAL = "exponential"
    """Without memory, as the Erlang formulas assume."""
    LOGNORMAL = "lognormal"
    """What measured talk times look like: many short ones, a long tail."""


class Span(msgspec.Struct, frozen=True):
    """A random duration in seconds."""

    mean: float
    shape: Shape = Shape.LOGNORMAL
    spread: float = 0.6
    """Standard deviation of the logarithm; only for `lognormal`."""

    def faster(self, speed: float) -> Span:
        """The same, in a world that runs `speed` times as fast."""
        return msgspec.structs.replace(self, mean=self.mean / speed)

    def draw(self, chance: Random) -> float:
        """One duration."""
        if self.mean <= 0:
            return 0.0
        match self.shape:
            case Shape.FIXED:
                return self.mean
            case Shape.EXPONENTIAL:
                return chance.expovariate(1 / self.mean)
            case Shape.LOGNORMAL:
                return chance.lognormvariate(log(self.mean) - self.spread**2 / 2, self.spread)


ALL_DAY: tuple[float, ...] = (1.0,) * 24
WORKDAY: tuple[float, ...] = (
    0.12, 0.08, 0.06, 0.05, 0.06, 0.10, 0.25, 0.60, 1.55, 2.40, 2.35, 1.75,
    1.05, 1.20, 1.95, 2.20, 2.05, 1.65, 1.05, 0.90, 0.85, 0.70, 0.45, 0.25,
)  # fmt: skip
"""Weight of each hour of the day (Asia/Shanghai): an assumption, two office peaks over a quiet night."""

AREAS: tuple[str, ...] = (
    "100", "200", "210", "220", "230", "240", "250", "270", "280", "290", "311", "351", "371", "431", "451", "471",
    "531", "551", "571", "591", "731", "771", "791", "851", "871", "898", "931", "951", "971", "991",
)  # fmt: skip
NETWORK_NUMBER = "13800{area}5{nn:02d}"
"""Numbers of this pattern belong to the network's own message centres: they have a region, but nobody to annoy."""


class Callers(msgspec.Struct, frozen=True, kw_only=True):
    """What callers are like."""

    per_hour: float = 60.0
    """Mean over the day."""
    by_hour: tuple[float, ...] = WORKDAY
    """Weight of each of 24 hours."""
    patience: Span = Span(180.0, Shape.EXPONENTIAL)
    """How long a caller waits for a person before hanging up."""
    endless: bool = False
    """Nobody ever gives up."""
    talk: Span = Span(435.0)
    """Mean of a 12348 centre that published hours and calls (435 s)."""
    hears_out: float = 0.9
    """Share of talks that the caller ends; the others the lawyer does."""
    key_after: Span = Span(4.0)
    wrong_key: float = 0.06
    no_key: float = 0.04
    """Shares of menus where a key is pressed that nobody has, or none at all."""
    withheld: float = 0.02
    """Share without a number."""
    late_number: float = 0.25
    """Share whose number comes after the first ring, as on analogue lines."""
    late_by: Span = Span(2.5)
    returning: float = 0.15
    """Share who rang before and ring again."""
    patience_on_hold: Span = Span(120.0, Shape.EXPONENTIAL)
    """How long a caller hears the music of a hold before hanging up; anew each time."""
    message: Span = Span(20.0)
    """How long he speaks when he leaves a message."""
    presses_hash: float = 0.2
    """Share of messages that end with the # key; the others hang up."""
    from_province: float = 0.0
    """Share whom the province's platform passed on, with an id of its own."""


class Lawyers(msgspec.Struct, frozen=True, kw_only=True):
    """What the lawyers at the seats are like."""

    picks_up_after: Span = Span(4.0)
    no_answer: float = 0.02
    """Share of rings that nobody picks up."""
    wrap_up: Span = Span(22.0)
    """Time they need for the ticket; the hall's timer may end it earlier."""
    notices_after: Span = Span(120.0)
    """How long until one whom the hall made busy sees it and goes ready again."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """One person with a question. All that chance decides is decided when the person is born."""

    number: str | None
    late_by: float | None
    """Seconds after which the number becomes known; None: at once."""
    patience: float
    talk: float
    hangs_up_first: bool
    luck: float
    """Uniform in [0, 1): which key is pressed."""
    key_after: float


class World:
    """The people. One seeded generator for each kind of chance, so that one does not move the other."""

    def __init__(self, callers: Callers, lawyers: Lawyers, seed: int, numbers: Numbers = Numbers()) -> None:
        if len(callers.by_hour) != 24 or min(callers.by_hour) < 0 or not sum(callers.by_hour):
            raise ValueError("by_hour needs 24 weights, none below 0 and not all 0")
        self.callers = callers
        self.lawyers = lawyers
        self.numbers = numbers
        self._callers = Random(f"callers {seed}")
        self._lawyers = Random(f"lawyers {seed}")
        self._held = Random(f"held {seed}")
        self._messages = Random(f"messages {seed}")
        self._outside = Random(f"outside {seed}")
        self._province = Random(f"province {seed}")
        self._known: list[str] = []
        mean = sum(callers.by_hour) / 24
        self._rates = [callers.per_hour / 3600 * weight / mean for weight in callers.by_hour]

    def arrivals(self, midnight: float) -> Iterator[float]:
        """Times of arrival, seconds from now on, without end; `midnight` is how long ago this day began, in seconds.

        A Poisson process whose rate is the hour's: drawn at the highest rate, thinned to the hour's (Lewis and
        Shedler 1979). Nobody ever rings when the rate is 0.
        """
        highest = max(self._rates)
        now = 0.0
        while highest > 0:
            now += self._callers.expovariate(highest)
            if self._callers.random() * highest < self._rates[int((midnight + now) // 3600) % 24]:
                yield now

    def exactly(self, count: int, seconds: float, midnight: float) -> list[float]:
        """`count` arrivals within so many seconds, spread as `arrivals` would be if it happened to yield so many."""
        hours = range(int(midnight // 3600), int((midnight + seconds) // 3600) + 1)
        highest = max(self._rates[hour % 24] for hour in hours)
        found: list[float] = []
        while highest > 0 and len(found) < count:
            time = self._callers.uniform(0, seconds)
            if self._callers.random() * highest < self._rates[int((midnight + time) // 3600) % 24]:
                found.append(time)
        return sorted(found)

    def caller(self) -> Caller:
        """The next person."""
        habits, chance = self.callers, self._callers
        number: str | None = None
        if chance.random() >= habits.withheld:
            number = self._number()
        late = number is not None and chance.random() < habits.late_number
        return Caller(
            number=number,
            late_by=habits.late_by.draw(chance) if late else None,
            patience=inf if habits.endless else habits.patience.draw(chance),
            talk=habits.talk.draw(chance),
            hangs_up_first=chance.random() < habits.hears_out,
            luck=chance.random(),
            key_after=habits.key_after.draw(chance),
        )

    def key_of(self, caller: Caller, keys: Mapping[str, float], tries: int) -> str | None:
        """The key that a caller presses at a menu with these weights, at the n-th try (from 0); None: none at all.

        Who gets it wrong once gets it right the next time.
        """
        habits = self.callers
        if tries == 0 and caller.luck < habits.no_key:
            return None
        if tries == 0 and caller.luck < habits.no_key + habits.wrong_key:
            return next(key for key in "9876543210" if key not in keys)
        mark = caller.luck * 7919 % 1 * sum(keys.values())
        for key, weight in keys.items():
            mark -= weight
            if mark < 0:
                return key
        return next(iter(keys), None)

    def passed_on(self) -> bool:
        """Did the province's platform pass the next caller on to us?"""
        share = self.callers.from_province
        return share > 0 and self._province.random() < share

    def patience_on_hold(self) -> float:
        """Seconds that a caller stays on hold."""
        return inf if self.callers.endless else self.callers.patience_on_hold.draw(self._held)

    def message(self) -> tuple[float, bool]:
        """Seconds that a caller speaks on the machine, and whether he hangs up then; else he presses #."""
        return self.callers.message.draw(self._messages), self._messages.random() >= self.callers.presses_hash

    def outside(self, number: str) -> Outside:
        """What will come of ringing that number."""
        return self.numbers.rung(number, self._outside)

    def called(self, number: str, talk: float | None) -> Caller:
        """The person whom an outbound call reaches; `talk` where it is known how long that one talks."""
        habits, chance = self.callers, self._outside
        usual = habits.talk.draw(chance)
        return Caller(
            number=number,
            late_by=None,
            patience=inf if habits.endless else habits.patience.draw(chance),
            talk=usual if talk is None else talk,
            hangs_up_first=chance.random() < habits.hears_out,
            luck=chance.random(),
            key_after=habits.key_after.draw(chance),
        )

    def picks_up(self) -> float | None:
        """Seconds until a lawyer takes a ringing phone; None: does not take it."""
        if self._lawyers.random() < self.lawyers.no_answer:
            return None
        return self.lawyers.picks_up_after.draw(self._lawyers)

    def wrap_up(self) -> float:
        """Seconds that a lawyer needs for the ticket after the call."""
        return self.lawyers.wrap_up.draw(self._lawyers)

    def notices(self) -> float:
        """Seconds until a lawyer sees that the hall made the seat busy."""
        return self.lawyers.notices_after.draw(self._lawyers)

    def _number(self) -> str:
        chance = self._callers
        if self._known and chance.random() < self.callers.returning:
            return self._known[int(len(self._known) * sqrt(chance.random()))]
        number = NETWORK_NUMBER.format(area=chance.choice(AREAS), nn=chance.randrange(100))
        self._known.append(number)
        if len(self._known) > 2000:
            del self._known[:1000]
        return number
