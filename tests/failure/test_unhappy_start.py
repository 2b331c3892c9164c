"""What is a person told who starts the service where it cannot run?"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.store.embedded import EmbeddedPostgres
from tests.commands import hotline
from tests.ports import free_port

FAILED, NOT_READY = 1, 4

HALL = """
[halls.h1]
label = "试验大厅"
default_queue = "general"

[halls.h1.queues.general]
label = "综合咨询"
groups = ["all"]
"""


ASTERISK = """
[adapters.card-1]
kind = "asterisk"
password = "file:/run/credentials/hotline.service/secrets_ari"
"""
GATEWAY = """
[adapters.gw-1]
kind = "gateway-push"
"""


def clean() -> dict[str, str]:
    """The environment without settings."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}, "NO_COLOR": "1"}


def serve(folder: Path, toml: str, *more: str, **environment: str) -> tuple[int, str]:
    """`hotline serve` with these settings: exit code, and what it said."""
    config = folder / "hotline.toml"
    config.write_text(toml)
    ended = hotline(*(more or ("serve",)), "--config", str(config), cwd=folder, env={**clean(), **environment})
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


def test_it_says_at_once_that_it_waits_for_the_database(tmp_path: Path) -> None:
    """Also where the address swallows every packet: here a listener that takes the connection and says nothing."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        port = mute.getsockname()[1]
        config = tmp_path / "hotline.toml"
        config.write_text(settings(tmp_path).replace("wait_seconds = 1", "wait_seconds = 60"))
        with subprocess.Popen(
            [Path(sys.executable).with_name("hotline"), "serve", "--config", str(config)],
            env={**clean(), "HOTLINE_DATABASE_URL": f"postgresql://hotline:secret@127.0.0.1:{port}/hotline"},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stderr is not None
            first = process.stderr.readline()
            process.kill()
    assert all(words in first for words in ("正在等待数据库", f"127.0.0.1:{port}", "重试", "60 秒")), first
    assert "secret" not in first


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
        (HALL.replace('default_queue = "general"\n', ""), "hotline.toml [halls.h1] 缺少 default_queue"),
        (HALL.replace('"general"\n', '"genral"\n'), "[halls.h1] default_queue：没有定义队列 'genral'"),
        (
            HALL.replace("groups", "gruops"),
            "[halls.h1.queues.general] gruops：没有这一项，请删去或改正；是否应为 groups",
        ),
        (HALL + "ring_seconds = 1\n", "[halls.h1.queues.general] ring_seconds：不能小于 3"),
        (HALL + 'ring_seconds = "x"\n', "[halls.h1.queues.general] ring_seconds：应为整数"),
        (HALL + "strategy = 'fairest'\n", "[halls.h1] strategy：没有名为 'fairest' 的派发策略"),
        (HALL + "[adapters.card-1]\nkind = 'asterisk'\n", "hotline.toml [adapters.card-1] 缺少 password"),
        (
            HALL + "[adapters.card-1]\nkind = 'asterix'\n",
            "[adapters.card-1] kind：没有安装 'asterix' 这一种类；是否应为 asterisk",
        ),
        (HALL + "[adapters.card-1]\n", "[adapters.card-1] 缺少 kind"),
        (HALL + ASTERISK + "usrname = 'x'\n", "[adapters.card-1] usrname：没有这一项，请删去或改正；是否应为 username"),
        (HALL + ASTERISK + "url = 'http://10.0.0.1:8088'\n", "[adapters.card-1] url：不在本机的 Asterisk 只能用 https"),
        (
            HALL + ASTERISK,
            "[adapters.card-1] password：口令文件 /run/credentials/hotline.service/secrets_ari 无法读取（不存在）",
        ),
        (HALL + GATEWAY + 'secrets = ["env:NOT_THERE"]\n', "[adapters.gw-1] secrets：环境变量 NOT_THERE 没有设置"),
        (HALL + GATEWAY + 'secrets = ["whsec_abc"]\n', "[adapters.gw-1] secrets：口令不能直接写在配置文件里"),
        (HALL + GATEWAY, "[adapters.gw-1] 缺少 secrets"),
        (HALL + "[adapters.Gw]\nkind = 'gateway-push'\n", "[adapters.Gw]：名称只能用小写字母"),
        ("[halls", "hotline.toml 无法读取"),
    ],
)
def test_the_settings_are_wrong(tmp_path: Path, toml: str, named: str) -> None:
    place = {"HOTLINE_SERVICE__STATE_DIR": str(tmp_path / "state"), "HOTLINE_SERVICE__PORT": str(free_port())}
    code, said = serve(tmp_path, toml, **place)
    assert (code, named in said) == (FAILED, True), said
    assert not (tmp_path / "state").exists(), "something was started before the settings were read to their end"


def test_every_wrong_key_is_named_at_once(tmp_path: Path) -> None:
    code, said = serve(tmp_path, settings(tmp_path) + ASTERISK.replace("password", "pasword") + GATEWAY)
    assert code == FAILED
    assert [said.count(words) for words in ("缺少 password", "pasword：没有这一项", "[adapters.gw-1]")] == [1, 1, 1], (
        said
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("HOTLINE_SERVCE__PORT", "是否应为 HOTLINE_SERVICE__PORT"),
        ("HOTLINE_SERVICE_PORT", "是否应为 HOTLINE_SERVICE__PORT"),
        ("HOTLINE_SERVICE__PRT", "是否应为 HOTLINE_SERVICE__PORT"),
        ("HOTLINE_DATABSE_URL", "是否应为 HOTLINE_DATABASE_URL"),
    ],
)
def test_a_misspelt_variable_is_not_silent(tmp_path: Path, name: str, said: str) -> None:
    code, answer = serve(tmp_path, settings(tmp_path), **{name: "9000"})
    assert (code, f"环境变量 {name}：没有这一项" in answer, said in answer) == (FAILED, True, True), answer


def test_a_wrong_value_of_a_variable_names_the_variable(tmp_path: Path) -> None:
    code, said = serve(tmp_path, settings(tmp_path), HOTLINE_SERVICE__PORT="seven")
    assert (code, "环境变量 HOTLINE_SERVICE__PORT [service] port：应为整数" in said) == (FAILED, True), said


def test_the_file_with_the_databases_address_is_missing(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    code, said = serve(tmp_path, f'database_url_file = "{gone}"\n{settings(tmp_path)}', "migrate")
    assert (code, "database_url_file" in said, str(gone) in said) == (FAILED, True, True), said


@pytest.mark.parametrize("named", [True, False])
def test_there_are_no_settings(tmp_path: Path, named: bool) -> None:
    looked_for = tmp_path / ("none.toml" if named else "hotline.toml")
    ended = hotline("serve", *(["--config", str(looked_for)] if named else []), cwd=tmp_path, env=clean())
    assert (ended.returncode, f"找不到配置文件 {looked_for}" in ended.stderr) == (FAILED, True), ended.stderr


async def test_the_embedded_database_has_another_owner(server_home: Path) -> None:
    folder = server_home / "owned"
    folder.mkdir()
    async with EmbeddedPostgres(folder / "state"):
        code, said = serve(folder, settings(folder))
        assert (code, str(os.getpid()) in said) == (NOT_READY, True), said
