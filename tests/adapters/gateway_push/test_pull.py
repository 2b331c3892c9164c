"""A gateway's list of calls, asked for over real HTTP: each dialect by its vendor's own ways, refusals and clocks."""

from __future__ import annotations

import asyncio
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pull_stage import DAY, NOW, PULLED, Stage, device, facts_of, made, told, true

from adapters.errors import LinkDown, NoAnswer, Refused, Unsupported
from adapters.gateway_push import pull_http
from adapters.gateway_push.dialects import Dialect
from adapters.gateway_push.pull_settings import PullSettings
from adapters.gateway_push.simulated_answers import routes
from adapters.gateway_push.simulated_list import CallList
from adapters.telephony import Pulls

UNSAID = Dialect.DINSTAR
"""Its records of callers who gave up do not say when they did."""


def known(dialect: Dialect | str, calls: Any) -> dict[str, tuple[Any, ...]]:
    expected = true(calls)
    if dialect == UNSAID:
        expected = {who: what if what[2] else (what[0], None, None, what[0]) for who, what in expected.items()}
    return expected


@pytest.mark.parametrize("dialect", PULLED)
async def test_every_call_of_the_day_with_its_times_and_its_outcome(gateway, dialect: str):
    calls = made(12)
    async with device(dialect, calls) as stage:
        target = gateway(dialect, **stage.keys())
        assert (isinstance(target, Pulls), target.pull_seconds) == (True, 300)
        bodies = await target.pull(NOW - DAY, NOW)
        assert told(facts_of(target, bodies)) == known(dialect, calls)
        assert await target.pull(NOW - DAY, NOW) == bodies
        assert abs(target.skew_seconds or 0.0) < 5


@pytest.mark.parametrize("dialect", PULLED)
async def test_only_what_ended_in_the_meantime(gateway, dialect: str):
    """The longest call began before: it is asked for by its beginning, and told by its end."""
    calls = made(12)
    calls[3].released = NOW - timedelta(minutes=6)
    async with device(dialect, calls) as stage:
        target = gateway(dialect, **stage.keys(longest_call_minutes=120))
        found = told(facts_of(target, await target.pull(NOW - timedelta(minutes=20), NOW)))
    lately = [call for call in calls if call.released and call.released >= NOW - timedelta(minutes=20)]
    expected = known(dialect, lately)
    assert calls[3].caller in expected
    if dialect == "mapped":  # only its rules know where the times are
        assert expected.items() <= found.items()
    else:
        assert found == expected


@pytest.mark.parametrize("dialect", PULLED)
@pytest.mark.parametrize("hours", [-25, 3])
async def test_a_wrong_clock_is_measured_and_asked_by(gateway, dialect: str, hours: int):
    """The list is asked for by it, and what it says is set right by it."""
    calls, shift = made(6), timedelta(hours=hours)
    async with device(dialect, calls) as stage:
        stage.listed.skew = shift
        target = gateway(dialect, **stage.keys())
        bodies = await target.pull(NOW - timedelta(hours=2), NOW)
        assert told(facts_of(target, bodies)) == known(dialect, calls)
        assert target.skew_seconds == pytest.approx(shift.total_seconds(), abs=30)


@pytest.mark.parametrize(
    ("date", "skew"),
    [
        ("Sat, 21 Nov 2026 02:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 10:00:30 GMT", 30),  # the time on its wall
        ("Sat, 21 Nov 2026 10:00:30 -0000", 30),
        ("Sat, 21 Nov 2026 05:00:00 GMT", 3 * 3600),
        ("Sat, 21 Nov 2026 05:00:00 -0000", -5 * 3600),
        ("Saturday", None),
    ],
)
def test_what_a_date_says_of_a_clock(date: str, skew: float | None):
    settings = PullSettings.model_validate({"url": "http://10.1.0.9"})
    asked = pull_http.Device(settings, "Asia/Shanghai")
    asked.heard(date, datetime(2026, 11, 21, 2, 0, tzinfo=UTC))
    assert asked.skew_seconds == skew


async def test_a_clock_that_is_set_between_two_lists(gateway):
    async with device("dinstar", made(6)) as stage:
        stage.listed.skew = timedelta(days=-2)
        target = gateway("dinstar", **stage.keys())
        late = facts_of(target, await target.pull(NOW - timedelta(hours=2), NOW))
        stage.listed.skew = timedelta(0)
        assert told(facts_of(target, await target.pull(NOW - timedelta(hours=2), NOW))) == told(late)
        assert len(told(late)) == 6
        assert target.skew_seconds == pytest.approx(0.0, abs=30)


@pytest.mark.parametrize(
    ("dialect", "asked"),
    [
        ("yeastar-p", ["cdr/search", "refresh_token", "cdr/search"]),
        ("yeastar-s", ["cdr/get_random", "login", "cdr/get_random", "cdr/download"]),
    ],
)
async def test_a_token_is_kept_until_it_has_expired_and_is_renewed_once(gateway, dialect: str, asked: list[str]):
    async with device(dialect, made(3)) as stage:
        target = gateway(dialect, **stage.keys())
        for forgotten in (False, False, True):
            if forgotten:
                stage.answers.forget_tokens()
            stage.listed.asked.clear()
            assert len(await target.pull(NOW - DAY, NOW)) == 3
            said = ["/".join(each.split()[1].split("/")[3:]) for each in stage.listed.asked]
        assert said == asked


@pytest.mark.parametrize("dialect", PULLED)
async def test_a_wrong_password_is_refused_at_once(gateway, dialect: str):
    async with device(dialect, made(3)) as stage:
        stage.listed.password = "another"
        target = gateway(dialect, **stage.keys())
        with pytest.raises(Refused, match="user name or password"):
            await target.pull(NOW - DAY, NOW)
        assert len(stage.listed.asked) <= 2, "five tries would lock us out"


@pytest.mark.parametrize("dialect", PULLED)
async def test_away_and_back(gateway, dialect: str):
    async with device(dialect, made(3)) as stage:
        target = gateway(dialect, **stage.keys())
        stage.listed.away = True
        with pytest.raises(NoAnswer, match="503"):
            await target.pull(NOW - DAY, NOW)
        stage.listed.away = False
        assert len(await target.pull(NOW - DAY, NOW)) == 3
    with pytest.raises(LinkDown):
        await target.pull(NOW - DAY, NOW)


async def test_a_device_that_accepts_and_says_nothing(gateway, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pull_http, "WHOLE_TIMES", 0.2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        pull = {"url": url, "username": "a", "password": "env:PULL", "timeout_seconds": 1}
        with pytest.raises(NoAnswer, match="timed out"):
            await gateway("dinstar", pull=pull).pull(NOW - DAY, NOW)


async def test_the_serial_number_keeps_the_calls_the_pushes_calls(gateway):
    """P series: its lines do not name it, so the device is asked once, or the settings say it."""
    async with device("yeastar-p", made(1)) as stage:
        target = gateway("yeastar-p", **stage.keys(page_lines=10))
        await target.pull(NOW - DAY, NOW)
        (body,) = await target.pull(NOW - DAY, NOW)
        (call,) = {fact.call for fact in facts_of(target, [body])}
        assert call == f"{stage.listed.serial}-{int(made(1)[0].offered.timestamp())}.1"
        assert sum("system/information" in each for each in stage.listed.asked) == 1
        stage.listed.serial = ""
        with pytest.raises(Refused, match=r"pull\.serial"):
            await gateway("yeastar-p", **stage.keys()).pull(NOW - DAY, NOW)
        named = gateway("yeastar-p", **stage.keys(serial="S1"))
        assert facts_of(named, await named.pull(NOW - DAY, NOW))[0].call.startswith("S1-")


async def test_pages_are_asked_for_until_there_are_no_more(gateway):
    calls = made(23, every=timedelta(minutes=2))
    async with device("yeastar-p", calls) as stage:
        target = gateway("yeastar-p", **stage.keys(page_lines=10))
        assert told(facts_of(target, await target.pull(NOW - DAY, NOW))) == true(calls)
        assert sum("cdr/search" in each for each in stage.listed.asked) == 4  # 23 menus, 16 extensions


async def test_logging_in_tells_the_s_series_where_to_push(gateway):
    async with device("yeastar-s", made(1)) as stage:
        await gateway("yeastar-s", **stage.keys()).pull(NOW - DAY, NOW)
        assert stage.answers.reports_to.endswith("/gateways/gw-1/events?token=0123456789abcdef-token")


async def test_ten_thousand_calls_and_not_one_more_than_allowed(gateway):
    calls = made(10_000, every=timedelta(seconds=8))
    async with device("yeastar-s", calls) as stage:
        target, began = gateway("yeastar-s", **stage.keys()), time.monotonic()
        bodies = await target.pull(NOW - DAY, NOW)
        assert (len(bodies), sum(map(len, bodies)) < 10_000 * 600) == (10_000, True)
        assert time.monotonic() - began < 20
        with pytest.raises(Refused, match="more than 9999 calls"):
            await gateway("yeastar-s", **stage.keys(max_calls=9_999)).pull(NOW - DAY, NOW)


@pytest.mark.parametrize("dialect", PULLED)
async def test_an_answer_that_is_too_long_is_not_read(gateway, dialect: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pull_http, "MAX_ANSWER_BYTES", 1000)
    async with device(dialect, made(20)) as stage:
        with pytest.raises(Refused, match="longer than"):
            await gateway(dialect, **stage.keys()).pull(NOW - DAY, NOW)


@pytest.mark.parametrize("verify", [True, False, "file"])
async def test_who_the_device_is_must_be_proven(gateway, verify: bool | str, certificate: tuple[Path, Path]):
    async with device("dinstar", made(1), certificate=certificate) as stage:
        trusted = str(certificate[0]) if verify == "file" else verify
        target = gateway("dinstar", **stage.keys(verify=trusted))
        if verify is True:
            with pytest.raises(LinkDown, match="CERTIFICATE_VERIFY_FAILED"):
                await target.pull(NOW - DAY, NOW)
        else:
            assert len(await target.pull(NOW - DAY, NOW)) == 1


async def test_without_the_section_nothing_is_pulled(gateway):
    target = gateway("dinstar")
    assert (target.pull_seconds, target.skew_seconds) == (0.0, None)
    with pytest.raises(Unsupported):
        await target.pull(NOW - DAY, NOW)


def test_a_device_without_a_list_is_not_simulated():
    with pytest.raises(ValueError, match="newrock-om"):
        routes(Dialect.NEWROCK_OM, CallList())


async def test_what_is_no_list_is_refused(gateway):
    """Another machine at that address: an HTML page, or JSON of another kind."""

    async def serve(answer: bytes) -> tuple[asyncio.Server, str]:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ndate: yesterday\r\nconnection: close\r\n\r\n" + answer)
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    for answer in (b"<html>", b"[]", b"{}", b'{"errcode": 0, "status": "Success"}', b"\xff\xfe\x00"):
        server, url = await serve(answer)
        async with server:
            for dialect in ("dinstar", "yeastar-p", "yeastar-s"):
                stage = Stage(Dialect(dialect), CallList(), None, url)
                with pytest.raises(Refused):
                    await gateway(dialect, **stage.keys()).pull(NOW - DAY, datetime.now(UTC))
