"""Who is called back, by when, and which numbers may be dialled."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from hotline.callbacks.rules import (
    ASKED_FOR,
    EMERGENCY,
    LOW,
    SHANGHAI,
    USUAL,
    CallbackRules,
    any_hour,
    counts,
    day_of,
    diallable,
    due,
    hours_tried,
    is_quiet,
    kind_of,
    opens,
    priority,
    stronger,
)
from hotline.callbacks.task import Kind
from hotline.calls.outcome import Outcome

RULES = CallbackRules()
NEVER_QUIET = CallbackRules(quiet_from=time(0), quiet_to=time(0))
AT_NOON_QUIET = CallbackRules(quiet_from=time(12), quiet_to=time(14))


def at(text: str) -> datetime:
    """`21 20:40` of November 2026, in Shanghai."""
    day, clock = text.split()
    return datetime.fromisoformat(f"2026-11-{day}T{clock}:00").replace(tzinfo=SHANGHAI)


MISSED = {
    Outcome.ABANDONED_MENU,
    Outcome.ABANDONED_QUEUE,
    Outcome.ABANDONED_RINGING,
    Outcome.SHORT_ABANDONED,
    Outcome.TIMED_OUT,
    Outcome.QUEUE_FULL,
    Outcome.NO_SEAT,
    Outcome.CLOSED,
    Outcome.OVERFLOWED,
    Outcome.LOST,
    Outcome.SYSTEM_FAULT,
}
NOT_MISSED = {Outcome.ANSWERED, Outcome.BLOCKED, Outcome.FORWARDED, Outcome.NOT_REACHED}


def test_every_outcome_has_been_thought_of() -> None:
    assert MISSED | NOT_MISSED | {Outcome.VOICEMAIL} == set(Outcome)


@pytest.mark.parametrize("outcome", Outcome)
def test_which_calls_make_tasks(outcome: Outcome) -> None:
    wanted = Kind.MESSAGE if outcome is Outcome.VOICEMAIL else Kind.MISSED if outcome in MISSED else None
    assert kind_of(outcome, wished=False) is wanted


def test_a_wish_outlives_how_the_call_ended_but_not_that_it_was_served() -> None:
    assert kind_of(Outcome.ABANDONED_QUEUE, wished=True) is Kind.WISHED
    assert kind_of(Outcome.VOICEMAIL, wished=True) is Kind.MESSAGE
    assert kind_of(Outcome.ANSWERED, wished=True) is None


def test_the_stronger_kind_stays() -> None:
    assert stronger(Kind.MISSED, Kind.WISHED) is Kind.WISHED
    assert stronger(Kind.MESSAGE, Kind.WISHED) is Kind.MESSAGE
    assert stronger(Kind.MISSED, Kind.MISSED) is Kind.MISSED


def test_ranks() -> None:
    assert priority(Kind.MISSED, Outcome.SHORT_ABANDONED, 0, RULES) == LOW
    assert priority(Kind.MISSED, Outcome.LOST, 5, RULES) == USUAL
    assert priority(Kind.WISHED, Outcome.ABANDONED_QUEUE, 0, RULES) == ASKED_FOR
    assert priority(Kind.MISSED, Outcome.SHORT_ABANDONED, 9, RULES) == EMERGENCY
    assert any_hour(Kind.WISHED, ASKED_FOR)
    assert any_hour(Kind.MISSED, EMERGENCY)
    assert not any_hour(Kind.MESSAGE, ASKED_FOR)


def test_short_abandons_count_unless_the_site_says_no() -> None:
    without = CallbackRules(short_abandoned=False)
    assert counts(Kind.MISSED, Outcome.SHORT_ABANDONED, RULES)
    assert not counts(Kind.MISSED, Outcome.SHORT_ABANDONED, without)
    assert counts(Kind.WISHED, Outcome.SHORT_ABANDONED, without)
    assert counts(Kind.MISSED, Outcome.NO_SEAT, without)


@pytest.mark.parametrize(
    ("rules", "kind", "missed", "wanted"),
    [
        (RULES, Kind.MISSED, "21 10:00", "21 11:00"),
        (RULES, Kind.MISSED, "21 20:00", "21 21:00"),
        (RULES, Kind.MISSED, "21 20:40", "22 08:40"),
        (RULES, Kind.MISSED, "21 21:00", "22 09:00"),
        (RULES, Kind.MISSED, "21 02:30", "21 09:00"),
        (RULES, Kind.WISHED, "21 20:00", "22 09:00"),
        (RULES, Kind.MESSAGE, "21 22:15", "22 22:15"),
        (NEVER_QUIET, Kind.MISSED, "21 23:30", "22 00:30"),
        (AT_NOON_QUIET, Kind.MISSED, "21 11:30", "21 14:30"),
        (CallbackRules(missed_minutes=14 * 60), Kind.MISSED, "21 20:00", "22 21:00"),
        (CallbackRules(missed_minutes=14 * 60 + 1), Kind.MISSED, "21 20:00", "23 08:01"),
    ],
)
def test_due(rules: CallbackRules, kind: Kind, missed: str, wanted: str) -> None:
    assert due(kind, at(missed), rules, whenever=False) == at(wanted)


def test_who_may_be_rung_at_night_is_due_at_night() -> None:
    assert due(Kind.WISHED, at("21 22:00"), RULES, whenever=True) == at("22 00:00")


def test_due_keeps_the_zone_it_was_given() -> None:
    utc = at("21 20:40").astimezone(tz=None)
    assert due(Kind.MISSED, utc, RULES, whenever=False).utcoffset() == utc.utcoffset()


@pytest.mark.parametrize(
    ("clock", "quiet"), [("20:59", False), ("21:00", True), ("03:00", True), ("07:59", True), ("08:00", False)]
)
def test_quiet_hours(clock: str, quiet: bool) -> None:
    assert is_quiet(at(f"21 {clock}"), RULES) is quiet
    assert not is_quiet(at(f"21 {clock}"), NEVER_QUIET)


def test_when_the_phone_may_be_rung_again() -> None:
    assert opens(at("21 22:00"), RULES) == at("22 08:00")
    assert opens(at("21 03:00"), RULES) == at("21 08:00")
    assert opens(at("21 12:00"), RULES) == at("21 12:00")


@pytest.mark.parametrize(
    "number", ["13800138000", "19912345678", "057188881234", "01088881234", "88881234", "4008123123"]
)
def test_numbers_that_may_be_dialled(number: str) -> None:
    assert diallable(number)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "0085212345678",
        "001212555",
        "16812345",
        "96590",
        "110",
        "12345",
        "12800138000",
        "138001380001",
        "*99#",
        "+861",
    ],
)
def test_numbers_that_may_not(number: str) -> None:
    assert not diallable(number)


def test_hours_tried() -> None:
    begun = [at("21 10:05"), at("21 10:50"), at("21 11:00"), at("22 10:10")]
    assert hours_tried(begun) == 3
    assert hours_tried([]) == 0


def test_the_day_begins_at_midnight_in_shanghai() -> None:
    assert day_of(at("21 07:30")) == at("21 00:00")
    assert day_of(at("21 00:00")) - timedelta(microseconds=1) < at("21 00:00")
