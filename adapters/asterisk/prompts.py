"""What do callers hear? Announcements for Asterisk: the hall's own recording where there is one, else espeak-ng.

Asterisk plays 8 kHz A-law, which is what China's network carries, so nothing is converted during a call.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from adapters.errors import Misconfigured
from adapters.prompts import built_in

VOICE: Final = "cmn"
WORDS_PER_MINUTE: Final = 200
SOURCES: Final = (".wav", ".flac", ".mp3", ".ogg")
TRIM: Final = ("silence", "1", "0.005", "1%")
NOTES: Final = ("C4", "E4", "G4", "C5", "G4", "E4", "D4", "F4", "A4", "D5", "A4", "F4")
"""The music while waiting: two broken chords, plucked; ours, so nobody's permission is needed."""


def texts() -> dict[str, str]:
    """Name of each announcement and what it says."""
    return {name: each.text for name, each in built_in().items()}


def make(target: Path, own: Path | None = None, said: Mapping[str, str] | None = None) -> list[str]:
    """Put every announcement into `target` as NAME.alaw; returns the names made now.

    A recording `own/NAME.wav` (flac, mp3, ogg) goes before the synthesised voice. What is there already from the same
    text or the same recording is kept. Raises `Misconfigured` when sox or espeak-ng are missing or refuse.
    """
    with _alone_in(target):
        index = target / ".made.json"
        known = _known(index)
        pieces = {name for name, each in built_in().items() if each.piece}
        made: list[str] = []
        for name, text in (texts() if said is None else said).items():
            recording = _own(own, name)
            origin = _digest(recording.read_bytes() if recording else f"{VOICE} {WORDS_PER_MINUTE} {text}".encode())
            file = target / f"{name}.alaw"
            if known.get(name) == origin and file.exists():
                continue
            if recording:
                _convert(recording, file)
            else:
                spoken = target / f".{name}.wav"
                _run(["espeak-ng", "-v", VOICE, "-s", str(WORDS_PER_MINUTE), "-w", str(spoken), text])
                _convert(spoken, file, piece=name in pieces)
                spoken.unlink()
            known[name] = origin
            made.append(name)
        if made:
            with _whole(index) as beside:
                beside.write_text(json.dumps(known, indent=1), "utf-8")
        return made


def make_music(target: Path) -> Path:
    """Half a minute of quiet music in `target`; returns the file. Music that is there already is kept."""
    with _alone_in(target):
        there = sorted(file for file in target.iterdir() if file.suffix in (".alaw", ".ulaw", ".wav", ".gsm"))
        if there:
            return there[0]
        file = target / "waiting.alaw"
        plucked = [["|sox -n -p synth 1.25 pluck " + note + " gain -14 reverb 40"] for note in NOTES]
        sources = [source for note in plucked for source in note]
        with _whole(file) as beside:
            _run(["sox", *sources, "-r", "8000", "-c", "1", "-t", "raw", "-e", "a-law", str(beside), "repeat", "1"])
        return file


@contextmanager
def _alone_in(target: Path) -> Iterator[None]:
    """Whoever else makes sounds in the same folder waits: an installer's hand and a service that starts, say."""
    target.mkdir(parents=True, exist_ok=True)
    with (target / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _whole(file: Path) -> Iterator[Path]:
    """What is written beside takes the place of `file` in one step: nobody plays or reads half of it."""
    beside = file.with_name(f".{file.name}.new")
    yield beside
    beside.replace(file)


def _known(index: Path) -> dict[str, str]:
    """From what each file was made. Damaged by a full disk, say: nothing is known, and all is made anew."""
    try:
        return json.loads(index.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _own(folder: Path | None, name: str) -> Path | None:
    if folder is None:
        return None
    return next((file for suffix in SOURCES if (file := folder / f"{name}{suffix}").exists()), None)


def _convert(source: Path, target: Path, *, piece: bool = False) -> None:
    """Telephone band, peaks 3 dB below the limit, a moment of silence in front: the first syllable is not cut off. A
    piece of a sentence has none, and loses the silence it came with."""
    pause = ("reverse", *TRIM, "reverse", *TRIM, "pad", "0.02", "0.04") if piece else ("pad", "0.3", "0.2")
    with _whole(target) as beside:
        _run([
            *("sox", "-D", str(source), "-r", "8000", "-c", "1", "-t", "raw", "-e", "a-law", str(beside)),
            *("highpass", "200", "gain", "-n", "-3", *pause),
        ])  # fmt: skip


def _run(command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        raise Misconfigured(f"{command[0]} is missing: apt-get install sox espeak-ng")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise Misconfigured(f"{command[0]} failed: {done.stderr.strip()[-300:]}")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
