"""What happened in a hall, in the past tense: journalled (流水), numbered, and shown.

`call_seq` numbers the events of one call from 1 without a gap.
"""

from __future__ import annotations

import msgspec


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


class CallerKnown(HallEvent, frozen=True, kw_only=True):
    """The caller's number came after the first ring."""


class AnnouncementBegun(HallEvent, frozen=True, kw_only=True):
    """The caller hears an announcement or the menu."""

    prompt: str


class KeysHeard(HallEvent, frozen=True, kw_only=True):
    """Keys in the menu; `queue` is empty when they mean nothing."""

    digits: str
    queue: str = ""


class CallQueued(HallEvent, frozen=True, kw_only=True):
    """The caller waits for a person."""

    queue: str
    position: int
    groups: tuple[str, ...]


class GroupsWidened(HallEvent, frozen=True, kw_only=True):
    """The call waited so long that it may go to further groups."""

    groups: tuple[str, ...]


class SeatOffered(HallEvent, frozen=True, kw_only=True):
    """派发: a seat rings; `why` is the strategy that chose it, `waited` the caller's seconds in the queue."""

    offer: str
    why: str
    waited: float


class OfferMissed(HallEvent, frozen=True, kw_only=True):
    """The seat did not take the call."""

    offer: str
    reason: str


class CallTaken(HallEvent, frozen=True, kw_only=True):
    """接听: the seat and the caller are connected."""

    operator: str | None
    waited: float


class SeatVanished(HallEvent, frozen=True, kw_only=True):
    """The seat's leg was lost while the caller is still there: back to the front of the queue."""


class CallHeld(HallEvent, frozen=True, kw_only=True):
    """The speech path is interrupted."""


class CallResumed(HallEvent, frozen=True, kw_only=True):
    """The speech path is open again."""


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


class OrderRefused(HallEvent, frozen=True, kw_only=True):
    """A device did not carry out a command."""

    command: str
    reason: str
    detail: str = ""
