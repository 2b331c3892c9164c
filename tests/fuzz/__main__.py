"""`python -m tests.fuzz` (`make fuzz`): every parser, each in a process of its own; findings and figures.

Ends with 1 when there was a finding. `--replay FILE` executes one input again, `--list` names the parsers.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Final

import msgspec

from tests.fuzz import findings
from tests.fuzz.engine import Figures, Finding, Fuzzer, replayed, under_way
from tests.fuzz.table import table
from tests.fuzz.target import Target

RUNS: Final = 11_000_000
MINUTES: Final = 45.0
JOBS: Final = 2
MEMORY_BYTES: Final = 4 << 30
"""Of one process: who asks for more has let himself be told a length."""
SLACK: Final = 3.0
"""A target may take so many times its part of the time, as long as there is any left."""


def main(arguments: list[str] | None = None, known: Callable[[], dict[str, Target]] = table) -> int:
    """The command."""
    asked = _arguments(arguments)
    targets = known()
    if asked.list:
        print("\n".join(targets))
        return 0
    if asked.replay is not None:
        return _replay(asked.replay, targets)
    names = [name.strip() for name in asked.only.split(",")] if asked.only else list(targets)
    if unknown := [name for name in names if name not in targets]:
        print(f"没有名为 {'、'.join(unknown)} 的对象；可用：{'、'.join(targets)}", file=sys.stderr)
        return 2
    if asked.worker:
        return _work(targets[names[0]], asked)
    return _all([targets[name] for name in names], asked)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="以任意字节测试所有解析器")
    parser.add_argument("--only", default="", help="只测这些对象，以逗号分隔")
    parser.add_argument("--runs", type=int, default=RUNS, help="总执行次数")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="最长时间")
    parser.add_argument("--jobs", type=int, default=JOBS, help="同时运行的进程数")
    parser.add_argument("--seed", type=int, default=1, help="随机数种子")
    parser.add_argument("--folder", type=Path, default=Path("var/fuzz"), help="结果目录")
    parser.add_argument("--replay", type=Path, help="重新执行一个输入文件")
    parser.add_argument("--list", action="store_true", help="列出对象")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


# ── all of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _all(targets: list[Target], asked: argparse.Namespace) -> int:
    folder: Path = asked.folder.absolute()
    (folder / "under-way").mkdir(parents=True, exist_ok=True)
    began, shares = time.monotonic(), sum(each.share for each in targets)
    until = began + asked.minutes * 60
    print(f"{'对象':18}{'执行次数':>10}{'每秒':>9}{'语料':>6}{'行':>6}{'步':>6}{'最慢 ms':>8}  发现", flush=True)

    def one(target: Target) -> Figures:
        part = target.share / shares
        seconds = min(until - time.monotonic(), SLACK * asked.minutes * 60 * asked.jobs * part)
        return _in_a_process(target, max(1, round(asked.runs * part)), seconds, folder, asked.seed)

    told = list[Figures]()
    with ThreadPoolExecutor(asked.jobs) as pool:
        for done in as_completed([pool.submit(one, each) for each in targets]):
            told.append(done.result())
            print(_row(told[-1]), flush=True)
            for finding in told[-1].findings:
                print(f"    ✗ {finding.kind}  {findings.keep(folder, finding)}", flush=True)
    executions, found = sum(each.executions for each in told), sum(len(each.findings) for each in told)
    took, slowest = time.monotonic() - began, max(each.slowest_ms for each in told)
    print(f"共执行 {executions:,} 次，{len(told)} 个对象，{took:.0f} 秒；最慢 {slowest:.1f} ms；发现 {found} 个问题")
    if executions < asked.runs * 0.99:
        print(f"时间已到：未达到 {asked.runs:,} 次，可加大 --minutes")
    return 1 if found else 0


def _row(told: Figures) -> str:
    rate = told.executions / max(told.seconds, 1e-9)
    figures = f"{told.executions:>12,}{rate:>11,.0f}{told.corpus:>8}{told.lines:>7}{told.arcs:>7}"
    return f"{told.target:20}{figures}{told.slowest_ms:>10.1f}  {len(told.findings) or ''}"


def _in_a_process(target: Target, runs: int, seconds: float, folder: Path, seed: int) -> Figures:
    command = [sys.executable, "-m", "tests.fuzz", "--worker", "--only", target.name, "--runs", str(runs)]
    command += ["--minutes", str(max(0.0, seconds) / 60), "--folder", str(folder), "--seed", str(seed)]
    ended = subprocess.run(command, capture_output=True, check=False)
    with contextlib.suppress(msgspec.DecodeError):
        if ended.returncode == 0:
            return msgspec.json.decode(ended.stdout, type=Figures)
    box = folder / "under-way" / target.name
    data = under_way(box) if box.exists() else b""
    detail = ended.stderr.decode("utf-8", "replace")[-4000:]
    wrong = Finding(target=target.name, kind=f"process-ended-{ended.returncode}", data=data, detail=detail)
    return Figures(target=target.name, findings=[wrong])


# ── one of them, in its process ──────────────────────────────────────────────────────────────────────────────────────


def _work(target: Target, asked: argparse.Namespace) -> int:
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    parent = os.getppid()

    def still_wanted(figures: Figures) -> None:
        if os.getppid() != parent:
            sys.exit(3)

    fuzzer = Fuzzer(target, asked.seed, asked.folder / "under-way" / target.name)
    earlier = findings.kept(asked.folder, target.name)
    figures = fuzzer.run(asked.runs, seconds=asked.minutes * 60, corpus=earlier, tell=still_wanted)
    findings.keep_corpus(asked.folder, target.name, fuzzer.corpus)
    sys.stdout.buffer.write(msgspec.json.encode(figures))
    return 0


def _replay(path: Path, targets: dict[str, Target]) -> int:
    try:
        target = findings.target_of(path, targets)
    except KeyError:
        print(f"{path}：文件名应以对象名和 ~ 开头；可用：{'、'.join(targets)}", file=sys.stderr)
        return 2
    wrong, took = replayed(target, path.read_bytes())
    print(f"{target.name}：{took * 1000:.1f} ms" + (f"\n{wrong.kind}\n{wrong.detail}" if wrong else "，没有问题"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
