"""What an installer types to bring a line into service, in front of a simulated device: the real commands."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.commands import hotline

HOTLINE = Path(sys.executable).parent / "hotline"
SETTINGS = """
[halls.hz]
label = "厅"
default_queue = "q"
[halls.hz.queues.q]
label = "综合"
groups = ["g"]

[adapters.box-1]
kind = "cti-serial"
dialled = "12348"
[adapters.box-1.wires.box]
url = "{box}"
dialect = "{dialect}"

[adapters.gw-1]
kind = "gateway-push"
networks = ["10.0.0.0/8"]
dialect = "newrock-om"
"""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


class Site:
    """A folder with settings, and a simulated device beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.box = folder / "by-id"
        self.devices: list[subprocess.Popen[bytes]] = []
        self.set("whozz")

    def set(self, dialect: str) -> None:
        text = SETTINGS.format(box=self.box, dialect=dialect)
        (self.folder / "hotline.toml").write_text(text, encoding="utf-8")

    def hotline(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return hotline("adapter", *arguments, cwd=self.folder)

    def plug_in(self, dialect: str, *more: str) -> None:
        command = [HOTLINE, "adapter", "simulate", dialect, "--link", str(self.box), "--ledger", "ledger", *more]
        device = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE)
        self.devices.append(device)
        assert device.stdout is not None
        assert device.stdout.readline() == f'url = "{self.box}"\n'.encode()

    def unplug(self) -> None:
        for each in self.devices:
            each.kill()
            each.communicate()
        self.devices.clear()

    def ledger(self) -> list[dict[str, Any]]:
        return [json.loads(line)["call"] for line in (self.folder / "ledger").read_text().splitlines()]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.unplug()


def test_the_lines_are_listed(site: Site) -> None:
    shown = site.hotline("list")
    assert shown.returncode == 0
    assert [line.split()[0] for line in shown.stdout.splitlines()] == ["box-1", "└", "gw-1"]
    every = json.loads(site.hotline("list", "--json").stdout)
    assert [(each["name"], each["heard_by"]) for each in every] == [("box-1", "wire"), ("gw-1", "push")]


def test_a_device_that_is_not_there(site: Site) -> None:
    done = site.hotline("check", "box-1")
    assert done.returncode == 1
    assert "✗ box：设备不存在" in done.stdout
    assert "by-id" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "box-9"), "没有线路 'box-9'"),
        (("capture", "gw-1"), "不是串口类线路"),
        (("replay", "nothing.trace"), "无法读取 nothing.trace"),
        (("replay", "hotline.toml"), "第 1 行不是抓包记录的开头"),
        (("simulate", "wozz"), "是否应为 whozz"),
        (("simulate", "whozz", "--calls", "0"), "不能小于 1"),
    ],
)
def test_commands_that_are_wrong(site: Site, arguments: tuple[str, ...], said: str) -> None:
    done = site.hotline(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not done.stdout


def test_checked_captured_and_replayed(site: Site) -> None:
    """Everything that rang at the device is in the capture, and comes out of it as the same calls."""
    site.plug_in("whozz", "--calls", "12", "--per-minute", "240", "--speed", "60")
    done = site.hotline("check", "box-1", "--for", "1", "--json")
    assert done.returncode == 0
    (report,) = json.loads(done.stdout)
    assert report["ok"]
    site.unplug()

    (site.folder / "ledger").unlink(missing_ok=True)
    site.plug_in("whozz", "--calls", "16", "--per-minute", "240", "--speed", "60")
    captured = subprocess.Popen(
        [HOTLINE, "adapter", "capture", "box-1", "--out", "field.trace"], cwd=site.folder, stderr=subprocess.PIPE
    )
    assert captured.stderr is not None
    assert "已打开" in captured.stderr.readline().decode()
    opened = datetime.now(UTC)
    occupied = site.hotline("check", "box-1", "--for", "1")
    assert (occupied.returncode, "正被别的程序占用" in occupied.stdout) == (1, True)
    for device in site.devices:
        device.wait(30)
    captured.wait(10)
    captured.communicate()
    assert captured.returncode == 1, "the device is gone: told"

    before = site.hotline("capture", "box-1", "--out", "field.trace")
    assert "不会覆盖" in before.stderr
    made = json.loads(site.hotline("replay", "field.trace", "--json").stdout)
    assert made["refused"] == []
    early = [call for call in site.ledger() if at(call["began"]) <= opened]
    really = {call["number"][-4:]: call["answered"] is not None for call in site.ledger()}
    named = [call for call in made["calls"] if call["caller"]]  # one that rang already has lost its number
    heard = {call["caller"][-4:]: call["outcome"] == "answered" for call in named}
    assert {number: really[number] for number in heard} == heard
    assert set(really) - set(heard) <= {call["number"][-4:] for call in early}, "rang before the capture began"
    assert heard
    assert all(call["caller"][3:7] == "****" for call in named)
    text = site.hotline("replay", "field.trace").stdout
    assert text.splitlines()[-1].startswith("✓ ")


def test_a_capture_is_ended_by_hand(site: Site) -> None:
    site.plug_in("fritz", "--calls", "100", "--per-minute", "600", "--speed", "100")
    site.set("fritz")
    captured = subprocess.Popen(
        [HOTLINE, "adapter", "capture", "box-1", "--out", "a.trace"],
        cwd=site.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert captured.stderr is not None
    captured.stderr.readline()
    time.sleep(1)
    captured.send_signal(signal.SIGINT)
    out, said = captured.communicate(timeout=10)
    assert (captured.returncode, said) == (0, b"")
    assert "✓ a.trace" in out.decode()
    timed = site.hotline("capture", "box-1", "--out", "b.trace", "--for", "1")
    assert (timed.returncode, timed.stderr.count("\n")) == (0, 1), timed.stderr


def test_another_dialect_than_the_device_speaks(site: Site) -> None:
    site.set("shenou")
    site.plug_in("fritz", "--calls", "100", "--per-minute", "600", "--speed", "100")
    done = site.hotline("check", "box-1", "--for", "2")
    assert done.returncode == 1
    assert "没有一帧" in done.stdout


def test_a_card_that_is_not_there_is_tried_out(site: Site) -> None:
    """Its settings are printed as they are to be used, and the check finds its channels."""
    command = [HOTLINE, "adapter", "simulate", "shp_a3", "--link", "card", "--per-minute", "120", "--calls", "40"]
    device = subprocess.Popen(command, cwd=site.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    site.devices.append(device)
    assert device.stdout is not None
    printed = [device.stdout.readline().decode()]
    while not printed[-1].startswith("config"):
        printed.append(device.stdout.readline().decode())
        assert printed[-1], printed
    hall = SETTINGS[: SETTINGS.index("[adapters")]
    (site.folder / "hotline.toml").write_text(hall + "".join(printed), encoding="utf-8")
    done = site.hotline("check", "card-1", "--for", "3")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "✓ card-1：shp_a3, 18 channels" in done.stdout
