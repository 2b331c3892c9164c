"""What does a phone on the wire say, and is it heard? Tones and keys as RTP for SIPp, and tones found in recordings.

G.711 A-law by ITU-T G.711; RTP by RFC 3550; keys as telephone events by RFC 4733, 20 ms packets.
"""

from __future__ import annotations

import math
import socket
import struct
import time
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from adapters.asterisk.tones import RATE, tone, unalaw

PACKET: Final = 160
"""Samples in 20 ms."""
PCMA, KEYS = 8, 101
KEY_NAMES: Final = "0123456789*#"
KEY_PACKETS: Final = 8
"""A key is held for 160 ms."""


def write_pcap(path: Path, hertz: float, seconds: float, keys: Sequence[tuple[float, str]] = ()) -> Path:
    """A tone of that length, interrupted by keys `(seconds from the start, key)`, as a capture that SIPp replays."""
    sound = tone(hertz, seconds)
    starts = {round(at * RATE / PACKET): KEY_NAMES.index(key) for at, key in keys}
    out = bytearray(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    pressed, since, sequence = -1, 0, 0
    for number in range(len(sound) // PACKET):
        if number in starts:
            pressed, since = starts[number], number
        if pressed < 0:
            packets = [(PCMA, number == 0, number * PACKET, sound[number * PACKET : (number + 1) * PACKET])]
        else:
            held = number - since + 1
            over = held == KEY_PACKETS
            event = struct.pack("!BBH", pressed, (0x80 if over else 0) | 10, held * PACKET)
            packets = [(KEYS, held == 1, since * PACKET, event)] * (3 if over else 1)
            pressed = -1 if over else pressed
        for kind, mark, stamp, payload in packets:
            rtp = struct.pack("!BBHII", 0x80, (0x80 if mark else 0) | kind, sequence & 0xFFFF, stamp, 0x12348) + payload
            out += _frame(rtp, number * PACKET / RATE)
            sequence += 1
    path.write_bytes(out)
    return path


def overhear(addresses: Sequence[tuple[str, int]], seconds: float) -> dict[tuple[str, int], array[int]]:
    """What is sent to these RTP addresses on this machine, as it passes by on the wire (needs root). Blocking."""
    heard_at: dict[tuple[str, int], dict[int, bytes]] = {address: {} for address in addresses}
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as wire:
        wire.bind(("lo", 0))
        wire.settimeout(0.1)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                frame = wire.recv(4096)
            except TimeoutError:
                continue
            start = 14 + (frame[14] & 15) * 4
            if frame[23] != 17 or len(frame) < start + 20 or frame[start + 9] & 0x7F != PCMA:
                continue
            target = (socket.inet_ntoa(frame[30:34]), int.from_bytes(frame[start + 2 : start + 4]))
            if target in heard_at:
                # Loopback shows every packet twice; the sequence number tells.
                heard_at[target][int.from_bytes(frame[start + 10 : start + 12])] = frame[start + 20 :]
    return {
        address: array("h", (unalaw(byte) for number in sorted(packets) for byte in packets[number]))
        for address, packets in heard_at.items()
    }


def read_wav(path: Path) -> array[int]:
    """Samples of a 16-bit mono recording."""
    with wave.open(str(path), "rb") as file:
        if (file.getsampwidth(), file.getnchannels()) != (2, 1):
            raise ValueError(f"{path}: not 16-bit mono")
        return array("h", file.readframes(file.getnframes()))


def loudness(samples: Sequence[int], hertz: float, rate: int = RATE) -> float:
    """Amplitude of one frequency as a share of full scale (Goertzel 1958), averaged over windows of 0.2 s, so that a
    phase jump by a lost packet does not cancel it out."""
    size = rate // 5
    windows = [samples[start : start + size] for start in range(0, len(samples) - size + 1, size)]
    if not windows:
        return 0.0
    return sum(level(window, hertz, rate) for window in windows) / len(windows)


def heard(samples: Sequence[int], hertz: float, among: Sequence[float]) -> bool:
    """Whether that tone is there: at least ten times as loud as each of the tones `among` which must not be."""
    loud = loudness(samples, hertz)
    return loud > 0.01 and all(loud > 10 * loudness(samples, other) for other in among)


def level(window: Sequence[int], hertz: float, rate: int = RATE) -> float:
    """Amplitude of one frequency in one window as a share of full scale."""
    turn = 2 * math.cos(2 * math.pi * hertz / rate)
    before = last = 0.0
    for sample in window:
        before, last = last, sample + turn * last - before
    power = last * last + before * before - turn * last * before
    return 2 * math.sqrt(max(power, 0.0)) / len(window) / 32768


def _frame(rtp: bytes, at: float) -> bytes:
    udp = struct.pack("!HHHH", 6000, 6000, 8 + len(rtp), 0) + rtp
    address = b"\x7f\x00\x00\x01"
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, address, address) + udp
    frame = bytes(12) + b"\x08\x00" + ip
    return struct.pack("<IIII", int(at), round(at % 1 * 1e6) % 1_000_000, len(frame), len(frame)) + frame
