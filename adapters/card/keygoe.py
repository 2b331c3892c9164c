"""DonJin (东进) Keygoe XMS as a card: orders become calls of its library. Where the facts come from:
`keygoe_names.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ctypes import byref
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.card import keygoe_structs as raw
from adapters.card.binding import CardError, Lacking, Opening
from adapters.card.keygoe_names import DTMF, FROM_CONFERENCE, FROM_INPUT, NORMAL, SILENCE
from adapters.card.keygoe_signs import Meaning
from adapters.card.keygoe_stream import Port, Stream
from adapters.card.keygoe_structs import DeviceId
from adapters.card.wire import AnySign, Channel, Kind, Member, State

MOST_AT_ONCE: Final = 256


class Keygoe:
    """The library, opened."""

    def __init__(self, opening: Opening, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Raises `CardError`."""
        self._stream = Stream(opening)
        self._meaning = Meaning(self._stream, self._play, now)
        self._rooms: dict[int, tuple[tuple[Member, ...], DeviceId | None]] = {}

    @property
    def confers(self) -> bool:
        """There is a conference device."""
        return bool(self._stream.conferences) or any(each for _, each in self._rooms.values())

    def close(self) -> None:
        """The service lets go what this stream had opened."""
        self._stream.try_call("XMS_acsCloseStream", None)

    def wait(self, seconds: float) -> Sequence[AnySign]:
        """Events as signs."""
        signs: list[AnySign] = []
        for _ in range(MOST_AT_ONCE):
            if (event := self._stream.next_event(seconds)) is None:
                break
            seconds = 0.0
            signs.extend(self._meaning.of(event))
        return signs

    def channels(self) -> Sequence[Channel]:
        """As the events told."""
        ports = self._stream.ports.values()
        return [Channel(number=each.number, kind=each.kind, state=each.state) for each in ports]

    def pick_up(self, channel: int) -> None:
        """`XMS_ctsAnswerCallIn`."""
        port = self._port(channel)
        if port.state is not State.UP:
            self._stream.call("XMS_ctsAnswerCallIn", byref(port.device), None)

    def hang_up(self, channel: int) -> None:
        """`XMS_ctsClearCall`; a station then hears the exchange's busy tone."""
        port = self._port(channel)
        self.stop_play(channel)
        self.stop_record(channel)
        if port.kind is not Kind.STATION:
            port.state = State.IDLE
        self._stream.call("XMS_ctsClearCall", byref(port.device), 0, None)

    def ring(self, channel: int, shown: str) -> None:
        """`XMS_ctsMakeCallOut` to the station."""
        port = self._port(channel)
        if port.kind is not Kind.STATION:
            raise CardError("no station")
        if port.state is State.UP:
            raise CardError("busy")
        self._stream.call("XMS_ctsMakeCallOut", byref(port.device), shown.encode()[:31], str(channel).encode(), None)
        port.state = State.RINGING

    def stop_ring(self, channel: int) -> None:
        """`XMS_ctsClearCall` of a station that rings."""
        port = self._port(channel)
        if port.state is State.RINGING:
            port.state = State.IDLE
            self._stream.call("XMS_ctsClearCall", byref(port.device), 0, None)

    def play(self, channel: int, file: str, task: int, again: bool) -> None:
        """`XMS_ctsPlay` on the voice device."""
        port = self._port(channel)
        if len(file.encode()) >= raw.PATH_PLAYED:
            raise CardError(f"the path is longer than {raw.PATH_PLAYED - 1} bytes")
        if not Path(file).is_file():
            raise CardError("no such file")
        self.stop_play(channel)
        self._play(port, task, file)
        port.playing = (task, file if again else "")

    def stop_play(self, channel: int) -> None:
        """`XMS_ctsControlPlay`."""
        port = self._port(channel)
        if port.playing is not None:
            port.playing = None
            self._stream.try_call("XMS_ctsControlPlay", byref(port.voice), byref(raw.ControlPlay()), None)

    def record(self, channel: int, file: str, task: int, both: bool, seconds: int) -> None:
        """`XMS_ctsRecord`: bare A-law, wrapped into WAV when it is complete."""
        port = self._port(channel)
        self.stop_record(channel)
        if len(file.encode()) >= raw.PATH_RECORDED:
            raise CardError(f"the path is longer than {raw.PATH_RECORDED - 1} bytes")
        voice = port.voice.channel
        mixer = raw.Mixer(one=FROM_INPUT, one_channel=voice)
        if both:
            mixer.two, mixer.two_channel = FROM_CONFERENCE, voice
        what = raw.RecordProperty(most_seconds=seconds, mixed=1, mixer=mixer, file=file.encode())
        self._stream.call("XMS_ctsRecord", byref(port.voice), byref(what), None)
        port.recording = (task, file)

    def stop_record(self, channel: int) -> None:
        """`XMS_ctsControlRecord`."""
        port = self._port(channel)
        if port.recording is not None:
            port.stopped.append(port.recording[1])
            port.recording = None
            self._stream.try_call("XMS_ctsControlRecord", byref(port.voice), byref(raw.ControlRecord()), None)

    def send_keys(self, channel: int, digits: str) -> None:
        """`XMS_ctsSendIOData`, sixteen keys at a time as in the published programs."""
        port = self._port(channel)
        for at in range(0, len(digits), 16):
            keys = digits[at : at + 16].encode()
            self._stream.call("XMS_ctsSendIOData", byref(port.voice), DTMF, len(keys), keys)

    def room(self, room: int, members: Sequence[Member]) -> None:
        """A conference device for each room; without one, two who speak are linked with each other."""
        wanted = tuple(members)
        now, conference = self._rooms.get(room, ((), None))
        if wanted == now:
            return
        if len(wanted) > 1 and not self.confers and (len(wanted) > 2 or not all(each.speaks for each in wanted)):
            raise Lacking("there is no conference device")
        if len(wanted) > 1 and conference is None and self.confers and not self._stream.conferences:
            raise CardError("every conference device is in use")
        self._dissolve(room, now, conference)
        if len(wanted) < 2:
            return
        conference = self._stream.conferences.pop(0) if self._stream.conferences else None
        self._rooms[room] = (wanted, conference)
        if conference is None:
            one, two = (self._port(each.channel) for each in wanted)
            self._stream.unlink(one.device, one.voice)
            self._stream.unlink(two.device, two.voice)
            self._stream.link(one.device, two.device)
            return
        for each in wanted:
            how = raw.ConferenceParameter(input=NORMAL if each.speaks else SILENCE, output=NORMAL)
            voice = self._port(each.channel).voice
            self._stream.call("XMS_ctsJoinToConf", byref(conference), byref(voice), byref(how), None)

    def _dissolve(self, room: int, members: Sequence[Member], conference: DeviceId | None) -> None:
        self._rooms.pop(room, None)
        if conference is not None:
            for each in members:
                how = raw.ConferenceParameter(input=NORMAL, output=NORMAL)
                voice = self._stream.ports[each.channel].voice
                self._stream.try_call("XMS_ctsLeaveFromConf", byref(conference), byref(voice), byref(how), None)
            self._stream.try_call("XMS_ctsClearConf", byref(conference), None)
            self._stream.conferences.append(conference)
        elif len(members) == 2:
            one, two = (self._stream.ports[each.channel] for each in members)
            self._stream.unlink(one.device, two.device)
            self._stream.link(one.device, one.voice)
            self._stream.link(two.device, two.voice)

    def _play(self, port: Port, task: int, file: str) -> None:
        what = raw.PlayProperty(task=task % 256, file=file.encode())
        self._stream.call("XMS_ctsPlay", byref(port.voice), byref(what), None)

    def _port(self, channel: int) -> Port:
        port = self._stream.ports.get(channel)
        if port is None:
            raise CardError(f"no channel {channel}")
        return port


def open_card(opening: Opening) -> Keygoe:
    """Open it. Raises `CardError`."""
    return Keygoe(opening)
