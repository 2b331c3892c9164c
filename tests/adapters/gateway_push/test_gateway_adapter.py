from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.errors import Unsupported
from adapters.gateway_push.plugin import PLUGIN
from adapters.registry import find
from adapters.telephony import Answer, CallKey, Ingests, Release, TelephonyAdapter

DIALECTS = pytest.mark.parametrize("dialect", ["standard", "newrock-om", "yeastar-p"])


def test_it_is_found_by_its_kind():
    assert find("gateway-push") is PLUGIN


@DIALECTS
async def test_it_keeps_both_contracts(gateway, dialect):
    target = gateway(dialect)
    assert isinstance(target, TelephonyAdapter)
    assert isinstance(target, Ingests)
    assert target.name == "gw-1"
    assert target.abilities == frozenset()
    assert target.max_body_bytes == 256 * 1024
    for command in (Answer(call=CallKey("c")), Release(call=CallKey("c"))):
        with pytest.raises(Unsupported, match="gw-1"):
            await target.do(command)
    with pytest.raises(Unsupported):
        await target.ports()


@DIALECTS
async def test_run_says_nothing_and_ends_when_cancelled(gateway, dialect):
    heard: list[object] = []
    task = asyncio.create_task(gateway(dialect).run(heard.append))
    await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(2):
            await task
    assert heard == []


def test_what_the_answer_carries(gateway):
    assert gateway("newrock-om").reply == (b"", "text/xml; charset=utf-8")
    assert gateway("standard").reply is None
    assert gateway("yeastar-p").reply is None


def test_only_new_rock_remembers(gateway):
    assert gateway("standard").memory == gateway("yeastar-p").memory == timedelta(0)
    assert gateway("newrock-om").memory == timedelta(hours=24)
    assert gateway("standard").recall([(b"{}", datetime.now(UTC)), (b'{"events":[]}', datetime.now(UTC))]) == 1
