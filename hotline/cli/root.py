"""The root of the command line, and what all commands share: settings, errors, output.

What a command needs of the service is imported by the command: `hotline simulate` must not wait for a web server.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import orjson
import typer
import uvloop
from rich.console import Console
from typer.exceptions import TyperException

from hotline.cli import words

if TYPE_CHECKING:
    from hotline.settings import Settings
    from hotline.store.engine import Database

OK, FAILED, USAGE, PARTLY, NOT_READY = range(5)

T = TypeVar("T")
app = typer.Typer(
    name="hotline",
    help="12348 公共法律服务热线",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    cls=words.Group,
)
# Without markup: `[adapters.card-1]` is a table of the settings, not a colour.
console = Console(highlight=False, soft_wrap=True, markup=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)

ConfigOption = Annotated[Path | None, typer.Option("--config", help="配置文件（默认 ./hotline.toml）")]
JsonOption = Annotated[bool, typer.Option("--json", help="以 JSON 输出")]
HallOption = Annotated[str | None, typer.Option("--hall", help="大厅（默认：唯一的或第一个大厅）")]


def main() -> None:
    """Entry point."""
    from hotline.cli import edge, figures, service

    service.register(app)
    edge.register(app)
    if not {"simulate", "bench", "edge"} & set(sys.argv[1:2]):  # these need no database library
        from hotline.cli import adapters, bridges, doctor, people, seats

        adapters.register(app)
        bridges.register(app)
        doctor.register(app)
        people.register(app)
        seats.register(app)
    figures.register(app)
    try:
        sys.exit(app(standalone_mode=False))
    except TyperException as error:
        _tell_usage(error)
    except Exception as error:
        code = _exit_code(error)
        if code is None:
            raise
        fail(str(error), code)


def _tell_usage(error: TyperException) -> NoReturn:
    """Say what is wrong with the command as typed; a group without a command shows its help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{error.format_message()}\n")
        raise SystemExit(error.exit_code)
    context = getattr(error, "ctx", None)
    if context is not None:
        errors.print(words.help_page(context.get_usage()))
        errors.print(f"说明：{context.command_path} --help")
    fail(words.what_is_wrong(error.format_message()), error.exit_code)


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say what is wrong, and leave."""
    errors.print(f"✗ {message}", style="red" if not os.environ.get("NO_COLOR") else None)
    raise SystemExit(code)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; Ctrl-C is no error."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work)
    except KeyboardInterrupt:
        raise SystemExit(OK) from None


def settings(config: Path | None) -> Settings:
    """The site's settings; for commands without one in a demo's folder, the demo's."""
    from hotline import log
    from hotline.settings import load

    log.configure("text" if sys.stderr.isatty() else "auto", level="WARNING")
    if config is None and "HOTLINE_CONFIG" not in os.environ and not Path("hotline.toml").exists():
        demo = Path("var") / "demo.toml"
        if demo.exists():
            return load(demo)
    return load(config)


def pick_hall(found: Settings, hall: str | None) -> str:
    """The hall meant; leaves with a message when there is none of that name."""
    chosen = hall or next(iter(found.halls))
    if chosen not in found.halls:
        fail(f"没有大厅 {chosen!r}（已配置：{'、'.join(found.halls)}）", USAGE)
    return chosen


@asynccontextmanager
async def database_of(found: Settings, *, check_schema: bool = True) -> AsyncIterator[Database]:
    """The site's database: the external one, the running embedded one, or the embedded one for as long as needed."""
    from hotline.store.embedded import at_hand
    from hotline.store.engine import Database

    external = found.external_database()
    if external is not None:
        async with await Database.open(external, wait_seconds=5, check_schema=check_schema) as database:
            yield database
        return
    async with (
        at_hand(found.service.state_dir, binaries=found.database.binaries) as url,
        await Database.open(url, wait_seconds=5, check_schema=check_schema) as database,
    ):
        yield database


def show_json(content: Any) -> None:
    """Machine-readable output: one JSON document."""
    sys.stdout.buffer.write(orjson.dumps(content, option=orjson.OPT_INDENT_2, default=str) + b"\n")
    sys.stdout.buffer.flush()


def parse_day(text: str) -> date:
    """`2026-11-21`; leaves with a message otherwise."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"日期 {text!r} 应形如 2026-11-21", USAGE)


def _exit_code(error: Exception) -> int | None:
    """The exit code of a failure that a person can do something about; None for a bug."""
    from adapters.errors import Misconfigured
    from hotline.cli.seats import SeatNotDefined
    from hotline.people.accounts import AccountRefused
    from hotline.settings import SettingsWrong

    if isinstance(error, SettingsWrong | Misconfigured | AccountRefused | SeatNotDefined):
        return FAILED

    from hotline.serve import PortInUse
    from hotline.store.embedded import EmbeddedError
    from hotline.store.errors import StoreError

    return NOT_READY if isinstance(error, EmbeddedError | StoreError | PortInUse) else None
