"""How much of each pool is there, and how much of it do others hold?"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from provisioner.errors import Refused
from provisioner.store.refusals import refusing
from provisioner.store.tables.plans import HOLDS, SUMS
from provisioner.store.tables.requests import LINES
from provisioner.unit_of_work import UnitOfWork


def set_sum(uow: UnitOfWork, pool: str, limit: int) -> None:
    """Set how much there is of the pool; Refused where more than that is held already."""
    refusal = Refused(
        f"{pool}: yang dipegang sudah lebih dari {limit}", pool, "Lepaskan dahulu, atau naikkan batasnya."
    )
    with refusing(uow, refusal):
        if uow.connection.execute(sa.update(SUMS).where(SUMS.c.pool == pool).values(ceiling=limit)).rowcount == 0:
            uow.connection.execute(sa.insert(SUMS).values(pool=pool, ceiling=limit))


def sums(uow: UnitOfWork, but_line: str | None = None) -> Mapping[str, tuple[int, int]]:
    """Return pool -> (limit, held by others): 'web1:storage_bytes' -> (214748364800, 5368709120)."""
    own = _own_shares(uow, but_line) if but_line is not None else {}
    rows = uow.connection.execute(sa.select(SUMS).order_by(SUMS.c.pool))
    return {row.pool: (row.ceiling, row.held - own.get(row.pool, 0)) for row in rows}


def _own_shares(uow: UnitOfWork, line_id: str) -> Mapping[str, int]:
    # What the line's item keeps is the line's own too: a change asks for the difference.
    item = sa.select(LINES.c.item_id).where(LINES.c.id == line_id, LINES.c.item_id.is_not(None))
    mine = (HOLDS.c.line_id == line_id) | HOLDS.c.item_id.in_(item)
    query = sa.select(HOLDS.c.pool, sa.func.sum(HOLDS.c.amount).label("amount"))
    query = query.where(mine, HOLDS.c.key == "", HOLDS.c.state.in_(["held", "committed"])).group_by(HOLDS.c.pool)
    return {row.pool: int(row.amount) for row in uow.connection.execute(query)}
