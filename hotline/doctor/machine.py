"""What does this machine say: who runs, who has what open, who may read what? Only reads, mostly `/proc` (proc(5))."""

from __future__ import annotations

import asyncio
import errno
import grp
import os
import pwd
import resource
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx2
import msgspec

from hotline.settings import ServiceTable
from hotline.settings_used import CREDENTIALS, FOLDER, KEPT

T = TypeVar("T")

READ, WRITE, PASS = 4, 2, 1
LENT_GROUPS: Final = ("dialout", "audio")
"""What `deploy/hotline.service` gives the service beside its user's groups."""
ANSWER_SECONDS: Final = 2.0
UNREACHABLE: Final = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH})
_LISTENS: Final = "0A"


class User(msgspec.Struct, frozen=True):
    """As whom a process runs."""

    name: str
    uid: int
    groups: frozenset[int]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What is there on the service's port."""

    answer: Mapping[str, Any] | None = None
    """What our own service says of itself (`/readyz`)."""
    taken: str = ""
    """Somebody is there and does not answer as our service does: how it looked."""
    pid: int | None = None
    """Who listens, as far as we may know."""

    def link(self, adapter: str) -> object:
        """`True`, `False` or `"push"`; None: no service that knows the adapter."""
        return (self.answer or {}).get("adapters", {}).get(adapter)


async def apart(work: Callable[..., T], *arguments: Any) -> T:
    """In a thread that may hang for ever (a dead file server, a dead name server) without keeping anybody waiting."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None where T is None

    def run() -> None:
        result, failure = None, None
        try:
            result = work(*arguments)
        except BaseException as error:
            failure = error
        with suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(tell, result, failure)

    threading.Thread(target=run, name="look", daemon=True).start()
    return await future


async def look(service: ServiceTable | None) -> Seen:
    """Is there a service on the port, and is it ours?"""
    if service is None:
        return Seen()
    scheme = "https" if service.tls_certificate is not None else "http"
    host = near(service.host)
    url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{service.port}/readyz"
    answer, taken = None, ""
    try:
        # The certificate is for the name that callers use, not for this address.
        async with httpx2.AsyncClient(verify=False, timeout=ANSWER_SECONDS, trust_env=False) as client:
            said = (await client.get(url)).json()
        if isinstance(said, dict) and {"ready", "halls", "adapters"} <= said.keys():
            answer = said
        else:
            taken = "应答的不是本服务"
    except (httpx2.ConnectError, httpx2.ConnectTimeout):
        taken = "在听，但不接受连接" if await apart(_listening, service.port, host) else ""
    except httpx2.TimeoutException:
        taken = f"在听，但 {ANSWER_SECONDS:.0f} 秒内没有应答"
    except (httpx2.HTTPError, ValueError):
        taken = "应答的不是本服务"
    pid = await apart(_listener, service.port) if answer is not None or taken else None
    return Seen(answer=answer, taken=taken, pid=pid)


def near(host: str) -> str:
    """Where a service that listens there is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)


def why_not_bindable(host: str, port: int) -> str:
    """Why nobody could listen there; empty: the place is free. Listens to nothing itself."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            return os.strerror(error.errno or 0)
    return ""


def reach(host: str, port: int) -> str:
    """Why a TCP connection cannot be made; empty: it can."""
    try:
        with socket.create_connection((host, port), timeout=ANSWER_SECONDS):
            return ""
    except TimeoutError:
        return f"{ANSWER_SECONDS:.0f} 秒内没有应答"
    except socket.gaierror:
        return "主机名无法解析"
    except ConnectionRefusedError:
        return "对方拒绝连接"
    except OSError as error:
        return "网络不通" if error.errno in UNREACHABLE else error.strerror or type(error).__name__


def user_of_service(state_dir: Path | None, seen: Seen) -> User:
    """Of the running process; else the owner of the state directory; else ourselves.

    A folder of root's means nothing as long as nothing runs: the installer may just have made it.
    """
    if seen.pid is not None:
        with suppress(OSError, KeyError, ValueError):
            return _user_of(seen.pid)
    if state_dir is not None:
        with suppress(OSError, KeyError):
            entry = pwd.getpwuid(state_dir.stat().st_uid)
            if entry.pw_uid != os.geteuid() and (entry.pw_uid != 0 or seen.answer is not None):
                lent = {each.gr_gid for each in grp.getgrall() if each.gr_name in LENT_GROUPS}
                return User(
                    entry.pw_name, entry.pw_uid, frozenset(lent | {*os.getgrouplist(entry.pw_name, entry.pw_gid)})
                )
    return User(_name_of_user(os.geteuid()), os.geteuid(), frozenset({os.getegid(), *os.getgroups()}))


def may(path: Path, user: User, wanted: int) -> bool:
    """Do the permissions let this user? Also on the way down to it."""
    if user.uid == 0:
        return True
    real = Path(os.path.realpath(path))
    try:
        return all(_lets(step, user, PASS) for step in real.parents) and _lets(real, user, wanted)
    except OSError:
        return False


def owner(uid: int, gid: int | None = None) -> str:
    """`hotline` or `root:dialout`."""
    if gid is None:
        return _name_of_user(uid)
    try:
        group = grp.getgrgid(gid).gr_name
    except KeyError:
        group = str(gid)
    return f"{_name_of_user(uid)}:{group}"


def at_hand(path: Path) -> Path:
    """What systemd shows the service under `/run/credentials` lies elsewhere as long as the service does not run."""
    if not str(path).startswith(CREDENTIALS) or path.exists():
        return path
    return Path(KEPT) / path.name.removeprefix(FOLDER)


def holders(targets: Collection[str]) -> list[int]:
    """Processes that have one of these open (`/dev/ttyUSB0`, `socket:[123]`), as far as we may see."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        with suppress(OSError), os.scandir(entry / "fd") as handles:
            for handle in handles:
                with suppress(OSError):
                    if os.readlink(handle.path) in targets:
                        found.append(int(entry.name))
                        break
    return found


def program(pid: int) -> str:
    """Its name, as in `ps`."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "?"


def open_files(pid: int | None) -> int:
    """How many files the process, or ours, may have open."""
    if pid is not None:
        with suppress(OSError, ValueError):
            for line in Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines():
                if line.startswith("Max open files"):
                    return int(line.split()[3])
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _user_of(pid: int) -> User:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    fields = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
    uid = int(fields["Uid"][1])  # real, effective, saved, file system
    return User(_name_of_user(uid), uid, frozenset({int(fields["Gid"][1]), *map(int, fields["Groups"])}))


def _name_of_user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _lets(path: Path, user: User, wanted: int) -> bool:
    seen = path.stat()
    shift = 6 if seen.st_uid == user.uid else 3 if seen.st_gid in user.groups else 0
    return (seen.st_mode >> shift) & wanted == wanted


def _inodes(port: int) -> set[str]:
    """The listening sockets on that port, on whatever address."""
    found: set[str] = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{fields[9]}]")
    return found


def _listener(port: int) -> int | None:
    return next(iter(holders(_inodes(port))), None)


def _listening(port: int, host: str) -> bool:
    """Somebody is there although no connection came about; another address of this machine does not count."""
    return bool(_inodes(port)) and bool(why_not_bindable(host, port))
