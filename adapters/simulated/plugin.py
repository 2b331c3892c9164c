"""How the registry builds a simulated hall."""

from __future__ import annotations

from adapters.registry import Plugin, Site
from adapters.simulated.adapter import SimulatedAdapter
from adapters.simulated.settings import SimulatedSettings
from adapters.telephony import AdapterName


def build(name: AdapterName, settings: SimulatedSettings, site: Site) -> SimulatedAdapter:
    """The adapter; it writes below the state directory only."""
    return SimulatedAdapter(name, settings, site.state_dir / "adapters" / name)


PLUGIN = Plugin(kind="simulated", settings=SimulatedSettings, build=build)
