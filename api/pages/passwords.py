"""Kode dan kata sandi: how do I set my password by the code I was given, or change it?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api import problems
from api.pages.layout import page
from api.pages.sessions import check_form, own_form
from api.problems import Problem, Turned
from api.routes.passwords import change_own, set_by_code
from api.sending import every_time
from api.session import CallerOf, DoorOf, network_of
from provisioner.errors import BadInput
from provisioner.people.password import SHORTEST

router = APIRouter()


@router.get("/kode")
def ask_code(request: Request, door: DoorOf) -> Response:
    """Show the form; nothing of it ever stands in an address."""
    return own_form(request, door, "kode.html", problem=None, username="", done=False, shortest=SHORTEST)


@router.post("/kode")
@every_time("a password is not even kept as a digest of the sending")
def take_code(
    request: Request,
    door: DoorOf,
    username: Annotated[str, Form(max_length=100)] = "",
    code: Annotated[str, Form(max_length=100)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    repeated: Annotated[str, Form(max_length=1000)] = "",
    csrf: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Set the password and lead to the door; what was typed as a secret is never said back."""
    check_form(request, door, csrf)
    problem: Problem | None = None
    try:
        set_by_code(door, username, code, password, repeated, network_of(request))
    except Turned as turned:
        problem = turned.problem
    except BadInput as bad:
        problem = problems.of_error(bad)
    status = problem.status if problem else 200
    return own_form(
        request,
        door,
        "kode.html",
        status,
        problem=problem,
        username=username,
        done=problem is None,
        shortest=SHORTEST,
    )


@router.get("/kata-sandi")
def ask_password(request: Request, who: CallerOf) -> Response:
    """Show the form."""
    return page(request, "kata_sandi.html", who, problem=None, done=False, shortest=SHORTEST)


@router.post("/kata-sandi")
@every_time("a password is not even kept as a digest of the sending")
def take_password(
    request: Request,
    door: DoorOf,
    who: CallerOf,
    old_password: Annotated[str, Form(max_length=1000)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    repeated: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Change one's own password; this session goes on, every other one ends."""
    problem: Problem | None = None
    try:
        change_own(door, who, old_password, password, repeated, network_of(request))
    except BadInput as bad:
        problem = problems.of_error(bad)
    status = problem.status if problem else 200
    return page(request, "kata_sandi.html", who, status, problem=problem, done=problem is None, shortest=SHORTEST)
