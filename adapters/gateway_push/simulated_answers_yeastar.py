"""How Yeastar's two series answer who asks for the list: tokens that expire, pages, links that are good once."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.gateway_push.pull_csv import COLUMNS
from adapters.gateway_push.simulated_call import SimulatedCall
from adapters.gateway_push.simulated_list import TIME, Answering, CallList, reading

LOCKED_AFTER: Final = 5
"""Failed logins, after which the S series lets nobody in."""
MENU: Final = "6200"
"""The P series' menu: it answers every caller, and is no person."""


class YeastarAnswers:
    """Tokens that expire, pages, 200 with an `errcode` for every no."""

    def __init__(self, listed: CallList) -> None:
        self._list = listed
        self._tokens = set[str]()
        self._refreshing = set[str]()

    def forget_tokens(self) -> None:
        """They have expired; the refresh tokens have not."""
        self._tokens.clear()

    def routes(self) -> Sequence[tuple[str, str, Answering]]:
        base = "/openapi/v1.0"
        return [
            ("POST", f"{base}/get_token", self._get_token),
            ("POST", f"{base}/refresh_token", self._refresh),
            ("GET", f"{base}/system/information", self._information),
            ("GET", f"{base}/cdr/search", self._search),
        ]

    def _get_token(self, request: Request, body: bytes) -> Response:
        asked = json.loads(body)
        if (asked.get("username"), asked.get("password")) != (self._list.username, self._list.password):
            return JSONResponse({"errcode": 10007, "errmsg": "FAILURE"})
        return self._tokens_given()

    def _refresh(self, request: Request, body: bytes) -> Response:
        asked = json.loads(body).get("refresh_token")
        if asked not in self._refreshing:
            return JSONResponse({"errcode": 10006, "errmsg": "FAILURE"})
        self._refreshing.discard(asked)
        return self._tokens_given()

    def _tokens_given(self) -> Response:
        token, refresh = secrets.token_hex(16), secrets.token_hex(16)
        self._tokens, self._refreshing = {token}, {refresh}
        return JSONResponse(
            {
                "errcode": 0,
                "errmsg": "SUCCESS",
                "access_token_expire_time": 1800,
                "access_token": token,
                "refresh_token_expire_time": 86400,
                "refresh_token": refresh,
            }
        )

    def _refused(self, request: Request) -> Response | None:
        if not request.headers.get("user-agent"):
            return Response(status_code=403)
        if request.query_params.get("access_token") not in self._tokens:
            return JSONResponse({"errcode": 10004, "errmsg": "ACCESS TOKEN EXPIRED"})
        return None

    def _information(self, request: Request, body: bytes) -> Response:
        info = {"device_name": "PBX", "sn": self._list.serial, "firmware_version": "37.20.0.17"}
        return self._refused(request) or JSONResponse({"errcode": 0, "errmsg": "SUCCESS", "data": info})

    def _search(self, request: Request, body: bytes) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        query = request.query_params
        begun, until = (
            datetime.fromtimestamp(int(query[name]), self._list.here()) for name in ("start_time", "end_time")
        )
        lines = [line for call in self._list.between(begun, until) for line in self._lines(call)]
        page, size = int(query.get("page", "1")), int(query.get("page_size", "10000"))
        data = lines[(page - 1) * size : page * size]
        return JSONResponse({"errcode": 0, "errmsg": "SUCCESS", "total_number": len(lines), "data": data})

    def _lines(self, call: SimulatedCall) -> list[dict[str, Any]]:
        """The menu first, which every caller hears and which answers at once; then the extension, if one rang."""
        over = call.released or call.offered
        to_seat = call.seat_rang or over
        lines = [self._line(call, MENU, call.offered, to_seat, call.offered)]
        if call.seat:
            lines.append(self._line(call, call.seat, to_seat, over, call.answered))
        return lines

    def _line(
        self, call: SimulatedCall, to: str, start: datetime, end: datetime, answered: datetime | None
    ) -> dict[str, Any]:
        stamp = self._list.stamp
        talked = int((stamp(end) - stamp(answered)).total_seconds()) if answered else 0
        return {
            "id": call.number,
            "time": stamp(start).strftime("%Y/%m/%d %H:%M:%S"),
            "timestamp": int(stamp(start).timestamp()),
            "uid": f"{call.key}-{to}",
            "call_id": f"{int(call.offered.timestamp())}.{call.number}",
            "call_from": f"Trunk<{call.caller}>",
            "call_from_number": call.caller,
            "call_to": to,
            "call_to_number": to,
            "duration": int((stamp(end) - stamp(start)).total_seconds()),
            "ring_duration": 0,
            "talk_duration": talked,
            "disposition": "ANSWERED" if answered else "NO ANSWER",
            "call_type": "Inbound",
            "did": call.dialled,
            "record_file": "",
        }


class CsvAnswers:
    """Login with the MD5 sum, a link that is good once, a file; `Failed` and `errno` for every no."""

    def __init__(self, listed: CallList) -> None:
        self._list = listed
        self._tokens = set[str]()
        self._links = set[str]()
        self._failed = 0
        self.reports_to = ""
        """Where the last login told the device to push to."""

    def forget_tokens(self) -> None:
        """Nobody asked for half an hour."""
        self._tokens.clear()

    def routes(self) -> Sequence[tuple[str, str, Answering]]:
        base = "/api/v2.0.0"
        return [
            ("POST", f"{base}/login", self._login),
            ("POST", f"{base}/cdr/get_random", self._random),
            ("GET", f"{base}/cdr/download", self._download),
            ("POST", f"{base}/deviceinfo/query", self._information),
        ]

    def _login(self, request: Request, body: bytes) -> Response:
        asked, md5 = json.loads(body), hashlib.md5(self._list.password.encode(), usedforsecurity=False).hexdigest()
        if self._failed >= LOCKED_AFTER or (asked["username"], asked["password"]) != (self._list.username, md5):
            self._failed += 1
            return JSONResponse({"status": "Failed", "errno": "10003"})
        self.reports_to, self._tokens, self._failed = asked.get("url", ""), {secrets.token_hex(16)}, 0
        return JSONResponse({"status": "Success", "token": next(iter(self._tokens)), "transport": "HTTP"})

    def _random(self, request: Request, body: bytes) -> Response:
        if request.query_params.get("token") not in self._tokens:
            return JSONResponse({"status": "Failed", "errno": "10005"})
        self._links.add(link := secrets.token_hex(16))
        return JSONResponse({"status": "Success", **json.loads(body), "random": link})

    def _download(self, request: Request, body: bytes) -> Response:
        query = request.query_params
        if query["random"] not in self._links or query["token"] not in self._tokens or query["number"] != "all":
            return JSONResponse({"status": "Failed", "errno": "10013"})
        self._links.discard(query["random"])
        file = io.StringIO()
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        begun, until = (reading(query[name], self._list) for name in ("starttime", "endtime"))
        writer.writerows(self._line(call) for call in self._list.between(begun, until))
        return Response(file.getvalue(), media_type="text/csv")

    def _information(self, request: Request, body: bytes) -> Response:
        return JSONResponse({"status": "Success", "deviceinfo": {"devicename": "S100", "sn": self._list.serial}})

    def _line(self, call: SimulatedCall) -> dict[str, str]:
        """The same fields, the same texts as in the NewCdr that was pushed, or should have been."""
        end, stamp = call.released or call.offered, self._list.stamp(call.offered)
        return {
            "callid": f"{int(call.offered.timestamp())}.{call.number * 10}",
            "timestart": stamp.strftime(TIME),
            "callfrom": call.caller,
            "callto": call.seat or call.dialled,
            "callduraction": str(int((end - call.offered).total_seconds())),
            "talkduraction": str(int((end - call.answered).total_seconds())) if call.answered else "0",
            "srctrunkname": "pstn-1",
            "dsttrcunkname": "",
            "status": "ANSWERED" if call.answered else "NO ANSWERED",
            "type": "Inbound",
            "pincode": "",
            "recording": "",
            "didnumber": "",
            "sn": self._list.serial,
        }
