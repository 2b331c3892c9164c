"""How do the values lie in memory that Keygoe's library takes and gives?

After the vendor's header `DJAcsDataDef.h` and the types of `ITPDataDefine.h`, as published with demonstration programs:
`DJ_S32` and handles have 32 bits, natural alignment, a file name 128 characters where it is played and 260 where it is
recorded.
"""

from __future__ import annotations

from ctypes import Structure, c_byte, c_char, c_int16, c_int32, c_uint8, c_uint16, c_uint32
from typing import Final

PATH_PLAYED: Final = 128
PATH_RECORDED: Final = 260


class ServerId(Structure):
    """`ServerID_t`."""

    _fields_ = (("ip", c_char * 32), ("port", c_uint32), ("user", c_char * 32), ("password", c_char * 32))


class DeviceId(Structure):
    """`DeviceID_t`. The last two say which service the device belongs to; they come with `XMS_EVT_OPEN_DEVICE`."""

    _fields_ = (
        ("main", c_int16),
        ("sub", c_int16),
        ("module", c_byte),
        ("machine", c_byte),
        ("channel", c_int16),
        ("group", c_int16),
        ("spare", c_byte * 2),
        ("flow_type", c_int32),
        ("flow_channel", c_int32),
    )


class Event(Structure):
    """`Acs_Evt_t`; what belongs to the event follows it."""

    _fields_ = (
        ("handle", c_uint32),
        ("device", DeviceId),
        ("size", c_int32),
        ("type", c_int32),
        ("parameter", c_uint32),
    )


class DeviceList(Structure):
    """`Acs_Dev_List_Head_t`; the devices follow."""

    _fields_ = (("main", c_int32), ("module", c_int32), ("count", c_int32))


class General(Structure):
    """`Acs_GeneralProc_Data`."""

    _fields_ = (("ok", c_int32), ("error", c_int32), ("state", c_int32), ("spare", c_int32))


class CallControl(Structure):
    """`Acs_CallControl_Data`."""

    _fields_ = (
        ("ok", c_int32),
        ("error", c_int32),
        ("clear_cause", c_int32),
        ("category", c_uint8),
        ("calling_indicator", c_uint8),
        ("called_indicator", c_uint8),
        ("spare", c_byte),
        ("calling", c_char * 32),
        ("called", c_char * 32),
    )


class AnalogInterface(Structure):
    """`Acs_AnalogInterface_Data`."""

    _fields_ = (("ok", c_int32), ("error", c_int32), ("state", c_uint8), ("spare", c_byte * 3))


class IoData(Structure):
    """`Acs_IO_Data`; the bytes follow."""

    _fields_ = (("ok", c_int32), ("error", c_int32), ("type", c_uint16), ("length", c_uint16))


class MediaDone(Structure):
    """`Acs_MediaProc_Data`."""

    _fields_ = (("ok", c_int32), ("error", c_int32), ("task", c_uint8), ("key", c_uint8), ("spare", c_byte * 2))


class PlayProperty(Structure):
    """`PlayProperty_t`. Zero everywhere: a whole file of A-law at 8 kHz."""

    _fields_ = (
        ("task", c_uint8),
        ("source", c_uint8),
        ("coding", c_uint8),
        ("spare", c_byte),
        ("most_bytes", c_uint32),
        ("most_seconds", c_uint32),
        ("stop_mode", c_uint32),
        ("stop_code", c_uint32),
        ("offset", c_uint16),
        ("type", c_uint16),
        ("index", c_uint16),
        ("file", c_char * PATH_PLAYED),
        ("offset_rest", c_uint16),
    )


class Mixer(Structure):
    """`MixerControlParam_t`."""

    _fields_ = (
        ("one", c_uint8),
        ("two", c_uint8),
        ("one_channel", c_uint16),
        ("two_channel", c_uint16),
        ("spare", c_byte * 2),
    )


class RecordProperty(Structure):
    """`RecordProperty_t`. Zero everywhere: A-law at 8 kHz without end, over what was there."""

    _fields_ = (
        ("most_bytes", c_uint32),
        ("most_seconds", c_uint32),
        ("coding", c_uint8),
        ("source", c_uint8),
        ("stop_mode", c_uint8),
        ("stop_code", c_uint8),
        ("mixed", c_byte),
        ("spare", c_byte),
        ("mixer", Mixer),
        ("append", c_byte),
        ("file", c_char * PATH_RECORDED),
        ("spare_too", c_byte),
    )


class ControlPlay(Structure):
    """`ControlPlay_t`. Zero: stop."""

    _fields_ = (("type", c_uint16), ("step", c_uint16), ("tune", c_uint16), ("speed", c_uint16))


class ControlRecord(Structure):
    """`ControlRecord_t`. Zero: stop."""

    _fields_ = (("type", c_uint32), ("step", c_uint32), ("speed", c_uint32))


class ConferenceParameter(Structure):
    """`CmdParamData_Conf_t`: what goes in from a member, and what comes out to him."""

    _fields_ = (("input", c_uint8), ("output", c_uint8), ("spare", c_byte * 2))
