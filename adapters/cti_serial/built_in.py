"""Which dialects are there? By the name that stands in the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from adapters.complaints import suggestion
from adapters.cti_serial import smdr
from adapters.cti_serial.dialect import Dialect
from adapters.cti_serial.dialects.dtmf import Dtmf
from adapters.cti_serial.dialects.fritz import Fritz
from adapters.cti_serial.dialects.fsk import Fsk
from adapters.cti_serial.dialects.modem import Modem
from adapters.cti_serial.dialects.ncid import Ncid
from adapters.cti_serial.dialects.netcallerid import NetCallerId
from adapters.cti_serial.dialects.whozz import Whozz
from adapters.cti_serial.settings import WireTable
from adapters.errors import Misconfigured

BOXES: Final[Mapping[str, Callable[[], Dialect]]] = {
    "dtmf": Dtmf,
    "fritz": Fritz,
    "fsk": Fsk,
    "modem": Modem,
    "ncid": Ncid,
    "netcallerid": NetCallerId,
    "whozz": Whozz,
}


BAUD: Final[Mapping[str, int]] = {"netcallerid": 4800, "fsk": 1200, "modem": 115_200}
"""Bits per second where it is not 9600; from memory, to be checked at the device."""


def names() -> list[str]:
    """Of everything that is built in."""
    return sorted([*BOXES, *smdr.names()])


def dialect(name: str) -> Dialect:
    """The built-in one of that name, or the record description in the file of that path. Raises `Misconfigured`."""
    if "/" in name or name.endswith(".toml"):
        return smdr.load(Path(name))
    if name in BOXES:
        return BOXES[name]()
    if name in smdr.names():
        return smdr.built_in(name)
    raise Misconfigured(f"没有方言 {name!r}{suggestion(name, names())}")


def set_up(table: WireTable, spoken: Dialect) -> WireTable:
    """The wire as the settings have it; what they leave out is usual for the dialect."""
    usual = {"baud": BAUD.get(table.dialect, 9600)}
    if isinstance(spoken, smdr.RecordDialect):
        usual = spoken.wire.model_dump()
    return table.model_copy(update={key: value for key, value in usual.items() if key not in table.model_fields_set})
