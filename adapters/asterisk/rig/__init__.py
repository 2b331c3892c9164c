"""A real Asterisk on loopback with SIPp callers and phones: for `make demo-asterisk`, the tests and the bench."""

from __future__ import annotations

from adapters.asterisk.rig.instance import Rig, RigOptions, running
from adapters.asterisk.rig.root import ensure_root
from adapters.asterisk.rig.scenarios import CallerPlan, SeatPlan
from adapters.asterisk.rig.sipp import CallerLedgerRow, SeatLedgerRow, SippRun

__all__ = [
    "CallerLedgerRow",
    "CallerPlan",
    "Rig",
    "RigOptions",
    "SeatLedgerRow",
    "SeatPlan",
    "SippRun",
    "ensure_root",
    "running",
]
