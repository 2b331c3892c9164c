"""The modem at the other end of the wire, byte for byte, with a line, a caller and a desk telephone on it.

It echoes, takes one command line at a time, plays what it is sent in real time out of a small buffer, and says of its
own accord what happens on the line. Whoever holds it in his hand is the exchange, the caller and the lawyer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from adapters.line_audio.codec import SILENCE, decode, encode
from adapters.modem.simulated_makes import Make
from adapters.modem.sounds import RATE, resampled
from adapters.modem.stream import DLE, ETX, stuffed

TICK_SECONDS: Final = 0.02
BUFFER_SECONDS: Final = 0.15
LOW_SECONDS: Final = 0.05
LONGEST_COMMAND: Final = 128
KEY_SECONDS: Final = 0.07
"""A shielded digit is said again that often."""
CAN: Final = 0x18


class Wire(Protocol):
    """The modem's own end of it."""

    def write(self, data: bytes) -> None:
        """Bytes to the computer."""
        ...

    def stop(self, stopped: bool) -> None:
        """Take no more bytes from the computer (flow control), or take them again."""
        ...


class Mode(StrEnum):
    """What bytes from the computer are."""

    COMMAND = "command"
    PLAYING = "playing"
    RECEIVING = "receiving"


class SimulatedModem:
    """One modem. Its parts work only inside `run`."""

    def __init__(self, make: Make, wire: Wire) -> None:
        self.make = make
        self._wire = wire
        self._command = bytearray()
        self._mode = Mode.COMMAND
        self._shielded = False
        self._ending = False
        self._stopped = False
        self._buffer = bytearray()
        self._law, self._rate = "u8", RATE
        self._echo = True
        self.write_echo = True
        """False: it never echoes, whatever it is told."""
        self._unsaid = b""
        self.spoken = 0
        """Samples of the caller's that were sent."""
        self._debt = 0.0
        self.voice = False
        self.off_hook = False
        """The modem holds the line."""
        self.receiver_up = False
        """The desk telephone is picked up."""
        self.shows_callers = False
        self.heard = bytearray()
        """What the caller has heard: 16 bits, 8 kHz; only while the modem played."""
        self.said = b""
        """What the caller says over and over while the modem receives: 16 bits, 8 kHz; empty: nothing."""
        self.commands: list[str] = []
        """As they came."""
        self.underruns = 0
        self.most_buffered = 0
        self.on_hook_change: Callable[[bool], None] = lambda off_hook: None

    async def run(self) -> None:
        """Play and say in real time, until cancelled."""
        clock = asyncio.get_running_loop().time
        last = clock()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = clock()
            self._pass(now - last)
            last = now

    def take(self, data: bytes) -> None:
        """Bytes from the computer."""
        for byte in data:
            match self._mode:
                case Mode.COMMAND:
                    self._take_command(byte)
                case Mode.PLAYING:
                    self._take_sound(byte)
                case Mode.RECEIVING:
                    self._take_stop(byte)

    # ── the line ──

    def ring(self) -> None:
        """One ring, where nothing holds the line."""
        if not (self.off_hook or self.receiver_up):
            self.say(self.make.voice_ring if self.voice else self.make.ring)

    def show_caller(self, number: str, at: datetime) -> None:
        """Between two rings, where the computer has turned it on."""
        if self.shows_callers and not self.off_hook:
            for line in self.make.labels.format(at=at, number=number).splitlines():
                self.say(f"\r\n{line}\r\n".encode())

    async def press(self, key: str, seconds: float = 0.2) -> None:
        """The caller presses a key."""
        if not self.make.shields_keys:
            self.say(b"\x10" + key.encode())
            return
        self.say(b"\x10/")
        for _ in range(max(round(seconds / KEY_SECONDS), 1)):
            self.say(b"\x10" + key.encode())
            await asyncio.sleep(KEY_SECONDS)
        self.say(b"\x10~")

    def lift(self) -> None:
        """The desk telephone is picked up."""
        self.receiver_up = True
        self.say(self.make.lifted)

    def put_down(self) -> None:
        """And put down."""
        self.receiver_up = False
        self.say(self.make.put_down)

    def say(self, data: bytes) -> None:
        """Whatever else the modem says of its own accord; busy tone: `10 62`."""
        if data:
            self._wire.write(data)

    # ── commands ──

    def _take_command(self, byte: int) -> None:
        if byte == 0x0D:
            line = self._command.decode("ascii", "replace").strip().upper()
            self._command.clear()
            if self._echo and self.write_echo and line:
                self._wire.write(b"\r")
            if line.startswith("AT"):
                self.commands.append(line)
                self._answer(line[2:])
        elif 0x20 <= byte < 0x7F and len(self._command) < LONGEST_COMMAND:
            self._command.append(byte)
            if self._echo and self.write_echo:
                self._wire.write(bytes([byte]))

    def _answer(self, command: str) -> None:
        make = self.make
        if command in make.codings:
            self._law, self._rate = make.codings[command]
            self._result("OK" if self.voice else "ERROR")
        elif command in (make.play, make.record) and self.voice:
            self._begin(Mode.PLAYING if command == make.play else Mode.RECEIVING)
        elif command == make.off_hook and self.voice:
            self._hook(off=True)
            self._result(make.picked_up)
        elif command == make.on_hook:
            self._hook(off=False)
            self.voice = self.voice and not command.startswith("H")
            self._result("OK")
        elif command == make.voice:
            self.voice = True
            self._result("OK")
        elif command in make.answers:
            for line in make.answers[command]:
                self._wire.write(f"\r\n{line}\r\n".encode())
            self._result("OK")
        elif not command or any(re.fullmatch(pattern, command) for pattern in make.accepted):
            self._set(command)
            self._result("OK")
        else:
            self._result("ERROR")

    def _set(self, command: str) -> None:
        if command.startswith(("Z", "&F")):
            self._hook(off=False)
            self.voice = self.shows_callers = False
            self._echo = True
        elif command == self.make.caller_id:
            self.shows_callers = True
        elif echo := re.search(r"E([01])", command):
            self._echo = echo[1] == "1"

    def _hook(self, *, off: bool) -> None:
        if off != self.off_hook:
            self.off_hook = off
            self.on_hook_change(off)

    def _result(self, word: str) -> None:
        self._wire.write(f"\r\n{word}\r\n".encode())

    # ── sound ──

    def _begin(self, mode: Mode) -> None:
        self._mode, self._shielded, self._ending = mode, False, False
        self._buffer.clear()
        self._debt = 0.0
        self._unsaid = b""
        self._result("CONNECT")

    def _end(self) -> None:
        self._mode = Mode.COMMAND
        self._hold(False)
        self._result(self.make.picked_up)

    def _take_sound(self, byte: int) -> None:
        if self._shielded:
            self._shielded = False
            if byte == DLE:
                self._buffer.append(DLE)
            elif byte == CAN:
                self._buffer.clear()
            elif byte == ETX:
                self._ending = True
                self._finish_if_played()
        elif byte == DLE:
            self._shielded = True
        else:
            self._buffer.append(byte)
        self.most_buffered = max(self.most_buffered, len(self._buffer))
        if len(self._buffer) > BUFFER_SECONDS * self._rate:
            self._hold(True)

    def _finish_if_played(self) -> None:
        if self._ending and not self._buffer:
            self._end()

    def _take_stop(self, byte: int) -> None:
        self._unsaid = (self._unsaid + bytes([byte]))[-2:]
        if any(self._unsaid.endswith(stop) for stop in self.make.stops):
            self._wire.write(b"\x10\x03")
            self._end()

    def _hold(self, held: bool) -> None:
        if held == self._stopped:
            return
        self._stopped = held
        if self.make.flow_letters:
            self._wire.write(b"\x13" if held else b"\x11")
        else:
            self._wire.stop(held)

    def _pass(self, seconds: float) -> None:
        if self._mode is Mode.COMMAND:
            return
        self._debt += seconds * self._rate
        count = int(self._debt)
        self._debt -= count
        if self._mode is Mode.RECEIVING:
            self._wire.write(stuffed(self._voice(count)))
            return
        played = bytes(self._buffer[:count])
        del self._buffer[:count]
        if self.off_hook and played:
            self.heard += resampled(decode(played, self._law), self._rate, RATE)
        if len(played) < count and not self._ending and played:
            self.underruns += 1
        if len(self._buffer) < LOW_SECONDS * self._rate:
            self._hold(False)
        self._finish_if_played()

    def _voice(self, count: int) -> bytes:
        """The next samples of what the caller says, coded."""
        if not self.said:
            return SILENCE[self._law] * count
        coded = encode(resampled(self.said, RATE, self._rate), self._law)
        at = self.spoken % len(coded)
        self.spoken += count
        return (coded[at:] + coded * (count // len(coded) + 1))[:count]
