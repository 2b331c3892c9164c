"""What we keep of a caller's number, what may be shown of it, and where it comes from."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hotline.calls.numbers import MAX_DIGITS, mask, normalise
from hotline.region import place, region


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("P", None),
        ("o", None),
        ("Anonymous", None),
        ("匿名", None),
        ("0000000000", None),
        ("13800138000", "13800138000"),
        (" 138-0013-8000 ", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("+86 27 8765 4321", "02787654321"),
        ("+862787654321", "02787654321"),
        ("027-87654321", "02787654321"),
        ("12345", "12345"),
        ("+8612345", "+8612345"),
        ("*86#", "*86#"),
        ("1" * 80, "1" * MAX_DIGITS),
    ],
)
def test_normalise(raw: str | None, kept: str | None) -> None:
    assert normalise(raw) == kept


@given(st.text(max_size=60))
def test_normalise_never_fails_and_is_done_once(raw: str) -> None:
    kept = normalise(raw)
    if kept is not None:
        assert 0 < len(kept) <= MAX_DIGITS
        assert set(kept) <= set("0123456789*#+")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (None, ""),
        ("", ""),
        ("13800138000", "138****8000"),
        ("02787654321", "027****4321"),
        ("057112341234", "0571****1234"),
        ("87654321", "87****21"),
        ("61234", "61*34"),
        ("801", "***"),
        ("110", "110"),
        ("12345", "12345"),
    ],
)
def test_mask(number: str | None, shown: str) -> None:
    assert mask(number) == shown


@given(st.text(alphabet="0123456789", min_size=1, max_size=MAX_DIGITS))
def test_mask_hides_something_of_every_number_but_the_public_ones(number: str) -> None:
    assume(not re.fullmatch(r"110|11\d|12[02]|12\d{3}", number))
    shown = mask(number)
    assert shown != number
    assert "*" in shown


def test_region() -> None:
    assert region("13800138000").startswith("北京")
    assert "移动" in region("13800138000")
    assert "武汉" in region("02787654321")
    for unknown in (None, "", "12345", "99999999999999999999", "*86#0000", "++++++++"):
        assert region(unknown) == ""


def test_the_place_of_a_region_has_no_carrier() -> None:
    assert place(region("13800138000")) == "北京市"
    assert place(region("02787654321")) == region("02787654321")
    assert (place("中国移动"), place("")) == ("", "")
