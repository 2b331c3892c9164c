"""The kind `http`: a gateway that is called by HTTP with signed JSON."""

from __future__ import annotations

from adapters.bridges.signing import Doorkeeper, key_of, token_of
from adapters.registry import Site
from adapters.sms.http import HttpGateway
from adapters.sms.settings import SmsHttpSettings
from adapters.sms_gateway import GatewayName
from adapters.sms_registry import SmsPlugin


def _build(name: GatewayName, settings: SmsHttpSettings, site: Site) -> HttpGateway:
    receipts, door = settings.receipts, None
    if receipts is not None:
        door = Doorkeeper(
            keys=tuple(key_of(site.secret(each), "receipts.secrets") for each in receipts.secrets),
            tokens=tuple(token_of(site.secret(each), "receipts.tokens") for each in receipts.tokens),
            networks=tuple(receipts.networks),
        )
    return HttpGateway(
        name,
        settings,
        key=key_of(site.secret(settings.secret), "secret") if settings.secret is not None else None,
        token=token_of(site.secret(settings.token), "token") if settings.token is not None else None,
        door=door,
    )


PLUGIN = SmsPlugin(kind="http", settings=SmsHttpSettings, build=_build)
