"""The example settings and the manuals: every secret can be read, and every path is one that somebody makes."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from adapters.asterisk.adapter import AsteriskAdapter
from adapters.asterisk.configure import SiteOptions, main
from adapters.telephony import AdapterName
from hotline import settings_used
from hotline.settings import load

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "deploy" / "hotline.example.toml"
SITE = ROOT / "deploy" / "asterisk" / "site.example.toml"
LOGROTATE = ROOT / "deploy" / "asterisk" / "hotline-cdr.logrotate"
READ = "/run/credentials/hotline.service"
GATEWAY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MANUALS = [
    "deploy/INSTALL.md",
    "deploy/asterisk/README.md",
    "adapters/asterisk/README.md",
    "deploy/hotline.example.toml",
]


def credentials(to: Path, secrets: Path) -> None:
    """What systemd makes of `LoadCredential=ID:FOLDER`: each file as ID_NAME (systemd.exec(5))."""
    unit = (ROOT / "deploy" / "hotline.service").read_text(encoding="utf-8")
    [(name, folder)] = re.findall(r"^LoadCredential=(\w+):(\S+)$", unit, re.MULTILINE)
    assert folder == "/etc/hotline/secrets"
    to.mkdir()
    for file in secrets.iterdir():
        shutil.copy(file, to / f"{name}_{file.name}")


def test_the_example_finds_every_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a site that did what the manual says: Asterisk's passwords from `configure`, the others by hand."""
    site = tmp_path / "asterisk.toml"
    site.write_text(SITE.read_text(encoding="utf-8").replace("/var/lib/hotline-asterisk", str(tmp_path / "var")))
    assert main([str(site), "--to", str(tmp_path / "etc"), "--secrets", str(tmp_path / "secrets")]) == 0
    (tmp_path / "secrets" / "gw-1").write_text(f"{GATEWAY}\n")
    (tmp_path / "secrets" / "database_url").write_text("postgresql://hotline:x@127.0.0.1/hotline\n")
    credentials(tmp_path / "credentials", tmp_path / "secrets")
    text = EXAMPLE.read_text(encoding="utf-8").replace("# database_url_file", "database_url_file")
    # The line is a key of the file itself, so it has to stand before the first table.
    line = next(each for each in text.splitlines(keepends=True) if each.startswith("database_url_file"))
    text = line + text.replace(line, "")
    config = tmp_path / "hotline.toml"
    config.write_text(text.replace(READ, str(tmp_path / "credentials")), encoding="utf-8")
    monkeypatch.setenv("HOTLINE_CONFIG", "")
    settings = load(config)
    assert settings.external_database() == "postgresql://hotline:x@127.0.0.1/hotline"
    made = settings_used.lines(settings)
    assert sorted(made) == ["box-1", "card-1", "gw-1"]
    card = made[AdapterName("card-1")]
    assert isinstance(card, AsteriskAdapter)
    account = card.browser_account("7001")
    assert account is not None
    assert account.password
    assert settings_used.rules(settings).keys() == {"hall1"}


def test_the_example_reads_where_asterisk_writes() -> None:
    options = SiteOptions.model_validate(tomllib.loads(SITE.read_text(encoding="utf-8")))
    card = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))["adapters"]["card-1"]
    assert card["records"] == str(options.records_file)
    assert card["recordings"] == str(options.recordings_dir)
    assert card["prompts"] == str(options.prompts_dir)
    assert f"{card['records']} {{" in LOGROTATE.read_text(encoding="utf-8")


def test_the_other_sides_of_the_example_can_be_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are written as comments; a site takes the marks away."""
    secret = tmp_path / "secret"
    secret.write_text(f"{GATEWAY}\n")
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = re.findall(r"^# (\[(?:bridges|sms)\.[^\n]*(?:\n# [^\n]*)*)", text, re.MULTILINE)
    tables = "\n".join(re.sub(r"^# ", "", each, flags=re.MULTILINE) for each in shown)
    tables = re.sub(r"file:[^\"]+", f"file:{secret}", tables)
    config = tmp_path / "hotline.toml"
    hall = '[halls.h]\nlabel = "x"\ndefault_queue = "q"\n[halls.h.queues.q]\nlabel = "x"\ngroups = ["q"]\n'
    config.write_text(f'[service]\nstate_dir = "{tmp_path}"\n{hall}{tables}', encoding="utf-8")
    monkeypatch.setenv("HOTLINE_CONFIG", "")
    settings = load(config)
    made = settings_used.bridges(settings)
    assert {name: settings.bridges[name]["kind"] for name in made} == {
        "city": "line12345",
        "police": "line110",
        "province": "province",
        "paper": "paper",
    }
    assert set(settings_used.gateways(settings)) == {"h"}


@pytest.mark.parametrize("manual", MANUALS)
def test_secrets_are_spelt_one_way(manual: str) -> None:
    text = (ROOT / manual).read_text(encoding="utf-8")
    named = set(re.findall(r"secrets_([\w.-]+)", text)) - {"名称"}
    assert named <= {"ari", "phones.json", "gw-1", "database_url", "province"}
    assert re.findall(r"/etc/hotline/asterisk/|--secrets /etc/hotline/(?!secrets\b)\S+", text) == []


def test_the_place_in_the_hint_is_the_units() -> None:
    assert settings_used.KEPT == "/etc/hotline/secrets/"
    assert f"{settings_used.CREDENTIALS}hotline.service" == READ


def test_seats_of_the_manual_have_phones() -> None:
    phones = {each["extension"] for each in tomllib.loads(SITE.read_text(encoding="utf-8"))["phones"]}
    manual = (ROOT / "deploy" / "INSTALL.md").read_text(encoding="utf-8")
    seats = re.findall(r"^hotline seat add \w+ --extension (\w+)", manual, re.MULTILINE)
    assert seats
    assert set(seats) <= phones


def test_call_records_are_rotated_so_that_their_tail_can_be_read(tmp_path: Path) -> None:
    words = LOGROTATE.read_text(encoding="utf-8").split("{", 1)[1].split()
    assert {"delaycompress", "nodateext", "nocreate", "monthly"} <= set(words)
    assert "copytruncate" not in words
    program = shutil.which("logrotate", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.fail("no logrotate here: deploy/setup.sh test installs it")
    records = tmp_path / "hotline.csv"
    config = tmp_path / "logrotate.conf"
    text = re.sub(r"^/\S+", str(records), LOGROTATE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    config.write_text(re.sub(r"^\s*su .*\n", "", text, flags=re.MULTILINE))
    config.chmod(0o644)
    tmp_path.chmod(0o755)
    for content in ("first\n", "second\n"):
        records.write_text(content)
        turned = [program, "--force", "--state", str(tmp_path / "state"), str(config)]
        done = subprocess.run(turned, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert not records.exists()
    assert (tmp_path / "hotline.csv.1").read_text() == "second\n"
    assert (tmp_path / "hotline.csv.2.gz").exists()
