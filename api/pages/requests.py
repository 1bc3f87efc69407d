"""Permohonan: where does one request stand, what was done, and what is mine to do?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request, Response
from starlette.datastructures import FormData

from api import problems
from api.pages.controls import PostedForm
from api.pages.layout import page, see_other, version_of
from api.pages.lines import asked_groups
from api.problems import Problem
from api.replies import cursor
from api.replies.requests import time_line
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.desk.stories import RequestStory
from provisioner.errors import BadInput, Fault, NotAllowed, Refused
from provisioner.people.person import Right
from provisioner.procedures.procedure import Procedure
from provisioner.requests.mark import FEW_LINES
from provisioner.requests.reading import differences, sections
from provisioner.requests.request import RequestState

router = APIRouter()
SHOWN = 25
STATES = tuple(state.value for state in RequestState if state is not RequestState.DRAFT)
_LONGEST = 4000
_MARK, _NOTE = "marks.", "note."


@dataclass(frozen=True, kw_only=True)
class StepForm:
    """What was typed into the form of a step: kept and shown again whatever is said of it.

    `marks`: place -> {'mark': 'same' | 'differs', 'note': '...'}, of those that were ticked or noted.
    """

    number: str = ""
    note: str = ""
    on_behalf_of: str = ""
    happened_at: str = ""
    version: str = ""
    marks: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, form: FormData) -> StepForm:
        """Read a posted form; names it does not know are left to others."""
        texts = {name: value[:_LONGEST] for name, value in form.multi_items() if isinstance(value, str)}
        marks: dict[str, dict[str, str]] = {}
        for name, text in texts.items():
            for prefix, key in ((_MARK, "mark"), (_NOTE, "note")):
                if name.startswith(prefix) and text:
                    marks.setdefault(name.removeprefix(prefix), {})[key] = text
        kept = {name: texts.get(name, "") for name in ("number", "note", "on_behalf_of", "happened_at", "version")}
        return cls(**kept, marks=marks)

    def moment(self, zone: str) -> datetime | None:
        """Return when it happened on paper, in the office's zone; BadInput where that is no moment."""
        if not self.happened_at:
            return None
        try:
            return datetime.fromisoformat(self.happened_at).replace(tzinfo=ZoneInfo(zone))
        except ValueError:
            mend = "tulis tanggal dan jam, misalnya 2026-11-21T10:15"
            shown = problems.shorten(self.happened_at)
            raise BadInput((Fault(where="happened_at", seen=shown, what="bukan waktu", mend=mend),)) from None


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
        may_ask=may_ask(who),
        following=f"/permohonan?{urlencode({**chosen, 'sebelum': last})}" if last else None,
    )


@router.get("/permohonan/{request_id}")
def show_request(request: Request, request_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Show the time line and, for whose turn it is, the step's form."""
    return shown_request(request, door, who, request_id)


@router.post("/permohonan/{request_id}/langkah/{step_id}")
def do_step(
    request: Request,
    request_id: str,
    step_id: str,
    door: DoorOf,
    who: CallerOf,
    form: PostedForm,
) -> Response:
    """Do the step at hand; a refusal is shown above what was typed."""
    typed = StepForm.of(form)
    try:
        door.desk.do_step(
            who.person,
            request_id,
            step_id,
            note=typed.note,
            number=typed.number or None,
            happened_at=typed.moment(door.settings.timezone),
            on_behalf_of=typed.on_behalf_of or None,
            marks=typed.marks or None,
            version=version_of(typed.version),
        )
    except (BadInput, NotAllowed, Refused) as refusal:
        return shown_request(request, door, who, request_id, problems.of_error(refusal), typed)
    return see_other(f"/permohonan/{request_id}")


@router.post("/permohonan/{request_id}/tarik")
def withdraw(
    request: Request,
    request_id: str,
    door: DoorOf,
    who: CallerOf,
    reason: Annotated[str, Form(max_length=_LONGEST)] = "",
) -> Response:
    """Take the request back for the OPD that asked."""
    try:
        door.desk.withdraw(who.person, request_id, reason)
    except (BadInput, NotAllowed, Refused) as refusal:
        return shown_request(request, door, who, request_id, problems.of_error(refusal), reason=reason)
    return see_other(f"/permohonan/{request_id}")


def may_ask(who: Caller) -> bool:
    """Tell whether this person may write requests: for the OPD, or from its paper letter."""
    return who.person.may(Right.SUBMIT) or who.person.may(Right.REGISTER)


def shown_request(
    request: Request,
    door: Door,
    who: Caller,
    request_id: str,
    problem: Problem | None = None,
    typed: StepForm | None = None,
    reason: str = "",
) -> Response:
    """Render the request's page, with a refusal on top and what was typed still in its form."""
    story = door.desk.story(who.person, request_id)
    view = story.view
    steps = time_line(view.procedure, view.request.step, view.done, view.recorders)
    at_hand = next((step for step in steps if step.state == "now"), None)
    kinds, told = door.desk.kinds(), story.versions[-1].readings
    many = len(view.request.lines) > FEW_LINES
    asked = [one for one in told if not one.where.startswith("lines[")]
    return page(
        request,
        "permohonan.html",
        who,
        problem.status if problem else 200,
        story=story,
        view=view,
        steps=steps,
        at_hand=at_hand,
        since=view.done[-1].recorded_at if view.done else view.request.submitted_at,
        decides=at_hand is not None and view.request.step == view.procedure.runs.authorised_at,
        documents={step.id: _documents(view.procedure, step.id) for step in steps},
        labels={kind.name: kind.label for kind in kinds.values()},
        sections=sections(asked if many else told),
        groups=asked_groups(door, who, request_id) if many else (),
        persons=sorted(view.request.technical_of_lines.items()) if many else (),
        fields={"lines": "Tabel baris"}
        | {one.where: f"{one.section}: {one.label}" for version in story.versions for one in version.readings},
        **_changes(story),
        problem=problem,
        letters=door.desk.letters(who.person, request_id),
        may_hand_over=who.person.may(Right.FOLLOW_UP),
        typed=typed or StepForm(),
        reason=reason,
    )


def _documents(procedure: Procedure, step_id: str) -> list[str]:
    step = procedure.step(step_id)
    return [procedure.document_labels.get(document, document) for document in step.outputs]


def _changes(story: RequestStory) -> dict[str, Any]:
    if len(story.versions) < 2:
        return {"differences": (), "before_version": 0}
    before, now = story.versions[-2], story.versions[-1]
    return {"differences": differences(before.readings, now.readings), "before_version": before.number}
