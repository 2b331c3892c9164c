"""A machine with sound devices, without any: PulseAudio in user space, whose null sinks are the two ends of lines.

For each line a sink `line1-out` (what we say to it; its monitor is what the caller hears) and a sink `line1-in` (what
the caller says; its monitor is our microphone). PortAudio sees both through ALSA as `line1`, and the far end is
PulseAudio's own `pacat` and `parec`, so that no code of ours judges itself.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from adapters.line_audio.level import share_db

WAIT_SECONDS = 20.0
RAW = ("--raw", "--rate=8000", "--channels=1", "--format=s16le", "--latency-msec=20", "--process-time-msec=10")
SINK = "load-module module-null-sink sink_name={} rate=48000 channels=2 norewinds=1\n"  # else it renders 2 s at once
DEVICE = """
pcm.line{line} {{
    type asym
    playback.pcm {{ type pulse server "{server}" device "line{line}-out" }}
    capture.pcm {{ type pulse server "{server}" device "line{line}-in.monitor" }}
    hint {{ show on description "line {line}" }}
}}
"""
ALSA = """
pcm_type.pulse { lib "libasound_module_pcm_pulse.so" }
defaults.namehint.basic on
defaults.namehint.extended on
defaults.pcm.ipc_key 5678293
pcm.!default { type null }
"""


class SoundCard:
    """The PulseAudio server, as long as the test wants it."""

    def __init__(self, folder: Path, lines: int) -> None:
        self.folder = folder
        self.server = f"unix:{folder}/native"
        self.lines = lines
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        """For programs that are to see this card and nothing else."""
        there = str(self.folder)
        own = {"HOME": there, "XDG_RUNTIME_DIR": there, "PULSE_RUNTIME_PATH": there, "PULSE_STATE_PATH": there}
        return {"PATH": os.environ["PATH"], "PULSE_SERVER": self.server, "ALSA_CONFIG_PATH": self.alsa, **own}

    @property
    def alsa(self) -> str:
        """The file that tells ALSA of the lines."""
        return f"{self.folder}/asound.conf"

    def start(self) -> None:
        """Returns when it can be used."""
        said = [f"load-module module-native-protocol-unix socket={self.folder}/native auth-anonymous=1\n"]
        devices = [ALSA]
        for line in range(1, self.lines + 1):
            said += [SINK.format(f"line{line}-out"), SINK.format(f"line{line}-in")]
            devices.append(DEVICE.format(line=line, server=self.server))
        (self.folder / "card.pa").write_text("".join(said))
        Path(self.alsa).write_text("".join(devices))
        options = "--daemonize=no --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes --log-target=stderr"
        with (self.folder / "pulse.log").open("wb") as log:
            command = ["pulseaudio", "-n", "-F", f"{self.folder}/card.pa", *options.split()]
            self._process = subprocess.Popen(command, env=self.env, stderr=log)
        until = time.monotonic() + WAIT_SECONDS
        while subprocess.run(["pactl", "info"], env=self.env, capture_output=True, check=False).returncode:
            assert self._process.poll() is None, (self.folder / "pulse.log").read_text()
            assert time.monotonic() < until, "PulseAudio does not start"

    def pull_out(self) -> None:
        """Gone in the middle of everything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """It says nothing any more, and is still there."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    async def loop_back(self, line: int) -> None:
        """What we say to the line comes back, as through a cable."""
        module = ("module-loopback", f"source=line{line}-out.monitor", f"sink=line{line}-in", "latency_msec=30")
        plug = await asyncio.create_subprocess_exec(
            "pactl", "load-module", *module, env=self.env, stdout=subprocess.DEVNULL
        )
        assert await plug.wait() == 0

    @asynccontextmanager
    async def saying(self, line: int, pcm: bytes) -> AsyncIterator[None]:
        """The caller says that, over and over, while the block runs."""
        caller = await asyncio.create_subprocess_exec(
            "pacat", "--playback", *RAW, f"--device=line{line}-in", env=self.env, stdin=subprocess.PIPE
        )
        assert caller.stdin is not None

        async def talk(into: asyncio.StreamWriter) -> None:
            while True:
                into.write(pcm)
                await into.drain()

        talking = asyncio.create_task(talk(caller.stdin))
        try:
            yield
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
            caller.kill()
            await caller.wait()

    @asynccontextmanager
    async def hearing(self, line: int) -> AsyncIterator[Heard]:
        """What the caller hears while the block runs."""
        caller = await asyncio.create_subprocess_exec(
            "parec", *RAW, f"--device=line{line}-out.monitor", env=self.env, stdout=subprocess.PIPE
        )
        assert caller.stdout is not None
        heard = Heard(caller.stdout)
        try:
            await heard.more(0.1)
            yield heard
        finally:
            caller.kill()
            await caller.wait()


class Heard:
    """What has come, as it comes."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self._stream = stream
        self.pcm = b""

    async def more(self, seconds: float) -> bytes:
        """So much of what comes next."""
        async with asyncio.timeout(WAIT_SECONDS):
            piece = await self._stream.readexactly(int(seconds * 8000) * 2)
        self.pcm += piece
        return piece

    async def until_tone(self, hertz: float, *, db: float = -30.0) -> None:
        """Returns when that tone is heard."""
        async with asyncio.timeout(WAIT_SECONDS):
            while share_db(await self.more(0.1), hertz) < db:
                pass

    async def until_silence(self, hertz: float) -> float:
        """Returns when that tone was not heard for a fifth of a second; how many seconds of it came until then."""
        seconds, quiet = 0.0, 0.0
        async with asyncio.timeout(WAIT_SECONDS):
            while quiet < 0.2:
                there = share_db(await self.more(0.05), hertz, 60) > -60
                seconds, quiet = seconds + 0.05 * there, 0.0 if there else quiet + 0.05
        return seconds


@contextmanager
def card(folder: Path, monkeypatch: pytest.MonkeyPatch, lines: int = 2) -> Iterator[SoundCard]:
    """A machine whose only sound devices are those lines."""
    found = SoundCard(folder, lines)
    for name, value in found.env.items():
        monkeypatch.setenv(name, value)
    found.start()
    try:
        yield found
    finally:
        found.pull_out()


def loudest(pcm: bytes, hertz: float, seconds: float = 0.1) -> bytes:
    """That long a piece of it, where that tone is loudest: a machine that is too busy leaves gaps in sound."""
    size = int(seconds * 8000) * 2
    pieces = [pcm[at : at + size] for at in range(0, max(1, len(pcm) - size), 160)]
    return max(pieces, key=lambda piece: share_db(piece, hertz))


def native_threads() -> int:
    """Of this process, PortAudio's included."""
    return len(os.listdir("/proc/self/task"))
