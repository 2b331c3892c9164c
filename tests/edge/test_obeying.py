"""A voice modem at an edge, a real core with a real database: orders reach it, what it says and records comes back, and
nothing of it is lost when the connection goes."""

from __future__ import annotations

import asyncio
import errno
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.errors import LinkDown, NoAnswer, Refused, Unsupported
from adapters.modem.prompts import tone
from adapters.telephony import AdapterName, Answer, CallKey, CallOffered, LinkUp, PhoneKind
from hotline import carried_recordings, edges, supervise
from hotline.calls.call import CallState
from hotline.carried_recordings import placed
from hotline.edge import asked, carrier, obeying, protocol
from hotline.edge.run import Box
from hotline.hall.hall import Hall
from hotline.hall.inputs import SYSTEM, Actor, DefineSeat, SignIn
from hotline.obeyed import Obeyed
from hotline.settings import EdgeTable, HallTable, MenuTable, QueueTable, ServiceTable, Settings
from hotline.verify.verify import verify
from seats.seat import SeatNo, SeatState
from tests.adapters.modem.bench import GREETING_HZ, NUMBER, SEAT, VOICE_HZ, Bench, loudest_hz
from tests.adapters.modem.bench import settings as line_of
from tests.edge.kit import EDGE, Core, Network, core, edge, edge_settings, fetch, until
from tests.hall.test_voice_modem import rings_on

FRONT = AdapterName("front")
DESK = SeatNo("1")
MASKED = "138****8000"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds in life."""
    monkeypatch.setattr(supervise, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(supervise, "LONGEST_PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(protocol, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(edges, "AWAY_SECONDS", 0.2)
    monkeypatch.setattr(carrier, "CLOSE_SECONDS", 0.1)
    monkeypatch.setattr(obeying, "STILL_SECONDS", 0.2)
    monkeypatch.setattr(carried_recordings, "LOOK_SECONDS", 0.1)


class Site:
    """A core, an edge with a modem, and the network between them."""

    def __init__(self, there: Core, box: Box, network: Network, bench: Bench, url: str) -> None:
        self.core, self.box, self.network, self.bench, self._url = there, box, network, bench, url

    @property
    def hall(self) -> Hall:
        return self.core.hall

    @property
    def line(self) -> Obeyed:
        line = self.hall.adapters[FRONT]
        assert isinstance(line, Obeyed)
        return line

    async def connected(self, connected: bool = True) -> None:
        await until(lambda: self.hall.state.links.get(FRONT) is connected, f"the link is there: {connected}")

    async def calls(self, count: int) -> list[tuple[Any, ...]]:
        query = (
            "SELECT caller_masked, outcome, inferred, backfilled FROM calls WHERE state = 'ended' ORDER BY offered_at"
        )
        async with asyncio.timeout(30):
            while len(found := await fetch(self._url, query)) < count:
                await asyncio.sleep(0.05)
        return found


def line_at(bench: Bench, folder: Path) -> dict[str, Any]:
    return {"kind": "modem", **line_of(bench.end.name, folder / "edge", ring_gap_seconds=1)}


def settings_of(url: str, folder: Path, line: dict[str, Any], **hall: Any) -> Settings:
    key = folder / "core.key"
    key.write_text("a-secret-of-the-tests-that-is-long-enough\n")
    queue = QueueTable(label="人工服务", groups=["all"])
    table = HallTable(label="大厅", default_queue="main", queues={"main": queue}, **hall)
    return Settings(
        halls={"h1": table},
        service=ServiceTable(state_dir=folder / "core"),
        adapters={"front": {**line, "edge": EDGE}},
        edges={EDGE: EdgeTable(secret=f"file:{key}")},
        database_url=url,  # pyright: ignore[reportArgumentType]
    )


@asynccontextmanager
async def site(url: str, folder: Path, network: Network, **hall: Any) -> AsyncIterator[Site]:
    bench = Bench("modem-usr")
    bench.plug_in()
    line = line_at(bench, folder)
    try:
        async with core(settings_of(url, folder, line, **hall)) as there:
            network._there = there.port
            await network.start()
            async with edge(edge_settings(network.port, folder / "edge" / "state", {"front": line})) as box:
                made = Site(there, box, network, bench, url)
                await made.connected()
                yield made
    finally:
        await bench.unplug()


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    made = Network(0)
    yield made
    await made.close()


async def a_lawyer_sits_there(hall: Hall) -> None:
    await hall.ask(DefineSeat(seat=DESK, extension=SEAT, groups=("all",)), SYSTEM)
    await hall.ask(SignIn(seat=DESK, phone_kind=PhoneKind.DESK), Actor(account="a", work_number="1001"))


async def test_a_caller_is_answered_hears_chooses_and_talks(
    database_url: str, tmp_path: Path, network: Network
) -> None:
    menu = MenuTable(prompt="long", keys={"1": "main"})
    async with site(database_url, tmp_path, network, greeting="greeting", menu=menu) as there:
        hall, modem = there.hall, there.bench.modem
        await a_lawyer_sits_there(hall)
        ringing = asyncio.create_task(rings_on(there.bench), name="rings")
        await until(lambda: hall.state.calls, "it rings")
        (identity,) = hall.state.calls
        await asyncio.wait_for(ringing, 15)
        await until(lambda: hall.state.calls[identity].prompt == "long", "the greeting was played, the menu is")
        assert abs(loudest_hz(bytes(modem.heard[:4800])) - GREETING_HZ) < 10
        await modem.press("1")
        await until(lambda: hall.state.calls[identity].state is CallState.RINGING, "the seat rings")
        modem.lift()
        await until(lambda: hall.state.calls[identity].state is CallState.TALKING, "they talk")
        # The connection goes in mid-call: they talk on, and that they have ended is known afterwards.
        network.cut()
        await there.connected(False)
        assert hall.state.seats[DESK].state is SeatState.TALKING
        modem.put_down()
        await until(lambda: there.box.lines[0].outgoing.waiting > 0, "that they have ended lies at the edge")
        network.mend()
        assert await there.calls(1) == [(MASKED, "answered", False, False)]
        await until(lambda: hall.state.seats[DESK].state is not SeatState.TALKING, "the seat is not kept")
        assert (await verify(database_url)).ok


async def test_who_waits_is_served_when_the_core_is_back_and_who_gave_up_is_on_record(
    database_url: str, tmp_path: Path, network: Network
) -> None:
    async with site(database_url, tmp_path, network, greeting="greeting") as there:
        hall, bench = there.hall, there.bench
        network.cut()
        await there.connected(False)
        bench.rings()  # and gives up: one ring, then nothing
        await until(lambda: there.box.lines[0].outgoing.waiting >= 3, "his call is over, at the edge")
        await until(lambda: not any_live(there), "the line is free")
        network.mend()
        assert await there.calls(1) == [(MASKED, "short_abandoned", True, True)]
        network.cut()
        await there.connected(False)
        ringing = asyncio.create_task(rings_on(bench), name="rings")
        await until(lambda: any_live(there), "another one rings")
        network.mend()
        await until(lambda: hall.state.calls, "the core hears of him")
        await asyncio.wait_for(ringing, 15)
        await until(lambda: len(bench.modem.heard) > 2000, "he is answered, and hears us")
        (call,) = hall.state.calls.values()
        assert not call.backfilled
        assert (await verify(database_url)).ok


async def test_a_core_that_is_started_anew_goes_on_with_whoever_is_on_the_line(
    database_url: str, tmp_path: Path, network: Network
) -> None:
    bench = Bench("modem-usr")
    bench.plug_in()
    line = line_at(bench, tmp_path)
    settings = settings_of(database_url, tmp_path, line, menu=MenuTable(prompt="long", keys={"1": "main"}))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(bench.unplug)
        async with core(settings) as there:
            network._there = there.port
            await network.start()
            box = edge_settings(network.port, tmp_path / "edge" / "state", {"front": line})
            await stack.enter_async_context(edge(box))
            await until(lambda: there.hall.state.links.get(FRONT), "the link is there")
            await a_lawyer_sits_there(there.hall)
            ringing = asyncio.create_task(rings_on(bench), name="rings")
            await asyncio.wait_for(ringing, 15)
            await until(lambda: len(bench.modem.heard) > 2000, "he hears the menu")
            (before,) = there.hall.state.calls
        await bench.modem.press("1")
        async with core(settings) as again:
            network._there = again.port
            await until(lambda: again.hall.state.links.get(FRONT), "the link is there")
            assert list(again.hall.state.calls) == [before]
            await until(lambda: again.hall.state.calls[before].state is CallState.RINGING, "the seat rings")
            bench.modem.lift()
            await until(lambda: again.hall.state.calls[before].state is CallState.TALKING, "they talk")
            bench.modem.put_down()
            await until(lambda: not again.hall.state.calls, "it is over")
    assert (await verify(database_url)).ok


def any_live(there: Site) -> bool:
    adapter = there.box.lines[0].adapter
    lines = adapter._lines.values()  # pyright: ignore[reportAttributeAccessIssue]
    return any(line.book.live is not None for line in lines)


async def test_a_message_that_was_spoken_there_is_heard_here(
    database_url: str, tmp_path: Path, network: Network
) -> None:
    """Whole, once, and no longer at the edge; an announcement goes the other way."""
    async with site(database_url, tmp_path, network) as there:
        folder = there.line.recordings
        assert folder is not None
        kept = Path(there.box.lines[0].adapter.recordings)  # pyright: ignore[reportAttributeAccessIssue]
        assert kept != folder
        spoken, file = tone(VOICE_HZ, 40.0), kept / "2026" / "message.wav"
        file.parent.mkdir(parents=True)
        with wave.open(str(file), "wb") as target:
            target.setparams((1, 2, 8000, 0, "NONE", ""))
            target.writeframes(spoken)
        (kept / ".hidden").write_bytes(b"x")
        size = file.stat().st_size
        assert size > 2 * asked.CHUNK_BYTES, "more than one piece"
        there.network.cut_after(size // 2)  # in mid-recording, once
        await until(lambda: not file.exists(), "the edge may forget it")
        with wave.open(str(folder / "2026" / "message.wav")) as heard:
            assert heard.readframes(heard.getnframes()) == spoken
        assert [path.name for path in folder.rglob("*") if path.is_file()] == ["message.wav"]

        await there.connected()
        store = there.line.prompt_store
        assert store is not None
        body = BytesIO()
        with wave.open(body, "wb") as target:
            target.setparams((1, 2, 8000, 0, "NONE", ""))
            target.writeframes(tone(GREETING_HZ, 20.0))
        await store.put_prompt("notice", body.getvalue())
        names = await store.prompt_names()
        assert names["notice"].seconds == pytest.approx(20.0, abs=0.1)
        back = await store.read_prompt("notice")
        assert back is not None
        with wave.open(BytesIO(back)) as heard:
            assert heard.getnframes() == 20 * 8000
        await store.restore_prompt("notice")
        assert "notice" not in await store.prompt_names()


async def test_what_fails_there_fails_here(database_url: str, tmp_path: Path, network: Network) -> None:
    async with site(database_url, tmp_path, network) as there:
        with pytest.raises(Refused, match="no call"):
            await there.line.do(Answer(call=CallKey("nobody")))
        with pytest.raises(FileNotFoundError):
            await there.line.read_recording("../../edge.key", 0)
        with pytest.raises(FileNotFoundError):
            await there.line.read_recording("nothing.wav", 0)
        network.cut()
        with pytest.raises(LinkDown):
            await there.line.do(Answer(call=CallKey("nobody")))
        store = there.line.prompt_store
        assert store is not None
        with pytest.raises(ConnectionError):
            await store.prompt_names()


async def test_an_edge_that_stalls_in_mid_order_is_given_up(
    database_url: str, tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "SILENT_SECONDS", 0.5)
    async with site(database_url, tmp_path, network) as there:
        network.stalled = True
        with pytest.raises(LinkDown):
            async with asyncio.timeout(20):
                await there.line.do(Answer(call=CallKey("nobody")))
        await there.connected(False)
        network.cut()
        network.mend()
        await there.connected()


# ── words alone ──


@pytest.mark.parametrize(
    "error",
    [LinkDown("gone"), NoAnswer("?"), Refused("no"), Unsupported("never"), OSError(errno.ENOSPC, "full")],
)
def test_errors_travel(error: Exception) -> None:
    told = asked.answer(protocol.encode(asked.failed(error)))
    assert isinstance(told, asked.Failed)
    with pytest.raises(type(error)) as raised:
        asked.raise_again(told)
    assert str(raised.value) == str(error)
    assert getattr(raised.value, "errno", None) == getattr(error, "errno", None)


@pytest.mark.parametrize("file", ["../x.wav", "/etc/passwd", "a/../../x", "", ".", "a/.x", "..\\x"])
def test_no_path_leads_out_of_the_folder(file: str, tmp_path: Path) -> None:
    assert placed(tmp_path, file) is None


def test_facts_of_other_lines_are_set_aside() -> None:
    class Adapter:
        name = FRONT
        abilities = frozenset[Any]()

    line = Obeyed(Adapter())  # pyright: ignore[reportArgumentType]
    at = datetime.now(UTC)
    mine = CallOffered(adapter=FRONT, event_id="1", at=at, heard_at=at, call=CallKey("c"), caller=NUMBER)
    others = msgspec.structs.replace(mine, adapter=AdapterName("other"))
    link = LinkUp(adapter=FRONT, event_id="2", at=at, heard_at=at)
    bodies = [msgspec.json.encode(each) for each in (mine, others, link)] + [b"{", b"\xff"]
    said = line.read([(body, at) for body in bodies], None)
    assert [fact for fact, _ in said.items] == [mine]
    assert len(said.set_aside) == 4
