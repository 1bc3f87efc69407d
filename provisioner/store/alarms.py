"""Which items are over a limit, and since when?"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provisioner.plans.plan import Reason
from provisioner.store.tables.alarms import ALARMS
from provisioner.unit_of_work import UnitOfWork


def keep(uow: UnitOfWork, item_id: str, found: tuple[Reason, ...], now: datetime) -> tuple[str, ...]:
    """Let the item's alarms be those `found`; return the codes of the new ones. One that lasts keeps its `since`."""
    codes = {reason.code for reason in found}
    mine = ALARMS.c.item_id == item_id
    known = set(uow.connection.execute(sa.select(ALARMS.c.code).where(mine)).scalars())
    uow.connection.execute(sa.delete(ALARMS).where(mine, ALARMS.c.code.not_in(sorted(codes))))
    for reason in found:
        said = {"what": reason.what, "mend": reason.mend}
        if reason.code in known:
            uow.connection.execute(sa.update(ALARMS).where(mine, ALARMS.c.code == reason.code).values(said))
        else:
            row = {"item_id": item_id, "code": reason.code, "since": now, **said}
            uow.connection.execute(sa.insert(ALARMS).values(row))
    return tuple(sorted(codes - known))


def of_item(uow: UnitOfWork, item_id: str) -> tuple[Reason, ...]:
    """Return what is over its limit now."""
    rows = uow.connection.execute(sa.select(ALARMS).where(ALARMS.c.item_id == item_id).order_by(ALARMS.c.code))
    return tuple(Reason(code=row.code, what=row.what, mend=row.mend) for row in rows)
