"""What must be known of a FreeSWITCH to listen to it? The table `[adapters.NAME]` with `kind = "freeswitch"`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[^\s%]{1,64}$")]
Extension = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z*#-]{1,16}$")]


class FreeswitchSettings(BaseModel):
    """Settings of one FreeSWITCH, and which of its calls are the hotline's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])$")] = "127.0.0.1"
    """Name or address; IPv6 in brackets."""
    port: int = Field(default=8021, ge=1, le=65_535)
    password: str
    """Reference to the event socket's password: `file:…` or `env:NAME`."""

    queues: list[Name] = Field(default=[], max_length=64)
    """Queues of mod_callcenter (呼叫中心模块) whose members are the hotline's callers; `@domain` may be left out."""
    numbers: list[Name] = Field(default=[], max_length=64)
    """Numbers that callers of the hotline have dialled, as FreeSWITCH sees them arrive."""
    contexts: list[Name] = Field(default=[], max_length=64)
    """Dial-plan contexts (拨号方案) they arrive in. With `numbers` as well, both have to fit."""
    seat_pattern: str = Field(default="[0-9]{3,6}", min_length=1, max_length=200)
    """What an extension (分机) of a seat looks like; whoever else picks up is a seat that is not known."""
    agents: dict[Name, Extension] = Field(default={}, max_length=1000)
    """Name of an agent (坐席) in mod_callcenter → his extension, where the name itself is none."""
    silence_seconds: float = Field(default=45, ge=1, le=600)
    """FreeSWITCH gives a sign of life (HEARTBEAT) every 20 seconds; for so long without one, the link is down."""

    @field_validator("seat_pattern")
    @classmethod
    def _pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"不是正确的正则表达式：{error}") from error
        return pattern

    @model_validator(mode="after")
    def _something_to_hear(self) -> FreeswitchSettings:
        if not (self.queues or self.numbers or self.contexts):
            raise ValueError("缺少 queues、numbers 或 contexts：请写明哪些来电属于热线")
        return self
