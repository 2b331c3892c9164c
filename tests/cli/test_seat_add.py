"""`hotline seat add`: a hall that is not led gets its seats from the command line; one that is led keeps its writer."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from hotline.audit.trail import verify_chain
from hotline.cli.seats import Led, SeatNotDefined, define
from hotline.hall.inputs import DefineSeat
from hotline.settings import HallTable, QueueTable, ServiceTable, Settings
from hotline.store.engine import Database
from hotline.store.ledger import HallStore
from hotline.store.seal import KEY_FILE, Seal
from hotline.verify import verify
from seats.seat import SeatNo

HOTLINE = Path(sys.executable).parent / "hotline"
TOML = """
[service]
state_dir = "{state}"
[halls.hz]
label = "厅"
default_queue = "q"
[halls.hz.queues.q]
label = "综合"
groups = ["general"]
"""


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Settings:
    hall = HallTable(label="厅", default_queue="q", queues={"q": QueueTable(label="q", groups=["general"])})
    table = ServiceTable(state_dir=tmp_path / "state")
    return Settings(halls={"hz": hall}, database_url=SecretStr(database_url), service=table)


def wish(number: str, extension: str, *groups: str) -> DefineSeat:
    return DefineSeat(seat=SeatNo(number), extension=extension, groups=groups or ("general",))


async def seats_of(database: Database) -> list[tuple[Any, ...]]:
    query = "SELECT number, extension, groups, state FROM seats WHERE hall = 'hz' ORDER BY number"
    return [tuple(row) for row in await database.pool.fetch(query)]


async def test_added_and_changed(site: Settings, database: Database) -> None:
    assert (await define(site, database, "hz", wish("01", "7001"))).new
    assert not (await define(site, database, "hz", wish("01", "7002", "general", "labour"))).new
    assert [row[:3] for row in await seats_of(database)] == [("01", "7002", ["general", "labour"])]
    kinds = [
        row["type"] for row in await database.pool.fetch("SELECT type FROM journal WHERE hall = 'hz' ORDER BY seq")
    ]
    assert kinds == ["SeatDefined", "SeatDefined"]
    async with database.engine.connect() as conn:
        assert await verify_chain(conn, "hz") is None
    acts = await database.pool.fetch("SELECT act, object, work_number FROM audit WHERE hall = 'hz'")
    assert {tuple(row) for row in acts} == {("seat_defined", "seat:01", "cli")}
    assert (await verify(database.url, hall="hz")).ok
    assert not (site.service.state_dir / KEY_FILE).exists(), "keys of the command's user would shut the service out"


async def test_a_dry_run_changes_nothing(site: Settings, database: Database) -> None:
    made = await define(site, database, "hz", wish("01", "7001"), save=False)
    assert (made.new, made.saved) == (True, False)
    assert await seats_of(database) == []
    assert await database.pool.fetchval("SELECT count(*) FROM audit") == 0


async def test_an_extension_belongs_to_one_seat(site: Settings, database: Database) -> None:
    await define(site, database, "hz", wish("01", "7001"))
    with pytest.raises(SeatNotDefined, match="7001 已属于坐席 01"):
        await define(site, database, "hz", wish("02", "7001"))
    await define(site, database, "hz", wish("02", "7002"))


async def test_while_somebody_leads_nothing_is_touched(site: Settings, database: Database, seal: Seal) -> None:
    service = HallStore(database, seal, "hz")
    lease = await service.take_lease("service", 60)
    assert lease is not None
    with pytest.raises(Led):
        await define(site, database, "hz", wish("01", "7001"))
    assert await seats_of(database) == []
    assert await service.renew(lease, 60), "the service must not lose its lease to a command"
    await service.give_up(lease)
    await define(site, database, "hz", wish("01", "7001"))
    again = await service.take_lease("service", 60)
    assert again is not None, "the command has given the lease up"
    assert again.seq == 1
    await service.close()


async def test_the_time_without_a_writer_stays_on_record(site: Settings, database: Database, seal: Seal) -> None:
    """The next writer looks when the last one was there: it must not take the command for a service that ran."""
    service = HallStore(database, seal, "hz")
    lease = await service.take_lease("service", 60)
    assert lease is not None
    await database.pool.execute("UPDATE hall_leases SET until = now() - interval '1 hour' WHERE hall = 'hz'")
    await define(site, database, "hz", wish("01", "7001"))
    [gap] = await database.pool.fetch("SELECT began_at, ended_at FROM writer_gaps WHERE hall = 'hz'")
    assert 3600 <= (gap["ended_at"] - gap["began_at"]).total_seconds() < 3700
    assert abs((datetime.now(UTC) - gap["ended_at"]).total_seconds()) < 60
    await service.close()


async def test_as_typed(tmp_path: Path, database_url: str, database: Database, seal: Seal) -> None:
    config = tmp_path / "hotline.toml"
    config.write_text(TOML.format(state=tmp_path / "state"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    environment = {**clean, "HOTLINE_DATABASE_URL": database_url, "NO_COLOR": "1"}

    def hotline(*arguments: str) -> tuple[int, str, str]:
        line = [HOTLINE, *arguments, "--config", str(config)]
        done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout, done.stderr

    code, said, warned = hotline("seat", "add", "01", "--extension", "7001", "--group", "general", "--group", "genral")
    assert (code, "已新增坐席 01" in said, "没有队列派给技能组 genral" in warned) == (0, True, True), warned
    code, said, _ = hotline("seat", "add", "01", "--extension", "7003", "--group", "general", "--json")
    assert (code, orjson.loads(said)["new"], orjson.loads(said)["extension"]) == (0, False, "7003")
    code, said, _ = hotline("seat", "list")
    assert (code, "7003" in said) == (0, True)
    code, _, said = hotline("seat", "add", "02", "--extension", "7003", "--group", "general")
    assert (code, "已属于坐席 01" in said) == (1, True), said
    for wrong in (("0 1", "7001", "a"), ("01", "70 01", "a"), ("01", "7001", "综合")):
        code, _, said = hotline("seat", "add", wrong[0], "--extension", wrong[1], "--group", wrong[2])
        assert (code, "应为" in said or "只能用" in said) == (2, True), said
    service = HallStore(database, seal, "hz")
    assert await service.take_lease("service", 60) is not None
    code, _, said = hotline("seat", "add", "02", "--extension", "7002", "--group", "general")
    assert (code, "线路" in said, "新增坐席" in said) == (4, True, True), said
    await service.close()
