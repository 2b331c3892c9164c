"""The platforms that the settings name, with their secrets read."""

from __future__ import annotations

from adapters.bridges.signing import Doorkeeper, key_of
from adapters.errors import Misconfigured
from hotline.network.platform import Platform
from hotline.settings import Settings, SettingsWrong, config_file
from hotline.settings_used import secret


def platforms(settings: Settings) -> dict[str, Platform]:
    """Each network platform. Raises `SettingsWrong`."""
    made: dict[str, Platform] = {}
    for name, table in settings.network.items():
        try:
            keys = tuple(key_of(secret(each), "secrets") for each in table.secrets)
        except Misconfigured as error:
            raise SettingsWrong(f"{config_file()} [network.{name}] {error}") from error
        made[name] = Platform(
            name=name,
            hall=table.hall or next(iter(settings.halls)),
            label=table.label,
            door=Doorkeeper(keys=keys, networks=tuple(table.networks)),
            per_minute=table.per_minute,
            per_day=table.per_day,
            per_citizen_day=table.per_citizen_day,
            matters=frozenset(table.may_file),
            news_url=table.news_url,
            news_key=keys[0],
        )
    return made
