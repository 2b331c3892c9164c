"""Which parsers are fuzzed? A new one is a `Target` in one of these files, or in a file of its own beside them."""

from __future__ import annotations

from tests.fuzz import bridges, gateways, hosts, lines, others
from tests.fuzz.target import Target


def table() -> dict[str, Target]:
    """By name."""
    return {each.name: each for source in (lines, gateways, bridges, others, hosts) for each in source.targets()}
