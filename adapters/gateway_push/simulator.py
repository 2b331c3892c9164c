"""The other end of the wire: a gateway that distributes calls to its own extensions and pushes what happens.

It keeps a ledger of its own (JSON lines) that knows nothing of us: what it offered, answered and released, and what it
sent and got acknowledged. Bounded in calls and in time. The seed fixes callers, patience, talk and faults; which
extension rings also depends on who happens to be free.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import httpx2

from adapters.gateway_push.settings import Dialect
from adapters.gateway_push.simulated_answers import listing, routes
from adapters.gateway_push.simulated_call import SimulatedCall, What, Wire
from adapters.gateway_push.simulated_list import CallList, served
from adapters.gateway_push.simulated_sending import Chaos, Ledger, Outbox, Sender, Summary
from adapters.gateway_push.simulated_wire import wire

_TOLD_AT_MOST = 100
"""Events of one call; the ids of what is told of it later begin after them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How callers and the people at the extensions behave; times are means of exponentials, in seconds."""

    pick_up: float = 4.0
    patience: float = 60.0
    talk: float = 90.0
    ring_timeout: float = 20.0
    no_answer: float = 0.05
    """Share of rings that nobody picks up."""
    late_number: float = 0.1
    """Share of callers whose number comes after the first ring."""
    hold: float = 0.1
    """Share of talks with a pause."""
    seat_hangs_up: float = 0.3
    """Share of talks that the seat ends."""


async def simulate(
    url: str,
    *,
    dialect: Dialect | str = Dialect.STANDARD,
    secret: str = "",
    token: str = "",
    seats: tuple[str, ...] = ("8001", "8002", "8003", "8004"),
    calls_per_second: float = 0.5,
    max_calls: int = 100,
    max_seconds: float = 60.0,
    drain_seconds: float = 15.0,
    seed: int = 1,
    name: str = "gw1",
    zone: str = "Asia/Shanghai",
    habits: Habits | None = None,
    chaos: Chaos | None = None,
    ledger: Path | None = None,
    attempts: int = 8,
    broken_off: Sequence[str] = (),
    stop: asyncio.Event | None = None,
    listed: CallList | None = None,
    client: httpx2.AsyncClient | None = None,
) -> Summary:
    """Run a gateway against `url` until `max_calls` or `max_seconds` or `stop`, then let calls end and return.

    Calls still up after `drain_seconds` are hung up. Deliveries are retried with back-off up to `attempts` times.
    `broken_off`: calls that were up when an earlier run was killed; as a gateway does that starts again, it says first
    that they are over. `listed`: the gateway's own list, into which it writes its calls when they are over.
    """
    async with AsyncExitStack() as stack:
        if client is None:
            client = await stack.enter_async_context(httpx2.AsyncClient(timeout=10.0))
        run = _Gateway(
            wire=wire(Dialect(dialect), secret=secret, token=token, zone=zone),
            sender=Sender(url=url, client=client, attempts=attempts, ledger=stack.enter_context(Ledger(ledger))),
            seats=seats,
            seed=seed,
            name=name,
            habits=habits or Habits(),
            chaos=chaos or Chaos(),
            listed=listed,
        )
        for key in broken_off:
            await run.say_over(key)
        return await run.run(calls_per_second, max_calls, max_seconds, drain_seconds, stop or asyncio.Event())


class _Gateway:
    """The calls and the extensions."""

    def __init__(
        self,
        *,
        wire: Wire,
        sender: Sender,
        seats: tuple[str, ...],
        seed: int,
        name: str,
        habits: Habits,
        chaos: Chaos,
        listed: CallList | None,
    ) -> None:
        self._wire = wire
        self._sender = sender
        self._seed = seed
        self._habits = habits
        self._chaos = chaos
        self._listed = listed
        self._free: asyncio.Queue[str] = asyncio.Queue()
        for seat in seats:
            self._free.put_nowait(seat)
        # A run's calls must not bear the names of an earlier run's: the promise every gateway makes.
        self._prefix = f"{name}-{int(_now().timestamp() * 1000):x}"
        self._closing = asyncio.Event()

    async def run(
        self, rate: float, max_calls: int, max_seconds: float, drain_seconds: float, stop: asyncio.Event
    ) -> Summary:
        clock = Random(f"{self._seed}/arrivals")
        loop = asyncio.get_running_loop()
        until = loop.time() + max_seconds
        async with asyncio.TaskGroup() as calls:
            live: set[asyncio.Task[None]] = set()
            for number in range(1, max_calls + 1):
                pause = min(clock.expovariate(rate), max(0.0, until - loop.time()))
                if await _set_within(stop, pause) or loop.time() >= until:
                    break
                task = calls.create_task(self._call(number), name=f"{self._prefix}-{number:06d}")
                live.add(task)
                task.add_done_callback(live.discard)
            if live:
                await asyncio.wait(live, timeout=drain_seconds)
            self._closing.set()
        return self._sender.summary

    async def say_over(self, key: str) -> None:
        """A call of an earlier run is no more."""
        call = SimulatedCall(number=0, key=key, caller="", dialled="", offered=_now(), released=_now(), by="network")
        async with Outbox(call, self._wire, self._sender, Chaos(), Random(key), told=_TOLD_AT_MOST) as outbox:
            outbox.tell(What.RELEASED)

    async def _call(self, number: int) -> None:
        chance = Random(f"{self._seed}/{number}")
        call = SimulatedCall(
            number=number,
            key=f"{self._prefix}-{number:06d}",
            caller=f"1{chance.choice('35789')}{chance.randrange(10**9):09d}",
            dialled="12348",
            offered=_now(),
            shown=chance.random() >= self._habits.late_number,
        )
        summary = self._sender.summary
        summary.offered += 1
        async with Outbox(call, self._wire, self._sender, self._chaos, chance) as outbox:
            outbox.tell(What.OFFERED)
            if not call.shown:
                outbox.tell(What.IDENTIFIED)
            await self._serve(call, chance, outbox)
            call.released = _now()
            if self._listed is not None:
                self._listed.calls.append(call)
            outbox.tell(What.RELEASED)
        summary.answered += call.answered is not None
        summary.abandoned += call.answered is None
        self._sender.ledger.write(
            "call",
            call=call.key,
            number=call.number,
            caller=call.caller,
            dialled=call.dialled,
            seat=call.seat if call.answered else None,
            offered=call.offered.isoformat(),
            answered=call.answered.isoformat() if call.answered else None,
            released=call.released.isoformat() if call.released else None,
            by=call.by,
            outcome="answered" if call.answered else "abandoned",
        )

    async def _serve(self, call: SimulatedCall, chance: Random, outbox: Outbox) -> None:
        """Ring free extensions until somebody answers or the caller gives up; then talk."""
        habits = self._habits
        call.by = "caller"
        patience = asyncio.get_running_loop().time() + chance.expovariate(1 / habits.patience)
        while (left := patience - asyncio.get_running_loop().time()) > 0:
            seat = await self._next_seat(left)
            if seat is None:
                return
            try:
                call.seat, call.seat_rang = seat, _now()
                outbox.tell(What.RINGING)
                nobody = chance.random() < habits.no_answer
                rings = habits.ring_timeout if nobody else chance.expovariate(1 / habits.pick_up)
                left = patience - asyncio.get_running_loop().time()
                if await self._pause(min(rings, left)) or rings > left:
                    return
                if nobody:
                    outbox.tell(What.DECLINED)
                    continue
                call.answered = _now()
                outbox.tell(What.ANSWERED)
                await self._talk(chance, outbox)
                call.by = "seat" if chance.random() < habits.seat_hangs_up else "caller"
                return
            finally:
                self._free.put_nowait(seat)

    async def _talk(self, chance: Random, outbox: Outbox) -> None:
        talk = chance.expovariate(1 / self._habits.talk)
        if chance.random() < self._habits.hold:
            await self._pause(talk / 3)
            outbox.tell(What.HELD)
            await self._pause(talk / 3)
            outbox.tell(What.RESUMED)
            talk /= 3
        await self._pause(talk)

    async def _next_seat(self, seconds: float) -> str | None:
        waiting = asyncio.ensure_future(self._free.get())
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait({waiting, closing}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return waiting.result() if waiting.done() else None
        finally:
            waiting.cancel()
            closing.cancel()

    async def _pause(self, seconds: float) -> bool:
        """Let time pass; true when the run is being closed and everybody hangs up."""
        return await _set_within(self._closing, seconds)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        return event.is_set()
    return True


def _now() -> datetime:
    return datetime.now(UTC)


def main(arguments: list[str] | None = None) -> int:
    """Command line; the secret comes from an environment variable, never from an argument others could read."""
    parser = argparse.ArgumentParser(prog="python -m adapters.gateway_push.simulator", description="模拟推送网关")
    parser.add_argument("url", help="POST 地址，例如 http://127.0.0.1:8348/api/v1/gateways/gw-1/events")
    parser.add_argument("--dialect", choices=[dialect.value for dialect in Dialect], default=Dialect.STANDARD.value)
    parser.add_argument("--secret-env", default="HOTLINE_GATEWAY_SECRET", help="存放签名密钥的环境变量名")
    parser.add_argument("--token-env", default="HOTLINE_GATEWAY_TOKEN", help="存放令牌的环境变量名")
    parser.add_argument("--seats", default="8001,8002,8003,8004", help="分机号，逗号分隔")
    parser.add_argument("--rate", type=float, default=0.5, help="每秒来电数")
    parser.add_argument("--calls", type=int, default=100, help="最多来电数")
    parser.add_argument("--seconds", type=float, default=60.0, help="最长时间（秒）")
    parser.add_argument("--talk", type=float, default=Habits().talk, help="平均通话时长（秒）")
    parser.add_argument("--seed", type=int, default=1, help="随机种子")
    parser.add_argument("--ledger", type=Path, help="台账文件（JSON 行）")
    for share in ("duplicate", "reorder", "delay", "lose-end", "lose", "garbage"):
        parser.add_argument(f"--{share}", type=float, default=0.0, help="故障比例 0–1")
    parser.add_argument("--serve", type=int, metavar="PORT", help="在本机该端口提供话单查询（0：任选）")
    parser.add_argument("--linger", type=float, default=600.0, help="来电结束后，话单查询再保留多少秒")
    parser.add_argument("--password-env", default="HOTLINE_GATEWAY_PASSWORD", help="话单查询的密码（用户名 admin）")
    summary = asyncio.run(_run(parser.parse_args(arguments)))
    print(
        f"来电 {summary.offered}，接通 {summary.answered}，放弃 {summary.abandoned}；"
        f"推送 {summary.deliveries}，已确认 {summary.acknowledged}，未确认 {summary.unacknowledged}"
    )
    return 1 if summary.unacknowledged else 0


async def _run(given: argparse.Namespace) -> Summary:
    dialect, password = Dialect(given.dialect), os.environ.get(given.password_env, "")
    port: int | None = given.serve
    listed = listing(dialect, password=password) if port is not None else None
    run = simulate(
        given.url,
        dialect=dialect,
        secret=os.environ.get(given.secret_env, ""),
        token=os.environ.get(given.token_env, ""),
        seats=tuple(given.seats.split(",")),
        calls_per_second=given.rate,
        max_calls=given.calls,
        max_seconds=given.seconds,
        seed=given.seed,
        habits=Habits(talk=given.talk),
        chaos=Chaos(
            duplicate=given.duplicate,
            reorder=given.reorder,
            delay=given.delay,
            lose_end=given.lose_end,
            lose=given.lose,
            garbage=given.garbage,
        ),
        ledger=given.ledger,
        listed=listed,
    )
    if listed is None or port is None:
        return await run
    async with served(listed, routes(dialect, listed), port=port) as address:
        print(f"话单查询：{address}", flush=True)
        summary = await run
        await asyncio.sleep(given.linger)
        return summary


if __name__ == "__main__":
    sys.exit(main())
