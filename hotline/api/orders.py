"""How does a wish become a command of the hall, and how is it answered and recorded? For HTTP and the live socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

import structlog
from fastapi import Request
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from hotline.api.deps import Grant, Hall
from hotline.api.problems import Problem, field_errors, problem_of
from hotline.api.schemas.seats import (
    CallBody,
    ConsultBody,
    ContactBody,
    KeysBody,
    MuteBody,
    OfferBody,
    PartyBody,
    ReasonBody,
    TransferBody,
)
from hotline.audit.trail import Act, Plain, record
from hotline.calls.call import CallId
from hotline.hall.inputs import (
    AskBreak,
    CancelConsult,
    ConfirmHandover,
    Consult,
    DropParty,
    Emergency,
    ForceRelease,
    ForgetNext,
    GoBusy,
    GoReady,
    HallCommand,
    HangUp,
    Hold,
    JoinConsulted,
    Leave,
    Mute,
    PressKeys,
    RejectCall,
    RestorePhone,
    Resume,
    SeatCommand,
    SendToRating,
    SignOff,
    StayInWrapUp,
    TakeBreak,
    TakeCall,
    TookByHand,
    Transfer,
    WithdrawBreak,
)
from hotline.hall.state import Decision
from hotline.hall.writer import CommandRefused, NotLeading, Stalled
from hotline.store.errors import StoreAway
from seats.seat import SeatNo

M = TypeVar("M", bound=BaseModel)

VERBS: Final = (
    "sign-off",
    "ready",
    "busy",
    "break",
    "break-request",
    "withdraw-break",
    "stay",
    "forget-next",
    "answer",
    "took",
    "reject",
    "hang-up",
    "hold",
    "resume",
    "mute",
    "keys",
    "consult",
    "cancel-consult",
    "join",
    "leave",
    "transfer",
    "drop",
    "rate",
    "emergency",
    "confirm",
    "restore-phone",
)
"""The buttons of a desk."""

_log = structlog.get_logger(__name__)


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
        case "took":
            return TookByHand(seat=seat, call=_call(raw))
        case "reject":
            return RejectCall(seat=seat, offer=_body(OfferBody, raw).offer)
        case "hang-up":
            return HangUp(seat=seat, call=CallId(_body(CallBody, raw).call))
        case "hold":
            return Hold(seat=seat, call=_call(raw))
        case "resume":
            return Resume(seat=seat, call=_call(raw))
        case "mute":
            muted = _body(MuteBody, raw)
            return Mute(seat=seat, call=CallId(muted.call), on=muted.on)
        case "keys":
            keys = _body(KeysBody, raw)
            return PressKeys(seat=seat, call=CallId(keys.call), digits=keys.digits)
        case "consult":
            asked = _body(ConsultBody, raw)
            return Consult(seat=seat, call=CallId(asked.call), target=asked.target.as_target())
        case "cancel-consult":
            return CancelConsult(seat=seat, call=_call(raw))
        case "join":
            return JoinConsulted(seat=seat, call=_call(raw))
        case "leave":
            return Leave(seat=seat, call=_call(raw))
        case "transfer":
            passed = _body(TransferBody, raw)
            return Transfer(seat=seat, call=CallId(passed.call), target=passed.target.as_target())
        case "drop":
            party = _body(PartyBody, raw)
            return DropParty(seat=seat, call=CallId(party.call), offer=party.offer)
        case "rate":
            return SendToRating(seat=seat, call=_call(raw))
        case "emergency":
            return Emergency(seat=seat, contact=_body(ContactBody, raw).contact)
        case "confirm":
            party = _body(PartyBody, raw)
            return ConfirmHandover(seat=seat, call=CallId(party.call), offer=party.offer)
        case "restore-phone":
            return RestorePhone(seat=seat)
        case "break-request":
            return AskBreak(seat=seat, reason=_body(ReasonBody, raw).reason)
        case "withdraw-break":
            return WithdrawBreak(seat=seat)
        case _:
            raise Problem("not_found")


async def ask(hall: Hall, wish: HallCommand, grant: Grant) -> Decision:
    """Have the hall do it; what it decided. Raises `Problem` with the hall's own code."""
    try:
        return await hall.ask(wish, grant.actor)
    except CommandRefused as refused:
        raise problem_of(refused.code) from refused
    except Stalled as stalled:
        raise Problem("hall_stalled") from stalled
    except NotLeading as away:
        raise Problem("hall_away") from away


async def on_record(
    request: Request,
    hall: Hall,
    grant: Grant,
    act: Act,
    wish: SeatCommand,
    *,
    reason: str = "",
    data: Mapping[str, Plain],
) -> None:
    """On record as asked, then done; what the hall did not do is on record as well.

    The first entry is committed before the hall hears of it: no act without its entry. No transaction, and so no lock
    on the hall's chain, is open while the hall acts.
    """
    engine = request.app.state.engine

    async def note(result: str, more: Mapping[str, Plain]) -> int:
        async with engine.begin() as conn:
            return await record(
                conn,
                hall=grant.hall,
                doer=grant.doer,
                act=act,
                object=f"call:{wish.call}" if isinstance(wish, ForceRelease) else f"seat:{wish.seat}",
                at=request.app.state.clock.now(),
                reason=reason,
                result=result,
                data=more,
            )

    asked = await note("asked", data)
    try:
        await ask(hall, wish, grant)
    except Exception as error:
        code = error.code if isinstance(error, Problem) else "internal"
        refused = isinstance(error, Problem) and error.status < 500
        try:
            await note("refused" if refused else "in_doubt", {"asked": asked, "code": code})
        except (SQLAlchemyError, StoreAway, OSError) as away:
            _log.warning("outcome_not_recorded", act=act, asked=asked, code=code, error=type(away).__name__)
        raise


def _call(raw: bytes) -> CallId:
    return CallId(_body(CallBody, raw).call)


def _body(model: type[M], raw: bytes) -> M:
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise Problem("invalid_input", errors=field_errors(error.errors())) from error
