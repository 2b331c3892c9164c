"""What do the gateway's receipts (状态报告) say? `{"items": [{"id", "state", "key" | "message_id", "at", "code"}]}`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from adapters.bridges.writing import clean
from adapters.errors import Undecodable
from adapters.reading import printable
from adapters.sms_gateway import DeliveryReceipt, Fate, Receipts

MAX_ITEMS: Final = 1_000
_LONG: Final = 200
_AGE: Final = timedelta(days=365)


class _Item(msgspec.Struct, frozen=True):
    id: str
    state: Fate
    key: str = ""
    message_id: str = ""
    number: str = ""
    at: datetime | None = None
    code: str = ""


class _Document(msgspec.Struct, frozen=True):
    items: list[Any]


def read_items(body: bytes, now: datetime) -> Receipts:
    """The receipts in a verified body. A piece that cannot be read is counted and left out.

    Raises `Undecodable` when the whole cannot be read.
    """
    try:
        items = msgspec.json.decode(body, type=_Document).items
    except msgspec.DecodeError as error:
        raise Undecodable('应为 JSON：{"items": [...]}') from error
    if len(items) > MAX_ITEMS:
        raise Undecodable(f"一次最多 {MAX_ITEMS} 条状态报告")
    found = [_receipt(each, now) for each in items]
    good = tuple(each for each in found if each is not None)
    return Receipts(receipts=good, set_aside=len(found) - len(good))


def _receipt(raw: Any, now: datetime) -> DeliveryReceipt | None:
    try:
        item = msgspec.convert(raw, _Item)
    except msgspec.ValidationError:
        return None
    about = item.number if item.state is Fate.STOP else item.key or item.message_id
    texts = (item.id, item.key, item.message_id, item.number)
    if not item.id or not about or any(len(each) > _LONG or clean(each) != each for each in texts):
        return None
    # A clock that is ahead or years behind, or a time without a zone, says nothing: when we heard it does.
    at = item.at if item.at is not None and item.at.tzinfo is not None and now - _AGE <= item.at <= now else now
    return DeliveryReceipt(
        id=item.id,
        fate=item.state,
        key=item.key,
        their_id=item.message_id,
        number=item.number,
        at=at,
        code=printable(item.code)[:_LONG],
    )
