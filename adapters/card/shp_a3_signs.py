"""What does an event of SHP_A3's mean on its channel? Events become signs."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.card.shp_a3_library import Library
from adapters.card.shp_a3_names import (
    BUSY_CYCLES,
    BY_HEADER,
    KEYS,
    OUT_OF_ORDER,
    PENDING,
    PENDING_REASONS,
    PICKED_UP,
    RINGING,
    STANDBY,
    TALKING,
    WHOLE,
    Event,
)
from adapters.card.wire import (
    AnySign,
    Broken,
    Freed,
    Kind,
    Mended,
    Numbered,
    OffHook,
    OnHook,
    PlayEnded,
    Pressed,
    Quiet,
    Rang,
    RecordEnded,
    Reversed,
    State,
)


class Meaning:
    """Knows what each channel does by what was told of it."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._states = {number: library.state(number) for number in library.kinds}
        self._numbers: dict[int, str] = {}

    def begun(self) -> list[AnySign]:
        """Who rang before we came."""
        kinds = self._library.kinds
        ringing = [number for number, state in self._states.items() if state is State.RINGING]
        return [self._rang(number) for number in ringing if kinds[number] is not Kind.STATION]

    def of(self, event: int, channel: int, param: int) -> Iterator[AnySign]:
        """One event."""
        kind = self._library.kinds.get(channel)
        if kind is None:
            return
        match event:
            case Event.CH_STATE if kind is Kind.STATION:
                yield from self._hooked(channel, param & 0xFFFF in (PICKED_UP, TALKING), param & 0xFFFF in (STANDBY,))
            case Event.HOOK_STATE:
                yield from self._hooked(channel, param == 1, param == 0)
            case Event.CH_STATE:
                yield from self._turned(channel, param & 0xFFFF)
            case Event.RING_COUNT if param > 0 and self._states[channel] in (State.IDLE, State.RINGING):
                self._states[channel] = State.RINGING
                yield self._rang(channel)
            case Event.CID_BUFFER if self._states[channel] is State.RINGING:
                before = self._numbers.get(channel, "")
                if (number := self._library.number("SsmGetCallerId", channel)) and number != before:
                    self._numbers[channel] = number
                    yield Numbered(channel=channel, caller=number)
            case Event.RCV_DTMF if param & 0xFF in KEYS:
                yield Pressed(channel=channel, digits=chr(param & 0xFF))
            case Event.BUSY_TONE if param >= BUSY_CYCLES and self._is_up_trunk(channel):
                yield from self._left(channel, "busy_tone")
            case Event.POLARITY if param > 0 and self._is_up_trunk(channel):
                yield Reversed(channel=channel)
            case Event.PLAY_END:
                yield from self._played(channel)
            case Event.RECORD_END if channel in self._library.recording:
                yield RecordEnded(channel=channel, task=self._library.recording.pop(channel))
            case Event.NO_SOUND:
                yield Quiet(channel=channel)
            case _:
                return

    def _turned(self, channel: int, state: int) -> Iterator[AnySign]:
        """A trunk is in that state now."""
        before = self._states[channel]
        if state in OUT_OF_ORDER:
            self._states[channel] = State.BROKEN
            if before is not State.BROKEN:
                yield Broken(channel=channel, detail=OUT_OF_ORDER[state])
            return
        if before is State.BROKEN:
            self._states[channel] = before = State.IDLE
            yield Mended(channel=channel)
        if state == RINGING:
            self._states[channel] = State.RINGING
            yield self._rang(channel)
        elif state in (PICKED_UP, TALKING):
            self._states[channel] = State.UP
            if before is not State.UP:
                yield OffHook(channel=channel)
        elif state == PENDING:
            reason = self._library.try_call("SsmGetPendingReason", channel)
            yield from self._left(channel, PENDING_REASONS.get(reason, f"pending_{reason}"))
        elif state == STANDBY:
            self._states[channel] = State.IDLE
            self._numbers.pop(channel, None)
            if before is not State.IDLE:
                yield Freed(
                    channel=channel,
                    cause="rings_stopped" if before is State.RINGING else "hung_up",
                    inferred=before is State.RINGING and self._library.kinds[channel] is Kind.ANALOG,
                )

    def _left(self, channel: int, cause: str) -> Iterator[AnySign]:
        """The other side has gone; our side has to go on-hook by itself."""
        self._states[channel] = State.IDLE
        self._numbers.pop(channel, None)
        self._library.try_call("SsmHangup", channel)
        yield Freed(channel=channel, cause=cause)

    def _hooked(self, channel: int, up: bool, down: bool) -> Iterator[AnySign]:
        """A station's phone; told twice, as a hook and as a state."""
        if self._library.kinds[channel] is not Kind.STATION:
            return
        if up and self._states[channel] is not State.UP:
            self._states[channel] = State.UP
            yield OffHook(channel=channel)
        elif down and self._states[channel] is State.UP:
            self._states[channel] = State.IDLE
            self._library.try_call("SsmStopSendTone", channel)
            yield OnHook(channel=channel)

    def _played(self, channel: int) -> Iterator[AnySign]:
        task, file = self._library.playing.get(channel, (None, None))
        if task is None or self._library.try_call("SsmCheckPlay", channel) == 0:
            return  # an end that was on its way while something else began
        if file is not None and self._library.try_call("SsmPlayFile", channel, file, BY_HEADER, 0, WHOLE) == 0:
            return
        del self._library.playing[channel]
        yield PlayEnded(channel=channel, task=task)

    def _rang(self, channel: int) -> Rang:
        number = self._library.number("SsmGetCallerId", channel)
        if number:
            self._numbers[channel] = number
        dialled = (
            self._library.number("SsmGetPhoNumStr", channel) if self._library.kinds[channel] is Kind.DIGITAL else ""
        )
        return Rang(channel=channel, caller=number, dialled=dialled)

    def _is_up_trunk(self, channel: int) -> bool:
        return self._library.kinds[channel] is not Kind.STATION and self._states[channel] is State.UP
