"""Anybody with whom files are exchanged, in the common format unless a site brings a mapping."""

from __future__ import annotations

from pathlib import Path

from adapters.bridges.kinds import mapped
from adapters.bridges.mapped import Rules

PLUGIN = mapped("folder", mapping=Path(__file__).with_name("mapping.toml"), rules=Rules(), ways=("folder",))
