"""Every operation, filled in from its own description: whatever is sent, no 5xx and no answer that is not declared.

Everyday each operation is asked by one role that may do it, and by nobody. `FUZZ_EXAMPLES=500 pytest
tests/api/test_fuzz.py` goes deeper: by every role, with other chances each time.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from structlog.testing import capture_logs

from adapters.bridges.signing import key_of, signed
from hotline.api import deps, network
from hotline.api.problems import CODES, MEDIA_TYPE
from hotline.app import create_app
from hotline.hall.inputs import SYSTEM, DefineSeat, SignIn
from hotline.people.permissions import Role, scope
from hotline.runtime import Runtime, open_runtime
from hotline.settings import DatabaseTable, HallTable, NetworkTable, QueueTable, ServiceTable, Settings
from hotline.store.engine import Database
from seats.seat import SeatNo
from tests.api.directory_things import directory_things
from tests.api.site import NETWORK_SECRET, Site
from tests.api.test_matrix import DOORS, wanted_message
from tests.callbacks.kit import a_task
from tests.callers.making import caller_things
from tests.handling.making import on_the_way
from tests.incidents.making import incident_things
from tests.knowledge.making import knowledge_things

DEEP = "FUZZ_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
"""Of each kind of each operation and role."""
ROLES: list[Role | None] = [Role.SUPERVISOR, Role.ADMINISTRATOR, Role.OPERATOR, Role.HANDLER, None]
ACTIONS = {door.operation: door.action for door in DOORS}
UNSENT = 418
"""What HTTP itself cannot carry."""


class Range:
    """The whole service, in this process, and what there is to ask it about."""

    def __init__(self, runtime: Runtime, site: Site) -> None:
        self.runtime = runtime
        self.site = site
        self.app = create_app(runtime)
        self.app.state.passwords = site.passwords
        self.known: dict[str, list[str]] = {}
        self.seen: dict[str, set[int]] = {}
        self.faults: dict[str, str] = {}
        self._token = ""

    async def fill(self) -> None:
        """Calls, tickets, a recording, seats; two of them taken."""
        calls, tickets, recordings = list[str](), list[str](), list[str]()
        self.site.number_from(500_000)  # the hall itself numbers from one
        (self.site.root / "recordings" / "a.wav").write_bytes(b"RIFF" + bytes(60))
        for owner in (Role.OPERATOR, Role.SUPERVISOR, None):
            for state in ("draft", "open", "closed"):
                call, ticket = await self.site.call("h1", operator=owner, state=state)
                calls.append(call)
                tickets.append(ticket)
                recordings.append(str(await self.site.recording(call, "a.wav")))
        hall = self.runtime.halls["h1"]
        for number in ("01", "02", "03"):
            await hall.ask(DefineSeat(seat=SeatNo(number), extension=f"80{number}", groups=("all",)), SYSTEM)
        for number, role in (("01", Role.OPERATOR), ("02", Role.SUPERVISOR)):
            account = self.site.people["h1", role]
            actor = deps.Actor(account=account.id, work_number=account.work_number, name=account.name)
            await hall.ask(SignIn(seat=SeatNo(number), phone_kind="simulated"), actor)
        victim = self.site.people["h1", Role.AUDITOR].id
        self.known = {
            "call": calls,
            "recording": recordings,
            "rating": [str(await self.site.rating(call)) for call in calls],
            "account": [victim],
            "adapter": ["gw", "open"],
            "day": ["2026-11-20"],
            "name": ["greeting", "closed"],
            "notice": ["emergency"],
        }
        self.known |= {"seats": ["01", "02", "03"], "tickets": tickets, "task": await self.tasks()}
        made = await directory_things(self.site, "h1", Role.OPERATOR)
        self.known["unit"] = [made[name] for name in ("office", "edited_office", "ended_office")]
        for name in ("person", "adviser", "expert"):
            self.known[name] = [str(made[f"directory_{name}"])]
        self.known["entry"] = [str(made["entry"])]
        for state in ("open", "dispatched", "signed", "returned", "asked", "paused", "replied", "reviewed"):
            tickets.append(await on_the_way(self.site, "h1", Role.OPERATOR, state))
        at_unit = [await on_the_way(self.site, "h1", Role.OPERATOR, "signed") for _ in range(6)]
        incidents = await incident_things(self.site, "h1")
        self.known |= {"incident": [str(each) for each in incidents.values()], "code": ["harm", "drill"]}
        self.known |= {"asked": ["1"], "unit tickets": at_unit, "handling tickets": tickets}
        things = [await caller_things(self.site, "h1", owner, tickets[n]) for n, owner in enumerate(list(Role)[:2])]
        self.known["message"] = [str(await wanted_message(self.site, "h1", each)) for each in at_unit]
        self.known["kind"] = ["result", "secret"]
        known = await knowledge_things(self.site, "h1", Role.SUPERVISOR)
        self.known |= {
            "item": [str(known[name]) for name in ("knowledge", "knowledge_draft", "knowledge_unreviewed")],
            "feedback_id": [str(known["feedback"])],
            "view": [str(known["saved_view"])],
            "knowledge from-ticket": [known["case_ticket"]],
        }
        self.known |= {"rule": [each for found in things for each in found.values()], "ticket": tickets}

    async def tasks(self) -> list[str]:
        """Call-back tasks that are nobody's."""
        made = list[str]()
        for number in range(3):
            caller = f"1391390000{number}"
            call, _ = await self.site.call("h1", caller=caller, operator=None)
            async with self.site.engine.begin() as conn:
                index, now = self.site.seal.index(caller), self.site.clock.now()
                made.append(str(await a_task(conn, "h1", call, index, now)))
        return made

    def values(self, operation: APIOperation, name: str) -> list[str]:
        """Ids that exist, for a place in the path."""
        parts = operation.path.split("/")
        kind = " ".join(parts[3 : parts.index("{number}")]) if name == "number" else name
        return self.known.get(kind, [])

    async def send(self, role: Role | None, request: Mapping[str, Any]) -> httpx2.Response:
        """As a browser of that role; signed in anew when the request before has ended the session."""
        transport = httpx2.ASGITransport(app=self.app, client=("127.0.0.1", 5000), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            while True:
                headers = {**request["headers"], "X-Console": "1"}
                if role is not None and request["url"].startswith(f"http://localhost{network.PREFIX}"):
                    return await client.send(self._signed(client.build_request(**request)))
                if role is not None:
                    headers["Cookie"] = f"{deps.COOKIE}={self._token}"
                try:
                    built = client.build_request(**{**request, "headers": headers})
                except (UnicodeError, ValueError, TypeError, httpx2.InvalidURL):
                    return httpx2.Response(UNSENT)
                answer = await client.send(built)
                if role is None or answer.status_code != 401 or answer.json()["code"] != "not_signed_in":
                    return answer
                account = self.site.people["h1", role].id
                now = self.runtime.clock.now()
                async with self.runtime.database.engine.begin() as conn:
                    self._token = await self.runtime.sessions.open(conn, account, now, address="", agent="")

    def _signed(self, request: httpx2.Request) -> httpx2.Request:
        """As the platform signs it: over what is really sent."""
        target = f"{request.method} {request.url.raw_path.decode()}\n".encode()
        key, now = key_of(NETWORK_SECRET, "test"), self.runtime.clock.now()
        request.headers.update({"x-platform": "wechat", **signed(key, "fuzz", now, target + request.read())})
        return request


@pytest_asyncio.fixture
async def field(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Range]:
    """A running service on a filled database."""
    state = tmp_path / "state"
    state.mkdir()
    (tmp_path / "secret").write_text("whsec_" + "QUFB" * 8)
    (tmp_path / "network").write_text(NETWORK_SECRET)
    queue = QueueTable(label="人工服务", groups=["all"])
    table = HallTable(label="一厅", default_queue="main", queues={"main": queue})
    gateway = {"kind": "gateway-push", "hall": "h1", "dialect": "standard", "secrets": [f"file:{tmp_path / 'secret'}"]}
    unsigned = {"kind": "gateway-push", "hall": "h1", "dialect": "yeastar-p", "networks": ["127.0.0.0/8"]}
    chosen = Settings(
        halls={"h1": table, "h2": table},
        adapters={"gw": gateway, "open": unsigned},
        network={"wechat": NetworkTable(hall="h1", label="微信", secrets=[f"file:{tmp_path / 'network'}"])},
        database_url=SecretStr(database_url),
        database=DatabaseTable(wait_seconds=5),
        service=ServiceTable(state_dir=state),
    )
    with capture_logs():
        async with open_runtime(chosen) as runtime:
            site = Site(database, runtime.seal, state)
            site.clock.at = runtime.clock.now()
            await site.populate()
            running = asyncio.create_task(runtime.run())
            for hall in runtime.halls.values():
                assert await hall.until_led(20)
            made = Range(runtime, site)
            await made.fill()
            yield made
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            site.passwords.close()


def operations(made: Range) -> Iterator[APIOperation]:
    document = json.loads(json.dumps(made.app.openapi()))
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


def cases(made: Range, operation: APIOperation, mode: GenerationMode) -> st.SearchStrategy[dict[str, Any]]:
    """Requests as the description says, or just not so; about things that exist, every other time."""

    @st.composite
    def drawn(draw: st.DrawFn) -> dict[str, Any]:
        case = draw(operation.as_strategy(mode))
        for name in case.path_parameters or {}:
            if (values := made.values(operation, name)) and draw(st.booleans()):
                case.path_parameters[name] = draw(st.sampled_from(values))
        if operation.method == "post" and draw(st.integers(0, 9)) == 0:
            case.headers["Idempotency-Key"] = draw(st.sampled_from(["k1", "k2"]))
        request = case.as_transport_kwargs(base_url="http://localhost")
        request["headers"] = {name: value for name, value in request["headers"].items() if name.lower() != "cookie"}
        request.pop("cookies", None)
        if isinstance(request.get("data"), bytes):
            request["content"] = request.pop("data")
        if "files" not in request and draw(st.integers(0, 9)) == 0:
            request |= {"json": None, "data": None, "content": draw(st.binary(max_size=80) | st.just(b'{"name":'))}
        return {name: value for name, value in request.items() if value is not None}

    return drawn()


def wrong(operation: APIOperation, answer: httpx2.Response) -> str:
    """What is wrong with the answer; empty when nothing is."""
    declared = operation.definition.raw["responses"]
    if answer.status_code >= 500:
        return "it broke"
    if str(answer.status_code) not in declared:
        return "this status is not declared"
    if answer.status_code < 400:
        return ""
    if answer.headers["content-type"] != MEDIA_TYPE:
        return "not a problem"
    problem = answer.json()
    if not problem["status"] == CODES[problem["code"]][0] == answer.status_code:
        return "the problem says another status"
    if problem["code"] not in declared[str(answer.status_code)]["content"][MEDIA_TYPE]["examples"]:
        return "this code is not declared"
    if any(error["message"].isascii() for error in problem.get("errors", [])):
        return "not in Chinese"
    return ""


def explore(made: Range, role: Role | None, operation: APIOperation, loop: asyncio.AbstractEventLoop) -> None:
    """Sends requests of both kinds to one operation; what is wrong is kept in `made.faults`."""
    chances = settings(
        max_examples=EXAMPLES if role is not None else max(2, EXAMPLES // 4),
        deadline=None,
        database=None,
        derandomize=not DEEP,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    name = operation.definition.raw["operationId"]
    # Nobody is turned away at the door, whatever they bring.
    kinds = GenerationMode if role is not None or DEEP else (GenerationMode.POSITIVE,)
    for mode in kinds:
        if mode is GenerationMode.NEGATIVE and not any(operation.iter_parameters()) and not operation.body:
            continue

        @chances
        @given(request=cases(made, operation, mode))
        def ask(request: dict[str, Any]) -> None:
            answer = asyncio.run_coroutine_threadsafe(made.send(role, request), loop).result(60)
            if answer.status_code == UNSENT:
                return
            made.seen.setdefault(name, set()).add(answer.status_code)
            if why := wrong(operation, answer):
                fault = f"{name}, {answer.status_code}: {why}"
                made.faults.setdefault(fault, f"{request} → {answer.text[:300]}")

        ask()


def askers(operation: str) -> set[Role | None]:
    """Who asks for an operation everyday: nobody, and the first role that may have it."""
    action = ACTIONS.get(operation)
    able = [role for role in ROLES if role is not None and (action is None or scope(role, action) is not None)]
    return {None, *able[:1]}


# The service runs in this process, and its pauses are varied by chance while requests are drawn.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.parametrize("role", ROLES)
async def test_whatever_is_sent(field: Range, role: Role | None) -> None:
    every = sorted(operations(field), key=lambda each: each.definition.raw["operationId"] == "signOut")
    assert len(every) >= 36
    if not DEEP:
        every = [each for each in every if role in askers(each.definition.raw["operationId"])]
    loop = asyncio.get_running_loop()
    for operation in every:
        await asyncio.to_thread(explore, field, role, operation, loop)
    assert not field.faults, "\n".join(f"{fault}\n    {example}" for fault, example in field.faults.items())
    if role is not None:
        reached = {name for name, seen in field.seen.items() if any(status < 300 for status in seen)}
        assert len(reached) >= min(12, len(every) // 3), "it hardly ever got through the door"
