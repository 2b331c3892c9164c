"""What does an event of Keygoe's mean on the channel that it is about? Events become signs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from ctypes import byref, sizeof
from datetime import datetime
from pathlib import Path

from adapters.card import keygoe_structs as raw
from adapters.card.binding import CardError, digits_of
from adapters.card.caller_id import Announced
from adapters.card.keygoe_names import (
    BLOCKED,
    BUSY_TONES,
    DTMF,
    FREE,
    FSK,
    INTERFACE,
    LOOP_DROP,
    OFF_HOOK,
    ON_HOOK,
    PER_MODULE,
    POLARITIES,
    RING,
    TONE,
    VOICE,
    Event,
)
from adapters.card.keygoe_stream import Port, Stream, apart, read
from adapters.card.raw_audio import wrap
from adapters.card.wire import (
    AnySign,
    Broken,
    Freed,
    Kind,
    Mended,
    Numbered,
    OffHook,
    OnHook,
    PlayEnded,
    Pressed,
    Rang,
    RecordEnded,
    Reversed,
    State,
)


class Meaning:
    """Knows what each channel does by what was told of it."""

    def __init__(self, stream: Stream, repeat: Callable[[Port, int, str], None], now: Callable[[], datetime]) -> None:
        self._stream, self._repeat, self._now = stream, repeat, now
        self._announced = Announced()

    def of(self, event: bytes) -> Iterator[AnySign]:
        """One event."""
        head, body = apart(event)
        device = head.device
        port = (
            self._stream.ports.get(device.module * PER_MODULE + device.channel)
            if device.main == INTERFACE
            else self._stream.by_voice.get((device.module, device.channel))
            if device.main == VOICE
            else None
        )
        if head.type == Event.FAILURE:
            print(f"keygoe: XMS_EVT_UNIFAILURE {read(raw.General, body).error:#x}", file=sys.stderr)
        if port is None:
            return
        trunk = port.kind is not Kind.STATION
        match head.type:
            case Event.FAILURE if device.main == VOICE and port.playing is not None:
                yield from self._not_played(port, port.playing[0])
            case Event.CALL_IN if trunk:
                yield self._called(port, read(raw.CallControl, body))
            case Event.CALL_IN | Event.ANSWER_CALL:
                if port.state is not State.UP and (not trunk or read(raw.CallControl, body).ok > 0):
                    port.state = State.UP
                    yield OffHook(channel=port.number)
            case Event.CLEAR_CALL:
                yield from self._cleared(port, "remote_hangup")
            case Event.ANALOG_INTERFACE:
                yield from self._moved(port, read(raw.AnalogInterface, body).state)
            case Event.DEVICE_STATE if device.main == INTERFACE:
                yield from self._turned(port, read(raw.General, body).state)
            case Event.CLOSE_DEVICE if port.state is not State.BROKEN:
                port.state = State.BROKEN
                yield Broken(channel=port.number, detail="设备已关闭")
            case Event.OPEN_DEVICE if port.state is State.BROKEN:
                port.state = State.IDLE
                yield Mended(channel=port.number)
            case Event.RECEIVED:
                yield from self._received(port, body)
            case Event.PLAY:
                yield from self._played(port, read(raw.MediaDone, body))
            case Event.RECORD:
                yield from self._recorded(port, read(raw.MediaDone, body))
            case _:
                return

    def _called(self, port: Port, call: raw.CallControl) -> Rang:
        again = port.state is State.RINGING
        port.state = State.RINGING
        if not again:
            self._stream.try_call("XMS_ctsAlertCall", byref(port.device), None)
        caller = self._announced.take(port.number, self._now()) or digits_of(call.calling)
        return Rang(channel=port.number, caller=caller, dialled=digits_of(call.called))

    def _cleared(self, port: Port, cause: str) -> Iterator[AnySign]:
        before, port.state = port.state, State.IDLE
        if port.kind is Kind.STATION:
            if before is State.UP:
                yield OnHook(channel=port.number)
        elif before is State.RINGING:
            yield Freed(channel=port.number, cause="rings_stopped", inferred=port.kind is Kind.ANALOG)
        elif before is State.UP:
            self._stream.try_call("XMS_ctsClearCall", byref(port.device), 0, None)
            yield Freed(channel=port.number, cause=cause)

    def _moved(self, port: Port, state: int) -> Iterator[AnySign]:
        """What the line itself does."""
        if port.kind is Kind.STATION:
            if state == OFF_HOOK and port.state is not State.UP:
                port.state = State.UP
                yield OffHook(channel=port.number)
            elif state == ON_HOOK:
                yield from self._cleared(port, "")
        elif state == RING and port.state is State.RINGING:
            yield Rang(channel=port.number)
        elif state in POLARITIES:
            before, port.polarity = port.polarity, state
            if before != state and port.state is State.UP:
                yield Reversed(channel=port.number)
        elif state == LOOP_DROP and port.state is State.UP:
            yield from self._cleared(port, "loop_drop")

    def _turned(self, port: Port, state: int) -> Iterator[AnySign]:
        if state in BLOCKED:
            if port.state is not State.BROKEN:
                port.state = State.BROKEN
                yield Broken(channel=port.number, detail=BLOCKED[state])
        elif port.state is State.BROKEN:
            port.state = State.IDLE
            yield Mended(channel=port.number)
        elif state == FREE and port.kind is not Kind.STATION:
            yield from self._cleared(port, "remote_hangup")

    def _received(self, port: Port, body: bytes) -> Iterator[AnySign]:
        io = read(raw.IoData, body)
        data = body[sizeof(raw.IoData) :][: io.length]
        idle = port.kind is not Kind.STATION and port.state in (State.IDLE, State.RINGING)
        if io.type == FSK and idle:
            number = self._announced.frame(port.number, data, self._now())
            yield from self._named(port, number)
        elif io.type == DTMF:
            for key in data.decode("ascii", "ignore").upper():
                if idle:
                    yield from self._named(port, self._announced.key(port.number, key, self._now()))
                elif key in "0123456789ABCD*#":
                    yield Pressed(channel=port.number, digits=key)
        elif io.type == TONE and data and data[0] in BUSY_TONES and self._talks(port):
            self._stream.try_call("XMS_ctsResetDevice", byref(port.device), None)
            yield from self._cleared(port, "busy_tone")

    def _talks(self, port: Port) -> bool:
        return port.kind is not Kind.STATION and port.state is State.UP

    def _named(self, port: Port, number: str) -> Iterator[AnySign]:
        """The number came after the call: it is told at once. Else it is kept for the call."""
        if number and port.state is State.RINGING:
            yield Numbered(channel=port.number, caller=self._announced.take(port.number, self._now()))

    def _played(self, port: Port, done: raw.MediaDone) -> Iterator[AnySign]:
        if port.playing is None or port.playing[0] % 256 != done.task:
            return  # was stopped, or something else plays by now
        number, again = port.playing
        failed = done.ok <= 0
        if again and not failed:  # music; a file that cannot be played would fail again at once, and for ever
            try:
                self._repeat(port, number, again)
            except CardError as error:
                print(f"keygoe: the music ends: {error}", file=sys.stderr)
                failed = True
            else:
                return
        port.playing = None
        yield PlayEnded(channel=port.number, task=number, failed=failed)

    def _not_played(self, port: Port, task: int) -> Iterator[AnySign]:
        """An order to that voice device failed, and it does not say which one: should it play all the same, it is
        stopped, so that what is told is true."""
        port.playing = None
        self._stream.try_call("XMS_ctsControlPlay", byref(port.voice), byref(raw.ControlPlay()), None)
        yield PlayEnded(channel=port.number, task=task, failed=True)

    def _recorded(self, port: Port, done: raw.MediaDone) -> Iterator[AnySign]:
        if port.stopped:
            wrap(Path(port.stopped.pop(0)))
        elif port.recording is not None:
            (task, file), port.recording = port.recording, None
            wrap(Path(file))
            failed = "" if done.ok > 0 else f"XMS_EVT_RECORD: {done.error:#x}"
            yield RecordEnded(channel=port.number, task=task, failed=failed)
