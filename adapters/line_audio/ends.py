"""Both ends of an open device: what PortAudio's threads take and give.

PortAudio calls back from threads of its own, every 30 ms. They touch nothing but a bounded buffer under a lock, and
wake the event loop; everything else happens there.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import numpy as np
import soxr

from adapters.line_audio.wav import RATE

MOST_BLOCKS: Final = 170
"""Five seconds. So much sound waits for an event loop that is busy; what comes beyond it is lost, and counted."""

_GO_ON: Final = 0
_INPUT_OVERFLOW: Final = 2
"""`paContinue` and `paInputOverflow`."""


class Ear:
    """What the line says: put in by PortAudio's thread, taken out in the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hand: Callable[[bytes], None]) -> None:
        """`hand` is given 8 kHz, one channel, 16 bits, in the event loop."""
        self._loop = loop
        self._hand = hand
        self._lock = threading.Lock()
        self._blocks = deque[bytes]()
        self._woken = False
        self._channels = 1
        self._slow: Any = None
        self.overruns = 0
        """How many blocks of 30 ms were lost since the line was opened, as far as anybody noticed."""
        self.last = time.monotonic()
        """When the device last gave a sign of life."""

    def tuned(self, rate_hz: int, channels: int) -> None:
        """What the device gives. Of two channels the first counts: handset cables carry the line there."""
        self._channels = channels
        self._slow = None if rate_hz == RATE else soxr.ResampleStream(rate_hz, RATE, 1, dtype="int16", quality="MQ")

    def called(self, data: bytes, frames: int, timing: Any, status: int) -> tuple[None, int]:
        """By PortAudio, in its thread."""
        with self._lock:
            self.last = time.monotonic()
            self.overruns += bool(status & _INPUT_OVERFLOW)
            if len(self._blocks) < MOST_BLOCKS:
                self._blocks.append(data)
            else:
                self.overruns += 1
            wake, self._woken = not self._woken, True
        if wake:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._empty)
        return None, _GO_ON

    def _empty(self) -> None:
        with self._lock:
            blocks, self._blocks, self._woken = self._blocks, deque[bytes](), False
        for block in blocks:
            self._hand(self._slowed(block))

    def _slowed(self, block: bytes) -> bytes:
        if self._channels == 1 and self._slow is None:
            return block
        samples = np.frombuffer(block, "<i2").reshape(-1, self._channels)[:, 0]
        if self._slow is not None:
            samples = self._slow.resample_chunk(np.ascontiguousarray(samples))
        return samples.astype("<i2").tobytes()


class Mouth:
    """What is said to the line: put in by the event loop, fetched by PortAudio's thread. Nothing to say: silence."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._sound = b""
        self._at = 0
        self._done: asyncio.Future[None] | None = None
        self._rate_hz, self._channels = RATE, 1
        self.latency_seconds = 0.0
        """From here to the line."""
        self.last = time.monotonic()
        """When the device last gave a sign of life."""

    def tuned(self, rate_hz: int, channels: int) -> None:
        """What the device wants."""
        self._rate_hz, self._channels = rate_hz, channels

    def shaped(self, pcm16: bytes) -> bytes:
        """8 kHz, one channel, as the device wants it. Some milliseconds for a minute."""
        samples = np.frombuffer(pcm16, "<i2")
        if self._rate_hz != RATE and len(samples):
            samples = soxr.resample(samples, RATE, self._rate_hz, quality="MQ")
        return np.repeat(samples, self._channels).astype("<i2").tobytes()

    def say(self, sound: bytes) -> asyncio.Future[None]:
        """Say that, as `shaped`, in place of anything before; done when its last sample was fetched."""
        done = self._loop.create_future()
        with self._lock:
            self._sound, self._at, self._done = sound, 0, done
        return done

    def hush(self) -> None:
        """Not another sample of it."""
        with self._lock:
            self._sound, self._at, self._done = b"", 0, None

    def called(self, data: None, frames: int, timing: Any, status: int) -> tuple[bytes, int]:
        """By PortAudio, in its thread."""
        size, done = frames * 2 * self._channels, None
        with self._lock:
            self.last = time.monotonic()
            piece = self._sound[self._at : self._at + size]
            self._at += len(piece)
            if self._at >= len(self._sound):
                self._sound, self._at = b"", 0
                done, self._done = self._done, None
        if done is not None:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(_fulfil, done)
        return piece.ljust(size, b"\0"), _GO_ON


def _fulfil(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
