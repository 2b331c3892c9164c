"""What does this very message say, to which number, or why is there none? Reads what it is about, now.

Written as late as can be, once it may go: what was settled overnight is not told in the morning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Row, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.sms_gateway import SmsGateway
from adapters.sms_text import e164, segments, signed
from hotline.calls.numbers import mask, normalise
from hotline.messages import book, progress
from hotline.messages.message import Kind
from hotline.messages.rules import MessageRules, Why
from hotline.messages.templates import SECRET, fill
from hotline.ratings import codes, links
from hotline.ratings.service import NoSuchRating, RatingRefused
from hotline.rosters.calendar import SHANGHAI
from hotline.store.seal import Seal, place
from hotline.store.tables import CALLBACKS, CALLS, RATINGS, TICKETS, UNITS
from hotline.tickets.ticket import ENDED, TicketState

PROGRESS_PATH: Final = "/public/progress"
RATE_PATH: Final = "/rate/"
HIDDEN: Final = "••••••"
"""Instead of a code or a link, wherever somebody of ours reads the text."""
SHORT_WAIT: Final = timedelta(minutes=10)
"""Until a call that still goes on is looked at again."""
_OPEN_CALLBACKS: Final = ("waiting", "taken")
_ANSWERED: Final = frozenset({TicketState.REVIEWED, TicketState.FOLLOWED_UP, TicketState.CLOSED})
_DAYS: Final = "一二三四五六日"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a person typed in."""

    unit: str = ""
    """Code of the office to come to."""
    when: datetime | None = None
    note: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a message is to be about."""

    kind: Kind
    by: str
    by_hand: bool = False
    ticket: str | None = None
    callback: int | None = None
    call: str | None = None
    wish: Wish = Wish()


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A message that can go."""

    number: str
    """As dialled inside China."""
    text: str
    hidden: tuple[str, ...]
    """Words of the text that are keys."""
    template: str
    template_version: int
    registered: str
    segments: int

    @property
    def shown(self) -> str:
        """The text as somebody of ours may read it."""
        return shown(self.text, self.hidden)


class Unsent(Exception):
    """There is a reason not to send it."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class NotYet(Exception):
    """It cannot be said yet; look again after a while."""


class Author:
    """Writes one hall's messages."""

    def __init__(
        self,
        seal: Seal,
        rules: MessageRules,
        gateway: SmsGateway | None,
        *,
        hall: str,
        label: str,
        link_days: int,
        chance: Callable[[int], bytes],
    ) -> None:
        self.rules = rules
        self.gateway = gateway
        self._seal = seal
        self._hall = hall
        self._label = label
        self._link_days = link_days
        self._chance = chance

    async def write(self, conn: AsyncConnection, asked: Asked, now: datetime, *, try_out: bool = False) -> Written:
        """The message. Raises `Unsent`, `NotYet`. `try_out`: for a person to look at; makes no code and no link."""
        if self.gateway is None:
            raise Unsent(Why.NO_GATEWAY)
        if not asked.by_hand and asked.kind not in self.rules.by_itself:
            raise Unsent(Why.SWITCHED_OFF)
        ticket = await self._ticket(conn, asked)
        await self._check_needed(conn, asked, ticket)
        number = await self._number(conn, asked, ticket)
        secret = await self._is_secret(conn, asked, ticket, number)
        if secret:
            values, hidden = dict[str, str](), ()
        else:
            values, hidden = await self._values(conn, asked, ticket, now, try_out=try_out)
        kept = await book.templates(conn, self._hall, address=bool(self.rules.address))
        template = kept[SECRET if secret else asked.kind].template
        signature, most = self.gateway.signature, self.gateway.max_segments
        text = fill(template, {"hall": self._label, **values}, signature=signature, most=most)
        if text is None:
            raise Unsent(Why.TOO_LONG)
        return Written(
            number=number,
            text=text,
            hidden=hidden,
            template=template.kind,
            template_version=template.version,
            registered=template.registered,
            segments=segments(signed(text, signature)),
        )

    async def _ticket(self, conn: AsyncConnection, asked: Asked) -> Row[Any] | None:
        if asked.ticket is None:
            return None
        t = TICKETS.c
        return (await conn.execute(select(TICKETS).where(t.hall == self._hall, t.number == asked.ticket))).one()

    async def _check_needed(self, conn: AsyncConnection, asked: Asked, ticket: Row[Any] | None) -> None:
        """Raises `Unsent(SETTLED)` when nobody needs to be told any more."""
        if asked.kind is Kind.MISSED_CALL:
            state = await conn.scalar(select(CALLBACKS.c.state).where(CALLBACKS.c.id == asked.callback))
            if state not in _OPEN_CALLBACKS:
                raise Unsent(Why.SETTLED)
        elif ticket is not None and not asked.by_hand:
            state = TicketState(ticket.state)
            accepted_late = asked.kind is Kind.ACCEPTED and state in ENDED
            if accepted_late or (asked.kind is Kind.RESULT and state not in _ANSWERED):
                raise Unsent(Why.SETTLED)

    async def _number(self, conn: AsyncConnection, asked: Asked, ticket: Row[Any] | None) -> str:
        number = await number_of(conn, self._seal, ticket, asked.call)
        if number is None:
            raise Unsent(Why.NO_NUMBER)
        if e164(number) is None:
            raise Unsent(Why.NOT_MOBILE)
        if await book.declines(conn, self._hall, self._seal.index(number)):
            raise Unsent(Why.DECLINED)
        return number

    async def _is_secret(self, conn: AsyncConnection, asked: Asked, ticket: Row[Any] | None, number: str) -> bool:
        """Only "please ring"? Raises `Unsent(SECRECY)` where even that says too much."""
        if ticket is None:
            t = TICKETS.c
            of_theirs = exists().where(t.hall == self._hall, t.caller_index == self._seal.index(number), t.secrecy)
            if await conn.scalar(select(of_theirs)):
                raise Unsent(Why.SECRECY)
            return False
        if ticket.secrecy and asked.kind is Kind.RATING_LINK:
            raise Unsent(Why.SECRECY)
        return bool(ticket.secrecy)

    async def _values(
        self, conn: AsyncConnection, asked: Asked, ticket: Row[Any] | None, now: datetime, *, try_out: bool
    ) -> tuple[Mapping[str, str], tuple[str, ...]]:
        """What is filled in, and which of it are keys."""
        number = ticket.number if ticket is not None else ""
        match asked.kind:
            case Kind.ACCEPTED:
                code = HIDDEN if try_out else await self._code(conn, asked, now)
                address = f"{self.rules.address}{PROGRESS_PATH}" if self.rules.address else ""
                return {"number": number, "code": code, "address": address}, (code,)
            case Kind.RESULT:
                if ticket is None or not ticket.result.strip():
                    raise Unsent(Why.NOTHING_TO_TELL)
                return {"number": number, "result": ticket.result}, ()
            case Kind.MISSED_CALL:
                at = await conn.scalar(select(CALLS.c.offered_at).where(CALLS.c.id == asked.call))
                return {"time": _clock(at or now)}, ()
            case Kind.RATING_LINK:
                code = HIDDEN if try_out else await self._link(conn, number, now)
                return {"link": f"{self.rules.address}{RATE_PATH}{code}", "days": str(self._link_days)}, (code,)
            case Kind.APPOINTMENT | Kind.LEGAL_AID_ADDRESS:
                return await self._office(conn, asked), ()

    async def _code(self, conn: AsyncConnection, asked: Asked, now: datetime) -> str:
        assert asked.ticket is not None
        chance = self._chance(progress.CHANCE_BYTES)
        return await progress.make(
            conn, self._seal, hall=self._hall, ticket=asked.ticket, chance=chance, by=asked.by, now=now
        )

    async def _link(self, conn: AsyncConnection, ticket: str, now: datetime) -> str:
        if not self.rules.address:
            raise Unsent(Why.NO_ADDRESS)
        c, r = CALLS.c, RATINGS.c
        call = (await conn.execute(select(c.id, c.state).where(c.ticket == ticket, c.hall == self._hall))).one_or_none()
        if call is not None and call.state != "ended":
            raise NotYet
        if call is None or await conn.scalar(select(exists().where(r.call == call.id, r.at.is_not(None)))):
            raise Unsent(Why.NO_RATING)
        try:
            made = await links.invite(
                conn,
                self._seal,
                hall=self._hall,
                ticket=ticket,
                chance=self._chance(codes.CHANCE_BYTES),
                by="system",
                now=now,
                days=self._link_days,
            )
        except (NoSuchRating, RatingRefused):
            raise Unsent(Why.NO_RATING) from None
        return made.code

    async def _office(self, conn: AsyncConnection, asked: Asked) -> Mapping[str, str]:
        u = UNITS.c
        query = select(UNITS).where(u.hall == self._hall, u.code == asked.wish.unit, u.valid_to.is_(None))
        unit = (await conn.execute(query)).one_or_none()
        if unit is None or not unit.address or (asked.kind is Kind.APPOINTMENT and asked.wish.when is None):
            raise Unsent(Why.NOTHING_TO_TELL)
        note = asked.wish.note.strip()
        return {
            "unit": unit.name,
            "place": unit.address,
            "telephone": unit.telephone,
            "when": _day_and_clock(asked.wish.when) if asked.wish.when is not None else "",
            "note": note if not note or note[-1] in "。！？.!?" else f"{note}。",
        }


async def number_of(conn: AsyncConnection, seal: Seal, ticket: Row[Any] | None, call: str | None) -> str | None:
    """The citizen's number, as dialled inside China: the one they left, else the one they rang from."""
    if ticket is not None and ticket.contact_sealed:
        left = seal.open(bytes(ticket.contact_sealed), place("tickets", "contact_sealed", ticket.number))
        return normalise(left)
    call = ticket.call if ticket is not None else call
    if call is None:
        return None
    sealed = await conn.scalar(select(CALLS.c.caller_sealed).where(CALLS.c.id == call))
    return normalise(seal.open(bytes(sealed), place("calls", "caller_sealed", call))) if sealed else None


def columns(seal: Seal, key: str, written: Written) -> dict[str, Any]:
    """A written message, as its row keeps it; numbers and words sealed."""
    kept = msgspec.json.encode([written.text, written.hidden]).decode()
    return {
        "number_sealed": seal.seal(written.number, place("messages", "number_sealed", key)),
        "number_index": seal.index(written.number),
        "number_masked": mask(written.number),
        "text_sealed": seal.seal(kept, place("messages", "text_sealed", key)),
        "template": written.template,
        "template_version": written.template_version,
        "registered": written.registered,
        "segments": written.segments,
    }


def open_text(seal: Seal, row: Row[Any]) -> tuple[str, tuple[str, ...]]:
    """The text of a message as it travels, and which words of it are keys; empty where none is written."""
    if not row.text_sealed:
        return "", ()
    kept = seal.open(bytes(row.text_sealed), place("messages", "text_sealed", row.key))
    return msgspec.json.decode(kept, type=tuple[str, tuple[str, ...]])


def open_number(seal: Seal, row: Row[Any]) -> str:
    """To whom it goes."""
    return seal.open(bytes(row.number_sealed), place("messages", "number_sealed", row.key))


def seal_wish(seal: Seal, key: str, wish: Wish) -> bytes:
    """For the column `wish_sealed`."""
    return seal.seal(msgspec.json.encode(wish).decode(), place("messages", "wish_sealed", key))


def asked_of(seal: Seal, row: Row[Any]) -> Asked:
    """What a row asks for."""
    wish = Wish()
    if row.wish_sealed:
        wish = msgspec.json.decode(
            seal.open(bytes(row.wish_sealed), place("messages", "wish_sealed", row.key)), type=Wish
        )
    return Asked(
        kind=Kind(row.kind),
        by=row.created_by,
        by_hand=row.by_hand,
        ticket=row.ticket,
        callback=row.callback,
        call=row.call,
        wish=wish,
    )


def shown(text: str, hidden: tuple[str, ...]) -> str:
    """A text without its keys."""
    for word in hidden:
        text = text.replace(word, HIDDEN)
    return text


def _clock(at: datetime) -> str:
    here = at.astimezone(SHANGHAI)
    return f"{here.month}月{here.day}日{here:%H:%M}"


def _day_and_clock(at: datetime) -> str:
    here = at.astimezone(SHANGHAI)
    return f"{here.month}月{here.day}日（周{_DAYS[here.weekday()]}）{here:%H:%M}"
