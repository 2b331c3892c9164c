"""The entry point `card` of the group `hotline.telephony`."""

from __future__ import annotations

from adapters.card.adapter import CardAdapter
from adapters.card.settings import CardSettings
from adapters.card.simulator import simulate
from adapters.registry import Plugin, Site
from adapters.telephony import AdapterName

PASSWORD = "CARD_PASSWORD"
"""As `host.py` expects it."""


def build(name: AdapterName, settings: CardSettings, site: Site) -> CardAdapter:
    """The adapter; raises `Misconfigured` when the password cannot be read."""
    arguments = [settings.vendor, "--library", str(settings.library)]
    if settings.config is not None:
        arguments += ["--config", str(settings.config)]
    if settings.server:
        arguments += ["--server", settings.server, "--user", settings.user]
    secrets = {PASSWORD: site.secret(settings.password).strip()} if settings.password else {}
    return CardAdapter(name, settings, arguments, secrets, site.state_dir / "adapters" / name)


PLUGIN = Plugin(kind="card", settings=CardSettings, build=build, simulate=simulate, simulated=("keygoe", "shp_a3"))
