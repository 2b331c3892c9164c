"""What people do with hand-overs, and what goes along."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, update

from adapters.bridge import BridgeAbility, Missing, NewsKind
from adapters.handover_package import LegalBasis, Mode
from hotline.handovers.desk import HandoverDesk
from hotline.handovers.handover import HandoverRefused
from hotline.handovers.handover import HandoverState as S
from hotline.handovers.preparing import FromHall, HandoverNotPossible, Person, Wish, prepare
from hotline.handovers.reading import counted
from hotline.handovers.records import Records, open_package
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import TICKETS, UNITS
from tests.handovers.kit import HALL, Office

PERSON = Person(account="acc-1", name="张三", work_number="1001")
AGREED = Wish(mode=Mode.TICKET_FLOW, legal_basis=LegalBasis.CONSENT, consent=True)


@pytest.fixture
def office(database: Database, seal: Seal) -> Office:
    return Office(database, seal)


async def does(office: Office, what: str, *args: object) -> None:
    async with office.engine.begin() as conn:
        records = Records(conn, hall=HALL, now=office.clock.now(), actor="acc-1")
        await getattr(HandoverDesk(records), what)(*args)


async def sent(office: Office, wish: Wish = AGREED, ticket: str = "") -> int:
    """A hand-over by a person; its id."""
    number = ticket or await office.ticket()
    async with office.engine.begin() as conn:
        values = {"facts": "路灯不亮三天。", "claim": "请修复。", "region": "城东区", "secrecy": True}
        await conn.execute(update(TICKETS).where(TICKETS.c.number == number).values(**values))
        package = await prepare(
            conn,
            office.seal,
            office.other,
            wish,
            at=FromHall(hall=HALL, label="市厅", telephone="0571-12348"),
            ticket=number,
            person=PERSON,
            now=office.clock.now(),
        )
        return await Records(conn, hall=HALL, now=office.clock.now()).add(office.seal, package, by=PERSON.account)


async def test_what_goes_along(office: Office) -> None:
    east = {"hall": HALL, "code": "east", "kind": "county_centre", "name": "城东中心", "area": "330191"}
    async with office.engine.begin() as conn:
        await conn.execute(insert(UNITS).values(**east, area_name="城东区", valid_from=office.clock.now()))
    made = await sent(office)
    row = await office.row(made)
    package = open_package(office.seal, row)
    assert package.area_code == "330191"
    assert (package.facts, package.area, package.first_receiver) == ("路灯不亮三天。", "城东区", "市厅")
    assert package.confidential
    assert package.consent is not None
    assert package.consent.asked_by == "1001 张三"
    assert package.confirmed is None
    assert package.sent_by.telephone == "0571-12348"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish(mode=Mode.TICKET_FLOW, legal_basis=LegalBasis.CONSENT), "handover_basis"),
        (Wish(mode=Mode.TICKET_FLOW, legal_basis=LegalBasis.STATUTORY_DUTY, legal_note=" "), "handover_basis"),
    ],
)
async def test_not_without_a_legal_basis(office: Office, wish: Wish, code: str) -> None:
    with pytest.raises(HandoverNotPossible) as no:
        await sent(office, wish)
    assert no.value.code == code


async def test_what_the_receiver_misses_is_said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.other, "check", lambda package: [Missing("caller_name", "请填写来电人姓名。")])
    with pytest.raises(HandoverNotPossible) as no:
        await sent(office)
    assert (no.value.code, no.value.missing[0].field) == ("handover_incomplete", "caller_name")


async def test_not_twice_at_a_time_and_not_more_than_twice_returned(office: Office) -> None:
    ticket = await office.ticket()
    for turn in (1, 2):
        made = await sent(office, ticket=ticket)
        with pytest.raises(HandoverNotPossible) as no:
            await sent(office, ticket=ticket)
        assert no.value.code == "handover_open"
        await office.courier.round()
        number = (await office.row(made)).their_no
        await office.tells(NewsKind.RETURNED, id=f"n{turn}", their_no=number, text="不属于受理范围。")
    with pytest.raises(HandoverNotPossible) as no:
        await sent(office, ticket=ticket)
    assert no.value.code == "handover_returned_often"
    assert len(set(office.other.ledger)) == 2


async def test_a_person_settles_a_doubt(office: Office) -> None:
    arrived, lost = await sent(office), await sent(office)
    office.other.faults = ["ack lost", "ack lost"]
    await office.courier.round()
    await does(office, "arrived", arrived, "12345-7", "已电话核实")
    there = await office.row(arrived)
    assert (there.state, there.their_no, there.last_error) == (S.ACKNOWLEDGED, "12345-7", "")
    await does(office, "not_arrived", lost, "对方没有收到")
    row = await office.row(lost)
    assert (row.state, row.again) == (S.PREPARED, True)
    await office.courier.round()
    assert (await office.row(lost)).state == S.ACKNOWLEDGED


async def test_what_failed_is_tried_again_for_another_three_days(office: Office) -> None:
    made = await sent(office)
    office.other.faults = ["refused"]
    await office.courier.round()
    office.clock.later(days=10)
    await does(office, "retry", made, "已补充字段")
    office.other.faults = ["down"]
    await office.courier.round()
    assert (await office.row(made)).state == S.PREPARED
    office.clock.later(minutes=5)
    await office.courier.round()
    assert (await office.row(made)).state == S.ACKNOWLEDGED
    with pytest.raises(HandoverRefused):
        await does(office, "retry", made, "再来一次")


async def test_withdrawn_unless_it_is_on_its_way(office: Office) -> None:
    made, flying = await sent(office), await sent(office)
    await office.claimed_by_the_dead(flying)
    await does(office, "withdraw", made, "来电人撤回")
    with pytest.raises(HandoverRefused):
        await does(office, "withdraw", flying, "来电人撤回")
    await office.courier.round()
    assert office.other.ledger == []
    assert (await office.row(made)).state == S.WITHDRAWN


async def test_what_they_said_on_the_telephone(database: Database, seal: Seal) -> None:
    office = Office(database, seal, BridgeAbility.CARRIES_FILE)
    made = await sent(office)
    office.other.faults = ["no number"]
    await office.courier.round()
    assert (await office.row(made)).state == S.SENT
    await does(office, "told", made, NewsKind.ACCEPTED, "王警官电话告知已受理", "J-1")
    await does(office, "told", made, NewsKind.DONE, "已处置")
    row = await office.row(made)
    assert (row.state, row.their_no, row.result) == (S.DONE, "J-1", "已处置")
    with pytest.raises(HandoverRefused):
        await does(office, "told", made, NewsKind.RETURNED, "退回")


async def test_what_they_acknowledged_on_the_telephone_and_left_lying_is_seen(office: Office) -> None:
    made = await sent(office)
    office.other.faults = ["refused"]
    await office.courier.round()
    await does(office, "told", made, NewsKind.ACKNOWLEDGED, "电话告知已登记", "J-1")
    office.clock.later(hours=25)
    async with office.engine.connect() as conn:
        assert (await counted(conn, HALL, office.clock.now())).undecided == 1
