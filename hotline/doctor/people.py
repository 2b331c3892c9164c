"""Can callers be served: is there a seat, somebody to look after the accounts, and a call plan without faults?"""

from __future__ import annotations

from hotline.announcements import plans, prompts
from hotline.announcements.check import Grade, faults
from hotline.announcements.default import plan_of
from hotline.doctor.site import Finding, NotAsked, Site, ok, warning, wrong
from hotline.people.permissions import Role
from hotline.settings import HallTable
from hotline.store.errors import StoreError


async def seats(site: Site) -> list[Finding]:
    """At least one in every hall, and for every queue somebody who may take its calls."""
    found: list[Finding] = []
    for hall in site.halls:
        check, what = f"seats.{hall}", f"坐席（大厅 {hall}）"
        rows = await site.ask("SELECT groups FROM seats WHERE hall = :hall", hall=hall)
        idle = (
            _without_seats(site.settings.halls[hall], {group for row in rows for group in row.groups})
            if (site.settings is not None)
            else []
        )
        if not rows:
            advice = f"hotline seat add 01 --extension 7001 --group general --hall {hall}（deploy/INSTALL.md 第 4 步）"
            found.append(wrong(check, what, "一个也没有，来电无人可接", advice))
        elif idle:
            advice = "核对坐席的技能组与队列的 groups：hotline seat list"
            found.append(warning(check, what, f"{len(rows)} 个，但队列 {'、'.join(idle)} 没有坐席可接", advice))
        else:
            found.append(ok(check, what, f"{len(rows)} 个"))
    return found


async def accounts(site: Site) -> list[Finding]:
    """Without an administrator nobody can unlock the others."""
    found: list[Finding] = []
    for hall in site.halls:
        check, what = f"accounts.{hall}", f"账号（大厅 {hall}）"
        query = "SELECT role FROM accounts WHERE hall = :hall AND disabled_at IS NULL"
        roles = [row.role for row in await site.ask(query, hall=hall)]
        if Role.ADMINISTRATOR in roles:
            found.append(ok(check, what, f"{len(roles)} 个，其中管理员 {roles.count(Role.ADMINISTRATOR)} 个"))
        else:
            advice = f"hotline account add 工号 姓名 --role administrator --hall {hall}"
            found.append(wrong(check, what, f"{len(roles)} 个，没有可用的管理员", advice))
    return found


async def plan(site: Site) -> list[Finding]:
    """The plan in use, against the queues and announcements that there are."""
    if site.settings is None:
        raise NotAsked("配置有误，见上")
    return [await _plan(site, hall, site.settings.halls[hall]) for hall in site.halls]


async def _plan(site: Site, hall: str, table: HallTable) -> Finding:
    check, what = f"plan.{hall}", f"来电流程（大厅 {hall}）"
    await site.ask("SELECT 1 FROM call_plans LIMIT 1")  # says in its own words when there is no such table
    try:
        database = await site.database()
    except StoreError as error:
        raise NotAsked("数据库不能使用") from error
    async with database.reading() as session:
        used, made = await plans.current(session.connection, hall, plan_of(table))
        playable = await prompts.playable(session.connection, hall, {})
    wanting = faults(used, table.queues, {name: each.seconds for name, each in playable.items()})
    where = f"控制台第 {made.version} 版" if made.version else "按配置文件"
    grave = [each for each in wanting if each.grade is Grade.ERROR]
    advice = "在控制台“语音与公告”中改正" if made.version else f"改正配置文件的 [halls.{hall}]"
    if grave:
        return wrong(check, what, f"{where}：{grave[0].place} {grave[0].message}", advice)
    if wanting:
        return warning(check, what, f"{where}：{wanting[0].place} {wanting[0].message}", advice)
    return ok(check, what, where)


def _without_seats(table: HallTable, groups: set[str]) -> list[str]:
    def served(name: str) -> bool:
        queue = table.queues[name]
        return bool(groups & {*queue.groups, *(each for step in queue.widening for each in step.groups)})

    return [name for name in table.queues if not served(name)]
