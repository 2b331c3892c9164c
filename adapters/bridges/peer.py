"""The other side of a bridge (演练对端): a receiver with a ledger of its own, which refuses, delays, loses, repeats and
talks rubbish as a scenario says. For our tests, for rehearsals, and for the vendor on the other side (see `peer.md`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from adapters.bridge_registry import PeerRun
from adapters.bridges.peer_desk import Desk
from adapters.bridges.peer_files import FolderSide
from adapters.bridges.peer_handing import HandingIn
from adapters.bridges.peer_http import app_of
from adapters.bridges.peer_ledger import Ledger
from adapters.bridges.peer_news import Lay, Teller
from adapters.bridges.peer_rows import TableSide
from adapters.bridges.peer_scenario import Fault, Scenario, read_scenario
from adapters.bridges.peer_serving import listening
from adapters.errors import Misconfigured


async def run_peer(run: PeerRun) -> None:
    """Be the receiver until cancelled. Raises `Misconfigured`."""
    scenario = read_scenario(run.scenario, run.over)
    run.state.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        ledger = Ledger(run.state / "ledger.sqlite", told=run.tell)
        stack.callback(ledger.close)
        desk = Desk(ledger, scenario)
        ways: dict[str, Lay] = {}
        sides: list[FolderSide | TableSide] = []
        if run.folder:
            folder = FolderSide(desk, run.state)
            ways["folder"] = folder.lay
            sides.append(folder)
        if run.table:
            table = TableSide(desk, run.table)
            stack.push_async_callback(table.close)
            await table.make()
            ways["table"] = table.lay
            sides.append(table)
        async with asyncio.TaskGroup() as tasks:
            for side in sides:
                tasks.create_task(side.run())
            tasks.create_task(Teller(desk, callback=run.callback, secret=run.secret, ways=ways).run())
            if scenario.hand_in and run.callback:
                tasks.create_task(HandingIn(desk, callback=run.callback, secret=run.secret).run())
            tasks.create_task(_serve(desk, scenario, run))


async def _serve(desk: Desk, scenario: Scenario, run: PeerRun) -> None:
    app, port, told = app_of(desk, run.secret), run.port, False
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for down in [*sorted(scenario.down, key=lambda each: each.after_seconds), None]:
        async with listening(app, port) as port:
            if not told:
                run.ready(f"http://127.0.0.1:{port}")
                told = True
            if down is None:
                await loop.create_future()
            else:
                await asyncio.sleep(max(0.0, begun + down.after_seconds - loop.time()))
        if down is not None:
            desk.ledger.note(f"停机 {down.for_seconds:g} 秒", desk.now())
            await asyncio.sleep(down.for_seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; the secret comes from an environment variable, never from an argument others could read."""
    parser = argparse.ArgumentParser(prog="python -m adapters.bridges.peer", description="演练对端")
    parser.add_argument("--state", type=Path, default=Path("peer-state"), help="台账和文件所在目录")
    parser.add_argument("--scenario", type=Path, help="剧本文件（TOML）")
    parser.add_argument("--port", type=int, default=0, help="本机端口（0：任选）")
    parser.add_argument(
        "--callback", default="", help="回告地址，如 http://127.0.0.1:8348/api/v1/bridges/city/callback"
    )
    parser.add_argument("--secret-env", default="HOTLINE_PEER_SECRET", help="存放签名密钥（whsec_…）的环境变量名")
    parser.add_argument("--folder", action="store_true", help="同时收落地文件：STATE/to-peer、STATE/from-peer")
    parser.add_argument("--table-env", default="", help="存放中间表数据库地址的环境变量名")
    parser.add_argument("--ledger", action="store_true", help="只打印台账（JSON），不运行")
    parser.add_argument("--no-dedupe", action="store_true", help="同一移交标识收到两次就立两件")
    parser.add_argument("--return-first", action="store_true", help="每张工单第一次退回，第二次接收")
    parser.add_argument("--hand-in", type=int, help="向对方转入多少件")
    parser.add_argument("--seed", type=int, help="随机种子")
    for fault in Fault:
        parser.add_argument(f"--{fault.value.replace('_', '-')}", type=float, metavar="SHARE", help="故障比例 0–1")
    given = parser.parse_args(arguments)
    if given.ledger:
        ledger = Ledger(given.state / "ledger.sqlite")
        print(json.dumps(ledger.everything(), ensure_ascii=False, indent=2))
        ledger.close()
        return 0
    run = PeerRun(
        state=given.state,
        scenario=given.scenario,
        over=_over(given),
        port=given.port,
        secret=os.environ.get(given.secret_env, ""),
        callback=given.callback,
        folder=given.folder,
        table=os.environ.get(given.table_env, "") if given.table_env else "",
        ready=lambda address: print(f"演练对端：{address}（台账页即此地址，JSON 在 /ledger）", flush=True),
        tell=lambda entry: print(json.dumps(entry, ensure_ascii=False), flush=True),
    )
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(run_peer(run))
    except Misconfigured as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _over(given: argparse.Namespace) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if given.no_dedupe:
        more["deduplicates"] = False
    if given.return_first:
        more["return_first"] = True
    if given.hand_in is not None:
        more["hand_in"] = given.hand_in
    if given.seed is not None:
        more["seed"] = given.seed
    faults = {fault.value: getattr(given, fault.value) for fault in Fault if getattr(given, fault.value) is not None}
    if faults:
        more["faults"] = faults
    return more


if __name__ == "__main__":
    sys.exit(main())
