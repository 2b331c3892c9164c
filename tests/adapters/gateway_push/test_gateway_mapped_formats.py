"""The XML example and the key=value example of a mapping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from gateway_samples import MAPPINGS
from mapped_samples import AT, HEARD

from adapters.errors import Undecodable
from adapters.telephony import (
    CallOffered,
    CallReleased,
    PortFault,
    PortRestored,
    SeatAnswered,
    SeatDeclined,
    SeatRinging,
)


def notify(inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="GBK"?><n:Notify xmlns:n="urn:b" sn="B2">{inner}</n:Notify>'.encode()


def leg(kind: str, leg: int = 1, ext: str = "SIP/8001", reason: str = "") -> bytes:
    parts = f'<Call id="4711" leg="{leg}"/><From>013800138000</From><To>12348</To><Ext>{ext}</Ext>'
    return notify(f'<Event type="{kind}">{parts}<Reason>{reason}</Reason></Event>')


CDR = (
    '<Cdr direction="incoming"><Call id="4711"/><From>013800138000</From><To>12348</To><Ext>SIP/8001</Ext>'
    "<Begin>2026/11/21 10:12:00</Begin><Total>0:00:50</Total><Talk>42</Talk><Reason>16</Reason></Cdr>"
)


def test_a_call_of_the_xml_example(mapped):
    target = mapped("xml")
    bodies = [leg("ALERT"), leg("NOANSWER", reason="timeout"), leg("ALERT", 2), leg("CONNECT", 2), leg("END")]
    told = [target.decode(body, HEARD) for body in bodies]
    assert [[type(fact) for fact in delivery.events] for delivery in told] == [
        [CallOffered, SeatRinging],
        [SeatDeclined],
        [CallOffered, SeatRinging],
        [SeatAnswered],
        [CallReleased],
    ]
    facts = [fact for delivery in told for fact in delivery.events]
    assert {fact.call for fact in facts} == {"B2-4711"}
    assert {fact.at for fact in facts} == {HEARD}
    assert (facts[0].caller, facts[1].seat, facts[2].reason) == ("13800138000", "8001", "timeout")
    # Two rings of one seat are two, the one offer of the call is one.
    assert len({fact.event_id for fact in facts}) == len(facts) - 1


def test_the_record_of_the_xml_example_counts_back_from_its_durations(mapped):
    facts = mapped("xml").decode(notify(CDR), HEARD).events
    start = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
    assert [(type(fact), (fact.at - start).total_seconds()) for fact in facts] == [
        (CallOffered, 0),
        (SeatAnswered, 8),
        (CallReleased, 50),
    ]
    assert (facts[1].seat, facts[2].cause) == ("8001", "16")


def test_other_records_and_signs_of_life_say_nothing(mapped):
    for inner in (CDR.replace("incoming", "outgoing"), "<Alive>1</Alive>"):
        delivery = mapped("xml").decode(notify(inner), HEARD)
        assert (delivery.events, delivery.refused) == ([], [])


def test_a_line_out_of_order_and_back(mapped):
    target = mapped("xml")
    (fault,) = target.decode(notify('<Line no="3" state="down">无回路</Line>'), HEARD).events
    (back,) = target.decode(notify('<Line no="3" state="up"/>'), HEARD + timedelta(minutes=1)).events
    assert (type(fault), fault.port, fault.detail) == (PortFault, 3, "无回路")
    assert (type(back), back.port, back.detail) == (PortRestored, 3, "")
    repeat = target.decode(notify('<Line no="3" state="down">无回路</Line>'), HEARD + timedelta(seconds=1)).events[0]
    assert repeat.event_id == fault.event_id
    refused = target.decode(notify('<Line state="down"/>'), HEARD).refused
    assert [item.reason for item in refused] == ["port is missing"]


def test_of_two_elements_of_one_name_the_first_counts(mapped):
    body = leg("CONNECT").replace(b"<Ext>", b"<Ext>8009</Ext><Ext>")
    assert mapped("xml").decode(body, HEARD).events[0].seat == "8009"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Notify>",
        b"{}",
        b"<a>" * 40 + b"</a>" * 40,
        b'<!DOCTYPE x [<!ENTITY a "b">]><Notify>&a;</Notify>',
        b"<Notify>\x00</Notify>",
    ],
)
def test_bodies_that_are_no_xml_of_ours(mapped, body):
    with pytest.raises(Undecodable):
        mapped("xml").decode(body, HEARD)


# ── key=value ────────────────────────────────────────────────────────────────────────────────────────────────────────


def form(action: str, **more: str) -> bytes:
    known = {"action": action, "callid": "20261121-0042", "caller": "13800138000", "callee": "12348"}
    return urlencode(known | more).encode()


def test_the_pushes_printed_in_the_form_example(mapped):
    text = (MAPPINGS / "form-example.toml").read_text("utf-8")
    bodies = [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#   action")]
    told = [mapped("form").decode(body.encode(), HEARD).events for body in bodies]
    assert [[type(fact) for fact in facts] for facts in told] == [
        [CallOffered],
        [CallOffered, SeatAnswered, CallReleased],
    ]
    assert told[0][0].at == AT.replace(microsecond=0)
    assert {fact.call for facts in told for fact in facts} == {"20261121-0042"}


def test_the_end_and_the_talk_are_enough_for_a_record(mapped):
    body = form("bill", type="in", agent="8001", talktime="93", endtime="1795227180", result="0")
    facts = mapped("form").decode(body, HEARD).events
    end = datetime(2026, 11, 21, 2, 13, 0, tzinfo=UTC)
    assert [(type(fact), (end - fact.at).total_seconds()) for fact in facts] == [
        (CallOffered, 93),
        (SeatAnswered, 93),
        (CallReleased, 0),
    ]
    facts = mapped("form").decode(form("bill", type="in", agent="8001", talktime="0", endtime="1795227180"), HEARD)
    assert [type(fact) for fact in facts.events] == [CallOffered, CallReleased]


def test_a_talk_that_no_seat_had_is_no_answer(mapped):
    """An announcement or a mailbox took the call."""
    facts = mapped("form").decode(form("bill", type="in", talktime="93", endtime="1795227180"), HEARD).events
    assert [type(fact) for fact in facts] == [CallOffered, CallReleased]


def test_a_gateway_that_never_names_a_seat_still_has_answered_calls(mapped):
    target = mapped(
        "form", ('seat = "agent"\n', ""), ('[[events]]\nwhen = { action = "agent_ring" }\nsay = "seat.ringing"', "")
    )
    for body in (form("agent_answer"), form("bill", type="in", talktime="93", endtime="1795227180")):
        answered = [fact for fact in target.decode(body, HEARD).events if isinstance(fact, SeatAnswered)]
        assert [fact.seat for fact in answered] == [None]


def test_a_last_rule_without_conditions_takes_the_rest(mapped):
    delivery = mapped("form").decode(form("bill", type="out"), HEARD)
    assert (delivery.events, delivery.refused) == ([], [])


def test_the_same_as_lines_with_a_blank_line_between_events(mapped):
    blocks = [form("incoming"), form("agent_answer", agent="8001")]
    body = b"\r\n\r\n".join(block.replace(b"&", b"\r\n") for block in blocks) + b"\r\n"
    facts = mapped("form", ('format = "form"', 'format = "lines"')).decode(body, HEARD).events
    assert [type(fact) for fact in facts] == [CallOffered, SeatAnswered]


@pytest.mark.parametrize("body", [b"", b"hello", b"&".join(b"a=1" for _ in range(1001)), b"\xff\xff"])
def test_bodies_that_are_no_keys_and_values(mapped, body):
    with pytest.raises(Undecodable):
        mapped("form").decode(body, HEARD)
    with pytest.raises(Undecodable):
        mapped("form", ('format = "form"', 'format = "lines"')).decode(body.replace(b"&", b"\n"), HEARD)
