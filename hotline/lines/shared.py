"""Which lines of the settings are set to one and the same device? Only one can have it; the others stay down.

A serial port, a card and most devices on the network take one program at a time. The settings are fine key by key, so
nobody else would say it.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_EVENT_SOCKET: Final = ("127.0.0.1", 8021)
"""Where FreeSWITCH is, unless the settings say otherwise."""


class Place(msgspec.Struct, frozen=True):
    """Where in the settings a device is named."""

    adapter: str
    table: str
    """`wires.box`, `lines.1`; empty: the line's own table."""

    def __str__(self) -> str:
        return f"[adapters.{self.adapter}{f'.{self.table}' if self.table else ''}]"


class Shared(msgspec.Struct, frozen=True):
    """One device, and everybody who is set to it: two at least."""

    device: str
    places: tuple[Place, ...]

    def __str__(self) -> str:
        places = "、".join(map(str, self.places))
        return f"{places} 用的是同一个设备 {self.device}：一个设备只能由一处打开，其余的连不上。请改正其中的地址"

    def of(self, adapter: str) -> bool:
        """That line is among them."""
        return any(place.adapter == adapter for place in self.places)


def shared(
    adapters: Mapping[str, Mapping[str, Any]], real: Callable[[str], str] = os.path.realpath
) -> Sequence[Shared]:
    """Devices that several lines, or several wires of one, are set to. `real`: what a device's name stands for on this
    machine; names of devices at an edge are compared as they are."""
    found = defaultdict[tuple[str, object], list[tuple[Place, str]]](list)
    for name, table in adapters.items():
        edge = str(table.get("edge", ""))
        for place, shown in _devices(name, table):
            found[edge, _key(shown, (lambda path: path) if edge else real)].append((place, shown))
    return [Shared(every[0][1], tuple(place for place, _ in every)) for every in found.values() if len(every) > 1]


def _devices(name: str, table: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """What is wrong in a table is somebody else's to tell: here it is passed over."""
    for part in ("wires", "lines"):
        tables = table.get(part)
        for inner, settings in tables.items() if isinstance(tables, dict) else ():
            url = settings.get("url") if isinstance(settings, dict) else None
            if isinstance(url, str):
                yield Place(name, f"{part}.{inner}"), url
    match table.get("kind"):
        case "freeswitch":
            host, port = table.get("host", _EVENT_SOCKET[0]), table.get("port", _EVENT_SOCKET[1])
            yield Place(name, ""), f"socket://{host}:{port}"
        case "card":
            device = table.get("config") or table.get("server")
            if isinstance(device, str):
                yield Place(name, ""), f"{table.get('vendor')} {device}"
        case _:
            pass


def _key(device: str, real: Callable[[str], str]) -> object:
    """The same for every way to write one device."""
    if device.startswith("/"):
        return real(device)
    try:
        parts = urlsplit(device)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return device
    return ("here" if host in _HERE else host, port) if host and port else device
