"""edge: the box beside the hardware (边缘机), and a trial of everything that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.telephony import AdapterName, Listens, TelephonyAdapter
from hotline.cli.root import FAILED, JsonOption, console, errors, run, show_json
from hotline.cli.words import Command

if TYPE_CHECKING:
    from hotline.edge.settings import EdgeSettings

CHECK_SECONDS = 8
ANSWER_SECONDS = 10.0


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command(cls=Command)(edge)


def edge(
    config: Annotated[Path, typer.Option("--config", help="边缘机的配置文件")] = Path("edge.toml"),
    check: Annotated[bool, typer.Option("--check", help="只检查：能否连上中心、密钥、时钟、线路，然后退出")] = False,
    seconds: Annotated[int, typer.Option("--for", help="检查时每条线路听多少秒", min=1, max=3600)] = CHECK_SECONDS,
    as_json: JsonOption = False,
) -> None:
    """边缘机：在设备旁边听线路，先落盘，再经一条加密连接送到中心；中心或网络中断时不丢来电"""
    from hotline import log
    from hotline.edge import run as running
    from hotline.edge.settings import load

    settings = load(config)
    if not check:
        log.configure(settings.log)
        run(running.run(settings, config))
        return
    log.configure("text", level="CRITICAL")  # what the checks run into, they say themselves
    report = run(_check(settings, config, seconds))
    if as_json:
        show_json(report)
    else:
        for each in report:
            console.print(f"{'✓' if each['ok'] else '✗'} {each['what']}：{each['words']}")
    if not all(each["ok"] for each in report):
        errors.print("改正 ✗ 各项后再执行一次")
        raise SystemExit(FAILED)


async def _check(settings: EdgeSettings, source: Path, seconds: int) -> list[dict[str, Any]]:
    """One line for each finding; nothing is written, and an edge that runs is left alone."""
    from hotline.cli.rehearse import report_line
    from hotline.edge.run import held
    from hotline.edge.settings import lines

    adapters = lines(settings, source)
    with held(settings.state_dir) as alone:
        running = "" if alone else "；hotline edge 正在运行"
        report = [report_line(True, "配置", f"{source}：{len(adapters)} 条线路，设置无误{running}")]
        report += await _core(settings, source, list(adapters))
        for name, adapter in adapters.items():
            report += await _line(settings, name, adapter, seconds, alone=alone)
    return report


async def _core(settings: EdgeSettings, source: Path, names: list[AdapterName]) -> list[dict[str, Any]]:
    from hotline.cli.rehearse import report_line
    from hotline.clock import WallClock
    from hotline.edge.carrier import Carrier, NotConnected
    from hotline.edge.run import tls
    from hotline.edge.settings import secret_of

    secret, context = secret_of(settings, source), tls(settings, source)
    carrier = Carrier(settings.name, settings.url, secret, context, [], WallClock())
    try:
        refused = await carrier.look(names, ANSWER_SECONDS)
    except NotConnected as error:
        return [report_line(False, "中心", f"{settings.url}：{error}")]
    report = [report_line(True, "中心", f"{settings.url}：已连接，双方密钥相符")]
    report += [report_line(False, name, why) for name, why in refused.items()]
    return [*report, _clocks(carrier.ahead or 0.0)]


async def _line(
    settings: EdgeSettings, name: AdapterName, adapter: TelephonyAdapter, seconds: int, *, alone: bool
) -> list[dict[str, Any]]:
    from hotline.cli.rehearse import connect, listen, report_line
    from hotline.edge.settings import is_pushed_to

    if is_pushed_to(adapter):
        return [report_line(True, name, f"网关推送到本机 {settings.push.port} 端口的 /api/v1/gateways/{name}/events")]
    if not alone:
        return [report_line(True, name, "正由运行中的 hotline edge 使用，不另打开；状态见它的日志")]
    heard = await (listen(adapter, seconds) if isinstance(adapter, Listens) else connect(adapter, seconds))
    found: list[Mapping[str, Any]] = [*heard]
    return [{**each, "what": f"{name} {each['what']}"} for each in found]


def _clocks(ahead: float) -> dict[str, Any]:
    from hotline.cli.rehearse import report_line
    from hotline.edge.protocol import SKEW_SECONDS

    told = f"本机比中心{'快' if ahead > 0 else '慢'} {abs(ahead):.1f} 秒"
    if abs(ahead) <= SKEW_SECONDS:
        return report_line(True, "时钟", told)
    return report_line(False, "时钟", f"{told}：请在两边启用时间同步（timedatectl set-ntp true）")
