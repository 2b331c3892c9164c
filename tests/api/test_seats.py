"""The supervisor's and the administrator's hands on a seat: on record before it happens, and no lock meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import text

from hotline.audit.trail import SYSTEM, Act, record, verify_chain
from hotline.hall.inputs import DefineSeat, ForceState
from hotline.hall.writer import CommandRefused, NotLeading, Stalled
from hotline.people.permissions import Role
from seats.seat import Seat, SeatNo, SeatState
from tests.api.site import Site

ACTS = [
    (Role.SUPERVISOR, "POST", "/seats/01/force", {"state": "busy", "reason": "无人应答"}, "force_state"),
    (Role.ADMINISTRATOR, "PUT", "/seats/01", {"extension": "8009", "groups": ["all"]}, "seat_defined"),
]


async def act(site: Site, role: Role, method: str, path: str, body: Mapping[str, Any]) -> Any:
    async with site.browser(role) as client:
        return await client.request(method, path, json=body)


def lines(entries: list[Mapping[str, Any]]) -> list[tuple[str, str, str, Mapping[str, Any]]]:
    return [(each["act"], each["object"], each["result"], each["data"]) for each in entries]


@pytest.mark.parametrize(("role", "method", "path", "body", "name"), ACTS)
async def test_it_is_on_record_when_the_hall_hears_of_it(
    site: Site, role: Role, method: str, path: str, body: dict[str, Any], name: str
) -> None:
    """While the hall takes its time the entry is there for everybody, nothing is locked, no transaction is open."""
    site.seat(SeatState.READY)
    seen: list[Any] = []

    async def look() -> None:
        seen.append(lines(await site.audit()))
        async with site.engine.connect() as conn:
            idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
            seen.append((await conn.execute(text(idle))).scalar_one())
        async with asyncio.timeout(2), site.engine.begin() as conn:
            await record(conn, hall="h1", doer=SYSTEM, act=Act.EXPORT, object="meanwhile", at=site.clock.now())

    site.halls["h1"].answer = look
    assert (await act(site, role, method, path, body)).status_code == 200
    [entry], open_transactions = seen
    assert entry[:3] == (name, "seat:01", "asked")
    assert open_transactions == 0
    assert [each[0] for each in lines(await site.audit())] == [name, "export"]
    assert isinstance(site.halls["h1"].asked[-1][0], ForceState | DefineSeat)
    async with site.engine.connect() as conn:
        assert await verify_chain(conn, "h1") is None


@pytest.mark.parametrize(("role", "method", "path", "body", "name"), ACTS)
@pytest.mark.parametrize(
    ("raised", "status", "code", "result"),
    [
        (CommandRefused("seat_not_free"), 409, "seat_not_free", "refused"),
        (Stalled(), 503, "hall_stalled", "in_doubt"),
        (NotLeading(), 503, "hall_away", "in_doubt"),
        (ZeroDivisionError(), 500, "internal", "in_doubt"),
    ],
)
async def test_what_the_hall_did_not_do_is_on_record_too(
    site: Site,
    role: Role,
    method: str,
    path: str,
    body: dict[str, Any],
    name: str,
    raised: Exception,
    status: int,
    code: str,
    result: str,
) -> None:
    site.seat(SeatState.READY)

    async def refuse() -> None:
        raise raised

    site.halls["h1"].answer = refuse
    answer = await act(site, role, method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if status == 503:
        assert int(answer.headers["retry-after"]) > 0
    asked, outcome = await site.audit()
    assert (asked["act"], asked["result"]) == (name, "asked")
    assert (outcome["act"], outcome["result"]) == (name, result)
    assert outcome["data"] == {"asked": asked["seq"], "code": code}


async def test_an_act_that_cannot_be_recorded_does_not_happen(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any, **__: Any) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("hotline.api.orders.record", fail)
    site.seat(SeatState.READY)
    assert (await act(site, *ACTS[0][:4])).status_code == 500
    assert site.halls["h1"].asked == []


async def test_the_refusal_counts_even_when_it_cannot_be_recorded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away() -> None:
        async def fail(*_: Any, **__: Any) -> int:
            raise ConnectionRefusedError

        monkeypatch.setattr("hotline.api.orders.record", fail)
        raise CommandRefused("state_not_forcible")

    site.seat(SeatState.READY)
    site.halls["h1"].answer = away
    assert (await act(site, *ACTS[0][:4])).json()["code"] == "state_not_forcible"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/seats/77/force", {"state": "busy", "reason": "x"}, 404, "no_such_seat"),
        ("/seats/%00/force", {"state": "busy", "reason": "x"}, 404, "no_such_seat"),
        ("/seats/01/force", {"state": "busy"}, 422, "invalid_input"),
        ("/seats/01/force", {"state": "busy", "reason": "a\x00b"}, 422, "invalid_input"),
        ("/seats/01/force", {"state": "asleep", "reason": "x"}, 422, "invalid_input"),
        ("/seats/01/dance", {}, 404, "not_found"),
        ("/seats/01/answer", {}, 422, "invalid_input"),
        ("/seats/01/busy", {"reason": "a b"}, 422, "invalid_input"),
        ("/seats/01/busy", [], 422, "invalid_input"),
    ],
)
async def test_what_is_no_order(site: Site, path: str, body: Any, status: int, code: str) -> None:
    site.seat(SeatState.READY, Role.SUPERVISOR)
    async with site.browser(Role.SUPERVISOR) as client:
        answer = await client.post(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert all(error["message"] and not error["message"].isascii() for error in answer.json().get("errors", []))
    assert site.halls["h1"].asked == []
    assert await site.audit() == []


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_do_what_with_a_seat(site: Site, role: Role) -> None:
    site.seat(SeatState.BUSY, Role.AUDITOR)  # somebody else's, whoever asks (auditors use no seat)
    site.halls["h1"].sit(Seat(number=SeatNo("02"), extension="8002", groups=("all",), since=site.clock.now()))
    expected = {
        ("GET", "/seats"): {Role.OPERATOR: 200, Role.SUPERVISOR: 200, Role.ADMINISTRATOR: 200},
        ("GET", "/hall"): dict.fromkeys(Role, 200),
        ("POST", "/seats/02/sign-in"): {Role.OPERATOR: 200, Role.SUPERVISOR: 200},
        ("POST", "/seats/01/ready"): {Role.OPERATOR: 409, Role.SUPERVISOR: 409},
        ("GET", "/seats/01/phone"): {Role.OPERATOR: 409, Role.SUPERVISOR: 409},
        ("POST", "/seats/01/force"): {Role.SUPERVISOR: 200},
        ("PUT", "/seats/01"): {Role.ADMINISTRATOR: 200},
    }
    body = {"phone_kind": "simulated", "state": "busy", "reason": "x", "extension": "8001", "groups": []}
    async with site.browser(role) as client:
        for (method, path), allowed in expected.items():
            answer = await client.request(method, path, json=body if method != "GET" else None)
            assert answer.status_code == allowed.get(role, 403), (method, path, answer.text)
