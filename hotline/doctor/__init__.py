"""hotline doctor: is this machine fit for the service, and if it is in trouble, where? Looks, and changes nothing."""

from __future__ import annotations

from hotline.doctor.rounds import examine
from hotline.doctor.site import Finding, Site, State

__all__ = ["Finding", "Site", "State", "examine"]
