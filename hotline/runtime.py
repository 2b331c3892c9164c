"""Everything that lives in the process, built in one place from the settings, started and stopped in order."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from adapters.bridge import Bridge, BridgeAbility
from adapters.prompts import PromptStore, StoresPrompts
from adapters.sms_gateway import SmsGateway
from adapters.telephony import AdapterName, Pulls, TelephonyAdapter
from hotline import region, settings_used
from hotline.announcements.changes import Changes
from hotline.announcements.default import plan_of
from hotline.announcements.plan import Plan
from hotline.api.deps import presence
from hotline.callbacks.keep import keep_callbacks, rules_of
from hotline.callers.book import CallerBook
from hotline.callers.reading import read_book
from hotline.callers.watch import Watch
from hotline.carried_recordings import CarriedRecordings
from hotline.clock import Clock, WallClock
from hotline.conditions import Conditions
from hotline.deadlines.keep import keep_deadlines
from hotline.edges import Edge
from hotline.hall.hall import Hall
from hotline.handovers.courier import Courier
from hotline.handovers.figures import FiguresSender
from hotline.handovers.polling import Poller
from hotline.handovers.reconciling import Reconciler
from hotline.handovers.telling import NewsTeller
from hotline.messages.courier import Courier as MessageCourier
from hotline.messages.writing import Author
from hotline.network.from_settings import platforms as platforms_of
from hotline.network.herald import Herald
from hotline.network.platform import Platform
from hotline.obeyed import Obeyed
from hotline.people.sessions import Ended, Sessions
from hotline.pull import PullKeeper
from hotline.ratings.follow import follower as rating_follower
from hotline.rosters.shift import DutyMode
from hotline.schedule import keep_compared, keep_reports, keep_swept
from hotline.settings import HallTable, Settings
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.engine import Database
from hotline.store.errors import KeysUnusable, told_apart
from hotline.store.follower import Follower
from hotline.store.gaps import Gaps
from hotline.store.ledger import HallStore
from hotline.store.seal import KEY_FILE, Seal
from hotline.store.spool import Spool
from hotline.upward import Upward

log = structlog.get_logger()


class Runtime:
    """The running service: database, halls, adapters, sessions."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        seal: Seal,
        halls: Mapping[str, Hall],
        adapters: Mapping[AdapterName, TelephonyAdapter],
        clock: Clock,
        announcements: Changes,
    ) -> None:
        self.settings = settings
        self.database = database
        self.seal = seal
        self.halls = halls
        self.adapters = adapters
        self.clock = clock
        self.announcements = announcements
        """Tells the halls and the devices what was changed in the console."""
        self.sessions = Sessions(database.engine, lambda hall, account: presence(halls, hall, account))
        self.sessions.on_ended(self._session_ended)
        self.demo_accounts: list[dict[str, str]] | None = None
        """Shown on the sign-in page, passwords included; only the demo sets it."""
        self.edges: dict[str, Edge] = {}
        """Boxes beside the hardware that may connect."""
        self.couriers: dict[str, Courier] = {}
        """Who carries hand-overs, by bridge."""
        self.platforms: dict[str, Platform] = {}
        """Network platforms (网络平台) that file for citizens."""
        self.message_couriers: dict[str, MessageCourier] = {}
        """Who writes and sends messages to citizens, by hall."""
        self._background: list[tuple[str, Callable[[], Awaitable[None]]]] = []

    def also_run(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """One more thing that runs as long as the service does (nightly jobs, simulated callers)."""
        self._background.append((name, work))

    async def run(self) -> None:
        """Until cancelled. A failure in any part ends the process: whoever watches it starts it again."""
        async with asyncio.TaskGroup() as tasks:
            for name, hall in self.halls.items():
                tasks.create_task(hall.run(), name=f"hall {name}")
            tasks.create_task(self._sweep_sessions(), name="sessions")
            for name, work in self._background:
                tasks.create_task(_coroutine(work), name=name)

    @property
    def recording_roots(self) -> list[Path]:
        """The only folders that recordings are played from: those of the adapters, and the state directory's."""
        roots = [self.settings.service.state_dir / "recordings"]
        for adapter in self.adapters.values():
            folder = getattr(adapter, "recordings", None)
            if folder is not None:
                roots.append(Path(folder))
        return roots

    def hall_of_adapter(self, name: str) -> Hall:
        """The hall an adapter reports to."""
        return self.halls[self.settings.hall_of(name)]

    def _session_ended(self, ended: Ended) -> None:
        for hall in self.halls.values():
            hall.hub.close_sessions(ended.sessions)

    async def _sweep_sessions(self) -> None:
        while True:
            await asyncio.sleep(60)
            if not all(hall.leading for hall in self.halls.values()):
                continue  # who sits where is known to the process that leads
            try:
                await self.sessions.sweep(self.clock.now())
            except (SQLAlchemyError, OSError) as error:
                log.warning("sessions not looked through: the database is away", error=type(error).__name__)


@asynccontextmanager
async def open_runtime(
    settings: Settings, *, migrate: bool = False, unattended: Sequence[str] = (), clock: Clock | None = None
) -> AsyncIterator[Runtime]:
    """The runtime with its database open; everything is closed again at the end, last opened first.

    `migrate`: bring the schema up to date first (the embedded database always is). Raises `NotUsable`,
    `EmbeddedError` or `SettingsWrong`; each message says what to do.
    """
    adapters = settings_used.carried(settings, settings_used.lines(settings))
    rules = settings_used.rules(settings, adapters)
    edge_secrets = settings_used.edge_secrets(settings)
    bridges = settings_used.bridges(settings)
    platforms = platforms_of(settings)
    gateways = settings_used.gateways(settings)
    state_dir = settings.service.state_dir
    state_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        url = settings.external_database()
        embedded: EmbeddedPostgres | None = None
        if url is None:
            embedded = EmbeddedPostgres(state_dir, binaries=settings.database.binaries)
            url = await embedded.start()
            stack.push_async_callback(embedded.stop)
            log.warning(
                "使用内嵌数据库：适合试用和小型站点；正式运行请定期备份（deploy/backup.sh）或使用外部 PostgreSQL"
            )
        database = await Database.open(url, wait_seconds=settings.database.wait_seconds, check_schema=False)
        stack.push_async_callback(database.close)
        if migrate or embedded is not None:
            await database.migrate()
        await database.check_schema()
        await asyncio.to_thread(region.load)
        await _refuse_lost_keys(database, state_dir)
        seal = Seal.from_state(state_dir)
        now = clock or WallClock()
        holder = _instance(state_dir)
        halls = {
            name: Hall(
                rules[name],
                HallStore(database, seal, name),
                Spool(state_dir / "spool" / name, seal),
                Gaps(database, name),
                {each: adapter for each, adapter in adapters.items() if settings.hall_of(each) == name},
                now,
                holder,
                table.missing_after_seconds,
                unattended,
                _callers(database, seal, name, table, now),
                {each: settings.limits_of(each) for each in adapters if settings.hall_of(each) == name},
            )
            for name, table in settings.halls.items()
        }
        for hall in halls.values():
            stack.push_async_callback(hall.close)
        announcements = Changes(
            database.engine,
            {name: plan_of(table) for name, table in settings.halls.items()},
            {name: _prompt_stores(settings, adapters, name) for name in settings.halls},
        )
        runtime = Runtime(settings, database, seal, halls, adapters, now, announcements)
        for edge, secret in edge_secrets.items():
            carried = [each for each in adapters if settings.edge_of(each) == edge]
            there = Edge(edge, secret, {each: runtime.hall_of_adapter(each) for each in carried}, now)
            runtime.edges[edge] = there
            for line in (adapters[each] for each in carried):
                if isinstance(line, Obeyed):
                    line.bind(there)
                    keeper = CarriedRecordings(line, runtime.hall_of_adapter(line.name))
                    runtime.also_run(f"recordings of {line.name}", keeper.run)
        runtime.also_run("announcements", announcements.run)
        if embedded is not None:
            runtime.also_run("embedded database", embedded.run)
        labels = {
            name: {queue: each.label for queue, each in table.queues.items()} for name, table in settings.halls.items()
        }
        for each, adapter in adapters.items():
            if isinstance(adapter, Pulls) and adapter.pull_seconds > 0:
                runtime.also_run(f"calls of {each}", PullKeeper(each, adapter, runtime.hall_of_adapter(each), now).run)
        await _bridges(runtime, bridges, stack)
        _platforms(runtime, platforms)
        for name, table in settings.halls.items():
            _messages(runtime, name, table, gateways.get(name), stack)
        for name, table in settings.halls.items():
            runtime.also_run(f"ratings of {name}", _ratings(runtime, name, table.ratings.satisfied_from).run)
            runtime.also_run(f"call-backs of {name}", _callbacks(runtime, name, table))
            runtime.also_run(f"deadlines of {name}", _deadlines(runtime, name, table))
            runtime.also_run(f"callers of {name}", _watch(runtime, name, table).run)
            conditions = Conditions(halls[name], database.engine, seal, now, DutyMode(table.roster.otherwise))
            announcements.on_change(_only(name, conditions.take_plan))
            runtime.also_run(f"conditions of {name}", conditions.run)
            if table.province is not None:
                secret = settings_used.secret(table.province.secret)
                runtime.also_run(f"province of {name}", Upward(halls[name], table.province.url, secret, now).run)
        runtime.also_run("nightly reports", lambda: keep_reports(database.engine, labels, state_dir, clock=now))
        runtime.also_run("nightly sweep", lambda: keep_swept(database.engine, clock=now))
        yield runtime


async def _bridges(runtime: Runtime, bridges: Mapping[str, Bridge], stack: AsyncExitStack) -> None:
    """Each bridge gets its courier, and whoever looks for its news where these are fetched."""
    engine, clock = runtime.database.engine, runtime.clock
    for name, bridge in bridges.items():
        hall = runtime.halls[runtime.settings.hall_of_bridge(name)]
        at = {"hall": hall.rules.hall, "clock": clock, "leading": partial(_leads, hall)}
        courier = Courier(engine, runtime.seal, bridge, **at)
        runtime.couriers[name] = courier
        runtime.also_run(f"courier of {name}", courier.run)
        if BridgeAbility.POLLED in bridge.abilities:
            runtime.also_run(f"news of {name}", Poller(engine, runtime.seal, bridge, **at).run)
        label = runtime.settings.halls[hall.rules.hall].label
        teller = NewsTeller(engine, bridge, hall_label=label, **at)
        if teller.able:
            runtime.also_run(f"news to {name}", teller.run)
        figures = FiguresSender(engine, bridge, **at)
        if figures.able:
            runtime.also_run(f"figures to {name}", figures.run)
        reconciler = Reconciler(engine, bridge, hall=hall.rules.hall, clock=clock)
        if reconciler.able:
            runtime.also_run(
                f"comparison of {name}", partial(keep_compared, reconciler, clock=clock, leading=partial(_leads, hall))
            )
        stack.push_async_callback(bridge.close)


def _platforms(runtime: Runtime, platforms: Mapping[str, Platform]) -> None:
    """Each network platform that wants to hear how its filings go on is told."""
    runtime.platforms.update(platforms)
    for name, platform in platforms.items():
        if platform.news_url:
            leading = partial(_leads, runtime.halls[platform.hall])
            herald = Herald(runtime.database.engine, platform, clock=runtime.clock, leading=leading)
            runtime.also_run(f"news for {name}", herald.run)


def _messages(runtime: Runtime, hall: str, table: HallTable, gateway: SmsGateway | None, stack: AsyncExitStack) -> None:
    """Who writes and sends the hall's messages; without a gateway each of them says that there is none."""
    there, seal = runtime.halls[hall], runtime.seal
    author = Author(
        seal,
        table.messages.rules(table.ratings.link_address),
        gateway,
        hall=hall,
        label=table.label,
        link_days=table.ratings.link_days,
        chance=secrets.token_bytes,
    )
    courier = MessageCourier(
        runtime.database.engine, seal, author, hall=hall, clock=runtime.clock, leading=partial(_leads, there)
    )
    runtime.message_couriers[hall] = courier
    runtime.also_run(f"messages of {hall}", courier.run)
    if gateway is not None:
        stack.push_async_callback(gateway.close)


def _leads(hall: Hall) -> bool:
    return hall.leading


async def _refuse_lost_keys(database: Database, state_dir: Path) -> None:
    """New keys over old data would make every stored number unreadable and every caller a stranger."""
    if (state_dir / KEY_FILE).exists():
        return
    if await database.pool.fetchval("SELECT EXISTS (SELECT FROM calls WHERE caller_sealed IS NOT NULL)"):
        raise KeysUnusable(
            f"数据库中已有加密数据，但密钥文件 {state_dir / KEY_FILE} 不存在。请从备份恢复该文件；不会自动生成新密钥。"
        )


def _prompt_stores(
    settings: Settings, adapters: Mapping[AdapterName, TelephonyAdapter], hall: str
) -> dict[str, PromptStore]:
    found: dict[str, PromptStore] = {}
    for name, adapter in adapters.items():
        if settings.hall_of(name) == hall and isinstance(adapter, StoresPrompts):
            store = adapter.prompt_store
            if store is not None:
                found[name] = store
    return found


def _instance(state_dir: Path) -> str:
    """The name under which this installation holds leases: the same after a restart, so it need not wait for itself."""
    path = state_dir / "instance"
    if not path.exists():
        path.write_text(uuid.uuid4().hex, encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def _callbacks(runtime: Runtime, hall: str, table: HallTable) -> Callable[[], Awaitable[None]]:
    """What makes call-back tasks of the callers whom nobody served."""
    there, rules = runtime.halls[hall], rules_of(table)

    async def keep() -> None:
        await keep_callbacks(runtime.database.engine, hall, rules, clock=runtime.clock, leading=lambda: there.leading)

    return keep


def _deadlines(runtime: Runtime, hall: str, table: HallTable) -> Callable[[], Awaitable[None]]:
    """What stamps, warns of and raises the deadlines of tickets."""
    there, engine = runtime.halls[hall], runtime.database.engine

    async def keep() -> None:
        await keep_deadlines(engine, hall, table.deadlines, clock=runtime.clock, leading=lambda: there.leading)

    return keep


def _callers(
    database: Database, seal: Seal, hall: str, table: HallTable, clock: Clock
) -> Callable[[], Awaitable[CallerBook]]:
    """How particular callers are treated, read when the hall begins to be led."""

    async def read() -> CallerBook:
        with told_apart():
            async with database.engine.connect() as conn:
                return await read_book(conn, seal, hall, clock.now(), table.callers.policy())

    return read


def _watch(runtime: Runtime, hall: str, table: HallTable) -> Watch:
    """Rules about callers that another process wrote."""
    there = runtime.halls[hall]
    return Watch(
        runtime.database.engine,
        runtime.seal,
        hall,
        table.callers.policy(),
        runtime.clock,
        lambda: there.leading,
        lambda _, entries: there.change_callers(entries),
    )


def _only(hall: str, take: Callable[[Plan], Awaitable[None]]) -> Callable[[str, Plan], Awaitable[None]]:
    """Of all halls' plans the one of this hall."""

    async def taken(name: str, plan: Plan) -> None:
        if name == hall:
            await take(plan)

    return taken


def _ratings(runtime: Runtime, hall: str, satisfied_from: float) -> Follower:
    """What makes ratings of the keys that callers press after their calls."""
    there = runtime.halls[hall]
    return rating_follower(
        runtime.database.engine, hall, runtime.clock, satisfied_from=satisfied_from, leading=lambda: there.leading
    )


async def _coroutine(work: Callable[[], Awaitable[None]]) -> None:
    await work()
