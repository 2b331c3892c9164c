"""What a site says about its voice modems: the `[adapters.NAME]` table of kind `modem`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from adapters.line_audio.settings import SoundSettings
from adapters.modem.dialects import Meaning
from adapters.wire.link import WireSettings

Port = Annotated[int, Field(ge=1, le=9999)]
Extension = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z*#-]{1,16}$")]
AtCommand = Annotated[str, StringConstraints(pattern=r"^[Aa][Tt][ -~]{1,78}$")]


class LineTable(WireSettings):
    """One modem, on one telephone line."""

    baud: int = Field(default=115_200, ge=19_200, le=4_000_000)
    """Sound takes 8000 bytes a second and more: slower than 115200 only where the modem samples less."""
    flow: Literal["none", "rtscts", "xonxoff"] = "rtscts"
    dialect: Literal["auto", "v253", "v253-usr", "conexant", "rockwell"] = "auto"
    """`auto`: what the modem itself says decides."""
    compression: Literal["auto", "u8", "ulaw", "alaw"] = "auto"
    caller_id: AtCommand | Literal[""] = ""
    """The command that turns caller id on, where none of the usual ones does."""
    setup: list[AtCommand] = Field(default=[], max_length=16)
    """Commands of the site's own, sent last: country, gain, thresholds."""
    dialled: str = Field(default="", max_length=32)
    """What callers of this line have dialled; left out: that of the adapter."""
    patterns: dict[str, str] = Field(default={}, max_length=16)
    """Distinctive ring (区别振铃) → number that was dialled: `A`, `2`, or the cadence `5-11-5-34`."""
    seat: Extension | Literal[""] = ""
    """Extension (分机) of the seat whose desk telephone is on the line's phone jack."""
    receiver_told: bool = False
    """The modem says when that telephone is picked up: a click in the console alone does not answer."""
    silence_seconds: float = Field(default=0, ge=0, le=25)
    """While nothing is played, a caller of whom nothing is heard for so long has gone; 0: silence is no sign."""
    sound: SoundSettings | None = None
    """Sound goes through a sound device beside the modem (`adapters/line_audio`), not over the wire."""


class ModemSettings(BaseModel):
    """Settings of a group of modems."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: dict[Port, LineTable] = Field(min_length=1, max_length=32)
    dialled: str = Field(default="", max_length=32)
    """What callers have dialled, as a rule 12348."""
    prompts: Path | None = None
    """Folder with the site's own announcements (NAME.wav, `music.wav`); what is uploaded in the console goes before."""
    ring_gap_seconds: float = Field(default=7, ge=1, le=30)
    """No ring for so long: the caller has gone. Chinese lines ring every 5 seconds (1 s on, 4 s off)."""
    number_wait_seconds: float = Field(default=6, ge=0, le=8)
    """Not answered before the number has come, the second ring, or so long: a number comes between the first two."""
    seize_seconds: float = Field(default=1, ge=0.2, le=3)
    """Who is turned away has the line for so long: an exchange does not see anything shorter, and rings on."""
    settle_seconds: float = Field(default=2, ge=0, le=10)
    """A line that was hung up is left alone for so long."""
    message_silence_seconds: float = Field(default=6, ge=0.5, le=60)
    """A message (留言) is over when nothing was said for so long."""
    hang_up: frozenset[Literal["busy", "dial_tone", "loop_break", "polarity"]] = frozenset(
        {"busy", "dial_tone", "loop_break", "polarity"}
    )
    """Signs that the caller has hung up. An exchange that turns the wires round when it answers: without `polarity`."""

    @property
    def hang_up_meanings(self) -> frozenset[Meaning]:
        """The same, as events mean it."""
        return frozenset(Meaning(each) for each in self.hang_up)

    @property
    def ring_gap(self) -> timedelta:
        """How long after the last ring it rings no longer."""
        return timedelta(seconds=self.ring_gap_seconds)

    @property
    def number_wait(self) -> timedelta:
        """How long the number is waited for."""
        return timedelta(seconds=self.number_wait_seconds)

    @property
    def settle(self) -> timedelta:
        """How long a line that was hung up is left alone."""
        return timedelta(seconds=self.settle_seconds)
