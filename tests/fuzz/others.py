"""What else comes from outside: framing, captures, Asterisk's records and events, uploads, the console's messages."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Final

import msgspec

from adapters.asterisk import ari
from adapters.asterisk.events import call_of
from adapters.asterisk.events import facts as ari_facts
from adapters.asterisk.lines import Line
from adapters.asterisk.records import facts as record_facts
from adapters.asterisk.records import read_record
from adapters.conformance import expect
from adapters.telephony import AdapterName
from adapters.wire.framing import Between, Framer, Lines, Measured
from adapters.wire.trace import Header, NotATrace, Stretch, read_trace
from hotline.announcements.wav import NotPlayable, convert
from hotline.api.live_messages import hear
from hotline.api.problems import Problem
from hotline.rosters.sheet import NotARoster, read
from tests.announcements.tones import riff, tone
from tests.fuzz.scratch import written
from tests.fuzz.target import Execute, Target, reason

HEARD: Final = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NAME: Final = AdapterName("fuzz")
TESTS: Final = Path(__file__).parents[1]


def targets() -> list[Target]:
    """One a parser."""
    return [
        *(_framing(name) for name in FRAMERS),
        Target(
            name="trace",
            build=_trace,
            seeds=_traces,
            errors=(NotATrace,),
            code=("adapters/wire/trace",),
            most=256 * 1024,
        ),
        Target(
            name="asterisk-records",
            build=_records,
            seeds=lambda: [line.encode() for line in _RECORDS],
            errors=(),
            code=("adapters/asterisk/records", "adapters/asterisk/ari"),
            words=(b"hl1,", b"fallback ", b"hall ", b"at=", b"file=", b"duty=", b"nobody=", b"dialled="),
            most=256 * 1024,
        ),
        Target(
            name="asterisk-events",
            build=_events,
            seeds=_recorded,
            errors=(msgspec.MsgspecError,),
            code=("adapters/asterisk/events", "adapters/asterisk/ari", "adapters/asterisk/ids"),
            words=tuple(each.encode() for each in ari.HEARD),
            most=256 * 1024,
        ),
        Target(
            name="console",
            build=lambda: _console,
            seeds=lambda: list(_SAID),
            errors=(Problem,),
            code=("hotline/api/live_messages",),
            words=(b'"topics"', b'"last_seq"', b'"resync"', b'"desk"', b'"hall"'),
            most=64 * 1024,
        ),
        Target(
            name="announcement",
            build=lambda: _announcement,
            seeds=_tones,
            errors=(NotPlayable,),
            code=("hotline/announcements/wav",),
            words=(b"RIFF", b"WAVE", b"fmt ", b"data", b"\x01\x00", b"\x06\x00", b"\x07\x00", b"\xfe\xff", b"\x18\x00"),
            share=0.2,
        ),
        Target(
            name="roster",
            build=lambda: _roster,
            seeds=lambda: [_packed(_sheet())],
            errors=(NotARoster,),
            code=("hotline/rosters/sheet",),
            words=(b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"),
            longest=16_384,
            most=180 * 1024,
            share=0.02,
        ),
        Target(
            name="roster-sheet",
            build=lambda: _roster_sheet,
            seeds=lambda: [_sheet()],
            errors=(NotARoster,),
            code=("hotline/rosters/sheet",),
            words=tuple(each.encode() for each in ("转接手机", "2026年12月3日", "８：３０", "24:00", "０", "#REF!")),
            most=64 * 1024,
            share=0.02,
        ),
    ]


# ── framing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

FRAMERS: Final[dict[str, tuple[Callable[[], Framer], tuple[bytes, ...]]]] = {
    "lines": (lambda: Lines(24), (b"one\r\ntwo\n\nthree\x00four", b"x" * 30 + b"\r\nshort\r")),
    "between": (lambda: Between(b"##", b"++", 24), (b"##one++junk##two++##cut##three++", b"##" + b"x" * 40 + b"++")),
    "measured": (
        lambda: Measured(frozenset((0x04, 0x80))),
        (b"\x04\x02ab\x37\x80\x01x\x07", b"U" * 5 + b"\x04\x80\x04\x01a\x9a"),
    ),
}


def _framing(name: str) -> Target:
    return Target(
        name=f"framing-{name}",
        build=partial(_framed, name),
        seeds=lambda: [bytes([at]) + each for each in FRAMERS[name][1] for at in (0, 3, 9)],
        errors=(),
        code=("adapters/wire/framing",),
        longest=256,
        most=64 * 1024,
        share=0.5,
    )


def _framed(name: str) -> Execute:
    """The first byte says where the stream is cut in two: the frames have to be the same, and no byte may get lost."""
    make = FRAMERS[name][0]

    def execute(data: bytes) -> set[Hashable]:
        at, said = (data[0], data[1:]) if data else (0, b"")
        whole, parts = make(), make()
        once = [*whole.feed(said), *whole.quiet()]
        twice = [*parts.feed(said[:at]), *parts.feed(said[at:]), *parts.quiet()]
        frames = [piece.data for piece in once if not piece.noise]
        expect(frames == [piece.data for piece in twice if not piece.noise], f"cut at {at} it has other frames")
        expect(not whole.pending, "something is pending after silence")
        if name != "lines":
            expect(b"".join(piece.data for piece in once) == said, "bytes got lost")
            expect(b"".join(piece.data for piece in twice) == said, "bytes got lost between two pieces")
        return {len(frames).bit_length(), (len(once) - len(frames)).bit_length() + 100}

    return execute


# ── captures, Asterisk, the console ──────────────────────────────────────────────────────────────────────────────────


def _trace() -> Execute:
    def execute(data: bytes) -> set[Hashable]:
        _, stretches = read_trace(written(data))
        return {len([each.data for each in stretches]).bit_length()}

    return execute


def _traces() -> list[bytes]:
    head = msgspec.json.encode(Header(adapter="box-1", began_at=HEARD)) + b"\n"
    lines = [msgspec.json.encode(Stretch(at=HEARD, wire="a", hex="0d0a52494e47", sent=sent)) for sent in (True, False)]
    return [head, head + b"\n".join(lines) + b"\n", head + lines[0]]


_RECORDS: Final = (
    'hl1,"h-1.4","13900000000","12348",1795319819.291880,1795319819.293122,1795319821.055770,"ANSWERED",'
    '"fallback dialled=12348 duty=8000 at=1795319820.549 file=fallback/h-1.4.wav"',
    'hl1,"h-1.7","13900000001","12348",1795319821.315991,0,1795319821.725725,"NO ANSWER",'
    '"fallback dialled=12348 nobody=NOANSWER"\n'
    'hl1,"h-1.7","13900000001","12348",1795319822,1795319822,1795319823,"ANSWERED","hall at=1795319822 file=a/b.wav"',
)


def _records() -> Execute:
    def execute(data: bytes) -> set[Hashable]:
        read, marks = [], set[Hashable]()
        for line in data.splitlines():
            try:
                read.append(read_record(line.decode("utf-8", "replace")))
            except ValueError as error:
                marks.add(type(error).__name__)
        told = record_facts(read, NAME, HEARD)
        msgspec.json.encode(told)
        expect(all(each.at.tzinfo and each.event_id and each.call for each in told), "no fact")
        return marks | {type(each).__name__ for each in told}

    return execute


def _events() -> Execute:
    line = Line()

    def execute(data: bytes) -> set[Hashable]:
        event = ari.decode(data)
        call_of(event)
        told = ari_facts(event, NAME, HEARD, line)
        msgspec.json.encode(told)
        expect(all(each.at.tzinfo and each.event_id for each in told), "no fact")
        return {event.type if event.type in ari.HEARD else "", *(type(each).__name__ for each in told)}

    return execute


def _recorded() -> list[bytes]:
    return (TESTS / "adapters/asterisk/recorded_events.jsonl").read_bytes().splitlines()


_SAID: Final = (
    b'{"type":"subscribe","topics":["desk","hall"],"last_seq":7}',
    b'{"type":"resync","topics":["hall"]}',
    b'{"type":"command","id":3,"name":"hold","args":{"call":"c-1","deep":[1,{"a":null}]}}',
    b'{"type":"beat"}',
    b'{"type":"later"}',
)


def _console(data: bytes) -> set[Hashable]:
    return {type(hear(data.decode("utf-8", "surrogateescape"))).__name__}


# ── uploads ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _announcement(data: bytes) -> set[Hashable]:
    sound = convert(data)
    expect(0 < sound.seconds <= 61 and len(sound.wav) > 44, "an announcement of no length")
    return {reason(each)[:8] for each in sound.warnings}


def _tones() -> list[bytes]:
    payload = tone(seconds=0.15)[-2000:]
    return [
        *(riff(payload, rate=rate, bits=bits) for rate, bits in ((8000, 16), (16_000, 24), (8000, 32), (11_025, 8))),
        *(riff(payload[:1000], code=code, bits=8) for code in (6, 7)),
        riff(payload, channels=2),
        b"ID3" + bytes(40),
    ]


def _roster(data: bytes) -> set[Hashable]:
    return {"read", *(fault[:6] for row in read(data) for fault in row.faults)}


def _roster_sheet(data: bytes) -> set[Hashable]:
    return _roster(_packed(data))


def _packed(sheet: bytes) -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w") as packed:
        for name, part in _PARTS.items():
            packed.writestr(name, part)
        packed.writestr("xl/worksheets/sheet1.xml", sheet)
    return into.getvalue()


def _sheet() -> bytes:
    def cell(text: str) -> str:
        return f'<c t="inlineStr"><is><t>{text}</t></is></c>'

    rows = (
        ("日期", "开始", "结束", "工号", "姓名", "值守方式", "备注"),
        ("2026/12/2", "20：00", "8:00", "1002", "李", "转接手机", ""),
        ("2026年12月3日", "08:30", "24:00", "", "", "留言", "x"),
    )
    told = "".join(f'<row r="{at}">{"".join(map(cell, row))}</row>' for at, row in enumerate(rows, start=1))
    told += '<row r="4"><c r="A4" s="1"><v>46361</v></c><c r="B4"><v>0.375</v></c><c r="C4" t="b"><v>1</v></c></row>'
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{told}</sheetData></worksheet>'.encode()


_OFFICE: Final = "http://schemas.openxmlformats.org"
_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_OFFICE}/spreadsheetml/2006/main" '
    f'xmlns:r="{_OFFICE}/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship '
    f'Id="rId1" Type="{_OFFICE}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}
