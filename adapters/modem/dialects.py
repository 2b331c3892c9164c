"""How is each make of voice modem spoken to, and what do its events mean? Data; `probing.py` chooses.

Sources: ITU-T V.253; U.S. Robotics' command reference; Conexant's list of voice commands; mgetty's notes on Rockwell;
NCID's Modems.md. None of them was at hand: see the README for what has been proven.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from adapters.modem.sounds import Coding


class Meaning(StrEnum):
    """What an event says of the line."""

    RING = "ring"
    BUSY = "busy"
    """忙音: the exchange says that the other side has gone."""
    DIAL_TONE = "dial_tone"
    """拨号音: the same, a little later."""
    LOOP_BREAK = "loop_break"
    """The exchange opens the loop for a moment."""
    POLARITY = "polarity"
    """反极: the exchange turns the wires round when the other side hangs up; some also when it answers."""
    SILENCE = "silence"
    LIFTED = "lifted"
    """A telephone on the line was picked up (摘机)."""
    PUT_DOWN = "put_down"
    LOST = "lost"
    """Sound was lost on the wire, in either direction."""
    FAX = "fax"


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """Commands, without their line end."""

    name: str
    voice: str
    """Into voice mode."""
    prepare: tuple[str, ...] = ()
    """What is set there; a modem that refuses one of them works all the same."""
    codings: str = "AT+VSM=?"
    select: str = "AT+VSM={number},{rate}"
    usual: Coding
    """Where the modem lists nothing that can be used."""
    off_hook: str
    on_hook: str
    """Also what leaves the line to a telephone that is picked up."""
    leaves_voice: bool = False
    """`on_hook` leaves voice mode, and with it go the events."""
    play: str
    record: str
    stop_recording: bytes = b"\x10!"
    cadence: str = ""
    """Tell how it rings, and RING 3 seconds later."""
    silence: str = ""
    """So long a silence is reported; in tenths of a second."""
    meanings: Mapping[str, Meaning]


V253_MEANINGS: Final[Mapping[str, Meaning]] = {
    "R": Meaning.RING,
    **dict.fromkeys("bK", Meaning.BUSY),
    **dict.fromkeys("di", Meaning.DIAL_TONE),
    "l": Meaning.LOOP_BREAK,
    "L": Meaning.POLARITY,
    **dict.fromkeys("qs", Meaning.SILENCE),
    **dict.fromkeys("HP", Meaning.LIFTED),
    **dict.fromkeys("hp", Meaning.PUT_DOWN),
    **dict.fromkeys("ouY", Meaning.LOST),
    **dict.fromkeys("ce", Meaning.FAX),
}
"""ITU-T V.253, table 17. `s` and `q`: nothing was ever said, or nothing any more."""

V253: Final = Dialect(
    name="v253",
    voice="AT+FCLASS=8",
    prepare=("AT+VIT=0", "AT+VNH=0"),
    cadence="AT+VDR=1,30",
    usual=Coding(1, "u8"),
    off_hook="AT+VLS=1",
    on_hook="AT+VLS=0",
    play="AT+VTX",
    record="AT+VRX",
    silence="AT+VSD=128,{tenths}",
    meanings=V253_MEANINGS,
)
USR: Final = msgspec.structs.replace(V253, name="v253-usr", usual=Coding(128, "u8"))
CONEXANT: Final = msgspec.structs.replace(
    V253,
    name="conexant",
    select="AT+VSM={number},{rate},0,0",
    silence="AT+VSD=0,{tenths}",
    stop_recording=b"\x10^",
)
"""Zoom's modems with this chip stop receiving on DLE ^ and want time after hanging up."""
ROCKWELL: Final = Dialect(
    name="rockwell",
    voice="AT#CLS=8",
    prepare=("AT#VSD=0", "AT#VTD=3F,3F,3F"),
    codings="",
    select="AT#VBS=8",
    usual=Coding(8, "u8", 7200),
    off_hook="ATA",
    on_hook="ATH0",
    leaves_voice=True,
    play="AT#VTX",
    record="AT#VRX",
    stop_recording=b"!",
    silence="AT#VSP={tenths}",
    meanings={
        "R": Meaning.RING,
        "b": Meaning.BUSY,
        "d": Meaning.DIAL_TONE,
        **dict.fromkeys("qs", Meaning.SILENCE),
        "t": Meaning.LIFTED,
        "h": Meaning.PUT_DOWN,
        **dict.fromkeys("ou", Meaning.LOST),
        **dict.fromkeys("ce", Meaning.FAX),
    },
)
"""Commands with # instead of +. Its chips sample 7200 times a second; `t` is their word for a lifted receiver."""

DIALECTS: Final[Mapping[str, Dialect]] = {each.name: each for each in (V253, USR, CONEXANT, ROCKWELL)}


def dialect_of(make: str, *, plus: bool, sharp: bool) -> Dialect | None:
    """The one for a modem that calls itself so; `plus`: it has +FCLASS=8, `sharp`: #CLS=8. None: it has no voice."""
    if not plus:
        return ROCKWELL if sharp else None
    make = make.upper()
    if any(word in make for word in ("U.S. ROBOTICS", "US ROBOTICS", "USROBOTICS", "USR")):
        return USR
    if any(word in make for word in ("CONEXANT", "ZOOM", "CX93", "HSF", "HCF")):
        return CONEXANT
    return V253
