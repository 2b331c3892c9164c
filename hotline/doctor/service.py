"""Does the service run and is it well, and is the machine's clock fit for it?"""

from __future__ import annotations

import ctypes
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import hotline
from hotline.doctor.machine import apart, open_files, program, why_not_bindable
from hotline.doctor.site import AS_ROOT, Finding, Site, none, ok, warning, wrong

ZONE: Final = "Asia/Shanghai"
LEAST_FILES: Final = 4096
YEARS_AHEAD: Final = 20
"""No program is so much older than the day on which it runs."""
_TIMEX_BYTES: Final = 512
"""More than struct timex takes anywhere; all zero: `modes` 0, which only reads."""
_TIME_ERROR: Final = 5
"""adjtimex(2): the clock is not synchronised."""
_START: Final = "sudo systemctl enable --now hotline"


async def running(site: Site) -> list[Finding]:
    """What is there on the service's port."""
    check, what = "service", "服务"
    host, port = site.known.host, site.known.port
    seen = await site.seen()
    who = f"进程 {seen.pid}（{program(seen.pid)}）" if seen.pid is not None else "别的进程"
    if seen.taken:
        if seen.pid is None:
            advice = f"sudo ss -ltnp 'sport = :{port}' 找出进程并停掉它，或改 [service] port"
        else:
            advice = f"ps -fp {seen.pid}；停掉它，或改 [service] port；若是本服务：sudo systemctl restart hotline"
        return [wrong(check, what, f"端口 {port} 被{who}占用：{seen.taken}", advice)]
    if seen.answer is None:
        if reason := await apart(why_not_bindable, host, port):
            advice = f"核对 {site.source} [service] 的 host 和 port"
            return [wrong(check, what, f"没有运行，而且不能监听 {host}:{port}（{reason}）", advice)]
        return [none(check, what, f"没有运行，端口 {port} 空闲", _START)]
    return [_readiness(seen.answer), *_restart_due(site, seen.answer)]


async def files(site: Site) -> list[Finding]:
    """Each console, each line and each call takes some."""
    check, what = "files", "可打开文件数"
    seen = await site.seen()
    most = await apart(open_files, seen.pid)
    enough = most < 0 or most >= LEAST_FILES
    advice = "用 deploy/hotline.service 启动（LimitNOFILE=65536）；手工启动前先 ulimit -n 65536"
    if seen.pid is None and (seen.answer is not None or seen.taken):
        return [none(check, what, "看不到服务的进程", AS_ROOT)]
    if seen.pid is None:
        found = f"服务没有运行；本终端为 {most}"
        return [ok(check, what, found) if enough else none(check, what, found, advice)]
    found = f"服务为 {most}"
    return [ok(check, what, found) if enough else warning(check, what, f"{found}，应不少于 {LEAST_FILES}", advice)]


async def zone(site: Site) -> list[Finding]:
    """Days and hours of the hotline are Chinese ones, wherever the machine thinks it is."""
    try:
        there = ZoneInfo(ZONE).utcoffset(datetime.now())  # noqa: DTZ005  # the zone is what is asked for
    except (OSError, KeyError, ValueError):
        there = None
    if there != timedelta(hours=8):
        return [wrong("clock.zone", "时区数据", f"没有 {ZONE}", "sudo apt-get install --reinstall tzdata")]
    return [ok("clock.zone", "时区数据", ZONE)]


async def year(site: Site) -> list[Finding]:
    """A machine without a battery wakes in the past."""
    now = datetime.now(UTC)
    made = datetime.fromtimestamp(await apart(lambda: Path(hotline.__file__).stat().st_mtime), UTC)
    shown = f"{now.astimezone(ZoneInfo(ZONE)):%Y-%m-%d %H:%M}（北京时间）"
    if made - timedelta(days=1) <= now < made + timedelta(days=365 * YEARS_AHEAD):
        return [ok("clock.year", "日期", shown)]
    found = f"{shown}，与程序文件的日期 {made:%Y-%m-%d} 不符"
    return [wrong("clock.year", "日期", found, "sudo timedatectl set-time '年-月-日 时:分:秒'，再开启对时")]


async def synchronised(site: Site) -> list[Finding]:
    """What the kernel knows: whoever keeps the time (chrony, timesyncd, ntpd) tells it."""
    check, what = "clock.synchronised", "对时"
    state = await apart(_clock_state)
    if state < 0:
        return [none(check, what, "内核没有说")]
    if state == _TIME_ERROR:
        advice = "sudo timedatectl set-ntp true；内网请在 /etc/systemd/timesyncd.conf 填 NTP="
        return [warning(check, what, "本机没有与时间服务器对时", advice)]
    return [ok(check, what, "已与时间服务器同步")]


def _clock_state() -> int:
    try:
        return ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return -1


def _readiness(answer: Any) -> Finding:
    check, what = "service", "服务"
    waiting = [name for name, leading in answer["halls"].items() if not leading]
    if answer["ready"]:
        return ok(check, what, f"正在运行，就绪；大厅 {'、'.join(answer['halls'])}")
    if not answer.get("database"):
        return wrong(check, what, "正在运行，但数据库没有应答", "见上面的数据库各项；日志：journalctl -u hotline -n 50")
    found = f"正在运行，但大厅 {'、'.join(waiting)} 没有进程主持"
    return wrong(check, what, found, "是否另有一个服务在用同一个数据库？日志：journalctl -u hotline -n 50")


def _restart_due(site: Site, answer: Any) -> list[Finding]:
    """The service still runs with other halls or lines than the file names."""
    missing = [*(set(site.halls) - set(answer["halls"])), *(set(site.adapters) - set(answer["adapters"]))]
    if not missing:
        return []
    found = f"配置中的 {'、'.join(sorted(missing))} 还没有生效"
    return [warning("service.restart", "服务", found, "sudo systemctl restart hotline")]
