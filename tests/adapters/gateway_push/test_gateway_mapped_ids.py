"""What a gateway that gives its events no id needs: made ids that are the same in a repeat and differ otherwise."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from mapped_samples import HEARD, event, pushed

from adapters.gateway_push.adapter import GatewayPush
from adapters.telephony import CallFact

WITHOUT_ID = ('id = "eid"', "")
WITHOUT_TIME = ('at = "time"', "")


def ids(target: GatewayPush, *events: object, after: float = 0) -> list[str]:
    return [fact.event_id for fact in target.decode(pushed(*events), HEARD + timedelta(seconds=after)).events]


@pytest.mark.parametrize("name", ["RING", "ANSWER", "REJECT", "HOLD", "KEY", "HANGUP", "RECORDED", "CDR"])
@pytest.mark.parametrize("changes", [[], [WITHOUT_ID], [WITHOUT_ID, WITHOUT_TIME]], ids=["id", "time", "neither"])
def test_a_repeat_has_the_same_ids(mapped, name, changes):
    target = mapped("json", *changes)
    sent = event(name, key="1", file="a.wav", cdr={"begin": "2026-11-21 10:12:00"})
    assert ids(target, sent) == ids(target, sent, after=3)
    if WITHOUT_TIME not in changes:
        assert ids(target, sent) == ids(target, sent, after=3600)


def test_without_an_id_another_time_is_another_event(mapped):
    target = mapped("json", WITHOUT_ID)
    later = 1795227195120
    for name in ("ANSWER", "HOLD", "KEY"):
        assert ids(target, event(name, key="1")) != ids(target, event(name, key="1", time=later))
    # These happen once in a call: a gateway that stamps each attempt anew is still understood.
    assert ids(target, event("HANGUP")) == ids(target, event("HANGUP", time=later))
    assert ids(target, event("RING"))[0] == ids(target, event("RING", time=later))[0]


def test_without_id_and_time_only_what_may_recur_is_named_by_when_it_was_heard(mapped):
    target = mapped("json", WITHOUT_ID, WITHOUT_TIME)
    assert ids(target, event("HOLD")) != ids(target, event("HOLD"), after=30)
    assert ids(target, event("KEY", key="1")) != ids(target, event("KEY", key="2"))
    assert ids(target, event("ANSWER")) == ids(target, event("ANSWER"), after=30)
    assert ids(target, event("ANSWER")) != ids(target, event("ANSWER", ext="8002"))


def test_disorder_changes_no_id_and_no_call(mapped):
    target = mapped("json", WITHOUT_ID)
    sent = [event("RING"), event("ANSWER"), event("HOLD"), event("HANGUP")]
    expected = set(ids(target, *sent))
    for order in permutations(sent):
        delivery = target.decode(pushed(*order), HEARD)
        assert {fact.event_id for fact in delivery.events} == expected
        assert all(isinstance(fact, CallFact) and fact.call == "A100-0007-c-77" for fact in delivery.events)


def test_two_records_of_one_call_have_different_ids(mapped):
    target = mapped("json", WITHOUT_ID)
    cdr = {"begin": "2026-11-21 10:12:00", "answer": "2026-11-21 10:12:08", "end": "2026-11-21 10:13:00"}
    first, second = event("CDR", cdr=cdr), event("CDR", ext="8002", cdr=cdr)
    assert not set(ids(target, first)) & set(ids(target, second))
    assert ids(target, first) == ids(target, first, after=3600)
