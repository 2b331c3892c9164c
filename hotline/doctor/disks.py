"""Do the folders belong to the service, can recordings be read, and is there room?"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from pathlib import Path
from typing import Final

from hotline.doctor.machine import PASS, READ, WRITE, User, apart, may, owner
from hotline.doctor.site import AS_ROOT, Finding, Site, is_root, none, ok, warning, wrong
from hotline.store.embedded_place import home_of

GIGABYTE: Final = 1 << 30
LEAST_BYTES: Final = GIGABYTE
LITTLE_BYTES: Final = 10 * GIGABYTE
LITTLE_SHARE: Final = 0.1
LEAST_INODES: Final = 10_000
SERVICE_USER: Final = "hotline"
"""As `deploy/hotline.service` names it."""


async def state(site: Site) -> list[Finding]:
    """The service's own folder: there, its own, closed to others."""
    return [await apart(_state, site.known.state_dir.absolute(), await site.user())]


async def recordings(site: Site) -> list[Finding]:
    """Folders that recordings are played from."""
    folders = _recordings(site)
    if not folders:
        return [none("recordings", "录音目录", "没有线路设置 recordings：控制台不能播放录音")]
    user = await site.user()
    return [await apart(_readable, name, folder, user) for name, folder in folders.items()]


async def room(site: Site) -> list[Finding]:
    """Free space, once for each file system that the service writes to."""
    state_dir = site.known.state_dir
    folders = {"state": state_dir.absolute(), **_recordings(site)}
    if site.embedded:
        folders["database"] = home_of(state_dir)
    return await apart(_room, folders)


def _state(folder: Path, user: User) -> Finding:
    check, what = "state", "状态目录"
    try:
        seen = folder.stat()
    except FileNotFoundError:
        name = SERVICE_USER if is_root() else user.name
        make = f"sudo install -d -o {name} -g {name} -m 0700 {folder}"
        above = next(each for each in folder.parents if each.exists())
        if may(above, user, WRITE | PASS):
            return warning(check, what, f"{folder} 还没有，第一次启动时建立", f"先建好更稳妥：{make}")
        return wrong(check, what, f"{folder} 不存在，用户 {user.name} 也不能在 {above} 下建立", make)
    except PermissionError:
        return none(check, what, f"{folder}：本用户看不到", AS_ROOT)
    told = f"{folder}，属于 {owner(seen.st_uid, seen.st_gid)}，{stat.S_IMODE(seen.st_mode):04o}"
    if not stat.S_ISDIR(seen.st_mode):
        return wrong(check, what, f"{folder} 不是目录", "移走它，或改 [service] state_dir")
    if not may(folder, user, READ | WRITE | PASS):
        return wrong(check, what, f"{told}：用户 {user.name} 不能写入", f"sudo chown -R {user.name}: {folder}")
    if is_root() and seen.st_uid == 0 and user.uid == 0 and _exists(SERVICE_USER):
        advice = f"sudo chown -R {SERVICE_USER}:{SERVICE_USER} {folder}（先停服务）"
        return warning(check, what, f"{told}：不属于服务的用户 {SERVICE_USER}", advice)
    strange = _strangers(folder, seen.st_uid)
    if strange:
        advice = f"sudo chown -R {owner(seen.st_uid)}: {folder}（先停服务）"
        return warning(check, what, f"{told}；其中 {'、'.join(strange[:5])} 属于别的用户", advice)
    if seen.st_mode & 0o067:  # the embedded server of a service that runs as root passes through: group x
        return warning(check, what, f"{told}：别的用户能看到其中的文件", f"sudo chmod 700 {folder}")
    return ok(check, what, told)


def _strangers(folder: Path, uid: int) -> list[str]:
    """What a command typed by another user has left behind: the service may not be able to write it."""
    try:
        with os.scandir(folder) as every:
            return sorted(each.name for each in every if each.stat(follow_symlinks=False).st_uid != uid)
    except OSError:
        return []


def _exists(user: str) -> bool:
    return any(each.pw_name == user for each in pwd.getpwall())


def _recordings(site: Site) -> dict[str, Path]:
    """Of the adapters; those in the state directory need no look of their own."""
    folders = {name: table.get("recordings") for name, table in site.adapters.items()}
    return {f"adapters.{name}.recordings": Path(each) for name, each in folders.items() if isinstance(each, str)}


def _readable(name: str, folder: Path, user: User) -> Finding:
    check, what = f"recordings.{name}", f"录音目录 {name}"
    try:
        seen = folder.stat()
    except FileNotFoundError:
        return wrong(
            check, what, f"{folder} 不存在", f"核对 {name}；Asterisk 装好了吗（deploy/asterisk/README.md 第 2 步）？"
        )
    except PermissionError:
        return none(check, what, f"{folder}：本用户看不到", AS_ROOT)
    if not may(folder, user, READ | PASS):
        group = owner(seen.st_uid, seen.st_gid).partition(":")[2]
        found = f"{folder} 用户 {user.name} 读不到"
        return wrong(check, what, found, f"sudo adduser {user.name} {group}，然后 sudo systemctl restart hotline")
    return ok(check, what, f"{folder} 可读")


def _room(folders: dict[str, Path]) -> list[Finding]:
    found: list[Finding] = []
    looked: set[int] = set()
    for name, folder in folders.items():
        there = next(each for each in (folder, *folder.absolute().parents) if _there(each))
        device = there.stat().st_dev
        if device not in looked:
            looked.add(device)
            found += [_bytes(name, there), *_inodes(name, there)]
    return found


def _there(folder: Path) -> bool:
    try:
        return folder.exists()
    except PermissionError:
        return False


def _bytes(name: str, folder: Path) -> Finding:
    check, what = f"disk.{name}", "剩余空间"
    usage = shutil.disk_usage(folder)
    found = f"{folder} 剩余 {usage.free / GIGABYTE:.1f} GB（共 {usage.total / GIGABYTE:.0f} GB）"
    advice = f"清理或扩容：sudo du -xh --max-depth=2 {folder} | sort -h | tail"
    if usage.free < LEAST_BYTES:
        return wrong(check, what, found, advice)
    if usage.free < LITTLE_BYTES or usage.free < LITTLE_SHARE * usage.total:
        return warning(check, what, found, advice)
    return ok(check, what, found)


def _inodes(name: str, folder: Path) -> list[Finding]:
    """Many small files fill a disk that seems empty. Some file systems count none."""
    usage = os.statvfs(folder)
    if not usage.f_files:
        return []
    check, what = f"inodes.{name}", "剩余文件数"
    found = f"{folder} 还能建 {usage.f_favail} 个文件（共 {usage.f_files}）"
    advice = f"小文件太多：sudo du -x --inodes --max-depth=2 {folder} | sort -n | tail"
    if usage.f_favail < LEAST_INODES:
        return [wrong(check, what, found, advice)]
    little = usage.f_favail < LITTLE_SHARE * usage.f_files
    return [warning(check, what, found, advice) if little else ok(check, what, found)]
