"""A ticket's way: hall → centre → station → reply → review → follow-up → opened again → closed, over a holiday week."""

from __future__ import annotations

from datetime import datetime

import pytest

from hotline.handling.board import HandlingRefused
from hotline.handling.hall_side import Contentment, Way
from hotline.rosters.calendar import SHANGHAI
from tests.handling.kit import ALICE, CARL, CENTRE, OTHER, OTTO, STAN, STATION, SUSAN, Hall


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


async def refused(hall: Hall, code: str, side: str, *args: object, **kwargs: object) -> None:
    with pytest.raises(HandlingRefused) as no:
        await getattr(hall, side)(*args, **kwargs)
    assert no.value.code == code


async def test_the_whole_way(hall: Hall) -> None:
    number = await hall.ticket()
    assert (await hall.dues(number))["dispatch"].due_at == at("2025-09-28 17:30")  # a Sunday that is worked
    hall.later(hours=1)
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE, note="请核实欠薪情况。")
    dues = await hall.dues(number)
    assert {kind: due.due_at for kind, due in dues.items()} == {
        "sign": at("2025-09-28 17:30"),
        "reply": at("2025-10-10 17:30"),
    }
    assert (await hall.row(number)).due_at == at("2025-09-28 17:30")
    await hall.unit(CARL, "sign", number)
    await hall.unit(CARL, "pass_on", number, STATION, note="转当地司法所。")
    dues = await hall.dues(number)
    assert (dues["reply"].due_at, dues["reply"].unit) == (
        at("2025-10-10 17:30"),
        STATION,
    )  # the same time, another unit
    await hall.unit(STAN, "sign", number)
    await hall.unit(STAN, "begin", number)
    hall.now = at("2025-10-09 11:00")
    await hall.unit(STAN, "reply", number, await hall.version(number), "公司已于10月9日补发工资。")
    await hall.hall(SUSAN, "review", number, await hall.version(number))
    assert (await hall.row(number)).result == "公司已于10月9日补发工资。"
    said = {"way": Way.PHONE, "contentment": Contentment.DISSATISFIED, "solved": False, "note": "只补发了两个月。"}
    await hall.hall(SUSAN, "follow_up", number, **said)
    await refused(hall, "ticket_dissatisfied", "hall", SUSAN, "close", number, await hall.version(number))
    await hall.hall(SUSAN, "reopen", number, "仍欠一个月工资。")
    assert (await hall.dues(number))["dispatch"].due_at == at("2025-10-10 17:30")  # one working day, counted from now
    await hall.hall(SUSAN, "dispatch", number, await hall.version(number), CENTRE)
    assert (await hall.dues(number))["reply"].due_at == at("2025-10-15 17:30")  # the 11th, a Saturday, is worked
    await hall.unit(CARL, "sign", number)
    await hall.unit(CARL, "reply", number, await hall.version(number), "第三个月工资已补发。")
    await hall.hall(SUSAN, "review", number, await hall.version(number))
    await hall.hall(SUSAN, "follow_up", number, way=Way.PHONE, contentment=Contentment.SATISFIED, solved=True)
    closed = await hall.hall(SUSAN, "close", number, await hall.version(number))
    assert (closed.state, closed.case_file, closed.due_at) == ("closed", "CITY-2025-000001", None)
    assert await hall.dues(number) == {}
    assert {row.met for row in (await hall.dues(number, running=False)).values()} == {True}
    assert await hall.told(number) == [
        *("dispatch", "sign", "pass_on", "sign", "begin", "reply", "review", "follow_up", "reopen"),
        *("dispatch", "sign", "reply", "review", "follow_up", "close"),
    ]


async def test_returned_designated_and_not_returned_again(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    await refused(hall, "invalid_input", "unit", CARL, "give_back", number, "  ")
    await hall.unit(CARL, "give_back", number, "不属于本县管辖。")
    row = await hall.row(number)
    assert (row.state, row.unit, row.times_returned) == ("returned", "", 1)
    assert set(await hall.dues(number)) == {"dispatch"}
    await hall.hall(SUSAN, "designate", number, CENTRE, "劳动合同履行地在本县。")
    await refused(hall, "ticket_designated", "unit", CARL, "give_back", number, "仍不属于。")
    await hall.unit(CARL, "sign", number)
    await hall.unit(CARL, "pass_on", number, STATION)
    await refused(hall, "ticket_designated", "unit", STAN, "give_back", number, "不属于本所。")


async def test_it_comes_back_twice_at_most(hall: Hall) -> None:
    number = await hall.ticket()
    for unit, worker in ((CENTRE, CARL), (OTHER, OTTO)):
        await hall.hall(ALICE, "dispatch", number, await hall.version(number), unit)
        await hall.unit(worker, "give_back", number, "不属于本单位。")
    await hall.hall(ALICE, "dispatch", number, await hall.version(number), CENTRE)
    await refused(hall, "ticket_returned_often", "unit", CARL, "give_back", number, "不属于本单位。")


async def test_nobody_reaches_another_units_ticket(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, STATION)
    await refused(hall, "not_found", "unit", OTTO, "sign", number)
    await hall.unit(CARL, "sign", number)  # a centre may act for a station below it
    await refused(hall, "unit_not_below", "unit", CARL, "pass_on", number, OTHER)
    await refused(hall, "unit_not_below", "unit", STAN, "pass_on", number, STATION)


async def test_a_recalled_ticket_goes_on_with_the_time_it_had(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    hall.later(hours=2)
    await hall.hall(ALICE, "recall", number, "派错单位。")
    assert (await hall.dues(number))["dispatch"].due_at == at("2025-09-28 17:30")
    await refused(hall, "ticket_state", "unit", CARL, "sign", number)


async def test_sent_back_goes_on_with_the_time_it_had(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    await hall.unit(CARL, "sign", number)
    await hall.unit(CARL, "reply", number, await hall.version(number), "已处理。")
    await hall.hall(SUSAN, "send_back", number, await hall.version(number), "请写明处理结果。")
    dues = await hall.dues(number)
    assert {kind: (due.due_at, due.unit) for kind, due in dues.items()} == {"reply": (at("2025-10-10 17:30"), CENTRE)}
    await hall.unit(CARL, "reply", number, await hall.version(number), "公司已补发。")
    assert (await hall.row(number)).state == "replied"


async def test_the_time_of_the_review_is_not_the_units(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    await hall.unit(CARL, "sign", number)
    await hall.unit(CARL, "reply", number, await hall.version(number), "已处理。")
    hall.now = at("2025-10-20 10:00")
    await hall.hall(SUSAN, "send_back", number, await hall.version(number), "请写明处理结果。")
    assert (await hall.dues(number))["reply"].due_at == at("2025-10-27 17:30")  # five were left
    assert (await hall.row(number)).due_at == at("2025-10-27 17:30")


async def test_what_is_answered_while_time_stands_still_is_in_time(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    await hall.unit(CARL, "sign", number)
    request = await hall.unit(CARL, "ask_to_pause", number, "等待鉴定意见。")
    await hall.hall(SUSAN, "decide", request, granted=True, answer="")
    hall.now = at("2025-10-20 10:00")
    await hall.unit(CARL, "reply", number, await hall.version(number), "鉴定意见已出，公司已补发。")
    assert (await hall.dues(number, running=False))["reply"].met is True


async def test_who_helps_moves_nothing(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE, helpers=[OTHER, CENTRE])
    assert [(row.unit, row.lead) for row in await hall.dispatches(number)] == [(CENTRE, True), (OTHER, False)]
    await hall.unit(OTTO, "sign", number)
    await refused(hall, "unit_helps", "unit", OTTO, "give_back", number, "不属于。")
    await hall.unit(OTTO, "reply", number, await hall.version(number), "已提供材料。")
    assert (await hall.row(number)).state == "dispatched"
    await hall.unit(CARL, "sign", number)


async def test_more_time(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    await hall.unit(CARL, "sign", number)
    request = await hall.unit(CARL, "ask_for_time", number, 10, "需现场调查。")
    await refused(hall, "request_pending", "unit", CARL, "ask_for_time", number, 5, "需现场调查。")
    await refused(hall, "request_own", "hall", CARL, "decide", request, granted=True, answer="")
    await hall.hall(SUSAN, "decide", request, granted=True, answer="")
    assert (await hall.dues(number))["reply"].due_at == at("2025-10-23 17:30")  # fifteen working days
    await refused(hall, "request_decided", "hall", SUSAN, "decide", request, granted=False, answer="不同意。")
    again = await hall.unit(CARL, "ask_for_time", number, 1, "仍需时间。")
    await refused(hall, "no_extension", "hall", SUSAN, "decide", again, granted=True, answer="")
    await hall.hall(SUSAN, "decide", again, granted=False, answer="已到最长时限。")


async def test_a_repeat_is_not_merged_into_what_nobody_handles_any_more(hall: Hall) -> None:
    ended, again = [await hall.ticket() for _ in range(2)]
    await hall.hall(ALICE, "not_accept", ended, 1, reason="人民法院已经立案。", channel="诉讼")
    await refused(hall, "ticket_state", "hall", ALICE, "merge", again, 1, ended)
    await hall.hall(SUSAN, "reopen", ended, "出现新证据。")
    await hall.hall(ALICE, "merge", again, 1, ended)


async def test_whoever_handles_it_is_of_the_unit(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    await refused(hall, "invalid_input", "unit", CARL, "sign", number, handler="acc-otto")


async def test_what_a_unit_asked_for_lapses_with_its_ticket(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    await hall.unit(CARL, "sign", number)
    asked = await hall.unit(CARL, "ask_for_time", number, 5, "需现场调查。")
    await hall.unit(CARL, "give_back", number, "不属于本单位。")
    await refused(hall, "request_decided", "hall", SUSAN, "decide", asked, granted=True, answer="")
    await hall.hall(ALICE, "dispatch", number, await hall.version(number), OTHER)
    await hall.unit(OTTO, "ask_for_time", number, 5, "需现场调查。")
    own = await hall.hall(ALICE, "ask_to_terminate", number, "来电人撤回诉求。")
    await hall.unit(OTTO, "give_back", number, "不属于本单位。")
    ended = await hall.hall(SUSAN, "decide", own, granted=True, answer="")
    assert ended.state == "terminated"


async def test_a_pause(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    await hall.unit(CARL, "sign", number)
    request = await hall.unit(CARL, "ask_to_pause", number, "等待鉴定意见。")
    await hall.hall(SUSAN, "decide", request, granted=True, answer="")
    assert (await hall.row(number)).due_at is None
    hall.now = at("2025-10-20 10:00")
    await hall.hall(SUSAN, "resume", number)
    assert (await hall.dues(number))["reply"].due_at == at("2025-10-27 17:30")  # five were left


async def test_ended_by_two_people(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    request = await hall.unit(CARL, "ask_to_terminate", number, "来电人撤回诉求。")
    ended = await hall.hall(SUSAN, "decide", request, granted=True, answer="")
    assert (ended.state, ended.ended_reason) == ("terminated", "来电人撤回诉求。")
    assert await hall.dues(number) == {}
    assert {row.end for row in await hall.dispatches(number)} == {"ended"}


async def test_repeats_are_merged_and_split_again(hall: Hall) -> None:
    first, second, third = [await hall.ticket() for _ in range(3)]
    await hall.hall(ALICE, "merge", third, 1, second)
    await hall.hall(ALICE, "merge", second, 1, first)
    assert (await hall.row(third)).merged_into == first
    await refused(hall, "ticket_merged", "hall", ALICE, "merge", first, await hall.version(first), second)
    await refused(hall, "invalid_input", "hall", ALICE, "merge", first, await hall.version(first), first)
    await hall.hall(ALICE, "split", third)
    assert ((await hall.row(third)).state, set(await hall.dues(third))) == ("open", {"dispatch"})


async def test_not_accepted_names_the_legal_way(hall: Hall) -> None:
    number = await hall.ticket()
    no = {"reason": "已由法院立案。", "channel": ""}
    await refused(hall, "invalid_input", "hall", ALICE, "not_accept", number, 1, **no)
    ended = await hall.hall(ALICE, "not_accept", number, 1, reason="已由法院立案。", channel="诉讼")
    assert (ended.state, ended.due_at) == ("not_accepted", None)
    again = await hall.hall(SUSAN, "reopen", number, "法院未受理。")
    assert again.times_reopened == 1


async def test_urging(hall: Hall) -> None:
    number = await hall.ticket()
    await refused(hall, "ticket_state", "hall", ALICE, "urge", number, "请尽快。")
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    await hall.hall(ALICE, "urge", number, "请尽快。")
    await refused(hall, "ticket_urged", "hall", ALICE, "urge", number, "请尽快。")
    await hall.hall(SUSAN, "urge", number, "今日下班前反馈。", supervise=True)
    row = await hall.row(number)
    assert (row.times_urged, row.supervised) == (2, True)


async def test_asked_in_vain_three_times(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    await hall.unit(CARL, "sign", number)
    await hall.unit(CARL, "reply", number, await hall.version(number), "已处理。")
    await hall.hall(SUSAN, "review", number, await hall.version(number))
    for state in ("reviewed", "reviewed", "followed_up"):
        await hall.hall(SUSAN, "follow_up", number, way=Way.PHONE, contentment=Contentment.NOT_REACHED, solved=None)
        assert (await hall.row(number)).state == state


async def test_what_is_missing_is_said_before_it_is_sent(hall: Hall) -> None:
    bare = await hall.ticket(facts="")
    await refused(hall, "ticket_incomplete", "hall", ALICE, "dispatch", bare, 1, CENTRE)
    unfiled = await hall.ticket(category="")
    await refused(hall, "ticket_incomplete", "hall", ALICE, "dispatch", unfiled, 1, CENTRE)
    await refused(hall, "ticket_stale", "hall", ALICE, "dispatch", unfiled, 7, CENTRE)
