"""Finding adapters by entry point, and building them from validated settings.

`[adapters.card-1] kind = "asterisk"` → entry point `asterisk` of the group `hotline.telephony` → its `PLUGIN`. Only the
kinds that the settings name are imported, so a machine without some library starts as long as nobody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from adapters.complaints import SEE, complaint, suggestion
from adapters.errors import Misconfigured
from adapters.telephony import AdapterName, TelephonyAdapter

TELEPHONY = "hotline.telephony"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What every adapter may know of the place it runs in."""

    state_dir: Path
    """Where the service keeps its files; an adapter writes only below `state_dir / "adapters" / name`."""
    secret: Callable[[str], str]
    """Secret by reference (`file:/run/secrets/x` or `env:NAME`); raises `Misconfigured` when it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a simulated device is to do, and whom it tells."""

    dialect: str
    calls: int
    per_minute: float
    seed: int
    speed: float
    """So many times faster than life."""
    tcp: int | None
    """Port on this machine to listen at, 0 for any; None: a pseudo-terminal."""
    link: Path | None
    """Where a link to the pseudo-terminal is wanted, as under `/dev/serial/by-id`; of what is a library, its folder."""
    ready: Callable[[str], None]
    """Told the address once it can be opened."""
    tell: Callable[[dict[str, object]], None]
    """Told what really happened, a call at a time."""
    show: Callable[[str], None] = print
    """Shown the settings to use, where an address alone does not say how the device is reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One kind of adapter: how it is called, what its settings are, how it is built."""

    kind: str
    settings: type[BaseModel]
    build: Callable[[AdapterName, Any, Site], TelephonyAdapter]
    simulate: Callable[[Rehearsal], Coroutine[Any, Any, None]] | None = None
    """Be the device at the other end of the wire."""
    simulated: tuple[str, ...] = ()
    """The dialects that can be simulated."""


def plugins(group: str = TELEPHONY) -> list[Plugin]:
    """Every kind that can be loaded on this machine."""
    found: list[Plugin] = []
    for point in entry_points(group=group):
        with suppress(Misconfigured):
            found.append(find(point.name, group))
    return found


def find(kind: str, group: str = TELEPHONY) -> Plugin:
    """The plug-in of that kind. Raises `Misconfigured` when nobody provides it, or when it cannot be loaded."""
    points = entry_points(group=group)
    found = [point for point in points if point.name == kind]
    if not found:
        raise Misconfigured(f"没有安装 {kind!r} 这一种类{suggestion(kind, sorted({point.name for point in points}))}")
    try:
        plugin = found[0].load()
    except Exception as error:
        raise Misconfigured(f"种类 {kind!r}（{found[0].value}）无法载入：{error}") from error
    if not isinstance(plugin, Plugin):
        raise Misconfigured(f"种类 {kind!r}（{found[0].value}）不是适配器插件")
    return plugin


def build(name: str, table: Mapping[str, Any], site: Site) -> TelephonyAdapter:
    """The adapter of one `[adapters.NAME]` table. Raises `Misconfigured`: a line for each key that is wrong, in
    Chinese, beginning with the table's name."""
    keys = dict(table)
    kind = keys.pop("kind", None)
    if not isinstance(kind, str):
        raise Misconfigured(f"[adapters.{name}] 缺少 kind：请写明线路的种类，{SEE}")
    try:
        plugin = find(kind)
    except Misconfigured as error:
        raise Misconfigured(f"[adapters.{name}] kind：{error}") from error
    try:
        settings = plugin.settings.model_validate(keys)
    except ValidationError as error:
        known = [field for field in plugin.settings.model_fields if field not in keys]
        lines = [f"[adapters.{name}] {complaint(_key(each['loc']), each, known)}" for each in error.errors()]
        raise Misconfigured("\n".join(lines)) from error
    try:
        return plugin.build(AdapterName(name), settings, replace(site, secret=_named(site.secret, keys)))
    except Misconfigured as error:
        raise Misconfigured(f"[adapters.{name}] {str(error).removeprefix(f'[adapters.{name}] ')}") from error


def _named(secret: Callable[[str], str], table: Mapping[str, Any]) -> Callable[[str], str]:
    """A secret that cannot be read is named by the key that refers to it."""

    def read(reference: str) -> str:
        try:
            return secret(reference)
        except Misconfigured as error:
            key = next((key for key, value in table.items() if value == reference or _among(reference, value)), "")
            raise Misconfigured(f"{key}：{error}" if key else str(error)) from error

    return read


def _among(reference: str, value: object) -> bool:
    return isinstance(value, list) and reference in value


def _key(where: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in where)
