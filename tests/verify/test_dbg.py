from __future__ import annotations
import pytest
from tests.verify.test_code_bugs import BUGS, _played
from tests.verify.hall_at_work import HallAtWork
from tests.verify.other_ends import red


@pytest.mark.parametrize("name", list(BUGS))
async def test_x(name, database, seal, tmp_path, monkeypatch):
    found = BUGS[name]
    for wall in found.walls:
        await database.pool.execute(wall)
    hall = HallAtWork(database, seal, tmp_path, patient=found.patient)
    found.plant(monkeypatch, hall)
    checks = await _played(hall)
    with open("/tmp/table.txt", "a") as f:
        f.write(f"{name} {found.check} {sorted(red(checks))}\n")
