"""Each message once, whatever is lost, refused or killed; and none that should not go."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, update

from adapters.bridge import NotNow
from adapters.sms_gateway import Fate, SmsAbility, Taken, TextMessage
from hotline.messages.message import Kind
from hotline.messages.message import MessageState as S
from hotline.messages.reading import View, listed, spent
from hotline.messages.rules import Why
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import RATINGS, TICKETS
from tests.messages.kit import CITIZEN, HALL, NOON, Office

DEDUPLICATES, CAN_ASK = SmsAbility.DEDUPLICATES, SmsAbility.CAN_ASK
WAYS = pytest.mark.parametrize("abilities", [(), (DEDUPLICATES,), (CAN_ASK,), (DEDUPLICATES, CAN_ASK)])


@pytest.fixture
def office(database: Database, seal: Seal) -> Office:
    """One whose gateway neither sorts out repeats nor answers questions."""
    return Office(database, seal)


async def test_it_goes_with_number_and_code(office: Office) -> None:
    made = await office.wants()
    assert await office.courier.round() == 2
    row = await office.row(made)
    assert (row.state, row.their_id, row.segments, row.next_at, row.claim) == (S.SENT, "S0", 2, None, None)
    (sent,) = office.gateway.ledger
    assert (sent.key, sent.number) == (f"{HALL}-{row.key}", f"+86{CITIZEN}")
    assert f"编号{row.ticket}，查询码" in sent.text
    assert CITIZEN.encode() not in bytes(row.number_sealed)
    assert row.number_masked == "138****8000"
    assert await office.courier.round() == 0


async def test_asked_twice_goes_once(office: Office) -> None:
    ticket = await office.ticket()
    first = await office.wants(ticket=ticket)
    with pytest.raises(AssertionError):
        await office.wants(ticket=ticket)
    await office.until_quiet(rounds=3)
    assert [row.id for row in await office.rows()] == [first]


async def test_what_is_refused_waits_for_a_person_and_costs_nothing(office: Office) -> None:
    made = await office.wants()
    office.gateway.faults = ["refused"]
    await office.until_quiet(rounds=5)
    row = await office.row(made)
    assert (row.state, row.last_error, row.day, office.gateway.sends) == (S.REFUSED, "模板未报备。", None, 1)
    for days, waiting in ((6, [made]), (8, [])):
        async with office.engine.connect() as conn:
            now = row.created_at + timedelta(days=days)
            lines, _ = await listed(conn, HALL, View.ATTENTION, now=now, limit=10, after=None)
            day = await spent(conn, HALL, now.date(), now)
        assert ([line.id for line in lines], day.states.get(S.REFUSED, 0)) == (waiting, len(waiting))


async def test_a_gateway_that_is_down_is_tried_until_it_is_too_late(office: Office) -> None:
    made = await office.wants()
    office.gateway.is_down = True
    await office.until_quiet(rounds=3, minutes=30)
    assert (await office.row(made)).state == S.READY
    await office.until_quiet(rounds=30, minutes=360)
    row = await office.row(made)
    assert (row.state, row.day, office.gateway.keys) == (S.EXPIRED, None, [])


@WAYS
async def test_an_answer_that_is_lost(database: Database, seal: Seal, abilities: tuple[SmsAbility, ...]) -> None:
    office = Office(database, seal, *abilities)
    made = await office.wants()
    office.gateway.faults = ["answer lost"]
    await office.until_quiet(rounds=10, minutes=2)
    assert (await office.row(made)).state == (S.SENT if abilities else S.IN_DOUBT)
    assert len(office.gateway.ledger) == 1


@WAYS
@pytest.mark.parametrize("arrived", [False, True])
async def test_killed_while_sending(
    database: Database, seal: Seal, abilities: tuple[SmsAbility, ...], arrived: bool
) -> None:
    office = Office(database, seal, *abilities)
    made = await office.wants()
    office.gateway.faults = ["crash" if not arrived else "answer lost"]
    await office.courier.round()
    await office.change(made, state="ready", in_doubt_at=None, next_at=office.clock.now())
    await office.claimed_by_the_dead(made)
    office.courier = office.another()
    assert await office.courier.round() == 0  # the lease has not run out
    office.clock.later(seconds=58)  # seen within a minute
    await office.until_quiet(rounds=10, minutes=2)
    row = await office.row(made)
    if not abilities:
        assert row.state == S.IN_DOUBT
        assert len(office.gateway.ledger) == int(arrived)
    else:
        assert row.state == S.SENT
        assert len(office.gateway.ledger) == 1


async def test_what_may_have_gone_is_not_called_too_late(database: Database, seal: Seal) -> None:
    office = Office(database, seal, DEDUPLICATES)
    made = await office.wants()
    office.gateway.faults = ["answer lost"]
    await office.courier.round()
    office.gateway.is_down = True
    await office.until_quiet(rounds=30, minutes=360)
    row = await office.row(made)
    assert (row.state, row.day is None, len(office.gateway.ledger)) == (S.IN_DOUBT, False, 1)


async def test_nobody_is_disturbed_at_night(office: Office) -> None:
    office.clock.later(hours=10)  # 22:00
    made, by_hand = await office.wants(), await office.wants(by_hand=True)
    await office.until_quiet(rounds=5, minutes=1)
    assert [(await office.row(each)).state for each in (made, by_hand)] == [S.WANTED, S.SENT]
    office.clock.at = NOON + timedelta(hours=19, minutes=59)  # 07:59
    await office.courier.round()
    assert (await office.row(made)).state == S.WANTED
    office.clock.later(minutes=1)
    await office.courier.round()
    assert (await office.row(made)).state == S.SENT


async def test_written_by_day_it_does_not_go_by_night(office: Office) -> None:
    office.clock.later(hours=8, minutes=50)  # 20:50
    made = await office.wants()
    office.gateway.is_down = True
    await office.courier.round()
    office.gateway.is_down = False
    office.clock.later(minutes=15)
    await office.until_quiet(rounds=5, minutes=10)
    assert (await office.row(made)).state == S.READY
    office.clock.later(hours=11)
    await office.until_quiet(rounds=2)
    assert (await office.row(made)).state == S.SENT


async def test_what_was_settled_overnight_is_not_told(office: Office) -> None:
    office.clock.later(hours=10)
    made = await office.wants()
    row = await office.row(made)
    async with office.engine.begin() as conn:
        await conn.execute(update(TICKETS).where(TICKETS.c.number == row.ticket).values(state="merged"))
    office.clock.later(hours=11)
    await office.courier.round()
    row = await office.row(made)
    assert (row.state, row.why, office.gateway.sends) == (S.NOT_SENT, Why.SETTLED, 0)


async def test_what_would_cost_too_much_is_held(database: Database, seal: Seal) -> None:
    office = Office(database, seal, segments_a_day=5)
    made = [await office.wants(ticket=await office.ticket(f"1380013800{each}")) for each in range(4)]
    await office.until_quiet(rounds=3, minutes=1)
    rows = [await office.row(each) for each in made]
    assert [(row.state, row.why) for row in rows] == [(S.SENT, ""), (S.SENT, ""), *[(S.HELD, Why.DAY_CAP)] * 2]
    office.clock.later(days=1)
    await office.until_quiet(rounds=3, minutes=1)
    assert (await office.row(made[2])).state == S.HELD  # a person decides


async def test_nobody_gets_too_many(database: Database, seal: Seal) -> None:
    office = Office(database, seal, per_number_day=2)
    for _ in range(3):
        await office.wants()
    await office.wants(ticket=await office.ticket("13900139000"))
    await office.until_quiet(rounds=3, minutes=1)
    assert [(row.state, row.why) for row in await office.rows()] == [
        (S.SENT, ""),
        (S.SENT, ""),
        (S.HELD, Why.NUMBER_CAP),
        (S.SENT, ""),
    ]


async def test_two_couriers_break_no_cap_and_send_nothing_twice(database: Database, seal: Seal) -> None:
    office = Office(database, seal, segments_a_day=20)
    for each in range(30):
        await office.wants(ticket=await office.ticket(f"138001380{each:02d}"))
    couriers = [office.courier, office.another()]
    for _ in range(6):
        await asyncio.gather(*(each.round() for each in couriers))
    states = [row.state for row in await office.rows()]
    assert (states.count(S.SENT), states.count(S.HELD)) == (10, 20)
    assert len(office.gateway.ledger) == len(set(office.gateway.keys)) == 10


async def test_whoever_wants_none_gets_none(office: Office) -> None:
    assert await office.tells(Fate.STOP, id="r1", number=f"+86{CITIZEN}") == 1
    made = await office.wants()
    await office.until_quiet(rounds=2)
    row = await office.row(made)
    assert (row.state, row.why, office.gateway.sends) == (S.NOT_SENT, Why.DECLINED, 0)


async def test_said_no_while_it_waited(office: Office) -> None:
    made = await office.wants()
    office.gateway.is_down = True
    await office.courier.round()
    await office.tells(Fate.STOP, id="r1", number=CITIZEN)
    office.gateway.is_down = False
    await office.until_quiet(rounds=3)
    assert ((await office.row(made)).state, office.gateway.keys) == (S.NOT_SENT, [])


@pytest.mark.parametrize(("caller", "why"), [("051812345678", Why.NOT_MOBILE), (None, Why.NO_NUMBER)])
async def test_who_cannot_get_messages(office: Office, caller: str | None, why: Why) -> None:
    made = await office.wants(ticket=await office.ticket(caller))
    await office.courier.round()
    row = await office.row(made)
    assert (row.state, row.why, row.number_masked) == (S.NOT_SENT, why, "")


async def test_without_a_gateway_each_says_so(office: Office) -> None:
    made = await office.wants()
    await office.another(without=True).round()
    assert (await office.row(made)).why == Why.NO_GATEWAY


async def test_a_hall_may_do_without_some(database: Database, seal: Seal) -> None:
    office = Office(database, seal, by_itself=frozenset({Kind.RESULT}))
    made, by_hand = await office.wants(), await office.wants(by_hand=True)
    await office.until_quiet(rounds=2)
    assert [(await office.row(each)).why for each in (made, by_hand)] == [Why.SWITCHED_OFF, ""]


async def test_whoever_asked_for_secrecy_is_only_told_to_ring(office: Office) -> None:
    ticket = await office.ticket(secrecy=True, state="reviewed", result="已为您申请人身安全保护令。")
    made = [await office.wants(kind, ticket=ticket) for kind in (Kind.ACCEPTED, Kind.RESULT, Kind.RATING_LINK)]
    office.clock.later(minutes=11)
    await office.until_quiet(rounds=3)
    assert {each.text for each in office.gateway.ledger} == {"您好，请在方便时致电12348。"}
    assert [(await office.row(each)).state for each in made] == [S.SENT, S.SENT, S.NOT_SENT]
    assert all(ticket not in each.text for each in office.gateway.ledger)


async def test_the_result_is_told(office: Office) -> None:
    ticket = await office.ticket(state="reviewed", result="公司已补发工资。")
    made = await office.wants(Kind.RESULT, ticket=ticket)
    await office.courier.round()
    assert "已有办理结果：公司已补发工资。" in await office.text(made)


async def test_a_link_to_rate_by_is_told_once_the_call_is_over(office: Office) -> None:
    made = await office.wants(Kind.RATING_LINK)
    await office.courier.round()
    assert (await office.row(made)).state == S.WANTED  # most are still talking
    office.clock.later(minutes=11)
    await office.courier.round()
    assert "/rate/" in await office.text(made)


async def test_who_rated_is_not_asked_again(office: Office) -> None:
    ticket = await office.ticket()
    made = await office.wants(Kind.RATING_LINK, ticket=ticket)
    at = office.clock.now()
    row = {"hall": HALL, "call": "city-000000001", "ticket": ticket, "way": "key", "asked_at": at, "at": at}
    async with office.engine.begin() as conn:
        await conn.execute(insert(RATINGS).values(**row, changed_at=at, satisfied=True, attitude=5))
    office.clock.later(minutes=11)
    await office.courier.round()
    assert (await office.row(made)).why == Why.NO_RATING


async def test_receipts_come_late_twice_and_in_any_order(office: Office) -> None:
    made = await office.wants()
    await office.courier.round()
    key = office.gateway.keys[0]
    assert await office.tells(Fate.DELIVERED, id="r1", key=key, their_id="S0", code="DELIVRD") == 1
    assert await office.tells(Fate.DELIVERED, id="r1", key=key) == 0
    assert await office.tells(Fate.FAILED, id="r2", key=key) == 1  # kept, and changes nothing
    row = await office.row(made)
    assert (row.state, row.receipt_code) == (S.DELIVERED, "DELIVRD")
    assert await office.tells(Fate.DELIVERED, id="r3", key="nobody's") == 1


async def test_a_receipt_settles_what_nobody_knew(office: Office) -> None:
    made = await office.wants()
    office.gateway.faults = ["answer lost"]
    await office.courier.round()
    assert (await office.row(made)).state == S.IN_DOUBT
    await office.tells(Fate.FAILED, id="r1", key=office.gateway.keys[0], code="MK:0001")
    assert (await office.row(made)).state == S.UNDELIVERED


async def test_a_gateway_that_fails_is_left_alone_for_a_while(office: Office) -> None:
    for each in range(20):
        await office.wants(ticket=await office.ticket(f"138001380{each:02d}"))
    office.gateway.is_down = True
    await office.courier.round()
    before = office.gateway.sends
    office.clock.later(seconds=3)
    await office.courier.round()
    assert office.gateway.sends == before
    office.clock.later(seconds=10)
    await office.courier.round()
    assert office.gateway.sends == before + 1, "one shows whether it is back"
    office.gateway.is_down = False
    await office.until_quiet(rounds=60, minutes=1)
    assert len(office.gateway.ledger) == len(set(office.gateway.keys)) == 20


async def test_who_asks_for_a_thousand_years_of_patience_gets_an_hour(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await office.wants()

    async def busy(message: TextMessage) -> Taken:
        raise NotNow("短信网关暂时不收。", after_seconds=1e15)

    monkeypatch.setattr(office.gateway, "send", busy)
    await office.courier.round()
    row = await office.row(made)
    assert (row.state, row.claim) == (S.READY, None)
    assert row.next_at <= office.clock.now() + timedelta(hours=2)


async def test_what_cannot_be_opened_is_shown_and_keeps_nobody_waiting(office: Office) -> None:
    unwritten, unsent, whole = await office.wants(by_hand=True), await office.wants(), await office.wants()
    await office.change(unwritten, wish_sealed=b"another key")
    office.gateway.is_down = True
    await office.courier.round()
    await office.change(unsent, text_sealed=b"another key")
    office.gateway.is_down = False
    await office.until_quiet(rounds=3, minutes=1)
    assert [(await office.row(each)).state for each in (unwritten, unsent, whole)] == [S.WANTED, S.REFUSED, S.SENT]
    assert "密钥文件" in (await office.row(unwritten)).last_error
    assert "密钥文件" in (await office.row(unsent)).last_error


async def test_a_fault_of_ours_while_asking_ends_nothing(
    database: Database, seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(database, seal, CAN_ASK)
    made = await office.wants()
    office.gateway.faults = ["answer lost"]
    await office.courier.round()

    async def asked(key: str) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(office.gateway, "ask", asked)
        other = await office.wants()
        await office.courier.round()
    assert ((await office.row(made)).state, (await office.row(other)).state) == (S.IN_DOUBT, S.SENT)


async def test_who_says_no_too_early_is_not_believed(database: Database, seal: Seal) -> None:
    office = Office(database, seal, CAN_ASK)
    made = await office.wants()
    office.gateway.faults = ["lost before"]
    await office.courier.round()
    await office.courier.round()
    assert ((await office.row(made)).state, office.gateway.sends) == (S.IN_DOUBT, 1)  # they may still be at it
    office.clock.later(seconds=61)
    await office.until_quiet(rounds=3, minutes=1)
    assert ((await office.row(made)).state, office.gateway.sends) == (S.SENT, 2)


async def test_a_look_at_what_was_left_behind_does_not_grow_with_what_went(office: Office) -> None:
    for each in range(3):
        await office.wants(ticket=await office.ticket(f"138001380{each:02d}"))
    await office.until_quiet(rounds=2)
    said: list[str] = []

    def keep(*args: Any) -> None:
        if "claimed_until <" in str(args[2]):
            said.append(str(args[2]))

    event.listen(office.engine.sync_engine, "before_cursor_execute", keep)
    try:
        await office.courier.round()
    finally:
        event.remove(office.engine.sync_engine, "before_cursor_execute", keep)
    (looked,) = said
    assert "messages.state =" in looked


@pytest.mark.parametrize(("fault", "state"), [("", S.SENT), ("down", S.READY)])
async def test_what_came_of_a_send_is_kept_while_the_database_is_away(office: Office, fault: str, state: S) -> None:
    made = await office.wants()
    office.gateway.faults = [fault]
    failed: list[str] = []

    def away(*args: Any) -> None:
        if office.gateway.sends and not failed:
            failed.append(args[2])
            raise ConnectionResetError

    event.listen(office.engine.sync_engine, "before_cursor_execute", away)
    try:
        await office.courier.round()
    finally:
        event.remove(office.engine.sync_engine, "before_cursor_execute", away)
    row = await office.row(made)
    assert failed
    assert (row.state, row.claim) == (state, None)
