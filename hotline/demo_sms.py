"""Who delivers the demo hall's messages (短信)? A gateway that keeps them to itself, over real HTTP both ways."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Final

import structlog

from adapters.sms.peer import run_peer
from adapters.sms.peer_faults import Scenario

_TOML: Final = """
[sms.demo]
kind = "http"
url = "http://127.0.0.1:{port}"
secret = "file:{secret}"
signature = "示范市12348"
deduplicates = true
asks = true
receipts = {{ secrets = ["file:{secret}"] }}
"""
_log = structlog.get_logger(__name__)


class DemoSms:
    """The demo's gateway; `secret` is the file that both sides sign with. Its ledger stays in `state`."""

    def __init__(self, secret: Path, state: Path) -> None:
        self._secret, self._state = secret, state
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]

    def toml(self) -> str:
        """The table for the settings file."""
        return _TOML.format(port=self._port, secret=self._secret)

    async def run(self, service: str) -> None:
        """Be the gateway until cancelled; `service`: our own address, for its receipts."""
        self._state.mkdir(parents=True, exist_ok=True)
        await run_peer(
            self._state,
            Scenario(receipt_seconds=2.0, failed=0.05),
            port=self._port,
            secret=self._secret.read_text(encoding="utf-8").strip(),
            callback=f"{service}api/v1/sms/demo/receipts",
            ready=lambda address: _log.info("demo_sms_gateway_answers", address=address),
        )
