"""Menunggu saya: what went wrong, what waits for this person, and what has just ended?"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.pages.changes import StopWords, stop_in_words
from api.pages.layout import page
from api.pages.requests import may_ask
from api.session import CallerOf, Door, DoorOf
from provisioner.desk.gathering import Trouble, Waiting

router = APIRouter()
#: what the one button of a waiting act says, and where it leads
BUTTONS = {
    "step": ("Kerjakan langkah", "/permohonan/{}"),
    "decide": ("Baca rencana", "/baris/{}/rencana"),
    "lines": ("Buka tabel baris", "/permohonan/{}/baris"),
    "claim": ("Ambil kredensial", "/layanan/{}/kredensial"),
    "claims": ("Ambil semuanya", "/kredensial"),
    "receipt": ("Catat tanda terima", "/layanan/{}"),
    "mend": ("Lihat pelaksanaan", "/pelaksanaan/{}"),
}
TROUBLE = {"run": ("Lihat pelaksanaan", "/pelaksanaan/{}"), "item": ("Lihat layanan", "/layanan/{}")}
TROUBLE |= {"lines": ("Lihat baris", "/permohonan/{}/baris"), "letter": ("Lihat surat", "/permohonan/{}#surat")}


@router.get("/")
def show_home(request: Request, door: DoorOf, who: CallerOf) -> Response:
    """Show the morning: trouble, what waits, what ended."""
    morning = door.desk.morning(who.person)
    return page(
        request,
        "beranda.html",
        who,
        trouble=[(one, *_button(TROUBLE, one.about, one), _why(door, one)) for one in morning.trouble],
        waiting=[(one, *_button(BUTTONS, one.act, one)) for one in morning.waiting],
        claims=sum(one.act == "claim" for one in morning.waiting),
        ended=morning.ended,
        is_staff=door.desk.sees_all(who.person),
        drafts=door.desk.drafts(who.person),
        may_ask=may_ask(who),
    )


def _why(door: Door, one: Trouble) -> tuple[StopWords, ...]:
    """Say what helps, or why a run stopped, thing by thing."""
    if not one.kind:
        return (StopWords(sentence=one.mend, spots=()),) if one.mend else ()
    kind = door.desk.catalogue()[one.kind]
    return tuple(stop_in_words(text, kind, one.titles) for text in one.mend.split("; ") if text)


def _button(buttons: dict[str, tuple[str, str]], name: str, one: Waiting | Trouble) -> tuple[str, str]:
    label, place = buttons[name]
    return label, place.format(one.subject)
