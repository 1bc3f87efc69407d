"""How is a service request sent in, listed, and carried from step to step?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from api.replies import cursor
from api.replies.base import Envelope
from api.replies.requests import RequestDetail, RequestPage, RequestReply
from api.routes.envelope import JSON_TYPES, YAML_TYPES, Version, Words, check_media_type, new_router
from api.sending import media_type_of
from api.session import CallerOf, DoorOf
from provisioner.requests.request import RequestState

router = new_router("requests")
#: the doors that take YAML too; their body is read by the engine's own parser, verbatim
submission = APIRouter(tags=["requests"])


def moment_of(value: object) -> datetime:
    """Read a moment as people write it, ISO 8601; a number is not one, whatever it counts."""
    if not isinstance(value, str):
        raise PydanticCustomError("datetime_type", "not a text")
    return datetime.fromisoformat(value)


class StepEnvelope(Envelope):
    """An act at a step. `number`: of agenda or letter; `on_behalf_of`: who acted on paper, `happened_at` when.

    `version`: the one of the request that was read; where it is another by now, 409 says what changed.
    `marks`: {'letter.number': {'mark': 'same'}, 'technical.name': {'mark': 'differs', 'note': 'surat: ...'}}.
    """

    note: Words = ""
    number: Annotated[str, Field(max_length=100)] | None = None
    happened_at: Annotated[AwareDatetime, BeforeValidator(moment_of), Field(strict=False)] | None = None
    on_behalf_of: Annotated[str, Field(max_length=60)] | None = None
    version: Version = None
    marks: Annotated[dict[str, dict[str, Any]], Field(max_length=2000)] | None = None


class WithdrawalEnvelope(Envelope):
    """Why the OPD takes its request back; shown in the time line."""

    reason: Words


async def raw_body(request: Request, _who: CallerOf) -> bytes:
    """Return the bytes as received, once it is known who sends them."""
    check_media_type(request, JSON_TYPES | YAML_TYPES)
    return await request.body()


@submission.post("/requests", status_code=201)
def submit_request(
    request: Request, who: CallerOf, door: DoorOf, raw: Annotated[bytes, Depends(raw_body)]
) -> RequestReply:
    """File a request, JSON or YAML, kept verbatim; 422 names every fault at once and nothing is stored."""
    filed = door.desk.submit(who.person, raw, media_type_of(request) or "application/json")
    return RequestReply.of(filed)


@submission.post("/requests/{request_id}/versions", status_code=201)
def resubmit_request(
    request: Request, request_id: str, who: CallerOf, door: DoorOf, raw: Annotated[bytes, Depends(raw_body)]
) -> RequestReply:
    """File a returned request again as its next version, read as the first was; 409 where it was not returned."""
    filed = door.desk.resubmit(who.person, request_id, raw, media_type_of(request) or "application/json")
    return RequestReply.of(filed)


@router.post("/requests/{request_id}/withdrawal")
def withdraw_request(request_id: str, sent: WithdrawalEnvelope, who: CallerOf, door: DoorOf) -> RequestReply:
    """Take a request back for the OPD that asked; 409 once it is decided."""
    return RequestReply.of(door.desk.withdraw(who.person, request_id, sent.reason))


@router.get("/requests")
def list_requests(
    who: CallerOf,
    door: DoorOf,
    state: Annotated[list[RequestState] | None, Query(max_length=10)] = None,
    opd: Annotated[str | None, Query(max_length=40)] = None,
    text: Annotated[str, Query(max_length=100)] = "",
    before: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RequestPage:
    """List what this person may see, newest first; `text`: the beginning of a number, or part of a name."""
    states = frozenset(state) if state else None
    found = door.desk.requests(who.person, states=states, opd=opd, text=text, before=cursor.read(before), limit=limit)
    following = cursor.write(found[-1].submitted_at, found[-1].id) if len(found) == limit else None
    return RequestPage(requests=tuple(RequestReply.of(request) for request in found), next=following)


@router.get("/requests/{request_id}")
def show_request(request_id: str, who: CallerOf, door: DoorOf) -> RequestDetail:
    """Show one request with its time line; another office's is 404."""
    return RequestDetail.of(door.desk.request(who.person, request_id))


@router.post("/requests/{request_id}/steps/{step_id}")
def do_step(request_id: str, step_id: str, sent: StepEnvelope, who: CallerOf, door: DoorOf) -> RequestReply:
    """Do the step at hand; 409 when another step is."""
    filed = door.desk.do_step(
        who.person,
        request_id,
        step_id,
        note=sent.note,
        number=sent.number,
        happened_at=sent.happened_at,
        on_behalf_of=sent.on_behalf_of,
        marks=sent.marks,
        version=sent.version,
    )
    return RequestReply.of(filed)
