"""How is a new input made of those that are known?

Bytes are changed as in any fuzzer; besides, an input is seen as words, numbers and marks, so that a field's value is
replaced by another field's, a line by another line. Once in a while something is repeated until the input is as long
as can be: that is how what is not linear shows. One seed gives one sequence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Final

NUMBERS: Final = (
    *(b"0", b"1", b"-1", b"00", b"7", b"12", b"24", b"31", b"59", b"60", b"61", b"99", b"127", b"128", b"255", b"256"),
    *(b"999", b"1000", b"65535", b"86400", b"86401", b"99999", b"2147483647", b"4294967296", b"1763690400"),
    *(b"1763690400000", b"253402300800", b"9223372036854775808", b"1e999", b"0.5", b"-0", b"9" * 40, b"13800138000"),
)
PIECES: Final = (
    *(b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b",", b";", b":", b"=", b"&", b'"', b"'", b"<", b">", b"[", b"]"),
    *(b"{", b"}", b"%00", b"%", b"\\", b"\\u0000", b"\\ud800", b"null", b"true", b"NaN", b"\xff", b"\xff\xfe", b"\x7f"),
    *(b"\xef\xbb\xbf", b"\xc3\xa9", "号".encode(), "号".encode("gb18030"), "\u2028".encode(), "１".encode(), b"\x80"),
    *("²".encode(), "٣".encode(), b"..", b"/../", b"://", b"+", b"*", b"#"),
)
LONG: Final = 0.0004
"""So many inputs are repeated until they are long."""

_TOKEN: Final = re.compile(rb"[0-9]+|[A-Za-z_]+|[\x80-\xff]+|[^0-9A-Za-z_\x80-\xff]")
_LINE: Final = re.compile(rb"[^\r\n]*[\r\n]*")


class Mutator:
    """Makes inputs."""

    def __init__(self, chance: Random, words: Sequence[bytes], longest: int, most: int) -> None:
        """`longest`: bytes of the usual inputs; `most`: of those that something is repeated in."""
        self._chance = chance.random
        self._words = [*words, *PIECES]
        self._longest = longest
        self._most = most
        self._tokens = dict[bytes, list[tuple[int, int]]]()

    def make(self, parent: bytes, other: bytes) -> bytes:
        """A child of that input, with something of the other one where it fits."""
        chance = self._chance
        if chance() < LONG:
            return self._long(parent)
        data = bytearray(parent)
        for _ in range(1 + int(chance() * chance() * 5)):
            how = chance()
            if how < 0.45:
                data = self._by_token(data, parent, other)
            elif how < 0.85:
                self._by_byte(data)
            else:
                data = self._by_line(data, other)
        return bytes(data[: self._longest])

    def _by_token(self, data: bytearray, parent: bytes, other: bytes) -> bytearray:
        chance = self._chance
        spans = self._spans(parent if len(data) == len(parent) else bytes(data))
        if not spans:
            return data
        begin, end = spans[int(chance() * len(spans))]
        how = chance()
        if how < 0.3:
            new = NUMBERS[int(chance() * len(NUMBERS))]
        elif how < 0.55:
            new = self._words[int(chance() * len(self._words))]
        elif how < 0.85:
            theirs = self._spans(other) or [(0, 0)]
            first, last = theirs[int(chance() * len(theirs))]
            new = other[first:last]
        else:
            new = b""
        if chance() < 0.3:
            end = begin  # put in, and nothing taken out
        data[begin:end] = new
        return data

    def _by_byte(self, data: bytearray) -> None:
        chance = self._chance
        length = len(data)
        at = int(chance() * (length + 1))
        how = int(chance() * 7)
        if how == 0 and at < length:
            data[at] ^= 1 << int(chance() * 8)
        elif how == 1 and at < length:
            data[at] = int(chance() * 256)
        elif how == 2:
            data[at:at] = bytes([int(chance() * 256) for _ in range(1 + int(chance() * 6))])
        elif how == 3:
            del data[at : at + 1 + int(chance() * chance() * 40)]
        elif how == 4:
            data[at:at] = data[at : at + 1 + int(chance() * 60)]
        elif how == 5 and at < length:
            data[at] = (data[at] + (1 if chance() < 0.5 else 255)) & 255
        elif how == 6 and chance() < 0.3:
            del data[at:]

    def _by_line(self, data: bytearray, other: bytes) -> bytearray:
        chance = self._chance
        lines = _LINE.findall(bytes(data))
        at = int(chance() * len(lines))
        how = int(chance() * 4)
        if how == 0:
            del lines[at]
        elif how == 1:
            lines.insert(int(chance() * len(lines)), lines[at])
        elif how == 2:
            theirs = _LINE.findall(other)
            lines.insert(at, theirs[int(chance() * len(theirs))])
        else:
            cut = int(chance() * (len(other) + 1))
            return data[: int(chance() * (len(data) + 1))] + other[cut:]
        return bytearray(b"".join(lines))

    def _long(self, parent: bytes) -> bytes:
        chance = self._chance
        begin = int(chance() * (len(parent) + 1))
        length = 1 + int(chance() * (8 if chance() < 0.5 else len(parent) + 1))
        piece = parent[begin : begin + length] or self._words[int(chance() * len(self._words))]
        times = int((self._most - len(parent)) * chance() / len(piece))
        return (parent[:begin] + piece * times + parent[begin:])[: self._most]

    def _spans(self, data: bytes) -> list[tuple[int, int]]:
        found = self._tokens.get(data)
        if found is None:
            found = [each.span() for each in _TOKEN.finditer(data[: self._longest])]
            if len(self._tokens) > 2000:
                self._tokens.clear()
            self._tokens[data] = found
        return found
