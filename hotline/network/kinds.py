"""What can a platform ask for?"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from hotline.tickets.matter import Matter

PREFIX: Final = "network:"
"""Before a platform's name, where an account's id stands otherwise."""


class Kind(StrEnum):
    """A request that changes something."""

    FILING = "filing"
    SUPPLEMENT = "supplement"
    WITHDRAWAL = "withdrawal"
    RATING = "rating"


class FilingKind(StrEnum):
    """What is filed."""

    CONSULTATION = "consultation"
    """咨询: a question that wants an answer."""
    APPLICATION = "application"
    """申请: a service is applied for, by somebody with a name."""


APPLICATIONS: Final = frozenset(
    {
        Matter.LEGAL_AID,
        Matter.MEDIATION,
        Matter.NOTARY,
        Matter.FORENSIC,
        Matter.ARBITRATION,
        Matter.RECONSIDERATION,
        Matter.LAWYER_SERVICE,
        Matter.RESETTLEMENT,
        Matter.PRISON_VISIT,
    }
)
"""What can be applied for; anything may be asked about."""
