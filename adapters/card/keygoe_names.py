"""Which functions, events and states of DonJin's (东进) Keygoe XMS do we use, and what do they mean?

Names, signatures, numbers: `DJAcsAPIDef.h`, `DJAcsDataDef.h` and the device states as published with the vendor's
demonstration programs. How they are used there: events come to the function of `XMS_acsSetESR` in a thread of the
library's; devices are listed (`XMS_acsGetDeviceList`), opened, and used with the service id that comes back; a voice
device is linked both ways with each interface channel, plays and records for it, and receives its keys; a caller's
number comes as FSK or DTMF data *before* `CALLIN`, while the trunk is still free; the GTG keys I, J and K are the busy
tone; picking up a station that was rung by `XMS_ctsMakeCallOut` comes as `CALLIN`, putting it down as `CLEARCALL`.

Assumed, because no hardware was at hand: that the n-th voice device of a module may serve its n-th interface channel,
that `m_s32EvtSize` counts the head as well, that a mixer of FROM_INPUT and FROM_CONF of one voice device holds both
sides, and that the number of FSK needs no more to be turned on than the module's own configuration says.
"""

from __future__ import annotations

from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int32, c_uint8, c_uint16, c_uint32, c_void_p
from enum import IntEnum
from typing import Any, Final

from adapters.card.keygoe_structs import DeviceId
from adapters.card.wire import Kind

VOICE, INTERFACE, CONFERENCE = 0x02, 0x05, 0x0C
SUBS: Final = {1: Kind.ANALOG, 2: Kind.STATION} | dict.fromkeys((5, 6, 7, 8, 9), Kind.DIGITAL)
"""`XMS_DEVSUB_…` → what it is."""
PER_MODULE: Final = 1000
"""A channel's number here: module × 1000 + channel."""
APP_ID: Final = 1
QUEUE_KIB: Final = 128


class Event(IntEnum):
    """`XMS_EVT_…`: class × 65536 + number."""

    QUERY_DEVICE = 0x00010002
    QUERY_DEVICE_END = 0x00010003
    OPEN_DEVICE = 0x00010004
    CLOSE_DEVICE = 0x00010005
    DEVICE_STATE = 0x00010007
    CALL_IN = 0x00020002
    ANSWER_CALL = 0x00020004
    CLEAR_CALL = 0x00020007
    ANALOG_INTERFACE = 0x00020008
    PLAY = 0x00050001
    RECORD = 0x00050005
    RECEIVED = 0x00070002
    FAILURE = 0x00090001


DTMF, TONE, FSK = 1, 4, 5
RING, LOOP_DROP = 0, 3
POLARITIES: Final = frozenset({1, 2})
"""POS and NEG: how the wires of an analogue trunk lie now."""
OFF_HOOK, ON_HOOK = 0, 1
FREE: Final = 1
BLOCKED: Final = {2: "本地阻塞", 3: "远端阻塞", 4: "阻塞", 5: "不可用"}
"""`DCS_…` states in which nobody can call."""
BUSY_TONES: Final = frozenset(b"IJK")
FROM_INPUT, FROM_CONFERENCE = 1, 3
SILENCE, NORMAL = 0, 1

_DEVICE = POINTER(DeviceId)
FUNCTIONS: Final[dict[str, tuple[Any, ...]]] = {
    "XMS_acsDllInit": (),
    "XMS_acsOpenStream": (c_void_p, c_void_p, c_uint8, c_uint32, c_uint32, c_int32, c_void_p),
    "XMS_acsCloseStream": (c_uint32, c_void_p),
    "XMS_acsSetESR": (c_uint32, c_void_p, c_uint32, c_int),
    "XMS_acsGetDeviceList": (c_uint32, c_void_p),
    "XMS_ctsOpenDevice": (c_uint32, _DEVICE, c_void_p),
    "XMS_ctsResetDevice": (c_uint32, _DEVICE, c_void_p),
    "XMS_ctsMakeCallOut": (c_uint32, _DEVICE, c_char_p, c_char_p, c_void_p),
    "XMS_ctsAlertCall": (c_uint32, _DEVICE, c_void_p),
    "XMS_ctsAnswerCallIn": (c_uint32, _DEVICE, c_void_p),
    "XMS_ctsClearCall": (c_uint32, _DEVICE, c_int32, c_void_p),
    "XMS_ctsLinkDevice": (c_uint32, _DEVICE, _DEVICE, c_void_p),
    "XMS_ctsUnlinkDevice": (c_uint32, _DEVICE, _DEVICE, c_void_p),
    "XMS_ctsPlay": (c_uint32, _DEVICE, c_void_p, c_void_p),
    "XMS_ctsControlPlay": (c_uint32, _DEVICE, c_void_p, c_void_p),
    "XMS_ctsRecord": (c_uint32, _DEVICE, c_void_p, c_void_p),
    "XMS_ctsControlRecord": (c_uint32, _DEVICE, c_void_p, c_void_p),
    "XMS_ctsSendIOData": (c_uint32, _DEVICE, c_uint16, c_uint16, c_char_p),
    "XMS_ctsJoinToConf": (c_uint32, _DEVICE, _DEVICE, c_void_p, c_void_p),
    "XMS_ctsLeaveFromConf": (c_uint32, _DEVICE, _DEVICE, c_void_p, c_void_p),
    "XMS_ctsClearConf": (c_uint32, _DEVICE, c_void_p),
}
OPTIONAL: Final = frozenset({"XMS_acsDllInit"})
Listener = CFUNCTYPE(None, c_void_p)
"""`EsrFunc`: the published headers differ between an integer and a pointer; a pointer is what arrives."""
