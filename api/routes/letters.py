"""What did the office send on a request, and where is the paper?"""

from __future__ import annotations

from fastapi import Response

from api.replies.base import Envelope
from api.replies.letters import LetterList, LetterReply
from api.routes.envelope import Words, new_router
from api.session import CallerOf, Door, DoorOf
from provisioner.people.person import Person

router = new_router("letters")


class HandoverEnvelope(Envelope):
    """To whom and how a letter was handed over that no mail brings."""

    note: Words


class Pdf(Response):
    """A PDF."""

    media_type = "application/pdf"


@router.get("/requests/{request_id}/letters")
def list_letters(request_id: str, who: CallerOf, door: DoorOf) -> LetterList:
    """List the letters of a request; a draft is the providing office's alone."""
    views = door.desk.letters(who.person, request_id)
    return LetterList(letters=tuple(LetterReply.of(view) for view in views))


@router.get("/letters/{letter_id}/pdf", response_class=Pdf)
def show_paper(letter_id: str, who: CallerOf, door: DoorOf) -> Response:
    """Return the paper itself; 404 until it is set, and for another office's."""
    return paper(door, who.person, letter_id)


@router.post("/letters/{letter_id}/handover")
def hand_over(letter_id: str, sent: HandoverEnvelope, who: CallerOf, door: DoorOf) -> LetterReply:
    """Record that a letter whose mail does not go was handed over otherwise; 409 where it waits for no mail."""
    return LetterReply.of(door.desk.hand_over(who.person, letter_id, sent.note))


def paper(door: Door, person: Person, letter_id: str) -> Response:
    """Return the PDF under its own file name, to be shown."""
    name, pdf = door.desk.letter_paper(person, letter_id)
    return Pdf(pdf, headers={"Content-Disposition": f'inline; filename="{name}"'})
