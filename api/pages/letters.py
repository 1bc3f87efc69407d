"""Surat: the paper itself, and the word that it was handed over."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response

from api.pages.layout import see_other
from api.routes.letters import paper
from api.session import CallerOf, DoorOf

router = APIRouter()


@router.get("/surat/{letter_id}.pdf")
def show_paper(letter_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Show the paper in the browser's own viewer."""
    return paper(door, who.person, letter_id)


@router.post("/surat/{letter_id}/serah")
def hand_over(
    letter_id: str, door: DoorOf, who: CallerOf, note: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """Record the handing over and lead back to the request."""
    view = door.desk.hand_over(who.person, letter_id, note)
    return see_other(f"/permohonan/{view.letter.request_id}#surat")
