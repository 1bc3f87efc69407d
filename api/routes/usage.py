"""How much is used, and how did that go over time?"""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.replies import cursor
from api.replies.usage import ItemUsagePage, MeasureReply, OpdSumList, OpdSumReply, OpdUsageReply, PointReply
from api.routes.envelope import new_router
from api.session import CallerOf, DoorOf

router = new_router("usage")


@router.get("/items/{item_id}/usage")
def list_usage(
    item_id: str,
    who: CallerOf,
    door: DoorOf,
    before: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ItemUsagePage:
    """List what was measured of an item, the newest period first."""
    rows = door.desk.usage_page(who.person, item_id, before=cursor.read(before), limit=limit)
    item = door.desk.item(who.person, item_id).item
    last = rows[-1].point if len(rows) == limit else None
    return ItemUsagePage(
        measures=tuple(MeasureReply.of(measure) for measure in door.desk.catalogue()[item.kind].measures),
        points=tuple(PointReply.of(row) for row in rows),
        next=cursor.write(last.period, last.measure) if last else None,
    )


@router.get("/usage")
def list_sums(who: CallerOf, door: DoorOf) -> OpdSumList:
    """List what each OPD uses now; an OPD's own people find their own alone."""
    return OpdSumList(sums=tuple(OpdSumReply.of(found) for found in door.desk.opd_sums(who.person)))


@router.get("/usage/{opd}")
def show_opd(opd: str, who: CallerOf, door: DoorOf, days: Annotated[int, Query(ge=1, le=1100)] = 90) -> OpdUsageReply:
    """Show what an OPD's items used together, over the last days."""
    return OpdUsageReply.of(door.desk.opd_usage(who.person, opd, days=days, limit=1))
