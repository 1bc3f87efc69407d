"""Pindaian: how does a person lay the scanned letter beside the fields, and look at it?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import UploadFile

from api import problems
from api.pages.drafts import shown_draft
from api.pages.layout import see_other
from api.pages.requests import shown_request
from api.pages.stops import LINES, SCAN
from api.routes.scans import scan_response
from api.sending import every_time
from api.session import CallerOf, DoorOf
from provisioner.errors import BadInput, NotAllowed, Refused

router = APIRouter()


async def posted_scan(request: Request, _who: CallerOf) -> bytes:
    """Return the bytes of the form's file 'scan', b'' where none was chosen; its name and type are not believed."""
    form = await request.form()
    file = form.get("scan")
    return await file.read() if isinstance(file, UploadFile) else b""


PostedScan = Annotated[bytes, Depends(posted_scan)]


@router.get("/permohonan/{request_id}/pindaian")
def show_scan(request_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Show the request's scan in the browser's own viewer."""
    return scan_response(*door.desk.scan(who.person, request_id), "inline")


@router.post("/permohonan/{request_id}/pindaian")
def file_scan(request: Request, request_id: str, door: DoorOf, who: CallerOf, raw: PostedScan) -> Response:
    """Keep the scan with the request; what is none is said on the request's page."""
    try:
        door.desk.file_scan(who.person, request_id, raw)
    except (BadInput, NotAllowed, Refused) as refusal:
        return shown_request(request, door, who, request_id, problems.of_error(refusal))
    return see_other(f"/permohonan/{request_id}")


@router.get("/permohonan/draf/{draft_id}/pindaian/berkas")
def show_draft_scan(draft_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Show the scan that lies with one's own draft."""
    return scan_response(*door.desk.draft_scan(who.person, draft_id), "inline")


@router.post("/permohonan/draf/{draft_id}/pindaian")
@every_time("it only replaces the draft's scan")
def lay_scan(request: Request, draft_id: str, door: DoorOf, who: CallerOf, raw: PostedScan, ke: str = "") -> Response:
    """Lay the scan with the draft and go on; what is none is said beside the file."""
    try:
        door.desk.lay_scan(who.person, draft_id, raw)
    except BadInput as bad:
        draft = door.desk.draft(who.person, draft_id)
        return shown_draft(request, door, who, draft, SCAN, bad.faults, ke, problems.of_error(bad))
    return see_other(f"/permohonan/draf/{draft_id}/{ke if ke == 'periksa' else LINES.slug}")


@router.post("/permohonan/draf/{draft_id}/pindaian/hapus")
def drop_scan(draft_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Take the draft's scan away."""
    door.desk.drop_scan(who.person, draft_id)
    return see_other(f"/permohonan/draf/{draft_id}/{SCAN.slug}")
