"""Tabel: how do many lines come into a draft from one CSV, and how are they read before they are sent?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from starlette.datastructures import UploadFile

from api import problems
from api.pages.drafts import Way, shown_draft
from api.pages.layout import see_other
from api.pages.stops import LINES, of_stop
from api.sending import every_time
from api.session import CallerOf, DoorOf
from provisioner.errors import BadInput, Fault, NotFound, Refused
from provisioner.requests.table import columns_of, is_table, text_of, write_table

router = APIRouter()
#: without this mark a spreadsheet reads the letters of other alphabets as rubbish
_MARK = "\ufeff"


async def posted_table(request: Request, _who: CallerOf) -> bytes:
    """Return the bytes of the form's file 'tabel', b'' where none was chosen; its name and type are not believed."""
    form = await request.form()
    file = form.get("tabel")
    return await file.read() if isinstance(file, UploadFile) else b""


PostedTable = Annotated[bytes, Depends(posted_table)]


@router.get("/permohonan/draf/{draft_id}/tabel.csv")
def download(draft_id: str, door: DoorOf, who: CallerOf, jenis: Annotated[str, Query(max_length=60)] = "") -> Response:
    """Give the draft's table as it was laid in, or the empty one of a kind: its head, ready to be filled."""
    lines = door.desk.draft(who.person, draft_id).document.get("lines")
    kind = door.desk.kinds().get(jenis)
    if kind is not None:
        text = _MARK + write_table((), columns_of(kind.verbs["create"]))
    elif isinstance(lines, dict) and isinstance(lines.get("csv"), str):
        text = lines["csv"] if lines["csv"].startswith(_MARK) else _MARK + lines["csv"]
    else:
        raise NotFound("draf ini tidak memuat tabel", draft_id, "Unggah tabelnya lebih dahulu.")
    name = f"{jenis or 'baris'}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8", "replace"), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/permohonan/draf/{draft_id}/tabel")
@every_time("it only replaces the draft's lines")
def lay_table(
    request: Request,
    draft_id: str,
    door: DoorOf,
    who: CallerOf,
    raw: PostedTable,
    jenis: Annotated[str, Form(max_length=60)] = "",
    ke: Way = "",
) -> Response:
    """Lay the table with the draft in place of its lines; what is wrong with it is said by row above its preview."""
    draft = door.desk.draft(who.person, draft_id)
    text, faults = text_of(raw)
    if not raw:
        faults = (Fault(where="tabel", seen="", what="tidak ada berkas", mend="Pilih berkas CSV-nya."),)
    before: Any = draft.document.get("lines")
    verb = str(before.get("verb")) if draft.request_id and is_table(before) else "create"
    kind = str(before.get("kind")) if draft.request_id and is_table(before) else jenis
    if not faults:
        lines = {"kind": kind, "verb": verb, "csv": text}
        draft = door.desk.save_draft(who.person, draft_id, {**draft.document, "lines": lines})
        faults = of_stop(LINES, door.desk.faults_of(who.person, draft))
    if faults:
        return shown_draft(request, door, who, draft, LINES, faults, ke, problems.of_error(BadInput(faults)))
    return see_other(f"/permohonan/draf/{draft_id}/{LINES.slug}")


@router.post("/permohonan/draf/{draft_id}/tabel/hapus")
def drop_table(draft_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Take the table away; lines are added one by one again."""
    draft = door.desk.draft(who.person, draft_id)
    if draft.request_id:
        mend = "Unggah tabel yang sudah diperbaiki."
        raise Refused("permohonan yang dikembalikan memuat baris yang sama seperti semula", "draf", mend)
    if is_table(draft.document.get("lines")):
        door.desk.save_draft(who.person, draft_id, {**draft.document, "lines": []})
    return see_other(f"/permohonan/draf/{draft_id}/{LINES.slug}")
