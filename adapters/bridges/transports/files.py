"""How does a file appear whole or not at all, and how is one read that somebody else is still writing?"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec

from adapters.reading import mapping

PART: Final = ".part"
"""End of the names of files that are not whole yet: a gate must leave them alone."""
MARK: Final = ".ok"
"""`NAME.ok` beside `NAME`: it is whole. Holds its number, length and digest."""
MAX_MARK_BYTES: Final = 4096


class NotWhole(Enum):
    """Why a file cannot be read now."""

    GROWING = "还没有写完"
    GONE = "不见了"
    TOO_LONG = "太长"


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """The line of a file in the sequence (落地文件序号)."""

    seq: int
    name: str
    bytes: int
    sha256: str
    key: str

    def text(self) -> bytes:
        """As it is written."""
        return json.dumps(msgspec.structs.asdict(self), ensure_ascii=False).encode() + b"\n"


def lay(folder: Path, name: str, content: bytes) -> None:
    """Put a file there under its name, whole and durable. Blocks; raises `OSError`."""
    part = folder / f".{name}{PART}"
    with part.open("wb") as writing:
        writing.write(content)
        writing.flush()
        os.fsync(writing.fileno())
    part.replace(folder / name)
    sync(folder)


def sync(folder: Path) -> None:
    """Make the folder's names durable."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def read(file: Path, limit: int) -> bytes | NotWhole:
    """The content of a plain file. Raises `OSError`, also where it is a link: nobody points us elsewhere."""
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return NotWhole.GONE
    with os.fdopen(opened, "rb") as reading:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise OSError("不是普通文件")
        content = reading.read(limit + 1)
    return content if len(content) <= limit else NotWhole.TOO_LONG


def touched(file: Path) -> float:
    """When it was last written to, whatever time of its own a copying program gave it. Raises `OSError`."""
    found = file.stat()
    return max(found.st_mtime, found.st_ctime)


def whole(file: Path, limit: int, *, marked: bool, still_seconds: float, now: float) -> bytes | NotWhole:
    """The content of a file of theirs, if it is whole: as its mark says, or because it has been still so long.

    An empty mark says that it is whole, and no more. `now`: seconds since 1970, as the folder's clock has them.
    """
    content = read(file, limit)
    if isinstance(content, NotWhole):
        return content
    if not marked:
        try:
            changed = touched(file)
        except FileNotFoundError:
            return NotWhole.GONE
        return content if now - changed >= still_seconds else NotWhole.GROWING
    mark = read(file.with_name(file.name + MARK), MAX_MARK_BYTES)
    if isinstance(mark, NotWhole):
        return NotWhole.GROWING
    if not mark.strip():
        return content
    try:
        said = mapping(json.loads(mark))
    except (ValueError, RecursionError):
        return NotWhole.GROWING
    if said.get("bytes") not in (None, len(content)):
        return NotWhole.GROWING
    digest = said.get("sha256")
    if digest and str(digest).lower() != hashlib.sha256(content).hexdigest():
        return NotWhole.GROWING
    return content
