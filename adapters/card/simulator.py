"""The telephone exchange (交换机) at the other end of a card that is not there: it compiles a stand-in for the vendor's
library, lets people ring, lift receivers and put them down, and keeps a ledger (台账) of every call of the library.

`hotline adapter simulate shp_a3 --link DIR` prints the settings to use, and lets people ring.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import subprocess
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from adapters.card.raw_audio import RATE, header
from adapters.registry import Rehearsal

STUBS: Final = Path(__file__).with_name("stub")
WAIT_SECONDS: Final = 20.0
TRUNKS: Final = {"shp_a3": (0, 1, 2, 3), "keygoe": (1000, 1001, 1002, 1003)}
STATIONS: Final = {"shp_a3": (8, 9, 10, 11), "keygoe": (1004, 1005, 1006, 1007)}
RING_GAP_SECONDS: Final = 5.0


def compile_stub(vendor: str, folder: Path, *, conference: bool = True) -> Path:
    """The stand-in for that vendor's library, compiled into the folder. Raises `OSError` without a C compiler."""
    library = folder / f"lib{vendor}{'' if conference else '_plain'}.so"
    plain = [] if conference else ["-DWITHOUT_CONFERENCE"]
    source = STUBS / f"{vendor}_stub.c"
    command = ["cc", "-shared", "-fPIC", "-pthread", "-O1", *plain, "-o", str(library), str(source)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise OSError(f"cc: {error.stderr.strip()}") from error
    return library


class Exchange:
    """What the stand-in is connected with; one card at a time."""

    def __init__(self, vendor: str) -> None:
        self.vendor = vendor
        self.ledger: list[str] = []
        """Each call of the library's functions, as it came."""
        self.answers: set[int] = set()
        """Stations whose phone is picked up at once when it rings."""
        self.polite = True
        """Who hears the busy tone puts the receiver down."""
        self.port = 0
        self.hosts: list[int] = []
        """Process ids of the drivers that have connected."""
        self._writer: asyncio.StreamWriter | None = None
        self._changed = asyncio.Event()
        self._ringing: dict[int, str] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Exchange]:
        """Listens for as long as the block runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            if self._writer is not None:
                self._writer.close()
            await server.wait_closed()

    def say(self, line: str) -> None:
        """Something happens on the card."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(f"{line}\n".encode())

    def call(self, channel: int, number: str = "-", dialled: str = "-") -> None:
        """Somebody rings on that trunk; he rings on when the card is started anew."""
        self._ringing[channel] = f"call {channel} {number} {dialled}"
        self.say(self._ringing[channel])

    def give_up(self, channel: int) -> None:
        """He puts the receiver down before anybody has answered."""
        self._ringing.pop(channel, None)
        self.say(f"stop {channel}")

    def hang_up(self, channel: int, reason: int = 4) -> None:
        """He puts the receiver down in the call."""
        self.say(f"hangup {channel} {reason}")

    def reverse(self, channel: int) -> None:
        """The exchange turns the wires of that trunk round."""
        self.say(f"polarity {channel}")

    def press(self, channel: int, keys: str) -> None:
        """He presses keys."""
        for key in keys:
            self.say(f"key {channel} {key}")

    def lift(self, station: int) -> None:
        """The receiver at that station is lifted."""
        self.say(f"hook {station} 1")

    def put_down(self, station: int) -> None:
        """It is put down."""
        self.say(f"hook {station} 0")

    def told(self, beginning: str) -> list[str]:
        """Entries of the ledger that begin so."""
        return [entry for entry in self.ledger if entry.startswith(beginning)]

    async def until(self, beginning: str, times: int = 1) -> None:
        """The ledger has so many entries that begin so. Raises `TimeoutError`."""
        await self.until_true(lambda: len(self.told(beginning)) >= times)

    async def until_true(self, holds: Callable[[], bool]) -> None:
        """Something about the ledger holds. Raises `TimeoutError`."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                entry = line.decode("utf-8", "replace").strip()
                self.ledger.append(entry)
                self._react(entry.split())
                self._changed.set()
        writer.close()

    def _react(self, words: list[str]) -> None:
        match words:
            case ["hello", _, pid, *_]:
                self.hosts.append(int(pid))
                for call in self._ringing.values():
                    self.say(call)
            case ["SsmPickup" | "SsmHangup", channel]:
                self._ringing.pop(int(channel), None)
            case ["XMS_ctsAnswerCallIn" | "XMS_ctsClearCall", _, channel, *_]:
                self._ringing.pop(int(channel), None)
            case ["SsmStartRing" | "SsmStartRingWithCIDStr", station, *_] if int(station) in self.answers:
                self.lift(int(station))
            case ["XMS_ctsMakeCallOut", _, station, *_] if int(station) in self.answers:
                self.lift(int(station))
            case ["SsmSendTone" | "busy-tone", station, *_] if self.polite:
                self.put_down(int(station))
            case _:
                pass


def settings(exchange: Exchange, library: Path, folder: Path) -> dict[str, object]:
    """The table `[adapters.NAME]` to reach the stand-in with. Writes the vendor's configuration where there is one."""
    vendor = exchange.vendor
    stations = {f"80{number:02d}": channel for number, channel in enumerate(STATIONS[vendor], 1)}
    table: dict[str, object] = {
        "kind": "card",
        "vendor": vendor,
        "library": str(library),
        "seats": stations,
        "dialled": "12348",
        "prompts": str(folder / "prompts"),
        "recordings": str(folder / "recordings"),
    }
    if vendor == "keygoe":
        return {**table, "server": f"127.0.0.1:{exchange.port}", "user": "hotline"}
    config = folder / "ShConfig.ini"
    config.write_text(f"exchange=127.0.0.1 {exchange.port}\n", "ascii")
    return {**table, "config": str(config)}


def write_prompt(folder: Path, vendor: str, name: str, seconds: float) -> None:
    """An announcement of silence, as that vendor's cards play it."""
    samples = b"\xd5" * (int(RATE * seconds) & ~1)
    folder.mkdir(parents=True, exist_ok=True)
    bare = vendor == "keygoe"
    data = samples if bare else header(len(samples)) + samples
    (folder / f"{name}{'.alaw' if bare else '.wav'}").write_bytes(data)


async def simulate(rehearsal: Rehearsal) -> None:
    """Be the card, until so many people have rung. The library lies in `link`, or in a new folder."""
    vendor, folder = rehearsal.dialect, (rehearsal.link or Path(mkdtemp(prefix="hotline-card-"))).absolute()
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    library = await asyncio.to_thread(compile_stub, vendor, folder)
    chance = random.Random(rehearsal.seed)
    async with Exchange(vendor).running() as exchange:
        exchange.answers.update(STATIONS[vendor])
        rehearsal.show("\n".join(_toml(settings(exchange, library, folder))))
        await _until_connected(exchange)
        for _ in range(rehearsal.calls):
            channel, number = chance.choice(TRUNKS[vendor]), f"138002705{chance.randrange(100):02d}"
            exchange.call(channel, number)
            await asyncio.sleep(60 / rehearsal.per_minute)
            exchange.hang_up(channel)
            rehearsal.tell({"call": {"channel": channel, "number": number}})


async def _until_connected(exchange: Exchange) -> None:
    while not exchange.hosts:
        await asyncio.sleep(0.2)


def _toml(table: dict[str, object]) -> Iterable[str]:
    yield "[adapters.card-1]"
    for key, value in table.items():
        if isinstance(value, dict):
            inside = ", ".join(f'"{each}" = {channel}' for each, channel in value.items())
            yield f"{key} = {{ {inside} }}"
        else:
            yield f'{key} = "{value}"'
