"""What a driver host withstands, and what we withstand of a driver host: crashes, hangs, prints, floods, the service's
end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

from adapters.card.simulator import Exchange
from adapters.card.wire import LINE_BYTES, Answer, Look, Ready, pack, read_said
from adapters.errors import AdapterError, LinkDown
from adapters.telephony import (
    AdapterName,
    CallOffered,
    DigitsPressed,
    LinkUp,
    Release,
)
from adapters.telephony import Answer as GoOffHook
from hotline.clock import WallClock
from hotline.hall.inputs import Heard, Input, LinkLost, Snapshot
from hotline.supervise import keep_running
from tests.adapters.card.bench import BOUND_SECONDS, VENDORS, Bench, card, is_alive, library, running, table, up


async def gone(pid: int) -> None:
    """The process has been reaped: not even a zombie is left."""
    async with asyncio.timeout(BOUND_SECONDS):
        while is_alive(pid):
            await asyncio.sleep(0.01)


async def ended(bench: Bench) -> str:
    """The host is gone: why."""
    assert bench.task is not None
    async with asyncio.timeout(BOUND_SECONDS):
        with pytest.raises(LinkDown) as why:
            await asyncio.shield(bench.task)
    return str(why.value)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_crash_in_mid_call_is_the_hosts_death(vendor: str, tmp_path: Path) -> None:
    """SIGSEGV in the library: `LinkDown` with the last words, and the supervisor begins anew; the call is over."""
    async with Exchange(vendor).running() as exchange:
        adapter = card(exchange, tmp_path)
        inputs: list[Input] = []
        changed = asyncio.Event()

        def put(given: Input) -> None:
            inputs.append(given)
            changed.set()

        async def until(times: int, kind: type[Input]) -> Input:
            async with asyncio.timeout(BOUND_SECONDS):
                while len(found := [each for each in inputs if isinstance(each, kind)]) < times:
                    changed.clear()
                    await changed.wait()
            return found[times - 1]

        def facts(kind: type[CallOffered] | type[LinkUp]) -> list[CallOffered | LinkUp]:
            return [each.fact for each in inputs if isinstance(each, Heard) and isinstance(each.fact, kind)]

        task = asyncio.create_task(keep_running(adapter, put, WallClock()))
        try:
            await until(1, Snapshot)
            channel = 1 if vendor == "shp_a3" else 1001
            exchange.call(channel, "13800138000")
            async with asyncio.timeout(BOUND_SECONDS):
                while not facts(CallOffered):
                    await asyncio.sleep(0.01)
            (offered,) = facts(CallOffered)
            assert isinstance(offered, CallOffered)
            await adapter.do(GoOffHook(call=offered.call))
            first = exchange.hosts[0]
            exchange.say("print a number of somebody 13800138000")
            exchange.say("crash")
            lost = await until(1, LinkLost)
            assert isinstance(lost, LinkLost)
            assert lost.detail.startswith("device_down: the driver host died of SIGSEGV")
            assert "Segmentation fault" in lost.detail
            assert "13800138000" not in lost.detail
            with pytest.raises(LinkDown):
                await adapter.do(Release(call=offered.call))
            await gone(first)
            snapshot = await until(2, Snapshot)
            assert isinstance(snapshot, Snapshot)
            assert snapshot.ports == ()
            assert len(exchange.hosts) == 2
            exchange.call(channel, "13800138000")
            async with asyncio.timeout(BOUND_SECONDS):
                while len(facts(CallOffered)) < 2:
                    await asyncio.sleep(0.01)
            keys = [each.call for each in facts(CallOffered) if isinstance(each, CallOffered)]
            assert len(set(keys)) == 2
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await gone(exchange.hosts[1])


async def test_who_rings_while_the_host_dies_rings_on(tmp_path: Path) -> None:
    async with running("shp_a3", tmp_path) as bench:
        first = await bench.caller()
        bench.exchange.say("crash")
        await ended(bench)
        async with up(bench):
            offered = await bench.heard(CallOffered, 2)
            assert offered.call != first
            assert [status.call for status in await bench.adapter.ports()] == [offered.call]


async def test_a_call_that_never_returns(tmp_path: Path) -> None:
    """Noticed within the bound, killed, and the command fails with it."""
    async with running("shp_a3", tmp_path, stuck_seconds=1) as bench:
        call = await bench.caller()
        pid = bench.adapter.host_pid
        assert pid is not None
        bench.exchange.say("hang-in SsmPickup")
        bench.exchange.press(bench.trunk, "1")
        await bench.heard(DigitsPressed)
        with pytest.raises(AdapterError):
            await bench.adapter.do(GoOffHook(call=call))
        assert "has hung for 1 s" in await ended(bench)
        await gone(pid)


async def test_two_cards_two_hosts_and_nothing_is_left(tmp_path: Path) -> None:
    """One dies, the other goes on. Afterwards: no process, no descriptor, no zombie."""
    before = set(os.listdir("/proc/self/fd"))
    async with running("shp_a3", tmp_path / "a") as one, running("keygoe", tmp_path / "b") as two:
        pids = one.adapter.host_pid, two.adapter.host_pid
        assert len(set(pids)) == 2
        one.exchange.say("crash")
        await ended(one)
        await two.caller()
        assert len(await two.adapter.ports()) == 1
    for pid in pids:
        assert pid is not None
        await gone(pid)
    async with asyncio.timeout(BOUND_SECONDS):
        while set(os.listdir("/proc/self/fd")) - before:
            await asyncio.sleep(0.01)


async def test_what_the_library_prints_spoils_nothing(tmp_path: Path) -> None:
    async with running("shp_a3", tmp_path) as bench:
        for number in range(50):
            bench.exchange.say(f"print {number} {{}} garbage")
        await bench.caller()
        assert len(await bench.adapter.ports()) == 1


async def test_a_flood_leaves_orders_their_turn(tmp_path: Path) -> None:
    async with running("shp_a3", tmp_path) as bench:
        call = await bench.caller()
        bench.exchange.say(f"flood {bench.trunk} 3000")
        await bench.adapter.do(GoOffHook(call=call))
        await bench.adapter.probe()
        await bench.heard(DigitsPressed, 3000)


async def test_the_end_of_the_service_ends_the_host(tmp_path: Path) -> None:
    """Killed outright, it can say no goodbye: its pipe closes, and the host goes, though its library hangs."""
    async with Exchange("shp_a3").running() as exchange:
        keys = table(exchange, tmp_path)
        program = (
            "import asyncio, subprocess, sys\n"
            "host = subprocess.Popen([sys.executable, '-m', 'adapters.card.host', 'shp_a3', '--library', "
            f"{str(library('shp_a3'))!r}, '--config', {keys['config']!r}], stdin=subprocess.PIPE)\n"
            "print(host.pid, flush=True)\n"
            "host.wait()\n"
        )
        service = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await exchange.until("hello")
            exchange.say("hang-in SsmWaitForEvent")
            service.send_signal(signal.SIGKILL)
            await service.wait()
            async with asyncio.timeout(BOUND_SECONDS):
                while _runs(exchange.hosts[0]):
                    await asyncio.sleep(0.02)
        finally:
            with contextlib.suppress(ProcessLookupError):
                service.kill()
            for pid in exchange.hosts:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _runs(pid: int) -> bool:
    """Not a zombie that nobody has reaped: it is no child of ours."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_lines_of_the_host_by_hand(tmp_path: Path) -> None:
    """What cannot be read is passed over; a line without end is the end."""
    async with Exchange("shp_a3").running() as exchange:
        keys = table(exchange, tmp_path)
        host = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "adapters.card.host", "shp_a3"),
            *("--library", keys["library"], "--config", keys["config"]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert host.stdin is not None
        assert host.stdout is not None
        ready = read_said(await host.stdout.readline())
        assert isinstance(ready, Ready)
        assert len(ready.channels) == 18
        host.stdin.write(b'nonsense\n{"do":"Explode","id":1}\n\xff\xfe\n' + pack(Look(id=7)))
        async with asyncio.timeout(BOUND_SECONDS):
            while not isinstance(said := read_said(await host.stdout.readline()), Answer):
                pass
            assert said.id == 7
            host.stdin.write(b"x" * (LINE_BYTES + 10))
            assert await host.wait() == 4
        host.stdin.close()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await host.stdin.wait_closed()
        await host.stdout.read()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"library": "/nonexistent/lib.so"}, "ended with code 3.*cannot load"),
        ({"seats": {"8001": 3}}, "座席 8001 的通道 3 不是坐席通道"),
        ({"trunks": [77]}, "通道 77 不是外线通道"),
    ],
)
async def test_a_card_that_does_not_fit_its_settings(wrong: dict[str, object], why: str, tmp_path: Path) -> None:
    async with Exchange("shp_a3").running() as exchange:
        bench = Bench(exchange, card(exchange, tmp_path, AdapterName("card-2"), **wrong))
        with pytest.raises(LinkDown, match=why):
            await bench.adapter.run(bench.hear)
        assert not bench.events


async def test_the_password_is_no_argument(tmp_path: Path) -> None:
    async with running("keygoe", tmp_path, password="env:XMS") as bench:
        assert bench.exchange.ledger[0].split()[3:] == ["hotline", "s3cret"]
        assert b"s3cret" not in Path(f"/proc/{bench.adapter.host_pid}/cmdline").read_bytes()
