"""Masuk: how does a person come in, and out?"""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from api.pages.layout import page, see_other
from api.problems import Turned
from api.sending import every_time
from api.session import CallerOf, Door, DoorOf, check_same_site, close_session, cross_site, network_of, open_session

router = APIRouter()
#: a way back leads into our own pages only, never to another host
OWN_PATH = re.compile(r"/(?!/)[A-Za-z0-9_/.-]{0,200}", re.ASCII)


@router.get("/masuk")
def ask_login(request: Request, door: DoorOf, lanjut: Annotated[str, Query(max_length=300)] = "/") -> Response:
    """Show the login; the cookie beside the form's token proves that the form is ours before a session exists."""
    return _form(request, door, lanjut)


@router.post("/masuk")
@every_time("nobody is known yet")
def take_login(
    request: Request,
    door: DoorOf,
    username: Annotated[str, Form(max_length=100)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    csrf: Annotated[str, Form(max_length=100)] = "",
    lanjut: Annotated[str, Form(max_length=300)] = "/",
) -> Response:
    """Open a session under a new id and lead on."""
    check_form(request, door, csrf)
    try:
        person = door.guard.person_of(door, username, password, network_of(request))
    except Turned as turned:
        return _form(request, door, lanjut, username=username, turned=turned)
    answer = see_other(_own(lanjut))
    open_session(door, person, request, answer)
    answer.delete_cookie(_form_cookie(door), path="/", secure=door.is_https, httponly=True, samesite="strict")
    return answer


@router.post("/keluar")
@every_time("it only ends the session it came with")
def leave(request: Request, door: DoorOf, _who: CallerOf) -> Response:
    """End the session here and in the store."""
    answer = see_other("/masuk")
    close_session(door, request, answer)
    return answer


def check_form(request: Request, door: Door, shown: str) -> None:
    """Turn away a form of nobody signed in that does not bear the token of its own cookie."""
    check_same_site(request)
    kept = request.cookies.get(_form_cookie(door), "")
    if not kept or not hmac.compare_digest(shown.encode(), kept.encode()):
        raise Turned(cross_site())


def own_form(request: Request, door: Door, template: str, status: int = 200, **shown: Any) -> Response:
    """Show a form to nobody signed in, its token in a cookie beside it."""
    token = request.cookies.get(_form_cookie(door)) or secrets.token_urlsafe(24)
    answer = page(request, template, None, status, form_token=token, **shown)
    answer.set_cookie(
        _form_cookie(door), token, max_age=3600, secure=door.is_https, httponly=True, samesite="strict", path="/"
    )
    return answer


def _form(request: Request, door: Door, lanjut: str, username: str = "", turned: Turned | None = None) -> Response:
    status = turned.problem.status if turned else 200
    said = turned.problem if turned else None
    return own_form(request, door, "masuk.html", status, problem=said, username=username, lanjut=_own(lanjut))


def _form_cookie(door: Door) -> str:
    return f"{door.cookie_name}-formulir"


def _own(path: str) -> str:
    return path if OWN_PATH.fullmatch(path) else "/"
