"""The desk's buttons: sign in, ready, busy, break, answer, hang up; and the supervisor's: force a state."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, ValidationError

from adapters.telephony import HasSoftphones, PhoneKind
from hotline.api.deps import Grant, granted, router
from hotline.api.problems import Problem, problem_of
from hotline.audit import trail
from hotline.calls.call import CallId
from hotline.hall.hall import Hall, NotLeading
from hotline.hall.inputs import (
    DefineSeat,
    ForceState,
    ForgetNext,
    GoBusy,
    GoReady,
    HallCommand,
    HangUp,
    RejectCall,
    SignIn,
    SignOff,
    StayInWrapUp,
    TakeBreak,
    TakeCall,
)
from hotline.hall.view import seat_view
from hotline.hall.writer import CommandRefused, Stalled
from hotline.people.permissions import Action
from seats.seat import SeatNo, SeatState

M = TypeVar("M", bound=BaseModel)
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]


class SignInBody(BaseModel):
    """签入方式。"""

    phone_kind: PhoneKind = Field(description="browser 软电话 · desk 话机 · simulated 点击接听")


class ReasonBody(BaseModel):
    """原因（大厅设置中的代码）。"""

    reason: Code = "self"


class OfferBody(BaseModel):
    """正在振铃的派发。"""

    offer: str = Field(min_length=1, max_length=80)


class CallBody(BaseModel):
    """通话。"""

    call: str = Field(min_length=1, max_length=80)


class ForceBody(BaseModel):
    """强制状态，必须说明原因。"""

    state: SeatState
    reason: str = Field(min_length=1, max_length=200)


class SeatBody(BaseModel):
    """坐席设置。"""

    extension: str = Field(pattern=r"^[0-9A-Za-z*#_-]{1,32}$")
    groups: list[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]] = Field(max_length=32)


routes: APIRouter = router("seats")
Using = Annotated[Grant, Depends(granted(Action.SEAT_USE))]


@routes.get("/seats", operation_id="listSeats", summary="本大厅的坐席")
async def seats(request: Request, grant: Annotated[Grant, Depends(granted(Action.SEAT_LIST))]) -> dict[str, Any]:
    """Every seat of the hall, by number."""
    state = hall_of(request, grant).state
    return {"items": [plain(seat_view(seat)) for _, seat in sorted(state.seats.items())]}


@routes.post("/seats/{number}/sign-in", operation_id="signInSeat", summary="签入")
async def sign_in(request: Request, number: str, body: SignInBody, grant: Using) -> dict[str, Any]:
    """Take a desk. For the browser's own phone the answer carries what it registers with; never stored."""
    hall = hall_of(request, grant)
    seat = hall.state.seats.get(SeatNo(number))
    phone = None
    if body.phone_kind is PhoneKind.BROWSER:
        phone = softphone(hall, seat.extension) if seat is not None else None
        if seat is not None and phone is None:
            raise Problem("no_phone")
    await ask(hall, SignIn(seat=SeatNo(number), phone_kind=body.phone_kind), grant)
    return {"seat": plain(seat_view(hall.state.seats[SeatNo(number)])), "phone": phone}


@routes.get("/seats/{number}/phone", operation_id="seatPhone", summary="软电话注册信息")
async def phone_of(request: Request, number: str, grant: Using) -> dict[str, Any]:
    """After a reload of the page: what the browser's phone of one's own seat registers with."""
    hall = hall_of(request, grant)
    _own(hall, number, grant)
    return {"phone": softphone(hall, hall.state.seats[SeatNo(number)].extension)}


@routes.post("/seats/{number}/{verb}", operation_id="useSeat", summary="坐席操作")
async def use(request: Request, number: str, verb: str, grant: Using) -> dict[str, Any]:
    """sign-off, ready, busy, break, stay, forget-next, answer, reject, hang-up; `force` has a right of its own."""
    hall = hall_of(request, grant)
    raw = await request.body()
    if verb == "force":
        return await _force(request, hall, number, raw, grant)
    _own(hall, number, grant)
    await ask(hall, command(verb, SeatNo(number), raw), grant)
    return {"seat": plain(seat_view(hall.state.seats[SeatNo(number)]))}


@routes.put("/seats/{number}", operation_id="defineSeat", summary="新增或修改坐席")
async def define(
    request: Request, number: str, body: SeatBody, grant: Annotated[Grant, Depends(granted(Action.SEAT_DEFINE))]
) -> dict[str, Any]:
    """Add a desk, or change its extension and groups."""
    if not number.isalnum() or len(number) > 8:
        raise Problem("invalid_input", "坐席号只能是 1 到 8 位字母或数字。")
    hall = hall_of(request, grant)
    async with request.app.state.engine.begin() as conn:  # no act without its entry: the entry is undone with the act
        await trail.record(
            conn, hall=grant.hall, doer=grant.doer, act=trail.Act.SEAT_DEFINED, object=f"seat:{number}", at=grant.now
        )
        await ask(hall, DefineSeat(seat=SeatNo(number), extension=body.extension, groups=tuple(body.groups)), grant)
    return {"seat": plain(seat_view(hall.state.seats[SeatNo(number)]))}


def command(verb: str, seat: SeatNo, raw: bytes) -> HallCommand:
    """The command behind a button, for HTTP and the live socket alike. Raises `Problem`."""
    match verb:
        case "sign-off":
            return SignOff(seat=seat, reason=_body(ReasonBody, raw).reason)
        case "ready":
            return GoReady(seat=seat)
        case "busy":
            return GoBusy(seat=seat, reason=_body(ReasonBody, raw).reason)
        case "break":
            return TakeBreak(seat=seat, reason=_body(ReasonBody, raw).reason)
        case "stay":
            return StayInWrapUp(seat=seat)
        case "forget-next":
            return ForgetNext(seat=seat)
        case "answer":
            return TakeCall(seat=seat, offer=_body(OfferBody, raw).offer)
        case "reject":
            return RejectCall(seat=seat, offer=_body(OfferBody, raw).offer)
        case "hang-up":
            return HangUp(seat=seat, call=CallId(_body(CallBody, raw).call))
        case _:
            raise Problem("not_found")


async def ask(hall: Hall, wish: HallCommand, grant: Grant) -> None:
    """Have the hall do it. Raises `Problem` with the hall's own code."""
    try:
        await hall.ask(wish, grant.actor)
    except CommandRefused as refused:
        raise problem_of(refused.code) from refused
    except Stalled as stalled:
        raise Problem("hall_stalled") from stalled
    except NotLeading as away:
        raise Problem("hall_away") from away


def hall_of(request: Request, grant: Grant) -> Hall:
    """The hall of whoever asks: no request reaches into another."""
    return request.app.state.halls[grant.hall]


def softphone(hall: Hall, extension: str) -> dict[str, Any] | None:
    """What the browser's phone registers with, from the adapter that has an account for it; None when none has."""
    for adapter in hall.adapters.values():
        account = adapter.browser_account(extension) if isinstance(adapter, HasSoftphones) else None
        if account is not None:
            return {
                "ws_url": account.url,
                "uri": account.uri,
                "user": account.extension,
                "password": account.password,
                "realm": None,
            }
    return None


def plain(view: Any) -> Any:
    """A view as plain JSON values."""
    return msgspec.to_builtins(view)


async def _force(request: Request, hall: Hall, number: str, raw: bytes, grant: Grant) -> dict[str, Any]:
    supervisor = await granted(Action.SEAT_FORCE)(request)
    body = _body(ForceBody, raw)
    before = hall.state.seats.get(SeatNo(number))
    async with request.app.state.engine.begin() as conn:
        await trail.record(
            conn,
            hall=grant.hall,
            doer=supervisor.doer,
            act=trail.Act.FORCE_STATE,
            object=f"seat:{number}",
            at=grant.now,
            reason=body.reason,
            data={"before": before.state.value if before else "", "after": body.state.value},
        )
        await ask(hall, ForceState(seat=SeatNo(number), state=body.state, reason=body.reason), supervisor)
    return {"seat": plain(seat_view(hall.state.seats[SeatNo(number)]))}


def _own(hall: Hall, number: str, grant: Grant) -> None:
    seat = hall.state.seats.get(SeatNo(number))
    if seat is None:
        raise Problem("no_such_seat")
    if seat.operator != grant.who.account:
        raise Problem("seat_taken" if seat.operator else "seat_not_signed_in")


def _body(model: type[M], raw: bytes) -> M:
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        fields = [{"field": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in error.errors()]
        raise Problem("invalid_input", errors=fields) from error
