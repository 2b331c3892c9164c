"""110 (公安报警): the call first, the case file after, and never without a person who confirmed it."""

from __future__ import annotations

from pathlib import Path

from adapters.bridges.kinds import mapped
from adapters.bridges.mapped import Rules

PLUGIN = mapped(
    "line110", mapping=Path(__file__).with_name("mapping.toml"), rules=Rules(confirmed=True), voice_only=True
)
