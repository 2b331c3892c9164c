"""Every cause that an adapter writes as one word has its Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import adapters
from adapters.telephony import AdapterName, CallKey, CallReleased, EndedBy, LinkUp, RecordingStopped, SeatDeclined
from hotline.lines.causes import AWAY, CAUSES, cause_in_chinese, why_away
from hotline.lines.words import sentence

ROOT = Path(adapters.__file__).parent
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ENDS = {"end", "over", "_lapse", "_left", "_cleared", "_gone"}
FIELD = "cause"
"""The name of a gateway's field, which stands in such a place as well."""
FACTS = {"CallReleased", "Freed", "SeatDeclined"}


def causes() -> Iterator[tuple[str, str]]:
    for file in sorted(ROOT.rglob("*.py")):
        place = str(file.relative_to(ROOT))
        if place.startswith(("bridges", "wire", "asterisk/rig")) or "simulat" in place:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and any(
                isinstance(each, ast.Name) and each.id == "cause"
                for target in node.targets
                for each in ast.walk(target)
            ):
                yield from _words(f"{place}:{node.lineno}", node.value)
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given = [*node.args] if name in ENDS else []
            if name in FACTS | {"say", "_say"}:
                given += [each.value for each in node.keywords if each.arg in ("cause", "reason")]
            for value in given:
                yield from _words(f"{place}:{node.lineno}", value)


def _words(place: str, value: ast.expr) -> Iterator[tuple[str, str]]:
    for each in ast.walk(value):
        if (
            isinstance(each, ast.Constant)
            and isinstance(each.value, str)
            and re.fullmatch("[a-z]{2,}(_[a-z]+)*", each.value)
        ):
            yield place, each.value


def test_every_cause_in_the_source_is_known() -> None:
    found = list(causes())
    assert {"ringing_stopped", "rings_no_longer", "busy", "record", "polarity", "silent"} <= {word for _, word in found}
    assert [f"{place}: {word}" for place, word in found if word not in CAUSES and word != FIELD] == []


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        ("ringing_stopped", "振铃停止"),
        ("record", "按话单"),
        ("NO_ANSWER", "无人接听"),
        ("normal", ""),
        ("q850:16", ""),
        ("q850:38", "网络原因码 38"),
        ("DESTINATION_OUT_OF_ORDER", "DESTINATION_OUT_OF_ORDER"),
    ],
)
def test_causes(cause: str, said: str) -> None:
    assert cause_in_chinese(cause) == said


def test_in_sentences() -> None:
    origin = {"adapter": AdapterName("a"), "event_id": "1", "at": NOW, "heard_at": NOW}
    call = {**origin, "call": CallKey("k")}
    assert sentence(CallReleased(**call, by=EndedBy.CALLER, cause="rings_no_longer", inferred=True)) == (
        "来电人挂机：振铃停止（推断）"
    )
    assert sentence(CallReleased(**call, cause="record")) == "通话结束：按话单"
    assert sentence(CallReleased(**call, by=EndedBy.CALLER, cause="normal")) == "来电人挂机"
    assert sentence(SeatDeclined(**call, seat="8001", reason="busy")) == "话机 8001 未接：占线"
    assert sentence(RecordingStopped(**call, name="r", missing="recording_failed")) == "录音缺失：录音失败"
    assert (
        sentence(LinkUp(**origin, detail="smdr: socket://127.0.0.1:21450"))
        == "连接建立：smdr: socket://127.0.0.1:21450"
    )


def test_times_away() -> None:
    assert why_away("starting") == AWAY["starting"]
    assert why_away("box: the device is gone") == "box：设备已断开：请检查电源和连线"
    assert why_away("something newer") == "something newer"
