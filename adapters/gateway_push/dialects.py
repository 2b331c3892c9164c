"""Whose bytes arrive, and what each dialect can do beside telling of calls."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Dialect(StrEnum):
    """Whose bytes arrive."""

    STANDARD = "standard"
    """Our own events, signed as Standard Webhooks."""
    NEWROCK_OM = "newrock-om"
    """New Rock (迅时) OM and MX: XML events and call records (话单)."""
    YEASTAR_P = "yeastar-p"
    """Yeastar (星纵) P series."""
    YEASTAR_S = "yeastar-s"
    """Yeastar S series, K2 and Cloud PBX: the same things under other names, for an application that has logged in."""
    OPENVOX = "openvox"
    """OpenVox UC: nearly the words of the S series."""
    DINSTAR = "dinstar"
    """Dinstar (鼎信通达) UC: records of answered calls and channel faults, nothing while a call lives."""
    MAPPED = "mapped"
    """Any other, as its mapping file (映射文件) describes it."""


SIGNING = frozenset({Dialect.STANDARD, Dialect.YEASTAR_P})
"""Dialects whose deliveries are signed; the others show a token or come from a known network."""
API_PATHS: Final[Mapping[Dialect, str]] = {
    Dialect.DINSTAR: "/api/get_cdr",
    Dialect.YEASTAR_P: "/openapi/v1.0",
    Dialect.YEASTAR_S: "/api/v2.0.0",
}
"""Where the call list (话单) of a device is, by its manual."""
PULLING = frozenset(API_PATHS) | {Dialect.MAPPED}
"""Dialects whose devices offer that list in a published way; `mapped`: if the mapping file says how."""
