"""Who may do what? One table, one function.

`self` means: one's own seat, the calls one answered, their tickets, and those of the caller one has on the phone.
`hall` means: everything of that kind in one's own hall. Nobody reaches into another hall. A handler's own is what was
dispatched to their unit, or to one below it.
Administration, auditing and the work with callers are kept apart (管理权限分离, GB/T 22239-2019 8.1.4.2): an
administrator reads no ticket and hears no recording, an auditor changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What an account is for."""

    OPERATOR = "operator"
    """话务员 / 值班律师: takes calls."""
    SUPERVISOR = "supervisor"
    """班长: watches the hall, steps in."""
    ADMINISTRATOR = "administrator"
    """管理员: accounts, seats, categories."""
    AUDITOR = "auditor"
    """审计员: reads the audit trail."""
    HANDLER = "handler"
    """承办人: handles what is dispatched to the unit (机构) they belong to; of the hall they see nothing else."""


class Scope(StrEnum):
    """How far a permission reaches."""

    SELF = "self"
    HALL = "hall"


class Action(StrEnum):
    """What can be done."""

    SESSION_OWN = "session.own"
    """See who one is, change one's own password, sign off."""
    HALL_READ = "hall.read"
    """Names of queues, reasons, phrases."""
    DESK_LIVE = "desk.live"
    """The live stream of one's own desk."""
    HALL_LIVE = "hall.live"
    """The live stream of the whole hall."""
    SEAT_LIST = "seat.list"
    SEAT_USE = "seat.use"
    """Sign in at a seat, ready, busy, break, answer, reject, hang up."""
    SEAT_FORCE = "seat.force"
    """强制示闲 / 示忙 / 签出."""
    SEAT_DEFINE = "seat.define"
    CALL_READ = "call.read"
    """The call log, a call's journal, the screen pop."""
    CALL_MONITOR = "call.monitor"
    """监听、密语、强插、拦截."""
    CALL_FORCE_RELEASE = "call.force_release"
    """强拆."""
    CALL_REVEAL = "call.reveal"
    """The caller's full number, with a reason."""
    RECORDING_PLAY = "recording.play"
    TICKET_READ = "ticket.read"
    TICKET_WRITE = "ticket.write"
    """Draft, close, quick close."""
    TICKET_REOPEN = "ticket.reopen"
    TICKET_DISPATCH = "ticket.dispatch"
    """派单、撤回、并单、不予受理、催办."""
    TICKET_REVIEW = "ticket.review"
    """指定、审核、退回重办、回访、归档、督办; decide about requests."""
    TICKET_HANDLE = "ticket.handle"
    """签收、办理、反馈、退单: as a unit."""
    DUTY_RECORD = "duty.record"
    """法定义务: what was done about one, or why nothing was to be done."""
    DUTY_READ = "duty.read"
    """What is open in the hall."""
    AID_READ = "aid.read"
    """法律援助申请; of a unit, of the tickets it has."""
    AID_FILE = "aid.file"
    """收件、收到材料、撤回."""
    AID_DECIDE = "aid.decide"
    """一次性告知、审查决定、指派."""
    HANDOVER_MAKE = "handover.make"
    """移交: to 12345, 110, the province and others."""
    HANDOVER_READ = "handover.read"
    HANDOVER_SETTLE = "handover.settle"
    """What failed or is in doubt; what the other side says by telephone."""
    MESSAGE_SEND = "message.send"
    """短信: from a ticket, and what was sent there; the guidance sheet (指引单)."""
    MESSAGE_READ = "message.read"
    """The hall's messages, how they stand, what they cost."""
    MESSAGE_SETTLE = "message.settle"
    """Let go what is held; settle what is in doubt; try again; cancel."""
    MESSAGE_TEMPLATE = "message.template"
    """Read and change the texts (模板)."""
    HANDLING_READ = "handling.read"
    """Where tickets are on their way; of a unit, its own."""
    CALLER_RULE_ASK = "caller_rule.ask"
    """提请: ask that a caller be marked, from a call of one's own."""
    CALLER_RULE_READ = "caller_rule.read"
    CALLER_RULE_CHANGE = "caller_rule.change"
    """Make, approve, review and end rules about callers; end conflicts of interest."""
    CALLBACK_WORK = "callback.work"
    """See call-back tasks (回拨), take one, say what came of it."""
    CALLBACK_ASSIGN = "callback.assign"
    """Give a task to somebody; act on a task that is another's."""
    CATEGORY_READ = "category.read"
    CATEGORY_IMPORT = "category.import"
    REPORT_READ = "report.read"
    REPORT_FORM = "report.form"
    """Put report forms (报表模板) on the shelf, and take them away."""
    OPENNESS_READ = "openness.read"
    """服务公开: what is published about the services, and its versions."""
    OPENNESS_CHANGE = "openness.change"
    INCIDENT_READ = "incident.read"
    """应急: incidents, their checklists and reports."""
    INCIDENT_HANDLE = "incident.handle"
    """Begin an incident, tick its steps, report it, end it."""
    INCIDENT_PLAN = "incident.plan"
    """应急预案: change them."""
    RATING_READ = "rating.read"
    """Single ratings (评价), never those about one's own service."""
    RATING_TAKE = "rating.take"
    """Rate by call-back, make rating links, settle the follow-up of dissatisfied callers."""
    RATING_OWN = "rating.own"
    """The means of one's own months that are over."""
    ANNOUNCEMENT_READ = "announcement.read"
    """语音与公告: prompts, the call plan, notices."""
    ANNOUNCEMENT_CHANGE = "announcement.change"
    NOTICE_SWITCH = "notice.switch"
    """Switch a notice on or off."""
    ACCOUNT_LIST = "account.list"
    ACCOUNT_CHANGE = "account.change"
    """Create, rename, change the role, disable, reset the password."""
    AUDIT_READ = "audit.read"
    LINE_READ = "line.read"
    """How each line is, its alarms, its last facts with numbers masked."""
    LINE_TRACE = "line.trace"
    """The bytes that a line sent, numbers masked."""
    ROSTER_READ = "roster.read"
    """Shifts, their history, gaps, the calendar, who is on duty."""
    ROSTER_SWAP = "roster.swap"
    """Ask for another's duty and answer such a request; with the hall's reach also on somebody's behalf."""
    ROSTER_CHANGE = "roster.change"
    """Firms, lawyers, shifts, patterns, requirements; decide about swaps."""
    SETTLEMENT_READ = "settlement.read"
    DIRECTORY_READ = "directory.read"
    """名录: offices, their people, village advisers, experts; no citizen's data."""
    DIRECTORY_CHANGE = "directory.change"
    KNOWLEDGE_READ = "knowledge.read"
    """知识库: what is published; of drafts, those who edit."""
    KNOWLEDGE_USE = "knowledge.use"
    """Count a use, say 有用 or 有误."""
    KNOWLEDGE_EDIT = "knowledge.edit"
    """Write, review, publish, withdraw, import; settle what the desk said."""
    KNOWLEDGE_CASE = "knowledge.case"
    """Make a case from a closed ticket: its text is read for that."""
    SEARCH = "search.all"
    """One search over tickets, calls and knowledge, each as far as its own permission reaches."""
    SAVED_VIEW = "saved_view.own"
    """常用筛选: one's own; with the hall's reach also shared ones."""
    LIST_EXPORT = "list.export"
    """导出 tickets and calls, with a reason."""


_S, _H = Scope.SELF, Scope.HALL
_O, _V, _D, _U, _N = Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR, Role.HANDLER

PERMISSIONS: Final[Mapping[Action, Mapping[Role, Scope]]] = {
    Action.SESSION_OWN: {_O: _S, _V: _S, _D: _S, _U: _S, _N: _S},
    Action.HALL_READ: {_O: _H, _V: _H, _D: _H, _U: _H, _N: _H},
    Action.DESK_LIVE: {_O: _S, _V: _S},
    Action.HALL_LIVE: {_V: _H, _D: _H},
    Action.SEAT_LIST: {_O: _H, _V: _H, _D: _H},
    Action.SEAT_USE: {_O: _S, _V: _S},
    Action.SEAT_FORCE: {_V: _H},
    Action.SEAT_DEFINE: {_D: _H},
    Action.CALL_READ: {_O: _S, _V: _H, _U: _H},
    Action.CALL_MONITOR: {_V: _H},
    Action.CALL_FORCE_RELEASE: {_V: _H},
    Action.CALL_REVEAL: {_O: _S, _V: _H},
    Action.RECORDING_PLAY: {_O: _S, _V: _H},
    Action.TICKET_READ: {_O: _S, _V: _H},
    Action.TICKET_WRITE: {_O: _S, _V: _H},
    Action.TICKET_REOPEN: {_V: _H},
    Action.TICKET_DISPATCH: {_O: _S, _V: _H},
    Action.TICKET_REVIEW: {_V: _H},
    Action.TICKET_HANDLE: {_N: _S},
    Action.DUTY_RECORD: {_O: _S, _V: _H},
    Action.DUTY_READ: {_V: _H},
    Action.AID_READ: {_O: _S, _V: _H, _N: _S},
    Action.AID_FILE: {_O: _S, _V: _H, _N: _S},
    Action.AID_DECIDE: {_V: _H, _N: _S},
    Action.HANDOVER_MAKE: {_O: _S, _V: _H},
    Action.HANDOVER_READ: {_O: _H, _V: _H, _D: _H},
    Action.HANDOVER_SETTLE: {_V: _H},
    Action.MESSAGE_SEND: {_O: _S, _V: _H},
    Action.MESSAGE_READ: {_V: _H},
    Action.MESSAGE_SETTLE: {_V: _H},
    Action.MESSAGE_TEMPLATE: {_V: _H, _D: _H},
    Action.HANDLING_READ: {_O: _S, _V: _H, _N: _S},
    Action.CALLER_RULE_ASK: {_O: _S, _V: _H},
    Action.CALLER_RULE_READ: {_V: _H},
    Action.CALLER_RULE_CHANGE: {_V: _H},
    Action.CALLBACK_WORK: {_O: _H, _V: _H},
    Action.CALLBACK_ASSIGN: {_V: _H},
    Action.CATEGORY_READ: {_O: _H, _V: _H, _D: _H, _U: _H, _N: _H},
    Action.CATEGORY_IMPORT: {_D: _H},
    Action.REPORT_READ: {_V: _H, _D: _H, _U: _H},
    Action.REPORT_FORM: {_V: _H, _D: _H},
    Action.OPENNESS_READ: {_V: _H, _D: _H},
    Action.OPENNESS_CHANGE: {_V: _H},
    Action.INCIDENT_READ: {_V: _H, _U: _H},
    Action.INCIDENT_HANDLE: {_V: _H},
    Action.INCIDENT_PLAN: {_V: _H},
    Action.RATING_READ: {_V: _H},
    Action.RATING_TAKE: {_V: _H},
    Action.RATING_OWN: {_O: _S, _V: _S},
    Action.ANNOUNCEMENT_READ: {_V: _H, _D: _H},
    Action.ANNOUNCEMENT_CHANGE: {_D: _H},
    Action.NOTICE_SWITCH: {_V: _H, _D: _H},
    Action.ACCOUNT_LIST: {_V: _H, _D: _H, _U: _H},
    Action.ACCOUNT_CHANGE: {_D: _H},
    Action.AUDIT_READ: {_D: _H, _U: _H},
    Action.LINE_READ: {_V: _H, _D: _H},
    Action.LINE_TRACE: {_V: _H, _D: _H},
    Action.ROSTER_READ: {_O: _H, _V: _H, _D: _H, _U: _H},
    Action.ROSTER_SWAP: {_O: _S, _V: _H, _D: _H},
    Action.ROSTER_CHANGE: {_V: _H, _D: _H},
    Action.SETTLEMENT_READ: {_V: _H, _D: _H, _U: _H},
    Action.DIRECTORY_READ: {_O: _H, _V: _H, _D: _H, _U: _H, _N: _H},
    Action.DIRECTORY_CHANGE: {_V: _H, _D: _H},
    Action.KNOWLEDGE_READ: {_O: _H, _V: _H, _D: _H, _U: _H, _N: _H},
    Action.KNOWLEDGE_USE: {_O: _H, _V: _H, _N: _H},
    Action.KNOWLEDGE_EDIT: {_V: _H, _D: _H},
    Action.KNOWLEDGE_CASE: {_V: _H},
    Action.SEARCH: {_O: _S, _V: _H},
    Action.SAVED_VIEW: {_O: _S, _V: _H},
    Action.LIST_EXPORT: {_V: _H},
}
"""A cell that is not there: not allowed."""


def scope(role: Role, action: Action) -> Scope | None:
    """How far the role may do that; None: not at all."""
    return PERMISSIONS[action].get(role)


def allowed(role: Role, action: Action, *, same_hall: bool, own: bool) -> bool:
    """May it be done to this very thing?"""
    match scope(role, action):
        case Scope.HALL:
            return same_hall
        case Scope.SELF:
            return same_hall and own
        case None:
            return False


def names(role: Role) -> list[str]:
    """The actions a role may do at all: what the console shows or hides by."""
    return [action.value for action in Action if scope(role, action) is not None]
