"""Which items are over a limit, and since when?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provisioner.items.sealed_secret import OF_CLAIM
from provisioner.plans.plan import Reason
from provisioner.store.tables.alarms import ALARMS
from provisioner.store.tables.items import ITEMS
from provisioner.unit_of_work import UnitOfWork


def keep(uow: UnitOfWork, item_id: str, found: tuple[Reason, ...], now: datetime) -> tuple[str, ...]:
    """Let what is measured of the item be `found`; return the codes of the new ones. One that lasts keeps its `since`.

    An alarm of a claim is not measured: it stays until `end`.
    """
    codes = {reason.code for reason in found}
    mine = (ALARMS.c.item_id == item_id) & ALARMS.c.code.not_like(f"{OF_CLAIM}%")
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


def begin(uow: UnitOfWork, item_id: str, reason: Reason, now: datetime) -> None:
    """Let one more alarm stand; one that stands already stays as it is."""
    this = (ALARMS.c.item_id == item_id) & (ALARMS.c.code == reason.code)
    if uow.connection.execute(sa.select(ALARMS.c.code).where(this)).scalar() is None:
        uow.connection.execute(sa.insert(ALARMS).values(item_id=item_id, since=now, **vars(reason)))


def end(uow: UnitOfWork, item_id: str, codes: Iterable[str]) -> None:
    """End alarms by their codes: what they told of is no more."""
    these = (ALARMS.c.item_id == item_id) & ALARMS.c.code.in_(sorted(codes))
    uow.connection.execute(sa.delete(ALARMS).where(these))


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """What is over its limit, of which item ('simpeg.kota.lab' of DISDIK), since when."""

    item_id: str
    label: str
    opd: str
    what: str
    mend: str
    since: datetime


def standing(uow: UnitOfWork, *, opds: frozenset[str] | None, technical_person_id: str | None) -> tuple[Alarm, ...]:
    """Return every alarm that stands, the oldest first; `opds` None: of every OPD, else of theirs and one's own."""
    columns = (ALARMS.c.item_id, ITEMS.c.label, ITEMS.c.opd, ALARMS.c.what, ALARMS.c.mend, ALARMS.c.since)
    query = sa.select(*columns).join(ITEMS, ITEMS.c.id == ALARMS.c.item_id)
    if opds is not None:
        mine = ITEMS.c.opd.in_(sorted(opds))
        query = query.where(mine | (ITEMS.c.technical_person_id == technical_person_id))
    rows = uow.connection.execute(query.order_by(ALARMS.c.since, ALARMS.c.item_id, ALARMS.c.code))
    return tuple(Alarm(**row._mapping) for row in rows)


def of_item(uow: UnitOfWork, item_id: str) -> tuple[Reason, ...]:
    """Return what is over its limit now."""
    rows = uow.connection.execute(sa.select(ALARMS).where(ALARMS.c.item_id == item_id).order_by(ALARMS.c.code))
    return tuple(Reason(code=row.code, what=row.what, mend=row.mend) for row in rows)
