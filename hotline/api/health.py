"""Is the process alive, can it serve, and what do its gauges say?"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from hotline import metrics
from hotline.hall.hall import Hall
from hotline.hall.view import queue_views
from seats.seat import SeatState

routes = APIRouter(tags=["health"])


@routes.get("/livez", operation_id="livez", summary="进程存活")
async def livez() -> dict[str, str]:
    """The event loop turns."""
    return {"status": "ok"}


@routes.get("/readyz", operation_id="readyz", summary="可以服务")
async def readyz(request: Request, response: Response) -> dict[str, object]:
    """The database answers and every hall has its writer. A line that is down is said, and does not count."""
    halls: Mapping[str, Hall] = request.app.state.halls
    database = await request.app.state.database.answers()
    leading = {name: hall.leading for name, hall in halls.items()}
    ready = database and all(leading.values())
    if not ready:
        response.status_code = 503
    return {
        "ready": ready,
        "database": database,
        "halls": leading,
        "adapters": {name: hall.state.links.get(name, False) for hall in halls.values() for name in hall.adapters},
    }


@routes.get("/metrics", operation_id="metrics", summary="监控指标")
async def numbers(request: Request) -> Response:
    """Prometheus text format. Gauges are read from the halls now."""
    halls: Mapping[str, Hall] = request.app.state.halls
    for name, hall in halls.items():
        now = hall.clock.now()
        for queue in queue_views(hall.state):
            metrics.QUEUE_WAITING.labels(name, queue.name).set(queue.waiting)
            longest = (now - queue.longest_since).total_seconds() if queue.longest_since else 0.0
            metrics.QUEUE_LONGEST.labels(name, queue.name).set(longest)
        states = Count(seat.state for seat in hall.state.seats.values())
        for state in SeatState:
            metrics.SEATS.labels(name, state).set(states[state])
        for adapter in hall.adapters:
            metrics.ADAPTER_UP.labels(adapter).set(hall.state.links.get(adapter, False))
        metrics.INBOX.labels(name).set(hall.waiting_inputs)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
