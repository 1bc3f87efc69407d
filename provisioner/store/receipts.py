"""Who confirmed having received what an ending item held?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.items.receipt import Receipt
from provisioner.store.tables.items import ITEMS, RECEIPTS
from provisioner.unit_of_work import UnitOfWork

_COLUMNS = tuple(RECEIPTS.c[name] for name in Receipt.__dataclass_fields__)


def record(uow: UnitOfWork, receipt: Receipt) -> None:
    """Write the receipt; the item bears the sha256 from now on, where it has one."""
    uow.connection.execute(sa.insert(RECEIPTS).values(vars(receipt)))
    if receipt.sha256 is not None:
        mine = ITEMS.c.id == receipt.item_id
        uow.connection.execute(sa.update(ITEMS).where(mine).values(receipt_sha256=receipt.sha256))


def of_item(uow: UnitOfWork, item_id: str) -> tuple[Receipt, ...]:
    """Return the item's receipts, the oldest first."""
    query = sa.select(*_COLUMNS).where(RECEIPTS.c.item_id == item_id).order_by(RECEIPTS.c.id)
    return tuple(Receipt(**row._mapping) for row in uow.connection.execute(query))
