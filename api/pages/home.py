"""Menunggu saya: what waits for this person, and where is every request?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.pages.layout import page
from api.replies import cursor
from api.session import CallerOf, DoorOf
from provisioner.desk.waiting import Waiting

router = APIRouter()
SHOWN = 20
BUTTONS = {"step": "Kerjakan langkah", "decide": "Baca rencana", "claim": "Lihat kredensial"}


@router.get("/")
def show_home(
    request: Request, door: DoorOf, who: CallerOf, sebelum: Annotated[str | None, Query(max_length=200)] = None
) -> Response:
    """Show what waits, then the requests, newest first."""
    found = door.desk.requests(who.person, before=cursor.read(sebelum), limit=SHOWN)
    following = cursor.write(found[-1].submitted_at, found[-1].id) if len(found) == SHOWN else None
    waiting = [(one, place_of(one), BUTTONS[one.act]) for one in door.desk.waiting(who.person)]
    known = {one.id: one for one in found}
    return page(request, "beranda.html", who, waiting=waiting, known=known, requests=found, following=following)


def place_of(waiting: Waiting) -> str:
    """Return the page where the act can be done."""
    if waiting.act == "decide":
        return f"/baris/{waiting.subject}/rencana"
    if waiting.act == "claim":
        return f"/layanan/{waiting.subject}/kredensial"
    return f"/permohonan/{waiting.subject}"
