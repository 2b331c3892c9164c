"""`make demo`: a living hall without hardware: real service, database and console; simulated callers and lawyers.

Everything is written below the state directory, so that `hotline verify`, `report` and the rest find it afterwards.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
from rich.console import Console

from adapters.gateway_push.simulator import simulate as run_gateway
from adapters.simulated.adapter import SimulatedAdapter
from hotline.audit.trail import Doer
from hotline.demo_bridges import DemoBridges
from hotline.demo_offices import HANDLERS, found
from hotline.demo_sms import DemoSms
from hotline.directory import things
from hotline.hall.hall import Hall
from hotline.hall.inputs import Actor, DefineSeat, SignIn
from hotline.hall.writer import CommandRefused
from hotline.knowledge.items import Pen
from hotline.knowledge.seed import plant
from hotline.people import accounts
from hotline.people.accounts import AccountRefused
from hotline.people.passwords import Passwords
from hotline.people.permissions import Role
from hotline.runtime import Runtime
from hotline.serve import address, serve
from hotline.settings import Settings, load
from hotline.tickets import categories
from hotline.verify import as_text, verify
from seats.seat import SeatNo

if TYPE_CHECKING:
    from hotline.demo_asterisk import AsteriskDemo

HALL: Final = "demo"
GATEWAY: Final = "gw-1"
SIMULATED: Final = "sim-1"
DRAIN_SECONDS: Final = 20.0

LAWYERS: Final = (
    "陈立新",
    "王雅琴",
    "刘建国",
    "张晓梅",
    "李文博",
    "赵海燕",
    "孙志强",
    "周丽华",
    "吴国栋",
    "郑秀英",
    "黄启明",
    "徐静",
)
ROBOTS: Final = 9
"""The first lawyers are simulated; the last three desks wait for a newcomer."""
OTHERS: Final = (
    ("9001", "何班长", Role.SUPERVISOR),
    ("9100", "林管理员", Role.ADMINISTRATOR),
    ("9200", "马审计员", Role.AUDITOR),
)
QUEUES: Final = ("general", "labour", "family")

TOML: Final = """\
# Written by `hotline demo`; rewritten at every start.
[service]
port = {port}
state_dir = "{state}"

[halls.demo]
label = "示范市公共法律服务中心"
default_queue = "general"
missing_after_seconds = 12
greeting = "greeting"
parting = {{ timed_out = "sorry", queue_full = "sorry", no_seat = "closed" }}

[halls.demo.menu]
prompt = "menu"
keys = {{ 1 = "labour", 2 = "family", 0 = "general" }}
seconds = 5

[halls.demo.queues.general]
label = "综合咨询"
groups = ["general"]
max_wait_seconds = 180
wrap_seconds = 20

[halls.demo.queues.labour]
label = "劳动争议"
strategy = "last-lawyer-first"
groups = ["labour"]
widening = [{{ after_seconds = 15, groups = ["general"] }}]
max_wait_seconds = 180
wrap_seconds = 20

[halls.demo.queues.family]
label = "婚姻家庭"
strategy = "spread-evenly"
groups = ["family"]
widening = [{{ after_seconds = 15, groups = ["general"] }}]
max_wait_seconds = 180
wrap_seconds = 20

[adapters.gw-1]
kind = "gateway-push"
dialect = "standard"
secrets = ["file:{state}/demo-secrets/gw-1"]
"""


async def run_demo(*, state_dir: Path, port: int, seconds: int | None, asterisk: bool) -> bool:
    """Run the demo hall until Ctrl-C, or for some seconds. True when `verify` finds nothing wrong."""
    show = Console(highlight=False, soft_wrap=True)
    if asterisk:
        from hotline.demo_asterisk import asterisk_rig

        async with asterisk_rig(state_dir, ROBOTS, len(LAWYERS) - ROBOTS, show) as rig:
            return await _run(state_dir, port, seconds, show, rig)
    return await _run(state_dir, port, seconds, show, None)


async def _run(state_dir: Path, port: int, seconds: int | None, show: Console, rig: AsteriskDemo | None) -> bool:
    settings, password, bridges, sms = _prepare(state_dir.absolute(), port, rig)
    verdicts: list[bool] = []

    async def prepare(runtime: Runtime) -> None:
        runtime.demo_accounts = await _seed(runtime, password)
        _write_facts(settings, runtime.demo_accounts)

    async def started(runtime: Runtime) -> None:
        await _fill(runtime, rig)
        _welcome(show, settings, runtime.demo_accounts or [])
        stop = asyncio.Event()
        gateway = asyncio.create_task(_push(settings, stop, runtime.halls[HALL]), name="gateway simulator")
        callers = asyncio.create_task(rig.callers(stop), name="sipp callers") if rig is not None else None
        others = [
            asyncio.create_task(bridges.run(address(settings)), name="receivers"),
            asyncio.create_task(sms.run(address(settings)), name="SMS gateway"),
        ]
        try:
            if seconds is None:
                await asyncio.Event().wait()
            await asyncio.sleep(seconds or 0)
            verdicts.append(await _finish(runtime, stop, gateway, callers, rig, show))
        finally:
            for each in others:
                each.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    robots = [f"{n:02d}" for n in range(1, ROBOTS + 1)]
    began = time.monotonic()
    await serve(settings, migrate=True, unattended=robots, prepare=prepare, started=started)
    if seconds is None:
        show.print(
            f"\n演示结束（运行 {time.monotonic() - began:.0f} 秒）。数据保留在 {state_dir}/，下次启动会继续使用。"
        )
        return True
    return bool(verdicts and all(verdicts))


def _prepare(state_dir: Path, port: int, rig: AsteriskDemo | None) -> tuple[Settings, str, DemoBridges, DemoSms]:
    """Write the settings and the secrets; the password of the demo accounts stays the same from run to run."""
    folder = state_dir / "demo-secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _secret(folder / "gw-1", lambda: "whsec_" + _base64(secrets.token_bytes(32)))
    for name in ("city", "sms"):
        _secret(folder / name, lambda: "whsec_" + _base64(secrets.token_bytes(32)))
    bridges = DemoBridges(folder / "city", state_dir / "demo-12345", state_dir / "demo-province")
    sms = DemoSms(folder / "sms", state_dir / "demo-sms")
    password = _secret(folder / "password", lambda: f"demo-{secrets.randbelow(10**6):06d}")
    text = TOML.format(port=port, state=state_dir)
    text += rig.adapter_toml() if rig is not None else _simulated_toml()
    text += bridges.toml() + sms.toml()
    path = state_dir / "demo.toml"
    path.write_text(text, encoding="utf-8")
    return load(path), password, bridges, sms


def _simulated_toml() -> str:
    robots = ", ".join(f'"1{n:03d}"' for n in range(1, ROBOTS + 1))
    return f"""
[adapters.{SIMULATED}]
kind = "simulated"
lawyers = [{robots}]
calls_per_hour = 280.0
workday = false
mean_talk_seconds = 55.0
mean_patience_seconds = 240.0
prompts = {{ greeting = 4.0, menu = 3.0, sorry = 4.0, closed = 4.0 }}
"""


async def _seed(runtime: Runtime, password: str) -> list[dict[str, str]]:
    """The accounts, the category tree, the first knowledge; what exists already stays as it is."""
    doer, passwords, now = Doer(account="demo", work_number="demo"), Passwords(), runtime.clock.now()
    people = [(f"1{n:03d}", name, Role.OPERATOR, "") for n, name in enumerate(LAWYERS, 1)]
    people += [(number, name, role, "") for number, name, role in OTHERS]
    people += [(number, name, Role.HANDLER, unit) for number, name, unit in HANDLERS]
    async with runtime.database.engine.begin() as conn:
        await found(conn, things.Pen(hall=HALL, doer=doer, now=now))
    async with runtime.database.engine.connect() as conn:
        known = {each.work_number for each in await accounts.of_hall(conn, HALL)}
    for work_number, name, role, unit in people:
        if work_number in known:
            continue
        with contextlib.suppress(AccountRefused):
            async with runtime.database.engine.begin() as conn:
                await accounts.create(
                    conn,
                    passwords,
                    hall=HALL,
                    work_number=work_number,
                    name=name,
                    role=role,
                    unit=unit,
                    password=password,
                    must_change=False,
                    now=now,
                    doer=doer,
                )
    async with runtime.database.engine.begin() as conn:
        await categories.ensure_default(conn, now=now)
        reviewer = Doer(account="demo-reviewer", work_number="demo")
        await plant(conn, Pen(hall=HALL, doer=doer, now=now), Pen(hall=HALL, doer=reviewer, now=now))
    newcomers = [(f"1{n:03d}", LAWYERS[n - 1], Role.OPERATOR) for n in range(ROBOTS + 1, len(LAWYERS) + 1)]
    return [
        {"work_number": number, "name": name, "role": role.value, "password": password}
        for number, name, role in [*newcomers, *OTHERS, *((each[0], each[1], Role.HANDLER) for each in HANDLERS)]
    ]


async def _fill(runtime: Runtime, rig: AsteriskDemo | None) -> None:
    """Desks, and simulated lawyers at most of them. What is there from the last run stays."""
    hall = runtime.halls[HALL]
    while not hall.leading:
        await asyncio.sleep(0.05)
    async with runtime.database.engine.connect() as conn:
        ids = {each.work_number: each.id for each in await accounts.of_hall(conn, HALL)}
    demo = Actor(account="demo", work_number="demo")
    for n, name in enumerate(LAWYERS, 1):
        number, work_number = SeatNo(f"{n:02d}"), f"1{n:03d}"
        groups = ("general", QUEUES[1 + n % 2])
        with contextlib.suppress(CommandRefused):
            extension = work_number if rig is None else rig.extension(n, ROBOTS)
            await hall.ask(DefineSeat(seat=number, extension=extension, groups=groups), demo)
        if n <= ROBOTS:
            actor = Actor(account=ids[work_number], work_number=work_number, name=name)
            with contextlib.suppress(CommandRefused):
                await hall.ask(SignIn(seat=number, phone_kind="simulated" if rig is None else "desk"), actor)


async def _push(settings: Settings, stop: asyncio.Event, hall: Hall) -> None:
    """The gateway simulator, over real HTTP with real signatures."""
    folder = settings.service.state_dir / "demo-secrets"
    seed = int(time.time())
    broken_off = [call.key for call in hall.state.calls.values() if call.adapter == GATEWAY]
    while not stop.is_set():
        seed += 1
        await run_gateway(
            f"{address(settings)}api/v1/gateways/{GATEWAY}/events",
            secret=(folder / "gw-1").read_text().strip(),
            calls_per_second=0.08,
            max_calls=500,
            max_seconds=3600,
            drain_seconds=DRAIN_SECONDS / 2,
            seed=seed,
            name=f"{GATEWAY}-{seed}",
            ledger=settings.service.state_dir / "demo-gateway.jsonl",
            broken_off=broken_off,
            stop=stop,
        )


async def _finish(
    runtime: Runtime,
    stop: asyncio.Event,
    gateway: asyncio.Task[None],
    callers: asyncio.Task[None] | None,
    rig: AsteriskDemo | None,
    show: Console,
) -> bool:
    """No new callers; let live calls end; then check everything by independent code."""
    hall = runtime.halls[HALL]
    show.print("\n停止新的来电，等待在途通话结束……")
    stop.set()
    for adapter in runtime.adapters.values():
        if isinstance(adapter, SimulatedAdapter):
            await adapter.drain(DRAIN_SECONDS - 5)
    deadline = time.monotonic() + DRAIN_SECONDS
    while hall.state.calls and time.monotonic() < deadline:
        if rig is not None and time.monotonic() > deadline - DRAIN_SECONDS / 2:
            await rig.hang_up()
        await asyncio.sleep(0.1)
    for task in (gateway, callers):
        if task is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(task, 5)
    live: Mapping[str, set[str]] = {
        name: {status.call for status in await adapter.ports()}
        for name, adapter in hall.adapters.items()
        if "reports_ports" in adapter.abilities
    }
    verdict = await verify(runtime.database.url, hall=HALL, live=live)
    today = hall.hub.today.figures()
    rate = f"{today.answer_rate:.1%}" if today.answer_rate is not None else "—"
    show.print(
        f"今日：呼入 {today.offered}，接通 {today.answered}，放弃 {today.abandoned}，接通率 {rate}；"
        f"仍在线 {len(hall.state.calls)}"
    )
    show.print(as_text(verdict), markup=False)
    return verdict.ok


def _write_facts(settings: Settings, people: list[dict[str, str]]) -> None:
    facts = {
        "address": address(settings),
        "hall": HALL,
        "accounts": people,
        "gateway": {"adapter": GATEWAY, "events": f"{address(settings)}api/v1/gateways/{GATEWAY}/events"},
        "pid": os.getpid(),
        "started_at": datetime.now(UTC).isoformat(),
    }
    path = settings.service.state_dir / "demo.json"
    path.touch(mode=0o600)
    path.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))


def _welcome(show: Console, settings: Settings, people: list[dict[str, str]]) -> None:
    show.print(f"\n演示大厅已就绪：{address(settings)}\n")
    labels = {
        "operator": "值班律师",
        "supervisor": "班长",
        "administrator": "管理员",
        "auditor": "审计员",
        "handler": "承办人",
    }
    for each in people:
        show.print(f"  工号 {each['work_number']}  密码 {each['password']}  {each['name']}（{labels[each['role']]}）")
    show.print("\n以律师登录并签入坐席即可接听下一位来电；以班长登录可看到整个大厅。Ctrl-C 结束。")


def _secret(path: Path, make: Any) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make(), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
