"""Two lines that are set to one device are found, however each of them writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hotline.lines.shared import shared


def box(*urls: str, **more: Any) -> dict[str, Any]:
    return {"kind": "cti-serial", "wires": {f"w{n}": {"url": url} for n, url in enumerate(urls)}, **more}


def modem(url: str, **more: Any) -> dict[str, Any]:
    return {"kind": "modem", "lines": {"1": {"url": url}}, **more}


def as_told(**adapters: dict[str, Any]) -> list[tuple[str, ...]]:
    return [tuple(map(str, each.places)) for each in shared({n.replace("_", "-"): t for n, t in adapters.items()})]


def test_two_names_of_one_serial_port(tmp_path: Path) -> None:
    tty, by_id = tmp_path / "ttyUSB0", tmp_path / "usb-box"
    tty.touch()
    by_id.symlink_to(tty)
    told = shared({"box-1": box(str(tty)), "front": modem(str(by_id))})
    assert [str(each) for each in told] == [
        f"[adapters.box-1.wires.w0]、[adapters.front.lines.1] 用的是同一个设备 {tty}："
        "一个设备只能由一处打开，其余的连不上。请改正其中的地址"
    ]
    assert (told[0].of("front"), told[0].of("fron")) == (True, False)


def test_two_wires_of_one_line() -> None:
    assert as_told(a=box("/dev/x", "/dev/y", "/dev/x")) == [("[adapters.a.wires.w0]", "[adapters.a.wires.w2]")]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("socket://10.1.0.5:2300", "rfc2217://10.1.0.5:2300", True),
        ("socket://LOCALHOST:2300", "socket://127.0.0.1:2300", True),
        ("socket://10.1.0.5:2300", "socket://10.1.0.5:2301", False),
        ("socket://10.1.0.5:2300", "socket://10.1.0.6:2300", False),
        ("socket://nowhere:port", "socket://nowhere:port", True),
        ("/dev/ttyS0", "/dev/ttyS1", False),
    ],
)
def test_addresses(one: str, other: str, same: bool) -> None:
    assert bool(as_told(a=box(one), b=box(other))) is same


def test_what_is_apart_stays_apart() -> None:
    assert as_told(a=box("/dev/x", edge="town-1"), b=box("/dev/x", edge="town-2"), c=box("/dev/x")) == []
    assert as_told(a=box("/dev/x", edge="town-1"), b=modem("/dev/x", edge="town-1")) != []
    asterisk = {"kind": "asterisk", "url": "http://127.0.0.1:8088"}
    assert as_told(a=asterisk, b=asterisk) == [], "one Asterisk serves several applications"


def test_event_sockets_and_cards() -> None:
    assert as_told(a={"kind": "freeswitch"}, b={"kind": "freeswitch", "host": "localhost"}) == [
        ("[adapters.a]", "[adapters.b]")
    ]
    card = {"kind": "card", "vendor": "shp_a3", "config": "/opt/ShConfig.ini"}
    assert as_told(a=card, b=card, c={**card, "config": "/opt/other.ini"}) == [("[adapters.a]", "[adapters.b]")]


def test_tables_that_are_wrong_are_somebody_elses_to_tell() -> None:
    wrong = {"a": {"wires": 3}, "b": {"kind": "modem", "lines": {"1": "x", "2": {"url": 4}}}, "c": {"kind": "card"}}
    assert shared(wrong) == []
