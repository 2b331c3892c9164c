"""Wires that are listened at: each dialect as the service runs it, framed, decoded, and put into the book.

The first byte of an input says how much time passes from one frame to the next; the rest is what is on the wire. One
input in eight is heard once more, in two pieces: it has to say the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, cast
from zlib import crc32

from adapters.conformance import expect
from adapters.cti_serial import built_in
from adapters.cti_serial import simulated_bytes as say
from adapters.cti_serial.plugin import PLUGIN as CTI_SERIAL
from adapters.cti_serial.signs import Hidden
from adapters.cti_serial.simulated_calls import SCRIPTS, Ringing
from adapters.errors import Misconfigured, Undecodable
from adapters.freeswitch import simulated_calls as freeswitch
from adapters.freeswitch.plugin import PLUGIN as FREESWITCH
from adapters.registry import Plugin, Site
from adapters.telephony import AdapterName, Listens, Recalls, TelephonyAdapter
from tests.adapters.cti_serial.smdr_samples import AVAYA_CONTINUED, AVAYA_LOST, KNOWN, hipath
from tests.adapters.freeswitch import samples
from tests.fuzz.target import Execute, Target, delivered, reason

HEARD: Final = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
NAME: Final = AdapterName("fuzz")
WIRE: Final = "a"
READ_BYTES: Final = 4096
"""So much is read from a wire at once."""
PACES: Final = tuple(timedelta(seconds=each) for each in (0, 0.2, 1, 5, 8, 60, 4000, 90_000, -3))
MOST_EVENTS: Final = 40
"""In one input without framing."""
SILENCES: Final = 5
"""So often silence is concluded from behind the last frame."""
SITE: Final = Site(state_dir=Path("/nowhere"), secret=lambda reference: "ClueCon")


class Listening(TelephonyAdapter, Listens, Recalls, Protocol):
    """An adapter that listens and remembers."""


def _built(plugin: Plugin, table: dict[str, Any]) -> Listening:
    return cast("Listening", plugin.build(NAME, plugin.settings.model_validate(table), SITE))


def targets() -> list[Target]:
    """One a dialect, and FreeSWITCH."""
    return [
        *(_dialect(name) for name in built_in.names()),
        Target(
            name="freeswitch",
            build=lambda: heard(_freeswitch(), "esl"),
            seeds=_freeswitch_wire,
            errors=(),
            code=("adapters/freeswitch",),
            words=(b"Content-Length", b"Content-Type: text/event-plain\n", b"\n\n", b"variable_", b"%0a"),
            repair=_right_lengths,
            longest=8192,
            most=256 * 1024,
            share=0.4,
        ),
        Target(
            name="freeswitch-event",
            build=_freeswitch_events,
            seeds=_freeswitch_bodies,
            errors=(),
            code=("adapters/freeswitch",),
            words=(b"Event-Name: CUSTOM\n", b"Event-Subclass: callcenter%3A%3Ainfo\n", b"CC-Action: ", b"\n\n"),
            longest=8192,
            most=1 << 20,
            share=0.4,
        ),
        Target(
            name="record-description",
            build=_record_description,
            seeds=lambda: [each.read_bytes() for each in sorted(DIALECTS.glob("*.toml"))],
            errors=(Misconfigured,),
            code=("adapters/cti_serial/smdr",),
            longest=8192,
            share=0.1,
        ),
    ]


def heard(adapter: Listening, wire: str) -> Execute:
    """Executes what is on a wire of that adapter."""

    def once(pieces: Sequence[bytes], pace: timedelta) -> set[Hashable]:
        adapter.recall(())
        marks, at = set[Hashable](), HEARD
        for body, _ in adapter.framed((wire, piece, HEARD) for piece in pieces):
            due = adapter.due
            if due is not None and due <= at:
                marks |= delivered(adapter, adapter.decode(b"", at))
            try:
                marks |= delivered(adapter, adapter.decode(body, at))
            except Undecodable as error:
                marks.add(reason(str(error)))
            at += pace
        for _ in range(SILENCES):
            due = adapter.due
            if due is None:
                break
            marks |= delivered(adapter, adapter.decode(b"", max(due, at)))
        return marks

    def frames(pieces: Sequence[bytes]) -> list[bytes]:
        mark = f"{wire}!".encode()
        return [body for body, _ in adapter.framed((wire, each, HEARD) for each in pieces) if body[:2] != mark]

    def execute(data: bytes) -> set[Hashable]:
        pace, said = PACES[data[0] % len(PACES)] if data else PACES[0], data[1:]
        if (sum_ := crc32(data)) % 8 == 0 and len(said) < READ_BYTES:
            at = (sum_ >> 8) % (len(said) + 1)
            expect(frames([said]) == frames([said[:at], said[at:]]), f"cut at {at} it has other frames")
        pieces = [said[at : at + READ_BYTES] for at in range(0, len(said), READ_BYTES)]
        return once(pieces, pace)

    return execute


# ── caller-ID boxes, modems, call records ────────────────────────────────────────────────────────────────────────────

DIALECTS: Final = Path(built_in.__file__).parent / "dialects"


def _dialect(name: str) -> Target:
    modem_or_box = name in built_in.BOXES
    own = f"adapters/cti_serial/dialects/{name}.py" if modem_or_box else "adapters/cti_serial/smdr"
    return Target(
        name=name,
        build=partial(_listening, name),
        seeds=partial(_on_wire, name),
        errors=(),
        code=(own, "adapters/caller_id", "adapters/cti_serial/book.py", "adapters/wire/framing"),
        words=tuple(word for seed in _on_wire(name)[:2] for word in seed[1:].split()[:8]),
        repair=_right_sums if name == "fsk" else None,
        most=2 * READ_BYTES,
    )


def _listening(name: str) -> Execute:
    wire = {"url": "/dev/null", "dialect": name, "ports": {"LINE1": 1, "LINE 1.2": 2, "SIP0": 3}}
    table = {
        "wires": {WIRE: wire},
        "seats": {1: "8001", 2: "8002"},
        "dialled": "12348",
        "patterns": {"A": "12348", "1": "12345"},
    }
    return heard(_built(CTI_SERIAL, table), WIRE)


def _on_wire(name: str) -> list[bytes]:
    """What the simulator says of calls that are answered and of some that are not, and the samples of the tests."""
    seeds = list[bytes]()
    for number, answered in enumerate((None, 6.0, 1.0)):
        began = HEARD.replace(tzinfo=None) + timedelta(hours=8)
        call = Ringing(
            line=number + 1, number=f"1380013800{number}", seat="8001", began=began, answered=answered, over=9.0
        )
        said = sorted(SCRIPTS[name](call), key=lambda each: each[0])
        seeds += [bytes([pace]) + b"".join(data for _, data in said) for pace in range(number, len(PACES), 3)]
    seeds += [b"\x02" + line + b"\r\n" for dialect, line, _ in KNOWN if name.startswith(dialect)]
    return seeds + [b"\x03" + each for each in _SAMPLES.get(name, ())]


_AT: Final = datetime(2026, 3, 14, 9, 30, 5)  # noqa: DTZ001 - a device's own time has no zone
_SAMPLES: Final = {
    "avaya-ipo": (AVAYA_CONTINUED + b"\r\n", AVAYA_LOST + b"\r\n"),
    "hipath": (hipath("2") + b"\r\n", hipath("1", ring="", talked="", msn="12348") + b"\r\n"),
    "fsk": (
        bytes.fromhex("8016010830333137313635360 20A32313536343330313434BA".replace(" ", "")),
        bytes.fromhex("802001083035313131383532020A3430373535353030303007084A4F484E20444F4584"),
        say.SEIZURE + say.sdmf(None, at=_AT, hidden=Hidden.OUT_OF_AREA),
        say.mdmf(None, at=_AT, hidden=Hidden.WITHHELD, name=b"P"),
        say.mailbox(waits=True) + say.mailbox_call(at=_AT),
    ),
    "dtmf": (b"A13800138000C", b"D1C", b"B2C", b"*13800138000#"),
    "ncid": (say.ncid_call("13800138000", at=_AT, line="1", kind="OUT"), b"200 NCID Server\r\nCID: *DATE*\r\n"),
    "whozz": (
        say.whozz_outgoing(1, "13800138000", at=_AT),
        b"".join(say.whozz_detail(1, what, at=_AT) for what in "RFNH"),
        say.whozz_start(2, None, at=_AT, hidden=Hidden.WITHHELD),
    ),
    "fritz": (say.fritz_call(0, "1", "12348", "13800138000", at=_AT), say.fritz_ring(0, "", "12348", at=_AT)),
    "netcallerid": (say.netcallerid(None, at=_AT), say.netcallerid("13800138000", at=_AT, name="JOHN")),
    "modem": (
        say.modem_ring("A") + say.modem_hex(say.mdmf("13800138000", at=_AT)),
        say.modem_ring("1") + say.modem_caller_id(None, at=_AT, hidden=Hidden.WITHHELD, name="P"),
        b'\r\nRING\r\n\r\nCID: 13800138000\r\n\r\n+CLIP: "13800138000",129\r\n\r\nNO CARRIER\r\n',
    ),
}


def _record_description() -> Execute:
    from tests.fuzz.scratch import written

    def execute(data: bytes) -> set[Hashable]:
        built_in.dialect(str(written(data, ".toml")))
        return set()

    return execute


def _right_sums(data: bytes) -> bytes:
    """The first FSK frame in it gets the checksum that it should have."""
    for at in range(1, len(data) - 3):
        if data[at] in (0x04, 0x80, 0x82):
            end = at + 2 + data[at + 1]
            if end < len(data):
                return data[:end] + bytes((-sum(data[at:end]) % 256,)) + data[end + 1 :]
            if end == len(data):
                return data + bytes((-sum(data[at:end]) % 256,))
            length = len(data) - at - 2
            if length < 256:
                body = data[: at + 1] + bytes((length,)) + data[at + 2 :]
                return body + bytes((-sum(body[at:]) % 256,))
            return data
    return data


# ── FreeSWITCH ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _freeswitch() -> Listening:
    table = {
        "password": "env:ESL",
        "queues": ["12348@default", "support@default", "3000"],
        "numbers": ["12348", "101"],
        "agents": {"AgentNameHere": "8001"},
    }
    return _built(FREESWITCH, table)


def _freeswitch_events() -> Execute:
    """Events without the framing around them: more of the inputs reach the book."""
    adapter = _freeswitch()

    def execute(data: bytes) -> set[Hashable]:
        adapter.recall(())
        pace, at = PACES[data[0] % len(PACES)] if data else PACES[0], HEARD
        marks = set[Hashable]()
        for body in data[1:].split(b"\n\n", MOST_EVENTS):
            try:
                marks |= delivered(adapter, adapter.decode(body, at))
            except Undecodable as error:
                marks.add(reason(str(error)))
            at += pace
        for _ in range(SILENCES):
            if (due := adapter.due) is None:
                break
            marks |= delivered(adapter, adapter.decode(b"", max(due, at)))
        return marks

    return execute


def _freeswitch_calls() -> list[list[freeswitch.Headers]]:
    began = round(HEARD.timestamp() * 1_000_000)
    told = list[list[freeswitch.Headers]]()
    for kind in freeswitch.SCRIPTS:
        call = freeswitch.Ringing(
            uuid="503d2093-45f8-4156-bed5-10f1d387d04b",
            number="13800138000",
            kind=kind,
            seat="8001",
            second="8002",
            began=began,
            rings=3.0,
            answered=8.0,
            over=60.0,
        )
        told.append([event for _, event in freeswitch.SCRIPTS[kind](call)])
    return told


_PUBLISHED: Final = (
    *(samples.CHANNEL_CREATE, samples.HEARTBEAT, samples.OFFERING, samples.QUEUE_START, samples.MEMBERS_COUNT),
    *(samples.STATE_CHANGE, samples.TERMINATED),
)


def _freeswitch_bodies() -> list[bytes]:
    calls = [
        b"".join(map(freeswitch.body, part)) for call in _freeswitch_calls() for part in (call, call[:2], call[-2:])
    ]
    return [b"\x02" + each for each in (*_PUBLISHED, *calls)]


def _freeswitch_wire() -> list[bytes]:
    whole = (samples.AUTH_REQUEST, samples.ACCEPTED, samples.BACKGROUND_JOB, samples.RUDE, samples.GOODBYE)
    framed = [b"Content-Length: %d\nContent-Type: text/event-plain\n\n" % len(each) + each for each in _PUBLISHED]
    calls = [b"".join(map(freeswitch.message, call)) for call in _freeswitch_calls()]
    return [b"\x02" + each for each in (*whole, samples.RUDE_WITHOUT_COLON, *framed, *calls)]


def _right_lengths(data: bytes) -> bytes:
    """Each message gets the length that it has up to the next one."""
    parts = data.split(b"Content-Length: ")
    for at in range(1, len(parts)):
        head, gap, body = parts[at].partition(b"\n\n")
        if gap:
            parts[at] = b"%d\n%s\n\n%s" % (len(body), head.partition(b"\n")[2], body)
    return b"Content-Length: ".join(parts)
