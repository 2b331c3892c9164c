"""A voice modem on a pseudo-terminal, beside lawyers with other phones: the caller on its line is offered to nobody but
the lawyer at its telephone, and who sits elsewhere stays ready for others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adapters.telephony import AdapterName, PhoneKind
from hotline.calls.call import CallState
from hotline.hall.inputs import SYSTEM, Actor, DefineSeat, GoBusy, GoReady, SignIn
from hotline.settings import HallTable, QueueTable, ServiceTable, Settings
from hotline.verify import as_text, verify
from seats.seat import SeatNo, SeatState
from tests.adapters.modem.bench import SEAT, Bench
from tests.adapters.modem.bench import settings as line_of
from tests.hall.test_heard_on_wires import MASKED, fetch, over, running, until

FRONT = AdapterName("front")
THERE, ELSEWHERE = SeatNo("1"), SeatNo("2")
LAWYERS = {THERE: Actor(account="a", work_number="1001"), ELSEWHERE: Actor(account="b", work_number="1002")}


def settings(url: str, database_url: str, folder: Path) -> Settings:
    queue = QueueTable(label="人工服务", groups=["all"])
    modem: dict[str, Any] = {"kind": "modem", **line_of(url, folder, number_wait_seconds=0)}
    return Settings(
        halls={"h1": HallTable(label="大厅", default_queue="main", queues={"main": queue})},
        service=ServiceTable(state_dir=folder),
        adapters={"front": modem, "others": {"kind": "simulated", "calls_per_hour": 0}},
        database_url=database_url,  # pyright: ignore[reportArgumentType]
    )


async def test_only_the_lawyer_at_the_telephone_is_rung(database_url: str, tmp_path: Path) -> None:
    bench = Bench("modem-usr")
    bench.plug_in()
    try:
        async with running(settings(bench.end.name, database_url, tmp_path)) as hall:
            await until(lambda: hall.state.links.get(FRONT), "the link is up")
            for seat, extension in ((ELSEWHERE, "8002"), (THERE, SEAT)):
                await hall.ask(DefineSeat(seat=seat, extension=extension, groups=("all",)), SYSTEM)
            await hall.ask(SignIn(seat=ELSEWHERE, phone_kind=PhoneKind.SIMULATED), LAWYERS[ELSEWHERE])
            await hall.ask(SignIn(seat=THERE, phone_kind=PhoneKind.DESK), LAWYERS[THERE])
            await hall.ask(GoBusy(seat=THERE, reason="meeting"), LAWYERS[THERE])
            bench.rings()
            await until(lambda: bench.modem.off_hook, "he is answered")
            await until(lambda: hall.state.queued["main"], "he waits")
            (identity,) = hall.state.calls
            await until(lambda: len(bench.modem.heard) > 8000, "he hears music meanwhile")
            assert hall.state.calls[identity].state is CallState.WAITING
            assert hall.state.seats[ELSEWHERE].state is SeatState.READY
            await hall.ask(GoReady(seat=THERE), LAWYERS[THERE])
            await until(lambda: hall.state.calls[identity].state is CallState.RINGING, "his own lawyer is rung")
            bench.modem.lift()
            await until(lambda: hall.state.calls[identity].state is CallState.TALKING, "they talk")
            await until(lambda: not bench.modem.off_hook, "the line is the telephone's")
            bench.modem.put_down()
            assert await over(database_url, 1) == [(MASKED, "1", False, "answered")]
            seats = "SELECT seat, data->'reasons'->>'out_of_reach' FROM journal WHERE type = 'SeatOffered'"
            assert await fetch(database_url, seats) == [("1", "1")]
            assert hall.state.seats[ELSEWHERE].state is SeatState.READY
            assert hall.state.seats[ELSEWHERE].misses == 0
        refused = "SELECT data->>'command' FROM journal WHERE type IN ('OrderRefused', 'OfferMissed')"
        assert await fetch(database_url, refused) == [("StartRecording",)], "no ring was"
        verdict = await verify(database_url)
        assert verdict.ok, as_text(verdict)
    finally:
        await bench.unplug()
