"""How does the command line sign in, and is this process well?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.replies.base import Envelope, Reply
from api.routes.envelope import new_router
from api.sending import every_time
from api.session import CallerOf, DoorOf, issue_token, network_of
from provisioner.people.person import Person

router = new_router("session")
log = structlog.get_logger(__name__)
health = APIRouter(tags=["health"])


class LoginEnvelope(Envelope):
    """A login; `label` names the token: 'gerbang di laptop-07'."""

    username: Annotated[str, Field(min_length=1, max_length=100)]
    password: Annotated[str, Field(min_length=1, max_length=1000)]
    label: Annotated[str, Field(max_length=100)] = "gerbang"


class PersonReply(Reply):
    """Who is signed in, with rights."""

    id: str
    name: str
    rights: tuple[str, ...]

    @classmethod
    def of(cls, person: Person) -> PersonReply:
        """Tell a person, no personal numbers."""
        return cls(id=person.id, name=person.name, rights=tuple(sorted(person.rights)))


class TokenReply(Reply):
    """An API token, shown once."""

    token: str
    person: PersonReply


class WhoAmI(Reply):
    """Who is signed in, and since when."""

    person: PersonReply
    signed_in_at: datetime


class Health(Reply):
    """'ok', or which part is missing: {"database": "not ready"}; the log says why."""

    status: str
    parts: Annotated[dict[str, str], Field(default_factory=dict)]


@router.post("/session", status_code=201)
@every_time("the answer holds a token")
def sign_in(request: Request, response: Response, sent: LoginEnvelope, door: DoorOf) -> TokenReply:
    """Exchange a password for an API token, shown once."""
    person = door.guard.person_of(door, sent.username, sent.password, network_of(request))
    response.headers["Cache-Control"] = "no-store"
    return TokenReply(token=issue_token(door, person, sent.label), person=PersonReply.of(person))


@router.get("/session")
def who_am_i(who: CallerOf) -> WhoAmI:
    """Say whose token this is."""
    return WhoAmI(person=PersonReply.of(who.person), signed_in_at=who.signed_in_at)


@health.get("/healthz")
def is_alive() -> Health:
    """Say that the process answers."""
    return Health(status="ok", parts={})


@health.get("/readyz")
def is_ready(door: DoorOf, response: Response) -> Health:
    """Say whether database, queue and migrations are at hand; 503 where one is not."""
    found = door.desk.ready()
    missing = {part: said for part, said in found.items() if said != "ok"}
    if missing:
        # What exactly is wrong may name hosts and paths; it is said to the log, not to whoever asks.
        log.error("not_ready", **missing)
    response.status_code = 503 if missing else 200
    parts = {part: "not ready" if part in missing else "ok" for part in found}
    return Health(status="not ready" if missing else "ok", parts=parts)
