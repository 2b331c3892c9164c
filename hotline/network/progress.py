"""How far is a matter, in words for the citizen who filed it, and what may the citizen do next? Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from hotline.tickets.ticket import TicketState as S


class Progress(StrEnum):
    """进度: fewer states than the ticket's own; what only the hall and its units care about is not told."""

    RECEIVED = "received"
    FORWARDED = "forwarded"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"
    MERGED = "merged"
    NOT_ACCEPTED = "not_accepted"
    ENDED = "ended"


LABELS: Final = {
    Progress.RECEIVED: "已受理，等待处理",
    Progress.FORWARDED: "已转交承办单位",
    Progress.IN_PROGRESS: "承办单位办理中",
    Progress.ANSWERED: "已答复",
    Progress.CLOSED: "已办结",
    Progress.REOPENED: "重新办理中",
    Progress.MERGED: "已与同一事项合并办理",
    Progress.NOT_ACCEPTED: "不予受理",
    Progress.ENDED: "已终止",
}
OF: Final[Mapping[S, Progress]] = {
    S.DRAFT: Progress.RECEIVED,
    S.OPEN: Progress.RECEIVED,
    S.RETURNED: Progress.RECEIVED,
    S.REOPENED: Progress.REOPENED,
    S.DISPATCHED: Progress.FORWARDED,
    S.DESIGNATED: Progress.FORWARDED,
    S.SIGNED: Progress.IN_PROGRESS,
    S.IN_PROGRESS: Progress.IN_PROGRESS,
    S.REPLIED: Progress.IN_PROGRESS,  # the hall has not agreed to the reply yet
    S.REVIEWED: Progress.ANSWERED,
    S.FOLLOWED_UP: Progress.ANSWERED,
    S.CLOSED: Progress.CLOSED,
    S.MERGED: Progress.MERGED,
    S.NOT_ACCEPTED: Progress.NOT_ACCEPTED,
    S.TERMINATED: Progress.ENDED,
}


class May(StrEnum):
    """What the platform may ask for next."""

    SUPPLEMENT = "supplement"
    WITHDRAW = "withdraw"
    RATE = "rate"


UNDER_WAY: Final = frozenset({Progress.RECEIVED, Progress.FORWARDED, Progress.IN_PROGRESS, Progress.REOPENED})
RATEABLE: Final = frozenset({Progress.ANSWERED, Progress.CLOSED})


def may(progress: Progress, *, rated: bool) -> tuple[May, ...]:
    """What is open to the citizen."""
    if progress in UNDER_WAY:
        return (May.SUPPLEMENT, May.WITHDRAW)
    return (May.RATE,) if progress in RATEABLE and not rated else ()
