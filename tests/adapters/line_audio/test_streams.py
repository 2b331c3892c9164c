"""Opening and closing a device whose driver takes longer than anybody waits."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from adapters.line_audio import devices, streams
from adapters.line_audio.devices import SoundLost
from adapters.line_audio.settings import SoundSettings
from adapters.line_audio.streams import Streams

SOON_SECONDS = 15.0


class PortAudio:
    """One whose driver hangs as long as the test wants."""

    def __init__(self) -> None:
        self.hangs, self.goes_on = threading.Event(), threading.Event()
        self.terminated = 0

    def PyAudio(self) -> PortAudio:  # noqa: N802 - as PyAudio calls it
        self.hangs.set()
        assert self.goes_on.wait(SOON_SECONDS)
        return self

    def terminate(self) -> None:
        self.terminated += 1


def in_a_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_device_that_opens_when_nobody_waits_any_more_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    audio = PortAudio()
    monkeypatch.setattr(streams, "load", lambda: audio)
    monkeypatch.setattr(devices, "DOOR_SECONDS", 0.05)
    late = Streams(SoundSettings(device="line1"), None, None)
    opening = in_a_thread(late.open)
    assert audio.hangs.wait(SOON_SECONDS)
    with pytest.raises(SoundLost, match="没有反应"):
        late.close()
    audio.goes_on.set()
    opening.join(SOON_SECONDS)
    assert not opening.is_alive()
    assert audio.terminated == 1
    with devices.through_the_door():
        pass  # nobody stands in it
