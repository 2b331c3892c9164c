"""The entry point `asterisk` of the group `hotline.telephony`."""

from __future__ import annotations

from adapters.asterisk.adapter import AsteriskAdapter
from adapters.asterisk.settings import AsteriskSettings
from adapters.registry import Plugin, Site
from adapters.telephony import AdapterName


def build(name: AdapterName, settings: AsteriskSettings, site: Site) -> AsteriskAdapter:
    """The adapter; raises `Misconfigured` when the password cannot be read."""
    return AsteriskAdapter(name, settings, site.secret(settings.password).strip(), site.state_dir)


PLUGIN = Plugin(kind="asterisk", settings=AsteriskSettings, build=build)
