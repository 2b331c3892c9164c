"""What a site says about a gateway's call list: `[adapters.NAME.pull]`, where it is fetched, as whom, how often."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from adapters.complaints import suggestion
from adapters.gateway_push.mapping_parts import EPOCH
from adapters.gateway_push.mapping_parts import time_format as known_format


def _address(url: str) -> str:
    parts = urlsplit(url)
    try:
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.username or parts.query or parts.fragment or parts.path not in ("", "/"):
        raise ValueError("应为 http(s)://地址:端口，不带路径、用户名和密码")
    return url.rstrip("/")


def _path(path: str) -> str:
    if not path.startswith("/") or any(sign in path for sign in "?#\\ ") or ".." in path:
        raise ValueError("应为以 / 开头的路径，不带问号")
    return path.rstrip("/")


def _report(url: str) -> str:
    if "/gateways/" not in url:
        raise ValueError("应为本系统接收推送的完整地址，如 10.1.0.5:8348/api/v1/gateways/gw-1/events?token={token}")
    return url


class PullSettings(BaseModel):
    """The table; `password` is a reference (`file:…`, `env:…`), never a value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, AfterValidator(_address)]
    """The device as its own web page is reached: `https://10.1.0.20:8088`."""
    username: Annotated[str, Field(max_length=128)] = ""
    """User name (Yeastar P: client id)."""
    password: str = ""
    """Password (Yeastar P: client secret; a mapped gateway with `auth = "bearer"`: the token)."""
    verify: StrictBool | Path = True
    """The device's certificate: checked against the system's authorities, against this file (PEM), or not at all."""
    every_seconds: float = Field(default=300.0, ge=30.0, le=86_400.0)
    timeout_seconds: float = Field(default=10.0, ge=1.0, le=120.0)
    """Without a sign from the device for so long: no answer."""
    path: Annotated[str, AfterValidator(_path)] | None = None
    """Where the API is; unset: where the dialect's manual says. A mapped gateway's is in its mapping file."""
    time_format: Annotated[str, AfterValidator(known_format)] = EPOCH
    """Yeastar P: how its interface wants times. Firmware that does not know Unix seconds wants the display format of
    the PBX, such as `%Y/%m/%d %H:%M:%S`."""
    serial: Annotated[str, Field(max_length=32)] = ""
    """Yeastar: the serial number (`sn`) in its pushes; unset: the device is asked."""
    report_url: Annotated[str, AfterValidator(_report)] | None = None
    """Yeastar S: where the device is to push to, told at each login because a login sets it. The manual prints it
    without `http://`. `{token}` stands for the first of the gateway's tokens."""
    longest_call_minutes: int = Field(default=240, ge=1, le=1440)
    """Lists go by the beginning of a call; calls that ended lately may have begun so long ago."""
    max_calls: int = Field(default=20_000, ge=100, le=200_000)
    """A list of more lines is refused: the device does not heed the times it was given."""
    page_lines: int = Field(default=500, ge=10, le=10_000)
    """Yeastar P: lines to a page."""

    @model_validator(mode="before")
    @classmethod
    def _known(cls, table: object) -> object:
        known = list(cls.model_fields)
        for key in cast("dict[str, object]", table) if isinstance(table, dict) else ():
            if key not in known:
                raise ValueError(f"没有 {key} 这一项，请删去或改正{suggestion(key, known)}")
        return table
