"""What did an item, or all items of an OPD, use over time?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from provisioner.items.item import ItemState
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


def of_items(
    uow: UnitOfWork, item_ids: Iterable[str], *, since: datetime | None, until: datetime | None
) -> Mapping[str, tuple[Point, ...]]:
    """Return the points of many items from `since` on and before `until`, by item, the oldest first."""
    query = sa.select(USAGE).where(USAGE.c.item_id.in_(sorted(set(item_ids))))
    if since is not None:
        query = query.where(USAGE.c.period >= since)
    if until is not None:
        query = query.where(USAGE.c.period < until)
    found: dict[str, list[Point]] = defaultdict(list)
    for row in uow.connection.execute(query.order_by(USAGE.c.item_id, USAGE.c.period, USAGE.c.measure)):
        found[row.item_id].append(Point(**row._mapping))
    return {item_id: tuple(points) for item_id, points in found.items()}


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


def newest(
    uow: UnitOfWork, *, opds: frozenset[str] | None, since: datetime, but: Iterable[str] = ()
) -> tuple[tuple[str, Total], ...]:
    """Return what each OPD's items use by their newest points from `since` on, with the OPD; `opds` None: of all.

    An item that ended uses nothing, however lately it was measured. A total's `period` is the newest among them.
    """
    lately = (USAGE.c.period >= since) & USAGE.c.measure.not_in(sorted(but))
    columns = (USAGE.c.item_id, USAGE.c.measure, sa.func.max(USAGE.c.period).label("period"))
    each = sa.select(*columns).where(lately).group_by(USAGE.c.item_id, USAGE.c.measure).subquery()
    same = [USAGE.c[name] == each.c[name] for name in ("item_id", "measure", "period")]
    sums = (sa.func.max(USAGE.c.period).label("period"), sa.func.sum(USAGE.c.value).label("value"))
    query = (
        sa.select(ITEMS.c.opd, ITEMS.c.kind, USAGE.c.measure, *sums, sa.func.count().label("items"))
        .join_from(each, USAGE, sa.and_(*same))
        .join(ITEMS, ITEMS.c.id == USAGE.c.item_id)
        .where(ITEMS.c.state != ItemState.TERMINATED)
        .group_by(ITEMS.c.opd, ITEMS.c.kind, USAGE.c.measure)
        .order_by(ITEMS.c.opd, ITEMS.c.kind, USAGE.c.measure)
    )
    if opds is not None:
        query = query.where(ITEMS.c.opd.in_(sorted(opds)))
    found = [dict(row._mapping) for row in uow.connection.execute(query)]
    return tuple((row.pop("opd"), Total(**{**row, "value": int(row["value"])})) for row in found)


def forget(uow: UnitOfWork, before: datetime) -> int:
    """Delete what is of a period before `before`; return how many points that were."""
    return int(uow.connection.execute(sa.delete(USAGE).where(USAGE.c.period < before)).rowcount)
