"""Is every bridge (对接桥) set up, and is the other side there? Nothing is left there."""

from __future__ import annotations

import asyncio

from adapters.bridge import Bridge
from hotline.doctor.machine import apart
from hotline.doctor.site import Finding, NotAsked, Site, none, ok, warning, wrong
from hotline.settings import Settings, SettingsWrong
from hotline.settings_used import bridge

PROBE_SECONDS = 4.0


async def bridges(site: Site) -> list[Finding]:
    """Each bridge: its table and secret, and whether its way is open."""
    settings = site.settings
    if settings is None:
        raise NotAsked("配置文件有误，见上")
    if not settings.bridges:
        return [
            none("bridges", "对接桥", "配置中没有对接桥", "要向 12345、110 移交时，写法见 adapters/bridges/README.md")
        ]
    return list(await asyncio.gather(*(_bridge(settings, name) for name in settings.bridges)))


async def _bridge(settings: Settings, name: str) -> Finding:
    check, what, more = f"bridges.{name}", f"对接桥 {name}", f"hotline bridge check {name}"
    try:
        made = await apart(bridge, settings, name)
    except SettingsWrong as error:
        return wrong(check, what, str(error), f"改正后执行 {more}")
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return await _probed(made, check, what, more)
    except TimeoutError:
        return warning(check, what, f"{PROBE_SECONDS:.0f} 秒没有答复", f"请核对网络，再执行 {more}")
    finally:
        await made.close()


async def _probed(made: Bridge, check: str, what: str, more: str) -> Finding:
    probed = await made.probe()
    broken = [f"{each.what}：{each.words}" for each in probed if not each.ok]
    if broken:
        return warning(check, what, "；".join(broken), f"移交会排队等待；处理后执行 {more}")
    return ok(check, what, "；".join(f"{each.what}：{each.words}" for each in probed) or "设置无误")
