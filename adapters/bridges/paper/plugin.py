"""How the registry builds a paper bridge."""

from __future__ import annotations

from adapters.bridge import BridgeName
from adapters.bridge_registry import BridgePlugin
from adapters.bridges.paper.bridge import PaperBridge
from adapters.bridges.settings import PaperSettings
from adapters.registry import Site


def build(name: BridgeName, settings: PaperSettings, site: Site) -> PaperBridge:
    """The bridge of one table."""
    return PaperBridge(name, settings, work=site.state_dir / "bridges" / name)


PLUGIN = BridgePlugin(kind="paper", settings=PaperSettings, build=build)
