"""What may be asked of a call over HTTP, by whom, and what is on record afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from hotline.calls.party import Part
from hotline.hall.inputs import (
    AskBreak,
    CancelConsult,
    ConfirmHandover,
    Consult,
    DecideBreak,
    Dial,
    DropParty,
    Emergency,
    ForceRelease,
    Hold,
    JoinConsulted,
    Leave,
    Monitor,
    Mute,
    OutsideTarget,
    PressKeys,
    QueueTarget,
    RestorePhone,
    Resume,
    SeatTarget,
    SendToRating,
    StopMonitoring,
    TakeOver,
    Transfer,
    WithdrawBreak,
)
from hotline.hall.rules import Contact
from hotline.hall.writer import CommandRefused
from hotline.people.permissions import Role
from seats.seat import SeatNo, SeatState
from tests.api.site import Site

ONE, CALL = SeatNo("01"), "h1-000000001"
BUTTONS: list[tuple[str, dict[str, Any], Any]] = [
    ("hold", {"call": CALL}, Hold(seat=ONE, call=CALL)),  # pyright: ignore[reportArgumentType]  # ids are strings here
    ("resume", {"call": CALL}, Resume(seat=ONE, call=CALL)),  # pyright: ignore[reportArgumentType]
    ("mute", {"call": CALL, "on": True}, Mute(seat=ONE, call=CALL, on=True)),  # pyright: ignore[reportArgumentType]
    ("keys", {"call": CALL, "digits": "12#"}, PressKeys(seat=ONE, call=CALL, digits="12#")),  # pyright: ignore[reportArgumentType]
    (
        "consult",
        {"call": CALL, "target": {"kind": "seat", "seat": "02"}},
        Consult(seat=ONE, call=CALL, target=SeatTarget(seat=SeatNo("02"))),  # pyright: ignore[reportArgumentType]
    ),
    ("cancel-consult", {"call": CALL}, CancelConsult(seat=ONE, call=CALL)),  # pyright: ignore[reportArgumentType]
    ("join", {"call": CALL}, JoinConsulted(seat=ONE, call=CALL)),  # pyright: ignore[reportArgumentType]
    ("leave", {"call": CALL}, Leave(seat=ONE, call=CALL)),  # pyright: ignore[reportArgumentType]
    (
        "transfer",
        {"call": CALL, "target": {"kind": "queue", "queue": "labour"}},
        Transfer(seat=ONE, call=CALL, target=QueueTarget(queue="labour")),  # pyright: ignore[reportArgumentType]
    ),
    (
        "transfer",
        {"call": CALL, "target": {"kind": "outside", "contact": "12345"}},
        Transfer(seat=ONE, call=CALL, target=OutsideTarget(contact="12345")),  # pyright: ignore[reportArgumentType]
    ),
    ("drop", {"call": CALL, "offer": "x.2"}, DropParty(seat=ONE, call=CALL, offer="x.2")),  # pyright: ignore[reportArgumentType]
    ("rate", {"call": CALL}, SendToRating(seat=ONE, call=CALL)),  # pyright: ignore[reportArgumentType]
    ("emergency", {}, Emergency(seat=ONE, contact="110")),
    ("emergency", {"contact": "120"}, Emergency(seat=ONE, contact="120")),
    ("confirm", {"call": CALL, "offer": "x.2"}, ConfirmHandover(seat=ONE, call=CALL, offer="x.2")),  # pyright: ignore[reportArgumentType]
    ("restore-phone", {}, RestorePhone(seat=ONE)),
    ("break-request", {"reason": "meal"}, AskBreak(seat=ONE, reason="meal")),
    ("withdraw-break", {}, WithdrawBreak(seat=ONE)),
]


@pytest.mark.parametrize(("verb", "body", "wish"), BUTTONS, ids=lambda each: each if isinstance(each, str) else "")
async def test_a_button_is_a_command(site: Site, verb: str, body: dict[str, Any], wish: Any) -> None:
    site.seat(SeatState.TALKING)
    async with site.browser(Role.OPERATOR) as client:
        assert (await client.post(f"/seats/01/{verb}", json=body)).status_code == 200
    assert site.halls["h1"].asked[-1][0] == wish


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("hold", {}),
        ("mute", {"call": CALL}),
        ("keys", {"call": CALL, "digits": "abc"}),
        ("consult", {"call": CALL, "target": {"kind": "queue", "queue": "labour"}}),
        ("transfer", {"call": CALL, "target": {"kind": "number", "number": "13800138000"}}),
        ("transfer", {"call": CALL}),
    ],
)
async def test_what_makes_no_sense_is_told(site: Site, verb: str, body: dict[str, Any]) -> None:
    site.seat(SeatState.TALKING)
    async with site.browser(Role.OPERATOR) as client:
        answer = await client.post(f"/seats/01/{verb}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert not site.halls["h1"].asked


async def test_a_refusal_keeps_its_code(site: Site) -> None:
    site.seat(SeatState.TALKING)

    async def refuse() -> None:
        raise CommandRefused("handover_unconfirmed")

    site.halls["h1"].answer = refuse
    async with site.browser(Role.OPERATOR) as client:
        answer = await client.post("/seats/01/leave", json={"call": CALL})
    assert (answer.status_code, answer.json()["code"]) == (409, "handover_unconfirmed")


SUPERVISION: list[tuple[str, dict[str, Any], Any, str]] = [
    ("/seats/01/monitor", {"call": CALL, "mode": "whisper"}, Monitor, "monitored"),
    ("/seats/01/take-over", {"call": CALL}, TakeOver, "took_over"),
    (f"/calls/{CALL}/force-release", {"reason": "辱骂"}, ForceRelease, "force_released"),
    ("/seats/01/break-decision", {"approve": True}, DecideBreak, "break_decided"),
]


@pytest.mark.parametrize(("path", "body", "kind", "act"), SUPERVISION)
async def test_what_a_supervisor_does_on_a_call_is_on_record(
    site: Site, path: str, body: dict[str, Any], kind: type[Any], act: str
) -> None:
    site.seat(SeatState.READY, role=Role.SUPERVISOR)
    async with site.browser(Role.SUPERVISOR) as client:
        answer = await client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    assert isinstance(site.halls["h1"].asked[-1][0], kind)
    assert [(each["act"], each["result"]) for each in await site.audit()] == [(act, "asked")]


@pytest.mark.parametrize(("path", "body", "kind", "act"), SUPERVISION)
async def test_and_is_the_supervisors_alone(
    site: Site, path: str, body: dict[str, Any], kind: type[Any], act: str
) -> None:
    site.seat(SeatState.READY)
    async with site.browser(Role.OPERATOR) as client:
        assert (await client.post(path, json=body)).status_code == 403
    assert not site.halls["h1"].asked


async def test_the_way_of_watching_is_passed_on(site: Site) -> None:
    site.seat(SeatState.READY, role=Role.SUPERVISOR)
    async with site.browser(Role.SUPERVISOR) as client:
        for mode in ("listen", "whisper", "barge"):
            await client.post("/seats/01/monitor", json={"call": CALL, "mode": mode})
        await client.post("/seats/01/stop-monitor", json={})
    asked = [each for each, _ in site.halls["h1"].asked]
    assert [each.part for each in asked if isinstance(each, Monitor)] == [
        Part.LISTENING,
        Part.WHISPERING,
        Part.BARGING,
    ]
    assert isinstance(asked[-1], StopMonitoring)


async def test_a_contact_is_dialled_by_its_name(site: Site) -> None:
    site.seat(SeatState.READY)
    hall = site.halls["h1"]
    hall.state.rules = type(hall.state.rules)(
        hall="h1",
        label="",
        queues={},
        default_queue="main",
        contacts={"12345": Contact(id="12345", label="12345", number="12345")},
    )
    async with site.browser(Role.OPERATOR) as client:
        assert (await client.post("/seats/01/dial", json={"contact": "12345"})).status_code == 200
        wish = hall.asked[-1][0]
        assert isinstance(wish, Dial)
        assert (wish.number, wish.purpose, wish.callback) == ("12345", "contact", None)
        assert (await client.post("/seats/01/dial", json={"contact": "0085212345678"})).status_code == 409
        assert (await client.post("/seats/01/dial", json={})).status_code == 422
        assert (await client.post("/seats/01/dial", json={"number": "13800138000"})).status_code == 422
        assert (await client.post("/seats/01/dial", json={"callback": 999})).status_code == 404
    assert [each["act"] for each in await site.audit()] == ["dialled"]
