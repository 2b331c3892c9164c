"""What does a device say, and when, while somebody rings, is answered and goes? One script a dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from adapters.cti_serial import simulated_bytes as say

RING_SECONDS: Final = 5.0
"""A Chinese line rings 1 s on, 4 s off."""
NUMBER_SECONDS: Final = 2.0
"""FSK caller id comes between the first ring and the second."""


class Ringing(msgspec.Struct, frozen=True, kw_only=True):
    """One call as it happens at the device; seconds since its first ring, by the wall clock."""

    line: int
    number: str
    seat: str
    began: datetime
    """By the device's own clock."""
    answered: float | None
    """None: nobody picks up."""
    over: float
    speed: float = 1.0
    """So many times faster than life it rings."""

    @property
    def named(self) -> float:
        """When the number is sent: between the first ring and the second."""
        return min(NUMBER_SECONDS / self.speed, self.over)

    @property
    def rings(self) -> list[float]:
        """When it rings."""
        until = self.over if self.answered is None else self.answered
        pause = RING_SECONDS / self.speed
        return [count * pause for count in range(int(until // pause) + 1)]

    def at(self, seconds: float) -> datetime:
        """That moment by the device's clock."""
        return self.began + timedelta(seconds=seconds)

    @property
    def ring_seconds(self) -> int:
        """How long it rang."""
        return round(self.over if self.answered is None else self.answered)

    @property
    def talk_seconds(self) -> int:
        """How long they talked; 0: they did not."""
        return 0 if self.answered is None else max(1, round(self.over - self.answered))


Script = Sequence[tuple[float, bytes]]
"""Seconds since the first ring, and what is sent then."""


def modem(call: Ringing) -> Script:
    """Rings and a number; it cannot tell whether anybody picks up."""
    named = (call.named, say.modem_caller_id(call.number, at=call.at(call.named)))
    return [*((at, say.modem_ring()) for at in call.rings), named]


def fsk(call: Ringing) -> Script:
    """One frame."""
    return [(call.named, say.mdmf(call.number, at=call.at(call.named)))]


def dtmf(call: Ringing) -> Script:
    """Before the first ring."""
    return [(0.0, say.dtmf(call.number))]


def netcallerid(call: Ringing) -> Script:
    """One frame."""
    return [(call.named, say.netcallerid(call.number, at=call.at(call.named)))]


def whozz(call: Ringing) -> Script:
    """Every ring, the hook, and a record at both ends."""
    told = [(at, say.whozz_detail(call.line, "R", at=call.at(at))) for at in call.rings]
    told.append((call.named, say.whozz_start(call.line, call.number, at=call.at(call.named))))
    if call.answered is not None:
        told.append((call.answered, say.whozz_detail(call.line, "F", at=call.at(call.answered))))
        told.append((call.over, say.whozz_detail(call.line, "N", at=call.at(call.over))))
    end = say.whozz_end(call.line, call.number, at=call.at(call.over), seconds=call.talk_seconds, rings=len(call.rings))
    return [*told, (call.over, end)]


def ncid(call: Ringing) -> Script:
    """Number and end."""
    line = f"LINE{call.line}"
    over = say.ncid_over(call.number, at=call.at(call.over), line=line, answered=call.answered is not None)
    return [(0.0, say.ncid_call(call.number, at=call.began, line=line)), (call.over, over)]


def fritz(call: Ringing) -> Script:
    """All of it."""
    told = [(0.0, say.fritz_ring(call.line, call.number, "12348", at=call.began))]
    if call.answered is not None:
        told.append((call.answered, say.fritz_connect(call.line, call.seat, call.number, at=call.at(call.answered))))
    return [*told, (call.over, say.fritz_disconnect(call.line, call.talk_seconds, at=call.at(call.over)))]


def panasonic(call: Ringing) -> Script:
    """A record at the end, to the minute."""
    end, rang = call.at(call.over), divmod(call.ring_seconds, 60)
    talked = _clock(call.talk_seconds, "{0:02}:{1:02}'{2:02}")
    code = "NA" if call.answered is None else ""
    head = f"{end:%m/%d/%y %I:%M%p} {call.seat:>5} {call.line:02} {'<I>' + call.number:<25}"
    return [(call.over, f"{head} {rang[0]}'{rang[1]:02} {talked} {'':10} {code:3}\r\n".encode())]


def avaya(call: Ringing) -> Script:
    """A record at the end, with the time of the beginning."""
    party = f"E{call.seat},Seat {call.seat}" if call.answered is not None else "V9000,VM Channel 0"
    who = f"{party},T900{call.line},LINE {call.line}.1,0,0"
    head = f"{call.began:%Y/%m/%d %H:%M:%S},{_clock(call.talk_seconds, '{0:02}:{1:02}:{2:02}')},{call.ring_seconds}"
    number = f"{call.began:%H%M%S%f}{call.line}"
    return [(call.over, f"{head},{call.number},I,{call.seat},12348,,0,{number},0,{who}\r\n".encode())]


def hipath(call: Ringing) -> Script:
    """A record at the end."""
    rang = "{:02}:{:02}".format(*divmod(call.ring_seconds, 60))
    talked = _clock(call.talk_seconds, "{0:02}:{1:02}:{2:02}") if call.talk_seconds else ""
    line = f"{call.at(call.over):%d.%m.%y%H:%M:%S}{call.line:>3}{call.seat:>6}{rang:5}{talked:8}{call.number:25}{'':11}"
    return [(call.over, f"{line}{1:>2}\r\n".encode())]


def shenou(call: Ringing) -> Script:
    """A record at the end; none of a call that nobody answered."""
    if call.answered is None:
        return []
    talked = _clock(call.talk_seconds, "{0:02}{1:02}{2:02}")
    began = call.at(call.answered)
    line = f"T{began:%Y%m%d%H%M%S} {talked:<7}{call.number:16}{call.seat:8}{call.seat:24}{'12':3}{'0.00':8}"
    return [(call.over, f"{line}\r\n".encode())]


SCRIPTS: Final[Mapping[str, Callable[[Ringing], Script]]] = {
    **{each.__name__: each for each in (dtmf, fritz, fsk, hipath, modem, ncid, netcallerid, panasonic, shenou, whozz)},
    "avaya-ipo": avaya,
    "panasonic-tcp": panasonic,
}


LINES: Final[Mapping[str, int]] = dict.fromkeys(("dtmf", "fsk", "modem", "netcallerid"), 1)
"""How many lines such a device has, where it is not `MANY`."""
MANY: Final = 4
REST_SECONDS: Final[Mapping[str, tuple[float, float]]] = {"modem": (8.0, 2.5)}
"""A line whose device cannot say that a call is over is quiet for so long before it rings anew; and at least so long,
however much faster than life it is."""


def _clock(seconds: int, form: str) -> str:
    minutes, rest = divmod(seconds, 60)
    return form.format(*divmod(minutes, 60), rest)
