"""Which sound device belongs to a line: a `sound` table in the settings of an adapter."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class SoundSettings(BaseModel):
    """The sound device of one line. Devices are named, never numbered: their order changes with every plug."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device: str = Field(default="", max_length=200)
    """Name of the device, or a part of it that no other device's name has; `hotline adapter sound` lists them."""
    input: str = Field(default="", max_length=200)
    """Where the line is heard, should that be another device."""
    output: str = Field(default="", max_length=200)
    """Where announcements go, should that be another device."""
    input_gain_db: float = Field(default=0, ge=-40, le=40)
    """The line comes in too quietly: more; it is clipped already at the device's own mixer: nothing helps here."""
    output_gain_db: float = Field(default=0, ge=-40, le=40)
    rate_hz: int = Field(default=0, ge=0, le=192_000)
    """How many samples per second the device is opened with; 0: 8000 if it can, else what it is made for. Only for
    cards that claim to do 8000 and do it badly."""

    @model_validator(mode="after")
    def _some_device(self) -> Self:
        if not (self.device or self.input or self.output):
            raise ValueError('应写明声音设备的名称，如 device = "USB Audio"；hotline adapter sound 列出本机的设备')
        return self

    @property
    def heard_at(self) -> str:
        """The device where the line is heard."""
        return self.input or self.device

    @property
    def spoken_to(self) -> str:
        """The device where announcements go."""
        return self.output or self.device
