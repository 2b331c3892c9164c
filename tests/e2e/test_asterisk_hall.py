"""The whole product behind a real Asterisk: SIPp calls and answers, the service runs as at a site, and its record."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.asterisk.rig import CallerPlan, Rig, SeatPlan, SippRun
from adapters.asterisk.rig.audio import RATE, heard, loudness, overhear, read_wav
from tests.console.hall import until
from tests.e2e.conftest import CALLER_HZ, GREETING_HZ, MENU_HZ, NOBODY_HZ, SEAT_HZ
from tests.e2e.site import Site, lived_through, measure, site

pytestmark = pytest.mark.asterisk
FIRST = 13_900_000_000
AT_ONCE = timedelta(seconds=1)
RING_LIMIT = timedelta(seconds=7)
DAY = {
    "01": ("1001", "general"),
    "02": ("1002", "general"),
    "03": ("1003", "general"),
    "11": ("1101", "labour"),
    "21": ("2001", "family"),
    "22": ("2002", "family"),
    "23": ("2003", "family"),
    "24": ("2004", "family"),
}


async def test_a_day(rig: Rig, tmp_path: Path, database_url: str, sounds: dict[str, Path]) -> None:
    """One caller's whole way by sound; more callers than seats; phones that do not take the call; and the figures."""
    pool = rig.phones("pool", SeatPlan(ring_ms=300, talk_ms=1200))
    lawyer = rig.phones("a", SeatPlan(ring_ms=600, media=sounds["seat"]))
    busy, rejecting = rig.phones("busy", SeatPlan(does="busy")), rig.phones("rejecting", SeatPlan(does="rejects"))
    ringing = rig.phones("ringing", SeatPlan(does="rings"))
    async with site(tmp_path, rig, database_url, DAY) as hall:
        whole, backlog, odd = await asyncio.gather(
            a_whole_call(hall, lawyer, sounds),
            a_backlog(hall, pool),
            phones_that_do_not_take_it(hall, {"21": busy, "22": rejecting, "24": ringing}, sounds),
        )
        callers = [whole, *backlog, odd]
        await until(hall.no_call_is_live, 20, "every call has ended")
        await until(_no_channel(hall), 5, "Asterisk's lines are empty")
        await hall.ledgers_agree(callers, [pool, lawyer])
        await until(lambda: every_talk_is_recorded(hall), 5, "every recording is complete")
        await hall.history_holds()
        report = await hall.report()
        offered, answered = len(lived_through(callers)), 1 + 12
        assert (measure(report, "offered"), measure(report, "answered")) == (offered, answered)
        told = {part["outcome"]: part["count"] for part in report["outcomes"] if part["count"]}
        assert told == {"answered": answered, "abandoned_queue": 2, "abandoned_ringing": 1, "short_abandoned": 1}
        queues = {part["key"]: part["offered"] for part in report["queues"]}
        assert (queues["labour"], queues["family"]) == (1, 1)
        assert len(await hall.column("SELECT number FROM tickets")) == offered


async def a_whole_call(hall: Site, lawyer: SippRun, sounds: dict[str, Path]) -> SippRun:
    """Greeting, menu, key, music, a phone rings, they talk, a ticket is written, he hangs up: each heard or read."""
    await hall.press("11", "busy")
    caller = hall.rig.callers(CallerPlan(media=sounds["labour"], talk_ms=9000), first=FIRST)
    listening = asyncio.create_task(asyncio.to_thread(overhear, [caller.media, lawyer.media], 6.0))
    number = str(FIRST)
    await until(lambda: _states(hall, ["waiting"], number), 6, "he pressed 1 and waits")
    waiting = await hall.call_of(number)
    assert (waiting["queue"], waiting["music"]) == ("labour", True)
    console = hall.consoles["11"]
    await hall.press("11", "ready")
    await console.until(lambda shown: shown.seats.get("11", {}).get("state") == "ringing", 3)
    await console.until(lambda shown: shown.seats.get("11", {}).get("state") == "talking", 5)
    client = hall.clients["11"]
    pop = (await client.get(f"/calls/{waiting['id']}/pop")).json()
    assert pop["times_before"] == 0
    ticket = f"/tickets/{waiting['ticket']}"
    version = (await client.get(ticket)).headers["ETag"]
    draft = {"opinion": "请先向劳动监察部门投诉。", "legal_aid_told": True, "no_category_reason": "试拨"}
    saved = await client.put(f"{ticket}/draft", json=draft, headers={"If-Match": version})
    assert saved.status_code == 200, saved.text
    sound = await listening
    said = spells(sound[caller.media], [GREETING_HZ, MENU_HZ, SEAT_HZ])
    assert said == [GREETING_HZ, MENU_HZ, SEAT_HZ], "greeting, then menu, then the lawyer"
    assert heard(sound[lawyer.media], CALLER_HZ, [NOBODY_HZ])
    assert plays_music(sound[caller.media])

    await until(lambda: _states(hall, ["ended"], number), 12, "he hung up")
    (rung,), (rang,) = lawyer.seats(), caller.callers()
    assert rang.end == "hung_up"
    assert rung.end == "hung_up_on"
    assert rung.offer == f"{waiting['id']}.1"
    call = await hall.call_of(number)
    assert (call["outcome"], call["seat"], call["ended_by"]) == ("answered", "11", "caller")
    await console.until(lambda shown: shown.seats["11"]["state"] in ("wrap_up", "ready"), 3)
    closed = await client.post(f"{ticket}/close", json={}, headers={"If-Match": saved.headers["ETag"]})
    assert closed.status_code == 200, closed.text

    async def kept() -> list[str]:
        return await hall.column("SELECT file FROM recordings WHERE call = $1 AND file IS NOT NULL", call["id"])

    await until(kept, 5, "the recording is complete")
    row = (await client.get(f"/calls/{call['id']}")).json()
    audio = await client.get(f"/recordings/{row['recordings'][0]['id']}/audio")
    assert audio.status_code == 200
    file = hall.config.with_name("played.wav")
    file.write_bytes(audio.content)
    both = read_wav(file)
    assert heard(both, CALLER_HZ, [NOBODY_HZ])
    assert heard(both, SEAT_HZ, [NOBODY_HZ])
    talked = (call["ended_at"] - call["answered_at"]).total_seconds()
    assert abs(len(both) / RATE - talked) < 1.0
    return caller


async def a_backlog(hall: Site, pool: SippRun) -> list[SippRun]:
    """Twelve callers for three seats, two who give up in the queue, one who leaves during the announcement."""
    hurried = hall.rig.callers(CallerPlan(talk_ms=500), first=FIRST + 50)
    served = hall.rig.callers(CallerPlan(), count=12, rate=10, first=FIRST + 100)
    numbers = [str(FIRST + 100 + number) for number in range(12)]
    await until(lambda: _all_known(hall, numbers), 6, "twelve have rung")
    leaving = hall.rig.callers(CallerPlan(talk_ms=6000), count=2, rate=10, first=FIRST + 200)

    async def three_talk_and_the_others_wait() -> bool:
        states = await hall.states(*numbers)
        return states.count("talking") == 3 and states.count("waiting") > 3

    await until(three_talk_and_the_others_wait, 8, "three seats, a queue")
    await hall.history_holds()
    await asyncio.to_thread(served.wait, 40)
    for run in (hurried, leaving):
        await asyncio.to_thread(run.wait, 10)
    assert {row.end for row in served.callers()} == {"hung_up_on"}, "each was served until the lawyer put down"
    assert len([row for row in pool.seats() if row.answered_at]) == 12
    asked = await hall.column(
        "SELECT id FROM calls WHERE queue = 'general' AND rung_at IS NOT NULL ORDER BY queued_at, id"
    )
    rung = await hall.column("SELECT call FROM journal WHERE type = 'SeatOffered' AND seat < '10' ORDER BY seq")
    assert rung == asked, "first come, first served"
    return [hurried, served, leaving]


async def phones_that_do_not_take_it(hall: Site, phones: dict[str, SippRun], sounds: dict[str, Path]) -> SippRun:
    """Busy, rejected, no phone there, nobody picks up: the call goes from desk to desk, and the caller gives up."""
    caller = hall.rig.callers(CallerPlan(media=sounds["family"], talk_ms=16_000), first=FIRST + 300)
    await asyncio.to_thread(caller.wait, 25)
    number = str(FIRST + 300)
    await until(lambda: _states(hall, ["ended"], number), 5, "he gave up")
    call = await hall.call_of(number)
    assert call["outcome"] == "abandoned_ringing"
    missed = await hall.fetch(
        "SELECT seat, data->>'reason' AS why FROM journal WHERE call = $1 AND type = 'OfferMissed' ORDER BY call_seq",
        call["id"],
    )
    assert [(row["seat"], row["why"]) for row in missed][:4] == [
        ("21", "busy"),
        ("22", "rejected"),
        ("23", "phone_unreachable"),
        ("24", "no_answer"),
    ]
    (state,) = await hall.fetch("SELECT state, reason FROM seats WHERE number = '23'")
    assert (state["state"], state["reason"]) == ("busy", "phone_unreachable"), "a dead phone is offered nothing more"
    limit, given_up = phones["24"].seats()
    (row,) = caller.callers()
    assert [limit.end, given_up.end] == ["cancelled", "cancelled"], "stopped on the wire both times"
    assert limit.ended_at is not None
    assert given_up.ended_at is not None
    assert row.ended_at is not None
    assert abs(limit.ended_at - limit.rung_at - RING_LIMIT) < AT_ONCE
    assert abs(given_up.ended_at - row.ended_at) < AT_ONCE
    assert {row.end for seat in ("21", "22") for row in phones[seat].seats()} == {"refused"}
    return caller


NIGHT = {
    "01": ("1101", "general"),
    "02": ("1102", "general"),
    "03": ("1103", "general"),
    "04": ("1104", "general"),
}


@pytest.mark.long
async def test_the_service_is_killed_in_mid_call(
    rig: Rig, tmp_path: Path, database_url: str, sounds: dict[str, Path]
) -> None:
    """Two talk, one talks and hangs up meanwhile, one rings, one waits, one comes meanwhile and goes, one stays."""
    talking = SeatPlan(ring_ms=200, media=sounds["seat"])
    phones = {seat: rig.phones(group, talking) for seat, group in (("01", "a"), ("02", "b"), ("03", "c"))}
    phones["04"] = rig.phones("d", SeatPlan(ring_ms=14_000, media=sounds["seat"]))
    duty = rig.phones("duty", SeatPlan(ring_ms=200, talk_ms=800))
    async with site(tmp_path, rig, database_url, NIGHT, ring=40) as hall:
        await hall.press("04", "busy")
        pressing = CallerPlan(media=sounds["general"])
        talks = [rig.callers(pressing, first=FIRST + number) for number in (1, 2)]
        leaves = rig.callers(CallerPlan(media=sounds["general"], talk_ms=7000), first=FIRST + 3)
        one, two, three = (str(FIRST + number) for number in (1, 2, 3))
        await until(lambda: _all_known(hall, [one, two, three]), 6, "three have rung")
        others = [rig.callers(pressing, first=FIRST + number) for number in (4, 5)]
        pair = [str(FIRST + number) for number in (4, 5)]
        await until(lambda: _states(hall, ["talking"] * 3, one, two, three), 8, "three talk")
        await until(lambda: _states(hall, ["waiting"] * 2, *pair), 5, "two wait")
        await hall.press("04", "ready")
        await until(lambda: _sorted_states(hall, ["ringing", "waiting"], *pair), 5, "one rings, one waits")
        assert leaves.callers()[0].ended_at is None, "too slow: he had hung up before the service was killed"

        await hall.kill()
        killed_at = time.monotonic()
        await asyncio.to_thread(leaves.wait, 8)
        comes_and_goes = rig.callers(CallerPlan(), first=FIRST + 6)
        await asyncio.to_thread(comes_and_goes.wait, 8)
        (on_duty,) = duty.seats()
        duty.stop()
        stays = rig.callers(CallerPlan(), first=FIRST + 7)
        await stays.until(2)
        ready = await hall.start()
        away = time.monotonic() - killed_at

        six, seven = str(FIRST + 6), str(FIRST + 7)
        await until(lambda: _states(hall, ["talking", "talking", "ended"], one, two, three), 5, "as it was")
        seats = {number: (await hall.call_of(number))["seat"] for number in (one, two)}
        sound = await asyncio.to_thread(
            overhear,
            [run.media for run in (*talks, *(phones[seat] for seat in seats.values()))],
            1.5,
        )
        for run, seat in zip(talks, seats.values(), strict=True):
            assert heard(sound[run.media], SEAT_HZ, [NOBODY_HZ]), "the caller still hears the lawyer"
            assert heard(sound[phones[seat].media], CALLER_HZ, [NOBODY_HZ]), "the lawyer still hears the caller"
        await until(lambda: _states(hall, ["talking", "talking"], *pair), 20, "who waited is served, who rang too")
        await until(lambda: _states(hall, ["ended", "waiting"], six, seven), 15, "back-filled, and taken over")
        back = await hall.call_of(six)
        assert (back["outcome"], back["handling"], back["backfilled"]) == ("answered", "device", True)
        assert on_duty.answered_at is not None
        left = await hall.call_of(three)
        assert (left["outcome"], left["inferred"]) == ("answered", False)
        (hung_up,) = leaves.callers()
        assert hung_up.ended_at is not None
        assert abs(left["ended_at"] - hung_up.ended_at) < AT_ONCE, "his end is the true one, not when we learnt of it"

        mine = seats[one]
        await hall.hang_up(mine)
        await until(lambda: _states(hall, ["ended", "talking"], one, seven), 8, "the freed seat has the next")
        await hall.history_holds()
        for seat, state in (await hall.seat_states()).items():
            assert state == "talking", f"{seat}: {state}"
            await hall.hang_up(seat)
        await until(hall.no_call_is_live, 8, "every call has ended")
        await until(_no_channel(hall), 5, "Asterisk's lines are empty")
        await until(lambda: _all_ready(hall), 5, "every seat is ready")

        callers = [*talks, leaves, *others, comes_and_goes, stays]
        await hall.ledgers_agree(callers, list(phones.values()), {six: on_duty.answered_at})
        await hall.history_holds()
        report = await hall.report()
        assert (measure(report, "offered"), measure(report, "answered")) == (7, 7)
        lines = {part["key"]: part["offered"] for part in report["lines"]}
        assert (lines["hall"], lines["backfilled"]) == (6, 1)
        assert len(await hall.column("SELECT number FROM tickets")) == 7
        await recorded_throughout(hall, one)
        assert await every_talk_is_recorded(hall)
        # Once more: what Asterisk's records tell again has had its effect.
        await hall.kill()
        await hall.start()
        await until(lambda: _links_restored(hall, 3), 10, "heard again")
        await hall.history_holds()
        for console in hall.consoles.values():
            assert 4401 not in console.codes, "somebody had to sign in again"
        print(f"\n  served again {ready:.1f} s after its start, {away:.1f} s after the kill")


@pytest.mark.long
async def test_asterisk_is_killed_in_mid_call(
    rig: Rig, tmp_path: Path, database_url: str, sounds: dict[str, Path]
) -> None:
    """Everything on its lines is gone: the calls end, the seats are free within 30 s, new callers are served."""
    seats = {seat: NIGHT[seat] for seat in ("01", "02", "03")}
    for group in ("a", "b"):
        rig.phones(group, SeatPlan(ring_ms=200))
    rig.phones("c", SeatPlan(does="rings"))
    async with site(tmp_path, rig, database_url, seats) as hall:
        plan, numbers = CallerPlan(media=sounds["general"]), [str(FIRST + number) for number in range(4)]
        await hall.press("03", "busy")
        rig.callers(plan, count=2, first=FIRST)
        await until(lambda: _states(hall, ["talking"] * 2, *numbers[:2]), 8, "two talk")
        await hall.press("03", "ready")
        rig.callers(plan, count=2, first=FIRST + 2)
        await until(lambda: _sorted_states(hall, ["ringing", "waiting"], *numbers[2:]), 5, "one rings, one waits")
        rig.stop(kill=True)
        killed_at = time.monotonic()
        rig.stop_sipp()
        for group in ("a", "b", "c"):
            rig.phones(group, SeatPlan(ring_ms=200))
        await asyncio.to_thread(rig.start)
        await until(hall.no_call_is_live, 30, "every call has ended")
        await until(lambda: _all_ready(hall), 30, "every seat is free")
        free_after = time.monotonic() - killed_at
        assert free_after < 30
        outcomes = [(await hall.call_of(number))["outcome"] for number in numbers]
        assert outcomes == ["answered", "answered", "lost", "lost"]
        assert await hall.column("SELECT DISTINCT inferred FROM calls") == [True]
        again = rig.callers(plan, count=3, first=FIRST + 10)
        newcomers = [str(FIRST + 10 + number) for number in range(3)]
        await until(lambda: _states(hall, ["talking"] * 3, *newcomers), 8, "new callers are served")
        await hall.history_holds()
        for seat in seats:
            await hall.hang_up(seat)
        await until(hall.no_call_is_live, 8, "every call has ended")
        await asyncio.to_thread(again.wait, 5)
        await until(_no_channel(hall), 5, "Asterisk's lines are empty")
        await hall.history_holds()
        report = await hall.report()
        assert (measure(report, "offered"), measure(report, "answered")) == (7, 5)
        print(f"\n  seats free {free_after:.1f} s after Asterisk was killed")


async def every_talk_is_recorded(hall: Site) -> bool:
    """Also one that ended while nobody listened."""
    return not await hall.column(
        "SELECT id FROM calls WHERE outcome = 'answered'"
        " AND NOT EXISTS (SELECT FROM recordings r WHERE r.call = calls.id AND r.file IS NOT NULL)"
    )


async def recorded_throughout(hall: Site, number: str) -> None:
    """The recording of a call that outlived the service: whole, and both voices to its end."""
    call = await hall.call_of(number)

    async def kept() -> list[str]:
        return await hall.column("SELECT file FROM recordings WHERE call = $1 AND file IS NOT NULL", call["id"])

    await until(kept, 15, "the recording is complete")
    (file,) = await kept()
    sound = read_wav(hall.rig.recordings / file)
    assert abs(len(sound) / RATE - (call["ended_at"] - call["answered_at"]).total_seconds()) < 1.5
    last = sound[-2 * RATE :]
    assert heard(last, CALLER_HZ, [NOBODY_HZ])
    assert heard(last, SEAT_HZ, [NOBODY_HZ])


def spells(sound: Sequence[int], tones: Sequence[float]) -> list[float]:
    """The tones as they follow each other, each once however long it lasts."""
    step, said = RATE // 5, list[float]()
    for start in range(0, len(sound) - step + 1, step):
        level, hertz = max((loudness(sound[start : start + step], hertz), hertz) for hertz in tones)
        if level > 0.05 and (not said or said[-1] != hertz):
            said.append(hertz)
    return said


def plays_music(sound: array[int]) -> bool:
    """Something sounds that is none of the voices, for a tenth of a second at least."""
    step = RATE // 10
    for start in range(0, len(sound) - step + 1, step):
        part = sound[start : start + step]
        power = (sum(sample * sample for sample in part) / step) ** 0.5 / 32768
        if power > 0.005 and all(loudness(part * 2, hertz) < power / 2 for hertz in (GREETING_HZ, MENU_HZ, SEAT_HZ)):
            return True
    return False


async def _states(hall: Site, wanted: list[str], *numbers: str) -> bool:
    return await hall.states(*numbers) == wanted


async def _sorted_states(hall: Site, wanted: list[str], *numbers: str) -> bool:
    return sorted(await hall.states(*numbers)) == wanted


async def _all_known(hall: Site, numbers: Sequence[str]) -> bool:
    return "" not in await hall.states(*numbers)


async def _links_restored(hall: Site, times: int) -> bool:
    return len(await hall.column("SELECT seq FROM journal WHERE type = 'LinkRestored'")) >= times


async def _all_ready(hall: Site) -> bool:
    return set((await hall.seat_states()).values()) == {"ready"}


def _no_channel(hall: Site) -> Callable[[], Awaitable[bool]]:
    async def empty() -> bool:
        return not await hall.line_says()

    return empty
