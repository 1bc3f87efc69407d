"""What stands there, and what did its owner acknowledge?"""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import Field

from api.replies import cursor
from api.replies.base import Envelope
from api.replies.items import ItemDetail, ItemPage, ItemReply
from api.routes.envelope import new_router
from api.session import CallerOf, DoorOf

router = new_router("items")


class ReceiptEnvelope(Envelope):
    """The sha256 of the archive that the technical person fetched and keeps."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@router.get("/items")
def list_items(
    who: CallerOf,
    door: DoorOf,
    before: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ItemPage:
    """List delivered things, newest first."""
    found = door.desk.items(who.person, before=cursor.read(before), limit=limit)
    following = cursor.write(found[-1].delivered_at, found[-1].id) if len(found) == limit else None
    return ItemPage(items=tuple(ItemReply.of(item) for item in found), next=following)


@router.get("/items/{item_id}")
def show_item(item_id: str, who: CallerOf, door: DoorOf) -> ItemDetail:
    """Show one item with its verdicts, credentials and verbs."""
    return ItemDetail.of(door.desk.item(who.person, item_id))


@router.post("/items/{item_id}/look", status_code=202)
def look_at_item(item_id: str, who: CallerOf, door: DoorOf) -> ItemReply:
    """Bring the nightly look at the item forward; it measures, and changes nothing."""
    door.desk.look_at_item(who.person, item_id)
    return ItemReply.of(door.desk.item(who.person, item_id).item)


@router.post("/items/{item_id}/receipt", status_code=201)
def record_receipt(item_id: str, sent: ReceiptEnvelope, who: CallerOf, door: DoorOf) -> ItemReply:
    """Record the OPD's receipt of its archive, without which nothing is removed."""
    door.desk.record_receipt(who.person, item_id, sent.sha256)
    return ItemReply.of(door.desk.item(who.person, item_id).item)
