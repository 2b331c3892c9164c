"""Both ends of an open device: what PortAudio's threads take and give, and how it is opened and closed.

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

from adapters.line_audio.devices import SoundLost, Way, chosen, listed, load, through_the_door
from adapters.line_audio.settings import SoundSettings
from adapters.line_audio.wav import RATE

BLOCK_SECONDS: Final = 0.03
"""PortAudio keeps two of them ready: shorter ones give gaps on a busy machine, with longer ones silence comes late."""
MOST_BLOCKS: Final = 170
"""Five seconds. So much sound waits for an event loop that is busy; what comes beyond it is lost, and counted."""
MOST_CHANNELS: Final = 2

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


class Streams:
    """An open device, or two. Opening and closing block, for seconds where a device is ill: call them in a thread."""

    def __init__(self, settings: SoundSettings, ear: Ear | None, mouth: Mouth | None) -> None:
        self._settings = settings
        self._ear = ear
        self._mouth = mouth
        self._audio: Any = None
        self._streams = list[Any]()
        self._closed = False

    def open(self) -> None:
        """Raises `Misconfigured` (no PortAudio, no such device) or `SoundLost` (busy, ill)."""
        with through_the_door():
            if self._closed:  # whoever wanted it has gone meanwhile
                return
            self._audio = load().PyAudio()
            try:
                if self._mouth is not None:
                    stream = self._opened("output", self._settings.spoken_to, self._mouth)
                    self._mouth.latency_seconds = stream.get_output_latency() + BLOCK_SECONDS
                if self._ear is not None:
                    self._opened("input", self._settings.heard_at, self._ear)
                if self._closed:  # its driver took longer than anybody waited
                    self._let_go()
            except BaseException:
                self._let_go()
                raise

    @property
    def alive(self) -> bool:
        """Whether PortAudio still calls back, as far as it knows itself."""
        try:
            return all(stream.is_active() for stream in self._streams)
        except OSError:
            return False

    def close(self) -> None:
        """Twice is the same as once."""
        self._closed = True  # before the door: an `open` that is stuck in there lets go itself when it gets out
        with through_the_door():
            self._let_go()

    def _opened(self, way: Way, name: str, end: Ear | Mouth) -> Any:
        device = chosen(name, way, listed(self._audio))
        most = min(MOST_CHANNELS, device.inputs if way == "input" else device.outputs)
        rates = [self._settings.rate_hz] if self._settings.rate_hz else [RATE, device.rate_hz]
        sixteen_bits = load().paInt16
        for rate_hz, channels in [(rate, channels) for rate in rates for channels in range(1, most + 1)]:
            asked = {f"{way}_device": device.index, f"{way}_channels": channels, f"{way}_format": sixteen_bits}
            with suppress(ValueError):  # that is how PortAudio says no
                self._audio.is_format_supported(rate_hz, **asked)
                break
        else:
            raise SoundLost(f"声音设备“{device.name}”打不开：不支持 {'、'.join(map(str, rates))} Hz 16 位，或正被占用")
        end.tuned(rate_hz, channels)
        end.last = time.monotonic()
        try:
            stream = self._audio.open(
                rate_hz,
                channels,
                sixteen_bits,
                frames_per_buffer=round(rate_hz * BLOCK_SECONDS),
                stream_callback=end.called,
                **{way: True, f"{way}_device_index": device.index},
            )
        except OSError as error:
            raise SoundLost(f"声音设备“{device.name}”打不开，可能正被其他程序占用（{error.args[-1]}）") from None
        self._streams.append(stream)
        return stream

    def _let_go(self) -> None:
        streams, self._streams = self._streams, []
        audio, self._audio = self._audio, None
        for stream in streams:
            with suppress(OSError):  # it is gone already
                stream.close()
        if audio is not None:
            audio.terminate()


def _fulfil(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
