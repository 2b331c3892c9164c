"""seat: where people sit. While nobody leads the hall, seats are defined from here; else on the console.

Only the hall's writer may change seats, so the command leads the hall for a moment: it takes the lease, loads the hall,
decides like the writer, commits one batch and gives the lease up.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

import msgspec
import typer
from sqlalchemy import select

from hotline.api.schemas.seats import EXTENSION, GROUP, NUMBER
from hotline.api.sentences import SEAT_STATES
from hotline.audit.trail import Act, record
from hotline.cli.people import INSTALLER
from hotline.cli.root import (
    NOT_READY,
    USAGE,
    ConfigOption,
    HallOption,
    JsonOption,
    console,
    database_of,
    errors,
    fail,
    pick_hall,
    run,
    settings,
    show_json,
)
from hotline.cli.words import Command, Group
from hotline.hall.decide import decide
from hotline.hall.hall import LEASE_SECONDS
from hotline.hall.inputs import Actor, Asked, DefineSeat
from hotline.hall.refused import Code
from hotline.settings import HallTable, Settings
from hotline.settings_used import rules
from hotline.store.engine import Database
from hotline.store.gaps import Gaps
from hotline.store.ledger import HallStore, Lease
from hotline.store.seal import KEY_FILE, Seal, make_keys
from hotline.store.tables import SEATS
from seats.seat import SeatNo

seat_app = typer.Typer(help="坐席", no_args_is_help=True, rich_markup_mode=None, cls=Group)


class SeatNotDefined(Exception):
    """The seat cannot be defined so; the message says why."""


class Led(Exception):
    """A running service leads the hall."""


class Defined(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a seat."""

    hall: str
    number: str
    extension: str
    groups: tuple[str, ...]
    new: bool
    saved: bool


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(seat_app, name="seat")


@seat_app.command("add", cls=Command)
def add_seat(
    number: Annotated[str, typer.Argument(help="坐席号，1 到 8 位字母或数字，如 01")],
    extension: Annotated[str, typer.Option("--extension", help="分机号，如 7001")],
    group: Annotated[list[str], typer.Option("--group", help="技能组，与队列的 groups 对应；可写多次")],
    hall: HallOption = None,
    config: ConfigOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不保存")] = False,
    as_json: JsonOption = False,
) -> None:
    """新增坐席；坐席号已有时修改它的分机和技能组。须先停止服务（服务运行时请在控制台“线路”页操作）"""
    found = settings(config)
    chosen = pick_hall(found, hall)
    for text, pattern, what in (
        (number, NUMBER, "坐席号 {!r} 应为 1 到 8 位字母或数字"),
        (extension, EXTENSION, "分机号 {!r} 应为 1 到 32 位字母、数字或 * # _ -"),
        *((each, GROUP, "技能组 {!r} 只能用小写字母、数字和连字符") for each in group),
    ):
        if not re.fullmatch(pattern, text, re.ASCII):
            fail(what.format(text), USAGE)
    wish = DefineSeat(seat=SeatNo(number), extension=extension, groups=tuple(dict.fromkeys(group)))

    async def work() -> Defined:
        async with database_of(found) as database:
            return await define(found, database, chosen, wish, save=not dry_run)

    try:
        made = run(work())
    except Led:
        fail(
            f"大厅 {chosen} 的服务正在运行（或停止还不到 10 秒），只有它能改坐席。"
            "请用管理员账号在控制台“线路”页点“新增坐席”；或先停止服务（systemctl stop hotline）再执行本命令",
            NOT_READY,
        )
    if as_json:
        show_json(msgspec.to_builtins(made))
    else:
        done = ("已新增" if made.new else "已修改") if made.saved else ("将新增" if made.new else "将修改")
        console.print(f"✓ {done}坐席 {made.number}：分机 {made.extension}，技能组 {'、'.join(made.groups)}")
    idle = [each for each in wish.groups if each not in served(found.halls[chosen])]
    if idle:
        errors.print(f"注意：没有队列派给技能组 {'、'.join(idle)}，请核对配置中各队列的 groups")


@seat_app.command("list", cls=Command)
def list_seats(hall: HallOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """列出坐席"""
    found = settings(config)

    async def work() -> list[dict[str, Any]]:
        async with database_of(found) as database, database.engine.connect() as conn:
            columns = (SEATS.c.number, SEATS.c.extension, SEATS.c.groups, SEATS.c.state, SEATS.c.operator_name)
            query = select(*columns).where(SEATS.c.hall == pick_hall(found, hall)).order_by(SEATS.c.number)
            return [dict(row._mapping) for row in await conn.execute(query)]

    every = run(work())
    if as_json:
        show_json(every)
        return
    if not every:
        errors.print("还没有坐席；用 hotline seat add 新增")
    for each in every:
        groups = "、".join(each["groups"])
        state = SEAT_STATES.get(each["state"], each["state"])
        line = f"{each['number']:>4}  分机 {each['extension']}  {groups}  {state}  {each['operator_name']}"
        console.print(line.rstrip())


async def define(found: Settings, database: Database, hall: str, wish: DefineSeat, *, save: bool = True) -> Defined:
    """Define the seat as the hall's writer would. Raises `Led` while a service leads, and `SeatNotDefined`."""
    keys = found.service.state_dir / KEY_FILE
    # A seat is nothing secret; making the site's keys is left to the service, whose user has to be able to read them.
    seal = Seal.from_file(keys) if keys.exists() else Seal(make_keys())
    store, gaps = HallStore(database, seal, hall), Gaps(database, hall)
    try:
        last_sign = await gaps.last_sign(LEASE_SECONDS)
        lease = await store.take_lease(f"cli-{uuid4().hex}", LEASE_SECONDS)
        if lease is None:
            raise Led
        try:
            now = datetime.now(UTC)
            if last_sign is not None:  # this lease hides from the next writer since when there was none
                await gaps.without_writer(min(last_sign, now), now, "seat defined while stopped")
            return await _define(found, database, store, lease, wish, now, save)
        finally:
            await store.give_up(lease)
    finally:
        await store.close()


async def _define(
    found: Settings, database: Database, store: HallStore, lease: Lease, wish: DefineSeat, now: datetime, save: bool
) -> Defined:
    state = await store.load(rules(found)[lease.hall])
    asked = Asked(wish, Actor(account=INSTALLER.account, work_number=INSTALLER.work_number))
    decision = decide(state, asked, now)
    if decision.refusal == Code.EXTENSION_TAKEN:
        holder = state.by_extension[wish.extension]
        raise SeatNotDefined(f"分机 {wish.extension} 已属于坐席 {holder}，一个分机只能有一个坐席")
    if decision.refusal is not None:
        raise SeatNotDefined(f"大厅没有接受这一修改（{decision.refusal}）")
    if decision.calls or decision.orders:  # orders to devices are the running service's to carry out
        raise SeatNotDefined(f"坐席 {wish.seat} 此刻可以接在等的来电，修改会引起派发；请启动服务，在控制台“线路”页修改")
    if save:
        async with database.engine.begin() as conn:
            await record(
                conn,
                hall=lease.hall,
                doer=INSTALLER,
                act=Act.SEAT_DEFINED,
                object=f"seat:{wish.seat}",
                at=now,
                result="asked",
                data={"extension": wish.extension, "groups": ",".join(wish.groups)},
            )
        await store.commit(lease, now, [(asked, decision)], lease.seq + 1)
    return Defined(
        hall=lease.hall,
        number=wish.seat,
        extension=wish.extension,
        groups=wish.groups,
        new=state.seats.get(wish.seat) is None,
        saved=save,
    )


def served(table: HallTable) -> set[str]:
    """The groups that some queue of the hall gives calls to."""
    steps = [*table.queues.values(), *(step for queue in table.queues.values() for step in queue.widening)]
    return {group for step in steps for group in step.groups}
