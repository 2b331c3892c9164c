"""Which call is it, and what is said of it: whole calls, halves of calls, repeats, restarts, silence."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters import conformance
from adapters.errors import Undecodable
from adapters.freeswitch.simulated_calls import (
    CORE,
    SCRIPTS,
    TALKED,
    Headers,
    body,
    channel,
    heartbeat,
    leg,
    message,
    queue,
)
from adapters.freeswitch.trace import STALE
from adapters.telephony import (
    CallOffered,
    CallReleased,
    DeviceEvent,
    EndedBy,
    Handling,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
)
from tests.adapters.freeswitch import samples
from tests.adapters.freeswitch.hearing import BEGAN, NOON, after, call, heard, listening, script, told


def facts_of(kind: str) -> list[DeviceEvent]:
    return heard(listening(), script(kind))


def test_through_the_queue_to_the_end() -> None:
    facts = facts_of("answered")
    assert told(facts) == [
        ("CallOffered", ""),
        ("CallAnswered", ""),
        ("SeatRinging", "8001"),
        ("SeatAnswered", "8001"),
        ("SeatReleased", "8001"),
        ("CallReleased", "seat"),
    ]
    offered, answered, left = facts[0], facts[3], facts[4]
    assert isinstance(offered, CallOffered)
    assert (offered.caller, offered.dialled, offered.at) == ("13800130000", "12348", NOON)
    assert answered.at == after(8)
    assert isinstance(left, SeatReleased)
    assert left.hung_up
    assert {fact.call for fact in facts if isinstance(fact, CallOffered | CallReleased)} == {call("answered").uuid}
    assert all(getattr(fact, "handling", None) is Handling.DEVICE for fact in facts)
    conformance.events_are_facts(listening(), facts)


def test_abandoned_in_the_queue() -> None:
    facts = facts_of("abandoned")
    assert told(facts) == [("CallOffered", ""), ("CallAnswered", ""), ("CallReleased", "caller")]
    end = facts[-1]
    assert isinstance(end, CallReleased)
    assert (end.at, end.cause, end.inferred) == (after(60), "NORMAL_CLEARING", False)


def test_no_agent() -> None:
    facts = facts_of("no_agent")
    assert told(facts)[2:] == [("SeatRinging", "8001"), ("SeatDeclined", "8001"), ("CallReleased", "us")]
    declined = facts[3]
    assert isinstance(declined, SeatDeclined)
    assert (declined.reason, declined.seat_fault) == ("no_answer", False)


def test_a_ring_group_without_a_queue() -> None:
    assert told(facts_of("group")) == [
        ("CallOffered", ""),
        ("SeatRinging", "8001"),
        ("SeatRinging", "8002"),
        ("CallAnswered", ""),
        ("SeatAnswered", "8001"),
        ("SeatReleased", "8001"),
        ("CallReleased", "caller"),
    ]


def test_transferred_to_another_seat() -> None:
    assert told(facts_of("transferred"))[3:] == [
        ("SeatAnswered", "8001"),
        ("SeatReleased", "8001"),
        ("SeatRinging", "8002"),
        ("SeatAnswered", "8002"),
        ("SeatReleased", "8002"),
        ("CallReleased", "seat"),
    ]


def test_a_consultation_beside_the_call_is_no_transfer_until_they_are_joined() -> None:
    adapter, ringing = listening(), call("answered")
    heard(adapter, script("answered")[:10])
    first, second = ringing.leg("8001"), ringing.leg("8002")
    beside = {"Bridge_A_Unique_ID": first, "Bridge_B_Unique_ID": second}
    consulting = [
        (20.0, leg(ringing, "8001", "CHANNEL_HOLD", 20.0)),
        (20.0, leg(ringing, "8002", "CHANNEL_CREATE", 20.0, Other_Leg_Unique_ID=first)),
        (22.0, leg(ringing, "8002", "CHANNEL_BRIDGE", 22.0, Other_Leg_Unique_ID=first, **beside)),
    ]
    assert told(heard(adapter, consulting)) == [("LegHeld", ""), ("SeatRinging", "8002")]
    both = {"Bridge_A_Unique_ID": ringing.uuid, "Bridge_B_Unique_ID": second, "Other_Leg_Unique_ID": second}
    joined = channel(ringing, "CHANNEL_BRIDGE", 30.0, Other_Leg_Destination_Number="8002", **both)
    assert told(heard(adapter, [(30.0, joined)])) == [("SeatReleased", "8001"), ("SeatAnswered", "8002")]


def test_somebody_else_picks_it_up() -> None:
    adapter, ringing = listening(), call("group")
    heard(adapter, script("group")[:2])
    picks = {
        **leg(ringing, "8003", "CHANNEL_BRIDGE", 5.0, Bridge_A_Unique_ID=ringing.uuid),
        "Call-Direction": "inbound",
        "Caller-Caller-ID-Number": "8003",
        "Caller-Destination-Number": "*8",
    }
    assert told(heard(adapter, [(5.0, picks)])) == [("SeatAnswered", "8003")]


def test_hold_and_keys() -> None:
    adapter, ringing = listening(), call("answered")
    heard(adapter, script("answered")[:10])
    said = [
        (9.0, leg(ringing, "8001", "CHANNEL_HOLD", 9.0)),
        (9.1, leg(ringing, "8001", "CHANNEL_HOLD", 9.1)),
        (9.2, leg(ringing, "8001", "CHANNEL_UNHOLD", 9.2)),
        (9.3, channel(ringing, "DTMF", 9.3, DTMF_Digit="5")),
        (9.4, channel(ringing, "DTMF", 9.4, DTMF_Digit="x")),
        (9.5, leg(ringing, "8001", "DTMF", 9.5, DTMF_Digit="7")),
    ]
    assert told(heard(adapter, said)) == [("LegHeld", ""), ("LegResumed", ""), ("DigitsPressed", "5")]


@pytest.mark.parametrize(
    ("cause", "reason", "fault"),
    [
        ("USER_BUSY", "busy", False),
        ("CALL_REJECTED", "rejected", False),
        ("USER_NOT_REGISTERED", "unreachable", True),
        ("SOMETHING_NEW", "something_new", False),
    ],
)
def test_why_a_seat_did_not_take_it(cause: str, reason: str, fault: bool) -> None:
    adapter, ringing = listening(), call("group")
    heard(adapter, script("group")[:2])
    (fact,) = heard(adapter, [(6.0, leg(ringing, "8001", "CHANNEL_HANGUP_COMPLETE", 6.0, Hangup_Cause=cause))])
    assert isinstance(fact, SeatDeclined)
    assert (fact.seat, fact.reason, fact.seat_fault) == ("8001", reason, fault)


@pytest.mark.parametrize("kind", sorted(SCRIPTS))
def test_repeats_say_nothing_new(kind: str) -> None:
    adapter = listening()
    once = heard(adapter, script(kind))
    again = heard(adapter, script(kind))
    assert not again
    doubled = heard(listening(), [each for each in script(kind) for _ in range(2)])
    assert [fact.event_id for fact in doubled] == [fact.event_id for fact in once]


@pytest.mark.parametrize("kind", sorted(SCRIPTS))
def test_a_new_process_goes_on_where_the_old_one_was(kind: str) -> None:
    """After every event: what is kept are those that gave facts, and no others."""
    said, whole = script(kind), facts_of(kind)
    for at in range(len(said)):
        first, second = listening(), listening()
        facts, kept = list[DeviceEvent](), list[tuple[bytes, datetime]]()
        for seconds, event in said[:at]:
            found = first.decode(body(event), after(seconds)).events
            facts += found
            kept += [(body(event), after(seconds))] if found else []
        assert second.recall(kept) == len(kept)
        assert second.due == first.due
        assert facts + heard(second, said[at:]) == whole


@pytest.mark.parametrize("kind", ["abandoned", "group"])
def test_in_any_pieces_among_garbage(kind: str) -> None:
    said = script(kind)
    short = [said[0], *said[-2:]] if kind == "abandoned" else said[:2]
    conformance.hears_in_any_pieces(listening, "esl", b"".join(message(event) for _, event in short))


@pytest.mark.parametrize("kind", sorted(SCRIPTS))
def test_connected_in_mid_call(kind: str) -> None:
    """From whichever event on it is heard: one beginning, one end, and an answer if there was one."""
    said = script(kind)
    ends = next(index for index, (_, event) in enumerate(said) if event["Event-Name"] == "CHANNEL_HANGUP_COMPLETE")
    if kind == "group":
        ends = next(i for i, (_, e) in enumerate(said) if e["Event-Name"] == "CHANNEL_HANGUP_COMPLETE" and i > 6)
    for at in range(ends):
        facts = heard(listening(), said[at:])
        begun = [fact for fact in facts if isinstance(fact, CallOffered)]
        assert min(fact.at for fact in begun) == NOON, (at, told(facts))
        assert len({fact.call for fact in begun}) == 1
        assert len({fact.event_id for fact in facts}) == len(facts)
        assert [type(fact) for fact in facts].count(CallReleased) == 1, (at, told(facts))
        assert any(isinstance(fact, SeatAnswered) for fact in facts) == (kind in TALKED), (at, told(facts))


def test_only_its_end_was_heard() -> None:
    last = channel(
        call("group"),
        "CHANNEL_HANGUP_COMPLETE",
        60.0,
        Caller_Channel_Bridged_Time=str(BEGAN + 8_000_000),
        Caller_Callee_ID_Number="8004",
        variable_sip_hangup_disposition="recv_bye",
    )
    facts = heard(listening(), [(60.0, last)])
    assert told(facts) == [("CallOffered", ""), ("SeatAnswered", "8004"), ("CallReleased", "caller")]
    assert [fact.at for fact in facts] == [NOON, after(8), after(60)]


# ── ends that nobody reports ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_call_without_any_sign_is_over_after_hours() -> None:
    """signalwire/freeswitch#1973: a member stays answered for ever."""
    adapter = listening()
    heard(adapter, script("answered")[:10])
    assert adapter.due == after(8) + STALE
    assert not adapter.decode(b"", after(8) + STALE - timedelta(seconds=1)).events
    (end,) = adapter.decode(b"", after(8) + STALE).events
    assert isinstance(end, CallReleased)
    assert (end.inferred, end.cause, end.at) == (True, "silent", after(8))
    assert adapter.due is None
    assert not heard(adapter, script("answered")[10:])


def test_the_queue_says_that_the_channel_has_hung_up() -> None:
    adapter = listening()
    facts = heard(adapter, script("abandoned")[:-1])
    assert told(facts)[-1] == ("CallReleased", "caller")
    assert adapter.due is None


def test_a_parted_channel_that_has_hung_up_is_over_within_seconds() -> None:
    adapter = listening()
    heard(adapter, script("group")[:-2])
    assert adapter.due == after(70)
    (end,) = adapter.decode(b"", after(70)).events
    assert isinstance(end, CallReleased)
    assert (end.at, end.inferred) == (after(60), False)


def test_a_freeswitch_without_any_channel_has_no_calls() -> None:
    adapter = listening()
    heard(adapter, script("answered")[:10])
    assert not heard(adapter, [(9.0, heartbeat(BEGAN + 9_000_000, 0))]), "it may be older than the call"
    assert not heard(adapter, [(20.0, heartbeat(BEGAN + 20_000_000, 2))])
    (end,) = heard(adapter, [(40.0, heartbeat(BEGAN + 40_000_000, 0))])
    assert isinstance(end, CallReleased)
    assert (end.cause, end.inferred) == ("no_sessions", True)


def test_a_restarted_freeswitch_has_lost_its_calls() -> None:
    adapter = listening()
    heard(adapter, script("answered")[:10])
    (end,) = heard(adapter, [(30.0, {**heartbeat(BEGAN + 30_000_000, 5), "Core-UUID": "f" + CORE[1:]})])
    assert isinstance(end, CallReleased)
    assert (end.cause, end.inferred, end.by) == ("restarted", True, EndedBy.UNKNOWN)


# ── what is not ours, and what is published ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "event",
    [
        heartbeat(BEGAN, 0),
        {"Event-Name": "RE_SCHEDULE"},
        {"Event-Name": "CHANNEL_PARK", "Unique-ID": "x" * 36},
        {**channel(call("group"), "CHANNEL_CREATE", 0.0), "Caller-Destination-Number": "8001"},
        {**channel(call("group"), "CHANNEL_CREATE", 0.0), "Call-Direction": "outbound"},
        {**channel(call("group"), "CHANNEL_CREATE", 0.0), "Unique-ID": ""},
        {**channel(call("group"), "CHANNEL_CREATE", 0.0), "Channel-Name": "loopback/12348-a"},
        {**queue(call("answered"), "member-queue-start", 0.0), "CC-Queue": "sales@default"},
        {**queue(call("answered"), "members-count", 0.0)},
        {**queue(call("answered"), "something-new", 0.0)},
        {**queue(call("answered"), "member-queue-start", 0.0), "Event-Subclass": "sofia::register"},
        leg(call("group"), "8001", "CHANNEL_BRIDGE", 5.0),
    ],
)
def test_what_says_nothing(event: Headers) -> None:
    adapter = listening()
    assert not heard(adapter, [(0.0, event)])
    assert adapter.due is None


def test_queues_contexts_and_agents() -> None:
    adapter = listening(numbers=[], contexts=["public"], queues=["12348"], agents={"lawyer-li": "8009"})
    assert told(heard(adapter, [script("group")[0]])) == [("CallOffered", "")]
    offering = queue(call("answered"), "agent-offering", 1.0, CC_Agent="lawyer-li@default")
    joins = queue(call("answered", 1), "member-queue-start", 1.0)
    assert told(heard(adapter, [(1.0, offering)])) == [("SeatRinging", "8009")]
    assert told(heard(adapter, [(1.0, joins)])) == [("CallOffered", "")]


def test_a_seat_that_is_not_known_still_answers() -> None:
    ringing = call("group")
    to_mobile = channel(ringing, "CHANNEL_BRIDGE", 5.0, Other_Leg_Destination_Number="13912345678")
    facts = heard(listening(), [script("group")[0], (5.0, to_mobile)])
    assert told(facts) == [("CallOffered", ""), ("SeatAnswered", "")]


def test_a_number_that_comes_late() -> None:
    withheld = {**script("answered")[0][1], "Caller-Caller-ID-Number": ""}
    facts = heard(listening(), [(0.0, withheld), *script("answered")[2:3]])
    assert told(facts) == [("CallOffered", ""), ("CallerIdentified", "")]


def test_a_clock_that_was_never_set() -> None:
    adapter = listening()
    wrong = {**script("group")[0][1], "Event-Date-Timestamp": "100000000000", "Caller-Channel-Created-Time": "x"}
    delivery = adapter.decode(body(wrong), NOON)
    assert [event.at for event in delivery.events] == [NOON]
    assert delivery.repaired


def test_a_published_caller() -> None:
    when = datetime(2015, 1, 28, 18, 0, 45, tzinfo=UTC)
    (fact,) = listening(numbers=["101"]).decode(samples.CHANNEL_CREATE, when).events
    assert isinstance(fact, CallOffered)
    assert (fact.caller, fact.dialled) == ("100", "101")
    assert fact.at == datetime(2015, 1, 28, 18, 0, 44, 671081, tzinfo=UTC)
    assert fact.call == "d0b1da34-a727-11e4-9728-6f83a2e5e50a"


def test_published_queue_events() -> None:
    adapter = listening(numbers=[], queues=["support@default", "3000@default"], agents={"AgentNameHere": "1000"})
    said = (samples.QUEUE_START, samples.MEMBERS_COUNT, samples.STATE_CHANGE, samples.OFFERING)
    facts = [fact for each in said for fact in adapter.decode(each, NOON).events]
    assert told(facts) == [("CallOffered", ""), ("CallOffered", ""), ("SeatRinging", "1000")]
    assert {fact.caller for fact in facts if isinstance(fact, CallOffered)} == {"4385551212"}


def test_a_published_answered_call() -> None:
    when = datetime.fromtimestamp(1696995749, UTC)
    facts = listening(numbers=[], queues=["3000"]).decode(samples.TERMINATED, when).events
    assert told(facts) == [("CallOffered", ""), ("SeatAnswered", "1001")]
    assert [fact.at.timestamp() for fact in facts] == [1696995740.907190, 1696995745]
    assert isinstance(facts[0], CallOffered)
    assert (facts[0].caller, facts[0].dialled) == ("19083426", "3000")


# ── anything ─────────────────────────────────────────────────────────────────────────────────────────────────────────

NAMES = sorted({name for kind in SCRIPTS for _, event in script(kind) for name in event})
VALUES = sorted({value for kind in SCRIPTS for _, event in script(kind) for value in event.values()})


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(NAMES), st.one_of(st.sampled_from(VALUES), st.text(max_size=20)), min_size=3, max_size=20
        ),
        max_size=12,
    )
)
def test_whatever_is_said_is_read_or_refused(said: list[dict[str, str]]) -> None:
    adapter = listening()
    facts = list[DeviceEvent]()
    kept = list[tuple[bytes, datetime]]()
    for seconds, event in enumerate(said):
        try:
            found = adapter.decode(body(event), after(seconds)).events
        except Undecodable:
            continue
        facts += found
        kept += [(body(event), after(seconds))] if found else []
    assert all(fact.at.tzinfo is not None and fact.event_id for fact in facts)
    again = listening()
    again.recall(kept)
    assert again.due == adapter.due


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Undecodable):
        assert not listening().decode(b"\n" + data, NOON).events
