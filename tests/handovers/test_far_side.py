"""F20: whatever the other side does, its own ledger shows one effect of each hand-over, and we know what is so.

The receiver is a real program over real HTTP, folders and shared tables. `FAR_HANDOVERS` says how many are sent through
each storm of faults (`make crash` sends a thousand).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.bridge import HandoverPackage, Receipt
from hotline.handovers.claims import LEASE
from hotline.handovers.desk import HandoverDesk
from hotline.handovers.handover import HandoverState as S
from hotline.handovers.outcome import ABSENT_AFTER
from hotline.handovers.pace import LONGEST_REST
from hotline.handovers.records import Records
from hotline.store.engine import Database
from hotline.store.seal import Seal
from tests.adapters.bridges.stage import PATIENCE_SECONDS, build, program
from tests.handovers.far import ABILITIES, MANY, Far, our_door, to_http
from tests.handovers.kit import HALL, HandClock
from tests.ports import free_port
from tests.store.making import Wire

STORM = """
step_seconds = 0.01
slow_seconds = 0.7
deduplicates = {deduplicates}
duplicate_news = 0.3
rubbish_news = 0.1
unsigned_news = 0.1
stops_at = "accepted"
[faults]
lose_ack = 0.3
lose_before = 0.05
slow = 0.05
rubbish = 0.05
rubbish_before = 0.05
error = 0.05
no_number = 0.05
wrong_case = 0.05
busy = 0.05
refuse = 0.05
"""
ANYONE = pytest.mark.parametrize("can", list(ABILITIES))


@ANYONE
async def test_a_storm_of_faults_leaves_one_effect_each(
    database: Database, seal: Seal, tmp_path: Path, can: str
) -> None:
    scenario = tmp_path / "storm.toml"
    scenario.write_text(STORM.format(deduplicates=str(can == "deduplicates").lower()), "utf-8")
    async with our_door() as (callback, opens):
        arguments = ("--scenario", str(scenario), "--callback", callback)
        async with program(tmp_path, *arguments) as (url, _):
            far = Far(database, seal, tmp_path, to_http(tmp_path, url, can))
            opens(far)
            await far.queue(MANY // 2, turns=2)

            async def told() -> bool:
                """Nothing is left to send, and everything that they took they have told."""
                news, left = far.ledger()["news"], await far.states()
                doubtful = left[S.IN_DOUBT] if can == "neither" else 0
                stuck = await far.behind_doubts() if can == "neither" else 0
                return left[S.PREPARED] + left[S.IN_DOUBT] == doubtful + stuck and all(each["told_at"] for each in news)

            await far.until(told)
            await far.bridge.close()
    effects, states = far.effects(), await far.states()
    assert set(effects.values()) == {1}
    assert far.in_order()
    # Theirs is what they opened, even if they refused its repeat; what never reached them waits for a person.
    assert states[S.ACCEPTED] == len(effects)
    assert states[S.ACCEPTED] + states[S.FAILED] + states[S.IN_DOUBT] + states[S.PREPARED] == MANY // 2 * 2
    assert states[S.FAILED] <= sum(each["fault"] == "refuse" for each in far.ledger()["arrivals"])
    if can != "neither":
        assert states[S.IN_DOUBT] == states[S.PREPARED] == 0


async def test_an_hour_of_absence(database: Database, seal: Seal, tmp_path: Path) -> None:
    """Nobody is there for an hour; then everything arrives within five minutes, in order, and another way never
    noticed."""
    port = free_port()
    far = Far(database, seal, tmp_path, to_http(tmp_path, f"http://127.0.0.1:{port}"))
    made = await far.queue(20, turns=2)
    beside = far.office
    other = await beside.hand_over(await beside.ticket())
    for _ in range(60):
        await far.courier.round()
        far.clock.later(minutes=1)
        if beside.other.sends == 0:
            await beside.courier.round()
    assert (await beside.row(other)).state == S.ACKNOWLEDGED
    assert (await far.states())[S.PREPARED] == len(made)
    async with program(tmp_path, "--port", str(port)):
        back = far.clock.now()
        while (await far.states())[S.PREPARED]:
            await far.courier.round()
            far.clock.later(seconds=5)
    await far.bridge.close()
    assert far.clock.now() - back < LONGEST_REST + timedelta(seconds=30)
    assert set(far.effects().values()) == {1}
    assert len(far.effects()) == len(made)
    assert far.in_order()


@pytest.mark.crash
@ANYONE
async def test_killed_in_the_middle_of_a_send(database: Database, database_url: str, tmp_path: Path, can: str) -> None:
    """A real process, killed while the receiver has the case and has not answered."""
    seal = Seal.from_state(tmp_path)
    scenario = tmp_path / "slow.toml"
    words = f"deduplicates = {str(can == 'deduplicates').lower()}\nsilent = true\nslow_seconds = 30\n[at]\n1 = 'slow'\n"
    scenario.write_text(words, "utf-8")
    async with program(tmp_path, "--scenario", str(scenario)) as (url, _):
        far = Far(database, seal, tmp_path, to_http(tmp_path, url, can))
        (made,) = await far.queue(1)
        carrier = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.handovers.carrier", str(tmp_path), database_url, url, can)
        )
        try:
            async with asyncio.timeout(PATIENCE_SECONDS * 2):
                while not far.effects():
                    await asyncio.sleep(0.05)
        finally:
            carrier.kill()
            await carrier.wait()
        row = await far.office.row(made)
        assert (row.state, row.claim is not None) == (S.PREPARED, True)
        later = HandClock()
        later.at = row.claimed_until - LEASE + timedelta(seconds=60)
        far.clock, far.courier = later, far.another(later)
        await far.courier.round()
        if can == "neither":
            assert (await far.office.row(made)).state == S.IN_DOUBT  # a person sees it within a minute
            await desk(far, "arrived", made, "PEER-1", "电话核实")
        else:
            later.later(minutes=2)
            await far.courier.round()
        assert (await far.office.row(made)).state == S.ACKNOWLEDGED
        await far.bridge.close()
    assert set(far.effects().values()) == {1}


async def test_who_says_no_too_early_is_not_believed(database: Database, seal: Seal, tmp_path: Path) -> None:
    """They open the case after we have given up waiting: an early "we do not have it" would make it two."""
    scenario = tmp_path / "late.toml"
    scenario.write_text("deduplicates = false\nsilent = true\nslow_seconds = 1.2\n[at]\n1 = 'late'\n", "utf-8")
    async with program(tmp_path, "--scenario", str(scenario)) as (url, _):
        far = Far(database, seal, tmp_path, to_http(tmp_path, url, "can ask"))
        (made,) = await far.queue(1)
        await far.courier.round()
        await far.courier.round()  # asked: they do not have it
        assert (await far.office.row(made)).state == S.IN_DOUBT
        assert not far.effects()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not far.effects():
                await asyncio.sleep(0.02)
        far.clock.later(seconds=ABSENT_AFTER.total_seconds())
        await far.courier.round()
        assert (await far.office.row(made)).state == S.ACKNOWLEDGED
        await far.bridge.close()
    assert set(far.effects().values()) == {1}


@pytest.mark.parametrize("way", ["folder", "table"])
async def test_files_and_rows(
    database: Database,
    empty_database_url: str,
    seal: Seal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    """Left lying, refused, told twice, with rubbish between: by files, and by rows of a real PostgreSQL."""
    scenario = tmp_path / "rough.toml"
    rough = 'step_seconds = 0.01\nduplicate_news = 0.5\nrubbish_news = 0.2\nstops_at = "accepted"\n'
    scenario.write_text(f"{rough}[faults]\nbusy = 0.3\nrefuse = 0.2\n", "utf-8")
    peer, keys = tmp_path / "peer", {"kind": "line12345"}
    keys |= (
        {"folder": {"out": str(peer / "to-peer"), "inbox": str(peer / "from-peer"), "lists": True}}
        if way == "folder"
        else {"table": {"url": "env:TABLE", "out_number": "case_no"}}
    )
    monkeypatch.setenv("FAR_TABLE", empty_database_url)
    arguments = ("--folder",) if way == "folder" else ("--table-env", "FAR_TABLE")
    async with program(tmp_path, "--scenario", str(scenario), *arguments):
        far = Far(database, seal, tmp_path, build(tmp_path, keys, **{"env:TABLE": empty_database_url}))
        await far.queue(6, turns=2)

        async def decided() -> bool:
            states = await far.states()
            return states[S.ACCEPTED] + states[S.RETURNED] == 12

        await far.until(decided)
        await far.bridge.close()
    assert set(far.effects().values()) == {1}
    assert (await far.states())[S.ACCEPTED] == len(far.effects())


async def test_the_database_goes_away_before_the_outcome_is_written(
    database_url: str, seal: Seal, tmp_path: Path, server_home: Path
) -> None:
    """What became of a send is known to nobody else: it is written when the database is back, and not doubted."""
    folder = Path(tempfile.mkdtemp(dir=server_home))
    async with (
        program(tmp_path) as (url, _),
        Wire(folder, database_url).open() as wire,
        await Database.open(wire.url) as database,
    ):
        bridge = to_http(tmp_path, url, "neither")
        far = Far(database, seal, tmp_path, bridge)
        (made,) = await far.queue(1)
        send = bridge.send

        async def sent(package: HandoverPackage, *, again: bool = False) -> Receipt:
            receipt = await send(package, again=again)
            wire.answers_pass.clear()
            return receipt

        bridge.send = sent
        carrying = asyncio.create_task(far.courier.round())
        async with asyncio.timeout(PATIENCE_SECONDS):
            await wire.held.wait()
            await wire.cut()
            wire.restore()
            await carrying
        assert (await far.office.row(made)).state == S.ACKNOWLEDGED
        await bridge.close()
    assert set(far.effects().values()) == {1}


async def desk(far: Far, what: str, *args: object) -> None:
    """A person settles it."""
    async with far.engine.begin() as conn:
        await getattr(HandoverDesk(Records(conn, hall=HALL, now=far.clock.now(), actor="acc-1")), what)(*args)
