"""What an installer does without a modem: `hotline adapter simulate modem-usr`, and `check` in front of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from adapters.conformance import heard
from adapters.modem.plugin import PLUGIN
from adapters.registry import Rehearsal, plugins
from adapters.telephony import Answer, CallOffered, CallReleased, DigitsPressed, LinkUp, PlayMusic
from hotline.cli.rehearse import connect
from tests.adapters.modem.bench import Bench, built, settings, soon


def test_no_other_simulator_has_these_names() -> None:
    mine = set(PLUGIN.simulated)
    assert mine == {"modem-usr", "modem-conexant", "modem-rockwell", "modem-v253"}
    assert not mine & {name for plugin in plugins() if plugin.kind != "modem" for name in plugin.simulated}


async def test_a_simulated_modem_rings_and_keeps_its_ledger(tmp_path: Path) -> None:
    """On a pseudo-terminal with a name of its own, and on a TCP port."""

    async def rehearsed(where: Path, tcp: int | None) -> None:
        address, ledger = asyncio.get_running_loop().create_future(), list[dict[str, Any]]()
        wanted = Rehearsal(
            dialect="modem-usr",
            calls=1,
            per_minute=6000,
            seed=2426,  # a patient caller who soon has heard enough
            speed=40,
            tcp=tcp,
            link=where / "by-id" if tcp is None else None,
            ready=lambda url: None if address.done() else address.set_result(url),
            tell=ledger.append,
        )
        where.mkdir()
        device = asyncio.create_task(PLUGIN.simulate(wanted) if PLUGIN.simulate else asyncio.sleep(0))
        url = await address
        assert tcp is not None or url == str(where / "by-id")
        modem = built(settings(url, where, line={"seat": "", "flow": "none"}, number_wait_seconds=0), where)
        async with heard(modem) as events:
            await soon(lambda: any(isinstance(each, CallOffered) for each in events) or device.done(), "a call")
            call = next(each.call for each in events if isinstance(each, CallOffered))
            await modem.do(Answer(call=call))
            await modem.do(PlayMusic(call=call))
            await soon(lambda: any(isinstance(each, CallReleased) for each in events), "its end")
            assert any(isinstance(each, DigitsPressed) for each in events)
            await soon(lambda: ledger, "the ledger")
        device.cancel()
        await asyncio.gather(device, return_exceptions=True)
        (told,) = ledger
        assert told["call"]["answered"] is not None
        assert told["call"]["heard_seconds"] > 0

    async with asyncio.TaskGroup() as both:
        both.create_task(rehearsed(tmp_path / "tty", None))
        both.create_task(rehearsed(tmp_path / "tcp", 0))


async def test_check_says_what_was_found(tmp_path: Path) -> None:
    bench = Bench("modem-usr")
    bench.plug_in()
    try:
        table = settings(bench.end.name, tmp_path)
        table["lines"]["2"] = {"url": "/dev/serial/by-id/nobody-has-this"}
        report = await connect(built(table, tmp_path), 20)
    finally:
        await bench.unplug()
    found = "1：U.S. Robotics 56K FAX USB V1.2.23；方言 v253-usr；声音 u8 8000 Hz（128）；来电显示 AT+VCID=1"
    assert [each["words"] for each in report if each["ok"]][1:] == [found]
    (missing,) = [each for each in report if not each["ok"]]
    assert missing["what"] == "front 线路 2"
    assert LinkUp.__name__ not in missing["words"]
