"""Two halls with their people, calls and tickets, behind the real routes and a real database."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI
from sqlalchemy import insert, select, update

from adapters.telephony import AdapterName, CallKey, Handling
from hotline.announcements.changes import Changes
from hotline.announcements.default import plan_of
from hotline.api import (
    deps,
    described,
    hall,
    live,
    network,
    problems,
    progress_page,
    public_directory,
    public_services,
    rating_page,
    sms_receipts,
)
from hotline.api.routes import desk, routers
from hotline.audit.trail import SYSTEM
from hotline.calls import numbers
from hotline.calls.call import Call, CallId, CallState
from hotline.directory.kinds import UnitKind
from hotline.hall.events import TicketNumbered
from hotline.hall.inputs import Actor, HallCommand, NumberTicket
from hotline.hall.rules import HallRules
from hotline.hall.state import Decision, HallState
from hotline.handovers.courier import Courier
from hotline.lines.watch import Lines
from hotline.messages.courier import Courier as MessageCourier
from hotline.messages.rules import MessageRules
from hotline.messages.writing import Author
from hotline.network.from_settings import platforms
from hotline.network.platform import Door
from hotline.people import accounts
from hotline.people.passwords import Passwords
from hotline.people.permissions import Role
from hotline.people.sessions import Ended, Sessions
from hotline.settings import HallTable, NetworkTable, QueueTable, ServiceTable, Settings
from hotline.store.engine import Database
from hotline.store.rows import day_of
from hotline.store.seal import Seal, place
from hotline.store.tables import ACCOUNTS, AUDIT, CALLS, JOURNAL, RATINGS, RECORDINGS, TICKETS, UNITS
from hotline.tickets.fields import SEARCHED
from hotline.tickets.service import words_of
from seats.seat import Seat, SeatNo, SeatState
from tests.handovers.other import OtherSide
from tests.messages.gateway import Gateway

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
UNIT = "c-01"
"""A county centre in both halls; the handler's."""
OTHER_UNIT = "c-02"
"""Another one."""
PASSWORD = "kraken-velvet-19-oak"
CONSOLE = {"X-Console": "1"}
NETWORK_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
"""Of every network platform."""


class HandClock:
    """Time that stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


class StillHall:
    """A hall whose state is set by hand and that writes down what it is asked."""

    def __init__(self, name: str) -> None:
        self.state = HallState(HallRules(hall=name, label=name, queues={}, default_queue="main"))
        self._numbered = 0
        self.asked: list[tuple[HallCommand, Actor]] = []
        self.adapters: dict[str, object] = {}
        self.last_heard: dict[str, datetime] = {}
        self.lines = Lines({}, HandClock())
        self.leading = True
        self.answer: Callable[[], Awaitable[None]] | None = None
        """What happens when it is asked: raises, waits, looks around."""

    async def ask(self, command: HallCommand, actor: Actor) -> Decision:
        self.asked.append((command, actor))
        if self.answer is not None:
            await self.answer()
        decided = Decision()
        if isinstance(command, NumberTicket):
            self._numbered += 1
            number = f"{self.state.rules.hall.upper()}-20261121-{900000 + self._numbered:06d}"
            decided.events.append(TicketNumbered(number=number, channel=command.channel))
        return decided

    def sit(self, seat: Seat) -> None:
        self.state.become(Decision(seats={seat.number: seat}))

    def put(self, call: Call) -> None:
        self.state.become(Decision(calls={call.id: call}))


class Site:
    """What the tests hold in their hands."""

    def __init__(self, database: Database, seal: Seal, root: Path) -> None:
        self.database = database
        self.engine = database.engine
        self.seal = seal
        self.clock = HandClock()
        self.root = root
        (root / "recordings").mkdir(parents=True)
        self.halls = {"h1": StillHall("h1"), "h2": StillHall("h2")}
        queue = QueueTable(label="人工服务", groups=["all"])
        (root / "network.key").write_text(NETWORK_SECRET)
        keys = [f"file:{root / 'network.key'}"]
        self.settings = Settings(
            halls={
                name: HallTable(label=f"{name}大厅", default_queue="main", queues={"main": queue})
                for name in self.halls
            },
            service=ServiceTable(state_dir=root),
            network={
                name: NetworkTable(hall="h1", label=label, secrets=keys)
                for name, label in (("wechat", "微信公众号"), ("other", "其他平台"))
            },
            bridges={f"{name}-city": {"kind": "line12345", "hall": name} for name in self.halls},
        )
        self.passwords = Passwords(memory_kib=64, passes=1)
        self.sessions = Sessions(self.engine, lambda hall, account: deps.presence(self.halls, hall, account))
        self.ended: list[Ended] = []
        self.sessions.on_ended(self.ended.append)
        self.app = FastAPI()
        deps.wire(
            self.app,
            engine=self.engine,
            seal=seal,
            clock=self.clock,
            halls=self.halls,
            settings=self.settings,
            sessions=self.sessions,
            recording_roots=[root / "recordings"],
            passwords=self.passwords,
            announcements=Changes(
                self.engine, {name: plan_of(table) for name, table in self.settings.halls.items()}, {}
            ),
        )
        self.app.state.couriers = {
            f"{name}-city": Courier(
                self.engine, seal, OtherSide(self.clock), hall=name, clock=self.clock, leading=lambda: True
            )
            for name in self.halls
        }
        self.app.state.network = Door(platforms=platforms(self.settings))
        self.gateways = {name: Gateway(f"{name}-sms", self.clock) for name in self.halls}
        self.app.state.message_couriers = {
            name: MessageCourier(
                self.engine,
                seal,
                Author(
                    seal,
                    MessageRules(address="https://12348.example.gov.cn"),
                    gateway,
                    hall=name,
                    label=f"{name}大厅",
                    link_days=7,
                    chance=secrets.token_bytes,
                ),
                hall=name,
                clock=self.clock,
                leading=lambda: True,
            )
            for name, gateway in self.gateways.items()
        }
        problems.install(self.app)
        self.app.router.routes.extend((*rating_page.ROUTES, *public_directory.ROUTES, *public_services.ROUTES))
        self.app.router.routes.extend((*sms_receipts.ROUTES, *progress_page.ROUTES))
        for each in (*routers, *desk, hall.routes, hall.public, live.routes):
            self.app.include_router(each, prefix="/api/v1")
        self.app.include_router(network.routes)
        self.app.include_router(described.routes)
        described.describe(self.app)
        self.people: dict[tuple[str, Role], accounts.Account] = {}
        self._calls = 0

    async def populate(self) -> None:
        """One account of every role in both halls: `1001` operator, `2001` supervisor, `3001`, `4001`."""
        async with self.engine.begin() as conn:
            for hall in self.halls:
                for code, name in ((UNIT, "城东县公共法律服务中心"), (OTHER_UNIT, "城西县公共法律服务中心")):
                    unit = {"code": code, "kind": UnitKind.COUNTY_CENTRE.value, "name": name, "area": "3702"}
                    await conn.execute(insert(UNITS).values(hall=hall, valid_from=self.clock.now(), **unit))
                for first, role in enumerate(Role, start=1):
                    account, _ = await accounts.create(
                        conn,
                        self.passwords,
                        hall=hall,
                        work_number=f"{first}001",
                        name=f"{hall}{role.value}",
                        role=role,
                        unit=UNIT if role is Role.HANDLER else "",
                        password=PASSWORD,
                        must_change=False,
                        now=self.clock.now(),
                        doer=SYSTEM,
                    )
                    self.people[hall, role] = account

    def client(self, *, base: str = "http://localhost", address: str = "127.0.0.1") -> httpx2.AsyncClient:
        """A browser that nobody has signed in with."""
        transport = httpx2.ASGITransport(app=self.app, client=(address, 5000), raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=transport, base_url=f"{base}/api/v1", headers=CONSOLE)

    @asynccontextmanager
    async def browser(self, role: Role, hall: str = "h1") -> AsyncIterator[httpx2.AsyncClient]:
        """A browser with a session of the role's account."""
        account = self.people[hall, role]
        async with self.engine.begin() as conn:
            token = await self.sessions.open(conn, account.id, self.clock.now(), address="127.0.0.1", agent="test")
        async with self.client() as client:
            client.headers["Cookie"] = f"{deps.COOKIE}={token}"
            yield client

    def number_from(self, first: int) -> None:
        """Calls, tickets and journal lines made here have higher numbers than that."""
        self._calls = first

    async def call(
        self,
        hall: str = "h1",
        *,
        caller: str | None = "13800138000",
        operator: Role | str | None = Role.OPERATOR,
        at: datetime | None = None,
        live: bool = False,
        **ticket: Any,
    ) -> tuple[str, str]:
        """A call and its ticket as the hall writes them; their ids."""
        self._calls += 1
        offered = at or self.clock.now()
        call = f"{hall}-{self._calls:09}"
        number = f"{hall}-{day_of(offered):%Y%m%d}-{self._calls:06}"
        account = self.people[hall, operator].id if isinstance(operator, Role) else operator
        known: dict[str, Any] = {"caller_masked": numbers.mask(caller)}
        sealed = None
        if caller is not None:
            known["caller_index"] = self.seal.index(caller)
            sealed = self.seal.seal(caller, place("calls", "caller_sealed", call))
        over = None if live else offered + timedelta(seconds=70)
        answered = None if operator is None else offered + timedelta(seconds=10)
        row = {
            "id": call,
            "hall": hall,
            "adapter": "sim",
            "key": call,
            "handling": "hall",
            "state": "ended" if over else "ringing" if answered is None else "talking",
            "seq": 1,
            "offered_at": offered,
            "queued_at": offered + timedelta(seconds=2),
            "rung_at": answered and offered + timedelta(seconds=5),
            "answered_at": answered,
            "ended_at": over,
            "outcome": ("answered" if answered else "abandoned_queue") if over else None,
            "queue": "main",
            "day": day_of(offered),
            "operator": account,
            "seat": "01" if account else None,
            "ticket": number,
            "caller_sealed": sealed,
            **known,
        }
        texts = {name: ticket[name] for name in SEARCHED if name in ticket}
        if texts:
            ticket["words"] = words_of(texts)
        async with self.engine.begin() as conn:
            await conn.execute(insert(CALLS).values(**row))
            values = {"number": number, "hall": hall, "call": call, "day": day_of(offered), "created_at": offered}
            values |= {"operator": account, "seat": row["seat"], "outcome": row["outcome"], **known, **ticket}
            await conn.execute(insert(TICKETS).values(**values))
            await conn.execute(
                insert(JOURNAL).values(
                    hall=hall,
                    seq=self._calls,
                    at=offered,
                    epoch=1,
                    type="CallArrived",
                    call=call,
                    call_seq=1,
                    actor="system",
                    data={"type": "CallArrived", "adapter": "sim", "key": call, "handling": "hall", "ticket": number},
                )
            )
        return call, number

    async def write_ticket(self, number: str, **values: Any) -> None:
        """Columns of a ticket, as they are stored."""
        async with self.engine.begin() as conn:
            await conn.execute(update(TICKETS).where(TICKETS.c.number == number).values(**values))

    def on_the_phone(self, call: str, caller: str, role: Role = Role.OPERATOR, hall: str = "h1") -> None:
        """The role's account has this caller on the phone."""
        account = self.people[hall, role]
        self.halls[hall].put(
            Call(
                id=CallId(call),
                hall=hall,
                adapter=AdapterName("sim"),
                key=CallKey(call),
                handling=Handling.HALL,
                state=CallState.TALKING,
                caller=caller,
                offered_at=self.clock.now(),
                seat="01",
            )
        )
        self.seat(SeatState.TALKING, role, hall, call=call, account=account.id)

    def seat(
        self,
        state: SeatState,
        role: Role = Role.OPERATOR,
        hall: str = "h1",
        *,
        call: str | None = None,
        account: str = "",
    ) -> None:
        """The role's account sits at seat 01."""
        self.halls[hall].sit(
            Seat(
                number=SeatNo("01"),
                extension="8001",
                groups=("all",),
                state=state,
                since=self.clock.now(),
                operator=account or self.people[hall, role].id,
                call=call,
            )
        )

    async def recording(self, call: str, file: str | None, *, hall: str = "h1", missing: str = "") -> int:
        """A recording's row; its id."""
        values = {
            "hall": hall,
            "call": call,
            "name": f"r{missing}{file}",
            "adapter": "sim",
            "file": file,
            "missing": missing,
        }
        async with self.engine.begin() as conn:
            return (await conn.execute(insert(RECORDINGS).values(**values).returning(RECORDINGS.c.id))).scalar_one()

    async def rating(self, call: str) -> int:
        """A dissatisfied caller's rating by key; its id."""
        at = self.clock.now()
        row: dict[str, Any] = {"hall": call.split("-")[0], "call": call, "ticket": "", "way": "key", "asked_at": at}
        row |= {"at": at, "changed_at": at, "attitude": 1, "satisfied": False, "operator": "acc-else"}
        async with self.engine.begin() as conn:
            return (await conn.execute(insert(RATINGS).values(**row).returning(RATINGS.c.id))).scalar_one()

    async def audit(self, hall: str = "h1") -> list[Mapping[str, Any]]:
        """The hall's audit entries, without the births of the accounts."""
        async with self.engine.connect() as conn:
            rows = await conn.execute(select(AUDIT).where(AUDIT.c.hall == hall).order_by(AUDIT.c.seq))
            return [
                dict(row._mapping) for row in rows if not (row.act == "account_created" and row.account == "system")
            ]

    async def must_change(self, role: Role, hall: str = "h1") -> None:
        async with self.engine.begin() as conn:
            account = self.people[hall, role].id
            await conn.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(must_change=True))
