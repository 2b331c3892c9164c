"""The hall is to behave in another way: calls that are there go on by the new rules from their next step."""

from __future__ import annotations

from hotline.hall.events import RulesTaken
from hotline.hall.rules import HallRules
from hotline.hall.work import Work


def on_rules(work: Work, rules: HallRules) -> None:
    """Take the rules over. Nobody who waits is moved; what is due is due by the new rules."""
    work.decision.rules = rules
    work.say(RulesTaken(duty=rules.duty))
