"""All that may enter a hall. There is no other way in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from adapters.telephony import AdapterName, Command, DeviceEvent, PortStatus
from hotline.callers.treatment import Treatment
from hotline.calls.call import CallId
from hotline.calls.party import Part
from hotline.hall.rules import HallRules
from hotline.lines.alarms import Alarm
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
    phone_kind: str
    mobile: str = ""
    """The number that rings, where the kind is mobile."""
    phone_ready: bool = True
    """False: the phone is still being registered, and no caller is to be offered before it is (`GoReady`)."""


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


class TookByHand(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """已接听: the telephone was picked up, at a line whose device cannot tell."""

    seat: SeatNo
    call: CallId


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


# ── of whoever has a call ──


class SeatTarget(msgspec.Struct, frozen=True, kw_only=True, tag="seat", tag_field="kind"):
    """A colleague."""

    seat: SeatNo


class QueueTarget(msgspec.Struct, frozen=True, kw_only=True, tag="queue", tag_field="kind"):
    """Whoever of that queue is free."""

    queue: str


class OutsideTarget(msgspec.Struct, frozen=True, kw_only=True, tag="outside", tag_field="kind"):
    """A contact outside (外部号码), by its id."""

    contact: str


Target = SeatTarget | QueueTarget | OutsideTarget


class Hold(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """保持: the caller hears music."""

    seat: SeatNo
    call: CallId


class Resume(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """取回: the caller is back."""

    seat: SeatNo
    call: CallId


class Mute(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """静音, on and off."""

    seat: SeatNo
    call: CallId
    on: bool


class PressKeys(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """拨号盘: to the contact outside, where one is on the line, else to the caller."""

    seat: SeatNo
    call: CallId
    digits: str


class Consult(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """咨询: ask somebody while the caller hears music."""

    seat: SeatNo
    call: CallId
    target: SeatTarget | OutsideTarget


class CancelConsult(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """取消咨询: back to the caller, alone."""

    seat: SeatNo
    call: CallId


class JoinConsulted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """三方: the caller and whoever was consulted hear each other as well."""

    seat: SeatNo
    call: CallId


class Leave(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """完成转接: the others go on without this seat."""

    seat: SeatNo
    call: CallId


class Transfer(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """直接转: leave the caller to the target without speaking to it first."""

    seat: SeatNo
    call: CallId
    target: Target


class DropParty(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """请出: let one of the others go."""

    seat: SeatNo
    call: CallId
    offer: str


class SendToRating(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """转评价: leave the caller to the rating menu."""

    seat: SeatNo
    call: CallId


class Emergency(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """一键 110: ring that contact into the call at once; without a call, ring it for the seat."""

    seat: SeatNo
    contact: str
    rung_as: str = ""
    """The leg that rings already: the order went out before it could be written down."""


class ConfirmHandover(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """对方已确认: the other side has taken the matter over, the seat may leave."""

    seat: SeatNo
    call: CallId
    offer: str


class Dial(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """外呼. `number` was found by whoever asks in our name (a call-back task, a contact); the hall checks the caps."""

    seat: SeatNo
    number: str
    purpose: str
    callback: int | None = None


class RestorePhone(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The browser phone was loaded anew in mid-call: ring it again, the caller waits with music."""

    seat: SeatNo


# ── of supervisors ──


class Monitor(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """监听 / 密语 / 强插, and from one to the other. `seat` is the supervisor's own."""

    seat: SeatNo
    call: CallId
    part: Part


class StopMonitoring(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """结束监听."""

    seat: SeatNo


class TakeOver(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """拦截: the supervisor on the call has it from now on, the seat leaves."""

    seat: SeatNo
    call: CallId


class ForceRelease(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """强拆: end the call."""

    call: CallId
    reason: str


class AskBreak(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """申请小休."""

    seat: SeatNo
    reason: str


class WithdrawBreak(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """撤回小休申请."""

    seat: SeatNo


class DecideBreak(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """小休审批."""

    seat: SeatNo
    approve: bool


class NumberTicket(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """登记: a contact that is no call (counter, letter, network) gets the next number of a ticket, here where all are
    given."""

    channel: str


CallCommand = (
    Hold
    | Resume
    | Mute
    | PressKeys
    | Consult
    | CancelConsult
    | JoinConsulted
    | Leave
    | Transfer
    | DropParty
    | SendToRating
    | Emergency
    | ConfirmHandover
)
"""What whoever has a call may do with it."""
SupervisorCommand = Monitor | StopMonitoring | TakeOver | ForceRelease

SeatCommand = (
    CallCommand
    | SupervisorCommand
    | Dial
    | RestorePhone
    | AskBreak
    | WithdrawBreak
    | DecideBreak
    | SignIn
    | SignOff
    | GoReady
    | GoBusy
    | TakeBreak
    | StayInWrapUp
    | ForgetNext
    | TakeCall
    | TookByHand
    | RejectCall
    | HangUp
    | ForceState
    | DefineSeat
    | PresenceChanged
)
"""What is done at a seat, or with one."""
HallCommand = SeatCommand | NumberTicket


# ── inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Heard(msgspec.Struct, frozen=True):
    """A fact from a device. `raw` is the id of its row when it is stored already (pushed events are)."""

    fact: DeviceEvent
    raw: int | None = None


class LinkLost(msgspec.Struct, frozen=True):
    """The link to a device is gone."""

    adapter: AdapterName
    detail: str
    at: datetime | None = None
    """When, where it is told afterwards (by an edge); None: now."""


class AlarmsSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody should look at on a line (告警), all of it."""

    adapter: AdapterName
    alarms: tuple[Alarm, ...]
    told: bool = False
    """They were raised by a process before us and stand in the journal already."""


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


class RulesChanged(msgspec.Struct, frozen=True):
    """The hall is to behave in another way from now on: its call plan was edited, the roster's hour has come."""

    rules: HallRules


class CallersChanged(msgspec.Struct, frozen=True):
    """How these callers are treated was changed (来电人规则); None: like everybody else."""

    entries: Mapping[str, Treatment | None]


class Recovered(msgspec.Struct, frozen=True):
    """The state was read back from the store: look at everything once."""


Input = (
    Heard
    | LinkLost
    | AlarmsSeen
    | Snapshot
    | OrderFailed
    | DeadlinePassed
    | Asked
    | RulesChanged
    | CallersChanged
    | Recovered
)
