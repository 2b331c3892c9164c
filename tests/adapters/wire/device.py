"""A pseudo-terminal: what a serial device is to us, without the device."""

from __future__ import annotations

import contextlib
import os
import pty
import tty


class Device:
    """The other end of a pseudo-terminal."""

    def __init__(self) -> None:
        self.end, self._ours = pty.openpty()
        tty.setraw(self._ours)
        self.url = os.ttyname(self._ours)

    def say(self, data: bytes) -> None:
        os.write(self.end, data)

    def heard(self) -> bytes:
        return os.read(self.end, 4096)

    def unplug(self) -> None:
        for each in (self.end, self._ours):
            with contextlib.suppress(OSError):
                os.close(each)
