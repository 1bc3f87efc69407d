"""What did an item, or all items of an OPD, use over time?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from provisioner.items.usage import Point, Total
from provisioner.store.asking import older_than
from provisioner.store.tables.items import ITEMS
from provisioner.store.tables.usage import USAGE
from provisioner.unit_of_work import UnitOfWork

_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def keep(uow: UnitOfWork, points: Iterable[Point]) -> None:
    """Let each point be the one of its period: what was collected earlier within the period gives way."""
    rows = [vars(point) for point in points]
    if not rows:
        return
    insert = _INSERT[uow.connection.dialect.name](USAGE)
    newer = {"value": insert.excluded.value, "at": insert.excluded.at}
    uow.connection.execute(insert.on_conflict_do_update(index_elements=list(USAGE.primary_key), set_=newer), rows)


def page(
    uow: UnitOfWork, item_id: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
) -> tuple[Point, ...]:
    """Return points of the item, the newest period first; `before` is (period, measure) of the last one seen."""
    query = sa.select(USAGE).where(USAGE.c.item_id == item_id, older_than(before, USAGE.c.period, USAGE.c.measure))
    rows = uow.connection.execute(query.order_by(USAGE.c.period.desc(), USAGE.c.measure.desc()).limit(limit))
    return tuple(Point(**row._mapping) for row in rows)


def series(uow: UnitOfWork, item_id: str, *, since: datetime) -> Mapping[str, tuple[Point, ...]]:
    """Return the item's points from `since` on by measure, the oldest first."""
    query = sa.select(USAGE).where(USAGE.c.item_id == item_id, USAGE.c.period >= since).order_by(USAGE.c.period)
    found: dict[str, list[Point]] = defaultdict(list)
    for row in uow.connection.execute(query):
        found[row.measure].append(Point(**row._mapping))
    return {measure: tuple(points) for measure, points in found.items()}


def last(uow: UnitOfWork, item_ids: Iterable[str], *, since: datetime) -> Mapping[str, Mapping[str, Point]]:
    """Return the newest point of each item and measure from `since` on: item id -> measure -> point."""
    query = sa.select(USAGE).where(USAGE.c.item_id.in_(sorted(set(item_ids))), USAGE.c.period >= since)
    found: dict[str, dict[str, Point]] = defaultdict(dict)
    for row in uow.connection.execute(query.order_by(USAGE.c.period)):
        found[row.item_id][row.measure] = Point(**row._mapping)
    return dict(found)


def totals(uow: UnitOfWork, opd: str, *, since: datetime, but: Iterable[str] = ()) -> tuple[Total, ...]:
    """Return what the OPD's items used together from `since` on, by kind and measure, the oldest period first.

    `but`: measures that make no sum (an instant).
    """
    query = (
        sa.select(
            ITEMS.c.kind,
            USAGE.c.measure,
            USAGE.c.period,
            sa.func.sum(USAGE.c.value).label("value"),
            sa.func.count().label("items"),
        )
        .join(ITEMS, ITEMS.c.id == USAGE.c.item_id)
        .where(ITEMS.c.opd == opd, USAGE.c.period >= since, USAGE.c.measure.not_in(sorted(but)))
        .group_by(ITEMS.c.kind, USAGE.c.measure, USAGE.c.period)
        .order_by(ITEMS.c.kind, USAGE.c.measure, USAGE.c.period)
    )
    # PostgreSQL sums bigint as numeric.
    return tuple(Total(**{**row._mapping, "value": int(row.value)}) for row in uow.connection.execute(query))


def forget(uow: UnitOfWork, before: datetime) -> int:
    """Delete what is of a period before `before`; return how many points that were."""
    return int(uow.connection.execute(sa.delete(USAGE).where(USAGE.c.period < before)).rowcount)
