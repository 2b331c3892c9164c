"""What is a person told who starts the service where it cannot run?"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.store.embedded import EmbeddedPostgres
from tests.failure.rig import free_port

FAILED, NOT_READY = 1, 4

HALL = """
[halls.h1]
label = "试验大厅"
default_queue = "general"

[halls.h1.queues.general]
label = "综合咨询"
groups = ["all"]
"""


def serve(folder: Path, toml: str, *more: str, **environment: str) -> tuple[int, str]:
    """`hotline serve` with these settings: exit code, and what it said."""
    config = folder / "hotline.toml"
    config.write_text(toml)
    base = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    ended = subprocess.run(
        [Path(sys.executable).with_name("hotline"), *(more or ("serve",)), "--config", str(config)],
        env={**base, "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended.returncode, ended.stderr + ended.stdout


def settings(folder: Path, port: int | None = None) -> str:
    port = port or free_port()
    return f'[service]\nport = {port}\nstate_dir = "{folder}/state"\n[database]\nwait_seconds = 1\n{HALL}'


def test_the_database_does_not_answer(tmp_path: Path) -> None:
    url = f"postgresql://hotline:secret@127.0.0.1:{free_port()}/hotline"
    code, said = serve(tmp_path, settings(tmp_path), HOTLINE_DATABASE_URL=url)
    assert (code, "没有应答" in said) == (NOT_READY, True), said
    assert "secret" not in said


def test_the_tables_are_not_there(tmp_path: Path, empty_database_url: str) -> None:
    code, said = serve(tmp_path, settings(tmp_path), HOTLINE_DATABASE_URL=empty_database_url)
    assert (code, "hotline migrate" in said) == (NOT_READY, True), said
    code, said = serve(tmp_path, settings(tmp_path), "migrate", HOTLINE_DATABASE_URL=empty_database_url)
    assert code == 0, said


def test_the_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = serve(tmp_path, settings(tmp_path, port))
    assert (code, f"127.0.0.1:{port}" in said, "端口" in said) == (NOT_READY, True, True), said
    assert not (tmp_path / "state").exists(), "it has begun although it cannot be reached"


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        (HALL.replace('default_queue = "general"\n', ""), "halls.h1.default_queue"),
        (HALL.replace("groups", "gruops"), "gruops"),
        (HALL + '[adapters.gw-1]\nkind = "gateway-push"\nsecrets = ["env:NOT_THERE"]\n', "secret"),
        ("[halls", "hotline.toml"),
    ],
)
def test_the_settings_are_wrong(tmp_path: Path, toml: str, named: str) -> None:
    place = {"HOTLINE_SERVICE__STATE_DIR": str(tmp_path / "state"), "HOTLINE_SERVICE__PORT": str(free_port())}
    code, said = serve(tmp_path, toml, **place)
    assert (code, named in said) == (FAILED, True), said


def test_there_are_no_settings(tmp_path: Path) -> None:
    ended = subprocess.run(
        [Path(sys.executable).with_name("hotline"), "serve", "--config", str(tmp_path / "none.toml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, "找不到配置文件" in ended.stderr) == (FAILED, True), ended.stderr


async def test_the_embedded_database_has_another_owner(server_home: Path) -> None:
    folder = server_home / "owned"
    folder.mkdir()
    async with EmbeddedPostgres(folder / "state"):
        code, said = serve(folder, settings(folder))
        assert (code, str(os.getpid()) in said) == (NOT_READY, True), said
