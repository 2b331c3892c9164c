"""The recipes "without hardware" of the adapters' READMEs work in an empty folder: their settings are whole."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import adapters
from hotline.settings import load
from hotline.settings_used import lines, rules
from tests.commands import hotline

ROOT = Path(adapters.__file__).parent
RECIPE = re.compile(r"^## A first l[^\n]*\n(?:(?!^## ).)*?```sh\n(?P<commands>.*?)```", re.DOTALL | re.MULTILINE)
SETTINGS = re.compile(r"cat > hotline\.toml <<'TOML'\n(?P<toml>.*?)^TOML$", re.DOTALL | re.MULTILINE)


def recipe(adapter: str) -> str:
    found = RECIPE.search((ROOT / adapter / "README.md").read_text(encoding="utf-8"))
    assert found is not None, f"{adapter} has a recipe"
    return found["commands"]


@pytest.mark.parametrize("adapter", ["cti_serial", "modem", "freeswitch", "gateway_push"])
def test_the_settings_are_whole(adapter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = recipe(adapter)
    toml = SETTINGS.search(commands)
    assert toml is not None, "it writes a file of its own, and adds to none"
    for name in [each for each in os.environ if each.startswith("HOTLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOTLINE_CONFIG", "hotline.toml")
    monkeypatch.setenv("ESL_PASSWORD", "ClueCon")
    monkeypatch.setenv("HOTLINE_GATEWAY_SECRET", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    Path("hotline.toml").write_text(toml["toml"], encoding="utf-8")
    settings = load(None)
    (line,) = lines(settings)
    assert set(rules(settings, lines(settings))) == {"hall1"}
    assert f"check {line}" in commands
    for seat in re.findall(r'seats? = (?:"|\{ 1 = ")([0-9]+)"', toml["toml"]):
        assert f"--extension {seat} --group general" in commands, "whoever answers there has a seat"


@pytest.mark.parametrize("adapter", ["cti_serial", "modem", "freeswitch", "gateway_push"])
def test_its_commands_exist(adapter: str, tmp_path: Path) -> None:
    typed = re.findall(
        r"(?:^|&& )hotline ([a-z]+(?: (?:add|list|simulate|check|capture|replay))?)", recipe(adapter), re.M
    )
    assert {"serve", "migrate", "account add"} <= set(typed)
    for each in sorted(set(typed)):
        assert hotline(*each.split(), "--help", cwd=tmp_path).returncode == 0, each


def test_the_modem_is_answered_before_a_seat_rings() -> None:
    """Else no simulated telephone is ever lifted."""
    commands = recipe("modem")
    assert 'greeting = "greeting"' in commands
    assert "prompts/greeting.wav" in commands
