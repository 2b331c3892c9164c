"""Which sound devices does this machine have, and which one do the settings mean?

PyAudio is imported only when somebody asks: a machine without PortAudio runs as well, as long as no sound device is
configured. PortAudio takes its list when the first line is opened, and keeps it until the last one is closed.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, Literal

import msgspec

from adapters.errors import LinkDown, Misconfigured

Way = Literal["input", "output"]
"""From the line to us, or from us to the line."""
WAYS: Final[dict[Way, str]] = {"input": "录音", "output": "放音"}
DOOR_SECONDS: Final = 10.0

_door = threading.Lock()
"""PortAudio opens and closes one thing at a time."""


class NoSuchDevice(Misconfigured):
    """No device has that name, or several have; the message says in Chinese which there are."""


class SoundLost(LinkDown):
    """The sound device is gone, or stands still; the message says so in Chinese."""


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A sound device as PortAudio tells of it."""

    index: int
    """Good only until PortAudio takes its list anew."""
    name: str
    inputs: int
    """Channels."""
    outputs: int
    rate_hz: int
    """What it is made for."""

    def does(self, way: Way) -> bool:
        """Whether it can be used in that direction."""
        return (self.inputs if way == "input" else self.outputs) > 0


@contextmanager
def through_the_door() -> Iterator[None]:
    """Alone with PortAudio, to open or close something: it takes a while, so do it in a thread. Raises `SoundLost` when
    somebody else is stuck in there."""
    if not _door.acquire(timeout=DOOR_SECONDS):
        raise SoundLost("声音系统没有反应：另一个设备卡住了，请拔插该设备，不行则重启服务")
    try:
        yield
    finally:
        _door.release()


def load() -> Any:
    """The module `pyaudio`. Raises `Misconfigured`."""
    try:
        return import_module("pyaudio")
    except ImportError as error:
        missing = "没有安装 PyAudio" if error.name == "pyaudio" else f"PyAudio 不能使用（{error}）"
        raise Misconfigured(f"{missing}：请运行 deploy/setup.sh audio，然后重启服务") from None


def listed(audio: Any) -> list[Device]:
    """What that PortAudio has."""
    found = list[Device]()
    for index in range(audio.get_device_count()):
        told = audio.get_device_info_by_index(index)
        device = Device(
            index=index,
            name=str(told["name"]),
            inputs=int(told["maxInputChannels"]),
            outputs=int(told["maxOutputChannels"]),
            rate_hz=int(told["defaultSampleRate"]),
        )
        found.append(device)
    return found


def devices() -> list[Device]:
    """Every sound device of this machine, as PortAudio lists them. Takes up to a second: call it in a thread. Raises
    `Misconfigured`."""
    with through_the_door():
        audio = load().PyAudio()
        try:
            return listed(audio)
        finally:
            audio.terminate()


def chosen(name: str, way: Way, among: Sequence[Device]) -> Device:
    """The device that is meant by a name or a part of it. Raises `NoSuchDevice`."""
    able = [device for device in among if device.does(way)]
    wanted = name.strip().casefold()
    exact = [device for device in able if device.name.casefold() == wanted]
    found = exact or [device for device in able if wanted and wanted in device.name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        there = "、".join(f"“{device.name}”" for device in found)
        raise NoSuchDevice(f"名称含“{name}”的{WAYS[way]}设备有 {len(found)} 个：{there}；请写得更完整，使之只指一个")
    if not able:
        raise NoSuchDevice(
            f"没有“{name}”：本机没有任何{WAYS[way]}设备。请检查声卡是否插好（arecord -l 应列出它），"
            "服务用户是否在 audio 组"
        )
    there = "、".join(f"“{device.name}”" for device in able)
    todo = "请插好声卡；名称写错的，照现有名称改 device（见 hotline adapter sound）"
    raise NoSuchDevice(f"声音设备不在：{todo}。没有名称含“{name}”的{WAYS[way]}设备；现有：{there}")


@contextmanager
def hushed() -> Iterator[None]:
    """ALSA and JACK write to standard error about everything they did not find: not on the screen of who asks for a
    list. Only for commands: what any thread writes there meanwhile is lost."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
