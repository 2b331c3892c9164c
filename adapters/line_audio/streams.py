"""How is a sound device opened and closed?

PortAudio looks for devices only while nothing is open in this process: for one that was plugged in later, the streams
that nobody uses at the moment are closed and opened again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from adapters.errors import Misconfigured
from adapters.line_audio.apart import devices_apart
from adapters.line_audio.devices import NoSuchDevice, SoundLost, Way, chosen, listed, load, through_the_door
from adapters.line_audio.ends import Ear, Mouth
from adapters.line_audio.settings import SoundSettings
from adapters.line_audio.wav import RATE

BLOCK_SECONDS: Final = 0.03
"""PortAudio keeps two of them ready: shorter ones give gaps on a busy machine, with longer ones silence comes late."""
MOST_CHANNELS: Final = 2
LIST_SECONDS: Final = 4.0
"""The list of devices takes a second, on a machine that is well."""


class Streams:
    """An open device, or two. Opening and closing block, for seconds where a device is ill: call them in a thread."""

    def __init__(
        self, settings: SoundSettings, ear: Ear | None, mouth: Mouth | None, in_use: Callable[[], bool] = lambda: True
    ) -> None:
        """`in_use`: whether somebody would notice a gap now. Asked in another thread."""
        self._settings = settings
        self._in_use = in_use
        self._ear = ear
        self._mouth = mouth
        self._audio: Any = None
        self._streams = list[Any]()
        self._listed = set[str]()
        """Names of the devices, when PortAudio last looked."""
        self._closed = self._broken = False

    def open(self) -> None:
        """Raises `Misconfigured` (no PortAudio, no such device) or `SoundLost` (busy, ill)."""
        try:
            with through_the_door():
                self._open()
        except (NoSuchDevice, SoundLost) as error:
            if not _open - {self} or not self._is_there_by_now(missed=isinstance(error, NoSuchDevice)):
                raise
            with through_the_door():
                self._look_anew()

    @property
    def alive(self) -> bool:
        """Whether PortAudio still calls back, as far as it knows itself."""
        try:
            return not self._broken and all(stream.is_active() for stream in self._streams)
        except OSError:
            return False

    def close(self) -> None:
        """Twice is the same as once."""
        self._closed = True  # before the door: an `open` that is stuck in there lets go itself when it gets out
        with through_the_door():
            self._let_go()

    def _open(self) -> None:
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
            else:
                _open.add(self)
        except BaseException:
            self._let_go()
            raise

    def _is_there_by_now(self, *, missed: bool) -> bool:
        """A process of its own sees what this one does not: it was plugged in since, or into another socket. A device
        that is in our list as well (not `missed`) and cannot be opened would not open after another look."""
        ways = list[tuple[Way, str]]()
        if self._mouth is not None:
            ways.append(("output", self._settings.spoken_to))
        if self._ear is not None:
            ways.append(("input", self._settings.heard_at))
        try:
            there = devices_apart(LIST_SECONDS)
            names = {chosen(name, way, there).name for way, name in ways}
        except Misconfigured:
            return False
        return missed or not names <= self._listed

    def _look_anew(self) -> None:
        """Everything is closed for a moment, so that PortAudio looks for devices again. Raises `SoundLost` where
        somebody would notice."""
        others = _open - {self}
        if any(each._in_use() for each in others):
            raise SoundLost("声音设备已插好，但其他线路正在放音或录音，暂不能启用；空闲后自动启用")
        for each in others:
            each._let_go()
        try:
            self._open()
        finally:
            for each in others:
                each._open_again()

    def _open_again(self) -> None:
        try:
            self._open()
        except (Misconfigured, SoundLost):
            self._broken = True  # whoever uses it is told, and opens it as after any loss

    def _opened(self, way: Way, name: str, end: Ear | Mouth) -> Any:
        found = listed(self._audio)
        self._listed = {each.name for each in found}
        device = chosen(name, way, found)
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
        _open.discard(self)
        streams, self._streams = self._streams, []
        audio, self._audio = self._audio, None
        for stream in streams:
            with suppress(OSError):  # it is gone already
                stream.close()
        if audio is not None:
            audio.terminate()


_open: Final = set[Streams]()
"""What is open in this process. Changed behind the door."""
