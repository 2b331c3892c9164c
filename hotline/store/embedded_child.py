"""How is the server process started, watched and ended – also one that somebody else left behind?"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

import structlog

from hotline.store.embedded_place import NotAllowed, Place, WontStart

_log = structlog.get_logger(__name__)

_PR_SET_PDEATHSIG: Final = 1
_ORPHAN_STEPS: Final = ((2.0, signal.SIGINT), (10.0, signal.SIGQUIT), (20.0, signal.SIGKILL))
"""After so many seconds, this signal. Left alone they go within a second: the grace is for a checkpoint under way."""
_ORPHANS_GONE_SECONDS: Final = 30.0

_libc = ctypes.CDLL(None, use_errno=True)


class Child:
    """A process that gets a signal when we die, watched without threads (pidfd_open(2))."""

    def __init__(
        self, place: Place, program: str, arguments: Sequence[str], when_we_die: signal.Signals, output: IO[bytes]
    ) -> None:
        parent = os.getpid()

        def before_exec() -> None:
            # Comes after setuid, which would clear it again; the parent may have died just before.
            _libc.prctl(_PR_SET_PDEATHSIG, int(when_we_die))
            if os.getppid() != parent:
                os._exit(1)

        user = place.run_as
        try:
            self.process = subprocess.Popen(
                [str(place.programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                start_new_session=True,  # Ctrl-C on the terminal is ours to handle, not the server's
                preexec_fn=before_exec,
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
                umask=0o077,
            )
        except (OSError, subprocess.SubprocessError) as error:
            who = f"，用户 {user.name}" if user else ""
            raise NotAllowed(f"无法运行 {place.programs / program}{who}：{error}") from error
        loop = asyncio.get_running_loop()
        self._exit: asyncio.Future[int] = loop.create_future()
        self._pidfd = os.pidfd_open(self.process.pid)
        loop.add_reader(self._pidfd, self._on_exit, loop)

    async def gone(self) -> int:
        return await asyncio.shield(self._exit)

    @property
    def exited(self) -> bool:
        return self._exit.done()

    async def end(self, *steps: tuple[signal.Signals, float]) -> None:
        for number, seconds in steps:
            if not self.exited:
                self.process.send_signal(number)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.gone(), seconds)

    def _on_exit(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._exit.set_result(self.process.wait())


async def clear_the_way(place: Place) -> None:
    """Waits for, then ends, what a killed owner or a killed server left behind on this data directory.

    We hold the owner's lock, so whatever still runs there is an orphan. A pid file left by a dead server is judged by
    PostgreSQL itself, except that it takes any process of the same user for its predecessor; in a container, where
    numbers repeat after every restart, that would keep it from ever starting.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    steps = list(_ORPHAN_STEPS)
    while left := server_processes(place.data):
        if steps and loop.time() - began > steps[0][0]:
            number = steps.pop(0)[1]
            _log.warning("embedded_ends_orphans", pids=left, signal=number.name)
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        if loop.time() - began > _ORPHANS_GONE_SECONDS:
            raise WontStart(f"数据目录 {place.data} 上仍有旧的数据库进程 {left}，无法结束。")
        await asyncio.sleep(0.01)
    (place.data / "postmaster.pid").unlink(missing_ok=True)


def server_processes(data: Path) -> list[int]:
    """Every PostgreSQL process that works in this data directory, whoever started it."""
    real, found = os.path.realpath(data), list[int]()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        with contextlib.suppress(OSError):
            program = Path(os.readlink(entry / "exe").removesuffix(" (deleted)")).name
            if program == "postgres" and os.readlink(entry / "cwd") == real:
                found.append(int(entry.name))
    return found
