"""The other end of the wire: what caller-ID boxes and listening modems send, byte for byte as `dialects/` reads it.

Pure functions; times are arguments and are the device's own. `number` None with a `hidden` is a caller that does not
show one; None without is a number nobody knows the reason for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from adapters.caller_id.fsk_frame import CALL_TYPE, MDMF, NAME, NO_NUMBER, NUMBER, SDMF
from adapters.cti_serial.signs import Hidden

SEIZURE: Final = b"\x55" * 30
"""What a modem chip hands on of the 0/1 pattern before an FSK frame (信道占用)."""

_LETTER: Final = {Hidden.WITHHELD: "P", Hidden.OUT_OF_AREA: "O", None: ""}

# ── FSK and DTMF ─────────────────────────────────────────────────────────────────────────────────────────────────────


def framed(kind: int, data: bytes) -> bytes:
    """An FSK frame of that type with the right checksum; `data` has at most 255 bytes."""
    frame = bytes((kind, len(data))) + data
    return frame + bytes((-sum(frame) % 256,))


def parameter(kind: int, data: bytes) -> bytes:
    """One parameter of an MDMF frame; `data` has at most 255 bytes."""
    return bytes((kind, len(data))) + data


def sdmf(number: str | None, *, at: datetime, hidden: Hidden | None = None) -> bytes:
    """SDMF (单数据消息格式): date and number."""
    return framed(SDMF, f"{at:%m%d%H%M}{number or _LETTER[hidden]}".encode())


def mdmf(number: str | None, *, at: datetime, name: bytes = b"", hidden: Hidden | None = None) -> bytes:
    """MDMF (复合数据消息格式): date, number or the reason why there is none, name."""
    shown = parameter(NUMBER, number.encode()) if number else parameter(NO_NUMBER, _LETTER[hidden].encode())
    date = parameter(0x01, f"{at:%m%d%H%M}".encode())
    return framed(MDMF, date + shown + (parameter(NAME, name) if name else b""))


def mailbox(*, waits: bool) -> bytes:
    """A message waits in a mailbox (留言等待), or does so no longer: no call."""
    return framed(0x82, parameter(0x0B, b"\xff" if waits else b"\x00"))


def mailbox_call(*, at: datetime) -> bytes:
    """The same, as an MDMF frame of type of call 81."""
    return framed(MDMF, parameter(CALL_TYPE, b"\x81") + parameter(0x01, f"{at:%m%d%H%M}".encode()))


def dtmf(number: str, *, start: str = "D", end: str = "C") -> bytes:
    """DTMF caller id (双音多频来电显示) between two symbols out of A B C D * #."""
    return f"{start}{number}{end}".encode()


# ── Boxes that send text ─────────────────────────────────────────────────────────────────────────────────────────────


def netcallerid(number: str | None, *, at: datetime, name: str = "") -> bytes:
    """NetCallerID; a call without a number has the words of the box in place of the name."""
    name = name if number else name or "-UNKNOWN CALLER-"
    return f"###DATE{at:%m%d%H%M}...NMBR{number or ''}...NAME{name}+++\r".encode()


def ncid_call(number: str, *, at: datetime, line: str, name: str = "NO NAME", kind: str = "IN") -> bytes:
    """NCID: a call comes in (`kind` IN), or goes out (OUT)."""
    return f"CALL: ###DATE{at:%m%d%H%M}...CALL{kind}...LINE{line}...NMBR{number}...NAME{name}+++\r\n".encode()


def ncid_over(number: str, *, at: datetime, line: str, answered: bool, kind: str = "IN") -> bytes:
    """NCID: it is over."""
    end = "BYE" if answered else "CANCEL"
    return f"CALLINFO: ###{end}...DATE{at:%m%d%H%M}...CALL{kind}...LINE{line}...NMBR{number}+++\r\n".encode()


def whozz_start(line: int, number: str | None, *, at: datetime, name: str = "", hidden: Hidden | None = None) -> bytes:
    """Whozz Calling: caller id has come in."""
    words = {Hidden.WITHHELD: "Private", Hidden.OUT_OF_AREA: "Out-of-Area", None: ""}
    return _whozz_record(line, "I S", 0, 0, at, number or words[hidden], name)


def whozz_end(line: int, number: str | None, *, at: datetime, seconds: int, rings: int) -> bytes:
    """Whozz Calling: an incoming call is over; `seconds` off hook, 0 when nobody took it."""
    return _whozz_record(line, "I E", seconds, rings, at, number or "", "")


def whozz_outgoing(line: int, number: str, *, at: datetime) -> bytes:
    """Whozz Calling: somebody dials."""
    return _whozz_record(line, "O S", 0, 0, at, number, "")


def whozz_detail(line: int, what: str, *, at: datetime) -> bytes:
    """Whozz Calling: `what` is R (ring), F (off hook), N (on hook) or H (hook flash)."""
    return f"{line:02} {what}             {at:%m/%d %H:%M:%S}\r\n".encode()


def fritz_ring(call: int, number: str, dialled: str, *, at: datetime, line: str = "SIP0") -> bytes:
    """FRITZ!Box: a call comes in; a number that is withheld is empty."""
    return _fritz(at, "RING", call, number, dialled, line)


def fritz_call(call: int, extension: str, own: str, number: str, *, at: datetime, line: str = "SIP0") -> bytes:
    """FRITZ!Box: a call goes out."""
    return _fritz(at, "CALL", call, extension, own, number, line)


def fritz_connect(call: int, extension: str, number: str, *, at: datetime) -> bytes:
    """FRITZ!Box: somebody picked up."""
    return _fritz(at, "CONNECT", call, extension, number)


def fritz_disconnect(call: int, seconds: int, *, at: datetime) -> bytes:
    """FRITZ!Box: it is over; 0 seconds when nobody picked up."""
    return _fritz(at, "DISCONNECT", call, seconds)


# ── Modems ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def modem_line(text: str) -> bytes:
    """One line as V.250 frames it."""
    return f"\r\n{text}\r\n".encode()


def modem_ring(pattern: str = "") -> bytes:
    """One ring; `pattern` is the distinctive one (A, B, C or 1, 2, 3)."""
    return modem_line(f"RING {pattern}".rstrip())


def modem_caller_id(number: str | None, *, at: datetime, name: str = "", hidden: Hidden | None = None) -> bytes:
    """The caller id as a Rockwell or V.253 modem prints it; in China there is no name."""
    lines = [f"DATE = {at:%m%d}", f"TIME = {at:%H%M}", f"NMBR = {number or _LETTER[hidden]}"]
    return b"".join(map(modem_line, [*lines, f"NAME = {name}"] if name else lines))


def modem_hex(frame: bytes) -> bytes:
    """The caller id as `AT#CID=2` prints it: an FSK frame in hexadecimal digits."""
    return modem_line(frame.hex().upper())


def _whozz_record(line: int, what: str, seconds: int, rings: int, at: datetime, number: str, name: str) -> bytes:
    head = f"{line:02} {what} {seconds:04} G A{min(rings, 9)} {at:%m/%d %I:%M %p}"
    return f"{head} {number:<14.14} {name:<15.15}\r\n".encode()


def _fritz(at: datetime, *fields: str | int) -> bytes:
    return (";".join((f"{at:%d.%m.%y %H:%M:%S}", *map(str, fields))) + ";\n").encode()
