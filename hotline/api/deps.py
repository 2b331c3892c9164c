"""Who asks, from where, and may they? What every router needs before it does anything.

`wire` hangs what requests need on `app.state`; the dependencies take it from there.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Protocol, TypeVar

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.routing import APIRoute
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import Message

from hotline.announcements.changes import Changes
from hotline.api.problems import Problem
from hotline.audit.trail import Doer
from hotline.callers.book import Entries
from hotline.calls.call import Call
from hotline.clock import Clock
from hotline.hall.inputs import Actor, HallCommand
from hotline.hall.state import Decision, HallState
from hotline.people.passwords import Passwords
from hotline.people.permissions import Action, Scope, scope
from hotline.people.sessions import Presence, Sessions, Who
from hotline.settings import Settings
from hotline.store.seal import Seal
from hotline.tickets.together import Together
from seats.seat import Seat, SeatState

BODY_LIMIT: Final = 256 * 1024
"""Bytes: the longest ticket fits in three times over, in the longest encoding of JSON."""
COOKIE: Final = "hotline_session"
SECURE_COOKIE: Final = "__Host-hotline_session"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

T = TypeVar("T")


class Hall(Protocol):
    """What requests need of a running hall."""

    @property
    def state(self) -> HallState:
        """What is true there now."""
        ...

    def ask(self, command: HallCommand, actor: Actor) -> Awaitable[Decision]:
        """Does it, and says what was decided; or raises with a `code` why not."""
        ...


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A request that may go on: by whom, how far, from where, and when."""

    who: Who
    scope: Scope
    address: str
    now: datetime

    @property
    def hall(self) -> str:
        """The hall of the account: no request reaches into another."""
        return self.who.hall

    @property
    def doer(self) -> Doer:
        """For the audit trail."""
        return Doer(account=self.who.account, work_number=self.who.work_number, address=self.address)

    @property
    def actor(self) -> Actor:
        """For the hall."""
        return Actor(account=self.who.account, work_number=self.who.work_number, name=self.who.name)

    @property
    def only_own(self) -> str | None:
        """The account, when only its own things may be seen."""
        return self.who.account if self.scope is Scope.SELF else None


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """The seat of an account, and the call that rings or talks there."""

    seat: Seat
    call: Call | None
    caller_index: bytes | None
    """Of the caller's number, when it is known."""


class Pace:
    """How often things may be done; counted in this process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, what: RateLimitItem, *who: str) -> bool:
        """Counts one; False: too often."""
        return self._limiter.hit(what, *who)

    def spent(self, what: RateLimitItem, *who: str) -> bool:
        """Would one more be too often? Counts nothing."""
        return not self._limiter.test(what, *who)


SIGN_IN_PACE: Final = parse("60/minute")
"""Per address; a whole shift behind one address changes within minutes."""
REVEAL_PACE: Final = parse("30/hour")
PLAY_PACE: Final = parse("600/hour")
"""Per account; a player asks for several ranges of one recording."""


def wire(
    app: FastAPI,
    *,
    engine: AsyncEngine,
    seal: Seal,
    clock: Clock,
    halls: Mapping[str, Hall],
    settings: Settings,
    sessions: Sessions,
    recording_roots: Sequence[Path],
    announcements: Changes,
    passwords: Passwords | None = None,
    on_callers_changed: Callable[[str, Entries], None] = lambda hall, entries: None,
) -> None:
    """Gives the app what its requests need. `recording_roots`: the only directories that recordings are played from.

    `on_callers_changed(hall, {number: treatment or None})` is called once a change of rules about callers is on disk.
    Run `Sessions.sweep` once a minute, and close the sockets of what `Sessions.on_ended` tells.
    """
    app.state.engine = engine
    app.state.seal = seal
    app.state.clock = clock
    app.state.halls = halls
    app.state.settings = settings
    app.state.recording_roots = tuple(root.resolve() for root in recording_roots)
    app.state.passwords = passwords or Passwords()
    app.state.sessions = sessions
    app.state.announcements = announcements
    app.state.pace = Pace()
    app.state.together = Together()
    app.state.on_callers_changed = on_callers_changed


def presence(halls: Mapping[str, Hall], hall: str, account: str) -> Presence:
    """What keeps an account's sessions alive: the state of the seat it is signed in at."""
    seat = seat_of(halls, hall, account)
    match seat.state if seat is not None else None:
        case SeatState.RINGING | SeatState.TALKING:
            return Presence.ON_CALL
        case SeatState.READY:
            return Presence.READY
        case _:
            return Presence.ABSENT


def seat_of(halls: Mapping[str, Hall], hall: str, account: str) -> Seat | None:
    """The seat that the account is signed in at."""
    running = halls.get(hall)
    if running is None:
        return None
    return next((seat for seat in running.state.seats.values() if seat.operator == account), None)


def holding(connection: HTTPConnection, grant: Grant) -> Holding | None:
    """What the account has at its seat now."""
    halls: Mapping[str, Hall] = connection.app.state.halls
    seat = seat_of(halls, grant.hall, grant.who.account)
    if seat is None:
        return None
    call = next((call for call in halls[grant.hall].state.calls.values() if call.id == seat.call), None)
    index = connection.app.state.seal.index(call.caller) if call is not None and call.caller else None
    return Holding(seat=seat, call=call, caller_index=index)


# ── the door ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def is_secure(connection: HTTPConnection) -> bool:
    """Does the browser speak TLS (to us, or to the proxy before us)?"""
    return connection.url.scheme in ("https", "wss") or connection.app.state.settings.service.behind_tls_proxy


def is_local(connection: HTTPConnection) -> bool:
    """Plain HTTP from this very machine, under a name of this machine."""
    try:
        from_here = connection.client is not None and ip_address(connection.client.host).is_loopback
    except ValueError:
        from_here = False
    return from_here and _loopback_name(connection.url.hostname or "")


def cookie_name(connection: HTTPConnection) -> str:
    """Which cookie counts on this connection."""
    return SECURE_COOKIE if is_secure(connection) else COOKIE


def address_of(connection: HTTPConnection) -> str:
    """Where the request comes from, as the server (or its trusted proxy) says."""
    return connection.client.host[:64] if connection.client is not None else ""


def same_origin(connection: HTTPConnection) -> bool:
    """Was it sent by a page of ours? For sockets and whatever changes something."""
    origin = connection.headers.get("origin")
    if origin is not None:
        scheme = "https" if is_secure(connection) else "http"
        own = f"{scheme}://{connection.headers.get('host', '')}"
        if origin != own and origin not in connection.app.state.settings.service.origins:
            return False
    return connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


async def guard(request: Request) -> None:
    """Against requests that another site makes the browser send: own header, own origin, same site."""
    if not is_secure(request) and not is_local(request):
        raise Problem("tls_required")
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("x-console") != "1" or not same_origin(request):
        raise Problem("cross_site")


async def find_who(connection: HTTPConnection) -> Who | None:
    """The account behind a request or a socket; None when nobody is signed in."""
    token = connection.cookies.get(cookie_name(connection))
    if not token:
        return None
    return await connection.app.state.sessions.find(token, connection.app.state.clock.now())


def granted(action: Action, *, initial_password: bool = False) -> Callable[[Request], Awaitable[Grant]]:
    """The dependency of a route that does `action`; `initial_password`: even before the password was changed."""

    async def grant(request: Request) -> Grant:
        who = await find_who(request)
        if who is None:
            raise Problem("not_signed_in")
        if who.must_change and not initial_password:
            raise Problem("must_change_password")
        reach = scope(who.role, action)
        if reach is None:
            raise Problem("not_allowed")
        return Grant(who=who, scope=reach, address=address_of(request), now=request.app.state.clock.now())

    return grant


def router(tag: str, *, body_limit: int = BODY_LIMIT) -> APIRouter:
    """A router behind the door, for the path prefix `/api/v1`, whose routes read no longer bodies than that."""
    bounded = type("Bounded", (_Bounded,), {"body_limit": body_limit})
    return APIRouter(tags=[tag], dependencies=[Depends(guard)], route_class=bounded)


class _Bounded(APIRoute):
    """A route that reads no more than `body_limit` of a body, and says so as every other problem is said."""

    body_limit: ClassVar[int] = BODY_LIMIT

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            length = request.headers.get("content-length", "0")
            if not length.isascii() or not length.isdigit() or int(length) > self.body_limit:
                raise Problem("too_large")
            read = 0

            async def receive() -> Message:
                nonlocal read
                message = await request.receive()
                read += len(message.get("body", b""))
                if read > self.body_limit:
                    raise HTTPException(413)  # the only kind of error that FastAPI lets through here
                return message

            return await handle(Request(request.scope, receive))

        return bounded


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────

Limit = Annotated[int, Query(ge=1, le=200, description="每页条数")]
Cursor = Annotated[str | None, Query(max_length=300, description="上一页返回的 next_cursor")]


def write_cursor(place: msgspec.Struct | None) -> str | None:
    """Where the next page begins, as an opaque text."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def read_cursor(cursor: str | None, kind: type[T]) -> T | None:
    """What `write_cursor` wrote. Raises `Problem(bad_cursor)`."""
    if not cursor:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=kind)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise Problem("bad_cursor") from None


def _loopback_name(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
