"""What does a person see? One file a page; every page calls the desk as its route does."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from api.pages import (
    adjustments,
    counter,
    credentials,
    drafts,
    evidence,
    home,
    hosts,
    items,
    letters,
    lines,
    names,
    passwords,
    plans,
    requests,
    runs,
    scans,
    sessions,
    tables,
    usage,
    verb_forms,
)
from provisioner.settings import Settings

#: in this order: a page with a name of its own comes before one that takes any name in its place
PAGES = (
    *(sessions, passwords, home, names, scans, tables, drafts, lines, requests, plans, adjustments, runs, letters),
    *(items, usage, verb_forms, credentials, hosts, counter, evidence),
)
ROUTERS: tuple[APIRouter, ...] = tuple(page.router for page in PAGES)
STATIC = Path(__file__).parents[1] / "static"


def attach(app: FastAPI, settings: Settings) -> None:
    """Add the pages, our style sheet, and what the set-up installed from registry packages."""
    for router in ROUTERS:
        app.include_router(router, include_in_schema=False)
    app.mount("/static/vendor", StaticFiles(directory=settings.static_directory, check_dir=False), name="vendor")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
