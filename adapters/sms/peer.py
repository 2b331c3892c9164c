"""A gateway for text messages to rehearse with (演练短信网关): sends nothing, keeps a ledger of its own, and refuses,
delays, loses, repeats and talks rubbish as it is told. Its address shows the telephone: what citizens would read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any, Final

import httpx2
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from adapters.bridges.peer_http import RUBBISH, BrokenOff
from adapters.bridges.peer_serving import listening
from adapters.sms.peer_faults import GONE, Fault, Scenario
from adapters.sms.peer_ledger import Ledger, Sent
from adapters.sms_gateway import Fate
from adapters.sms_text import segments

LOOK_SECONDS: Final = 0.1
LONGEST_PAUSE: Final = timedelta(seconds=30)
_NEEDED: Final = ("key", "number", "text")


class SmsPeer:
    """Ledger and scenario, and the web application around them."""

    def __init__(self, ledger: Ledger, scenario: Scenario, *, secret: str = "") -> None:
        """`secret`: `whsec_…`, shared; empty: signatures are not checked, and receipts not signed."""
        self.ledger = ledger
        self.scenario = scenario
        # The library, not our own signing: each side checks the other.
        self._webhook = Webhook(secret) if secret else None
        self.app = Starlette(
            routes=[
                Route("/messages", self._take, methods=["POST"]),
                Route("/messages/{key}", self._asked, methods=["GET"]),
                Route("/ledger", self._ledger, methods=["GET"]),
                Route("/", self._page, methods=["GET"]),
            ]
        )

    async def tell(self, callback: str) -> None:
        """Push receipts until cancelled; each again until it is acknowledged."""
        async with httpx2.AsyncClient(timeout=10.0, trust_env=False) as client:
            while True:
                for sent in self.ledger.untold():
                    late = min(LONGEST_PAUSE, timedelta(seconds=0.1 * (2**sent.tries - 1)))
                    if datetime.fromisoformat(sent.due_at) + late <= datetime.now(UTC):
                        await self._tell(client, callback, sent)
                await asyncio.sleep(LOOK_SECONDS)

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        if not self._knows(request, body):
            return _no(401, "UNAUTHORISED", "签名不正确")
        try:
            document: dict[str, Any] = json.loads(body)
            key, phone, text = (str(document[name]) for name in _NEEDED)
        except (ValueError, KeyError, TypeError):
            return _no(400, "BAD_JSON", f"内容应为 JSON，含 {'、'.join(_NEEDED)}")
        arrival = self.ledger.arrived(key, datetime.now(UTC))
        fault = self.scenario.fault(arrival)
        if fault is not None and fault not in GONE:
            self.ledger.judged(arrival, fault=fault, message="")
            return _not_taken(fault)
        known = self.ledger.by_key(key) if self.scenario.deduplicates else []
        sent = known[0] if known else self._send(key, phone, text, str(document.get("template") or ""))
        self.ledger.judged(arrival, fault=fault or "", message=sent.id)
        match fault:
            case Fault.LOSE_ANSWER:
                return BrokenOff()
            case Fault.RUBBISH:
                return HTMLResponse(RUBBISH)
            case Fault.ERROR:
                return _no(500, "ERROR", "内部错误")
            case Fault.SLOW:
                await asyncio.sleep(self.scenario.slow_seconds)
            case _:
                pass
        data = {"id": sent.id, "segments": sent.segments, "repeated": bool(known)}
        return JSONResponse({"code": "0", "message": "", "data": data})

    def _send(self, key: str, phone: str, text: str, template: str) -> Sent:
        now = datetime.now(UTC)
        due = now + timedelta(seconds=self.scenario.receipt_seconds)
        return self.ledger.send(key, phone, text, template, segments(text), now, due)

    async def _asked(self, request: Request) -> Response:
        if not self._knows(request, b""):
            return _no(401, "UNAUTHORISED", "签名不正确")
        found = self.ledger.by_key(request.path_params["key"])
        if not found:
            return _no(404, "NOT_FOUND", "没有这一条")
        data = {"id": found[0].id, "segments": found[0].segments, "state": found[0].state or "accepted"}
        return JSONResponse({"code": "0", "message": "", "data": data})

    async def _ledger(self, request: Request) -> Response:
        return JSONResponse(self.ledger.everything())

    async def _page(self, request: Request) -> Response:
        rows = "".join(
            f"<tr><td>{escape(each['at'])}</td><td>{escape(each['phone'])}</td><td>{escape(each['text'])}</td>"
            f"<td>{each['segments']}</td><td>{escape(each['state'])}</td></tr>"
            for each in reversed(self.ledger.everything()["messages"])
        )
        return HTMLResponse(
            '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>演练短信网关</title>'
            "<h1>演练短信网关</h1><p>以下短信没有真正发出。</p>"
            f'<table border="1"><tr><th>时间<th>号码<th>内容<th>条数<th>状态</tr>{rows}</table>'
        )

    def _knows(self, request: Request, body: bytes) -> bool:
        if self._webhook is None:
            return True
        try:
            self._webhook.verify(body, dict(request.headers), json_parse=False)
        except WebhookVerificationError:
            return False
        return True

    async def _tell(self, client: httpx2.AsyncClient, callback: str, sent: Sent) -> None:
        scenario, first = self.scenario, sent.tries == 0
        state = Fate.FAILED if scenario.happens(scenario.failed, f"failed/{sent.id}") else Fate.DELIVERED
        item = {
            "id": f"{sent.id}-R",
            "state": state.value,
            "key": sent.key,
            "message_id": sent.id,
            "at": datetime.now(UTC).isoformat(),
            "code": "DELIVRD" if state is Fate.DELIVERED else "MK:0001",
        }
        body = json.dumps({"items": [item]})
        if first and scenario.happens(scenario.rubbish_receipts, f"rubbish/{sent.id}"):
            await self._post(client, callback, f"{sent.id}-bad", "{[", right=True)
        if first and scenario.happens(scenario.unsigned_receipts, f"unsigned/{sent.id}"):
            await self._post(client, callback, f"{sent.id}-unsigned", body.replace("delivered", "failed"), right=False)
        times = 2 if scenario.happens(scenario.twice, f"twice/{sent.id}") else 1
        heard = [await self._post(client, callback, f"{sent.id}-{turn}", body, right=True) for turn in range(times)]
        if all(heard):
            self.ledger.told(sent.id, state.value, datetime.now(UTC))
        else:
            self.ledger.tried(sent.id)

    async def _post(self, client: httpx2.AsyncClient, url: str, message: str, body: str, *, right: bool) -> bool:
        headers = {"content-type": "application/json"}
        if self._webhook is not None:
            now = datetime.now(UTC)
            signature = self._webhook.sign(message, now, body) if right else "v1,AAAA"
            headers |= {
                "webhook-id": message,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": signature,
            }
        try:
            answer = await client.post(url, content=body, headers=headers)
        except (httpx2.HTTPError, OSError):
            return False
        return answer.status_code < 300


async def run_peer(
    state: Path,
    scenario: Scenario,
    *,
    port: int = 0,
    secret: str = "",
    callback: str = "",
    ready: Callable[[str], None] = print,
) -> None:
    """Be the gateway until cancelled. `callback`: where receipts are pushed; empty: nowhere."""
    ledger = Ledger(state / "ledger.sqlite")
    try:
        peer = SmsPeer(ledger, scenario, secret=secret)
        async with listening(peer.app, port) as there:
            ready(f"http://127.0.0.1:{there}")
            await (peer.tell(callback) if callback else asyncio.get_running_loop().create_future())
    finally:
        ledger.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; the secret comes from an environment variable, never from an argument others could read."""
    parser = argparse.ArgumentParser(prog="python -m adapters.sms.peer", description="演练短信网关（不真正发送）")
    parser.add_argument("--state", type=Path, default=Path("sms-peer"), help="台账所在目录")
    parser.add_argument("--port", type=int, default=0, help="本机端口（0：任选）")
    parser.add_argument(
        "--callback", default="", help="状态报告推送地址，如 http://127.0.0.1:8348/api/v1/sms/city/receipts"
    )
    parser.add_argument("--secret-env", default="HOTLINE_SMS_SECRET", help="存放签名密钥（whsec_…）的环境变量名")
    parser.add_argument("--ledger", action="store_true", help="只打印台账（JSON），不运行")
    parser.add_argument("--no-dedupe", action="store_true", help="同一 key 收到两次就发两条")
    parser.add_argument("--seed", type=int, default=1, help="随机种子")
    parser.add_argument("--at", action="append", default=[], metavar="N=FAULT", help="第 N 次收到时的故障")
    for fault in Fault:
        parser.add_argument(f"--{fault.value.replace('_', '-')}", type=float, metavar="SHARE", help="故障比例 0–1")
    for name in _RECEIPTS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=0, metavar="SHARE", help="比例 0–1")
    given = parser.parse_args(arguments)
    if given.ledger:
        ledger = Ledger(given.state / "ledger.sqlite")
        print(json.dumps(ledger.everything(), ensure_ascii=False, indent=2))
        ledger.close()
        return 0
    try:
        at = {int(number): Fault(fault) for number, _, fault in (each.partition("=") for each in given.at)}
    except ValueError:
        print(f"--at：应为 N=FAULT，FAULT 是 {'、'.join(Fault)} 之一", file=sys.stderr)
        return 2
    scenario = Scenario(
        deduplicates=not given.no_dedupe,
        seed=given.seed,
        faults={fault: getattr(given, fault.value) for fault in Fault if getattr(given, fault.value) is not None},
        at=at,
        **{name: getattr(given, name) for name in _RECEIPTS},
    )
    with suppress(KeyboardInterrupt):
        asyncio.run(
            run_peer(
                given.state,
                scenario,
                port=given.port,
                secret=os.environ.get(given.secret_env, ""),
                callback=given.callback,
                ready=lambda address: print(f"演练短信网关：{address}（台账 JSON 在 /ledger）", flush=True),
            )
        )
    return 0


_RECEIPTS: Final = ("failed", "twice", "rubbish_receipts", "unsigned_receipts")
_STATUSES: Final[Mapping[Fault, tuple[int, str, str]]] = {
    Fault.REFUSE: (422, "REJECTED", "模板未报备"),
    Fault.BUSY: (503, "BUSY", "繁忙"),
    Fault.UNAUTHORISED: (401, "UNAUTHORISED", "签名不正确"),
}


def _not_taken(fault: Fault) -> Response:
    return BrokenOff() if fault is Fault.LOSE_BEFORE else _no(*_STATUSES[fault])


def _no(status: int, code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message}, status)


if __name__ == "__main__":
    sys.exit(main())
