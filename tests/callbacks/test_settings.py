"""The settings' defaults are the rules' defaults, and a clock time that is none is refused."""

from __future__ import annotations

from datetime import time

import pytest
from pydantic import ValidationError

from hotline.callbacks.keep import rules_of
from hotline.callbacks.rules import CallbackRules
from hotline.settings import CallbacksTable, HallTable, QueueTable


def hall(**table: object) -> HallTable:
    queue = QueueTable(label="人工服务", groups=["all"])
    wish = CallbacksTable.model_validate(table)
    return HallTable(label="大厅", default_queue="main", queues={"main": queue}, callbacks=wish)


def test_defaults_agree() -> None:
    assert rules_of(hall()) == CallbackRules()


def test_every_rule_can_be_set() -> None:
    assert set(CallbacksTable.model_fields) == set(CallbackRules.__struct_fields__)
    rules = rules_of(hall(missed_minutes=30, quiet_from="22:30", quiet_to="07:00", short_abandoned=False))
    assert (rules.missed_minutes, rules.quiet_from, rules.quiet_to) == (30, time(22, 30), time(7))
    assert not rules.short_abandoned


@pytest.mark.parametrize("wrong", [{"quiet_from": "25:00"}, {"attempts": 0}, {"missed_minute": 5}])
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        hall(**wrong)
