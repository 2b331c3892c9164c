"""Halls and devices hear of every change, also of one that another process made, and also after trouble."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from adapters.prompts import StoredPrompt
from hotline.announcements import plans, prompts
from hotline.announcements.changes import Changes
from hotline.announcements.plan import Notice, NoticeKind, Plan
from hotline.announcements.wav import Sound, convert
from hotline.store.engine import Database
from tests.announcements.tones import tone

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OF_SETTINGS = {"h1": Plan(greeting="greeting"), "h2": Plan()}


class Shelf:
    """A device in memory: its own voice for two announcements."""

    def __init__(self) -> None:
        self.own = {"greeting": StoredPrompt(seconds=9.0), "closed": StoredPrompt(seconds=4.0)}
        self.put: dict[str, bytes] = {}
        self.failure: OSError | None = None
        self.writes = 0

    async def prompt_names(self) -> Mapping[str, StoredPrompt]:
        self._fail()
        put = {
            name: StoredPrompt(seconds=1.0, sha256=hashlib.sha256(wav).hexdigest()) for name, wav in self.put.items()
        }
        return {**self.own, **put}

    async def put_prompt(self, name: str, wav: bytes) -> None:
        self._fail()
        self.writes += 1
        self.put[name] = wav

    async def restore_prompt(self, name: str) -> None:
        self._fail()
        self.put.pop(name, None)

    async def read_prompt(self, name: str) -> bytes | None:
        self._fail()
        return self.put.get(name)

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


class Ear:
    """A hall that listens."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Plan]] = []

    async def __call__(self, hall: str, plan: Plan) -> None:
        self.heard.append((hall, plan))


@asynccontextmanager
async def running(changes: Changes) -> AsyncIterator[None]:
    task = asyncio.create_task(changes.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while True:
            seen = true()
            if seen if isinstance(seen, bool) else await seen:
                return
            await asyncio.sleep(0.02)


def sound(pitch: float = 440.0) -> Sound:
    return convert(tone(pitch=pitch, seconds=0.3))


async def upload(database: Database, name: str, pitch: float = 440.0, hall: str = "h1") -> None:
    async with database.engine.begin() as conn:
        await prompts.upload(conn, hall, name, sound(pitch), by="acc-1", now=NOW)


async def test_a_hall_hears_its_plan_at_the_start_and_after_each_change(database: Database) -> None:
    changes, ear = Changes(database.engine, OF_SETTINGS, {}), Ear()
    changes.on_change(ear)
    assert await changes.look() == ["h1", "h2"]
    assert [(hall, plan.greeting) for hall, plan in ear.heard] == [("h1", "greeting"), ("h2", "")]
    assert await changes.look() == []
    async with database.engine.begin() as conn:
        await plans.save(conn, "h1", Plan(greeting="welcome"), after=0, note="", by="acc-1", now=NOW)
        notice = Notice(id="", kind=NoticeKind.HOLIDAY, title="国庆", prompt="holiday")
        await plans.add_notice(conn, "h1", notice, by="acc-1", now=NOW)
        await prompts.upload(conn, "h1", "welcome.yue", sound(), by="acc-1", now=NOW)
    assert await changes.look() == ["h1"]
    hall, plan = ear.heard[-1]
    assert (hall, plan.greeting, plan.variants) == ("h1", "welcome", {"welcome.yue"})
    assert [(each.title, each.on) for each in plan.notices] == [("紧急公告", False), ("国庆", True)]


async def test_what_is_rolled_back_is_not_heard(database: Database) -> None:
    changes = Changes(database.engine, OF_SETTINGS, {})
    await changes.look()
    async with database.engine.connect() as conn:
        await plans.save(conn, "h1", Plan(greeting="welcome"), after=0, note="", by="acc-1", now=NOW)
        await conn.rollback()
    assert await changes.look() == []


async def test_a_listener_that_fails_keeps_nobody_from_the_next_change(database: Database) -> None:
    changes, ear = Changes(database.engine, OF_SETTINGS, {}), Ear()

    async def broken(hall: str, plan: Plan) -> None:
        raise RuntimeError(hall)

    changes.on_change(ear)
    changes.on_change(broken)
    with capture_logs() as logs:
        assert await changes.look() == ["h1", "h2"]
    assert [entry["hall"] for entry in logs] == ["h1", "h2"]
    assert await changes.look() == []


async def test_another_process_hears_of_it_too(database: Database) -> None:
    here, there = Changes(database.engine, OF_SETTINGS, {}), Changes(database.engine, OF_SETTINGS, {})
    ear = Ear()
    there.on_change(ear)
    async with running(here), running(there):
        await until(lambda: len(ear.heard) == 2)
        await upload(database, "closed.yue")
        here.stir()
        await until(lambda: len(ear.heard) == 3)
    assert ear.heard[-1][1].variants == {"closed.yue"}


async def test_devices_get_what_is_missing_or_different_and_nothing_twice(database: Database) -> None:
    shelf, other = Shelf(), Shelf()
    changes = Changes(database.engine, OF_SETTINGS, {"h1": {"card-1": shelf}, "h2": {"card-2": other}})
    await upload(database, "greeting")
    await upload(database, "notice-1")
    await changes.bring("h1")
    await changes.bring("h2")
    assert set(shelf.put) == {"greeting", "notice-1"}
    assert other.put == {}
    assert shelf.put["greeting"] == sound().wav
    await changes.bring("h1")
    assert shelf.writes == 2
    await upload(database, "greeting", pitch=600)
    await changes.bring("h1")
    assert shelf.put["greeting"] == sound(600).wav
    async with database.engine.begin() as conn:
        await prompts.restore(conn, "h1", "greeting", None, by="acc-1", now=NOW)
        await prompts.restore(conn, "h1", "notice-1", None, by="acc-1", now=NOW)
    await changes.bring("h1")
    assert shelf.put == {}


async def test_a_device_set_up_anew_gets_them_again(database: Database) -> None:
    shelf = Shelf()
    changes = Changes(database.engine, OF_SETTINGS, {"h1": {"card-1": shelf}})
    await upload(database, "greeting")
    async with running(changes):
        await until(lambda: "greeting" in shelf.put)
        shelf.put.clear()
        await upload(database, "closed")
        await until(lambda: set(shelf.put) == {"greeting", "closed"})


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (PermissionError(13, "no"), "没有写入提示音目录的权限"),
        (FileNotFoundError(2, "no"), "提示音目录不存在"),
        (OSError(28, "full"), "磁盘已满"),
        (OSError(5, "io"), "提示音目录无法使用（OSError）"),
    ],
)
async def test_a_device_out_of_reach_is_said_once_and_tried_again(
    database: Database, failure: OSError, words: str
) -> None:
    shelf, fine = Shelf(), Shelf()
    changes = Changes(database.engine, OF_SETTINGS, {"h1": {"card-1": shelf, "card-2": fine}})
    await upload(database, "greeting")
    shelf.failure = failure
    with capture_logs() as logs:
        await changes.bring("h1")
        await changes.bring("h1")
    assert [entry["error"] for entry in logs if entry["event"] == "announcements cannot be put"] == [words]
    assert set(fine.put) == {"greeting"}
    assert [(each.adapter, each.failure) for each in await changes.devices("h1")] == [("card-1", words), ("card-2", "")]
    shelf.failure = None
    await changes.bring("h1")
    assert set(shelf.put) == {"greeting"}
    assert [each.failure for each in await changes.devices("h1")] == ["", ""]
    assert shelf.put["greeting"] == await changes.built_in_wav("h1", "greeting")


async def test_the_database_being_away_ends_nothing(database: Database) -> None:
    changes, ear = Changes(database.engine, OF_SETTINGS, {}), Ear()
    changes.on_change(ear)
    async with running(changes):
        await until(lambda: len(ear.heard) == 2)
        with capture_logs() as logs:
            await database.pool.execute("ALTER TABLE announcement_revisions RENAME TO hidden")
            changes.stir()
            await until(lambda: any(entry["event"].startswith("announcements not looked at") for entry in logs))
            await database.pool.execute("ALTER TABLE hidden RENAME TO announcement_revisions")
        await upload(database, "closed.yue")
        await until(lambda: len(ear.heard) == 3)


async def test_versions_of_a_recording(database: Database) -> None:
    """Each upload is a version; the same once more is none; every one can be restored."""
    await upload(database, "greeting")
    await upload(database, "greeting", pitch=600)
    await upload(database, "greeting", pitch=600)
    async with database.engine.begin() as conn:
        prompt, recordings = await prompts.read_prompt(conn, "h1", "greeting")
        assert prompt.recording is not None
        assert (prompt.recording.version, [each.version for each in recordings]) == (2, [2, 1])
        assert await prompts.wav_of(conn, "h1", "greeting", None) == sound(600).wav
        assert await prompts.wav_of(conn, "h1", "greeting", 1) == sound().wav
        restored = await prompts.restore(conn, "h1", "greeting", 1, by="acc-2", now=NOW)
        assert restored.recording is not None
        assert (restored.recording.version, restored.changed_by) == (1, "acc-2")
        built_in = await prompts.restore(conn, "h1", "greeting", None, by="acc-2", now=NOW)
        assert (built_in.recording, built_in.is_built_in, built_in.is_removed) == (None, True, False)
        with pytest.raises(prompts.NoSuchPrompt):
            await prompts.restore(conn, "h1", "greeting", 3, by="acc-2", now=NOW)
        with pytest.raises(prompts.NoSuchPrompt):
            await prompts.wav_of(conn, "h2", "nothing", None)


async def test_two_uploads_at_once_are_two_versions(database: Database) -> None:
    await asyncio.gather(*(upload(database, "notice-1", pitch=300 + 100 * n) for n in range(4)))
    async with database.engine.connect() as conn:
        _, recordings = await prompts.read_prompt(conn, "h1", "notice-1")
    assert sorted(each.version for each in recordings) == [1, 2, 3, 4]


async def test_two_plans_at_once_are_one_plan_and_a_refusal(database: Database) -> None:
    async def save(greeting: str) -> plans.Made:
        async with database.engine.begin() as conn:
            return await plans.save(conn, "h1", Plan(greeting=greeting), after=0, note="", by="acc-1", now=NOW)

    done = await asyncio.gather(save("welcome"), save("greeting"), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["Made", "PlanChanged"]
