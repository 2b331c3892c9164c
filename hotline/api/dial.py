"""Calling out (外呼) from a seat: a call-back task, or a contact of the hall. No number is typed or seen."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request

from hotline.api.deps import Grant, granted, router
from hotline.api.orders import on_record
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.seats import DialBody, SeatAnswer
from hotline.api.seats import hall_of, own, shown
from hotline.audit.trail import Act
from hotline.callbacks.board import NoSuchTask
from hotline.callbacks.dialling import DialRefused, for_dial
from hotline.callbacks.keep import rules_of
from hotline.callbacks.rules import No
from hotline.hall.inputs import Dial
from hotline.people.permissions import Action
from seats.seat import SeatNo

_REFUSED: Final = (
    *("no_such_seat", "hall_stalled", "hall_away", "seat_not_signed_in", "seat_taken"),
    *("line_cannot", "phone_elsewhere", "target_not_free", "target_unknown", "outside_not_allowed"),
    *("quota_exceeded", "not_found"),
    *(each.value for each in No),
)

routes: APIRouter = router("外呼")
Using = Annotated[Grant, Depends(granted(Action.SEAT_USE))]
Number = Annotated[str, Path(max_length=64, description="坐席号", examples=["01"])]


@routes.post(
    "/seats/{number}/dial",
    operation_id="dialFromSeat",
    summary="外呼",
    response_model=SeatAnswer,
    responses=refusals(*_REFUSED),
)
async def dial(request: Request, number: Number, body: DialBody, grant: Using) -> Any:
    """先振自己的话机，接起后再拨对方。只能拨回拨任务的来电人，或大厅设置中的外部号码；次数有上限，每次记入审计。"""
    hall = hall_of(request, grant)
    own(hall, number, grant)
    if body.contact is not None:
        contact = hall.state.rules.contacts.get(body.contact)
        if contact is None:
            raise Problem("target_unknown")
        wish = Dial(seat=SeatNo(number), number=contact.number, purpose="contact")
    else:
        wish = Dial(
            seat=SeatNo(number),
            number=await _number_of(request, grant, body.callback or 0),
            purpose="callback",
            callback=body.callback,
        )
    data = {"contact": body.contact or "", "callback": body.callback or 0}
    await on_record(request, hall, grant, Act.DIALLED, wish, data=data)
    return shown(hall, number)


async def _number_of(request: Request, grant: Grant, task: int) -> str:
    app = request.app.state
    rules = rules_of(app.settings.halls[grant.hall])
    try:
        async with app.engine.begin() as conn:
            found = await for_dial(conn, grant.hall, task, grant.doer, seal=app.seal, rules=rules, now=grant.now)
    except NoSuchTask:
        raise Problem("not_found") from None
    except DialRefused as refused:
        raise Problem(refused.code, detail=refused.detail) from refused
    return found.number
