"""What a box, a modem or a PBX says about a telephone line: the closed vocabulary between dialects and the line book.

A dialect turns frames into signs and knows nothing of calls; `book.py` turns signs into facts and knows nothing of
bytes. Ports are written as the device writes them ("1", "01", "LINE 1.2"); the settings say which channel that is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from adapters.caller_id.signs import Hidden, Numbered, Rang, Sign


class Anchor(StrEnum):
    """Which moment the time in a record is."""

    START = "start"
    """The first ring."""
    ANSWER = "answer"
    END = "end"


class OffHook(Sign, frozen=True, kw_only=True):
    """The line's own telephone was picked up (摘机)."""


class OnHook(Sign, frozen=True, kw_only=True):
    """The line's own telephone was put down (挂机)."""


class Began(Sign, frozen=True, kw_only=True):
    """A call that the device gives an id rings."""

    call: str
    number: str | None = None
    hidden: Hidden | None = None
    name: str = ""
    dialled: str | None = None


class Connected(Sign, frozen=True, kw_only=True):
    """That call was picked up."""

    call: str = ""
    """Empty: the call on the port."""
    seat: str = ""
    """The extension that did."""


class Finished(Sign, frozen=True, kw_only=True):
    """That call is over."""

    call: str = ""
    """Empty: the call on the port."""
    answered: bool | None = None
    """None: the device does not say."""
    seconds: int | None = None
    """How long it lasted from the answer on."""


class Recorded(Sign, frozen=True, kw_only=True):
    """A record (话单) of an incoming call that is over. What concerns no caller from outside is no sign."""

    at: datetime
    """Naive, as the device writes it."""
    anchor: Anchor
    step: timedelta = timedelta(seconds=1)
    """How fine `at` is: a device that prints hours and minutes only has steps of a minute."""
    ring: int | None = None
    """Seconds from the first ring to the answer, or to the end; None: not told."""
    talked: int | None = None
    """Seconds from the answer to the end; None: nobody answered."""
    seat: str = ""
    """The extension that rang, or answered."""
    number: str | None = None
    hidden: Hidden | None = None
    name: str = ""
    dialled: str | None = None
    call: str = ""
    """The device's own id of the call, where it has one: records with the same id tell of one call."""
    more: bool = False
    """The call went on: another record tells its next part (a transfer)."""
    recording: str = ""


AnySign = Rang | Numbered | OffHook | OnHook | Began | Connected | Finished | Recorded
