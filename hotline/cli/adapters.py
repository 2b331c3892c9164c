"""adapter: what an installer does with a line before it goes into service: list, check, capture, replay."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from adapters.reasons import in_chinese
from adapters.telephony import AdapterName, Ingests, Listens, Pulls, TelephonyAdapter
from hotline.calls.call import Call
from hotline.calls.numbers import mask
from hotline.cli import sound
from hotline.cli.kept import deliveries, judged
from hotline.cli.rehearse import ask_for_list, connect, listen, no_bytes, report_line, write_down
from hotline.cli.root import (
    FAILED,
    USAGE,
    ConfigOption,
    JsonOption,
    console,
    errors,
    fail,
    run,
    settings,
    show_json,
)
from hotline.cli.words import Command, Group
from hotline.hall.work import SHANGHAI
from hotline.lines.shared import shared
from hotline.settings import Settings

adapter_app = typer.Typer(help="线路", no_args_is_help=True, rich_markup_mode=None, cls=Group)
Name = Annotated[str, typer.Argument(help="配置文件中 [adapters.名称] 的名称")]
CHECK_SECONDS = 12
DAY = 86_400


def register(app: typer.Typer) -> None:
    """Add these commands."""
    sound.register(adapter_app)
    app.add_typer(adapter_app, name="adapter")


@adapter_app.command("list", cls=Command)
def list_adapters(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """列出配置的线路：种类、所属大厅、怎样收到来电"""
    found = settings(config)
    every = [
        {
            "name": str(name),
            "kind": found.adapters[name]["kind"],
            "hall": found.hall_of(name),
            "heard_by": _heard_by(adapter),
            "abilities": sorted(adapter.abilities),
            "wires": _wires(found, name),
        }
        for name, adapter in _lines(found).items()
    ]
    if as_json:
        show_json(every)
        return
    for each in shared(found.adapters):
        errors.print(f"✗ {each}")
    if not every:
        errors.print("配置中还没有线路；写法见 deploy/hotline.example.toml")
    words = {"link": "双向连接", "wire": "只听不发", "push": "网关推送"}
    for each in every:
        console.print(f"{each['name']:<16}{each['kind']:<14}{each['hall']:<10}{words[each['heard_by']]}")
        for wire in each["wires"]:
            console.print(f"  └ {wire['name']:<12}{wire['dialect']:<16}{wire['url']}")


@adapter_app.command("check", cls=Command)
def check(
    name: Name,
    seconds: Annotated[int, typer.Option("--for", help="听多少秒", min=1, max=3600)] = CHECK_SECONDS,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """打开线路听几秒，逐条报告打开、收到、识别的情况（须先停止服务：一条串口只能由一个程序打开）"""
    found = settings(config)
    _here(found, name)
    adapter = _line(found, name)
    twice = [report_line(False, name, str(each)) for each in shared(found.adapters) if each.of(name)]
    if isinstance(adapter, Listens):
        report = run(listen(adapter, seconds))
    elif isinstance(adapter, Ingests):
        words = "设置无误。网关推送的线路没有可以打开的连接：请在网关上发一次测试推送，再到控制台“线路”页看最近事件"
        report = [report_line(True, name, words)]
        if (kept := run(deliveries(found, name))) is not None:
            report += judged(adapter, kept)
        if isinstance(adapter, Pulls) and adapter.pull_seconds > 0:
            report += run(ask_for_list(adapter))
    else:
        report = run(connect(adapter, seconds))
    report = [*twice, *report]
    if as_json:
        show_json(report)
    else:
        for each in report:
            console.print(f"{'✓' if each['ok'] else '✗'} {each['what']}：{each['words']}")
    if not all(each["ok"] for each in report):
        raise SystemExit(FAILED)


@adapter_app.command("capture", cls=Command)
def capture(
    name: Name,
    out: Annotated[Path | None, typer.Option("--out", help="输出文件（默认：当前目录，名称加时间）")] = None,
    seconds: Annotated[int, typer.Option("--for", help="抓多少秒；Ctrl-C 提前结束", min=1, max=DAY)] = DAY,
    config: ConfigOption = None,
) -> None:
    """把线路上的原始字节连同时间写入文件，供 replay 使用。文件含来电号码，只有本用户可读，用完请删除"""
    from adapters.wire.trace import TraceWriter

    found = settings(config)
    _here(found, name)
    adapter = _line(found, name)
    if not isinstance(adapter, Listens):
        fail(f"线路 {name} {no_bytes(str(found.adapters[name]['kind']), name)}", USAGE)
    now = datetime.now(UTC)
    path = out or Path(f"{name}-{now.astimezone():%Y%m%d-%H%M%S}.trace")
    try:
        writer = TraceWriter(path, name, now)
    except FileExistsError:
        fail(f"文件 {path} 已存在，不会覆盖；请用 --out 另起名称", USAGE)
    except OSError as error:
        fail(f"无法写入 {path}：{error.strerror}")
    adapter.watch = lambda wire, data, at, sent: writer.write(wire, data, at, sent=sent)
    try:
        lost = run(write_down(adapter, seconds))
    finally:
        writer.close()
    if writer.stretches:
        console.print(f"✓ {path}：{writer.stretches} 段")
    else:
        path.unlink()
        console.print("✗ 没有收到任何数据，没有留下文件")
    if lost or not writer.stretches:
        raise SystemExit(FAILED)


@adapter_app.command("replay", cls=Command)
def replay(
    file: Annotated[Path, typer.Argument(help="capture 写成的文件")],
    name: Annotated[str | None, typer.Option("--adapter", help="用哪条线路的设置（默认：抓取时的那一条）")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """用线路现在的设置重放一次抓取：会成为哪些通话？不写数据库，不动设备"""
    from adapters.wire.trace import NotATrace, read_trace
    from hotline.replay import replay as run_through
    from hotline.settings_used import rules

    found = settings(config)
    try:
        header, stretches = read_trace(file)
        adapter = _line(found, name or header.adapter)
        if not isinstance(adapter, Listens):
            fail(f"线路 {adapter.name} 不是只听不发的线路，不能重放抓取", USAGE)
        hall = rules(found, _lines(found))[found.hall_of(adapter.name)]
        heard = ((each.wire, each.data, each.at) for each in stretches if not each.sent)
        made = run_through(adapter, hall, heard)
    except NotATrace as error:
        fail(str(error), USAGE)
    except OSError as error:
        fail(f"无法读取 {file}：{error.strerror}", USAGE)
    calls = [_call(each) for each in made.calls]
    if as_json:
        refused = [{"at": each.at, "reason": each.reason, "bytes": each.body.hex(" ")} for each in made.refused]
        show_json({"frames": made.frames, "facts": len(made.facts), "refused": refused, "calls": calls})
        return
    for each in made.calls:
        console.print(_told(each))
    for reason, times in Counter(each.reason for each in made.refused).most_common(10):
        errors.print(f"✗ {times} 帧未能识别：{in_chinese(reason)}")
    console.print(f"✓ {made.frames} 帧，{len(made.facts)} 条事件，{len(calls)} 通来电，{len(made.refused)} 帧未能识别")


@adapter_app.command("simulate", cls=Command)
def simulate(
    dialect: Annotated[str, typer.Argument(help="方言，如 whozz、panasonic；写错时列出全部")],
    calls: Annotated[int, typer.Option("--calls", help="多少通来电", min=1, max=100_000)] = 20,
    per_minute: Annotated[float, typer.Option("--per-minute", help="每分钟几通", min=0.1, max=6000)] = 6,
    speed: Annotated[float, typer.Option("--speed", help="振铃和通话按几倍速度进行", min=0.1, max=100)] = 1,
    tcp: Annotated[int | None, typer.Option("--tcp", help="在本机的这个 TCP 端口上（0：任选）；不写则为伪终端")] = None,
    link: Annotated[
        Path | None, typer.Option("--link", help="伪终端的固定名称（符号链接），像真设备一样；语音卡：放库的文件夹")
    ] = None,
    ledger: Annotated[Path | None, typer.Option("--ledger", help="台账：每通来电实际发生了什么，一行一个 JSON")] = None,
    seed: Annotated[int, typer.Option("--seed", help="同一种子，同样的来电")] = 1,
) -> None:
    """模拟线路另一端的设备，没有硬件也能试装：在伪终端或 TCP 端口上发出与真设备相同的字节"""
    from adapters.complaints import suggestion
    from adapters.registry import Rehearsal, plugins

    able = {name: plugin.simulate for plugin in plugins() for name in plugin.simulated}
    if (device := able.get(dialect)) is None:
        fail(f"没有方言 {dialect!r} 的模拟器{suggestion(dialect, sorted(able))}", USAGE)
    told = 0

    def tell(what: dict[str, object]) -> None:
        nonlocal told
        told += 1
        if ledger is not None:
            with ledger.open("ab") as file:
                file.write(orjson.dumps(what) + b"\n")
        if errors.is_terminal:
            errors.print(f"\r{told}/{calls} 通", end="")

    rehearsal = Rehearsal(
        dialect=dialect,
        calls=calls,
        per_minute=per_minute,
        seed=seed,
        speed=speed,
        tcp=tcp,
        link=link,
        ready=lambda address: console.print(f'url = "{address}"'),
        tell=tell,
        show=lambda lines: print(lines, flush=True),
    )
    # However it is ended, what it stands in for is unplugged: its link would soon point at somebody else's terminal.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(device(rehearsal))
    except OSError as error:
        fail(f"无法模拟：{error.strerror or error}", FAILED)
    console.print(f"✓ {told} 通来电已结束")


# ── what is done ──


def _lines(found: Settings) -> Mapping[AdapterName, TelephonyAdapter]:
    from hotline import settings_used

    return settings_used.lines(found)


def _line(found: Settings, name: str) -> TelephonyAdapter:
    if name not in found.adapters:
        fail(f"配置中没有线路 {name!r}（已有：{'、'.join(found.adapters) or '无'}）", USAGE)
    return _lines(found)[AdapterName(name)]


def _here(found: Settings, name: str) -> None:
    """Ends the command where the line's device is at an edge."""
    if name in found.adapters and (edge := found.edge_of(name)) is not None:
        fail(f"线路 {name} 的设备在边缘机 {edge} 上：请在那台设备上执行 hotline edge --check", USAGE)


def _heard_by(adapter: TelephonyAdapter) -> str:
    return "wire" if isinstance(adapter, Listens) else "push" if isinstance(adapter, Ingests) else "link"


def _wires(found: Settings, name: AdapterName) -> list[dict[str, str]]:
    wires: Mapping[str, Mapping[str, Any]] = found.adapters[name].get("wires", {})
    return [{"name": wire, "dialect": table["dialect"], "url": table["url"]} for wire, table in wires.items()]


def _call(call: Call) -> dict[str, Any]:
    """What a person may see of it."""
    return {
        "offered_at": _clock(call.offered_at),
        "port": call.port,
        "caller": mask(call.caller),
        "dialled": call.dialled,
        "answered_at": _clock(call.answered_at),
        "seat": call.answered_seat,
        "ended_at": _clock(call.ended_at),
        "outcome": call.outcome,
        "inferred": call.inferred,
    }


def _told(call: Call) -> str:
    """The same in a line."""
    from hotline.api.words import OUTCOMES

    line = f"线路 {call.port}" if call.port is not None else "线路未知"
    parts = [f"{call.offered_at.astimezone(SHANGHAI):%m-%d %H:%M:%S}", line, mask(call.caller) or "无号码"]
    if call.answered_at is not None:
        at = f"{call.answered_at.astimezone(SHANGHAI):%H:%M:%S} 接听"
        parts.append(f"{at}（{call.answered_seat}）" if call.answered_seat else at)
    if call.ended_at is not None:
        how = OUTCOMES.get(call.outcome, call.outcome) if call.outcome else ""
        parts.append(f"{call.ended_at.astimezone(SHANGHAI):%H:%M:%S} 结束：{how}{'（推断）' if call.inferred else ''}")
    else:
        parts.append("抓取结束时尚未结束")
    return "  ".join(parts)


def _clock(at: datetime | None) -> str | None:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at is not None else None
