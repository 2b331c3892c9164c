"""What is known of an office (机构)?"""

from __future__ import annotations

from datetime import datetime

import msgspec

from hotline.directory.hours import Hours
from hotline.directory.kinds import UnitKind


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """An office, as it is now."""

    code: str
    kind: UnitKind
    name: str
    parent: str | None
    area: str
    """Short form (`area.plain`)."""
    area_name: str
    address: str
    telephone: str
    hours: Hours | None
    services: tuple[str, ...]
    """Business types by their values."""
    services_note: str
    public: bool
    valid_from: datetime
    valid_to: datetime | None
    """None: in being."""
    version: int
