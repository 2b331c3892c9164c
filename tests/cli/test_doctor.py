"""`hotline doctor`: a sound site passes; each thing that goes wrong on a real machine is named, with what to do."""

from __future__ import annotations

import asyncio
import os
import pty
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import insert, text

from hotline.cli.people import INSTALLER
from hotline.cli.seats import define
from hotline.doctor import Finding, Site, State, examine, lines
from hotline.doctor.database import clock_difference
from hotline.doctor.machine import Seen, look, user_of_service
from hotline.hall.inputs import DefineSeat
from hotline.people import accounts
from hotline.people.passwords import Passwords
from hotline.people.permissions import Role
from hotline.settings import SettingsWrong, load
from hotline.store import schema
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.engine import Database
from hotline.store.seal import KEY_FILE, Seal, place, read_or_make_keys
from hotline.store.tables import CALLS, RAW_EVENTS
from seats.seat import SeatNo
from tests.commands import hotline
from tests.conftest import MEMORY, ROOM
from tests.ports import free_port

HOTLINE = Path(sys.executable).parent / "hotline"
SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CALLER = "13812345678"
TOML = """
[service]
state_dir = "{state}"
port = {port}
[halls.hz]
label = "厅"
default_queue = "q"
[halls.hz.queues.q]
label = "综合"
groups = ["general"]
"""
GATEWAY = """
[adapters.gw-1]
kind = "gateway-push"
networks = ["10.0.0.0/8"]
secrets = ["file:{secret}"]
"""
MODEM = """
[adapters.front]
kind = "modem"
[adapters.front.lines.1]
url = "{url}"
"""
BOX = """
[adapters.box-1]
kind = "cti-serial"
[adapters.box-1.wires.box]
url = "{url}"
dialect = "whozz"
"""

Report = dict[str, Finding]


class Home:
    """A site's files, and what the doctor says of it."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, port: int) -> None:
        self.folder, self.port = folder, port
        self.state = folder / "state"
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.secret = folder / "gw-1"
        self.secret.touch(mode=0o600)
        self.secret.write_text(SECRET)
        self.config = folder / "hotline.toml"
        for name in [each for each in os.environ if each.startswith("HOTLINE_")]:
            patch.delenv(name)
        patch.setenv("HOTLINE_CONFIG", str(self.config))
        self.write()

    def write(self, *more: str, **values: object) -> None:
        known = {"state": self.state, "port": self.port, "secret": self.secret, **values}
        self.config.write_text("".join([TOML, GATEWAY, *more]).format_map(known), encoding="utf-8")

    def site(self) -> Site:
        try:
            return Site.whole(load(None))
        except SettingsWrong as error:
            return Site.partly(str(error), readable=True)

    async def examine(self) -> Report:
        every = [line for found in (await examine(self.site())).values() for line in found]
        told = repr(every)
        assert SECRET not in told
        assert CALLER not in told
        assert len({line.check for line in every}) == len(every) or self.site().complaints
        assert all(line.advice for line in every if line.state in (State.WRONG, State.WARNING))
        return {line.check: line for line in every}


def wrong(report: Mapping[str, Finding]) -> set[str]:
    return {line.check for line in report.values() if line.state is State.WRONG}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def furnished() -> AsyncIterator[tuple[Path, str]]:
    """A state directory with its embedded server running, as durable as in service: seat, account, sealed call."""
    folder = Path(
        tempfile.mkdtemp(
            prefix="hd-", dir=MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None
        )
    )
    folder.chmod(0o711)
    state = folder / "state"
    state.mkdir(mode=0o700)
    try:
        async with EmbeddedPostgres(state) as server:
            async with await Database.open(server.url, check_schema=False) as database:
                await database.migrate()
                await furnish(database, folder)
            yield folder, server.url
    finally:
        shutil.rmtree(folder)


async def furnish(database: Database, folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        settings = Home(folder, patch, 8348).site().settings
    assert settings is not None
    seal = Seal(read_or_make_keys(folder / "state" / KEY_FILE))
    await define(settings, database, "hz", DefineSeat(seat=SeatNo("01"), extension="7001", groups=("general",)))
    now = datetime.now(UTC)
    async with database.engine.begin() as conn:
        role = Role.ADMINISTRATOR
        await accounts.create(
            conn, Passwords(), hall="hz", work_number="9100", name="林", role=role, now=now, doer=INSTALLER
        )
        await conn.execute(insert(CALLS).values(**call("c1", seal)))
        event = {"hall": "hz", "adapter": "gw-1", "event_id": "e", "heard_at": now, "at": now, "type": "CallOffered"}
        await conn.execute(insert(RAW_EVENTS).values(**event, state="applied"))


def call(id_: str, seal: Seal) -> dict[str, Any]:
    return {
        "id": id_,
        "hall": "hz",
        "adapter": "gw-1",
        "key": id_,
        "handling": "device",
        "state": "waiting",
        "seq": 1,
        "offered_at": datetime.now(UTC),
        "day": date(2026, 11, 21),
        "ticket": id_,
        "caller_sealed": seal.seal(CALLER, place("calls", "caller_sealed", id_)),
    }


@pytest.fixture
def home(furnished: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Home:
    """The sound one."""
    return Home(furnished[0], monkeypatch, free_port())


@pytest.fixture
def bare(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Settings that are right, over a database with nothing but tables."""
    made = Home(tmp_path, monkeypatch, free_port())
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database_url)
    return made


def typed(home: Home, *arguments: str) -> tuple[int, str]:
    done = hotline("doctor", "--config", str(home.config), *arguments, cwd=home.folder)
    assert done.stderr == ""
    assert SECRET not in done.stdout
    assert CALLER not in done.stdout
    return done.returncode, done.stdout


# ── a sound site ──


def test_all_is_well(home: Home) -> None:
    code, said = typed(home)
    assert (code, "✗ " in said) == (0, False), said
    headings = [line.strip("─ ") for line in said.splitlines() if line.startswith("──")]
    assert headings == ["配置", "数据库", "时钟", "磁盘", "线路", "服务"]
    for line in (
        "✓ 表结构：",
        "✓ 扩展 btree_gist：已装",
        "✓ 落盘：",
        "✓ 坐席（大厅 hz）：1 个",
        "✓ 线路 gw-1：",
        "– 服务：",
    ):
        assert line in said, said
    assert f"✓ 密钥文件：{home.state / KEY_FILE}，能打开数据库中的数据" in said
    assert "! 第二份：内嵌数据库只有本机这一份\n    → " in said


def test_as_json(home: Home) -> None:
    code, said = typed(home, "--json", "--hall", "hz")
    every = orjson.loads(said)
    assert code == 0
    assert all(list(each) == ["check", "state", "found", "advice"] for each in every)
    assert {each["state"] for each in every} <= {"ok", "warning", "none"}
    known = {"settings", "database", "database.schema", "keys", "seats.hz", "clock.zone", "disk.state", "service"}
    assert known <= {each["check"] for each in every}


async def test_it_changes_nothing(home: Home) -> None:
    def every() -> list[tuple[str, int, float]]:
        files = (each for each in home.state.rglob("*") if "postgres" not in each.parts)
        return [(str(each), each.stat().st_size, each.stat().st_mtime) for each in sorted(files)]

    before = every()
    await home.examine()
    assert every() == before


async def test_beside_the_running_service(
    home: Home, furnished: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked how it is; a line that takes one client only is left alone; its limits are its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    home.write(BOX, url=f"socket://127.0.0.1:{listening.getsockname()[1]}")
    monkeypatch.setenv("HOTLINE_DATABASE_URL", furnished[1])
    with listening, service(home) as (pid, ready):
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, ready)
        settings = home.site().service
        async with asyncio.timeout(20):
            while not ((await look(settings)).answer or {}).get("ready"):
                pass
        taken, _ = await loop.run_in_executor(None, listening.accept)
        report = await home.examine()
        assert wrong(report) == set(), report
        assert report["service"].found == "正在运行，就绪；大厅 hz"
        assert report["adapters.box-1.wires.box"].found.endswith("服务正在使用，不再另连")
        taken.close()
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()
        assert Path(f"/proc/{pid}").exists()
        assert report["files"].found.startswith("服务为 ")
        home.write(BOX.replace("box-1", "box-2"), url="loop://")
        assert "box-2 还没有生效" in (await home.examine())["service.restart"].found


@contextmanager
def service(home: Home) -> Iterator[tuple[int, Callable[[], bytes]]]:
    """The real one, and what waits until it says that it is there (sd_notify(3))."""
    path = home.folder / "notify"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as notified:
        notified.bind(str(path))
        notified.settimeout(30)
        environment = {**os.environ, "NOTIFY_SOCKET": str(path)}
        process = subprocess.Popen([HOTLINE, "serve"], env=environment, stderr=subprocess.DEVNULL)
        try:
            yield process.pid, lambda: notified.recv(64)
        finally:
            process.terminate()
            process.wait(30)
            path.unlink()


# ── settings and secrets ──


async def test_wrong_keys_are_all_named_and_the_rest_is_looked_at(home: Home) -> None:
    text_ = home.config.read_text().replace("[halls.hz]", "prot = 1\n[halls.hz]").replace("groups =", "group =")
    home.config.write_text(text_)
    site = home.site()
    assert [any(key in line for line in site.complaints) for key in ("prot", "group")] == [True, True]
    report = await home.examine()
    assert wrong(report) == {"settings"}
    assert report["plan"].state is State.NONE
    assert report["database.schema"].state is report["keys"].state is report["seats.hz"].state is State.OK
    home.config.write_text("[halls")
    report = await home.examine()
    assert wrong(report) == {"settings"}
    assert report["clock.zone"].state is State.OK


async def test_secrets(home: Home) -> None:
    home.secret.chmod(0o644)
    loose = (await home.examine())["secret.adapters.gw-1.secrets"]
    assert (loose.state, loose.advice) == (State.WRONG, f"sudo chmod 600 {home.secret}")
    home.secret.unlink()
    report = await home.examine()
    assert wrong(report) == {"secret.adapters.gw-1.secrets", "adapters.gw-1"}
    assert "不存在" in report["secret.adapters.gw-1.secrets"].found
    assert "sudo install -m 0600 /dev/stdin" in report["secret.adapters.gw-1.secrets"].advice
    code, _ = typed(home)
    assert code == 1


async def test_what_systemd_will_hand_over_lies_elsewhere_until_then(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline.doctor.machine.KEPT", str(home.folder))
    home.write(secret="/run/credentials/hotline.service/secrets_gw-1")
    report = await home.examine()
    assert wrong(report) == set()
    assert str(home.secret) in report["secret.adapters.gw-1.secrets"].found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
async def test_what_only_root_can_read_is_no_use_to_the_service(bare: Home) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(bare.state, nobody, -1)
    read_or_make_keys(bare.state / KEY_FILE)
    bare.folder.chmod(0o755)
    report = await bare.examine()
    for check in ("secret.adapters.gw-1.secrets", "keys"):
        assert report[check].state is State.WRONG
        assert report[check].advice.startswith("sudo chown nobody ")


async def test_certificates(bare: Home) -> None:
    def write(days: int) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hotline.example")])
        until = datetime.now(UTC) + timedelta(days=days, hours=1)
        made = x509.CertificateBuilder(name, name, key.public_key(), 1, until - timedelta(days=400), until)
        signed = made.sign(key, hashes.SHA256())
        (bare.folder / "c.pem").write_bytes(signed.public_bytes(Encoding.PEM))
        (bare.folder / "k.pem").touch(mode=0o600)
        (bare.folder / "k.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    files = f'tls_certificate = "{bare.folder}/c.pem"\ntls_key = "{bare.folder}/k.pem"\n'
    bare.config.write_text(bare.config.read_text().replace("[halls.hz]", f"{files}[halls.hz]", 1))
    for days, state in ((200, State.OK), (20, State.WARNING), (-1, State.WRONG)):
        write(days)
        assert (await bare.examine())["tls"].state is state
    other = (bare.folder / "c.pem").read_bytes()
    write(200)
    (bare.folder / "c.pem").write_bytes(other)
    assert "不是一对" in (await bare.examine())["tls"].found


# ── database and keys ──


async def test_an_empty_hall_and_a_database_that_forgets(bare: Home) -> None:
    """The tests' server does not wait for the disk: that is found."""
    report = await bare.examine()
    assert wrong(report) == {"database.durable", "seats.hz", "accounts.hz"}
    assert "ALTER SYSTEM SET fsync = on" in report["database.durable"].advice
    assert "hotline seat add" in report["seats.hz"].advice
    assert "--role administrator" in report["accounts.hz"].advice
    assert report["adapters.gw-1.events"].state is State.WARNING


async def test_an_old_schema(bare: Home, database: Database) -> None:
    await schema.migrate(database.engine, "-1")
    report = await bare.examine()
    assert report["database.schema"].state is State.WRONG
    assert report["database.schema"].advice == "hotline migrate"
    await database.pool.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "升级程序" in (await bare.examine())["database.schema"].advice


async def test_no_tables_at_all(bare: Home, empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_DATABASE_URL", empty_database_url)
    report = await bare.examine()
    assert report["database"].state is State.OK
    assert wrong(report) == {"database.schema", "database.extension", "database.durable"}
    assert report["seats"].state is report["accounts"].state is report["plan"].state is State.NONE


async def test_a_database_that_is_not_there(bare: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_DATABASE_URL", f"postgresql://hotline:pa55word@127.0.0.1:{free_port()}/hotline")
    report = await bare.examine()
    assert wrong(report) == {"database"}
    assert "127.0.0.1/hotline 没有应答" in report["database"].found
    assert "pa55word" not in repr(report)
    assert report["database.schema"].state is report["keys"].state is State.NONE
    monkeypatch.setenv("HOTLINE_DATABASE_URL", "postgresql://hotline:pa55/word@127.0.0.1/hotline")
    report = await bare.examine()
    assert "%2F" in report["database"].advice
    assert "pa55" not in repr(report)


async def test_lost_and_strange_keys(bare: Home, database: Database) -> None:
    seal = Seal(read_or_make_keys(bare.state / KEY_FILE))
    async with database.writing() as session:
        await session.run(insert(CALLS).values(**call("c1", seal)))
    assert (await bare.examine())["keys"].state is State.OK
    (bare.state / KEY_FILE).chmod(0o644)
    assert (await bare.examine())["keys"].advice.startswith("sudo chmod 600 ")
    (bare.state / KEY_FILE).unlink()
    lost = (await bare.examine())["keys"]
    assert (lost.state, "数据库中已有加密数据" in lost.found, "从备份恢复" in lost.advice) == (State.WRONG, True, True)
    read_or_make_keys(bare.state / KEY_FILE)
    assert "不是这个数据库的密钥" in (await bare.examine())["keys"].found


@pytest.mark.parametrize(("seconds", "state"), [(0.2, "ok"), (-3, "warning"), (61, "wrong")])
def test_clocks_apart(seconds: float, state: str) -> None:
    assert clock_difference(seconds).state == state


async def test_a_queue_without_seats_and_a_plan_without_its_announcement(home: Home) -> None:
    home.config.write_text(home.config.read_text().replace('"general"]', '"labour"]', 1))
    home.config.write_text(home.config.read_text().replace('label = "厅"', 'label = "厅"\ngreeting = "nowhere"'))
    report = await home.examine()
    assert "队列 q 没有坐席可接" in report["seats.hz"].found
    assert (report["plan.hz"].state, "nowhere" in report["plan.hz"].found) == (State.WRONG, True)


# ── machine ──


async def test_a_full_disk(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, state in ((1 << 29, State.WRONG), (5 << 30, State.WARNING), (500 << 30, State.OK)):
        usage = shutil._ntuple_diskusage(1000 << 30, (1000 << 30) - free, free)  # pyright: ignore[reportAttributeAccessIssue]
        monkeypatch.setattr(shutil, "disk_usage", lambda path, usage=usage: usage)
        assert (await home.examine())["disk.state"].state is state


async def test_a_port_that_somebody_else_has(home: Home) -> None:
    command = [sys.executable, "-u", "-m", "http.server", str(home.port), "--bind", "127.0.0.1"]
    with subprocess.Popen(command, cwd=home.state, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as other:
        try:
            assert other.stdout is not None
            other.stdout.readline()
            report = await home.examine()
        finally:
            other.kill()
    assert wrong(report) == {"service"}
    assert f"端口 {home.port} 被进程 {other.pid}" in report["service"].found
    assert f"ps -fp {other.pid}" in report["service"].advice


async def test_a_port_where_nobody_answers(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.doctor.machine.ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", home.port)):
        assert "没有应答" in (await home.examine())["service"].found


async def test_a_check_that_hangs_or_breaks_stops_no_other(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("hotline.doctor.rounds.CHECK_SECONDS", 0.5)
    monkeypatch.setattr("hotline.doctor.service._clock_state", _hang)
    monkeypatch.setattr(shutil, "disk_usage", fail)
    report = await home.examine()
    assert wrong(report) >= {"clock.synchronised", "disk"}
    assert "没有结果" in report["clock.synchronised"].found
    assert "RuntimeError" in report["disk"].found
    assert report["clock.zone"].state is State.OK


def _hang() -> int:
    """As long as a dead file server takes, or nearly."""
    threading.Event().wait(3)
    return 0


# ── lines ──


async def test_devices(home: Home) -> None:
    home.write(MODEM, url="/dev/hotline/at-nowhere")
    assert "设备不存在" in (await home.examine())["adapters.front.wires.1"].found
    check = "adapters.box-1.wires.box"
    home.write(BOX, url="/dev/hotline/at-nowhere")
    missing = (await home.examine())[check]
    assert (missing.state, "设备不存在" in missing.found, "ls -l /dev/hotline/" in missing.advice) == (
        State.WRONG,
        True,
        True,
    )
    home.write(BOX, url=home.secret)
    assert "不是串口" in (await home.examine())[check].found
    device, terminal = pty.openpty()
    try:
        home.write(BOX, url=os.ttyname(terminal))
        unstable = (await home.examine())[check]
        assert (unstable.state, "可能指向别的设备" in unstable.found) == (State.WARNING, True)
        assert "99-hotline-serial.rules" in unstable.advice
    finally:
        os.close(device)
        os.close(terminal)
    home.write(BOX, url=f"socket://127.0.0.1:{free_port()}")
    refused = (await home.examine())[check]
    assert (refused.state, "拒绝连接" in refused.found) == (State.WRONG, True)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        home.write(BOX, url=f"socket://127.0.0.1:{listening.getsockname()[1]}")
        assert (await home.examine())[check].state is State.OK


async def test_two_lines_on_one_device(home: Home) -> None:
    home.write(MODEM, BOX, url="/dev/hotline/at-nowhere")
    told = (await home.examine())["adapters.front.lines.1.shared"]
    assert (told.state, "[adapters.front.lines.1]、[adapters.box-1.wires.box]" in told.found) == (State.WRONG, True)
    home.write(BOX, url="/dev/hotline/at-nowhere")
    assert not [check for check in await home.examine() if check.endswith(".shared")]


def test_a_device_that_another_program_has() -> None:
    device, terminal = pty.openpty()
    with subprocess.Popen(["cat"], stdin=terminal, stdout=subprocess.DEVNULL) as other:
        try:
            user = user_of_service(None, Seen())
            path = Path(os.ttyname(terminal))
            taken = lines._device("wire", "线路", path, user, Seen(answer={}, pid=1))
            own = lines._device("wire", "线路", path, user, Seen(answer={}, pid=other.pid))
        finally:
            other.kill()
            os.close(device)
            os.close(terminal)
    assert (taken.state, f"被进程 {other.pid}（cat）占用" in taken.found) == (State.WRONG, True), taken
    assert own.state is State.WARNING, "all that is wrong with it is its name"


async def test_a_device_that_is_there_but_not_heard() -> None:
    device, terminal = pty.openpty()
    try:
        url, user = os.ttyname(terminal), user_of_service(None, Seen())
        down, up = [
            await lines._wire("front", "1", url, user, Seen(answer={"adapters": {"front": each}}))
            for each in (False, True)
        ]
    finally:
        os.close(device)
        os.close(terminal)
    assert (down.state, "服务说线路是断的" in down.found, bool(down.advice)) == (State.WRONG, True, True)
    assert "断的" not in up.found


async def test_a_gateway_that_has_fallen_silent(bare: Home, database: Database) -> None:
    then = datetime.now(UTC) - timedelta(days=2)
    event = {"hall": "hz", "adapter": "gw-1", "event_id": "e", "heard_at": then, "at": then, "type": "CallOffered"}
    async with database.writing() as session:
        await session.run(insert(RAW_EVENTS).values(**event, state="applied"))
        assert (await session.scalar(text("SELECT count(*) FROM raw_events"))) == 1
    silent = (await bare.examine())["adapters.gw-1.events"]
    assert (silent.state, "已超过 24 小时" in silent.found) == (State.WARNING, True)
    bare.config.write_text(bare.config.read_text().replace('networks = ["10.0.0.0/8"]\n', ""))
    assert "任何地址都可以推送" in (await bare.examine())["adapters.gw-1"].found
