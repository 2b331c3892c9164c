"""Which area lies in which."""

from __future__ import annotations

import pytest

from hotline.directory.area import AreaLevel, above, level, named, official, plain, within


@pytest.mark.parametrize(
    ("code", "short"),
    [
        ("33", "33"),
        ("330000", "33"),
        ("330100", "3301"),
        ("330106", "330106"),
        ("330106008000", "330106008"),
        ("330106008003", "330106008003"),
        ("330110", "330110"),  # a nought that belongs to the county
        ("330106100", "330106100"),
        ("441900003000", "441900003"),  # a city without counties
        ("", None),
        ("0000", None),
        ("3301060", None),
        ("33010a", None),
        ("３３０１", None),
    ],
)
def test_the_short_form(code: str, short: str | None) -> None:
    assert plain(code) == short


def test_an_area_lies_in_what_it_begins_with() -> None:
    assert within("330106008003", "3301")
    assert within("3301", "3301")
    assert not within("3301", "330106")
    assert not within("330206", "3301")


def test_what_an_area_lies_in() -> None:
    assert above("330106008003") == ["330106008003", "330106008", "330106", "3301", "33"]
    assert above("441900003") == ["441900003", "4419", "44"]
    assert [level(each) for each in above("330106008003")] == list(AreaLevel)


def test_the_smallest_area_that_is_named() -> None:
    areas = [("3207", "连云港市"), ("320703", "连云区"), ("320703001", "墟沟街道"), ("320706", "海州区"), ("32", "")]
    assert named("江苏省连云港市连云区墟沟街道", areas) == "320703001"
    assert named("连云港市海州区", areas) == "320706"
    assert named("连云港市", areas) == "3207"
    assert named("杭州市", areas) == named("", areas) == ""
    assert official("3207") == "320700"
    assert official("320703001") == "320703001"
