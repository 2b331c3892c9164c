"""What an installer types to bring a line into service, in front of a simulated device: the real commands."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters import registry
from adapters.telephony import Ingests
from hotline.cli.kept import judged
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


@pytest.mark.parametrize("dialect", ["whozz", "modem-usr"])
def test_a_simulated_device_that_is_ended_leaves_no_link(site: Site, dialect: str) -> None:
    site.plug_in(dialect)
    assert site.box.is_symlink()
    (device,) = site.devices
    device.terminate()
    device.wait(30)
    assert not site.box.is_symlink()


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
        (("capture", "gw-1"), "推送的原文在控制台“线路”页"),
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


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('kind = "modem"\n[adapters.x.lines.1]\nurl = "/dev/x"', "语音调制解调器，由本系统下命令，不能旁听抓取"),
        ('kind = "card"\nvendor = "shp_a3"\nlibrary = "/x.so"\nconfig = "/x.ini"', "由厂家的库驱动"),
        ('kind = "simulated"', "不是只听不发的线路"),
    ],
)
def test_what_cannot_be_captured_says_what_to_do_instead(site: Site, table: str, said: str) -> None:
    with (site.folder / "hotline.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[adapters.x]\n{table}\n")
    done = site.hotline("capture", "x")
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert not list(site.folder.glob("*.trace"))


def test_two_lines_on_one_device(site: Site) -> None:
    with (site.folder / "hotline.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[adapters.front]\nkind = "modem"\n[adapters.front.lines.1]\nurl = "{site.box}"\n')
    told = f"✗ [adapters.box-1.wires.box]、[adapters.front.lines.1] 用的是同一个设备 {site.box}"
    assert told in site.hotline("list").stderr
    json.loads(site.hotline("list", "--json").stdout)
    checked = site.hotline("check", "front", "--for", "1")
    assert "用的是同一个设备" in checked.stdout
    assert "设备不存在" in checked.stdout
    assert "gw-1" not in site.hotline("list").stderr


def test_two_lines_on_one_device_are_told_when_the_service_starts(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, (site.folder / "hotline.toml").open("a") as file:
        file.write('\n[adapters.box-2]\nkind = "cti-serial"\n[adapters.box-2.wires.w]\ndialect = "fsk"\n')
        file.write(f'url = "{site.box}"\n[service]\nport = {taken.getsockname()[1]}\n')
        file.flush()
        done = hotline("serve", cwd=site.folder)
    first, second = done.stderr.splitlines()[:2]
    assert first.startswith("✗ [adapters.box-1.wires.box]、[adapters.box-2.wires.w] 用的是同一个设备")
    assert "端口" in second, "and then went on"


def test_a_mapping_that_was_changed_is_tried_on_what_came(tmp_path: Path) -> None:
    mapping = tmp_path / "my.toml"
    mapping.write_text(
        'format = "json"\ntime = "%Y-%m-%d %H:%M:%S"\n[fields]\ncall = "id"\nat = "at"\n'
        '[[events]]\nwhen = { "状态" = "来电" }\nsay = "call.offered"\n',
        encoding="utf-8",
    )
    table = {"kind": "gateway-push", "dialect": "mapped", "mapping": mapping, "networks": ["10.0.0.0/8"]}
    adapter = registry.build("gw-1", table, registry.Site(state_dir=tmp_path, secret=lambda reference: reference))
    assert isinstance(adapter, Ingests)
    heard = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    good = {"id": "1", "at": "2026-11-23 09:00:00", "状态": "来电"}
    sent = [good, {**good, "id": "2", "状态": "转接"}, {**good, "id": "3", "at": "2026/11/23 09:00"}]
    kept = [(json.dumps(each).encode(), heard) for each in sent]
    assert [(each["ok"], each["words"]) for each in judged(adapter, [*kept, (b"{", heard)])] == [
        (True, "4 次，按现在的设置能识别出 2 条事件"),
        (False, "1 条未能识别：映射文件中没有符合的规则（收到 状态 = 转接）：请补一段 [[events]]"),
        (False, "1 条未能识别：不是正确的 JSON：这里应为用双引号括起的键名（第 1 行第 2 列）"),
        (False, "1 条能识别，但时间格式与映射文件的 time 不符，已按收到的时间登记"),
    ]
    assert judged(adapter, [])[0]["words"].startswith("7 天内没有收到过推送")


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
    in_use = site.hotline("capture", "box-1", "--out", "empty.trace", "--for", "1")
    assert (in_use.returncode, "没有留下文件" in in_use.stdout) == (1, True)
    assert not (site.folder / "empty.trace").exists()
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


def test_a_device_of_the_same_framing_that_says_other_things(site: Site) -> None:
    """What cannot be read is told in Chinese, with what to look at."""
    site.set("panasonic")
    site.plug_in("whozz", "--calls", "100", "--per-minute", "600", "--speed", "100")
    done = site.hotline("check", "box-1", "--for", "2")
    assert done.returncode == 1
    told = [line for line in done.stdout.splitlines() if "帧未能识别" in line]
    assert told
    assert not re.search("[a-z]{3,} [a-z]{2,}", "".join(told)), told


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
