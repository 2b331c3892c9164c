"""The provincial 12348 platform: cases that overflow upward, and the day's figures."""

from __future__ import annotations

from pathlib import Path

from adapters.bridges.kinds import mapped
from adapters.bridges.mapped import Rules

PLUGIN = mapped("province", mapping=Path(__file__).with_name("mapping.toml"), rules=Rules(figures=True))
