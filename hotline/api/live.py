"""The live socket: a snapshot, then every change; commands come back as results.

Permissions are those of the session, looked at again once a minute; a session that ends closes its sockets at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from typing import Final

import msgspec
import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from sqlalchemy.exc import SQLAlchemyError

from hotline.api.deps import Grant, address_of, find_who, is_local, is_secure, same_origin
from hotline.api.live_messages import (
    Beat,
    CloseCode,
    CommandAsked,
    Done,
    Hello,
    NotUnderstood,
    ProblemBody,
    Resync,
    Subscribe,
    hear,
)
from hotline.api.orders import ask, command
from hotline.api.problems import Problem
from hotline.bus import Subscriber
from hotline.hall.hall import Hall
from hotline.metrics import WS_CLIENTS
from hotline.people.permissions import Action, scope
from hotline.people.sessions import Who
from hotline.store.errors import StoreAway

log = structlog.get_logger()
routes = APIRouter()

BEAT_SECONDS: Final = 5.0
SILENT_SECONDS: Final = 12.0
"""A console that says nothing for so long is gone, whatever TCP believes: it answers every beat."""
UNREAD_SECONDS: Final = 5.0
"""A console whose connection takes nothing for so long does not read."""
FAREWELL_SECONDS: Final = 2.0
"""So long the close code may take to get through to a console that does not read."""
LEADER_SECONDS: Final = 10.0
"""While the hall starts or is taken over, consoles wait that long before they are sent to try again."""
MESSAGE_BYTES: Final = 64 * 1024
COMMANDS_AT_ONCE: Final = 8
"""Of one console. A person has one, perhaps two under way."""
RECHECK_SECONDS: Final = 60.0
_AWAY: Final = (StoreAway, SQLAlchemyError, OSError)


@routes.websocket("/live")
async def live(socket: WebSocket) -> None:
    """One console's connection, from hello to its end."""
    if not same_origin(socket) or not (is_secure(socket) or is_local(socket)):
        await socket.close(CloseCode.NOT_ALLOWED)
        return
    try:
        who = await find_who(socket)
    except _AWAY as away:
        log.warning("console sent away: the database is", error=type(away).__name__)
        await socket.accept()
        await socket.close(CloseCode.RESTART)
        return
    await socket.accept()
    if who is None:
        await socket.close(CloseCode.SIGN_IN_AGAIN)
        return
    if who.must_change:
        await socket.close(CloseCode.NOT_ALLOWED)
        return
    await _Console(socket, who).run()


class _Console:
    def __init__(self, socket: WebSocket, who: Who) -> None:
        self._socket = socket
        self._who = who
        self._hall: Hall = socket.app.state.halls[who.hall]
        self._subscriber: Subscriber | None = None
        self._talker: asyncio.Task[None] | None = None
        self._last_word = asyncio.get_running_loop().time()
        self._under_way = 0

    async def run(self) -> None:
        if not await self._hall.until_led(LEADER_SECONDS):
            await self._socket.close(CloseCode.RESTART)
            return
        hello = Hello(server_time=self._hall.clock.now(), session=self._name(), heartbeat=BEAT_SECONDS)
        await self._send(hello)
        WS_CLIENTS.labels(self._who.hall).inc()
        self._hall.presence.arrived(self._who.account)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen(tasks), name="console in")
                tasks.create_task(self._beat(), name="console beat")
                tasks.create_task(self._watch(), name="console watch")
        except* (WebSocketDisconnect, RuntimeError, _Over) as group:
            over = group.subgroup(_Over)
            if over is not None:
                code = next(error.code for error in _leaves(over) if isinstance(error, _Over))
                with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
                    async with asyncio.timeout(FAREWELL_SECONDS):
                        await self._socket.close(code)
        finally:
            WS_CLIENTS.labels(self._who.hall).dec()
            now = asyncio.get_running_loop().time()
            # Who hung up was there until now; who fell silent only until the last word.
            silent = now - self._last_word > SILENT_SECONDS
            self._hall.presence.left(self._who.account, self._last_word if silent else now)
            if self._subscriber is not None:
                self._hall.hub.leave(self._subscriber)

    async def _listen(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            try:
                text = await self._socket.receive_text()
            except KeyError:  # a binary message
                raise _Over(CloseCode.NOT_TEXT) from None
            self._last_word = asyncio.get_running_loop().time()
            if len(text) > MESSAGE_BYTES:
                raise _Over(CloseCode.SLOW_DOWN)
            try:
                asked = hear(text)
            except Problem as problem:
                await self._send(NotUnderstood(problem=ProblemBody.of(problem)))
                continue
            match asked:
                case Subscribe() | Resync():
                    self._subscribe(asked.topics, tasks)
                case CommandAsked():
                    if self._under_way >= COMMANDS_AT_ONCE:
                        await self._send(_refused(asked, Problem("slow_down")))
                        continue
                    self._under_way += 1
                    tasks.create_task(self._command(asked), name="console command")
                case _:
                    pass  # a beat, or a word of a newer console

    def _subscribe(self, topics: list[str], tasks: asyncio.TaskGroup) -> None:
        wants_hall = "hall" in topics and scope(self._who.role, Action.HALL_LIVE) is not None
        if not wants_hall and scope(self._who.role, Action.DESK_LIVE) is None:
            raise _Over(CloseCode.NOT_ALLOWED)
        hub = self._hall.hub
        if self._subscriber is not None and self._talker is not None:
            # What the old stream has not said yet is older than the new snapshot.
            hub.leave(self._subscriber)
            self._talker.cancel()
        if any(seat.operator == self._who.account for seat in self._hall.state.seats.values()):
            # Who sits at a seat works in one place: the newest sign-in has it. Windows of one browser share a session.
            hub.take_over(self._who.account, self._who.session)
        subscriber = Subscriber(self._who.account, "hall" if wants_hall else "desk", self._who.session)
        self._subscriber = subscriber
        hub.expect(subscriber)

        def begin() -> None:
            # No await between joining and keeping the snapshot: what changes from here on comes after it.
            if hub.expects(subscriber):
                subscriber.push(hub.join(subscriber))

        self._hall.when_at_rest(begin)
        self._talker = tasks.create_task(self._talk(subscriber), name="console out")

    async def _talk(self, subscriber: Subscriber) -> None:
        farewell = asyncio.create_task(subscriber.closed.wait(), name="console farewell")
        speech = asyncio.create_task(self._speak(subscriber), name="console speech")
        try:
            # A console that does not read holds up what is said to it, never that it is cut off.
            await asyncio.wait((farewell, speech), return_when=asyncio.FIRST_COMPLETED)
            if subscriber.close_code is not None:
                raise _Over(subscriber.close_code)
            speech.result()
        finally:
            farewell.cancel()
            speech.cancel()
            await asyncio.gather(farewell, speech, return_exceptions=True)

    async def _speak(self, subscriber: Subscriber) -> None:
        while True:
            unread = await subscriber.next()
            if subscriber.close_code is not None:
                return
            try:
                async with asyncio.timeout(UNREAD_SECONDS):
                    for message in unread:
                        await self._socket.send_text(message.decode())
            except TimeoutError:
                raise _Over(CloseCode.SLOW_DOWN) from None

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            await self._send(Beat(server_time=self._hall.clock.now()))

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        checked = loop.time()
        while True:
            await asyncio.sleep(1.0)
            if loop.time() - self._last_word > SILENT_SECONDS:
                raise _Over(CloseCode.SILENT)
            if loop.time() - checked > RECHECK_SECONDS:
                checked = loop.time()
                try:
                    still = await self._socket.app.state.sessions.still(self._who.session, self._hall.clock.now())
                except _AWAY:
                    continue  # nobody can be signed off either while the database is away
                if still is None or still.role is not self._who.role:
                    raise _Over(CloseCode.SIGN_IN_AGAIN)

    async def _command(self, asked: CommandAsked) -> None:
        try:
            await self._obey(asked)
        finally:
            self._under_way -= 1

    async def _obey(self, asked: CommandAsked) -> None:
        sessions = self._socket.app.state.sessions
        try:
            if await sessions.still(self._who.session, self._hall.clock.now()) is None:
                raise _Over(CloseCode.SIGN_IN_AGAIN)
            await sessions.touch(self._who.session, self._hall.clock.now())
            reach = scope(self._who.role, Action.SEAT_USE)
            if reach is None or self._subscriber is None:
                # Only a stream is closed at once when its session ends, so only there may orders be given.
                raise Problem("not_allowed")
            seat = next((s for s in self._hall.state.seats.values() if s.operator == self._who.account), None)
            if seat is None:
                raise Problem("seat_not_signed_in")
            grant = Grant(who=self._who, scope=reach, address=address_of(self._socket), now=self._hall.clock.now())
            await ask(self._hall, command(asked.name, seat.number, msgspec.json.encode(asked.args)), grant)
        except _Over:
            raise
        except Problem as problem:
            await self._send(_refused(asked, problem))
        except Exception as error:
            log.error("command failed", name=asked.name[:32], error=type(error).__name__)
            code = "store_away" if isinstance(error, _AWAY) else "internal"
            await self._send(_refused(asked, Problem(code)))
        else:
            await self._send(Done(id=asked.id, ok=True))

    def _name(self) -> str:
        """Of the sign-in, for support: a hash of the hash that the database keeps."""
        return hashlib.sha256(self._who.session).hexdigest()[:16]

    async def _send(self, message: msgspec.Struct) -> None:
        try:
            async with asyncio.timeout(UNREAD_SECONDS):
                await self._socket.send_text(msgspec.json.encode(message).decode())
        except TimeoutError:
            raise _Over(CloseCode.SLOW_DOWN) from None


class _Over(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def _refused(asked: CommandAsked, problem: Problem) -> Done:
    return Done(id=asked.id, ok=False, problem=ProblemBody.of(problem))


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
