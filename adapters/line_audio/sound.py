"""The sound of one line: announcements out, what is said in, both at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol

from adapters.line_audio.devices import DOOR_SECONDS, SoundLost
from adapters.line_audio.ends import Ear, Mouth
from adapters.line_audio.level import Level, Meter, amplified
from adapters.line_audio.settings import SoundSettings
from adapters.line_audio.streams import LIST_SECONDS, Streams

OPEN_SECONDS: Final = DOOR_SECONDS + LIST_SECONDS + 5.0
CLOSE_SECONDS: Final = 3.0
"""A device that stands still does not let itself be closed: it is left to its thread then."""
LOOK_SECONDS: Final = 0.1
"""How soon a device that is gone is noticed."""
STALL_SECONDS: Final = 3.0
"""A device that gives no sign of life for so long is gone, though nobody says so."""

Write = Callable[[bytes], None]


class LineSound(Protocol):
    """The sound of one line. Sound is 8 kHz, one channel, 16 bits, lowest byte first."""

    async def play(self, pcm: bytes) -> None:
        """Returns when it was heard to its end; cancelled, the line is silent within 100 ms. Who plays while something
        is playing waits for its end. Raises `SoundLost` as soon as the device is gone."""
        ...

    async def record(self, write: Write) -> None:
        """Give everything that is heard from now on to `write`, in the event loop, in pieces of about 30 ms, until
        cancelled; what `write` raises ends it. Several may listen at once. Raises `SoundLost`."""
        ...

    async def until_lost(self) -> None:
        """Only to notice that the device is gone: raises `SoundLost` then, and is no use of it."""
        ...

    @property
    def level(self) -> Level:
        """How loud the line is now."""
        ...

    @property
    def overruns(self) -> int:
        """Blocks of 30 ms that came in and were lost, because the machine was too busy."""
        ...


class DeviceSound:
    """`LineSound` of a device that is open."""

    def __init__(self, settings: SoundSettings, *, hears: bool, plays: bool) -> None:
        loop = asyncio.get_running_loop()
        self._settings = settings
        self._meter = Meter()
        self._listeners = dict[asyncio.Future[None], Write]()
        self._noticing = set[asyncio.Future[None]]()
        self._turn = asyncio.Lock()
        self._said: asyncio.Future[None] | None = None
        self._lost = ""
        self._ear = Ear(loop, self._hear) if hears else None
        self._mouth = Mouth(loop) if plays else None
        self.streams = Streams(settings, self._ear, self._mouth, lambda: bool(self._said or self._listeners))
        """To be opened before anything else, and closed after it."""

    async def play(self, pcm: bytes) -> None:
        """See `LineSound`."""
        mouth = self._mouth
        if mouth is None:
            raise RuntimeError("opened for listening only")
        async with self._turn:
            sound = await asyncio.to_thread(mouth.shaped, amplified(pcm, self._settings.output_gain_db))
            self._check()
            self._said = mouth.say(sound)
            try:
                await self._said
                await asyncio.sleep(mouth.latency_seconds)
            finally:
                mouth.hush()
                self._said = None

    async def record(self, write: Write) -> None:
        """See `LineSound`."""
        if self._ear is None:
            raise RuntimeError("opened for playing only")
        self._check()
        ended = asyncio.get_running_loop().create_future()
        self._listeners[ended] = write
        try:
            await ended
        finally:
            del self._listeners[ended]
            if ended.done() and not ended.cancelled():
                ended.exception()  # cancelled in the same moment: nobody else asks for it

    async def until_lost(self) -> None:
        """See `LineSound`."""
        self._check()
        lost = asyncio.get_running_loop().create_future()
        self._noticing.add(lost)
        try:
            await lost
        finally:
            self._noticing.discard(lost)

    @property
    def level(self) -> Level:
        """See `LineSound`."""
        return self._meter.level

    @property
    def overruns(self) -> int:
        """See `LineSound`."""
        return self._ear.overruns if self._ear is not None else 0

    async def watch(self) -> None:
        """Until the device is gone: then everybody who plays or records is told."""
        while not self._lost:
            await asyncio.sleep(LOOK_SECONDS)
            ends = [end for end in (self._ear, self._mouth) if end is not None]
            if not self.streams.alive:
                self._lost = "声音设备断开"
            elif any(time.monotonic() - end.last > STALL_SECONDS for end in ends):
                self._lost = "声音设备没有反应"
        for waiting in (self._said, *self._listeners, *self._noticing):
            if waiting is not None and not waiting.done():
                waiting.set_exception(SoundLost(self._lost))

    def _check(self) -> None:
        if self._lost:
            raise SoundLost(self._lost)

    def _hear(self, pcm: bytes) -> None:
        pcm = amplified(pcm, self._settings.input_gain_db)
        self._meter.feed(pcm)
        for ended, write in list(self._listeners.items()):
            if ended.done():
                continue
            try:
                write(pcm)
            except Exception as error:
                ended.set_exception(error)


@asynccontextmanager
async def open_sound(
    settings: SoundSettings, *, hears: bool = True, plays: bool = True
) -> AsyncGenerator[LineSound, None]:
    """The sound device of a line, open while the block runs; `hears` and `plays` say what it is needed for.

    Raises `Misconfigured` (PyAudio is not installed), `NoSuchDevice` or `SoundLost` (it is busy or ill).
    """
    sound = DeviceSound(settings, hears=hears, plays=plays)
    try:
        await _in_a_thread(sound.streams.open, OPEN_SECONDS)
        watching = asyncio.create_task(sound.watch(), name=f"sound {settings.device}")
        try:
            yield sound
        finally:
            watching.cancel()
    finally:
        closing = asyncio.create_task(_in_a_thread(sound.streams.close, CLOSE_SECONDS), name="sound closes")
        with suppress(SoundLost):
            await asyncio.shield(closing)


async def _in_a_thread(work: Callable[[], None], most_seconds: float) -> None:
    """What blocks, in a thread that nobody has to wait for, not even when the process ends. Raises `SoundLost` when it
    takes too long."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def told(error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def worked() -> None:
        failed: BaseException | None = None
        try:
            work()
        except BaseException as error:
            failed = error
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(told, failed)

    threading.Thread(target=worked, name="sound device", daemon=True).start()
    try:
        async with asyncio.timeout(most_seconds):
            await done
    except TimeoutError:
        raise SoundLost("声音设备没有反应") from None
