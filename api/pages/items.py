"""Layanan: what stands there, whose is it, does it still hold, and what can be asked of it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api import problems
from api.pages.layout import page, see_other
from api.pages.usage import shown_of
from api.pages.words import VERBS as WORDS
from api.problems import Problem
from api.replies import cursor
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.desk.items import ItemView
from provisioner.errors import BadInput, NotAllowed, Refused
from provisioner.items.item import ItemState, Verb
from provisioner.items.verbs import refusal
from provisioner.requests.availability import Availability

router = APIRouter()
SHOWN = 20
SHOWN_DAYS = 90
_NOTHING_TYPED = {"sha256": "", "number": "", "date": "", "signed_by": ""}
#: what an OPD asks for most, on every row of its list
AT_HAND = {Verb.ROTATE: "Lupa kata sandi", Verb.APPOINT: "Ganti petugas", Verb.CHANGE: "Tambah kuota"}


@dataclass(frozen=True, kw_only=True)
class VerbWords:
    """A verb as a button: what it says and does; `why_not` where it cannot be asked for."""

    verb: str
    label: str
    does: str
    why_not: str


@router.get("/layanan")
def list_items(
    request: Request, door: DoorOf, who: CallerOf, sebelum: Annotated[str | None, Query(max_length=200)] = None
) -> Response:
    """Show the items of this person's OPD, or of all for the providing office, newest first."""
    found = door.desk.item_cards(who.person, before=cursor.read(sebelum), limit=SHOWN)
    last = found[-1].item if len(found) == SHOWN else None
    kinds = door.desk.kinds()
    return page(
        request,
        "layanan_daftar.html",
        who,
        cards=[(card, _at_hand(kinds[card.item.kind].verbs)) for card in found],
        is_staff=door.desk.sees_all(who.person),
        following=cursor.write(last.delivered_at, last.id) if last else None,
    )


@router.get("/layanan/{item_id}")
def show_item(request: Request, item_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Show one item."""
    return _shown(request, door, who, item_id)


@router.post("/layanan/{item_id}/periksa")
def look_at_item(request: Request, item_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Bring the nightly look forward."""
    try:
        door.desk.look_at_item(who.person, item_id)
    except (NotAllowed, Refused) as refusal:
        return _shown(request, door, who, item_id, problems.of_error(refusal))
    return see_other(f"/layanan/{item_id}#periksa")


@router.post("/layanan/{item_id}/tanda-terima")
def record_receipt(
    request: Request,
    item_id: str,
    door: DoorOf,
    who: CallerOf,
    sha256: Annotated[str, Form(max_length=100)] = "",
    downloaded: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Record that the technical person has the archive, or fetched the files where there is none."""
    try:
        if downloaded:
            door.desk.record_download(who.person, item_id)
        else:
            door.desk.record_receipt(who.person, item_id, sha256.strip().lower())
    except (BadInput, NotAllowed, Refused) as refusal:
        return _shown(request, door, who, item_id, problems.of_error(refusal), {"sha256": sha256})
    return see_other(f"/layanan/{item_id}#berakhir")


@router.post("/layanan/{item_id}/tanda-terima/kertas")
def record_paper_receipt(
    request: Request,
    item_id: str,
    door: DoorOf,
    who: CallerOf,
    number: Annotated[str, Form(max_length=200)] = "",
    date: Annotated[str, Form(max_length=40)] = "",
    signed_by: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Record a receipt that the OPD handed in on paper."""
    typed = {"number": number.strip(), "date": date, "signed_by": signed_by}
    try:
        door.desk.record_paper_receipt(who.person, item_id, {key: value or None for key, value in typed.items()})
    except (BadInput, NotAllowed, Refused) as refusal:
        return _shown(request, door, who, item_id, problems.of_error(refusal), typed)
    return see_other(f"/layanan/{item_id}#berakhir")


def verbs_of(view: ItemView) -> tuple[VerbWords, ...]:
    """Return every verb that can be asked of a standing item, those at hand first."""
    words = [_verb(Verb(verb), view.verbs[verb], view.item.state) for verb in WORDS if verb in view.verbs]
    return tuple(sorted(words, key=lambda one: bool(one.why_not)))


def _verb(verb: Verb, said: Availability, state: ItemState) -> VerbWords:
    label, does = WORDS[verb]
    why_not = refusal(verb, state) if said.state == "available" else said.why
    return VerbWords(verb=verb.value, label=label, does=does, why_not=why_not)


def _at_hand(verbs: Mapping[str, Availability]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (verb.value, label, "" if verbs[verb].state == "available" else verbs[verb].why)
        for verb, label in AT_HAND.items()
    )


def _shown(
    request: Request,
    door: Door,
    who: Caller,
    item_id: str,
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    view, used = door.desk.item(who.person, item_id), door.desk.item_usage(who.person, item_id, days=SHOWN_DAYS)
    return page(
        request,
        "layanan.html",
        who,
        problem.status if problem else 200,
        view=view,
        item=view.item,
        card=view.card,
        verbs=verbs_of(view),
        may_ask=door.desk.may_ask(who.person, view.item.opd),
        is_named=who.person.id == view.item.technical_person_id,
        shown=shown_of(door, used.series, used.since),
        problem=problem,
        typed=_NOTHING_TYPED | (typed or {}),
    )
