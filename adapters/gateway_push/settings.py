"""What a site says about one pushing gateway: the `[adapters.NAME]` table of kind `gateway-push`."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Dialect(StrEnum):
    """Whose bytes arrive."""

    STANDARD = "standard"
    """Our own events, signed as Standard Webhooks."""
    NEWROCK_OM = "newrock-om"
    """New Rock (迅时) OM and MX: XML events and call records (话单)."""
    YEASTAR_P = "yeastar-p"
    """Yeastar (星纵) P series."""
    YEASTAR_S = "yeastar-s"
    """Yeastar S series, K2 and Cloud PBX: the same things under other names, for an application that has logged in."""
    OPENVOX = "openvox"
    """OpenVox UC: nearly the words of the S series."""
    DINSTAR = "dinstar"
    """Dinstar (鼎信通达) UC: records of answered calls and channel faults, nothing while a call lives."""
    MAPPED = "mapped"
    """Any other, as its mapping file (映射文件) describes it."""


SIGNING = frozenset({Dialect.STANDARD, Dialect.YEASTAR_P})
"""Dialects whose deliveries are signed; the others show a token or come from a known network."""


class GatewaySettings(BaseModel):
    """Settings of one gateway; secrets are references (`file:…`, `env:…`), never values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dialect: Dialect = Dialect.STANDARD
    secrets: list[str] = Field(default=[], max_length=4)
    """Signing secrets, any of which is accepted: list the new one beside the old one while changing over."""
    tokens: list[str] = Field(default=[], max_length=4)
    """Shared tokens for devices that cannot sign; sent as `Authorization`, `X-Hotline-Token` or `?token=`."""
    networks: list[IPv4Network | IPv6Network] = []
    """Where deliveries may come from; empty means anywhere (only where there is a secret or a token as well)."""
    zone: str = "Asia/Shanghai"
    """Time zone of device times that carry none."""
    max_body_bytes: int = Field(default=256 * 1024, ge=1024, le=4 * 1024 * 1024)
    max_ahead_seconds: int = Field(default=120, ge=0, le=86_400)
    """A device time further in the future than this is taken for a wrong clock."""
    max_age_days: int = Field(default=31, ge=1, le=3_650)
    """A device time older than this is taken for a clock that was never set."""
    mapping: Path | None = None
    """The mapping file; dialect `mapped` only."""
    extension_digits: int = Field(default=4, ge=2, le=8)
    """New Rock only: numbers of at most so many digits are extensions, so their calls are internal."""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (OSError, KeyError, ValueError) as error:
            raise ValueError(f"没有时区 {zone!r}，通常为 Asia/Shanghai") from error
        return zone

    @model_validator(mode="after")
    def _guarded(self) -> GatewaySettings:
        if self.dialect is Dialect.STANDARD and not self.secrets:
            raise ValueError("缺少 secrets：dialect 为 standard 时至少要有一个签名密钥")
        if self.secrets and self.dialect not in SIGNING:
            raise ValueError(f"secrets：{self.dialect.value} 不会签名，请改用 tokens 和 networks")
        if not (self.secrets or self.tokens or self.networks):
            raise ValueError("缺少 secrets、tokens 或 networks：三者都没有时，任何人都能推送事件")
        if self.dialect is Dialect.MAPPED and self.mapping is None:
            raise ValueError(
                "缺少 mapping：dialect 为 mapped 时，请写明映射文件的路径，如 /etc/hotline/my-gateway.toml"
            )
        if self.mapping is not None and self.dialect is not Dialect.MAPPED:
            raise ValueError(f"mapping：{self.dialect.value} 不需要映射文件，请删去，或把 dialect 改为 mapped")
        return self

    @property
    def max_ahead(self) -> timedelta:
        """How far in the future a device time may lie."""
        return timedelta(seconds=self.max_ahead_seconds)

    @property
    def max_age(self) -> timedelta:
        """How old a device time may be."""
        return timedelta(days=self.max_age_days)
