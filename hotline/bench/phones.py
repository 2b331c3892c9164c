"""A real Asterisk with SIPp callers and phones, the service before it, and beside it on the same Asterisk its peers.

Three numbers can be rung: `12348` is the hall, `20001` the bare ARI script (`bare.py`), `20002` Asterisk's own
`app_queue`. Times are the ledgers' of SIPp: taken on the wire, by a process that knows nothing of who distributes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

import asyncpg
import msgspec

from adapters.asterisk.rig import CallerLedgerRow, CallerPlan, Rig, RigOptions, SeatLedgerRow, SeatPlan, ensure_root
from adapters.asterisk.rig.instance import prepare
from adapters.errors import Misconfigured
from adapters.telephony import PhoneKind
from hotline.bench.machine import Watched, favour, tree_use
from hotline.bench.passed_over import Lived
from hotline.bench.runs import Bench
from hotline.bench.service import HALL, Plan, Service, running_service
from hotline.store.follower import JournalEntry
from hotline.store.rows import Rows
from hotline.store.seal import Seal

HALL_NUMBER: Final = "12348"
BARE_NUMBER: Final = "20001"
QUEUE_NUMBER: Final = "20002"
ADAPTER: Final = "line-1"
BARE_APP: Final = "bare"
DIALPLAN: Final = f"""
[hotline-in](+)
exten => {BARE_NUMBER},1,Ringing()
 same => n,Stasis({BARE_APP})
 same => n,Hangup()
exten => {QUEUE_NUMBER},1,Queue(bench,rb(bench-mark^s^1(${{CALLERID(num)}})),,,600)
 same => n,Hangup()

[bench-mark]
exten => s,1,Set(PJSIP_HEADER(add,X-Hotline-Offer)=${{ARG1}})
 same => n,Return()
"""
QUEUES: Final = """\
[general]
persistentmembers = no
autofill = yes
shared_lastcall = no
[bench]
strategy = rrmemory
timeout = 15
retry = 1
wrapuptime = 0
ringinuse = no
autofill = yes
joinempty = yes
leavewhenempty = no
announce-frequency = 0
"""

JOURNAL: Final = """
SELECT seq, at, type, call, call_seq, seat, actor, data FROM journal WHERE hall = $1 ORDER BY seq
"""


class Calls(msgspec.Struct, kw_only=True):
    """One load run, as callers and phones lived through it."""

    callers: list[CallerLedgerRow]
    seats: list[SeatLedgerRow]
    cpu: dict[str, float]
    """Per cent of one core."""

    @property
    def answered(self) -> int:
        """Callers who spoke with somebody."""
        return sum(caller.answered_at is not None for caller in self.callers)

    @property
    def said(self) -> str:
        """Who burned what."""
        return "，".join(f"{name} {share:.0f} %" for name, share in self.cpu.items() if share)

    def lived(self, known: Mapping[str, str] | None = None) -> list[Lived]:
        """What each caller lived through. `known`: whose call an offer was; None: the offer is the number itself."""
        rung: dict[str, SeatLedgerRow] = {}
        for row in self.seats:
            number = known.get(row.offer.rpartition(".")[0]) if known is not None else row.offer
            if number is not None:
                rung.setdefault(number, row)
        return [
            Lived(
                number=caller.number,
                joined=caller.invited_at,
                rung=row.rung_at if (row := rung.get(caller.number)) is not None else None,
                seat=row.extension if row is not None else "",
                gone=caller.ended_at,
            )
            for caller in self.callers
        ]

    def idle(self, seats: int, known: Mapping[str, str] | None = None) -> list[float]:
        """Milliseconds that each freed phone stood idle before it rang again; 0 where it rang before its BYE came. Only
        where, when it was freed, more callers waited than other phones of all `seats` were free."""
        lived = self.lived(known)
        busy = [(row.rung_at, row.ended_at) for row in self.seats]
        freed: dict[str, datetime] = {}
        found: list[float] = []
        for row in self.seats:
            since = freed.get(row.extension)
            if since is not None and (row.rung_at < since or _missed(lived, busy, seats, since)):
                found.append(max(0.0, (row.rung_at - since).total_seconds() * 1000))
            if row.ended_at is not None:
                freed[row.extension] = row.ended_at
        return found

    def overtaken(self) -> int:
        """Rings that reached a phone before the last talk's BYE did."""
        talks: dict[str, SeatLedgerRow] = {}
        count = 0
        for row in self.seats:
            last = talks.get(row.extension)
            count += last is not None and last.ended_at is not None and last.ended_at > row.rung_at
            talks[row.extension] = row
        return count

    def served_per_second(self) -> float:
        """Answered calls over the time from the first phone's ring to the last one's."""
        if len(self.seats) < 2:
            return 0.0
        return self.answered / (self.seats[-1].rung_at - self.seats[0].rung_at).total_seconds()


def _missed(lived: list[Lived], busy: list[tuple[datetime, datetime | None]], seats: int, at: datetime) -> bool:
    """Whether a seat that was freed at that moment was needed."""
    waiting = sum(each.joined < at and (each.rung is None or each.rung > at) for each in lived)
    others_free = seats - 1 - sum(since <= at and (until is None or until > at) for since, until in busy)
    return waiting > others_free


class PhoneLab:
    """Asterisk and whoever distributes its calls."""

    def __init__(self, rig: Rig, service: Service) -> None:
        self.rig = rig
        self.service = service
        self._numbers = 13_900_000_000
        self._bare: subprocess.Popen[bytes] | None = None

    async def load(
        self,
        dialled: str,
        *,
        rate: float,
        seconds: float,
        talk_ms: int | None = None,
        talks_ms: Sequence[int] = (),
        streams: Sequence[int] = (1,),
        patience: float = 30,
    ) -> Calls:
        """Callers by the clock, who all talk for `talk_ms`, or each for his of `talks_ms`; returns when all are gone.
        `streams`: shares of the rate; several of them come by a clock each, so that together they come irregularly.
        `patience`: seconds that stragglers may take."""
        count = len(talks_ms) or max(1, round(rate * seconds))
        first = self.numbers(count)
        phones = self.rig.phones("desk", SeatPlan())
        favour(phones.process.pid)
        plan = CallerPlan(dialled=dialled, talk_ms=talk_ms, patience_ms=round(patience * 1000))
        database = self.service.database_pids
        watched = Watched({"服务": self.service.pid, "Asterisk": self.rig.pid, "脚本": self._bare_pid})
        before = tree_use(database)
        bounds = [round(count * sum(streams[:n]) / sum(streams)) for n in range(len(streams) + 1)]
        parts = [part for part in pairwise(bounds) if part[1] > part[0]]
        callers = [
            self.rig.callers(
                plan,
                count=last - begin,
                rate=rate * (last - begin) / count,
                first=first + begin,
                talks_ms=talks_ms[begin:last],
            )
            for begin, last in parts
        ]
        for each in callers:
            favour(each.process.pid)
        try:
            await asyncio.sleep(seconds)
            used = watched.use() | {"PostgreSQL": 100 * (tree_use(database) - before) / watched.seconds()}
            with contextlib.suppress(TimeoutError):
                for each in callers:
                    await asyncio.to_thread(each.wait, patience + 10)
            await asyncio.sleep(0.3)
        finally:
            for each in callers:
                each.stop()
            phones.stop()
        return Calls(callers=[row for each in callers for row in each.callers()], seats=phones.seats(), cpu=used)

    def numbers(self, count: int) -> int:
        """The first of so many callers' numbers that nobody had before."""
        first, self._numbers = self._numbers, self._numbers + count
        return first

    async def numbers_by_offer(self) -> dict[str, str]:
        """Which caller each offer of the hall was for: offer id without its count → number."""
        rows = Rows(Seal.from_state(self.service.state))
        connection = await asyncpg.connect(self.service.database_url)
        try:
            calls = [rows.call(row) for row in await connection.fetch("SELECT * FROM calls WHERE hall = $1", HALL)]
        finally:
            await connection.close()
        return {call.id: call.caller[-11:] for call in calls if call.caller is not None}

    async def journal(self) -> list[JournalEntry]:
        """The hall's own account of its decisions, in their order."""
        connection = await asyncpg.connect(self.service.database_url)
        try:
            rows = await connection.fetch(JOURNAL, HALL)
        finally:
            await connection.close()
        return [JournalEntry(**{**row, "data": msgspec.json.decode(row["data"])}) for row in rows]

    async def start_bare(self) -> None:
        """Let the bare script run, until the lab closes."""
        if self._bare is not None:
            return
        self._bare = _start_bare(self.rig)
        favour(self._bare.pid)
        assert self._bare.stdout is not None
        if await asyncio.to_thread(self._bare.stdout.readline) != b"ready\n":
            raise RuntimeError("the bare script did not start")

    def stop(self) -> None:
        """End the bare script."""
        if self._bare is not None:
            self._bare.kill()
            self._bare.wait()
            if self._bare.stdout is not None:
                self._bare.stdout.close()

    @property
    def _bare_pid(self) -> int:
        return self._bare.pid if self._bare is not None else 0


@contextlib.asynccontextmanager
async def phone_lab(
    bench: Bench, *, seats: int, browsers: int = 0, busy: bool = False, consoles: bool = False
) -> AsyncIterator[PhoneLab]:
    """Asterisk with so many desk phones, or browser phones, and the service before it. Raises `Misconfigured` where the
    machine has no SIPp or cannot have an Asterisk, saying what to install."""
    if shutil.which("sipp") is None:
        raise Misconfigured("没有 SIPp：apt-get install sip-tester")
    folder = bench.folder()
    bench.progress("正在启动 Asterisk")
    rig = prepare(
        RigOptions(
            desk=seats,
            browser=browsers,
            folder=folder / "rig",
            prompts=False,
            records=False,
            rtp_ports=8000,
            duty=False,
        ),
        folder / "rig",
        ensure_root(bench.progress),
    )
    _add_peers(rig)
    rig.start()
    try:
        favour(rig.pid)
        table = {key: value for key, value in rig.settings().items() if key != "records"}
        plan = Plan(
            extensions=[account.extension for account in rig.accounts()] if browsers else rig.extensions(),
            busy=busy,
            consoles=consoles,
            phone_kind=PhoneKind.BROWSER if browsers else PhoneKind.DESK,
        )
        async with running_service(folder, plan, {ADAPTER: table}) as service:
            lab = PhoneLab(rig, service)
            try:
                yield lab
            finally:
                lab.stop()
    finally:
        rig.stop_sipp()
        rig.stop()


def _start_bare(rig: Rig) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "BENCH_ARI_USER": rig.site.ari_user, "BENCH_ARI_PASSWORD": rig.secrets.ari}
    return subprocess.Popen(
        [sys.executable, "-m", "hotline.bench.bare", rig.url, BARE_APP, ",".join(rig.extensions())],
        env=environment,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def _add_peers(rig: Rig) -> None:
    folder = rig.site.etc_dir
    with (folder / "extensions.conf").open("a", encoding="utf-8") as file:
        file.write(DIALPLAN)
    with (folder / "modules.conf").open("a", encoding="utf-8") as file:
        file.write("\nload = app_queue.so\n")
    members = "".join(f"member => PJSIP/{extension}\n" for extension in rig.extensions())
    (folder / "queues.conf").write_text(QUEUES + members, encoding="utf-8")


__all__ = ["BARE_NUMBER", "HALL_NUMBER", "QUEUE_NUMBER", "Calls", "PhoneLab", "phone_lab"]
