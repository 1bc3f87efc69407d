"""Baris: how do all lines of one request stand side by side, and which of them do I say yes to?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request, Response

from api import problems
from api.pages.controls import PostedForm
from api.pages.layout import page, see_other, version_of
from api.problems import Problem
from api.replies.lines import groups_of
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.decisions.decision import Outcome, Word
from provisioner.desk.lines import LinesView, LineView
from provisioner.desk.runs import is_failed
from provisioner.errors import BadInput, Fault, NotAllowed, Refused
from provisioner.letters.wording import VERBS
from provisioner.people.person import Right
from provisioner.requests.side_by_side import Group, Row

router = APIRouter()
_LONGEST = 4000
_ROW = re.compile(r"baris ([0-9]{1,4})", re.ASCII)
#: what the buttons of the foot say of every line that is ticked
_REFUSES, _RETURNS = "rejected", "returned"
READY = "siap"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a form sent from this page was told, which lines were ticked, and what was typed."""

    problem: Problem | None = None
    ticked: frozenset[str] = frozenset()
    reason: str = ""


@router.get("/permohonan/{request_id}/baris")
def show_lines(request: Request, request_id: str, door: DoorOf, who: CallerOf, pilih: str = "") -> Response:
    """Show the table; `pilih=siap` comes with every line ticked whose plan can be approved."""
    view = door.desk.lines(who.person, request_id)
    ready = frozenset(one.line.id for one in view.lines if one.is_open and one.digest)
    return _shown(request, door, who, view, Said(ticked=ready if pilih == READY else frozenset()))


@router.post("/permohonan/{request_id}/baris")
def decide_lines(request: Request, request_id: str, door: DoorOf, who: CallerOf, form: PostedForm) -> Response:
    """Say one word of every line that is ticked, each on the plan that was shown: all of them, or none.

    Where a plan moved meanwhile, nothing is decided; the table comes again as it stands, with that line not ticked.
    """
    texts = {name: value[:_LONGEST] for name, value in form.multi_items() if isinstance(value, str)}
    ticked = [value for name, value in form.multi_items() if name == "line" and isinstance(value, str)]
    said, reason = texts.get("outcome", ""), texts.get("reason", "")
    version = version_of(texts.get("version", ""))
    try:
        if said == _RETURNS:
            _return(door, who, request_id, reason, version)
        else:
            words = [_word(texts, line_id, said, reason) for line_id in ticked]
            door.desk.decide_lines(who.person, request_id, words, version=version)
    except (BadInput, NotAllowed, Refused) as refusal:
        view = door.desk.lines(who.person, request_id)
        problem = problems.of_error(refusal)
        at_fault = {f"line-{found[1]}" for fault in problem.faults if (found := _ROW.fullmatch(fault.where))}
        kept = frozenset(one.line.id for one in view.lines if f"line-{one.line.number}" not in at_fault) & {*ticked}
        return _shown(request, door, who, view, Said(problem=_by_row(problem), ticked=kept, reason=reason))
    return see_other(f"/permohonan/{request_id}/baris")


@router.post("/permohonan/{request_id}/baris/lihat-ulang")
def look_again(request: Request, request_id: str, door: DoorOf, who: CallerOf, form: PostedForm) -> Response:
    """Ask for a new look of the lines named, which are those that cannot be approved as they stand."""
    wanted = [value for name, value in form.multi_items() if name == "line" and isinstance(value, str)]
    try:
        door.desk.look_at_lines(who.person, request_id, wanted, "")
    except (BadInput, NotAllowed, Refused) as refusal:
        view = door.desk.lines(who.person, request_id)
        return _shown(request, door, who, view, Said(problem=problems.of_error(refusal)))
    return see_other(f"/permohonan/{request_id}/baris")


@router.post("/permohonan/{request_id}/baris/ulangi")
def retry(request: Request, request_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Run again all that failed."""
    try:
        door.desk.retry_lines(who.person, request_id)
    except (NotAllowed, Refused) as refusal:
        view = door.desk.lines(who.person, request_id)
        return _shown(request, door, who, view, Said(problem=problems.of_error(refusal)))
    return see_other(f"/permohonan/{request_id}/baris")


@router.post("/permohonan/{request_id}/baris/akhiri")
def give_up(request: Request, request_id: str, door: DoorOf, who: CallerOf, form: PostedForm) -> Response:
    """End for good all that failed, with one reason and one letter."""
    reason = str(form.get("reason", ""))[:_LONGEST]
    try:
        door.desk.give_up_lines(who.person, request_id, reason)
    except (BadInput, NotAllowed, Refused) as refusal:
        view = door.desk.lines(who.person, request_id)
        problem = _by_row(problems.of_error(refusal))
        return _shown(request, door, who, view, Said(problem=problem, reason=reason))
    return see_other(f"/permohonan/{request_id}/baris")


def asked_groups(door: Door, who: Caller, request_id: str) -> tuple[tuple[str, Group], ...]:
    """Lay the lines side by side as they were asked, whatever is proposed or granted in their place."""
    view = door.desk.lines(who.person, request_id)
    groups = groups_of(view, door.desk.verbs(), as_asked=True)
    return tuple((title_of(door, group), group) for group in groups)


def title_of(door: Door, group: Group) -> str:
    """Name what a group asks for: 'Pembuatan hosting situs web'."""
    label = door.desk.catalogue()[group.kind].label
    return f"{VERBS.get(group.verb, group.verb)} {label[0].lower()}{label[1:]}"


def _shown(request: Request, door: Door, who: Caller, view: LinesView, said: Said) -> Response:
    by_number = {one.line.number: one for one in view.lines}
    groups: list[tuple[str, Group, list[tuple[Row, LineView]]]] = [
        (title_of(door, group), group, [(row, by_number[row.number]) for row in group.rows])
        for group in groups_of(view, door.desk.verbs())
    ]
    may_look = who.person.may(Right.REVIEW) or who.person.may(Right.DECIDE)
    stuck = [one for one in view.lines if one.is_open and one.plan and not one.digest] if may_look else []
    failed = sum(one.run is not None and is_failed(one.run, one.line) for one in view.lines)
    follows = who.person.may(Right.FOLLOW_UP) and door.desk.sees_all(who.person)
    decides = not view.why_not and any(one.digest and one.is_open for one in view.lines)
    is_acted_on = decides or bool(failed and follows)
    return page(
        request,
        "baris.html",
        who,
        said.problem.status if said.problem else 200,
        view=view,
        groups=groups,
        step=view.procedure.step(view.procedure.runs.authorised_at),
        stuck=[] if view.planning else stuck,
        failed=failed,
        follows=follows,
        ready=sum(one.is_open and bool(one.digest) for one in view.lines),
        open_lines=[one for one in view.lines if one.is_open],
        # A table that somebody ticks, or writes a reason below, does not change under the hand.
        is_live=bool(view.planning or view.under_way) and not is_acted_on,
        **vars(said),
    )


def _word(texts: dict[str, str], line_id: str, said: str, reason: str) -> Word:
    """Return what the form says of one ticked line: no, or yes to what its hidden fields showed."""
    if said == _REFUSES:
        return Word(line_id=line_id, outcome=Outcome.REJECTED, reason=reason)
    shown = Outcome.ADJUSTED if texts.get(f"outcome.{line_id}") == Outcome.ADJUSTED else Outcome.APPROVED
    return Word(line_id=line_id, outcome=shown, digest=texts.get(f"digest.{line_id}", "")[:64], reason=reason)


def _return(door: Door, who: Caller, request_id: str, reason: str, version: int | None) -> None:
    """A return is of the whole request: it is said on its first line."""
    first = door.desk.lines(who.person, request_id).lines[0].line
    door.desk.decide(who.person, first.id, Outcome.RETURNED, digest="", reason=reason, version=version)


def _by_row(problem: Problem) -> Problem:
    """Lead each fault of a line to its row, and name the line in words."""
    return replace(problem, faults=tuple(_at_row(fault) for fault in problem.faults))


def _at_row(fault: Fault) -> Fault:
    found = _ROW.fullmatch(fault.where)
    if found:
        return replace(fault, where=f"line-{found[1]}", what=f"Baris {found[1]}: {fault.what}", seen="")
    return replace(fault, where="reason" if fault.where.endswith("reason") else "putusan")
