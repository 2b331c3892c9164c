from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gateway_samples import MAPPINGS, SECRETS

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
        if dialect == "mapped":
            keys.setdefault("mapping", str(MAPPINGS / "json-example.toml"))
        settings = GatewaySettings.model_validate({"dialect": dialect, **keys})
        built = PLUGIN.build(AdapterName("gw-1"), settings, Site(state_dir=tmp_path, secret=SECRETS.__getitem__))
        assert isinstance(built, GatewayPush)
        return built

    return build


@pytest.fixture
def mapped(gateway: Callable[..., GatewayPush], tmp_path: Path) -> Callable[..., GatewayPush]:
    """Builds a gateway with one of the example mappings, changed where a test says so."""

    def build(name: str, *changes: tuple[str, str], **keys: Any) -> GatewayPush:
        text = (MAPPINGS / f"{name}-example.toml").read_text("utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / "mapping.toml"
        file.write_text(text, "utf-8")
        return gateway("mapped", mapping=str(file), **keys)

    return build
