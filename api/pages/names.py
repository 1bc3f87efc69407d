"""May this name be had? Answered while it is typed, or on a page of its own where there is no script."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from api.pages.controls import PostedForm
from api.pages.layout import page
from api.sending import every_time
from api.session import CallerOf, DoorOf

router = APIRouter()


@router.post("/permohonan/nama")
@every_time("it only answers")
def answer_name(request: Request, door: DoorOf, who: CallerOf, form: PostedForm) -> Response:
    """Answer for the control that the form's 'nama' names, 'lines[0].sub_domain'; nothing is changed or held."""
    where = _text(form, "nama")
    value = _text(form, where)
    answer = door.desk.answer_name(who.person, _text(form, "opd"), where.rpartition(".")[2], value) if value else None
    is_part = "hx-request" in request.headers
    return page(request, "_nama.html" if is_part else "nama.html", who, answer=answer, value=value)


def _text(form: FormData, name: str) -> str:
    found = form.get(name)
    return found[:300] if isinstance(found, str) else ""
