"""What a fresh clone relies on: lock files that install anywhere, commands that exist, a backup that can be read."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from hotline.store.embedded import EmbeddedPostgres

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-audio.lock"])
def test_python_lock_files_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


def test_the_npm_lock_file_names_no_registry() -> None:
    packages = json.loads((ROOT / "hotline/console/package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if name and not entry.get("integrity")] == []


@pytest.mark.parametrize(
    ("name", "least"), [("requirements.lock", 20), ("requirements-dev.lock", 20), ("requirements-audio.lock", 1)]
)
def test_every_locked_package_has_a_hash(name: str, least: int) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    packages = re.findall(r"^([a-z0-9][a-z0-9.-]*)(?:\[[a-z,]+\])?==\S+.*((?:\n    .*)*)", text, re.MULTILINE)
    assert len(packages) > least
    assert [package for package, hashes in packages if "--hash=sha256:" not in hashes] == []


def test_the_lock_covers_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for wanted, name in (
        (project["project"]["dependencies"] + project["dependency-groups"]["build"], "requirements.lock"),
        (project["dependency-groups"]["dev"], "requirements-dev.lock"),
        (project["project"]["optional-dependencies"]["audio"], "requirements-audio.lock"),
    ):
        locked = set(re.findall(r"^([a-z0-9][a-z0-9.-]*)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        names = {re.split(r"[\[<>=!~ ]", line)[0].lower().replace("_", "-") for line in wanted}
        assert names <= locked, f"run `make lock`: {names - locked}"


def test_the_makefile_has_the_promised_targets_and_stays_small() -> None:
    targets = dict(
        re.findall(r"^([a-z-]+):.*\n((?:\t.*\n)*)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {"help", "setup", "check", "test", "demo", "demo-asterisk", "bench", "fmt", "lock"} <= set(targets)
    assert {name: body.count("\n") for name, body in targets.items() if body.count("\n") > 3} == {}


def test_setup_explains_a_wrong_argument() -> None:
    answer = subprocess.run([ROOT / "deploy/setup.sh", "everything"], capture_output=True, text=True)
    assert answer.returncode == 2
    assert "用法" in answer.stderr


@pytest.fixture
def state_dir() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="hl-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)


def backup(state_dir: Path, tmp_path: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The script beside a virtual environment that is this very Python."""
    clone = tmp_path / "clone"
    if not clone.exists():
        (clone / ".venv" / "bin").mkdir(parents=True)
        (clone / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (clone / ".venv" / "bin" / "python").chmod(0o755)
        (clone / "deploy").mkdir()
        shutil.copy(ROOT / "deploy" / "backup.sh", clone / "deploy")
    known = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return subprocess.run(
        [clone / "deploy/backup.sh", "--state", state_dir, "--to", tmp_path / "kept", *more],
        env={**known, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
    )


async def test_a_backup_is_readable_private_and_old_ones_go(state_dir: Path, tmp_path: Path) -> None:
    async with EmbeddedPostgres(state_dir) as server:
        connection = await asyncpg.connect(server.url)
        await connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        await connection.close()
    old = tmp_path / "kept" / "hotline-20200101-000000.dump"
    old.parent.mkdir()
    old.write_text("old")
    answer = backup(state_dir, tmp_path, "--keep", "1")
    assert answer.returncode == 0, answer.stderr
    [dump] = (tmp_path / "kept").glob("*.dump")
    assert dump != old
    assert dump.stat().st_mode & 0o777 == 0o600
    check = subprocess.run(["sha256sum", "--check", f"{dump.name}.sha256"], cwd=dump.parent, capture_output=True)
    assert check.returncode == 0
    assert {path.name for path in dump.parent.iterdir()} == {dump.name, f"{dump.name}.sha256"}


async def test_a_backup_that_fails_leaves_the_old_ones(state_dir: Path, tmp_path: Path) -> None:
    old = tmp_path / "kept" / "hotline-20200101-000000.dump"
    old.parent.mkdir()
    old.write_text("old")
    nowhere = backup(state_dir, tmp_path, "--keep", "1", HOTLINE_DATABASE_URL="postgresql://x@127.0.0.1:1/x")
    assert (nowhere.returncode, "旧备份未动" in nowhere.stderr) == (1, True)
    async with EmbeddedPostgres(state_dir):
        pass
    empty = backup(state_dir, tmp_path, "--keep", "1")
    assert (empty.returncode, "没有任何表" in empty.stderr) == (1, True)
    assert [path.name for path in old.parent.iterdir()] == [old.name]
