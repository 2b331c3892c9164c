"""May this number be dialled now, by this person? Everything that says no, and what yes leaves behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.audit.trail import Doer
from hotline.callbacks.board import NoSuchTask
from hotline.callbacks.dialling import CallbackToDial, DialRefused, for_dial
from hotline.callbacks.keep import raise_overdue
from hotline.callbacks.rules import No, day_of
from hotline.store.tables import AUDIT
from tests.callbacks.kit import CALLER, OTHER, Book

ME, COLLEAGUE = Doer(account="acc-1", work_number="1001"), Doer(account="acc-2", work_number="1002")


async def dial(book: Book, task: int, who: Doer = ME, hall: str | None = None) -> CallbackToDial:
    async with book.engine.begin() as conn:
        return await for_dial(conn, hall or book.hall, task, who, seal=book.seal, rules=book.rules, now=book.at)


async def refused(book: Book, task: int, who: Doer = ME) -> No:
    with pytest.raises(DialRefused) as no:
        await dial(book, task, who)
    return no.value.why


async def missed(book: Book, **more: object) -> int:
    await book.misses(**more)  # pyright: ignore[reportArgumentType]
    await book.follow()
    return (await book.tasks())[-1].id


async def test_the_number_is_opened_the_task_taken_and_both_on_record(book: Book) -> None:
    task = await missed(book)
    found = await dial(book, task)
    assert (found.number, found.shown, found.call) == (CALLER, "138****8000", "HZ-000000001")
    assert found.ticket == "HZ-000001"
    taken = await book.task()
    assert (taken.state, taken.owner, taken.owned_at) == ("taken", "acc-1", book.at)
    assert await book.steps(task) == ["begin", "take", "dial"]
    async with book.engine.connect() as conn:
        entry = (await conn.execute(select(AUDIT))).one()
    assert (entry.act, entry.object, entry.account) == ("callback_dialled", f"callback:{task}", "acc-1")
    assert CALLER not in str(entry.data)


async def test_only_the_owner_dials(book: Book) -> None:
    task = await missed(book)
    await dial(book, task)
    assert await refused(book, task, COLLEAGUE) is No.NOT_YOURS
    assert (await dial(book, task)).number == CALLER


async def test_not_across_halls(book: Book) -> None:
    task = await missed(book)
    with pytest.raises(NoSuchTask):
        await dial(book, task, hall="NB")
    with pytest.raises(NoSuchTask):
        await dial(book, task + 1)


async def test_not_while_it_is_on_the_line(book: Book) -> None:
    task = await missed(book)
    call = await book.dials(task)
    assert await refused(book, task) is No.ON_THE_LINE
    await book.ends(call, "not_reached")
    assert (await dial(book, task)).number == CALLER


async def test_not_when_it_is_over(book: Book) -> None:
    task = await missed(book)
    await book.serves()
    await book.follow()
    assert await refused(book, task) is No.OVER


@pytest.mark.parametrize("number", ["0085212345678", "16812345", "95588", "12345"])
async def test_not_abroad_nor_at_a_premium_rate_nor_a_short_code(book: Book, number: str) -> None:
    assert await refused(book, await missed(book, caller=number)) is No.NUMBER


async def test_not_more_than_three_times_a_day_whatever_the_tasks(book: Book) -> None:
    first = await missed(book)
    for _ in range(2):
        await book.calls_back(first, reached=False)
    await book.calls_back(first, reached=True)
    await book.follow()
    assert await refused(book, first) is No.TOO_OFTEN
    book.forward(minutes=5)
    again = await missed(book)
    assert again != first
    assert await refused(book, again) is No.TOO_OFTEN
    assert (await dial(book, await missed(book, caller=OTHER))).number == OTHER
    book.at = day_of(book.at) + timedelta(days=1, hours=9)
    assert (await dial(book, again)).number == CALLER


async def test_what_never_came_to_dialling_does_not_count(book: Book) -> None:
    task = await missed(book)
    for _ in range(4):
        call = await book.rings(None, direction="out", callback=task)
        await book.tells("DialBegun", call, seat="01", actor="acc-1")
        await book.ends(call, "not_reached")
    await book.follow()
    assert (await dial(book, task)).number == CALLER


async def test_not_in_the_quiet_hours_unless_asked_for(book: Book) -> None:
    book.at += timedelta(hours=9, minutes=30)  # 21:30 in Shanghai
    task = await missed(book)
    with pytest.raises(DialRefused, match="08:00 起可以拨打") as no:
        await dial(book, task)
    assert no.value.why is No.QUIET
    await book.wishes(OTHER)
    await book.follow()
    assert (await dial(book, (await book.tasks())[-1].id)).number == OTHER


async def test_not_days_after_the_last_call(book: Book) -> None:
    task = await missed(book)
    book.forward(hours=24)
    assert (await dial(book, task)).number == CALLER
    book.forward(minutes=1)
    assert await refused(book, task) is No.TOO_LATE
    await book.set(task, assigned_by="acc-9")  # a supervisor has looked at it
    assert (await dial(book, task)).number == CALLER


async def test_what_is_overdue_is_raised_once(book: Book) -> None:
    first = await missed(book)
    reached = await missed(book, caller=OTHER)
    await book.set(reached, state="reached", owner="acc-1", reached_at=book.at)
    async with book.engine.begin() as conn:
        assert await raise_overdue(conn, book.hall, book.at + timedelta(minutes=59)) == []
        assert await raise_overdue(conn, "NB", book.at + timedelta(days=1)) == []
        assert await raise_overdue(conn, book.hall, book.at + timedelta(days=1)) == [first]
        assert await raise_overdue(conn, book.hall, book.at + timedelta(days=1)) == []
    assert await book.steps(first) == ["begin", "overdue"]
