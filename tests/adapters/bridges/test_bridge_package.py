"""A package that can be built can be kept and read back; nothing longer than its limit gets into one."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from adapters.bridges.fields import FIELDS, flat
from adapters.handover_package import CallSegment, DailyFigures, HandoverPackage, Measure, Sender, limit_of
from tests.adapters.bridges.stage import NOW, package


def test_kept_and_read_back_word_by_word() -> None:
    made = package()
    assert msgspec.json.decode(msgspec.json.encode(made), type=HandoverPackage) == made


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("facts", "字" * 10_001),
        ("claim", "字" * 5_001),
        ("reason", "字" * 201),
        ("caller_number", "1" * 41),
        ("key", ""),
        ("key", "a b"),
        ("key", "../../etc"),
        ("key", "k\n"),
        ("key", "k" * 101),
        ("calls", (CallSegment(begun_at=NOW),) * 51),
    ],
)
def test_too_much_is_refused_when_it_is_built(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=field):
        package(**{"key": "k.1", field: value})


def test_parts_have_limits_too() -> None:
    with pytest.raises(ValueError, match="name"):
        Sender(name="字" * 65)
    with pytest.raises(ValueError, match="measures"):
        DailyFigures(hall="h1", day=date(2026, 11, 22), measures=(), prepared_at=NOW)


def test_every_field_of_a_package_has_a_name_for_mapping_files() -> None:
    values = flat(package())
    assert set(values) == set(FIELDS)
    plain = set(HandoverPackage.__struct_fields__) - {"consent", "confirmed", "sent_by"}
    assert plain <= set(FIELDS)
    assert limit_of("facts") == 10_000


def test_figures_of_a_day_counted_again_have_another_key() -> None:
    measure = Measure(id="answer_rate", label="接通率", numerator=95, denominator=100, value=0.95)
    first = DailyFigures(hall="h1", day=date(2026, 11, 22), measures=(measure,), prepared_at=NOW)
    assert first.key == "figures-h1-20261122-1"
    assert msgspec.structs.replace(first, revision=2).key != first.key
