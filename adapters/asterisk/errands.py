"""Who does what nobody waits for? Small tasks that end with the link, and whose failures are written down."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from structlog.typing import FilteringBoundLogger


class Errands:
    """The tasks of one adapter."""

    def __init__(self, name: str, log: FilteringBoundLogger) -> None:
        self._name = name
        self._log = log
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, work: Coroutine[Any, Any, None]) -> None:
        """Have it done, soon."""
        task = asyncio.create_task(work, name=f"{self._name} errand")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def end(self) -> None:
        """End them all."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._log.warning("an errand failed", errand=task.get_name(), problem=str(error))
