"""In which office is the gate tried? The real desk on SQLite, invented people with logins, the gate in-process."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import httpx
import structlog
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api import pages
from api.app import create_app
from api.session import PasswordGuard
from provisioner.people.person import Person
from provisioner.settings import Settings
from provisioner.store import logins
from tests.house import PEOPLE, EngineHouse

URL = "http://gerbang.test"
PASSWORD = "benar-kuda-baterai"
#: argon2 at its cheapest: what it costs an attacker is argon2's own test
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class InProcess(httpx.BaseTransport):
    """Asks the app itself, no socket between; every answer is read whole."""

    def __init__(self, app: FastAPI, address: str = "127.0.0.1") -> None:
        self._transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 49152))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Run one request in an event loop of its own."""
        request.read()
        return asyncio.run(self._ask(request))

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        answer = await self._transport.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


class Office:
    """An open office behind its gate: `client("kabid")` asks as that person, by API token."""

    def __init__(self, folder: Path, url: str = "") -> None:
        """Open the office in `folder`: anew, or with what stands there already; `url` of another database than its own.

        What stands behind a URL was opened before.
        """
        # What the gate logs has its own test; a command's answer on stdout stays readable here.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        stands = bool(url) or (folder / "gerbang.db").exists()
        self.house = EngineHouse(folder, url)
        if not stands:
            self.open()
        self.settings = Settings(public_url=URL, key_file=folder / "sealing.json", static_directory=folder)
        guard = PasswordGuard(CHEAP, tries=1000)
        self.app: FastAPI = create_app(self.house.desk, self.settings, self.house.clock, guard)

    def open(self) -> None:
        """Migrate, and let the office's people have logins."""
        self.house.open()
        password_hash = CHEAP.hash(PASSWORD)
        with self.house.database.transaction() as uow:
            for username, person in PEOPLE.items():
                logins.set_login(uow, person.id, username, password_hash, must_change=False)

    def person(self, username: str) -> Person:
        """The invented person behind a login."""
        return PEOPLE[username]

    def doors(self) -> set[str]:
        """Every route as 'GET /masuk', the API's and the pages'."""
        described = self.app.openapi()["paths"].items()
        pages_too = {
            f"{method} {route.path}"
            for router in pages.ROUTERS
            for route in router.routes
            if isinstance(route, APIRoute)
            for method in route.methods or ()
        }
        return pages_too | {f"{method.upper()} {path}" for path, found in described for method in found}

    def anonymous(self) -> httpx.Client:
        """A browser that never signed in; it follows no redirect by itself."""
        return httpx.Client(transport=InProcess(self.app), base_url=URL)

    def client(self, username: str) -> httpx.Client:
        """The command line of that person, signed in a moment ago."""
        client = self.anonymous()
        answer = client.post("/api/v1/session", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return client

    def browser(self, username: str) -> httpx.Client:
        """The browser of that person, signed in by the form; `csrf_of` reads the token its forms bear."""
        client = self.anonymous()
        form = client.get("/masuk")
        sent = {"username": username, "password": PASSWORD, "csrf": csrf_of(form)}
        answer = client.post("/masuk", data=sent)
        assert answer.status_code == 303, answer.text
        return client


def csrf_of(page: httpx.Response) -> str:
    """Read the token out of a page's first form."""
    return page.text.partition('name="csrf" value="')[2].partition('"')[0]
