"""What a site says about lines that are listened at: the `[adapters.NAME]` table of kind `cti-serial`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from adapters.line_audio.settings import SoundSettings
from adapters.wire.link import WireSettings

WireName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,15}$")]
Port = Annotated[int, Field(ge=1, le=9999)]
Extension = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z*#-]{1,16}$")]


class WireTable(WireSettings):
    """One wire: where it is, and what is spoken on it. Line parameters that are left out are the dialect's."""

    dialect: str = Field(min_length=1, max_length=200)
    """A built-in one (`whozz`, `panasonic`), or the path of a record description that was copied and adapted."""
    greeting: str = Field(default="", max_length=200)
    """What is sent when the wire has been opened, in place of what is usual for the dialect: for a modem that wants
    another command to turn caller id on, `ATS0=0V1Q0#CID=1`. A line end is added."""
    ports: dict[str, Port] = Field(default={}, max_length=1000)
    """The device's name of a line → the number of the channel here; left out: the same number, one line: 1."""

    @property
    def greeting_bytes(self) -> bytes:
        """With its line end; empty: what is usual."""
        return f"{self.greeting}\r".encode() if self.greeting else b""


class CtiSettings(BaseModel):
    """Settings of one group of lines, which one device tells of, or several that see the same calls."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wires: dict[WireName, WireTable] = Field(min_length=1, max_length=8)
    seats: dict[Port, Extension] = {}
    """Channel → extension of the seat (分机) whose telephone is on that line."""
    sound: dict[Port, SoundSettings] = Field(default={}, max_length=32)
    """Channel → the sound device that hears the line: calls are recorded while the box says that the receiver is off
    the hook."""
    recordings: Path | None = None
    """Where recordings are kept; unset: in the service's state directory."""
    dialled: str = Field(default="", max_length=32)
    """What callers of these lines have dialled, as a rule 12348."""
    patterns: dict[str, str] = {}
    """Distinctive ring (区别振铃) → number that was dialled."""
    zone: str = "Asia/Shanghai"
    """Time zone of device times, which carry none."""
    max_ahead_seconds: int = Field(default=120, ge=0, le=86_400)
    """A device time further in the future than this is taken for a wrong clock."""
    max_age_days: int = Field(default=31, ge=1, le=3_650)
    """A device time older than this is taken for a clock that was never set."""
    ring_gap_seconds: float = Field(default=7, ge=2, le=30)
    """No ring for so long: the caller has gone. Chinese lines ring every 5 seconds (1 s on, 4 s off)."""
    alone_seconds: float = Field(default=40, ge=5, le=300)
    """A device that gives numbers and no rings: for so long a call is taken for ringing."""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (OSError, KeyError, ValueError) as error:
            raise ValueError(f"没有时区 {zone!r}，通常为 Asia/Shanghai") from error
        return zone

    @property
    def ring_gap(self) -> timedelta:
        """How long after the last ring it rings no longer."""
        return timedelta(seconds=self.ring_gap_seconds)

    @property
    def alone(self) -> timedelta:
        """How long a number without rings is taken for a ringing call."""
        return timedelta(seconds=self.alone_seconds)
