"""Where does one frame end and the next begin? Garbage before, after and inside frames costs no frame.

A framer is fed bytes as they come, in whatever pieces, and returns frames and the noise between them: nothing that came
is swallowed. It has no clock; whoever feeds it says when the wire has been quiet.
"""

from __future__ import annotations

from typing import Protocol

import msgspec


class Piece(msgspec.Struct, frozen=True):
    """Bytes that belong together."""

    data: bytes
    noise: bool = False
    """No frame: garbage, half a frame, a bad checksum. To be kept and counted, never to be read."""


class Framer(Protocol):
    """Cuts one wire's bytes into frames."""

    @property
    def patience(self) -> float:
        """Seconds of silence after which `quiet` is to be called while something is pending; 0: never."""
        ...

    def feed(self, data: bytes) -> list[Piece]:
        """What is complete now, in the order it came."""
        ...

    def quiet(self) -> list[Piece]:
        """Nothing has come for `patience` seconds: what is pending is a whole frame by now, or never will be one."""
        ...

    @property
    def pending(self) -> bool:
        """Something has come that is no piece yet."""
        ...


class Lines:
    """Text lines, ended by CR, LF, both or NUL. Empty lines say nothing. A line that grows too long is noise."""

    def __init__(self, longest: int = 512, patience: float = 1.0) -> None:
        self._longest = longest
        self._patience = patience
        self._line = bytearray()
        self._broken = False

    @property
    def patience(self) -> float:
        """A last line without its end is a line after so long."""
        return self._patience

    @property
    def pending(self) -> bool:
        """A line has begun."""
        return bool(self._line)

    def feed(self, data: bytes) -> list[Piece]:
        """The lines that have ended."""
        found: list[Piece] = []
        for part in data.replace(b"\r", b"\n").replace(b"\x00", b"\n").splitlines(keepends=True):
            ended = part.endswith(b"\n")
            self._line += part[:-1] if ended else part
            while len(self._line) > self._longest:
                found.append(Piece(bytes(self._line[: self._longest]), noise=True))
                del self._line[: self._longest]
                self._broken = True
            if ended:
                found += self.quiet()
        return found

    def quiet(self) -> list[Piece]:
        """The line as it stands."""
        line, broken = bytes(self._line), self._broken
        self._line.clear()
        self._broken = False
        return [Piece(line, noise=broken)] if line.strip() else []


class Between:
    """Frames between two marks, which belong to the frame. What lies outside of them is noise."""

    def __init__(self, begin: bytes, end: bytes, longest: int = 512, patience: float = 1.0) -> None:
        self._begin, self._end = begin, end
        self._longest = longest
        self._patience = patience
        self._bytes = bytearray()

    @property
    def patience(self) -> float:
        """Half a frame is noise after so long."""
        return self._patience

    @property
    def pending(self) -> bool:
        """A frame has begun."""
        return bool(self._bytes)

    def feed(self, data: bytes) -> list[Piece]:
        """The frames that have ended."""
        self._bytes += data
        found: list[Piece] = []
        while self._bytes:
            begins = self._bytes.find(self._begin)
            if begins < 0:
                # The first bytes of a mark may have come already.
                found += self._drop(len(self._bytes) - _overlap(self._bytes, self._begin))
                break
            found += self._drop(begins)
            ends = self._bytes.find(self._end, len(self._begin))
            again = self._bytes.rfind(self._begin, 1, ends if ends >= 0 else None)
            if again > 0:
                found += self._drop(again)  # a frame that begins once more was cut off before
            elif 0 <= ends <= self._longest:
                found.append(Piece(self._take(ends + len(self._end))))
            elif ends > self._longest or len(self._bytes) >= self._longest + len(self._end):
                found += self._drop(len(self._begin))
            else:
                break
        return found

    def quiet(self) -> list[Piece]:
        """What is pending was cut off."""
        return self._drop(len(self._bytes))

    def _take(self, length: int) -> bytes:
        taken = bytes(self._bytes[:length])
        del self._bytes[:length]
        return taken

    def _drop(self, length: int) -> list[Piece]:
        return [Piece(self._take(length), noise=True)] if length > 0 else []


class Measured:
    """Frames that say their own length and end with a checksum: type, length, data, and what makes the sum of all
    bytes 0 modulo 256 (Bellcore GR-30, V.23: 来电显示). A sum that is wrong is noise, and the search goes on behind its
    first byte."""

    def __init__(self, types: frozenset[int], patience: float = 1.0) -> None:
        self._types = types
        self._patience = patience
        self._bytes = bytearray()

    @property
    def patience(self) -> float:
        """Half a frame is noise after so long."""
        return self._patience

    @property
    def pending(self) -> bool:
        """A frame has begun."""
        return bool(self._bytes)

    def feed(self, data: bytes) -> list[Piece]:
        """The frames that have ended."""
        self._bytes += data
        return self._found(cut_off=False)

    def quiet(self) -> list[Piece]:
        """A frame behind one that was cut off is found; the rest is noise."""
        return self._found(cut_off=True)

    def _found(self, *, cut_off: bool) -> list[Piece]:
        found: list[Piece] = []
        noise = bytearray()
        while self._bytes:
            if self._bytes[0] in self._types:
                length = self._bytes[1] + 3 if len(self._bytes) > 1 else len(self._bytes) + 1
                if length <= len(self._bytes) and sum(self._bytes[:length]) % 256 == 0:
                    found += _noise(noise)
                    found.append(Piece(bytes(self._bytes[:length])))
                    del self._bytes[:length]
                    continue
                if length > len(self._bytes) and not cut_off:
                    break
            noise.append(self._bytes.pop(0))
        return found + _noise(noise)


def _noise(bytes_: bytearray) -> list[Piece]:
    data = bytes(bytes_)
    bytes_.clear()
    return [Piece(data, noise=True)] if data else []


def _overlap(data: bytearray, mark: bytes) -> int:
    """How many bytes at the end may be the beginning of the mark."""
    return next((size for size in range(min(len(mark) - 1, len(data)), 0, -1) if data.endswith(mark[:size])), 0)
