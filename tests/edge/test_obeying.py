"""A voice modem at an edge, a real core with a real database: orders reach it, what it says and records comes back, and
nothing of it is lost when the connection goes."""

from __future__ import annotations

import asyncio
import errno
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.errors import LinkDown, NoAnswer, Refused, Unsupported
from adapters.modem.prompts import tone
from adapters.telephony import AdapterName, Answer, CallKey, CallOffered, LinkUp
from hotline.calls.call import CallState
from hotline.carried_recordings import placed
from hotline.edge import asked, protocol
from hotline.obeyed import Obeyed
from hotline.settings import MenuTable
from hotline.verify.verify import verify
from seats.seat import SeatState
from tests.adapters.modem.bench import GREETING_HZ, NUMBER, VOICE_HZ, Bench, loudest_hz
from tests.edge.kit import Network, core, edge, edge_settings, until
from tests.edge.obeying_site import (
    DESK,
    FRONT,
    MASKED,
    a_lawyer_sits_there,
    any_live,
    line_at,
    one_gives_up,
    quicken,
    settings_of,
    site,
)
from tests.hall.test_voice_modem import rings_on


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    quicken(monkeypatch)


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    made = Network(0)
    yield made
    await made.close()


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
        await until(lambda: not any_live(there.box), "they have ended, at the edge")
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
        await one_gives_up(bench, there.box)
        network.mend()
        assert await there.calls(1) == [(MASKED, "short_abandoned", True, True)]
        network.cut()
        await there.connected(False)
        ringing = asyncio.create_task(rings_on(bench), name="rings")
        await until(lambda: any_live(there.box), "another one rings")
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


@pytest.mark.parametrize("file", ["../x.wav", "/etc/passwd", "a/../../x", "", ".", "a/.x", "..\\x", "a\0.wav"])
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
