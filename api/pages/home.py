"""Menunggu saya: what went wrong, what waits for this person, and what has just ended?"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.pages.layout import page
from api.pages.requests import may_ask
from api.session import CallerOf, DoorOf
from provisioner.desk.waiting import Trouble, Waiting

router = APIRouter()
#: what the one button of a waiting act says, and where it leads
BUTTONS = {
    "step": ("Kerjakan langkah", "/permohonan/{}"),
    "decide": ("Baca rencana", "/baris/{}/rencana"),
    "claim": ("Ambil kredensial", "/layanan/{}/kredensial"),
    "receipt": ("Catat tanda terima", "/layanan/{}"),
    "mend": ("Lihat pelaksanaan", "/pelaksanaan/{}"),
}
TROUBLE = {"run": ("Lihat pelaksanaan", "/pelaksanaan/{}"), "item": ("Lihat layanan", "/layanan/{}")}
TROUBLE |= {"letter": ("Lihat surat", "/permohonan/{}#surat")}


@router.get("/")
def show_home(request: Request, door: DoorOf, who: CallerOf) -> Response:
    """Show the morning: trouble, what waits, what ended."""
    morning = door.desk.morning(who.person)
    return page(
        request,
        "beranda.html",
        who,
        trouble=[(one, *_button(TROUBLE, one.about, one)) for one in morning.trouble],
        waiting=[(one, *_button(BUTTONS, one.act, one)) for one in morning.waiting],
        ended=morning.ended,
        is_staff=door.desk.sees_all(who.person),
        drafts=door.desk.drafts(who.person),
        may_ask=may_ask(who),
    )


def _button(buttons: dict[str, tuple[str, str]], name: str, one: Waiting | Trouble) -> tuple[str, str]:
    label, place = buttons[name]
    return label, place.format(one.subject)
