"""All that may enter a hall. There is no other way in."""

from __future__ import annotations

from datetime import datetime

import msgspec

from adapters.telephony import AdapterName, Command, DeviceEvent, Phone, PortStatus
from hotline.calls.call import CallId
from seats.seat import SeatNo, SeatState


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks."""

    account: str
    work_number: str
    """工号"""
    name: str = ""


SYSTEM = Actor(account="system", work_number="system")


# ── commands: may be refused ─────────────────────────────────────────────────────────────────────────────────────────


class SignIn(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """签入: take a desk, and say what rings there."""

    seat: SeatNo
    phone: Phone | None = None
    """None: the hall decides nothing; the seat's own extension rings."""
    phone_kind: str


class SignOff(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """签出. While a call is there: after it."""

    seat: SeatNo
    reason: str = "self"


class GoReady(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """示闲."""

    seat: SeatNo


class GoBusy(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """示忙. While a call is there: after it."""

    seat: SeatNo
    reason: str = "self"


class TakeBreak(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """小休. While a call is there: after it."""

    seat: SeatNo
    reason: str = "self"


class StayInWrapUp(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """继续话后处理."""

    seat: SeatNo


class ForgetNext(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Take back the state chosen for after the call."""

    seat: SeatNo


class TakeCall(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """接听 by a click; refused when that offer is gone."""

    seat: SeatNo
    offer: str


class RejectCall(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """拒接: the next seat, please."""

    seat: SeatNo
    offer: str


class HangUp(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """挂机."""

    seat: SeatNo
    call: CallId


class ForceState(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """强制示闲 / 强制示忙 / 强制签出 by a supervisor, with a reason."""

    seat: SeatNo
    state: SeatState
    reason: str


class DefineSeat(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A desk was added or changed by an administrator."""

    seat: SeatNo
    extension: str
    groups: tuple[str, ...]


class PresenceChanged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The console of a seat has been away longer than the grace period, or is back."""

    seat: SeatNo
    here: bool


HallCommand = (
    SignIn
    | SignOff
    | GoReady
    | GoBusy
    | TakeBreak
    | StayInWrapUp
    | ForgetNext
    | TakeCall
    | RejectCall
    | HangUp
    | ForceState
    | DefineSeat
    | PresenceChanged
)


# ── inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Heard(msgspec.Struct, frozen=True):
    """A fact from a device. `raw` is the id of its row when it is stored already (pushed events are)."""

    fact: DeviceEvent
    raw: int | None = None


class LinkLost(msgspec.Struct, frozen=True):
    """The link to a device is gone."""

    adapter: AdapterName
    detail: str


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What a device says is live; the whole truth about calls that were there before `asked_at`."""

    adapter: AdapterName
    asked_at: datetime
    ports: tuple[PortStatus, ...]
    routine: bool = False
    """Asked for while all seems well, in case a report was lost: reports and orders may still be on their way, so only
    what should have been settled for some time is compared."""


class OrderFailed(msgspec.Struct, frozen=True, kw_only=True):
    """A device did not carry out a command."""

    adapter: AdapterName
    command: Command
    reason: str
    """refused, unsupported, no_answer (it may have been done or not), link_down or fault"""
    detail: str = ""


class DeadlinePassed(msgspec.Struct, frozen=True, kw_only=True):
    """Something may be due at a call or a seat; `decide` looks itself whether it is."""

    call: CallId | None = None
    seat: SeatNo | None = None


class Asked(msgspec.Struct, frozen=True):
    """Somebody wants something."""

    command: HallCommand
    actor: Actor


class Recovered(msgspec.Struct, frozen=True):
    """The state was read back from the store: look at everything once."""


Input = Heard | LinkLost | Snapshot | OrderFailed | DeadlinePassed | Asked | Recovered
