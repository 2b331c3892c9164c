"""Carries out what was decided: the commands of one call in order, those of different calls at the same time.

What a device may have done or not is repeated, which the contract allows; later commands of that call wait for it, so
the order stays. Never calls back: what a device does not do comes in again as `OrderFailed`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import structlog

from adapters.errors import LinkDown, NoAnswer, Refused, Unsupported
from adapters.telephony import AdapterName, CallKey, Command, TelephonyAdapter
from hotline.crash import crash_point
from hotline.hall.inputs import OrderFailed
from hotline.hall.state import Order

log = structlog.get_logger()

COMMAND_SECONDS = 10.0
"""A device that does not accept a command within this time has not answered."""
REPEAT_AFTER_SECONDS = (0.2, 1.0)
"""Pauses before a command without an answer is repeated. Three tries take longer than a silent link stays unnoticed."""


class Hands:
    """The commands on their way to the devices."""

    def __init__(self, adapters: Mapping[AdapterName, TelephonyAdapter], put: Callable[[OrderFailed], None]) -> None:
        self._adapters = adapters
        self._put = put
        self._chains: dict[tuple[AdapterName, CallKey], deque[Command]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def perform(self, orders: Sequence[Order]) -> None:
        """Put commands on their way; returns at once."""
        for order in orders:
            key = (order.adapter, order.command.call)
            chain = self._chains.get(key)
            if chain is not None:
                chain.append(order.command)
                continue
            self._chains[key] = deque([order.command])
            task = asyncio.create_task(self._run(key), name=f"orders {key[0]}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> bool:
        """Commands are on their way."""
        return bool(self._chains)

    async def stop(self) -> None:
        """Let nothing run on: what was not sent is settled by the next snapshot."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, key: tuple[AdapterName, CallKey]) -> None:
        chain = self._chains[key]
        try:
            while chain:
                await self._do(key[0], chain.popleft())
        finally:
            self._chains.pop(key, None)

    async def _do(self, name: AdapterName, command: Command) -> None:
        adapter = self._adapters.get(name)
        reason, detail = "unsupported", "no such adapter is running"
        if adapter is not None:
            crash_point("before_command")
            try:
                await _insist(adapter, command)
                crash_point("after_command")
                return
            except Unsupported as error:
                reason, detail = "unsupported", str(error)
            except Refused as error:
                reason, detail = "refused", str(error)
            except NoAnswer as error:
                reason, detail = "no_answer", str(error)
            except LinkDown as error:
                reason, detail = "link_down", str(error)
            except Exception as error:
                log.exception("adapter failed on a command", adapter=name, command=type(command).__name__)
                reason, detail = "fault", f"{type(error).__name__}: {error}"
        self._put(OrderFailed(adapter=name, command=command, reason=reason, detail=detail))


async def _insist(adapter: TelephonyAdapter, command: Command) -> None:
    """Until the device has accepted or refused it, or its link is gone. Raises `NoAnswer` after the last try."""
    for pause in (*REPEAT_AFTER_SECONDS, None):
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                await adapter.do(command)
        except (NoAnswer, TimeoutError) as error:
            detail = str(error) or f"no answer within {COMMAND_SECONDS:g} s"
            log.warning("no answer to a command", adapter=adapter.name, command=type(command).__name__, detail=detail)
            if pause is None:
                raise NoAnswer(detail) from error
            await asyncio.sleep(pause)
        else:
            return
