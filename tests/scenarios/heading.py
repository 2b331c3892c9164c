"""What does the heading of a story say: which hall is it played in, who sits there, what is known of its callers?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from adapters.telephony import Ability
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
    Waiting,
)
from hotline.callers.treatment import Level, Treatment
from hotline.calls.outcome import Outcome
from hotline.hall.rules import Contact, ContactKind, HallRules, OutboundRules, QueueRules, Widening
from hotline.rosters.shift import DutyMode
from routing import spill
from tests.hall.kit import CARD, queue, rules

DUTIES = {"live": DutyMode.LIVE, "forwarded": DutyMode.FORWARDED_MOBILE, "voicemail": DutyMode.VOICEMAIL}


class Heading(msgspec.Struct, kw_only=True):
    """The hall of a story."""

    rules: HallRules
    seats: dict[str, tuple[str, ...]]
    lawyers: dict[str, str]
    """Seat → who sits there."""
    callers: dict[str, Treatment]
    labels: dict[str, str]
    """Skill groups and queues → what people call them."""


def read(lines: list[str]) -> Heading:
    """Everything above the table."""
    queues: list[QueueRules] = []
    seats: dict[str, tuple[str, ...]] = {}
    lawyers: dict[str, str] = {}
    labels: dict[str, str] = {}
    callers: dict[str, Treatment] = {}
    contacts: dict[str, Contact] = {}
    below: dict[str, Menu] = {}
    more: dict[str, Any] = {}
    abilities = set(Ability) - {Ability.BY_HAND}
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        words = rest.split()
        given = {name: value.replace("_", " ") for name, _, value in (each.partition("=") for each in words) if value}
        match word:
            case "seats":
                seats |= {number: tuple(groups.split(",")) for number, groups in given.items()}
            case "lawyers":
                lawyers |= given
            case "labels":
                labels |= given
            case "queue":
                queues.append(_queue(words[0], given))
            case "contact":
                contacts[words[0]] = _contact(words[0], given)
            case "caller":
                callers[words[0]] = _treatment(given)
            case "greeting":
                more["greeting"] = words[0]
            case "recording_notice":
                more["recording_notice"] = words[0]
            case "submenu":
                below[words[1]] = _menu(words[1], given, {})
                below[words[0]] = below[words[1]]
            case "menu":
                more["menu"] = _menu(words[0], given, below)
            case "language":
                more["language"] = LanguageChoice(keys=tuple(_language_key(k, v) for k, v in given.items()))
            case "waiting":
                more["waiting"] = Waiting(
                    position="position" in words,
                    expected="expected" in words,
                    comfort=given.get("comfort", ""),
                    every_seconds=int(given.get("every", "60")),
                    callback_key=given.get("callback", ""),
                )
            case "open":
                more["opening"] = Opening(
                    periods=tuple(_period(words[0], span) for span in words[1:] if "=" not in span),
                    then=After(given.get("then", "end")),
                )
            case "voicemail":
                more["voicemail"] = Voicemail(on=True, thanks="voicemail-thanks")
            case "rating":
                more["rating"] = True
            case "sorry":
                more["parting"] = {Outcome(outcome): prompt for outcome, prompt in given.items()}
            case "redial":
                more["redial_seconds"] = int(words[0])
            case "consent":
                more["break_approval"] = True
            case "caps":
                more["outbound"] = OutboundRules(**{name: int(value) for name, value in given.items()})
            case "line":
                named = {Ability(each) for each in words[1:]}
                abilities = abilities | named if words[0] == "with" else abilities - named
            case "duty":
                more |= duty(rest)
            case _:
                pass
    labels |= {each.name: each.label for each in queues if each.label != each.name}
    made = rules(*queues, contacts=contacts, abilities={CARD: frozenset(abilities)}, **more)
    return Heading(rules=made, seats=seats or {"01": ("general",)}, lawyers=lawyers, callers=callers, labels=labels)


def duty(rest: str) -> dict[str, Any]:
    """`forwarded 王律师=13900139000`: how callers are served while nobody is signed in, and whose phones ring then."""
    mode, *phones = rest.split()
    night = tuple(
        Contact(id=f"night-{place}", label=label, number=number)
        for place, (label, number) in enumerate((each.split("=") for each in phones), 1)
    )
    return {"duty": DUTIES[mode], "night": night}


def with_notice(before: HallRules, rest: str) -> HallRules:
    """The rules with a notice (公告) switched on, `flood emergency then=end`, or off, `off flood`."""
    words = rest.split()
    given = dict(each.split("=") for each in words if "=" in each)
    kept = tuple(each for each in before.plan.notices if each.id != words[1])
    if words[0] != "off":
        kept += (
            Notice(
                id=words[0],
                kind=NoticeKind(words[1]),
                title=words[0],
                prompt=given.get("prompt", words[1]),
                then=After(given.get("then", "go_on")),
            ),
        )
    return replace(before, plan=replace(before.plan, notices=kept))


def _queue(name: str, given: Mapping[str, str]) -> QueueRules:
    steps = tuple(
        Widening(after_seconds=int(after), groups=tuple(groups.split("+")))
        for after, groups in (step.split(":") for step in given.get("widen", "").split(",") if step)
    )
    return queue(
        name,
        label=given.get("label", name),
        groups=tuple(given.get("groups", name).split("+")),
        widening=steps,
        ring_seconds=int(given.get("ring", "20")),
        max_wait_seconds=int(given.get("wait", "120")),
        wrap_seconds=int(given.get("wrap", "30")),
        max_length=int(given.get("full", "500")),
        priority=int(given.get("prio", "0")),
        spills=tuple(_spill(each) for each in given.get("spill", "").split(",") if each),
    )


def _spill(text: str) -> spill.Spill:
    """`60s>labour` · `2perseat>outside:province` · `no_seat>labour`"""
    when, _, there = text.partition(">")
    kind, _, name = there.partition(":")
    to = spill.ToContact(contact=name) if kind == "outside" else spill.ToQueue(queue=there)
    if when.endswith("perseat"):
        return spill.Spill(when=spill.PerSeat(waiting=float(when.removesuffix("perseat"))), to=to)
    if when.endswith("s") and when[:-1].isdigit():
        return spill.Spill(when=spill.After(seconds=float(when[:-1])), to=to)
    return spill.Spill(when=spill.AlwaysWhen(rule=when), to=to)


def _contact(name: str, given: Mapping[str, str]) -> Contact:
    return Contact(
        id=name,
        label=given.get("label", name),
        number=given.get("number", name),
        kind=ContactKind(given.get("kind", "office")),
        ring_seconds=int(given.get("ring", "30")),
    )


def _treatment(given: Mapping[str, str]) -> Treatment:
    excluded = tuple(f"acc-10{seat}" for seat in given.get("conflict", "").split("+") if seat)
    return Treatment(
        priority=int(given.get("priority", "0")),
        marks=tuple(given["marks"].split("+")) if "marks" in given else (),
        level=Level(given.get("level", "none")),
        calls_a_day=int(given["calls"]) if "calls" in given else None,
        excluded=excluded,
        conflicting=excluded,
        preferred=f"acc-10{given['prefer']}" if "prefer" in given else None,
    )


def _menu(prompt: str, given: Mapping[str, str], below: Mapping[str, Menu]) -> Menu:
    return Menu(prompt=prompt, keys=tuple(_key(key, to, below) for key, to in given.items()))


def _key(key: str, to: str, below: Mapping[str, Menu]) -> Key:
    if to in below:
        return Key(key=key, act=KeyAct.MENU, menu=below[to])
    return Key(key=key, act=KeyAct(to)) if to in ("repeat", "person") else Key(key=key, queue=to)


def _language_key(key: str, to: str) -> LanguageKey:
    language, _, name = to.partition(">")
    return LanguageKey(key=key, language=language, queue=name)


def _period(days: str, span: str) -> Period:
    start, _, end = span.partition("-")
    return Period(days=Days(days), start=start, end=end)
