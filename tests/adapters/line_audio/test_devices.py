"""Which device is meant: by name or a part of it, and what the installer is told when none or several fit."""

from __future__ import annotations

import sys

import pytest
from pydantic import ValidationError

from adapters.errors import Misconfigured
from adapters.line_audio import devices
from adapters.line_audio.devices import Device, NoSuchDevice, chosen
from adapters.line_audio.settings import SoundSettings


def device(name: str, inputs: int = 1, outputs: int = 1) -> Device:
    return Device(index=0, name=name, inputs=inputs, outputs=outputs, rate_hz=48000)


HDMI, FIRST, SECOND = (
    device("HDA Intel HDMI (hw:0,3)", inputs=0),
    device("USB Audio (hw:1,0)"),
    device("USB Audio (hw:2,0)"),
)


@pytest.mark.parametrize("name", ["USB Audio (hw:2,0)", "usb audio (HW:2,0)", "hw:2,0", " hw:2 "])
def test_a_name_or_a_part_of_it_chooses(name: str) -> None:
    assert chosen(name, "input", [HDMI, FIRST, SECOND]) is SECOND


def test_a_whole_name_is_preferred_to_a_longer_one() -> None:
    short, long = device("line1"), device("line11")
    assert chosen("line1", "input", [long, short]) is short


def test_who_fits_twice_or_not_at_all_is_told_what_there_is() -> None:
    with pytest.raises(NoSuchDevice, match=r"有 2 个：“USB Audio \(hw:1,0\)”、“USB Audio \(hw:2,0\)”；请写得更完整"):
        chosen("USB", "input", [HDMI, FIRST, SECOND])
    with pytest.raises(
        NoSuchDevice, match=r"没有名称含“Modem”的放音设备；现有：“HDA Intel HDMI \(hw:0,3\)”、“USB Audio"
    ):
        chosen("Modem", "output", [HDMI, FIRST])
    with pytest.raises(NoSuchDevice, match="录音设备；现有：“USB Audio"):  # one that only plays does not count
        chosen("HDMI", "input", [HDMI, FIRST])
    with pytest.raises(NoSuchDevice, match="没有任何录音设备。请检查声卡是否插好"):
        chosen("USB", "input", [])
    for name in ("", "1", "0"):  # a number is no name
        with pytest.raises(NoSuchDevice):
            chosen(name, "input", [device("A"), device("B")])


def test_without_pyaudio_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyaudio", None)
    with pytest.raises(Misconfigured, match=r"deploy/setup\.sh audio"):
        devices.devices()


def test_settings_name_a_device_for_each_way() -> None:
    one = SoundSettings(device="USB")
    assert (one.heard_at, one.spoken_to) == ("USB", "USB")
    two = SoundSettings(device="USB", output="HDMI", input_gain_db=6)
    assert (two.heard_at, two.spoken_to) == ("USB", "HDMI")
    for wrong in ({}, {"device": "x", "input_gain_db": 400}, {"device": "x", "index": 3}):
        with pytest.raises(ValidationError):
            SoundSettings.model_validate(wrong)
