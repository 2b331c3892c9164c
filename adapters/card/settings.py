"""What must be known of a telephony card? The table `[adapters.NAME]` with `kind = "card"`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Extension = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z*#-]{1,16}$")]
Number = Annotated[int, Field(ge=0, le=65_535)]


class CardSettings(BaseModel):
    """Settings of the cards in one machine that one vendor's library drives."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vendor: Literal["shp_a3", "keygoe"]
    """三汇 SHP_A3, 东进 Keygoe XMS."""
    library: Path
    """The vendor's library, whole path: `/usr/local/lib/libSHP_A3.so`."""
    config: Path | None = None
    """SHP_A3: the vendor's configuration (`ShConfig.ini`); `ShIndex.ini` lies beside it."""
    server: Annotated[str, StringConstraints(pattern=r"^([0-9.]{7,15}:[0-9]{1,5})?$")] = ""
    """Keygoe: address and port of the XMS service."""
    user: str = Field(default="", max_length=31)
    password: str = ""
    """Keygoe: reference to the password, `file:…` or `env:NAME`."""

    trunks: list[Number] = Field(default=[], max_length=1024)
    """Channels of the lines outside (外线通道) that are the hotline's; empty: all the card has."""
    seats: dict[Extension, Number] = Field(default={}, max_length=1024)
    """Extension of a seat → channel of the card's station port (坐席通道) that its phone hangs on."""
    dialled: str = Field(default="", max_length=32)
    """What callers have dialled, where the line does not say: as a rule 12348."""
    conference: bool = True
    """The card can put more than two into a conference (会议); hold, mute, consultation and three-way depend on it."""

    prompts: Path | None = None
    """Folder of announcements: NAME.wav (SHP_A3) or NAME.alaw (Keygoe), A-law at 8 kHz; ours to write into."""
    music: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "music"
    """The file there that waiting callers hear again and again; when it is missing they hear nothing."""
    recordings: Path | None = None
    """Where recordings go; unset: below the service's own folder."""

    polarity_reversal: bool = False
    """The exchange turns the wires of an analogue line round (极性反转) when the caller has hung up; the carrier says
    whether it does."""
    ring_gap_seconds: float = Field(default=7, ge=2, le=30)
    """No ring for so long on an analogue line: the caller has gone. Chinese lines ring every 5 seconds."""
    start_seconds: float = Field(default=60, ge=1, le=600)
    """The library loads the cards' firmware when it is opened."""
    stuck_seconds: float = Field(default=10, ge=1, le=120)
    """A library that does not return from a call for so long has hung: its process is killed and begun anew."""

    @model_validator(mode="after")
    def _complete(self) -> CardSettings:
        if self.vendor == "shp_a3" and self.config is None:
            raise ValueError("缺少 config：请写明三汇的配置文件 ShConfig.ini 的路径")
        if self.vendor == "keygoe" and not self.server:
            raise ValueError('缺少 server：请写明 XMS 服务的地址和端口，如 "127.0.0.1:9000"')
        twice = [number for number in self.seats.values() if list(self.seats.values()).count(number) > 1]
        if twice:
            raise ValueError(f"seats：通道 {twice[0]} 写了两次，一个坐席通道只接一部电话")
        both = sorted(set(self.trunks) & set(self.seats.values()))
        if both:
            raise ValueError(f"通道 {both[0]} 既写在 trunks 又写在 seats 中，请改正其一")
        return self
