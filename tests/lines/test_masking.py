"""No number can be read from what is shown of a line's bytes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cti_serial import simulated_bytes
from hotline.lines.masking import as_hex, as_text, masked_bytes, masked_text

NUMBER = "13800138000"


@pytest.mark.parametrize(
    "raw",
    [
        f"RING\r\nNMBR = {NUMBER}\r\n".encode(),
        f"caller=+86{NUMBER}&x=1".encode(),
        "主叫 138-0013-8000".encode("gb18030"),
        b"138 0013 8000",
        "１３８００１３８０００".encode(),
        "１３８００１３８０００".encode("gbk"),
        NUMBER.encode("utf-16-le"),
        NUMBER.encode("utf-16-be"),
        b"%31%33%38%30%30%31%33%38%30%30%30",
        bytes([0x80, 0x1C, 0x01, 0x08]) + b"03141230" + bytes([0x02, 0x0B]) + NUMBER.encode() + b"\x55",
        f"D{NUMBER}C".encode(),
        b"NMBR=" + bytes(byte | 0x80 * (byte.bit_count() % 2) for byte in NUMBER.encode()),
        b"NMBR=" + bytes(byte | 0x80 * (1 - byte.bit_count() % 2) for byte in NUMBER.encode()),
    ],
)
def test_a_number_cannot_be_read(raw: bytes) -> None:
    masked = masked_bytes(raw)
    assert len(masked) == len(raw)
    assert masked != raw
    plain = re.sub(r"[^0-9*]", "", as_text(masked).replace("·", ""))
    assert NUMBER not in plain
    assert "0013" not in plain
    assert NUMBER.encode().hex(" ") not in as_hex(masked)
    assert b"0013".hex(" ") not in as_hex(masked)
    assert b"0013" not in bytes(byte & 0x7F for byte in masked)


def test_what_is_no_number_stays() -> None:
    for raw in (b"ATDT110\r", b"12348", b"2026-11-22 12:00:05", b"10.0.0.17:5038", "振铃 3 次".encode()):
        assert masked_bytes(raw) == raw
    assert masked_bytes(b"NMBR=13800138000") == b"NMBR=138******00"
    assert masked_text("checksum of 13800138000 is 17") == "checksum of 138******00 is 17"


def test_a_frame_of_a_caller_id_box() -> None:
    frame = simulated_bytes.mdmf(NUMBER, at=datetime(2026, 11, 22, 4, 0, tzinfo=UTC))
    masked = masked_bytes(frame)
    assert frame.index(NUMBER.encode()) == masked.index(b"138******00")


def test_text_is_shown_so_that_it_can_be_read() -> None:
    assert as_text("来电\r\n\x02".encode()) == "来电\\r\\n\n·"
    assert as_text("来电".encode("gbk")) == "来电"
    assert as_text(b"\xff\x80") == "ÿ·"
    assert as_hex(b"\x00\xff") == "00 ff"


@given(st.binary(max_size=400))
def test_whatever_the_bytes(raw: bytes) -> None:
    masked = masked_bytes(raw)
    assert len(masked) == len(raw)
    assert masked_bytes(masked) == masked, "masking twice is masking once"
    assert not re.search(rb"[0-9]{5}", masked)
    as_text(masked)


@pytest.mark.parametrize(
    "text",
    [
        "smdr: socket://127.0.0.1:21450",
        "10.1.0.5:21450 连不上",
        "rfc2217://[fe80::1]:50123，已打开",
        "ws://box.lan:18088/x",
    ],
)
def test_the_port_of_an_address_is_no_number(text: str) -> None:
    assert masked_text(text) == text


_AROUND = st.text(alphabet=" -:/.；，'\")abz0159０\x00", max_size=12)
_ADDRESSES = st.sampled_from(["", "socket://10.0.0.1:", "http://h:", "10.1.0.5:", "://", "rfc2217://[::1]:", ":"])


@given(_AROUND, _ADDRESSES, st.sampled_from([NUMBER, "057112348000", "8700123"]), _AROUND)
def test_a_number_is_masked_whatever_stands_beside_it(before: str, address: str, number: str, after: str) -> None:
    shown = masked_text(f"{before}{address}{number}{after}")
    assert number not in shown
    assert len(number) < 9 or number[3:-2] not in shown


@given(st.sampled_from(["socket://h:", "10.1.0.5:"]), st.integers(10_000, 65_535))
def test_a_port_stays(address: str, port: int) -> None:
    assert str(port) in masked_text(f"{address}{port}")
    assert str(port) not in masked_text(f"{address}{port}0138000")
