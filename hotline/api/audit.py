"""The audit trail, for those who watch the watchers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec
from fastapi import Depends, Query, Request
from sqlalchemy import select

from hotline.api.deps import Cursor, Grant, Limit, granted, read_cursor, router, write_cursor
from hotline.api.problems import refusals
from hotline.api.schemas.audit import AuditLine
from hotline.api.schemas.common import Page
from hotline.audit.trail import Act
from hotline.people.permissions import Action
from hotline.store.tables import ACCOUNTS, AUDIT

routes = router("审计")
Reader = Annotated[Grant, Depends(granted(Action.AUDIT_READ))]
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

LABELS: Final = {
    Act.LOGIN: "登录",
    Act.LOGIN_FAILED: "登录失败",
    Act.LOGOUT: "退出登录",
    Act.PASSWORD_CHANGED: "修改密码",
    Act.REVEAL: "查看完整号码",
    Act.PLAYBACK: "播放录音",
    Act.FORCE_STATE: "强制坐席状态",
    Act.SEAT_DEFINED: "设置坐席",
    Act.ACCOUNT_CREATED: "新建账号",
    Act.ACCOUNT_CHANGED: "修改账号",
    Act.PASSWORD_RESET: "重置密码",
    Act.TICKET_VIEW: "打开保密工单",
    Act.TICKET_REOPENED: "重新打开工单",
    Act.CATEGORIES_IMPORTED: "导入咨询类别",
    Act.CALLER_RULE_ASKED: "提请标记来电人",
    Act.CALLER_RULE_MADE: "新增来电人规则",
    Act.CALLER_RULE_APPROVED: "批准来电人规则",
    Act.CALLER_RULE_DECLINED: "不批准来电人规则",
    Act.CALLER_RULE_REVIEWED: "复核来电人规则",
    Act.CALLER_RULE_ENDED: "结束来电人规则",
    Act.CONFLICT_ENDED: "解除利益冲突",
    Act.CALLBACK_TAKEN: "认领回拨",
    Act.CALLBACK_RELEASED: "放回回拨",
    Act.CALLBACK_ASSIGNED: "指派回拨",
    Act.CALLBACK_DIALLED: "拨打回拨",
    Act.CALLBACK_HEARD: "听取留言",
    Act.CALLBACK_NOT_THEM: "回拨非本人接听",
    Act.CALLBACK_DONE: "完成回拨",
    Act.CALLBACK_CLOSED: "关闭回拨",
    Act.RATING_TAKEN: "回访评价",
    Act.RATING_LINK: "生成评价链接",
    Act.RATING_VIEW: "查看评价留言",
    Act.RATING_FOLLOWED: "不满意回访",
    Act.PROMPT_CHANGED: "修改提示音",
    Act.PLAN_CHANGED: "修改来电流程",
    Act.NOTICE_CHANGED: "修改公告",
    Act.NOTICE_SWITCHED: "开关公告",
    Act.LINE_TRACE: "查看线路原始数据",
    Act.EXPORT: "导出",
    Act.FIRM_CHANGED: "修改律所",
    Act.LAWYER_CHANGED: "修改律师资料",
    Act.TRAINING_NOTED: "登记培训",
    Act.SHIFT_CHANGED: "修改班次",
    Act.ROSTER_GENERATED: "生成班表",
    Act.ROSTER_IMPORTED: "导入班表",
    Act.PATTERN_CHANGED: "修改排班模板",
    Act.REQUIREMENTS_CHANGED: "修改值守人数要求",
    Act.CALENDAR_CHANGED: "修改节假日",
    Act.SWAP_ASKED: "申请换班",
    Act.SWAP_ANSWERED: "答复换班",
    Act.SWAP_DECIDED: "审批换班",
    Act.SIGNED_IN_OFF_ROSTER: "无排班签入",
}


class Before(msgspec.Struct, frozen=True, array_like=True):
    """Before which entry a page begins."""

    seq: int


@routes.get(
    "/audit",
    operation_id="listAudit",
    summary="审计记录",
    response_model=Page[AuditLine],
    responses=refusals("bad_cursor"),
)
async def list_audit(
    grant: Reader,
    request: Request,
    first: Annotated[date | None, Query(alias="from", description="起始日期（含）")] = None,
    last: Annotated[date | None, Query(alias="to", description="截止日期（含）")] = None,
    act: Annotated[Act | None, Query(description="行为")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AuditLine]:
    """本大厅的审计记录，最新的在前。"""
    a = AUDIT.c
    query = select(AUDIT, ACCOUNTS.c.name).outerjoin(ACCOUNTS, ACCOUNTS.c.id == a.account).where(a.hall == grant.hall)
    if first is not None:
        query = query.where(a.at >= _midnight(first))
    if last is not None and last < date.max:
        query = query.where(a.at < _midnight(last + timedelta(days=1)))
    if act is not None:
        query = query.where(a.act == act.value)
    before = read_cursor(cursor, Before)
    if before is not None:
        query = query.where(a.seq < before.seq)
    async with request.app.state.engine.connect() as conn:
        rows = (await conn.execute(query.order_by(a.seq.desc()).limit(limit + 1))).all()
    lines = [
        AuditLine(
            seq=row.seq,
            at=row.at,
            account=row.account,
            work_number=row.work_number,
            name=row.name or "",
            act=row.act,
            act_label=LABELS.get(row.act) or str(row.act),
            object=row.object,
            reason=row.reason,
            result=row.result,
            address=row.address,
            data=row.data,
        )
        for row in rows[:limit]
    ]
    return Page(items=lines, next_cursor=write_cursor(Before(lines[-1].seq) if len(rows) > limit else None))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
