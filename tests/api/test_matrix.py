"""Every route × every role × own and other hall: what the permission table promises, seen from outside."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from fastapi.routing import APIRoute
from sqlalchemy import insert

from hotline.announcements import plans as announcement_plans
from hotline.announcements.plan import Notice, NoticeKind
from hotline.api.routes import routers
from hotline.api.schemas.roster_plans import PatternWish
from hotline.audit.trail import SYSTEM
from hotline.handovers.records import Records
from hotline.messages.asking import ask
from hotline.messages.message import Kind
from hotline.openness import store as openness
from hotline.openness.content import DEFAULT
from hotline.people.permissions import Action, Role, Scope, scope
from hotline.rosters import plans, swaps
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import HANDOVER_DIFFERENCES
from tests.api.directory_things import EXPERT, NOTE, OFFICE, directory_things
from tests.api.site import UNIT, Site
from tests.callbacks.kit import a_task
from tests.callers.making import caller_things
from tests.handling.making import handling_things
from tests.handovers.other import a_package
from tests.incidents.making import INCIDENTS, incident_things, put_forms
from tests.knowledge.making import knowledge_things
from tests.matters.making import OF_MATTERS, matter_things
from tests.reports.forms import A_FORM
from tests.rosters import making

DAY = "2026-11-20"


class Door(NamedTuple):
    """A route, what it does, and a request that goes through when it is allowed."""

    action: Action
    method: str
    path: str
    body: dict[str, Any] | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    of_a_thing: bool = False
    """It names a call, ticket, recording or account."""
    operation: str = ""


FIRST = {"If-Match": '"1"'}
WHY = {"reason": "已回访核实"}
RULE = {"number": "13600000000", "kind": "elderly", "reason": "来电自述"}
MARKED = {"call": "{call}", "kind": "{mark}", "reason": "来电自述"}
"""Braces: of the thing that is asked about."""
SHIFT = {"day": "2026-12-24", "begins": "09:00", "ends": "12:00"}
DROP = {"version": 1, "reason": "取消"}
TRAINING = {"day": "2026-11-01", "topic": "话务规范", "hours": 2}
NOTICE = {"kind": "holiday", "title": "国庆", "prompt": "holiday"}
PATTERN = {"name": "日班", "days": ["workday"], "begins": "09:00", "ends": "18:00", "anchor": "2026-12-01"}
PLAN = {"title": "火灾", "steps": [{"title": "疏散"}]}
PUBLISHED = {"intro": "免费咨询。", "complaint_phone": "12348"}
REPORT = {"seen": 1, "report": {"title": "火灾"}}
ARTICLE = {"title": "拖欠工资", "body": "可以投诉。"}
DOORS = [
    Door(Action.SESSION_OWN, "GET", "/session", operation="whoAmI"),
    Door(Action.SESSION_OWN, "POST", "/session/password", {"old": "x", "new": "y"}, operation="changePassword"),
    Door(Action.SESSION_OWN, "DELETE", "/session", operation="signOut"),
    Door(Action.ACCOUNT_LIST, "GET", "/accounts", operation="listAccounts"),
    Door(
        Action.ACCOUNT_CHANGE,
        "POST",
        "/accounts",
        {"work_number": "77", "name": "新", "role": "operator"},
        operation="createAccount",
    ),
    Door(
        Action.ACCOUNT_CHANGE,
        "PATCH",
        "/accounts/{account}",
        {"name": "改名"},
        of_a_thing=True,
        operation="changeAccount",
    ),
    Door(
        Action.ACCOUNT_CHANGE,
        "POST",
        "/accounts/{account}/reset-password",
        {},
        of_a_thing=True,
        operation="resetPassword",
    ),
    Door(Action.CALL_READ, "GET", "/calls", operation="listCalls"),
    Door(Action.CALL_READ, "GET", "/calls/{call}", of_a_thing=True, operation="readCall"),
    Door(Action.CALL_READ, "GET", "/calls/{call}/pop", of_a_thing=True, operation="popCall"),
    Door(
        Action.CALL_REVEAL,
        "POST",
        "/calls/{call}/reveal",
        {"reason": "回访"},
        of_a_thing=True,
        operation="revealCaller",
    ),
    Door(Action.RECORDING_PLAY, "GET", "/recordings/{recording}/audio", of_a_thing=True, operation="playRecording"),
    Door(Action.TICKET_READ, "GET", "/tickets", operation="listTickets"),
    Door(Action.TICKET_READ, "GET", "/tickets/{ticket}", of_a_thing=True, operation="readTicket"),
    Door(Action.TICKET_WRITE, "POST", "/tickets", {"channel": "visit", "facts": "来访"}, operation="createTicket"),
    Door(Action.TICKET_WRITE, "PUT", "/tickets/{ticket}/draft", {"facts": "拖欠工资"}, FIRST, True, "saveTicket"),
    Door(Action.TICKET_WRITE, "POST", "/tickets/{complete}/close", {}, FIRST, True, "closeTicket"),
    Door(
        Action.TICKET_WRITE, "POST", "/tickets/{ticket}/quick-close", {"kind": "silence"}, {}, True, "quickCloseTicket"
    ),
    Door(Action.TICKET_REOPEN, "POST", "/tickets/{closed}/reopen", {"reason": "补充"}, {}, True, "reopenTicket"),
    Door(Action.CALLER_RULE_READ, "GET", "/callers/rules", operation="listCallerRules"),
    Door(Action.CALLER_RULE_READ, "GET", "/callers/rules/waiting", operation="countCallerRules"),
    Door(Action.CALLER_RULE_ASK, "POST", "/callers/rules/requests", MARKED, {}, True, "askCallerRule"),
    Door(Action.CALLER_RULE_CHANGE, "POST", "/callers/rules", RULE, operation="createCallerRule"),
    Door(Action.CALLER_RULE_CHANGE, "POST", "/callers/rules/{wanted_rule}/approve", WHY, {}, True, "approveCallerRule"),
    Door(
        Action.CALLER_RULE_CHANGE, "POST", "/callers/rules/{unwanted_rule}/decline", WHY, {}, True, "declineCallerRule"
    ),
    Door(Action.CALLER_RULE_CHANGE, "POST", "/callers/rules/{reviewed_rule}/review", WHY, {}, True, "reviewCallerRule"),
    Door(Action.CALLER_RULE_CHANGE, "POST", "/callers/rules/{ended_rule}/end", WHY, {}, True, "endCallerRule"),
    Door(Action.CALLER_RULE_CHANGE, "POST", "/callers/rules/{shown_rule}/reveal", WHY, {}, True, "revealCallerRule"),
    Door(Action.CALLER_RULE_READ, "GET", "/callers/conflicts", operation="listConflicts"),
    Door(Action.CALLER_RULE_CHANGE, "POST", "/callers/conflicts/{conflict}/end", WHY, {}, True, "endConflict"),
    Door(Action.CATEGORY_READ, "GET", "/categories", operation="readCategories"),
    Door(
        Action.CATEGORY_IMPORT,
        "POST",
        "/categories",
        {"label": "新", "items": [{"code": "a", "label": "甲"}]},
        operation="importCategories",
    ),
    Door(Action.REPORT_READ, "GET", "/reports/days", operation="listDays"),
    Door(Action.REPORT_READ, "GET", f"/reports/{DAY}", operation="readDay"),
    Door(Action.REPORT_READ, "GET", f"/reports/{DAY}/xlsx", operation="exportDay"),
    Door(Action.REPORT_READ, "GET", "/report-forms", operation="listReportForms"),
    Door(Action.REPORT_READ, "GET", "/report-forms/places", operation="listReportPlaces"),
    Door(Action.REPORT_FORM, "PUT", "/report-forms/月报", {"file": A_FORM}, operation="saveReportForm"),
    Door(Action.REPORT_FORM, "DELETE", "/report-forms/旧表", operation="dropReportForm"),
    Door(Action.REPORT_READ, "GET", f"/report-forms/日报/xlsx?from={DAY}&to={DAY}", operation="fillReportForm"),
    Door(Action.OPENNESS_READ, "GET", "/openness", operation="readOpenness"),
    Door(Action.OPENNESS_READ, "GET", "/openness/versions", operation="listOpenness"),
    Door(Action.OPENNESS_READ, "GET", "/openness/versions/1", operation="readOpennessVersion"),
    Door(Action.OPENNESS_CHANGE, "PUT", "/openness", {"seen": 1, "content": PUBLISHED}, operation="publishOpenness"),
    Door(Action.INCIDENT_READ, "GET", "/incident-plans", operation="listIncidentPlans"),
    Door(Action.INCIDENT_PLAN, "PUT", "/incident-plans/fire", {"seen": 0, "plan": PLAN}, operation="saveIncidentPlan"),
    Door(Action.INCIDENT_READ, "GET", "/incidents", operation="listIncidents"),
    Door(Action.INCIDENT_HANDLE, "POST", "/incidents", {"plan": "harm"}, operation="beginIncident"),
    Door(Action.INCIDENT_READ, "GET", "/incidents/{incident}", of_a_thing=True, operation="readIncident"),
    Door(Action.INCIDENT_READ, "GET", "/incidents/{incident}/paper", of_a_thing=True, operation="printIncident"),
    Door(Action.INCIDENT_HANDLE, "POST", "/incidents/{ticked}/steps/0", {}, {}, True, "tickIncidentStep"),
    Door(Action.INCIDENT_HANDLE, "PUT", "/incidents/{written}/report", REPORT, {}, True, "writeIncidentReport"),
    Door(Action.INCIDENT_HANDLE, "POST", "/incidents/{told}/told", {"how": "oral"}, {}, True, "tellIncident"),
    Door(Action.INCIDENT_HANDLE, "POST", "/incidents/{over}/end", operation="endIncident", of_a_thing=True),
    Door(Action.RATING_READ, "GET", "/ratings", operation="listRatings"),
    Door(Action.REPORT_READ, "GET", "/ratings/figures", operation="readRatingFigures"),
    Door(Action.RATING_OWN, "GET", "/ratings/own", operation="readOwnRatings"),
    Door(Action.RATING_READ, "GET", "/ratings/{rating}", of_a_thing=True, operation="readRating"),
    Door(
        Action.RATING_TAKE,
        "POST",
        "/ratings/{rating}/follow-up",
        {"note": "已致歉"},
        of_a_thing=True,
        operation="followUpRating",
    ),
    Door(
        Action.RATING_TAKE,
        "POST",
        "/calls/{served}/rating",
        {"scores": {"attitude": 5}},
        of_a_thing=True,
        operation="takeRating",
    ),
    Door(
        Action.RATING_TAKE, "POST", "/tickets/{served_ticket}/rating-link", of_a_thing=True, operation="makeRatingLink"
    ),
    Door(Action.AUDIT_READ, "GET", "/audit", operation="listAudit"),
    Door(Action.LINE_READ, "GET", "/lines", operation="listLines"),
    Door(Action.LINE_READ, "GET", "/lines/line-1", operation="readLine"),
    Door(Action.LINE_TRACE, "GET", "/lines/line-1/raw", operation="traceLine"),
    Door(Action.ROSTER_READ, "GET", "/rosters/shifts?from=2026-12-01&to=2026-12-07", operation="listShifts"),
    Door(Action.ROSTER_READ, "GET", "/rosters/shifts/{duty}/changes", of_a_thing=True, operation="listShiftChanges"),
    Door(Action.ROSTER_READ, "GET", "/rosters/colleagues", operation="listColleagues"),
    Door(Action.ROSTER_READ, "GET", "/rosters/duty", operation="readDuty"),
    Door(Action.ROSTER_READ, "GET", "/rosters/requirements", operation="listRequirements"),
    Door(Action.ROSTER_READ, "GET", "/rosters/gaps", operation="listGaps"),
    Door(Action.ROSTER_READ, "GET", "/rosters/calendar/2027", operation="readCalendar"),
    Door(Action.ROSTER_CHANGE, "POST", "/rosters/shifts", SHIFT, operation="createShift"),
    Door(Action.ROSTER_CHANGE, "PUT", "/rosters/shifts/{edited}", SHIFT | {"version": 1}, {}, True, "changeShift"),
    Door(Action.ROSTER_CHANGE, "POST", "/rosters/shifts/{dropped}/cancel", DROP, {}, True, "cancelShift"),
    Door(Action.ROSTER_SWAP, "GET", "/rosters/swaps", operation="listSwaps"),
    Door(Action.ROSTER_SWAP, "POST", "/rosters/swaps", {"shift": 999999, "asked_of": "x"}, operation="askSwap"),
    Door(Action.ROSTER_SWAP, "POST", "/rosters/swaps/{swap}/answer", {"step": "withdraw"}, {}, True, "answerSwap"),
    Door(Action.ROSTER_CHANGE, "POST", "/rosters/swaps/{asked}/decision", {"step": "refuse"}, {}, True, "decideSwap"),
    Door(Action.ROSTER_CHANGE, "GET", "/firms", operation="listFirms"),
    Door(Action.ROSTER_CHANGE, "POST", "/firms", {"name": "新所"}, operation="createFirm"),
    Door(Action.ROSTER_CHANGE, "PATCH", "/firms/{firm}", {"closed": True}, {}, True, "changeFirm"),
    Door(Action.ROSTER_CHANGE, "GET", "/lawyers", operation="listLawyers"),
    Door(Action.ROSTER_CHANGE, "PUT", "/lawyers/{account}", {"employment": "part_time"}, {}, True, "putLawyer"),
    Door(Action.ROSTER_CHANGE, "GET", "/lawyers/{account}/trainings", of_a_thing=True, operation="listTrainings"),
    Door(Action.ROSTER_CHANGE, "POST", "/lawyers/{account}/trainings", TRAINING, {}, True, "noteTraining"),
    Door(Action.ROSTER_CHANGE, "GET", "/rosters/patterns", operation="listPatterns"),
    Door(Action.ROSTER_CHANGE, "POST", "/rosters/patterns", PATTERN, operation="createPattern"),
    Door(
        Action.ROSTER_CHANGE,
        "PUT",
        "/rosters/patterns/{pattern}",
        PATTERN | {"version": 99},
        of_a_thing=True,
        operation="changePattern",
    ),
    Door(
        Action.ROSTER_CHANGE,
        "POST",
        "/rosters/generate",
        {"from": "2026-12-01", "to": "2026-12-07"},
        operation="generateShifts",
    ),
    Door(Action.ROSTER_CHANGE, "PUT", "/rosters/requirements", {"items": []}, operation="putRequirements"),
    Door(Action.ROSTER_CHANGE, "PUT", "/rosters/calendar/2027", {"days": []}, operation="putCalendar"),
    Door(Action.ROSTER_CHANGE, "GET", "/rosters/import/template", operation="rosterTemplate"),
    Door(Action.ROSTER_CHANGE, "POST", "/rosters/import", {"file": "AAAA"}, operation="importRoster"),
    Door(Action.SETTLEMENT_READ, "GET", "/rosters/settlement/2026-11", operation="readSettlement"),
    Door(Action.SETTLEMENT_READ, "GET", "/rosters/settlement/2026-11/xlsx", operation="exportSettlement"),
    Door(Action.KNOWLEDGE_READ, "GET", "/knowledge?q=工资", operation="listKnowledge"),
    Door(Action.KNOWLEDGE_READ, "GET", "/knowledge/at-hand?category=other", operation="knowledgeAtHand"),
    Door(Action.KNOWLEDGE_READ, "GET", "/knowledge/{knowledge}", of_a_thing=True, operation="readKnowledge"),
    Door(Action.KNOWLEDGE_USE, "POST", "/knowledge/{knowledge}/use", of_a_thing=True, operation="useKnowledge"),
    Door(Action.KNOWLEDGE_USE, "POST", "/knowledge/{knowledge}/feedback", {"useful": True}, {}, True, "giveFeedback"),
    Door(Action.KNOWLEDGE_EDIT, "POST", "/knowledge", ARTICLE | {"kind": "article"}, operation="createKnowledge"),
    Door(Action.KNOWLEDGE_EDIT, "PUT", "/knowledge/{knowledge_draft}", ARTICLE, FIRST, True, "saveKnowledge"),
    Door(
        Action.KNOWLEDGE_EDIT,
        "POST",
        "/knowledge/{knowledge_unreviewed}/steps",
        {"step": "review"},
        FIRST,
        True,
        "stepKnowledge",
    ),
    Door(Action.KNOWLEDGE_EDIT, "GET", "/knowledge/{knowledge}/history", None, {}, True, "listKnowledgeSteps"),
    Door(
        Action.KNOWLEDGE_EDIT,
        "GET",
        "/knowledge/{knowledge}/difference?was=1&now=1",
        None,
        {},
        True,
        "compareKnowledge",
    ),
    Door(Action.KNOWLEDGE_CASE, "POST", "/knowledge/from-ticket/{case_ticket}", None, {}, True, "makeCase"),
    Door(Action.KNOWLEDGE_CASE, "GET", "/knowledge/from-ticket/{case_ticket}/removal", None, {}, True, "readRemoval"),
    Door(Action.KNOWLEDGE_EDIT, "GET", "/knowledge-feedback", operation="listFeedback"),
    Door(
        Action.KNOWLEDGE_EDIT,
        "POST",
        "/knowledge-feedback/{feedback}/settle",
        {"words": "已改正"},
        {},
        True,
        "settleFeedback",
    ),
    Door(Action.KNOWLEDGE_EDIT, "GET", "/knowledge-file", operation="knowledgeFile"),
    Door(
        Action.KNOWLEDGE_EDIT,
        "POST",
        "/knowledge-file",
        {"file": "", "file_name": "知识库.xlsx"},
        operation="importKnowledge",
    ),
    Door(Action.SEARCH, "GET", "/search?q=工资", operation="searchAll"),
    Door(Action.SAVED_VIEW, "GET", "/saved-views?list=tickets", operation="listSavedViews"),
    Door(
        Action.SAVED_VIEW,
        "POST",
        "/saved-views",
        {"list": "tickets", "name": "本周", "filter": {"days": 7}},
        operation="keepView",
    ),
    Door(Action.SAVED_VIEW, "DELETE", "/saved-views/{saved_view}", of_a_thing=True, operation="dropView"),
    Door(Action.LIST_EXPORT, "POST", "/tickets/export", {"reason": "月度分析"}, operation="exportTickets"),
    Door(Action.LIST_EXPORT, "POST", "/calls/export", {"reason": "月度分析"}, operation="exportCalls"),
]
ANNOUNCEMENTS = [
    Door(Action.ANNOUNCEMENT_READ, "GET", "/announcements/prompts", operation="listPrompts"),
    Door(Action.ANNOUNCEMENT_READ, "GET", "/announcements/prompts/closed", operation="readPrompt"),
    Door(Action.ANNOUNCEMENT_READ, "GET", "/announcements/prompts/closed/audio", operation="playPrompt"),
    Door(Action.ANNOUNCEMENT_CHANGE, "PUT", "/announcements/prompts/closed/audio", {}, operation="uploadPrompt"),
    Door(
        Action.ANNOUNCEMENT_CHANGE, "PUT", "/announcements/prompts/closed", {"label": "夜间"}, operation="renamePrompt"
    ),
    Door(
        Action.ANNOUNCEMENT_CHANGE,
        "POST",
        "/announcements/prompts/closed/restore",
        {"version": 0},
        operation="restorePrompt",
    ),
    Door(Action.ANNOUNCEMENT_CHANGE, "DELETE", "/announcements/prompts/closed", operation="removePrompt"),
    Door(Action.ANNOUNCEMENT_READ, "GET", "/announcements/plan", operation="readPlan"),
    Door(
        Action.ANNOUNCEMENT_CHANGE, "PUT", "/announcements/plan", {"plan": {}}, {"If-Match": "0"}, operation="savePlan"
    ),
    Door(Action.ANNOUNCEMENT_READ, "POST", "/announcements/plan/check", {}, operation="checkPlan"),
    Door(Action.ANNOUNCEMENT_READ, "GET", "/announcements/plan/versions", operation="listPlans"),
    Door(Action.ANNOUNCEMENT_READ, "GET", "/announcements/plan/versions/0", operation="readPlanVersion"),
    Door(
        Action.ANNOUNCEMENT_CHANGE,
        "POST",
        "/announcements/plan/restore",
        {"version": 0},
        FIRST,
        operation="restorePlan",
    ),
    Door(Action.ANNOUNCEMENT_READ, "GET", "/announcements/notices", operation="listNotices"),
    Door(Action.ANNOUNCEMENT_CHANGE, "POST", "/announcements/notices", NOTICE, operation="addNotice"),
    Door(Action.ANNOUNCEMENT_CHANGE, "PUT", "/announcements/notices/{notice}", NOTICE, FIRST, True, "changeNotice"),
    Door(
        Action.NOTICE_SWITCH, "POST", "/announcements/notices/{notice}/switch", {"on": True}, {}, True, "switchNotice"
    ),
    Door(Action.ANNOUNCEMENT_CHANGE, "DELETE", "/announcements/notices/{notice}", None, {}, True, "removeNotice"),
]
CALLBACKS = [
    Door(Action.CALLBACK_WORK, "GET", "/callbacks", operation="listCallbacks"),
    Door(Action.CALLBACK_WORK, "GET", "/callbacks/counts", operation="countCallbacks"),
    Door(Action.CALLBACK_WORK, "GET", "/callbacks/{callback}", of_a_thing=True, operation="readCallback"),
    Door(Action.CALLBACK_WORK, "POST", "/callbacks/{callback}/take", None, {}, True, "takeCallback"),
    Door(Action.CALLBACK_WORK, "POST", "/callbacks/{callback}/heard", None, {}, True, "hearCallback"),
    Door(Action.CALLBACK_ASSIGN, "POST", "/callbacks/{callback}/assign", {"account": "x"}, {}, True, "assignCallback"),
    Door(Action.CALLBACK_WORK, "POST", "/callbacks/{callback}/done", {"result": "helped"}, {}, True, "finishCallback"),
    Door(Action.CALLBACK_WORK, "POST", "/callbacks/{callback}/not-them", None, {}, True, "callbackNotThem"),
    Door(Action.CALLBACK_WORK, "POST", "/callbacks/{callback}/close", {"reason": "no_need"}, {}, True, "closeCallback"),
    Door(Action.CALLBACK_WORK, "POST", "/callbacks/{callback}/release", None, {}, True, "releaseCallback"),
]
REASON = {"reason": "事出有因"}
ASKED_HOW = {"way": "phone", "contentment": "satisfied"}
LEGAL_WAY = {"reason": "法院已立案", "channel": "诉讼"}
HANDLING = [
    Door(Action.HANDLING_READ, "GET", "/handling?view=at_units", operation="listHandling"),
    Door(Action.HANDLING_READ, "GET", "/handling/counts", operation="countHandling"),
    Door(Action.HANDLING_READ, "GET", "/handling/units", operation="listLoads"),
    Door(Action.HANDLING_READ, "GET", "/handling/tickets/{to_read}", of_a_thing=True, operation="readCourse"),
    Door(
        Action.HANDLING_READ,
        "PUT",
        "/tickets/{to_read}/here",
        {"page": "page-0001"},
        of_a_thing=True,
        operation="openTicketTogether",
    ),
    Door(Action.HANDLING_READ, "DELETE", "/tickets/{to_read}/here/page-0001", operation="leaveTicket"),
    Door(Action.TICKET_REVIEW, "GET", "/handling/requests", operation="listRequests"),
    Door(
        Action.TICKET_REVIEW, "POST", "/handling/requests/999999/decide", {"granted": True}, operation="decideRequest"
    ),
    *(
        Door(action, "POST", f"/tickets/{{{thing}}}/{path}", body, headers, True, f"{operation}Ticket")
        for action, thing, path, body, headers, operation in (
            (Action.TICKET_DISPATCH, "to_dispatch", "dispatch", {"unit": UNIT}, FIRST, "dispatch"),
            (Action.TICKET_DISPATCH, "to_recall", "recall", REASON, {}, "recall"),
            (Action.TICKET_REVIEW, "to_designate", "designate", {"unit": UNIT, **REASON}, {}, "designate"),
            (Action.TICKET_REVIEW, "to_review", "review", {}, FIRST, "review"),
            (Action.TICKET_REVIEW, "to_send_back", "send-back", REASON, FIRST, "sendBack"),
            (Action.TICKET_REVIEW, "to_follow_up", "follow-up", ASKED_HOW, {}, "followUp"),
            (Action.TICKET_REVIEW, "to_archive", "archive", {}, FIRST, "archive"),
            (Action.TICKET_DISPATCH, "to_merge", "merge", {"into": "{to_read}"}, FIRST, "merge"),
            (Action.TICKET_DISPATCH, "to_split", "split", None, {}, "split"),
            (Action.TICKET_DISPATCH, "to_refuse", "not-accept", LEGAL_WAY, FIRST, "notAccept"),
            (Action.TICKET_DISPATCH, "to_urge", "urge", {}, {}, "urge"),
            (Action.TICKET_REVIEW, "to_supervise", "supervise", {"note": "今日反馈"}, {}, "supervise"),
            (Action.TICKET_REVIEW, "to_resume", "resume", None, {}, "resume"),
        )
    ),
    Door(Action.TICKET_DISPATCH, "POST", "/tickets/{to_end}/termination", REASON, {}, True, "askTermination"),
    *(
        Door(Action.TICKET_HANDLE, method, f"/unit/tickets/{{{thing}}}{path}", body, headers, True, operation)
        for method, thing, path, body, headers, operation in (
            ("GET", "to_read", "", None, {}, "readUnitTicket"),
            ("POST", "to_read", "/reveal", {"reason": "联系来电人"}, {}, "revealCitizen"),
            ("POST", "to_sign", "/sign", {}, {}, "signTicket"),
            ("POST", "to_begin", "/begin", None, {}, "beginTicket"),
            ("POST", "to_note", "/note", {"note": "已电话联系"}, {}, "noteTicket"),
            ("POST", "to_pass_on", "/pass-on", {"unit": UNIT}, {}, "passOnTicket"),
            ("POST", "to_reply", "/reply", {"reply": "已办理"}, FIRST, "replyTicket"),
            ("POST", "to_return", "/return", REASON, {}, "returnTicket"),
            ("POST", "to_extend", "/extension", {"amount": 2, **REASON}, {}, "askExtension"),
            ("POST", "to_pause", "/pause", REASON, {}, "askPause"),
            ("POST", "to_give_up", "/termination", REASON, {}, "askUnitTermination"),
        )
    ),
]
FILED = {"applicant": "王某", "ground": "pay", "means": "declared", "materials": ["form"]}
MATTERS = [
    Door(Action.CATEGORY_READ, "GET", "/matters", operation="readMatters"),
    Door(Action.DUTY_READ, "GET", "/duties", operation="listOpenDuties"),
    Door(Action.HANDLING_READ, "GET", "/tickets/{of_duty}/duties", None, {}, True, "readDuties"),
    Door(Action.CALL_REVEAL, "POST", "/tickets/{of_aid}/particulars/reveal", REASON, {}, True, "revealParticulars"),
    Door(Action.AID_READ, "GET", "/tickets/{of_aid}/aid", None, {}, True, "readAid"),
    *(
        Door(action, "POST", f"/tickets/{{{thing}}}/{path}", body, {}, True, operation)
        for action, thing, path, body, operation in (
            (Action.DUTY_RECORD, "of_duty", "duties/minor_report", {"receiver": "police"}, "recordDuty"),
            (Action.AID_FILE, "aid_to_file", "aid", FILED, "fileAid"),
            (Action.AID_FILE, "aid_to_receive", "aid/materials", {"materials": ["case"]}, "receiveAidMaterials"),
            (Action.AID_DECIDE, "aid_to_ask", "aid/supplement", {"materials": ["identity"]}, "askAidMaterials"),
            (Action.AID_DECIDE, "aid_to_decide", "aid/decide", {"granted": True}, "decideAid"),
            (Action.AID_DECIDE, "aid_to_appoint", "aid/appoint", {"lawyer": "李律师", "firm": "某所"}, "appointAid"),
            (Action.AID_FILE, "aid_to_withdraw", "aid/withdraw", REASON, "withdrawAid"),
        )
    ),
]
HANDING = {"bridge": "h1-city", "legal_basis": "consent", "consent": True}
HANDOVERS = [
    Door(Action.HANDOVER_READ, "GET", "/bridges", operation="listBridges"),
    Door(Action.HANDOVER_READ, "GET", "/handovers", operation="listHandovers"),
    Door(Action.HANDOVER_READ, "GET", "/handovers/counts", operation="countHandovers"),
    Door(Action.HANDOVER_READ, "GET", "/handovers/{handed}", operation="readHandover"),
    Door(Action.HANDOVER_READ, "GET", "/handovers/differences", operation="listHandoverDifferences"),
    Door(Action.HANDOVER_READ, "GET", "/handovers/comparisons", operation="listHandoverComparisons"),
    Door(
        Action.HANDOVER_SETTLE,
        "POST",
        "/handovers/differences/{differs}/settle",
        {"reason": "电话核实"},
        operation="settleHandoverDifference",
    ),
    Door(Action.HANDOVER_MAKE, "GET", "/handovers/{handed}/sheet", None, {}, True, "printHandover"),
    Door(Action.HANDOVER_MAKE, "GET", "/tickets/{to_read}/handovers", None, {}, True, "listTicketHandovers"),
    Door(Action.HANDOVER_MAKE, "POST", "/tickets/{to_read}/handovers/check", HANDING, {}, True, "checkHandover"),
    Door(Action.HANDOVER_MAKE, "POST", "/tickets/{to_read}/handovers", HANDING, {}, True, "createHandover"),
    *(
        Door(Action.HANDOVER_SETTLE, "POST", f"/handovers/{{handed}}/{path}", body, operation=operation)
        for path, body, operation in (
            ("retry", {"reason": "已补充"}, "retryHandover"),
            ("arrived", {"reason": "电话核实"}, "handoverArrived"),
            ("not-arrived", {"reason": "电话核实"}, "handoverNotArrived"),
            ("told", {"kind": "feedback", "text": "正在办理"}, "tellHandover"),
            ("withdraw", {"reason": "来电人撤回"}, "withdrawHandover"),
        )
    ),
]
TEXT = {"kind": "accepted"}
MESSAGES = [
    Door(Action.MESSAGE_READ, "GET", "/messages", operation="listMessages"),
    Door(Action.MESSAGE_READ, "GET", "/messages/day", operation="readMessageDay"),
    Door(Action.MESSAGE_READ, "GET", "/messages/{message}", None, {}, True, "readMessage"),
    *(
        Door(Action.MESSAGE_SETTLE, "POST", f"/messages/{{message}}/{path}", WHY, {}, True, operation)
        for path, operation in (
            ("release", "releaseMessage"),
            ("retry", "retryMessage"),
            ("arrived", "messageArrived"),
            ("not-arrived", "messageNotArrived"),
            ("cancel", "cancelMessage"),
        )
    ),
    Door(Action.MESSAGE_TEMPLATE, "GET", "/messages/templates", operation="listMessageTemplates"),
    Door(
        Action.MESSAGE_TEMPLATE,
        "PUT",
        "/messages/templates/result",
        {"text": "结果：{{result}}"},
        {"If-Match": '"0"'},
        operation="changeMessageTemplate",
    ),
    Door(Action.MESSAGE_SEND, "GET", "/tickets/{ticket}/messages", None, {}, True, "listTicketMessages"),
    Door(Action.MESSAGE_SEND, "POST", "/tickets/{ticket}/messages/preview", TEXT, {}, True, "previewMessage"),
    Door(Action.MESSAGE_SEND, "POST", "/tickets/{ticket}/messages", TEXT, {}, True, "sendMessage"),
    Door(
        Action.MESSAGE_SEND,
        "PUT",
        "/tickets/{ticket}/messages/consent",
        {"declined": False},
        {},
        True,
        "setMessageConsent",
    ),
    Door(Action.MESSAGE_SEND, "GET", "/tickets/{ticket}/guidance", None, {}, True, "readGuidance"),
    Door(Action.REPORT_READ, "GET", f"/handling/figures?from={DAY}&to={DAY}", operation="readHandlingFigures"),
    Door(Action.REPORT_READ, "GET", f"/handling/figures/xlsx?from={DAY}&to={DAY}", operation="exportHandlingFigures"),
]
DOORS += MESSAGES
HANDLED = {name for door in HANDLING for name in re.findall(r"\{(\w+)\}", door.path)}
DOORS += HANDLING
DOORS += HANDOVERS
DOORS += MATTERS
DIRECTORY = [
    Door(Action.DIRECTORY_READ, "GET", "/directory/tree", operation="readDirectoryTree"),
    Door(Action.DIRECTORY_READ, "GET", "/directory/units", operation="listUnits"),
    Door(Action.DIRECTORY_READ, "GET", "/directory/units/{office}", of_a_thing=True, operation="readUnit"),
    Door(Action.DIRECTORY_READ, "GET", "/directory/serving?matter=notary&area=330106", operation="listServing"),
    Door(Action.DIRECTORY_READ, "GET", "/directory/changes", operation="listDirectoryChanges"),
    Door(Action.DIRECTORY_READ, "GET", "/directory/imports", operation="listDirectoryImports"),
    Door(Action.DIRECTORY_READ, "GET", "/directory/advisers", operation="listAdvisers"),
    Door(Action.DIRECTORY_READ, "GET", "/directory/experts", operation="listExperts"),
    Door(
        Action.DIRECTORY_READ,
        "GET",
        "/directory/advisers/{directory_adviser}/ledger",
        None,
        {},
        True,
        "readAdviserLedger",
    ),
    Door(Action.DIRECTORY_CHANGE, "POST", "/directory/units", OFFICE | {"code": "new"}, operation="createUnit"),
    Door(
        Action.DIRECTORY_CHANGE,
        "PUT",
        "/directory/units/{edited_office}",
        OFFICE | {"version": 1},
        {},
        True,
        "changeUnit",
    ),
    Door(Action.DIRECTORY_CHANGE, "POST", "/directory/units/{ended_office}/end", DROP, {}, True, "endUnit"),
    Door(Action.DIRECTORY_CHANGE, "POST", "/directory/units/{over_office}/revive", DROP, {}, True, "reviveUnit"),
    Door(
        Action.DIRECTORY_CHANGE,
        "POST",
        "/directory/units/{office}/people",
        {"name": "李"},
        {},
        True,
        "createUnitPerson",
    ),
    Door(
        Action.DIRECTORY_CHANGE,
        "PUT",
        "/directory/people/{directory_person}",
        {"name": "李", "unit": "{office}", "version": 1},
        of_a_thing=True,
        operation="changeUnitPerson",
    ),
    Door(Action.DIRECTORY_CHANGE, "POST", "/directory/advisers", {"name": "陈"}, operation="createAdviser"),
    Door(
        Action.DIRECTORY_CHANGE,
        "PUT",
        "/directory/advisers/{directory_adviser}",
        {"name": "陈", "version": 1},
        of_a_thing=True,
        operation="changeAdviser",
    ),
    Door(
        Action.DIRECTORY_CHANGE,
        "POST",
        "/directory/advisers/{directory_adviser}/ledger",
        NOTE,
        of_a_thing=True,
        operation="noteAdviserService",
    ),
    Door(
        Action.DIRECTORY_CHANGE,
        "POST",
        "/directory/ledger/{entry}/strike",
        {"reason": "重复登记"},
        of_a_thing=True,
        operation="strikeAdviserService",
    ),
    Door(Action.DIRECTORY_CHANGE, "POST", "/directory/experts", EXPERT, operation="createExpert"),
    Door(
        Action.DIRECTORY_CHANGE,
        "PUT",
        "/directory/experts/{directory_expert}",
        EXPERT | {"version": 1},
        of_a_thing=True,
        operation="changeExpert",
    ),
    Door(Action.DIRECTORY_CHANGE, "GET", "/directory/import/template", operation="directoryTemplate"),
    Door(
        Action.DIRECTORY_CHANGE,
        "POST",
        "/directory/import",
        {"file": "AAAA", "file_name": "x"},
        operation="importDirectory",
    ),
]
DOORS += DIRECTORY
DOORS += ANNOUNCEMENTS
DOORS += CALLBACKS
EXPECTED_WHEN_ALLOWED = {
    "changePassword": 422,
    "exportDay": 404,
    "askSwap": 404,
    "putLawyer": 409,
    "changePattern": 409,
    "importRoster": 422,
    "importDirectory": 422,
    "importKnowledge": 422,
    "reviveUnit": 409,
    "playPrompt": 404,
    "readLine": 404,
    "traceLine": 404,
    "uploadPrompt": 422,
    "assignCallback": 422,
    "decideRequest": 404,
    "printHandover": 404,
    "retryHandover": 409,
    "handoverArrived": 409,
    "handoverNotArrived": 409,
    "passOnTicket": 409,
    "releaseMessage": 409,
    "retryMessage": 409,
    "messageArrived": 409,
    "messageNotArrived": 409,
    "finishCallback": 409,
    "callbackNotThem": 409,
    "releaseCallback": 409,
}
"""These requests are refused for another reason, after the permission was found good."""


@pytest_asyncio.fixture
async def filled(
    database: Database, seal: Seal, tmp_path: Path
) -> AsyncIterator[tuple[Site, dict[tuple[str, str], dict[str, Any]]]]:
    """In both halls: one thing of every kind of the operator's own, and one of a colleague's."""
    site = Site(database, seal, tmp_path / "state")
    await site.populate()
    (site.root / "recordings" / "a.wav").write_bytes(b"RIFF" + bytes(60))
    things: dict[tuple[str, str], dict[str, Any]] = {}
    for hall in site.halls:
        for whose, owner in (("own", Role.OPERATOR), ("colleague's", Role.SUPERVISOR)):
            call, ticket = await site.call(hall, operator=owner)
            _, complete = await site.call(hall, operator=owner, state="open", category="other", opinion="已答复")
            _, closed = await site.call(hall, operator=owner, state="closed")
            recording = await site.recording(call, "a.wav", hall=hall)
            # Nobody has a hand in ratings of the own service: these are about somebody else's.
            served, served_ticket = await site.call(hall, operator="acc-else")
            things[hall, whose] = {
                "call": call,
                "ticket": ticket,
                "complete": complete,
                "closed": closed,
                "recording": recording,
                "served": served,
                "served_ticket": served_ticket,
                "rating": await site.rating(served),
                "account": site.people[hall, owner].id,
                "notice": await notice(site, hall),
                "handed": await handed(site, hall, closed),
                "message": await wanted_message(site, hall, served_ticket),
                "differs": await differs(site, hall, served_ticket),
                "callback": await callback(site, hall, caller=f"1391390{len(things):04}"),
                **await roster_things(site, hall, owner),
                **await directory_things(site, hall, owner),
                **await caller_things(site, hall, owner, closed),
                **await incident_things(site, hall),
                **await knowledge_things(site, hall, owner),
                **(
                    await handling_things(site, hall, owner, own=whose == "own")
                    | await matter_things(site, hall, owner, own=whose == "own")
                    if hall == "h1"
                    else dict.fromkeys((*HANDLED, *OF_MATTERS), ticket)  # nobody gets there
                ),
            }
    put_forms(site)
    await published(site)
    yield site, things
    site.passwords.close()


async def published(site: Site) -> None:
    """The first version of what is published."""
    async with site.engine.begin() as conn:
        await openness.publish(conn, "h1", DEFAULT, seen=0, by="acc-1", now=site.clock.now())


async def differs(site: Site, hall: str, number: str) -> int:
    """A difference that the nightly comparison found."""
    made = {"hall": hall, "bridge": f"{hall}-city", "day": site.clock.now().date(), "number": number}
    async with site.engine.begin() as conn:
        query = insert(HANDOVER_DIFFERENCES).values(**made, why="missing_there", found_at=site.clock.now())
        return int((await conn.execute(query.returning(HANDOVER_DIFFERENCES.c.id))).scalar_one())


async def handed(site: Site, hall: str, ticket: str) -> int:
    """A hand-over that waits to be sent; its id."""
    async with site.engine.begin() as conn:
        records = Records(conn, hall=hall, now=site.clock.now())
        return await records.add(site.seal, a_package(ticket, hall, f"{hall}-city"), by="acc-1")


async def wanted_message(site: Site, hall: str, ticket: str) -> int:
    """A message that is not written yet; its id."""
    async with site.engine.begin() as conn:
        made = await ask(conn, hall=hall, kind=Kind.RESULT, key=f"result-{ticket}", now=site.clock.now(), ticket=ticket)
    assert made is not None
    return made


async def callback(site: Site, hall: str, caller: str) -> int:
    """A task that is nobody's; its id."""
    call, _ = await site.call(hall, caller=caller, operator=None)
    async with site.engine.begin() as conn:
        return await a_task(conn, hall, call, site.seal.index(caller), site.clock.now())


async def notice(site: Site, hall: str) -> str:
    """A holiday's notice; its id."""
    made = Notice(id="", kind=NoticeKind.HOLIDAY, title="国庆", prompt="holiday")
    async with site.engine.begin() as conn:
        stored = await announcement_plans.add_notice(conn, hall, made, by="acc-1", now=site.clock.now())
    return stored.notice.id


async def roster_things(site: Site, hall: str, owner: Role) -> dict[str, Any]:
    """A lawyer with a firm, a pattern, shifts and requests to the administrator, who is a lawyer as well."""
    engine, now, day = site.engine, site.clock.now(), date(2026, 12, 10)
    own, other = (site.people[hall, role].id for role in (owner, Role.ADMINISTRATOR))
    if owner is Role.OPERATOR:
        await making.lawyer(engine, site.seal, hall, other, now=now)
    await making.lawyer(engine, site.seal, hall, own, now=now)
    things: dict[str, Any] = {"firm": await making.firm(engine, hall, f"{owner}所", now=now)}
    hours = (("duty", "01:00"), ("edited", "05:00"), ("dropped", "09:00"), ("swap", "13:00"), ("asked", "17:00"))
    for name, begins in hours:
        ends = f"{int(begins[:2]) + 3:02}:00"
        things[name] = await making.shift(engine, hall, day, begins, ends, own, now=now)
    async with engine.begin() as conn:
        for name in ("swap", "asked"):
            wish = {"shift": things[name], "asked_of": other, "other_shift": None, "reason": "", "own": own}
            made = await swaps.ask(conn, hall=hall, now=now, doer=SYSTEM, **wish)
            things[name] = made.id
        pattern = PatternWish.model_validate(PATTERN | {"name": f"{owner}班"}).pattern()
        kept = await plans.put_pattern(
            conn, hall=hall, pattern=pattern, active=True, version=None, now=now, doer=SYSTEM
        )
    return things | {"pattern": kept.pattern.id}


def test_every_route_is_a_door() -> None:
    routes = {route.operation_id for each in routers for route in each.routes if isinstance(route, APIRoute)}
    assert routes - {"signIn"} == {door.operation for door in DOORS}


@pytest.mark.parametrize("role", list(Role))
async def test_the_matrix(filled: tuple[Site, dict[tuple[str, str], dict[str, Any]]], role: Role) -> None:
    site, things = filled
    seen: list[str] = []
    order = sorted(DOORS, key=lambda door: (door.operation == "resetPassword", door.operation == "signOut"))
    for door, (hall, whose) in itertools.product(order, things):
        if not door.of_a_thing and (hall, whose) != ("h1", "own"):
            continue
        names = things[hall, whose]
        reach = scope(role, door.action)
        own_hall = not door.of_a_thing or hall == "h1"
        own = not door.of_a_thing or whose == "own"
        if reach is None:
            expected = 403
        elif not own_hall or (reach is Scope.SELF and not own):
            expected = 404
        else:
            expected = EXPECTED_WHEN_ALLOWED.get(door.operation, 0)
        async with site.browser(role) as client:
            body = about(door.body, names)
            answer = await client.request(door.method, door.path.format(**names), json=body, headers=door.headers)
        good = answer.status_code == expected if expected else answer.status_code in (200, 201, 204)
        if not good:
            seen.append(
                f"{role} {door.operation} {hall} {whose}: {answer.status_code}, not {expected}: {answer.text[:200]}"
            )
    assert seen == []


def about(body: dict[str, Any] | None, names: Mapping[str, Any]) -> dict[str, Any] | None:
    """The body, with the names of things that it mentions in braces."""
    if body is None:
        return None
    return {key: value.format(**names) if isinstance(value, str) else value for key, value in body.items()}


NAMES = {"call": "h1-1", "ticket": "h1-1", "complete": "x", "closed": "x", "recording": 1, "account": "a"}
NAMES |= dict.fromkeys(("wanted_rule", "unwanted_rule", "reviewed_rule", "ended_rule", "shown_rule", "conflict"), "x")
NAMES |= dict.fromkeys(HANDLED, "x") | {"handed": 1, "message": 1, "differs": 1}
NAMES |= dict.fromkeys(("office", "edited_office", "ended_office", "over_office"), "x")
NAMES |= dict.fromkeys(("directory_person", "directory_adviser", "directory_expert", "entry"), 1)
NAMES |= dict.fromkeys(OF_MATTERS, "x")
NAMES |= dict.fromkeys(INCIDENTS, 1)
NAMES |= {"served": "h1-1", "served_ticket": "h1-1", "rating": 1, "callback": 1}
NAMES |= dict.fromkeys(("duty", "edited", "dropped", "swap", "asked", "firm", "pattern", "notice"), 1)

NAMES |= dict.fromkeys(("knowledge", "feedback", "knowledge_draft", "knowledge_unreviewed", "saved_view"), 1)
NAMES |= {"case_ticket": "h1-1"}


async def test_nobody_gets_in_without_a_session(site: Site) -> None:
    async with site.client() as client:
        for door in DOORS:
            answer = await client.request(door.method, door.path.format(**NAMES), json=door.body)
            assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), door.operation


async def test_nothing_changes_without_our_header(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        del client.headers["X-Console"]
        for door in DOORS:
            if door.method == "GET":
                continue
            answer = await client.request(door.method, door.path.format(**NAMES), json=door.body)
            assert (answer.status_code, answer.json()["code"]) == (403, "cross_site"), door.operation


@pytest.mark.parametrize("role", list(Role))
async def test_lists_show_only_what_the_role_may_see(
    filled: tuple[Site, dict[tuple[str, str], dict[str, Any]]], role: Role
) -> None:
    site, things = filled
    async with site.browser(role) as client:
        for path, action, key in (("/calls", Action.CALL_READ, "call"), ("/tickets", Action.TICKET_READ, "ticket")):
            answer = await client.get(path, params={"limit": 200})
            reach = scope(role, action)
            if reach is None:
                assert answer.status_code == 403
                continue
            ids = {item.get("id") or item["number"] for item in answer.json()["items"]}
            assert things["h1", "own"][key] in ids
            assert (things["h1", "colleague's"][key] in ids) is (reach is Scope.HALL)
            assert all(each.startswith("h1-") for each in ids)
        if scope(role, Action.ACCOUNT_LIST):
            listed = (await client.get("/accounts")).json()["items"]
            assert len(listed) == len(Role)
            assert all(item["name"].startswith("h1") for item in listed)


async def test_a_changed_role_counts_at_once(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as client, site.browser(Role.ADMINISTRATOR) as administrator:
        assert (await client.get("/reports/days")).status_code == 200
        changed = await administrator.patch(
            f"/accounts/{site.people['h1', Role.SUPERVISOR].id}", json={"role": "operator"}
        )
        assert changed.json()["role"] == "operator"
        assert (await client.get("/reports/days")).status_code == 401
    async with site.browser(Role.SUPERVISOR) as client:
        assert (await client.get("/reports/days")).status_code == 403
