"""What a site may write in a mapping file, what comes of it, and what it is told when it is wrong."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from adapters.bridge import NewsKind
from adapters.bridges.incoming import news, standings
from adapters.bridges.mapping import BridgeMapping
from adapters.bridges.mapping_file import read_mapping
from adapters.bridges.outgoing import CUT, document, figures_document, missing
from adapters.bridges.writing import decode, encode, read_time
from adapters.errors import Misconfigured, Undecodable
from adapters.handover_package import DailyFigures, Measure, Urgency
from tests.adapters.bridges.stage import NOW, package

GOOD = """
time = "%Y-%m-%d %H:%M:%S"
[fields]
key = "head.lsh"
local_no = { to = "head.gdh", required = true, max = 64 }
urgency = { to = "body.jjcd", codes = "urgency" }
confidential = { to = "body.sfbm", codes = "flag" }
facts = { to = "body.nr", required = true, max = 30, cut = true }
area = { to = "body.dz", max = 5 }
category_code = { to = "body.fl", codes = "category" }
legal_note = { to = "body.yj", empty = "无" }
happened_at = "body.sj"
prepared_at = { to = "body.zbsj", time = "epoch-ms" }
calls = { to = "body.ly", each = { recording = "bh", begun_at = "kssj" } }
[constants]
"head.dwdm" = "12348"
"head.bb" = 2
[codes.urgency]
normal = 1
urgent = 2
emergency = 3
[codes.flag]
true = "Y"
false = "N"
[codes.category]
0307 = "XF-03"
[news]
items = "list"
kind = "zt"
local_no = "gdh"
their_no = "bh"
at = "sj"
text = "yj"
[news.kinds]
"1" = "acknowledged"
"2" = "accepted"
"3" = "returned"
"9" = "ignore"
"""


def read(tmp_path: Path, text: str = GOOD) -> BridgeMapping:
    file = tmp_path / "city.toml"
    file.write_text(text, "utf-8")
    return read_mapping(file)


def test_fields_codes_constants_and_times(tmp_path: Path) -> None:
    mapping = read(tmp_path)
    made = package(legal_note="", confidential=True, urgency=Urgency.EMERGENCY)
    assert missing(made, mapping) == []
    assert document(made, mapping) == {
        "head": {"dwdm": "12348", "bb": 2, "lsh": made.key, "gdh": made.local_no},
        "body": {
            "jjcd": 3,
            "sfbm": "Y",
            "nr": made.facts,
            "dz": "连云区",
            "fl": "XF-03",
            "yj": "无",
            "sj": "2026-11-23 10:21:00",
            "zbsj": str(int(NOW.timestamp() * 1000)),
            "ly": [{"bh": "rec-1", "kssj": "2026-11-23 10:30:00"}],
        },
    }


def test_what_is_too_long_is_cut_only_where_that_is_said(tmp_path: Path) -> None:
    mapping = read(tmp_path)
    made = package(facts="字" * 500, area="连云区墟沟街道")
    assert [(each.field, each.why) for each in missing(made, mapping)] == [
        ("area", "所在地区有 7 个字，对方最多收 5 个字：请缩短")
    ]
    cut = document(package(facts="字" * 500), mapping)["body"]["nr"]
    assert len(cut) == 30
    assert cut.endswith(CUT)


def test_a_value_without_a_code_is_asked_for(tmp_path: Path) -> None:
    mapping = read(tmp_path)
    (found,) = missing(package(category_code="0999"), mapping)
    assert found.field == "category_code"
    assert "[codes.category]" in found.why
    assert missing(package(category_code=""), mapping) == []


def test_json_xml_and_form_say_the_same(tmp_path: Path) -> None:
    tree = document(package(facts="A<b>&\x00二"), read(tmp_path))
    assert json.loads(encode(tree, "json", "x")) == tree
    root = ElementTree.fromstring(encode(tree, "xml", "case"))
    assert root.tag == "case"
    assert root.findtext("body/nr") == "A<b>&二"
    assert root.findtext("body/ly/bh") == "rec-1"
    form = parse_qs(encode(tree, "form", "x").decode())
    assert form["body.nr"] == ["A<b>&二"]
    assert json.loads(form["body.ly"][0])[0]["bh"] == "rec-1"
    for way in ("xml", "form"):
        again = cast("dict[str, Any]", decode(encode(tree, way, "case"), way))
        assert again["head"]["gdh"] == package().local_no


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"\xff\xfe\xfd", "json"),
        (b"[" * 10_000, "json"),
        (b'{"a":1,"a":2}', "json"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "xml"),
        (b"<a>" * 200 + b"</a>" * 200, "xml"),
        (b"<a", "xml"),
        (b"", "form"),
        (b"a=1&a.b=2", "form"),
        (b"a=1&a.b.c=2", "form"),
        (b"a" + b".a" * 5_000 + b"=1", "form"),
    ],
)
def test_hostile_documents_are_refused(body: bytes, form: Any) -> None:
    with pytest.raises(Undecodable):
        decode(body, form)


def test_a_long_list_in_xml_is_read_in_no_time() -> None:
    begun = time.process_time()
    assert len(cast("dict[str, list[str]]", decode(b"<a>" + b"<b/>" * 200_000 + b"</a>", "xml"))["b"]) == 200_000
    assert time.process_time() - begun < 5


def test_deep_news_are_refused_however_deep(tmp_path: Path) -> None:
    mapping = read(tmp_path)
    for depth in range(50, 1_200, 7):
        body = b'{"list":[{"zt":"2","gdh":"H1-1","x":' + b"[" * depth + b"]" * depth + b"}]}"
        with suppress(Undecodable):
            assert len(news(decode(body, "json"), mapping, NOW).news) == 1


def test_their_news_in_their_words(tmp_path: Path) -> None:
    mapping = read(tmp_path)
    tree = {
        "list": [
            {"zt": 1, "gdh": "H1-1", "bh": "C-1", "sj": "2026-11-23 10:31:00"},
            {"zt": "3", "gdh": "H1-1", "bh": "C-1", "yj": "不属于我单位\x00"},
            {"zt": "9", "gdh": "H1-1"},
            {"zt": "1", "gdh": "H1-2"},
            {"zt": "2", "gdh": ""},
            {"zt": "7", "gdh": "H1-3"},
            "?",
        ]
    }
    batch = news(tree, mapping, NOW)
    first, second = batch.news
    assert (first.kind, first.local_no, first.their_no) == (NewsKind.ACKNOWLEDGED, "H1-1", "C-1")
    assert first.at == NOW.replace(minute=31)
    assert (second.kind, second.text, second.at) == (NewsKind.RETURNED, "不属于我单位", NOW)
    assert [each.reason for each in batch.set_aside] == [
        "收件确认没有对方编号",
        "消息没有移交标识，也没有我方工单号",
        "消息类型“7”不在映射文件的 [news.kinds] 中",
        "一条消息不是对象",
    ]
    assert news(tree, mapping, NOW).news[0].id == first.id


def test_numbering_of_news_that_begins_anew_in_every_case(tmp_path: Path) -> None:
    mapping = read(tmp_path, GOOD.replace('kind = "zt"', 'kind = "zt"\nid = "xh"'))
    tree = {"list": [{"xh": 1, "zt": "2", "gdh": "H1-1"}, {"xh": 1, "zt": "2", "gdh": "H1-2"}]}
    assert len({each.id for each in news(tree, mapping, NOW).news}) == 2


def test_too_many_news_at_once(tmp_path: Path) -> None:
    with pytest.raises(Undecodable):
        news({"list": [{"zt": "2", "gdh": "H1-1"}] * 1_001}, read(tmp_path), NOW)


def test_half_a_list_is_no_list() -> None:
    mapping = read_mapping(DEFAULTS["line12345"])
    rows = [{"key": "k.1", "state": "accepted"}, {"key": "k.2", "state": "?"}]
    with pytest.raises(Undecodable, match="状态"):
        list(standings({"data": rows}, mapping, NOW))
    assert [each.key for each in standings({"data": rows[:1]}, mapping, NOW)] == ["k.1"]


@pytest.mark.parametrize(
    ("text", "way", "same"),
    [
        ("2026-11-23T10:30:00+08:00", "iso", True),
        ("2026-11-23 10:30:00", "iso", True),
        ("20261123103000", "iso", True),
        ("23/11/2026 10:30", "%d/%m/%Y %H:%M", True),
        (str(int(NOW.timestamp())), "epoch", True),
        (str(int(NOW.timestamp() * 1000)), "epoch-ms", True),
        ("9" * 30, "epoch", False),
        ("1970-01-01 00:00:00", "iso", False),
        ("soon", "iso", False),
    ],
)
def test_their_times(text: str, way: str, same: bool) -> None:
    heard_at = NOW.replace(minute=35)
    assert read_time(text, way, ZoneInfo("Asia/Shanghai"), heard_at) == (NOW if same else heard_at)


def test_figures_have_what_they_were_made_from() -> None:
    measures = (
        Measure(id="answer_rate", label="接通率", numerator=95, denominator=100, value=0.95),
        Measure(id="empty", label="空", numerator=0, denominator=0, value=None),
    )
    figures = DailyFigures(hall="h1", day=date(2026, 11, 22), measures=measures, prepared_at=NOW)
    tree = figures_document(figures, read_mapping(DEFAULTS["province"]))
    assert (tree["day"], tree["key"]) == ("2026-11-22", figures.key)
    assert [each["value"] for each in tree["measures"]] == [0.95, ""]


DEFAULTS = {
    kind: Path(__file__).parents[3] / "adapters" / "bridges" / kind / "mapping.toml"
    for kind in ("line12345", "line110", "province", "folder", "table")
}


@pytest.mark.parametrize("kind", DEFAULTS)
def test_the_mappings_that_ship_take_a_complete_package(kind: str) -> None:
    mapping = read_mapping(DEFAULTS[kind])
    assert missing(package(), mapping) == []
    assert document(package(), mapping)["facts"] == package().facts


def test_minimum_fields_differ_by_receiver() -> None:
    poor = package(area="", urgency=Urgency.NORMAL, category="", confirmed=None)
    lacking = {kind: {each.field for each in missing(poor, read_mapping(file))} for kind, file in DEFAULTS.items()}
    assert lacking["line110"] == {"area", "confirmed_by", "confirmed_at"}
    assert lacking["province"] == {"category"}
    assert lacking["line12345"] == lacking["folder"] == lacking["table"] == set()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('key = "head.lsh"', 'kye = "head.lsh"', "fields.kye：没有这个字段；是否应为 key？"),
        ("max = 64", "maxx = 64", "fields.local_no.maxx：没有这一项，请删去或改正；是否应为 max？"),
        ('"head.gdh"', '"head..gdh"', "fields.local_no.to：应为字段的位置"),
        ('"head.gdh"', '"head.lsh"', "对方字段 'head.lsh' 写了两次"),
        ('"head.gdh"', '"body"', "对方字段 'body' 既是一个值，又有下级"),
        ("emergency = 3", "", "codes.urgency 缺少 emergency（特急）：请写明对方的代码"),
        ("emergency = 3", "emergency = 3\nhigh = 4", "codes.urgency 的 high：紧急程度没有这个值"),
        ('codes = "flag"', 'codes = "flags"', "没有代码表 [codes.flags]"),
        ("max = 30, cut", "cut", "写了 cut，没有写 max"),
        ("max = 5 }", "max = 5, each = { a = 'b' } }", "fields.area 的 each 只用于 calls 和 attachments"),
        ('recording = "bh"', 'record = "bh"', "fields.calls 的 each：没有 record 这一项"),
        ('time = "epoch-ms"', 'time = "yyyy"', "fields.prepared_at.time：只能是 iso、epoch"),
        ('"1" = "acknowledged"', '"1" = "seen"', "news.kinds.1"),
        ('local_no = "gdh"\n', "", "news：key 和 local_no 至少写一项"),
        ("[fields]", "[felds]", "缺少 fields"),
        ("[fields]", "[fields", "不是正确的 TOML"),
        ("max = 64", "max = 64, cut = true", "我方工单号截断后就错了"),
        ("time = ", 'zone = "Mars"\ntime = ', "没有时区 'Mars'"),
        ("[codes.urgency]", "[answer]\nmessage = 'm'\n[codes.urgency]", "code 和 their_no 至少写一项"),
        ("[codes.urgency]", "[answer]\ncode='c'\nok=0\nlater=['0']\n[codes.urgency]", "代码 '0' 在 ok"),
    ],
)
def test_mistakes_are_named_with_file_key_and_remedy(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(Misconfigured) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert words in str(caught.value)
    assert "city.toml" in str(caught.value)


def test_files_that_are_no_mapping(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="读不到"):
        read_mapping(tmp_path / "none.toml")
    (tmp_path / "gbk.toml").write_bytes("# 映射".encode("gbk"))
    with pytest.raises(Misconfigured, match="UTF-8"):
        read_mapping(tmp_path / "gbk.toml")
    (tmp_path / "long.toml").write_bytes(b"#" * 300_000)
    with pytest.raises(Misconfigured, match="超过"):
        read_mapping(tmp_path / "long.toml")
