"""Who is asked whether they are content (回访)? Everyone with reason to complain, and a share of the others. Pure.

The share is drawn by a hash of the ticket's number, so that nobody can pick whom to ask, and
the same ticket is always drawn the same way. What is decided is kept with the ticket when its reply passes the review.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Final

import msgspec

from hotline.tickets.matter import Matter


class FollowUp(StrEnum):
    """Why a citizen is asked, or that they need not be."""

    DISSATISFIED = "dissatisfied"
    """不满意: rated badly, or the matter was opened again."""
    COMPLAINT = "complaint"
    """投诉."""
    LEGAL_AID = "legal_aid"
    """法律援助."""
    SAMPLED = "sampled"
    """抽样."""
    FREE = "free"
    """未抽中: it may be archived without."""


MUST: Final = frozenset({FollowUp.DISSATISFIED, FollowUp.COMPLAINT, FollowUp.LEGAL_AID, FollowUp.SAMPLED})
"""必访: not archived before the citizen answered, or was asked in vain often enough."""
SHARE: Final = 20
"""Percent of the others, unless the hall says otherwise."""
SCRIPT: Final = (
    "您好，这里是12348公共法律服务热线，工号××为您回访。您于×月×日反映的事项（编号××）已经办理，想占用您一两分钟听听您的意见。"
    "1. 承办单位是否与您联系过？2. 您反映的问题是否得到解决？3. 您对办理结果是否满意：满意、基本满意，还是不满意？"
    "（不满意）请问主要是哪些方面？我们会记录下来，重新办理后再答复您。感谢您的配合，再见。"
)
"""话术: what whoever asks may go by, unless the hall has its own."""
_ALWAYS: Final = {Matter.COMPLAINT.value: FollowUp.COMPLAINT, Matter.LEGAL_AID.value: FollowUp.LEGAL_AID}


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What of a ticket counts."""

    number: str
    matter: str
    dissatisfied: bool
    """Rated the call badly, said so when asked before, or the matter was opened again."""


def drawn(about: About, share: int) -> FollowUp:
    """Is this citizen asked? `share`: percent of those without a reason."""
    if about.dissatisfied:
        return FollowUp.DISSATISFIED
    if (always := _ALWAYS.get(about.matter)) is not None:
        return always
    return FollowUp.SAMPLED if _place(about.number) < share else FollowUp.FREE


def _place(number: str) -> float:
    """Evenly spread over 0 … 100."""
    return int.from_bytes(hashlib.sha256(f"follow-up {number}".encode()).digest()[:8]) / 2**64 * 100
