"""The city's 12345 (政务服务便民热线): called by HTTP, or over a drop folder or a shared table."""

from __future__ import annotations

from pathlib import Path

from adapters.bridges.kinds import mapped
from adapters.bridges.mapped import Rules

PLUGIN = mapped("line12345", mapping=Path(__file__).with_name("mapping.toml"), rules=Rules())
