"""Which file does a card play for an announcement, and how do a site's own get there?

The folder holds the device's own files; what is uploaded in the console lies in its subfolder `put` and is played
instead. Taking an upload back is deleting it. SHP_A3 plays WAV files of A-law, Keygoe bare A-law. Writing is one step:
a card never plays half a file, and calls in which the former plays hear it to its end.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import wave
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Final

from adapters.card.raw_audio import RATE, header
from adapters.line_audio.codec import decode, encode
from adapters.prompts import StoredPrompt

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}(\.[a-z]{2,8}(-[a-z0-9]{1,8})?)?")
HEADER_BYTES: Final = len(header(0))
NOTE: Final = ".sha256"


class PromptFolder:
    """Announcements of a card. Every method but `find` raises `OSError` when the folder is not within reach."""

    def __init__(self, folder: Path, *, bare: bool) -> None:
        self._folder, self._put, self._bare = folder, folder / "put", bare
        self._suffix = ".alaw" if bare else ".wav"

    def find(self, name: str) -> Path | None:
        """The file to play; None: there is none."""
        if not _NAME.fullmatch(name):
            return None
        files = (folder / f"{name}{self._suffix}" for folder in (self._put, self._folder))
        return next((file for file in files if file.is_file()), None)

    async def prompt_names(self) -> Mapping[str, StoredPrompt]:
        """Every announcement that can be played now."""
        return await asyncio.to_thread(self._list)

    async def put_prompt(self, name: str, wav: bytes) -> None:
        """From now on that one is played: WAV, 8 kHz, mono, 16 bits. Raises `ValueError` for anything else."""
        await asyncio.to_thread(self._write, name, wav)

    async def restore_prompt(self, name: str) -> None:
        """The device's own is played again."""
        await asyncio.to_thread(self._restore, name)

    async def read_prompt(self, name: str) -> bytes | None:
        """What is played under that name, as WAV of 16 bits; None: nothing, or a file of another coding."""
        return await asyncio.to_thread(self._read, name)

    def _list(self) -> dict[str, StoredPrompt]:
        found: dict[str, StoredPrompt] = {}
        for folder in (self._folder, self._put):
            if folder is self._put and not folder.exists():
                continue
            for file in folder.iterdir():
                if file.suffix == self._suffix and _NAME.fullmatch(file.stem):
                    note = file.with_suffix(NOTE) if folder is self._put else None
                    put = note.read_text("ascii").strip() if note is not None and note.exists() else ""
                    size = file.stat().st_size - (0 if self._bare else HEADER_BYTES)
                    found[file.stem] = StoredPrompt(seconds=max(size, 0) / RATE, sha256=put)
        return found

    def _write(self, name: str, wav: bytes) -> None:
        samples = encode(_pcm(wav), "alaw")
        coded = samples if self._bare else header(len(samples)) + samples + b"\0" * (len(samples) % 2)
        file = self._file(name)
        self._put.mkdir(exist_ok=True)
        _replace(file, coded)
        _replace(file.with_suffix(NOTE), hashlib.sha256(wav).hexdigest().encode())

    def _restore(self, name: str) -> None:
        file = self._file(name)
        file.unlink(missing_ok=True)
        file.with_suffix(NOTE).unlink(missing_ok=True)

    def _read(self, name: str) -> bytes | None:
        file = self.find(name)
        if file is None:
            return None
        data = file.read_bytes()
        if not self._bare:
            if data[20:22] != header(0)[20:22]:
                return None
            length = int.from_bytes(data[HEADER_BYTES - 4 : HEADER_BYTES], "little")
            data = data[HEADER_BYTES : HEADER_BYTES + length]
        into = BytesIO()
        with wave.open(into, "wb") as wav:
            wav.setparams((1, 2, RATE, 0, "NONE", ""))
            wav.writeframes(decode(data, "alaw"))
        return into.getvalue()

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of an announcement")
        return self._put / f"{name}{self._suffix}"


def _pcm(wav: bytes) -> bytes:
    try:
        with wave.open(BytesIO(wav)) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
                raise ValueError("not 8 kHz, mono, 16 bits")
            return file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"not a WAV file: {error}") from error


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.chmod(0o644)
    fresh.replace(path)
