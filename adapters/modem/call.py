"""The call on one line: what do rings, numbers, receivers and tones mean for it, and what follows from silence?

Pure: times are arguments, facts are the answer. Who commands the modem is `line.py`.

    RINGING ──answered──► OURS ──receiver lifted for an offer──► BY_HAND
       │                    │                                       │
       └──receiver lifted──────────────────────────────────────► BY_HAND
    each ends by a sign of the line, by silence (inferred), or by us
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.modem.live import Live, Site, Stage, status_of
from adapters.telephony import (
    CallAnswered,
    CallerIdentified,
    CallEvent,
    CallKey,
    CallOffered,
    CallReleased,
    DigitsPressed,
    EndedBy,
    Handling,
    LegsJoined,
    OfferId,
    PortStatus,
    PromptEnded,
    SeatAnswered,
    SeatDeclined,
    SeatRinging,
)

ONE_RING: Final = timedelta(seconds=2)
"""Signs of a ring within so long are one ring: `RING`, its cadence and DLE R may all tell of it."""
GLITCH: Final = timedelta(seconds=1)
"""Whatever the loop does just after a hook was moved is the hook's doing."""
STALE: Final = timedelta(hours=4)
"""A talk at the desk telephone that nobody has told the end of."""


@dataclass(slots=True)
class LineBook:
    """One line's calls, one after the other."""

    site: Site
    run: str
    """Of this run of ours: no key is ever used twice."""
    live: Live | None = None
    lifted: bool = False
    """The receiver of the desk telephone is up, as far as the modem tells."""
    tells: bool = False
    """The modem has told of a receiver before."""
    _quiet_until: datetime | None = None
    _cadence: str = ""
    _cadence_at: datetime | None = None
    """When the last of it was heard, where no ring was told since."""
    _calls: int = 0
    _facts: int = 0
    _down_at: datetime | None = None
    """The receiver was put down within a glitch of the moment we let the line go to it."""

    # ── what the line says ──

    def rang(self, at: datetime, pattern: str = "") -> list[CallEvent]:
        """One sign of a ring; with the first of them the call is offered."""
        self._cadence_at = None
        if self._quiet_until is not None and at < self._quiet_until:
            return []
        over = self._over_since(at)
        live = self.live or self._begin(at, Stage.RINGING)
        if live.stage is Stage.OURS:
            return []  # somebody knocks, or a late line of the modem
        pattern, self._cadence = pattern or self._cadence, ""
        if pattern in self.site.patterns:
            live.dialled = self.site.patterns[pattern]
        if live.rings == 0 or at - live.last_ring >= ONE_RING:
            live.rings += 1
        live.last_ring = at
        if live.stage is Stage.ANNOUNCED:
            live.stage = Stage.RINGING
        return over if live.offered else [*over, self._offer(live)]

    def cadence(self, at: datetime, text: str) -> list[CallEvent]:
        """`DRON=5 DROF=11`: how it rings, in tenths of a second; together `5-11`. RING follows, or does not."""
        steps = [each.partition("=")[2].strip() for each in text.replace(",", " ").split() if "=" in each]
        self._cadence = "-".join(filter(None, (self._cadence, *steps)))[-64:]
        if self._cadence in self.site.patterns:
            return self.rang(at)
        self._cadence_at = at
        return []

    def numbered(self, at: datetime, number: str | None, dialled: str | None = None) -> list[CallEvent]:
        """The line has said who rings; `number` None: it has said that it does not tell. The first number counts."""
        live = self.live
        if live is None:
            if self._quiet_until is not None and at < self._quiet_until:
                return []
            live = self._begin(at, Stage.ANNOUNCED)
        elif live.stage in (Stage.OURS, Stage.BY_HAND) and live.numbered:
            return []  # who knocks is not who talks
        live.numbered = True
        live.dialled = dialled or live.dialled
        if number is None or live.caller is not None:
            return []
        live.caller = number
        return [] if live.stage is Stage.ANNOUNCED else [self._say(live, CallerIdentified, at, caller=number)]

    def key(self, at: datetime, digit: str) -> list[CallEvent]:
        """The caller pressed it."""
        live = self.live
        if live is None or live.stage is not Stage.OURS:
            return []  # what is dialled at the desk telephone is nobody's business
        return [self._say(live, DigitsPressed, at, digits=digit)]

    def lift(self, at: datetime) -> list[CallEvent]:
        """A receiver on the line was picked up: for an offer, or, while it rings, by hand."""
        self.lifted, self.tells, self._down_at = True, True, None
        live = self.live
        if live is None or live.leg is not None or live.stage in (Stage.ANNOUNCED, Stage.BY_HAND):
            return []
        if live.offer is not None:
            return self._picked_up(live, live.offer, at)
        if live.stage is Stage.OURS:
            return []  # nobody asked for it; an offer that comes finds it lifted
        live.stage, live.handling, live.hook_at = Stage.BY_HAND, Handling.DEVICE, at
        return [self._say(live, CallAnswered, at), self._say(live, SeatAnswered, at, seat=self.site.seat or None)]

    def put_down(self, at: datetime) -> list[CallEvent]:
        """A receiver on the line was put down; the call at it is over."""
        self.lifted, self.tells = False, True
        live = self.live
        if live is None or live.stage is not Stage.BY_HAND:
            return []
        if live.hook_at is not None and at - live.hook_at < GLITCH:
            self._down_at = at
            return []
        return self.end(at, EndedBy.SEAT)

    def is_over(self, at: datetime, *, by_loop: bool) -> bool:
        """A tone, or something the loop did, says that the other side has hung up: is there a call that this ends?"""
        live = self.live
        if live is None or live.stage not in (Stage.OURS, Stage.BY_HAND):
            return False
        return not by_loop or live.hook_at is None or at - live.hook_at >= GLITCH

    def answerable_at(self, patience: timedelta) -> datetime | None:
        """When we may go off hook: an exchange sends the number between the first ring and the second, and never if
        somebody answers before. None: now."""
        live = self.live
        if live is None or live.stage is not Stage.RINGING or live.numbered or live.rings >= 2:
            return None
        return live.since + patience

    # ── what we do ──

    def answered(self, at: datetime) -> list[CallEvent]:
        """The modem has gone off hook."""
        live = self.live
        if live is None or live.stage in (Stage.OURS, Stage.BY_HAND):
            return []
        live.stage, live.hook_at = Stage.OURS, at
        return [self._say(live, CallAnswered, at)]

    def prompt_ended(
        self, key: CallKey, at: datetime, prompt: str, *, interrupted: bool = False, failed: bool = False
    ) -> list[CallEvent]:
        """An announcement is over."""
        live = self.live
        if live is None or live.key != key:
            return []
        return [self._say(live, PromptEnded, at, prompt=prompt, interrupted=interrupted, failed=failed)]

    def ring_seat(self, live: Live, offer: OfferId, at: datetime, seconds: float) -> list[CallEvent]:
        """The hall shows the call to that seat; a receiver that is up already answers it."""
        if offer in (live.offer, live.leg):
            return []
        live.offer, live.ring_until = offer, at + timedelta(seconds=seconds)
        ringing = self._say(live, SeatRinging, at, offer=offer, seat=self.site.seat)
        return [ringing, *(self._picked_up(live, offer, at) if self.lifted else ())]

    def clicked(self, live: Live, offer: OfferId, at: datetime) -> list[CallEvent]:
        """The lawyer says that the receiver is up."""
        return self._picked_up(live, offer, at) if live.offer == offer else []

    def joined(self, at: datetime) -> list[CallEvent]:
        """The modem has let go of the line, and the telephone holds it."""
        live = self.live
        if live is None or live.leg is None or live.joined:
            return []
        live.joined, live.stage, live.hook_at = True, Stage.BY_HAND, at
        if self.tells and not self.lifted:
            self._down_at = at  # nobody holds the line, unless the modem says so in a moment
        return [self._say(live, LegsJoined, at, offer=live.leg)]

    def end(self, at: datetime, by: EndedBy, cause: str = "", *, inferred: bool = False) -> list[CallEvent]:
        """The call is over; the line is let settle."""
        live, self.live = self.live, None
        self._cadence, self._cadence_at, self._down_at = "", None, None
        if live is None:
            return []
        if live.stage is Stage.OURS:
            self._quiet_until = at + self.site.settle
        return [self._say(live, CallReleased, at, by=by, cause=cause, inferred=inferred)]

    # ── what silence says ──

    @property
    def due(self) -> datetime | None:
        """When `conclude` is to be called, should nothing be heard until then."""
        live = self.live
        if self._cadence_at is not None:
            return self._cadence_at + ONE_RING
        if live is None:
            return None
        match live.stage:
            case Stage.ANNOUNCED | Stage.RINGING:
                times = [live.last_ring + self.site.ring_gap, live.ring_until]
            case Stage.BY_HAND:
                times = [live.last_ring + STALE, None if self._down_at is None else self._down_at + GLITCH]
            case Stage.OURS:
                times = [live.ring_until]
        return min((each for each in times if each is not None), default=None)

    def conclude(self, now: datetime) -> list[CallEvent]:
        """It rings no longer; a seat was rung long enough; a receiver stays down; a talk was never told the end of."""
        if self._cadence_at is not None and now >= self._cadence_at + ONE_RING:
            return self.rang(self._cadence_at)
        live = self.live
        if live is None:
            return []
        if live.stage in (Stage.ANNOUNCED, Stage.RINGING) and now >= live.last_ring + self.site.ring_gap:
            told = [] if live.offered else [self._offer(live)]
            return [*told, *self.end(now, EndedBy.CALLER, "rings_no_longer", inferred=True)]
        if live.stage is Stage.BY_HAND and self._down_at is not None and now >= self._down_at + GLITCH:
            return self.end(self._down_at, EndedBy.SEAT)
        if live.stage is Stage.BY_HAND and now >= live.last_ring + STALE:
            return self.end(now, EndedBy.UNKNOWN, "end_not_told", inferred=True)
        if live.offer is not None and live.ring_until is not None and now >= live.ring_until:
            offer, live.offer, live.ring_until = live.offer, None, None
            return [self._say(live, SeatDeclined, now, offer=offer, seat=self.site.seat, reason="no_answer")]
        return []

    def status(self) -> PortStatus | None:
        """The live call as `ports()` lists it."""
        live = self.live
        if live is None or live.stage is Stage.ANNOUNCED:
            return None
        return status_of(live, self.site.port)

    def say(self, kind: type[CallEvent], at: datetime, **more: Any) -> list[CallEvent]:
        """A fact about the live call, where there is one."""
        return [] if self.live is None else [self._say(self.live, kind, at, **more)]

    # ── the pieces ──

    def _begin(self, at: datetime, stage: Stage) -> Live:
        self._calls += 1
        self.lifted = False  # a line rings while every receiver on it is down
        key = CallKey(f"{self.run}-{self.site.port}-{self._calls}")
        self.live = Live(key=key, since=at, stage=stage, last_ring=at, dialled=self.site.dialled)
        return self.live

    def _over_since(self, at: datetime) -> list[CallEvent]:
        """A line that rings anew has no other call: the former one's end was not told."""
        live = self.live
        if live is None or live.stage is not Stage.BY_HAND or at - live.last_ring < self.site.ring_gap:
            return []
        return self.end(at, EndedBy.UNKNOWN, "rings_again", inferred=True)

    def _picked_up(self, live: Live, offer: OfferId, at: datetime) -> list[CallEvent]:
        live.leg, live.offer, live.ring_until = offer, None, None
        answered = [] if live.stage is Stage.OURS else [self._say(live, CallAnswered, at)]
        if live.stage is Stage.RINGING:
            live.stage, live.hook_at = Stage.BY_HAND, at
        return [*answered, self._say(live, SeatAnswered, at, offer=offer, seat=self.site.seat)]

    def _offer(self, live: Live) -> CallEvent:
        live.offered = True
        return self._say(live, CallOffered, live.since, caller=live.caller, dialled=live.dialled)

    def _say(self, live: Live, kind: type[CallEvent], at: datetime, **more: Any) -> CallEvent:
        self._facts += 1
        return kind(
            adapter=self.site.adapter,
            event_id=f"{self.run}:{self.site.port}:{self._facts}",
            at=at,
            heard_at=at,
            port=self.site.port,
            call=live.key,
            handling=live.handling,
            **more,
        )
