"""Who is in the house of the journeys, where they sit and in which tone they speak; the service, and what it stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg

from adapters.asterisk.rig import Rig
from tests.console.hall import ConsoleHall
from tests.test_upward import SECRET, Province

HZ: Final = {"caller": 800, "ann": 1000, "ben": 1300, "boss": 1700, "out": 2100, "music": 620, "desk": 1500}
QUESTION_HZ: Final = 2500
TOLD_HZ: Final = {
    "greeting": 1150,
    "recording-notice": 2300,
    "menu": 2700,
    "position-next": 2900,
    "position-before": 3500,
    "callback-offer": 3100,
    "callback-thanks": 3300,
    "blocked": 1900,
}
"""Announcements with a tone of their own, by which they are told apart."""
WIRE_HZ: Final = {**HZ, **TOLD_HZ, "question": QUESTION_HZ, "ringing": 450}
"""What telephones may hear besides: announcements, and the tone of ringing that Asterisk makes."""
LINE: Final = "line-1"
SEATS: Final = {"ann": ("01", "1001"), "ben": ("02", "1002"), "boss": ("09", "9001")}
"""Who sits where, with which work number (工号)."""
DESK_SEATS: Final = {"03": ("3003", "1003"), "04": ("3004", "1004")}
"""Seats with a desk phone: its extension, and who sits there."""
HOME_SEAT: Final = ("05", "1005")
"""The seat of the night lawyer, who sits at home with his own mobile; and his work number."""
NUMBERS: Final = {"01": "12348", "02": "12302", "03": "12303", "04": "12304", "05": "12305"}
"""Dialled number that leads to one seat alone."""
SPILLING: Final = "12306"
"""Leads to seat 01 too; whoever waits there too long is sent to the contact `province`, at that number:"""
SPILLED_TO: Final = "02712348"
THEIR_ID: Final = "X-Call-ID"
"""Header in which the provincial platform sends its own id of a call."""
PROMPTS: Final = (
    *("closed", "voicemail", "voicemail-thanks", "rate-thanks", "fallback", "wait", "sorry", "accept-by-1"),
    *("number-1", "position-after"),
    *(f"rate-{question}" for question in ("attitude", "efficiency", "skill", "policy")),
)
CALLERS: Final = "127.0.0.2"
ARRIVAL: Final = timedelta(seconds=0.1)
"""From a device's report of a call to the hall's first decision about it."""

SETTINGS: Final = """
[service]
port = {port}
state_dir = "{state}"
log = "json"

[halls.kf]
label = "示范市公共法律服务中心"
default_queue = "general"
missing_after_seconds = 12
misses_limit = 20
transfer_seconds = 6
greeting = ""

[halls.kf.dialled]
12348 = "general"
12302 = "labour"
12303 = "family"
12304 = "housing"
12305 = "night"
12306 = "estate"

[halls.kf.callbacks]
quiet_from = "00:00"
quiet_to = "00:00"

[halls.kf.contacts.110]
label = "110 报警"
number = "110"
kind = "emergency"

[halls.kf.contacts.12345]
label = "12345 政务服务便民热线"
number = "12345"
kind = "hotline"
ring_seconds = 6

[halls.kf.contacts.province]
label = "省 12348 平台"
number = "{spilled_to}"
kind = "hotline"
ring_seconds = 10

[halls.kf.province]
url = "{province}"
secret = "file:{secret}"

[halls.kf.queues.general]
label = "综合咨询"
groups = ["first"]
ring_seconds = 12
wrap_seconds = 30

[halls.kf.queues.labour]
label = "劳动争议"
groups = ["second"]
ring_seconds = 12
wrap_seconds = 30

[halls.kf.queues.family]
label = "婚姻家庭"
groups = ["third"]
ring_seconds = 5
wrap_seconds = 0

[halls.kf.queues.housing]
label = "房产物业"
groups = ["fourth"]
ring_seconds = 5
wrap_seconds = 0

[halls.kf.queues.night]
label = "夜间咨询"
groups = ["home"]
ring_seconds = 12
wrap_seconds = 30

[halls.kf.queues.estate]
label = "遗产继承"
groups = ["first"]
ring_seconds = 12
wrap_seconds = 30
spills = [{{ after_seconds = 4, contact = "province" }}]

[adapters.line-1]
"""


class House(ConsoleHall):
    """The service of the journeys, with settings of its own."""

    def __init__(self, home: Path, rig: Rig, desks: Mapping[str, tuple[str, str]], province: Province) -> None:
        super().__init__(home, "", desks, {})
        adapter = "\n".join(f"{key} = {json.dumps(value)}" for key, value in rig.settings().items())
        secret = home / "province"
        secret.write_text(SECRET, encoding="ascii")
        text = SETTINGS.format(
            port=self.port, state=self.state, spilled_to=SPILLED_TO, province=province.url, secret=secret
        )
        self.config.write_text(f"{text}{adapter}\n", encoding="utf-8")


def kinds(call: asyncpg.Record) -> list[str]:
    """What a caller lived through, in order."""
    return [each["kind"] for each in segments(call)]


def segments(call: asyncpg.Record) -> list[dict[str, Any]]:
    """A call's segments as stored."""
    return json.loads(call["segments"])


def adds_up(call: asyncpg.Record) -> None:
    """The segments lie end to end from the first ring to the end, so that the times of a call add up."""
    chain = segments(call)
    ends = [datetime.fromisoformat(each["until"]) for each in chain]
    begins = [datetime.fromisoformat(each["since"]) for each in chain]
    assert begins[1:] == ends[:-1], chain
    assert ends[-1] == call["ended_at"], (call["ended_at"], chain)
    assert abs(begins[0] - call["offered_at"]) < ARRIVAL, (call["offered_at"], chain)
