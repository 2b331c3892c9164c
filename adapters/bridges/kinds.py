"""How is a bridge of a mapping and a way put together from its settings?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from adapters.bridge import Bridge, BridgeName
from adapters.bridge_registry import BridgePlugin, PeerRun
from adapters.bridges.mapped import MAX_BODY_BYTES, MappedBridge, Rules
from adapters.bridges.mapping import BridgeMapping
from adapters.bridges.mapping_file import read_mapping
from adapters.bridges.settings import BridgeSettings, CallbackSettings, HttpSettings
from adapters.bridges.signing import Doorkeeper, key_of, token_of
from adapters.bridges.transports.folder import FolderTransport
from adapters.bridges.transports.http import HttpTransport
from adapters.bridges.transports.table import TableTransport
from adapters.bridges.transports.transport import Transport
from adapters.errors import Misconfigured
from adapters.registry import Site

T = TypeVar("T")

WAYS = ("http", "folder", "table")


def mapped(
    kind: str, *, mapping: Path | None, rules: Rules, ways: Sequence[str] = WAYS, voice_only: bool = False
) -> BridgePlugin:
    """The plug-in of a kind. `mapping`: the one it comes with; None: a site must bring its own. `voice_only`: it may
    do without a way, if it has a number."""

    def build(name: BridgeName, settings: BridgeSettings, site: Site) -> Bridge:
        chosen = settings.ways
        if odd := [way for way in chosen if way not in ways]:
            raise Misconfigured(f"{odd[0]}：{kind} 不走这条路，请改用 {'、'.join(ways)}，或换一种 kind")
        if not chosen and not (voice_only and settings.dials):
            more = "，或只写 dials（只转通话）" if voice_only else ""
            raise Misconfigured(f"缺少 {'、'.join(ways)}：请写明走哪条路{more}")
        file = settings.mapping or mapping
        if file is None:
            raise Misconfigured(f"缺少 mapping：{kind} 没有通用的格式，请写明映射文件的路径")
        table = read_mapping(file)
        if settings.callback is not None and table.news is None:
            raise Misconfigured("callback：映射文件没有 [news]，收到回告也读不懂：请补上，或删去 [callback]")
        return MappedBridge(
            name,
            mapping=table,
            transport=_transport(name, settings, table, site),
            rules=rules,
            dials=settings.dials,
            doorkeeper=_doorkeeper(settings.callback, site) if settings.callback is not None else None,
            max_body_bytes=settings.callback.max_body_bytes if settings.callback is not None else MAX_BODY_BYTES,
        )

    return BridgePlugin(kind=kind, settings=BridgeSettings, build=build, simulate=_simulate)


async def _simulate(run: PeerRun) -> None:
    # A web server that no bridge needs.
    from adapters.bridges.peer import run_peer

    await run_peer(run)


def _transport(name: str, settings: BridgeSettings, mapping: BridgeMapping, site: Site) -> Transport | None:
    if settings.http is not None:
        return _http(settings.http, mapping, site)
    if settings.folder is not None:
        return FolderTransport(settings.folder, mapping, work=site.state_dir / "bridges" / name)
    if settings.table is not None:
        return TableTransport(settings.table, mapping, url=_read("table.url", settings.table.url, site, str))
    return None


def _http(settings: HttpSettings, mapping: BridgeMapping, site: Site) -> HttpTransport:
    return HttpTransport(
        settings,
        mapping,
        key=_read("http.secret", settings.secret, site, lambda text: key_of(text, "http.secret"))
        if settings.secret is not None
        else None,
        token=_read("http.token", settings.token, site, lambda text: token_of(text, "http.token"))
        if settings.token is not None
        else None,
    )


def _doorkeeper(settings: CallbackSettings, site: Site) -> Doorkeeper:
    where = "callback.secrets", "callback.tokens"
    return Doorkeeper(
        keys=tuple(_read(where[0], each, site, lambda text: key_of(text, where[0])) for each in settings.secrets),
        tokens=tuple(_read(where[1], each, site, lambda text: token_of(text, where[1])) for each in settings.tokens),
        networks=tuple(settings.networks),
    )


def _read(where: str, reference: str, site: Site, read: Callable[[str], T]) -> T:
    """A secret, named by the key that refers to it when it cannot be read."""
    try:
        text = site.secret(reference)
    except Misconfigured as error:
        raise Misconfigured(f"{where}：{error}") from error
    return read(text)
