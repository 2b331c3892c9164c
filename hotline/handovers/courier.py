"""Who carries hand-overs over one bridge (对接桥)? Claims what is due, sends it, has written down what came of it.

Nothing is sent that is not on disk, and nothing is on disk as sent that was not. Between the two lies the send: whoever
dies there leaves a claim, and a claim that runs out says that nobody knows whether it arrived. Where the other side
sorts out repeats it is sent again; where it can be asked it is asked; else a person sees it at once.

One courier per bridge: a way that is down keeps no other one waiting, and nothing that comes over it ends the service.
Hand-overs of one ticket keep their order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bridge import Bridge, BridgeAbility, InDoubt, Misconfigured, NotNow, Refused, Unsupported
from hotline.clock import Clock
from hotline.handovers.claims import SEND_SECONDS, Claims
from hotline.handovers.handover import HandoverState
from hotline.handovers.outcome import AWAY, Outcome
from hotline.handovers.pace import Breaker
from hotline.handovers.records import open_package
from hotline.metrics import HANDOVERS_ATTENTION, HANDOVERS_WAITING
from hotline.store.seal import Seal

AT_ONCE: Final = 8
"""Hand-overs on their way at the same time."""
GATHER_SECONDS: Final = 0.005
"""So long others may settle as well after one has, so that one claim fills several places."""
LOOK_SECONDS: Final = 2.0
"""Between two looks at what is due when nothing was, what was left behind, and what is in doubt."""

_log = structlog.get_logger(__name__)


class Courier:
    """Carries one hall's hand-overs over one bridge."""

    def __init__(
        self, engine: AsyncEngine, seal: Seal, bridge: Bridge, *, hall: str, clock: Clock, leading: Callable[[], bool]
    ) -> None:
        self.bridge = bridge
        self.breaker = Breaker()
        self._claims = Claims(engine, hall=hall, bridge=bridge.name)
        self._outcome = Outcome(engine, bridge, hall=hall, clock=clock)
        self._seal = seal
        self._hall = hall
        self._clock = clock
        self._leading = leading
        self._woken = asyncio.Event()
        self._on_way: dict[asyncio.Task[None], int] = {}
        """Who carries which hand-over."""
        self._asking: asyncio.Task[int] | None = None
        """The questions about what is in doubt, which may take as long as they take."""
        self._is_back = False
        """The way has just come back: nothing need wait any more."""

    def wake(self) -> None:
        """Something is to be sent."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled, while this process leads the hall. A database that is away is waited for, and a fault of
        ours is told and tried again: none may end the service."""
        loop = asyncio.get_running_loop()
        looked = -LOOK_SECONDS
        try:
            while True:
                started = 0
                self._woken.clear()
                if self._leading():
                    try:
                        if loop.time() - looked >= LOOK_SECONDS:
                            looked = loop.time()
                            await self._look_after()
                            self._ask_aside()
                        started = await self._start()
                    except AWAY as error:
                        _log.warning("handovers_not_carried", bridge=self.bridge.name, error=type(error).__name__)
                    except Exception:
                        _log.exception("handovers_not_carried", bridge=self.bridge.name)
                await self._rest(started=started > 0)
        finally:
            tasks = [*self._on_way, *([self._asking] if self._asking is not None else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def round(self) -> int:
        """One round to its end: what was left behind, what is in doubt, what is due; how many were moved."""
        await self._look_after()
        moved = await self._ask_about_doubts() + await self._start()
        await asyncio.gather(*self._on_way)
        return moved

    async def _start(self) -> int:
        """Send what is due, as far as there is room; how many."""
        now, resting = self._clock.now(), self.breaker.open_until is not None
        room = self.breaker.room(now, AT_ONCE) - len(self._on_way)
        if room <= 0:
            return 0
        back, self._is_back = self._is_back, False
        try:
            rows = await self._claims.take(now, room, way_is_back=back, probing=resting)
        except BaseException:
            self._is_back = back
            raise
        for row in rows:
            task = asyncio.create_task(self._carry(row), name=f"hand-over {row.id}")
            self._on_way[task] = row.id
            task.add_done_callback(self._done)
        return len(rows)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._on_way[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("handover_failed", bridge=self.bridge.name, exc_info=error)

    async def _carry(self, row: Row[Any]) -> None:
        try:
            package = open_package(self._seal, row)
        except Exception:
            _log.exception("handover_unreadable", bridge=self.bridge.name, handover=row.id)
            await self._outcome.refused(row, "移交单打不开（密钥文件不是当时的那一个？）：请核对后重发，或重新移交。")
            return
        try:
            async with asyncio.timeout(SEND_SECONDS):
                receipt = await self.bridge.send(package, again=row.again)
        except (Refused, Unsupported) as no:
            self._worked()
            await self._outcome.refused(row, str(no))
        except InDoubt as doubt:
            self.breaker.failed(self._clock.now(), str(doubt))
            await self._outcome.doubted(row, str(doubt))
        except (NotNow, Misconfigured) as error:
            self.breaker.failed(self._clock.now(), str(error))
            await self._outcome.later(row, str(error), getattr(error, "after_seconds", None))
        except TimeoutError:
            why = f"{SEND_SECONDS:.0f} 秒没有答复，不知道对方是否收到。"
            self.breaker.failed(self._clock.now(), why)
            await self._outcome.doubted(row, why)
        except Exception:
            # A fault of ours in the middle of a send: whether it arrived is not known either.
            _log.exception("handover_failed", bridge=self.bridge.name, handover=row.id)
            await self._outcome.doubted(row, "发送时本系统出错，不知道对方是否收到。")
        else:
            self._worked()
            await self._outcome.arrived(row, receipt)

    def _worked(self) -> None:
        self._is_back = self.breaker.worked() or self._is_back

    async def _look_after(self) -> None:
        """What was left behind is doubted, and all that has not arrived is counted."""
        now = self._clock.now()
        for row in await self._claims.left_behind(now, list(self._on_way.values())):
            await self._outcome.doubted(row, "发送中断（服务重新启动），不知道对方是否收到。")
        left = await self._claims.count()
        waiting = left.get(HandoverState.PREPARED, 0) + left.get(HandoverState.IN_DOUBT, 0)
        attention = left.get(HandoverState.FAILED, 0) + left.get(HandoverState.IN_DOUBT, 0)
        HANDOVERS_WAITING.labels(self._hall, self.bridge.name).set(waiting)
        HANDOVERS_ATTENTION.labels(self._hall, self.bridge.name).set(attention)

    def _ask_aside(self) -> None:
        """Ask about what is in doubt, without anybody waiting for the answers."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_about_doubts(), name=f"questions of {self.bridge.name}")
            self._asking.add_done_callback(self._asked)

    def _asked(self, task: asyncio.Task[int]) -> None:
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            known = isinstance(error, AWAY)
            _log.warning(
                "handovers_not_asked",
                bridge=self.bridge.name,
                error=type(error).__name__,
                exc_info=None if known else error,
            )
        elif task.result():
            self.wake()

    async def _ask_about_doubts(self) -> int:
        now = self._clock.now()
        if BridgeAbility.CAN_ASK not in self.bridge.abilities or not self.breaker.room(now, 1):
            return 0
        rows = await self._claims.doubts(now, AT_ONCE)
        return sum(await asyncio.gather(*(self._ask(row) for row in rows)))

    async def _ask(self, row: Row[Any]) -> bool:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                standing = await self.bridge.ask(row.key)
        except Exception as error:
            if not isinstance(error, NotNow | Misconfigured | TimeoutError):
                _log.exception("handover_not_asked", bridge=self.bridge.name, handover=row.id)
            self.breaker.failed(self._clock.now(), str(error))
            await self._outcome.asked_in_vain(row, str(error) or row.last_error)
            return False
        self._worked()
        return await self._outcome.found(row, standing)

    async def _rest(self, *, started: bool) -> None:
        """Until one of those on their way is settled, something is to be sent, or it is time to look."""
        woken = asyncio.create_task(self._woken.wait())
        try:
            tasks = {woken, *self._on_way}
            await asyncio.wait(tasks, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
        if started:
            await asyncio.sleep(GATHER_SECONDS)
