"""Modems, vendors' driver hosts, sound files of lines, and the box beside the hardware (边缘机)."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime
from typing import Final

import msgspec

from adapters.card import wire as card
from adapters.conformance import expect
from adapters.line_audio.wav import NotAudio, read_wav
from adapters.modem.stream import Line, Stream
from adapters.prompts import StoredPrompt
from adapters.telephony import Arrange, CallKey, OfferId, Phone, PhoneKind, PortStatus, RingSeat
from hotline.edge import asked
from hotline.edge import protocol as edge
from tests.announcements.tones import riff, tone
from tests.fuzz.target import Execute, Target

AT: Final = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)


def targets() -> list[Target]:
    """One a parser."""
    return [
        Target(
            name="modem-stream",
            build=_modem,
            seeds=lambda: list(_MODEM),
            errors=(),
            code=("adapters/modem/stream", "adapters/wire/framing"),
            words=(b"\x10\x03", b"\x10R", b"\x10/5\x10~", b"\x10\x10", b"CONNECT\r\n", b"\x11", b"\x13", b"\x10c"),
            most=8192,
        ),
        Target(
            name="card-host",
            build=lambda: _card,
            seeds=_card_lines,
            errors=(msgspec.MsgspecError,),
            code=("adapters/card/wire",),
            words=tuple(f'"{each}"'.encode() for each in ("is", "do", "channel", "channels", "Rang", "Ready", "Sign")),
        ),
        Target(
            name="line-wav",
            build=lambda: _wav,
            seeds=_tones,
            errors=(NotAudio,),
            code=("adapters/line_audio/wav", "adapters/line_audio/codec"),
            words=(b"RIFF", b"WAVE", b"fmt ", b"data", b"\x06\x00", b"\x07\x00", b"\xfe\xff"),
            share=0.2,
        ),
        Target(
            name="edge-messages",
            build=lambda: _edge,
            seeds=_edge_messages,
            errors=(),
            code=("hotline/edge/protocol", "hotline/edge/asked"),
            words=(b"\xa4type", b"\xa5carry", b"\xa3seq", b"\xc4\x00", b"\xdd\xff\xff\xff\xff", b"\xcf" + b"\xff" * 8),
            most=edge.MESSAGE_BYTES,
        ),
    ]


_MODEM: Final = (
    b"\x00\r\nRING\r\n\r\nNMBR = 13800138000\r\n\x10R\x10/5\x10~",
    b"\x01AT+VRX\r\r\nCONNECT\r\n\x80\x81\x10\x10\x7f\x10/1\x10~\x10c\x10\x03\r\nOK\r\n",
    b"\x05\r\nCONNECT\r\x13\x11\x80\x10\x03\r\nVCON\r\n",
)


def _modem() -> Execute:
    """The first byte says whether sound is expected, and where the bytes are cut: the lines have to be the same."""

    def said(pieces: list[bytes], *, sound: bool) -> list[object]:
        stream = Stream()
        stream.expect_sound(sound)
        return [*(item for piece in pieces for item in stream.feed(piece)), *stream.quiet()]

    def execute(data: bytes) -> set[Hashable]:
        first, stream = (data[0], data[1:]) if data else (0, b"")
        whole = said([stream], sound=first % 2 == 1)
        parts = said([stream[: first >> 1], stream[first >> 1 :]], sound=first % 2 == 1)
        lines = [each.text for each in whole if isinstance(each, Line)]
        cut = [each.text for each in parts if isinstance(each, Line)]
        expect(lines == cut, f"cut at {first >> 1} it has other lines")
        return {type(each).__name__ for each in whole}

    return execute


def _card(data: bytes) -> set[Hashable]:
    marks = set[Hashable]()
    for read in (card.read_said, card.read_order):
        try:
            marks.add(type(read(data)).__name__)
        except msgspec.MsgspecError:
            marks.add("not read")
    return marks


def _card_lines() -> list[bytes]:
    kinds = [kind for kind in vars(card).values() if isinstance(kind, type) and issubclass(kind, (card.Up, card.Order))]
    lines = [f'{{"{where}":"{kind.__name__}"'.encode() for kind in kinds for where in ("is", "do")]
    return [line + b',"channel":1,"number":"13800138000","keys":"1#","text":"","channels":[]}' for line in lines]


def _wav(data: bytes) -> set[Hashable]:
    pcm = read_wav(data)
    expect(len(pcm) % 2 == 0, "half a sample")
    return {len(pcm).bit_length()}


def _tones() -> list[bytes]:
    payload = tone(seconds=0.15)[-2000:]
    return [
        *(riff(payload, rate=rate, bits=bits) for rate, bits in ((8000, 16), (16_000, 16), (11_025, 8))),
        *(riff(payload[:1000], code=code, bits=8) for code in (6, 7)),
        riff(payload, channels=2),
    ]


def _edge(data: bytes) -> set[Hashable]:
    marks = set[Hashable]()
    for read in (edge.from_edge, edge.from_core, edge.record, asked.asked, asked.answer):
        try:
            marks.add(type(read(data)).__name__)
        except edge.NotUnderstood:
            marks.add("not understood")
    return marks


def _edge_messages() -> list[bytes]:
    return [
        edge.encode(edge.Frame(AT, b"a:\r\nRING\r\n")),
        edge.encode(edge.Beat(at=AT)),
        edge.encode(edge.Seen(AT, [PortStatus(call=CallKey("c"), since=AT, ringing=(OfferId("c.1"),))], routine=True)),
        edge.encode(edge.Ask(id=1, adapter="box-1", piece=b"x", last=True)),
        edge.encode(asked.Do(RingSeat(call=CallKey("c"), offer=OfferId("c.1"), phone=DESK, seconds=20))),
        edge.encode(asked.Do(Arrange(call=CallKey("c"), room=(OfferId("c.1"),)))),
        edge.encode(asked.PutPrompt("greeting", b"RIFF")),
        edge.encode(asked.Failed("os", "full", 28)),
        edge.encode(asked.Prompts({"greeting": StoredPrompt(seconds=1.5)})),
        edge.encode(asked.Recordings([asked.Kept("a.wav", 44, AT)])),
        *(msgspec.msgpack.encode(each) for each in _EDGE),
    ]


DESK: Final = Phone(PhoneKind.DESK, "8001")
_EDGE: Final = (
    {"type": "carry", "adapter": "box-1", "stream": "s", "seq": 7, "records": [b"x", b"yy"]},
    {"type": "part", "adapter": "box-1", "stream": "s", "seq": 7, "piece": b"x", "last": True, "data": b"y"},
    {"type": "hello", "version": 1, "edge": "e", "nonce": b"n" * 32, "proof": b"p" * 32, "at": AT, "adapters": {}},
    {"type": "challenge", "version": 1, "nonce": b"n" * 32},
    {"type": "welcome", "proof": b"p" * 32, "at": AT, "marks": {}, "refused": {"x": "y"}},
    {"type": "ack", "adapter": "box-1", "stream": "s", "seq": 9},
)
