"""adapter sound: which sound devices are there, how loud is one, and does what is played come back?"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated, Final

import typer
from msgspec.structs import asdict

from adapters.line_audio.level import FLOOR_DB, Level
from adapters.line_audio.settings import SoundSettings
from hotline.cli.root import FAILED, USAGE, JsonOption, console, fail, run, show_json
from hotline.cli.words import Command

SHOW_SECONDS: Final = 0.2
TELL_SECONDS: Final = 1.0
"""How often where nobody watches a screen."""
BAR: Final = 30


def register(group: typer.Typer) -> None:
    """Add this command."""
    group.command("sound", cls=Command)(sound)


def sound(
    level: Annotated[str | None, typer.Option("--level", help="电平表：听这个设备（名称或其中一段）")] = None,
    test: Annotated[str | None, typer.Option("--test", help="自检：在这个设备上放音并听它是否返回（须接回环）")] = None,
    seconds: Annotated[int, typer.Option("--for", help="电平表显示多少秒；Ctrl-C 提前结束", min=1, max=3600)] = 30,
    as_json: JsonOption = False,
) -> None:
    """列出声音设备，或对其中一个看电平、做自检（须先停止使用它的服务）"""
    from adapters.errors import AdapterError
    from adapters.line_audio.devices import hushed

    if "" in (level, test):
        fail("请写出设备名称或其中一段；hotline adapter sound 列出本机的设备", USAGE)
    try:
        if level is not None:
            with hushed():
                run(_meter(SoundSettings(device=level), seconds, as_json=as_json))
        elif test is not None:
            with hushed():
                passed = run(_test(SoundSettings(device=test), as_json=as_json))
            if not passed:
                raise SystemExit(FAILED)
        else:
            _list(as_json=as_json)
    except AdapterError as error:
        fail(str(error))


def _list(*, as_json: bool) -> None:
    from adapters.line_audio.apart import devices_apart

    found = devices_apart()
    if as_json:
        told = [{"name": each.name, "inputs": each.inputs, "outputs": each.outputs} for each in found]
        show_json(told)
        return
    if not found:
        fail("本机没有声音设备：请检查声卡是否插好（arecord -l 应列出它），本用户是否在 audio 组")
    for each in found:
        ways = "、".join(word for word, way in (("录音", each.does("input")), ("放音", each.does("output"))) if way)
        console.print(f"{each.name:<40}{ways or '不能使用'}")


async def _meter(settings: SoundSettings, seconds: int, *, as_json: bool) -> None:
    from adapters.line_audio.sound import open_sound

    async with open_sound(settings, plays=False) as line:
        until = asyncio.get_running_loop().time() + seconds
        listening = asyncio.create_task(line.record(lambda pcm: None), name="level")
        try:
            while asyncio.get_running_loop().time() < until and not listening.done():
                pause = SHOW_SECONDS if console.is_terminal and not as_json else TELL_SECONDS
                await asyncio.wait({listening}, timeout=pause)
                if not as_json:
                    console.print(_shown(line.level), end="\r" if console.is_terminal else "\n")
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
        if as_json:
            show_json(asdict(line.level) | {"overruns": line.overruns})
            return
        if console.is_terminal:
            console.print()
        if lost := line.overruns:
            console.print(f"✗ 机器太忙，丢失了 {lost} 段声音（每段 30 毫秒）")


def _shown(level: Level) -> str:
    """One line: the bar is for the eye, the figures for the report."""
    filled = round(BAR * (1 - level.rms_db / FLOOR_DB))
    clipped = f"  削波 {level.clipped} 次，请调低录音音量" if level.clipped else ""
    silent = f"  静音 {level.silent_seconds:.0f} 秒" if level.silent_seconds >= 1 else ""
    bar = f"{'█' * filled}{'·' * (BAR - filled)}"
    return f"{bar}  {level.rms_db:6.1f} dBFS  峰值 {level.peak_db:6.1f}{silent}{clipped}"


async def _test(settings: SoundSettings, *, as_json: bool) -> bool:
    from adapters.line_audio.selftest import self_test
    from adapters.line_audio.sound import open_sound

    async with open_sound(settings) as line:
        found = await self_test(line)
    if as_json:
        show_json(asdict(found) | {"level": asdict(found.level)})
    else:
        console.print(f"{'✓' if found.ok else '✗'} {found.words}")
        console.print(
            f"  最强 {found.hertz:.0f} Hz，测试音返回 {found.db:.1f} dBFS，峰值 {found.level.peak_db:.1f} dBFS"
        )
    return found.ok
