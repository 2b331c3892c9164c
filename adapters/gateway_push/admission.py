"""Is this delivery from our gateway? Signatures, tokens and source networks, each with a short reason when it is not.

Standard Webhooks (our own dialect) signs `id.timestamp.body`, so a captured delivery is worth nothing after five
minutes. Yeastar's P series signs the body only and the others nothing at all; what a replay of theirs could do is
limited by stable event ids, and who could send it by a token and the networks of the devices.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import parse_qs, urlsplit

from standardwebhooks.webhooks import hmac_data

from adapters.errors import Misconfigured, NotAdmitted
from adapters.gateway_push.settings import Dialect

Network = IPv4Network | IPv6Network

PEER = ":peer"
"""Pseudo header the HTTP route adds: the sender's address. A real header name cannot start with a colon."""
PATH = ":path"
"""Pseudo header the HTTP route adds: the request target with its query."""
TOLERANCE_SECONDS = 300
MAX_SIGNATURES = 8
"""More than any change-over needs; each one costs a comparison."""


class Reason(StrEnum):
    """Why a delivery was not admitted: the text of `NotAdmitted`, what is logged; the sender reads it in Chinese."""

    NETWORK = "network_not_allowed"
    PEER_UNKNOWN = "peer_unknown"
    TOKEN_MISSING = "token_missing"
    TOKEN_WRONG = "token_wrong"
    SIGNATURE_MISSING = "signature_missing"
    SIGNATURE_WRONG = "signature_wrong"
    TIMESTAMP_BAD = "timestamp_bad"
    TIMESTAMP_STALE = "timestamp_stale"
    TIMESTAMP_AHEAD = "timestamp_ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The checks of one gateway. Every check that is configured must pass."""

    dialect: Dialect
    keys: tuple[bytes, ...] = ()
    tokens: tuple[bytes, ...] = ()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(
        cls, dialect: Dialect, *, secrets: Sequence[str], tokens: Sequence[str], networks: Sequence[Network]
    ) -> Admission:
        """Checks from resolved secrets. Raises `Misconfigured` when a secret is too weak or malformed."""
        read = _standard_key if dialect is Dialect.STANDARD else _plain_key
        return cls(
            dialect=dialect,
            keys=tuple(read(secret.strip()) for secret in secrets),
            tokens=tuple(_plain_key(token.strip()) for token in tokens),
            networks=tuple(networks),
        )

    def check(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raises `NotAdmitted` with a `Reason`. Header names are lower-case; time does not depend on the secrets."""
        if self.networks:
            _check_network(headers.get(PEER), self.networks)
        if self.tokens:
            _check_token(headers, self.tokens)
        if self.keys:
            if self.dialect is Dialect.STANDARD:
                _check_standard(headers, body, now, self.keys)
            else:
                _check_body_signature(headers, body, self.keys)


def _standard_key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Misconfigured("secrets：签名密钥应为 whsec_ 加上 24 到 64 个随机字节的 base64") from error
    if not 24 <= len(key) <= 64:
        raise Misconfigured("secrets：签名密钥应有 24 到 64 个字节")
    return key


def _plain_key(secret: str) -> bytes:
    if len(secret) < 16 or not secret.isascii():
        raise Misconfigured("secrets、tokens：设备的密钥或令牌至少要有 16 个 ASCII 字符")
    return secret.encode()


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
    given = _given_token(headers)
    if given is None:
        raise NotAdmitted(Reason.TOKEN_MISSING)
    if not _equals_any(given, tokens):
        raise NotAdmitted(Reason.TOKEN_WRONG)


def _given_token(headers: Mapping[str, str]) -> bytes | None:
    if token := headers.get("x-hotline-token"):
        return _bytes(token)
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return _bytes(credentials.strip())
        case "basic":
            try:
                return base64.b64decode(credentials.strip(), validate=True).partition(b":")[2]
            except (binascii.Error, ValueError):
                return None
        case _:
            pass
    try:
        given = parse_qs(urlsplit(headers.get(PATH, "")).query, max_num_fields=16).get("token")
    except ValueError:
        return None
    return _bytes(given[0]) if given else None


def _check_standard(headers: Mapping[str, str], body: bytes, now: datetime, keys: Sequence[bytes]) -> None:
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
    # Signed over the raw bytes: a GBK body with a good signature is our gateway's, and is kept although unreadable.
    signed = b".".join((_bytes(message), stamp.encode(), body))
    expected = [b"v1," + base64.b64encode(hmac_data(key, signed)) for key in keys]
    # Compared as text, not decoded: several base64 spellings of one signature would otherwise all pass.
    found = False
    for given in signatures.split(" ")[:MAX_SIGNATURES]:
        found |= _equals_any(_bytes(given), expected)
    if not found:
        raise NotAdmitted(Reason.SIGNATURE_WRONG)


def _check_body_signature(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes]) -> None:
    given = headers.get("x-signature", "")
    if not given:
        raise NotAdmitted(Reason.SIGNATURE_MISSING)
    if not _equals_any(_bytes(given.strip()), [base64.b64encode(hmac_data(key, body)) for key in keys]):
        raise NotAdmitted(Reason.SIGNATURE_WRONG)


def _equals_any(given: bytes, expected: Sequence[bytes]) -> bool:
    found = False
    for one in expected:
        found |= hmac.compare_digest(given, one)
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
