"""Pieces of bodies that several routers use."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

T = TypeVar("T")

Code = Annotated[str, StringConstraints(pattern=r"^[\w.\-]{1,64}$")]
"""Ids of our own making: halls, seats, calls, tickets, categories, accounts. Nothing in it needs escaping."""
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200, pattern=r"^[^\x00-\x1f]+$")
]
"""Why somebody does what is recorded."""


def choices(*values: str | None) -> dict[str, JsonValue]:
    """For the document only: what such a field may hold. What is stored is shown, whatever it is."""
    return {"enum": list(values)}


class Sent(BaseModel):
    """A body that comes in: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid")


class Done(BaseModel):
    """已执行"""

    done: bool = True


class Shown(BaseModel):
    """A body that goes out."""

    model_config = ConfigDict(from_attributes=True)


class Page(Shown, Generic[T]):
    """One page of a list, newest first."""

    items: list[T]
    next_cursor: str | None = Field(default=None, description="下一页的标记；没有更多时为空")
