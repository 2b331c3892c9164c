"""Parsers that take a path get their bytes in a file that is in memory only."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


@cache
def _file(suffix: str) -> tuple[int, Path]:
    descriptor = os.memfd_create(f"fuzz{suffix}")
    return descriptor, Path(f"/proc/self/fd/{descriptor}")


def written(data: bytes, suffix: str = "") -> Path:
    """A file that holds these bytes, until the next ones are written."""
    descriptor, path = _file(suffix)
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, data, 0)
    return path
