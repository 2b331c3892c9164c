"""What telephony hardware can say, what we can ask of it, and what an adapter must be.

Facts (`CallEvent`) come in, commands (`PortCommand`) go out. Both are closed vocabularies: every handler ends in
`assert_never`. Values are frozen `msgspec.Struct`s, so each of them is also a JSON object with a `type`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, Protocol, runtime_checkable

import msgspec

AdapterName = NewType("AdapterName", str)
"""The name in the settings file: `[adapters.card-1]` → `card-1`. Seen everywhere: journal, metrics, console."""

CallKey = NewType("CallKey", str)
"""The device's own id of the caller's call. Never used twice by the same adapter, not even after a restart."""

PLACED: Final = "out~"
"""How the key of an outbound call begins, which the hall chooses."""

OfferId = NewType("OfferId", str)
"""One attempt to ring one seat for one call; chosen by the hall, echoed by the adapter."""


class Handling(StrEnum):
    """Who decides which seat rings."""

    HALL = "hall"
    """We do: the call waits for our orders."""
    DEVICE = "device"
    """The gateway (or the fallback dial plan) does: the call is *observed*, never ordered about."""


class EndedBy(StrEnum):
    """Who put the phone down."""

    CALLER = "caller"
    SEAT = "seat"
    NETWORK = "network"
    US = "us"
    UNKNOWN = "unknown"


class PhoneKind(StrEnum):
    """What rings on the desk."""

    BROWSER = "browser"
    """The console's own softphone (SIP over WebSocket)."""
    DESK = "desk"
    """A SIP desk phone."""
    MOBILE = "mobile"
    """手机: a number outside, rung over a trunk. Whoever picks up presses 1, so that a mailbox takes no call."""
    SIMULATED = "simulated"
    """No phone: a click in the console is the answer."""


class Phone(msgspec.Struct, frozen=True):
    """Where a seat is rung: a kind and the extension that the telephony system knows it by; a mobile's whole number."""

    kind: PhoneKind
    extension: str


class Reach(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, cache_hash=True):
    """The phones that a line can ring: of these kinds, with these extensions."""

    kinds: frozenset[PhoneKind]
    extensions: frozenset[str] | None = None
    """None: every one."""
    elsewhere: frozenset[str] = frozenset()
    """Where it is every one: desk phones that hang on another line. The hall finds out; an adapter leaves it empty."""

    def rings(self, kind: str, extension: str) -> bool:
        """Is that phone among them?"""
        if kind not in self.kinds or (self.extensions is not None and extension not in self.extensions):
            return False
        return kind != PhoneKind.DESK or extension not in self.elsewhere


class WatchMode(StrEnum):
    """What a supervisor on somebody's call does there. Who barges in is simply in the room."""

    LISTEN = "listen"
    """监听: hears both, is heard by nobody."""
    WHISPER = "whisper"
    """密语: hears both, is heard by the seat alone."""


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """A leg that is beside the room."""

    offer: OfferId
    """The supervisor's leg."""
    at: OfferId
    """The seat's leg that is listened to."""
    mode: WatchMode


# ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Fact(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """Something a device reported. Never refused, at most repaired or set aside."""

    adapter: AdapterName
    event_id: str
    """Stable across repeats of the same report; the second one has no effect."""
    at: datetime
    """Aware. When the device says that it happened."""
    heard_at: datetime
    """Aware. When we received it, by our own clock."""
    port: int | None = None
    """Channel number as printed on the hardware, where there is one."""


class LinkUp(Fact, frozen=True, kw_only=True):
    """The device can be heard and commanded from now on; the hall compares its calls with `ports()`."""

    detail: str = ""


class PortFault(Fact, frozen=True, kw_only=True):
    """The channel is out of order."""

    detail: str = ""


class PortRestored(Fact, frozen=True, kw_only=True):
    """The channel works again."""

    detail: str = ""


class CallFact(Fact, frozen=True, kw_only=True):
    """Something about one call. A call nobody has heard of yet is created by its first fact, whichever that is."""

    call: CallKey
    handling: Handling = Handling.HALL
    backfilled: bool = False
    """Taken from the device's records afterwards: `at` is the truth, nothing is to be ordered any more."""


class CallOffered(CallFact, frozen=True, kw_only=True):
    """A caller rings the hotline."""

    caller: str | None = None
    dialled: str | None = None
    rung_seconds: float = 0.0
    """How long it had rung when we were told, by the device's own count: it was somewhere else before."""
    their_id: str = ""
    """The id under which the platform that sent the caller knows the call (the province's, on its trunk)."""


class CallerIdentified(CallFact, frozen=True, kw_only=True):
    """The caller's number came late (analogue lines send it after the first ring)."""

    caller: str


class CallAnswered(CallFact, frozen=True, kw_only=True):
    """Our side went off-hook: announcements can be heard. Not yet a person."""


class DigitsPressed(CallFact, frozen=True, kw_only=True):
    """Keys the caller pressed."""

    digits: str


class PromptEnded(CallFact, frozen=True, kw_only=True):
    """An announcement has been played to its end, or was cut short."""

    prompt: str
    interrupted: bool = False
    """A key cut it short."""
    failed: bool = False
    """It could not be played, or not to its end."""


class SeatFact(CallFact, frozen=True, kw_only=True):
    """About a leg that is not the caller's: a seat's, or an outside number's. `offer` when we rang it, else the `seat`
    (its extension) that the device names."""

    offer: OfferId | None = None
    seat: str | None = None


class SeatRinging(SeatFact, frozen=True, kw_only=True):
    """The seat's phone rings."""


class SeatAnswered(SeatFact, frozen=True, kw_only=True):
    """The seat's phone was picked up."""


class SeatDeclined(SeatFact, frozen=True, kw_only=True):
    """The seat's phone did not take the call."""

    reason: str = ""
    """busy, no_answer, unreachable, rejected, or the device's own word."""
    seat_fault: bool = False
    """The phone itself could not be reached: the seat must not be offered calls until it can."""


class SeatReleased(SeatFact, frozen=True, kw_only=True):
    """The seat's leg is gone; the caller's may still be there."""

    hung_up: bool = False
    """Somebody put the receiver down, as far as the device can tell; else the leg may only have been lost."""


class LegsJoined(CallFact, frozen=True, kw_only=True):
    """The caller and that leg hear each other."""

    offer: OfferId | None = None


class LegHeld(CallFact, frozen=True, kw_only=True):
    """A phone interrupted the speech path by itself (its own hold key, a re-INVITE)."""

    offer: OfferId | None = None
    """The leg; None: the caller's, or not known which."""


class LegResumed(CallFact, frozen=True, kw_only=True):
    """The phone opened it again."""

    offer: OfferId | None = None


class RecordingStarted(CallFact, frozen=True, kw_only=True):
    """Audio is being written."""

    name: str


class RecordingStopped(CallFact, frozen=True, kw_only=True):
    """The audio is complete, or is missing for the reason given."""

    name: str
    seconds: float | None = None
    file: str | None = None
    """Path below the adapter's recordings folder, or a URL of the gateway."""
    missing: str = ""


class CallReleased(CallFact, frozen=True, kw_only=True):
    """The caller's leg is over."""

    by: EndedBy = EndedBy.UNKNOWN
    cause: str = ""
    inferred: bool = False
    """Concluded (ringing stopped, snapshot without the call), not reported."""


CallEvent = (
    CallOffered
    | CallerIdentified
    | CallAnswered
    | DigitsPressed
    | PromptEnded
    | SeatRinging
    | SeatAnswered
    | SeatDeclined
    | SeatReleased
    | LegsJoined
    | LegHeld
    | LegResumed
    | RecordingStarted
    | RecordingStopped
    | CallReleased
)
DeviceEvent = CallEvent | LinkUp | PortFault | PortRestored


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class PortCommand(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """Something to do to one call. Repeating a command that was carried out already is harmless."""

    call: CallKey


class Answer(PortCommand, frozen=True, kw_only=True):
    """Go off-hook."""


class PlayPrompt(PortCommand, frozen=True, kw_only=True):
    """Play an announcement; `PromptEnded` follows. A key cuts it short when `interruptible`. Takes the caller out of
    the room, should he be in one."""

    prompt: str
    interruptible: bool = True


class PlayMusic(PortCommand, frozen=True, kw_only=True):
    """Music while waiting, until he is put into the room or something else is played. Takes the caller out of the room,
    should he be in one."""


class RingSeat(PortCommand, frozen=True, kw_only=True):
    """Ring a seat's phone; `SeatRinging`, then `SeatAnswered` or `SeatDeclined` follow with the same offer."""

    offer: OfferId
    phone: Phone
    seconds: int
    caller_shown: str = ""
    """What the phone's display may show (masked)."""
    first: bool = False
    """Of an outbound call: there is no caller's leg yet, and `PlaceCall` follows the answer. `call` is the hall's
    choice; it begins with `PLACED`."""
    expected: bool = False
    """Whoever sits there asked for it a moment ago: a phone that can picks up by itself."""


class RingOutside(PortCommand, frozen=True, kw_only=True):
    """Ring a number outside for this call; the same facts follow as for a seat. The hall has checked the number."""

    offer: OfferId
    number: str
    seconds: int


class PlaceCall(PortCommand, frozen=True, kw_only=True):
    """Ring the person whom an outbound call is for; legs that are up hear it ring. `CallAnswered` follows, or
    `CallReleased` with the cause. The hall has checked the number."""

    number: str
    seconds: int


class StopRinging(PortCommand, frozen=True, kw_only=True):
    """Let that leg go, whether it rings or was picked up."""

    offer: OfferId


class PickUp(PortCommand, frozen=True, kw_only=True):
    """The seat clicked *answer*: where the phone can be told to, take the call. Real phones answer by themselves."""

    offer: OfferId


class Arrange(PortCommand, frozen=True, kw_only=True):
    """Who hears whom from now on: the whole picture, so that repeating it changes nothing.

    Legs that are picked up and neither in the room nor watching hear music, and so does the caller when he is not in
    the room and not in an announcement. `LegsJoined` follows for each leg that has come to hear the caller.
    """

    room: tuple[OfferId, ...]
    """Legs that hear each other."""
    caller: bool = True
    """The caller is in the room; else he is on hold (保持)."""
    muted: tuple[OfferId, ...] = ()
    """Legs in the room that are not heard (静音)."""
    watching: tuple[Watch, ...] = ()


class SendKeys(PortCommand, frozen=True, kw_only=True):
    """Send keys (DTMF) to a leg; to the caller where no leg is named."""

    digits: str
    offer: OfferId | None = None


class StartRecording(PortCommand, frozen=True, kw_only=True):
    """Record both sides under this name."""

    name: str


class TakeMessage(PortCommand, frozen=True, kw_only=True):
    """Record what the caller says (留言) after a tone, until he hangs up, presses #, is silent for long, or the time is
    over; `RecordingStopped` follows."""

    name: str
    seconds: int


class Release(PortCommand, frozen=True, kw_only=True):
    """End the call for everybody in it."""

    cause: str = "normal"


Command = (
    Answer
    | PlayPrompt
    | PlayMusic
    | RingSeat
    | RingOutside
    | PlaceCall
    | StopRinging
    | PickUp
    | Arrange
    | SendKeys
    | StartRecording
    | TakeMessage
    | Release
)


# ── the contract ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Ability(StrEnum):
    """What a device can do; the console shows only buttons that its line can obey."""

    ANSWERS = "answers"
    PLAYS = "plays"
    HEARS_KEYS = "hears_keys"
    RINGS_SEATS = "rings_seats"
    JOINS = "joins"
    HOLDS = "holds"
    """`Arrange` without the caller, mute included."""
    CONFERS = "confers"
    """`Arrange` with several legs: consultation, three-way."""
    WATCHES = "watches"
    """`Arrange` with `watching`."""
    RINGS_OUTSIDE = "rings_outside"
    """`RingOutside`, `PlaceCall`, and phones of the kind mobile."""
    SENDS_KEYS = "sends_keys"
    RECORDS = "records"
    TAKES_MESSAGES = "takes_messages"
    BY_HAND = "by_hand"
    """Telephones on its lines are picked up by hand, and it cannot tell: whoever picks up says so at the console."""
    REPORTS_PORTS = "reports_ports"
    """`ports()` is the whole truth about live calls, so what it does not list is over."""


class PortStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One live call as the device sees it now."""

    call: CallKey
    since: datetime
    handling: Handling = Handling.HALL
    caller: str | None = None
    dialled: str | None = None
    port: int | None = None
    answered: bool = False
    """Our side is off-hook."""
    room: tuple[OfferId, ...] = ()
    """Legs that hear each other."""
    caller_in_room: bool = False
    picked_up: tuple[OfferId, ...] = ()
    """Every leg that was picked up, in the room or not."""
    ringing: tuple[OfferId, ...] = ()
    watching: tuple[Watch, ...] = ()
    recording: bool = False
    placed: bool = False
    """Outbound: begun by us; `answered` says whether the other side has picked up."""


Hear = Callable[[DeviceEvent], None]


@runtime_checkable
class TelephonyAdapter(Protocol):
    """One device, or one system of devices.

    There is no connect/disconnect pair to misuse: the life of the task that awaits `run` is the connection's life.
    """

    @property
    def name(self) -> AdapterName:
        """The name in the settings file."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What the device can do."""
        ...

    async def run(self, hear: Hear) -> None:
        """Open the device and report until cancelled or until the link fails (`LinkDown`).

        Hears `LinkUp` once, as soon as `ports()` and `do()` work. Leaves nothing open when it returns or raises.
        """
        ...

    async def do(self, command: Command) -> None:
        """Carry out one command; returns when the device has accepted it.

        Raises `Refused`, `Unsupported`, `NoAnswer` when it may have been carried out or not, or `LinkDown`: then `run`
        ends as well, and the next list of live calls settles it. The hall sends the commands of one call in order,
        those of different calls at the same time, and may repeat a command: twice is the same as once.
        """
        ...

    async def ports(self) -> Sequence[PortStatus]:
        """Every call that is live on the device now. Raises `Unsupported` where the device cannot tell."""
        ...


class RefusedItem(msgspec.Struct, frozen=True):
    """One event of a delivery that could not be read."""

    index: int
    reason: str


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What one HTTP delivery of a gateway says."""

    events: list[DeviceEvent]
    refused: list[RefusedItem] = []
    repaired: list[RefusedItem] = []
    """Events kept with a value of ours in place of an impossible one (a device clock that was never set)."""


@runtime_checkable
class Decodes(Protocol):
    """An adapter that *observes*: what its device says is made durable, raw, before the hall hears of it."""

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        """Read what was said. Raises `Undecodable` when nothing in it can be read.

        Pure, or as pure as `Recalls` allows: the same bytes in the same order give the same events.
        """
        ...


@runtime_checkable
class Ingests(Decodes, Protocol):
    """An adapter that is *pushed to* over HTTP. It never sees the web framework."""

    @property
    def max_body_bytes(self) -> int:
        """A longer delivery is refused with 413 before it is read."""
        ...

    def admit(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Check that our gateway sent this (lower-case header names). Raises `NotAdmitted`."""
        ...


Take = Callable[[bytes, datetime], Awaitable[None]]
"""One frame, and when it was heard; returns when it is durable."""


WireWatch = Callable[[str, bytes, datetime, bool], None]
"""Told what is on the wires: name of the wire, bytes, when, and whether they were sent by us."""


class Wire(Protocol):
    """One wire that is listened at."""

    @property
    def name(self) -> str:
        """As the settings call it."""
        ...

    async def listen(self, up: Callable[[str], None], take: Take) -> None:
        """Open the wire, say so with a word on what is there, and hand over each frame in its order, until cancelled or
        until the link fails (`LinkDown`). Leaves nothing open."""
        ...


@runtime_checkable
class Listens(Decodes, Protocol):
    """An adapter whose device only talks, on one wire or several. Each wire is kept alive by itself; the device counts
    as heard while all of them are up."""

    @property
    def wires(self) -> Sequence[Wire]:
        """What to listen at."""
        ...

    @property
    def due(self) -> datetime | None:
        """Should nothing be heard until then, something has to be concluded (it rings no longer): `decode` is to be
        given an empty body at that time. Never before the next frame: None."""
        ...

    watch: WireWatch | None
    """Shown everything on the wires that are opened from now on, as it comes: for a capture (抓包)."""

    def framed(self, heard: Iterable[tuple[str, bytes, datetime]]) -> Iterator[tuple[bytes, datetime]]:
        """What the wires would have handed over, had they heard that (wire, bytes, when): for a replay (回放)."""
        ...


@runtime_checkable
class Recalls(Protocol):
    """An observing adapter whose `decode` depends on earlier deliveries: only together do they tell of one call."""

    @property
    def memory(self) -> timedelta:
        """How far back earlier deliveries matter; zero: each one stands for itself, and `recall` is not needed."""
        ...

    def recall(self, kept: Iterable[tuple[bytes, datetime]]) -> int:
        """Forget everything, then remember these deliveries (body, when heard), oldest first; how many were read.

        Called before the first `decode` of a process and whenever another process has decoded meanwhile. It may take
        a second for a day of reports and is called in a thread; `decode` is not called until it has returned.
        """
        ...


@runtime_checkable
class Reaches(Protocol):
    """An adapter that knows which phones it can ring. Of any other it is assumed that it rings every one."""

    @property
    def reach(self) -> Mapping[int | None, Reach]:
        """By port; under None: the ports that are not named."""
        ...


@runtime_checkable
class Probes(Protocol):
    """An adapter whose device can be asked whether it is well, apart from any call."""

    async def probe(self) -> str:
        """Ask it something harmless; what it says of itself, in a few words.

        Raises `LinkDown` or `NoAnswer`; `Refused` when it is there but not well: its link is kept.
        """
        ...


@runtime_checkable
class Pulls(Decodes, Protocol):
    """An adapter that *observes* a device which keeps a list of its calls (话单): what was told is compared with it."""

    @property
    def pull_seconds(self) -> float:
        """How often the list is to be fetched; zero: the settings do not say how the device is reached."""
        ...

    async def pull(self, since: datetime, until: datetime) -> Sequence[bytes]:
        """The calls that ended between the two, as the device lists them, as bodies for `decode`.

        Raises `LinkDown`, `NoAnswer` or `Refused`.
        """
        ...


def has_link(adapter: TelephonyAdapter) -> bool:
    """There is a link to the device that can be up or down; one that only pushes has none."""
    return Ability.REPORTS_PORTS in adapter.abilities or isinstance(adapter, Listens)


class SoftphoneAccount(Protocol):
    """What a browser's phone registers with (SIP over WebSocket, RFC 7118)."""

    @property
    def extension(self) -> str:
        """Also the user name."""
        ...

    @property
    def url(self) -> str:
        """`ws://…` or `wss://…`; a path: at the host that serves the console."""
        ...

    @property
    def uri(self) -> str:
        """Its SIP address."""
        ...

    @property
    def password(self) -> str:
        """Handed to the seat at sign-in, never stored."""
        ...


@runtime_checkable
class HasSoftphones(Protocol):
    """An adapter that browser phones can register with."""

    def browser_account(self, extension: str) -> SoftphoneAccount | None:
        """The account of that extension; None when there is no such phone."""
        ...
