"""Synway's (三汇) SHP_A3, opened: its functions by name, its channels, and what it says of each."""

from __future__ import annotations

from ctypes import byref, create_string_buffer
from pathlib import Path
from typing import Any

from adapters.card.binding import CardError, Opening, digits_of, load
from adapters.card.shp_a3_names import (
    CONFERENCE,
    EVERY_EVENT,
    FUNCTIONS,
    KINDS,
    OPTIONAL,
    OUT_OF_ORDER,
    PICKED_UP,
    POLLING,
    RINGING,
    TALKING,
    EventSetInfo,
)
from adapters.card.wire import Kind, State


class Library:
    """The functions, and the channels that are trunks or stations."""

    def __init__(self, opening: Opening) -> None:
        """Raises `CardError`."""
        self.functions = load(opening.library, FUNCTIONS, frozenset(FUNCTIONS) - OPTIONAL)
        index = str(Path(opening.config).with_name("ShIndex.ini"))
        self.call("SsmStartCti", opening.config.encode(), index.encode())
        how = EventSetInfo(mode=POLLING)
        self.call("SsmSetEvent", EVERY_EVENT, -1, 1, byref(how))
        count = self.call("SsmGetMaxCh")
        kinds = ((number, KINDS.get(self.try_call("SsmGetChType", number))) for number in range(count))
        self.kinds = {number: kind for number, kind in kinds if kind is not None}
        self.playing: dict[int, tuple[int, bytes | None]] = {}
        """Channel → task, and the file where it is to be repeated."""
        self.recording: dict[int, int] = {}

    @property
    def confers(self) -> bool:
        """The library has conference groups."""
        return self.functions.keys() >= CONFERENCE

    def try_call(self, function: str, *arguments: Any) -> int:
        """Call it; negative: it refused, or there is no such function."""
        return self.functions[function](*arguments) if function in self.functions else -1

    def call(self, function: str, *arguments: Any) -> int:
        """Call it; raises `CardError` with the library's own words when it refused."""
        done = self.functions[function](*arguments)
        if done < 0:
            into = create_string_buffer(512)
            if "SsmGetLastErrMsg" in self.functions:
                self.try_call("SsmGetLastErrMsg", into)
            raise CardError(f"{function}: {into.value.decode('gb18030', 'replace') or done}")
        return done

    def state(self, channel: int) -> State:
        """What the card itself says of the channel."""
        if self.kinds[channel] is Kind.STATION and self.try_call("SsmGetHookState", channel) == 1:
            return State.UP
        state = self.try_call("SsmGetChState", channel)
        if state in OUT_OF_ORDER:
            return State.BROKEN
        return {RINGING: State.RINGING, PICKED_UP: State.UP, TALKING: State.UP}.get(state, State.IDLE)

    def number(self, function: str, channel: int) -> str:
        """A number that the library has of the channel; empty: none."""
        if function not in self.functions:
            return ""
        into = create_string_buffer(128)
        return "" if self.functions[function](channel, into) < 0 else digits_of(into.value)
