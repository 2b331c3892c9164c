"""How are callers and phones started, and what did they live through? One SIPp process, one ledger."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from adapters.asterisk.rig.scenarios import CallerPlan, SeatPlan, caller_xml, seat_xml
from adapters.errors import Misconfigured


class CallerLedgerRow(msgspec.Struct, kw_only=True):
    """What one caller lived through, by his own clock."""

    number: str
    sip_call_id: str
    invited_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    end: Literal["", "hung_up", "hung_up_on", "gave_up", "refused"] = ""


class SeatLedgerRow(msgspec.Struct, kw_only=True):
    """What one ringing of a phone was, by its own clock. `offer` is empty where the INVITE named none."""

    extension: str
    offer: str
    rung_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    end: Literal["", "hung_up", "hung_up_on", "cancelled", "refused"] = ""


@dataclass(slots=True)
class SippRun:
    """A running SIPp. Stops when the block that started it ends."""

    process: subprocess.Popen[bytes]
    folder: Path
    name: str
    local: tuple[str, int]
    media: tuple[str, int]
    """Where the first call's sound arrives."""

    @property
    def running(self) -> bool:
        """It has not ended."""
        return self.process.poll() is None

    def wait(self, seconds: float) -> int:
        """Wait for its end; its exit code (0 every call went as planned). Raises `TimeoutError`."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"SIPp {self.name} still runs after {seconds:g} s") from error

    def stop(self) -> None:
        """End it: politely first, so that its ledger is written out; what it holds is hung up."""
        for how, patience in ((signal.SIGUSR1, 1.0), (signal.SIGTERM, 0.5), (signal.SIGKILL, 2.0)):
            if not self.running:
                return
            self.process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)

    def callers(self) -> list[CallerLedgerRow]:
        """The ledger of callers, in the order of their INVITEs."""
        rows: dict[str, CallerLedgerRow] = {}
        for word, who, what, at in self._notes():
            if word == "I":
                rows[who] = CallerLedgerRow(number=who, sip_call_id=what, invited_at=at)
            elif word == "A":
                rows[who].answered_at = at
            elif rows[who].ended_at is None:
                rows[who].ended_at, rows[who].end = at, what  # pyright: ignore[reportAttributeAccessIssue]  # our own words
        return list(rows.values())

    def seats(self) -> list[SeatLedgerRow]:
        """The ledger of phones, in the order of their INVITEs. One phone has one call at a time; the next one's INVITE
        may overtake the last one's BYE, so a talk that ends is the one that began first."""
        rows: list[SeatLedgerRow] = []
        latest: dict[str, SeatLedgerRow] = {}
        talks: dict[str, list[SeatLedgerRow]] = {}
        for word, who, what, at in self._notes():
            if word == "I":
                row = SeatLedgerRow(extension=who, offer=what, rung_at=at)
                rows.append(row)
                latest[who] = row
            elif word == "A":
                latest[who].answered_at = at
                talks.setdefault(who, []).append(latest[who])
            else:
                talking = talks.get(who) if what in ("hung_up", "hung_up_on") else None
                row = talking.pop(0) if talking else latest[who]
                row.ended_at, row.end = at, what  # pyright: ignore[reportAttributeAccessIssue]  # our own words
        return rows

    async def until(self, notes: int, seconds: float = 5.0) -> None:
        """Until the ledger has that many lines. Raises `TimeoutError`."""
        end = time.monotonic() + seconds
        while (seen := len(self._notes())) < notes:
            if time.monotonic() > end:
                raise TimeoutError(
                    f"SIPp {self.name}: {seen} of {notes} notes after {seconds:g} s {self.errors()[-300:]}"
                )
            await asyncio.sleep(0.02)

    def errors(self) -> str:
        """What SIPp found strange."""
        file = self.folder / f"{self.name}.errors"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def unreadable(self) -> list[str]:
        """Lines of the ledger that cannot be counted. One that is ended under load leaves some without their stamp; of
        a run that came to its end there must be none."""
        return [text for text in self._lines() if _note(text) is None]

    def _notes(self) -> list[tuple[str, str, str, datetime]]:
        return [note for text in self._lines() if (note := _note(text)) is not None]

    def _lines(self) -> list[str]:
        file = self.folder / f"{self.name}.notes"
        written = file.read_text("utf-8", "replace") if file.exists() else ""
        # SIPp writes block by block: the last line may be there in part.
        return written[: written.rfind("\n") + 1].splitlines()


def _note(text: str) -> tuple[str, str, str, datetime] | None:
    words = text.split(" ")
    if len(words) != 5 or words[0] not in ("I", "A", "E") or not words[3] or not words[4]:
        return None
    at = datetime.fromtimestamp(int(float(words[3])), UTC) + timedelta(microseconds=float(words[4]))
    return words[0], words[1], words[2], at


def start_callers(
    plan: CallerPlan,
    numbers: Sequence[str],
    *,
    rate: float,
    target: tuple[str, int],
    local: tuple[str, int],
    media_port: int,
    folder: Path,
    name: str,
    talks_ms: Sequence[int] = (),
) -> SippRun:
    """Callers with these numbers, `rate` a second; the run ends with the last of them. `talks_ms`: how long each
    of them talks, where the plan leaves that to them."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{number};{talk}" for number, talk in zip(numbers, talks_ms, strict=True)] if talks_ms else numbers
    (folder / f"{name}.csv").write_text("\n".join(["SEQUENTIAL", *lines, ""]))
    arguments = [
        *(f"{target[0]}:{target[1]}", "-inf", str(folder / f"{name}.csv"), "-m", str(len(numbers)), "-l", "9000"),
        # SIPp takes whole numbers of calls a period: five digits after the point are plenty.
        *("-r", str(round(rate * 1000)), "-rp", "1000000"),
    ]
    return _start(caller_xml(plan), arguments, local, media_port, folder, name)


def start_seats(plan: SeatPlan, *, local: tuple[str, int], media_port: int, folder: Path, name: str) -> SippRun:
    """A group of phones at one address."""
    run = _start(seat_xml(plan), [], local, media_port, folder, name)
    _await_port(run, local)
    return run


def _start(
    xml: str, arguments: Sequence[str], local: tuple[str, int], media_port: int, folder: Path, name: str
) -> SippRun:
    if shutil.which("sipp") is None:
        raise Misconfigured("sipp is missing: apt-get install sip-tester")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.xml").write_text(xml, "utf-8")
    command = [
        *("setpriv", "--pdeathsig", "KILL", "sipp", *arguments, "-sf", str(folder / f"{name}.xml")),
        *("-i", local[0], "-p", str(local[1]), "-mi", local[0], "-mp", str(media_port)),
        *("-nostdin", "-buff_size", "8388608"),
        *("-trace_logs", "-log_file", str(folder / f"{name}.notes")),
        *("-trace_err", "-error_file", str(folder / f"{name}.errors")),
    ]
    environment = {**os.environ, "TERM": "dumb"}
    with (folder / f"{name}.screen").open("wb") as screen:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=screen,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a scheduler group of its own: see hotline/bench/machine.py
        )
    return SippRun(process=process, folder=folder, name=name, local=local, media=(local[0], media_port))


def _await_port(run: SippRun, local: tuple[str, int], seconds: float = 5.0) -> None:
    """SIPp listens: otherwise the first INVITE would be lost and repeated half a second later."""
    wanted = f"{_hex_address(local[0])}:{local[1]:04X}"
    end = time.monotonic() + seconds
    while wanted not in Path("/proc/net/udp").read_text("ascii"):
        if not run.running:
            raise Misconfigured(f"SIPp {run.name} ended at once: {run.errors()[-500:]}")
        if time.monotonic() > end:
            raise TimeoutError(f"SIPp {run.name} does not listen on {local}")
        time.sleep(0.01)


def _hex_address(address: str) -> str:
    return "".join(f"{int(step):02X}" for step in reversed(address.split(".")))
