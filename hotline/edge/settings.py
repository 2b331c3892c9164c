"""What is set on an edge (边缘机): one TOML file, secrets by reference. Unknown keys are errors."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from adapters import registry
from adapters.errors import Misconfigured
from adapters.telephony import AdapterName, Ingests, TelephonyAdapter
from adapters.toml_words import what_is_wrong
from hotline.carried import refuse_to_carry
from hotline.edge.protocol import PATH
from hotline.settings import LINE_KEYS, Name
from hotline.settings_used import secret, shared_secret
from hotline.settings_words import SettingsWrong, located, why

EXAMPLE: Final = "写法见 deploy/edge.example.toml"
MEGABYTE: Final = 1024 * 1024


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PushTable(_Table):
    """`[push]`: where gateways push to."""

    host: str = "0.0.0.0"
    port: int = Field(default=8349, ge=0, le=65535)
    """0: any that is free, for tests."""
    tls_certificate: Path | None = None
    tls_key: Path | None = None


class EdgeSettings(_Table):
    """Everything that is set on an edge."""

    name: Name
    """As the core calls it: `[edges.NAME]`."""
    core: Annotated[str, Field(pattern=r"^wss?://[^\s/?#@]+(/[^\s?#]*)?$")]
    """`wss://12348.example.gov.cn`; the path is added."""
    secret: str = Field(pattern=r"^(file|env):.+$")
    ca: Path | None = None
    """Certificates of an authority of one's own, which the core's certificate is checked with."""
    state_dir: Path = Path("var/edge")
    spool_mb: int = Field(default=1024, ge=16, le=1_000_000)
    """What may wait for the core, of each line: several of a gateway's longest deliveries at least."""
    log: Literal["auto", "json", "text"] = "auto"
    push: PushTable = PushTable()
    adapters: dict[Name, dict[str, Any]] = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def _private(self) -> Self:
        if self.core.startswith("ws://") and not _is_here(urlsplit(self.core).hostname or ""):
            raise ValueError("core：不在本机的中心只能用 wss://，来电号码不能明文经过网络")
        return self

    @property
    def url(self) -> str:
        """Where the core is connected to."""
        return self.core if urlsplit(self.core).path.rstrip("/") else self.core.rstrip("/") + PATH

    @property
    def limit_bytes(self) -> int:
        """Of each line's spool."""
        return self.spool_mb * MEGABYTE


def load(path: Path) -> EdgeSettings:
    """Read the settings. Raises `SettingsWrong`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsWrong(f"边缘机的配置文件 {path} 无法读取：{why(error)}；{EXAMPLE}") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsWrong(f"配置文件 {path} 无法读取：{what_is_wrong(text, error)}") from error
    try:
        return EdgeSettings.model_validate(table)
    except ValidationError as error:
        raise SettingsWrong("\n✗ ".join(located(each, EdgeSettings, str(path)) for each in error.errors())) from error


def lines(settings: EdgeSettings, source: Path) -> Mapping[AdapterName, TelephonyAdapter]:
    """Each adapter; nothing is opened yet. The core's keys may stay in a table that was copied from there. Raises
    `SettingsWrong`."""
    site = registry.Site(state_dir=settings.state_dir, secret=secret)
    made: dict[AdapterName, TelephonyAdapter] = {}
    wrong: list[str] = []
    for name, table in settings.adapters.items():
        try:
            adapter = registry.build(name, {key: each for key, each in table.items() if key not in LINE_KEYS}, site)
            refuse_to_carry(adapter)
            made[AdapterName(name)] = adapter
        except Misconfigured as error:
            wrong += [f"{source} {line}" for line in str(error).splitlines()]
    if wrong:
        raise SettingsWrong("\n✗ ".join(wrong))
    return made


def secret_of(settings: EdgeSettings, source: Path) -> str:
    """What the edge proves that it knows. Raises `SettingsWrong`."""
    try:
        return shared_secret(settings.secret)
    except Misconfigured as error:
        raise SettingsWrong(f"{source} secret：{error}") from error


def is_pushed_to(adapter: TelephonyAdapter) -> bool:
    """Its gateway pushes over HTTP."""
    return isinstance(adapter, Ingests)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
