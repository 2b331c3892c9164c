"""Anybody with whom a database is shared, in the common columns unless a site brings a mapping."""

from __future__ import annotations

from pathlib import Path

from adapters.bridges.kinds import mapped
from adapters.bridges.mapped import Rules

PLUGIN = mapped("table", mapping=Path(__file__).with_name("mapping.toml"), rules=Rules(), ways=("table",))
