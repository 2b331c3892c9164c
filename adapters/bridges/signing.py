"""Who sent this? Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, for what we send and for what we are sent.

What is captured on the way is worth nothing five minutes later, and until then says only what was said already.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

import msgspec

from adapters.errors import Misconfigured, NotAdmitted

Network = IPv4Network | IPv6Network

PEER: Final = ":peer"
"""Pseudo header that the HTTP route adds: the sender's address. A real header name cannot start with a colon."""
TOLERANCE_SECONDS: Final = 300
MAX_SIGNATURES: Final = 8
"""More than any change-over needs; each one costs a comparison."""


class Reason(StrEnum):
    """Why a callback was not admitted: the text of `NotAdmitted`, a metric label, never shown to the sender."""

    NETWORK = "network_not_allowed"
    PEER_UNKNOWN = "peer_unknown"
    TOKEN_MISSING = "token_missing"
    TOKEN_WRONG = "token_wrong"
    SIGNATURE_MISSING = "signature_missing"
    SIGNATURE_WRONG = "signature_wrong"
    TIMESTAMP_BAD = "timestamp_bad"
    TIMESTAMP_STALE = "timestamp_stale"
    TIMESTAMP_AHEAD = "timestamp_ahead"


class Doorkeeper(msgspec.Struct, frozen=True, kw_only=True):
    """The checks of one receiver's callbacks. Every check that is configured must pass."""

    keys: tuple[bytes, ...] = ()
    tokens: tuple[bytes, ...] = ()
    networks: tuple[Network, ...] = ()

    def check(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raises `NotAdmitted` with a `Reason`. Header names are lower-case; time does not depend on the secrets."""
        if self.networks:
            _check_network(headers.get(PEER), self.networks)
        if self.tokens:
            _check_token(headers, self.tokens)
        if self.keys:
            _check_signature(headers, body, now, self.keys)


def key_of(secret: str, where: str) -> bytes:
    """The signing key in `whsec_…`. Raises `Misconfigured`."""
    try:
        key = base64.b64decode(secret.strip().removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Misconfigured(f"{where}：签名密钥应为 whsec_ 加上 24 到 64 个随机字节的 base64") from error
    if not 24 <= len(key) <= 64:
        raise Misconfigured(f"{where}：签名密钥应有 24 到 64 个字节")
    return key


def token_of(secret: str, where: str) -> bytes:
    """A token in bytes. Raises `Misconfigured`."""
    token = secret.strip()
    if len(token) < 16 or not token.isascii() or not token.isprintable():
        raise Misconfigured(f"{where}：令牌至少要有 16 个 ASCII 字符")
    return token.encode()


def signed(key: bytes, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers."""
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": _signature(key, message, stamp, body).decode(),
    }


def _signature(key: bytes, message: str, stamp: str, body: bytes) -> bytes:
    over = b".".join((_bytes(message), stamp.encode(), body))
    return b"v1," + base64.b64encode(hmac.digest(key, over, hashlib.sha256))


def _check_network(peer: str | None, networks: Sequence[Network]) -> None:
    try:
        address = ip_address(peer or "")
    except ValueError:
        raise NotAdmitted(Reason.PEER_UNKNOWN) from None
    # A dual-stack socket shows IPv4 senders as ::ffff:a.b.c.d.
    mapped = getattr(address, "ipv4_mapped", None) or address
    if not any(mapped in network for network in networks):
        raise NotAdmitted(Reason.NETWORK)


def _check_token(headers: Mapping[str, str], tokens: Sequence[bytes]) -> None:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credentials:
        raise NotAdmitted(Reason.TOKEN_MISSING)
    if not _equals_any(_bytes(credentials.strip()), tokens):
        raise NotAdmitted(Reason.TOKEN_WRONG)


def _check_signature(headers: Mapping[str, str], body: bytes, now: datetime, keys: Sequence[bytes]) -> None:
    message, stamp, signatures = (headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (message and stamp and signatures):
        raise NotAdmitted(Reason.SIGNATURE_MISSING)
    if not re.fullmatch(r"[0-9]{1,12}", stamp):
        raise NotAdmitted(Reason.TIMESTAMP_BAD)
    age = now.timestamp() - int(stamp)
    if age > TOLERANCE_SECONDS:
        raise NotAdmitted(Reason.TIMESTAMP_STALE)
    if age < -TOLERANCE_SECONDS:
        raise NotAdmitted(Reason.TIMESTAMP_AHEAD)
    expected = [_signature(key, message, stamp, body) for key in keys]
    found = False
    # Compared as text, not decoded: several base64 spellings of one signature would otherwise all pass.
    for given in signatures.split(" ")[:MAX_SIGNATURES]:
        found |= _equals_any(_bytes(given), expected)
    if not found:
        raise NotAdmitted(Reason.SIGNATURE_WRONG)


def _equals_any(given: bytes, expected: Sequence[bytes]) -> bool:
    found = False
    for one in expected:
        found |= hmac.compare_digest(given, one)
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
