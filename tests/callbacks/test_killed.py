"""Killed between the tasks and the bookmark, again and again: does it come to the same as undisturbed?"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from hotline.store.engine import Database
from hotline.store.seal import Seal
from tests.callbacks.kit import HALL, OTHER, Book

pytestmark = pytest.mark.crash

SCRIPT = """
import asyncio, sys
from hotline.callbacks.following import TYPES, Following
from hotline.callbacks.rules import CallbackRules
from hotline.store.engine import Database
from hotline.store.follower import Follower

async def main():
    async with await Database.open(sys.argv[1]) as database:
        rules = Following("HZ", CallbackRules())
        await Follower(database.engine, "HZ", "callbacks", TYPES, rules.apply, batch=4).catch_up()

asyncio.run(main())
"""


async def history(book: Book) -> None:
    await book.misses()
    await book.wishes(OTHER)
    book.forward(minutes=5)
    await book.misses()
    await book.leaves_message("13700137000")
    await book.serves(OTHER)
    book.forward(minutes=5)
    await book.misses(OTHER, outcome="no_seat")


async def outcome(book: Book) -> list[tuple[Any, ...]]:
    return [
        (task.kind, task.state, task.due_at, task.priority, task.version, await book.steps(task.id))
        for task in await book.tasks()
    ] + [tuple(sorted(call[-3:] for call in await book.listed()))]


@pytest.mark.long
async def test_killed_while_following(database: Database, seal: Seal, database_url: str, tmp_path: Path) -> None:
    killed, undisturbed = Book(database, seal), Book(database, seal, hall="NB")
    for book in (killed, undisturbed):
        await history(book)
    await undisturbed.follow(batch=4)
    script = tmp_path / "killed.py"
    script.write_text(SCRIPT, encoding="utf-8")
    root = str(Path(__file__).parents[2])
    deaths = 0
    for point in ("before_bookmark:1", "after_bookmark:1", "before_bookmark:2", "after_bookmark:1", ""):
        env = os.environ | {"HOTLINE_CRASH_AT": point, "PYTHONPATH": root}
        process = await asyncio.create_subprocess_exec(sys.executable, str(script), database_url, env=env)
        code = await asyncio.wait_for(process.wait(), 60)
        assert code == (-signal.SIGKILL if point else 0)
        deaths += bool(point)
    assert deaths == 4
    assert killed.hall == HALL
    assert await outcome(killed) == await outcome(undisturbed)
