from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.errors import Misconfigured, Unsupported
from adapters.gateway_push.adapter import GatewayPush
from adapters.gateway_push.admission import Admission
from adapters.gateway_push.plugin import PLUGIN
from adapters.gateway_push.settings import Dialect, GatewaySettings
from adapters.registry import find
from adapters.telephony import AdapterName, Answer, CallKey, Ingests, Release, TelephonyAdapter

DIALECTS = pytest.mark.parametrize("dialect", [dialect.value for dialect in Dialect])
OTHERS = [dialect.value for dialect in Dialect if dialect is not Dialect.NEWROCK_OM]


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
    assert [gateway(dialect).reply for dialect in OTHERS] == [None] * len(OTHERS)


def test_only_new_rock_remembers(gateway):
    assert {gateway(dialect).memory for dialect in OTHERS} == {timedelta(0)}
    assert gateway("newrock-om").memory == timedelta(hours=24)
    assert gateway("standard").recall([(b"{}", datetime.now(UTC)), (b'{"events":[]}', datetime.now(UTC))]) == 1


def test_a_mapped_gateway_forgets_no_mapping(gateway):
    target, body = gateway("mapped"), b'{"list": [{"event": "ANSWER", "call": {"id": "c", "ext": "8001"}}]}'
    told = target.decode(body, datetime.now(UTC))
    assert target.recall([(body, datetime.now(UTC))]) == 1
    assert target.decode(body, told.events[0].heard_at) == told
    settings = GatewaySettings.model_validate({"dialect": "mapped", "tokens": ["env:X"], "mapping": "/x.toml"})
    with pytest.raises(Misconfigured, match="mapping"):
        GatewayPush(AdapterName("gw"), settings, Admission(dialect=Dialect.MAPPED))
