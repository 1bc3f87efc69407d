"""Permohonan: where does one request stand, and what is mine to do?"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response

from api import problems
from api.pages.layout import page, see_other
from api.problems import Problem
from api.replies import cursor
from api.replies.requests import time_line
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.errors import BadInput, NotAllowed, Refused
from provisioner.people.person import Right
from provisioner.requests.request import RequestState

router = APIRouter()
SHOWN = 25
STATES = tuple(state.value for state in RequestState if state is not RequestState.DRAFT)


@router.get("/permohonan")
def list_requests(
    request: Request,
    door: DoorOf,
    who: CallerOf,
    teks: Annotated[str, Query(max_length=100)] = "",
    keadaan: Annotated[str, Query(max_length=40)] = "",
    opd: Annotated[str, Query(max_length=40)] = "",
    sebelum: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Show the requests this person may see, newest first; an unknown state or OPD leaves nothing out."""
    opds = door.desk.opds(who.person)
    state, opd = keadaan if keadaan in STATES else "", opd if opd in opds else ""
    found = door.desk.requests(
        who.person,
        states=frozenset({RequestState(state)}) if state else None,
        opd=opd or None,
        text=teks.strip(),
        before=cursor.read(sebelum),
        limit=SHOWN,
    )
    chosen = {"teks": teks, "keadaan": state, "opd": opd}
    last = cursor.write(found[-1].submitted_at, found[-1].id) if len(found) == SHOWN else None
    return page(
        request,
        "permohonan_daftar.html",
        who,
        requests=found,
        opds=opds,
        states=STATES,
        text=teks,
        state=state,
        opd=opd,
        is_filtered=bool(teks or state or opd),
        following=f"/permohonan?{urlencode({**chosen, 'sebelum': last})}" if last else None,
    )


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
        letters=door.desk.letters(who.person, request_id),
        may_hand_over=who.person.may(Right.FOLLOW_UP),
    )
