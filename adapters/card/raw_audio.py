"""How does a recording of bare A-law (Keygoe writes nothing else) become a WAV file that a browser plays?"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from typing import Final

RATE: Final = 8000
ALAW: Final = 6
"""`WAVE_FORMAT_ALAW`, RFC 2361."""


def wrap(path: Path) -> None:
    """Put a header before the samples, in one step. What goes wrong is a diagnostic: the samples are kept."""
    try:
        samples = path.read_bytes()
        if samples[:4] == b"RIFF":
            return
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_bytes(header(len(samples)) + samples + b"\0" * (len(samples) % 2))
        os.replace(fresh, path)
    except OSError as error:
        print(f"a recording could not be finished: {error.strerror}", file=sys.stderr)


def header(samples: int) -> bytes:
    """The beginning of a WAV file of so many samples of A-law."""
    form = struct.pack("<HHIIHHH", ALAW, 1, RATE, RATE, 1, 8, 0)
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    chunks += b"fact" + struct.pack("<II", 4, samples) + b"data" + struct.pack("<I", samples)
    return b"RIFF" + struct.pack("<I", len(chunks) + samples + samples % 2) + chunks
