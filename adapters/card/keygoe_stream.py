"""How is Keygoe's library opened? Stream, listener, devices; then each interface channel has its voice device."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Iterator, Sequence
from ctypes import POINTER, byref, c_uint32, c_void_p, cast, sizeof, string_at
from typing import Any, Final, TypeVar

from adapters.card import keygoe_structs as raw
from adapters.card.binding import CardError, Opening, load
from adapters.card.keygoe_names import (
    APP_ID,
    CONFERENCE,
    FUNCTIONS,
    INTERFACE,
    OPTIONAL,
    PER_MODULE,
    QUEUE_KIB,
    SUBS,
    VOICE,
    Event,
    Listener,
)
from adapters.card.keygoe_structs import DeviceId
from adapters.card.wire import Kind, State

T = TypeVar("T")

OPEN_SECONDS: Final = 10.0
MOST_BYTES: Final = 8192


class Port:
    """An interface channel, and the voice device that serves it."""

    def __init__(self, number: int, kind: Kind, device: DeviceId, voice: DeviceId) -> None:
        self.number, self.kind, self.device, self.voice = number, kind, device, voice
        self.state = State.IDLE
        self.polarity = 0
        """0: not told yet."""
        self.playing: tuple[int, str] | None = None
        """Task, and the file where it is to be repeated."""
        self.recording: tuple[int, str] | None = None
        """Task and file."""
        self.stopped: list[str] = []
        """Files that are complete once the library says so."""


class Stream:
    """The library, with its stream open."""

    def __init__(self, opening: Opening) -> None:
        """Raises `CardError`."""
        self.functions = load(opening.library, FUNCTIONS, frozenset(FUNCTIONS) - OPTIONAL)
        self.ports: dict[int, Port] = {}
        self.by_voice: dict[tuple[int, int], Port] = {}
        self._events: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._kept: deque[bytes] = deque()
        """What came while the devices were opened: somebody may ring already."""
        self._listener = Listener(self._take)  # kept, or it would be freed under the library's feet
        self._handle = c_uint32(0)
        host, _, port = opening.server.rpartition(":")
        server = raw.ServerId(
            ip=host.encode(), port=int(port or 0), user=opening.user.encode(), password=opening.password.encode()
        )
        if "XMS_acsDllInit" in self.functions:
            self.functions["XMS_acsDllInit"]()
        opened = self.functions["XMS_acsOpenStream"](
            byref(self._handle), byref(server), APP_ID, QUEUE_KIB, QUEUE_KIB, 0, None
        )
        if opened < 0:
            raise CardError(f"XMS_acsOpenStream: no connection to {opening.server}")
        self.call("XMS_acsSetESR", cast(self._listener, c_void_p), 0, 1)
        self.call("XMS_acsGetDeviceList", None)
        self.conferences = self._set_up(self._until_listed())
        """Conference devices that are free."""

    def try_call(self, function: str, *arguments: Any) -> int:
        """Call it on our stream; negative: it refused."""
        return self.functions[function](self._handle, *arguments)

    def call(self, function: str, *arguments: Any) -> None:
        """The same; raises `CardError` when it refused."""
        if (done := self.try_call(function, *arguments)) < 0:
            raise CardError(f"{function}: {done}")

    def next_event(self, seconds: float) -> bytes | None:
        """The oldest event; waits for so long."""
        if self._kept:
            return self._kept.popleft()
        try:
            return self._events.get(timeout=seconds) if seconds else self._events.get_nowait()
        except queue.Empty:
            return None

    def link(self, one: DeviceId, two: DeviceId) -> None:
        """They hear each other."""
        self.call("XMS_ctsLinkDevice", byref(one), byref(two), None)
        self.call("XMS_ctsLinkDevice", byref(two), byref(one), None)

    def unlink(self, one: DeviceId, two: DeviceId) -> None:
        """They do not."""
        self.try_call("XMS_ctsUnlinkDevice", byref(one), byref(two), None)
        self.try_call("XMS_ctsUnlinkDevice", byref(two), byref(one), None)

    # ── opening ──

    def _until_listed(self) -> list[DeviceId]:
        found: list[DeviceId] = []
        for event in self._expected():
            head, body = apart(event)
            if head.type == Event.QUERY_DEVICE:
                listed = read(raw.DeviceList, body)
                rest = body[sizeof(raw.DeviceList) :]
                whole = min(listed.count, len(rest) // sizeof(DeviceId))
                found += [read(DeviceId, rest[each * sizeof(DeviceId) :]) for each in range(whole)]
            elif head.type == Event.QUERY_DEVICE_END:
                return found
        raise CardError("the devices were not listed in time")

    def _set_up(self, listed: Sequence[DeviceId]) -> list[DeviceId]:
        """Open what is of use, link a voice device with each channel. Returns the conference devices."""
        wanted = {_key(each): each for each in listed if each.main in (VOICE, INTERFACE, CONFERENCE)}
        for each in wanted.values():
            self.call("XMS_ctsOpenDevice", byref(each), None)
        opened: dict[tuple[int, int, int], DeviceId] = {}
        for event in self._expected():
            head, body = apart(event)
            if head.type != Event.OPEN_DEVICE:
                self._kept.append(event)
            elif read(raw.General, body).ok > 0:
                opened[_key(head.device)] = _copy(head.device)
            if opened.keys() >= wanted.keys():
                break
        for (main, module, channel), device in sorted(opened.items()):
            kind = SUBS.get(device.sub)
            voice = opened.get((VOICE, module, channel))
            if main != INTERFACE or kind is None or voice is None:
                continue
            port = Port(module * PER_MODULE + channel, kind, device, voice)
            self.ports[port.number] = self.by_voice[(module, channel)] = port
            self.link(device, voice)
        return [device for (main, _, _), device in sorted(opened.items()) if main == CONFERENCE]

    def _expected(self) -> Iterator[bytes]:
        """Events while the library opens."""
        until = time.monotonic() + OPEN_SECONDS
        while (left := until - time.monotonic()) > 0:
            try:
                yield self._events.get(timeout=left)
            except queue.Empty:
                return

    def _take(self, event: int | None) -> None:
        """In a thread of the library's: copy, and let it go on."""
        if event:
            size = cast(event, POINTER(raw.Event)).contents.size
            self._events.put(string_at(event, min(max(size, sizeof(raw.Event)), MOST_BYTES)))


def apart(event: bytes) -> tuple[raw.Event, bytes]:
    """The head of an event, and what belongs to it."""
    return read(raw.Event, event), event[sizeof(raw.Event) :]


def read(kind: type[T], data: bytes) -> T:
    """The structure at the beginning; what is missing of it is zero: versions of the library differ in their ends."""
    size = sizeof(kind)  # pyright: ignore[reportArgumentType]
    return kind.from_buffer_copy(data[:size].ljust(size, b"\0"))  # pyright: ignore[reportAttributeAccessIssue]


def _copy(device: DeviceId) -> DeviceId:
    return DeviceId.from_buffer_copy(bytes(device))


def _key(device: DeviceId) -> tuple[int, int, int]:
    return device.main, device.module, device.channel
