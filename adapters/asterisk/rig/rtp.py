"""What does one end of a call send and hear? RTP of a telephone that lives in this process.

A tone goes out every 20 ms; whatever comes in is kept with the time at which it came, keys (RFC 4733) apart from sound.
"""

from __future__ import annotations

import asyncio
import struct
import time
from array import array
from collections import deque
from collections.abc import Mapping
from typing import Final

from adapters.asterisk.rig.audio import KEY_NAMES, KEY_PACKETS, PACKET, PCMA, loudness
from adapters.asterisk.tones import RATE, tone, unalaw

KEPT_SECONDS: Final = 20.0
AUDIBLE: Final = 0.012
"""Share of full scale; a tone is sent at ten times this."""
LEVEL: Final = 0.15
"""Four tones at once still fit into full scale."""
BETWEEN_KEYS: Final = 5
"""Packets of sound between two keys."""


class Rtp(asyncio.DatagramProtocol):
    """The RTP of one call."""

    def __init__(self, hertz: float | None, *, keys: int = 101) -> None:
        self._tone = tone(hertz, 1.0, LEVEL) if hertz else b""
        self.keys_kind = keys
        """RTP payload type of keys."""
        self.sends = hertz is not None
        self.pressed: list[str] = []
        """Keys that were heard."""
        self._heard: deque[tuple[float, bytes]] = deque()
        self._last_key = -1
        self._transport: asyncio.DatagramTransport | None = None
        self._target: tuple[str, int] | None = None
        self._pump: asyncio.Task[None] | None = None
        self._to_press: deque[str] = deque()

    async def open(self, address: str) -> int:
        """Listen on a free port of that address; the port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, (address, 0))
        return int(self._transport.get_extra_info("sockname")[1])

    def speak_to(self, target: tuple[str, int]) -> None:
        """Send there from now on."""
        self._target = target
        if self._pump is None:
            self._pump = asyncio.get_running_loop().create_task(self._send_on())

    def press(self, digits: str) -> None:
        """Press keys, one after the other."""
        self._to_press.extend(digits)

    async def close(self) -> None:
        """Silence for good."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.wait({self._pump})
        if self._transport is not None:
            self._transport.close()

    def heard(self, since: float) -> array[int]:
        """Samples that came after that moment (`time.monotonic`)."""
        return array("h", (unalaw(byte) for at, sound in tuple(self._heard) if at >= since for byte in sound))

    def packets(self, since: float) -> list[tuple[float, bytes]]:
        """When each packet of sound came after that moment, and what is in it."""
        return [packet for packet in self._heard if packet[0] >= since]

    async def listen(self, seconds: float) -> array[int]:
        """Samples of so many seconds from now."""
        since = time.monotonic()
        await asyncio.sleep(seconds)
        return self.heard(since)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) < 12:
            return
        kind = data[1] & 0x7F
        if kind == PCMA:
            now = time.monotonic()
            self._heard.append((now, data[12:]))
            while self._heard[0][0] < now - KEPT_SECONDS:
                self._heard.popleft()
        elif kind == self.keys_kind and len(data) >= 16:
            stamp = int.from_bytes(data[4:8], "big")
            if stamp != self._last_key:  # every packet of one key carries the time at which it began
                self._last_key = stamp
                self.pressed.append(KEY_NAMES[data[12]] if data[12] < len(KEY_NAMES) else "?")

    async def _send_on(self) -> None:
        loop = asyncio.get_running_loop()
        began, number, sequence = loop.time(), 0, 0
        key, since, pause = -1, 0, 0
        while True:
            if key < 0 and pause <= 0 and self._to_press:
                key, since = KEY_NAMES.index(self._to_press.popleft()), number
            if key >= 0:
                held = number - since + 1
                over = held == KEY_PACKETS
                event = struct.pack("!BBH", key, (0x80 if over else 0) | 10, held * PACKET)
                packets = [(self.keys_kind, held == 1, since * PACKET, event)] * (3 if over else 1)
                key, pause = (-1, BETWEEN_KEYS) if over else (key, pause)
            elif self._tone and self.sends:
                start = number * PACKET % len(self._tone)
                packets = [(PCMA, number == 0, number * PACKET, self._tone[start : start + PACKET])]
                pause -= 1
            else:
                packets = []
                pause -= 1
            for kind, mark, stamp, payload in packets:
                head = struct.pack("!BBHII", 0x80, (0x80 if mark else 0) | kind, sequence & 0xFFFF, stamp, 0x12348)
                if self._transport is not None and self._target is not None:
                    self._transport.sendto(head + payload, self._target)
                sequence += 1
            number += 1
            await asyncio.sleep(max(0.0, began + number * PACKET / RATE - loop.time()))


def tones(samples: array[int], names: Mapping[str, float]) -> frozenset[str]:
    """Which of these tones are there: loud enough, and not just the edge of a much louder one."""
    levels = {name: loudness(samples, hertz) for name, hertz in names.items()}
    loudest = max(levels.values(), default=0.0)
    return frozenset(name for name, level in levels.items() if level > AUDIBLE and level > loudest / 8)
