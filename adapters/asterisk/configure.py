"""Which files does Asterisk need so that this hall's calls reach us? Renders the whole `/etc/asterisk` from templates.

`python -m adapters.asterisk.configure site.toml --to /etc/asterisk` writes every file, makes up the passwords that are
still missing (kept in a folder of their own, mode 0600) and touches nothing else. The same options give the same files.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import sys
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from adapters.asterisk.recordings import BEEP
from adapters.asterisk.tones import tone

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\r\n;\[\]]*$", max_length=200)]
"""Free text that cannot end its line, open a section or begin a comment in Asterisk's files."""


class PhoneOptions(BaseModel):
    """A phone that the hall may ring."""

    model_config = ConfigDict(extra="forbid")

    extension: Name
    kind: Literal["browser", "desk"]
    contact: Line = ""
    """A desk phone at a fixed address (`sip:8001@10.0.0.7:5060`) instead of one that registers itself."""


class TrunkOptions(BaseModel):
    """A SIP trunk or gateway, known by its address."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    match: Line
    """Address or network from which it sends, comma-separated."""
    contact: Line = ""
    """Where we ring numbers outside (`sip:10.30.0.1:5060`); empty: nobody is rung over it. The service's setting
    `outside` names the trunk; the dial plan never uses it."""
    their_id_header: Annotated[str, StringConstraints(pattern=r"^([A-Za-z][A-Za-z0-9-]{0,63})?$")] = ""
    """The SIP header in which the platform behind it sends its own id of a call (the province's: `X-Call-ID`)."""


class DutyOptions(BaseModel):
    """The phone that rings when the service is away."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    dial: Annotated[str, StringConstraints(pattern=r"^(PJSIP|DAHDI)/[A-Za-z0-9_/@:.-]{1,80}$")]
    """One technology and one phone: `PJSIP/8000`. A mobile would need a way out, which this dial plan lacks."""
    seconds: int = Field(default=25, ge=5, le=120)


class SiteOptions(BaseModel):
    """Everything that differs from hall to hall."""

    model_config = ConfigDict(extra="forbid")

    system_name: Name = "hotline"
    app: Name = "hotline"
    ari_user: Name = "hotline"
    hotline_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,20}$")] = "12348"
    http_address: Line = "127.0.0.1"
    http_port: int = Field(default=8088, ge=1, le=65535)
    sip_bind: Line = "0.0.0.0:5060"
    media_address: Line = ""
    """The address that phones send their sound to; empty: Asterisk finds it."""
    rtp_first: int = Field(default=10000, ge=1024, le=65534)
    rtp_last: int = Field(default=19999, ge=1025, le=65535)
    rtp_timeout: int = Field(default=60, ge=0)
    """Seconds of silence on the wire after which a leg counts as dead; 0 never."""
    trunks: list[TrunkOptions] = []
    phones: list[PhoneOptions] = []
    duty: DutyOptions | None = None
    fallback_recording: bool = True
    retry_seconds: int = Field(default=10, ge=1, le=120)
    looks: int = Field(default=12, ge=1, le=100)
    early_ringing: bool = True
    """Let the caller hear ringing at once; otherwise the exchange stays silent until the hall answers."""
    records: bool = True
    """Keep Asterisk's own call records: without them calls of the fallback are not back-filled."""
    dahdi: bool = False
    etc_dir: Path = Path("/etc/asterisk")
    var_dir: Path = Path("/var/lib/hotline-asterisk")
    run_dir: Path = Path("/run/asterisk")
    prompts_dir: Path = Path("/var/lib/hotline-asterisk/prompts")
    music_dir: Path = Path("/var/lib/hotline-asterisk/music")
    modules_dir: Path = Path("/usr/lib/x86_64-linux-gnu/asterisk/modules")
    data_dir: Path = Path("/usr/share/asterisk")
    library_dir: Path = Path("/var/lib/asterisk")
    sbin_dir: Path = Path("/usr/sbin")

    @property
    def recordings_dir(self) -> Path:
        """Where ARI writes recordings."""
        return self.var_dir / "spool" / "recording"

    @property
    def records_file(self) -> Path:
        """Asterisk's own call records."""
        return self.var_dir / "log" / "cdr-custom" / RECORDS_NAME


class Secrets(BaseModel):
    """The passwords of one Asterisk; the service hands a browser phone its own at sign-in."""

    model_config = ConfigDict(extra="forbid")

    ari: str
    phones: dict[str, str] = {}


RECORDS_NAME = "hotline.csv"
ID_HEADER = "HOTLINE_ID_HEADER"
DAHDI_MODULES = ("res_timing_dahdi", "chan_dahdi", "codec_dahdi")
THEIR_ID = f"""\
 same => n,GotoIf($["${{{ID_HEADER}}}" = ""]?hall)
 same => n,Set(HOTLINE_THEIR_ID=${{FILTER(0-9A-Za-z@._:\\x2d,${{PJSIP_HEADER(read,${{{ID_HEADER}}})}}):0:100}})
"""
SLOT = re.compile(r"<<([a-z_]+)>>")


def render(options: SiteOptions, known: Secrets) -> dict[str, str]:
    """Every file's name and text. Pure."""
    slots = {name: str(value) for name, value in options.model_dump(mode="python").items()}
    slots |= {
        "etc": str(options.etc_dir),
        "var": str(options.var_dir),
        "run": str(options.run_dir),
        "ari_password": known.ari,
        "records_name": RECORDS_NAME,
        "dahdi_modules": "".join(f"load = {name}.so\n" for name in DAHDI_MODULES) if options.dahdi else "",
        "early_ringing": " same => n,Ringing()\n" if options.early_ringing else "",
        "fallback_duty": _duty(options),
        "duty_recording_note": " file=fallback/${ARG3}" if options.fallback_recording else "",
        "their_id": THEIR_ID if any(trunk.their_id_header for trunk in options.trunks) else "",
        "trunks": "".join(_trunk(options, trunk) for trunk in options.trunks),
        "phones": "".join(_phone(options, phone, known.phones[phone.extension]) for phone in options.phones),
    }
    folder = files("adapters.asterisk") / "templates"
    rendered = {
        entry.name: _fill(entry.read_text("utf-8"), slots)
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".conf")
    }
    if not options.records:
        rendered["cdr.conf"] = "[general]\nenable = no\n"
    return rendered


def write(options: SiteOptions, secrets_folder: Path, to: Path | None = None) -> Secrets:
    """Render into `to` (default: the options' own folder) and make the folders that Asterisk writes to."""
    known = keep_secrets(secrets_folder, [phone.extension for phone in options.phones])
    target = to or options.etc_dir
    target.mkdir(parents=True, exist_ok=True)
    for name, text in render(options, known).items():
        _put(target / name, text, 0o640)
    for folder in ("cache", "db", "keys/keys", "spool/recording/fallback", "spool/tmp", "log/cdr-custom"):
        (options.var_dir / folder).mkdir(parents=True, exist_ok=True)
    options.prompts_dir.mkdir(parents=True, exist_ok=True)
    (options.prompts_dir / f"{BEEP}.alaw").write_bytes(tone(1000, 0.3))
    return known


def keep_secrets(folder: Path, extensions: list[str]) -> Secrets:
    """The passwords in that folder (`ari`, and `phones.json` by extension); missing ones are made up, 144 bits each.

    Both files have mode 0600 and are what the service's settings refer to.
    """
    ari, phones = folder / "ari", folder / "phones.json"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not ari.exists():
        _put(ari, secrets.token_urlsafe(18) + "\n", 0o600)
    known: dict[str, str] = json.loads(phones.read_text("utf-8")) if phones.exists() else {}
    missing = [extension for extension in extensions if extension not in known]
    if missing or not phones.exists():
        known |= {extension: secrets.token_urlsafe(18) for extension in missing}
        _put(phones, json.dumps(known, indent=1) + "\n", 0o600)
    return Secrets(ari=ari.read_text("utf-8").strip(), phones=known)


def main(arguments: list[str] | None = None) -> int:
    """The command line. 0 written, 1 the options are wrong."""
    parser = argparse.ArgumentParser(prog="adapters.asterisk.configure", description=__doc__)
    parser.add_argument("site", type=Path, help="options in TOML (deploy/asterisk/site.example.toml)")
    parser.add_argument("--to", type=Path, help="write here instead of etc_dir")
    parser.add_argument("--secrets", type=Path, default=Path("/etc/hotline/secrets"))
    given = parser.parse_args(arguments)
    try:
        options = SiteOptions.model_validate(tomllib.loads(given.site.read_text("utf-8")))
        write(options, given.secrets, given.to)
    except (OSError, ValidationError, tomllib.TOMLDecodeError) as error:
        print(f"没有写出：{error}", file=sys.stderr)
        return 1
    print(f"已写出 {given.to or options.etc_dir}，口令在 {given.secrets}（仅本机可读）")
    return 0


def _duty(options: SiteOptions) -> str:
    if options.duty is None:
        return " same => n,Set(DIALSTATUS=NODUTY)\n"
    recording = f"MixMonitor({options.recordings_dir}/fallback/${{UNIQUEID}}.wav,b)"
    lines = [recording] if options.fallback_recording else []
    answered = f"U(hotline-duty^${{EXTEN}}^{options.duty.name}^${{UNIQUEID}}.wav)"
    lines.append(f"Dial({options.duty.dial},{options.duty.seconds},{answered})")
    lines += ["StopMixMonitor()"] if options.fallback_recording else []
    return "".join(f" same => n,{line}\n" for line in lines)


def _trunk(options: SiteOptions, trunk: TrunkOptions) -> str:
    slots = {"name": trunk.name, "match": trunk.match, "rtp_timeout": str(options.rtp_timeout)}
    slots["way_out"] = f"aors = {trunk.name}\n" if trunk.contact else ""
    slots["their_id"] = f"set_var = {ID_HEADER}={trunk.their_id_header}\n" if trunk.their_id_header else ""
    # No qualify: a carrier that answers no OPTIONS would count as gone, and the emergency key would ring nobody.
    contact = f"[{trunk.name}]\ntype = aor\ncontact = {trunk.contact}\n"
    return _fill(_part("trunk"), slots | {"media": _media(options), "aor": contact if trunk.contact else ""})


def _phone(options: SiteOptions, phone: PhoneOptions, password: str) -> str:
    slots = {
        "extension": phone.extension,
        "password": password,
        "rtp_timeout": str(options.rtp_timeout),
        "media": _media(options),
        "rewrite_contact": "no" if phone.contact else "yes",
        "contact": f"contact = {phone.contact}" if phone.contact else "max_contacts = 1\nremove_existing = yes",
    }
    return _fill(_part(phone.kind), slots)


def _media(options: SiteOptions) -> str:
    if not options.media_address:
        return ""
    return f"media_address = {options.media_address}\nbind_rtp_to_media_address = yes\n"


def _part(name: str) -> str:
    return (files("adapters.asterisk") / "templates" / f"pjsip-{name}.part").read_text("utf-8")


def _fill(text: str, slots: Mapping[str, str]) -> str:
    return SLOT.sub(lambda found: slots[found[1]], text)


def _put(path: Path, text: str, mode: int) -> None:
    """Write in one step: Asterisk, or a second run, never reads half a file."""
    beside = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


if __name__ == "__main__":
    raise SystemExit(main())
