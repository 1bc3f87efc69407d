"""Permohonan: where does one request stand, and what is mine to do?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api import problems
from api.pages.layout import page, see_other
from api.problems import Problem
from api.replies.requests import time_line
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.errors import BadInput, NotAllowed, Refused

router = APIRouter()


@router.get("/permohonan/{request_id}")
def show_request(request: Request, request_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Show the time line and, for whose turn it is, the step's form."""
    return _shown(request, door, who, request_id)


@router.post("/permohonan/{request_id}/langkah/{step_id}")
def do_step(
    request: Request,
    request_id: str,
    step_id: str,
    door: DoorOf,
    who: CallerOf,
    note: Annotated[str, Form(max_length=4000)] = "",
    number: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Do the step at hand; a refusal is shown above what was typed."""
    try:
        door.desk.do_step(who.person, request_id, step_id, note=note, number=number or None)
    except (BadInput, NotAllowed, Refused) as refusal:
        said = problems.of_error(refusal)
        return _shown(request, door, who, request_id, said, note=note, number=number)
    return see_other(f"/permohonan/{request_id}")


def _shown(
    request: Request,
    door: Door,
    who: Caller,
    request_id: str,
    problem: Problem | None = None,
    note: str = "",
    number: str = "",
) -> Response:
    view = door.desk.request(who.person, request_id)
    steps = time_line(view.procedure, view.request.step, view.done)
    at_hand = next((step for step in steps if step.state == "now"), None)
    decides = at_hand is not None and view.request.step == view.procedure.runs.authorised_at
    kinds = door.desk.kinds()
    return page(
        request,
        "permohonan.html",
        who,
        problem.status if problem else 200,
        view=view,
        steps=steps,
        at_hand=at_hand,
        decides=decides,
        labels={kind.name: kind.label for kind in kinds.values()},
        problem=problem,
        note=note,
        number=number,
    )
