"""Permohonan baru: how is a request written page by page, kept at each, read once more, and sent?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from api import problems
from api.pages.controls import Control, PostedForm, unplaced
from api.pages.layout import page, see_other
from api.pages.lines import title_of as title_of_group
from api.pages.stops import (
    CHECK,
    LETTER,
    LINES,
    ROW,
    SCAN,
    Stop,
    belongs,
    controls_of,
    lines_of,
    of_stop,
    put,
    stops_of,
    table_lines,
    table_persons,
    title_of,
)
from api.problems import Problem
from api.sending import every_time
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.desk.stories import RequestStory
from provisioner.errors import BadInput, Fault, NotAllowed, NotFound, Refused
from provisioner.names import draw_id
from provisioner.people.person import Right
from provisioner.requests.parse import MOST_LINES
from provisioner.requests.reading import differences, read_request, sections
from provisioner.requests.saved_draft import SavedDraft
from provisioner.requests.side_by_side import Group, side_by_side
from provisioner.requests.table import PERSON, is_table

router = APIRouter()
_TEMPLATES = {SCAN.slug: "draf_pindaian.html", LINES.slug: "draf_layanan.html", CHECK.slug: "draf_periksa.html"}
_DRAFT_ID = re.compile(r"draft_[a-z2-9]{16}", re.ASCII)


Way = Annotated[str, Query(max_length=10)]


@router.get("/permohonan/baru")
def ask_beginning(request: Request, door: DoorOf, who: CallerOf) -> Response:
    """Show what is needed; the form bears the id that its draft will have, so that a double click begins one."""
    drafts = door.desk.drafts(who.person)
    may_ask = who.person.may(Right.SUBMIT) or who.person.may(Right.REGISTER)
    return page(request, "permohonan_baru.html", who, drafts=drafts, key=draw_id("draft"), may_ask=may_ask)


@router.post("/permohonan/baru")
def begin(door: DoorOf, who: CallerOf, key: Annotated[str, Form(max_length=40)] = "") -> Response:
    """Begin a draft and lead to its first page."""
    draft_id = key if _DRAFT_ID.fullmatch(key) else draw_id("draft")
    return see_other(f"/permohonan/draf/{door.desk.begin_draft(who.person, draft_id).id}/{LETTER.slug}")


@router.post("/permohonan/{request_id}/lengkapi")
def reopen(request_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Open a returned request in the same form, filled with what was sent."""
    return see_other(f"/permohonan/draf/{door.desk.reopen(who.person, request_id).id}/{LETTER.slug}")


@router.post("/permohonan/draf/{draft_id}/hapus")
def delete(draft_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Forget a draft."""
    door.desk.delete_draft(who.person, draft_id)
    return see_other("/#draf")


@router.get("/permohonan/draf/{draft_id}/{slug}")
def show_stop(request: Request, draft_id: str, slug: str, door: DoorOf, who: CallerOf, ke: Way = "") -> Response:
    """Show one page of the form; who comes from the last one sees its faults."""
    sent = _sent(door, who, draft_id)
    if sent:
        return see_other(f"/permohonan/{sent}")
    draft = door.desk.draft(who.person, draft_id)
    stop = _stop(door, draft, slug)
    faults = door.desk.faults_of(who.person, draft) if ke == CHECK.slug or stop is CHECK else ()
    return shown_draft(request, door, who, draft, stop, faults, ke)


@router.post("/permohonan/draf/{draft_id}/kirim")
def send(
    request: Request, draft_id: str, door: DoorOf, who: CallerOf, sha256: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """Send exactly what was read; the same form again leads to the same request."""
    try:
        filed = door.desk.send_draft(who.person, draft_id, sha256)
    except BadInput as bad:
        draft = door.desk.draft(who.person, draft_id)
        return shown_draft(request, door, who, draft, CHECK, bad.faults, "", problems.of_error(bad))
    except (Refused, NotAllowed) as refusal:
        draft = door.desk.draft(who.person, draft_id)
        faults = door.desk.faults_of(who.person, draft)
        return shown_draft(request, door, who, draft, CHECK, faults, "", problems.of_error(refusal))
    return see_other(f"/permohonan/{filed.id}")


@router.post("/permohonan/draf/{draft_id}/layanan")
def choose_lines(
    request: Request,
    draft_id: str,
    door: DoorOf,
    who: CallerOf,
    tambah: Annotated[str, Form(max_length=60)] = "",
    hapus: Annotated[str, Form(max_length=4)] = "",
    ke: Way = "",
) -> Response:
    """Add a line, take one away, or go on."""
    draft = door.desk.draft(who.person, draft_id)
    lines = lines_of(draft.document)
    if is_table(draft.document.get("lines")):
        tambah = hapus = ""
    if tambah and len(lines) < MOST_LINES:
        lines.append({"kind": tambah, "verb": "create"})
    elif hapus.isascii() and hapus.isdigit() and int(hapus) < len(lines):
        del lines[int(hapus)]
    if not is_table(draft.document.get("lines")):
        draft = door.desk.save_draft(who.person, draft_id, {**draft.document, "lines": lines})
    if tambah or hapus:
        return see_other(f"/permohonan/draf/{draft_id}/{LINES.slug}")
    faults = of_stop(LINES, door.desk.faults_of(who.person, draft))
    if faults:
        return shown_draft(request, door, who, draft, LINES, faults, ke, _told(faults))
    return see_other(_next(door, draft, LINES, ke))


@router.post("/permohonan/draf/{draft_id}/{slug}")
@every_time("it only replaces what the draft said")
def save_stop(
    request: Request, draft_id: str, slug: str, door: DoorOf, who: CallerOf, form: PostedForm, ke: Way = ""
) -> Response:
    """Keep what was typed, right or wrong; then on to the next page, or the faults beside their fields."""
    sent = _sent(door, who, draft_id)
    if sent:
        return see_other(f"/permohonan/{sent}")
    draft = door.desk.draft(who.person, draft_id)
    stop = _stop(door, draft, slug)
    draft = door.desk.save_draft(who.person, draft_id, put(stop, draft.document, form))
    if form.get("lalu") == "beranda":
        return see_other("/#draf")
    faults = of_stop(stop, door.desk.faults_of(who.person, draft))
    if faults:
        return shown_draft(request, door, who, draft, stop, faults, ke, _told(faults))
    return see_other(_next(door, draft, stop, ke))


def shown_draft(
    request: Request,
    door: Door,
    who: Caller,
    draft: SavedDraft,
    stop: Stop,
    faults: Sequence[Fault],
    ke: str,
    problem: Problem | None = None,
) -> Response:
    """Render one page of the form with the draft in it and what is wrong beside its field."""
    kinds = door.desk.kinds()
    stops = stops_of(draft.document, kinds)
    here = faults if stop is CHECK else of_stop(stop, faults)
    parts = controls_of(stop, draft.document, here, {"opd": door.desk.opds_for(who.person)})
    shown: list[Control] = [control for _, made in parts for control in made]
    number = stops.index(stop)
    story = door.desk.story(who.person, draft.request_id) if draft.request_id else None
    more = _read_once_more(door, who, draft, story) if stop is CHECK else {}
    return page(
        request,
        _TEMPLATES.get(stop.slug, "draf.html"),
        who,
        problem.status if problem else 200,
        draft=draft,
        stop=stop,
        stops=stops,
        number=number,
        before=stops[number - 1] if number else None,
        parts=parts,
        controls=shown,
        faults=[fault for fault in here if fault not in unplaced(here, shown)],
        elsewhere=[(title_of(fault, stops), fault, _place(fault, draft, stops)) for fault in unplaced(here, shown)],
        lines=lines_of(draft.document),
        table=is_table(draft.document.get("lines")),
        groups=_groups(door, draft),
        persons=table_persons(draft.document, door.desk.verbs()),
        person_columns=PERSON,
        kinds=kinds,
        problem=problem,
        ke=ke,
        returned=story.view if story else None,
        returned_why=story.returns[:1] if story else (),
        **more,
    )


def _read_once_more(door: Door, who: Caller, draft: SavedDraft, story: RequestStory | None) -> dict[str, Any]:
    """Read the draft as the office will, and lay it beside the version that came back."""
    readings = read_request(draft.document, door.desk.verbs())  # a table's lines are shown side by side
    before = story.versions[-1] if story else None
    return {
        "sections": sections(readings),
        "opd_name": door.desk.opds_for(who.person).get(str(draft.document.get("opd")), ""),
        "differences": differences(before.readings, readings) if before else (),
        "before_version": before.number if before else 0,
    }


def _groups(door: Door, draft: SavedDraft) -> list[tuple[str, Group]]:
    """Lay the rows of the draft's table side by side, as the office will read them."""
    verbs = door.desk.verbs()
    found = side_by_side(table_lines(draft.document, verbs), verbs)
    return [(title_of_group(door, group), group) for group in found]


def _place(fault: Fault, draft: SavedDraft, stops: Sequence[Stop]) -> str:
    """Return the page and field that mend a fault: '/permohonan/draf/d1/surat?ke=periksa#letter.number'."""
    for stop in stops:
        if belongs(fault, stop):
            row = ROW.match(fault.where)
            if row:
                return f"/permohonan/draf/{draft.id}/{stop.slug}?ke={CHECK.slug}#row-{row[1]}"
            return f"/permohonan/draf/{draft.id}/{stop.slug}?ke={CHECK.slug}#{fault.where}"
    return ""


def _stop(door: Door, draft: SavedDraft, slug: str) -> Stop:
    for stop in stops_of(draft.document, door.desk.kinds()):
        if stop.slug == slug:
            return stop
    raise NotFound("halaman formulir ini tidak ada", slug[:40], "Mulai dari halaman surat.")


def _next(door: Door, draft: SavedDraft, stop: Stop, ke: str) -> str:
    stops = stops_of(draft.document, door.desk.kinds())
    following = CHECK if ke == CHECK.slug else stops[min(stops.index(stop) + 1, len(stops) - 1)]
    return f"/permohonan/draf/{draft.id}/{following.slug}"


def _sent(door: Door, who: Caller, draft_id: str) -> str | None:
    return door.desk.sent_as(who.person, draft_id)


def _told(faults: Sequence[Fault]) -> Problem:
    return problems.of_error(BadInput(tuple(faults)))
