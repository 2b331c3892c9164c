"""report · verify · simulate · bench: the numbers, and whether they are true."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import orjson
import typer

from hotline.cli.root import (
    FAILED,
    USAGE,
    ConfigOption,
    HallOption,
    JsonOption,
    console,
    database_of,
    errors,
    fail,
    parse_day,
    pick_hall,
    run,
    settings,
    show_json,
)
from hotline.cli.words import Command
from hotline.reports.errors import FormatNotYet


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(cls=Command)(report)
    app.command(cls=Command)(verify)
    app.command(cls=Command)(simulate)
    app.command(cls=Command)(bench)


def report(
    day: Annotated[str | None, typer.Option("--date", help="日期，如 2026-11-21（北京时间）")] = None,
    month: Annotated[str | None, typer.Option("--month", help="月份，如 2026-11；与 --template 同用")] = None,
    template: Annotated[Path | None, typer.Option("--template", help="上级报表模板（XLSX），见 --places")] = None,
    places: Annotated[bool, typer.Option("--places", help="列出模板可用的占位符")] = False,
    hall: HallOption = None,
    form: Annotated[str, typer.Option("--format", help="json 或 xlsx")] = "json",
    out: Annotated[Path | None, typer.Option("--out", help="输出文件（默认：标准输出，xlsx 为当前目录）")] = None,
    config: ConfigOption = None,
) -> None:
    """某一天的接通率报表，含每个指标的公式、分子、分母和剔除项；或按上级模板填好的日报、月报"""
    if places:
        from hotline.reports.period import places as known

        for name, label in known().items():
            console.print(f"{{{{{name}}}}}\t{label}", markup=False, highlight=False)
        return
    if template is not None:
        _fill(template, day, month, hall, out, config)
        return
    if month is not None:
        fail("选项 --month 须与 --template 同用。", USAGE)
    if day is None:
        fail("缺少选项 --date", USAGE)
    if form in ("pdf", "html"):
        fail(str(FormatNotYet(form)), USAGE)
    if form not in ("json", "xlsx"):
        fail(f"不支持格式 {form!r}；目前支持 json 和 xlsx。", USAGE)
    from hotline.reports.answer_rate import report as make_report
    from hotline.reports.xlsx import write_xlsx

    found = settings(config)
    chosen, date = pick_hall(found, hall), parse_day(day)
    labels = {name: queue.label for name, queue in found.halls[chosen].queues.items()}

    async def work() -> dict[str, Any]:
        async with database_of(found) as database:
            return await make_report(database.engine, chosen, date, queue_labels=labels)

    made = run(work())
    if form == "xlsx":
        path = out or Path(f"{chosen}-{day}.xlsx")
        write_xlsx(made, path)
        console.print(f"✓ {path}")
    elif out is not None:
        out.write_bytes(orjson.dumps(made, option=orjson.OPT_INDENT_2) + b"\n")
        console.print(f"✓ {out}")
    else:
        show_json(made)


def _fill(
    template: Path, day: str | None, month: str | None, hall: str | None, out: Path | None, config: Path | None
) -> None:
    from hotline.reports import forms, period

    if (day is None) is (month is None):
        fail("请用 --date 或 --month 指明期间（只写一个）。", USAGE)
    try:
        asked = (
            period.month_of(month) if month else period.Period(first=parse_day(day or ""), last=parse_day(day or ""))
        )
    except ValueError:
        fail(f"月份 {month!r} 无法识别，应如 2026-11。", USAGE)
    try:
        data = template.read_bytes()
    except OSError as error:
        fail(f"模板 {template} 无法读取：{error.strerror}。", USAGE)
    found = settings(config)
    chosen = pick_hall(found, hall)

    async def work() -> dict[str, period.Value]:
        async with database_of(found) as database, database.engine.connect() as conn:
            return await period.values(conn, chosen, found.halls[chosen].label, asked, datetime.now(UTC))

    try:
        forms.check(data, period.places())
        made = forms.fill(data, run(work()))
    except forms.FormWrong as wrong:
        fail("模板有错误：\n" + "\n".join(f"  {each}" for each in wrong.faults), USAGE)
    path = out or Path(f"{template.stem}-{month or day}.xlsx")
    path.write_bytes(made)
    console.print(f"✓ {path}")


def verify(
    hall: HallOption = None,
    since: Annotated[str | None, typer.Option("--since", help="只核对此时间之后（ISO-8601，默认全部）")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """用独立代码核对存储的历史：每通来电一个结果、一张工单，坐席不重叠，报表可复算……"""
    from hotline.verify import as_json as verdict_json
    from hotline.verify import as_text as verdict_text
    from hotline.verify import verify as check_history

    found = settings(config)
    if hall is not None:
        pick_hall(found, hall)
    start = _instant(since) if since else None

    async def work() -> Any:
        async with database_of(found) as database:
            progress = None if as_json or not errors.is_terminal else lambda name: errors.print(f"  {name} …")
            return await check_history(database.url, hall=hall, since=start, progress=progress)

    verdict = run(work())
    if as_json:
        show_json(verdict_json(verdict))
    else:
        console.print(verdict_text(verdict), markup=False)
    if not verdict.ok:
        raise SystemExit(FAILED)


def simulate(
    hours: Annotated[float, typer.Option("--hours", min=0.01, max=744)] = 24,
    seats: Annotated[int, typer.Option("--seats", min=1, max=2000)] = 40,
    calls: Annotated[int, typer.Option("--calls", min=0, max=1_000_000)] = 3000,
    seed: Annotated[int, typer.Option("--seed")] = 7,
    as_json: JsonOption = False,
) -> None:
    """在虚拟时间里用同一套派发规则跑完一天，打印当天数据（同样参数，同样结果）"""
    from hotline.simulate import SimulationPlan, as_table, simulate_day

    figures = simulate_day(SimulationPlan(hours=hours, seats=seats, calls=calls, seed=seed))
    if as_json:
        show_json(msgspec.to_builtins(figures))
    else:
        console.print(as_table(figures), markup=False)


def bench(
    only: Annotated[str | None, typer.Option("--only", help="只测这些（逗号分隔）")] = None,
    as_json: JsonOption = False,
) -> None:
    """性能数据：每行一个指标，三次取中位数，注明其他进程占用的 CPU"""
    from hotline.bench.root import run_bench

    rows = run(run_bench(only.split(",") if only else None, show=None if as_json else console.print))
    if as_json:
        show_json(rows)


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"时间 {text!r} 应形如 2026-11-21T08:00:00+08:00", USAGE)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
