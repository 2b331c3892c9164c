"""doctor: what an installer runs on a new machine, or on one in trouble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import typer

from hotline.cli.root import (
    FAILED,
    ConfigOption,
    HallOption,
    JsonOption,
    console,
    pick_hall,
    run,
    settings,
    show_json,
)
from hotline.cli.words import Command
from hotline.doctor import Finding, Site, State, examine
from hotline.settings import SettingsWrong, config_file

MARKS: Mapping[State, str] = {State.OK: "✓", State.WRONG: "✗", State.WARNING: "!", State.NONE: "–"}


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command(cls=Command)(doctor)


def doctor(config: ConfigOption = None, hall: HallOption = None, as_json: JsonOption = False) -> None:
    """逐项检查本机能否运行服务，有问题时说明怎么办（只看不改，服务运行时也可执行；请用 root）"""
    from hotline import log

    try:
        found = settings(config)
    except SettingsWrong as error:
        readable = config.is_file() if config is not None else config_file().is_file()
        site = Site.partly(str(error), readable=readable, hall=hall)
    else:
        site = Site.whole(found, pick_hall(found, hall) if hall else None)
    log.configure("text", level="CRITICAL")  # what the checks run into, they say themselves
    report = run(examine(site))
    every = [line for lines in report.values() for line in lines]
    if as_json:
        keys = ("check", "state", "found", "advice")
        show_json([{key: getattr(line, key) for key in keys} for line in every])
    else:
        _print(report, every)
    if any(line.state is State.WRONG for line in every):
        raise SystemExit(FAILED)


def _print(report: Mapping[str, Sequence[Finding]], every: Sequence[Finding]) -> None:
    for heading, lines in report.items():
        console.print(f"── {heading} ──")
        for line in lines:
            console.print(f"{MARKS[line.state]} {line.what}：{line.found}")
            if line.advice and line.state is not State.OK:
                console.print(f"    → {line.advice}")
    wrong, warnings = (sum(line.state is each for line in every) for each in (State.WRONG, State.WARNING))
    if wrong or warnings:
        console.print(f"\n{wrong} 项须处理（✗），{warnings} 项请留意（!）")
    else:
        console.print("\n全部正常")
