"""Finding bridges by entry point, and building them from validated settings.

`[bridges.city] kind = "line12345"` → entry point `line12345` of the group `hotline.bridges` → its `PLUGIN`. Only the
kinds that the settings name are imported.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from adapters.bridge import Bridge, BridgeName
from adapters.complaints import SEE, complaint, suggestion
from adapters.errors import Misconfigured
from adapters.registry import Site

BRIDGES: Final = "hotline.bridges"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRun:
    """What a simulated receiver (演练对端) is to be, and whom it tells."""

    state: Path
    """Its ledger, and its folders; kept from run to run."""
    scenario: Path | None = None
    """A scenario file; None: everything goes well."""
    over: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What is said over the file."""
    port: int = 0
    """Port on this machine for its HTTP side, 0 for any."""
    secret: str = ""
    """`whsec_…`, shared; empty: signatures are not checked, and callbacks not signed."""
    callback: str = ""
    """Where it pushes news; empty: nowhere."""
    folder: bool = False
    """It reads `state/to-peer` and writes `state/from-peer`."""
    table: str = ""
    """SQLAlchemy URL of a shared database in which it makes its tables; empty: none."""
    ready: Callable[[str], None] = print
    """Told the address once it can be called."""
    tell: Callable[[dict[str, object]], None] = lambda _: None
    """Told what really happened, an entry of its ledger at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgePlugin:
    """One kind of bridge: how it is called, what its settings are, how it is built."""

    kind: str
    settings: type[BaseModel]
    build: Callable[[BridgeName, Any, Site], Bridge]
    simulate: Callable[[PeerRun], Coroutine[Any, Any, None]] | None = None
    """Be the other side, until cancelled."""


def plugins() -> list[BridgePlugin]:
    """Every kind that can be loaded on this machine."""
    found: list[BridgePlugin] = []
    for point in entry_points(group=BRIDGES):
        with suppress(Misconfigured):
            found.append(find(point.name))
    return found


def find(kind: str) -> BridgePlugin:
    """The plug-in of that kind. Raises `Misconfigured` when nobody provides it, or when it cannot be loaded."""
    points = entry_points(group=BRIDGES)
    found = [point for point in points if point.name == kind]
    if not found:
        raise Misconfigured(f"没有安装 {kind!r} 这一种类{suggestion(kind, sorted({point.name for point in points}))}")
    try:
        plugin = found[0].load()
    except Exception as error:
        raise Misconfigured(f"种类 {kind!r}（{found[0].value}）无法载入：{error}") from error
    if not isinstance(plugin, BridgePlugin):
        raise Misconfigured(f"种类 {kind!r}（{found[0].value}）不是对接桥插件")
    return plugin


def build(name: str, table: Mapping[str, Any], site: Site) -> Bridge:
    """The bridge of one `[bridges.NAME]` table; it writes only below `state_dir / "bridges" / name`.

    Raises `Misconfigured`: a line for each key that is wrong, in Chinese, beginning with the table's name.
    """
    keys = dict(table)
    kind = keys.pop("kind", None)
    if not isinstance(kind, str):
        raise Misconfigured(f"[bridges.{name}] 缺少 kind：请写明对接桥的种类，{SEE}")
    try:
        plugin = find(kind)
    except Misconfigured as error:
        raise Misconfigured(f"[bridges.{name}] kind：{error}") from error
    try:
        settings = plugin.settings.model_validate(keys)
    except ValidationError as error:
        known = [field for field in plugin.settings.model_fields if field not in keys]
        lines = (complaint(".".join(map(str, each["loc"])), each, known) for each in error.errors())
        raise Misconfigured("\n".join(f"[bridges.{name}] {line}" for line in lines)) from error
    try:
        return plugin.build(BridgeName(name), settings, site)
    except Misconfigured as error:
        raise Misconfigured("\n".join(f"[bridges.{name}] {line}" for line in str(error).splitlines())) from error
