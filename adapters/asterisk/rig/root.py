"""Where does a real Asterisk 22 come from on Debian 12, which has none? A folder with Debian sid's, built once.

The folder lies outside the project, is built beside its place and renamed when it is whole. Its Asterisk is started
through its own dynamic linker: no chroot, no mounts, no root rights to run it (only to build it).
"""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.errors import Misconfigured

PACKAGES: Final = ("asterisk", "asterisk-modules", "asterisk-config", "asterisk-core-sounds-en-gsm", "ca-certificates")
NEEDED: Final = ("chan_pjsip.so", "res_ari_channels.so", "res_stasis_recording.so", "cdr_custom.so", "res_srtp.so")
"""Without one of these the root counts as incomplete."""
DONE: Final = ".hotline-complete"
LEFT_OUT: Final = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*")
KEYRING: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"
BUILD_SECONDS: Final = 900


@dataclass(frozen=True, slots=True)
class Root:
    """A folder with an Asterisk in it."""

    path: Path

    @property
    def libraries(self) -> Path:
        """The folder of its shared libraries (it differs by processor)."""
        return self.loader.parent

    @property
    def loader(self) -> Path:
        """Its dynamic linker."""
        found = sorted(self.path.glob("usr/lib/*/ld-linux-*.so.*"))
        if not found:
            raise Misconfigured(f"{self.path}: no dynamic linker")
        return found[0]

    @property
    def modules(self) -> Path:
        """Asterisk's modules."""
        return self.libraries / "asterisk" / "modules"

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs this Asterisk."""
        search = f"{self.libraries}:{self.path / 'usr/lib'}"
        binary = self.path / "usr/sbin/asterisk"
        return [str(self.loader), "--library-path", search, str(binary), *arguments]

    def lacks(self) -> str:
        """What is missing; empty when it is whole."""
        if not (self.path / DONE).exists():
            return "it was never finished"
        if not (self.path / "usr/sbin/asterisk").exists():
            return "usr/sbin/asterisk"
        return next((name for name in NEEDED if not (self.modules / name).exists()), "")


def cache_dir() -> Path:
    """`HOTLINE_CACHE`, or `~/.cache/hotline-12348`."""
    return Path(os.environ.get("HOTLINE_CACHE") or Path.home() / ".cache" / "hotline-12348")


def ensure_root(say: Callable[[str], None] = lambda text: None, cache: Path | None = None) -> Root:
    """The cached Asterisk root, built now when it is missing or incomplete (about 30 s plus the download).

    Two callers at once: the second one waits for the first. Raises `Misconfigured` saying what to do.
    """
    folder = cache or cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    root = Root(folder / "asterisk-22")
    with _locked(folder / "asterisk-22.lock"):
        missing = root.lacks()
        if missing:
            say(f"正在准备 Asterisk 22（{missing}），只需一次，约一分钟")
            _build(root.path)
            if still := root.lacks():
                raise Misconfigured(f"{root.path} was built, but lacks {still}")
    return root


def mirror() -> str:
    """The Debian mirror that this machine itself uses. Raises `Misconfigured` when its apt settings name none."""
    apt = Path("/etc/apt")
    for file in (*sorted(apt.glob("sources.list.d/*")), apt / "sources.list", *sorted(apt.glob("mirrors/*"))):
        text = file.read_text("utf-8", "replace") if file.is_file() else ""
        for address in re.findall(r"^(?:URIs:|deb(?:\s+\[.*?\])?)?\s*(https?://\S+)", text, re.MULTILINE):
            if re.search(r"/debian/?$", address):
                return address
    raise Misconfigured("/etc/apt names no Debian mirror, so there is nowhere to take Asterisk from")


def _build(place: Path) -> None:
    if shutil.which("mmdebstrap") is None:
        raise Misconfigured("mmdebstrap is missing: apt-get install mmdebstrap")
    beside = place.with_name(f"{place.name}.building")
    _remove(beside)
    command = [
        *_as_root(),
        *("mmdebstrap", "--variant=apt", "--mode=root", "--components=main", f"--keyring={KEYRING}"),
        '--aptopt=APT::Install-Recommends "false"',
        # A mirror may serve a frozen day of sid whose index has expired.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        f"--include={','.join(PACKAGES)}",
        *(f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT),
        *("sid", str(beside), mirror()),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise Misconfigured(f"building the Asterisk root took more than {BUILD_SECONDS} s") from error
    if done.returncode:
        _remove(beside)
        raise Misconfigured(f"building the Asterisk root failed: {done.stderr.strip()[-800:]}")
    subprocess.run([*_as_root(), "touch", str(beside / DONE)], check=True)
    _remove(place)
    subprocess.run([*_as_root(), "mv", "-T", str(beside), str(place)], check=True)


def _remove(path: Path) -> None:
    if path.exists():
        subprocess.run([*_as_root(), "rm", "-rf", "--one-file-system", str(path)], check=True)


def _as_root() -> list[str]:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        raise Misconfigured("building the Asterisk root needs root or sudo")
    return ["sudo"]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> int:
    """`python -m adapters.asterisk.rig.root /opt/hotline-asterisk` prints how to run what is there then."""
    root = ensure_root(print, Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    print(shlex.join(root.command("-f", "-C", "/etc/asterisk/asterisk.conf")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
