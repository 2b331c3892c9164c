"""Every route × every role × own and other hall: what the permission table promises, seen from outside."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from fastapi.routing import APIRoute

from hotline.api import routers
from hotline.people.permissions import Action, Role, Scope, scope
from hotline.store.engine import Database
from hotline.store.seal import Seal
from tests.api.site import Site

DAY = "2026-11-20"


class Door(NamedTuple):
    """A route, what it does, and a request that goes through when it is allowed."""

    action: Action
    method: str
    path: str
    body: dict[str, Any] | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    of_a_thing: bool = False
    """It names a call, ticket, recording or account."""
    operation: str = ""


FIRST = {"If-Match": '"1"'}
DOORS = [
    Door(Action.SESSION_OWN, "GET", "/session", operation="whoAmI"),
    Door(Action.SESSION_OWN, "POST", "/session/password", {"old": "x", "new": "y"}, operation="changePassword"),
    Door(Action.SESSION_OWN, "DELETE", "/session", operation="signOut"),
    Door(Action.ACCOUNT_LIST, "GET", "/accounts", operation="listAccounts"),
    Door(
        Action.ACCOUNT_CHANGE,
        "POST",
        "/accounts",
        {"work_number": "77", "name": "新", "role": "operator"},
        operation="createAccount",
    ),
    Door(
        Action.ACCOUNT_CHANGE,
        "PATCH",
        "/accounts/{account}",
        {"name": "改名"},
        of_a_thing=True,
        operation="changeAccount",
    ),
    Door(
        Action.ACCOUNT_CHANGE,
        "POST",
        "/accounts/{account}/reset-password",
        {},
        of_a_thing=True,
        operation="resetPassword",
    ),
    Door(Action.CALL_READ, "GET", "/calls", operation="listCalls"),
    Door(Action.CALL_READ, "GET", "/calls/{call}", of_a_thing=True, operation="readCall"),
    Door(Action.CALL_READ, "GET", "/calls/{call}/pop", of_a_thing=True, operation="popCall"),
    Door(
        Action.CALL_REVEAL,
        "POST",
        "/calls/{call}/reveal",
        {"reason": "回访"},
        of_a_thing=True,
        operation="revealCaller",
    ),
    Door(Action.RECORDING_PLAY, "GET", "/recordings/{recording}/audio", of_a_thing=True, operation="playRecording"),
    Door(Action.TICKET_READ, "GET", "/tickets", operation="listTickets"),
    Door(Action.TICKET_READ, "GET", "/tickets/{ticket}", of_a_thing=True, operation="readTicket"),
    Door(Action.TICKET_WRITE, "PUT", "/tickets/{ticket}/draft", {"facts": "拖欠工资"}, FIRST, True, "saveTicket"),
    Door(Action.TICKET_WRITE, "POST", "/tickets/{complete}/close", {}, FIRST, True, "closeTicket"),
    Door(
        Action.TICKET_WRITE, "POST", "/tickets/{ticket}/quick-close", {"kind": "silence"}, {}, True, "quickCloseTicket"
    ),
    Door(Action.TICKET_REOPEN, "POST", "/tickets/{closed}/reopen", {"reason": "补充"}, {}, True, "reopenTicket"),
    Door(Action.CATEGORY_READ, "GET", "/categories", operation="readCategories"),
    Door(
        Action.CATEGORY_IMPORT,
        "POST",
        "/categories",
        {"label": "新", "items": [{"code": "a", "label": "甲"}]},
        operation="importCategories",
    ),
    Door(Action.REPORT_READ, "GET", "/reports/days", operation="listDays"),
    Door(Action.REPORT_READ, "GET", f"/reports/{DAY}", operation="readDay"),
    Door(Action.REPORT_READ, "GET", f"/reports/{DAY}/xlsx", operation="exportDay"),
    Door(Action.AUDIT_READ, "GET", "/audit", operation="listAudit"),
]
EXPECTED_WHEN_ALLOWED = {"changePassword": 422, "exportDay": 404}
"""These requests are refused for another reason, after the permission was found good."""


@pytest_asyncio.fixture
async def filled(
    database: Database, seal: Seal, tmp_path: Path
) -> AsyncIterator[tuple[Site, dict[tuple[str, str], dict[str, Any]]]]:
    """In both halls: one thing of every kind of the operator's own, and one of a colleague's."""
    site = Site(database, seal, tmp_path / "state")
    await site.populate()
    (site.root / "recordings" / "a.wav").write_bytes(b"RIFF" + bytes(60))
    things: dict[tuple[str, str], dict[str, Any]] = {}
    for hall in site.halls:
        for whose, owner in (("own", Role.OPERATOR), ("colleague's", Role.SUPERVISOR)):
            call, ticket = await site.call(hall, operator=owner)
            _, complete = await site.call(hall, operator=owner, state="open", category="other", opinion="已答复")
            _, closed = await site.call(hall, operator=owner, state="closed")
            recording = await site.recording(call, "a.wav", hall=hall)
            things[hall, whose] = {
                "call": call,
                "ticket": ticket,
                "complete": complete,
                "closed": closed,
                "recording": recording,
                "account": site.people[hall, owner].id,
            }
    yield site, things
    site.passwords.close()


def test_every_route_is_a_door() -> None:
    routes = {route.operation_id for each in routers for route in each.routes if isinstance(route, APIRoute)}
    assert routes - {"signIn"} == {door.operation for door in DOORS}


@pytest.mark.parametrize("role", list(Role))
async def test_the_matrix(filled: tuple[Site, dict[tuple[str, str], dict[str, Any]]], role: Role) -> None:
    site, things = filled
    seen: list[str] = []
    order = sorted(DOORS, key=lambda door: (door.operation == "resetPassword", door.operation == "signOut"))
    for door, (hall, whose) in itertools.product(order, things):
        if not door.of_a_thing and (hall, whose) != ("h1", "own"):
            continue
        names = things[hall, whose]
        reach = scope(role, door.action)
        own_hall = not door.of_a_thing or hall == "h1"
        own = not door.of_a_thing or whose == "own"
        if reach is None:
            expected = 403
        elif not own_hall or (reach is Scope.SELF and not own):
            expected = 404
        else:
            expected = EXPECTED_WHEN_ALLOWED.get(door.operation, 0)
        async with site.browser(role) as client:
            answer = await client.request(door.method, door.path.format(**names), json=door.body, headers=door.headers)
        good = answer.status_code == expected if expected else answer.status_code in (200, 201, 204)
        if not good:
            seen.append(
                f"{role} {door.operation} {hall} {whose}: {answer.status_code}, not {expected}: {answer.text[:200]}"
            )
    assert seen == []


NAMES = {"call": "h1-1", "ticket": "h1-1", "complete": "x", "closed": "x", "recording": 1, "account": "a"}


async def test_nobody_gets_in_without_a_session(site: Site) -> None:
    async with site.client() as client:
        for door in DOORS:
            answer = await client.request(door.method, door.path.format(**NAMES), json=door.body)
            assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), door.operation


async def test_nothing_changes_without_our_header(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        del client.headers["X-Console"]
        for door in DOORS:
            if door.method == "GET":
                continue
            answer = await client.request(door.method, door.path.format(**NAMES), json=door.body)
            assert (answer.status_code, answer.json()["code"]) == (403, "cross_site"), door.operation


@pytest.mark.parametrize("role", list(Role))
async def test_lists_show_only_what_the_role_may_see(
    filled: tuple[Site, dict[tuple[str, str], dict[str, Any]]], role: Role
) -> None:
    site, things = filled
    async with site.browser(role) as client:
        for path, action, key in (("/calls", Action.CALL_READ, "call"), ("/tickets", Action.TICKET_READ, "ticket")):
            answer = await client.get(path)
            reach = scope(role, action)
            if reach is None:
                assert answer.status_code == 403
                continue
            ids = {item.get("id") or item["number"] for item in answer.json()["items"]}
            assert things["h1", "own"][key] in ids
            assert (things["h1", "colleague's"][key] in ids) is (reach is Scope.HALL)
            assert all(each.startswith("h1-") for each in ids)
        if scope(role, Action.ACCOUNT_LIST):
            listed = (await client.get("/accounts")).json()["items"]
            assert len(listed) == len(Role)
            assert all(item["name"].startswith("h1") for item in listed)


async def test_a_changed_role_counts_at_once(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as client, site.browser(Role.ADMINISTRATOR) as administrator:
        assert (await client.get("/reports/days")).status_code == 200
        changed = await administrator.patch(
            f"/accounts/{site.people['h1', Role.SUPERVISOR].id}", json={"role": "operator"}
        )
        assert changed.json()["role"] == "operator"
        assert (await client.get("/reports/days")).status_code == 401
    async with site.browser(Role.SUPERVISOR) as client:
        assert (await client.get("/reports/days")).status_code == 403
