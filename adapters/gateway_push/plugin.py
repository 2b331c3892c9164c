"""How the registry builds a pushing gateway."""

from __future__ import annotations

from adapters.errors import Misconfigured
from adapters.gateway_push.adapter import GatewayPush
from adapters.gateway_push.admission import Admission
from adapters.gateway_push.dialects import API_PATHS, Dialect
from adapters.gateway_push.mapping import GatewayMapping
from adapters.gateway_push.mapping_file import read_mapping
from adapters.gateway_push.pull_csv import CsvList
from adapters.gateway_push.pull_dinstar import DinstarList
from adapters.gateway_push.pull_http import Device
from adapters.gateway_push.pull_mapped import MappedList
from adapters.gateway_push.pull_settings import PullSettings
from adapters.gateway_push.pull_yeastar import YeastarList
from adapters.gateway_push.pulling import Pulling, Source
from adapters.gateway_push.settings import GatewaySettings
from adapters.registry import Plugin, Site
from adapters.telephony import AdapterName


def build(name: AdapterName, settings: GatewaySettings, site: Site) -> GatewayPush:
    """The adapter, with its secrets resolved and its mapping read. Raises `Misconfigured` when one of them cannot be
    read or is malformed."""
    tokens = [site.secret(ref) for ref in settings.tokens]
    admission = Admission.of(
        settings.dialect,
        secrets=[site.secret(ref) for ref in settings.secrets],
        tokens=tokens,
        networks=settings.networks,
    )
    mapping = read_mapping(settings.mapping) if settings.mapping is not None else None
    pulling = None
    if settings.pull is not None:
        pulling = _pulling(settings, settings.pull, mapping, _password(settings.pull, site), tokens)
    return GatewayPush(name, settings, admission, mapping, pulling)


def _pulling(
    settings: GatewaySettings, pull: PullSettings, mapping: GatewayMapping | None, password: str, tokens: list[str]
) -> Pulling:
    device = Device(pull, settings.zone)
    path = pull.path if pull.path is not None else API_PATHS.get(settings.dialect, "")
    source: Source
    match settings.dialect:
        case Dialect.DINSTAR:
            source = DinstarList(device, pull, path, password, settings.zone)
        case Dialect.YEASTAR_P:
            source = YeastarList(device, pull, path, password, settings.zone)
        case Dialect.YEASTAR_S:
            report_url = pull.report_url or ""
            if "{token}" in report_url and not tokens:
                raise Misconfigured("pull.report_url：其中有 {token}，但没有写 tokens")
            report_url = report_url.replace("{token}", tokens[0].strip() if tokens else "")
            source = CsvList(device, pull, path, password, settings.zone, report_url)
        case _:
            if mapping is None or mapping.pull is None:
                raise Misconfigured(f"pull：映射文件 {settings.mapping} 中没有 [pull] 段：请写明怎样查询话单")
            if mapping.pull.auth != "none" and not password:
                raise Misconfigured("pull：缺少 password：映射文件的 [pull] 写明了 auth，请写明密码或令牌的出处")
            source = MappedList(device, pull, mapping, mapping.pull, password, settings.zone)
    return Pulling(device, source, pull.every_seconds)


def _password(pull: PullSettings, site: Site) -> str:
    if not pull.password:
        return ""
    try:
        return site.secret(pull.password).strip()
    except Misconfigured as error:
        raise Misconfigured(f"pull.password：{error}") from error


PLUGIN = Plugin(kind="gateway-push", settings=GatewaySettings, build=build)
