"""How the registry builds an adapter that listens at lines."""

from __future__ import annotations

from adapters.cti_serial.adapter import CtiSerial
from adapters.cti_serial.built_in import dialect, set_up
from adapters.cti_serial.settings import CtiSettings
from adapters.cti_serial.simulated_calls import SCRIPTS
from adapters.cti_serial.simulator import simulate
from adapters.registry import Plugin, Site
from adapters.telephony import AdapterName


def build(name: AdapterName, settings: CtiSettings, site: Site) -> CtiSerial:
    """The adapter; nothing is opened yet. Raises `Misconfigured` for a dialect that is not known or is described
    wrongly."""
    spoken = {wire: dialect(table.dialect) for wire, table in settings.wires.items()}
    wires = {wire: set_up(table, spoken[wire]) for wire, table in settings.wires.items()}
    return CtiSerial(name, settings.model_copy(update={"wires": wires}), spoken)


PLUGIN = Plugin(
    kind="cti-serial", settings=CtiSettings, build=build, simulate=simulate, simulated=tuple(sorted(SCRIPTS))
)
