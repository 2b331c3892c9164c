"""How the registry builds an adapter that listens at lines."""

from __future__ import annotations

from typing import Final

from adapters.cti_serial.adapter import CtiSerial
from adapters.cti_serial.built_in import dialect, set_up
from adapters.cti_serial.settings import CtiSettings
from adapters.cti_serial.simulated_calls import SCRIPTS
from adapters.cti_serial.simulator import simulate
from adapters.errors import Misconfigured
from adapters.registry import Plugin, Site
from adapters.telephony import AdapterName

TELL_HOOKS: Final = ("whozz",)
"""Dialects that say when a line's receiver is picked up and put down."""


def build(name: AdapterName, settings: CtiSettings, site: Site) -> CtiSerial:
    """The adapter; nothing is opened yet. Raises `Misconfigured` for a dialect that is not known or is described
    wrongly, and for a sound device beside a line whose receiver nobody tells of."""
    spoken = {wire: dialect(table.dialect) for wire, table in settings.wires.items()}
    wires = {wire: set_up(table, spoken[wire]) for wire, table in settings.wires.items()}
    if settings.sound and not any(table.dialect in TELL_HOOKS for table in settings.wires.values()):
        raise Misconfigured(f"sound：这些设备都不报告摘机和挂机，无法据此录音；能报告的方言：{'、'.join(TELL_HOOKS)}")
    kept = settings.recordings or site.state_dir / "adapters" / name / "recordings"
    folder = kept if settings.sound else None
    return CtiSerial(name, settings.model_copy(update={"wires": wires}), spoken, folder)


PLUGIN = Plugin(
    kind="cti-serial", settings=CtiSettings, build=build, simulate=simulate, simulated=tuple(sorted(SCRIPTS))
)
