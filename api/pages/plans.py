"""Rencana: what exactly would be done, and do I say yes to it?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api import problems
from api.pages.adjustments import fields_of
from api.pages.changes import parts_in_words
from api.pages.layout import page, see_other, version_of
from api.problems import Problem
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.decisions.decision import Outcome
from provisioner.desk.plans import PlanView
from provisioner.errors import BadInput, Fault, NotAllowed, Refused
from provisioner.kinds.port import Kind
from provisioner.people.person import Right
from provisioner.requests.reading import said as in_words

router = APIRouter()
#: so many neighbours are a picture; more are a list to open
SHOWN_SITES = 6
#: so many rows are read at a glance; of more, those of a scarce thing stand open and the others fold
FEW_ROWS = 6


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
    version: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Take the decision on exactly the plan that was shown, and lead on to its run.

    A page older than the plan decides nothing: it comes again as the plan stands now, with what changed since and what
    was typed.
    """
    try:
        seen = version_of(version)
        door.desk.decide(who.person, line_id, _outcome(outcome), digest=digest, reason=reason, version=seen)
    except (BadInput, NotAllowed, Refused) as refusal:
        moved = door.desk.moved_since(who.person, line_id, digest) if isinstance(refusal, Refused) else ()
        problem = problems.of_error(refusal)
        return _shown(request, door, who, line_id, Said(problem=problem, reason=reason, moved_since=moved))
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
        problem = problems.of_error(refusal)
        faults = tuple(replace(fault, where=f"look-{fault.where}") for fault in problem.faults)
        said = Said(problem=replace(problem, faults=faults), reason=reason, wished=host, look_at_fault=True)
        return _shown(request, door, who, line_id, said)
    return see_other(f"/baris/{line_id}/rencana")


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a form sent from this page was told, and what was typed into it."""

    problem: Problem | None = None
    reason: str = ""
    wished: str = ""
    look_at_fault: bool = False
    moved_since: tuple[str, ...] = ()


def _shown(request: Request, door: Door, who: Caller, line_id: str, said: Said | None = None) -> Response:
    said = said or Said()
    view = door.desk.plan(who.person, line_id)
    asked = door.desk.request(who.person, view.request.id)
    plan, kind = view.record.plan, door.desk.catalogue()[view.line.kind]
    step = asked.procedure.step(asked.procedure.runs.authorised_at)
    shown = plan.page if plan else {}
    may_look = who.person.may(Right.REVIEW) or who.person.may(Right.DECIDE)
    return page(
        request,
        "rencana.html",
        who,
        said.problem.status if said.problem else 200,
        view=view,
        plan=plan,
        shown=shown,
        shown_sites=SHOWN_SITES,
        few_rows=FEW_ROWS,
        parts=parts_in_words(plan.parts, kind) if plan else (),
        kind_label=kind.label,
        deciders=[asked.procedure.actor_labels[actor] for actor in step.actors],
        differing=_differing(view, kind),
        adjustable=bool(fields_of(door, view)),
        may_look=may_look,
        may_propose=may_look and door.desk.sees_all(who.person),
        is_waiting=view.record.state in {"asked", "looking"},
        **vars(said),
    )


def _differing(view: PlanView, kind: Kind) -> list[tuple[str, str, str]]:
    """Return (label, asked, granted) of the fields that somebody proposes to grant otherwise."""
    proposed = view.adjustment
    if proposed is None:
        return []
    table = {field.name: field for field in kind.verbs[view.line.verb].fields}
    rows = [(table[name], proposed.asked.get(name), proposed.granted.get(name)) for name in proposed.differing]
    return [(field.label, in_words(field, asked), in_words(field, granted)) for field, asked, granted in rows]


def _outcome(word: str) -> Outcome:
    found = next((outcome for outcome in Outcome if outcome.value == word), None)
    if found is None:
        mend = "Pakai tombol pada halaman rencana."
        raise BadInput((Fault(where="outcome", seen=problems.shorten(word), what="bukan keputusan", mend=mend),))
    return found
