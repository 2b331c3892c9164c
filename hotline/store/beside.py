"""What is kept of a delivery: each event beside the bytes it came in."""

from __future__ import annotations

from typing import Final

from adapters.telephony import Delivery, DeviceEvent

RAW_BYTES: Final = 1 << 20
"""So many bytes of one delivery are kept at most, however many events it holds: each stands beside what it says."""


def beside(delivery: Delivery, body: bytes) -> tuple[list[tuple[DeviceEvent, bytes | None]], list[tuple[bytes, str]]]:
    """What a delivery says as it is kept: each event with the bytes it came in, and what could not be read. Where many
    events share many bytes, the last of them go without: a statement of a hundred megabytes is never carried out."""
    alone = max(1, RAW_BYTES // max(1, len(body)))
    items = [(event, body if number < alone else None) for number, event in enumerate(delivery.events)]
    if not delivery.refused:
        return items, []
    reasons = "; ".join(f"[{each.index}] {each.reason}" for each in delivery.refused[:20])
    return items, [(body, reasons[:2000])]
