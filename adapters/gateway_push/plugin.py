"""How the registry builds a pushing gateway."""

from __future__ import annotations

from adapters.gateway_push.adapter import GatewayPush
from adapters.gateway_push.admission import Admission
from adapters.gateway_push.mapping_file import read_mapping
from adapters.gateway_push.settings import GatewaySettings
from adapters.registry import Plugin, Site
from adapters.telephony import AdapterName


def build(name: AdapterName, settings: GatewaySettings, site: Site) -> GatewayPush:
    """The adapter, with its secrets resolved and its mapping read. Raises `Misconfigured` when one of them cannot be
    read or is malformed."""
    admission = Admission.of(
        settings.dialect,
        secrets=[site.secret(ref) for ref in settings.secrets],
        tokens=[site.secret(ref) for ref in settings.tokens],
        networks=settings.networks,
    )
    mapping = read_mapping(settings.mapping) if settings.mapping is not None else None
    return GatewayPush(name, settings, admission, mapping)


PLUGIN = Plugin(kind="gateway-push", settings=GatewaySettings, build=build)
