"""How does the scan of a request letter come in, and to whom is it shown?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.replies.base import Reply
from api.routes.envelope import check_media_type
from api.sending import media_type_of
from api.session import CallerOf, DoorOf
from provisioner.requests.scan import SCAN_TYPES, Scan

router = APIRouter(tags=["requests"])
#: what others made is shown by the browser alone: it may run, load, send and be framed by nothing but our own page
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; sandbox"
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in sorted(SCAN_TYPES)},
    }
}


class ScanReply(Reply):
    """A scan as it lies with its request; `sha256` is of the bytes as received."""

    sha256: str
    media_type: str
    size_bytes: int
    filed_at: datetime

    @classmethod
    def of(cls, scan: Scan) -> ScanReply:
        """Tell a scan, without its bytes."""
        return cls(sha256=scan.sha256, media_type=scan.media_type, size_bytes=scan.size_bytes, filed_at=scan.filed_at)


async def scan_body(request: Request, _who: CallerOf) -> bytes:
    """Return the bytes as received, once it is known who sends them."""
    check_media_type(request, SCAN_TYPES)
    return await request.body()


@router.put("/requests/{request_id}/scan", openapi_extra=_BODY)
def file_scan(
    request: Request, request_id: str, who: CallerOf, door: DoorOf, raw: Annotated[bytes, Depends(scan_body)]
) -> ScanReply:
    """Keep the scan of the request's letter: PDF, JPEG or PNG, at most 10 MB; the same bytes again change nothing."""
    return ScanReply.of(door.desk.file_scan(who.person, request_id, raw, media_type_of(request)))


@router.get("/requests/{request_id}/scan", response_class=Response)
def show_scan(request_id: str, who: CallerOf, door: DoorOf) -> Response:
    """Return the scan's bytes to whoever may see the request."""
    scan, body = door.desk.scan(who.person, request_id)
    return scan_response(scan, body, "attachment")


def scan_response(scan: Scan, body: bytes, disposition: str) -> Response:
    """Serve a scan as what it is and nothing else, 'inline' or 'attachment', under a name of ours."""
    headers = {
        "Content-Disposition": f'{disposition}; filename="{scan.file_name}"',
        "Content-Security-Policy": SANDBOX,
        "X-Frame-Options": "SAMEORIGIN",
    }
    return Response(body, media_type=scan.media_type, headers=headers)
