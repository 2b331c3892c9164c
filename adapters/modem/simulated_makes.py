"""Which voice modems can be simulated, and what does each answer? Data, after published manuals and captures.

Sources: U.S. Robotics' command reference (+VSM=?), Conexant's list of voice commands, mgetty's notes on Rockwell,
NCID's Modems.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec


class Make(msgspec.Struct, frozen=True, kw_only=True):
    """One of them."""

    answers: Mapping[str, tuple[str, ...]]
    """Command → lines before OK."""
    accepted: tuple[str, ...]
    """Regular expressions of commands that are answered with OK and do nothing that matters here."""
    voice: str
    codings: Mapping[str, tuple[str, int]]
    """Command that selects a coding → its law, and samples per second."""
    off_hook: str
    on_hook: str
    play: str
    record: str
    stops: tuple[bytes, ...]
    """What ends receiving."""
    picked_up: str = "OK"
    """The answer to `off_hook`; also what is said when playing and receiving have ended."""
    caller_id: str
    ring: bytes = b"\r\nRING\r\n"
    voice_ring: bytes = b"\r\nRING\r\n"
    """The same in voice mode."""
    lifted: bytes = b""
    """The desk telephone was picked up; empty: this make does not tell."""
    put_down: bytes = b""
    shields_keys: bool = False
    flow_letters: bool = False
    """XOFF and XON when it has enough sound; else it stops taking bytes, as hardware flow control does."""
    labels: str = "DATE = {at:%m%d}\nTIME = {at:%H%M}\nNMBR = {number}"
    """How it prints a caller's number."""


_COMMON: Final = (r"Z\d?", r"(?:S\d+=\d+|[EVQXMLH&][A-Z]?\d?)+", r"&K3", r"&F\d?")

USR: Final = Make(
    answers={
        "+FMI?": ("U.S. Robotics",),
        "+FMM?": ("56K FAX USB V1.2.23",),
        "I3": ("U.S. Robotics 56K FAX USB V1.2.23",),
        "+FCLASS=?": ("0,1,2.0,8",),
        "+VSM=?": (
            '1,"UNSIGNED PCM",8,0,(7200,8000),(0),(0)',
            '128,"8-BIT LINEAR",8,0,(7200,8000),(0),(0)',
            '129,"ADPCM",4,0,(7200,8000),(0),(0)',
            '131,"ULAW",8,0,(7200,8000),(0),(0)',
            '132,"ALAW",8,0,(7200,8000),(0),(0)',
            '133,"LINEAR",16,0,(7200,8000),(0),(0)',
        ),
    },
    accepted=(*_COMMON, r"\+VCID=[01]", r"\+VIT=\d+", r"\+VNH=\d", r"\+VSD=\d+,\d+", r"\+VDR=\d,\d+", r"\+IFC=2,2"),
    voice="+FCLASS=8",
    codings={"+VSM=128,8000": ("u8", 8000), "+VSM=131,8000": ("ulaw", 8000), "+VSM=132,8000": ("alaw", 8000)},
    off_hook="+VLS=1",
    on_hook="+VLS=0",
    play="+VTX",
    record="+VRX",
    stops=(b"\x10!",),
    caller_id="+VCID=1",
    lifted=b"\x10H",
    put_down=b"\x10h",
)
CONEXANT: Final = Make(
    answers={
        "+FMI?": ("CONEXANT",),
        "+FMM?": ("ACF3_V1_92",),
        "I3": ("CX93001-EIS_V0.2002-V92",),
        "+FCLASS=?": ("0,1,1.0,8",),
        "+VSM=?": (
            '0,"SIGNED PCM",8,0,8000,0,0',
            '1,"UNSIGNED PCM",8,0,8000,0,0',
            '129,"IMA ADPCM",4,0,8000,0,0',
            '130,"UNSIGNED PCM",8,0,8000,0,0',
        ),
    },
    accepted=(*_COMMON, r"\+VCID=[01]", r"\+VIT=\d+", r"\+VNH=\d", r"\+VSD=\d+,\d+", r"\+IFC=2,2"),
    voice="+FCLASS=8",
    codings={"+VSM=1,8000,0,0": ("u8", 8000), "+VSM=130,8000,0,0": ("u8", 8000)},
    off_hook="+VLS=1",
    on_hook="+VLS=0",
    play="+VTX",
    record="+VRX",
    stops=(b"\x10^",),
    caller_id="+VCID=1",
    voice_ring=b"\x10R",
    shields_keys=True,
    labels="DATE={at:%m%d}\nTIME={at:%H%M}\nNMBR={number}",
)
ROCKWELL: Final = Make(
    answers={
        "I3": ("V1.410-V90_2M_DLS RC144DPi",),
        "+FCLASS=?": ("0,1,2",),
        "#CLS=?": ("0,1,2,8",),
    },
    accepted=(*_COMMON, r"#CID=[012]", r"#VSD=\d", r"#VTD=[0-9A-F,]+", r"#VSP=\d+"),
    voice="#CLS=8",
    codings={"#VBS=8": ("u8", 7200)},
    off_hook="A",
    on_hook="H0",
    play="#VTX",
    record="#VRX",
    stops=(b"!",),
    picked_up="VCON",
    caller_id="#CID=1",
    voice_ring=b"\x10R",
    lifted=b"\x10t",
    put_down=b"\x10h",
    labels="DATE = {at:%m%d}\nTIME = {at:%H%M}\nNMBR = {number}\nNAME = O",
)
V253: Final = Make(
    answers={
        "+FMI?": ("Somebody Ltd.",),
        "+FMM?": ("Voice 56",),
        "+FCLASS=?": ("(0-2,8)",),
        "+VSM=?": ('4,"ULAW PCM",8,0,(8000),(0),(0)', '5,"ALAW PCM",8,0,(8000),(0),(0)', '140,"CELP",1,0,(8000)'),
    },
    accepted=(*_COMMON, r"%CCID=[01]", r"\+VIT=\d+", r"\+VDR=\d,\d+", r"\+IFC=[12],[12]"),
    voice="+FCLASS=8",
    codings={"+VSM=4,8000": ("ulaw", 8000), "+VSM=5,8000": ("alaw", 8000)},
    off_hook="+VLS=1",
    on_hook="+VLS=0",
    play="+VTX",
    record="+VRX",
    stops=(b"\x10!",),
    picked_up="VCON",
    caller_id="%CCID=1",
    lifted=b"\x10P",
    put_down=b"\x10p",
    shields_keys=True,
    flow_letters=True,
    labels="MESG = 110101\nNMBR = {number}",
)

MAKES: Final[Mapping[str, Make]] = {
    "modem-usr": USR,
    "modem-conexant": CONEXANT,
    "modem-rockwell": ROCKWELL,
    "modem-v253": V253,
}
