"""Can we show what was done, and what waits to be done?"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query

from api.replies.evidence import (
    AuditPage,
    AuditRowReply,
    ChainReply,
    HistoryPage,
    HistoryRowReply,
    WaitingList,
    WaitingReply,
)
from api.routes.envelope import new_router
from api.session import CallerOf, DoorOf
from provisioner.desk.audit import Search

router = new_router("evidence")


@router.get("/audit")
def list_audit(
    who: CallerOf,
    door: DoorOf,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AuditPage:
    """List rows of the chain in their order."""
    rows = door.desk.audit_rows(who.person, after=after, limit=limit)
    following = rows[-1].sequence if len(rows) == limit else None
    return AuditPage(rows=tuple(AuditRowReply.of(row) for row in rows), next=following)


@router.get("/audit/history")
def search_audit(
    who: CallerOf,
    door: DoorOf,
    request: Annotated[str, Query(max_length=20)] = "",
    person: Annotated[str, Query(max_length=100)] = "",
    since: date | None = None,
    until: date | None = None,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> HistoryPage:
    """List rows of one request, by one person, of some days, newest first; `next` is the `before` of the next page."""
    search = Search(request=request, person=person, since=since, until=until)
    rows = door.desk.history(who.person, search, before=before, limit=limit)
    following = rows[-1].row.sequence if len(rows) == limit else None
    return HistoryPage(rows=tuple(HistoryRowReply.of(row) for row in rows), next=following)


@router.get("/audit/verify")
def verify_audit(who: CallerOf, door: DoorOf) -> ChainReply:
    """Walk the chain and name the first broken place."""
    return ChainReply.of(door.desk.audit_verify(who.person))


@router.get("/waiting")
def list_waiting(who: CallerOf, door: DoorOf) -> WaitingList:
    """List what waits for this person, the oldest first."""
    return WaitingList(waiting=tuple(WaitingReply.of(waiting) for waiting in door.desk.waiting(who.person)))
