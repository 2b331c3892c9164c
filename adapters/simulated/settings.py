"""What a site says about its simulated hall: the `[adapters.NAME]` table of kind `simulated`."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from adapters.simulated.outside import Numbers, Outside, Way
from adapters.simulated.world import ALL_DAY, WORKDAY, Callers, Lawyers, Shape, Span

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]


class OutsideSettings(BaseModel):
    """How one number outside is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    way: Way = Way.ANSWERS
    after_seconds: Seconds | None = None
    """Until somebody picks up, or until the network says that nobody will. Unset: 4 to 8 s, or 1 to 3 s."""
    talk_seconds: Seconds | None = None
    """After which that side hangs up. Unset: whom we called talks as long as any caller, others stay."""
    mailbox: bool = False
    """A machine picks up: for a seat's mobile the same as nobody."""

    def number(self) -> Outside:
        """The same, before `speed`."""
        return Outside(way=self.way, after=self.after_seconds, talk=self.talk_seconds, mailbox=self.mailbox)


class SimulatedSettings(BaseModel):
    """Who rings, how they are, and whose phones answer by themselves. Times are seconds before `speed`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int | None = None
    """Same seed, same people. None: other people each time."""
    speed: float = Field(default=1.0, gt=0, le=1000)
    """How many times faster than life everything happens."""
    ports: int = Field(default=60, ge=1, le=10_000)
    """Callers who find all of them taken hear the engaged tone."""
    calls_per_hour: float = Field(default=60.0, ge=0, le=1_000_000)
    workday: bool = True
    """More callers in office hours, few at night; false: the same all day."""
    mean_patience_seconds: Seconds = 180.0
    patience_shape: Shape = Shape.EXPONENTIAL
    mean_talk_seconds: Seconds = 435.0
    talk_shape: Shape = Shape.LOGNORMAL
    wrong_key: Share = 0.06
    no_key: Share = 0.04
    withheld: Share = 0.02
    late_number: Share = 0.25
    returning: Share = 0.15
    mean_patience_on_hold_seconds: Seconds = 120.0
    mean_message_seconds: Seconds = 20.0
    from_province: Share = 0.0
    """Callers whom the province's platform passed on, with an id of its own."""
    lawyers: frozenset[str] = frozenset()
    """Extensions whose phone is picked up by itself; at any other one a person has to click."""
    mean_pick_up_seconds: Seconds = 4.0
    no_answer: Share = 0.02
    mean_wrap_up_seconds: Seconds = 22.0
    outside: dict[str, OutsideSettings] = {}
    """Numbers outside that are not like any other: mobiles, other hotlines, people who are called back."""
    prompts: dict[str, Seconds] = {}
    """Length of each announcement; one that is not listed lasts 3 s."""
    menus: dict[str, dict[str, float]] = {"menu": {"1": 4, "2": 3, "0": 3}}
    """Announcement that asks for a key → key → how many press it, relative to the others."""
    recordings: bool = True
    """Leave a short audio file for each recording, so that there is something to play."""
    recording_max_seconds: float = Field(default=6.0, gt=0, le=3600)

    def callers(self) -> Callers:
        """The habits of callers, at the settings' speed."""
        return Callers(
            per_hour=self.calls_per_hour * self.speed,
            by_hour=WORKDAY if self.workday else ALL_DAY,
            patience=Span(self.mean_patience_seconds, self.patience_shape).faster(self.speed),
            talk=Span(self.mean_talk_seconds, self.talk_shape).faster(self.speed),
            key_after=Callers().key_after.faster(self.speed),
            late_by=Callers().late_by.faster(self.speed),
            wrong_key=self.wrong_key,
            no_key=self.no_key,
            withheld=self.withheld,
            late_number=self.late_number,
            returning=self.returning,
            patience_on_hold=Span(self.mean_patience_on_hold_seconds, self.patience_shape).faster(self.speed),
            message=Span(self.mean_message_seconds).faster(self.speed),
            from_province=self.from_province,
        )

    def numbers(self) -> Numbers:
        """The numbers outside, at the settings' speed."""
        return Numbers(known={number: each.number() for number, each in self.outside.items()}).faster(self.speed)

    def habits(self) -> Lawyers:
        """The habits of lawyers, at the settings' speed."""
        return Lawyers(
            picks_up_after=Span(self.mean_pick_up_seconds).faster(self.speed),
            no_answer=self.no_answer,
            wrap_up=Span(self.mean_wrap_up_seconds).faster(self.speed),
            notices_after=Lawyers().notices_after.faster(self.speed),
        )
