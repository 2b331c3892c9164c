"""Dialect files that an installer writes: other ways to write records, and what is said about mistakes."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from adapters.cti_serial.signs import Anchor, Hidden, Recorded
from adapters.cti_serial.smdr import built_in, load, names
from adapters.cti_serial.smdr_formats import DurationFormat, TimeFormat
from adapters.errors import Misconfigured
from adapters.reading import Unreadable
from adapters.wire.framing import Between
from tests.adapters.cti_serial.smdr_samples import panasonic

FREE = r"""
encoding = "gb18030"
[wire]
baud = 1200
bytesize = 7
parity = "E"
stopbits = 2
[frames]
start_mark = "\u0002"
end_mark = "\u0003"
[layout]
regex = '(?P<kind>[IO])(?P<date>\S{10}) (?P<time>\S{5,8}) (?P<port>\S+) (?P<talked>\S+) (?P<number>\S+)(?P<name>.*)'
[time]
fields = ["date", "time"]
formats = ["YYYY-MM-DD hh:mm:ss", "YYYY-MM-DD hh:mm"]
anchor = "answer"
[talked]
fields = ["talked"]
formats = ["hmmss", "m:ss", "s"]
[when]
incoming = [{ kind = 'I' }]
skip = [{ kind = 'O' }]
withheld = [{ number = 'P' }]
out_of_area = [{ number = 'O|0+' }]
""".replace("hmmss", "h.mm.ss")

SEMICOLONS = """
[frames]
begins = '[0-9]{6};'
[layout]
separator = ";"
[layout.csv]
date = 0
number = 1
talked = 2
[time]
fields = ["date"]
formats = ["YYYY/MM/DD hh:mm"]
anchor = "start"
[talked]
fields = ["talked"]
formats = ["s"]
[when]
incoming = [{ number = '.*' }]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "our-pbx.toml"
    path.write_text(text, encoding="utf-8")
    return path


def shipped(name: str) -> str:
    return (files("adapters.cti_serial") / "dialects" / f"{name}.toml").read_text(encoding="utf-8")


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(Misconfigured) as refusal:
        load(written(folder, text))
    said = str(refusal.value)
    assert all(line.startswith(f"话单方言 {folder / 'our-pbx.toml'}") for line in said.splitlines())
    return said.replace(f"话单方言 {folder / 'our-pbx.toml'}", "")


def test_a_copy_is_the_same_dialect(tmp_path: Path) -> None:
    for name in names():
        copy = load(written(tmp_path, "\ufeff" + shipped(name)))
        assert (copy.greeting, copy.wire) == (built_in(name).greeting, built_in(name).wire)
    assert load(written(tmp_path, shipped("panasonic"))).read(panasonic()) == built_in("panasonic").read(panasonic())


def test_a_few_lines_change_a_built_in_one(tmp_path: Path) -> None:
    changes = '[time]\nformats = ["YY/DD/MM hh:mmAM"]\nanchor = "start"\n'
    dialect = load(written(tmp_path, f'like = "panasonic-tcp"\n{changes}'))
    [said] = dialect.read(panasonic(when="26/14/03 09:30PM"))
    assert (said.at, said.anchor) == (datetime.fromisoformat("2026-03-14 21:30"), Anchor.START)
    assert (said.number, dialect.greeting) == ("13800138000", b"SMDR\r\nPCCSMDR\r\n")


def test_records_between_marks_by_a_regular_expression(tmp_path: Path) -> None:
    dialect = load(written(tmp_path, FREE))
    framer = dialect.framer()
    assert isinstance(framer, Between)
    record = "I2026-03-14 09:30:15 LINE-7 1.02.03 13800138000 张三".encode("gb18030")
    pieces = framer.feed(b"\r\n\x02" + record + b"\x03\x06\x02O2026")
    assert [piece.data for piece in pieces if not piece.noise] == [b"\x02" + record + b"\x03"]
    assert dialect.read(b"\x02" + record + b"\x03") == [
        Recorded(
            port="LINE-7",
            at=datetime.fromisoformat("2026-03-14 09:30:15"),
            anchor=Anchor.ANSWER,
            talked=3723,
            number="13800138000",
            name="张三",
        )
    ]
    assert (dialect.wire.baud, dialect.wire.bytesize, dialect.wire.parity, dialect.wire.stopbits) == (1200, 7, "E", 2)


def test_several_formats_and_numbers_that_are_hidden(tmp_path: Path) -> None:
    dialect = load(written(tmp_path, FREE))
    [coarse] = dialect.read(b"I2026-03-14 09:30 7 99:59 P")
    assert (coarse.step, coarse.talked, coarse.hidden) == (timedelta(minutes=1), 5999, Hidden.WITHHELD)
    [unknown] = dialect.read(b"I2026-03-14 09:30:00 7 86400 O")
    assert (unknown.step, unknown.talked, unknown.hidden) == (timedelta(seconds=1), 86400, Hidden.OUT_OF_AREA)
    [zeros] = dialect.read(b"I2026-03-14 09:30:00 7 5 0000000000")
    assert (zeros.number, zeros.hidden) == (None, Hidden.OUT_OF_AREA)
    assert dialect.read(b"O2026-03-14 09:30 7 5 110") == []
    for broken in (b"X2026-03-14 09:30 7 5 110", b"I2026-03-14 09:30 7 86401 110", b"I2026-03-14 9:30 7 5 110"):
        with pytest.raises(Unreadable):
            dialect.read(broken)


def test_values_between_semicolons(tmp_path: Path) -> None:
    text = SEMICOLONS.replace("YYYY/MM/DD hh:mm", "YYMMDDhhmm").replace("{6}", "{10}")
    [said] = load(written(tmp_path, text)).read(b"2603140930; 138 0013 8000 ; 12 ;")
    assert (said.at, said.number, said.talked) == (datetime.fromisoformat("2026-03-14 09:30"), "13800138000", 12)


@pytest.mark.parametrize(
    ("format_", "text", "at"),
    [
        ("DD.MM.YYhh:mm:ss", "29.02.2423:59:59", "2024-02-29 23:59:59"),
        ("YYYYMMDDhhmmss", "00010101000000", "0001-01-01 00:00:00"),
        ("hh:mmAM DD/MM/YY", "12:30pm 01/02/26", "2026-02-01 12:30:00"),
    ],
)
def test_times(format_: str, text: str, at: str) -> None:
    assert TimeFormat(format_).read(text) == datetime.fromisoformat(at)


@pytest.mark.parametrize("text", ["29.02.2523:59:59", "01.01.2624:00:00", "1.01.2610:00:00", "０1.01.2610:00:00", ""])
def test_times_that_are_none(text: str) -> None:
    assert TimeFormat("DD.MM.YYhh:mm:ss").read(text) is None


@pytest.mark.parametrize(
    ("format_", "text", "seconds"),
    [
        ("hh:mm'ss", "01:02'03", 3723),
        ("m'ss", "5'15", 315),
        ("m'ss", "75'00", 4500),
        ("hhmmss", "000324", 204),
        ("s", "7", 7),
        ("s.", "7x", None),
        ("hh:mm'ss", "00:60'00", None),
        ("hh:mm'ss", "24:00'01", None),
        ("m'ss", "'15", None),
        ("s", "1234567", None),
    ],
)
def test_durations(format_: str, text: str, seconds: int | None) -> None:
    assert DurationFormat(format_).read(text) == seconds


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("baud = 9600", "baud = 10", " wire.baud：不能小于 50"),
        ("baud = 9600", "boud = 9600", " wire.boud：没有这一项，请删去或改正；是否应为 baud？"),
        ('parity = "N"', 'parity = "none"', " wire.parity：只能是 'N', 'E' 或 'O'"),
        ('anchor = "end"', 'anchor = "stop"', " time.anchor：只能是 'start', 'answer' 或 'end'"),
        ('anchor = "end"', "", " 缺少 time.anchor：请补上这一项，写法见自带的方言 avaya-ipo、hipath、panasonic、"),
        ('encoding = "ascii"', 'encoding = "big5"', " encoding：只能是 'ascii', 'utf-8' 或 'gb18030'"),
        ("MM/DD/YY hh:mmAM", "MM/DD hh:mm", " time.formats.0：时间格式至少要有年（YYYY 或 YY）、月 MM、日 DD、"),
        ("MM/DD/YY hh:mmAM", "MM/MM/YY hh:mm", " time.formats.0：格式中 MM 写了两次"),
        ("MM/DD/YY hh:mmAM", "YYYY/DD/YY MM hh:mm", " time.formats.0：格式中 同一单位 写了两次"),
        ('["MM/DD/YY hh:mmAM"]', "[7]", " time.formats.0：应为文字（加引号）"),
        ('formats = ["m\'ss"]', 'formats = ["-"]', " ring.formats.0：时长格式要写明时 hh、分 mm、秒 ss，如 hh:mm:ss"),
        ('fields = ["ring"]', 'fields = ["rign"]', " ring.fields：没有名为 rign 的字段；是否应为 ring？"),
        ('fields = ["date", "time"]', "fields = []", " time.fields：至少要有 1 项"),
        ("time = [9, 7]", "time = [7, 7]", " layout：columns 中 time 与 date 重叠：time 应从第 8 列或更后开始"),
        (
            "seat = [17, 5]",
            "seats = [17, 5]",
            " layout：字段 seats 没有用到，请改正名称，或在名称前加 _ 表示只占位置；是否应为 seat？",
        ),
        ("seat = [17, 5]", "Seat = [17, 5]", " layout.columns.Seat.[key]：格式不对，应符合 ^_?[a-z][a-z0-9_]*$"),
        ("seat = [17, 5]", "seat = [17]", " 缺少 layout.columns.seat.1：请补上这一项"),
        ("cd = 'TR'", "dc = 'TR'", " when.more：没有名为 dc 的字段；可用的有：_account、cd、"),
        (
            "cd = 'TR'",
            "cd = 'T('",
            " when.more.0.cd：不是正则表达式（missing ), unterminated subpattern at position 1）",
        ),
        ("cd = 'RC|AN'", "number = ''", " when.skip：没有名为 number 的字段；可用的有：_account、cd、date、dial、"),
        ("(?P<number>", "(?P<caller>", " when.withheld：没有名为 number 的字段"),
        ("(?P<dialled>", "(?P<port>", " parts：port 已是 layout 中的字段，请给这一组换个名字"),
        ("begins = ", "# ", " frames：请写 begins（按行的话单），或者同时写 start_mark 和 end_mark"),
        (
            "begins = ",
            'end_mark = "x"\nbegins = ',
            " frames：请写 begins（按行的话单），或者同时写 start_mark 和 end_mark",
        ),
        ("begins = '", "begins = '年", " frames.begins：只能用 ASCII 字符"),
        ("begins = '", "begins = '(?u)", " frames.begins：不是正则表达式（"),
        ("[layout.columns]", "[layout.csv]", " layout.csv.date：应为整数"),
        ("shortest = 80", "shortest = 80\nregex = '.*'", " layout：columns、csv、regex 要写一种，也只能写一种"),
        ("incoming = [{ dial = '(<D>[^<]*)?<I>.*' }]", "incoming = []", " when.incoming：至少要有 1 项"),
        ("shortest = 80", "shortest = ", "不是正确的 TOML："),
        (
            "encoding = ",
            'like = "panasonik"\nencoding = ',
            " like：没有名为 panasonik 的话单方言；是否应为 panasonic？",
        ),
    ],
)
def test_mistakes_are_named_and_how_to_mend_them(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    text = shipped("panasonic")
    assert right in text
    assert said in complaint(tmp_path, text.replace(right, wrong, 1))


def test_every_mistake_has_a_line(tmp_path: Path) -> None:
    text = shipped("hipath").replace("baud = 9600", "baud = 1").replace('anchor = "end"', "anchor = 5")
    assert len(complaint(tmp_path, text).splitlines()) == 2


def test_a_file_without_the_callers_number(tmp_path: Path) -> None:
    said = complaint(tmp_path, shipped("shenou").replace("number = [", "_number = ["))
    assert said == " layout：缺少主叫号码：请把主叫号码的字段命名为 number"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"读不到文件（.+），请检查路径和权限"):
        load(tmp_path / "nowhere.toml")
    (tmp_path / "gbk.toml").write_bytes("# 松下".encode("gbk"))
    with pytest.raises(Misconfigured, match="不是 UTF-8 文字，请用 UTF-8 编码保存"):
        load(tmp_path / "gbk.toml")
    with pytest.raises(Misconfigured, match="没有名为 avaya 的话单方言；是否应为 avaya-ipo？"):
        built_in("avaya")
