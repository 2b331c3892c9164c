"""How is a rig started, and what can be asked of it? One Asterisk with its own ports, folder and life.

    with running(RigOptions(desk=10, browser=5)) as rig:
        phones = rig.phones("desk", SeatPlan())
        callers = rig.callers(CallerPlan(talk_ms=3000), count=20, rate=2)
        ... adapter settings: rig.settings(), browser phones: rig.accounts()

Several may run at once. Each dies with the process that started it, and removes only what it made.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

import msgspec

from adapters.asterisk import prompts
from adapters.asterisk.accounts import BrowserAccount
from adapters.asterisk.configure import DutyOptions, PhoneOptions, Secrets, SiteOptions, TrunkOptions, write
from adapters.asterisk.rig.root import Root, ensure_root
from adapters.asterisk.rig.scenarios import CallerPlan, SeatPlan
from adapters.asterisk.rig.sipp import SippRun, start_callers, start_seats
from adapters.errors import Misconfigured

LOOPBACK: Final = "127.0.0.1"
CALLERS_ADDRESS: Final = "127.0.0.2"
"""Callers come from an address of their own: it is what makes them the trunk."""
OUTSIDE_ADDRESS: Final = "127.0.0.4"
WAY_OUT: Final = "out"
DUTY: Final = "8000"
BOOT_SECONDS: Final = 20.0
SIPP_PORTS: Final = 400


class RigOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the rig is to have."""

    desk: int = 10
    """Desk phones, extensions 1001, 1002 …, all in the group `desk`."""
    browser: int = 0
    """Browser phones, extensions 7001, 7002 …"""
    groups: Mapping[str, tuple[str, ...]] = {}
    """More desk phones, by group; a group is what one SIPp can play."""
    duty: bool = True
    """A duty phone (8000, the group `duty`) that the fallback rings."""
    folder: Path | None = None
    """Where it keeps its files and leaves them; unset: a folder of its own that is removed at the end."""
    http_port: int = 0
    """0: any free one."""
    prompts: bool = True
    """Synthesise announcements and music (needs espeak-ng and sox; a few seconds the first time, then cached)."""
    own_prompts: Path | None = None
    own_music: Path | None = None
    """A file of A-law to play as music."""
    outside: bool = False
    """A trunk `out` by which numbers outside are rung; whoever plays them sits at `Rig.outside`."""
    their_id_header: str = ""
    """Header in which the callers' trunk sends its own id of a call."""
    records: bool = True
    rtp_ports: int = 4000
    rtp_timeout: int = 0
    """Seconds of silence on the wire after which a leg is dead; 0 never: SIPp's load callers send no sound at all."""
    looks: int = 12
    retry_seconds: int = 10
    duty_seconds: int = 25
    app: str = "hotline"


@dataclass(slots=True)
class Rig:
    """A running Asterisk."""

    options: RigOptions
    site: SiteOptions
    secrets: Secrets
    root: Root
    folder: Path
    sip_port: int
    ports: Mapping[str, int]
    """The UDP port of each group of desk phones."""
    outside: tuple[str, int] = ("", 0)
    """Where numbers outside are rung; no address where the rig has no way out."""
    process: subprocess.Popen[bytes] | None = None
    _runs: list[SippRun] = field(default_factory=list[SippRun])
    _names: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def url(self) -> str:
        """ARI's base address."""
        return f"http://{LOOPBACK}:{self.site.http_port}"

    @property
    def browser_url(self) -> str:
        """Where browser phones register."""
        return f"ws://{LOOPBACK}:{self.site.http_port}/ws"

    @property
    def recordings(self) -> Path:
        """Recordings folder."""
        return self.site.recordings_dir

    @property
    def pid(self) -> int:
        """Asterisk's process id; 0 while it is stopped."""
        return self.process.pid if self.process else 0

    def settings(self) -> dict[str, object]:
        """The table `[adapters.NAME]` for this rig, `kind` included."""
        return {
            **({"outside": f"PJSIP/{{number}}@{WAY_OUT}", "outside_caller": "12348"} if self.options.outside else {}),
            "kind": "asterisk",
            "url": self.url,
            "app": self.site.app,
            "username": self.site.ari_user,
            "password": f"file:{self.folder / 'secrets' / 'ari'}",
            "prompts": str(self.site.prompts_dir),
            "recordings": str(self.recordings),
            "records": str(self.site.records_file),
            "browser_url": self.browser_url,
            "phone_passwords": f"file:{self.folder / 'secrets' / 'phones.json'}",
        }

    def accounts(self) -> list[BrowserAccount]:
        """The browser phones."""
        return [
            BrowserAccount(
                extension=phone.extension,
                url=self.browser_url,
                uri=f"sip:{phone.extension}@hotline",
                password=self.secrets.phones[phone.extension],
            )
            for phone in self.site.phones
            if phone.kind == "browser"
        ]

    def extensions(self, group: str = "desk") -> list[str]:
        """The extensions of a group of desk phones."""
        return _groups(self.options)[group]

    def start(self) -> None:
        """Boot Asterisk and wait until it serves. Call it from a thread that outlives the rig: both end together."""
        if self.process is not None:
            raise RuntimeError("it runs already")
        (self.folder / "run").mkdir(parents=True, exist_ok=True)
        with (self.folder / "asterisk.out").open("ab") as out:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.root.command("-f", "-C", str(self._conf))],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a scheduler group of its own: see hotline/bench/machine.py
            )
        end = time.monotonic() + BOOT_SECONDS
        while "fully booted" not in self.cli("core waitfullybooted"):
            if self.process.poll() is not None or time.monotonic() > end:
                log = self.site.var_dir / "log" / "messages"
                said = log.read_text("utf-8", "replace")[-1500:] if log.exists() else ""
                self.stop()
                raise Misconfigured(f"Asterisk did not come up: {said}")
            time.sleep(0.05)

    def stop(self, *, kill: bool = False) -> None:
        """End Asterisk; `kill` without a good-bye, as a power cut would."""
        process, self.process = self.process, None
        if process is None:
            return
        if kill:
            process.kill()
        else:
            process.terminate()
        try:
            # Longer it only waits for answers of phones that are gone already.
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)

    def cli(self, command: str) -> str:
        """What Asterisk's console answers."""
        asked = self.root.command("-C", str(self._conf), "-rx", command)
        done = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=False)
        return done.stdout

    def hang_up_all(self, seconds: float = 3.0) -> None:
        """End every call, also those whose phones are gone without a word. Raises `TimeoutError`."""
        end = time.monotonic() + seconds
        while "0 active channels" not in self.cli("core show channels count"):
            if time.monotonic() > end:
                raise TimeoutError(f"calls are left: {self.cli('core show channels')}")
            self.cli("channel request hangup all")
            time.sleep(0.05)

    def phones(self, group: str = "desk", plan: SeatPlan | None = None) -> SippRun:
        """Let the phones of a group be there."""
        name = f"phones-{group}-{next(self._names)}"
        local = (LOOPBACK, self.ports[group])
        run = start_seats(
            plan or SeatPlan(), local=local, media_port=_free_range(SIPP_PORTS), folder=self.folder / "sipp", name=name
        )
        self._runs.append(run)
        return run

    def numbers_outside(self, plan: SeatPlan | None = None) -> SippRun:
        """Let whoever is rung outside be there, under any number."""
        run = start_seats(
            plan or SeatPlan(),
            local=self.outside,
            media_port=_free_range(SIPP_PORTS),
            folder=self.folder / "sipp",
            name=f"outside-{next(self._names)}",
        )
        self._runs.append(run)
        return run

    def callers(
        self,
        plan: CallerPlan | None = None,
        *,
        count: int = 1,
        rate: float = 10.0,
        first: int = 13_900_000_000,
        address: str = CALLERS_ADDRESS,
        talks_ms: Sequence[int] = (),
    ) -> SippRun:
        """Let callers ring: numbers `first`, `first + 1` …; from another `address` they are strangers. `talks_ms`: how
        long each talks, one figure a caller."""
        plan = plan or CallerPlan()
        run = start_callers(
            msgspec.structs.replace(plan, own_talks=True) if talks_ms else plan,
            [str(first + number) for number in range(count)],
            rate=rate,
            target=(LOOPBACK, self.sip_port),
            local=(address, _free_port(address)),
            media_port=_free_range(SIPP_PORTS),
            folder=self.folder / "sipp",
            name=f"callers-{next(self._names)}",
            talks_ms=talks_ms,
        )
        self._runs.append(run)
        return run

    def stop_sipp(self) -> None:
        """End every SIPp of this rig."""
        for run in self._runs:
            run.stop()
        self._runs.clear()

    @property
    def _conf(self) -> Path:
        return self.site.etc_dir / "asterisk.conf"


@contextmanager
def running(options: RigOptions | None = None, say: Callable[[str], None] = lambda text: None) -> Iterator[Rig]:
    """A rig for as long as the block runs. Raises `Misconfigured` when something is missing, saying what to install."""
    wanted = options or RigOptions()
    folder = wanted.folder or Path(tempfile.mkdtemp(prefix="hotline-rig-"))
    try:
        rig = prepare(wanted, folder, ensure_root(say))
        rig.start()
        try:
            yield rig
        finally:
            rig.stop_sipp()
            rig.stop()
    finally:
        if wanted.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def prepare(options: RigOptions, folder: Path, root: Root) -> Rig:
    """Write a rig's files without starting it."""
    groups = _groups(options)
    ports = {group: _free_port(LOOPBACK) for group in groups}
    sip_port = _free_port(LOOPBACK)
    rtp = _free_range(options.rtp_ports)
    desk = [
        PhoneOptions(extension=name, kind="desk", contact=f"sip:{name}@{LOOPBACK}:{ports[group]}")
        for group, names in groups.items()
        for name in names
    ]
    browser = [PhoneOptions(extension=str(7001 + number), kind="browser") for number in range(options.browser)]
    outside = (OUTSIDE_ADDRESS, _free_port(OUTSIDE_ADDRESS)) if options.outside else ("", 0)
    trunks = [TrunkOptions(name="callers", match=CALLERS_ADDRESS, their_id_header=options.their_id_header)]
    if options.outside:
        contact = f"sip:{outside[0]}:{outside[1]}"
        trunks.append(TrunkOptions(name=WAY_OUT, match=OUTSIDE_ADDRESS, contact=contact))
    folder.mkdir(parents=True, exist_ok=True)
    # A unix socket's path may not be longer than 107 bytes; the folder of the caller may be.
    short = folder if len(str(folder)) < 80 else Path(tempfile.mkdtemp(prefix="hotline-rig-"))
    site = SiteOptions(
        system_name=f"rig{sip_port}",
        app=options.app,
        http_port=options.http_port or _free_range(2, socket.SOCK_STREAM),
        sip_bind=f"{LOOPBACK}:{sip_port}",
        media_address=LOOPBACK,
        rtp_first=rtp,
        rtp_last=rtp + options.rtp_ports - 1,
        rtp_timeout=options.rtp_timeout,
        trunks=trunks,
        phones=[*desk, *browser],
        duty=DutyOptions(name=DUTY, dial=f"PJSIP/{DUTY}", seconds=options.duty_seconds) if options.duty else None,
        looks=options.looks,
        retry_seconds=options.retry_seconds,
        records=options.records,
        etc_dir=folder / "etc",
        var_dir=folder / "var",
        run_dir=short / "run",
        prompts_dir=folder / "prompts",
        music_dir=folder / "music",
        modules_dir=root.modules,
        data_dir=root.path / "usr/share/asterisk",
        library_dir=root.path / "var/lib/asterisk",
        sbin_dir=root.path / "usr/sbin",
    )
    known = write(site, folder / "secrets")
    _sounds(options, site, root)
    return Rig(options, site, known, root, folder, sip_port, ports, outside)


def _sounds(options: RigOptions, site: SiteOptions, root: Root) -> None:
    """From the cache beside the root: speech takes seconds to make and never differs."""
    site.prompts_dir.mkdir(parents=True, exist_ok=True)
    site.music_dir.mkdir(parents=True, exist_ok=True)
    if options.own_music:
        shutil.copy(options.own_music, site.music_dir)
    if not options.prompts:
        return
    cache = root.path.parent / "sounds"
    prompts.make(cache / "prompts")
    prompts.make_music(cache / "music")
    shutil.copytree(cache / "prompts", site.prompts_dir, dirs_exist_ok=True)
    if not options.own_music:
        shutil.copytree(cache / "music", site.music_dir, dirs_exist_ok=True)
    if options.own_prompts:
        prompts.make(site.prompts_dir, options.own_prompts)


def _groups(options: RigOptions) -> dict[str, list[str]]:
    groups = {"desk": [str(1001 + number) for number in range(options.desk)]}
    groups |= {name: list(extensions) for name, extensions in options.groups.items()}
    if options.duty:
        groups["duty"] = [DUTY]
    return groups


_given: set[tuple[str, int]] = set()


def _free_port(address: str) -> int:
    """A port that nobody has now and that this process was not given before."""
    for _ in range(200):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.bind((address, 0))
            port = int(asked.getsockname()[1])
        if (address, port) not in _given:
            _given.add((address, port))
            return port
    raise Misconfigured(f"no free port on {address}")


def _free_range(length: int, kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """The first of `length` ports below the range from which the system itself gives out ports; random, so that rigs of
    other processes, which may not have opened theirs yet, seldom choose the same."""
    for _ in range(500):
        start = random.randrange(10_000, 32_000 - length, 2)
        with contextlib.ExitStack() as probes:
            try:
                for port in {start, start + length // 2, start + length - 1}:
                    probe = probes.enter_context(socket.socket(socket.AF_INET, kind))
                    probe.bind((LOOPBACK, port))
            except OSError:
                continue
        return start
    raise Misconfigured(f"no {length} free ports below 32000")
