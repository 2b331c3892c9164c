"""Synway (三汇) SHP_A3 as a card: orders become calls of its library. Where the facts come from: `shp_a3_names.py`."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import byref

from adapters.card.binding import CardError, Lacking, Opening
from adapters.card.shp_a3_library import Library
from adapters.card.shp_a3_names import (
    BUSY_TONE,
    BY_HEADER,
    HEARS,
    MOST_AT_ONCE,
    MOST_MEMBERS,
    SPEAKS,
    WHOLE,
    MessageInfo,
)
from adapters.card.shp_a3_signs import Meaning
from adapters.card.wire import AnySign, Channel, Kind, Member, State


class ShpA3:
    """The library, opened."""

    def __init__(self, opening: Opening) -> None:
        """Raises `CardError`."""
        self._library = Library(opening)
        self._meaning = Meaning(self._library)
        self._begun = self._meaning.begun()
        self._rooms: dict[int, tuple[tuple[Member, ...], int | None]] = {}
        """Room → who is in it, and the conference group if it is one."""

    @property
    def confers(self) -> bool:
        """The library has conference groups."""
        return self._library.confers

    def close(self) -> None:
        """`SsmCloseCti` lets every line go."""
        self._library.try_call("SsmCloseCti")

    def wait(self, seconds: float) -> Sequence[AnySign]:
        """Events as signs."""
        signs, self._begun = self._begun, []
        info = MessageInfo()
        timeout = 0 if signs else int(seconds * 1000)
        for _ in range(MOST_AT_ONCE):
            if self._library.try_call("SsmWaitForEvent", timeout, byref(info)) != 0:
                break
            signs.extend(self._meaning.of(info.event, info.reference, info.param & WHOLE))
            timeout = 0
        return signs

    def channels(self) -> Sequence[Channel]:
        """`SsmGetChState` of each."""
        return [
            Channel(number=each, kind=kind, state=self._library.state(each))
            for each, kind in self._library.kinds.items()
        ]

    def pick_up(self, channel: int) -> None:
        """`SsmPickup`."""
        if self._library.state(channel) is not State.UP:
            self._library.call("SsmPickup", channel)

    def hang_up(self, channel: int) -> None:
        """A trunk goes on-hook; a station hears the busy tone."""
        self.stop_play(channel)
        self.stop_record(channel)
        if self._library.kinds.get(channel) is Kind.STATION:
            if self._library.state(channel) is State.UP:
                self._library.call("SsmSendTone", channel, BUSY_TONE)
            return
        self._library.call("SsmHangup", channel)

    def ring(self, channel: int, shown: str) -> None:
        """`SsmStartRing`, with the number where the phone may show one."""
        if self._library.kinds.get(channel) is not Kind.STATION:
            raise CardError("no station")
        if self._library.state(channel) is State.UP:
            raise CardError("busy")
        if shown.isascii() and shown.isdigit() and "SsmStartRingWithCIDStr" in self._library.functions:
            self._library.call("SsmStartRingWithCIDStr", channel, shown.encode(), len(shown), 1000)
        else:
            self._library.call("SsmStartRing", channel)

    def stop_ring(self, channel: int) -> None:
        """`SsmStopRing`."""
        self._library.call("SsmStopRing", channel)

    def play(self, channel: int, file: str, task: int, again: bool) -> None:
        """`SsmPlayFile`."""
        self.stop_play(channel)
        self._library.call("SsmPlayFile", channel, file.encode(), BY_HEADER, 0, WHOLE)
        self._library.playing[channel] = (task, file.encode() if again else None)

    def stop_play(self, channel: int) -> None:
        """`SsmStopPlayFile`."""
        if self._library.playing.pop(channel, None) is not None:
            self._library.try_call("SsmStopPlayFile", channel)

    def record(self, channel: int, file: str, task: int, both: bool, seconds: int) -> None:
        """`SsmRecToFile`; the mixer adds what the channel hears."""
        self.stop_record(channel)
        if "SsmSetRecMixer" in self._library.functions:
            self._library.call("SsmSetRecMixer", channel, int(both), 0)
        length = seconds * 1000 if seconds else WHOLE
        self._library.call("SsmRecToFile", channel, file.encode(), BY_HEADER, 0, WHOLE, length, 1)
        self._library.recording[channel] = task

    def stop_record(self, channel: int) -> None:
        """`SsmStopRecToFile`."""
        if self._library.recording.pop(channel, None) is not None:
            self._library.try_call("SsmStopRecToFile", channel)

    def send_keys(self, channel: int, digits: str) -> None:
        """`SsmTxDtmf`."""
        self._library.call("SsmTxDtmf", channel, digits.encode())

    def room(self, room: int, members: Sequence[Member]) -> None:
        """Two who speak are connected (`SsmTalkWith`), any others are a conference group."""
        wanted = tuple(members)
        now, group = self._rooms.get(room, ((), None))
        if wanted == now:
            return
        plain = len(wanted) == 2 and all(each.speaks for each in wanted)
        if len(wanted) > 1 and not plain and not self._library.confers:
            raise Lacking("the library has no conference")
        self._dissolve(room, now, group)
        if plain:
            self._library.call("SsmTalkWith", *(each.channel for each in wanted))
            group = None
        elif len(wanted) > 1:
            group = self._library.call("SsmCreateConfGroup", MOST_MEMBERS, MOST_MEMBERS, MOST_MEMBERS, 0)
            self._join(room, group, wanted)
        else:
            return
        self._rooms[room] = (wanted, group)

    def _join(self, room: int, group: int, members: Sequence[Member]) -> None:
        """All of them, or the group is free again: there are few."""
        joined: list[Member] = []
        try:
            for each in members:
                self._library.call("SsmJoinConfGroup", group, each.channel, SPEAKS if each.speaks else HEARS, 0, 1, 1)
                joined.append(each)
        except CardError:
            self._dissolve(room, joined, group)  # who has not joined may be in another group, and stays there
            raise

    def _dissolve(self, room: int, members: Sequence[Member], group: int | None) -> None:
        self._rooms.pop(room, None)
        if group is not None:
            for each in members:
                self._library.try_call("SsmExitConfGroup", each.channel, 0)
            self._library.try_call("SsmFreeConfGroup", group)
        elif members:
            self._library.try_call("SsmStopTalkWith", *(each.channel for each in members))


def open_card(opening: Opening) -> ShpA3:
    """Open it. Raises `CardError`."""
    return ShpA3(opening)
