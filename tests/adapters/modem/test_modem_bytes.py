"""What is in a modem's bytes: lines, events, sound, keys, codings. However they are cut, they say the same."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest

from adapters.modem.dialects import CONEXANT, ROCKWELL, USR, V253, dialect_of
from adapters.modem.keys import Keypad
from adapters.modem.prompts import tone
from adapters.modem.simulated_makes import MAKES
from adapters.modem.sounds import Coding, chosen, listed, resampled
from adapters.modem.stream import Event, Flow, Item, Line, Sound, SoundOver, Stream, stuffed
from tests.adapters.modem.bench import loudest_hz

AT = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
TALK = b"\r\nRING\r\n\x10R\r\nNMBR = 13800138000\r\n\x10/\x105\x105\x10~\x13\x10b\x11\r\nOK\r\n"
SOUND = b"\x10\x10\x80\x81\x10\x1a\r\nRI\x10/\x107\x107\x10~\x11\x13\x10s\x7f\x10\x03"
RECEIVED = b"AT+VRX\r\r\nCONNECT\r\n" + SOUND + b"\r\nVCON\r\n"


def merged(items: list[Item]) -> list[Item]:
    """Stretches of sound that follow each other are one."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, Sound) and found and isinstance(found[-1], Sound):
            found[-1] = Sound(found[-1].data + item.data)
        else:
            found.append(item)
    return found


def said(pieces: list[bytes], *, sound: bool = False) -> list[Item]:
    stream = Stream()
    stream.expect_sound(sound)
    return merged([item for piece in pieces for item in stream.feed(piece)])


def test_lines_events_and_flow() -> None:
    key = [Event("/"), Event("5"), Event("5"), Event("~")]
    lines = [Line(b"RING"), Event("R"), Line(b"NMBR = 13800138000")]
    assert said([TALK]) == [*lines, *key, Flow(False), Event("b"), Flow(True), Line(b"OK")]


def test_sound_between_connect_and_its_end() -> None:
    key = [Event("/"), Event("7"), Event("7"), Event("~")]
    first, last = Sound(b"\x10\x80\x81\x10\x10\r\nRI"), [Sound(b"\x11\x13"), Event("s"), Sound(b"\x7f"), SoundOver()]
    assert said([RECEIVED], sound=True) == [Line(b"AT+VRX"), Line(b"CONNECT"), first, *key, *last, Line(b"VCON")]


ENDED_BY_NUL = b"\nCONNECT 1\x13K\x00\xeb\xc5\x80\x10\x03OK\r\n"
"""Found by `make fuzz`: what follows at once was taken for text, unless it came a moment later."""


@pytest.mark.parametrize(("stream", "sound"), [(TALK, False), (RECEIVED, True), (ENDED_BY_NUL, True)])
def test_in_any_pieces(stream: bytes, sound: bool) -> None:
    whole = said([stream], sound=sound)
    for first, second in itertools.combinations(range(len(stream) + 1), 2):
        assert said([stream[:first], stream[first:second], stream[second:]], sound=sound) == whole, (first, second)
    assert said([stream[at : at + 1] for at in range(len(stream))], sound=sound) == whole


def test_garbage_never_fails_and_costs_no_sound() -> None:
    chance = random.Random(1)
    for _ in range(300):
        junk = bytes(chance.choice(b"\x00\x03\x10\x11\x13\x1a\r\nA\xff") for _ in range(chance.randrange(1, 80)))
        stream = Stream()
        stream.expect_sound(bool(chance.randrange(2)))
        stream.feed(junk)
        stream.quiet()
        fresh = Stream()
        fresh.receiving = True
        assert merged(fresh.feed(stuffed(junk))) == [Sound(junk)]


def test_a_key_that_is_held_is_one_key() -> None:
    pad = Keypad()

    def keys(letters: str, gap: float = 0.07) -> str:
        nonlocal now
        found = ""
        for letter in letters:
            now += timedelta(seconds=gap)
            found += pad.take(letter, now) or ""
        return found

    now = AT
    assert keys("/55555~") == "5"
    assert keys("/55~/55~/7~") == "557", "pressed again"
    assert keys("12*#D") == "12*#D", "plain"
    assert keys("/5566~") == "56", "the end of the first was lost"
    assert keys("/5555", 0.07) == "5"
    assert keys("5", 1.0) == "5", "the end was lost, and the same key comes again"
    assert keys("~bqRs") == "", "no keys"


@pytest.mark.parametrize(
    ("lines", "wanted", "coding"),
    [
        (MAKES["modem-usr"].answers["+VSM=?"], "", Coding(1, "u8")),
        (MAKES["modem-usr"].answers["+VSM=?"], "alaw", Coding(132, "alaw")),
        (MAKES["modem-usr"].answers["+VSM=?"], "ulaw", Coding(131, "ulaw")),
        (MAKES["modem-conexant"].answers["+VSM=?"], "", Coding(1, "u8")),
        (MAKES["modem-conexant"].answers["+VSM=?"], "alaw", None),
        (MAKES["modem-v253"].answers["+VSM=?"], "", Coding(4, "ulaw")),
        (['+VSM: 1,"UNSIGNED PCM",8,0,(7200,11025),(0),(0)'], "", Coding(1, "u8", 7200)),
        (["1,UNSIGNED PCM,8,0,(7200-11025),0,0"], "", Coding(1, "u8")),
        (["0,SIGNED PCM,8,0,8000,0,0", "133,LINEAR,16,0,8000", "2;ADPCM;2;0;(9600)"], "", None),
        (["rubbish", "", "1,2,3,4", '1,"UNSIGNED PCM",8'], "", None),
    ],
)
def test_the_coding_is_chosen_from_what_it_lists(lines: list[str], wanted: str, coding: Coding | None) -> None:
    assert chosen(listed(lines), wanted) == coding


@pytest.mark.parametrize(
    ("make", "plus", "sharp", "dialect"),
    [
        ("U.S. Robotics 56K FAX USB V1.2.23", True, False, USR),
        ("CX93001-EIS_V0.2002-V92", True, False, CONEXANT),
        ("ZOOM 3095", True, True, CONEXANT),
        ("MT5634ZBA", True, False, V253),
        ("", False, True, ROCKWELL),
        ("", False, False, None),
    ],
)
def test_the_dialect_is_chosen_by_what_it_answers(make: str, plus: bool, sharp: bool, dialect: object) -> None:
    assert dialect_of(make, plus=plus, sharp=sharp) is dialect


def test_another_rate_is_the_same_tone() -> None:
    there = resampled(tone(500, 1.0), 8000, 7200)
    assert len(there) == 14_400
    assert abs(loudest_hz(resampled(there, 7200, 8000)) - 500) < 2
