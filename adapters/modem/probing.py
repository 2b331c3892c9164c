"""What modem is this, and how does one speak to it? Asked when the wire has been opened.

Nothing is assumed that the modem can be asked: its make by +FMI, +FMM and ATI3, its voice mode by +FCLASS=? and #CLS=?,
its sound by +VSM=?, its way to show callers by trying.
"""

from __future__ import annotations

from typing import Final

import msgspec

from adapters.caller_id.modem_lines import ENABLE
from adapters.errors import LinkDown, NoAnswer, Refused
from adapters.modem.dialects import DIALECTS, Dialect, dialect_of
from adapters.modem.modem import Modem
from adapters.modem.sounds import Coding, chosen, listed

RESET_SECONDS: Final = 2.0
QUIET: Final = "ATS0=0E1V1Q0"
"""Never answer by itself; echo; answer, in words."""
WHO: Final = ("AT+FMI?", "AT+FMM?", "ATI3")
FLOW: Final = {"rtscts": ("AT+IFC=2,2", "AT&K3", "AT&H1&R2"), "xonxoff": ("AT+IFC=1,1", "AT&K4"), "none": ()}
MAKE_CHARS: Final = 80

_OWN_CALLER_ID: Final = {"rockwell": "AT#CID=1"}


class Found(msgspec.Struct, frozen=True):
    """What it turned out to be."""

    make: str
    dialect: Dialect
    coding: Coding
    caller_id: str
    """The command that turned caller id on; empty: none was accepted."""
    listed_sound: bool
    """The modem named the coding itself; else it is what is usual for its make."""

    def told(self) -> str:
        """For a person, in Chinese."""
        sound = f"{self.coding.law} {self.coding.rate} Hz（{self.coding.number}）"
        parts = [
            self.make or "未报型号",
            f"方言 {self.dialect.name}",
            f"声音 {sound}{'' if self.listed_sound else '，设备未列出，按惯例'}",
            f"来电显示 {self.caller_id}" if self.caller_id else "未能开通来电显示",
        ]
        return "；".join(parts)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say of it."""

    dialect: str = "auto"
    compression: str = "auto"
    caller_id: str = ""
    """The command that turns it on, where none of the usual ones does."""
    flow: str = "rtscts"
    silence_seconds: float = 0.0
    distinctive: bool = False
    """How it rings tells which number was dialled."""
    setup: tuple[str, ...] = ()
    """Commands of the site's own, at the end."""


async def probe(modem: Modem, wanted: Wanted) -> Found:
    """Reset it, ask it, set it up. Raises `LinkDown` when nothing there answers, or has no voice."""
    try:
        await _reset(modem)
        modem.echoes = False  # the reset may have ended it
        await modem.ask(QUIET)
        await _agree_on_echo(modem)
        make = await _make(modem)
        dialect = await _dialect(modem, make, wanted.dialect)
        for command in FLOW[wanted.flow]:
            if await modem.accepts(command):
                break
        await modem.ask(dialect.voice)
        coding, was_listed = await _coding(modem, dialect, wanted.compression)
        await modem.ask(dialect.select.format(number=coding.number, rate=coding.rate))
        silence = dialect.silence.format(tenths=round(wanted.silence_seconds * 10))
        rings = (dialect.cadence,) if wanted.distinctive and dialect.cadence else ()
        for command in (*dialect.prepare, silence, *rings, *wanted.setup):
            await modem.accepts(command)
        return Found(make, dialect, coding, await _caller_id(modem, dialect, wanted.caller_id), was_listed)
    except (NoAnswer, Refused) as error:
        raise LinkDown(f"no voice modem: {error}") from error


async def _reset(modem: Modem) -> None:
    """The answer counts behind the echo: what the modem still has to say to whoever was here before is none of it. A
    modem that does not answer so may not echo, or be playing still, or be set to answer in numbers, or not at all."""
    modem.echoes = True
    try:
        await modem.ask("ATZ", RESET_SECONDS)
    except (NoAnswer, Refused):
        await modem.wake(QUIET)
        await _agree_on_echo(modem)
        await modem.ask("ATZ")  # it may be off hook still


async def _agree_on_echo(modem: Modem) -> None:
    """It was told to echo. Some never do."""
    modem.echoes = True
    try:
        await modem.ask("AT", RESET_SECONDS)
    except NoAnswer:
        modem.echoes = False
        await modem.ask("AT", RESET_SECONDS)


async def _make(modem: Modem) -> str:
    """What it says of itself, nothing of it twice."""
    known = ""
    for command in WHO:
        try:
            answer = await modem.ask(command)
        except Refused:
            continue
        for line in answer:
            said = line.partition(":")[2].strip() if line.startswith("+FM") else line
            known = known if said in known else f"{known} {said}".strip()
    return known[:MAKE_CHARS]


async def _dialect(modem: Modem, make: str, named: str) -> Dialect:
    if named != "auto":
        return DIALECTS[named]
    plus, sharp = await _has_voice(modem, "AT+FCLASS=?"), False
    if not plus:
        sharp = await _has_voice(modem, "AT#CLS=?")
    found = dialect_of(make, plus=plus, sharp=sharp)
    if found is None:
        raise Refused(f"{make or 'the modem'} has neither +FCLASS=8 nor #CLS=8")
    return found


async def _has_voice(modem: Modem, question: str) -> bool:
    """`0,1,2,8`, `(0-2,8)`, `0,1,8.0`."""
    try:
        answer = " ".join(await modem.ask(question))
    except Refused:
        return False
    classes = answer.replace("(", ",").replace(")", ",").replace(" ", ",").split(",")
    return any(each in ("8", "8.0") for each in classes)


async def _coding(modem: Modem, dialect: Dialect, compression: str) -> tuple[Coding, bool]:
    """And whether the modem named it itself."""
    wanted = "" if compression == "auto" else compression
    try:
        there = listed(await modem.ask(dialect.codings)) if dialect.codings else []
    except Refused:
        there = []
    best = chosen([each for each in there if each == dialect.usual], wanted) or chosen(there, wanted)
    if best is None and wanted and there:
        raise Refused(f"no coding {wanted} among those it lists")
    return (best, True) if best is not None else (dialect.usual, False)


async def _caller_id(modem: Modem, dialect: Dialect, named: str) -> str:
    usual = [each.decode().strip() for each in ENABLE]
    first = _OWN_CALLER_ID.get(dialect.name, "AT+VCID=1")
    for command in (named,) if named else dict.fromkeys((first, *usual)):
        if await modem.accepts(command):
            return command
    return ""
