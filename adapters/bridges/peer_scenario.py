"""How does the simulated receiver (演练对端) behave? A scenario file (剧本), or flags; chance comes from the seed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.complaints import explain, suggestion
from adapters.errors import Misconfigured


class Fault(StrEnum):
    """What goes wrong with one arrival. "After": the case was opened, the answer does not say so."""

    REFUSE = "refuse"
    """不收: for good, with a reason."""
    BUSY = "busy"
    """繁忙: 503, nothing was taken."""
    LOSE_ACK = "lose_ack"
    """收下后断线: after."""
    LOSE_BEFORE = "lose_before"
    """收下前断线: nothing was taken, which the sender cannot know."""
    RUBBISH = "rubbish"
    """收下后答复乱码: 200 with a page, after."""
    RUBBISH_BEFORE = "rubbish_before"
    """A firewall's page with 200: nothing was taken."""
    ERROR = "error"
    """500, after."""
    NO_NUMBER = "no_number"
    """收下却不给编号: after."""
    WRONG_CASE = "wrong_case"
    """The answer speaks of another key: after."""
    SLOW = "slow"
    """`slow_seconds` late, after."""
    LATE = "late"
    """By HTTP: the case is opened only after `slow_seconds`, long after the sender has given up waiting."""
    UNAUTHORISED = "unauthorised"
    """401: nothing was taken."""
    REDIRECT = "redirect"
    """302: nothing was taken."""
    HUGE = "huge"
    """An answer without end, after."""


TAKEN: Final = frozenset(
    {Fault.LOSE_ACK, Fault.RUBBISH, Fault.ERROR, Fault.NO_NUMBER, Fault.WRONG_CASE, Fault.SLOW, Fault.HUGE}
)
"""The case was opened all the same."""

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Down(_Table):
    """Gone for a while: nobody listens."""

    after_seconds: Seconds = 0
    for_seconds: Seconds


class Scenario(_Table):
    """One scenario."""

    deduplicates: bool = True
    """The same key twice opens one case."""
    hand_in: Annotated[int, Field(ge=0, le=10_000)] = 0
    """So many cases it hands to us (转入)."""
    seed: int = 1
    faults: dict[Fault, Share] = {}
    """The share of arrivals to which it happens."""
    at: dict[Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}$")], Fault] = {}
    """To the nth arrival."""
    slow_seconds: Seconds = 30
    down: list[Down] = []
    return_first: bool = False
    """A ticket's first case is returned (退回), its second accepted."""
    stops_at: Annotated[str, Field(pattern="^(acknowledged|accepted|done)$")] = "done"
    """How far a case goes."""
    step_seconds: Seconds = 0.2
    """Between two news of a case."""
    silent: bool = False
    """Never calls back."""
    duplicate_news: Share = 0
    """The share of news that is told twice."""
    rubbish_news: Share = 0
    """The share of news before which something unreadable is sent."""
    unsigned_news: Share = 0
    """The share of news before which one with a wrong signature is sent."""

    def fault(self, arrival: int) -> Fault | None:
        """What goes wrong with the nth arrival, counted from 1; the same for the same seed."""
        if (fixed := self.at.get(str(arrival))) is not None:
            return fixed
        chance = Random(f"{self.seed}/{arrival}").random()
        for fault, share in self.faults.items():
            if chance < share:
                return fault
            chance -= share
        return None

    def happens(self, share: float, what: str) -> bool:
        """Does something with that share happen to this news?"""
        return Random(f"{self.seed}/{what}").random() < share


def read_scenario(file: Path | None, more: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario in that file, with `more` over it. Raises `Misconfigured`, in Chinese."""
    table: dict[str, Any] = {}
    if file is not None:
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise Misconfigured(f"剧本：读不到 {file}（{error.strerror or error}）") from error
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise Misconfigured(f"剧本：{file} 不是正确的 TOML（{error}）") from error
    try:
        return Scenario.model_validate(table | dict(more or {}))
    except ValidationError as error:
        lines: list[str] = []
        for each in error.errors():
            place = ".".join(str(part) for part in each["loc"])
            wrong = each["type"] == "extra_forbidden"
            what = f"没有这一项{suggestion(place, Scenario.model_fields)}" if wrong else explain(each)
            lines.append(f"剧本：{file or '参数'} {place}：{what}")
        raise Misconfigured("\n".join(lines)) from error
