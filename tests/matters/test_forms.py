"""What each matter asks for, and before which step: the table, and what no sequence of saves may do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.matters.forms import (
    PREFIX,
    Before,
    Kind,
    Value,
    clean,
    is_id_card,
    masked,
    missing,
    read,
    shipped,
    written,
)
from hotline.matters.limits import limits
from hotline.tickets.matter import Matter
from tests.matters.making import CARD

NEEDED: dict[Matter, tuple[str, str, str]] = {
    # before: dispatch, handing over, closing
    Matter.LEGAL_ADVICE: ("", "", ""),
    Matter.LEGAL_AID: ("aid_form aid_by aid_place", "aid_form aid_place", ""),
    Matter.MEDIATION: ("md_kind md_place md_willing md_elsewhere", "md_kind md_willing", ""),
    Matter.NOTARY: ("nt_item nt_used_in nt_place", "", ""),
    Matter.FORENSIC: ("fx_kind fx_item fx_in_suit", "", ""),
    Matter.ARBITRATION: ("ar_kind", "ar_kind", ""),
    Matter.LAWYER_SERVICE: ("lw_need", "", ""),
    Matter.RECONSIDERATION: ("rc_organ rc_act rc_known_on rc_told", "rc_organ rc_act rc_known_on", ""),
    Matter.RESETTLEMENT: ("rs_kind rs_name rs_need rs_office", "rs_kind", ""),
    Matter.PRISON_VISIT: (
        "pv_prison pv_name pv_relation pv_visitor_card pv_on",
        "pv_prison pv_name pv_relation",
        "",
    ),
    Matter.PETITION: ("pt_kind pt_organ pt_before pt_channel", "pt_organ", "pt_channel"),
    Matter.EXPERT: ("ex_question ex_field", "", ""),
    Matter.COMPLAINT: ("cp_about cp_who cp_on", "", "cp_about"),
    Matter.SUGGESTION: ("", "", ""),
    Matter.OTHER: ("", "", ""),
}
PERSONAL = {"rs_name", "pv_name", "pv_number", "pv_visitor_card", "cp_who"}


def fields(found: list[Any]) -> list[str]:
    return [each.field.removeprefix(PREFIX) for each in found]


@pytest.mark.parametrize("matter", list(Matter))
def test_what_a_matter_needs(matter: Matter) -> None:
    for before, wanted in zip(Before, NEEDED[matter], strict=True):
        assert fields(missing(shipped(), matter, {}, before)) == wanted.split(), before
        filled: dict[str, Value] = {each: a_value(each) for each in wanted.split()}
        assert missing(shipped(), matter, filled, before) == []


def test_every_field_can_be_filled_and_what_is_personal_is_known() -> None:
    every = [each for matter in Matter for each in shipped().of(matter)]
    assert {each.id for each in every if each.personal} == PERSONAL
    for each in every:
        assert (each.kind is Kind.CHOICE) == bool(each.choices)
        assert (each.kind is Kind.TEXT) == bool(each.most)
        assert clean(shipped(), {each.id: a_value(each.id)}) == ({each.id: a_value(each.id)}, [])


def a_value(name: str) -> Value:
    field = shipped().field(name)
    assert field is not None
    if field.check is not None:
        return CARD
    match field.kind:
        case Kind.TEXT:
            return "内容"
        case Kind.CHOICE:
            return next(iter(field.choices))
        case Kind.DATE:
            return "2026-11-20"
        case Kind.YES_NO:
            return False
        case Kind.NUMBER | Kind.EXPERT:
            return 7


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"nothing": "x"}, "没有这一项"),
        ({"pv_on": "2026-02-30"}, "日期"),
        ({"pv_on": "20261120"}, "日期"),
        ({"pv_relation": "friend"}, "选择"),
        ({"md_willing": "yes"}, "是或否"),
        ({"pv_prison": "监" * 101}, "100"),
        ({"ex_expert": True}, "整数"),
        ({"ex_expert": -1}, "整数"),
    ],
)
def test_what_no_form_sends(sent: dict[str, Value], why: str) -> None:
    values, (fault,) = clean(shipped(), sent)
    assert values == {}
    assert why in fault.why


@given(st.text(max_size=18))
def test_a_half_typed_number_is_saved_and_not_dispatched(typed: str) -> None:
    assert clean(shipped(), {"pv_visitor_card": typed})[1] == []
    ready = PREFIX + "pv_visitor_card" not in [
        each.field for each in missing(shipped(), "prison_visit", {"pv_visitor_card": typed}, Before.DISPATCH)
    ]
    assert ready == is_id_card(typed)


@pytest.mark.parametrize(
    ("number", "good"),
    [(CARD, True), (CARD.lower(), True), ("110105194912310021", False), ("11010519491331002X", False), ("1101", False)],
)
def test_identity_numbers(number: str, good: bool) -> None:
    assert is_id_card(number) is good


@given(st.text(min_size=1, max_size=60))
def test_a_mask_tells_little(text: str) -> None:
    shown = masked(text)
    assert len(shown) == len(text)
    assert sum(a == b != "*" for a, b in zip(shown, text, strict=True)) <= max(1, 7 if len(text) > 8 else 1)


def test_a_value_in_words() -> None:
    relation, told = shipped().field("pv_relation"), shipped().field("rc_told")
    assert relation is not None
    assert told is not None
    assert (written(relation, "spouse"), written(told, False)) == ("配偶", "否")


def test_forms_that_contradict_themselves() -> None:
    line = {"id": "a", "label": "甲", "kind": "text"}
    with pytest.raises(ValueError, match="twice"):
        read({"edition": "x", "common": [line], "matters": {"other": {"fields": [line]}}})
    with pytest.raises(ValueError, match="no such matter"):
        read({"edition": "x", "common": [], "matters": {"others": {}}})


@pytest.mark.parametrize(
    ("matter", "values", "ends", "over"),
    [
        ("reconsideration", {"rc_known_on": "2026-10-01", "rc_told": True}, "2026-11-30", False),
        ("reconsideration", {"rc_known_on": "2026-09-01"}, "2026-10-31", True),
        ("reconsideration", {"rc_known_on": "2024-02-29", "rc_told": False}, "2025-02-28", True),
        ("arbitration", {"ar_known_on": "2025-12-01", "ar_kind": "labour"}, "2026-12-01", False),
        ("legal_aid", {"aid_limit_on": "2026-11-27"}, "2026-11-27", False),
    ],
)
def test_the_citizens_own_time_limits(matter: str, values: dict[str, Value], ends: str, over: bool) -> None:
    (limit,) = limits(matter, values, date(2026, 11, 23))
    assert (limit.ends_on.isoformat(), limit.over) == (ends, over)


def test_aid_at_once_when_less_than_seven_days_are_left() -> None:
    (near,) = limits("legal_aid", {"aid_limit_on": "2026-11-29"}, date(2026, 11, 23))
    (far,) = limits("legal_aid", {"aid_limit_on": "2026-11-30"}, date(2026, 11, 23))
    assert "先行提供" in near.text
    assert "先行提供" not in far.text
    assert limits("arbitration", {"ar_known_on": "2025-12-01", "ar_kind": "commercial"}, date(2026, 11, 23)) == []
