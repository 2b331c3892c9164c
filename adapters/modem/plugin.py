"""How the registry builds an adapter of voice modems."""

from __future__ import annotations

from adapters.modem.adapter import ModemAdapter
from adapters.modem.settings import ModemSettings
from adapters.modem.simulator import MAKES, simulate
from adapters.registry import Plugin, Site
from adapters.telephony import AdapterName


def build(name: AdapterName, settings: ModemSettings, site: Site) -> ModemAdapter:
    """The adapter; nothing is opened yet, and it writes below the state directory only."""
    return ModemAdapter(name, settings, site.state_dir / "adapters" / name)


PLUGIN = Plugin(kind="modem", settings=ModemSettings, build=build, simulate=simulate, simulated=tuple(sorted(MAKES)))
