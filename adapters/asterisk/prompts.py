"""What do callers hear? Announcements for Asterisk: the hall's own recording where there is one, else espeak-ng.

Asterisk plays 8 kHz A-law, which is what China's network carries, so nothing is converted during a call.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping
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
    target.mkdir(parents=True, exist_ok=True)
    index = target / ".made.json"
    known: dict[str, str] = json.loads(index.read_text("utf-8")) if index.exists() else {}
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
    index.write_text(json.dumps(known, indent=1), "utf-8")
    return made


def make_music(target: Path) -> Path:
    """Half a minute of quiet music in `target`; returns the file. Music that is there already is kept."""
    target.mkdir(parents=True, exist_ok=True)
    there = sorted(file for file in target.iterdir() if file.suffix in (".alaw", ".ulaw", ".wav", ".gsm"))
    if there:
        return there[0]
    file = target / "waiting.alaw"
    plucked = [["|sox -n -p synth 1.25 pluck " + note + " gain -14 reverb 40"] for note in NOTES]
    sources = [source for note in plucked for source in note]
    _run(["sox", *sources, "-r", "8000", "-c", "1", "-t", "raw", "-e", "a-law", str(file), "repeat", "1"])
    return file


def _own(folder: Path | None, name: str) -> Path | None:
    if folder is None:
        return None
    return next((file for suffix in SOURCES if (file := folder / f"{name}{suffix}").exists()), None)


def _convert(source: Path, target: Path, *, piece: bool = False) -> None:
    """Telephone band, peaks 3 dB below the limit, a moment of silence in front: the first syllable is not cut off. A
    piece of a sentence has none, and loses the silence it came with."""
    pause = ("reverse", *TRIM, "reverse", *TRIM, "pad", "0.02", "0.04") if piece else ("pad", "0.3", "0.2")
    _run([
        *("sox", "-D", str(source), "-r", "8000", "-c", "1", "-t", "raw", "-e", "a-law", str(target)),
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
