"""A decoder's memory is read back in a thread that nobody can stop: it does not get into what is decoded meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from adapters import registry
from adapters.freeswitch.simulated_calls import body
from adapters.telephony import Listens, Recalls
from tests.adapters.freeswitch.hearing import after, listening, script
from tests.edge.kit import BOX, SECRET, core, core_settings, until

LINE: dict[str, Any] = {"kind": "cti-serial", "wires": {"m": {"url": "/dev/nothing", "dialect": "modem"}}}


@pytest.fixture
def site(tmp_path: Path) -> registry.Site:
    return registry.Site(state_dir=tmp_path, secret=lambda _: "ClueCon")


def _line(site: registry.Site) -> tuple[Any, bytes]:
    return registry.build(BOX, LINE, site), b"m:RING"


def _switch(site: registry.Site) -> tuple[Any, bytes]:
    return listening(), body(script("group")[0][1])


@pytest.mark.parametrize("made", [_line, _switch])
def test_until_it_has_ended_the_former_memory_serves(made: Any, site: registry.Site) -> None:
    """What was given up half way leaves no trace in what is decoded then."""
    adapter, rings = made(site)
    assert isinstance(adapter, Recalls)
    assert isinstance(adapter, Listens)

    def kept() -> Iterator[tuple[bytes, datetime]]:
        yield rings, after(0)
        assert adapter.due is None, "nothing rings for those who decode"
        yield rings, after(1)

    assert adapter.recall(kept()) == 2
    due = adapter.due
    assert due is not None
    assert adapter.recall(()) == 0
    assert adapter.due is None


async def test_nobody_decodes_while_a_reading_goes_on_that_was_given_up(database_url: str, tmp_path: Path) -> None:
    key = tmp_path / "core.key"
    key.write_text(SECRET)
    begun, may_end = threading.Event(), threading.Event()
    async with core(core_settings(database_url, tmp_path / "core", {"box-1": LINE}, key)) as there:
        hall, adapter = there.hall, there.hall.adapters[BOX]
        recall = adapter.recall  # pyright: ignore[reportAttributeAccessIssue]

        def slow(kept: Iterable[tuple[bytes, datetime]]) -> int:
            begun.set()
            assert may_end.wait(30)
            return recall(kept)

        adapter.recall = slow  # pyright: ignore[reportAttributeAccessIssue]
        hall._recalled.discard(BOX)
        given_up = asyncio.create_task(hall.carry(BOX, [], None, None))
        try:
            await until(begun.is_set, "it is being read")
            for _ in range(3):
                given_up.cancel()
                await asyncio.sleep(0)
            assert hall._decoding[BOX].locked(), "the next one has to wait"
        finally:
            may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        assert not hall._decoding[BOX].locked()
        assert BOX not in hall._recalled, "it will be read again"
