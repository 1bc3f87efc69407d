"""Penyesuaian: what would I grant instead of what was asked, for another person to decide?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from api import problems
from api.pages.controls import PostedForm, controls, read, unplaced
from api.pages.layout import page, see_other
from api.problems import Problem
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.desk.plans import PlanView
from provisioner.errors import BadInput, Fault, NotAllowed, Refused
from provisioner.items.item import Verb
from provisioner.items.verbs import VERBS
from provisioner.requests.fields import Field
from provisioner.requests.reading import said

router = APIRouter()


@router.get("/baris/{line_id}/penyesuaian")
def ask_proposal(request: Request, line_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Show what was asked, field by field, beside what would be granted."""
    view = door.desk.proposing(who.person, line_id)
    return _form(request, door, who, view, view.line.wish)


@router.post("/baris/{line_id}/penyesuaian")
def read_proposal(request: Request, line_id: str, door: DoorOf, who: CallerOf, form: PostedForm) -> Response:
    """Propose what the form says, and lead back to the plan that is being made of it."""
    view = door.desk.proposing(who.person, line_id)
    posted, reason = read(fields_of(door, view), "", form), str(form.get("reason", ""))[:4000]
    # A control left empty is not one left out: it stands for the field's default, never for what was asked.
    granted = {field.name: posted.get(field.name, field.default) for field in fields_of(door, view)}
    try:
        door.desk.propose(who.person, line_id, granted, reason=reason)
    except (BadInput, NotAllowed, Refused) as refusal:
        return _form(request, door, who, view, posted, problems.of_error(refusal), reason)
    return see_other(f"/baris/{line_id}/rencana")


@router.post("/baris/{line_id}/penyesuaian/tarik")
def withdraw_proposal(line_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Take the proposal back, and lead to the plan of what was asked."""
    door.desk.withdraw_proposal(who.person, line_id)
    return see_other(f"/baris/{line_id}/rencana")


def fields_of(door: Door, view: PlanView) -> tuple[Field, ...]:
    """Return the fields that can be granted otherwise: of a partial verb, those that were asked; none of some verbs."""
    verb = door.desk.kinds()[view.line.kind].verbs[view.line.verb]
    if not VERBS[Verb(view.line.verb)].changes_wish:
        return ()
    asked = view.adjustment.asked if view.adjustment else view.line.wish
    return tuple(field for field in verb.fields if not verb.partial or field.name in asked)


def _form(
    request: Request,
    door: Door,
    who: Caller,
    view: PlanView,
    granted: Mapping[str, Any],
    problem: Problem | None = None,
    reason: str = "",
) -> Response:
    fields, faults = fields_of(door, view), problem.faults if problem else ()
    shown = controls(fields, "", granted, faults)
    asked = view.adjustment.asked if view.adjustment else view.line.wish
    elsewhere = [(fault.where, fault, _place(fault)) for fault in unplaced(faults, shown)]
    return page(
        request,
        "penyesuaian.html",
        who,
        problem.status if problem else 200,
        view=view,
        kind_label=door.desk.catalogue()[view.line.kind].label,
        rows=[(control, said(field, asked.get(field.name))) for control, field in zip(shown, fields, strict=True)],
        shown=shown,
        elsewhere=elsewhere,
        problem=None if faults else problem,
        reason=reason,
    )


def _place(fault: Fault) -> str:
    return "#reason" if fault.where == "reason" else ""
