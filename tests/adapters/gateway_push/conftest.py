from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A device's own certificate for 127.0.0.1, signed by nobody, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gateway")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"
