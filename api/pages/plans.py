"""Rencana: what exactly would be done, and do I say yes to it?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api import problems
from api.pages.changes import parts_in_words
from api.pages.layout import page, see_other
from api.problems import Problem
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.decisions.decision import Outcome
from provisioner.errors import BadInput, Fault, NotAllowed, Refused
from provisioner.people.person import Right

router = APIRouter()
DECIDED_FROM_A_PAGE = frozenset({Outcome.APPROVED, Outcome.RETURNED, Outcome.REJECTED})


@router.get("/baris/{line_id}/rencana")
def show_plan(request: Request, line_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Show the line's plan."""
    return _shown(request, door, who, line_id)


@router.post("/baris/{line_id}/keputusan")
def decide(
    request: Request,
    line_id: str,
    door: DoorOf,
    who: CallerOf,
    outcome: Annotated[str, Form(max_length=20)],
    digest: Annotated[str, Form(max_length=64)] = "",
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Take the decision on exactly the plan that was shown, and lead on to its run."""
    try:
        door.desk.decide(who.person, line_id, _outcome(outcome), digest=digest, reason=reason)
    except (BadInput, NotAllowed, Refused) as refusal:
        return _shown(request, door, who, line_id, problems.of_error(refusal), reason)
    line = door.desk.plan(who.person, line_id).line
    return see_other(f"/pelaksanaan/{line.run_id}" if line.run_id else f"/baris/{line_id}/rencana")


@router.post("/baris/{line_id}/lihat-ulang")
def look_again(
    request: Request,
    line_id: str,
    door: DoorOf,
    who: CallerOf,
    host: Annotated[str, Form(max_length=100)] = "",
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Ask for a new look; another host needs a reason."""
    try:
        door.desk.look_again(who.person, line_id, wishes={"host": host} if host else {}, reason=reason)
    except (BadInput, NotAllowed, Refused) as refusal:
        return _shown(request, door, who, line_id, problems.of_error(refusal), reason)
    return see_other(f"/baris/{line_id}/rencana")


def _shown(
    request: Request, door: Door, who: Caller, line_id: str, problem: Problem | None = None, reason: str = ""
) -> Response:
    view = door.desk.plan(who.person, line_id)
    asked = door.desk.request(who.person, view.request.id)
    plan, kind = view.record.plan, door.desk.kinds()[view.line.kind]
    step = asked.procedure.step(asked.procedure.runs.authorised_at)
    return page(
        request,
        "rencana.html",
        who,
        problem.status if problem else 200,
        view=view,
        plan=plan,
        shown=plan.page if plan else {},
        parts=parts_in_words(plan.parts, kind) if plan else (),
        kind_label=kind.label,
        deciders=[asked.procedure.actor_labels[actor] for actor in step.actors],
        may_look=who.person.may(Right.REVIEW) or who.person.may(Right.DECIDE),
        is_waiting=view.record.state in {"asked", "looking"},
        problem=problem,
        reason=reason,
    )


def _outcome(word: str) -> Outcome:
    found = next((outcome for outcome in DECIDED_FROM_A_PAGE if outcome.value == word), None)
    if found is None:
        mend = "Pakai tombol pada halaman rencana."
        raise BadInput((Fault(where="outcome", seen=problems.shorten(word), what="bukan keputusan", mend=mend),))
    return found
