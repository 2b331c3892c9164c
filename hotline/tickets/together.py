"""Who else has a ticket open now, and who of them is writing (共同办理提示)?

Kept in memory: after a restart the pages say it again within seconds. Times are passed in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

ASK_SECONDS: Final = 12
"""So often a page says that it is there."""
KEPT: Final = timedelta(seconds=3 * ASK_SECONDS)
"""After so long without a word a page is gone."""
MAX_PAGES: Final = 20
"""Of one ticket; of more the one that was silent for the longest is forgotten."""


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """One page that shows the ticket."""

    account: str
    name: str
    work_number: str
    writing: bool
    """Something is typed there that is not saved yet, or was a moment ago."""
    since: datetime
    seen: datetime


class Together:
    """The open pages of every ticket, by hall and number."""

    def __init__(self) -> None:
        self._tickets: dict[tuple[str, str], dict[str, Visitor]] = {}
        self._swept: datetime | None = None

    def here(
        self,
        hall: str,
        ticket: str,
        page: str,
        *,
        account: str,
        name: str,
        work_number: str,
        writing: bool,
        now: datetime,
    ) -> list[Visitor]:
        """The page is there. The others, whoever came first before."""
        self._sweep(now)
        pages = self._tickets.setdefault((hall, ticket), {})
        before = pages.pop(page, None)
        since = before.since if before is not None and before.account == account else now
        pages[page] = Visitor(
            account=account, name=name, work_number=work_number, writing=writing, since=since, seen=now
        )
        while len(pages) > MAX_PAGES:
            del pages[next(iter(pages))]
        others = [each for key, each in pages.items() if key != page and each.seen > now - KEPT]
        return sorted(others, key=lambda each: each.since)

    def gone(self, hall: str, ticket: str, page: str, account: str) -> None:
        """The page was left."""
        pages = self._tickets.get((hall, ticket), {})
        if page in pages and pages[page].account == account:
            del pages[page]

    def _sweep(self, now: datetime) -> None:
        if self._swept is not None and now - self._swept < KEPT:
            return
        self._swept = now
        for key, pages in list(self._tickets.items()):
            left = {page: each for page, each in pages.items() if each.seen > now - KEPT}
            if left:
                self._tickets[key] = left
            else:
                del self._tickets[key]
