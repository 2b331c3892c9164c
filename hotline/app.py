"""The web application: routes, problems, security headers, and the console."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.telephony import Ingests
from hotline.api import (
    bridge_callbacks,
    deps,
    described,
    edge,
    gateway,
    hall,
    health,
    live,
    network,
    problems,
    progress_page,
    public_directory,
    public_services,
    rating_page,
    sms_receipts,
)
from hotline.api.routes import desk, routers
from hotline.network.platform import Door
from hotline.runtime import Runtime

CONSOLE: Final = Path(__file__).parent / "console" / "dist"
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        "media-src 'self' blob:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}
_RAW_HEADERS: Final = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
NO_CONSOLE: Final = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>12348</title>
<body style="font-family:sans-serif;max-width:40em;margin:4em auto">
<h1>控制台尚未构建</h1><p>服务正在运行，但网页文件不存在。请在源代码目录执行 <code>make setup</code>，
或安装带有控制台的发行包，然后刷新本页。</p></body></html>"""


def create_app(runtime: Runtime) -> FastAPI:
    """The application around a running service."""
    app = FastAPI(
        title="12348 公共法律服务热线",
        version=version("hotline-12348"),
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    deps.wire(
        app,
        engine=runtime.database.engine,
        seal=runtime.seal,
        clock=runtime.clock,
        halls=runtime.halls,
        settings=runtime.settings,
        sessions=runtime.sessions,
        recording_roots=runtime.recording_roots,
        on_callers_changed=lambda hall, entries: runtime.halls[hall].change_callers(entries),
        announcements=runtime.announcements,
    )
    app.state.database = runtime.database
    app.state.gateways = {
        name: (adapter, runtime.hall_of_adapter(name))
        for name, adapter in runtime.adapters.items()
        if isinstance(adapter, Ingests)
    }
    app.state.edges = runtime.edges
    app.state.couriers = runtime.couriers
    app.state.message_couriers = runtime.message_couriers
    app.state.bridges = {
        name: (courier.bridge, runtime.settings.hall_of_bridge(name)) for name, courier in runtime.couriers.items()
    }
    app.state.network = Door(platforms=runtime.platforms)
    app.state.demo_accounts = runtime.demo_accounts
    problems.install(app)
    app.router.routes.extend(
        (
            *gateway.ROUTES,
            *bridge_callbacks.ROUTES,
            *rating_page.ROUTES,
            *public_directory.ROUTES,
            *public_services.ROUTES,
        )
    )
    app.router.routes.extend((*sms_receipts.ROUTES, *progress_page.ROUTES))
    for each in (*routers, *desk, hall.routes, hall.public, live.routes, edge.routes):
        app.include_router(each, prefix="/api/v1")
    app.include_router(network.routes)
    app.include_router(health.routes)
    app.include_router(described.routes)
    described.describe(app)
    app.add_middleware(_Secure)
    if (CONSOLE / "index.html").is_file():
        app.mount("/", GZipMiddleware(_Console(directory=CONSOLE, html=True), minimum_size=2048), name="console")
    else:
        app.add_api_route("/", _no_console, include_in_schema=False)
    return app


class _Console(StaticFiles):
    """Hashed files may be kept for ever; the page that names them may not."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        kept = path.startswith("assets/")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response


async def _no_console() -> HTMLResponse:
    return HTMLResponse(NO_CONSOLE, status_code=200)


class _Secure:
    """Adds the headers to every answer. Plain ASGI: the gateway route has no time for more."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in _RAW_HEADERS if h[0] not in given)]
            await send(message)

        await self._app(scope, receive, send_secured)
