"""What each kind of line says that it rings, and what of it the hall's rules take over; at an edge it is the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.telephony import AdapterName, PhoneKind
from hotline import settings_used
from hotline.hall.reach import within
from hotline.hall.rules import HallRules
from hotline.settings import Settings
from seats.seat import Seat, SeatNo
from tests.hall.kit import START

SECRET = "a-secret-of-the-tests-that-is-long-enough"
QUEUE = {"label": "人工服务", "groups": ["all"]}
HALL = {"label": "大厅", "default_queue": "main", "queues": {"main": QUEUE}}
MODEMS = {"kind": "modem", "lines": {"1": {"url": "/dev/ttyACM0", "seat": "8001"}, "2": {"url": "/dev/ttyACM1"}}}
CARD = {"kind": "card", "vendor": "keygoe", "library": "/opt/xms.so", "server": "127.0.0.1:9000", "seats": {"8003": 9}}
PBX = {"kind": "asterisk", "password": "env:REACH_SECRET"}
KINDS = list(PhoneKind)


def rules(folder: Path, adapters: Mapping[str, Mapping[str, Any]], halls: tuple[str, ...] = ("h1",)) -> HallRules:
    made = Settings.model_validate({
        "halls": dict.fromkeys(halls, HALL),
        "service": {"state_dir": str(folder)},
        "adapters": adapters,
        "edges": {"town": {"secret": "env:REACH_SECRET"}},
    })  # fmt: skip
    return settings_used.rules(made, settings_used.carried(made, settings_used.lines(made)))["h1"]


def rings(found: HallRules, adapter: str, port: int | None, extension: str) -> set[str]:
    """With which kinds of phone the seat with that extension can be rung for a caller on that port."""
    reach = found.reach_of(AdapterName(adapter), port)
    seats = {kind: Seat(number=SeatNo("1"), extension=extension, groups=(), since=START, phone_kind=kind, mobile="139")
             for kind in KINDS}  # fmt: skip
    return {kind for kind, seat in seats.items() if within(reach, seat)}


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REACH_SECRET", SECRET)


@pytest.mark.parametrize("place", [{}, {"edge": "town"}], ids=["here", "at an edge"])
def test_each_modem_rings_the_telephone_beside_it(tmp_path: Path, place: dict[str, str]) -> None:
    found = rules(tmp_path, {"front": {**MODEMS, **place}})
    assert rings(found, "front", 1, "8001") == {"desk", "simulated"}
    assert rings(found, "front", 1, "8002") == set()
    assert rings(found, "front", 2, "8001") == set(), "no telephone is on that line"
    assert rings(found, "front", None, "8001") == set()


def test_lines_of_a_hall_beside_each_other(tmp_path: Path) -> None:
    found = rules(tmp_path, {"front": MODEMS, "pbx": PBX, "made-up": {"kind": "simulated"}})
    assert rings(found, "pbx", None, "8002") == {"browser", "desk"}
    assert rings(found, "pbx", None, "8001") == {"browser"}, "that desk telephone is on the modem's line"
    assert rings(found, "made-up", 3, "8001") == {"simulated", "mobile"}
    way_out = rules(tmp_path, {"pbx": {**PBX, "outside": "PJSIP/{number}@carrier"}})
    assert rings(way_out, "pbx", None, "8001") == {"browser", "desk", "mobile"}


def test_a_card_rings_its_stations(tmp_path: Path) -> None:
    found = rules(tmp_path, {"card-1": CARD, "pbx": PBX})
    assert rings(found, "card-1", 4, "8003") == {"desk"}
    assert rings(found, "card-1", 4, "8001") == set()
    assert rings(found, "pbx", None, "8003") == {"browser"}


def test_another_hall_keeps_its_telephones_to_itself(tmp_path: Path) -> None:
    lines = {"front": {**MODEMS, "hall": "h2"}, "pbx": {**PBX, "hall": "h1"}}
    found = rules(tmp_path, lines, halls=("h1", "h2"))
    assert found.reaches.keys() == {"pbx"}
    assert rings(found, "pbx", None, "8001") == {"browser", "desk"}


def test_what_only_talks_says_nothing_of_it(tmp_path: Path) -> None:
    box = {"kind": "cti-serial", "wires": {"m": {"url": "/dev/ttyUSB0", "dialect": "modem"}}, "dialled": "12348"}
    found = rules(tmp_path, {"box-1": box})
    assert found.reaches == {}
    assert rings(found, "box-1", None, "8001") == set(KINDS)
