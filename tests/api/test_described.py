"""The two documents that others build upon: complete, in Chinese, and true."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from jsonschema_rs import Draft202012Validator

from adapters.telephony import AdapterName
from hotline.api import live
from hotline.api.live_messages import HEARD, SAID, CloseCode, hear
from hotline.api.problems import CODES, MEDIA_TYPE, Problem, refusals
from hotline.bus import Hub, Subscriber
from hotline.hall.state import Decision
from tests.api.site import Site
from tests.hall.kit import VirtualHall

VERBS = ("get", "post", "put", "patch", "delete")


def operations(site: Site) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in site.app.openapi()["paths"].items():
        for method in VERBS:
            if method in item:
                yield path, method, item[method]


def test_every_operation_is_told_in_chinese(site: Site) -> None:
    document = site.app.openapi()
    assert document["openapi"].startswith("3.1")
    every = list(operations(site))
    ids = [each["operationId"] for _, _, each in every]
    assert len(ids) == len(set(ids)) >= 33
    assert {"receiveGatewayEvents", "useSeat", "forceSeat", "createAccount"} <= set(ids)
    for path, method, each in every:
        assert each["tags"], path
        assert not each["summary"].isascii(), (path, method)
        assert not each["description"].isascii(), (path, method)
        for response in each["responses"].values():
            assert not response["description"].isascii(), (path, method, response)


def test_every_refusal_is_declared_with_an_example(site: Site) -> None:
    for path, method, each in operations(site):
        responses = each["responses"]
        assert "default" not in responses
        assert "500" in responses
        for status, response in responses.items():
            if not status.startswith(("4", "5")):
                continue
            assert set(response["content"]) == {MEDIA_TYPE}, (path, method, status)
            told = response["content"][MEDIA_TYPE]
            assert told["schema"] == {"$ref": "#/components/schemas/Problem"}
            assert told["examples"], (path, method, status)
            for code, example in told["examples"].items():
                assert example["value"] == Problem(code).body()
                assert CODES[code][0] == int(status)
            if status in ("429", "503"):
                assert "Retry-After" in response["headers"]
        if each.get("security"):
            assert {"401", "403", "503"} <= set(responses), (path, method)


def test_what_changes_something_says_what_it_needs(site: Site) -> None:
    headers = {
        each["operationId"]: {p["name"] for p in each.get("parameters", []) if p["in"] == "header"}
        for _, _, each in operations(site)
    }
    assert {name for name, found in headers.items() if "Idempotency-Key" in found} == {
        "createAccount",
        "createTicket",
        "createHandover",
        "sendMessage",
        "importCategories",
        "resetPassword",
        "createFirm",
        "createShift",
        "createPattern",
        "generateShifts",
        "importRoster",
        "askSwap",
        "noteTraining",
        "addNotice",
        "createUnit",
        "createUnitPerson",
        "createAdviser",
        "createExpert",
        "noteAdviserService",
        "importDirectory",
        "createKnowledge",
        "importKnowledge",
        "keepView",
        "makeCase",
    }
    assert {name for name, found in headers.items() if "If-Match" in found} == {
        "saveTicket",
        "closeTicket",
        "quickCloseTicket",
        "reopenTicket",
        "dispatchTicket",
        "reviewTicket",
        "sendBackTicket",
        "archiveTicket",
        "mergeTicket",
        "notAcceptTicket",
        "replyTicket",
        "changeMessageTemplate",
        "savePlan",
        "restorePlan",
        "changeNotice",
        "saveKnowledge",
        "stepKnowledge",
    }
    for path, method, each in operations(site):
        signed = "gateways" in path or path.startswith(("/network", "/api/v1/bridges/"))
        guarded = method != "get" and not signed
        assert ("X-Console" in headers[each["operationId"]]) is guarded
    schemas = site.app.openapi()["components"]["schemas"]
    assert "handing_over" in schemas["CallRow"]["properties"]["state"]["enum"]
    assert {"lost", None} <= set(schemas["CallRow"]["properties"]["outcome"]["enum"])
    assert "missing" in schemas["SeatBody"]["properties"]["state"]["enum"]
    assert "reopened" in schemas["TicketRow"]["properties"]["state"]["enum"]
    tickets = site.app.openapi()["paths"]["/api/v1/tickets/{number}"]["get"]
    assert "ETag" in tickets["responses"]["200"]["headers"]


def test_refusals_are_grouped_by_status() -> None:
    found = refusals("ticket_closed", "ticket_state", "not_found")
    assert set(found) == {404, 409}
    assert set(found[409]["content"][MEDIA_TYPE]["examples"]) == {"ticket_closed", "ticket_state"}


# ── the live socket ──────────────────────────────────────────────────────────────────────────────────────────────────


async def document(site: Site) -> dict[str, Any]:
    async with site.client() as client:
        answer = await client.get("http://localhost/asyncapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def validator(found: dict[str, Any], name: str) -> Draft202012Validator:
    """Of the message's payload; a member that is not described is an error."""
    schemas = {
        each: {**schema, "additionalProperties": False} if schema.get("type") == "object" else schema
        for each, schema in found["components"]["schemas"].items()
    }
    return Draft202012Validator(
        {**found["components"]["messages"][name]["payload"], "components": {"schemas": schemas}}
    )


async def test_it_describes_every_message_and_every_close_code(site: Site) -> None:
    found = await document(site)
    assert found["asyncapi"] == "3.0.0"
    channel = found["channels"]["live"]
    assert channel["address"] == "/api/v1" + live.routes.routes[0].path  # pyright: ignore[reportAttributeAccessIssue]
    assert set(channel["messages"]) == set(found["components"]["messages"]) == {*SAID, *HEARD}
    told = {each["$ref"].rpartition("/")[2] for each in found["operations"]["tellConsole"]["messages"]}
    heard = {each["$ref"].rpartition("/")[2] for each in found["operations"]["hearConsole"]["messages"]}
    assert (told, heard) == (set(SAID), set(HEARD))
    for message in found["components"]["messages"].values():
        assert not message["summary"].isascii()
    for code in CloseCode:
        assert f"- {code.value}：" in found["info"]["description"]
    assert "talking" in found["components"]["schemas"]["SeatView"]["properties"]["state"]["enum"]


async def test_its_examples_are_messages(site: Site) -> None:
    found = await document(site)
    examples = {
        name: [each["payload"] for each in message.get("examples", [])]
        for name, message in found["components"]["messages"].items()
    }
    assert sum(map(len, examples.values())) >= 6
    for name, payloads in examples.items():
        for payload in payloads:
            validator(found, name).validate(payload)
            if name in HEARD:
                assert type(hear(msgspec.json.encode(payload).decode())) is HEARD[name][0]


async def test_what_the_hub_says_is_described(site: Site) -> None:
    """A caller rings, is answered and leaves, a line breaks: every byte the hub makes of it fits the document."""
    found = await document(site)
    hall = VirtualHall()
    at = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    hub = Hub(lambda: hall.state, lambda: at)
    wall, desk = Subscriber("acc-x", "hall", b"1"), Subscriber("acc-1001", "desk", b"2")
    said: list[bytes] = []
    hall.sign_in("01")
    for subscriber in (wall, desk):
        hub.expect(subscriber)
        said.append(hub.join(subscriber))
    for decision in (hall.rings(), hall.picks_up(), hall.hangs_up()):
        hub.publish([decision], at)
    hub.publish([Decision(links={AdapterName("card-1"): False})], at)
    ticking = asyncio.create_task(hub.keep_boards_fresh())
    async with asyncio.timeout(5):
        while not any(b'"today"' in each for each in wall.messages):
            await asyncio.sleep(0.01)
    ticking.cancel()
    said += [*wall.messages, *desk.messages]
    kinds = set[str]()
    for each in said:
        message = msgspec.json.decode(each)
        kind = message.get("event") or message["type"]
        validator(found, kind).validate(message)
        kinds.add(kind)
    assert kinds == {"snapshot", "seat", "call", "queue", "link", "today"}
