"""Which sound devices does this machine have, asked in a process of its own?

PortAudio and ALSA run vendors' code: with a broken configuration they write a hundred lines, stand still, or end the
whole process. Whoever only wants to look (`hotline doctor`, `hotline adapter sound`) must survive that.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import msgspec

from adapters.errors import Misconfigured
from adapters.line_audio.devices import Device, devices

MOST_SECONDS: Final = 10.0


class _Answer(msgspec.Struct):
    devices: list[Device] = []
    error: str = ""


def devices_apart(most_seconds: float = MOST_SECONDS) -> list[Device]:
    """Every sound device of this machine. Takes a second: call it in a thread. Raises `Misconfigured`, in Chinese."""
    command = [sys.executable, "-m", "adapters.line_audio.apart"]
    try:
        asked = subprocess.run(command, capture_output=True, timeout=most_seconds, check=False)
    except subprocess.TimeoutExpired:
        raise Misconfigured(f"声音系统 {most_seconds:.0f} 秒内没有应答：请拔插声卡，再看 dmesg") from None
    try:
        answer = msgspec.json.decode(asked.stdout, type=_Answer)
    except msgspec.DecodeError:
        words = asked.stderr.decode("utf-8", "replace").strip().splitlines()
        last = f"：{words[-1][:200]}" if words else ""
        raise Misconfigured(f"声音系统列不出设备（退出码 {asked.returncode}）{last}") from None
    if answer.error:
        raise Misconfigured(answer.error)
    return answer.devices


def _main() -> None:
    try:
        answer = _Answer(devices=devices())
    except Misconfigured as error:
        answer = _Answer(error=str(error))
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    _main()
