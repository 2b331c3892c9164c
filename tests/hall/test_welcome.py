"""What a caller hears before he waits: notices, greeting, language, menus; and how he reaches a person at any time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapters.telephony import (
    DigitsPressed,
    PlayMusic,
    PlayPrompt,
    PromptEnded,
    RecordingStopped,
    Release,
    RingOutside,
    SeatAnswered,
    SeatDeclined,
    TakeMessage,
)
from hotline.announcements.plan import (
    After,
    Days,
    Key,
    KeyAct,
    LanguageChoice,
    LanguageKey,
    Menu,
    Notice,
    NoticeKind,
    Opening,
    Period,
    Voicemail,
)
from hotline.callers.treatment import Level, Treatment
from hotline.calls.call import CallState
from hotline.calls.outcome import Outcome
from hotline.calls.segments import Kind
from hotline.hall.events import NoticePlayed
from hotline.hall.hear import PROMPT_PATIENCE_SECONDS
from hotline.hall.inputs import CallersChanged, OrderFailed, RulesChanged
from hotline.hall.rules import Contact
from hotline.rosters.shift import DutyMode
from tests.hall.kit import CARD, LINE, START, VirtualHall, queue, rules

TOPICS = Menu(
    prompt="topics",
    keys=(
        Key(key="1", queue="labour"),
        Key(key="2", act=KeyAct.MENU, menu=Menu(prompt="family-topics", keys=(Key(key="1", queue="family"),))),
        Key(key="9", act=KeyAct.REPEAT),
    ),
)


BY_DAY = Opening(periods=(Period(days=Days.EVERY, start="09:00", end="17:00"),), then=After.VOICEMAIL)
WANG = Contact(id="n1", label="王律师", number="13900139000")
LI = Contact(id="n2", label="李律师", number="13900139001")


def hall_with(**changes: Any) -> VirtualHall:
    """Three queues with somebody at each."""
    table: dict[str, Any] = {"abilities": LINE, "greeting": "greeting"} | changes
    hall = VirtualHall(
        rules(queue("general"), queue("labour"), queue("family"), **table),
        seats={"01": ("general",), "02": ("labour",), "03": ("family",)},
    )
    for seat in ("01", "02", "03"):
        hall.sign_in(seat)
    return hall


def heard(hall: VirtualHall, call: str = "a") -> list[str]:
    return [each.prompt for each in hall.ordered(PlayPrompt, call)]


def hear_all(hall: VirtualHall, *prompts: str) -> None:
    for prompt in prompts:
        assert heard(hall)[-1] == prompt
        hall.prompt_ends()


def test_greeting_then_the_recording_notice_once() -> None:
    hall = hall_with(recording_notice="recording-notice")
    hall.rings()
    hear_all(hall, "greeting", "recording-notice")
    assert hall.call().state is CallState.RINGING
    assert heard(hall).count("recording-notice") == 1
    assert hall.ordered(PlayMusic), "no silence while the seat rings"


def test_who_was_not_greeted_hears_the_ringing_of_his_own_network() -> None:
    hall = hall_with(greeting="")
    hall.rings()
    assert hall.call().state is CallState.RINGING
    assert not hall.ordered(PlayMusic)


def test_a_menu_below_a_menu() -> None:
    hall = hall_with(menu=TOPICS)
    hall.rings()
    hear_all(hall, "greeting", "topics")
    hall.hear(DigitsPressed, digits="2")
    hear_all(hall, "family-topics")
    hall.hear(DigitsPressed, digits="1")
    assert (hall.call().queue, hall.call().seat) == ("family", "03")


@pytest.mark.parametrize("before", ["greeting", "topics", "family-topics"])
def test_the_key_for_a_person_works_at_any_time(before: str) -> None:
    hall = hall_with(menu=TOPICS)
    hall.rings()
    if before != "greeting":
        hear_all(hall, "greeting")
    if before == "family-topics":
        hall.hear(DigitsPressed, digits="2")
    hall.hear(DigitsPressed, digits="0")
    assert (hall.call().queue, hall.call().state) == ("general", CallState.RINGING)


def test_who_knows_the_menu_need_not_hear_it() -> None:
    hall = hall_with(menu=TOPICS)
    hall.rings()
    hall.hear(DigitsPressed, digits="1")
    assert hall.call().queue == "labour"


def test_the_recording_notice_comes_before_what_a_key_means() -> None:
    hall = hall_with(recording_notice="recording-notice", menu=TOPICS)
    hall.rings()
    assert hall.orders[-1].interruptible  # pyright: ignore[reportAttributeAccessIssue]
    hall.hear(DigitsPressed, digits="0")
    assert heard(hall) == ["greeting", "recording-notice"]
    assert not hall.ordered(PlayPrompt)[-1].interruptible, "no key cuts it short"
    hall.hear(DigitsPressed, digits="0")
    assert heard(hall) == ["greeting", "recording-notice"], "once"
    hall.prompt_ends()
    assert (hall.call().queue, hall.call().state) == ("general", CallState.RINGING), "and no menu after it"


def test_a_menu_key_ahead_of_the_recording_notice() -> None:
    hall = hall_with(recording_notice="recording-notice", menu=TOPICS)
    hall.rings()
    hall.hear(DigitsPressed, digits="1")
    hear_all(hall, "recording-notice")
    assert (hall.call().queue, hall.call().state) == ("labour", CallState.RINGING)


@pytest.mark.parametrize(("pressed", "next_heard"), [("2", "family-topics"), ("9", "topics"), ("7", "topics")])
def test_any_other_key_ahead_of_the_recording_notice(pressed: str, next_heard: str) -> None:
    hall = hall_with(recording_notice="recording-notice", menu=TOPICS)
    hall.rings()
    hall.hear(DigitsPressed, digits=pressed)
    if pressed == "7":  # means nothing, and cuts nothing short that the device has not cut
        hear_all(hall, "greeting")
    hear_all(hall, "recording-notice")
    assert heard(hall)[-1] == next_heard


def test_repeat() -> None:
    hall = hall_with(menu=TOPICS)
    hall.rings()
    hear_all(hall, "greeting", "topics")
    hall.hear(DigitsPressed, digits="9")
    assert heard(hall) == ["greeting", "topics", "topics"]


def test_the_language_chooses_the_recordings_and_may_choose_the_queue() -> None:
    choice = LanguageChoice(
        keys=(LanguageKey(key="1", language="yue"), LanguageKey(key="2", language="en", queue="family"))
    )
    hall = hall_with(menu=TOPICS, language=choice, variants=frozenset({"topics.yue"}))
    hall.rings("a")
    hear_all(hall, "greeting", "language")
    hall.hear(DigitsPressed, digits="1")
    assert heard(hall)[-1] == "topics.yue"
    hall.rings("b")
    hall.prompt_ends("b")
    hall.prompt_ends("b")
    hall.hear(DigitsPressed, "b", digits="2")
    assert hall.call("b").queue == "family"


def test_no_key_for_a_language_goes_on_without() -> None:
    hall = hall_with(language=LanguageChoice(keys=(LanguageKey(key="1", language="yue"),)))
    hall.rings()
    hear_all(hall, "greeting", "language")
    hall.pass_time(6)
    assert (hall.call().queue, hall.call().language) == ("general", "")


def test_a_notice_is_told_to_everybody_and_the_call_goes_on() -> None:
    flood = Notice(id="flood", kind=NoticeKind.EMERGENCY, title="汛情", prompt="flood")
    hall = hall_with(notices=(flood,))
    hall.rings()
    hear_all(hall, "flood", "greeting")
    assert hall.call().state is CallState.RINGING
    assert [each.notice for each in hall.events if isinstance(each, NoticePlayed)] == ["flood"]


def told(hall: VirtualHall) -> list[tuple[str, str, bool, str]]:
    said = [each for each in hall.events if isinstance(each, NoticePlayed)]
    return [(each.notice, each.kind, each.heard, each.cause) for each in said]


@pytest.fixture
def flooded() -> VirtualHall:
    """A notice, then the recording notice."""
    flood = Notice(id="f1", kind=NoticeKind.EMERGENCY, title="汛情", prompt="flood")
    hall = hall_with(notices=(flood,), greeting="", recording_notice="recorded")
    hall.rings()
    return hall


def test_what_has_to_be_told_is_written_down_when_it_was_heard(flooded: VirtualHall) -> None:
    assert told(flooded) == [], "it has only begun"
    flooded.hear(PromptEnded, prompt="flood")
    assert told(flooded) == [("f1", "emergency", True, "")]
    flooded.hear(PromptEnded, prompt="recorded")
    assert told(flooded)[1:] == [("recorded", "recording", True, "")]
    flooded.hear(PromptEnded, prompt="recorded")  # said again
    assert len(told(flooded)) == 2


def test_a_key_that_cuts_a_notice_short_means_that_it_was_told(flooded: VirtualHall) -> None:
    flooded.hear(DigitsPressed, digits="0")
    flooded.hear(PromptEnded, prompt="flood", interrupted=True)
    assert told(flooded) == [("f1", "emergency", True, "")]
    assert heard(flooded)[-1] == "recorded"


def test_a_notice_that_could_not_be_played_was_not_told(flooded: VirtualHall) -> None:
    flooded.hear(PromptEnded, prompt="flood", failed=True)
    flooded.take(OrderFailed(adapter=CARD, command=flooded.ordered(PlayPrompt)[-1], reason="refused"))
    assert told(flooded) == [("f1", "emergency", False, "not_played"), ("recorded", "recording", False, "refused")]


def test_whoever_hangs_up_meanwhile_was_not_told(flooded: VirtualHall) -> None:
    flooded.hangs_up()
    assert told(flooded) == [("f1", "emergency", False, "call_over")]
    assert [type(each).__name__ for each in flooded.events][-2:] == ["NoticePlayed", "CallEnded"]


def test_a_notice_whose_end_nobody_reports_was_not_told(flooded: VirtualHall) -> None:
    flooded.pass_time(PROMPT_PATIENCE_SECONDS + 1)
    assert told(flooded) == [("f1", "emergency", False, "silent")]
    assert heard(flooded)[-1] == "recorded"


def test_a_notice_that_ends_the_call_in_its_time_only() -> None:
    holiday = Notice(
        id="x",
        kind=NoticeKind.HOLIDAY,
        title="停电",
        prompt="no-power",
        then=After.END,
        until=START + timedelta(hours=1),
    )
    hall = hall_with(notices=(holiday,))
    hall.rings("a")
    hall.prompt_ends("a")
    assert hall.ordered(Release, "a")
    hall.hangs_up("a")
    assert hall.call("a").outcome is Outcome.CLOSED
    hall.pass_time(3601)
    hall.rings("b")
    assert heard(hall, "b") == ["greeting"]


def test_closed_at_night_with_a_message() -> None:
    hall = hall_with(opening=BY_DAY, voicemail=Voicemail(on=True, thanks="thanks"))
    hall.rings()  # two in the morning
    hear_all(hall, "closed", "voicemail")
    (take,) = hall.ordered(TakeMessage)
    assert take.name == f"message-{hall.call().id}"
    assert hall.call().segments[-1].kind is Kind.MESSAGE
    hall.pass_time(30)
    hall.hear(RecordingStopped, name=take.name, seconds=25.0, file="x.wav")
    hear_all(hall, "thanks")
    hall.hangs_up()
    assert hall.call().outcome is Outcome.VOICEMAIL


def test_who_hangs_up_while_speaking_has_left_a_message() -> None:
    hall = hall_with(opening=BY_DAY, voicemail=Voicemail(on=True))
    hall.rings()
    hear_all(hall, "closed", "voicemail")
    hall.hangs_up()
    assert hall.call().outcome is Outcome.VOICEMAIL


def test_days_off_are_the_calendars() -> None:
    opening = Opening(periods=(Period(days=Days.WORKING, start="00:00", end="24:00"),), prompt="weekend")
    hall = hall_with(opening=opening, days_off=frozenset({START.date() + timedelta(days=1)}))
    hall.rings()  # 18:00 UTC is the next day in Shanghai
    assert heard(hall) == ["weekend"]


def test_the_night_lawyers_phone_rings_when_nobody_is_signed_in() -> None:
    night = (
        Contact(id="n1", label="王律师", number="13900139000"),
        Contact(id="n2", label="李律师", number="13900139001"),
    )
    hall = VirtualHall(rules(abilities=LINE, duty=DutyMode.FORWARDED_MOBILE, night=night))
    hall.rings()
    assert hall.call().state is CallState.HANDING_OVER
    hall.hear(SeatDeclined, offer=hall.call().parties[0].offer, reason="no_answer")
    hall.pass_time(0.1)
    assert [each.number for each in hall.ordered(RingOutside)] == ["13900139000", "13900139001"]
    hall.hear(SeatAnswered, offer=hall.call().parties[0].offer)
    hall.hangs_up()
    assert hall.call().outcome is Outcome.FORWARDED


def test_no_night_lawyer_picks_up_so_a_message_is_taken() -> None:
    night = (WANG,)
    hall = VirtualHall(rules(abilities=LINE, duty=DutyMode.FORWARDED_MOBILE, night=night, voicemail=Voicemail(on=True)))
    hall.rings()
    hall.hear(SeatDeclined, offer=hall.call().parties[0].offer, reason="no_answer")
    hall.pass_time(0.1)
    assert heard(hall)[-1] == "voicemail"


def test_a_plan_that_is_edited_holds_for_the_next_step() -> None:
    hall = hall_with()
    hall.rings("a")
    hall.take(RulesChanged(rules(queue("general"), queue("labour"), queue("family"), abilities=LINE, menu=TOPICS)))
    hall.prompt_ends("a")
    assert heard(hall, "a") == ["greeting", "topics"]
    hall.rings("b")
    assert heard(hall, "b") == ["topics"]


def test_a_blocked_caller_hears_why_and_one_in_danger_never_is() -> None:
    hall = hall_with(parting={Outcome.BLOCKED: "blocked"})
    hall.take(CallersChanged({"13800138000": Treatment(level=Level.BLOCKED)}))
    hall.rings("a")
    assert heard(hall) == ["blocked"]
    hall.prompt_ends("a")
    hall.hangs_up("a")
    assert hall.call("a").outcome is Outcome.BLOCKED
    hall.take(CallersChanged({"13800138000": None}))
    hall.rings("b")
    assert heard(hall, "b") == ["greeting"]
