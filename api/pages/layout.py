"""How does a page come together? One frame, one set of words, no script or style inside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.pages import verdict_words, words
from api.problems import Problem
from api.sending import form_token
from api.session import Caller, door_of
from provisioner.errors import GerbangError
from provisioner.people.person import Right

_VERSION = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
#: what was sent can be mended on the page it came from
_MENDED_THERE = frozenset({409, 413, 415, 422})
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals |= {
    "state_word": words.state_word,
    "systems": words.SYSTEMS,
    "verb_labels": words.VERB_LABELS,
    "uses": words.USES,
}
TEMPLATES.filters |= {
    "instant": datetime.fromisoformat,
    "amount": words.amount,
    "day": words.day,
    "duration": words.duration,
    "percent": words.percent,
    "size": words.size,
    "value": words.value,
    "verdict_values": verdict_words.in_words,
}


def page(request: Request, template: str, who: Caller | None, status: int = 200, **shown: Any) -> HTMLResponse:
    """Render a page for who asks; `zone` and `moment` are the office's."""
    zone = door_of(request).settings.timezone
    html = TEMPLATES.get_template(template).render(
        who=who,
        position=_position(request, who),
        office=_office(request),
        rooms=_rooms(request, who),
        csrf=form_token(who.csrf) if who else "",
        zone=zone,
        moment=partial(words.moment, zone=zone),
        time_of_day=partial(words.time_of_day, zone=zone),
        path=request.url.path,
        **shown,
    )
    return HTMLResponse(html, status)


def problem_page(request: Request, problem: Problem, typed: Sequence[tuple[str, str]] = ()) -> Response:
    """Show a refusal; who is not signed in is led to the door and back, and sees what was `typed`."""
    if problem.status == 401 and "hx-request" in request.headers:
        # Part of a page asks: the whole page is to be loaded again, which then leads to the door.
        return Response(status_code=401, headers={"HX-Refresh": "true"})
    if problem.status == 401 and request.method in {"GET", "HEAD"}:
        return see_other(f"/masuk?lanjut={request.url.path}")
    back = page_of(request.url.path)
    way_back = f"/masuk?lanjut={back}" if problem.status == 401 else back if problem.status in _MENDED_THERE else "/"
    answer = page(request, "masalah.html", None, problem.status, problem=problem, way_back=way_back, typed=typed)
    answer.headers.update(problem.headers)
    return answer


def page_of(path: str) -> str:
    """Return the page whose form goes to `path`: page_of('/baris/l1/keputusan') -> '/baris/l1/rencana'."""
    _, room, thing, inner, word, *_ = [*path.split("/"), "", "", "", ""]
    if (room, thing) == ("permohonan", "draf") and inner:
        return f"/permohonan/draf/{inner}/" + {"kirim": "periksa", "hapus": "surat"}.get(word, word or "surat")
    if room not in {"baris", "permohonan", "pelaksanaan", "layanan"} or not thing:
        return "/"
    beneath = {"baris": "/rencana"}.get(room, "")
    if (room, inner) == ("permohonan", "baris"):
        beneath = "/baris"
    if room == "layanan" and inner in {"kredensial", "tindakan"}:
        beneath = f"/{inner}/{word}" if inner == "tindakan" else f"/{inner}"
    return f"/{room}/{thing}{beneath}"


def version_of(field: str) -> int | None:
    """Return which version of the request a form was drawn from, None where it does not say."""
    return int(field) if _VERSION.fullmatch(field) else None


def see_other(path: str) -> RedirectResponse:
    """Lead on after a form was taken: a reload sends nothing twice."""
    return RedirectResponse(path, 303)


def _office(request: Request) -> str:
    """Return the office's name; a refusal must be shown also where the database gives no answer."""
    try:
        return door_of(request).desk.office_name()
    except GerbangError:
        return ""


def _rooms(request: Request, who: Caller | None) -> tuple[tuple[str, str], ...]:
    """Return the rooms this person may enter, at most five: ('/permohonan', 'Permohonan')."""
    if who is None:
        return ()
    is_staff = door_of(request).desk.sees_all(who.person)
    may = who.person.may
    rooms = (
        ("/", "Menunggu saya", True),
        ("/permohonan", "Permohonan", True),
        ("/layanan", "Layanan" if is_staff else "Layanan saya", True),
        # Who keeps the counter and the chain finds a host from what stands on it.
        ("/host", "Host", is_staff and not (may(Right.REGISTER) and may(Right.AUDIT))),
        ("/loket", "Loket", is_staff and may(Right.REGISTER)),
        ("/riwayat", "Riwayat", may(Right.AUDIT)),
    )
    return tuple((place, label) for place, label, is_open in rooms if is_open)


def _position(request: Request, who: Caller | None) -> str:
    if who is None:
        return ""
    today = door_of(request).clock().date()
    return ", ".join(position.title for position in who.person.positions_on(today))
