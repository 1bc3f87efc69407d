"""How is the body of a call read? Only as the type it says it is, and no key twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from pydantic import Field, StringConstraints

from api.problems import Problem, Turned
from api.sending import SAFE_METHODS, media_type_of

JSON_TYPES = frozenset({"application/json"})
YAML_TYPES = frozenset({"application/yaml", "application/x-yaml", "text/yaml"})
#: a sentence or more in a person's words: any letter and line breaks, no other control characters
Words = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]

#: the request's version that a person read, as its page or GET showed it
Version = Annotated[int, Field(ge=1, le=10_000)] | None


class StrictRequest(Request):
    """A request whose JSON may hold no key twice: of two readers each would take another."""

    async def json(self) -> Any:
        """Return the body; json.JSONDecodeError (a 422) for anything that is not one plain JSON document."""
        text = (await self.body()).decode("utf-8", "replace")
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)


class StrictRoute(APIRoute):
    """A route that reads its JSON strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Hand the inner handler a strict request."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await inner(StrictRequest(request.scope, request.receive))

        return handle


def json_only(request: Request) -> None:
    """Turn away (415) a body that is not JSON; a form of another site can be text/plain, never this."""
    check_media_type(request, JSON_TYPES)


def check_media_type(request: Request, allowed: frozenset[str]) -> None:
    """Raise Turned (415) for a body of another type than `allowed`."""
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if request.method in SAFE_METHODS or not has_body or media_type_of(request) in allowed:
        return
    detail = f"Content-Type '{media_type_of(request)[:60]}' tidak dilayani di sini."
    mend = "Kirim sebagai " + " atau ".join(sorted(allowed)) + "."
    raise Turned(Problem(slug="wrong-media-type", status=415, detail=detail, mend=mend))


def new_router(tag: str) -> APIRouter:
    """Make a router whose bodies are strict JSON."""
    return APIRouter(tags=[tag], route_class=StrictRoute, dependencies=[Depends(json_only)])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise json.JSONDecodeError(f"kunci {key[:40]!r} ditulis dua kali", "", 0)
        found[key] = value
    return found


def _no_constant(word: str) -> float:
    raise json.JSONDecodeError(f"{word} bukan JSON", "", 0)
