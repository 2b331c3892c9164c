"""Which announcements (提示音) does every site begin with, and how do a site's own get to a device?

The list is data: `prompts.toml` beside this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Protocol, runtime_checkable

import msgspec


class BuiltIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of them."""

    label: str
    """What it is for, in Chinese."""
    text: str
    """What it says."""
    piece: bool = False
    """A word inside a sentence: no pause before and after it."""


class StoredPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement as it lies on a device."""

    seconds: float
    sha256: str = ""
    """Of the WAV that it was put from (hexadecimal); empty: the device's own."""


class PromptStore(Protocol):
    """Where a device keeps its announcements. Every method raises `OSError` when the place is not within reach."""

    async def prompt_names(self) -> Mapping[str, StoredPrompt]:
        """Every announcement that can be played now."""
        ...

    async def put_prompt(self, name: str, wav: bytes) -> None:
        """From now on that one is played under the name: WAV, 8 kHz, mono, 16 bits. Calls in which the former is
        playing hear it to its end."""
        ...

    async def restore_prompt(self, name: str) -> None:
        """The device's own is played again; there is none: nothing is. What was never put stays as it is."""
        ...

    async def read_prompt(self, name: str) -> bytes | None:
        """What is played under that name, as WAV; None: nothing, or nothing that can be given away."""
        ...


@runtime_checkable
class StoresPrompts(Protocol):
    """An adapter whose announcements the service puts in their place."""

    @property
    def prompt_store(self) -> PromptStore | None:
        """None: the place is not within our reach."""
        ...


@cache
def built_in() -> Mapping[str, BuiltIn]:
    """Each by its name, in the order of the list."""
    return msgspec.toml.decode((files("adapters") / "prompts.toml").read_bytes(), type=dict[str, BuiltIn])
