"""Which workers live, and which have fallen silent?"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provisioner.store.tables.evidence import EXECUTORS
from provisioner.unit_of_work import UnitOfWork


def beat(uow: UnitOfWork, executor_id: str, now: datetime) -> None:
    """Note a sign of life of the worker process."""
    known = sa.update(EXECUTORS).where(EXECUTORS.c.id == executor_id)
    if uow.connection.execute(known.values(beat_at=now)).rowcount == 0:
        uow.connection.execute(sa.insert(EXECUTORS).values(id=executor_id, beat_at=now))


def lost(uow: UnitOfWork, older_than: datetime) -> tuple[str, ...]:
    """Return the workers whose last sign is older than that instant."""
    query = sa.select(EXECUTORS.c.id).where(EXECUTORS.c.beat_at < older_than).order_by(EXECUTORS.c.id)
    return tuple(uow.connection.execute(query).scalars())


def forget(uow: UnitOfWork, executor_id: str) -> None:
    """Strike the worker off: it ended, or its work was taken over."""
    uow.connection.execute(sa.delete(EXECUTORS).where(EXECUTORS.c.id == executor_id))
