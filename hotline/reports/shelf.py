"""Where do a hall's report forms (报表模板) lie? One folder of XLSX files, also of such as were put there by hand."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from hotline.reports.forms import MAX_BYTES

NAME: Final = re.compile(r"[\w（）()·-]{1,60}")
"""Of a form, without its ending: letters of any script, digits; no way out of the folder."""
MAX_FORMS: Final = 100


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form on the shelf."""

    name: str
    bytes: int
    changed_at: datetime


class Shelf:
    """The forms of one hall."""

    def __init__(self, state_dir: Path, hall: str) -> None:
        self.folder = state_dir / "report-forms" / hall

    def forms(self) -> list[Form]:
        """All of them, by name; what is too large or oddly named is left out."""
        found: list[Form] = []
        for path in sorted(self.folder.glob("*.xlsx")):
            stat = path.stat()
            if NAME.fullmatch(path.stem) and stat.st_size <= MAX_BYTES:
                changed = datetime.fromtimestamp(stat.st_mtime, UTC)
                found.append(Form(name=path.stem, bytes=stat.st_size, changed_at=changed))
        return found[:MAX_FORMS]

    def read(self, name: str) -> bytes | None:
        """The file; None: there is none of that name."""
        path = self._path(name)
        return path.read_bytes() if path is not None and path.is_file() else None

    def put(self, name: str, data: bytes) -> bool:
        """Takes the place of what had that name, whole or not at all; False: no such name, or no room."""
        path = self._path(name)
        if path is None or (not path.exists() and len(self.forms()) >= MAX_FORMS):
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".part")
        fresh.write_bytes(data)
        os.replace(fresh, path)
        return True

    def drop(self, name: str) -> bool:
        """Takes it away; False: it was not there."""
        path = self._path(name)
        if path is None or not path.is_file():
            return False
        path.unlink()
        return True

    def _path(self, name: str) -> Path | None:
        return self.folder / f"{name}.xlsx" if NAME.fullmatch(name) else None
