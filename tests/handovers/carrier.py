"""A courier in a process of its own, to be killed: `python -m tests.handovers.carrier FOLDER DATABASE PEER CAN`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from hotline.clock import WallClock
from hotline.handovers.courier import Courier
from hotline.store.engine import Database
from hotline.store.seal import Seal
from tests.handovers.far import to_http
from tests.handovers.kit import HALL


async def carry(folder: Path, database: str, peer: str, can: str) -> None:
    """Until killed."""
    async with await Database.open(database, check_schema=False) as opened:
        seal, bridge = Seal.from_state(folder), to_http(folder, peer, can, 30.0)
        courier = Courier(opened.engine, seal, bridge, hall=HALL, clock=WallClock(), leading=lambda: True)
        await courier.run()


if __name__ == "__main__":
    asyncio.run(carry(Path(sys.argv[1]), *sys.argv[2:5]))
