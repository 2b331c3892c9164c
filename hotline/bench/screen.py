"""A gateway sends an event: how soon is it on the screen of the seat it is about, with everything on disk before?

The real service in its own process with its own PostgreSQL; 200 seats with a console each and a supervisor who sees
everything; signed events over HTTP. The clock runs from the first byte of the request to the message at the console.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections import deque
from typing import Final

from hotline.bench.consoles import Consoles, open_consoles
from hotline.bench.gateway import Gateway
from hotline.bench.machine import Watched, tree_use
from hotline.bench.row import Row, quantiles
from hotline.bench.runs import Bench
from hotline.bench.service import Plan, Service, Token, running_service

SEATS: Final = 200
ADAPTER: Final = "gw-1"
RATES: Final = ((10, 15.0), (50, 40.0), (200, None))
"""Calls a second, and the goal for the 99th percentile in milliseconds; None: only that nothing is refused."""
STATES: Final = {"seat.ringing": "ringing", "seat.answered": "talking", "call.released": "ended"}


class _Run:
    """What is under way, and how long it took."""

    def __init__(self) -> None:
        self.sent: dict[tuple[str, str], deque[float]] = {}
        self.took: list[float] = []

    def said(self, extension: str, kind: str, at: float) -> None:
        if kind in STATES:
            self.sent.setdefault((extension, STATES[kind]), deque()).append(at)

    def seen(self, token: Token, state: str, at: float) -> None:
        waiting = self.sent.get((token.extension, state))
        if waiting:
            self.took.append((at - waiting.popleft()) * 1000)

    async def all_seen(self) -> None:
        """Until everything sent was seen, or a second has passed."""
        for _ in range(100):
            if not self.unseen:
                return
            await asyncio.sleep(0.01)

    @property
    def unseen(self) -> int:
        return sum(map(len, self.sent.values()))


async def measure(bench: Bench) -> list[Row]:
    """A row for each rate."""
    extensions = [f"8{number:03d}" for number in range(bench.size(SEATS, 5))]
    folder = bench.folder()
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    (folder / "secret").write_text(secret)
    table = {"kind": "gateway-push", "dialect": "standard", "secrets": [f"file:{folder / 'secret'}"]}
    rows: list[Row] = []
    async with running_service(folder, Plan(extensions=extensions, consoles=True), {ADAPTER: table}) as service:
        notes = _Run()
        async with open_consoles(service, service.tokens, lambda *seen: notes.seen(*seen)) as consoles:
            for rate, goal in RATES if not bench.tiny else ((4, None),):
                bench.at(f"event_to_screen {rate}/s")
                rows.append(await _rate(bench, service, consoles, notes, extensions, secret, rate, goal))
    return rows


async def _rate(
    bench: Bench,
    service: Service,
    consoles: Consoles,
    notes: _Run,
    extensions: list[str],
    secret: str,
    rate: int,
    goal: float | None,
) -> Row:
    async def once() -> tuple[list[float], str, int]:
        notes.took, notes.sent = [], {}
        gateway = Gateway(service.port, ADAPTER, secret, extensions, notes.said)
        await gateway.connect()
        watched = Watched({"服务": service.pid})
        database = tree_use(service.database_pids)
        try:
            await gateway.run(rate, bench.size(8 if goal else 5, 1))
            await notes.all_seen()
        finally:
            await gateway.close()
        seconds = watched.seconds()
        use = f"服务 {watched.use()['服务']:.0f} %，"
        use += f"PostgreSQL {100 * (tree_use(service.database_pids) - database) / seconds:.0f} %"
        refused = sum(count for status, count in gateway.statuses.items() if status // 100 != 2)
        refused += len(consoles.closed) + notes.unseen
        events = sum(gateway.statuses.values())
        said = f"{use}；{events} 个事件，拒绝 {refused - notes.unseen}，未见于屏幕 {notes.unseen}"
        if gateway.no_seat:
            said += f"，因分机占满未能呼入 {gateway.no_seat}"
        return list(notes.took), said, refused

    taken = await bench.median(once, lambda one: sorted(one[0])[int(len(one[0]) * 0.99)])
    samples, said, refused = taken.value
    return Row(
        id="event_to_screen",
        unit="ms",
        case=f"{rate} 通/s",
        **quantiles(samples),
        rate=rate if not refused else None,
        others_cpu=taken.others,
        limited_by="两次提交（原始事件、决定）" if goal else "服务进程的单核 Python",
        goal={"p99": goal} if goal else {"rate": rate},
        note=f"{taken.note}；{len(extensions)} 坐席和 1 名班长在线，每通 4 个签名事件；{said}",
    )
