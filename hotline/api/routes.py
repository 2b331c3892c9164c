"""All routes of the HTTP edge."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from hotline.api import (
    accounts,
    aid,
    announcements,
    audit,
    callbacks,
    callers,
    calls,
    categories,
    dial,
    directory,
    directory_import,
    directory_people,
    exports,
    finding,
    handling,
    handling_figures,
    handovers,
    incidents,
    knowledge,
    knowledge_edit,
    knowledge_import,
    lines,
    matters,
    messages,
    openness,
    prompts,
    ratings,
    reconciliation,
    recordings,
    report_forms,
    reports,
    roster_people,
    roster_plans,
    roster_settlement,
    rosters,
    seats,
    session,
    supervise,
    ticket_messages,
    tickets,
    together,
    unit_side,
)

routers: Final[list[APIRouter]] = [
    exports.routes,
    *(
        module.routes
        for module in (
            session,
            accounts,
            calls,
            callbacks,
            callers,
            tickets,
            together,
            handling,
            matters,
            aid,
            unit_side,
            reconciliation,
            handovers,
        )
    ),
    *(module.routes for module in (ticket_messages, messages, handling_figures)),
    *(module.routes for module in (categories, recordings, reports, ratings)),
    report_forms.routes,
    openness.routes,
    incidents.routes,
    announcements.routes,
    prompts.routes,
    prompts.uploads,
    *(module.routes for module in (rosters, roster_people, roster_plans, roster_settlement)),
    *(module.routes for module in (directory, directory_people, directory_import)),
    *(module.routes for module in (knowledge, knowledge_edit, knowledge_import, finding)),
    lines.routes,
    audit.routes,
]
"""People, calls, tickets and figures; to be mounted under `/api/v1`."""
desk: Final[list[APIRouter]] = [supervise.routes, dial.routes, seats.routes]
"""What is done at a seat and with its call; the general button comes last."""
