"""Which announcements (提示音) has a hall, and which recording of each is played? One transaction each, made by the
caller; every change raises the hall's revision (`plans.raise_revision`).

A built-in announcement is there without a row. An upload takes its place and can be taken back; recordings are never
thrown away, so that each can be restored.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.prompts import built_in
from hotline.announcements.outline import Said, estimate
from hotline.announcements.plans import raise_revision
from hotline.announcements.wav import Sound
from hotline.store.tables import PROMPT_VERSIONS, PROMPTS

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,47}(\.[a-z]{2,8}(-[a-z0-9]{1,8})?)?")
"""`closed`, `closed.yue`: also the name of a file, so nothing else gets in."""
MAX_PROMPTS: Final = 300
MAX_LABEL: Final = 40
MAX_TEXT: Final = 500


class NoSuchPrompt(Exception):
    """The hall has none of that name, or none in that version."""


class TooManyPrompts(Exception):
    """The hall has as many as it may."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """One upload."""

    version: int
    sha256: str
    seconds: float
    peak_db: float
    warnings: tuple[str, ...]
    uploaded_at: datetime
    uploaded_by: str


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement as it is now."""

    name: str
    label: str
    text: str
    is_built_in: bool
    is_removed: bool
    """Not built in, and without a recording: nothing can be played."""
    recording: Recording | None
    """None: the built-in one."""
    changed_at: datetime | None
    changed_by: str

    def seconds(self, own: Mapping[str, float]) -> float:
        """Its length; of a built-in one as a device said (`own`), else an estimate."""
        if self.recording is not None:
            return self.recording.seconds
        return round(own.get(self.name) or estimate(self.text), 1)


async def list_prompts(conn: AsyncConnection, hall: str) -> list[Prompt]:
    """All of them, built-in ones first in their own order, then the hall's own by name; removed ones included."""
    rows = {row.name: row for row in await conn.execute(_query(hall))}
    known = [_prompt(name, rows.get(name)) for name in built_in()]
    return known + [_prompt(name, row) for name, row in sorted(rows.items()) if name not in built_in()]


async def playable(conn: AsyncConnection, hall: str, own: Mapping[str, float]) -> Mapping[str, Said]:
    """Name → what can be played now. `own`: seconds of the devices' own, where they are known."""
    found = await list_prompts(conn, hall)
    return {each.name: Said(text=each.text, seconds=each.seconds(own)) for each in found if not each.is_removed}


async def read_prompt(conn: AsyncConnection, hall: str, name: str) -> tuple[Prompt, list[Recording]]:
    """One of them with all its recordings, newest first. Raises `NoSuchPrompt`."""
    row = (await conn.execute(_query(hall).where(PROMPTS.c.name == name))).one_or_none()
    if row is None and name not in built_in():
        raise NoSuchPrompt(name)
    v = PROMPT_VERSIONS.c
    query = select(v.version, v.sha256, v.seconds, v.peak_db, v.warnings, v.uploaded_at, v.uploaded_by)
    rows = await conn.execute(query.where(v.hall == hall, v.name == name).order_by(v.version.desc()))
    return _prompt(name, row), [_recording(each) for each in rows]


async def wav_of(conn: AsyncConnection, hall: str, name: str, version: int | None) -> bytes | None:
    """A recording's audio; `None` for the version: the one that is played. None: the built-in one is.

    Raises `NoSuchPrompt`.
    """
    prompt, recordings = await read_prompt(conn, hall, name)
    wanted = version if version is not None else (prompt.recording.version if prompt.recording else None)
    if wanted is None:
        return None
    if wanted not in {each.version for each in recordings}:
        raise NoSuchPrompt(f"{name} {wanted}")
    v = PROMPT_VERSIONS.c
    query = select(v.wav).where(v.hall == hall, v.name == name, v.version == wanted)
    return bytes((await conn.execute(query)).scalar_one())


async def upload(
    conn: AsyncConnection,
    hall: str,
    name: str,
    sound: Sound,
    *,
    by: str,
    now: datetime,
    label: str = "",
    text: str = "",
) -> Prompt:
    """A recording, played from now on. The very recording that is played already: nothing happens but the words.

    Raises `TooManyPrompts`.
    """
    await _words(conn, hall, name, label or None, text or None, by, now)
    v = PROMPT_VERSIONS.c
    prompt, recordings = await read_prompt(conn, hall, name)
    digest = hashlib.sha256(sound.wav).digest()
    if prompt.recording is not None and prompt.recording.sha256 == digest.hex():
        await raise_revision(conn, hall)
        return prompt
    version = max((each.version for each in recordings), default=0) + 1
    row = {
        v.hall: hall,
        v.name: name,
        v.version: version,
        v.wav: sound.wav,
        v.sha256: digest,
        v.seconds: sound.seconds,
        v.peak_db: sound.peak_db,
        v.warnings: list(sound.warnings),
        v.uploaded_at: now,
        v.uploaded_by: by,
    }
    await conn.execute(insert(PROMPT_VERSIONS).values({column.name: value for column, value in row.items()}))
    return await _play(conn, hall, name, version, by, now)


async def rename(
    conn: AsyncConnection, hall: str, name: str, label: str, text: str, *, by: str, now: datetime
) -> Prompt:
    """Other words for it; nothing else is heard. Raises `NoSuchPrompt`."""
    await read_prompt(conn, hall, name)
    await _words(conn, hall, name, label, text, by, now)
    await raise_revision(conn, hall)
    return (await read_prompt(conn, hall, name))[0]


async def restore(
    conn: AsyncConnection, hall: str, name: str, version: int | None, *, by: str, now: datetime
) -> Prompt:
    """An earlier recording is played again; None: the built-in one, or for one of the hall's own: none at all.

    Raises `NoSuchPrompt`.
    """
    _, recordings = await read_prompt(conn, hall, name)
    if version is not None and version not in {each.version for each in recordings}:
        raise NoSuchPrompt(f"{name} {version}")
    if not recordings:
        return (await read_prompt(conn, hall, name))[0]
    return await _play(conn, hall, name, version, by, now)


async def _play(conn: AsyncConnection, hall: str, name: str, version: int | None, by: str, now: datetime) -> Prompt:
    p = PROMPTS.c
    changed = update(PROMPTS).where(p.hall == hall, p.name == name)
    await conn.execute(changed.values(current=version, changed_at=now, changed_by=by))
    await raise_revision(conn, hall)
    return (await read_prompt(conn, hall, name))[0]


async def _words(
    conn: AsyncConnection, hall: str, name: str, label: str | None, text: str | None, by: str, now: datetime
) -> None:
    """The row, made where there is none; and locked, so that two uploads get two versions."""
    p = PROMPTS.c
    there = select(p.name).where(p.hall == hall, p.name == name).with_for_update()
    if (await conn.execute(there)).one_or_none() is None:
        count = (await conn.execute(select(func.count()).select_from(PROMPTS).where(p.hall == hall))).scalar_one()
        if count >= MAX_PROMPTS:
            raise TooManyPrompts(hall)
        of_course = built_in().get(name)
        values: dict[str, Any] = {
            "label": label if label is not None else (of_course.label if of_course else name),
            "text": text if text is not None else (of_course.text if of_course else ""),
        }
        row = upsert(PROMPTS).values(hall=hall, name=name, changed_at=now, changed_by=by, **values)
        await conn.execute(row.on_conflict_do_nothing())
        await conn.execute(there)
    told = {key: value for key, value in (("label", label), ("text", text)) if value is not None}
    if told:
        changed = update(PROMPTS).where(p.hall == hall, p.name == name)
        await conn.execute(changed.values(**told, changed_at=now, changed_by=by))


def _query(hall: str) -> Any:
    p, v = PROMPTS.c, PROMPT_VERSIONS.c
    of_now = (v.hall == p.hall) & (v.name == p.name) & (v.version == p.current)
    columns = (v.version, v.sha256, v.seconds, v.peak_db, v.warnings, v.uploaded_at, v.uploaded_by)
    return (
        select(p.name, p.label, p.text, p.changed_at, p.changed_by, *columns)
        .select_from(PROMPTS.outerjoin(PROMPT_VERSIONS, of_now))
        .where(p.hall == hall)
    )


def _prompt(name: str, row: Row[*tuple[Any, ...]] | None) -> Prompt:
    of_course = built_in().get(name)
    if row is None:
        assert of_course is not None
        return Prompt(
            name=name,
            label=of_course.label,
            text=of_course.text,
            is_built_in=True,
            is_removed=False,
            recording=None,
            changed_at=None,
            changed_by="",
        )
    return Prompt(
        name=name,
        label=row.label,
        text=row.text,
        is_built_in=of_course is not None,
        is_removed=of_course is None and row.version is None,
        recording=None if row.version is None else _recording(row),
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def _recording(row: Row[*tuple[Any, ...]]) -> Recording:
    return Recording(
        version=row.version,
        sha256=bytes(row.sha256).hex(),
        seconds=row.seconds,
        peak_db=row.peak_db,
        warnings=tuple(row.warnings),
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by,
    )
