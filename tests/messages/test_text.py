"""Numbers, segments and templates: what can be said to whom, and how much it costs."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from adapters.sms_text import e164, is_signature, segments, signed
from hotline.messages.message import Kind
from hotline.messages.progress import code_of, plain
from hotline.messages.rules import MessageRules, Spent, Why, is_quiet, opens, over_cap
from hotline.messages.templates import COMING_ALONG, PLACES, SECRET, Template, coming_along, faults, fill
from hotline.rosters.calendar import SHANGHAI


@pytest.mark.parametrize(
    ("number", "sent_to"),
    [
        ("13800138000", "+8613800138000"),
        ("19912345678", "+8619912345678"),
        ("12345678901", None),
        ("051812345678", None),
        ("12348", None),
        ("110", None),
        ("", None),
        (None, None),
    ],
)
def test_only_mobiles_get_messages(number: str | None, sent_to: str | None) -> None:
    assert e164(number) == sent_to


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("", 1), ("字" * 70, 1), ("字" * 71, 2), ("字" * 134, 2), ("字" * 135, 3), ("😀" * 35, 1), ("😀" * 36, 2)],
)
def test_segments(text: str, pieces: int) -> None:
    assert segments(text) == pieces


def test_the_signature_counts() -> None:
    assert segments(signed("字" * 62, "12348热线")) == 2
    assert [is_signature(each) for each in ("热", "12348热线", "【热线】", "a b")] == [False, True, False, False]


@pytest.mark.parametrize("kind", [*Kind, SECRET])
def test_what_comes_along_is_without_fault(kind: str) -> None:
    for address in (True, False):
        assert faults(kind, coming_along(kind, address=address).text) == []
    assert set(COMING_ALONG) == set(PLACES)
    examples = {
        "number": "LYG-20261123-000001",
        "code": "12345678",
        "address": "https://12348.example.gov.cn/public/progress",
    }
    examples |= {
        "unit": "海州区公共法律服务中心",
        "place": "海州区解放路 1 号",
        "telephone": "0518-12345678",
        "days": "7",
    }
    examples |= {
        "link": "https://12348.example.gov.cn/rate/" + "x" * 32,
        "when": "11月24日（周二）09:30",
        "time": "11月24日09:30",
    }
    filled = fill(coming_along(kind, address=True), {**examples, "result": "已补发。"}, signature="连云港12348", most=2)
    assert filled is not None
    assert "{" not in filled


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "不能为空"),
        ("您的编号{number}", "{code}"),
        ("{number}{code}{name}", "{name}"),
        ("{number}{code}{", "花括号"),
        ("【假】{number}{code}", "签名"),
        ("{number}{code}\n", "控制字符"),
        ("{number}{code}" + "字" * 300, "300"),
    ],
)
def test_faults_of_a_template_are_named(text: str, word: str) -> None:
    assert any(word in each for each in faults(Kind.ACCEPTED, text))


def test_a_long_result_is_cut_where_it_fits() -> None:
    template = coming_along(Kind.RESULT, address=True)
    text = fill(template, {"number": "A-1", "result": "已补发工资" * 200}, signature="12348", most=2)
    assert text is not None
    assert "…" in text
    assert text.endswith("请拨打12348。")
    assert segments(signed(text, "12348")) == 2
    assert segments(signed(text + "字", "12348")) == 3


def test_what_is_filled_in_cannot_break_out() -> None:
    template = Template(kind=Kind.RESULT, version=1, text="结果：{result}")
    assert fill(template, {"result": "好\n【银行】点 {code}"}, signature="", most=1) == "结果：好 [银行]点 {code}"


def test_what_cannot_be_shortened_is_not_sent() -> None:
    template = Template(kind=Kind.APPOINTMENT, version=1, text="{when}{unit}{note}")
    assert fill(template, {"note": "字" * 300}, signature="", most=4) is None


@pytest.mark.parametrize(
    ("clock", "quiet"), [("20:59", False), ("21:00", True), ("23:30", True), ("07:59", True), ("08:00", False)]
)
def test_quiet_hours_in_shanghai(clock: str, quiet: bool) -> None:
    rules = MessageRules()
    hour, minute = map(int, clock.split(":"))
    at = datetime(2026, 11, 20, hour, minute, tzinfo=SHANGHAI)
    assert is_quiet(at, rules) is quiet
    then = opens(at, rules)
    assert then >= at
    assert (f"{then.astimezone(SHANGHAI):%H:%M}" == "08:00") if quiet else then == at


def test_the_same_time_twice_is_no_quiet_hour() -> None:
    assert not is_quiet(datetime(2026, 11, 20, 16, tzinfo=UTC), MessageRules(quiet_from=time(8), quiet_to=time(8)))


def test_caps() -> None:
    rules = MessageRules(segments_a_day=10, per_number_day=2)
    assert over_cap(2, Spent(segments=8, to_number=1), rules) is None
    assert over_cap(3, Spent(segments=8), rules) is Why.DAY_CAP
    assert over_cap(1, Spent(segments=0, to_number=2), rules) is Why.NUMBER_CAP


def test_a_code_is_eight_digits_however_it_is_typed() -> None:
    assert code_of(bytes(16)) == "00000000"
    assert plain(" 1234 5678 ") == "12345678"
    assert plain("1234567") is None
    assert plain("１２３４５６７８") is None
