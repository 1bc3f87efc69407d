"""Who confirmed having received an item's archive?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provisioner.store.tables.items import ITEMS, RECEIPTS
from provisioner.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The technical person's word that the archive of that sha256 arrived."""

    item_id: str
    person_id: str
    sha256: str
    at: datetime


def record(uow: UnitOfWork, item_id: str, person_id: str, sha256: str, at: datetime) -> None:
    """Write the receipt; the item bears its sha256 from now on."""
    values = {"item_id": item_id, "person_id": person_id, "sha256": sha256, "at": at}
    uow.connection.execute(sa.insert(RECEIPTS).values(values))
    uow.connection.execute(sa.update(ITEMS).where(ITEMS.c.id == item_id).values(receipt_sha256=sha256))


def of_item(uow: UnitOfWork, item_id: str) -> tuple[Receipt, ...]:
    """Return the item's receipts, the oldest first."""
    columns = (RECEIPTS.c.item_id, RECEIPTS.c.person_id, RECEIPTS.c.sha256, RECEIPTS.c.at)
    query = sa.select(*columns).where(RECEIPTS.c.item_id == item_id).order_by(RECEIPTS.c.id)
    return tuple(Receipt(**row._mapping) for row in uow.connection.execute(query))
