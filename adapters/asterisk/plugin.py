"""The entry point `asterisk` of the group `hotline.telephony`."""

from __future__ import annotations

import msgspec

from adapters.asterisk.accounts import Accounts
from adapters.asterisk.adapter import AsteriskAdapter
from adapters.asterisk.settings import AsteriskSettings
from adapters.errors import Misconfigured
from adapters.registry import Plugin, Site
from adapters.telephony import AdapterName


def build(name: AdapterName, settings: AsteriskSettings, site: Site) -> AsteriskAdapter:
    """The adapter; raises `Misconfigured` when a secret cannot be read."""
    passwords: dict[str, str] = {}
    if settings.phone_passwords:
        try:
            passwords = msgspec.json.decode(site.secret(settings.phone_passwords), type=dict[str, str])
        except msgspec.MsgspecError as error:
            raise Misconfigured(
                f"phone_passwords：文件应为 adapters.asterisk.configure 写出的 phones.json（{error}）"
            ) from error
    return AsteriskAdapter(
        name, settings, site.secret(settings.password).strip(), site.state_dir, Accounts(settings, passwords)
    )


PLUGIN = Plugin(kind="asterisk", settings=AsteriskSettings, build=build)
