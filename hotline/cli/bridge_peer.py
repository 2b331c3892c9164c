"""bridge simulate: be the other side (演练对端), for the rehearsal of both sides before they are joined."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from hotline.cli.root import USAGE, console, fail, run
from hotline.cli.words import Command


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("simulate", cls=Command)(simulate)


def simulate(
    state: Annotated[Path, typer.Option("--state", help="对端的台账和文件所在目录")] = Path("peer-state"),
    scenario: Annotated[
        Path | None, typer.Option("--scenario", help="剧本文件（TOML），见 adapters/bridges/peer.md")
    ] = None,
    port: Annotated[int, typer.Option("--port", help="本机端口（0：任选）", min=0, max=65535)] = 0,
    callback: Annotated[
        str, typer.Option("--callback", help="回告地址，如 http://127.0.0.1:8348/api/v1/bridges/city/callback")
    ] = "",
    secret: Annotated[
        str | None, typer.Option("--secret", help="签名密钥的引用：file:路径 或 env:变量名；不写则不核对签名")
    ] = None,
    folder: Annotated[bool, typer.Option("--folder", help="同时收落地文件：STATE/to-peer、STATE/from-peer")] = False,
    table: Annotated[
        str | None, typer.Option("--table", help="同时收中间表：数据库地址的引用（file: 或 env:）")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option("--fault", help="故障及比例，可写多次，如 lose_ack=0.3；写错时列出全部")
    ] = None,
    return_first: Annotated[bool, typer.Option("--return-first", help="每张工单第一次退回，第二次接收")] = False,
    no_dedupe: Annotated[bool, typer.Option("--no-dedupe", help="同一移交标识收到两次就立两件")] = False,
    hand_in: Annotated[
        int, typer.Option("--hand-in", help="向我方转入多少件（须写 --callback）", min=0, max=10_000)
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="同一种子，同样的故障")] = 1,
) -> None:
    """运行演练对端：扮演对方收移交单、回告、按剧本出错，自有台账（浏览器打开所示地址）。供双方联调前演练"""
    from adapters import bridge_registry
    from adapters.bridge_registry import PeerRun
    from hotline.settings_used import secret as read

    over: dict[str, Any] = {"seed": seed, "hand_in": hand_in}
    over |= {"return_first": True} if return_first else {}
    over |= {"deduplicates": False} if no_dedupe else {}
    over |= {"faults": dict(_share(each) for each in fault)} if fault else {}
    play = PeerRun(
        state=state,
        scenario=scenario,
        over=over,
        port=port,
        secret=read(secret) if secret else "",
        callback=callback,
        folder=folder,
        table=read(table) if table else "",
        ready=lambda address: console.print(f"演练对端：{address}（台账页即此地址，JSON 在 /ledger）"),
        tell=lambda entry: print(orjson.dumps(entry).decode(), flush=True),
    )
    device = bridge_registry.find("line12345").simulate
    assert device is not None
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(device(play))
    except OSError as error:
        fail(f"无法运行演练对端：{error.strerror or error}")


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    try:
        return name.strip().replace("-", "_"), float(share or "1")
    except ValueError:
        fail(f"--fault {text!r} 应形如 lose_ack=0.3", USAGE)
