"""What goes wrong with modems: no modem, half a modem, a plug that is pulled, a modem that was left in mid-sound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from adapters import registry
from adapters.errors import LinkDown, Misconfigured, NoAnswer, Refused
from adapters.line_audio.devices import NoSuchDevice
from adapters.modem import adapter as adapters_of_modems
from adapters.modem import line as lines
from adapters.modem import orders, probing
from adapters.modem.line_sound import LineSound
from adapters.modem.plugin import PLUGIN
from adapters.modem.settings import ModemSettings
from adapters.registry import Plugin
from adapters.telephony import (
    Answer,
    CallReleased,
    EndedBy,
    LinkUp,
    PlayMusic,
    PlayPrompt,
    PortFault,
    PortRestored,
    PromptEnded,
    TakeMessage,
)
from tests.adapters.modem.bench import Bench, Served, built, served, settings, soon


@asynccontextmanager
async def no_such_device(sound: object) -> AsyncIterator[LineSound]:
    """As `adapters.line_audio` says it, whose own tests have real devices."""
    raise NoSuchDevice("没有这个声音设备")
    yield


async def test_no_modem_is_there_or_one_without_a_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "RESET_SECONDS", 0.1)
    silent, deaf = Bench("modem-usr"), Bench("modem-usr")
    fax = {"+FMI?": ("Fax Only",), "+FCLASS=?": ("0,1,2",)}
    deaf.modem.make = msgspec.structs.replace(deaf.modem.make, answers=fax)
    deaf.plug_in()
    try:
        with pytest.raises(LinkDown, match="no answer"):
            await built(settings(silent.end.name, tmp_path), tmp_path).run(lambda event: None)
        monkeypatch.undo()
        with pytest.raises(LinkDown, match="neither"):
            await built(settings(deaf.end.name, tmp_path), tmp_path).run(lambda event: None)
        mute = settings(deaf.end.name, tmp_path, line={"dialect": "v253-usr", "sound": {"device": "nobody has this"}})
        monkeypatch.setattr(lines, "open_sound", no_such_device)
        with pytest.raises(LinkDown, match="声音设备"):
            await built(mute, tmp_path).run(lambda event: None)
    finally:
        silent.end.unplug()
        await deaf.unplug()


async def test_modems_that_are_found_in_another_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was here before was killed while it played: what it takes for sound is our reset. Or it was told not to
    echo, never does, or has an answer left for somebody else."""
    monkeypatch.setattr(probing, "RESET_SECONDS", 0.35)

    def prepare(line: Served, way: str) -> None:
        take = line.modem.take

        def late(data: bytes) -> None:
            line.modem.take = take
            line.end.connect(take)
            line.modem.say(b"AT+VLS=0\r\r\nOK\r\n\r\nOK\r\n")
            take(data)

        match way:
            case "plays still":
                take(b"AT+FCLASS=8\rAT+VLS=1\rAT+VTX\r\x80\x81")
            case "never echoes":
                line.modem.write_echo = False
            case "echoes no more":
                take(b"ATE0\r")
            case _:
                line.modem.take = late

    async def found(way: str) -> None:
        line, folder = Served("modem-conexant"), tmp_path / way
        prepare(line, way)
        line.plug_in()
        line.adapter = built(settings(line.end.name, folder), folder)
        task = asyncio.create_task(line.adapter.run(line.events.append))
        try:
            assert "CONEXANT" in (await line.until(LinkUp)).detail, way
            await line.do(Answer(call=await line.caller()))
            assert line.modem.off_hook, way
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await line.unplug()

    async with asyncio.TaskGroup() as ways:
        for way in ("plays still", "never echoes", "echoes no more", "late words"):
            ways.create_task(found(way))


async def test_the_plug_is_pulled_while_it_plays_and_while_it_records(tmp_path: Path) -> None:
    for what in ("play", "record"):
        async with served("modem-usr", tmp_path) as line:
            call = await line.caller()
            await line.do(PlayMusic(call=call) if what == "play" else TakeMessage(call=call, name="m", seconds=9))
            await soon(lambda: len(line.modem.heard) > 2000, "sound", line)
            tasks = len(asyncio.all_tasks())
            await line.unplug()
            await soon(lambda: not line.adapter._session, "the link is down", line)  # pyright: ignore[reportPrivateUsage]
            with pytest.raises(LinkDown):
                await line.do(Answer(call=call))
            with pytest.raises(LinkDown):
                await line.adapter.ports()
            assert len(asyncio.all_tasks()) < tasks


async def test_one_of_two_modems_is_gone_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters_of_modems, "FIRST_PAUSE_SECONDS", 0.05)
    stays, goes, back = Served("modem-usr"), Bench("modem-conexant"), Bench("modem-usr")
    name = tmp_path / "by-id"
    name.symlink_to(goes.end.name)
    table = settings(stays.end.name, tmp_path)
    table["lines"]["2"] = {"url": str(name)}
    for each in (stays, goes, back):
        each.plug_in()
    stays.adapter = built(table, tmp_path)
    task = asyncio.create_task(stays.adapter.run(stays.events.append))
    try:
        up = await stays.until(LinkUp)
        assert "1：U.S. Robotics" in up.detail
        assert "2：CONEXANT" in up.detail
        goes.rings()
        await soon(lambda: len(stays.offered) == 1, "a call", stays)
        lost, talking = stays.offered[0].call, await stays.caller()
        assert stays.offered[0].port == 2
        await stays.do(Answer(call=lost), Answer(call=talking))
        assert len(await stays.adapter.ports()) == 2
        assert "通话中" in await stays.adapter.probe()
        await goes.unplug()
        assert (await stays.until(PortFault)).port == 2
        released = await stays.until(CallReleased)
        assert (released.call, released.by, released.inferred) == (lost, EndedBy.UNKNOWN, True)
        assert [status.call for status in await stays.adapter.ports()] == [talking]
        with pytest.raises(Refused, match="2: line 2 is not connected"):
            await stays.adapter.probe()
        name.unlink()
        name.symlink_to(back.end.name)
        assert (await stays.until(PortRestored)).port == 2
        assert "2 空闲" in await stays.adapter.probe()
        await stays.do(PlayPrompt(call=talking, prompt="greeting"))
        await stays.until(PromptEnded)
        assert len([each for each in stays.events if isinstance(each, LinkUp | PortFault)]) == 2
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for each in (stays, goes, back):
            await each.unplug()


async def test_a_modem_that_stops_answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is ordered then: nobody knows whether it was done."""
    monkeypatch.setattr(orders, "HOOK_SECONDS", 0.1)
    monkeypatch.setattr(lines, "PROBE_SECONDS", 0.1)
    async with served("modem-usr", tmp_path) as line:
        assert "空闲" in await line.adapter.probe()
        call = await line.caller()
        line.end.connect(lambda data: None)
        with pytest.raises(NoAnswer):
            await line.do(Answer(call=call))
        line.end.connect(line.modem.take)
        await line.do(Answer(call=call))
        with pytest.raises(Refused, match="cannot be read"):
            await line.do(PlayPrompt(call=call, prompt="../etc/passwd"))
        line.modem.say(b"\x10b")
        line.end.connect(lambda data: None)
        await soon(lambda: not line.adapter._session, "it does not hang up: it is to be opened anew", line)  # pyright: ignore[reportPrivateUsage]
        line.end.connect(line.modem.take)
        assert line.facts(call)[-1] == "CallReleased"


async def test_babble_on_the_line_costs_no_call(tmp_path: Path) -> None:
    async with served("modem-usr", tmp_path) as line:
        for junk in (
            b"\xff\xfe\x00\x10",
            b"\x10\x10\x10\x03",
            b"\r\n" + b"x" * 5000 + b"\r\n",
            b"\x13\x11",
            b"OK\r\nERROR\r\n",
        ):
            line.end.write(junk)
        call = await line.caller()
        await line.do(Answer(call=call))
        assert line.facts(call)[0] == "CallOffered"


async def test_announcements_are_put_and_taken_back(tmp_path: Path) -> None:
    site = tmp_path / "site"
    store = built(settings("/dev/null", tmp_path), tmp_path).prompt_store
    own = (site / "greeting.wav").read_bytes()
    long = (site / "long.wav").read_bytes()
    assert {name: found.sha256 for name, found in (await store.prompt_names()).items()}["greeting"] == ""
    await store.put_prompt("greeting", long)
    names = await store.prompt_names()
    assert (names["greeting"].seconds, bool(names["greeting"].sha256)) == (4.0, True)
    assert await store.read_prompt("greeting") == long
    await store.restore_prompt("greeting")
    await store.restore_prompt("never-put")
    assert await store.read_prompt("greeting") == own
    assert await store.read_prompt("never-put") is None
    for name, wav in (("../up", long), ("fine", b"no sound")):
        with pytest.raises(ValueError):  # noqa: PT011 - two sentences
            await store.put_prompt(name, wav)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "缺少 lines"),
        ({"lines": {"1": {"url": "COM3"}}}, "串口的固定名称"),
        ({"lines": {"1": {"url": "/dev/x", "dialect": "v254"}}}, "只能是"),
        ({"lines": {"1": {"url": "/dev/x", "setup": ["DT110"]}}}, "格式不对"),
        ({"lines": {"1": {"url": "/dev/x", "sound": {}}}}, "声音设备"),
    ],
)
def test_settings_that_are_wrong(
    table: dict[str, object], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(kind: str, group: str = "") -> Plugin:
        return PLUGIN

    monkeypatch.setattr(registry, "find", find)
    with pytest.raises(Misconfigured, match=words):
        registry.build("front", {"kind": "modem", **table}, registry.Site(state_dir=tmp_path, secret=str))
    assert PLUGIN.settings is ModemSettings
