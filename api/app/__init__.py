"""Settings in, a desk out, routes and pages attached: how does the gate come together?"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api import pages, problems
from api.app import logs, openapi
from api.app.again import Again, first_answer
from api.app.frontdoor import FrontDoor
from api.pages.layout import page_of, problem_page, see_other
from api.problems import Problem, Turned
from api.routes import (
    adjustments,
    counter,
    credentials,
    decisions,
    evidence,
    hosts,
    items,
    letters,
    lines,
    passwords,
    plans,
    requests,
    runs,
    scans,
    sessions,
    usage,
)
from api.routes.chain_check import ChainCheck
from api.routes.live import Broadcast
from api.sending import counts_each_time
from api.session import Door, PasswordGuard
from provisioner.clock import Clock, utc_now
from provisioner.desk import Desk, open_desk
from provisioner.errors import GerbangError, Repeated
from provisioner.settings import Settings

PREFIX = "/api/v1"
log = structlog.get_logger(__name__)
ROUTERS: tuple[APIRouter, ...] = (
    sessions.router,
    requests.submission,
    requests.router,
    scans.router,
    plans.router,
    passwords.router,
    counter.router,
    adjustments.router,
    decisions.router,
    lines.router,
    runs.router,
    items.router,
    usage.router,
    credentials.router,
    hosts.router,
    letters.router,
    evidence.router,
)


def build() -> FastAPI:
    """Start from the environment; what `gerbang gate` hands to uvicorn."""
    settings = Settings()
    logs.configure()
    return create_app(open_desk(settings), settings)


def create_app(desk: Desk, settings: Settings, clock: Clock = utc_now, guard: PasswordGuard | None = None) -> FastAPI:
    """Put the gate together around a desk; a test hands in its own clock and a cheaper guard."""
    app = FastAPI(title="Gerbang", version="1", openapi_url=f"{PREFIX}/openapi.json", docs_url=None, redoc_url=None)
    app.state.door = Door(desk=desk, settings=settings, clock=clock, guard=guard or PasswordGuard())
    app.state.broadcast = Broadcast(desk)
    app.state.chain_check = ChainCheck(desk, clock)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.include_router(sessions.health)
    pages.attach(app, settings)
    _attach_problems(app)
    openapi.attach(app, desk.kinds, once=_sent_once())
    app.add_middleware(Again, desk=desk)
    app.add_middleware(FrontDoor, settings=settings)
    return app


def _attach_problems(app: FastAPI) -> None:
    """Let every refusal be a problem+json under the API and a page elsewhere."""

    async def turned(request: Request, error: Exception) -> Response:
        assert isinstance(error, Turned)
        return _answer(request, error.problem, await _typed(request, error.problem))

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, GerbangError)
        problem = problems.of_error(error)
        if problem.status >= 500:
            log.error("not_served", kind=type(error).__name__, what=error.what, where=error.where)
        return _answer(request, problem)

    async def repeated(request: Request, error: Exception) -> Response:
        assert isinstance(error, Repeated)
        first = await first_answer(request)
        if first is not None:
            return first
        return problems.of_error(error).reply() if _is_api(request) else see_other(page_of(request.url.path))

    async def malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return _answer(request, problems.of_envelope(error))

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _answer(request, problems.of_status(error))

    async def broken(request: Request, error: Exception) -> Response:
        del error
        return _answer(request, problems.fault())

    app.add_exception_handler(Turned, turned)
    app.add_exception_handler(GerbangError, refused)
    app.add_exception_handler(Repeated, repeated)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, unknown)
    app.add_exception_handler(Exception, broken)


def _answer(request: Request, problem: Problem, typed: Sequence[tuple[str, str]] = ()) -> Response:
    return problem.reply() if _is_api(request) else problem_page(request, problem, typed)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/healthz", "/readyz"))


def _sent_once() -> frozenset[str]:
    """Return the paths of calls that are done once under one Idempotency-Key."""
    return frozenset(
        f"{PREFIX}{route.path}"
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ()) and not counts_each_time(route.endpoint)
    )


async def _typed(request: Request, problem: Problem) -> list[tuple[str, str]]:
    """Return what a person wrote into a form whose login had ended, to be shown again: nothing typed is lost."""
    if problem.status != 401 or not request.url.path.startswith("/permohonan/draf/") or request.method != "POST":
        return []
    fields = (await request.form()).multi_items()
    return [(name, value) for name, value in fields if name != "csrf" and isinstance(value, str) and value]
