"""What stands in the chain?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
    subjects: Iterable[str] | None = None,
    persons: Iterable[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> tuple[AuditRow, ...]:
    """Return a page of rows, the newest first; `before` is the sequence of the last one seen.

    `subjects`: about one of these ids; `persons`: done or recorded by one of them; `since` and `until` (excluded) bound
    the moment. Each id is asked for by its own index, so that a million rows of others cost nothing.
    """
    bounds = [AUDIT.c.sequence < before] if before is not None else []
    bounds += [AUDIT.c.sequence >= _first_at(uow, since)] if since is not None else []
    bounds += [AUDIT.c.sequence < _first_at(uow, until)] if until is not None else []
    if subjects is not None:
        bounds.append(AUDIT.c.subject.in_(sorted(subjects)))
    if persons is None:
        return tuple(_from_row(row) for row in uow.connection.execute(_newest(sa.select(AUDIT).where(*bounds), limit)))
    by_each = [
        _newest(sa.select(AUDIT).where(column == person, *bounds), limit)
        for person in sorted(persons)
        for column in (AUDIT.c.actor, AUDIT.c.recorder)
    ]
    found = {row.sequence: _from_row(row) for query in by_each for row in uow.connection.execute(query)}
    return tuple(found[sequence] for sequence in sorted(found, reverse=True)[:limit])


def _newest(query: sa.Select[Any], limit: int) -> sa.Select[Any]:
    return query.order_by(AUDIT.c.sequence.desc()).limit(limit)


def _first_at(uow: UnitOfWork, moment: datetime) -> int:
    """Return the first sequence at or after the moment, by halving: rows are written in the order of time."""
    wanted = moment.astimezone(UTC).isoformat(timespec="microseconds")
    newest = uow.connection.execute(sa.select(sa.func.max(AUDIT.c.sequence))).scalar() or 0
    low, high = 1, newest + 1
    while low < high:
        middle = (low + high) // 2
        at = sa.select(AUDIT.c.at).where(AUDIT.c.sequence >= middle).order_by(AUDIT.c.sequence).limit(1)
        if uow.connection.execute(at).scalar_one() < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def _from_row(row: Any) -> AuditRow:
    return AuditRow(**row._mapping)
