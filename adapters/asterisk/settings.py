"""What must be known of an Asterisk to work with it? The table `[adapters.NAME]` with `kind = "asterisk"`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

DialTemplate = Annotated[
    str, StringConstraints(pattern=r"^(PJSIP|DAHDI)/[A-Za-z0-9_./@:-]*\{extension\}[A-Za-z0-9_./@:-]*$")
]

OutsideTemplate = Annotated[
    str, StringConstraints(pattern=r"^((PJSIP|DAHDI)/[A-Za-z0-9_./@:-]*\{number\}[A-Za-z0-9_./@:-]*)?$")
]


class AsteriskSettings(BaseModel):
    """Settings of one Asterisk. Paths named "as Asterisk sees it" matter only where it runs on another machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^/?#@\s]+$")] = "http://127.0.0.1:8088"
    """Asterisk's HTTP server; off loopback only https."""
    app: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")] = "hotline"
    """The Stasis application that the dial plan hands calls to."""
    username: str = "hotline"
    password: str
    """Reference to the ARI password: `file:/run/credentials/hotline.service/secrets_ari` or `env:NAME`."""

    phones: dict[Literal["browser", "desk"], DialTemplate] = {
        "browser": "PJSIP/{extension}",
        "desk": "PJSIP/{extension}",
    }
    """How a seat's phone is dialled; `DAHDI/{extension}` for an analogue set on a card's port."""
    outside: OutsideTemplate = ""
    """How a number outside is dialled: `PJSIP/{number}@carrier` over a trunk, `DAHDI/g1/{number}` over a card. Empty:
    this Asterisk rings nobody outside."""
    outside_pattern: str = r"(?!00)[0-9]{3,12}"
    """Numbers that may be rung at all, whatever the hall allows: by default none abroad."""
    outside_caller: Annotated[str, StringConstraints(pattern=r"^[0-9+*#]{0,20}$")] = ""
    """Our number, as whom we ring sees it; carriers pass on only numbers that are ours."""
    message_silence: int = Field(default=8, ge=2, le=60)
    """Seconds of silence after which a message (留言) is over."""
    prompts: Path = Path("/var/lib/hotline-asterisk/prompts")
    """Folder of announcements, as Asterisk sees it."""
    prompts_folder: Path | None = None
    """The same folder as *we* see it, writable for us; unset: what is uploaded in the console does not get there."""
    music_class: str = "default"
    recording_format: Literal["wav", "ulaw", "alaw", "gsm"] = "wav"
    recordings: Path | None = None
    """Asterisk's recordings folder as *we* see it; unset: files are only named, not read."""

    records: Path | None = None
    """Asterisk's call records as we see them; unset: calls of the fallback are not back-filled."""
    records_every: float = Field(default=5.0, gt=0)
    """Seconds between two looks into the records."""
    records_days: float = Field(default=31.0, gt=0)
    """Records of calls that ended earlier than so many days ago are left alone, also when the bookmark was lost: these
    calls are missing in the hall's history, and the log says how many."""
    fallback_context: str = "hotline-fallback"
    """The dial plan's context for calls that came while we were away."""

    test_calls: bool = True
    """Every minute a call of our own through the dial plan to us (see `probe.py`); it is in no list and no record."""
    ping_seconds: float = Field(default=5.0, gt=0, le=60)
    ping_timeout: float = Field(default=6.0, gt=0, le=60)
    """A silent link is noticed after `ping_seconds + ping_timeout` at the latest."""
    rest_connections: int = Field(default=8, ge=1, le=64)
    rest_timeout: float = Field(default=5.0, gt=0, le=60)

    browser_url: Annotated[str, StringConstraints(pattern=r"^(wss?://\S+|/\S+)?$")] = ""
    """Where browser phones register: `/asterisk/ws` at the host that serves the console, or an address of its own:
    `wss://phones.example/ws`, `ws://127.0.0.1:8088/ws` on loopback."""
    browser_domain: str = "hotline"
    """The part behind the @ of a browser phone's SIP address."""
    phone_passwords: str = ""
    """Reference to the JSON object extension → SIP password that `adapters.asterisk.configure` keeps."""

    @field_validator("outside_pattern")
    @classmethod
    def _readable(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"不是正则表达式（{error}）") from error
        return pattern

    @field_validator("url")
    @classmethod
    def _private(cls, url: str) -> str:
        """The password travels with every request."""
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("不在本机的 Asterisk 只能用 https")
        return url
