"""Applications for legal aid: what contradicts itself, what is lacking, and the clock over a holiday week."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.handling.board import HandlingRefused
from hotline.matters.aid import (
    GROUNDS,
    MATERIALS,
    TRANSITIONS,
    UNDECIDED,
    AidRefused,
    AidState,
    AidStep,
    Application,
    By,
    Exempt,
    Means,
    advance,
    faults,
    findings,
    lacking,
    required,
)
from hotline.matters.applying import Aid, AidFaulty, Filing, applications
from hotline.rosters.calendar import SHANGHAI
from hotline.store.seal import Seal
from tests.diagrams import edges
from tests.handling.kit import ALICE, CARL, CENTRE, HALL, SUSAN, Hall
from tests.matters.making import ALL, CARD, filing


@pytest.mark.parametrize(
    ("application", "wrong"),
    [
        (Application(ground="pay", means=Means.DECLARED), []),
        (Application(ground="violence", means=Means.NOT_NEEDED), []),
        (Application(ground="other", means=Means.NOT_NEEDED), []),
        (Application(ground="pay", means=Means.EXEMPT, exempt=Exempt.MIGRANT), []),
        (Application(ground="nothing", means=Means.DECLARED), ["ground"]),
        (Application(ground="pay", means=Means.NOT_NEEDED), ["means"]),
        (Application(ground="violence", means=Means.DECLARED), ["means"]),
        (Application(ground="pay", means=Means.EXEMPT), ["exempt"]),
        (Application(ground="pay", means=Means.DECLARED, exempt=Exempt.RELIEF), ["exempt"]),
        (Application(ground="support", means=Means.EXEMPT, exempt=Exempt.MIGRANT), ["exempt"]),
        (Application(ground="pay", means=Means.DECLARED, materials=frozenset({"x"})), ["materials"]),
    ],
)
def test_what_contradicts_itself(application: Application, wrong: list[str]) -> None:
    assert [each.field for each in faults(application)] == wrong


APPLICATIONS = st.builds(
    Application,
    ground=st.sampled_from(sorted(GROUNDS)),
    means=st.sampled_from(Means),
    by=st.sampled_from(By),
    materials=st.frozensets(st.sampled_from(sorted(MATERIALS))),
)


@given(APPLICATIONS, st.lists(st.sampled_from(sorted(MATERIALS)), max_size=3))
def test_what_is_lacking_is_exactly_what_completes_it(application: Application, also: list[str]) -> None:
    missing = lacking(application, also)
    assert not set(missing) & application.materials
    whole = Application(
        ground=application.ground,
        means=application.means,
        by=application.by,
        materials=application.materials | set(missing),
    )
    assert lacking(whole, also) == []
    assert set(required(application)) | set(also) <= whole.materials
    assert {each.code: each.ok for each in findings(application, also)}["materials"] is (not missing)


@pytest.mark.parametrize(("state", "step"), list(itertools.product(AidState, AidStep)))
def test_the_table(state: AidState, step: AidStep) -> None:
    if (state, step) in TRANSITIONS:
        assert state in UNDECIDED | {AidState.APPOINTED}
        assert advance(state, step) is TRANSITIONS[state, step]
    else:
        with pytest.raises(AidRefused):
            advance(state, step)


def test_the_diagram_says_the_same() -> None:
    drawn = {edge for edge in edges(Path(__file__).parents[2] / "hotline/matters/README.md") if edge[0] != "[*]"}
    assert drawn == {(state.value, step.value, target.value) for (state, step), target in TRANSITIONS.items()}


class Office:
    """Applications on tickets of that hall."""

    def __init__(self, hall: Hall, seal: Seal) -> None:
        self.hall, self.seal = hall, seal

    @asynccontextmanager
    async def at(self, worker: object = ALICE) -> AsyncIterator[Aid]:
        async with self.hall.board(worker) as board:  # pyright: ignore[reportArgumentType]
            yield Aid(board, self.seal)

    async def filed(self, materials: frozenset[str] = ALL, **more: str) -> str:
        number = await self.hall.ticket(matter="legal_aid")
        async with self.at() as aid:
            await aid.file(number, filing(materials, **more))
        return number

    async def state(self, number: str) -> str:
        async with self.hall.engine.connect() as conn:
            return (await applications(conn, self.seal, HALL, number))[0].state


@pytest.fixture
def office(hall: Hall, seal: Seal) -> Office:
    return Office(hall, seal)


def at(month: int, day: int, hour: int = 17, minute: int = 30) -> datetime:
    return datetime(2025, month, day, hour, minute, tzinfo=SHANGHAI)


async def test_seven_days_and_three_over_a_holiday(office: Office) -> None:
    number = await office.filed()
    # Friday 26 September and seven days: a day off until the 9th of October (调休: 1–8 October).
    assert (await office.hall.dues(number))["aid_review"].due_at == at(10, 9)
    office.hall.later(days=2)
    async with office.at(SUSAN) as aid:
        await aid.grant(number, "")
    due = await office.hall.dues(number)
    assert "aid_review" not in due
    # Sunday 28 September is worked; three days later everybody has left.
    assert due["aid_appoint"].due_at == at(10, 9)
    office.hall.later(days=1)
    async with office.at(SUSAN) as aid:
        await aid.appoint(number, "李律师", "城东律师事务所")
    met = await office.hall.dues(number, running=False)
    assert (met["aid_review"].met, met["aid_appoint"].met) == (True, True)
    assert await office.hall.told(number) == ["aid_filed", "aid_granted", "aid_appointed"]


async def test_the_clock_stands_still_while_materials_are_awaited(office: Office) -> None:
    number = await office.filed(ALL - {"case"})
    assert await office.state(number) == "supplement"
    paused = (await office.hall.dues(number))["aid_review"]
    assert paused.pause_reason == "待申请人补充：与申请事项有关的案件材料"
    office.hall.now = at(10, 20, 10, 0)
    async with office.at() as aid:
        await aid.receive(number, ["case"])
    assert await office.state(number) == "review"
    running = (await office.hall.dues(number))["aid_review"]
    # Not one of the seven days had passed; the days off by which the end had been moved are not given twice.
    assert (running.paused_at, running.due_at) == (None, at(10, 27))
    async with office.at(SUSAN) as aid:
        with pytest.raises(HandlingRefused) as refused:
            await aid.ask(number, ["proxy"], "")
    assert refused.value.code == "aid_asked"


async def test_asked_once_in_the_review_and_late(office: Office) -> None:
    number = await office.filed()
    office.hall.now = at(10, 9, 9, 0)
    async with office.at(SUSAN) as aid:
        await aid.ask(number, ["identity"], "身份证复印件不清晰。")
    office.hall.later(days=3)
    async with office.at() as aid:
        await aid.receive(number, ["identity"])
    # Asked on the last day: none is left; the twelfth is a Sunday.
    assert (await office.hall.dues(number))["aid_review"].due_at == at(10, 13)
    office.hall.now = at(10, 14, 9, 0)
    async with office.at(SUSAN) as aid:
        await aid.refuse(number, "不属于法律援助事项范围。", objection_told=True)
    assert (await office.hall.dues(number, running=False))["aid_review"].met is False
    assert await office.state(number) == "refused"


async def test_the_deadline_goes_where_the_ticket_goes(office: Office) -> None:
    number = await office.filed()
    version = await office.hall.version(number)
    await office.hall.hall(ALICE, "dispatch", number, version, CENTRE)
    due = await office.hall.dues(number)
    assert (due["aid_review"].unit, due["aid_review"].due_at) == (CENTRE, at(10, 9))
    await office.hall.unit(CARL, "sign", number)
    assert "aid_review" in await office.hall.dues(number)
    async with office.at(CARL) as aid:
        await aid.grant(number, "")
    assert (await office.hall.dues(number))["aid_appoint"].unit == CENTRE


async def test_nothing_ends_while_an_application_is_undecided(office: Office) -> None:
    number = await office.filed()
    version = await office.hall.version(number)
    with pytest.raises(HandlingRefused) as refused:
        await office.hall.hall(ALICE, "not_accept", number, version, reason="法院已立案", channel="诉讼")
    assert refused.value.code == "aid_undecided"
    async with office.at() as aid:
        await aid.withdraw(number, "自行委托律师", deemed=False)
    await office.hall.hall(ALICE, "not_accept", number, version, reason="法院已立案", channel="诉讼")
    assert (await office.hall.dues(number, running=False))["aid_review"].met is None


async def test_what_is_refused(office: Office) -> None:
    number = await office.filed(ALL - {"case"})

    async def code(what: str, *args: object, **more: object) -> str:
        async with office.at(SUSAN) as aid:
            with pytest.raises(HandlingRefused) as refused:
                await getattr(aid, what)(*args, **more)
        return refused.value.code

    assert await code("file", number, filing()) == "aid_open"
    assert await code("grant", number, "") == "aid_lacking"
    assert await code("appoint", number, "李律师", "某所") == "aid_state"
    assert await code("refuse", number, "不符合", objection_told=False) == "invalid_input"
    assert await code("file", await office.hall.ticket(), filing()) == "invalid_input"
    wrong = Application(ground="violence", means=Means.DECLARED)
    other = await office.hall.ticket(matter="legal_aid")
    async with office.at() as aid:
        with pytest.raises(AidFaulty) as faulty:
            await aid.file(other, Filing(application=wrong, applicant=" ", card="1"))
    assert [each.field for each in faulty.value.faults] == ["means", "applicant", "card"]


async def test_an_urgent_one_is_granted_before_its_papers_are_there(office: Office) -> None:
    number = await office.filed(ALL - {"case"}, urgent_reason="时效还有两天。")
    async with office.at(SUSAN) as aid:
        await aid.grant(number, "先行提供")
        await aid.receive(number, ["case"])
    async with office.hall.engine.connect() as conn:
        (shown,) = await applications(conn, office.seal, HALL, number)
    assert (shown.state, shown.lacking) == ("granted", ())
    assert (shown.applicant, shown.card) == ("王某", f"110{'*' * 11}002X")
    assert CARD not in repr(shown)
