"""Delivered once in effect: whatever is lost, repeated, refused or killed on the way."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, update

from adapters.bridge import BridgeAbility, HandoverPackage, NewsKind, NotNow, Receipt
from hotline.handovers.claims import Claims
from hotline.handovers.handover import HandoverState as S
from hotline.handovers.pace import LONGEST_REST, REST, TRIPS
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import HANDOVERS
from tests.handovers.kit import HALL, Office
from tests.handovers.other import BRIDGE

DEDUPLICATES, CAN_ASK = BridgeAbility.DEDUPLICATES, BridgeAbility.CAN_ASK
WAYS = pytest.mark.parametrize("abilities", [(), (DEDUPLICATES,), (CAN_ASK,), (DEDUPLICATES, CAN_ASK)])


@pytest.fixture
def office(database: Database, seal: Seal) -> Office:
    """One whose other side neither sorts out repeats nor answers questions."""
    return Office(database, seal)


async def test_it_arrives_with_their_number(office: Office) -> None:
    made = await office.hand_over(await office.ticket())
    assert await office.courier.round() == 1
    row = await office.row(made)
    assert (row.state, row.their_no, row.next_at, row.claim) == (S.ACKNOWLEDGED, "12345-0", None, None)
    assert await office.told(made) == ["prepared", "acknowledge"]
    assert await office.courier.round() == 0


async def test_what_goes_along_is_sealed(office: Office) -> None:
    made = await office.hand_over(await office.ticket())
    assert b"13800138000" not in bytes((await office.row(made)).package_sealed)


async def test_what_is_refused_waits_for_a_person(office: Office) -> None:
    made = await office.hand_over(await office.ticket())
    office.other.faults = ["refused"]
    await office.until_quiet(rounds=5)
    row = await office.row(made)
    assert (row.state, row.last_error, office.other.sends) == (S.FAILED, "字段不全。", 1)


async def test_a_peer_that_is_down_is_tried_for_three_days(office: Office) -> None:
    made = await office.hand_over(await office.ticket())
    office.other.is_down = True
    await office.until_quiet(rounds=3, minutes=30)
    assert (await office.row(made)).state == S.PREPARED
    await office.until_quiet(rounds=200, minutes=60)
    row = await office.row(made)
    assert (row.state, row.last_error) == (S.FAILED, "三天内未能送达：对方没有应答。")
    assert office.other.ledger == []


@WAYS
async def test_an_acknowledgement_that_is_lost_after_the_effect(
    database: Database, seal: Seal, abilities: tuple[BridgeAbility, ...]
) -> None:
    office = Office(database, seal, *abilities)
    made = await office.hand_over(await office.ticket())
    office.other.faults = ["ack lost"]
    await office.courier.round()
    if not abilities:
        row = await office.row(made)
        assert (row.state, row.in_doubt_at) == (S.IN_DOUBT, office.clock.now())  # a person sees it at once
        await office.until_quiet(rounds=10)
        assert (await office.row(made)).state == S.IN_DOUBT
    else:
        await office.until_quiet(rounds=10)
        assert (await office.row(made)).state == S.ACKNOWLEDGED
    assert len(office.other.ledger) == 1


@WAYS
@pytest.mark.parametrize("arrived", [False, True])
async def test_killed_while_sending(
    database: Database, seal: Seal, abilities: tuple[BridgeAbility, ...], arrived: bool
) -> None:
    office = Office(database, seal, *abilities)
    ticket = await office.ticket()
    made = await office.hand_over(ticket)
    await office.claimed_by_the_dead(made)
    if arrived:
        office.other.ledger.append(f"{ticket}-{BRIDGE}-1")
    office.courier = office.another()
    assert await office.courier.round() == 0  # the lease has not run out
    office.clock.later(seconds=121)
    await office.until_quiet(rounds=10)
    row = await office.row(made)
    if not abilities:
        assert row.state == S.IN_DOUBT
        assert len(office.other.ledger) == int(arrived)
    else:
        assert row.state == S.ACKNOWLEDGED
        assert len(office.other.ledger) == 1


async def test_a_fault_of_ours_leaves_it_in_doubt(office: Office) -> None:
    made = await office.hand_over(await office.ticket())
    office.other.faults = ["crash"]
    await office.courier.round()
    assert (await office.row(made)).state == S.IN_DOUBT


async def test_of_one_ticket_in_order(office: Office) -> None:
    one, other = await office.ticket(), await office.ticket()
    made = [await office.hand_over(one, 1), await office.hand_over(one, 2), await office.hand_over(other)]
    office.other.faults = ["ack lost"]
    await office.until_quiet(rounds=10)
    assert [(await office.row(each)).state for each in made] == [S.IN_DOUBT, S.PREPARED, S.ACKNOWLEDGED]
    assert await office.tells(NewsKind.ACKNOWLEDGED, id="n1", key=f"{one}-{BRIDGE}-1", their_no="X-1") == 1
    await office.until_quiet(rounds=3)
    assert [(await office.row(each)).state for each in made] == [S.ACKNOWLEDGED] * 3
    assert office.other.ledger == [f"{one}-{BRIDGE}-1", f"{other}-{BRIDGE}-1", f"{one}-{BRIDGE}-2"]


async def test_a_way_that_fails_is_left_alone_for_a_while(office: Office) -> None:
    for _ in range(20):
        await office.hand_over(await office.ticket())
    office.other.is_down = True
    await office.courier.round()
    assert office.other.sends >= TRIPS
    before = office.other.sends
    office.clock.later(seconds=REST.total_seconds() / 2)
    await office.courier.round()
    assert office.other.sends == before
    office.clock.later(seconds=REST.total_seconds())
    await office.courier.round()
    assert office.other.sends == before + 1  # one, to see
    office.other.is_down = False
    await office.until_quiet(rounds=60)
    assert len(office.other.ledger) == len(set(office.other.ledger)) == 20


async def test_two_couriers_never_carry_the_same(office: Office) -> None:
    for _ in range(30):
        await office.hand_over(await office.ticket())
    other = office.another()
    for _ in range(5):
        await office.courier.round()
        await other.round()
    assert len(office.other.ledger) == len(set(office.other.ledger)) == 30


async def test_news_in_any_order_once(office: Office) -> None:
    ticket = await office.ticket()
    made = await office.hand_over(ticket)
    about = {"key": f"{ticket}-{BRIDGE}-1", "their_no": "A-1"}
    assert await office.tells(NewsKind.ACCEPTED, id="n2", **about) == 1  # before our own send was settled
    await office.courier.round()
    assert (await office.row(made)).state == S.ACCEPTED
    assert office.other.ledger == []  # theirs already: nothing is sent any more
    assert await office.tells(NewsKind.ACCEPTED, id="n2", **about) == 0
    assert await office.tells(NewsKind.ACKNOWLEDGED, id="n1", **about) == 1  # late: changes nothing
    assert await office.tells(NewsKind.DONE, id="n3", text="已修复。", **about) == 1
    row = await office.row(made)
    assert (row.state, row.result, row.their_no) == (S.DONE, "已修复。", "A-1")


async def test_returned_with_the_reason(office: Office) -> None:
    ticket = await office.ticket()
    made = await office.hand_over(ticket)
    await office.courier.round()
    assert await office.tells(NewsKind.RETURNED, id="n1", their_no="12345-0", text="不属于受理范围。") == 1
    row = await office.row(made)
    assert (row.state, row.return_reason) == (S.RETURNED, "不属于受理范围。")
    assert await office.tells(NewsKind.FEEDBACK, id="n2", local_no=ticket, text="已电话告知。") == 1
    assert (await office.row(made)).state == S.RETURNED


async def test_news_about_nothing_of_ours_are_kept(office: Office) -> None:
    assert await office.tells(NewsKind.ACCEPTED, id="n1", their_no="Z-9") == 1
    assert await office.tells(NewsKind.ACCEPTED, id="n1", their_no="Z-9") == 0


async def test_in_doubt_for_three_days_is_still_in_doubt(database: Database, seal: Seal) -> None:
    """They sort out repeats, but never say so: it may well be there."""
    office = Office(database, seal, DEDUPLICATES)
    made = await office.hand_over(await office.ticket())
    office.other.faults = ["ack lost"] * 300
    await office.until_quiet(rounds=200, minutes=60)
    assert (await office.row(made)).state == S.IN_DOUBT
    assert len(office.other.ledger) == 1


async def test_when_the_way_is_back_nothing_waits_out_its_pause(office: Office) -> None:
    made = [await office.hand_over(await office.ticket()) for _ in range(3)]
    office.other.is_down = True
    for _ in range(40):
        await office.courier.round()
        office.clock.later(minutes=2)
    pauses = [(await office.row(each)).next_at for each in made]
    assert max(pauses) > office.clock.now() + LONGEST_REST
    office.other.is_down = False
    office.clock.later(seconds=LONGEST_REST.total_seconds())
    await office.courier.round()
    await office.courier.round()
    assert [(await office.row(each)).state for each in made] == [S.ACKNOWLEDGED] * 3


async def test_what_cannot_be_opened_is_shown_and_keeps_nobody_waiting(office: Office) -> None:
    broken, whole = await office.hand_over(await office.ticket()), await office.hand_over(await office.ticket())
    async with office.engine.begin() as conn:
        await conn.execute(update(HANDOVERS).where(HANDOVERS.c.id == broken).values(package_sealed=b"another key"))
    await office.courier.round()
    assert ((await office.row(broken)).state, (await office.row(whole)).state) == (S.FAILED, S.ACKNOWLEDGED)


async def test_a_fault_of_ours_while_asking_ends_nothing(
    database: Database, seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(database, seal, CAN_ASK)
    made = await office.hand_over(await office.ticket())
    office.other.faults = ["ack lost"]
    await office.courier.round()

    async def asked(key: str) -> None:
        raise RuntimeError("a bug of the bridge")

    with monkeypatch.context() as patch:
        patch.setattr(office.other, "ask", asked)
        await office.courier.round()
    assert (await office.row(made)).state == S.IN_DOUBT
    await office.until_quiet(rounds=5)
    assert (await office.row(made)).state == S.ACKNOWLEDGED


async def test_news_that_overtake_the_answer_do_not_cost_its_number(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await office.ticket()
    made = await office.hand_over(ticket)

    async def quick(package: HandoverPackage, *, again: bool = False) -> Receipt:
        await office.tells(NewsKind.ACCEPTED, id="n1", key=package.key)
        return Receipt(at=office.clock.now(), digest="d", their_no="12345-7")

    monkeypatch.setattr(office.other, "send", quick)
    await office.courier.round()
    row = await office.row(made)
    assert (row.state, row.their_no, row.digest) == (S.ACCEPTED, "12345-7", "d")


async def test_a_number_that_comes_late_is_taken_over(office: Office) -> None:
    ticket = await office.ticket()
    made = await office.hand_over(ticket)
    office.other.faults = ["no number"]
    await office.courier.round()
    await office.tells(NewsKind.ACCEPTED, id="n1", key=f"{ticket}-{BRIDGE}-1")
    await office.tells(NewsKind.ACKNOWLEDGED, id="n2", key=f"{ticket}-{BRIDGE}-1", their_no="12345-7")
    row = await office.row(made)
    assert (row.state, row.their_no) == (S.ACCEPTED, "12345-7")


async def test_what_arrived_is_known_although_somebody_else_doubted_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was held up for longer than its claim: another one has given it up meanwhile."""
    made = await office.hand_over(await office.ticket())

    async def held_up(package: HandoverPackage, *, again: bool = False) -> Receipt:
        office.clock.later(seconds=60)
        await office.another().round()
        assert (await office.row(made)).state == S.IN_DOUBT
        return Receipt(at=office.clock.now(), digest="d", their_no="12345-7")

    monkeypatch.setattr(office.other, "send", held_up)
    await office.courier.round()
    row = await office.row(made)
    assert (row.state, row.their_no, row.last_error) == (S.ACKNOWLEDGED, "12345-7", "")


async def test_who_asks_for_a_thousand_years_of_patience_gets_an_hour(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await office.hand_over(await office.ticket())

    async def busy(package: HandoverPackage, *, again: bool = False) -> Receipt:
        raise NotNow("对方暂时不收。", after_seconds=1e15)

    monkeypatch.setattr(office.other, "send", busy)
    await office.courier.round()
    row = await office.row(made)
    assert (row.state, row.claim) == (S.PREPARED, None)
    assert row.next_at <= office.clock.now() + timedelta(hours=2)


async def test_who_does_not_answer_questions_holds_up_nobody(
    database: Database, seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(database, seal, CAN_ASK)
    doubtful = await office.hand_over(await office.ticket())
    office.other.faults = ["ack lost"]
    await office.courier.round()
    asked = asyncio.Event()

    async def silent(key: str) -> None:
        asked.set()
        await asyncio.sleep(3600)

    monkeypatch.setattr(office.other, "ask", silent)
    running = asyncio.create_task(office.courier.run())
    try:
        async with asyncio.timeout(10):
            await asked.wait()
            made = await office.hand_over(await office.ticket())
            office.courier.wake()
            while (await office.row(made)).state != S.ACKNOWLEDGED:
                await asyncio.sleep(0.05)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert (await office.row(doubtful)).state == S.IN_DOUBT


async def test_a_claim_that_was_never_sent_is_no_doubt_however_often_the_database_goes(office: Office) -> None:
    made = await office.hand_over(await office.ticket())
    gone: list[str] = []

    def away(conn: Connection) -> None:
        gone.append("commit")
        raise ConnectionResetError

    engine = office.engine.sync_engine
    claims = Claims(office.engine, hall=HALL, bridge=BRIDGE)
    rows = await claims.take(office.clock.now(), 8, way_is_back=False, probing=False)
    claims._unsent.add(rows[0].claim)  # pyright: ignore[reportPrivateUsage]  # its commit was never answered
    event.listen(engine, "commit", away)
    try:
        with pytest.raises(ConnectionResetError):
            await claims.left_behind(office.clock.now(), [])
    finally:
        event.remove(engine, "commit", away)
    office.clock.later(seconds=60)
    assert await claims.left_behind(office.clock.now(), []) == []
    row = await office.row(made)
    assert (row.claim, row.tries, gone) == (None, 0, ["commit"])
