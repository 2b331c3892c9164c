"""How the registry builds an adapter that listens to a FreeSWITCH."""

from __future__ import annotations

from adapters.errors import Misconfigured
from adapters.freeswitch.adapter import Freeswitch
from adapters.freeswitch.settings import FreeswitchSettings
from adapters.freeswitch.simulator import DIALECT, simulate
from adapters.registry import Plugin, Site
from adapters.telephony import AdapterName


def build(name: AdapterName, settings: FreeswitchSettings, site: Site) -> Freeswitch:
    """The adapter; nothing is opened yet. Raises `Misconfigured` for a password that cannot be read or sent."""
    password = site.secret(settings.password)
    if not password or not password.isprintable():
        raise Misconfigured("password：密码为空，或含有换行等不能发送的字符")
    return Freeswitch(name, settings, password)


PLUGIN = Plugin(kind="freeswitch", settings=FreeswitchSettings, build=build, simulate=simulate, simulated=(DIALECT,))
