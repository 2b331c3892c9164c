"""What must a vendor's binding be, so that the driver host can serve it? Also: how a library is opened, and what goes
wrong there."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from adapters.card.wire import AnySign, Channel, Member


class CardError(Exception):
    """The card refused; the text says what it said."""


class Lacking(CardError):
    """This card, or its library, can never do this."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say about the library."""

    library: str
    config: str = ""
    server: str = ""
    """HOST:PORT of the vendor's own service, where the library talks to one."""
    user: str = ""
    password: str = ""


class Card(Protocol):
    """One vendor's library that is open. Every method is called in the same thread; none of them but `wait` waits.

    Orders raise `CardError`. Two times is the same as once.
    """

    @property
    def confers(self) -> bool:
        """Rooms of more than two, and with somebody who is muted."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...

    def wait(self, seconds: float) -> Sequence[AnySign]:
        """What has happened; waits for at most so long when nothing has. At most some hundred signs at once."""
        ...

    def channels(self) -> Sequence[Channel]:
        """Every trunk and station, as the card itself sees them now."""
        ...

    def pick_up(self, channel: int) -> None: ...

    def hang_up(self, channel: int) -> None: ...

    def ring(self, channel: int, shown: str) -> None: ...

    def stop_ring(self, channel: int) -> None: ...

    def play(self, channel: int, file: str, task: int, again: bool) -> None: ...

    def stop_play(self, channel: int) -> None: ...

    def record(self, channel: int, file: str, task: int, both: bool, seconds: int) -> None: ...

    def stop_record(self, channel: int) -> None: ...

    def send_keys(self, channel: int, digits: str) -> None: ...

    def room(self, room: int, members: Sequence[Member]) -> None: ...


def load(path: str, functions: Mapping[str, Sequence[Any]], needed: frozenset[str]) -> dict[str, Any]:
    """The library's functions by their published names, each with its argument types; all return `int`. Raises
    `CardError` when the library or one of the needed functions is not there; others may be missing."""
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise CardError(f"cannot load the library: {error}") from error
    found: dict[str, Any] = {}
    for name, arguments in functions.items():
        function = getattr(library, name, None)
        if function is None:
            if name in needed:
                raise CardError(f"the library has no {name}")
            continue
        function.argtypes = list(arguments)
        function.restype = ctypes.c_int
        found[name] = function
    return found


def digits_of(text: bytes) -> str:
    """A number as a card gives it, without what is none; at most 32 characters."""
    return "".join(char for char in text.decode("ascii", "ignore") if char in "0123456789+*#")[:32]
