"""Tindakan: how does an OPD ask for something to be done with its item? One small form a verb, all of one parser."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request, Response

from api import problems
from api.pages.controls import Control, PostedForm, controls, emptied, read, unplaced
from api.pages.items import verbs_of
from api.pages.layout import page, see_other
from api.problems import Problem
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.desk.items import ItemView
from provisioner.errors import BadInput, Fault, NotAllowed, NotFound, Refused
from provisioner.items.item import Verb
from provisioner.items.verbs import VERBS
from provisioner.requests.changed_wish import open_fields, why_fixed
from provisioner.requests.envelope import ADMINISTRATIVE, LETTER, TECHNICAL
from provisioner.requests.fields import Field, may_be_empty
from provisioner.requests.reading import said

router = APIRouter()
PERSONS = {"administrative": ADMINISTRATIVE, "technical": TECHNICAL}
LINE = "lines[0]"
_EMPTIES = "bila dikosongkan, yang ada dihapus"


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What stands in the form: each part as the parser takes it, and its faults."""

    parts: Mapping[str, Mapping[str, Any]]
    faults: tuple[Fault, ...]


@router.get("/layanan/{item_id}/tindakan/{verb}")
def show_form(request: Request, item_id: str, verb: str, door: DoorOf, who: CallerOf) -> Response:
    """Show the verb's form, filled with what stands and with the persons of the last letter."""
    view = door.desk.item(who.person, item_id)
    last = view.chapters[-1].request
    parts = {"letter": {}, LINE: view.item.wish, "administrative": last.administrative, "technical": last.technical}
    return _shown(request, who, door, view, verb, Filled(parts=parts, faults=()))


@router.post("/layanan/{item_id}/tindakan/{verb}")
def send_form(request: Request, item_id: str, verb: str, door: DoorOf, who: CallerOf, form: PostedForm) -> Response:
    """File the request by the one parser; a fault shows the form again with all that was typed."""
    view = door.desk.item(who.person, item_id)
    table = _table(view, verb)
    parts = {
        "letter": read(LETTER, "letter", form),
        LINE: {**(emptied(table, LINE, form) if view.verbs[verb].partial else {}), **read(table, LINE, form)},
        **{name: read(fields, name, form) for name, fields in PERSONS.items()},
    }
    document = {
        "opd": view.item.opd,
        "application_name": view.chapters[-1].request.application_name,
        "letter": parts["letter"],
        **{name: parts[name] for name in PERSONS},
        "lines": [{"kind": view.item.kind, "verb": verb, "item": item_id, **parts[LINE]}],
    }
    try:
        filed = door.desk.submit(who.person, json.dumps(document).encode(), "application/json")
    except BadInput as wrong:
        return _shown(request, who, door, view, verb, Filled(parts=parts, faults=wrong.faults))
    except (NotAllowed, Refused) as refusal:
        kept = Filled(parts=parts, faults=())
        return _shown(request, who, door, view, verb, kept, problems.of_error(refusal))
    return see_other(f"/permohonan/{filed.id}")


def _that_empties(field: Field) -> Field:
    """Say beside a field that may be empty what emptying it asks for."""
    if not may_be_empty(field):
        return field
    return replace(field, help="; ".join([field.help, _EMPTIES] if field.help else [_EMPTIES]))


def _table(view: ItemView, verb: str) -> Sequence[Any]:
    """Return the fields of the verb's own line; NotFound for a word that is no verb on a standing item."""
    if verb not in view.verbs or verb == Verb.CREATE:
        raise NotFound("tindakan tidak dikenal", verb[:40], "Pilih pada halaman layanan.")
    return view.verbs[verb].fields


def _shown(
    request: Request,
    who: Caller,
    door: Door,
    view: ItemView,
    verb: str,
    filled: Filled,
    problem: Problem | None = None,
) -> Response:
    table, stands = _table(view, verb), view.item.wish
    is_change = view.verbs[verb].partial
    asked = [_that_empties(field) for field in open_fields(table, stands)] if is_change else table
    fixed = [field for field in table if is_change and why_fixed(field, stands)]
    about = next(one for one in verbs_of(view) if one.verb == verb)
    sections = {
        "letter": controls(LETTER, "letter", filled.parts["letter"], filled.faults),
        "line": controls(asked, LINE, filled.parts[LINE], filled.faults),
        **{name: controls(fields, name, filled.parts[name], filled.faults) for name, fields in PERSONS.items()},
    }
    shown: list[Control] = [control for section in sections.values() for control in section]
    status = problem.status if problem else 422 if filled.faults else 200
    return page(
        request,
        "tindakan.html",
        who,
        status,
        view=view,
        item=view.item,
        about=about,
        sections=sections,
        fixed=[(field.label, said(field, stands[field.name]), why_fixed(field, stands)) for field in fixed],
        shown=shown,
        placed=[fault for fault in filled.faults if fault.where in {control.where for control in shown}],
        elsewhere=[(fault.where, fault, "") for fault in unplaced(filled.faults, shown)],
        persons_open=(Verb(verb) in VERBS and VERBS[Verb(verb)].appoints)
        or any(fault.where.partition(".")[0] in PERSONS for fault in filled.faults),
        may_ask=door.desk.may_ask(who.person, view.item.opd),
        problem=problem,
    )
