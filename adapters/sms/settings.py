"""What does a site say about its gateway for text messages: the `[sms.NAME]` table of the kind `http`?"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from adapters.bridges.settings import CallbackSettings, HttpSettings
from adapters.sms_text import is_signature


def _registered(text: str) -> str:
    if not is_signature(text):
        raise ValueError("signature：应为 2 到 20 个字，不含空格和【】；须与运营商报备的签名一致")
    return text


class SmsHttpSettings(HttpSettings):
    """`[sms.NAME]`: address, secret and limits as of a bridge's HTTP side."""

    signature: Annotated[str, AfterValidator(_registered)]
    """签名: what stands in 【】 before each text."""
    max_segments: int = Field(default=4, ge=1, le=10)
    """计费条数: longer texts are not sent."""
    deduplicates: bool = False
    """They promise that the same key is sent once, however often it comes."""
    asks: bool = False
    """They answer `GET /messages/KEY`."""
    receipts: CallbackSettings | None = None
    """Who may push receipts to us; unset: nobody does."""
