"""Whoever rang in vain is on exactly one list, in whatever order the news comes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotline.callbacks.rules import ASKED_FOR, EMERGENCY, LOW, USUAL, CallbackRules
from tests.callbacks.kit import CALLER, NOON, OTHER, Book


async def test_a_missed_call_becomes_a_task_with_a_deadline(book: Book) -> None:
    call = await book.misses(region="湖北省武汉市")
    assert await book.follow() == 1
    task = await book.task()
    assert (task.kind, task.state, task.caller_masked, task.region) == (
        "missed",
        "waiting",
        "138****8000",
        "湖北省武汉市",
    )
    assert task.created_at == task.last_at == book.at
    assert task.due_at == book.at + timedelta(minutes=60)
    assert (task.priority, task.any_hour, task.owner) == (USUAL, False, None)
    assert await book.listed() == {call: task.id}
    assert await book.steps(task.id) == ["begin"]


@pytest.mark.parametrize("outcome", ["answered", "blocked", "forwarded"])
async def test_whoever_was_served_or_blocked_is_on_no_list(book: Book, outcome: str) -> None:
    await book.misses(outcome=outcome)
    await book.follow()
    assert await book.tasks() == []


async def test_a_caller_without_a_number_cannot_be_called_back_until_it_is_known(book: Book) -> None:
    call = await book.misses(caller=None)
    await book.follow()
    assert await book.tasks() == []
    await book.amended(call, caller_index=book.seal.index(CALLER), caller_masked="138****8000")
    await book.tells("CallerKnown", call)
    await book.follow()
    assert await book.listed() == {call: (await book.task()).id}


async def test_a_caller_who_rings_often_has_one_task(book: Book) -> None:
    first = await book.misses()
    due = book.at + timedelta(minutes=60)
    book.forward(minutes=10)
    second = await book.misses(outcome="no_seat")
    await book.misses(caller=OTHER)
    await book.follow()
    mine, others = await book.tasks()
    assert {call for call, task in (await book.listed()).items() if task == mine.id} == {first, second}
    assert mine.due_at == due
    assert (mine.created_at, mine.last_at) == (NOON + timedelta(seconds=20), NOON + timedelta(minutes=10, seconds=40))
    assert others.caller_masked == "139****9000"


async def test_halls_do_not_share_callers(book: Book) -> None:
    there = Book(book.database, book.seal, hall="NB")
    await book.misses()
    await there.misses()
    await book.follow()
    await there.follow()
    assert len(await book.tasks()) == len(await there.tasks()) == 1


async def test_a_wish_is_a_task_at_once_and_may_be_rung_at_night(book: Book) -> None:
    call = await book.rings()
    await book.tells("CallbackWished", call)
    await book.follow()
    task = await book.task()
    assert (task.kind, task.priority, task.any_hour) == ("wished", ASKED_FOR, True)
    assert task.due_at == NOON + timedelta(minutes=120)
    book.forward(seconds=5)
    await book.ends(call, "abandoned_queue")
    await book.follow()
    assert (await book.task()).kind == "wished"
    assert await book.listed() == {call: task.id}


async def test_whoever_wished_and_is_served_after_all_has_got_through(book: Book) -> None:
    call = await book.rings()
    await book.tells("CallbackWished", call)
    book.forward(seconds=3)
    await book.answers(call)
    await book.ends(call, "answered")
    await book.follow()
    task = await book.task()
    assert (task.state, task.reached_by) == ("got_through", call)


async def test_a_message_outweighs_a_missed_call(book: Book) -> None:
    await book.misses()
    due = book.at + timedelta(minutes=60)
    await book.leaves_message()
    await book.follow()
    task = await book.task()
    assert (task.kind, task.priority, task.due_at) == ("message", ASKED_FOR, due)


async def test_a_message_alone_has_a_day(book: Book) -> None:
    await book.leaves_message()
    await book.follow()
    assert (await book.task()).due_at == book.at + timedelta(hours=24)


async def test_short_abandons_rank_low_or_are_only_written_down(book: Book) -> None:
    await book.misses(outcome="short_abandoned")
    await book.follow()
    assert ((await book.task()).priority, (await book.task()).state) == (LOW, "waiting")
    book.rules = CallbackRules(short_abandoned=False)
    second = await book.misses(caller=OTHER, outcome="short_abandoned")
    await book.follow()
    _, other = await book.tasks()
    assert (other.state, other.result, other.ended_by) == ("closed", "not_counted", "system")
    assert (await book.listed())[second] == other.id


async def test_an_emergency_is_ranked_first(book: Book) -> None:
    await book.misses(priority=9)
    await book.follow()
    assert ((await book.task()).priority, (await book.task()).any_hour) == (EMERGENCY, True)


# ── got through ──


async def test_a_later_call_that_is_answered_settles_it(book: Book) -> None:
    await book.misses()
    await book.follow()
    served = await book.serves()
    await book.follow()
    task = await book.task()
    assert (task.state, task.reached_by, task.ended_by) == ("got_through", served, "system")
    assert await book.steps(task.id) == ["begin", "get_through"]
    book.forward(hours=1)
    await book.misses()
    await book.follow()
    assert [task.state for task in await book.tasks()] == ["got_through", "waiting"]


async def test_a_night_lawyers_phone_that_picked_up_settles_it_too(book: Book) -> None:
    await book.misses()
    forwarded = await book.misses(outcome="forwarded")
    await book.follow()
    task = await book.task()
    assert (task.state, task.reached_by, task.reached_at) == ("got_through", forwarded, book.at)


async def test_another_callers_luck_settles_nothing(book: Book) -> None:
    await book.misses()
    await book.serves(OTHER)
    await book.follow()
    assert (await book.task()).state == "waiting"


async def test_old_news_of_an_answered_call_settles_nothing_later(book: Book) -> None:
    """A gateway tells at noon of a talk in the morning; the caller was missed in between."""
    morning = await book.rings()
    await book.change(morning, {"state": "ended", "answered_at": book.at, "outcome": "answered", "ended_at": book.at})
    book.forward(hours=1)
    await book.misses()
    await book.tells("CallTaken", morning)
    await book.tells("CallEnded", morning)
    await book.follow()
    assert (await book.task()).state == "waiting"


async def test_old_news_of_a_missed_call_finds_that_the_caller_got_through(book: Book) -> None:
    """Backfilled after a downtime: missed at three, served at eight, known at nine."""
    missed = await book.rings()
    at = book.forward(seconds=10)
    book.forward(hours=5)
    served = await book.serves()
    await book.follow()
    book.forward(hours=1)
    await book.ends(missed, "abandoned_queue", at=at)
    await book.follow()
    task = await book.task()
    assert (task.state, task.reached_by) == ("got_through", served)
    assert await book.listed() == {missed: task.id}


async def test_old_news_joins_the_task_that_settled_it(book: Book) -> None:
    unknown = await book.rings()
    at = book.forward(seconds=10)
    await book.misses()
    await book.serves()
    await book.follow()
    await book.ends(unknown, "lost", at=at)
    await book.follow()
    assert set((await book.listed()).values()) == {(await book.task()).id}


async def test_missed_on_a_second_line_while_talking_is_settled_at_once(book: Book) -> None:
    talking = await book.rings()
    await book.answers(talking)
    second = await book.misses()
    await book.follow()
    task = await book.task()
    assert (task.state, task.reached_by) == ("got_through", talking)
    assert await book.listed() == {second: task.id}


async def test_a_message_nobody_heard_stays_when_the_caller_got_through(book: Book) -> None:
    await book.leaves_message()
    await book.follow()
    served = await book.serves()
    await book.follow()
    task = await book.task()
    assert (task.state, task.reached_by) == ("waiting", served)
    assert await book.steps(task.id) == ["begin", "through"]


async def test_a_late_report_that_it_was_answered_takes_it_back(book: Book) -> None:
    call = await book.misses()
    await book.follow()
    await book.amended(call, answered_at=book.at - timedelta(seconds=5), outcome="answered")
    await book.follow()
    task = await book.task()
    assert (task.state, task.reached_by) == ("got_through", call)


async def test_one_of_two_missed_calls_was_answered_after_all(book: Book) -> None:
    first = await book.misses()
    book.forward(minutes=5)
    second = await book.misses()
    await book.follow()
    await book.amended(first, answered_at=NOON + timedelta(seconds=5), outcome="answered")
    await book.follow()
    assert (await book.task()).state == "waiting"
    await book.amended(second, answered_at=book.at - timedelta(seconds=1), outcome="answered")
    await book.follow()
    assert (await book.task()).state == "got_through"


async def test_a_corrected_outcome_is_noted(book: Book) -> None:
    call = await book.misses(outcome="lost")
    await book.follow()
    await book.amended(call, fact="CallReleased", outcome="abandoned_queue")
    await book.follow()
    assert (await book.task()).state == "waiting"
    assert await book.listed() == {call: (await book.task()).id}


# ── dialling ──


async def test_an_attempt_that_reaches_the_caller(book: Book) -> None:
    await book.misses()
    await book.follow()
    task = await book.task()
    await book.set(task.id, state="taken", owner="acc-1")
    call = await book.dials(task.id)
    await book.follow()
    assert await book.attempts() == [(call, "dialling")]
    at = book.forward(seconds=9)
    await book.answers(call)
    await book.follow()
    reached = await book.task()
    assert (reached.state, reached.reached_at, reached.reached_by) == ("reached", at, call)
    await book.ends(call, "answered")
    await book.follow()
    assert await book.attempts() == [(call, "reached")]
    assert (await book.task()).attempts == 1


async def test_attempts_in_vain_in_different_hours_give_up(book: Book) -> None:
    await book.misses()
    await book.follow()
    task = await book.task()
    await book.set(task.id, state="taken", owner="acc-1")
    for _ in range(3):
        await book.calls_back(task.id, reached=False)
    await book.follow()
    assert ((await book.task()).state, (await book.task()).attempts) == ("taken", 3)
    for _ in range(2):
        book.forward(hours=1)
        await book.calls_back(task.id, reached=False)
    await book.follow()
    over = await book.task()
    assert (over.state, over.attempts, over.result, over.ended_by) == ("unreachable", 5, "attempts:5", "system")


async def test_a_phone_of_ours_that_nobody_picked_up_is_no_attempt(book: Book) -> None:
    await book.misses()
    await book.follow()
    task = await book.task()
    call = await book.rings(None, direction="out", callback=task.id, seat="01")
    await book.tells("DialBegun", call, seat="01", actor="acc-1")
    await book.ends(call, "not_reached")
    await book.follow()
    assert await book.attempts() == [(call, "not_dialled")]
    assert ((await book.task()).attempts, (await book.task()).first_tried_at) == (0, None)


async def test_reached_although_put_back_meanwhile(book: Book) -> None:
    await book.misses()
    await book.follow()
    task = await book.task()
    await book.calls_back(task.id, reached=True, operator="acc-7")
    await book.follow()
    reached = await book.task()
    assert (reached.state, reached.owner) == ("reached", "acc-7")


async def test_missed_again_after_having_been_reached_is_another_task(book: Book) -> None:
    await book.misses()
    await book.follow()
    task = await book.task()
    await book.set(task.id, state="taken", owner="acc-1")
    await book.calls_back(task.id, reached=True)
    book.forward(minutes=30)
    again = await book.misses()
    await book.follow()
    first, second = await book.tasks()
    assert (first.state, second.state) == ("done", "waiting")
    assert (await book.listed())[again] == second.id


async def test_an_outbound_call_for_nothing_that_exists_is_left_alone(book: Book) -> None:
    call = await book.dials(4711)
    await book.ends(call, "not_reached")
    await book.follow()
    assert await book.attempts() == []
