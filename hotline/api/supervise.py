"""A supervisor (班长) on somebody's call, and what is asked of a supervisor: on record before it is done."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request

from hotline.api.deps import Grant, granted, router
from hotline.api.orders import ask, on_record
from hotline.api.problems import refusals
from hotline.api.schemas.common import Done
from hotline.api.schemas.seats import CallBody, DecisionBody, MonitorBody, ReleaseBody, SeatAnswer
from hotline.api.seats import hall_of, own, shown
from hotline.audit.trail import Act
from hotline.calls.call import CallId
from hotline.calls.party import Part
from hotline.hall.inputs import DecideBreak, ForceRelease, Monitor, StopMonitoring, TakeOver
from hotline.people.permissions import Action
from seats.seat import SeatNo

_HALL: Final = ("no_such_seat", "hall_stalled", "hall_away", "seat_not_signed_in", "seat_taken")
_PARTS: Final = {"listen": Part.LISTENING, "whisper": Part.WHISPERING, "barge": Part.BARGING}

routes: APIRouter = router("班长")
Watcher = Annotated[Grant, Depends(granted(Action.CALL_MONITOR))]
Breaker = Annotated[Grant, Depends(granted(Action.CALL_FORCE_RELEASE))]
Supervisor = Annotated[Grant, Depends(granted(Action.SEAT_FORCE))]
Number = Annotated[str, Path(max_length=64, description="坐席号", examples=["01"])]
CallPath = Annotated[str, Path(max_length=80, description="通话标识", examples=["demo-000000001"])]


@routes.post(
    "/seats/{number}/monitor",
    operation_id="monitorCall",
    summary="监听、密语、强插",
    response_model=SeatAnswer,
    responses=refusals(
        *_HALL,
        *("call_gone", "call_at_device", "monitor_own_call", "line_cannot", "target_not_free", "phone_elsewhere"),
    ),
)
async def monitor(request: Request, number: Number, body: MonitorBody, grant: Watcher) -> Any:
    """用自己所在坐席的话机进入一通电话；已在其中时直接切换方式，无需重拨。每次都记入审计。"""
    hall = hall_of(request, grant)
    own(hall, number, grant)
    wish = Monitor(seat=SeatNo(number), call=CallId(body.call), part=_PARTS[body.mode])
    await on_record(request, hall, grant, Act.MONITORED, wish, data={"call": body.call, "mode": body.mode})
    return shown(hall, number)


@routes.post(
    "/seats/{number}/stop-monitor",
    operation_id="stopMonitoring",
    summary="结束监听",
    response_model=SeatAnswer,
    responses=refusals(*_HALL, "not_on_call"),
)
async def stop(request: Request, number: Number, grant: Watcher) -> Any:
    """离开正在监听的电话。"""
    hall = hall_of(request, grant)
    own(hall, number, grant)
    await ask(hall, StopMonitoring(seat=SeatNo(number)), grant)
    return shown(hall, number)


@routes.post(
    "/seats/{number}/take-over",
    operation_id="takeOver",
    summary="拦截",
    response_model=SeatAnswer,
    responses=refusals(*_HALL, "not_on_call", "must_not_advise"),
)
async def take_over(request: Request, number: Number, body: CallBody, grant: Watcher) -> Any:
    """由正在监听的班长接过这通电话，原坐席退出。记入审计。"""
    hall = hall_of(request, grant)
    own(hall, number, grant)
    wish = TakeOver(seat=SeatNo(number), call=CallId(body.call))
    await on_record(request, hall, grant, Act.TOOK_OVER, wish, data={"call": body.call})
    return shown(hall, number)


@routes.post(
    "/calls/{call}/force-release",
    operation_id="forceRelease",
    summary="强拆",
    response_model=Done,
    responses=refusals("call_gone", "call_at_device", "hall_stalled", "hall_away"),
)
async def force_release(request: Request, call: CallPath, body: ReleaseBody, grant: Breaker) -> Any:
    """强制挂断一通电话；原因记入审计。"""
    hall = hall_of(request, grant)
    wish = ForceRelease(call=CallId(call), reason=body.reason)
    await on_record(request, hall, grant, Act.FORCE_RELEASED, wish, reason=body.reason, data={"call": call})
    return {"done": True}


@routes.post(
    "/seats/{number}/break-decision",
    operation_id="decideBreak",
    summary="小休审批",
    response_model=SeatAnswer,
    responses=refusals(*_HALL, "nothing_asked"),
)
async def decide_break(request: Request, number: Number, body: DecisionBody, grant: Supervisor) -> Any:
    """批准或不批准坐席申请的小休。"""
    hall = hall_of(request, grant)
    wish = DecideBreak(seat=SeatNo(number), approve=body.approve)
    await on_record(request, hall, grant, Act.BREAK_DECIDED, wish, data={"approve": body.approve})
    return shown(hall, number)
