"""What a dialect is: how its frames are found, and what one frame says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from adapters.cti_serial.signs import AnySign
from adapters.wire.framing import Framer


class Tells(msgspec.Struct, frozen=True, kw_only=True):
    """What a device can tell of a call; what it cannot has to be concluded."""

    answers: bool = True
    """It tells when somebody picks up."""
    ends: bool = True
    """It tells when a call is over."""


class Dialect(Protocol):
    """One way to say things. Without state: the same frame always says the same."""

    @property
    def framer(self) -> Callable[[], Framer]:
        """Makes what cuts a fresh wire's bytes into frames."""
        ...

    @property
    def tells(self) -> Tells:
        """What it can tell of a call."""
        ...

    @property
    def greeting(self) -> bytes:
        """What is sent when the wire has been opened (`AT+VCID=1`, `SMDR`); empty: nothing, ever."""
        ...

    def read(self, frame: bytes) -> Sequence[AnySign]:
        """What the frame says; nothing for a header, an outgoing call, a sign of life. Raises `Unreadable`, and nothing
        else, whatever the bytes are; its text says why and shows no number."""
        ...
