"""Pairs of signs: what is kept of a text, what is asked for a query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.tickets.words import folded, query, runs, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("民间借贷", ["借贷", "民间", "间借", "贷"]),
        ("拖欠工资，3个月", ["3个", "个月", "工资", "拖欠", "月", "欠工", "资"]),
        ("ＡＢＣ abc", ["ab", "bc", "c"]),
        ("１２３４８", ["12", "23", "34", "48", "8"]),
        ("", []),
        ("。，！ \n", []),
        ("王", ["王"]),
        ("㎡", ["2", "m2"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words([text]) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("工资", "'工资'"),
        ("资", "'资':*"),
        ("拖欠工资", "'工资' & '拖欠' & '欠工'"),
        ("工资 社保", "'工资' & '社保'"),
        ("' | !x", "'x':*"),
        ("!!", None),
        ("", None),
    ],
)
def test_query(text: str, expected: str | None) -> None:
    assert query(text) == expected


@given(st.text())
def test_quotes_never_get_into_a_query(text: str) -> None:
    asked = query(text)
    if asked is not None:
        assert set("".join(asked.split("'")[1::2])).isdisjoint("'\\&|!:*() ")


@given(st.text(min_size=1), st.text(), st.data())
def test_every_piece_of_a_text_is_found_by_its_words(text: str, other: str, data: st.DataObject) -> None:
    pieces = runs(text)
    if not pieces:
        return
    piece = data.draw(st.sampled_from(pieces))
    begin = data.draw(st.integers(0, len(piece) - 1))
    end = data.draw(st.integers(begin + 1, len(piece)))
    kept = words([other, text])
    asked = query(piece[begin:end])
    assert asked is not None
    for each in asked.split(" & "):
        word = each.split("'")[1]
        assert any(k.startswith(word) for k in kept) if each.endswith(":*") else word in kept


def test_folding() -> None:
    assert folded("Ａｂ１２") == "ab12"
