"""What a console must know of its hall before it can draw anything: queues, reasons, phrases, lines."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from adapters.telephony import has_link
from hotline.api.deps import Grant, granted, router
from hotline.api.schemas.seats import HallBody, SiteBody
from hotline.api.seats import hall_of
from hotline.hall.reach import phones
from hotline.people.permissions import Action
from hotline.tickets.matter import QUICK_CLOSES

routes: APIRouter = router("大厅")
public: APIRouter = APIRouter(tags=["站点"])


@public.get("/site", operation_id="site", summary="站点", response_model=SiteBody, response_model_exclude_unset=True)
async def site(request: Request) -> dict[str, Any]:
    """登录页所需的信息。演示账号只在演示环境出现。"""
    settings = request.app.state.settings
    halls = [{"id": name, "label": table.label} for name, table in settings.halls.items()]
    demo = getattr(request.app.state, "demo_accounts", None)
    found: dict[str, Any] = {"label": halls[0]["label"], "halls": halls, "demo": demo is not None}
    if demo is not None:
        found["demo_accounts"] = demo
    return found


@routes.get("/hall", operation_id="hall", summary="大厅设置", response_model=HallBody)
async def hall(request: Request, grant: Annotated[Grant, Depends(granted(Action.HALL_READ))]) -> dict[str, Any]:
    """大厅的队列、原因、规范用语，以及各线路的状况。"""
    table = request.app.state.settings.halls[grant.hall]
    there = hall_of(request, grant)
    kinds = {name: str(each.get("kind", "")) for name, each in request.app.state.settings.adapters.items()}
    return {
        "hall": grant.hall,
        "label": table.label,
        "queues": [{"name": name, "label": queue.label} for name, queue in table.queues.items()],
        "busy_reasons": [each.model_dump() for each in table.busy_reasons],
        "break_reasons": [each.model_dump() for each in table.break_reasons],
        "phrases": [each.model_dump() for each in table.phrases],
        "quick_closes": [{"code": code, "label": label} for code, label in QUICK_CLOSES.items()],
        "wrap_seconds": table.queues[table.default_queue].wrap_seconds,
        "contacts": [
            {"id": each.id, "label": each.label, "kind": each.kind} for each in there.state.rules.contacts.values()
        ],
        "break_approval": table.break_approval,
        "monitor_announced": table.monitor_announced,
        "rating": there.state.rules.plan.rating,
        "leading": there.leading,
        "phones": sorted(phones(there.adapters.values(), (seat.extension for seat in there.state.seats.values()))),
        "adapters": [
            {
                "name": name,
                "kind": kinds.get(name, ""),
                "up": there.state.links.get(name, False) if has_link(adapter) else None,
                "abilities": sorted(adapter.abilities),
                "last_event_at": there.last_heard.get(name),
            }
            for name, adapter in there.adapters.items()
        ],
    }
