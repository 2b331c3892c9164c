"""What did a gateway push lately, and what do the settings as they are now make of it?

A line that is pushed to cannot be opened, but its last deliveries are kept: decoded once more they tell what an
installer who has just changed a mapping file wants to know. Nothing is written, and nothing that was sent is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from adapters.errors import Undecodable
from adapters.reasons import in_chinese
from adapters.telephony import Ingests
from hotline.cli.rehearse import report_line
from hotline.settings import Settings

LAST: Final = 50
"""Deliveries that are looked at."""
KEPT: Final = "最近的推送"


async def deliveries(found: Settings, name: str) -> list[tuple[bytes, datetime]] | None:
    """The line's last ones of the last seven days; None: the database does not run, or is not ours to read."""
    from hotline.lines.reading import bodies
    from hotline.store.embedded import url_if_running
    from hotline.store.engine import Database
    from hotline.store.errors import StoreError
    from hotline.store.seal import KEY_FILE, Seal

    keys = found.service.state_dir / KEY_FILE
    try:
        url = found.external_database() or url_if_running(found.service.state_dir)
        if url is None or not keys.exists():
            return None
        seal = Seal.from_file(keys)
        async with await Database.open(url, wait_seconds=2, pool_size=1) as database, database.engine.connect() as conn:
            return await bodies(conn, seal, found.hall_of(name), name, datetime.now(UTC), LAST)
    except (StoreError, OSError):
        return None


def judged(adapter: Ingests, kept: Iterable[tuple[bytes, datetime]]) -> list[dict[str, Any]]:
    """What the adapter understands of them."""
    every, events = 0, 0
    unread, repaired = Counter[str](), Counter[str]()
    for body, heard_at in kept:
        every += 1
        try:
            delivery = adapter.decode(body, heard_at)
        except Undecodable as error:
            unread[str(error)] += 1
            continue
        events += len(delivery.events)
        unread.update(item.reason for item in delivery.refused)
        repaired.update(item.reason for item in delivery.repaired)
    if not every:
        return [report_line(True, KEPT, "7 天内没有收到过推送：请核对网关上的推送地址和令牌或密钥")]
    lines = [report_line(True, KEPT, f"{every} 次，按现在的设置能识别出 {events} 条事件")]
    lines += [report_line(False, KEPT, f"{n} 条未能识别：{in_chinese(why)}") for why, n in unread.most_common(5)]
    lines += [report_line(False, KEPT, f"{n} 条能识别，但{in_chinese(why)}") for why, n in repaired.most_common(3)]
    return lines
