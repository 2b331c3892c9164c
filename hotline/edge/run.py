"""The edge as a process: wires and pushes into the spools, the spools to the core, until a signal ends it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from adapters.telephony import AdapterName, Listens, TelephonyAdapter
from hotline.carried import obeys
from hotline.clock import Clock, WallClock
from hotline.edge.carrier import Carrier
from hotline.edge.line import Line
from hotline.edge.obeying import ObeyingLine
from hotline.edge.push import Push
from hotline.edge.settings import EdgeSettings, is_pushed_to, lines, secret_of
from hotline.edge.spool import Spool
from hotline.listen import keep_listening
from hotline.settings_words import SettingsWrong, why
from hotline.store.seal import Seal

log = structlog.get_logger()

ALIVE: Final = "alive"
"""A file whose time is the last sign of life: what came between it and the next start was heard by nobody."""
ALIVE_SECONDS: Final = 2.0


async def run(settings: EdgeSettings, source: Path) -> None:
    """Run until SIGINT or SIGTERM. Raises `SettingsWrong` or `KeysUnusable`; each message says what to do."""
    adapters = lines(settings, source)
    secret = secret_of(settings, source)
    context = tls(settings, source)
    with held(settings.state_dir) as alone:
        if not alone:
            raise SettingsWrong(f"状态目录 {settings.state_dir} 正被另一个 hotline edge 使用：一台设备上只能运行一个")
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        box = Box(settings, adapters, secret, context, WallClock())
        running = asyncio.create_task(box.run(), name="edge")
        stopping = asyncio.create_task(stop.wait(), name="signals")
        try:
            await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            running.cancel()
            stopping.cancel()
            done, _ = await asyncio.gather(running, stopping, return_exceptions=True)
        if isinstance(done, Exception):
            raise done


class Box:
    """Everything that lives in the process."""

    def __init__(
        self,
        settings: EdgeSettings,
        adapters: Mapping[AdapterName, TelephonyAdapter],
        secret: str,
        context: ssl.SSLContext | None,
        clock: Clock,
    ) -> None:
        """Raises `KeysUnusable`, and `SettingsWrong` when the port for pushes is taken."""
        self._settings = settings
        self._clock = clock
        seal = Seal.from_state(settings.state_dir)
        self.lines = [
            (ObeyingLine if obeys(adapter) else Line)(
                adapter, self._spool(name, seal), clock, lambda: self.carrier.news()
            )
            for name, adapter in adapters.items()
        ]
        self.carrier = Carrier(settings.name, settings.url, secret, context, self.lines, clock)
        pushed = [line for line in self.lines if is_pushed_to(line.adapter)]
        self.push = Push(settings.push, pushed, clock) if pushed else None

    async def run(self) -> None:
        """Until cancelled; then everything that was heard is on disk."""
        since = self._last_alive()
        try:
            if since is not None:
                for line in self.lines:
                    if line.spool.last:
                        line.was_away(since)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._stay_alive(), name="alive")
                tasks.create_task(self.carrier.run(), name="carrier")
                if self.push is not None:
                    tasks.create_task(self.push.run(), name="push")
                for line in self.lines:
                    if isinstance(line, ObeyingLine):
                        tasks.create_task(line.run(), name=f"adapter {line.name}")
                    elif isinstance(line.adapter, Listens):
                        work = keep_listening(line.name, line.adapter, line.put, line.deliver, self._clock)
                        tasks.create_task(work, name=f"adapter {line.name}")
                log.info("边缘机已启动", core=self._settings.url, adapters=[line.name for line in self.lines])
        finally:
            for line in self.lines:
                await line.close()

    def _spool(self, name: str, seal: Seal) -> Spool:
        folder = self._settings.state_dir / "spool" / name
        return Spool(name, folder, seal, limit_bytes=self._settings.limit_bytes)

    def _last_alive(self) -> datetime | None:
        try:
            return datetime.fromtimestamp((self._settings.state_dir / ALIVE).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    async def _stay_alive(self) -> None:
        path = self._settings.state_dir / ALIVE
        while True:
            path.touch(mode=0o600)
            await asyncio.sleep(ALIVE_SECONDS)


@contextmanager
def held(state_dir: Path) -> Generator[bool]:
    """The state directory for this process alone, as long as the block runs; False: another one has it."""
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(state_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SettingsWrong(f"状态目录 {state_dir} 无法使用：{why(error)}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def tls(settings: EdgeSettings, source: Path) -> ssl.SSLContext | None:
    """How the core's certificate is checked; None: it is on this machine, without TLS. Raises `SettingsWrong`."""
    if settings.url.startswith("ws://"):
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca)
    except (OSError, ssl.SSLError) as error:
        raise SettingsWrong(f"{source} ca：证书文件 {settings.ca} 无法使用（{error.strerror or error}）") from error
