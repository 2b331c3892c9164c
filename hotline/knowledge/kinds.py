"""What is there in the knowledge base, how long may it be, and why is something about it refused?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What an item is for."""

    SCRIPT = "script"
    """话术: what to say, ready to be said."""
    ARTICLE = "article"
    """文章: a question and its answer."""
    STATUTE = "statute"
    """法规: a provision as it is cited, with our own summary and its days of validity."""
    CASE = "case"
    """案例: what was told to somebody, without the somebody."""


KINDS: Final = {Kind.SCRIPT: "话术", Kind.ARTICLE: "文章", Kind.STATUTE: "法规", Kind.CASE: "案例"}

MAX_TITLE: Final = 120
MAX_BODY: Final = 20_000
MAX_CITATION: Final = 300
MAX_SOURCE: Final = 300
MAX_TAG: Final = 20
MAX_TAGS: Final = 12
MAX_CATEGORIES: Final = 20
MAX_WORDS: Final = 500
"""Signs of what the desk says about an item."""


class KnowledgeRefused(Exception):
    """`code` is one of the API's, `detail` what exactly (Chinese), `errors` where in what was sent."""

    def __init__(self, code: str, detail: str = "", errors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail
        self.errors = list(errors)
