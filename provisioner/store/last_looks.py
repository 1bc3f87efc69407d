"""What did the last look measure, of which host or item, and when?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from provisioner.store.tables.looks import LAST_LOOKS
from provisioner.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class LastLook:
    """What was measured at `at`: {'storage_used_bytes': 73400320}."""

    measures: Mapping[str, int]
    at: datetime


def keep(uow: UnitOfWork, subject: str, measures: Mapping[str, int], at: datetime) -> None:
    """Let this be the last look at `subject`, a host 'web1' or an item 'web1/g7kq2mx4pd'."""
    values = {"measures": dict(measures), "at": at}
    mine = sa.update(LAST_LOOKS).where(LAST_LOOKS.c.subject == subject)
    if uow.connection.execute(mine.values(values)).rowcount == 0:
        uow.connection.execute(sa.insert(LAST_LOOKS).values(subject=subject, **values))


def of(uow: UnitOfWork, subjects: Iterable[str]) -> Mapping[str, LastLook]:
    """Return the last look at each of `subjects`; one that was never looked at is left out."""
    query = sa.select(LAST_LOOKS).where(LAST_LOOKS.c.subject.in_(sorted(set(subjects))))
    return {row.subject: LastLook(measures=row.measures, at=row.at) for row in uow.connection.execute(query)}
