"""bridge: what an installer and a person on duty do with a way to another hotline: list, check, replay, reconcile,
simulate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.bridge import Bridge, BridgeAbility
from hotline.cli import bridge_peer
from hotline.cli.root import (
    FAILED,
    PARTLY,
    USAGE,
    ConfigOption,
    JsonOption,
    console,
    errors,
    fail,
    parse_day,
    run,
    settings,
    show_json,
)
from hotline.cli.words import Command, Group
from hotline.hall.work import SHANGHAI

if TYPE_CHECKING:
    from hotline.settings import Settings

bridge_app = typer.Typer(
    help="对接桥（移交给 12345、110、省平台等）", no_args_is_help=True, rich_markup_mode=None, cls=Group
)
Name = Annotated[str, typer.Argument(help="配置文件中 [bridges.名称] 的名称")]
WHYS = {
    "missing_there": "对方没有",
    "unknown_here": "我方没有",
    "state": "状态不一致",
    "number": "编号不一致",
    "twice_there": "对方重复立件",
}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    bridge_peer.register(bridge_app)
    app.add_typer(bridge_app, name="bridge")


@bridge_app.command("list", cls=Command)
def list_bridges(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """列出对接桥：等待发送、待核实、发送失败的件数，最近的失败原因，未处理的对账差异"""
    from hotline.cli.bridge_work import ways

    found = settings(config)
    bridges = _bridges(found)
    left = run(ways(found, list(bridges)))
    every = [
        {
            "name": name,
            "kind": str(found.bridges[name]["kind"]),
            "hall": found.hall_of_bridge(name),
            "abilities": sorted(bridge.abilities),
            **left[name],
        }
        for name, bridge in bridges.items()
    ]
    if as_json:
        show_json(every)
        return
    if not every:
        errors.print("配置中还没有对接桥；写法见 adapters/bridges/README.md")
    for each in every:
        counts = f"等待 {each['waiting']}  待核实 {each['in_doubt']}  失败 {each['failed']}  差异 {each['differences']}"
        console.print(f"{each['name']:<16}{each['kind']:<12}{each['hall']:<10}{counts}")
        if each["oldest_at"] is not None:
            since = each["oldest_at"].astimezone(SHANGHAI)
            console.print(
                f"  └ 最早的一件自 {since:%m-%d %H:%M} 起未送达，已试 {each['tries']} 次：{each['why'] or '尚未发送'}"
            )


@bridge_app.command("check", cls=Command)
def check(name: Name, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """逐项检查一个对接桥：设置与密钥、映射文件、能力、连通、签名、对方时钟。不会给对方立件"""
    from adapters.handover_sample import sample_package

    found = settings(config)
    bridge = _bridge(found, name)
    report = [_line(True, "设置", f"种类 {found.bridges[name]['kind']}，密钥可读")]
    missing = bridge.check(sample_package(name, datetime.now(UTC)))
    lacking = "；".join(f"{each.field}：{each.why}" for each in missing)
    report.append(_line(not missing, "映射", lacking or "样例移交单可以完整映射"))
    report += [_line(*each) for each in _able(bridge)]

    async def probe() -> list[dict[str, Any]]:
        try:
            return [_line(each.ok, each.what, each.words) for each in await bridge.probe()]
        finally:
            await bridge.close()

    report += run(probe())
    if as_json:
        show_json(report)
    else:
        for each in report:
            console.print(f"{'✓' if each['ok'] else '✗'} {each['what']}：{each['words']}")
        if BridgeAbility.CALLS_BACK in bridge.abilities:
            console.print(f"· 请对方把办理情况推送到 https://本机地址/api/v1/bridges/{name}/callback")
    if not all(each["ok"] for each in report):
        raise SystemExit(FAILED)


@bridge_app.command("replay", cls=Command)
def replay(
    name: Annotated[str | None, typer.Argument(help="对接桥（默认：全部）")] = None,
    ids: Annotated[list[int] | None, typer.Option("--id", help="只重发这一件（移交标识，可写多次）")] = None,
    reason: Annotated[str, typer.Option("--reason", help="原因，记入审计")] = "命令行重发",
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """重发“发送失败”的移交：从现在起再试三天，由运行中的服务发出。待核实的不在此列，须先由人核实"""
    from hotline.cli.bridge_work import dead_letters, replayed

    found = settings(config)
    names = list(found.bridges) if name is None else [_named(found, name)]
    dead = run(dead_letters(found, names, ids))
    if ids and (unknown := sorted(set(ids) - {each["id"] for each in dead})):
        fail(f"{'、'.join(map(str, unknown))} 不是发送失败的移交", USAGE)
    if not dead:
        if as_json:
            show_json([])
        else:
            console.print("没有发送失败的移交")
        return
    if not as_json:
        for each in dead:
            console.print(f"{each['id']:<8}{each['bridge']:<16}{each['ticket']:<28}{each['why']}")
    if not yes and not typer.confirm(f"重发这 {len(dead)} 件？", default=False):
        raise SystemExit(USAGE)
    done = run(replayed(found, dead, reason))
    if as_json:
        show_json(done)
    else:
        console.print(f"✓ {len(done)} 件已放回发送队列；服务运行时两秒内发出")


@bridge_app.command("reconcile", cls=Command)
def reconcile(
    name: Annotated[str | None, typer.Argument(help="对接桥（默认：全部能列出清单的）")] = None,
    day: Annotated[str | None, typer.Option("--date", help="哪一天（默认：昨天）")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """与对方核对一天的移交清单（服务每晚自动核对昨天）。有差异时退出码为 3"""
    from hotline.cli.bridge_work import compared

    found = settings(config)
    wanted = parse_day(day) if day else (datetime.now(SHANGHAI) - timedelta(days=1)).date()
    bridges = _bridges(found)
    if name is not None:
        bridges = {name: _bridge(found, name)}
        if BridgeAbility.LISTS not in bridges[name].abilities:
            fail(f"对接桥 {name} 的对方不能按日列出清单，无法对账", USAGE)
    able = {each: bridge for each, bridge in bridges.items() if BridgeAbility.LISTS in bridge.abilities}
    report = run(compared(found, able, wanted))
    if as_json:
        show_json(report)
    else:
        for each in report:
            if each["error"]:
                console.print(f"✗ {each['bridge']} {wanted}：取不到对方的清单：{each['error']}")
                continue
            mark = "✗" if each["found"] else "✓"
            words = f"我方 {each['ours']} 件，对方 {each['theirs']} 件，不一致 {len(each['found'])} 件"
            console.print(f"{mark} {each['bridge']} {wanted}：{words}")
            for one in each["found"]:
                both = f"我方 {one['ours'] or '—'}，对方 {one['theirs'] or '—'}"
                console.print(f"  └ {one['number']:<40}{WHYS[one['why']]}：{both}")
        if not report:
            console.print("没有能列出清单的对接桥")
    if any(each["error"] for each in report):
        raise SystemExit(FAILED)
    if any(each["found"] for each in report):
        raise SystemExit(PARTLY)


# ── what is done ──


def _bridges(found: Settings) -> dict[str, Bridge]:
    from hotline import settings_used

    return settings_used.bridges(found)


def _bridge(found: Settings, name: str) -> Bridge:
    from hotline import settings_used

    return settings_used.bridge(found, _named(found, name))


def _named(found: Settings, name: str) -> str:
    if name not in found.bridges:
        fail(f"配置中没有对接桥 {name!r}（已有：{'、'.join(found.bridges) or '无'}）", USAGE)
    return name


def _able(bridge: Bridge) -> list[tuple[bool, str, str]]:
    """What follows from what the way can do."""
    can = bridge.abilities
    told: list[tuple[bool, str, str]] = []
    if BridgeAbility.CARRIES_FILE in can:
        if BridgeAbility.DEDUPLICATES in can:
            told.append((True, "断线时", "对方按移交标识去重：自动重发，不会立两件"))
        elif BridgeAbility.CAN_ASK in can:
            told.append((True, "断线时", "先向对方查询，再决定是否重发"))
        else:
            told.append((True, "断线时", "对方不能去重，也不能查询：列为“待核实”，由人打电话核实"))
        hears = can & {BridgeAbility.CALLS_BACK, BridgeAbility.POLLED, BridgeAbility.PRINTS}
        missing = "收不到对方的办理情况：请写明 [bridges.名称.callback]、folder.inbox 或 table.in_table"
        told.append((bool(hears), "回告", "可以收到对方的办理情况" if hears else missing))
        lists = "每晚自动核对双方清单" if BridgeAbility.LISTS in can else "对方不能列出清单，无法自动对账"
        told.append((True, "对账", lists))
    return told


def _line(ok: bool, what: str, words: str) -> dict[str, Any]:
    return {"ok": ok, "what": what, "words": words}
