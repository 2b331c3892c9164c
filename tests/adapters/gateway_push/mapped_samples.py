"""What the made-up gateways of the example mappings push."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

AT = datetime(2026, 11, 21, 2, 13, 5, 120_000, tzinfo=UTC)
HEARD = datetime(2026, 11, 21, 2, 13, 6, tzinfo=UTC)


def event(name: str, *, ext: str = "8001", **more: Any) -> dict[str, Any]:
    call = {"id": "c-77", "from": "+8613800138000", "to": "12348", "ext": ext}
    return {"event": name, "dir": "in", "eid": 9001, "time": 1795227185120, "line": 3, "call": call, **more}


def pushed(*events: object) -> bytes:
    return json.dumps({"sn": "A100-0007", "list": list(events)}).encode()
