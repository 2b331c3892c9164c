"""What a site says about one pushing gateway: the `[adapters.NAME]` table of kind `gateway-push`."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from adapters.gateway_push.dialects import PULLING, SIGNING, Dialect
from adapters.gateway_push.pull_settings import PullSettings

__all__ = ["SIGNING", "Dialect", "GatewaySettings"]


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
    pull: PullSettings | None = None
    """How the device's own list of calls is fetched, against which the pushes are compared."""
    not_seats: list[str] = Field(default=[], max_length=100)
    """Yeastar only: numbers that no person answers (menus, queues, mailboxes), though its records say ANSWERED."""
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
        if self.pull is not None:
            self._pulled(self.pull)
        return self

    def _pulled(self, pull: PullSettings) -> None:
        if self.dialect not in PULLING:
            known = "、".join(sorted(PULLING))
            raise ValueError(f"pull：{self.dialect.value} 没有公开的话单查询接口，请删去这一段；能查询的有 {known}")
        if self.dialect is not Dialect.MAPPED and not (pull.username and pull.password):
            raise ValueError(
                "pull：缺少 username 或 password：请写明登录设备接口的用户名，和密码的出处（file: 或 env:）"
            )
        if self.dialect is Dialect.YEASTAR_S and pull.report_url is None:
            raise ValueError("pull：缺少 report_url：登录会重设设备的推送地址，请写明本系统接收推送的完整地址")
        if self.dialect is not Dialect.YEASTAR_S and pull.report_url is not None:
            raise ValueError("pull：report_url 只用于 yeastar-s，请删去")
        if self.dialect is Dialect.MAPPED and pull.path is not None:
            raise ValueError("pull：path 写在映射文件的 [pull] 中，请从这里删去")

    @property
    def max_ahead(self) -> timedelta:
        """How far in the future a device time may lie."""
        return timedelta(seconds=self.max_ahead_seconds)

    @property
    def max_age(self) -> timedelta:
        """How old a device time may be."""
        return timedelta(days=self.max_age_days)
