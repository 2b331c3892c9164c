"""serve · migrate · demo: running the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hotline.cli.root import FAILED, ConfigOption, JsonOption, console, database_of, errors, run, settings, show_json
from hotline.cli.words import Command


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(cls=Command)(serve)
    app.command(cls=Command)(migrate)
    app.command(cls=Command)(demo)


def serve(config: ConfigOption = None) -> None:
    """启动服务（前台运行，Ctrl-C 或 SIGTERM 停止）"""
    from hotline import log

    found = settings(config)  # first: whoever misspelt a key need not wait for the rest
    from hotline.lines.shared import shared
    from hotline.serve import serve as serve_forever

    for each in shared(found.adapters):  # told, not refused: the other lines can be served
        errors.print(f"✗ {each}")
    log.configure(found.service.log)
    run(serve_forever(found))


def migrate(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """把数据库结构升级到程序需要的版本（可重复执行）"""
    found = settings(config)

    async def work() -> tuple[str | None, str | None]:
        async with database_of(found, check_schema=False) as database:
            return await database.migrate()

    before, after = run(work())
    if as_json:
        show_json({"before": before, "after": after})
    else:
        console.print(
            f"✓ 数据库结构：{before or '空'} → {after}" if before != after else f"✓ 数据库结构已是最新（{after}）"
        )


def demo(
    seconds: Annotated[int | None, typer.Option("--for", help="运行若干秒后停止来电、收尾并核对", min=1)] = None,
    asterisk: Annotated[bool, typer.Option("--asterisk", help="接真实的 Asterisk 与 SIPp 来电")] = False,
    port: Annotated[int, typer.Option("--port", help="控制台端口")] = 8348,
    state: Annotated[Path, typer.Option("--state", help="状态目录")] = Path("var"),
) -> None:
    """演示大厅：模拟来电、模拟网关和控制台，不需要任何硬件"""
    from hotline import log
    from hotline.demo import run_demo

    log.configure("auto", level="WARNING")
    ok = run(run_demo(state_dir=state, port=port, seconds=seconds, asterisk=asterisk))
    if not ok:
        raise SystemExit(FAILED)
