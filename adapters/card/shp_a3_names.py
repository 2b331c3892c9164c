"""Which functions, states and events of Synway's (三汇) SHP_A3 do we use, and what do they mean?

Names, signatures, numbers: the vendor's header as published in an open-source SWIG wrapper (`shpa3api.h`), and programs
on public hosts that use the library. How they are used there: `SsmSetEvent(0xffff, -1, 1, EVENT_POLLING)` turns every
event on, `SsmWaitForEvent` returns 0 with one; `E_CHG_ChState` carries the new state in the lower 16 bits of `dwParam`,
`E_CHG_RcvDTMF` the key in the lowest byte, `E_CHG_HookState` 1 for off-hook; a trunk whose caller gives up while it
rings goes back to state 0; `SsmCheckPlay` is 0 while something plays; `SsmPlayFile(ch, file, -1, 0, 0xffffffff)` plays
a WAV file.

Assumed, because no card was at hand: the modes of `SsmJoinConfGroup` (0 speaks, 2 only hears), that `SsmSendTone(ch,
1)` is the busy tone on a station as it is on a trunk, that SHP_A3 may be called from one thread that is not the main
one, and channel type 11 for ISUP, milliseconds as the unit of `SsmRecToFile`'s time. `DWORD` is `unsigned long` in the
header; only lower halves are read, so a library that was built with 32 bits works as well.
"""

from __future__ import annotations

from ctypes import Structure, c_char_p, c_int, c_ulong, c_ushort, c_void_p
from enum import IntEnum
from typing import Any, Final

from adapters.card.wire import Kind

DWORD = c_ulong
WHOLE: Final = 0xFFFFFFFF
BY_HEADER: Final = -1
"""The coding of a WAV file is the one that its header names."""
BUSY_TONE: Final = 1
SPEAKS, HEARS = 0, 2
MOST_MEMBERS: Final = 8
MOST_AT_ONCE: Final = 256
BUSY_CYCLES: Final = 2
"""So many cycles of busy tone from the exchange: he has put the receiver down."""
POLLING: Final = 1
EVERY_EVENT: Final = 0xFFFF
KEYS: Final = frozenset(b"0123456789ABCD*#")

KINDS: Final = {0: Kind.ANALOG, 2: Kind.STATION} | dict.fromkeys((4, 6, 7, 8, 11), Kind.DIGITAL)
"""`SsmGetChType` → what it is; recording, fax and voice channels are none of ours."""

STANDBY, PICKED_UP, RINGING, TALKING, PENDING = 0, 1, 2, 3, 7
OUT_OF_ORDER: Final = {8: "断线", 11: "通道不可用", 12: "呼出锁定", 19: "对端闭塞", 20: "本端闭塞"}


class Event(IntEnum):
    """The events that say something about a call; `E_` and the vendor's name in the header."""

    RCV_DTMF = 0x0C
    PLAY_END = 0x0F
    RECORD_END = 0x13
    CH_STATE = 0x18
    RING_COUNT = 0x1E
    CID_BUFFER = 0x1F
    POLARITY = 0x21
    """`E_CHG_PolarRvrsCount`: how often the wires of an analogue trunk were turned round."""
    HOOK_STATE = 0x24
    BUSY_TONE = 0x28
    NO_SOUND = 0x2F


PENDING_REASONS: Final = {4: "remote_hangup", 12: "remote_hangup", 20: "remote_hangup", 41: "remote_hangup"}
"""`SsmGetPendingReason` → our word; others keep their number."""

_ON: Final = (c_int,)
FUNCTIONS: Final[dict[str, tuple[Any, ...]]] = {
    "SsmStartCti": (c_char_p, c_char_p),
    "SsmCloseCti": (),
    "SsmGetLastErrMsg": (c_char_p,),
    "SsmSetEvent": (c_ushort, c_int, c_int, c_void_p),
    "SsmWaitForEvent": (DWORD, c_void_p),
    "SsmGetMaxCh": (),
    "SsmGetChType": _ON,
    "SsmGetChState": _ON,
    "SsmGetPendingReason": _ON,
    "SsmGetHookState": _ON,
    "SsmGetCallerId": (c_int, c_char_p),
    "SsmGetPhoNumStr": (c_int, c_char_p),
    "SsmPickup": _ON,
    "SsmHangup": _ON,
    "SsmStartRing": _ON,
    "SsmStartRingWithCIDStr": (c_int, c_char_p, DWORD, DWORD),
    "SsmStopRing": _ON,
    "SsmSendTone": (c_int, c_int),
    "SsmStopSendTone": _ON,
    "SsmPlayFile": (c_int, c_char_p, c_int, DWORD, DWORD),
    "SsmStopPlayFile": _ON,
    "SsmCheckPlay": _ON,
    "SsmSetRecMixer": (c_int, c_int, c_int),
    "SsmRecToFile": (c_int, c_char_p, c_int, DWORD, DWORD, DWORD, c_int),
    "SsmStopRecToFile": _ON,
    "SsmTxDtmf": (c_int, c_char_p),
    "SsmTalkWith": (c_int, c_int),
    "SsmStopTalkWith": (c_int, c_int),
    "SsmCreateConfGroup": (c_int, c_int, c_int, c_int),
    "SsmFreeConfGroup": _ON,
    "SsmJoinConfGroup": (c_int, c_int, c_ushort, c_int, c_int, c_int),
    "SsmExitConfGroup": (c_int, c_int),
}
CONFERENCE: Final = frozenset(name for name in FUNCTIONS if "ConfGroup" in name)
OPTIONAL: Final = CONFERENCE | {"SsmGetPhoNumStr", "SsmStartRingWithCIDStr", "SsmSetRecMixer", "SsmGetLastErrMsg"}


class MessageInfo(Structure):
    """`MESSAGE_INFO`: one event."""

    _fields_ = (("event", c_ushort), ("reference", c_int), ("param", DWORD))


class EventSetInfo(Structure):
    """`EVENT_SET_INFO`."""

    _fields_ = (("mode", DWORD), ("handler", c_void_p), ("condition", DWORD), ("value", DWORD), ("user", DWORD))
