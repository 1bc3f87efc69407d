"""Loket: who stands before me, and which code do I give?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api import problems
from api.pages.layout import page
from api.problems import Problem
from api.routes.counter import CodeReply, CounterReply, issue
from api.sending import every_time
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.errors import BadInput, NotAllowed

router = APIRouter()


@router.get("/loket")
def show_counter(
    request: Request, door: DoorOf, who: CallerOf, cari: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """Show the logins that the words fit."""
    return _shown(request, door, who, cari)


@router.post("/loket")
@every_time("the answer holds a code; a second one takes its place")
def give_code(
    request: Request,
    door: DoorOf,
    who: CallerOf,
    username: Annotated[str, Form(max_length=100)] = "",
    letter: Annotated[str, Form(max_length=100)] = "",
    cari: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Give a code and show it in this answer alone: no address leads to it, a second one takes its place."""
    try:
        code = issue(door, who, username, letter)
    except (BadInput, NotAllowed) as refusal:
        return _shown(request, door, who, cari, problem=problems.of_error(refusal), letter=letter)
    return _shown(request, door, who, cari, code=code)


def _shown(
    request: Request,
    door: Door,
    who: Caller,
    words: str,
    *,
    code: CodeReply | None = None,
    problem: Problem | None = None,
    letter: str = "",
) -> Response:
    found = [CounterReply.of(one, door.desk.today) for one in door.desk.logins_at_counter(who.person, words)]
    status = problem.status if problem else 200
    return page(request, "loket.html", who, status, found=found, words=words, code=code, problem=problem, letter=letter)
