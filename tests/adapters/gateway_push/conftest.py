from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gateway_samples import SECRETS

from adapters.gateway_push.adapter import GatewayPush
from adapters.gateway_push.plugin import PLUGIN
from adapters.gateway_push.settings import GatewaySettings
from adapters.registry import Site
from adapters.telephony import AdapterName


@pytest.fixture
def gateway(tmp_path: Path) -> Callable[..., GatewayPush]:
    """Builds a gateway the way the registry does."""

    def build(dialect: str = "standard", **keys: Any) -> GatewayPush:
        if dialect == "standard":
            keys.setdefault("secrets", ["env:NEW", "env:OLD"])
        elif dialect == "yeastar-p":
            keys.setdefault("secrets", ["env:YEASTAR"])
        else:
            keys.setdefault("tokens", ["env:TOKEN"])
        settings = GatewaySettings.model_validate({"dialect": dialect, **keys})
        built = PLUGIN.build(AdapterName("gw-1"), settings, Site(state_dir=tmp_path, secret=SECRETS.__getitem__))
        assert isinstance(built, GatewayPush)
        return built

    return build
