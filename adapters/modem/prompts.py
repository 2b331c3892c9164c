"""Which announcements can be played, and how do those that were uploaded in the console get here?

NAME.wav in our own folder was put there by the service; else NAME.wav in the folder that the settings name is played.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import Mapping
from math import pi
from pathlib import Path
from typing import Final

import numpy as np

from adapters.errors import Refused
from adapters.line_audio.wav import RATE, NotAudio, read_wav
from adapters.prompts import StoredPrompt

SAMPLE_BYTES: Final = 2
MUSIC: Final = "music"
KEPT: Final = 64
"""So many announcements are kept in memory, ready to be played."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}(\.[a-z]{2,8}(-[a-z0-9]{1,8})?)?")
_CHORD_HZ: Final = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))
_CHORD_SECONDS: Final = 4.0


class Prompts:
    """The two folders; `PromptStore`."""

    def __init__(self, put: Path, own: Path | None) -> None:
        self._put = put
        self._own = own
        self._ready: dict[Path, tuple[float, bytes]] = {}

    async def prompt_names(self) -> Mapping[str, StoredPrompt]:
        """Every announcement that can be played now."""
        return await asyncio.to_thread(self._list)

    async def put_prompt(self, name: str, wav: bytes) -> None:
        """From now on that one is played. Raises `ValueError` for what is no sound."""
        await asyncio.to_thread(self._write, name, wav)

    async def restore_prompt(self, name: str) -> None:
        """The site's own is played again."""
        await asyncio.to_thread(_path(self._put, name).unlink, missing_ok=True)

    async def read_prompt(self, name: str) -> bytes | None:
        """What is played under that name, as WAV."""
        file = self._file(name)
        return None if file is None else await asyncio.to_thread(file.read_bytes)

    async def sound(self, name: str) -> bytes:
        """The announcement: 16 bits, one channel, 8 kHz. Raises `Refused` where there is none."""
        return await asyncio.to_thread(self._load, name)

    async def music(self) -> bytes:
        """Music while waiting: the site's, else a few quiet chords."""
        try:
            return await self.sound(MUSIC)
        except Refused:
            return await asyncio.to_thread(chords)

    def _list(self) -> dict[str, StoredPrompt]:
        found: dict[str, StoredPrompt] = {}
        for folder in (self._own, self._put):
            for file in sorted(folder.glob("*.wav")) if folder is not None else ():
                try:
                    seconds = len(self._read(file)) / SAMPLE_BYTES / RATE
                except (OSError, NotAudio):
                    continue
                sha256 = hashlib.sha256(file.read_bytes()).hexdigest() if folder == self._put else ""
                found[file.stem] = StoredPrompt(seconds=round(seconds, 3), sha256=sha256)
        return found

    def _write(self, name: str, wav: bytes) -> None:
        file = _path(self._put, name)
        try:
            read_wav(wav)
        except NotAudio as error:
            raise ValueError(str(error)) from error
        self._put.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f".{file.name}.new")
        with fresh.open("wb") as opened:
            opened.write(wav)
            opened.flush()
            os.fsync(opened.fileno())
        fresh.replace(file)

    def _load(self, name: str) -> bytes:
        try:
            file = self._file(name)
            if file is not None:
                return self._read(file)
        except (OSError, ValueError, NotAudio) as error:
            raise Refused(f"announcement {name!r} cannot be read: {error}") from error
        raise Refused(f"no announcement {name!r}")

    def _read(self, file: Path) -> bytes:
        changed = file.stat().st_mtime
        known = self._ready.get(file)
        if known is not None and known[0] == changed:
            return known[1]
        pcm = read_wav(file.read_bytes())
        while len(self._ready) >= KEPT:
            self._ready.pop(next(iter(self._ready)))
        self._ready[file] = (changed, pcm)
        return pcm

    def _file(self, name: str) -> Path | None:
        folders = [folder for folder in (self._put, self._own) if folder is not None]
        return next((file for folder in folders if (file := _path(folder, name)).exists()), None)


def tone(hertz: float, seconds: float, level: float = 0.3) -> bytes:
    """A tone; `level` of the loudest there is."""
    at = np.arange(int(seconds * RATE)) / RATE
    return (np.sin(2 * pi * hertz * at) * level * 32767).astype("<i2").tobytes()


def chords() -> bytes:
    """A quarter of a minute, swelling and fading; ours, so nobody's permission is needed."""
    at = np.arange(int(_CHORD_SECONDS * RATE)) / RATE
    swell = np.sin(pi * at / _CHORD_SECONDS) ** 2 * 0.06
    parts = [sum(np.sin(2 * pi * hertz * at) for hertz in chord) * swell for chord in _CHORD_HZ]
    return (np.concatenate(parts) * 32767).astype("<i2").tobytes()


def _path(folder: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of an announcement")
    return folder / f"{name}.wav"
