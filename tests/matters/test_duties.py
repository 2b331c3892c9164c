"""Who must be told of legal aid, and which duties follow from what is marked: tables a lawyer can read."""

from __future__ import annotations

import pytest

from hotline.matters.duties import About, applying, to_record, unasked
from hotline.matters.reminder import untold, why
from hotline.tickets.matter import SpecialGroup


@pytest.mark.parametrize(
    ("about", "shown", "recorded"),
    [
        (About(), [], []),
        (About(special_group="elderly"), ["elderly_care"], []),
        (About(special_group="disabled"), ["disabled_care"], []),
        (About(special_group="migrant_worker"), ["migrant_care"], []),
        (About(special_group="woman"), [], []),
        (About(minor_involved=True), ["minor_care"], []),
        (About(special_group="minor"), ["minor_care"], []),
        (
            About(minor_involved=True, values={"mark_minor_harm": True}),
            ["minor_report", "minor_care"],
            ["minor_report"],
        ),
        (About(values={"mark_minor_harm": False, "mark_violence": False}), [], []),
        (About(values={"mark_violence": True}), ["violence"], ["violence"]),
        (
            About(special_group="elderly", values={"mark_self_harm": True, "mark_violence": True}),
            ["self_harm", "violence", "elderly_care"],
            ["self_harm", "violence"],
        ),
    ],
)
def test_duties(about: About, shown: list[str], recorded: list[str]) -> None:
    assert [duty.code for duty in applying(about)] == shown
    assert [duty.code for duty in to_record(about)] == recorded
    assert all(duty.norm and duty.text for duty in applying(about))


def test_of_a_minor_it_is_asked_whether_they_are_harmed() -> None:
    assert [each.field for each in unasked(About(minor_involved=True))] == ["particulars.mark_minor_harm"]
    assert unasked(About(minor_involved=True, values={"mark_minor_harm": False})) == []
    assert unasked(About()) == []


@pytest.mark.parametrize(
    ("matter", "category", "about", "must"),
    [
        ("", "", About(), False),
        ("legal_advice", "civil.loan", About(), False),
        ("legal_aid", "", About(), True),
        ("legal_advice", "civil.labour.pay", About(), True),
        ("legal_advice", "civil.labour.payroll", About(), False),
        ("legal_advice", "criminal.practice", About(), True),
        ("legal_advice", "civil.loan", About(special_group=SpecialGroup.ELDERLY), True),
        ("legal_advice", "civil.loan", About(special_group=SpecialGroup.WOMAN), False),
        ("notary", "", About(minor_involved=True), True),
        ("mediation", "", About(values={"mark_violence": True}), True),
    ],
)
def test_who_must_be_told_of_legal_aid(matter: str, category: str, about: About, must: bool) -> None:
    assert bool(why(matter, category, about)) is must
    assert [each.field for each in untold(matter, category, about, told=False)] == ["legal_aid_told"] * must
    assert untold(matter, category, about, told=True) == []


def test_not_told_with_a_reason() -> None:
    about = About(values={"aid_not_told": "来电人挂断。"})
    assert untold("legal_aid", "", about, told=False) == []
