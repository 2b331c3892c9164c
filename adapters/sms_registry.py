"""Finding gateways for text messages by entry point, and building them from validated settings.

`[sms.city] kind = "http"` → entry point `http` of the group `hotline.sms` → its `PLUGIN`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from adapters.complaints import SEE, complaint, suggestion
from adapters.errors import Misconfigured
from adapters.registry import Site
from adapters.sms_gateway import GatewayName, SmsGateway

GATEWAYS: Final = "hotline.sms"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsPlugin:
    """One kind of gateway: how it is called, what its settings are, how it is built."""

    kind: str
    settings: type[BaseModel]
    build: Callable[[GatewayName, Any, Site], SmsGateway]


def find(kind: str) -> SmsPlugin:
    """The plug-in of that kind. Raises `Misconfigured` when nobody provides it, or when it cannot be loaded."""
    points = entry_points(group=GATEWAYS)
    found = [point for point in points if point.name == kind]
    if not found:
        raise Misconfigured(f"没有安装 {kind!r} 这一种类{suggestion(kind, sorted({point.name for point in points}))}")
    try:
        plugin = found[0].load()
    except Exception as error:
        raise Misconfigured(f"种类 {kind!r}（{found[0].value}）无法载入：{error}") from error
    if not isinstance(plugin, SmsPlugin):
        raise Misconfigured(f"种类 {kind!r}（{found[0].value}）不是短信网关插件")
    return plugin


def build(name: str, table: Mapping[str, Any], site: Site) -> SmsGateway:
    """The gateway of one `[sms.NAME]` table.

    Raises `Misconfigured`: a line for each key that is wrong, in Chinese, beginning with the table's name.
    """
    keys = dict(table)
    kind = keys.pop("kind", None)
    if not isinstance(kind, str):
        raise Misconfigured(f"[sms.{name}] 缺少 kind：请写明短信网关的种类，{SEE}")
    try:
        plugin = find(kind)
        settings = plugin.settings.model_validate(keys)
        return plugin.build(GatewayName(name), settings, site)
    except ValidationError as error:
        known = [field for field in find(kind).settings.model_fields if field not in keys]
        lines = (complaint(".".join(map(str, each["loc"])), each, known) for each in error.errors())
        raise Misconfigured("\n".join(f"[sms.{name}] {line}" for line in lines)) from error
    except Misconfigured as error:
        raise Misconfigured("\n".join(f"[sms.{name}] {line}" for line in str(error).splitlines())) from error
