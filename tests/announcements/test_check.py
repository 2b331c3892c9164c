"""What is wrong with a plan, where, and in which words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from adapters.prompts import built_in
from hotline.announcements.check import Fault, Grade, faults, is_good
from hotline.announcements.default import plan_of
from hotline.announcements.outline import Said, estimate, outline, seconds_to_queue
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
    Plan,
    Voicemail,
    Waiting,
    document_of,
    prompts_of,
)
from hotline.calls.outcome import Outcome
from hotline.settings import HallTable, MenuTable, QueueTable

QUEUES = {"main": "人工服务", "labour": "劳动"}
PROMPTS = dict.fromkeys(built_in(), 3.0) | {"long": 12.0, "greeting.yue": 3.0}
MENU = Menu(prompt="menu", keys=(Key(key="1", queue="labour"), Key(key="0", act=KeyAct.PERSON)))
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def found(plan: Plan, grade: Grade = Grade.ERROR) -> dict[str, str]:
    return {each.place: each.message for each in faults(plan, QUEUES, PROMPTS) if each.grade is grade}


def test_a_plan_without_anything_is_good() -> None:
    assert is_good(faults(Plan(), QUEUES, PROMPTS))


def test_a_full_plan_is_good() -> None:
    plan = Plan(
        greeting="welcome",
        recording_notice="recording-notice",
        language=LanguageChoice(keys=(LanguageKey(key="1", language=""), LanguageKey(key="2", language="yue"))),
        menu=MENU,
        waiting=Waiting(position=True, expected=True, comfort="wait", every_seconds=30, callback_key="1"),
        opening=Opening(periods=(Period(days=Days.WORKING, start="09:00", end="17:30"),), then=After.VOICEMAIL),
        parting={Outcome.NO_SEAT: "no-seat", Outcome.TIMED_OUT: "sorry"},
        rating=True,
        voicemail=Voicemail(on=True),
        notices=(Notice(id="a", kind=NoticeKind.HOLIDAY, title="国庆", prompt="holiday", start=NOW),),
    )
    assert found(plan) == {}
    assert list(found(plan, Grade.WARNING)) == ["menu"]


MENU_FAULTS: list[tuple[Menu, str, str]] = [
    (Menu(prompt="", keys=MENU.keys), "menu.prompt", "请选择提示音。"),
    (Menu(prompt="nope", keys=MENU.keys), "menu.prompt", "没有名为 nope 的提示音。"),
    (Menu(prompt="menu", keys=()), "menu.keys", "菜单没有按键。"),
    (Menu(prompt="menu", keys=(Key(key="1", queue="nope"),)), "menu.keys.0.queue", "没有名为 nope 的队列。"),
    (Menu(prompt="menu", keys=(Key(key="1"),)), "menu.keys.0.queue", "请选择队列。"),
    (
        Menu(prompt="menu", keys=(Key(key="1", queue="main"), Key(key="1", act=KeyAct.REPEAT))),
        "menu.keys.1.key",
        "按键 1 重复。",
    ),
    (Menu(prompt="menu", keys=(Key(key="x", queue="main"),)), "menu.keys.0.key", "按键应为 0 至 9、* 或 #。"),
    (Menu(prompt="menu", keys=(Key(key="0", queue="main"),)), "menu.keys.0.key", "按键 0 随时转人工，不能另作他用。"),
    (Menu(prompt="menu", keys=(Key(key="1", act=KeyAct.MENU),)), "menu.keys.0.menu", "请设置下级菜单。"),
    (
        Menu(
            prompt="menu",
            keys=(
                Key(
                    key="1",
                    act=KeyAct.MENU,
                    menu=Menu(prompt="menu", keys=(Key(key="2", act=KeyAct.MENU, menu=MENU),)),
                ),
            ),
        ),
        "menu.keys.0.menu.keys.0.menu",
        "菜单最多 2 级。",
    ),
    (Menu(prompt="menu", keys=MENU.keys, seconds=0), "menu.seconds", "等待按键应为 1 至 60 秒。"),
    (Menu(prompt="menu", keys=MENU.keys, tries=10), "menu.tries", "允许按错的次数应为 1 至 9。"),
]


@pytest.mark.parametrize(("menu", "place", "message"), MENU_FAULTS)
def test_menus(menu: Menu, place: str, message: str) -> None:
    assert found(Plan(menu=menu)) == {place: message}


def test_a_menu_needs_a_way_to_a_person() -> None:
    keys = (Key(key="1", queue="main"),)
    assert found(Plan(menu=Menu(prompt="menu", keys=keys), reach_person_key="")) == {
        "reach_person_key": "有语音菜单时必须有转人工的按键。"
    }
    assert found(Plan(menu=MENU, reach_person_key="")) == {}
    assert found(Plan(reach_person_key="")) == {}


def test_menus_that_nobody_can_remember_are_warned_of() -> None:
    many = tuple(Key(key=str(n), queue="main") for n in range(1, 8))
    warned = found(Plan(menu=Menu(prompt="long", keys=many)), Grade.WARNING)
    assert warned["menu"] == "GB/T 33358 不提倡设置语音菜单，请尽量直接接通人工。"
    assert "12.0 秒，超过 9 秒" in warned["menu.prompt"]
    assert "按键超过 5 个" in warned["menu.keys"]


OTHER_FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"greeting": "nope"}, "greeting", "没有名为 nope 的提示音。"),
    ({"reach_person_key": "x"}, "reach_person_key", "按键应为 0 至 9、* 或 #。"),
    ({"waiting": Waiting(every_seconds=19)}, "waiting.every_seconds", "播报间隔应为 20 至 600 秒。"),
    ({"waiting": Waiting(comfort="nope")}, "waiting.comfort", "没有名为 nope 的提示音。"),
    ({"waiting": Waiting(callback_key="0")}, "waiting.callback_key", "按键 0 随时转人工，不能另作他用。"),
    ({"language": LanguageChoice()}, "language.keys", "语言选择至少需要两种。"),
    (
        {"language": LanguageChoice(keys=(LanguageKey(key="1", language=""), LanguageKey(key="2", language="")))},
        "language.keys.1.language",
        "语言重复。",
    ),
    (
        {"language": LanguageChoice(keys=(LanguageKey(key="1", language=""), LanguageKey(key="2", language="粤")))},
        "language.keys.1.language",
        "语言标记应为小写字母，例如 yue、ug。",
    ),
    (
        {"opening": Opening(periods=(Period(start="9点", end="10:00"),))},
        "opening.periods.0.start",
        "时间应写作 09:00，一天的结束写作 24:00。",
    ),
    (
        {"opening": Opening(periods=(Period(start="22:00", end="06:00"),))},
        "opening.periods.0.end",
        "结束时间应晚于开始时间；跨午夜请分成两段。",
    ),
    (
        {"opening": Opening(periods=(Period(start="09:00", end="10:00"),), then=After.VOICEMAIL)},
        "opening.then",
        "留言没有启用，非服务时间不能转留言。",
    ),
    ({"parting": {Outcome.ANSWERED: "sorry"}}, "parting.answered", "这种结果没有可播放的结束语。"),
    ({"parting": {Outcome.NO_SEAT: "nope"}}, "parting.no_seat", "没有名为 nope 的提示音。"),
    ({"voicemail": Voicemail(max_seconds=601)}, "voicemail.max_seconds", "留言时长应为 10 至 600 秒。"),
    (
        {"voicemail": Voicemail(on=True, after=(Outcome.ANSWERED,))},
        "voicemail.after.0",
        "这种结果之后不能留言。",
    ),
    (
        {"notices": (Notice(id="a", kind=NoticeKind.CLOSED, title="x", prompt="closed", start=NOW, until=NOW),)},
        "notices.0.until",
        "结束时间应晚于开始时间。",
    ),
    (
        {"notices": (Notice(id="a", kind=NoticeKind.CLOSED, title=" ", prompt="closed"),)},
        "notices.0.title",
        "请填写公告名称。",
    ),
    (
        {"notices": (Notice(id="a", kind=NoticeKind.CLOSED, title="x", prompt="closed", then=After.VOICEMAIL),)},
        "notices.0.then",
        "留言没有启用，公告之后不能转留言。",
    ),
]


@pytest.mark.parametrize(("change", "place", "message"), OTHER_FAULTS)
def test_everything_else(change: dict[str, Any], place: str, message: str) -> None:
    assert found(Plan(**change)) == {place: message}


def test_overlapping_times_are_only_warned_of() -> None:
    periods = (Period(days=Days.WORKING, start="09:00", end="12:00"), Period(start="11:00", end="13:00"))
    assert "opening.periods.1" in found(Plan(opening=Opening(periods=periods)), Grade.WARNING)
    apart = (Period(days=Days.WORKING, start="09:00", end="12:00"), Period(days=Days.OFF, start="09:00", end="12:00"))
    assert "opening.periods.1" not in found(Plan(opening=Opening(periods=apart)), Grade.WARNING)


def test_errors_come_first() -> None:
    grades = [each.grade for each in faults(Plan(menu=Menu(prompt="nope", keys=())), QUEUES, PROMPTS)]
    assert grades == sorted(grades, key=lambda grade: grade is not Grade.ERROR)
    assert {Grade.ERROR, Grade.WARNING} == set(grades)


def table(**more: Any) -> HallTable:
    queues = {name: QueueTable(label=label, groups=["all"]) for name, label in QUEUES.items()}
    return HallTable(label="大厅", default_queue="main", queues=queues, **more)


def test_the_settings_are_the_default() -> None:
    menu = MenuTable(prompt="menu", keys={"1": "labour", "0": "main"}, seconds=6, tries=3)
    plan = plan_of(table(greeting="greeting", menu=menu, parting={"no_seat": "no-seat"}))
    keys = (Key(key="1", queue="labour", label="劳动"), Key(key="0", act=KeyAct.PERSON, label="人工服务"))
    assert plan == Plan(
        greeting="greeting",
        menu=Menu(prompt="menu", keys=keys, seconds=6, tries=3),
        parting={Outcome.NO_SEAT: "no-seat"},
    )
    assert found(plan) == {}


def test_a_key_that_the_settings_use_otherwise_is_not_taken_for_a_person() -> None:
    plan = plan_of(table(menu=MenuTable(keys={"0": "labour", "*": "labour"})))
    assert plan.reach_person_key == "#"
    assert found(plan) == {}


def test_a_plan_is_the_same_after_it_was_written_down() -> None:
    plan = Plan(menu=MENU, opening=Opening(periods=(Period(start="09:00", end="10:00"),)), rating=True)
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan
    apart = msgspec.structs.replace(plan, notices=(), variants=frozenset({"a.yue"}))
    assert document_of(apart) == plan


def test_which_announcements_are_used() -> None:
    notice = Notice(id="holiday-1", kind=NoticeKind.HOLIDAY, title="x", prompt="holiday")
    below = Menu(prompt="wait", keys=(Key(key="1", act=KeyAct.MENU, menu=MENU),))
    plan = Plan(greeting="greeting", menu=below, parting={Outcome.NO_SEAT: "no-seat"}, notices=(notice,))
    assert prompts_of(plan) == {"greeting", "wait", "menu", "no-seat", "holiday"}
    more = Plan(
        voicemail=Voicemail(on=True),
        waiting=Waiting(callback_key="1"),
        opening=Opening(periods=(Period(start="09:00", end="10:00"),)),
        language=LanguageChoice(),
    )
    assert prompts_of(more) == {"voicemail", "voicemail-thanks", "callback-offer", "closed", "language"}


def test_what_a_caller_hears_in_order() -> None:
    there = {name: Said(text=each.text, seconds=estimate(each.text)) for name, each in built_in().items()}
    notice = Notice(id="a", kind=NoticeKind.HOLIDAY, title="国庆", prompt="holiday")
    plan = Plan(
        greeting="welcome",
        recording_notice="recording-notice",
        menu=MENU,
        notices=(notice,),
        waiting=Waiting(position=True, every_seconds=30),
        parting={Outcome.NO_SEAT: "no-seat"},
        rating=True,
    )
    lines = outline(plan, there, QUEUES)
    assert [line.title for line in lines] == [
        "公告「国庆」，之后继续接通",
        "开头语",
        "录音告知（只播一次，记入通话）",
        "语音菜单，等待按键 8 秒，按错 2 次转人工",
        "按 1：进入「劳动」",
        "按 0：转人工",
        "随时按 0 转人工",
        "进入排队，播放等待音乐",
        "每 30 秒播报排队位置",
        "律师接听",
        "通话结束后请来电人评价",
        "无人值班",
    ]
    expected = sum(there[name].seconds for name in ("welcome", "recording-notice", "menu")) + 8
    assert seconds_to_queue(lines) == pytest.approx(expected)


def test_faults_are_values() -> None:
    assert Fault(place="a", message="b") == Fault(place="a", message="b", grade=Grade.ERROR)
