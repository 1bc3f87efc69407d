"""Which sending is this? A call is named by its Idempotency-Key, a form by the drawing of the page it came with."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from provisioner.errors import BadInput, Fault
from provisioner.people.person import Person
from provisioner.sending import Sending

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
SLOT = "gerbang.sending"
_KEY = re.compile(r"[\x21-\x7e]{1,100}", re.ASCII)
Route = TypeVar("Route", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a request shows of itself: its proof that the form is ours, the name of this sending, and what it says."""

    csrf: str = ""
    key: str = ""
    content_sha256: str = ""


def every_time(why: str) -> Callable[[Route], Route]:
    """Mark a route whose POST counts each time it is sent, and say why: its answer is a secret, or it only replaces."""

    def mark(route: Route) -> Route:
        route.every_time = why  # type: ignore[attr-defined]
        return route

    return mark


def counts_each_time(route: object) -> bool:
    """Tell whether a route is marked so."""
    return bool(getattr(route, "every_time", ""))


def form_token(csrf: str) -> str:
    """Return what a form bears: the session's token, and a word drawn for this drawing of the page.

    The same form sent twice bears the same word; the page drawn again, another.
    """
    return f"{csrf}.{secrets.token_urlsafe(12)}" if csrf else ""


def media_type_of(request: Request) -> str:
    """Return the content type without its parameters: 'application/json'."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def shown_by(request: Request) -> Shown:
    """Read what the request shows, from X-CSRF-Token and Idempotency-Key or from a form's field `csrf`."""
    if request.method in SAFE_METHODS:
        return Shown()
    header, named = request.headers.get("x-csrf-token", ""), request.headers.get("idempotency-key")
    if media_type_of(request) not in FORMS:
        content = "" if named is None else hashlib.sha256(await request.body()).hexdigest()
        return Shown(csrf=header.partition(".")[0], key=_named(named), content_sha256=content)
    form = await request.form()
    field, content = form.get("csrf"), await _digest(form)
    csrf, _, drawn = (field if isinstance(field, str) else "").partition(".")
    # Sent back to and changed, a form is another wish: its content is part of its name.
    key = _named(named) or (f"{drawn} {content}" if drawn else "")
    return Shown(csrf=(header or csrf).partition(".")[0], key=key, content_sha256=content)


def note_sending(request: Request, person: Person, shown: Shown, now: datetime) -> None:
    """Tell the desk's copy of this request who sends what under which name."""
    sending = sending_of(request)
    if sending is None or not shown.key or counts_each_time(request.scope.get("endpoint")):
        return
    name = f"{request.method} {request.url.path}\n{shown.key}"
    sending.person_id, sending.sent_at = person.id, now
    sending.key_sha256 = hashlib.sha256(name.encode()).hexdigest()
    sending.content_sha256 = shown.content_sha256


def sending_of(request: Request) -> Sending | None:
    """Return this request's sending; None for one that only looks."""
    found = request.scope.get(SLOT)
    return found if isinstance(found, Sending) else None


def _named(key: str | None) -> str:
    if key is not None and not _KEY.fullmatch(key):
        what, mend = "bukan kunci kiriman", "Tulis 1 sampai 100 huruf ASCII tanpa spasi."
        raise BadInput((Fault(where="Idempotency-Key", seen=ascii(key)[:80], what=what, mend=mend),))
    return key or ""


async def _digest(form: FormData) -> str:
    """Digest a form by its fields and files: a browser draws another boundary between them each time."""
    whole = hashlib.sha256()
    for name, value in form.multi_items():
        content = await value.read() if isinstance(value, UploadFile) else value.encode()
        if isinstance(value, UploadFile):
            await value.seek(0)
        for part in (name.encode(), content):
            whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()
