from __future__ import annotations
import time
from pathlib import Path
from hotline.store.engine import Database
from hotline.store.seal import Seal
from tests.verify.hall_at_work import HallAtWork, red, told


async def test_green(database: Database, seal: Seal, tmp_path: Path) -> None:
    t=time.monotonic()
    hall = HallAtWork(database, seal, tmp_path)
    await hall.play()
    print("played", time.monotonic()-t)
    checks = await hall.judged()
    print("judged", time.monotonic()-t, [(c.id, c.checked, c.note) for c in checks], repr(hall.take_over))
    assert not red(checks), told(checks)
