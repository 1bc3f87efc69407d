"""What stands where, whose is it, and does it still look as delivered?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provisioner.errors import Refused
from provisioner.items.item import Item, ItemState
from provisioner.store.asking import changed_one, older_than, only
from provisioner.store.refusals import refusing
from provisioner.store.tables.items import ITEMS
from provisioner.unit_of_work import UnitOfWork

_FIELDS = tuple(Item.__dataclass_fields__)
_COLUMNS = tuple(ITEMS.c[name] for name in _FIELDS)
_UNCHANGEABLE = frozenset({"id", "kind", "delivered_at"})


def add(uow: UnitOfWork, item: Item) -> None:
    """Write a delivered item; Refused where its id is taken, or an active one lacks a part its kind must have."""
    with refusing(uow, Refused(f"item {item.id} tidak dapat dicatat", "item", "Periksa id, OPD dan barisnya.")):
        uow.connection.execute(sa.insert(ITEMS).values(_to_row(vars(item))))


def item(uow: UnitOfWork, item_id: str) -> Item:
    """Return the item; NotFound where there is none."""
    return _from_row(only(uow, sa.select(*_COLUMNS).where(ITEMS.c.id == item_id), f"item {item_id}"))


def page(
    uow: UnitOfWork,
    *,
    opds: frozenset[str] | None,
    technical_person_id: str | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[Item, ...]:
    """Return a page of items, the newest first; `before` is (delivered_at, id) of the last one seen.

    `opds` None: every OPD's; else theirs, and those whose technical person it is.
    """
    query = sa.select(*_COLUMNS).where(older_than(before, ITEMS.c.delivered_at, ITEMS.c.id))
    if opds is not None:
        mine = ITEMS.c.opd.in_(sorted(opds))
        named = ITEMS.c.technical_person_id == technical_person_id
        query = query.where(mine if technical_person_id is None else mine | named)
    rows = uow.connection.execute(query.order_by(ITEMS.c.delivered_at.desc(), ITEMS.c.id.desc()).limit(limit))
    return tuple(_from_row(row) for row in rows)


def on_host(uow: UnitOfWork, host: str) -> tuple[Item, ...]:
    """Return the items that stand on the host (choices 'host') and are not terminated, by id."""
    standing = (ITEMS.c.host == host) & (ITEMS.c.state != ItemState.TERMINATED.value)
    return tuple(
        _from_row(row) for row in uow.connection.execute(sa.select(*_COLUMNS).where(standing).order_by(ITEMS.c.id))
    )


def hosts(uow: UnitOfWork) -> frozenset[str]:
    """Return the hosts on which anything stands, or ever stood."""
    query = sa.select(ITEMS.c.host).where(ITEMS.c.host.is_not(None)).distinct()
    return frozenset(uow.connection.execute(query).scalars())


def names_technical(uow: UnitOfWork, person_id: str, opd: str, *, but: str) -> bool:
    """Tell whether a standing item of the OPD, other than `but`, names the person as its technical one."""
    mine = (ITEMS.c.technical_person_id == person_id) & (ITEMS.c.opd == opd) & (ITEMS.c.id != but)
    standing = mine & (ITEMS.c.state != ItemState.TERMINATED.value)
    return uow.connection.execute(sa.select(ITEMS.c.id).where(standing).limit(1)).first() is not None


def owners(uow: UnitOfWork) -> Mapping[str, str]:
    """Return whose each standing item is: {'g7kq2mx4pd': 'DISDIK'}; terminated ones left out."""
    query = sa.select(ITEMS.c.id, ITEMS.c.opd).where(ITEMS.c.state != ItemState.TERMINATED.value)
    return {row.id: row.opd for row in uow.connection.execute(query)}


def change(uow: UnitOfWork, item_id: str, **fields: Any) -> None:
    """Set fields of the item, or `difference` ('none', 'found', 'tolerated'); Refused where a law forbids it."""
    unknown = sorted(set(fields) - (set(_FIELDS) | {"difference"}) | (set(fields) & _UNCHANGEABLE))
    if unknown:
        msg = f"an item's {', '.join(unknown)} cannot be changed"
        raise TypeError(msg)
    statement = sa.update(ITEMS).where(ITEMS.c.id == item_id).values(_to_row(fields))
    with refusing(uow, Refused(f"item {item_id} tidak dapat diubah begitu", "item", "Periksa keadaan dan tanggalnya.")):
        changed_one(uow, statement, f"item {item_id}")


def difference(uow: UnitOfWork, item_id: str) -> str:
    """Return what the nightly look left: 'none', 'found' or 'tolerated'."""
    return str(only(uow, sa.select(ITEMS.c.difference).where(ITEMS.c.id == item_id), f"item {item_id}").difference)


def _to_row(fields: Mapping[str, Any]) -> dict[str, Any]:
    row = dict(fields)
    if "state" in row:
        row["state"] = ItemState(row["state"]).value
    for name in row.keys() & {"wish", "choices"}:
        row[name] = dict(row[name])
    if "choices" in row:
        row["host"] = row["choices"].get("host")
    return row


def _from_row(row: Any) -> Item:
    return Item(**{**row._mapping, "state": ItemState(row.state)})
