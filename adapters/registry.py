"""Finding adapters by entry point, and building them from validated settings.

`[adapters.card-1] kind = "asterisk"` → entry point `asterisk` of the group `hotline.telephony` → its `PLUGIN`. Only the
kinds that the settings name are imported, so a machine without some library starts as long as nobody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

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
class Plugin:
    """One kind of adapter: how it is called, what its settings are, how it is built."""

    kind: str
    settings: type[BaseModel]
    build: Callable[[AdapterName, Any, Site], TelephonyAdapter]


def find(kind: str, group: str = TELEPHONY) -> Plugin:
    """The plug-in of that kind. Raises `Misconfigured` when nobody provides it, or when it cannot be loaded."""
    found = [point for point in entry_points(group=group) if point.name == kind]
    if not found:
        known = ", ".join(sorted(point.name for point in entry_points(group=group))) or "none"
        raise Misconfigured(f"no adapter of kind {kind!r} is installed (installed: {known})")
    try:
        plugin = found[0].load()
    except Exception as error:
        raise Misconfigured(f"adapter kind {kind!r} ({found[0].value}) cannot be loaded: {error}") from error
    if not isinstance(plugin, Plugin):
        raise Misconfigured(f"{found[0].value} is not a Plugin")
    return plugin


def build(name: str, table: Mapping[str, Any], site: Site) -> TelephonyAdapter:
    """The adapter of one `[adapters.NAME]` table. Raises `Misconfigured` naming the key that is wrong."""
    keys = dict(table)
    kind = keys.pop("kind", None)
    if not isinstance(kind, str):
        raise Misconfigured(f"[adapters.{name}]: the key 'kind' is missing")
    plugin = find(kind)
    try:
        settings = plugin.settings.model_validate(keys)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(f"[adapters.{name}] {where}: {first['msg']}") from error
    return plugin.build(AdapterName(name), settings, site)
