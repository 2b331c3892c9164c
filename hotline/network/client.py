"""A platform's side of the network API: reference for vendors, and what rehearsals and tests send with.

Needs nothing but Python's own library and imports nothing of ours, so the file can be copied and read as an example.

    python -m hotline.network.client --url https://12348.example.gov.cn --platform wechat --secret file:wechat.key \
        file < filing.json
    python -m hotline.network.client … progress demo-20261121-000001
    python -m hotline.network.client --secret file:wechat.key listen 8090
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

TIMEOUT_SECONDS: Final = 15.0
PATIENCE_SECONDS: Final = 60.0
"""So long a request is repeated that met nobody, or a service that is being taken over."""
TOLERANCE_SECONDS: Final = 300
CHANGES: Final = {"supplement": "supplements", "withdraw": "withdrawal", "rate": "rating"}


class Refused(Exception):
    """The service said no; `problem` is its answer (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code', '')} {problem.get('title', '')}")
        self.status = status
        self.problem = problem


class Client:
    """One platform."""

    def __init__(self, url: str, platform: str, secret: str, patience: float = PATIENCE_SECONDS) -> None:
        self._url = url.rstrip("/")
        self._platform = platform
        self._key = key_of(secret)
        self._patience = patience

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer. Repeats what met nobody: every change carries its own `id`, so it happens once.

        Raises `Refused`; `OSError` when nobody answered for a minute.
        """
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        until = time.monotonic() + self._patience
        while True:
            headers = signed(self._key, self._platform, method, path, content)
            request = urllib.request.Request(self._url + path, content or None, headers, method=method)
            pause = 2.0
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != 503 or time.monotonic() > until:
                    raise Refused(error.code, _problem(error)) from None
                pause = float(error.headers.get("Retry-After") or pause)
            except OSError:
                if time.monotonic() > until:
                    raise
            time.sleep(pause)


def signed(key: bytes, platform: str, method: str, path: str, body: bytes) -> dict[str, str]:
    """The headers of a request; `path` with its query."""
    message, stamp = str(uuid.uuid4()), str(int(time.time()))
    over = f"{message}.{stamp}.{method} {path}\n".encode() + body
    return {
        "content-type": "application/json",
        "x-platform": platform,
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(key, over),
    }


def signature(key: bytes, over: bytes) -> str:
    """`v1,` and HMAC-SHA256 in base64."""
    return "v1," + base64.b64encode(hmac.new(key, over, hashlib.sha256).digest()).decode()


def key_of(secret: str) -> bytes:
    """The key in `whsec_…`."""
    return base64.b64decode(secret.strip().removeprefix("whsec_"), validate=True)


def heard(key: bytes, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Is this news really from the service (Standard Webhooks), and not older than five minutes?"""
    message, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(now - int(stamp)) > TOLERANCE_SECONDS:
        return False
    expected = signature(key, f"{message}.{stamp}.".encode() + body)
    return any(hmac.compare_digest(expected, each) for each in headers.get("webhook-signature", "").split(" "))


def listener(key: bytes, port: int, tell: Callable[[dict[str, Any]], None]) -> http.server.ThreadingHTTPServer:
    """A server that takes news; `tell` hears each once, however often it is sent."""
    known: set[str] = set()

    class Taker(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            if not heard(key, headers, body, time.time()):
                self.send_error(401)
                return
            if headers["webhook-id"] not in known:
                known.add(headers["webhook-id"])
                tell(json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return http.server.ThreadingHTTPServer(("127.0.0.1", port), Taker)


def main() -> int:
    """One request, or news as lines of JSON until stopped."""
    reader = argparse.ArgumentParser(description="网络平台接口的参考客户端")
    reader.add_argument("--url", default="http://127.0.0.1:8348")
    reader.add_argument("--platform", default="")
    reader.add_argument("--secret", required=True, help="file:路径 或 env:环境变量名")
    reader.add_argument("what", choices=["file", "progress", "services", *CHANGES, "listen"])
    reader.add_argument("about", nargs="?", default="", help="工单编号；listen 时为端口")
    given = reader.parse_args()
    secret = _secret(given.secret)
    if given.what == "listen":
        server = listener(key_of(secret), int(given.about or 0), lambda news: _say(news))
        _say({"listening": server.server_address[1]})
        server.serve_forever()
    client = Client(given.url, given.platform, secret)
    try:
        match given.what:
            case "file":
                _say(client.ask("POST", "/network/v1/filings", json.load(sys.stdin)))
            case "progress":
                _say(client.ask("GET", f"/network/v1/filings/{given.about}"))
            case "services":
                _say(client.ask("GET", "/network/v1/services"))
            case change:
                path = f"/network/v1/filings/{given.about}/{CHANGES[change]}"
                _say(client.ask("POST", path, json.load(sys.stdin)))
    except Refused as refused:
        _say(refused.problem)
        return 1
    return 0


def _say(what: Mapping[str, Any]) -> None:
    print(json.dumps(what, ensure_ascii=False), flush=True)


def _secret(reference: str) -> str:
    kind, _, rest = reference.partition(":")
    return os.environ[rest] if kind == "env" else Path(rest).read_text(encoding="utf-8")


def _problem(error: urllib.error.HTTPError) -> Mapping[str, Any]:
    try:
        return json.load(error)
    except ValueError:
        return {"title": "不是本系统的答复"}


if __name__ == "__main__":
    sys.exit(main())
