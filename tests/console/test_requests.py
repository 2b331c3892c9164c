"""Does the service know every request that the console makes?

The console writes its requests down, one of each with every field (`hotline/console/tests/requests.json`, kept true by
its unit tests). Here each is held against the OpenAPI document of the very app that is served.
"""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
from jsonschema_rs import Draft202012Validator

from hotline.app import create_app
from hotline.runtime import Runtime
from tests.console.hall import ROOT

REQUESTS: list[dict[str, Any]] = json.loads((ROOT / "hotline/console/tests/requests.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """What `/openapi.json` says. Nothing of what runs behind the routes is needed for it."""
    parts: dict[str, Any] = dict.fromkeys(("seal", "clock", "settings", "sessions", "demo_accounts", "announcements"))
    empty: dict[str, Any] = {
        "adapters": {},
        "halls": {},
        "edges": {},
        "couriers": {},
        "message_couriers": {},
        "platforms": {},
        "recording_roots": (),
    }
    runtime = SimpleNamespace(database=SimpleNamespace(engine=None), **parts, **empty)
    return create_app(cast(Runtime, runtime)).openapi()


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each["name"])
def test_the_service_knows_the_request(document: dict[str, Any], request_: dict[str, Any]) -> None:
    """Method and path exist, and take this query, these headers and this body."""
    operation = operation_of(document, request_["method"], request_["path"])
    assert operation is not None, f"no route for {request_['method']} {request_['path']}"
    assert wrongs(document, operation, request_) == []


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"path": "/api/v1/tickets/X/closed"}, "no route"),
        ({"method": "PATCH"}, "no route"),
        ({"query": ["colour"]}, "query colour"),
        ({"body": {"reason": "x"}}, "body"),
        ({"body": {"no_category_reason": "x", "colour": "x"}}, "body: colour"),
        ({"body": {"no_category_reason": 1}}, "body"),
        ({"headers": ["If-Match", "X-Colour"]}, "header X-Colour"),
    ],
)
def test_a_request_that_does_not_fit_is_found_out(document: dict[str, Any], change: dict[str, Any], wrong: str) -> None:
    """The check itself: each of these was right before the change."""
    (closing,) = (each for each in REQUESTS if each["name"] == "tickets.close")
    broken = {**closing, **change}
    operation = operation_of(document, broken["method"], broken["path"])
    found = ["no route"] if operation is None else wrongs(document, operation, broken)
    assert any(each.startswith(wrong) for each in found), found


def operation_of(document: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    """The operation that answers; the template with the fewest parameters goes first, as in the app."""
    for template in sorted(document["paths"], key=lambda each: each.count("{")):
        found = document["paths"][template].get(method.lower())
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
        match = re.fullmatch(pattern, path)
        if found is not None and match is not None and _fits(document, found, match.groupdict()):
            return found
    return None


def wrongs(document: dict[str, Any], operation: dict[str, Any], request_: dict[str, Any]) -> list[str]:
    """What the operation does not take."""
    known = {(each["in"], each["name"].lower()) for each in operation.get("parameters", ())}
    found = [f"query {each}" for each in request_["query"] if ("query", each) not in known]
    # X-Console is asked of every request that changes something, before any route.
    sent = set(request_["headers"]) - {"X-Console"}
    found += [f"header {each}" for each in sorted(sent) if ("header", each.lower()) not in known]
    body, taken = request_["body"], operation.get("requestBody")
    if taken is None:
        return [*found, *(["body: none is taken"] if body else [])]
    if "application/json" not in taken["content"]:
        return [*found, *(["body: a file is taken"] if body else [])]
    schema = {**taken["content"]["application/json"]["schema"], "components": document["components"]}
    if body is None:
        return [*found, *(["body: missing"] if taken.get("required") else [])]
    found += [f"body: {error.message}" for error in Draft202012Validator(schema).iter_errors(body)]
    return found + [f"body: {each}" for each in body if each not in _fields(document, schema)]


def _fits(document: dict[str, Any], operation: dict[str, Any], values: dict[str, str]) -> bool:
    for each in operation.get("parameters", ()):
        if each["in"] == "path" and "enum" in (schema := _resolved(document, each["schema"])):
            return values[each["name"]] in schema["enum"]
    return True


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    schema = _resolved(document, schema)
    either = [each for word in ("anyOf", "oneOf", "allOf") for each in schema.get(word, ())]
    return set(schema.get("properties", ())).union(*(_fields(document, each) for each in either))


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
