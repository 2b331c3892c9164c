"""A test call through the real dial plan: it comes to us, is answered, and leaves no trace of a caller."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.asterisk import probe
from adapters.asterisk.rest import Rest
from adapters.asterisk.rig import Rig
from adapters.errors import LinkDown, NoAnswer, Refused
from adapters.telephony import LinkUp, Probes
from tests.adapters.asterisk.ear import Ear, adapter_of, listening
from tests.adapters.asterisk.fake_ari import fake_ari

pytestmark = pytest.mark.asterisk


@asynccontextmanager
async def asking(rig: Rig) -> AsyncIterator[Rest]:
    rest = Rest(str(rig.settings()["url"]), "hotline", rig.secrets.ari)
    try:
        yield rest
    finally:
        rest.close()


async def set_to(rest: Rest, name: str, value: str) -> None:
    assert (await rest.call("POST", "asterisk/variable", {"variable": name, "value": value})).ok


async def nothing_is_left(rest: Rest) -> None:
    end = time.monotonic() + 8
    while (await rest.call("GET", "channels")).body != b"[]":
        assert time.monotonic() < end, (await rest.call("GET", "channels")).body
        await asyncio.sleep(0.02)


def only_the_link(ear: Ear) -> bool:
    return [type(fact) for fact in ear.facts] == [LinkUp]


async def test_a_call_of_our_own_comes_through_and_is_nobody_s(rig: Rig, tmp_path: Path) -> None:
    records = Path(str(rig.settings()["records"]))
    before = records.read_bytes() if records.exists() else b""
    async with asking(rig) as rest, listening(adapter_of(rig, tmp_path)) as ear:
        assert isinstance(ear.adapter, Probes)
        said = [await ear.adapter.probe() for _ in range(3)]
        assert all("Asterisk 正常" in each and "毫秒接通" in each for each in said), said
        assert not await ear.adapter.ports()
        await nothing_is_left(rest)
        assert not await ear.adapter.leftovers()
        assert only_the_link(ear)
    assert (records.read_bytes() if records.exists() else b"") == before


async def test_while_it_lives_it_is_in_no_list(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ends are up, and the routine comparison of live calls sees nothing."""
    seen: list[int] = []
    async with asking(rig) as rest, listening(adapter_of(rig, tmp_path)) as ear:
        let_go = probe._in_time

        async def looked(event: asyncio.Event, otherwise: str) -> None:
            await let_go(event, otherwise)
            assert b"probe~" in (await rest.call("GET", "channels")).body
            seen.append(len(await ear.adapter.ports()))

        monkeypatch.setattr(probe, "_in_time", looked)
        await ear.adapter.probe()
        assert seen == [0, 0]


async def test_a_dial_plan_that_leads_elsewhere_is_told(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "ARRIVES_SECONDS", 1.0)
    async with asking(rig) as rest, listening(adapter_of(rig, tmp_path)) as ear:
        await set_to(rest, "HOTLINE_APP", "nobody")
        try:
            with pytest.raises(Refused, match="没有到达本系统"):
                await ear.adapter.probe()
        finally:
            await set_to(rest, "HOTLINE_APP", "hotline")
        await set_to(rest, "HOTLINE_PROBE", "")
        try:
            assert "没有测试呼叫" in await ear.adapter.probe()
        finally:
            await set_to(rest, "HOTLINE_PROBE", "1")
        assert "毫秒接通" in await ear.adapter.probe()
        await nothing_is_left(rest)
        assert only_the_link(ear)
    silent = adapter_of(rig, tmp_path, test_calls=False)
    async with listening(silent) as ear:
        assert "测试呼叫" not in await ear.adapter.probe()


async def test_one_that_says_nothing_has_not_answered(rig: Rig, tmp_path: Path) -> None:
    async with fake_ari() as fake:
        adapter = adapter_of(rig, tmp_path, url=fake.url, rest_timeout=0.3)
        with pytest.raises(LinkDown):
            await adapter.probe()
        async with listening(adapter):
            fake.delay = 5
            with pytest.raises(NoAnswer):
                await adapter.probe()
