"""Which delivered lines made the item what it is?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provisioner.errors import NotFound, Refused
from provisioner.items.item import Item, ItemState, Verb
from provisioner.items.life import Moment
from provisioner.store.refusals import refusing
from provisioner.store.tables.items import ITEM_MOMENTS, ITEMS
from provisioner.unit_of_work import UnitOfWork


def write(uow: UnitOfWork, item: Item, *, verb: Verb, line_id: str, at: datetime) -> None:
    """Write how the line left the item; Refused where that line stands in its life already."""
    last = sa.select(sa.func.max(ITEM_MOMENTS.c.number)).where(ITEM_MOMENTS.c.item_id == item.id)
    number = int(uow.connection.execute(last).scalar() or 0) + 1
    row = {
        "item_id": item.id,
        "number": number,
        "verb": verb.value,
        "line_id": line_id,
        "state": item.state.value,
        "wish": dict(item.wish),
        "choices": dict(item.choices),
        "technical_person_id": item.technical_person_id,
        "at": at,
    }
    with refusing(uow, Refused(f"baris {line_id} sudah tercatat", f"item {item.id}", "Tidak ada yang perlu dibuat.")):
        uow.connection.execute(sa.insert(ITEM_MOMENTS).values(row))


def of_item(uow: UnitOfWork, item_id: str) -> tuple[Moment, ...]:
    """Return the item's life, the oldest first."""
    query = sa.select(ITEM_MOMENTS).where(ITEM_MOMENTS.c.item_id == item_id).order_by(ITEM_MOMENTS.c.number)
    return tuple(_from_row(row) for row in uow.connection.execute(query))


def of_items(uow: UnitOfWork, item_ids: Iterable[str]) -> Mapping[str, tuple[Moment, ...]]:
    """Return the lives of many items by id, each the oldest first."""
    wanted = ITEM_MOMENTS.c.item_id.in_(sorted(set(item_ids)))
    query = sa.select(ITEM_MOMENTS).where(wanted).order_by(ITEM_MOMENTS.c.item_id, ITEM_MOMENTS.c.number)
    return _by_item(uow, query)


def of_opd(uow: UnitOfWork, opd: str) -> Mapping[tuple[str, str], tuple[Moment, ...]]:
    """Return the lives of all items of the OPD, by (kind, item id), each the oldest first."""
    kinds = sa.select(ITEMS.c.id, ITEMS.c.kind).where(ITEMS.c.opd == opd)
    kind_of = {row.id: row.kind for row in uow.connection.execute(kinds)}
    query = sa.select(ITEM_MOMENTS).join(ITEMS, ITEMS.c.id == ITEM_MOMENTS.c.item_id).where(ITEMS.c.opd == opd)
    lives = _by_item(uow, query.order_by(ITEM_MOMENTS.c.item_id, ITEM_MOMENTS.c.number))
    return {(kind_of[item_id], item_id): lived for item_id, lived in lives.items()}


def _by_item(uow: UnitOfWork, query: sa.Select[Any]) -> dict[str, tuple[Moment, ...]]:
    found: dict[str, list[Moment]] = defaultdict(list)
    for row in uow.connection.execute(query):
        found[row.item_id].append(_from_row(row))
    return {item_id: tuple(lived) for item_id, lived in found.items()}


def last_lines(uow: UnitOfWork, item_ids: Iterable[str]) -> Mapping[str, str]:
    """Return by item which line was delivered last: its request's letter names those responsible now."""
    wanted = ITEM_MOMENTS.c.item_id.in_(sorted(item_ids))
    query = sa.select(ITEM_MOMENTS.c.item_id, ITEM_MOMENTS.c.line_id).where(wanted).order_by(ITEM_MOMENTS.c.number)
    return {row.item_id: row.line_id for row in uow.connection.execute(query)}


def delivered_state(uow: UnitOfWork, item_id: str) -> ItemState:
    """Return the state that the last delivered line left: what an undo leads back to. NotFound without any."""
    life = of_item(uow, item_id)
    if not life:
        raise NotFound(f"riwayat item {item_id} tidak ada", "basis data", "Periksa id-nya.")
    return life[-1].state


def _from_row(row: Any) -> Moment:
    return Moment(**{**row._mapping, "verb": Verb(row.verb), "state": ItemState(row.state)})
