"""The HTTP edge: who asks, may they, and what is shown. Nothing about calls is decided here."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from hotline.api import accounts, audit, calls, categories, recordings, reports, session, tickets

routers: Final[list[APIRouter]] = [
    module.routes for module in (session, accounts, calls, tickets, categories, recordings, reports, audit)
]
"""People, calls, tickets and figures; to be mounted under `/api/v1`."""
