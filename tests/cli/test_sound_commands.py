"""`hotline adapter sound` and the doctor's look at sound devices, on a machine that has two lines' devices."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.line_audio import apart as looking
from adapters.line_audio.level import tone
from hotline.doctor import Site, State
from hotline.doctor.sound import audio
from tests.adapters.line_audio.stage import SoundCard, card
from tests.adapters.wire.device import Device
from tests.commands import hotline

SETTINGS = """
[halls.hz]
label = "厅"
default_queue = "q"
[halls.hz.queues.q]
label = "综合"
groups = ["g"]
[adapters.box-1]
kind = "cti-serial"
[adapters.box-1.wires.box]
url = "{box}"
dialect = "whozz"
[adapters.box-1.sound.1]
device = "line1"
[adapters.box-1.sound.2]
device = "USB Audio"
"""


@pytest.fixture
def sound_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundCard]:
    folder = tmp_path / "card"
    folder.mkdir()
    with card(folder, monkeypatch) as found:
        yield found


def sound(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return hotline("adapter", "sound", *arguments, cwd=cwd)


def test_devices_are_listed_by_name(sound_card: SoundCard, tmp_path: Path) -> None:
    shown = sound(cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert [line.split() for line in shown.stdout.splitlines()][:2] == [
        ["line1", "录音、放音"],
        ["line2", "录音、放音"],
    ]
    listed = json.loads(sound("--json", cwd=tmp_path).stdout)
    assert {each["name"] for each in listed} >= {"line1", "line2"}


async def test_the_meter_shows_how_loud_the_line_is(sound_card: SoundCard, tmp_path: Path) -> None:
    async with sound_card.saying(1, tone(700, 60, -20)):
        shown = await asyncio.to_thread(sound, "--level", "line1", "--for", "1", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    last = shown.stdout.splitlines()[-1]
    assert "dBFS" in last
    assert float(last.split("峰值")[1].split()[0]) == pytest.approx(-20, abs=2)


async def test_the_self_test_says_that_nothing_came_back(sound_card: SoundCard, tmp_path: Path) -> None:
    alone = await asyncio.to_thread(sound, "--test", "line2", cwd=tmp_path)
    assert (alone.returncode, alone.stderr) == (1, "")
    assert alone.stdout.startswith("✗ 没有听到声音：请确认输出已接回输入")


def test_a_wrong_name_is_told_with_what_there_is(sound_card: SoundCard, tmp_path: Path) -> None:
    shown = sound("--level", "USB", cwd=tmp_path)
    assert shown.returncode == 1
    assert shown.stderr.startswith("✗ 声音设备不在：请插好声卡")
    assert "没有名称含“USB”的录音设备；现有：“line1”、“line2”" in shown.stderr
    assert sound("--test", "", cwd=tmp_path).returncode == 2


def test_a_line_is_checked_with_its_sound_devices(sound_card: SoundCard, tmp_path: Path) -> None:
    (tmp_path / "hotline.toml").write_text(SETTINGS.format(box=Device().url), encoding="utf-8")
    checked = hotline("adapter", "check", "box-1", "--for", "1", cwd=tmp_path)
    assert (checked.returncode, checked.stderr) == (1, "")
    box, there, missing = checked.stdout.splitlines()
    assert box.startswith("✓ box：已打开")
    assert there == "✓ sound.1：能录音：line1"
    assert missing.startswith("✗ sound.2：声音设备不在：请插好声卡；名称写错的，照现有名称改 device")
    assert "现有：“line1”、“line2”" in missing


async def test_the_doctor_looks_at_every_device_that_is_named(
    sound_card: SoundCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = {
        "box-1": {
            "kind": "cti-serial",
            "sound": {"1": {"device": "line1"}, "2": {"device": "line"}, "3": {"device": 7}},
        },
        "modem-1": {"kind": "modem", "lines": {"1": {"sound": {"input": "line2", "output": "USB"}}}},
        "gw-1": {"kind": "gateway-push"},
    }
    site = Site(source=tmp_path / "hotline.toml", adapters=tables)
    found = {each.check: each for each in await audio(site)}
    assert {check: each.state for check, each in found.items()} == {
        "audio.box-1.sound.1": State.OK,
        "audio.box-1.sound.2": State.WRONG,
        "audio.box-1.sound.3": State.NONE,
        "audio.modem-1.lines.1.sound": State.WRONG,
    }
    assert "有 2 个：“line1”、“line2”" in found["audio.box-1.sound.2"].found
    assert "没有名称含“USB”的放音设备" in found["audio.modem-1.lines.1.sound"].found
    assert "[adapters.modem-1.lines.1.sound]" in found["audio.modem-1.lines.1.sound"].advice

    (none,) = await audio(Site(source=tmp_path, adapters={"gw-1": {"kind": "gateway-push"}}))
    assert none.state is State.NONE

    monkeypatch.setattr(looking.sys, "executable", "/bin/false")  # the sound system brings its process down
    (broken,) = await audio(site)
    assert (broken.state, broken.found) == (State.WRONG, "声音系统列不出设备（退出码 1）")
