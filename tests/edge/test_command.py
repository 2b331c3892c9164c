"""What whoever sets an edge up is told: by `--check`, and by settings that are wrong."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hotline.api import edge as endpoint
from hotline.cli import edge as command
from hotline.edge.run import held
from hotline.edge.settings import EdgeSettings, lines, load
from hotline.settings import Settings
from hotline.settings_used import edge_secrets
from hotline.settings_used import lines as core_lines
from hotline.settings_words import SettingsWrong
from tests.adapters.wire.device import Device
from tests.edge.kit import BOX, EDGE, SECRET, core, core_settings, edge_settings

GOOD = """
name = "town-1"
core = "wss://12348.example.gov.cn"
secret = "env:EDGE_KEY"
[adapters.box-1]
hall = "h1"
edge = "town-1"
kind = "cti-serial"
wires.m = { url = "/dev/nothing", dialect = "fritz" }
"""


@pytest.fixture
def device() -> Iterator[Device]:
    device = Device()
    yield device
    device.unplug()


def written(folder: Path, text: str) -> Path:
    path = folder / "edge.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_that_was_copied_from_the_core_can_stay_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    settings = load(path)
    assert settings.url == "wss://12348.example.gov.cn/api/v1/edge"
    assert list(lines(settings, path)) == ["box-1"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("wss://", "ws://", "不在本机的中心只能用 wss://"),
        ('"env:EDGE_KEY"', '"plain"', "secret"),
        ("name =", "nmae =", "name"),
        ('kind = "cti-serial"', 'kind = "cti-seriel"', "cti-seriel"),
        ('"fritz"', '"fritzz"', "fritzz"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, before: str, after: str, words: str) -> None:
    path = written(tmp_path, GOOD.replace(before, after))
    with pytest.raises(SettingsWrong, match=words):
        lines(load(path), path)


def test_a_telephone_system_is_reached_over_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table: dict[str, Any] = {"kind": "asterisk", "password": "env:EDGE_KEY", "edge": EDGE}
    monkeypatch.setenv("EDGE_KEY", SECRET)
    hall = {"label": "大厅", "default_queue": "m", "queues": {"m": {"label": "人工", "groups": ["all"]}}}
    service = {"state_dir": tmp_path}
    tables = {"halls": {"h1": hall}, "adapters": {"s": table}, "service": service}
    found = Settings.model_validate({**tables, "edges": {EDGE: {"secret": "env:EDGE_KEY"}}})
    with pytest.raises(SettingsWrong, match=r"\[adapters.s\] edge：Asterisk 由中心经网络直接连接"):
        core_lines(found)
    assert edge_secrets(found) == {EDGE: SECRET}
    monkeypatch.setenv("EDGE_KEY", "short")
    with pytest.raises(SettingsWrong, match=r"\[edges.town-1\] secret：密钥至少 32 个字符"):
        edge_secrets(found)
    with pytest.raises(ValueError, match=r"没有 \[edges.town-1\] 这张表"):
        Settings.model_validate(tables)


async def told(settings: EdgeSettings) -> dict[str, tuple[bool, str]]:
    report = await command._check(settings, Path("edge.toml"), 1)
    json.dumps(report)
    return {each["what"]: (each["ok"], each["words"]) for each in report}


async def test_check_tries_everything(
    database_url: str, tmp_path: Path, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "WRONG_SECONDS", 0.0)
    key = tmp_path / "core.key"
    key.write_text(SECRET)
    good: dict[str, Any] = {"kind": "cti-serial", "wires": {"m": {"url": device.url, "dialect": "fritz"}}}
    gone: dict[str, Any] = {"kind": "cti-serial", "wires": {"m": {"url": "/dev/nothing", "dialect": "fritz"}}}
    async with core(core_settings(database_url, tmp_path / "core", {"box-1": good}, key)) as there:
        settings = edge_settings(there.port, tmp_path / "edge", {"box-1": good, "box-2": gone})
        found = await told(settings)
        assert {what: ok for what, (ok, _) in found.items()} == {
            "配置": True,
            "中心": True,
            "box-2": False,
            "时钟": True,
            "box-1 m": True,
            "box-2 m": False,
        }
        assert 'edge = "town-1"' in found["box-2"][1]
        assert not list((tmp_path / "edge").glob("spool/*")), "nothing is written"
        assert there.runtime.edges[EDGE]._connection is None, "and nobody is connected for it"
        with held(settings.state_dir) as alone:
            assert alone
            assert "正由运行中的 hotline edge 使用" in (await told(settings))["box-1"][1]
        (tmp_path / "edge.key").write_text("another secret that is as long as the right one")
        [wrong] = await command._core(settings, Path("edge.toml"), [BOX])
        assert (wrong["ok"], "密钥不符" in wrong["words"]) == (False, True)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = edge_settings(nobody.getsockname()[1], tmp_path / "edge", {"box-1": good})
        [found_away] = await command._core(away, Path("edge.toml"), [BOX])
        assert (found_away["ok"], "连不上中心" in found_away["words"]) == (False, True)


def test_the_example_can_be_used_as_it_is() -> None:
    """But for the device, which nobody opens here, and the key, which systemd puts where the example says."""
    path = Path(__file__).parents[2] / "deploy" / "edge.example.toml"
    unit = path.with_name("hotline-edge.service").read_text(encoding="utf-8")
    settings = load(path)
    assert list(lines(settings, path)) == ["box-2"]
    assert settings.secret == "file:/run/credentials/hotline-edge.service/key"
    assert "LoadCredential=key:/etc/hotline/secrets/edge\n" in unit
    assert f"StateDirectory={settings.state_dir.name}\n" in unit
    assert "hotline edge --config /etc/hotline/edge.toml\n" in unit
