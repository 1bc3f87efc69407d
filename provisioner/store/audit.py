"""What stands in the chain?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from provisioner.audit_events import AuditEvent
from provisioner.digests import Value
from provisioner.evidence.chain import GENESIS, AuditRow, row_digest
from provisioner.store.tables.evidence import AUDIT
from provisioner.unit_of_work import UnitOfWork

_A_BATCH = 2000
# The same number as in database.py would do; another one keeps a bare connection's append in order too.
_ONE_CHAIN = 7_236_103


def append(
    uow: UnitOfWork,
    event: AuditEvent,
    *,
    actor: str,
    subject: str,
    data: Mapping[str, Value],
    recorder: str | None = None,
    at: datetime,
) -> AuditRow:
    """Write the next row of the chain and return it; it becomes true with the transaction it stands in."""
    if uow.connection.dialect.name == "postgresql":
        uow.connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_CHAIN})")
    newest = sa.select(AUDIT.c.sequence, AUDIT.c.digest).order_by(AUDIT.c.sequence.desc()).limit(1)
    head = uow.connection.execute(newest).one_or_none()
    row = AuditRow(
        sequence=1 if head is None else head.sequence + 1,
        event=AuditEvent(event).value,
        actor=actor,
        recorder=recorder,
        subject=subject,
        data=dict(data),
        at=at.astimezone(UTC).isoformat(timespec="microseconds"),
        previous=GENESIS if head is None else head.digest,
        digest="",
    )
    row = replace(row, digest=row_digest(row))
    uow.connection.execute(sa.insert(AUDIT).values(vars(row)))
    return row


def rows(uow: UnitOfWork, after: int = 0, limit: int = 100) -> tuple[AuditRow, ...]:
    """Return up to `limit` rows whose sequence is above `after`, in order."""
    query = sa.select(AUDIT).where(AUDIT.c.sequence > after).order_by(AUDIT.c.sequence).limit(limit)
    return tuple(_from_row(row) for row in uow.connection.execute(query))


def all_rows(uow: UnitOfWork) -> Iterator[AuditRow]:
    """Yield the whole chain in order, a batch in memory at a time; a row that is missing leaves a gap, not an end."""
    last = -1
    while batch := rows(uow, after=last, limit=_A_BATCH):
        yield from batch
        last = batch[-1].sequence


def page(
    uow: UnitOfWork,
    *,
    subject: str | None = None,
    actor: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> tuple[AuditRow, ...]:
    """Return a page of rows, the newest first; `before` is the sequence of the last one seen."""
    query = sa.select(AUDIT)
    if subject is not None:
        query = query.where(AUDIT.c.subject == subject)
    if actor is not None:
        query = query.where(AUDIT.c.actor == actor)
    if before is not None:
        query = query.where(AUDIT.c.sequence < before)
    return tuple(_from_row(row) for row in uow.connection.execute(query.order_by(AUDIT.c.sequence.desc()).limit(limit)))


def _from_row(row: Any) -> AuditRow:
    return AuditRow(**row._mapping)
