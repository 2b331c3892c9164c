"""How a vendor answers who asks for the list: its ways in, its words, its refusals, from the manuals that `pull_*.py`
name. `mapped` is the made-up gateway of `mappings/json-example.toml`."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.gateway_push.dialects import Dialect
from adapters.gateway_push.simulated_answers_yeastar import CsvAnswers, YeastarAnswers
from adapters.gateway_push.simulated_call import SimulatedCall
from adapters.gateway_push.simulated_list import TIME, Answering, CallList, reading
from adapters.gateway_push.simulated_unsigned import ActionWire, DinstarWire
from adapters.gateway_push.simulated_wire import YeastarWire


def routes(dialect: Dialect, listed: CallList) -> Sequence[tuple[str, str, Answering]]:
    """What the device of that dialect answers: method, path, answer. Raises `ValueError` for one that has no list."""
    match dialect:
        case Dialect.DINSTAR:
            return DinstarAnswers(listed).routes()
        case Dialect.YEASTAR_P:
            return YeastarAnswers(listed).routes()
        case Dialect.YEASTAR_S:
            return CsvAnswers(listed).routes()
        case Dialect.MAPPED:
            return MappedAnswers(listed).routes()
        case _:
            raise ValueError(f"{dialect} offers no list")


def listing(dialect: Dialect, *, password: str = "secret", zone: str = "Asia/Shanghai") -> CallList:
    """An empty list under the serial number that the simulated gateway pushes."""
    serials = {
        Dialect.DINSTAR: DinstarWire.SERIAL,
        Dialect.YEASTAR_P: YeastarWire.SERIAL,
        Dialect.YEASTAR_S: ActionWire.SERIAL,
    }
    return CallList(
        zone=zone, password=password, serial=serials.get(dialect, ""), local_dates=dialect is Dialect.DINSTAR
    )


class DinstarAnswers:
    """HTTP Digest; records in one object. GET is answered with 403."""

    def __init__(self, listed: CallList) -> None:
        self._list = listed
        self._nonce = secrets.token_hex(16)

    def routes(self) -> Sequence[tuple[str, str, Answering]]:
        return [("POST", "/api/get_cdr", self._cdr), ("GET", "/api/get_cdr", lambda *_: Response(status_code=403))]

    def _cdr(self, request: Request, body: bytes) -> Response:
        if not digest_holds(request, self._list, self._nonce):
            challenge = f'Digest realm="Web Server", nonce="{self._nonce}", qop="auth", algorithm=MD5'
            return Response(status_code=401, headers={"www-authenticate": challenge})
        try:
            asked = json.loads(body)
            begun, until = (reading(asked[name], self._list) for name in ("time_after", "time_before"))
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"error_code": 400, "sn": self._list.serial})
        records = [self._record(call) for call in self._list.between(begun, until)]
        return JSONResponse({"error_code": 200, "sn": self._list.serial, "cdr": records})

    def _record(self, call: SimulatedCall) -> dict[str, Any]:
        stamp, over = self._list.stamp, call.released or call.offered
        talked = int((over - call.answered).total_seconds()) if call.answered else 0
        return {
            "port": call.number % 32,
            "start_date": stamp(call.offered).strftime(TIME),
            "answer_date": stamp(call.answered).strftime(TIME) if call.answered else "0000-00-00 00:00:00",
            "duration": talked,
            "source_number": call.caller,
            "destination_number": call.seat,
            "direction": "gsm->ip",
            "ip": "",
            "codec": "G.711A",
            "hangup": "calling" if call.by == "caller" else "called",
            "gsm_code": 16,
            "bcch": "",
        }


class MappedAnswers:
    """`GET /cdr?from=…&to=…`, basic authentication, milliseconds."""

    def __init__(self, listed: CallList) -> None:
        self._list = listed

    def routes(self) -> Sequence[tuple[str, str, Answering]]:
        return [("GET", "/cdr", self._cdr)]

    def _cdr(self, request: Request, body: bytes) -> Response:
        wanted = base64.b64encode(f"{self._list.username}:{self._list.password}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {wanted}":
            return Response(status_code=401, headers={"www-authenticate": 'Basic realm="gateway"'})
        begun, until = (
            datetime.fromtimestamp(int(request.query_params[name]) / 1000, self._list.here()) for name in ("from", "to")
        )
        calls = [self._call(call) for call in self._list.between(begun, until)]
        return JSONResponse({"sn": "A100-0007", "page": 1, "result": {"calls": calls}})

    def _call(self, call: SimulatedCall) -> Mapping[str, Any]:
        def ms(at: datetime | None) -> int:
            return int(self._list.stamp(at).timestamp() * 1000) if at is not None else 0

        return {
            "event": "CDR",
            "dir": "in",
            "line": call.number % 32,
            "call": {"id": call.key, "from": f"+86{call.caller}", "to": call.dialled, "ext": call.seat},
            "cdr": {"begin": ms(call.offered), "answer": ms(call.answered), "end": ms(call.released)},
        }


def digest_holds(request: Request, listed: CallList, nonce: str) -> bool:
    """Whether the request proves that its sender knows the password (RFC 7616, MD5, qop=auth)."""
    given = dict(re.findall(r'(\w+)="?([^",]*)"?', request.headers.get("authorization", "")))
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if given.get("nonce") != nonce or given.get("uri") != target:
        return False
    mine = _md5(f"{listed.username}:{given.get('realm')}:{listed.password}")
    what = _md5(f"{request.method}:{target}")
    proof = _md5(f"{mine}:{nonce}:{given.get('nc')}:{given.get('cnonce')}:{given.get('qop')}:{what}")
    return given.get("username") == listed.username and given.get("response") == proof


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
