"""Whatever reason an adapter gives can be said in Chinese; what is not known is shown unchanged."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adapters
from adapters.reading import Clock, json_of
from adapters.reasons import in_chinese

ROOT = Path(adapters.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
EVERYWHERE = {"Unreadable", "Undecodable", "_Missing", "LinkDown", "NotAdmitted"}
OF_LISTS = {"Refused", "NoAnswer"}
"""What a hall's orders are refused with is told in the course of the call; of these, those of lists and probes."""
LISTED = ("gateway_push", "modem/probing.py", "asterisk/rest.py")
NO_TELEPHONY = ("asterisk/rig", "bridges", "handover_package.py", "bridge.py", "conformance")
"""The bench; hand-overs to other platforms, which have words of their own."""


def literals() -> Iterator[tuple[str, str]]:
    """Where a reason is made, and how it may look."""
    for file in sorted(ROOT.rglob("*.py")):
        place = str(file.relative_to(ROOT))
        if place.startswith(NO_TELEPHONY):
            continue
        wanted = EVERYWHERE | (OF_LISTS if place.startswith(LISTED) else set())
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in wanted:
                    yield from _sampled(f"{place}:{node.lineno}", first)
                case ast.Call(func=ast.Name(id="RefusedItem"), args=[_, reason]):
                    yield from _sampled(f"{place}:{node.lineno}", reason)
                case ast.Return(value=ast.Tuple(elts=[*_, last])) if place.endswith(("reading.py", "_fields.py")):
                    yield from _sampled(f"{place}:{node.lineno}", last)


def _sampled(place: str, value: ast.expr) -> Iterator[tuple[str, str]]:
    match value:
        case ast.Subscript(value=inner):
            yield from _sampled(place, inner)
        case ast.IfExp(body=one, orelse=other):
            yield from _sampled(place, one)
            yield from _sampled(place, other)
        case ast.Call(func=ast.Name(id="printable"), args=[inner]):
            yield from _sampled(place, inner)
        case ast.Constant(value=str(text)) if re.search("[A-Za-z]", text):
            yield place, text
        case ast.JoinedStr(values=parts) if any(isinstance(part, ast.Constant) for part in parts):
            yield place, "".join(str(part.value) if isinstance(part, ast.Constant) else _hole(part) for part in parts)


def _hole(part: ast.expr) -> str:
    assert isinstance(part, ast.FormattedValue)
    source = ast.unparse(part.value)
    if "error" in source and not source.startswith("type("):
        return "timed out"
    return {"_rough(ahead)": "7 days", "_rough(-ahead)": "7 days", "method": "GET"}.get(source, "7")


def test_every_reason_in_the_source_has_its_chinese() -> None:
    found = list(literals())
    assert len(found) > 100, "the source was read"
    without = [f"{place}: {reason}" for place, reason in found if not CHINESE.search(in_chinese(reason))]
    assert without == []


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("neither a record nor a detail line", "既不是来电记录，也不是明细行：请核对方言（dialect）"),
        ("box: the device is gone", "box：设备已断开：请检查电源和连线"),
        ("1: no answer to ATZ within 2 s; 2: closed", "线路 1：对 ATZ 的应答超过 2 秒；线路 2：已关闭"),
        (
            "1: [Errno 2] could not open port /dev/x: [Errno 2] No such file or directory: '/dev/x'",
            "线路 1：设备不存在（/dev/x）：线没有插好，或名称写错。ls -l /dev/serial/by-id/ 可列出现有设备",
        ),
        ("最近 50 帧中 12 帧无法识别：no frame", "最近 50 帧中 12 帧无法识别：字节中没有完整的一帧"),
        ("[2] call is missing", "第 3 条：缺少 call"),
        ("caller is empty - at `$.caller`", "caller：caller 是空的"),
        (
            "no rule of the mapping fits: 状态 = 转接",
            "映射文件中没有符合的规则（收到 状态 = 转接）：请补一段 [[events]]",
        ),
        ("1: no voice modem: USR has neither +FCLASS=8 nor #CLS=8", None),
        ("", ""),
        ("the device's own words", "the device's own words"),
        ("busy; and more", "busy; and more"),
    ],
)
def test_as_it_is_said(reason: str, said: str | None) -> None:
    shown = in_chinese(reason)
    assert shown == said if said is not None else shown.startswith("线路 1：不能用作语音调制解调器")


@pytest.mark.parametrize(
    "text", ['{"a": 1,}', "{a: 1}", "[1", '{"a" 1}', '"', "", '{"a": NaN}', '{"a":1,"a":2}', "1 2"]
)
def test_whatever_the_parser_says_of_json(text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the parser's words are what is tested
        json_of(text)
    said = in_chinese(f"not JSON: {caught.value}")
    assert not re.search("[A-Za-z]{3,}", said.replace("JSON", "").replace("NaN", "")), said
    if isinstance(caught.value, json.JSONDecodeError):
        assert f"第 {caught.value.lineno} 行第 {caught.value.colno} 列" in said


class _Event(msgspec.Struct, forbid_unknown_fields=True):
    call: str
    port: int = 0


@pytest.mark.parametrize("item", [{}, {"call": 1}, {"call": "x", "port": "7"}, 3, {"call": None}])
def test_whatever_msgspec_says_of_an_event(item: object) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(item, _Event)
    assert CHINESE.search(in_chinese(str(caught.value))), str(caught.value)


@given(st.integers(-400, 40_000).map(lambda days: timedelta(days=days)) | st.timedeltas())
def test_whatever_is_wrong_with_a_time(off: timedelta) -> None:
    now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    clock = Clock(zone="Asia/Shanghai", max_ahead=timedelta(seconds=120), max_age=timedelta(days=3))
    try:
        at = now + off
    except OverflowError:
        return
    _, wrong = clock.place(at, now)
    assert not wrong or in_chinese(wrong).endswith(("请校准设备时钟", "已按收到的时间登记"))


@given(st.text(max_size=200))
def test_a_strange_reason_is_never_lost(reason: str) -> None:
    assert in_chinese(reason) or not reason
