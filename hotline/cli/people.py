"""account · audit: who works here, and who looked at what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from hotline.audit.trail import Doer, verify_chain
from hotline.cli.root import (
    FAILED,
    ConfigOption,
    HallOption,
    JsonOption,
    console,
    database_of,
    errors,
    pick_hall,
    run,
    settings,
    show_json,
)
from hotline.cli.words import Command, Group
from hotline.people import accounts
from hotline.people.passwords import Passwords
from hotline.people.permissions import Role

INSTALLER = Doer(account="cli", work_number="cli")

ROLES: Final = {
    Role.OPERATOR: "话务员",
    Role.SUPERVISOR: "班长",
    Role.ADMINISTRATOR: "管理员",
    Role.AUDITOR: "审计员",
    Role.HANDLER: "承办人",
}

account_app = typer.Typer(help="账号", no_args_is_help=True, rich_markup_mode=None, cls=Group)
audit_app = typer.Typer(help="审计", no_args_is_help=True, rich_markup_mode=None, cls=Group)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(account_app, name="account")
    app.add_typer(audit_app, name="audit")


@account_app.command("add", cls=Command)
def add_account(
    work_number: Annotated[str, typer.Argument(help="工号（数字）")],
    name: Annotated[str, typer.Argument(help="姓名")],
    role: Annotated[Role, typer.Option("--role", help="角色")] = Role.OPERATOR,
    unit: Annotated[str, typer.Option("--unit", help="承办人所属机构的编码（名录中的）")] = "",
    hall: HallOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """新建账号，打印一次初始密码（首次登录必须修改）"""
    found = settings(config)

    async def work() -> tuple[accounts.Account, str]:
        async with database_of(found) as database, database.engine.begin() as conn:
            return await accounts.create(
                conn,
                Passwords(),
                hall=pick_hall(found, hall),
                work_number=work_number,
                name=name,
                role=role,
                unit=unit,
                now=datetime.now(UTC),
                doer=INSTALLER,
            )

    account, password = run(work())
    if as_json:
        show_json({"account": account.id, "work_number": account.work_number, "initial_password": password})
    else:
        whose = f"工号 {account.work_number}，{ROLES[account.role]}"
        console.print(f"✓ 已建立 {account.name}（{whose}）\n  初始密码：{password}")


@account_app.command("list", cls=Command)
def list_accounts(hall: HallOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """列出账号"""
    found = settings(config)

    async def work() -> list[accounts.Account]:
        async with database_of(found) as database, database.engine.connect() as conn:
            return await accounts.of_hall(conn, pick_hall(found, hall))

    every = run(work())
    if as_json:
        show_json(
            [
                {
                    "account": a.id,
                    "work_number": a.work_number,
                    "name": a.name,
                    "role": a.role,
                    "disabled": a.disabled_at,
                }
                for a in every
            ]
        )
        return
    for each in every:
        off = "  （停用）" if each.disabled_at else ""
        console.print(f"{each.work_number:>8}  {each.name}  {ROLES[each.role]}{off}")


@audit_app.command("verify", cls=Command)
def verify_audit(hall: HallOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """核对审计链是否完整"""
    found = settings(config)

    async def work() -> dict[str, object | None]:
        async with database_of(found) as database, database.engine.connect() as conn:
            halls = [pick_hall(found, hall)] if hall else list(found.halls)
            return {each: await verify_chain(conn, each) for each in halls}

    broken = {each: found for each, found in run(work()).items() if found is not None}
    if as_json:
        show_json({"ok": not broken, "broken": {each: str(what) for each, what in broken.items()}})
    elif not broken:
        console.print("✓ 审计链完整")
    for each, what in broken.items():
        errors.print(f"✗ {each}：{what}")
    if broken:
        raise SystemExit(FAILED)
