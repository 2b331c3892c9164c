"""What does the API say when it says no? `application/problem+json` (RFC 9457), one table of codes.

`code` is stable and never renamed; `title` is Chinese and may be shown as it is. What was sent is never echoed: it may
be a password or a caller's number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from hotline.store.errors import StoreAway

_log = structlog.get_logger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
TYPE: Final = "urn:hotline:problem:"
RETRY_AFTER: Final = "2"
"""Seconds after which what is away may be back: a hall is taken over within eight."""

CODES: Final[Mapping[str, tuple[int, str]]] = {
    # who
    "not_signed_in": (401, "请先登录。"),
    "sign_in_failed": (401, "工号或密码不正确。"),
    "too_many_tries": (429, "尝试次数过多，请稍后再试。"),
    "tls_required": (403, "请通过 HTTPS 访问：明文连接只允许在本机使用。"),
    "cross_site": (403, "请求不是从本系统的页面发出的。"),
    "must_change_password": (403, "请先修改初始密码。"),
    "not_allowed": (403, "您没有这项权限。"),
    "password_wrong": (422, "原密码不正确。"),
    "password_too_weak": (422, "新密码不符合要求。"),
    "too_many_reveals": (429, "查看完整号码的次数过多，请稍后再试。"),
    "slow_down": (429, "操作过于频繁，请稍后再试。"),
    # accounts
    "work_number_taken": (409, "工号已被使用。"),
    "last_administrator": (409, "至少需要保留一个可用的管理员账号。"),
    # what was sent
    "invalid_input": (422, "提交的内容有误。"),
    "bad_cursor": (422, "翻页标记无效，请重新查询。"),
    "bad_json": (400, "请求内容不是有效的 JSON。"),
    "too_large": (413, "请求内容过大。"),
    "not_found": (404, "没有找到。"),
    "method_not_allowed": (405, "不支持这种请求方法。"),
    "unsupported_media_type": (415, "不支持这种内容类型。"),
    "http_error": (400, "请求无法处理。"),
    "request_running": (409, "同样的请求正在处理，请稍后再试。"),
    "key_reused": (422, "这个 Idempotency-Key 已用于其他内容的请求。"),
    # tickets
    "version_required": (428, "缺少工单版本（If-Match）。"),
    "ticket_changed": (412, "工单已被其他人修改。"),
    "ticket_incomplete": (422, "工单内容不完整。"),
    "ticket_closed": (409, "工单已办结，需要班长重新打开后才能修改。"),
    "ticket_call_live": (409, "来电还没有由您接听，工单暂不能办结。"),
    "ticket_state": (409, "工单当前状态不能进行此操作。"),
    "ticket_stale": (412, "工单刚刚被他人更新，请查看最新内容后再操作。"),
    "ticket_merged": (409, "目标工单已并入其他工单。"),
    "follow_up_needed": (409, "这张工单须先回访，再办结归档。"),
    "ticket_dissatisfied": (409, "来电人不满意，请重新办理。"),
    "ticket_reopened_often": (409, "重新办理的次数已达上限。"),
    "ticket_designated": (409, "该工单已指定承办，不能再退单。"),
    "ticket_returned_often": (409, "退单次数已达上限。"),
    "ticket_urged": (409, "刚刚催办过，请稍后再催。"),
    "no_such_bridge": (404, "没有这座对接桥。"),
    "handover_open": (409, "已经移交给对方，尚未退回或办结。"),
    "handover_returned_often": (409, "对方退回的次数已达上限，不能再移交。"),
    "handover_undecided": (409, "正在移交其他单位，对方受理之前由本厅负责，不能结束工单；请等待受理，或先撤回移交。"),
    "duties_open": (409, "还有法定义务没有记录履行情况，不能结束工单。"),
    "duty_done": (409, "这项义务已经记录。"),
    "aid_undecided": (409, "法律援助申请还没有审查决定或指派，不能结束工单；请先办完，或登记撤回。"),
    "aid_open": (409, "这张工单已有正在办理的法律援助申请。"),
    "aid_state": (409, "法律援助申请当前的状态不能进行此操作。"),
    "aid_asked": (409, "需要补充的材料应当一次性告知，已经告知过。"),
    "aid_lacking": (422, "申请材料还不齐全。"),
    "handover_basis": (422, "缺少提供个人信息的依据。"),
    "handover_incomplete": (422, "对方还需要以下内容。"),
    "handover_state": (409, "这次移交当前的状态不能进行此操作。"),
    "message_state": (409, "这条短信当前的状态不能进行此操作。"),
    "message_not_possible": (409, "不能发送这条短信。"),
    "message_template_wrong": (422, "短信模板有误，没有保存。"),
    "message_template_stale": (412, "短信模板刚刚被他人修改，请查看最新内容后再修改。"),
    "no_such_sms_gateway": (404, "没有这个短信网关。"),
    "unit_unknown": (422, "没有这个机构，或机构已停用。"),
    "unit_helps": (409, "协办单位只能签收、记录和反馈。"),
    "unit_not_below": (409, "只能转派给下级机构。"),
    "request_pending": (409, "同类申请正在等待审批。"),
    "request_decided": (409, "该申请已有结论。"),
    "request_own": (409, "不能审批自己的申请。"),
    "no_deadline": (409, "该工单没有办理期限。"),
    "no_extension": (409, "延期超出了允许的最长时限。"),
    # callers
    "caller_rule_exists": (409, "该来电人已有同样的规则，请直接复核或结束它。"),
    "caller_rule_state": (409, "这条规则的状态已变化，请刷新后再操作。"),
    "caller_in_danger": (409, "该来电人有紧急标记，不能限制或拦截。"),
    "caller_unknown": (409, "来电没有号码，不能设置规则。"),
    "conflict_over": (409, "这条利益冲突已结束。"),
    "categories_invalid": (422, "咨询分类无法导入。"),
    # announcements
    "announcement_version_required": (428, "缺少版本（If-Match），请重新读取后再提交。"),
    "not_playable": (422, "这个文件不能用作提示音。"),
    "prompt_in_use": (409, "提示音正在使用，请先在来电流程或公告中换成其他提示音。"),
    "prompt_no_audio": (404, "没有可以试听的录音。"),
    "too_many_prompts": (409, "提示音数量已达上限，请先删除不用的。"),
    "plan_invalid": (422, "来电流程有误，没有保存。"),
    "plan_changed": (412, "来电流程已被其他人修改。"),
    "notice_invalid": (422, "公告有误，没有保存。"),
    "notice_changed": (412, "公告已被其他人修改。"),
    "too_many_notices": (409, "公告数量已达上限，请先删除过期的。"),
    # ratings
    "rating_not_possible": (409, "通话尚未结束，或没有人接听，不能评价。"),
    "rating_own_call": (403, "您接待过这位来电人，不能经手对自己的评价。"),
    "rating_given": (409, "来电人已经用这种方式评价过。"),
    "rating_not_open": (409, "这条评价不需要回访，或已回访。"),
    # call-backs
    "callback_over": (409, "回拨任务已结束。"),
    "callback_not_yours": (409, "回拨任务已由其他人处理。"),
    "callback_state": (409, "回拨任务当前状态不能进行此操作。"),
    "callback_not_reached": (409, "还没有与来电人通话，不能完成；不需要回拨时请关闭并说明原因。"),
    "callback_message_unheard": (409, "请先听取留言。"),
    "callback_on_the_line": (409, "正在拨打这个任务的号码。"),
    "callback_number": (409, "这个号码不能回拨。"),
    "callback_too_often": (409, "这个号码今天拨打的次数已达上限。"),
    "callback_quiet_hours": (409, "现在是休息时段，来电人没有要求回拨，请稍后再拨打。"),
    "callback_too_late": (409, "来电时间过久，须由班长指派后再回拨。"),
    "callback_no_such_person": (422, "没有这名话务员或班长，或账号已停用。"),
    # recordings and reports
    "recording_missing": (404, "没有录音文件。"),
    "range_not_satisfiable": (416, "请求的录音片段超出范围。"),
    "report_missing": (404, "这一天还没有报表。"),
    "report_form_wrong": (422, "报表模板有错误，请改正后再用。"),
    "report_forms_full": (409, "报表模板数量已达上限，请先删除不用的。"),
    # the hall
    "hall_stalled": (503, "数据库暂时无法写入，操作可能没有执行，请以屏幕上的状态为准；通话不受影响。"),
    "hall_away": (503, "大厅服务正在启动或切换，请稍候。"),
    "no_such_seat": (404, "没有这个坐席。"),
    "no_phone": (409, "此坐席没有可用的话机。"),
    "offer_gone": (409, "来电已不在振铃。"),
    "call_at_device": (409, "这通电话由网关自行分配，请在话机上挂断；若已挂断而坐席仍显示通话中，请班长强制示闲。"),
    "call_gone": (409, "通话已经结束。"),
    "phone_answers": (409, "请直接拿起话机接听。"),
    "signed_in_elsewhere": (409, "您已在其他坐席签入。"),
    "state_not_forcible": (409, "不能强制为这种状态。"),
    "extension_taken": (409, "分机号已被其他坐席使用。"),
    "seat_not_signed_in": (409, "坐席尚未签入。"),
    "seat_already_signed_in": (409, "坐席已经签入。"),
    "seat_taken": (409, "坐席已有人签入。"),
    "seat_not_free": (409, "坐席正在处理来电。"),
    "seat_not_in_wrap_up": (409, "坐席不在话后处理状态。"),
    "seat_not_possible_now": (409, "坐席当前状态不能进行此操作。"),
    # calls at the seat
    "not_on_call": (409, "您不在这通电话中，或通话状态已变化。"),
    "line_cannot": (409, "这条线路不支持此操作。"),
    "target_unknown": (409, "没有这个转接对象，请重新选择。"),
    "target_not_free": (409, "对方现在不能接听，请另选。"),
    "must_not_advise": (409, "该律师应当回避这位来电人，请另选。"),
    "phone_elsewhere": (409, "该坐席签入的话机不在这条线路上，这通电话无法呼到，请另选。"),
    "consult_under_way": (409, "正在咨询中，请先结束当前咨询。"),
    "no_consult": (409, "没有正在进行的咨询。"),
    "nobody_left": (409, "通话中没有其他人可以继续接待，不能退出。"),
    "handover_unconfirmed": (409, "紧急联动中：请先确认对方已接管，再退出通话。"),
    "outside_not_allowed": (409, "不允许拨打这个号码。"),
    "quota_exceeded": (429, "外呼次数已达上限，请联系班长。"),
    "monitor_own_call": (409, "不能监听自己的通话。"),
    "answer_first": (409, "话机正在振铃，请先接听。"),
    "break_needs_consent": (409, "小休须经班长批准，请先申请。"),
    "nothing_asked": (409, "该坐席没有待批准的小休申请。"),
    "rating_off": (409, "本大厅没有开启按键评价。"),
    # rosters
    "licence_missing": (409, "没有登记该律师的执业证号或有效期。"),
    "licence_expired": (409, "该律师的执业证已过期。"),
    "lawyer_suspended": (409, "该律师已暂停值班。"),
    "not_on_roster": (409, "现在没有您的排班，不能签入。"),
    "no_such_lawyer": (422, "没有这名值班律师，或账号已停用。"),
    "lawyer_changed": (409, "律师资料已被其他人修改，请刷新后再试。"),
    "licence_taken": (409, "这个执业证号已登记在另一名律师名下。"),
    "firm_name_taken": (409, "已有同名的律所。"),
    "shift_overlap": (409, "该律师在这段时间已有班次。"),
    "shift_changed": (409, "班次已被其他人修改，请刷新后再试。"),
    "shift_cancelled": (409, "班次已经取消。"),
    "shift_begun": (409, "班次已经开始，不能换班。"),
    "reason_needed": (422, "班次已经开始，修改须填写原因。"),
    "pattern_name_taken": (409, "已有同名的排班模板。"),
    "pattern_changed": (409, "排班模板已被其他人修改，请刷新后再试。"),
    "roster_too_large": (422, "一次生成的班次过多，请缩短时间范围。"),
    "roster_file_unreadable": (422, "无法读取这个文件，请使用下载的 Excel 模板填写。"),
    "roster_rows_wrong": (422, "排班表有错误，没有导入任何一行。"),
    "swap_not_yours": (409, "只能申请调换自己的班次，且不能与自己调换。"),
    "swap_open_already": (409, "这个班次已有未办结的换班申请。"),
    "swap_not_possible_now": (409, "申请的当前状态不能进行此操作。"),
    "swap_outdated": (409, "申请涉及的班次已经变动，请重新申请。"),
    # the directory
    "directory_changed": (409, "内容已被其他人修改，请刷新后再试。"),
    "directory_ended": (409, "已经撤销或离任，请先恢复。"),
    "directory_living": (409, "没有撤销，不需要恢复。"),
    "directory_full": (409, "机构总数已达上限。"),
    "unit_code_taken": (409, "这个机构编码已被使用。"),
    "unit_parent_wrong": (409, "上级机构不能这样选择。"),
    "unit_has_units": (409, "还有在用的下级机构，不能撤销。"),
    "too_many_villages": (409, "一名村居法律顾问最多服务 5 个村居。"),
    "entry_struck": (409, "这条台账已经作废。"),
    "directory_file_unreadable": (422, "无法读取这个文件，请使用下载的 Excel 模板填写。"),
    "directory_rows_wrong": (422, "名录文件有错误，没有导入任何一行。"),
    # knowledge, search, lists
    "knowledge_version_required": (428, "缺少版本（If-Match），请重新读取后再提交。"),
    "knowledge_changed": (412, "内容已被其他人修改，请刷新后再试。"),
    "knowledge_state": (409, "条目当前状态不能进行此操作。"),
    "knowledge_own": (409, "不能审核自己写的版本，请由其他人审核。"),
    "knowledge_unconfirmed": (422, "请先核对全文，确认案例中没有个人信息。"),
    "knowledge_personal_data": (422, "案例中还有疑似个人信息，请改写后再发布。"),
    "knowledge_case_exists": (409, "这张工单已经做成案例。"),
    "knowledge_ticket_open": (409, "只有已办结、写有事实经过和答复意见的工单可以做成案例。"),
    "knowledge_ticket_secret": (409, "来电人要求保密的工单不能做成案例。"),
    "knowledge_file_unreadable": (422, "无法读取这个文件，请使用下载的 Excel 模板填写。"),
    "knowledge_rows_wrong": (422, "知识库文件有错误，没有导入任何一行。"),
    "feedback_settled": (409, "这条反馈已经处理。"),
    "saved_view_name_taken": (409, "已有同名的常用筛选。"),
    "too_many_saved_views": (409, "常用筛选数量已达上限，请先删除不用的。"),
    "export_too_large": (422, "符合条件的记录过多，请缩小日期范围或增加条件后再导出。"),
    # gateways that push
    "bad_signature": (401, "推送未通过验证：签名、时间戳、令牌或来源地址不符。"),
    "bad_events": (400, "事件无法识别。"),
    "no_such_adapter": (404, "没有这个适配器。"),
    "spool_full": (503, "数据库不可用，本地暂存也已写满。"),
    # emergencies
    "incident_plan_unknown": (422, "没有这个应急预案，或已停用。"),
    "incident_plan_changed": (409, "预案已被其他人修改，请刷新后再改。"),
    "incident_ended": (409, "应急已经结束。"),
    "incident_changed": (409, "内容已被其他人修改，请刷新后再试。"),
    "incident_step_done": (409, "这个步骤已经登记。"),
    "incident_told": (409, "已经登记过这次报告。"),
    "incident_open_things": (409, "还有事项没有完成。"),
    # what is published about the services
    "openness_changed": (409, "内容已被其他人发布了新版本，请刷新后再改。"),
    # network platforms
    "network_id_used": (422, "这个请求编号（id）已用于其他内容的请求。"),
    "network_matter": (403, "没有为本平台开通这类业务。"),
    "network_day_full": (429, "本平台今天的提交数量已达上限。"),
    "network_citizen_full": (429, "该当事人今天提交的次数已达上限；法律咨询请拨打 12348，遇到危险请拨打 110。"),
    "network_supplements_full": (409, "补充的次数已达上限。"),
    "network_over": (409, "事项已经答复或结束，不能再补充或撤回。"),
    "network_not_over": (409, "事项还没有答复，不能评价。"),
    # us
    "store_away": (503, "数据库暂时无法使用，请稍候。"),
    "internal": (500, "服务内部错误。"),
}
"""Code → status and title."""


class Problem(Exception):
    """A request that is refused; `code` is one of `CODES`. `more` are further members of the answer."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status, self.title = CODES[code]
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.more = more

    def body(self) -> dict[str, Any]:
        """The members of the answer."""
        found: dict[str, Any] = {
            "type": TYPE + self.code,
            "title": self.title,
            "status": self.status,
            "code": self.code,
            **self.more,
        }
        if self.detail:
            found["detail"] = self.detail
        if self.errors:
            found["errors"] = self.errors
        return found

    def response(self) -> Response:
        """The answer."""
        headers = {"Cache-Control": "no-store", **self.headers}
        if self.status == 503 or self.code == "request_running":
            headers.setdefault("Retry-After", RETRY_AFTER)
        return JSONResponse(jsonable_encoder(self.body()), self.status, headers, media_type=MEDIA_TYPE)


def problem_of(code: str, detail: str = "") -> Problem:
    """The problem for a code from below (a hall's or a store's refusal); a code that is not in the table is a bug."""
    return Problem(code if code in CODES else "internal", detail)


def refusals(*codes: str) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: these codes by status, each with its example."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        problem = Problem(code)
        entry = found.setdefault(
            problem.status,
            {
                "description": _STATUSES[problem.status],
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        entry["content"][MEDIA_TYPE]["examples"][code] = {"summary": problem.title, "value": problem.body()}
        if problem.status in (429, 503) or code == "request_running":
            entry["headers"] = {"Retry-After": {"description": "多少秒后再试", "schema": {"type": "string"}}}
    return found


def field_errors(errors: Sequence[Any]) -> list[dict[str, str]]:
    """What pydantic found, as fields and Chinese messages, without what was sent."""
    found: list[dict[str, str]] = []
    for each in errors[:50]:
        place = [str(part) for part in each["loc"] if part not in ("body", "query", "path", "header")]
        limits = {key: value for key, value in (each.get("ctx") or {}).items() if isinstance(value, int | float | str)}
        message = _MESSAGES.get(each["type"], "格式不正确。")
        try:
            message = message.format(**limits)
        except KeyError:
            message = "格式不正确。"
        found.append({"field": ".".join(place)[:100], "message": message})
    return found


def install(app: FastAPI) -> None:
    """Every error of the app becomes a problem."""
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(StoreAway, _away)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeout, _away)
    app.add_exception_handler(OSError, _unreachable)
    app.add_exception_handler(Exception, _internal)


SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "出错时的统一格式（RFC 9457）",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "examples": [TYPE + "not_found"]},
        "title": {"type": "string", "description": "可直接显示的中文说明", "examples": ["没有找到。"]},
        "status": {"type": "integer", "examples": [404]},
        "code": {"type": "string", "description": "稳定的错误代码", "examples": ["not_found"]},
        "detail": {"type": "string", "description": "补充说明"},
        "errors": {
            "type": "array",
            "description": "逐项的错误",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {
                    "field": {"type": "string", "examples": ["work_number"]},
                    "message": {"type": "string", "examples": ["缺少此项。"]},
                },
            },
        },
    },
}
"""How errors look, for the OpenAPI document; problems may have further members."""

_STATUSES: Final[Mapping[int, str]] = {
    400: "请求内容无法读取",
    401: "没有登录，或登录失败",
    403: "不允许",
    404: "没有找到",
    409: "与当前状态冲突",
    412: "内容已被其他人修改",
    413: "请求内容过大",
    415: "不支持这种内容类型",
    416: "片段超出范围",
    422: "提交的内容有误",
    428: "缺少版本",
    429: "过于频繁",
    500: "服务内部错误",
    503: "暂时无法服务",
}
_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "缺少此项。",
    "extra_forbidden": "没有这个字段。",
    "string_too_long": "不能超过 {max_length} 个字符。",
    "string_too_short": "至少需要 {min_length} 个字符。",
    "string_type": "需要文字。",
    "string_unicode": "含有无效的字符。",
    "bool_type": "需要 true 或 false。",
    "bool_parsing": "需要 true 或 false。",
    "int_parsing": "需要整数。",
    "int_type": "需要整数。",
    "greater_than_equal": "不能小于 {ge}。",
    "less_than_equal": "不能大于 {le}。",
    "literal_error": "不在可选范围内。",
    "enum": "不在可选范围内。",
    "date_from_datetime_parsing": "需要日期，例如 2026-11-21。",
    "date_parsing": "需要日期，例如 2026-11-21。",
    "json_invalid": "不是有效的 JSON。",
    "too_long": "最多 {max_length} 项。",
    "model_attributes_type": "需要一个对象。",
    "list_type": "需要一个列表。",
}

_HTTP_CODES: Final[Mapping[int, str]] = {
    400: "bad_json",  # all that the framework itself cannot read
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
}
_AWAY: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InterfaceError,
)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        return Problem("bad_json").response()
    return Problem("invalid_input", errors=field_errors(found)).response()


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code)
    if code is not None:
        return Problem(code, headers=error.headers).response()
    problem = Problem("internal" if error.status_code >= 500 else "http_error", headers=error.headers)
    problem.status = error.status_code
    return problem.response()


async def _away(request: Request, error: Exception) -> Response:
    _log.warning("store_away", error=type(error).__name__)
    return Problem("store_away").response()


async def _unreachable(request: Request, error: Exception) -> Response:
    """A connection that cannot even be opened comes as it is: SQLAlchemy has no name for it."""
    frame = error.__traceback__
    while frame is not None:
        if str(frame.tb_frame.f_globals.get("__name__", "")).partition(".")[0] == "asyncpg":
            return await _away(request, error)
        frame = frame.tb_next
    return await _internal(request, error)


async def _database(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _AWAY):
            return await _away(request, error)
        cause = cause.__cause__ or (cause.orig if isinstance(cause, DBAPIError) else None)
    if error.connection_invalidated:
        return await _away(request, error)
    return await _internal(request, error)


async def _internal(request: Request, error: Exception) -> Response:
    # Statements and their parameters carry callers' words: the type and the place are enough to find the bug.
    _log.error(
        "request_failed", path=request.scope.get("path"), error=type(error).__name__, exc_info=_without_text(error)
    )
    return Problem("internal").response()


def _without_text(error: Exception) -> Any:
    if isinstance(error, DBAPIError):
        return (type(error), type(error)("", None, Exception("hidden")), error.__traceback__)
    return error
