"""How do announcements that were uploaded in the console get to where Asterisk plays them?

Asterisk plays NAME.alaw from its prompts folder. An upload is written there in one step; what it replaces is kept in
`.own`, so that it can be taken back; and `.put` says from which WAV each file was made. Nothing is converted in a call.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import wave
from array import array
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from adapters.prompts import StoredPrompt

RATE: Final = 8000
SUFFIX: Final = ".alaw"
OTHER_SUFFIXES: Final = (".wav", ".wav16", ".ulaw", ".gsm", ".g722", ".sln", ".sln16")
"""Asterisk may prefer one of these for some callers."""
NOTES: Final = 20

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}(\.[a-z]{2,8}(-[a-z0-9]{1,8})?)?")


class PromptFolder:
    """The prompts folder as *we* see it. Every method raises `OSError` when it is not within reach."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = folder / ".own"
        self._put = folder / ".put"

    async def prompt_names(self) -> Mapping[str, StoredPrompt]:
        """Every announcement that can be played now."""
        return await asyncio.to_thread(self._list)

    async def put_prompt(self, name: str, wav: bytes) -> None:
        """From now on that one is played: WAV, 8 kHz, mono, 16 bits. Raises `ValueError` for anything else."""
        await asyncio.to_thread(self._write, name, wav)

    async def restore_prompt(self, name: str) -> None:
        """What was there before the first upload is played again. What was never put stays as it is."""
        await asyncio.to_thread(self._restore, name)

    async def read_prompt(self, name: str) -> bytes | None:
        """What is played under that name, as WAV; None: there is none."""
        return await asyncio.to_thread(self._read, name)

    def _list(self) -> dict[str, StoredPrompt]:
        found: dict[str, StoredPrompt] = {}
        for file in self._folder.iterdir():
            if file.suffix == SUFFIX and not file.name.startswith("."):
                coded = file.read_bytes()
                put = self._notes(file.stem).get(_digest(coded), "")
                found[file.stem] = StoredPrompt(seconds=len(coded) / RATE, sha256=put)
        return found

    def _write(self, name: str, wav: bytes) -> None:
        coded = encode(wav)
        file = self._file(name)
        self._put.mkdir(exist_ok=True)
        self._own.mkdir(exist_ok=True)
        notes = self._notes(name)
        if file.exists() and _digest(there := file.read_bytes()) not in notes:
            _replace(self._own / file.name, there)  # never ours: this is what can be taken back
        # The note first, beside the former ones: killed in between, what lies there is still known as ours.
        notes = {**dict(list(notes.items())[-NOTES:]), _digest(coded): _digest(wav)}
        _replace(self._put / name, "\n".join(f"{made} {put}" for made, put in notes.items()).encode())
        _replace(file, coded)
        for other in self._others(self._folder, name):
            os.replace(other, self._own / other.name)

    def _restore(self, name: str) -> None:
        file = self._file(name)
        notes = self._notes(name)
        if not notes:
            return
        if file.exists() and _digest(file.read_bytes()) in notes:
            kept = self._own / file.name
            if kept.exists():
                os.replace(kept, file)
            else:
                file.unlink()
        for other in self._others(self._own, name):
            os.replace(other, self._folder / other.name)
        (self._put / name).unlink(missing_ok=True)

    def _read(self, name: str) -> bytes | None:
        try:
            return decode(self._file(name).read_bytes())
        except FileNotFoundError:
            return None

    def _notes(self, name: str) -> dict[str, str]:
        """Hash of each file that we made under the name → hash of the WAV it was made from."""
        try:
            lines = (self._put / name).read_text("ascii").splitlines()
            return {made: put for made, _, put in (line.partition(" ") for line in lines)}
        except FileNotFoundError:
            return {}

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of an announcement")
        return self._folder / f"{name}{SUFFIX}"

    def _others(self, folder: Path, name: str) -> Iterator[Path]:
        return (file for suffix in OTHER_SUFFIXES if (file := folder / f"{name}{suffix}").exists())


def encode(wav: bytes) -> bytes:
    """A-law (ITU-T G.711) of a WAV of 8 kHz, mono, 16 bits. Raises `ValueError` for any other."""
    try:
        with wave.open(BytesIO(wav)) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
                raise ValueError("not 8 kHz, mono, 16 bits")
            samples = array("h", file.readframes(file.getnframes()))
    except (wave.Error, EOFError) as error:
        raise ValueError(f"not a WAV file: {error}") from error
    return bytes(map(_to_alaw().__getitem__, samples))


def decode(coded: bytes) -> bytes:
    """A WAV of 8 kHz, mono, 16 bits."""
    into = BytesIO()
    with wave.open(into, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(array("h", map(_from_alaw().__getitem__, coded)).tobytes())
    return into.getvalue()


@cache
def _from_alaw() -> tuple[int, ...]:
    """Code → sample (G.711, table 1a)."""

    def expand(code: int) -> int:
        code ^= 0x55
        exponent, mantissa = (code >> 4) & 7, code & 15
        size = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
        return size if code & 0x80 else -size

    return tuple(expand(code) for code in range(256))


@cache
def _to_alaw() -> bytes:
    """Sample → the nearest code; negative samples count from the end."""
    ordered = sorted((sample, code) for code, sample in enumerate(_from_alaw()))
    table = bytearray(65536)
    at = 0
    for sample in range(-32768, 32768):
        while at < 255 and abs(ordered[at + 1][0] - sample) <= abs(ordered[at][0] - sample):
            at += 1
        table[sample] = ordered[at][1]
    return bytes(table)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _replace(path: Path, content: bytes) -> None:
    """Write in one step: Asterisk never plays half a file."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.chmod(0o644)
    fresh.replace(path)
