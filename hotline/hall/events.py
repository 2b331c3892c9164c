"""What happened in a hall, in the past tense: journalled (流水), numbered, and shown.

`call_seq` numbers the events of one call from 1 without a gap.
"""

from __future__ import annotations

import msgspec

from adapters.telephony import Reach
from routing.why import Why


class HallEvent(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type", omit_defaults=True):
    """Something that happened; `call` and `seat` name what it happened to."""

    call: str | None = None
    call_seq: int = 0
    seat: str | None = None
    actor: str = "system"


class CallArrived(HallEvent, frozen=True, kw_only=True):
    """A caller rang; the call and its ticket exist from here on."""

    adapter: str
    key: str
    handling: str
    ticket: str
    backfilled: bool = False
    direction: str = "in"


class CallerKnown(HallEvent, frozen=True, kw_only=True):
    """The caller's number came after the first ring."""


class AnnouncementBegun(HallEvent, frozen=True, kw_only=True):
    """The caller hears an announcement or the menu."""

    prompt: str


class KeysHeard(HallEvent, frozen=True, kw_only=True):
    """Keys in the menu; `queue` is where they lead, `act` what else they do; both empty when they mean nothing."""

    digits: str
    queue: str = ""
    act: str = ""


class CallQueued(HallEvent, frozen=True, kw_only=True):
    """The caller waits for a person."""

    queue: str
    position: int
    groups: tuple[str, ...]
    kept_place: bool = False
    """He had rung a moment ago and keeps the place of then."""
    excluded: tuple[str, ...] = ()
    """Accounts that must not take this caller (利益冲突回避)."""
    marks: tuple[str, ...] = ()
    """How the caller is treated: minor, elderly, limited …"""
    reach: Reach | None = None
    """Phones that his line can ring; None: every one."""


class CallSpilled(HallEvent, frozen=True, kw_only=True):
    """溢出: the caller goes elsewhere, because he waited too long or too many wait."""

    why: str
    to: str
    label: str = ""


class NoticePlayed(HallEvent, frozen=True, kw_only=True):
    """公告: the caller was told what everybody is told now, or that the call is recorded (录音告知). Written when it is
    over, not when it begins: what nobody heard must not stand here as told."""

    notice: str
    """The id of the notice; of the recording notice the announcement."""
    kind: str
    heard: bool = True
    """To its end, or until he cut it short by a key."""
    cause: str = ""
    """Why not."""


class LanguageChosen(HallEvent, frozen=True, kw_only=True):
    """The caller chose a language or dialect."""

    language: str


class PlaceTold(HallEvent, frozen=True, kw_only=True):
    """The caller was told his place in the line, and the wait."""

    position: int
    expected: float | None = None


class CallerBlocked(HallEvent, frozen=True, kw_only=True):
    """The caller is kept out by a rule with a review date."""

    level: str


class RulesTaken(HallEvent, frozen=True, kw_only=True):
    """The hall behaves in another way from now on."""

    duty: str


class GroupsWidened(HallEvent, frozen=True, kw_only=True):
    """The call waited so long that it may go to further groups."""

    groups: tuple[str, ...]


class SeatOffered(HallEvent, frozen=True, kw_only=True):
    """派发: a seat rings; `why` is the strategy that chose it, `waited` the caller's seconds in the queue, `reasons`
    all that led to this seat."""

    offer: str
    why: str
    waited: float
    seconds: int = 0
    """So long it may ring."""
    reasons: Why | None = None


class OfferMissed(HallEvent, frozen=True, kw_only=True):
    """The seat did not take the call."""

    offer: str
    reason: str


class CallTaken(HallEvent, frozen=True, kw_only=True):
    """接听: the seat and the caller are connected."""

    operator: str | None
    waited: float


class TakenByHand(HallEvent, frozen=True, kw_only=True):
    """The lawyer said that the telephone was picked up; the line's device cannot tell."""


class SeatVanished(HallEvent, frozen=True, kw_only=True):
    """The seat's leg was lost while the caller is still there: back to the front of the queue."""


class CallHeld(HallEvent, frozen=True, kw_only=True):
    """The caller hears music, or his phone was put on hold."""


class CallResumed(HallEvent, frozen=True, kw_only=True):
    """The caller is back in the conversation."""


class SeatMuted(HallEvent, frozen=True, kw_only=True):
    """The seat is not heard, or is heard again."""

    on: bool


class KeysSent(HallEvent, frozen=True, kw_only=True):
    """The seat sent keys; which ones is not kept (they may be a card's number)."""

    count: int
    to: str


class PartyRung(HallEvent, frozen=True, kw_only=True):
    """Somebody else is rung into the call; `seat` asked for it. A colleague (`target`) or a contact outside."""

    offer: str
    part: str
    target: str | None = None
    contact: str = ""
    label: str = ""
    emergency: bool = False
    again: bool = False
    """It was on the call before, and its phone was loaded anew."""
    seconds: int = 0
    """So long it may ring."""


class PartyAnswered(HallEvent, frozen=True, kw_only=True):
    """That leg was picked up."""

    offer: str
    target: str | None = None
    label: str = ""


class PartyMissed(HallEvent, frozen=True, kw_only=True):
    """Nobody picked up there, or the phone refused."""

    offer: str
    reason: str
    target: str | None = None
    label: str = ""


class PartyJoined(HallEvent, frozen=True, kw_only=True):
    """三方: caller, seat and that one hear each other."""

    offer: str
    target: str | None = None
    label: str = ""


class PartyLeft(HallEvent, frozen=True, kw_only=True):
    """That one is no longer on the call: went by itself, or was let go by `actor`."""

    offer: str
    part: str
    reason: str
    target: str | None = None
    label: str = ""


class MonitorSwitched(HallEvent, frozen=True, kw_only=True):
    """The supervisor listens, whispers or has barged in."""

    offer: str
    before: str
    after: str


class CallPassed(HallEvent, frozen=True, kw_only=True):
    """The caller has another seat (`seat`), or a contact outside, from now on; `how`: transfer, take_over, left."""

    before: str | None
    offer: str
    how: str
    operator: str | None = None
    label: str = ""


class CallTransferred(HallEvent, frozen=True, kw_only=True):
    """直接转: `seat` has left the caller to a target that is still to pick up."""

    kind: str
    target: str
    label: str = ""


class CallReturning(HallEvent, frozen=True, kw_only=True):
    """The caller goes back to that seat: nobody took him, or its own phone or page was lost."""

    why: str


class HandoverConfirmed(HallEvent, frozen=True, kw_only=True):
    """对方已确认接管."""

    offer: str
    label: str = ""


class LeftUnconfirmed(HallEvent, frozen=True, kw_only=True):
    """The seat's phone was put down although the other side had not been confirmed: a supervisor should look."""

    label: str = ""


class DialBegun(HallEvent, frozen=True, kw_only=True):
    """外呼: the seat's own phone rings first."""

    purpose: str
    number: str
    """Masked."""
    label: str = ""
    """What a contact outside is called."""
    offer: str
    seconds: int = 0
    """So long the seat's phone may ring."""


class NumberDialled(HallEvent, frozen=True, kw_only=True):
    """The seat has picked up, the other side is rung."""

    seconds: int = 0
    """So long it may ring."""


class ReleaseForced(HallEvent, frozen=True, kw_only=True):
    """强拆, with a supervisor's reason."""

    reason: str


class RatingOffered(HallEvent, frozen=True, kw_only=True):
    """The seat has left; the caller is asked to rate. `operator` is whom it is about."""

    operator: str | None


class RatingGiven(HallEvent, frozen=True, kw_only=True):
    """A key for one question."""

    question: str
    score: int


class MessageBegun(HallEvent, frozen=True, kw_only=True):
    """留言: the caller speaks after the tone."""

    name: str


class CallbackWished(HallEvent, frozen=True, kw_only=True):
    """The caller asked to be called back instead of waiting."""


class BreakAsked(HallEvent, frozen=True, kw_only=True):
    """A break waits for a supervisor's consent."""

    reason: str


class BreakWithdrawn(HallEvent, frozen=True, kw_only=True):
    """Whoever asked for it does not want it any more."""


class BreakDecided(HallEvent, frozen=True, kw_only=True):
    """The supervisor consented, or not."""

    approved: bool
    reason: str


class RecordingBegun(HallEvent, frozen=True, kw_only=True):
    """Audio is being written."""

    name: str


class RecordingKept(HallEvent, frozen=True, kw_only=True):
    """The audio is there, or `missing` says why it is not."""

    name: str
    seconds: float | None = None
    file: str | None = None
    missing: str = ""


class CallLeaving(HallEvent, frozen=True, kw_only=True):
    """The caller cannot be served: the outcome is decided, the parting announcement plays."""

    outcome: str


class CallEnded(HallEvent, frozen=True, kw_only=True):
    """Over. Exactly one per call, unless a later `CallAmended` corrects it."""

    outcome: str
    by: str
    cause: str = ""
    inferred: bool = False


class CallClaimed(HallEvent, frozen=True, kw_only=True):
    """The device distributed the call so far; from here on we do."""


class CallAmended(HallEvent, frozen=True, kw_only=True):
    """A report that came after the end corrected the record."""

    fact: str
    outcome: str


class ReportIgnored(HallEvent, frozen=True, kw_only=True):
    """A device's report that does not fit what we know; kept, without effect."""

    fact: str
    why: str


class SeatDefined(HallEvent, frozen=True, kw_only=True):
    """A desk was added or changed."""

    extension: str
    groups: tuple[str, ...]


class SeatChanged(HallEvent, frozen=True, kw_only=True):
    """A seat's state changed, by whom and why."""

    before: str
    after: str
    reason: str
    operator: str | None = None
    phone: str = ""
    """Who signs in: the kind of phone that is rung there from now on."""


class NextChosen(HallEvent, frozen=True, kw_only=True):
    """What the seat will be after the call; empty when the wish was taken back."""

    state: str
    reason: str


class LinkRestored(HallEvent, frozen=True, kw_only=True):
    """A device can be heard again."""

    adapter: str
    detail: str = ""


class LinkBroken(HallEvent, frozen=True, kw_only=True):
    """A device cannot be heard."""

    adapter: str
    detail: str = ""


class PortBroken(HallEvent, frozen=True, kw_only=True):
    """A channel is out of order."""

    adapter: str
    port: int | None
    detail: str = ""


class PortMended(HallEvent, frozen=True, kw_only=True):
    """A channel works again."""

    adapter: str
    port: int | None
    detail: str = ""


class LineAlarmRaised(HallEvent, frozen=True, kw_only=True):
    """Somebody should look at a line (告警)."""

    adapter: str
    kind: str
    port: int | None = None
    detail: str = ""


class LineAlarmCleared(HallEvent, frozen=True, kw_only=True):
    """It is well again."""

    adapter: str
    kind: str
    port: int | None = None


class TicketNumbered(HallEvent, frozen=True, kw_only=True):
    """A contact that is no call got the number of its ticket."""

    number: str
    channel: str


class OrderRefused(HallEvent, frozen=True, kw_only=True):
    """A device did not carry out a command."""

    command: str
    reason: str
    detail: str = ""
