"""Any other authority (courts, 信访, 人社, 民政 …), as its mapping file describes it."""

from __future__ import annotations

from adapters.bridges.kinds import mapped
from adapters.bridges.mapped import Rules

PLUGIN = mapped("generic", mapping=None, rules=Rules())
