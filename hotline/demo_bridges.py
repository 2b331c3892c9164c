"""To whom can the demo hall hand over (移交)? A 12345 and a province that answer, 110 by telephone, an office that
gets paper.

Both are the peer simulator. The 12345 returns each ticket once and accepts it the second time, over real HTTP both
ways; the province takes files out of a folder and answers by files, as where the networks are separate.
"""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Final

import structlog

from adapters.bridge_registry import PeerRun
from adapters.bridges.peer import run_peer

STEP_SECONDS: Final = 6.0
"""Between two things that the demo's 12345 tells: slow enough to be watched."""

_TOML: Final = """
[bridges.city]
kind = "line12345"
label = "市 12345（演练）"
dials = "12345"
http = {{ url = "http://127.0.0.1:{port}", secret = "file:{secret}" }}
callback = {{ secrets = ["file:{secret}"] }}

[bridges.province]
kind = "province"
label = "省平台（演练）"
folder = {{ out = "{province}/to-peer", inbox = "{province}/from-peer" }}

[bridges.police]
kind = "line110"
label = "110"
dials = "110"

[bridges.paper]
kind = "paper"
label = "信访局（纸质）"
receiver = "示范市信访局"
"""
_log = structlog.get_logger(__name__)


class DemoBridges:
    """The demo's other sides; `secret` is the file that both sides of the 12345 sign with."""

    def __init__(self, secret: Path, city: Path, province: Path) -> None:
        self._secret, self._city, self._province = secret, city, province
        for name in ("to-peer", "from-peer"):
            (province / name).mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]

    def toml(self) -> str:
        """The tables for the settings file."""
        return _TOML.format(port=self._port, secret=self._secret, province=self._province)

    async def run(self, service: str) -> None:
        """Be both until cancelled; `service`: our own address, for callbacks."""
        pace = {"step_seconds": STEP_SECONDS}
        city = PeerRun(
            state=self._city,
            over=pace | {"return_first": True},
            port=self._port,
            secret=self._secret.read_text(encoding="utf-8").strip(),
            callback=f"{service}api/v1/bridges/city/callback",
            ready=lambda address: _log.info("demo_12345_answers", address=address),
        )
        province = PeerRun(state=self._province, over=pace, folder=True, ready=lambda _: None)
        async with asyncio.TaskGroup() as both:
            both.create_task(run_peer(city))
            both.create_task(run_peer(province))
