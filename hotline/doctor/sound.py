"""Is every sound device that the settings name there, and named well enough?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from adapters.errors import Misconfigured
from adapters.line_audio.apart import devices_apart
from adapters.line_audio.devices import Device, Way, chosen
from adapters.line_audio.settings import SoundSettings
from hotline.doctor.machine import apart
from hotline.doctor.site import Finding, Site, none, ok, wrong

LOOK_SECONDS: Final = 4.0
KEY: Final = "sound"
"""Under this key an adapter's settings hold the sound device of a line, or one for each line by its number."""
LIST: Final = "hotline adapter sound 列出本机的设备，照它改"


async def audio(site: Site) -> list[Finding]:
    """Each sound device of each line. PortAudio is not asked where no line has one."""
    tables = {where: table for name, each in site.adapters.items() for where, table in _tables(name, each)}
    if not tables:
        return [none("audio", "声音设备", "没有线路使用声音设备")]
    try:
        there = await apart(devices_apart, LOOK_SECONDS)
    except Misconfigured as error:
        what, _, advice = str(error).partition("：")
        return [wrong("audio", "声音设备", what, advice or "请拔插声卡，再看 dmesg")]
    return [_found(where, table, there) for where, table in tables.items()]


def _tables(where: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every sound table below that one, with its place: `box-1.sound.1`."""
    for key, value in table.items():
        if not isinstance(value, dict):
            continue
        place = f"{where}.{key}"
        if key != KEY:
            yield from _tables(place, value)
        elif all(isinstance(each, dict) for each in value.values()):
            yield from ((f"{place}.{line}", each) for line, each in value.items())
        else:
            yield place, value


def _found(where: str, table: Mapping[str, Any], there: list[Device]) -> Finding:
    check, what = f"audio.{where}", f"声音设备 {where}"
    try:
        settings = SoundSettings.model_validate({key: table[key] for key in SoundSettings.model_fields if key in table})
    except ValidationError:
        return none(check, what, "设置有误，见上")
    ways: list[tuple[Way, str]] = [("input", settings.heard_at), ("output", settings.spoken_to)]
    try:
        names = [chosen(name, way, there).name for way, name in ways if name]
    except Misconfigured as error:
        return wrong(check, what, str(error), f"{LIST} [adapters.{where}]")
    return ok(check, what, "、".join(dict.fromkeys(names)))
