"""The shipped nginx.conf before the real service and a real Asterisk: https and wss only, one phone for all tabs."""

from __future__ import annotations

import asyncio
import getpass
import json
import re
import shutil
import signal
import subprocess
import tempfile
import time
from base64 import b64encode
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from playwright.async_api import Page, expect

from adapters.asterisk.rig import CallerPlan, Rig, RigOptions
from adapters.asterisk.rig import running as rig_running
from adapters.asterisk.rig.audio import write_pcap
from adapters.asterisk.rig.root import cache_dir
from adapters.errors import Misconfigured
from hotline.app import SECURITY_HEADERS
from tests.console.browser import Person, chromium, window
from tests.console.hall import ROOT, ConsoleHall, until
from tests.console.test_browser_phone import CALLER, CALLER_HZ, hears_microphone
from tests.e2e.stage import HEARS, LOUD_DB
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]
HOST: Final = "12348.example.gov.cn"
"""As in the shipped file; only the test's browser is told that it is this machine."""
PACKAGES: Final = ("nginx", "nginx-common")
FETCH_SECONDS: Final = 120
START_SECONDS: Final = 10
BACK_SECONDS: Final = 10
"""From a reload until the caller is heard again."""
NOT_SERVED: Final = ("/metrics", "/ari/channels", "/asterisk/ari/channels")


@pytest.mark.long
async def test_one_phone_over_wss(tmp_path: Path) -> None:
    """Two tabs, one registration; the second takes over, takes a call, is heard, and finds it again when reloaded."""
    voice = write_pcap(tmp_path / "caller.pcap", CALLER_HZ, 60)
    key = certificate(tmp_path)
    flags = (f"--host-resolver-rules=MAP {HOST} 127.0.0.1", "--no-proxy-server")
    trust = f"--ignore-certificate-errors-spki-list={key}"
    with rig_running(RigOptions(browser=1, desk=0)) as rig:
        async with serving(rig) as hall, chromium(tmp_path, *flags, trust) as browser:
            with nginx(tmp_path, hall.port, rig.site.http_port) as (tls, plain):
                hall.front = f"https://{HOST}:{tls}"
                stream, phone = (f"wss://{HOST}:{tls}{path}" for path in ("/api/v1/live", "/asterisk/ws"))
                async with window(browser, hall) as lawyer:
                    wires = sockets_of(lawyer)
                    await promises_are_kept(lawyer, plain)
                    await lawyer.sign_in("1001")
                    await the_cookie_stays_here(lawyer)
                    await lawyer.sit_down("01", "browser")
                    await expect(lawyer.at("softphone-state")).to_contain_text("已注册")
                    await opened(wires[lawyer.page], stream, phone, again=True)

                    first, (registered,) = lawyer.page, registrations(rig)
                    lawyer.page = second = await lawyer.second_tab()
                    await expect(lawyer.at("softphone-state")).to_contain_text("已注册")
                    assert (wires[second], registrations(rig)) == ([stream], [registered])
                    await first.close()
                    await until(lambda: registered_anew(rig, registered), 10, "the second tab has taken the phone over")
                    await opened(wires[second], stream, phone)

                    caller = rig.callers(CallerPlan(media=voice), first=CALLER)
                    await lawyer.rung()
                    await lawyer.at("answer").click()
                    await lawyer.state("talking")
                    await both_hear(lawyer, caller.media)
                    await second.reload()
                    await lawyer.state("talking", seconds=BACK_SECONDS)
                    await both_hear(lawyer, caller.media)
                    await opened(wires[second], *[stream, phone] * 2)

                    await lawyer.at("hang-up").click()
                    await lawyer.state("wrap_up")
                    await asyncio.to_thread(caller.wait, 5)
                    (lived,) = caller.callers()
                    assert (lived.end, lived.answered_at is not None) == ("hung_up_on", True)
            nothing_private_is_logged(tmp_path)


# ── what is asked ──


def sockets_of(person: Person) -> dict[Page, list[str]]:
    """The addresses of the WebSockets that each tab opens, in order."""
    opened: dict[Page, list[str]] = defaultdict(list)

    def watch(page: Page) -> None:
        page.on("websocket", lambda wire: opened[page].append(wire.url))

    watch(person.page)
    person.context.on("page", watch)
    return opened


async def opened(wires: list[str], *wanted: str, again: bool = False) -> None:
    """These and no others, or also `again`; the browser tells of one a moment after the other side knows it."""

    async def there() -> bool:
        return sorted(set(wires) if again else wires) == sorted(wanted)

    await until(there, 10, f"the page has opened {wanted}", lambda: asyncio.sleep(0, wires))


async def promises_are_kept(person: Person, plain: int) -> None:
    """Headers of the page; plain HTTP leads to https; what is not for browsers is not there."""
    answer = await person.page.goto(person.hall.base)
    assert answer is not None
    wanted = {name.lower(): value for name, value in SECURITY_HEADERS.items()}
    wanted |= {"strict-transport-security": "max-age=15552000", "server": "nginx"}
    assert {name: answer.headers.get(name) for name in wanted} == wanted
    statuses = "paths => Promise.all(paths.map(async path => (await fetch(path)).status))"
    assert await person.page.evaluate(statuses, NOT_SERVED) == [404] * len(NOT_SERVED)
    async with httpx2.AsyncClient() as client:
        moved = await client.get(f"http://127.0.0.1:{plain}/calls?page=2", headers={"Host": HOST})
    assert (moved.status_code, moved.headers["location"]) == (301, f"https://{HOST}/calls?page=2")


async def the_cookie_stays_here(person: Person) -> None:
    """Over TLS only, out of reach of scripts, for this very host."""
    (cookie,) = await person.context.cookies()
    flags = cookie.get("secure"), cookie.get("httpOnly"), cookie.get("sameSite"), cookie.get("domain")
    assert flags == (True, True, "Strict", HOST)
    assert cookie.get("name", "").startswith("__Host-")


def registrations(rig: Rig) -> list[str]:
    """The addresses that are registered for browser phones; each registration of a page has one of its own."""
    return re.findall(r"Contact:\s+7001/(\S+)", rig.cli("pjsip show contacts"))


async def registered_anew(rig: Rig, before: str) -> bool:
    """One phone is registered, and another than before."""
    return len(now := registrations(rig)) == 1 and now != [before]


async def both_hear(person: Person, caller: tuple[str, int]) -> None:
    """The caller's tone comes out of the page's phone, the microphone's arrives at the caller on the wire."""

    async def plays() -> bool:
        heard: dict[str, float] = await person.page.evaluate(HEARS, {"caller": CALLER_HZ})
        return heard.get("caller", LOUD_DB) > LOUD_DB

    await until(plays, BACK_SECONDS, "the caller is heard")
    assert await hears_microphone(caller) > 0.01, "the caller hears the lawyer"


def nothing_private_is_logged(folder: Path) -> None:
    """Requests without their query; and nginx had nothing to complain of."""
    said = "".join((folder / name).read_text() for name in ("hotline.log", "access.log"))
    assert "GET /asterisk/ws 101" in said
    assert "?" not in said
    errors = (folder / "error.log").read_text()
    assert not re.search(r"\[(emerg|alert|crit|error)\]", errors), errors


# ── who answers ──


class Hall(ConsoleHall):
    """The service with the settings of deploy/hotline.example.toml that concern TLS."""

    front = ""
    """Where people reach it, once nginx is there."""

    def __init__(self, home: Path, rig: Rig) -> None:
        table = rig.settings() | {"browser_url": "/asterisk/ws"}
        lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items())
        desks = {"01": (rig.accounts()[0].extension, "people")}
        super().__init__(home, f"\n[adapters.line-1]\n{lines}\n", desks, {})
        text = self.config.read_text(encoding="utf-8")
        self.config.write_text(text.replace("[service]", "[service]\nbehind_tls_proxy = true"), encoding="utf-8")

    @property
    def base(self) -> str:
        """`https://HOST:PORT`; before nginx is there, the service itself."""
        return self.front or super().base


@asynccontextmanager
async def serving(rig: Rig) -> AsyncIterator[Hall]:
    """The service runs."""
    home = Path(tempfile.mkdtemp(prefix="ht-"))
    home.chmod(0o711)
    hall = Hall(home, rig)
    try:
        await hall.up()
        yield hall
    finally:
        if hall.alive:
            hall.signal(signal.SIGTERM)
            await hall.gone(15)
        shutil.rmtree(home, ignore_errors=True)


def certificate(folder: Path) -> str:
    """Writes a key and its self-signed certificate; the key's hash, by which the browser is told to trust it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(sha256(public).digest()).decode()


@contextmanager
def nginx(folder: Path, service: int, asterisk: int) -> Iterator[tuple[int, int]]:
    """Debian's nginx with Debian's nginx.conf and the shipped file, on loopback; its ports for https and http."""
    root, tls, plain = debian_nginx(), free_port(), free_port()
    shipped = {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen [::]:80;": f"listen 127.0.0.3:{plain};",  # not every machine has IPv6
        "listen 443 ": f"listen 127.0.0.1:{tls} ",
        "listen [::]:443 ": f"listen 127.0.0.3:{tls} ",
        "127.0.0.1:8348": f"127.0.0.1:{service}",
        "127.0.0.1:8088": f"127.0.0.1:{asterisk}",
        "/etc/hotline/tls/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
    }
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    debian = {
        "user www-data;": f"user {getpass.getuser()};",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/var/log/nginx/": f"{folder}/",
        "/etc/nginx/conf.d/*.conf": f"{folder}/hotline.conf",
        "include /etc/nginx/sites-enabled/*;": " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds),
        "/etc/nginx/": f"{root}/etc/nginx/",
    }
    (folder / "hotline.conf").write_text(changed(ROOT / "deploy/nginx.conf", shipped), encoding="utf-8")
    (folder / "nginx.conf").write_text(changed(root / "etc/nginx/nginx.conf", debian), encoding="utf-8")
    command = [root / "usr/sbin/nginx", "-c", folder / "nginx.conf", "-e", folder / "error.log"]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=20, check=False)
    assert tried.returncode == 0, f"nginx -t: {tried.stderr}"
    process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command, "-g", "daemon off;"])
    try:
        end = time.monotonic() + START_SECONDS
        while not (folder / "nginx.pid").exists():  # written once it listens
            trouble = process.poll() is not None or time.monotonic() > end
            assert not trouble, (folder / "error.log").read_text()
            time.sleep(0.02)
        yield tls, plain
    finally:
        process.terminate()
        process.wait(10)


def changed(file: Path, changes: dict[str, str]) -> str:
    """A file's text with other ports and paths. What is to be changed must be there."""
    text = file.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"{file.name} no longer says {old!r}"
        text = text.replace(old, new)
    return text


def debian_nginx() -> Path:
    """Where Debian's nginx lies: in this machine, or in the cache, fetched once from where its apt takes packages."""
    if Path("/usr/sbin/nginx").exists() and Path("/etc/nginx/nginx.conf").exists():
        return Path("/")
    place = cache_dir() / "nginx"
    if not place.exists():
        cache_dir().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache_dir()) as beside:
            fetch(Path(beside))
            (Path(beside) / "root").rename(place)
    return place


def fetch(folder: Path) -> None:
    """Download and unpack, without root; with package lists of its own where the machine's are missing or too old."""
    own = ("-o", f"Dir::State::lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache")
    why = apt(folder, "download", *PACKAGES)
    if why:
        (folder / "lists/partial").mkdir(parents=True)
        why = apt(folder, *own, "update") or apt(folder, *own, "download", *PACKAGES)
    if why:
        raise Misconfigured(f"nginx is neither installed (apt-get install nginx) nor to be had: {why}")
    for deb in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", deb, folder / "root"], check=True)


def apt(folder: Path, *what: str) -> str:
    """Runs apt-get there; why it failed, or nothing."""
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", *what]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    return done.stderr.strip()[-600:] if done.returncode else ""
