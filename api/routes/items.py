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
    """One of two: the sha256 of the archive that the technical person keeps, or, of single files, that they have them.

    Which of them an item asks for stands in it: `fetches_single_files`.
    """

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    downloaded: bool = False


class PaperEnvelope(Envelope):
    """A receipt that the OPD handed in on paper: its number and date, and the id of who signed it (`signers`)."""

    number: Annotated[str, Field(max_length=200)]
    date: Annotated[
        str, Field(max_length=40, description="'2026-11-27'; what is no date is told with the other faults")
    ]
    signed_by: Annotated[str, Field(max_length=100)]


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
    """Record the technical person's word that the contents are with the OPD, without which nothing is removed."""
    if sent.downloaded and sent.sha256 is None:
        door.desk.record_download(who.person, item_id)
    else:
        door.desk.record_receipt(who.person, item_id, sent.sha256 or "")
    return ItemReply.of(door.desk.item(who.person, item_id).item)


@router.post("/items/{item_id}/receipt/paper", status_code=201)
def record_paper_receipt(item_id: str, sent: PaperEnvelope, who: CallerOf, door: DoorOf) -> ItemReply:
    """Record a receipt that the OPD handed in on paper; by general affairs, whoever the technical person is."""
    door.desk.record_paper_receipt(who.person, item_id, sent.model_dump())
    return ItemReply.of(door.desk.item(who.person, item_id).item)
