"""The desk's buttons: sign in, ready, busy, break, answer, hang up; the supervisor's: force a state; and desks."""

from __future__ import annotations

from typing import Annotated, Any, Final, cast

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from adapters.telephony import HasSoftphones, PhoneKind
from hotline.api.deps import Grant, granted, is_secure, router
from hotline.api.orders import VERBS, ask, command, on_record
from hotline.api.problems import Problem, refusals
from hotline.api.rosters import mobile_of, roster_verdict
from hotline.api.schemas.seats import (
    NUMBER,
    CallBody,
    ConsultBody,
    ContactBody,
    ForceBody,
    KeysBody,
    MuteBody,
    OfferBody,
    PartyBody,
    PhoneAnswer,
    ReasonBody,
    SeatAnswer,
    SeatDefinition,
    SeatList,
    SignedIn,
    SignInBody,
    TransferBody,
)
from hotline.audit.trail import Act
from hotline.hall.hall import Hall
from hotline.hall.inputs import DefineSeat, ForceState, SignIn
from hotline.hall.view import seat_view
from hotline.people.permissions import Action
from hotline.rosters.verdict import Caveat
from seats.seat import SeatNo

_HALL: Final = ("no_such_seat", "hall_stalled", "hall_away")
_BUSY: Final = ("seat_not_signed_in", "seat_taken", "seat_not_free", "seat_not_possible_now")
_ROSTER: Final = ("licence_missing", "licence_expired", "lawyer_suspended", "not_on_roster")
_USE: Final = (
    "not_found",
    "offer_gone",
    "call_gone",
    "phone_answers",
    "call_at_device",
    "seat_not_in_wrap_up",
    "not_on_call",
    "line_cannot",
    "target_unknown",
    "target_not_free",
    "must_not_advise",
    "phone_elsewhere",
    "consult_under_way",
    "no_consult",
    "nobody_left",
    "handover_unconfirmed",
    "outside_not_allowed",
    "quota_exceeded",
    "answer_first",
    "rating_off",
    "break_needs_consent",
    "nothing_asked",
)
BODIES: Final = (
    ReasonBody,
    OfferBody,
    CallBody,
    MuteBody,
    KeysBody,
    ConsultBody,
    TransferBody,
    PartyBody,
    ContactBody,
)


def _inlined(model: type[BaseModel]) -> dict[str, Any]:
    """Its schema without references: an operation of its own has nowhere to keep them."""
    schema = model.model_json_schema()
    kept = schema.pop("$defs", {})

    def resolved(part: Any) -> Any:
        if isinstance(part, dict):
            found = cast("dict[str, Any]", part)
            if "$ref" in found:
                return resolved(kept[found["$ref"].rpartition("/")[2]])
            return {key: resolved(value) for key, value in found.items() if key != "discriminator"}
        return [resolved(each) for each in cast("list[Any]", part)] if isinstance(part, list) else part

    return resolved(schema)


_BODY: Final = {
    "requestBody": {
        "description": "忙碌、小休、签出可附原因；接听、拒接附派发；对通话的操作附通话；其余没有内容",
        "content": {
            "application/json": {
                "schema": {"anyOf": [_inlined(each) for each in BODIES]},
                "examples": {
                    "busy": {"summary": "忙碌", "value": {"reason": "meeting"}},
                    "answer": {"summary": "接听", "value": {"offer": "01-17"}},
                    "hang-up": {"summary": "挂机", "value": {"call": "demo-000000001"}},
                    "mute": {"summary": "静音", "value": {"call": "demo-000000001", "on": True}},
                    "keys": {"summary": "拨号盘", "value": {"call": "demo-000000001", "digits": "1#"}},
                    "transfer": {
                        "summary": "转接",
                        "value": {"call": "demo-000000001", "target": {"kind": "queue", "queue": "labour"}},
                    },
                    "drop": {"summary": "请出", "value": {"call": "demo-000000001", "offer": "demo-000000001.2"}},
                    "emergency": {"summary": "一键报警", "value": {"contact": "110"}},
                },
            }
        },
    }
}

routes: APIRouter = router("坐席")
Using = Annotated[Grant, Depends(granted(Action.SEAT_USE))]
Lister = Annotated[Grant, Depends(granted(Action.SEAT_LIST))]
Definer = Annotated[Grant, Depends(granted(Action.SEAT_DEFINE))]
Supervisor = Annotated[Grant, Depends(granted(Action.SEAT_FORCE))]
Number = Annotated[str, Path(max_length=64, description="坐席号", examples=["01"])]
Verb = Annotated[str, Path(description="按键", json_schema_extra={"enum": list(VERBS)}, examples=["ready"])]


@routes.get("/seats", operation_id="listSeats", summary="本大厅的坐席", response_model=SeatList)
async def seats(request: Request, grant: Lister) -> dict[str, Any]:
    """本大厅的全部坐席，按坐席号排列。"""
    state = hall_of(request, grant).state
    return {"items": [plain(seat_view(seat)) for _, seat in sorted(state.seats.items())]}


@routes.post(
    "/seats/{number}/sign-in",
    operation_id="signInSeat",
    summary="签入",
    response_model=SignedIn,
    responses=refusals(*_HALL, *_BUSY, *_ROSTER, "seat_already_signed_in", "signed_in_elsewhere", "no_phone"),
)
async def sign_in(request: Request, number: Number, body: SignInBody, grant: Using, response: Response) -> Any:
    """在坐席签入：律师须持有效执业证；没有排班时按设置拒绝，或记录后放行。软电话的注册信息不得保存。"""
    hall = hall_of(request, grant)
    seat = hall.state.seats.get(SeatNo(number))
    phone = None
    if body.phone_kind is PhoneKind.BROWSER:
        phone = softphone(request, hall, seat.extension) if seat is not None else None
        if seat is not None and phone is None:
            raise Problem("no_phone", detail="没有线路能让此坐席用浏览器软电话接听，请改选“话机”等其他接听方式。")
    verdict = await roster_verdict(request, grant, number, body.phone_kind)
    mobile = await mobile_of(request, grant) if body.phone_kind is PhoneKind.MOBILE else ""
    if body.phone_kind is PhoneKind.MOBILE and not mobile:
        raise Problem("no_phone", detail="没有登记您的手机号码，请班长在“排班 · 值班律师”中登记。")
    wish = SignIn(seat=SeatNo(number), phone_kind=body.phone_kind, mobile=mobile, phone_ready=body.phone_ready)
    if Caveat.NOT_ON_ROSTER in verdict.warnings:
        await on_record(request, hall, grant, Act.SIGNED_IN_OFF_ROSTER, wish, data={})
    else:
        await ask(hall, wish, grant)
    response.headers["Cache-Control"] = "no-store"
    return {**shown(hall, number), "phone": phone, "warnings": list(verdict.warnings)}


@routes.get(
    "/seats/{number}/phone",
    operation_id="seatPhone",
    summary="软电话注册信息",
    response_model=PhoneAnswer,
    responses=refusals("no_such_seat", "seat_not_signed_in", "seat_taken"),
)
async def phone_of(request: Request, number: Number, grant: Using, response: Response) -> Any:
    """页面刷新后，自己所在坐席的软电话重新注册所需的信息。"""
    hall = hall_of(request, grant)
    own(hall, number, grant)
    response.headers["Cache-Control"] = "no-store"
    return {"phone": softphone(request, hall, hall.state.seats[SeatNo(number)].extension)}


@routes.post(
    "/seats/{number}/force",
    operation_id="forceSeat",
    summary="强制坐席状态",
    response_model=SeatAnswer,
    responses=refusals(*_HALL, *_BUSY, "state_not_forcible"),
)
async def force(request: Request, number: Number, body: ForceBody, grant: Supervisor) -> Any:
    """强制示闲、示忙或签出；原因记入审计。"""
    hall = hall_of(request, grant)
    before = hall.state.seats.get(SeatNo(number))
    if before is None:
        raise Problem("no_such_seat")
    wish = ForceState(seat=SeatNo(number), state=body.state, reason=body.reason)
    data = {"before": before.state.value, "after": body.state.value}
    await on_record(request, hall, grant, Act.FORCE_STATE, wish, reason=body.reason, data=data)
    return shown(hall, number)


@routes.post(
    "/seats/{number}/{verb}",
    operation_id="useSeat",
    summary="坐席操作",
    response_model=SeatAnswer,
    responses=refusals(*_HALL, *_BUSY, *_USE),
    openapi_extra=_BODY,
)
async def use(request: Request, number: Number, verb: Verb, grant: Using) -> Any:
    """自己所在坐席的按键：签出、空闲、忙碌、小休、话后处理、接听、挂机；保持、静音、咨询、转接、三方、转评价；
    一键报警：不看通话状态，不填任何内容。"""
    hall = hall_of(request, grant)
    raw = await request.body()
    own(hall, number, grant)
    await ask(hall, command(verb, SeatNo(number), raw), grant)
    return shown(hall, number)


@routes.put(
    "/seats/{number}",
    operation_id="defineSeat",
    summary="新增或修改坐席",
    response_model=SeatAnswer,
    responses=refusals("hall_stalled", "hall_away", "extension_taken"),
)
async def define(
    request: Request,
    number: Annotated[str, Path(pattern=NUMBER, description="1 到 8 位字母或数字", examples=["01"])],
    body: SeatDefinition,
    grant: Definer,
) -> Any:
    """新增坐席，或修改它的分机和技能组。"""
    hall = hall_of(request, grant)
    wish = DefineSeat(seat=SeatNo(number), extension=body.extension, groups=tuple(body.groups))
    data = {"extension": body.extension, "groups": ",".join(body.groups)}
    await on_record(request, hall, grant, Act.SEAT_DEFINED, wish, data=data)
    return shown(hall, number)


def hall_of(request: Request, grant: Grant) -> Hall:
    """The hall of whoever asks: no request reaches into another."""
    return request.app.state.halls[grant.hall]


def softphone(request: Request, hall: Hall, extension: str) -> dict[str, Any] | None:
    """What the browser's phone registers with, from the adapter that has an account for it; None when none has."""
    for adapter in hall.adapters.values():
        account = adapter.browser_account(extension) if isinstance(adapter, HasSoftphones) else None
        if account is not None:
            own = f"{'wss' if is_secure(request) else 'ws'}://{request.url.netloc}"
            return {
                "ws_url": f"{own}{account.url}" if account.url.startswith("/") else account.url,
                "uri": account.uri,
                "user": account.extension,
                "password": account.password,
                "realm": None,
            }
    return None


def plain(view: Any) -> Any:
    """A view as plain JSON values."""
    return msgspec.to_builtins(view)


def shown(hall: Hall, number: str) -> dict[str, Any]:
    """The seat as an answer."""
    return {"seat": plain(seat_view(hall.state.seats[SeatNo(number)]))}


def own(hall: Hall, number: str, grant: Grant) -> None:
    """Raises `Problem` unless the seat is that of whoever asks."""
    seat = hall.state.seats.get(SeatNo(number))
    if seat is None:
        raise Problem("no_such_seat")
    if seat.operator != grant.who.account:
        raise Problem("seat_taken" if seat.operator else "seat_not_signed_in")
