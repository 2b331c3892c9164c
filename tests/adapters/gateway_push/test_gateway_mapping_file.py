"""Every mistake in a mapping file is told in Chinese, with the file, the key and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from gateway_samples import MAPPINGS, SECRETS

from adapters import registry
from adapters.errors import Misconfigured
from adapters.gateway_push.mapping import GatewayMapping, Say
from adapters.gateway_push.mapping_file import MAX_BYTES, read_mapping
from adapters.gateway_push.mapping_parts import Condition
from adapters.gateway_push.mapping_parts import Path as Place
from adapters.registry import Site

GOOD = """
format = "json"
[fields]
call = "call.id"
seat = "ext"
[[events]]
when = { event = "ring" }
say = "seat.ringing"
"""


def read(tmp_path: Path, text: str | bytes) -> GatewayMapping:
    file = tmp_path / "my-gateway.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_mapping(file)


def complaints(tmp_path: Path, text: str | bytes) -> list[str]:
    with pytest.raises(Misconfigured) as wrong:
        read(tmp_path, text)
    lines = str(wrong.value).splitlines()
    beginning = f"mapping：{tmp_path / 'my-gateway.toml'} "
    assert all(line.startswith(beginning) for line in lines)
    return [line.removeprefix(beginning) for line in lines]


@pytest.mark.parametrize("name", ["json", "xml", "form"])
def test_the_examples_are_good(name):
    mapping = read_mapping(MAPPINGS / f"{name}-example.toml")
    assert mapping.format == name
    assert mapping.record is not None


def test_between_them_the_examples_show_everything_a_mapping_can_say():
    texts = [file.read_text("utf-8") for file in sorted(MAPPINGS.iterdir())]
    said = {say for file in MAPPINGS.iterdir() for rule in read_mapping(file).events for say in rule.say}
    assert said == set(Say)
    for name in (*GatewayMapping.model_fields, "when", "say", "by", "reason"):
        assert any(re.search(rf"^\[*{name}\b", text, re.MULTILINE) for text in texts), name


def test_short_forms_mean_the_same_as_long_ones(tmp_path: Path):
    short = read(tmp_path, GOOD)
    long = GOOD.replace('"call.id"', '["call.id"]').replace('"seat.ringing"', '["seat.ringing"]')
    assert read(tmp_path, long.replace('event = "ring"', 'event = ["RING"]')) == short
    assert short.fields.call == [Place(("call", "id"))]
    for when in ('{ "data.type" = 1 }', "{ data.type = 1 }", "{ data = { type = [1] } }"):
        (rule,) = read(tmp_path, GOOD.replace('{ event = "ring" }', when)).events
        assert rule.when == (Condition(Place(("data", "type")), frozenset({"1"})),)
    (rule,) = read(tmp_path, GOOD.replace('event = "ring"', '"/up" = [true, ""]')).events
    assert rule.when == (Condition(Place(("up",), from_top=True), frozenset({"true", ""})),)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('format = "json"', "", "缺少 format：请补上这一项，写法见 adapters/gateway_push/mappings 中的例子"),
        ('format = "json"', 'format = "yaml"', "format：只能是 'json', 'xml', 'form' 或 'lines'"),
        ('format = "json"', 'formt = "json"', "formt：没有这一项，请删去或改正；是否应为 format？"),
        ('call = "call.id"', "", "缺少 fields.call：请补上这一项"),
        ('call = "call.id"', 'call = ""', "fields.call：应为字段的位置"),
        ('call = "call.id"', 'call = "call..id"', "fields.call：应为字段的位置"),
        ('call = "call.id"', "call = 7", "fields.call：应为字段的位置"),
        ('call = "call.id"', "call = []", "fields.call：至少要有 1 项"),
        (
            'call = "call.id"',
            'call = "a.b.c.d.e.f.g.h.i"',
            "fields.call：应为字段的位置（加引号的文字）：名称用点分隔，最多 8 层",
        ),
        ('seat = "ext"', 'seet = "ext"', "fields.seet：没有这一项，请删去或改正；是否应为 seat？"),
        ('seat = "ext"', "", "第 1 段 [[events]] 的 say 有 seat.ringing：请在 [fields] 中写明 seat 的位置"),
        ("[fields]", "fields = 1\n[more]", "fields：应为一张表"),
        ("[[events]]", "[events]", "events：应写作 [[events]]（双层方括号），每种推送一段"),
        ("[[events]]", "[more]", "缺少 events"),
        ("say =", "says =", "缺少 第 1 段 [[events]] 的 say"),
        ("say =", "says =", "第 1 段 [[events]] 的 says：没有这一项，请删去或改正；是否应为 say？"),
        ('"seat.ringing"', '"seat.rings"', "第 1 段 [[events]] 的 say：只能是 'call.offered'"),
        ('{ event = "ring" }', '"ring"', "第 1 段 [[events]] 的 when：应为一张表，如 { event = "),
        ('{ event = "ring" }', "{ event = [] }", "第 1 段 [[events]] 的 when：event 的取值应为文字、整数、true、false"),
        (
            '{ event = "ring" }',
            "{ event = 1.5 }",
            "第 1 段 [[events]] 的 when：event 的取值应为文字、整数、true、false",
        ),
        ('{ event = "ring" }', '{ "a b" = 1 }', "第 1 段 [[events]] 的 when：应为字段的位置"),
        (
            '"seat.ringing"',
            '"seat.ringing"\nby = "caller"',
            "第 1 段 [[events]] 的 by 只用于 call.released 和 record：请删去",
        ),
        (
            '"seat.ringing"',
            '"seat.ringing"\nby = "nobody"',
            "第 1 段 [[events]] 的 by：只能是 'caller', 'seat' 或 'network'",
        ),
        (
            '"seat.ringing"',
            '"seat.ringing"\nreason = "busy"',
            "第 1 段 [[events]] 的 reason 只用于 seat.declined：请删去",
        ),
        (
            '"seat.ringing"',
            '"seat.declined"\nreason = "拒接"',
            "第 1 段 [[events]] 的 reason：只能是 'busy', 'no_answer', 'unreachable' 或 'rejected'",
        ),
        ("{ event = ", "{ 状态 = ", "第 7 行第 10 列不是正确的 TOML：键名含中文时要加英文引号"),
        ('"seat.ringing"', '"record"', "第 1 段 [[events]] 的 say 有 record：请在 [record] 中写明 start 或 end 的位置"),
        ("when = ", "# ", ""),
        ('"seat.ringing"', '"port.fault"', "请在 [fields] 中写明 port 的位置"),
        (
            "[fields]",
            'time = "%Q"\n[fields]',
            "time：只能是 iso、epoch（Unix 秒）、epoch-ms（Unix 毫秒），或含年月日时分的",
        ),
        ("[fields]", 'time = "%H:%M:%S"\n[fields]', "time：只能是 iso"),
        ("[fields]", 'time = "%Y-%m-%d %I:%M"\n[fields]', "time：只能是 iso"),
        ("[fields]", 'time = "%"\n[fields]', "time：只能是 iso"),
        ("[fields]", "time = []\n[fields]", "time：至少要有 1 项"),
        ("[fields]", "[strip]\ncalls = []\n[fields]", "strip.calls：没有这一项，请删去或改正；"),
        ("[fields]", "[strip]\ncaller = [86]\n[fields]", "strip.caller：应为文字（加引号）"),
        ("[fields]", "items = \n[fields]", "第 3 行第 9 列不是正确的 TOML"),
    ],
)
def test_a_mistake_names_its_key_and_says_what_to_do(tmp_path: Path, old: str, new: str, said: str):
    assert old in GOOD
    text = GOOD.replace(old, new)
    if not said:
        assert read(tmp_path, text).events[0].when == ()
        return
    assert any(line.startswith(said) or said in line for line in complaints(tmp_path, text)), complaints(tmp_path, text)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ('answer = "a"', "start 或 end"),
        ('start = "s"', "answer 或 talk_seconds，否则不知道是否接通"),
        ('start = "s"\nanswer = "a"', "end、total_seconds 或 talk_seconds"),
        ('start = "s"\nanswered = "a"', "record.answered：没有这一项，请删去或改正；是否应为 answer？"),
    ],
)
def test_a_record_must_tell_enough(tmp_path: Path, record: str, said: str):
    text = GOOD.replace('"seat.ringing"', '"record"').replace("[fields]", f"[record]\n{record}\n[fields]")
    assert said in complaints(tmp_path, text)[0]


def test_a_rule_that_nothing_can_reach(tmp_path: Path):
    (line,) = complaints(tmp_path, GOOD.replace("when = ", "# ") + "[[events]]\nsay = []\n")
    assert line == "第 1 段 [[events]] 没有 when，什么都符合，其后各段永远轮不到：请补上条件，或移到最后"


def test_several_mistakes_are_told_at_once(tmp_path: Path):
    assert len(complaints(tmp_path, 'format = "x"\ntimes = 1\n[fields]\nsee = 1\n')) == 5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("# 坐席\n".encode("gbk"), "不是 UTF-8 文字：请另存为 UTF-8"),
        (b"#" * (MAX_BYTES + 1), "超过 64 KB，不像是映射文件"),
        (b"a = " + b"[" * 20_000, "不是正确的 TOML"),
        (b"", "缺少 format"),
    ],
)
def test_files_that_are_no_mapping(tmp_path: Path, content: bytes, said: str):
    assert said in complaints(tmp_path, content)[0]


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(Misconfigured, match=r"mapping：读不到 .*none\.toml"):
        read_mapping(tmp_path / "none.toml")


def test_the_registry_names_the_line_too(tmp_path: Path):
    file = tmp_path / "my-gateway.toml"
    file.write_text(GOOD.replace('call = "call.id"', ""), "utf-8")
    table = {"kind": "gateway-push", "dialect": "mapped", "tokens": ["env:TOKEN"], "mapping": str(file)}
    site = Site(state_dir=tmp_path, secret=SECRETS.__getitem__)
    with pytest.raises(Misconfigured, match=rf"^\[adapters\.gw-9\] mapping：{re.escape(str(file))} 缺少 fields\.call"):
        registry.build("gw-9", table, site)
    for changed, said in [
        ({"mapping": 7}, "mapping：应为路径"),
        ({"dialect": "dinstar"}, "mapping：dinstar 不需要映射文件，请删去，或把 dialect 改为 mapped"),
        ({"secrets": ["env:X"]}, "secrets：mapped 不会签名"),
    ]:
        with pytest.raises(Misconfigured, match=said):
            registry.build("gw-9", table | changed, site)
    del table["mapping"]
    with pytest.raises(
        Misconfigured, match=r"^\[adapters\.gw-9\] 缺少 mapping：dialect 为 mapped 时，请写明映射文件的路径"
    ):
        registry.build("gw-9", table, site)
