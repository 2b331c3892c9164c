"""The reasons of an offer as a sentence."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from hotline.callers.treatment import Kind, Level
from routing.why import MARKS, MOST_LEFT_OUT, LeftOut, Why, duration, sentence

LABELS = {"labour": "劳动", "all": "综合组"}


def why(**more: Any) -> Why:
    usual = {"strategy": "longest-idle", "seat": "02", "group": "labour", "waited_seconds": 37.2, "rivals": 3}
    return Why(**{**usual, "idle_seconds": 250.0, **more})


def test_the_whole_sentence() -> None:
    told = sentence(why(left_out=(LeftOut(seat="07", reason="conflict"),)), LABELS)
    assert (
        told
        == "该来电等候 37 秒，排在第 1 位；劳动组有 3 个空闲坐席，02 号空闲最久（4 分 10 秒）；07 号因利益冲突回避。"
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            {"rivals": 1, "group": "all", "idle_seconds": 0.0},
            "该来电等候 37 秒，排在第 1 位；综合组只有 02 号空闲（已空闲 0 秒）。",
        ),
        (
            {"rivals": 1, "group": "", "idle_seconds": None},
            "该来电等候 37 秒，排在第 1 位；可派发的技能组只有 02 号空闲。",
        ),
        (
            {"rivals": 1, "out_of_reach": 2},
            "该来电等候 37 秒，排在第 1 位；劳动组中来电线路能呼到的只有 02 号空闲（已空闲 4 分 10 秒）；"
            "另有 2 个空闲坐席的话机不在来电线路上。",
        ),
        (
            {"strategy": "spread-evenly", "taken": 5, "group": "family"},
            "该来电等候 37 秒，排在第 1 位；family组有 3 个空闲坐席，02 号本班接听最少（5 通）。",
        ),
        (
            {"strategy": "last-lawyer-first", "ahead": 2},
            "该来电等候 37 秒，排在第 3 位（前面 2 位不能由 02 号接听）；"
            "劳动组有 3 个空闲坐席，02 号的律师上次接待过该来电人。",
        ),
        (
            {"strategy": "preferred", "priority": 2, "marks": ("minor", "prefer"), "waited_seconds": 3723},
            "该来电等候 1 小时 2 分，排在第 1 位，按优先 2 级提前（未成年人、指定律师）；"
            "劳动组有 3 个空闲坐席，02 号的律师是为该来电人指定的律师。",
        ),
        (
            {"strategy": "own-make", "marks": ("limited",), "relaxed": 1, "kept_place": True},
            "该来电等候 37 秒，排在第 1 位，重拨保留原排队位置，标记：骚扰来电限制，等候较久已放宽技能组；"
            "劳动组有 3 个空闲坐席，按策略 own-make 选择 02 号。",
        ),
    ],
)
def test_other_sentences(more: dict[str, Any], expected: str) -> None:
    assert sentence(why(**more), LABELS) == expected


def test_seats_left_out_are_told_by_reason_and_not_without_end() -> None:
    left = [
        LeftOut(seat="03", reason="conflict"),
        LeftOut(seat="04", reason="passed"),
        LeftOut(seat="05", reason="conflict"),
    ]
    told = sentence(why(left_out=tuple(left)), LABELS)
    assert told.endswith("；03 号、05 号因利益冲突回避；04 号本次来电已振铃未接。")
    many = tuple(LeftOut(seat=f"{n:02}", reason="passed") for n in range(MOST_LEFT_OUT + 2))
    assert sentence(why(left_out=many)).endswith("；另有 2 个空闲坐席未参与派发。")
    assert "09 号未参与派发（new-reason）" in sentence(why(left_out=(LeftOut(seat="09", reason="new-reason"),)))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 秒"), (-1, "0 秒"), (59.6, "1 分钟"), (61, "1 分 1 秒"), (3600, "1 小时"), (7260, "2 小时 1 分")],
)
def test_durations(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_every_mark_of_a_treatment_has_a_word() -> None:
    marks = {kind.value for kind in Kind if kind is not Kind.HARASSING} | {
        level.value for level in Level if level is not Level.NONE
    }
    assert marks == set(MARKS)


def test_it_is_kept_whole() -> None:
    kept = why(left_out=(LeftOut(seat="07", reason="conflict"),), marks=("minor",), priority=2)
    assert msgspec.json.decode(msgspec.json.encode(kept), type=Why) == kept
