"""How often was a name or an address tried? Counts by the digest of a key, each until its window ends."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provisioner.store.tables.people import TRIES
from provisioner.unit_of_work import UnitOfWork


def count(uow: UnitOfWork, key_sha256: str, now: datetime, ends_at: datetime, amount: int) -> int:
    """Add to the count, or begin it anew until `ends_at` where its window has ended; return it, never below 0."""
    known, until = counted(uow, key_sha256, now)
    total = max(known + amount, 0)
    this = TRIES.c.key_sha256 == key_sha256
    if until is not None:
        uow.connection.execute(sa.update(TRIES).where(this).values(count=total))
        return total
    uow.connection.execute(sa.delete(TRIES).where(this | (TRIES.c.ends_at <= now)))
    uow.connection.execute(sa.insert(TRIES).values(key_sha256=key_sha256, count=total, ends_at=ends_at))
    return total


def counted(uow: UnitOfWork, key_sha256: str, now: datetime) -> tuple[int, datetime | None]:
    """Return the count and when its window ends; (0, None) where there is none."""
    query = sa.select(TRIES.c.count, TRIES.c.ends_at).where(TRIES.c.key_sha256 == key_sha256, TRIES.c.ends_at > now)
    row = uow.connection.execute(query).one_or_none()
    return (0, None) if row is None else (row[0], row[1])


def forget(uow: UnitOfWork, key_sha256: str) -> None:
    """Forget a count."""
    uow.connection.execute(sa.delete(TRIES).where(TRIES.c.key_sha256 == key_sha256))
